"""The forms of a schema's models: as dictionaries, and as the generated client's records."""
from __future__ import annotations

from typing import Any, Dict, List, Tuple, Type

from ..library import native_module
from ..records.field import Field, fields_of
from . import kinds
from .form import Form
from .kinds import Member

_SCALARS: Dict[str, int] = {
    "BigInt": kinds.BIGINT, "Float": kinds.FLOAT, "Decimal": kinds.DECIMAL, "DateTime": kinds.DATETIME, "Bytes": kinds.BYTES,
}
#: What `_avg` gives by the type of the field.
_AVERAGES: Dict[str, int] = {"Decimal": kinds.DECIMAL, "Int": kinds.FLOAT, "BigInt": kinds.FLOAT, "Float": kinds.FLOAT}


def _kind(field: Dict[str, Any]) -> int:
    """Of a scalar, as `$schema` describes it."""
    if field["kind"] == "enum":
        return kinds.ENUM
    native = (field.get("nativeType") or {}).get("name")
    if field["type"] == "DateTime" and native == "Date":
        return kinds.DATE
    if field["type"] == "DateTime" and native in ("Time", "Timetz"):
        return kinds.TIME
    return _SCALARS.get(field["type"], kinds.PLAIN)


def _scale(field: Dict[str, Any]) -> int:
    """The digits behind the point that the column always has: `Decimal @db.Decimal(12, 2)` has two."""
    native = field.get("nativeType") or {}
    arguments = native.get("arguments") or []
    return min(int(arguments[1]), 16383) if field["type"] == "Decimal" and native.get("name") == "Decimal" and len(arguments) == 2 else -1


def _scalars(fields: Dict[str, Dict[str, Any]]) -> List[Member]:
    """Those of a model, all of them: the decoder in C knows their order by this."""
    return [
        Member(name, name, _kind(field), None, _scale(field))
        for name, field in fields.items() if not field["relation"]]


def _averages(fields: Dict[str, Dict[str, Any]]) -> List[Member]:
    return [
        Member(name, name, _AVERAGES[field["type"]]) for name, field in fields.items() if not field["relation"] and field["type"] in _AVERAGES]


def _members(fields: Dict[str, Dict[str, Any]], forms: Dict[str, Form], module: Any) -> List[Member]:
    scalars = Form(lambda: _scalars(fields), None, module)
    found = [
        Member(name, name, kinds.OBJECT, forms[field["type"]]) if field["relation"] and field["type"] in forms
        else Member(name, name, _kind(field), None, _scale(field))
        for name, field in fields.items()]
    # No field of a model begins like this.
    found += [Member(name, name, kinds.OBJECT, scalars) for name in ("_sum", "_min", "_max")]
    return [*found, Member("_avg", "_avg", kinds.OBJECT, Form(lambda: _averages(fields), None, module))]


def forms(schema: Dict[str, Any], module: Any) -> Dict[str, Form]:
    """The form of each model's dictionaries, by its name, as `{"operation": "$schema"}` describes it."""
    found: Dict[str, Form] = {}

    def form(fields: Dict[str, Dict[str, Any]]) -> Form:
        return Form(lambda: _members(fields, found, module), None, module)

    for name, model in schema["models"].items():
        found[name] = form(model["fields"])
    return found


_RECORD_KINDS: Dict[str, int] = {**_SCALARS, "Date": kinds.DATE, "Time": kinds.TIME}



def member_of(field: Field) -> Member:
    """The member of an answer that becomes a field of a record."""
    if field.kind == "Relation":
        return Member(field.key, field.name, kinds.OBJECT, record_form(field.target))
    kind, target = _kind_and_target(field)
    return Member(field.key, field.name, kind, target, field.scale)


def _kind_and_target(field: Field) -> Tuple[int, Any]:
    if field.kind == "Uuid":
        import uuid

        return kinds.CALL, uuid.UUID
    if field.kind == "Enum":
        return kinds.ENUM, None if field.target is None else {member.value: member for member in field.target}
    return _RECORD_KINDS.get(field.kind, kinds.PLAIN), field.target if field.kind == "Bytes" else None


def record_form(record: Type[Any]) -> Form:
    """The form of the objects that become instances of a class of records."""
    module = native_module()
    found: Any = record.__dict__.get("__record_form__")
    if found is None or found.module is not module:
        found = record.__record_form__ = Form(lambda: [member_of(field) for field in fields_of(record)], record, module)
    return found  # type: ignore[no-any-return]
