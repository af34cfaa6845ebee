"""Answers of `group_by` and rows of raw SQL: dictionaries with Python's values."""
from __future__ import annotations

from typing import Any, Callable, Dict, List, Type

from ...codec.form import TABLE
from ...records import Record
from ...records.decoding import converter
from ..schema import ModelSchema

Convert = Callable[[Any], Any]


def aggregate_decoder(model: ModelSchema, package: Any) -> Convert:
    """Makes of the groups of an answer dictionaries by the names that Python has for the fields, with their types."""
    conversions: Dict[str, Convert] = {}
    names = {field.key: field.name for field in model.fields if field.key != field.name}
    for field in model.scalars:
        convert = converter(package.field_of(field))
        if convert is not None:
            conversions[field.key] = convert

    def part(values: Dict[str, Any], is_average: bool = False) -> Dict[str, Any]:
        found = {}
        for key, value in values.items():
            convert = conversions.get(key)
            if value is not None and convert is not None and not (is_average and not isinstance(value, str)):
                value = convert(value)
            found[names.get(key, key)] = value
        return found

    def decode(groups: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
        for group in groups:
            below = {name: group.pop(name) for name in ("_count", "_avg", "_sum", "_min", "_max") if name in group}
            values = part(group)
            group.clear()
            group.update(values)
            for name, found in below.items():
                if name == "_count":
                    group[name] = {names.get(key, key): value for key, value in found.items()} if isinstance(found, dict) else found
                else:
                    group[name] = part(found, name == "_avg")
        return groups

    return decode


def raw_rows(answer: Any) -> List[Dict[str, Any]]:
    """The rows of `$queryRaw` with types, each a dictionary by the columns' names; none of what is no query."""
    rows = TABLE(answer)
    return rows if isinstance(rows, list) else []


def raw_records(model: Any) -> Convert:
    """Makes of the rows records of a class, or instances of any class that pydantic makes of dictionaries."""
    columns = _columns(model) if isinstance(model, type) and issubclass(model, Record) else {}

    def decode(answer: Any) -> List[Any]:
        rows = raw_rows(answer)
        if columns:
            rows = [{columns.get(name, name): value for name, value in row.items()} for row in rows]
        if hasattr(model, "model_validate"):
            return [model.model_validate(row) for row in rows]
        return [model.parse_obj(row) if hasattr(model, "parse_obj") else model(**row) for row in rows]

    return decode


def _columns(model: Type[Record]) -> Dict[str, str]:
    """The attributes of a class of records by the columns of its table, where these are other names."""
    schema = model.__record_package__.schema.model(model.__prisma_model__)
    return {field.column: field.name for field in schema.scalars if field.column != field.name}
