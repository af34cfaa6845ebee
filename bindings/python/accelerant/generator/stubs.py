"""The stubs of a generated package: what checkers and editors know of its models, inputs and calls."""
from __future__ import annotations

import keyword
import re
from typing import Dict, List, Set, Tuple

from ..typed.schema import ModelField, ModelSchema, PackageSchema
from .clusters import clusters
from .inputs import enum_inputs, far_models, model_inputs, reference_type, value_type
from .shadows import IMPORTS, qualified, unshadowed

#: The line of it that brings other modules of the package.
PACKAGE_LINE = "from . import enums, enums as _enums, fields, fields as _fields\n"
#: What the types of every package are made of.
TYPES_HEAD = IMPORTS + """import datetime
import decimal
import uuid
from typing import Any, Dict, List, Literal, NoReturn, Optional, TypedDict, Union

""" + PACKAGE_LINE + """from accelerant.typed.inputs import *
from accelerant.typed.inputs import (
    AtomicBigIntInput as AtomicBigIntInput, AtomicDecimalInput as AtomicDecimalInput, AtomicFloatInput as AtomicFloatInput,
    AtomicIntInput as AtomicIntInput)
from accelerant.values import FieldRef as FieldRef
from accelerant.typed.client.base_client import DatasourceOverride as DatasourceOverride, HttpConfig as HttpConfig

"""
#: Why few: for each statement pyright walks back to the beginning of its file.
_MODELS_OF_FILE = 6
#: Its part that comes from the library.
_LIBRARY = TYPES_HEAD[TYPES_HEAD.index("from accelerant.typed.inputs import *"):]
#: The inputs of a model, in the order of the variables of `SyncActions` and `AsyncActions` behind the record.
_ACTIONS = (
    "WhereInput", "WhereUniqueInput", "Include", "OrderByInput", "AggregateOrderInput", "ScalarFieldKeys", "ScalarWhereWithAggregatesInput",
    "CountAggregateInput", "NumberAggregateInput", "ScalarAggregateInput", "CountAggregateOutput", "GroupByOutput", "CreateInput",
    "CreateWithoutRelationsInput", "UpdateInput", "UpdateManyMutationInput", "UpsertInput")
_BATCH = (
    "CreateInput", "CreateWithoutRelationsInput", "UpdateInput", "UpdateManyMutationInput", "UpsertInput", "WhereInput",
    "WhereUniqueInput", "Include")


def types(schema: PackageSchema) -> Dict[str, str]:
    """`types.pyi`; of many models also the files that it is made of, each of a few models."""
    enums = "".join(enum_inputs(name, members) for name, members in schema.enums.items())
    numbers = clusters(schema)
    texts: List[str] = []
    # Those of one cluster in a row: they name each other.
    for name in sorted(schema.models, key=lambda name: numbers[name]):
        model = schema.model(name)
        texts.append(model_inputs(model, far_models(model, numbers)))
    if len(texts) <= _MODELS_OF_FILE:
        return {"types.pyi": "".join([TYPES_HEAD, enums, *texts])}
    parts = {f"_types_{first // _MODELS_OF_FILE}": "".join(texts[first:first + _MODELS_OF_FILE]) for first in range(0, len(texts), _MODELS_OF_FILE)}
    names = {part: _names(text) for part, text in parts.items()}
    found = {f"{part}.pyi": _part(text, part, names) for part, text in parts.items()}
    found["_enum_types.pyi"] = TYPES_HEAD + enums
    found["types.pyi"] = "".join(f"from .{module} import *\n" for module in ["_enum_types", *parts])
    return found


def _names(text: str) -> Set[str]:
    """The public names that a file of types defines."""
    return set(re.findall(r"^(?:class (?=[A-Za-z]))?((?!class )[A-Za-z]\w*)", text, re.MULTILINE))


def _part(text: str, part: str, names: Dict[str, Set[str]]) -> str:
    """One of several files of types. Why with `__all__`: a name that came into `types` by two ways would be no type there."""
    used = set(re.findall(r"\w+", text))
    lines = [TYPES_HEAD.replace(_LIBRARY, "from ._enum_types import *\n")]
    for other, defined in names.items():
        needed = sorted(used & defined)
        if other != part and needed:
            lines.append(f"from .{other} import {', '.join(needed)}\n")
    return f"{''.join(lines)}__all__ = {sorted(names[part])!r}\n\n{text}"


