"""Python values in requests, and Python values out of answers.

Requests: `Decimal`, `datetime`, `date`, `bytes`, `UUID`, `Enum` and the classes below are written as Prisma's JSON
protocol writes them; everything else as JSON. Answers are read by the schema: see `Decoder` in `models.py`.
"""
from __future__ import annotations

import base64
import datetime
import decimal
import enum
import json
import uuid
from typing import Any, Callable, Dict, List, Tuple

from .base64 import Base64


class _Null:
    """One of Prisma's three nulls of Json fields."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


#: The SQL NULL of a Json field.
DbNull = _Null("DbNull")
#: The JSON value null.
JsonNull = _Null("JsonNull")
#: Either of them, in filters.
AnyNull = _Null("AnyNull")


class Json:
    """A JSON value taken as it is, even when it looks like something that the query language knows. A datetime in it becomes ISO text,
    a Decimal a number, bytes base64."""

    def __init__(self, value: Any) -> None:
        self.value = value

    @property
    def data(self) -> Any:
        """The value."""
        return self.value

    @classmethod
    def keys(cls, **values: Any) -> "Json":
        """An object of these members."""
        return cls(values)

    def __eq__(self, other: object) -> bool:
        return self.value == other.value if isinstance(other, Json) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Json({self.value!r})"


class FieldRef:
    """Another field of the same model, to compare with: `{"total": {"gt": FieldRef("Order", "paid")}}`."""

    def __init__(self, model: str, field: str) -> None:
        self.model = model
        self.field = field


def _tagged(kind: str, value: Any) -> Dict[str, Any]:
    return {"$type": kind, "value": value}


def _encode_special(value: Any) -> Any:
    """What `json` asks for a value that it does not know."""
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            raise TypeError("a datetime without a time zone is ambiguous; give it one, as datetime.now(timezone.utc)")
        return _tagged("DateTime", value.isoformat())
    if isinstance(value, datetime.date):
        return _tagged("DateTime", value.isoformat() + "T00:00:00.000Z")
    if isinstance(value, decimal.Decimal):
        if not value.is_finite():
            raise ValueError("a Decimal has to be finite")
        return _tagged("Decimal", format(value, "f"))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _tagged("Bytes", base64.b64encode(value).decode("ascii"))
    if isinstance(value, Base64):
        return _tagged("Bytes", str(value))
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, _Null):
        return _tagged("Enum", value.name)
    if isinstance(value, Json):
        return _tagged("Json", _json_encoder.encode(value.value))
    if isinstance(value, FieldRef):
        return _tagged("FieldRef", {"_ref": value.field, "_container": value.model})
    raise TypeError(f"a query cannot hold a value of type {type(value).__name__}")


def _encode_in_json(value: Any) -> Any:
    """What `json` asks for a value inside `Json` that it does not know: there a tag would be data."""
    if isinstance(value, decimal.Decimal):
        if value == value.to_integral_value():
            return int(value)
        if decimal.Decimal(repr(float(value))) == value:
            return float(value)
        raise ValueError("a Decimal with so many digits is no number of Json; make it a text")
    if isinstance(value, datetime.date):
        moment = _encode_special(value)["value"]
        if isinstance(value, datetime.datetime):
            return value.astimezone(datetime.timezone.utc).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
        return moment
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, (uuid.UUID, enum.Enum)):
        return _encode_special(value)
    if isinstance(value, Json):
        return value.value
    if value is JsonNull:
        return None
    raise TypeError(f"a Json value cannot hold a value of type {type(value).__name__}")


_encoder = json.JSONEncoder(separators=(",", ":"), allow_nan=False, default=_encode_special)
_json_encoder = json.JSONEncoder(separators=(",", ":"), allow_nan=False, default=_encode_in_json)


def encode(document: Any) -> bytes:
    """A request as JSON text. What cannot stand in one is a TypeError or a ValueError that names its place."""
    return _encoded(document, _encoder)


def _encoded(document: Any, encoder: json.JSONEncoder) -> bytes:
    try:
        return encoder.encode(document).encode("ascii")
    except (TypeError, ValueError) as error:
        place = _place(document)
        if not place:
            raise
        raise type(error)(f"`{place}`: {error}") from None


def _place(document: Any) -> str:
    """Where the first value is that cannot be written, as `args.data.settings.at`; empty when it is not found."""
    rest: List[Tuple[str, Any, Callable[[Any], Any]]] = [("", document, _encode_special)]
    seen = set()
    while rest:
        place, value, special = rest.pop()
        if isinstance(value, (dict, list, tuple)):
            if id(value) in seen:
                continue
            seen.add(id(value))
            inner = value.items() if isinstance(value, dict) else enumerate(value)
            rest += reversed([(f"{place}.{key}" if place else str(key), item, special) for key, item in inner])
        elif isinstance(value, Json):
            rest.append((place, value.value, _encode_in_json))
        else:
            try:
                json.dumps(value, allow_nan=False, default=special)
            except (TypeError, ValueError):
                return place
    return ""


def datetime_from(text: str) -> Any:
    """An aware datetime in UTC; the text itself where Python's calendar ends (before year 1, after 9999)."""
    try:
        return datetime.datetime.fromisoformat(text[:-1]).replace(tzinfo=datetime.timezone.utc)
    except ValueError:
        return text


def decimal_from(value: Any) -> decimal.Decimal:
    return decimal.Decimal(str(value))
