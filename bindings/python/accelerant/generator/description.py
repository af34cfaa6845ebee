"""The description of a schema that a generated package carries, made of the library's answer to `$schema`."""
from __future__ import annotations

import keyword
import re
from typing import Any, Dict, List, Optional

from ..client.client import Accelerant
from ..client.model import snake_case
from ..errors import GeneratorError

#: Names of models that a client has itself.
_TAKEN = frozenset({"accelerate", "connect", "disconnect", "tx"})
_NATIVE_KINDS = {"Date": "Date", "Time": "Time", "Timetz": "Time"}
_INSTANCE_NAME = re.compile(r"""@Python\s*\(\s*instance_name\s*:\s*["']([^"']*)["']\s*\)""")


def schema_of(text: str) -> Dict[str, Any]:
    """The library's view of a schema. No database is asked."""
    with Accelerant(text, datasource_url="postgresql://localhost/generator") as client:
        found: Dict[str, Any] = client.request({"operation": "$schema"})
    return found


def describe(schema: Dict[str, Any], interface: str, has_uuids: bool) -> Dict[str, Any]:
    """Each model's attribute, table, keys and fields, in the form that `accelerant.typed.schema` reads."""
    models: Dict[str, Any] = {}
    attributes: Dict[str, str] = {}
    for name, model in schema["models"].items():
        attribute = _attribute(name, model.get("documentation", ""))
        if attribute in attributes:
            hint = '/// @Python(instance_name: "another")'
            raise GeneratorError(
                f"the models {attributes[attribute]} and {name} are both called {attribute!r} in Python: put `{hint}` above one of them")
        attributes[attribute] = name
        models[name] = _model(attribute, model, has_uuids)
    for name, model in models.items():
        other = snake_case(name)
        if other not in attributes and not keyword.iskeyword(other):
            attributes[other] = name
            model["others"] = [other]
    return {
        "digest": schema.get("digest", ""), "interface": interface, "datasource": schema["datasource"]["name"], "enums": schema["enums"],
        "labels": _labels(schema.get("enumTypes", {})), "models": models,
    }


def _labels(types: Dict[str, Any]) -> Dict[str, Dict[str, str]]:
    """Of each enum, the names of the members that the database calls otherwise."""
    found = {}
    for name, described in types.items():
        others = {value["dbName"]: value["name"] for value in described["values"] if value["dbName"] != value["name"]}
        if others:
            found[name] = others
    return found


def _attribute(name: str, documentation: str) -> str:
    """What a client calls a model: its name in lower case, or what `/// @Python(instance_name: "…")` says."""
    said = _INSTANCE_NAME.search(documentation)
    attribute = said.group(1) if said else name.lower()
    if not attribute.isidentifier() or keyword.iskeyword(attribute) or attribute in _TAKEN:
        hint = '/// @Python(instance_name: "another")'
        raise GeneratorError(f"the model {name} cannot be called {attribute!r} in Python: put `{hint}` above it")
    return attribute


def _model(attribute: str, model: Dict[str, Any], has_uuids: bool) -> Dict[str, Any]:
    keys: List[Dict[str, Any]] = [*([model["primaryKey"]] if model.get("primaryKey") else []), *model["uniques"]]
    singles = {key["fields"][0] for key in keys if len(key["fields"]) == 1 and key["name"] == key["fields"][0]}
    foreign = {
        column for field in model["fields"].values() if field["relation"] for column in field.get("relationFromFields") or []}
    found = {
        "attribute": attribute,
        "table": model["dbName"],
        "key": keys[0]["fields"] if keys else [],
        "compounds": {key["name"]: key["fields"] for key in keys if key["name"] not in singles},
        "fields": [
            _field(name, field, name in singles, name in foreign, has_uuids)
            for name, field in model["fields"].items() if field["kind"] != "unsupported"],
    }
    if model.get("documentation"):
        found["documentation"] = model["documentation"]
    return found


def _field(name: str, field: Dict[str, Any], is_unique: bool, is_foreign: bool, has_uuids: bool) -> List[str]:
    kind = _kind(field, has_uuids)
    flags = "".join(flag for flag, holds in (
        ("m", field["type"] == "DateTime" and not field.get("nativeType")), ("l", field["list"]),
        ("o", not field["required"] and not field["list"]), ("u", is_unique), ("r", is_foreign),
        ("d", bool(field.get("hasDefaultValue")) or bool(field.get("isUpdatedAt")) or bool(field.get("isGenerated"))),
    ) if holds) + _scale(field)
    column: Optional[str] = field.get("dbName")
    column = "" if field["relation"] or column == name else column or ""
    found = [name, kind, "" if field["type"] == kind else field["type"], flags, column]
    return found + [field["documentation"]] if field.get("documentation") else found


def _scale(field: Dict[str, Any]) -> str:
    """How many digits a Decimal's column has behind the point, as text; empty where it does not say."""
    native = field.get("nativeType") or {}
    arguments = native.get("arguments") or []
    return str(arguments[1]) if field["type"] == "Decimal" and native.get("name") == "Decimal" and len(arguments) == 2 else ""


def _kind(field: Dict[str, Any], has_uuids: bool) -> str:
    if field["relation"]:
        return "Relation"
    if field["kind"] == "enum":
        return "Enum"
    native = (field.get("nativeType") or {}).get("name", "")
    if native == "Uuid" and has_uuids:
        return "Uuid"
    kind: str = field["type"]
    return _NATIVE_KINDS.get(native, kind) if kind == "DateTime" else kind
