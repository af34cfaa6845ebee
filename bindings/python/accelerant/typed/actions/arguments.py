"""Arguments as Python writes them become Prisma's: names of fields and operators, and Json values."""
from __future__ import annotations

import difflib
from typing import Any, Callable, Dict, Optional, Type

from ...errors import UnknownRelationalFieldError
from ...records import Record
from ...values import DbNull, FieldRef, Json, JsonNull
from ...values.values import UNDEFINED
from ..schema import ModelField, ModelSchema, PackageSchema
from . import moments

#: Operators and arguments that Python spells differently. Names of fields are never looked up here.
ALIASES = {
    "startswith": "startsWith", "starts_with": "startsWith", "endswith": "endsWith", "ends_with": "endsWith", "not_in": "notIn",
    "has_every": "hasEvery", "has_some": "hasSome", "is_empty": "isEmpty", "is_not": "isNot",
    "connect_or_create": "connectOrCreate", "create_many": "createMany", "update_many": "updateMany", "delete_many": "deleteMany",
    "skip_duplicates": "skipDuplicates", "order_by": "orderBy", "order": "orderBy",
}
_LOGIC = ("AND", "OR", "NOT")
_RELATION_FILTERS = frozenset({"is", "is_not", "isNot", "some", "every", "none"})
#: Operators of a Json filter whose value is a Json value.
_JSON_OPERATORS = frozenset({"equals", "not", "array_contains", "array_starts_with", "array_ends_with", "lt", "lte", "gt", "gte"})
_NULLS = type(DbNull)
#: Types of values that need no translation.
_PLAIN = frozenset({str, int, bool})
Where = Callable[[ModelSchema, Any], Any]


