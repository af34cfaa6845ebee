"""Records made by programs, not by the library: of keywords, dictionaries and objects."""
from __future__ import annotations

import base64
import datetime
import decimal
import enum
import re
import uuid
from typing import Any, Dict, List, Mapping, Tuple, Type

from .faults import Fault, Faults, Misfit, refusal
from .field import Field, fields_of
from .record import Record, make

_TYPES: Dict[str, Any] = {
    "String": str, "Boolean": bool, "Int": int, "BigInt": int, "Float": float, "Decimal": decimal.Decimal,
    "DateTime": datetime.datetime, "Date": datetime.date, "Time": datetime.time, "Uuid": uuid.UUID,
}
_MISSING = object()
#: What is raised by a value that does not fit.
_UNFIT = (TypeError, ValueError, ArithmeticError, LookupError)


#: Texts that are truths, as pydantic has them.
_TRUTHS = {
    "true": True, "t": True, "yes": True, "y": True, "on": True, "1": True, "false": False, "f": False, "no": False, "n": False, "off": False, "0": False,
}
_FRACTION = re.compile(r"\.([0-9]{1,6})[0-9]*")
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def given(kind: Type[Record], value: Any) -> Mapping[str, Any]:
    """The values of a dictionary or of an object with attributes."""
    if isinstance(value, Mapping):
        return value
    found = {field.name: getattr(value, field.name, _MISSING) for field in fields_of(kind)}
    present = {name: item for name, item in found.items() if item is not _MISSING}
    if not present and found:
        raise refusal(kind.__name__, [Fault((), "neither a dictionary nor an object with its attributes", "model_type", kind.__name__)])
    return present


def checked(kind: Type[Record], values: Mapping[str, Any]) -> Dict[str, Any]:
    """The values of a record by its attributes, each of its type.

    Where one is missing or does not fit: pydantic's ValidationError, or RecordError where pydantic is not loaded."""
    found, faults = _examined(kind, values)
    if faults:
        raise refusal(kind.__name__, faults)
    return found


def _examined(kind: Type[Record], values: Mapping[str, Any]) -> Tuple[Dict[str, Any], Faults]:
    found: Dict[str, Any] = {}
    faults: Faults = []
    for field in fields_of(kind):
        value = values.get(field.name, values.get(field.key, _MISSING))
        if value is _MISSING:
            if not field.is_optional and field.kind != "Relation":
                faults.append(Fault((field.name,), "is missing", "missing"))
            continue
        try:
            found[field.name] = _value(field, value)
        except _UNFIT as error:
            faults += [Fault((field.name, *fault.place), *fault[1:]) for fault in error.faults] if isinstance(error, Misfit) else [_of_type(field)]
    return found, faults


def _of_type(field: Field) -> Fault:
    """The fault of a value that is none of the field's type."""
    return Fault((field.name,), f"is no {field.type or field.kind}", field.kind, field.target)


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
            raise Misfit([Fault((), "is no list", "list_type")])
        return _items(field, value)
    return _single(field, value)


def _items(field: Field, values: Any) -> List[Any]:
    found: List[Any] = []
    faults: Faults = []
    for position, value in enumerate(values):
        try:
            found.append(None if value is None else _single(field, value))
        except Misfit as error:
            faults += [Fault((position, *fault.place), *fault[1:]) for fault in error.faults]
        except _UNFIT:
            faults.append(_of_type(field)._replace(place=(position,)))
    if faults:
        raise Misfit(faults)
    return found


def _single(field: Field, value: Any) -> Any:
    kind = field.kind
    if kind == "Relation":
        return value if isinstance(value, field.target) else _related(field.target, value)
    if kind == "Enum" and field.target is not None:
        return field.target(value.value if isinstance(value, enum.Enum) else value)
    if kind == "Bytes":
        return _bytes(field.target, value)
    wanted = _TYPES.get(kind)
    if wanted is None or type(value) is wanted:
        return value
    return _converted(kind, wanted, value)


def _related(kind: Type[Record], value: Any) -> Record:
    if not isinstance(value, Mapping) and not any(hasattr(value, field.name) for field in fields_of(kind)):
        raise Misfit([Fault((), f"is no {kind.__name__}", "model_type", kind.__name__)])
    found, faults = _examined(kind, given(kind, value))
    if faults:
        raise Misfit(faults)
    return make(kind, found)


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
    if kind == "Boolean" and isinstance(value, (str, int, float)):
        return _TRUTHS[str(int(value)) if isinstance(value, float) and value == int(value) else str(value).lower()]
    if kind == "Uuid" and isinstance(value, str):
        return uuid.UUID(value)
    if kind == "String" and isinstance(value, (str, uuid.UUID)):
        return str(value)
    if isinstance(value, wanted):
        return value
    raise TypeError("another type")


def _moment(kind: str, wanted: Any, value: Any) -> Any:
    if isinstance(value, str):
        # Why: before Python 3.11 a fraction has three digits, or six.
        text = _FRACTION.sub(lambda digits: f".{digits[1]:0<6}", value.replace("Z", "+00:00"))
        if kind == "DateTime" or "T" not in value:
            return wanted.fromisoformat(text)
        value = datetime.datetime.fromisoformat(text)
    if kind == "DateTime" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return _EPOCH + datetime.timedelta(seconds=value)
    if kind == "DateTime" and isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return datetime.datetime(value.year, value.month, value.day, tzinfo=datetime.timezone.utc)
    if isinstance(value, datetime.datetime) and kind != "DateTime":
        return value.date() if kind == "Date" else value.time()
    if isinstance(value, wanted):
        return value
    raise TypeError("no time")
