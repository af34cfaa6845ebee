"""References to the fields of a model."""
from __future__ import annotations

import difflib
from typing import Any, List, Type

from ...records import Record
from ...values import FieldRef


class FieldReferences:
    """The fields of a model by their names in Python."""

    def __init__(self, model: Type[Record]) -> None:
        self._model = model

    def __getattr__(self, name: str) -> FieldRef[Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        schema = self._model.__record_package__.schema.model(self._model.__prisma_model__)
        field = schema.by_name.get(name)
        if field is None or field.is_relation:
            near = difflib.get_close_matches(name, [other.name for other in schema.scalars], n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise AttributeError(f"{schema.name} has no field {name!r} to compare with{hint}")
        return FieldRef(schema.name, field.key)

    def __dir__(self) -> List[str]:
        schema = self._model.__record_package__.schema.model(self._model.__prisma_model__)
        return [field.name for field in schema.scalars]