def enums(schema: PackageSchema) -> str:
    """`enums.pyi`."""
    text = "from accelerant.typed.package import StringEnum\n"
    for name, members in schema.enums.items():
        # Why not all: `Kind["class"]` reaches what Python cannot name.
        named = [member for member in members if not keyword.iskeyword(member)]
        text += f"\nclass {name}(StringEnum):\n" + ("".join(f"    {member} = {member!r}{_ignored(member)}\n" for member in named) or "    ...\n")
    return text


def _ignored(member: str) -> str:
    return "  # type: ignore[assignment,unused-ignore]" if hasattr(str, member) or member in ("name", "value") else ""


def models(schema: PackageSchema) -> str:
    """`models.pyi`."""
    text = IMPORTS + "\nfrom . import bases as _bases, enums as _enums, fields as _fields, models as _models, types as _types\n"
    for name in schema.models:
        text += _model(schema.model(name))
    return text


def _model(model: ModelSchema) -> str:
    name = model.name
    lines = [f"\nclass {name}(_bases.Base{name}):\n", *_docstring(model.documentation)]
    lines += _attributes([(field, field.is_optional, "") for field in model.fields])
    keys = f"_typing.Optional[_typing.Iterable[_types.{name}Keys]] = ..."
    relations = f"_typing.Optional[_typing.Mapping[_types.{name}RelationalFieldKeys, _builtins.str]] = ..."
    lines.append(
        f"    @classmethod\n    def create_partial(cls, name: _builtins.str, include: {keys}, exclude: {keys}, required: {keys}, optional: {keys}, "
        f"relations: {relations}, exclude_relational_fields: _builtins.bool = ...) -> None: ...\n")
    return "".join(lines)


#: Why: these names are methods of every record, and fields here.
_IGNORED = dict.fromkeys(
    ("construct", "copy", "dict", "from_orm", "json", "model_dump", "parse_obj", "parse_raw", "schema"),
    "  # type: ignore[assignment,unused-ignore]")


def _docstring(text: str) -> List[str]:
    clean = text.replace("\\", "\\\\").replace('"""', "'''")
    return [f'    """{clean}"""\n'] if text else []


def _attribute(field: ModelField, is_optional: bool, target: str = "") -> str:
    if field.is_relation:
        kind = target or f"_models.{field.type}"
        kind = f"List[{kind}]" if field.is_list else kind
        is_optional = is_optional or not target
    else:
        kind = "Any" if field.kind == "Json" and not field.is_list else value_type(field)
    return f"{field.name}: " + (f"Optional[{kind}] = ..." if is_optional else kind)


def _attributes(fields: List[Tuple[ModelField, bool, str]]) -> List[str]:
    """The attributes of a class of records: of each field whether None is one of its values, and the class of its related records."""
    lines = [qualified(_attribute(*field)) for field in fields]
    return ["".join([f"    {line}{_IGNORED.get(field.name, '')}\n", *_docstring(field.documentation)]) for line, (field, _, _) in zip(lines, fields)]


def partials(schema: PackageSchema) -> str:
    """`partials.pyi`."""
    text = IMPORTS + "\nfrom . import bases as _bases, enums as _enums, fields as _fields, models as _models\n"
    for partial in schema.partials:
        model = schema.model(partial["from_model"])
        text += f"\nclass {partial['name']}(_bases.Base{model.name}):\n"
        chosen = []
        for item in partial["fields"]:
            field = model.by_name[item["name"]]
            target = item["type"] or (f"_models.{field.type}" if field.is_relation else "")
            chosen.append((field, item["optional"], target))
        # Why sorted: in a stub a field with a default stands behind those without.
        text += "".join(sorted(_attributes(chosen), key=lambda line: "= ..." in line.split("\n")[0])) or "    ...\n"
    return text


def bases(schema: PackageSchema) -> str:
    """`bases.pyi`."""
    text = (
        "from typing import Optional, Type, TypeVar\n\nfrom accelerant.typed.package import RecordBase\n\n"
        "from . import actions\nfrom .client import Prisma\n\n_T = TypeVar('_T', bound=RecordBase)\n_PrismaModel = RecordBase\n")
    for name in schema.models:
        text += (
            f"\nclass Base{name}(RecordBase):\n    @classmethod\n"
            f"    def prisma(cls: Type[_T], client: Optional[Prisma] = ...) -> actions.{name}Actions[_T]: ...\n")
    return text


