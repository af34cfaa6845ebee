"""Records made by programs, not by the library: of keywords, dictionaries and objects."""
from __future__ import annotations

import base64
import datetime
import decimal
import enum
import uuid
from typing import Any, Dict, Mapping, Type

from .field import Field, fields_of
from .record import Record

_TYPES: Dict[str, Any] = {
    "String": str, "Boolean": bool, "Int": int, "BigInt": int, "Float": float, "Decimal": decimal.Decimal,
    "DateTime": datetime.datetime, "Date": datetime.date, "Time": datetime.time, "Uuid": uuid.UUID,
}
_MISSING = object()


class RecordError(ValueError):
    """Values that make no record: `fields` says of each field what is wrong."""

    def __init__(self, kind: str, fields: Dict[str, str]) -> None:
        super().__init__(f"no {kind}: " + "; ".join(f"`{name}` {text}" for name, text in fields.items()))
        self.fields = fields


def given(kind: Type[Record], value: Any) -> Mapping[str, Any]:
    """The values of a dictionary or of an object with attributes."""
    if isinstance(value, Mapping):
        return value
    found = {field.name: getattr(value, field.name, _MISSING) for field in fields_of(kind)}
    return {name: item for name, item in found.items() if item is not _MISSING}


def checked(kind: Type[Record], values: Mapping[str, Any]) -> Dict[str, Any]:
    """The values of a record by its attributes, each of its type; RecordError where one is missing or does not fit."""
    found: Dict[str, Any] = {}
    wrong: Dict[str, str] = {}
    for field in fields_of(kind):
        value = values.get(field.name, values.get(field.key, _MISSING))
        if value is _MISSING:
            if not field.is_optional and field.kind != "Relation":
                wrong[field.name] = "is missing"
            continue
        try:
            found[field.name] = _value(field, value)
        except (TypeError, ValueError, ArithmeticError) as error:
            wrong[field.name] = str(error) if isinstance(error, RecordError) else f"is no {field.type or field.kind}"
    if wrong:
        raise RecordError(kind.__name__, wrong)
    return found


def _value(field: Field, value: Any) -> Any:
    if value is None:
        if field.is_optional or field.kind in ("Relation", "Json"):
            return None
        if field.is_list:
            # Why: raw SQL gives NULL for a list that was never set.
            return []
        raise TypeError("null")
    if field.is_list:
        if not isinstance(value, (list, tuple)):
            raise TypeError("no list")
        return [None if item is None else _single(field, item) for item in value]
    return _single(field, value)


def _single(field: Field, value: Any) -> Any:
    kind = field.kind
    if kind == "Relation":
        return value if isinstance(value, field.target) else field.target.model_validate(value)
    if kind == "Enum" and field.target is not None:
        return field.target(value.value if isinstance(value, enum.Enum) else value)
    if kind == "Bytes":
        return _bytes(field.target, value)
    wanted = _TYPES.get(kind)
    if wanted is None or type(value) is wanted:
        return value
    return _converted(kind, wanted, value)


def _bytes(target: Any, value: Any) -> Any:
    if target is None:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else bytes(value)
    if isinstance(value, target):
        return value
    return target(value.encode("ascii") if isinstance(value, str) else bytes(value))


def _converted(kind: str, wanted: Any, value: Any) -> Any:
    """A value of another type that says the same."""
    if kind in ("Int", "BigInt"):
        if isinstance(value, bool) or isinstance(value, (float, decimal.Decimal)) and value != int(value):
            raise TypeError("no whole number")
        return int(value)
    if kind == "Float" and not isinstance(value, bool):
        return float(value)
    if kind == "Decimal" and not isinstance(value, bool):
        return decimal.Decimal(str(value))
    if kind in ("DateTime", "Date", "Time"):
        return _moment(kind, wanted, value)
    if kind == "Uuid" and isinstance(value, str):
        return uuid.UUID(value)
    if kind == "String" and isinstance(value, (str, uuid.UUID)):
        return str(value)
    if isinstance(value, wanted):
        return value
    raise TypeError("another type")


def _moment(kind: str, wanted: Any, value: Any) -> Any:
    if isinstance(value, str):
        if kind != "DateTime" and "T" in value:
            value = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        else:
            return wanted.fromisoformat(value.replace("Z", "+00:00"))
    if kind == "DateTime" and isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return datetime.datetime(value.year, value.month, value.day, tzinfo=datetime.timezone.utc)
    if isinstance(value, datetime.datetime) and kind != "DateTime":
        return value.date() if kind == "Date" else value.time()
    if isinstance(value, wanted):
        return value
    raise TypeError("no time")
