"""Classes of records with some of a model's fields: asked for by `create_partial`, or written by hand below a generated base."""
from __future__ import annotations

import os
import sys
import typing
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple, Type

from ..errors import UnknownRelationalFieldError
from .field import Field, fields_of
from .record import Record

#: Set while the generator runs a program's file of partial types.
RUNNING = "PRISMA_GENERATOR_INVOCATION"
#: What that file has asked for, in order.
asked: List[Dict[str, Any]] = []


# By create_partial


def record_partial(
    cls: Any,
    name: str,
    include: Optional[Iterable[str]] = None,
    exclude: Optional[Iterable[str]] = None,
    required: Optional[Iterable[str]] = None,
    optional: Optional[Iterable[str]] = None,
    relations: Optional[Mapping[str, str]] = None,
    exclude_relational_fields: bool = False,
) -> None:
    """Notes that a class is asked for: with the fields `include`, or all but `exclude`; some of them made required or optional;
    related records of other classes that were asked for."""
    if not os.environ.get(RUNNING):
        raise RuntimeError("Attempted to create a partial type outside of client generation.")
    if any(other["name"] == name for other in asked):
        raise ValueError(f'Partial type "{name}" has already been created.')
    _check_choice(include, exclude, required, optional, relations, exclude_relational_fields)
    schema = cls.__record_package__.schema.model(cls.__prisma_model__)
    fields = {field.name: {"name": field.name, "optional": field.is_optional or field.is_relation, "type": None} for field in schema.fields}
    for part in (include, exclude, required, optional):
        for field in part or ():
            if field not in fields:
                raise ValueError(f"{field} is not a valid {schema.name} / {name} field.")
    if include:
        fields = {field: fields[field] for field in include}
    elif exclude:
        fields = {field: item for field, item in fields.items() if field not in set(exclude)}
    for part, is_optional in ((required, False), (optional, True)):
        for field in part or ():
            if field not in fields:
                raise ValueError(f"{field} is not a valid {schema.name} / {name} field.")
            fields[field]["optional"] = is_optional
    if exclude_relational_fields:
        fields = {field: item for field, item in fields.items() if not schema.by_name[field].is_relation}
    _relate(schema, name, fields, relations or {})
    asked.append({"name": name, "from_model": schema.name, "fields": list(fields.values())})


def _check_choice(include: Any, exclude: Any, required: Any, optional: Any, relations: Any, exclude_relational_fields: bool) -> None:
    if include is not None and exclude is not None:
        raise TypeError("Exclude and include are mutually exclusive.")
    if include is not None and exclude_relational_fields:
        raise TypeError("Include and exclude_relational_fields=True are mutually exclusive.")
    shared = set(required or ()) & set(optional or ())
    if shared:
        raise ValueError(f"Cannot make the same field(s) required and optional {shared}")
    if exclude_relational_fields and relations:
        raise ValueError("exclude_relational_fields and relations are mutually exclusive")


def _relate(schema: Any, name: str, fields: Dict[str, Any], relations: Mapping[str, str]) -> None:
    if relations and not schema.relations:
        raise ValueError(f'Model: "{schema.name}" has no relational fields.')
    for field, other in relations.items():
        if field not in schema.by_name or not schema.by_name[field].is_relation:
            raise UnknownRelationalFieldError(schema.name, field)
        if field not in fields:
            raise ValueError(f"{field} is not a valid {schema.name} / {name} field.")
        if not any(earlier["name"] == other for earlier in asked):
            raise ValueError(f'Unknown partial type: "{other}". Did you remember to generate the {other} type before this one?')
        fields[field]["type"] = other


def partial_fields(package: Any, schema: Any, chosen: List[Dict[str, Any]]) -> Tuple[Field, ...]:
    """The fields of a class that `create_partial` asked for."""
    found = []
    for item in chosen:
        field = package.field_of(schema.by_name[item["name"]])
        target = package.partial_by_name(item["type"]) if item["type"] else field.target
        found.append(field._replace(is_optional=item["optional"], target=target))
    return tuple(found)


def requested_fields(package: Any, schema: Any, chosen: List[Dict[str, Any]]) -> Tuple[Dict[str, bool], Dict[str, Any]]:
    """What a read has to select for such a class, and the classes of its related records."""
    names = [schema.by_name[item["name"]] for item in chosen]
    selection = {field.key: True for field in names if not field.is_relation}
    targets = {schema.by_name[item["name"]].key: package.partial_by_name(item["type"]) for item in chosen if item["type"]}
    return selection, targets


# By hand: class UserName(BaseUser): name: str


def _annotations(cls: type) -> Dict[str, Any]:
    found: Any = cls.__dict__.get("__annotations__")
    if found is None and sys.version_info >= (3, 14):
        found = cls.__annotations__
    return found or {}


def describe_annotated(cls: Any) -> None:
    """Makes the annotations of a class its fields."""
    package, schema = cls.__record_package__, cls.__record_package__.schema.model(cls.__prisma_model__)
    names: List[str] = []
    for base in reversed(cls.__mro__):
        if isinstance(base, type) and issubclass(base, Record) and not base.__name__.startswith("Record"):
            names += [name for name in _annotations(base) if not name.startswith("_") and name not in names]
    cls._describe = classmethod(lambda kind: _annotated_fields(kind, package, schema, names))
    if not cls.__record_is_whole__:
        cls.__record_selection__ = {
            schema.by_name[name].key: True for name in names if name in schema.by_name and not schema.by_name[name].is_relation}
    cls.__record_targets__ = _Targets(cls)
    for name in names:
        field = schema.by_name.get(name)
        if field is not None and field.is_relation and name not in cls.__dict__:
            setattr(cls, name, None)


def _annotated_fields(cls: Any, package: Any, schema: Any, names: List[str]) -> Tuple[Field, ...]:
    hints = typing.get_type_hints(cls)
    whole = {field.name: package.field_of(field) for field in schema.fields} if cls.__record_is_whole__ else {}
    for name in names:
        hint = hints.get(name)
        is_optional, inner = _without_none(hint)
        field = schema.by_name.get(name)
        if field is None:
            whole[name] = Field(name, name, "Json", False, is_optional or hasattr(cls, name), None, str(hint))
            continue
        described = package.field_of(field)
        target = described.target
        if field.is_relation:
            inner = typing.get_args(inner)[0] if typing.get_origin(inner) is list else inner
            target = inner if isinstance(inner, type) and issubclass(inner, Record) else target
        whole[name] = described._replace(is_optional=is_optional, target=target)
    return tuple(whole.values())


def _without_none(hint: Any) -> Tuple[bool, Any]:
    args = typing.get_args(hint)
    if type(None) not in args:
        return False, hint
    others = [item for item in args if item is not type(None)]
    return True, others[0] if len(others) == 1 else hint


class _Targets(Mapping[str, Any]):
    """The classes of a class's related records, found when they are first needed: they may be defined after it."""

    def __init__(self, cls: Type[Record]) -> None:
        self._class = cls

    def _found(self) -> Dict[str, Any]:
        return {field.key: field.target for field in fields_of(self._class) if field.kind == "Relation"}

    def __getitem__(self, key: str) -> Any:
        return self._found()[key]

    def __iter__(self) -> Any:
        return iter(self._found())

    def __len__(self) -> int:
        return len(self._found())
