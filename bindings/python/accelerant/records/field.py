"""What a decoder has to know of a record's fields."""
from __future__ import annotations

import keyword
from typing import TYPE_CHECKING, Any, Dict, List, NamedTuple, Optional, Tuple, Type

if TYPE_CHECKING:
    from .record import Record


class Field(NamedTuple):
    """One field of a model.

    A decoder, in Python or in C, makes a record from the JSON of an answer with this alone. `kind` says how a value is written in the
    answer, and what it becomes:

    | kind | in the answer | in Python |
    |---|---|---|
    | `String` `Boolean` `Int` `Json` | itself | itself |
    | `Float` | a number | `float`, also of `2` |
    | `BigInt` | a text | `int` |
    | `Decimal` | a text | `decimal.Decimal` |
    | `DateTime` | a text in ISO 8601, UTC | an aware `datetime.datetime` |
    | `Date` `Time` | the same | `datetime.date`, `datetime.time` |
    | `Uuid` | a text | `uuid.UUID` |
    | `Bytes` | base64 | `target(text as bytes)`: a `Base64`; `bytes` where `target` is None |
    | `Enum` | a name | the member of `target` whose value it is; the name itself where `target` is None |
    | `Relation` | an object, or a list of them | a record of the class `target` |

    null is None, in lists, too.
    """

    #: The attribute in Python.
    name: str
    #: The member in JSON.
    key: str
    kind: str
    is_list: bool = False
    #: Whether None is one of its values.
    is_optional: bool = False
    #: A subclass of `Record`, an `Enum`, or None.
    target: Any = None
    #: What the schema calls the type: `DateTime`, the name of an enum or of a model.
    type: str = ""
    #: How many digits a Decimal has behind the point at least; -1 where the column does not say.
    scale: int = -1

    @property
    def annotation(self) -> Any:
        """The type of the attribute; pydantic's name for it."""
        return annotation_of(self)

    def is_required(self) -> bool:
        """Whether a record cannot be made without it; pydantic's name for it."""
        return not self.is_optional


    @property
    def default(self) -> Any:
        """What it is where nothing is given; `...` where something has to be."""
        return None if self.is_optional else ...

    @property
    def alias(self) -> Optional[str]:
        """Its name in the schema, where that is another."""
        return None if self.key == self.name else self.key


def annotation_of(field: Field) -> Any:
    """The type of a field's attribute."""
    found: Any = field.target if field.target is not None else _types()[field.kind]
    if field.is_list:
        found = List[found]
    return Optional[found] if field.is_optional else found


def _types() -> Dict[str, Any]:
    import datetime
    import decimal
    import uuid

    return {
        "String": str, "Boolean": bool, "Int": int, "BigInt": int, "Float": float, "Decimal": decimal.Decimal, "Enum": str, "Bytes": bytes,
        "DateTime": datetime.datetime, "Date": datetime.date, "Time": datetime.time, "Uuid": uuid.UUID, "Json": Any,
    }


class FieldsByName:
    """What `User.model_fields` is, by pydantic's name: the fields of a class of records by their attributes."""

    def __get__(self, record: Any, kind: "Type[Record]") -> "Dict[str, Field]":
        return {field.name: field for field in fields_of(kind)}


class Parameters:
    """What `inspect.signature(User)` tells, and completion shows: how a record is made by hand."""

    def __get__(self, record: Any, kind: "Type[Record]") -> Any:
        import inspect

        found = [
            inspect.Parameter(
                field.name, inspect.Parameter.KEYWORD_ONLY, annotation=field.annotation,
                default=None if field.is_optional else inspect.Parameter.empty)
            for field in fields_of(kind) if field.name.isidentifier() and not keyword.iskeyword(field.name)]
        return inspect.Signature(found)


def fields_of(record: "Type[Record]") -> Tuple[Field, ...]:
    """The fields of a class of records, in the order of the schema. Relations may lead back to the class itself."""
    # Why not inherited: a subclass may have more fields than its base.
    found: Optional[Tuple[Field, ...]] = record.__dict__.get("__record_fields__")
    if found is None:
        found = record.__record_fields__ = record._describe()
    return found
