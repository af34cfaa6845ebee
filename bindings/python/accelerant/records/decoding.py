"""Answers become records: what the library's JSON says, by the fields of a class."""
from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any, Callable, Dict, List, Optional, Tuple, Type

from ..values import datetime_from
from .field import Field, fields_of
from .record import Record

#: Of a member of a dictionary, or a value: what it becomes.
Convert = Callable[[Any], Any]
_new = object.__new__
_set = object.__setattr__


def _date_from(text: str) -> Any:
    moment = datetime_from(text)
    return moment.date() if isinstance(moment, datetime.datetime) else text


def _time_from(text: str) -> Any:
    moment = datetime_from(text)
    return moment.time() if isinstance(moment, datetime.datetime) else text


def _float_from(value: Any) -> float:
    return float(value)


#: The kinds whose JSON form is not their Python form already.
_CONVERSIONS: Dict[str, Convert] = {
    "BigInt": int,
    "Float": _float_from,
    "Decimal": decimal.Decimal,
    "DateTime": datetime_from,
    "Date": _date_from,
    "Time": _time_from,
    "Uuid": uuid.UUID,
}


def _of_bytes(target: Any) -> Convert:
    if target is None:
        import binascii

        return binascii.a2b_base64
    return lambda text: target(text.encode("ascii"))


def _of_enum(target: Any) -> Optional[Convert]:
    if target is None:
        return None
    members = {member.value: member for member in target}
    return lambda name: members.get(name, name)


def _of_scalar(field: Field) -> Optional[Convert]:
    if field.kind == "Bytes":
        return _of_bytes(field.target)
    if field.kind == "Enum":
        return _of_enum(field.target)
    return _CONVERSIONS.get(field.kind)


def converter(field: Field) -> Optional[Convert]:
    """What makes a field's value of what the answer has; None where that is the same."""
    if field.kind == "Relation":
        return _relation(field)
    convert = _of_scalar(field)
    if convert is None or not field.is_list:
        return convert
    return lambda items: [None if item is None else convert(item) for item in items]


def _relation(field: Field) -> Convert:
    found: List[Convert] = []

    def convert(value: Any) -> Any:
        # Why not made before: relations lead in circles.
        if not found:
            found.append(records_decoder(field.target) if field.is_list else record_decoder(field.target))
        return found[0](value)

    return convert


def _parts(kind: Type[Record]) -> Tuple[List[Tuple[str, Convert]], List[Tuple[str, str]]]:
    conversions: List[Tuple[str, Convert]] = []
    renamed: List[Tuple[str, str]] = []
    for field in fields_of(kind):
        convert = converter(field)
        if convert is not None:
            conversions.append((field.key, convert))
        if field.key != field.name:
            renamed.append((field.key, field.name))
    return conversions, renamed


def record_decoder(kind: Type[Record]) -> Callable[[Any], Any]:
    """Makes a record of an object of an answer, which is the record's own afterwards; None of null."""
    found: Optional[List[Callable[[Any], Any]]] = kind.__dict__.get("__record_decoder__")
    if found is None:
        # Why in a list: a function would become a method.
        found = [_make_decoder(kind)]
        kind.__record_decoder__ = found  # type: ignore[attr-defined]
    return found[0]


def _make_decoder(kind: Type[Record]) -> Callable[[Any], Any]:
    conversions, renamed = _parts(kind)

    def decode(values: Optional[Dict[str, Any]]) -> Any:
        if values is None:
            return None
        for key, convert in conversions:
            value = values.get(key)
            if value is not None:
                values[key] = convert(value)
        for key, name in renamed:
            if key in values:
                values[name] = values.pop(key)
        record = _new(kind)
        _set(record, "__dict__", values)
        return record

    return decode


def records_decoder(kind: Type[Record]) -> Callable[[Any], Any]:
    """Makes records of a list of objects of an answer."""
    decode = record_decoder(kind)
    return lambda items: [decode(item) for item in items]
