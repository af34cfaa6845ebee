"""Records: what the generated client's reads give."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, ClassVar, Dict, Iterator, Mapping, Optional, Set, Tuple, Type, TypeVar

from .field import Field, FieldsByName, Parameters, fields_of

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_):
        return lambda kind: kind


R = TypeVar("R", bound="Record")
_new = object.__new__
_set = object.__setattr__


def make(kind: Type[R], values: Dict[str, Any]) -> R:
    """A record that holds these values by the names of its attributes, without a look at them. The dictionary is its own from here on.

    What a decoder calls. A relation that was not asked for has no entry, and reads as None by its class."""
    record = _new(kind)
    _set(record, "__dict__", values)
    return record


def unknown_field(kind: Type[Any], name: str) -> str:
    """What is said of an attribute that is no field."""
    import difflib

    # Why not of other names: copy, pickle and libraries ask for many of their own.
    near = [] if name.startswith("_") else difflib.get_close_matches(name, [field.name for field in fields_of(kind)], n=1)
    return f"a {kind.__name__} has no field {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Record:
    """A row of a table, with the related records that were asked for. Its attributes cannot be set.

    Equal are records of the same class with the same values. A relation that was not asked for is None. The values stand in `__dict__`
    by the names of the attributes; a class knows its fields by `fields_of`.
    """

    #: The name of the model in the schema.
    __prisma_model__: ClassVar[str] = ""
    __record_fields__: ClassVar[Tuple[Field, ...]]
    #: The generated package that the class belongs to.
    __record_package__: ClassVar[Any] = None
    #: Whether the class has all fields of its model.
    __record_is_whole__: ClassVar[bool] = False
    #: The attributes that make a record unique, for `hash`.
    __record_key__: ClassVar[Tuple[str, ...]] = ()
    #: The scalar fields of a class that has not all of its model's, as `select` names them.
    __record_selection__: ClassVar[Optional[Dict[str, bool]]] = None
    #: The classes of related records, by the relation's name in the schema, where they are not those of the models.
    __record_targets__: ClassVar[Mapping[str, Any]] = {}

    @classmethod
    def _describe(cls) -> Tuple[Field, ...]:
        """The fields, made when they are first needed."""
        return () if cls is Record else fields_of(cls.__mro__[1])

    # Why hidden: checkers know the fields of each class, and that they cannot be set.
    if not TYPE_CHECKING:

        def __init__(self, **values: Any) -> None:
            from .checking import checked

            _set(self, "__dict__", checked(type(self), values))

        def __setattr__(self, name: str, value: Any) -> None:
            raise AttributeError(f"a {type(self).__name__} cannot be changed: set `{name}` by a copy, record.model_copy(update={{…}})")

        def __delattr__(self, name: str) -> None:
            raise AttributeError(f"a {type(self).__name__} cannot be changed")

        def __getattr__(self, name: str) -> Any:
            if any(field.name == name for field in fields_of(type(self))):
                raise AttributeError(f"`{name}` of this {type(self).__name__} was not selected")
            raise AttributeError(unknown_field(type(self), name))

    def __eq__(self, other: Any) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        mine, theirs = self.__dict__, other.__dict__
        # Why not alone: a relation that was not asked for may have no entry, or one that is None.
        return mine == theirs or list(self) == list(other)

    def __hash__(self) -> int:
        return hash((type(self), tuple(self.__dict__.get(name) for name in self.__record_key__)))

    def __iter__(self) -> Iterator[Tuple[str, Any]]:
        """Names and values, as `dict(record)` wants them."""
        values, kind = self.__dict__, type(self)
        for field in fields_of(kind):
            if field.name in values:
                yield field.name, values[field.name]
            elif hasattr(kind, field.name):
                yield field.name, getattr(kind, field.name)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self)})"

    def __str__(self) -> str:
        return " ".join(f"{name}={value!r}" for name, value in self)

    def __reduce__(self) -> Tuple[Callable[..., Any], Tuple[Any, ...]]:
        return make, (type(self), self.__dict__)

    def __copy__(self: R) -> R:
        return make(type(self), dict(self.__dict__))

    def __rich_repr__(self) -> Iterator[Tuple[str, Any]]:
        return iter(self)

    # The names of pydantic, which programs that used Prisma Client Python call.

    model_fields: ClassVar[FieldsByName] = FieldsByName()
    __fields__: ClassVar[FieldsByName] = FieldsByName()
    __signature__: ClassVar[Parameters] = Parameters()
    model_config: ClassVar[Dict[str, Any]] = {"from_attributes": True, "frozen": True}
    model_computed_fields: ClassVar[Dict[str, Any]] = {}
    model_extra: ClassVar[None] = None

    @classmethod
    def model_validate(cls: Type[R], value: Any, **_: Any) -> R:
        """A record of a dictionary, or of an object with attributes; ValueError where it does not fit, which is pydantic's ValidationError
        where pydantic is loaded."""
        from .checking import checked, given

        return value if type(value) is cls else make(cls, checked(cls, given(cls, value)))

    @classmethod
    def model_validate_json(cls: Type[R], text: Any, **_: Any) -> R:
        """A record of JSON text."""
        import json

        return cls.model_validate(json.loads(text))

    @classmethod
    def model_construct(cls: Type[R], _fields_set: Any = None, **values: Any) -> R:
        """A record of these values, unchecked."""
        return make(cls, values)

    def model_copy(self: R, *, update: Optional[Dict[str, Any]] = None, deep: bool = False) -> R:
        """The record once more, with other values."""
        if deep:
            import copy

            return make(type(self), {**copy.deepcopy(self.__dict__), **(update or {})})
        return make(type(self), {**self.__dict__, **(update or {})})

    def model_dump(self, *, mode: str = "python", **options: Any) -> Dict[str, Any]:
        """The record as a dictionary, with the related records in it as such; `mode="json"`: of what JSON has.

        `include` and `exclude` take names, or a dictionary of them for related records, whose items are named by position or `"__all__"`.
        Further: `exclude_none`, `exclude_unset`, `exclude_defaults`, `by_alias`."""
        from .dumping import dump

        return dump(self, mode, **options)

    def model_dump_json(self, *, indent: Optional[int] = None, **options: Any) -> str:
        """The record as JSON text."""
        from .dumping import dump_json

        return dump_json(self, indent, **options)

    @classmethod
    def model_json_schema(cls, **options: Any) -> Dict[str, Any]:
        """The JSON schema; takes pydantic."""
        from pydantic import TypeAdapter  # type: ignore[import-not-found,unused-ignore]

        return TypeAdapter(cls).json_schema(**options)  # type: ignore[no-any-return,unused-ignore]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from .pydantic import core_schema

        return core_schema(cls, source, handler)

    @classmethod
    def model_rebuild(cls, **_: Any) -> None:
        """Nothing: the classes of related records are found when they are first needed."""

    def copy(
        self: R, *, include: Any = None, exclude: Any = None, update: Optional[Dict[str, Any]] = None, deep: bool = False
    ) -> R:
        """As `model_copy`, with some of the values."""
        made = self.model_copy(deep=deep)
        kept = {
            name: value for name, value in made.__dict__.items()
            if (include is None or name in include) and (exclude is None or name not in exclude)}
        return make(type(self), {**kept, **(update or {})})

    @classmethod
    def schema_json(cls, *, by_alias: bool = True, **options: Any) -> str:
        """The JSON schema as text; takes pydantic."""
        import json

        return json.dumps(cls.model_json_schema(by_alias=by_alias), **options)

    @property
    def model_fields_set(self) -> Set[str]:
        """The attributes that have a value, which a relation has that was asked for."""
        return set(self.__dict__)

    __fields_set__ = model_fields_set
    dict = model_dump
    json = model_dump_json
    parse_obj = model_validate
    parse_raw = model_validate_json
    construct = model_construct
    from_orm = model_validate
    schema = model_json_schema
    update_forward_refs = model_rebuild
