"""The updates of scalars and the filters of lists that all generated packages share.

Imported when a program first names a type.
"""
from __future__ import annotations

import datetime
from typing import List, Optional, TypedDict, Union

from .filters import BytesInput, DecimalInput, JsonInput, UuidInput


class AtomicIntInput(TypedDict, total=False):
    """One change of a whole number."""

    set: Optional[int]
    increment: int
    decrement: int
    multiply: int
    divide: int


class AtomicFloatInput(TypedDict, total=False):
    """One change of a number."""

    set: Optional[float]
    increment: float
    decrement: float
    multiply: float
    divide: float


class AtomicDecimalInput(TypedDict, total=False):
    """One change of a decimal number."""

    set: Optional[DecimalInput]
    increment: DecimalInput
    decrement: DecimalInput
    multiply: DecimalInput
    divide: DecimalInput


AtomicBigIntInput = AtomicIntInput


class StringListOperators(TypedDict, total=False):
    """A filter of a list of String values."""

    equals: Optional[List[str]]
    has: str
    has_every: List[str]
    has_some: List[str]
    is_empty: bool


class StringListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[str]
    push: Union[str, List[str]]


StringListFilter = Union[List[str], StringListOperators]
StringListUpdate = Union[List[str], StringListChange]


class DateTimeListOperators(TypedDict, total=False):
    """A filter of a list of DateTime values."""

    equals: Optional[List[datetime.datetime]]
    has: datetime.datetime
    has_every: List[datetime.datetime]
    has_some: List[datetime.datetime]
    is_empty: bool


class DateTimeListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[datetime.datetime]
    push: Union[datetime.datetime, List[datetime.datetime]]


DateTimeListFilter = Union[List[datetime.datetime], DateTimeListOperators]
DateTimeListUpdate = Union[List[datetime.datetime], DateTimeListChange]


class DateListOperators(TypedDict, total=False):
    """A filter of a list of Date values."""

    equals: Optional[List[datetime.date]]
    has: datetime.date
    has_every: List[datetime.date]
    has_some: List[datetime.date]
    is_empty: bool


class DateListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[datetime.date]
    push: Union[datetime.date, List[datetime.date]]


DateListFilter = Union[List[datetime.date], DateListOperators]
DateListUpdate = Union[List[datetime.date], DateListChange]


class TimeListOperators(TypedDict, total=False):
    """A filter of a list of Time values."""

    equals: Optional[List[datetime.time]]
    has: datetime.time
    has_every: List[datetime.time]
    has_some: List[datetime.time]
    is_empty: bool


class TimeListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[datetime.time]
    push: Union[datetime.time, List[datetime.time]]


TimeListFilter = Union[List[datetime.time], TimeListOperators]
TimeListUpdate = Union[List[datetime.time], TimeListChange]


class BooleanListOperators(TypedDict, total=False):
    """A filter of a list of Boolean values."""

    equals: Optional[List[bool]]
    has: bool
    has_every: List[bool]
    has_some: List[bool]
    is_empty: bool


class BooleanListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[bool]
    push: Union[bool, List[bool]]


BooleanListFilter = Union[List[bool], BooleanListOperators]
BooleanListUpdate = Union[List[bool], BooleanListChange]


class IntListOperators(TypedDict, total=False):
    """A filter of a list of Int values."""

    equals: Optional[List[int]]
    has: int
    has_every: List[int]
    has_some: List[int]
    is_empty: bool


class IntListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[int]
    push: Union[int, List[int]]


IntListFilter = Union[List[int], IntListOperators]
IntListUpdate = Union[List[int], IntListChange]


class FloatListOperators(TypedDict, total=False):
    """A filter of a list of Float values."""

    equals: Optional[List[float]]
    has: float
    has_every: List[float]
    has_some: List[float]
    is_empty: bool


class FloatListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[float]
    push: Union[float, List[float]]


FloatListFilter = Union[List[float], FloatListOperators]
FloatListUpdate = Union[List[float], FloatListChange]


class BytesListOperators(TypedDict, total=False):
    """A filter of a list of Bytes values."""

    equals: Optional[List[BytesInput]]
    has: BytesInput
    has_every: List[BytesInput]
    has_some: List[BytesInput]
    is_empty: bool


class BytesListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[BytesInput]
    push: Union[BytesInput, List[BytesInput]]


BytesListFilter = Union[List[BytesInput], BytesListOperators]
BytesListUpdate = Union[List[BytesInput], BytesListChange]


class DecimalListOperators(TypedDict, total=False):
    """A filter of a list of Decimal values."""

    equals: Optional[List[DecimalInput]]
    has: DecimalInput
    has_every: List[DecimalInput]
    has_some: List[DecimalInput]
    is_empty: bool


class DecimalListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[DecimalInput]
    push: Union[DecimalInput, List[DecimalInput]]


DecimalListFilter = Union[List[DecimalInput], DecimalListOperators]
DecimalListUpdate = Union[List[DecimalInput], DecimalListChange]


class UuidListOperators(TypedDict, total=False):
    """A filter of a list of Uuid values."""

    equals: Optional[List[UuidInput]]
    has: UuidInput
    has_every: List[UuidInput]
    has_some: List[UuidInput]
    is_empty: bool


class UuidListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[UuidInput]
    push: Union[UuidInput, List[UuidInput]]


UuidListFilter = Union[List[UuidInput], UuidListOperators]
UuidListUpdate = Union[List[UuidInput], UuidListChange]


class JsonListOperators(TypedDict, total=False):
    """A filter of a list of Json values."""

    equals: Optional[List[JsonInput]]
    has: JsonInput
    has_every: List[JsonInput]
    has_some: List[JsonInput]
    is_empty: bool


class JsonListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[JsonInput]
    push: Union[JsonInput, List[JsonInput]]


JsonListFilter = Union[List[JsonInput], JsonListOperators]
JsonListUpdate = Union[List[JsonInput], JsonListChange]


class BigIntListOperators(TypedDict, total=False):
    """A filter of a list of BigInt values."""

    equals: Optional[List[int]]
    has: int
    has_every: List[int]
    has_some: List[int]
    is_empty: bool


class BigIntListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[int]
    push: Union[int, List[int]]


BigIntListFilter = Union[List[int], BigIntListOperators]
BigIntListUpdate = Union[List[int], BigIntListChange]
