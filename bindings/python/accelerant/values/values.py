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

    def __init__(self, value: Any) -> None:
        self.value = value

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


class FieldRef(Generic[T]):
    """Another field of the same model, to compare with: `{"total": {"gt": db.order.fields.paid}}`. `T` is the type of its values."""

    def __init__(self, model: str, field: str) -> None:
        self.model = model
        #: Its name in the schema.
        self.field = field

    def __repr__(self) -> str:
        return f"FieldRef({self.model!r}, {self.field!r})"
