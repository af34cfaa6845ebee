"""Records as dictionaries and as JSON text."""
from __future__ import annotations

import base64
import datetime
import decimal
import enum
import json
import uuid
from typing import Any, Dict, List, Mapping, Optional

from ..values.base64 import Base64
from .field import fields_of
from .record import Record

_NO_DEFAULT = object()


def dump(
    record: Record,
    mode: str = "python",
    *,
    include: Any = None,
    exclude: Any = None,
    exclude_none: bool = False,
    exclude_unset: bool = False,
    exclude_defaults: bool = False,
    by_alias: bool = False,
    **_: Any,
) -> Dict[str, Any]:
    """A record as a dictionary. A relation that was not asked for is None in it, unless `exclude_unset`."""
    given, kind = record.__dict__, type(record)
    keys = {field.name: field.key for field in fields_of(kind)} if by_alias else {}
    options = {"exclude_none": exclude_none, "exclude_unset": exclude_unset, "exclude_defaults": exclude_defaults, "by_alias": by_alias}
    found: Dict[str, Any] = {}
    for name, value in record:
        if include is not None and name not in include or _is_whole(exclude, name):
            continue
        if exclude_none and value is None or exclude_unset and name not in given:
            continue
        if exclude_defaults and value == getattr(kind, name, _NO_DEFAULT):
            continue
        found[keys.get(name, name)] = _dump_value(value, mode, options, _below(include, name), _below(exclude, name))
    return found


def _is_whole(choice: Any, name: str) -> bool:
    """Whether a choice names a member altogether, and not parts of it."""
    if choice is None or name not in choice:
        return False
    return not isinstance(choice, Mapping) or choice[name] is True or choice[name] is ...


def _below(choice: Any, name: str) -> Any:
    """What is said of the parts of a member."""
    found = choice.get(name) if isinstance(choice, Mapping) else None
    return None if found is True or found is ... else found


def _of_item(choice: Any, position: int, count: int) -> Any:
    """What is said of one item of a list: None for nothing, True for all of it, or a choice of its members.

    Items are named by their positions, from the end by negative ones, and all of them by `"__all__"`. Other names are those of members."""
    places = [name for name in (position, position - count, "__all__") if name in choice]
    if not places and not any(name == "__all__" or isinstance(name, int) for name in choice):
        return choice
    if not places:
        return None
    parts: List[Any] = [choice[name] for name in places] if isinstance(choice, Mapping) else [True]
    if any(part is True or part is ... for part in parts):
        return True
    return {name: part[name] if isinstance(part, Mapping) else True for part in parts for name in part}


def _dump_items(values: List[Any], mode: str, options: Dict[str, bool], include: Any, exclude: Any) -> List[Any]:
    found = []
    for position, value in enumerate(values):
        kept = True if include is None else _of_item(include, position, len(values))
        dropped = None if exclude is None else _of_item(exclude, position, len(values))
        if kept is not None and dropped is not True:
            found.append(_dump_value(value, mode, options, None if kept is True else kept, dropped))
    return found


def _dump_value(value: Any, mode: str, options: Dict[str, bool], include: Any = None, exclude: Any = None) -> Any:
    if isinstance(value, Record):
        return dump(value, mode, include=include, exclude=exclude, **options)
    if isinstance(value, list):
        return _dump_items(value, mode, options, include, exclude)
    if isinstance(value, dict):
        return {key: _dump_value(item, mode, options) for key, item in value.items()} if mode == "json" else value
    if isinstance(value, Base64):
        return str(value)
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