def references(schema: PackageSchema) -> str:
    """`_references.pyi`: what `db.user.fields` has."""
    text = (
        f"{IMPORTS}import datetime\nimport decimal\nimport uuid\nfrom typing import List\n\nfrom accelerant.values import FieldRef, Json\n\n"
        "from . import enums, enums as _enums, fields, fields as _fields\n")
    for name in schema.models:
        lines = unshadowed([f"{field.name}: FieldRef[{reference_type(field)}]" for field in schema.model(name).scalars])
        text += f"\nclass {name}Fields:\n" + ("".join(f"    {line}\n" for line in lines) or "    ...\n")
    return text


def actions(schema: PackageSchema, is_async: bool) -> str:
    """`actions.pyi`, or the stub beside it for the other interface."""
    base = "AsyncActions" if is_async else "SyncActions"
    text = (
        f"from typing import Generic, TypeVar\n\nfrom accelerant.typed.actions.{'a' if is_async else ''}sync_actions import {base}\n\n"
        "from . import _references, types\n\n_T = TypeVar('_T')\n")
    for name in schema.models:
        inputs = ", ".join(f"types.{name}{part}" for part in _ACTIONS)
        text += (
            f"\nclass {name}Actions({base}[_T, {inputs}], Generic[_T]):\n    @property\n"
            f"    def fields(self) -> _references.{name}Fields: ...\n")
    return text


def client(schema: PackageSchema, is_async: bool, module: str) -> str:
    """The stub of a module with a client: `client.pyi`, or that of the other interface, whose calls stand in `module`."""
    kind = "Async" if is_async else "Sync"
    enter, leave = ("async def __aenter__", "async def __aexit__") if is_async else ("def __enter__", "def __exit__")
    attributes = schema.attributes
    text = "".join((
        "from pathlib import Path\nfrom typing import Any, Callable, Union\n\n",
        f"from accelerant.typed.client.{kind.lower()}_client import {kind}Prisma\n",
        f"from accelerant.typed.client.batches import BatchActions, {kind}Batch\n",
        f"from accelerant.typed.client.transactions import {kind}TransactionManager\n",
        "from accelerant.typed.client.environment import load_env as load_env\n\n",
        f"from . import {module} as _actions, models as _models, types as _types\n\n",
        "SCHEMA_PATH: Path\nPACKAGED_SCHEMA_PATH: Path\n\n",
        f"class Prisma({kind}Prisma):\n",
        *(f"    {attribute}: _actions.{name}Actions[_models.{name}]\n" for attribute, name in attributes.items()),
        "    def batch_(self) -> Batch: ...\n\n",
        "class Batch(" + kind + "Batch):\n",
        *(f"    {attribute}: BatchActions[{', '.join(f'_types.{name}{part}' for part in _BATCH)}]\n" for attribute, name in attributes.items()),
        f"    {enter}(self) -> Batch: ...\n    {leave}(self, kind: Any, error: Any, _: Any) -> None: ...\n\n",
        f"Client = Prisma\nTransactionManager = {kind}TransactionManager[Prisma]\nRegisteredClient = Union[Prisma, Callable[[], Prisma]]\n\n",
        "def register(client: RegisteredClient) -> None: ...\ndef get_client() -> Prisma: ...\n",
    ))
    return text


#: `__init__.pyi`.
PACKAGE = """from accelerant.typed.client.metrics import Metric as Metric, MetricHistogram as MetricHistogram, Metrics as Metrics
from accelerant.typed.validation import validate as validate

from . import bases as bases, enums as enums, errors as errors, fields as fields, models as models, partials as partials, types as types
from .client import (
    Batch as Batch, Client as Client, Prisma as Prisma, RegisteredClient as RegisteredClient, SCHEMA_PATH as SCHEMA_PATH,
    TransactionManager as TransactionManager, get_client as get_client, load_env as load_env, register as register)
from .fields import AnyNull as AnyNull, Base64 as Base64, DbNull as DbNull, Json as Json, JsonNull as JsonNull
"""
