"""What the modules of a generated package give: classes, made when they are first asked for."""
from __future__ import annotations

import difflib
import enum
import os
import sys
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Tuple, Type, Union

from ..errors import ClientAlreadyRegisteredError, ClientNotRegisteredError
from ..records import Field, Record
from ..records.partial import partial_fields, requested_fields
from ..values import Base64
from .actions.arguments import Arguments
from .actions.async_actions import AsyncActions
from .client.async_client import AsyncPrisma
from .schema import ModelField, PackageSchema
from .actions.sync_actions import SyncActions
from .client.batches import AsyncBatch, SyncBatch
from .client.sync_client import SyncPrisma
from .client.transactions import AsyncTransactionManager, SyncTransactionManager

Client = Union[SyncPrisma, AsyncPrisma]


class Package:
    """A generated package: its schema, its classes, its registered client."""

    def __init__(self, name: str, folder: str) -> None:
        #: The name that the package was imported under.
        self.name = name
        self.folder = folder
        self.schema = PackageSchema.read(os.path.join(folder, "schema.json"))
        self.arguments = Arguments(self.schema)
        self._schema_text: Optional[str] = None
        self._records: Dict[str, Type[Record]] = {}
        self._bases: Dict[str, Type[Record]] = {}
        self._enums: Dict[str, Any] = {}
        self._actions: Dict[Tuple[str, bool], Any] = {}
        self._registered: Union[Client, Callable[[], Client], None] = None
        self.sync_client: Type[SyncPrisma] = type(
            "Prisma", (SyncPrisma,), {"_package": self, "__module__": self._module_of("sync"), "__doc__": SyncPrisma.__doc__})
        self.async_client: Type[AsyncPrisma] = type(
            "Prisma", (AsyncPrisma,), {"_package": self, "__module__": self._module_of("asyncio"), "__doc__": AsyncPrisma.__doc__})

    sync_batch, async_batch = SyncBatch, AsyncBatch
    sync_manager, async_manager = SyncTransactionManager, AsyncTransactionManager

    def _module_of(self, interface: str) -> str:
        """The module that a program finds the client of an interface in."""
        return f"{self.name}.{'client' if interface == self.schema.interface else interface}"

    @property
    def is_async(self) -> bool:
        """Whether `Prisma` is the client of asyncio."""
        return self.schema.interface == "asyncio"

    @property
    def client(self) -> Type[Any]:
        return self.async_client if self.is_async else self.sync_client

    @property
    def schema_text(self) -> str:
        """The schema that the package was generated from."""
        if self._schema_text is None:
            with open(os.path.join(self.folder, "schema.prisma"), encoding="utf-8") as file:
                self._schema_text = file.read()
        return self._schema_text

    # Classes

    def record_class(self, model: str) -> Type[Record]:
        """The class of a model's records."""
        found = self._records.get(model)
        if found is None:
            schema = self.schema.model(model)
            members = {**_nones([field.name for field in schema.scalars if field.is_optional]), **{field.name: None for field in schema.relations}}
            members.update(
                __module__=self.name + ".models", __doc__=schema.documentation or f"A record of {model}.", __record_is_whole__=True,
                _describe=classmethod(lambda cls: tuple(self.field_of(field) for field in schema.fields)))
            found = self._records[model] = type(model, (self.base_class(model),), members)
        return found

    def base_class(self, model: str) -> Type[Record]:
        """The base of a model's records, and of classes of records that have some of its fields."""
        found = self._bases.get(model)
        if found is None:
            schema = self.schema.model(model)
            found = self._bases[model] = type("Base" + model, (RecordBase,), {
                "__module__": self.name + ".bases", "__prisma_model__": model, "__record_package__": self, "__record_key__": schema.key})
        return found

    def field_of(self, field: ModelField) -> Field:
        """What a decoder has to know of a field."""
        target: Any = None
        if field.kind == "Relation":
            target = self.record_class(field.type)
        elif field.kind == "Enum":
            target = self.enum_class(field.type)
        elif field.kind == "Bytes":
            target = Base64
        is_optional = field.is_optional or field.kind == "Relation"
        return Field(field.name, field.key, field.kind, field.is_list, is_optional, target, field.type, field.scale)

    def enum_class(self, name: str) -> Any:
        found = self._enums.get(name)
        if found is None:
            members = self.schema.enums[name]
            make: Any = StringEnum
            found = self._enums[name] = make(name, {member: member for member in members}, module=self.name + ".enums")
        return found

    def partial_class(self, description: Dict[str, Any]) -> Type[Record]:
        """A class of records with some of a model's fields, as `create_partial` describes it."""
        name: str = description["name"]
        found = self._records.get("partials." + name)
        if found is None:
            schema = self.schema.model(description["from_model"])
            optional = [item["name"] for item in description["fields"] if item["optional"]]
            found = self._records["partials." + name] = type(name, (self.base_class(schema.name),), {
                **_nones(optional), "__module__": self.name + ".partials", "__doc__": f"Some fields of {schema.name}.", "__annotations__": {},
                "_describe": classmethod(lambda cls: partial_fields(self, schema, description["fields"]))})
            found.__record_selection__, found.__record_targets__ = requested_fields(self, schema, description["fields"])
        return found

    def partial_by_name(self, name: str) -> Type[Record]:
        for description in self.schema.partials:
            if description["name"] == name:
                return self.partial_class(description)
        raise LookupError(name)

    def actions_class(self, model: str, is_async: bool) -> Any:
        found = self._actions.get((model, is_async))
        if found is None:
            base: Any = AsyncActions if is_async else SyncActions
            found = self._actions[model, is_async] = type(
                model + "Actions", (base,), {"__module__": self.name + ".actions", "__doc__": f"The reads and writes of {model}."})
        return found

    # The registered client

    def register(self, client: Union[Client, Callable[[], Client]]) -> None:
        """Makes a client, or what a function gives, the one that `User.prisma()` uses. Once in a process."""
        if self._registered is not None:
            raise ClientAlreadyRegisteredError()
        if not isinstance(client, (SyncPrisma, AsyncPrisma)) and not callable(client):
            kind = self.client
            raise TypeError(f"Expected either a {kind} instance or a function that returns a {kind} but got {client} instead.")
        self._registered = client

    def get_client(self) -> Any:
        """The registered client."""
        registered = self._registered
        if registered is None:
            raise ClientNotRegisteredError()
        if isinstance(registered, (SyncPrisma, AsyncPrisma)):
            return registered
        client = registered()
        if not isinstance(client, (SyncPrisma, AsyncPrisma)):
            raise TypeError(f"Registered function returned {client} instead of a {self.client} instance.")
        return client

    # What errors say

    def unknown_attribute(self, owner: str, name: str) -> str:
        near = difflib.get_close_matches(name.lower(), self.schema.attributes, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"{owner!r} has no attribute {name!r}, and the schema no such model{hint}"


class StringEnum(str, enum.Enum):
    """An enum of the schema: each member is the text of its name."""

    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, specification: str) -> str:
        return format(str(self.value), specification)


