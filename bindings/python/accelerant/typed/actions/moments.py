"""Moments that are finer than their column: a program finds a record by the time it was written with.

A column of a plain `DateTime` holds milliseconds; PostgreSQL rounds what it is given. So a filter asks for the moment as it was given,
and for what such a column makes of it. Why both: where the column is finer than the schema says, a record is found by its own time."""
from __future__ import annotations

import datetime
from typing import Any, Dict, List, Optional

from ..schema import ModelField


def _is_finer(value: Any) -> bool:
    return isinstance(value, datetime.datetime) and value.microsecond % 1000 != 0


def _rounded(value: datetime.datetime) -> datetime.datetime:
    return value + datetime.timedelta(microseconds=(value.microsecond + 500) // 1000 * 1000 - value.microsecond)


def stored(field: Optional[ModelField], value: Any) -> Any:
    """A value of a unique key, as its column holds it."""
    return _rounded(value) if field is not None and field.is_milliseconds and _is_finer(value) else value


def filter_of(value: Any) -> Any:
    """A filter that is a value alone."""
    return {"in": [value, _rounded(value)]} if _is_finer(value) else value


def widened(operators: Dict[str, Any]) -> Dict[str, Any]:
    """The operators of a filter."""
    if not any(_is_finer(item) for value in operators.values() for item in (value if isinstance(value, list) else (value,))):
        return operators
    found = dict(operators)
    for name in ("in", "notIn", "hasSome"):
        if isinstance(found.get(name), list):
            found[name] = _all(found[name])
    for name, other in (("equals", "in"), ("not", "notIn"), ("has", "hasSome")):
        if _is_finer(found.get(name)) and other not in found:
            found[other] = _all([found.pop(name)])
    return found


def _all(values: List[Any]) -> List[Any]:
    return [moment for value in values for moment in ((value, _rounded(value)) if _is_finer(value) else (value,))]
