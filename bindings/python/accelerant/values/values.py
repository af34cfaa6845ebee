"""Values of requests that Python has no class for."""
from __future__ import annotations

from typing import Any, Generic, TypeVar

T = TypeVar("T")


class _Null:
    """One of Prisma's three nulls of Json fields."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


#: The SQL NULL of a Json field.
DbNull = _Null("DbNull")
#: The JSON value null.
JsonNull = _Null("JsonNull")
#: Either of them, in filters.
AnyNull = _Null("AnyNull")


#: An argument that is not given.
UNDEFINED = _Null("undefined")


class Json:
    """A JSON value, taken as data whatever it looks like. It holds what JSON has (dictionaries, lists, texts, finite numbers, truths, None)
    and is read as it was given; anything else in it is a TypeError that names its place."""

    def __init__(self, data: Any) -> None:
        self.value = data

    @property
    def data(self) -> Any:
        """The value."""
        return self.value

    @classmethod
    def keys(cls, **values: Any) -> "Json":
        """An object of these members."""
        return cls(values)

    def __eq__(self, other: object) -> bool:
        return self.value == other.value if isinstance(other, Json) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Json({self.value!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        # Why: a field of a pydantic model is read from JSON text, as pydantic's own Json is, and holds what that says.
        from pydantic_core import core_schema  # type: ignore[import-not-found,unused-ignore]

        return core_schema.no_info_plain_validator_function(cls._validate)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        return {}

    @classmethod
    def _validate(cls, value: Any) -> Any:
        if isinstance(value, (str, bytes, bytearray)):
            import json

            return json.loads(value)
        return value.value if isinstance(value, Json) else value


class FieldRef(Generic[T]):
    """Another field of the same model, to compare with: `{"total": {"gt": db.order.fields.paid}}`. `T` is the type of its values."""

    def __init__(self, model: str, field: str) -> None:
        self.model = model
        #: Its name in the schema.
        self.field = field

    def __repr__(self) -> str:
        return f"FieldRef({self.model!r}, {self.field!r})"
