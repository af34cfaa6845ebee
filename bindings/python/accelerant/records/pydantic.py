"""Records in pydantic's models, and in what is made of those: FastAPI's `response_model`, OpenAPI.

Imported when pydantic asks for a record's schema, so that the package does without it."""
from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any, Dict, List, Optional, Type

from .field import Field, fields_of
from .record import Record

_TYPES: Dict[str, Any] = {
    "String": str, "Boolean": bool, "Int": int, "BigInt": int, "Float": float, "Decimal": decimal.Decimal,
    "DateTime": datetime.datetime, "Date": datetime.date, "Time": datetime.time, "Uuid": uuid.UUID, "Json": Any,
}


def core_schema(kind: Type[Record], source: Any, handler: Any) -> Any:
    """The pydantic-core schema of a class of records: validated from dictionaries and objects, serialized field by field.

    Related records refer to their class by a definition, since relations lead in circles."""
    from pydantic_core import core_schema as build  # type: ignore[import-not-found,unused-ignore]

    schemas: Dict[str, Any] = {}
    _collect(kind, handler, build, schemas)
    definitions = [schema for reference, schema in schemas.items()]
    return build.definitions_schema(build.definition_reference_schema(_reference(kind)), definitions)


def _reference(kind: Type[Record]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}:{id(kind)}"


def _collect(first: Type[Record], handler: Any, build: Any, schemas: Dict[str, Any]) -> None:
    rest: List[Type[Record]] = [first]
    while rest:
        kind = rest.pop()
        if _reference(kind) in schemas:
            continue
        schemas[_reference(kind)] = None
        members = {}
        for field in fields_of(kind):
            members[field.name] = build.typed_dict_field(_field(field, handler, build), required=_is_required(field))
            if field.kind == "Relation":
                rest.append(field.target)
        schemas[_reference(kind)] = _record(kind, members, build)


def _is_required(field: Field) -> bool:
    return not field.is_optional and field.kind != "Relation"


def _record(kind: Type[Record], members: Dict[str, Any], build: Any) -> Any:
    shape = build.typed_dict_schema(members, cls_name=kind.__name__)
    return build.no_info_before_validator_function(
        kind.model_validate,
        build.is_instance_schema(kind),
        ref=_reference(kind),
        metadata={"pydantic_js_functions": [lambda _, handler: _titled(handler(shape), kind)]},
        # Why wrapped: so the choices of fields of whoever serializes it go on to the fields, as FastAPI's `response_model_exclude`.
        serialization=build.wrap_serializer_function_ser_schema(_serialized, schema=shape),
    )


def _titled(schema: Dict[str, Any], kind: Type[Record]) -> Dict[str, Any]:
    schema.setdefault("title", kind.__name__)
    return schema


def _serialized(record: Any, serialize: Any) -> Any:
    return serialize(dict(record) if isinstance(record, Record) else record)


def _field(field: Field, handler: Any, build: Any) -> Any:
    schema = _single(field, handler, build)
    if field.is_list:
        schema = build.list_schema(schema)
    optional = field.is_optional or field.kind == "Relation"
    return build.with_default_schema(build.nullable_schema(schema), default=None) if optional else schema


def _single(field: Field, handler: Any, build: Any) -> Any:
    if field.kind == "Relation":
        return build.definition_reference_schema(_reference(field.target))
    wanted: Optional[Any] = field.target
    if wanted is None:
        wanted = bytes if field.kind == "Bytes" else str if field.kind == "Enum" else _TYPES.get(field.kind, Any)
    return handler.generate_schema(wanted)
