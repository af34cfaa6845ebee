"""Answers of `group_by` and rows of raw SQL: dictionaries with Python's values."""
from __future__ import annotations

import json
import typing
import uuid
from typing import Any, Callable, Dict, List, Type

from ...codec import kinds
from ...codec.form import Form, Table
from ...codec.kinds import Member
from ...codec.models import member_of
from ...library import native_module
from ...records import Record
from ...values import Base64, Json
from ..schema import ModelSchema

Convert = Callable[[Any], Any]


def aggregate_form(model: ModelSchema, package: Any) -> Form:
    """The form of the groups of an answer: dictionaries by the names that Python has for the fields, with their types."""
    module = native_module()

    def scalars() -> List[Member]:
        return [member_of(package.field_of(field)) for field in model.scalars]

    def averages() -> List[Member]:
        return [
            member if member.kind == kinds.DECIMAL else member._replace(kind=kinds.FLOAT)
            for field, member in zip(model.scalars, scalars()) if field.type in ("Int", "BigInt", "Float", "Decimal")]

    def counts() -> List[Member]:
        return [Member(field.key, field.name, kinds.PLAIN) for field in model.fields]

    def groups() -> List[Member]:
        values, means, numbers = (Form(members, None, module) for members in (scalars, averages, counts))
        below = {"_count": numbers, "_avg": means, "_sum": values, "_min": values, "_max": values}
        return [*scalars(), *(Member(name, name, kinds.OBJECT, form) for name, form in below.items())]

    return Form(groups, None, module)


raw_rows = Table({**kinds.OF_RAW_TYPES, "uuid": uuid.UUID, "uuid-array": uuid.UUID})


def rows_of(answer: Any) -> List[Any]:
    """The rows of `$queryRaw`; none of what is no query."""
    return answer if isinstance(answer, list) else []


def raw_records(model: Any) -> Convert:
    """Makes of the rows records of a class, or instances of any class that pydantic makes of dictionaries."""
    is_record = isinstance(model, type) and issubclass(model, Record)
    columns = _columns(model) if is_record else {}
    labels = _labels(model) if is_record else {}
    texts = [] if is_record else _json_texts(model)

    def decode(answer: Any) -> List[Any]:
        rows = rows_of(raw_rows(answer))
        if columns:
            rows = [{columns.get(name, name): value for name, value in row.items()} for row in rows]
        for name, names in labels.items():
            for row in rows:
                if name in row:
                    row[name] = _named(row[name], names)
        if is_record:
            # Why: a record takes bytes for base64.
            rows = [{name: _in_base64(value) for name, value in row.items()} for row in rows]
        for name in texts:
            for row in rows:
                if row.get(name) is not None:
                    row[name] = json.dumps(row[name])
        if hasattr(model, "model_validate"):
            return [model.model_validate(row) for row in rows]
        return [model.parse_obj(row) if hasattr(model, "parse_obj") else model(**row) for row in rows]

    return decode


def _json_texts(model: Any) -> List[str]:
    """The fields of a pydantic model that are read from JSON text: those of pydantic's type `Json`, and of ours."""
    found = []
    for name, field in (getattr(model, "model_fields", None) or {}).items():
        kinds = [*field.metadata, field.annotation, *typing.get_args(field.annotation)]
        kinds += [item for kind in kinds for item in getattr(kind, "__metadata__", ())]
        if any(_is_json_text(kind) for kind in kinds):
            found.append(field.validation_alias if isinstance(field.validation_alias, str) else name)
    return found


def _is_json_text(kind: Any) -> bool:
    name = kind if isinstance(kind, type) else type(kind)
    return name is Json or name.__name__ == "Json" and name.__module__.startswith("pydantic")


def _in_base64(value: Any) -> Any:
    if isinstance(value, list):
        return [_in_base64(item) for item in value]
    return Base64.encode(value) if isinstance(value, bytes) else value


def _named(value: Any, names: Dict[str, str]) -> Any:
    return [_named(item, names) for item in value] if isinstance(value, list) else names.get(value, value)


def _labels(model: Type[Record]) -> Dict[str, Dict[str, str]]:
    """Of the fields whose enum has other labels in the database: the members by these."""
    package = model.__record_package__
    labels: Dict[str, Dict[str, str]] = package.schema.labels
    return {field.name: labels[field.type] for field in package.schema.model(model.__prisma_model__).scalars if field.type in labels}


def _columns(model: Type[Record]) -> Dict[str, str]:
    """The attributes of a class of records by the columns of its table, where these are other names."""
    schema = model.__record_package__.schema.model(model.__prisma_model__)
    return {field.column: field.name for field in schema.scalars if field.column != field.name}
