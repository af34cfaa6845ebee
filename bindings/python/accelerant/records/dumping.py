"""Records as dictionaries and as JSON text."""
from __future__ import annotations

import base64
import datetime
import decimal
import enum
import json
import uuid
from typing import Any, Dict, Mapping, Optional

from .field import fields_of
from .record import Record


def dump(
    record: Record,
    mode: str = "python",
    *,
    include: Any = None,
    exclude: Any = None,
    exclude_none: bool = False,
    exclude_unset: bool = False,
    by_alias: bool = False,
    **_: Any,
) -> Dict[str, Any]:
    """A record as a dictionary. A relation that was not asked for is None in it, unless `exclude_unset`."""
    given = record.__dict__
    keys = {field.name: field.key for field in fields_of(type(record))} if by_alias else {}
    options = {"exclude_none": exclude_none, "exclude_unset": exclude_unset, "by_alias": by_alias}
    found: Dict[str, Any] = {}
    for name, value in record:
        if include is not None and name not in include or _is_excluded(exclude, name):
            continue
        if exclude_none and value is None or exclude_unset and name not in given:
            continue
        found[keys.get(name, name)] = _dump_value(value, mode, {**options, "include": _below(include, name), "exclude": _below(exclude, name)})
    return found


def _is_excluded(exclude: Any, name: str) -> bool:
    if exclude is None or name not in exclude:
        return False
    return not isinstance(exclude, Mapping) or exclude[name] is True or exclude[name] is ...


def _below(choice: Any, name: str) -> Any:
    """What is said of the fields of a related record."""
    if not isinstance(choice, Mapping):
        return None
    found = choice.get(name)
    if isinstance(found, Mapping) and "__all__" in found:
        found = found["__all__"]
    return None if found is True or found is ... else found


def _dump_value(value: Any, mode: str, options: Dict[str, Any]) -> Any:
    if isinstance(value, Record):
        return dump(value, mode, **options)
    if isinstance(value, list):
        return [_dump_value(item, mode, options) for item in value]
    if isinstance(value, dict):
        return {key: _dump_value(item, mode, options) for key, item in value.items()} if mode == "json" else value
    return plain(value) if mode == "json" else value


def plain(value: Any) -> Any:
    """What JSON has for a value of a field."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (datetime.datetime, datetime.time)):
        text = value.isoformat()
        return text[:-6] + "Z" if text.endswith("+00:00") else text
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (decimal.Decimal, uuid.UUID)):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, Record):
        return dump(value, "json")
    if value is None or isinstance(value, (str, int, float, list, dict)):
        return value
    return str(value)


def dump_json(record: Record, indent: Optional[int] = None, **options: Any) -> str:
    """A record as JSON text."""
    separators = None if indent is not None else (",", ":")
    return json.dumps(dump(record, "json", **options), indent=indent, separators=separators, ensure_ascii=False, default=plain)