class RecordBase(Record):
    """The base of the records of a generated package."""

    def __init_subclass__(cls, **_: Any) -> None:
        super().__init_subclass__()
        # Why not of the package's own classes: these say themselves what they have.
        if cls.__dict__.get("__annotations__") and "_describe" not in cls.__dict__:
            from ..records.partial import describe_annotated

            describe_annotated(cls)

    # Why hidden: the stubs of a package say which calls and fields these are.
    if not TYPE_CHECKING:

        @classmethod
        def prisma(cls, client: Any = None) -> Any:
            """The calls on the model, by the registered client or the one given, whose records are of this class."""
            package = cls.__record_package__
            client = client if client is not None else package.get_client()
            return package.actions_class(cls.__prisma_model__, client._is_async)(client, cls)

        @classmethod
        def create_partial(cls, name: str, **choice: Any) -> None:
            """Asks for a class with some of the fields: in the file of partial types, which the generator runs."""
            from ..records.partial import record_partial

            record_partial(cls, name, **choice)


def _nones(names: List[str]) -> Dict[str, Any]:
    """What a record has where no value is given."""
    # Why not where a method is called so: a record made by hand keeps the method.
    return {name: None for name in names if not hasattr(Record, name)}


def package_of(module: str) -> Package:
    """The package that a module of it belongs to."""
    name = module.rpartition(".")[0] if not hasattr(sys.modules[module], "__path__") else module
    root = sys.modules[name]
    found: Optional[Package] = root.__dict__.get("__accelerant__")
    if found is None:
        found = Package(name, os.path.dirname(os.path.abspath(str(root.__file__))))
        root.__dict__["__accelerant__"] = found
    return found
