"""What Python values stand for that JSON does not have. Both encoders ask here, the one in Python and the one in C."""
from __future__ import annotations

import base64
import datetime
import decimal
import enum
import sys
from collections.abc import Mapping
from typing import Any, Dict

from ..values.base64 import Base64
from ..values.values import UNDEFINED, FieldRef, Json, JsonNull

#: What PostgreSQL's numeric can hold in front of the point, and behind it.
_DIGITS_BEFORE = 131072
_DIGITS_BEHIND = 16383
_MICROSECONDS = datetime.timedelta(microseconds=1)
_NULLS = type(JsonNull)


def tagged(kind: str, value: Any) -> Dict[str, Any]:
    return {"$type": kind, "value": value}


def _moment(value: datetime.datetime) -> str:
    if value.tzinfo is None:
        raise TypeError("a datetime without a time zone is ambiguous; give it one, as datetime.now(timezone.utc)")
    # Why in UTC: an offset of Python's may have seconds, which the text has no place for.
    offset = value.utcoffset()
    if offset is not None and offset % datetime.timedelta(minutes=1):
        value = value.astimezone(datetime.timezone.utc)
    return value.isoformat()


def _time(value: datetime.time) -> str:
    return f"1970-01-01T{value.isoformat()}" + ("Z" if value.tzinfo is None else "")


def _decimal(value: decimal.Decimal) -> str:
    if value.is_snan():
        raise ValueError("a signaling NaN is no number that PostgreSQL has")
    if not value.is_finite():
        return "NaN" if value.is_nan() else "Infinity" if value > 0 else "-Infinity"
    _, digits, exponent = value.as_tuple()
    # Why before it is written: 1e999999 would take a gigabyte.
    if value and (value.adjusted() >= _DIGITS_BEFORE or int(exponent) < -_DIGITS_BEHIND):
        raise ValueError("a Decimal has more digits than numeric can hold")
    return format(value, "f") if value else format(value.quantize(decimal.Decimal(1)) if int(exponent) > 0 or int(exponent) < -_DIGITS_BEHIND else value, "f")


#: What is being written: a request, one whose datetimes are UTC where they do not say, or data of a Json field.
REQUEST, LOCAL_REQUEST, DATA = 0, 1, 2


def special(value: Any, mode: int = REQUEST) -> Any:
    """What stands for a value that JSON does not have: a text, or a tagged value; inside data of a Json field, nothing can."""
    in_json = mode == DATA
    if isinstance(value, Json):
        if in_json:
            return value.value
        from . import encoding

        return tagged("Json", encoding.encode_json(value.value))
    if in_json:
        if value is JsonNull:
            return None
        raise TypeError(f"a Json value cannot hold {_name(value)}, which would not be read as it was given")
    if isinstance(value, datetime.datetime):
        if mode == LOCAL_REQUEST and value.tzinfo is None:
            value = value.replace(tzinfo=datetime.timezone.utc)
        return tagged("DateTime", _moment(value))
    if isinstance(value, datetime.date):
        return tagged("DateTime", value.isoformat() + "T00:00:00.000Z")
    if isinstance(value, datetime.time):
        return tagged("DateTime", _time(value))
    if isinstance(value, decimal.Decimal):
        return tagged("Decimal", _decimal(value))
    return _other(value)


def _other(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return tagged("Bytes", base64.b64encode(value).decode("ascii"))
    if isinstance(value, Base64):
        return tagged("Bytes", str(value))
    # Why not imported: it takes a while, and who has not imported it has none.
    uuid = sys.modules.get("uuid")
    if uuid is not None and isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, _NULLS):
        return {"$type": "undefined"} if value is UNDEFINED else tagged("Enum", value.name)
    if isinstance(value, FieldRef):
        return tagged("FieldRef", {"_ref": value.field, "_container": value.model})
    if isinstance(value, (set, frozenset)):
        raise TypeError("a query cannot hold a set, which has no order: give a list")
    if isinstance(value, datetime.timedelta):
        raise TypeError("a query cannot hold a timedelta: no field is of such a type; in raw SQL it is an interval")
    if isinstance(value, Mapping):
        raise TypeError(f"a query cannot hold {_name(value)}: make it a dict")
    raise TypeError(f"a query cannot hold {_name(value)}. Type {value if isinstance(value, type) else type(value)} not serializable")


def _name(value: Any) -> str:
    return f"a value of type {type(value).__name__}"


def interval(value: datetime.timedelta) -> str:
    """A duration as PostgreSQL reads an interval."""
    microseconds = value // _MICROSECONDS
    return f"{microseconds // 86_400_000_000} days {microseconds % 86_400_000_000} microseconds"


def parameter(value: Any) -> Any:
    """A parameter of raw SQL, whose type is that of its value or of its place; dictionaries are jsonb."""
    if isinstance(value, dict):
        return Json(value)
    if isinstance(value, (list, tuple)):
        if any(isinstance(item, dict) for item in value):
            return Json(value)
        return [parameter(item) for item in value]
    if isinstance(value, datetime.timedelta):
        return interval(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat() if value.tzinfo is None else value
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return value
