"""Turns answers into Python values, as the schema says: Decimal, datetime, bytes and integers of any size."""
from __future__ import annotations

import base64
from typing import Any, Callable, Dict, List, Optional, Tuple

from .values import datetime_from, decimal_from

Convert = Callable[[Any], Any]

#: The types whose JSON form is not their Python form already.
_CONVERSIONS: Dict[str, Convert] = {
    "BigInt": int,
    "Decimal": decimal_from,
    "DateTime": datetime_from,
    "Bytes": base64.b64decode,
}


def _for_each(convert: Convert) -> Convert:
    return lambda items: [None if item is None else convert(item) for item in items]


class ModelDecoder:
    """Decodes the answers about one model, in place: an answer is ours until it is handed out."""

    def __init__(self, fields: Dict[str, Dict[str, Any]]) -> None:
        self._scalars: List[Tuple[str, Convert]] = []
        self._averages: List[Tuple[str, Convert]] = []
        self._relations: List[Tuple[str, "ModelDecoder"]] = []
        for name, field in fields.items():
            convert = None if field["relation"] else _CONVERSIONS.get(field["type"])
            if convert is None:
                continue
            self._scalars.append((name, _for_each(convert) if field["list"] else convert))
            if field["type"] == "Decimal" and not field["list"]:
                self._averages.append((name, convert))

    def relate(self, name: str, other: "ModelDecoder") -> None:
        self._relations.append((name, other))

    def record(self, record: Optional[Dict[str, Any]]) -> Optional[Dict[str, Any]]:
        """A record of a find, with the related records in it."""
        if record is None:
            return None
        _convert(record, self._scalars)
        for name, other in self._relations:
            related = record.get(name)
            if type(related) is list:
                other.records(related)
            elif related is not None:
                other.record(related)
        return record

    def records(self, records: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
        if self._scalars or self._relations:
            for record in records:
                self.record(record)
        return records

    def aggregate(self, answer: Dict[str, Any]) -> Dict[str, Any]:
        """The answer of `aggregate`, or one group of `groupBy`."""
        _convert(answer, self._scalars)
        for name in ("_sum", "_min", "_max"):
            if answer.get(name):
                _convert(answer[name], self._scalars)
        if answer.get("_avg"):
            _convert(answer["_avg"], self._averages)
        return answer

    def groups(self, groups: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
        for group in groups:
            self.aggregate(group)
        return groups


def _convert(record: Dict[str, Any], conversions: List[Tuple[str, Convert]]) -> None:
    for name, convert in conversions:
        value = record.get(name)
        if value is not None:
            record[name] = convert(value)


def decoders(schema: Dict[str, Any]) -> Dict[str, ModelDecoder]:
    """A decoder for each model of a schema, as `{"operation": "$schema"}` describes it."""
    models = schema["models"]
    found = {name: ModelDecoder(model["fields"]) for name, model in models.items()}
    for name, model in models.items():
        for field_name, field in model["fields"].items():
            if field["relation"] and field["type"] in found:
                found[name].relate(field_name, found[field["type"]])
    return found