class Arguments:
    """Translates for the models of one package."""

    def __init__(self, schema: PackageSchema) -> None:
        self._schema = schema

    # Filters

    def where(self, model: ModelSchema, value: Any) -> Any:
        """A filter, a unique key, a cursor, or `having`."""
        if not isinstance(value, dict):
            return value
        found: Dict[str, Any] = {}
        for key, item in value.items():
            field = model.by_name.get(key)
            if field is not None:
                if type(item) in _PLAIN and field.kind != "Json":
                    found[field.key] = item
                else:
                    found[field.key] = self._relation_filter(field, item) if field.is_relation else _scalar_filter(field, item)
            elif key in _LOGIC:
                found[key] = _each(item, lambda part: self.where(model, part))
            elif key in model.compounds and isinstance(item, dict):
                found[key] = {_key_of(model, name): moments.stored(model.by_name.get(name), part) for name, part in item.items()}
            else:
                found[key] = item
        return found

    def unique(self, model: ModelSchema, value: Any) -> Any:
        """A unique key, or a cursor: as a filter, but a key is one value."""
        if not isinstance(value, dict):
            return value
        found = self.where(model, value)
        for key, item in value.items():
            field = model.by_name.get(key)
            if field is not None and field.is_unique and field.is_milliseconds:
                found[field.key] = moments.stored(field, item)
        return found

    def _relation_filter(self, field: ModelField, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        target = self._schema.model(field.type)
        if value and all(key in _RELATION_FILTERS for key in value):
            return {ALIASES.get(key, key): self.where(target, item) for key, item in value.items()}
        return self.where(target, value)

    # Data

    def data(self, model: ModelSchema, value: Any) -> Any:
        """The values of a record to be written, with nested writes."""
        if not isinstance(value, dict):
            return value
        found: Dict[str, Any] = {}
        for key, item in value.items():
            field = model.by_name.get(key)
            if field is None:
                found[key] = item
            elif field.is_relation:
                found[field.key] = self._nested(field, item)
            else:
                found[field.key] = _json_value(field, item) if field.kind == "Json" else item
        return found

    def _nested(self, field: ModelField, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        target = self._schema.model(field.type)
        found = {}
        for name, item in value.items():
            step = ALIASES.get(str(name), str(name))
            # Why not always by a key: one related record may be named by any filter.
            is_key = step in ("connect", "connectOrCreate", "set") or field.is_list and step in ("delete", "disconnect", "update", "upsert")
            found[step] = _each(item, self._step(step, target, self.unique if is_key else self.where))
        return found

    def _step(self, step: str, target: ModelSchema, where: Where) -> Callable[[Any], Any]:
        """What translates the value of one step of a nested write."""
        if step in ("create", "createMany", "connectOrCreate", "update", "updateMany", "upsert"):
            return lambda item: self._written(step, target, item, where)
        return lambda item: where(target, item)

    def _written(self, step: str, target: ModelSchema, item: Any, where: Where) -> Any:
        if not isinstance(item, dict):
            return item
        # Why: `update` of a single related record takes its data, or its data below `data`.
        if step == "create" or step == "update" and not ("data" in item and "data" not in target.by_name):
            return self.data(target, item)
        found = {}
        for name, part in item.items():
            if name == "where":
                found[name] = where(target, part)
            elif name in ("data", "create", "update"):
                found[name] = _each(part, lambda values: self.data(target, values))
            else:
                found[ALIASES.get(name, name)] = part
        return found

    # Order and selection

    def order(self, model: ModelSchema, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [self.order(model, item) for item in value]
        if not isinstance(value, dict):
            return value
        found = {}
        for key, item in value.items():
            field = model.by_name.get(key)
            if field is None:
                found[key] = self._special_order(model, key, item)
            else:
                found[field.key] = self.order(self._schema.model(field.type), item) if field.is_relation else item
        return found

    def _special_order(self, model: ModelSchema, key: str, item: Any) -> Any:
        """`_relevance`, or an aggregate."""
        if not isinstance(item, dict):
            return item
        if key == "_relevance":
            return {**item, "fields": self.names(model, item.get("fields"))}
        return {_key_of(model, name): part for name, part in item.items()}

    def names(self, model: ModelSchema, value: Any) -> Any:
        """Names of fields: of `distinct`, `by`."""
        if isinstance(value, str):
            return _key_of(model, value)
        return [_key_of(model, name) for name in value] if isinstance(value, (list, tuple)) else value

    def chosen(self, model: ModelSchema, value: Any) -> Any:
        """The names that are chosen by `{"name": True}`."""
        if not isinstance(value, dict):
            return value
        return {_key_of(model, name): True for name, is_chosen in value.items() if is_chosen}

    def selection(self, model: ModelSchema, kind: Optional[Type[Record]], include: Any) -> Dict[str, Any]:
        """`include`, or `select` for a class of records that has not all fields; empty where nothing is said."""
        related = self._include(model, kind, include)
        chosen = _partial_fields(kind)
        if chosen is None:
            return {"include": related} if related else {}
        return {"select": {**chosen, **related}}

    def _include(self, model: ModelSchema, kind: Optional[Type[Record]], include: Any) -> Dict[str, Any]:
        if not isinstance(include, dict):
            return include or {}
        found: Dict[str, Any] = {}
        for name, asked in include.items():
            field = model.by_name.get(name)
            if asked is None or asked is False:
                continue
            if asked is not True and not isinstance(asked, dict):
                raise TypeError(f"`{name}`: Expected `bool` or `dict` include value but got {type(asked)} instead.")
            if name == "_count":
                found[name] = asked
                continue
            if field is None or not field.is_relation:
                raise unknown_relation(model, name)
            below = _target_of(kind, field)
            found[field.key] = self._related(self._schema.model(field.type), below, asked)
        return found

    def _related(self, model: ModelSchema, kind: Optional[Type[Record]], asked: Any) -> Any:
        args = asked if isinstance(asked, dict) else {}
        found = self.selection(model, kind, args.get("include"))
        for name, item in args.items():
            if item is not None and name != "include":
                key = ALIASES.get(str(name), str(name))
                found[key] = self.page_argument(model, key, item)
        return found or True

    def page_argument(self, model: ModelSchema, key: str, value: Any) -> Any:
        if key == "where":
            return self.where(model, value)
        if key == "cursor":
            return self.unique(model, value)
        if key == "orderBy":
            return self.order(model, value)
        return self.names(model, value) if key == "distinct" else value


def unknown_relation(model: ModelSchema, name: str) -> UnknownRelationalFieldError:
    """The error of an `include` that names no relation."""
    relations = [field.name for field in model.relations]
    near = difflib.get_close_matches(name, relations, n=1)
    hint = f". Did you mean `{near[0]}`?" if near else ""
    return UnknownRelationalFieldError(
        model.name, name, hint=hint, meta={"path": "args.include." + name, "kind": "unknownField", "expected": relations})


def _each(value: Any, translate: Callable[[Any], Any]) -> Any:
    return [translate(item) for item in value] if isinstance(value, (list, tuple)) else translate(value)


def _key_of(model: ModelSchema, name: Any) -> Any:
    field = model.by_name.get(name)
    return name if field is None else field.key


def _scalar_filter(field: ModelField, value: Any) -> Any:
    if field.kind == "Json":
        return _json_list_filter(value) if field.is_list else _json_filter(value)
    if not isinstance(value, dict):
        if field.is_list and isinstance(value, (list, tuple)):
            return {"equals": value}
        return moments.filter_of(value) if field.is_milliseconds else value
    found = {ALIASES.get(str(key), str(key)): _scalar_filter(field, item) if isinstance(item, dict) else item for key, item in value.items()}
    return moments.widened(found) if field.is_milliseconds else found


def _json_filter(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_json(item) if key in _JSON_OPERATORS else item for key, item in value.items()}
    return {"equals": DbNull if value is None else _as_json(value)}


def _json_list_filter(value: Any) -> Any:
    if not isinstance(value, dict):
        return value if value is None else {"equals": _each(value, _as_json)}
    found = {ALIASES.get(key, key): item for key, item in value.items()}
    return {key: item if key == "isEmpty" or item is None else _each(item, _as_json) for key, item in found.items()}


def _json_value(field: ModelField, value: Any) -> Any:
    """A value of a Json field, which needs no `Json` around it; None is the database's NULL."""
    if field.is_list:
        if isinstance(value, dict) and len(value) == 1 and "set" in value:
            return {"set": _each(value["set"], _as_json)}
        if isinstance(value, dict) and len(value) == 1 and "push" in value:
            pushed = value["push"]
            # Why: the library takes a list without values for the Json value `[]`.
            return UNDEFINED if isinstance(pushed, (list, tuple)) and not pushed else {"push": _pushed(pushed)}
        return _each(value, _as_json)
    return DbNull if value is None else _as_json(value)


def _pushed(value: Any) -> Any:
    """One Json value, or each of a list. Why nulls in `Json`, too: what is all tagged as Json is a list of values, else one value."""
    return _each(value, lambda item: Json(None) if item is JsonNull else _as_json(item))


def _as_json(value: Any) -> Any:
    return value if isinstance(value, (Json, FieldRef, _NULLS)) else Json(value)


def _partial_fields(kind: Optional[Type[Record]]) -> Optional[Dict[str, bool]]:
    """The scalar fields that a class of records has; None where it has all."""
    return None if kind is None else kind.__record_selection__


def _target_of(kind: Optional[Type[Record]], field: ModelField) -> Optional[Type[Record]]:
    """The class of a relation's records, where it is another one than the model's."""
    return None if kind is None else kind.__record_targets__.get(field.key)
