"""The data of writes: what stands in a Json field is data, whatever it looks like."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, Dict, FrozenSet

from ..values import DbNull, FieldRef, Json, JsonNull

_NULLS = type(DbNull)
#: The steps of a nested write whose value is data, or has data in these members.
_DATA_STEPS = frozenset({"create"})
_MEMBERS = frozenset({"data", "create", "update"})


def _as_json(value: Any) -> Any:
    return value if value is None or isinstance(value, (Json, FieldRef, _NULLS)) else Json(value)


def _pushed(value: Any) -> Any:
    """One Json value, which may be a list; a list of `Json` is several."""
    if isinstance(value, (list, tuple)) and any(isinstance(item, Json) for item in value):
        return [Json(None) if item is JsonNull else _as_json(item) for item in value]
    return _as_json(value)


def _each(value: Any, translate: Callable[[Any], Any]) -> Any:
    return [translate(item) for item in value] if isinstance(value, (list, tuple)) else translate(value)


class JsonData:
    """Puts `Json` around the values of a model's Json fields, and of those of related records that are written with it."""

    def __init__(self, fields: Dict[str, Dict[str, Any]], models: Dict[str, "JsonData"]) -> None:
        values = {name: field["list"] for name, field in fields.items() if field["kind"] == "scalar" and field["type"] == "Json"}
        self._values: FrozenSet[str] = frozenset(name for name, is_list in values.items() if not is_list)
        self._lists: FrozenSet[str] = frozenset(name for name, is_list in values.items() if is_list)
        self._relations: Dict[str, str] = {name: field["type"] for name, field in fields.items() if field["relation"]}
        self._names = frozenset(fields)
        self._models = models

    def wrapped(self, data: Any) -> Any:
        """The data of one record, or of several."""
        if isinstance(data, (list, tuple)):
            return [self.wrapped(item) for item in data]
        if not isinstance(data, Mapping):
            return data
        return {name: self._value(name, value) for name, value in data.items()}

    def _value(self, name: Any, value: Any) -> Any:
        if name in self._values:
            return _as_json(value)
        if name in self._lists:
            if isinstance(value, Mapping) and ("set" in value or "push" in value):
                return {step: _pushed(item) if step == "push" else _each(item, _as_json) for step, item in value.items()}
            return _each(value, _as_json)
        target = self._models.get(self._relations.get(name, ""))
        if target is None or not isinstance(value, Mapping):
            return value
        return {step: _each(item, lambda part, step=step: target._step(step, part)) for step, item in value.items()}  # type: ignore[misc]

    def _step(self, step: Any, part: Any) -> Any:
        """One step of a nested write: `{"create": {…}}`, `{"update": {"where": …, "data": {…}}}`."""
        if not isinstance(part, Mapping):
            return part
        # Why: `update` of a single related record takes its data, or its data below `data`.
        if step in _DATA_STEPS or step == "update" and not ("data" in part and "data" not in self._names):
            return self.wrapped(part)
        return {name: self.wrapped(item) if name in _MEMBERS else item for name, item in part.items()}


def json_data(schema: Dict[str, Any]) -> Dict[str, JsonData]:
    """Of each model, as `{"operation": "$schema"}` describes it."""
    found: Dict[str, JsonData] = {}
    for name, model in schema["models"].items():
        found[name] = JsonData(model["fields"], found)
    return found
