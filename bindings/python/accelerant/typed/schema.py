"""What a generated package knows of its schema: models, fields, enums, read from the description beside its modules."""
from __future__ import annotations

import json
import keyword
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

#: Names of fields that a class of records needs for itself.
_TAKEN = frozenset({"prisma"})
#: The words of a field's flags; digits behind them are the scale of a Decimal.
LIST, OPTIONAL, DEFAULT, UNIQUE, READ_ONLY, MILLISECONDS = "l", "o", "d", "u", "r", "m"


def attribute_name(name: str) -> str:
    """The name in Python of a field: its own, with an underscore behind it where Python or a record needs the name."""
    return name + "_" if keyword.iskeyword(name) or name in _TAKEN else name


class ModelField(NamedTuple):
    """A field, as the schema has it."""

    #: The attribute in Python.
    name: str
    #: The name in the schema, in requests and in answers.
    key: str
    #: `Int`, `Enum`, `Relation` …: see `accelerant.records.Field`.
    kind: str
    #: What the schema calls the type; of an enum or a relation its name.
    type: str
    flags: str
    #: The column's name.
    column: str
    documentation: str = ""

    @property
    def is_relation(self) -> bool:
        return self.kind == "Relation"

    @property
    def is_list(self) -> bool:
        return LIST in self.flags

    @property
    def is_optional(self) -> bool:
        return OPTIONAL in self.flags

    @property
    def is_unique(self) -> bool:
        return UNIQUE in self.flags

    @property
    def is_milliseconds(self) -> bool:
        """Whether the schema says a time of milliseconds, as it does where it says no native type."""
        return MILLISECONDS in self.flags

    @property
    def scale(self) -> int:
        """How many digits a Decimal has behind the point; -1 where the schema does not say."""
        digits = self.flags.lstrip("lodurm")
        return int(digits) if digits else -1

    @property
    def is_number(self) -> bool:
        return self.type in ("Int", "BigInt", "Float", "Decimal") and not self.is_list

    @property
    def is_required_on_create(self) -> bool:
        return not (self.is_relation or self.is_list or any(flag in self.flags for flag in (OPTIONAL, DEFAULT, READ_ONLY)))


class ModelSchema:
    """A model: its fields by their names in Python, and its unique keys."""

    __slots__ = ("name", "attribute", "table", "key", "compounds", "fields", "by_name", "documentation")

    def __init__(self, name: str, description: Dict[str, Any]) -> None:
        self.name = name
        #: What a client calls it: `db.user`.
        self.attribute: str = description["attribute"]
        self.table: str = description["table"]
        #: The fields of the primary key, or of the first unique key.
        self.key: Tuple[str, ...] = tuple(attribute_name(field) for field in description["key"])
        #: Unique keys of several fields, by the name that `where` calls them.
        self.compounds: Dict[str, List[str]] = description["compounds"]
        self.documentation: str = description.get("documentation", "")
        self.fields: List[ModelField] = []
        for field in description["fields"]:
            kind, key = field[1], field[0]
            self.fields.append(ModelField(attribute_name(key), key, kind, field[2] or kind, field[3], field[4] or key, *field[5:]))
        #: Each field by its name in Python, and by that of the schema.
        self.by_name: Dict[str, ModelField] = {}
        for field in self.fields:
            self.by_name[field.key] = self.by_name[field.name] = field

    @property
    def scalars(self) -> List[ModelField]:
        return [field for field in self.fields if not field.is_relation]

    @property
    def relations(self) -> List[ModelField]:
        return [field for field in self.fields if field.is_relation]


class PackageSchema:
    """The schema of a generated package. A model is read when it is first asked for."""

    def __init__(self, description: Dict[str, Any]) -> None:
        self._models: Dict[str, ModelSchema] = {}
        self._descriptions: Dict[str, Dict[str, Any]] = description["models"]
        #: The names of each enum's members, which are its values.
        self.enums: Dict[str, List[str]] = description["enums"]
        #: Of the enums whose members the database calls otherwise: these by its labels.
        self.labels: Dict[str, Dict[str, str]] = description.get("labels", {})
        self.interface: str = description["interface"]
        self.datasource: str = description["datasource"]
        self.partials: List[Dict[str, Any]] = description.get("partials", [])
        #: Models by the attribute of a client.
        self.attributes: Dict[str, str] = {}
        for name, model in self._descriptions.items():
            self.attributes[model["attribute"]] = name
            for other in model.get("others", ()):
                self.attributes.setdefault(other, name)

    @classmethod
    def read(cls, path: str) -> "PackageSchema":
        with open(path, encoding="utf-8") as file:
            return cls(json.load(file))

    @property
    def models(self) -> List[str]:
        return list(self._descriptions)

    def has_model(self, name: str) -> bool:
        return name in self._descriptions

    def model(self, name: str) -> ModelSchema:
        found: Optional[ModelSchema] = self._models.get(name)
        if found is None:
            found = self._models[name] = ModelSchema(name, self._descriptions[name])
        return found
