"""The updates of scalars and the filters of lists that all generated packages share.

Imported when a program first names a type.
"""
from __future__ import annotations

import datetime
import decimal
import uuid
from typing import List, Optional, TypedDict, Union

from ...values import Base64, FieldRef, Json
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

    equals: Union[List[str], FieldRef[List[str]], None]
    has: Union[str, FieldRef[str]]
    has_every: Union[List[str], FieldRef[List[str]]]
    has_some: Union[List[str], FieldRef[List[str]]]
    is_empty: bool


class StringListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[str]
    push: Union[str, List[str]]


StringListFilter = Union[List[str], StringListOperators]
StringListUpdate = Union[List[str], StringListChange]


class DateTimeListOperators(TypedDict, total=False):
    """A filter of a list of DateTime values."""

    equals: Union[List[datetime.datetime], FieldRef[List[datetime.datetime]], None]
    has: Union[datetime.datetime, FieldRef[datetime.datetime]]
    has_every: Union[List[datetime.datetime], FieldRef[List[datetime.datetime]]]
    has_some: Union[List[datetime.datetime], FieldRef[List[datetime.datetime]]]
    is_empty: bool


class DateTimeListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[datetime.datetime]
    push: Union[datetime.datetime, List[datetime.datetime]]


DateTimeListFilter = Union[List[datetime.datetime], DateTimeListOperators]
DateTimeListUpdate = Union[List[datetime.datetime], DateTimeListChange]


class DateListOperators(TypedDict, total=False):
    """A filter of a list of Date values."""

    equals: Union[List[datetime.date], FieldRef[List[datetime.date]], None]
    has: Union[datetime.date, FieldRef[datetime.date]]
    has_every: Union[List[datetime.date], FieldRef[List[datetime.date]]]
    has_some: Union[List[datetime.date], FieldRef[List[datetime.date]]]
    is_empty: bool


class DateListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[datetime.date]
    push: Union[datetime.date, List[datetime.date]]


DateListFilter = Union[List[datetime.date], DateListOperators]
DateListUpdate = Union[List[datetime.date], DateListChange]


class TimeListOperators(TypedDict, total=False):
    """A filter of a list of Time values."""

    equals: Union[List[datetime.time], FieldRef[List[datetime.time]], None]
    has: Union[datetime.time, FieldRef[datetime.time]]
    has_every: Union[List[datetime.time], FieldRef[List[datetime.time]]]
    has_some: Union[List[datetime.time], FieldRef[List[datetime.time]]]
    is_empty: bool


class TimeListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[datetime.time]
    push: Union[datetime.time, List[datetime.time]]


TimeListFilter = Union[List[datetime.time], TimeListOperators]
TimeListUpdate = Union[List[datetime.time], TimeListChange]


class BooleanListOperators(TypedDict, total=False):
    """A filter of a list of Boolean values."""

    equals: Union[List[bool], FieldRef[List[bool]], None]
    has: Union[bool, FieldRef[bool]]
    has_every: Union[List[bool], FieldRef[List[bool]]]
    has_some: Union[List[bool], FieldRef[List[bool]]]
    is_empty: bool


class BooleanListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[bool]
    push: Union[bool, List[bool]]


BooleanListFilter = Union[List[bool], BooleanListOperators]
BooleanListUpdate = Union[List[bool], BooleanListChange]


class IntListOperators(TypedDict, total=False):
    """A filter of a list of Int values."""

    equals: Union[List[int], FieldRef[List[int]], None]
    has: Union[int, FieldRef[int]]
    has_every: Union[List[int], FieldRef[List[int]]]
    has_some: Union[List[int], FieldRef[List[int]]]
    is_empty: bool


class IntListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[int]
    push: Union[int, List[int]]


IntListFilter = Union[List[int], IntListOperators]
IntListUpdate = Union[List[int], IntListChange]


class FloatListOperators(TypedDict, total=False):
    """A filter of a list of Float values."""

    equals: Union[List[float], FieldRef[List[float]], None]
    has: Union[float, FieldRef[float]]
    has_every: Union[List[float], FieldRef[List[float]]]
    has_some: Union[List[float], FieldRef[List[float]]]
    is_empty: bool


class FloatListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[float]
    push: Union[float, List[float]]


FloatListFilter = Union[List[float], FloatListOperators]
FloatListUpdate = Union[List[float], FloatListChange]


class BytesListOperators(TypedDict, total=False):
    """A filter of a list of Bytes values."""

    equals: Union[List[BytesInput], FieldRef[List[Base64]], None]
    has: Union[BytesInput, FieldRef[Base64]]
    has_every: Union[List[BytesInput], FieldRef[List[Base64]]]
    has_some: Union[List[BytesInput], FieldRef[List[Base64]]]
    is_empty: bool


class BytesListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[BytesInput]
    push: Union[BytesInput, List[BytesInput]]


BytesListFilter = Union[List[BytesInput], BytesListOperators]
BytesListUpdate = Union[List[BytesInput], BytesListChange]


class DecimalListOperators(TypedDict, total=False):
    """A filter of a list of Decimal values."""

    equals: Union[List[DecimalInput], FieldRef[List[decimal.Decimal]], None]
    has: Union[DecimalInput, FieldRef[decimal.Decimal]]
    has_every: Union[List[DecimalInput], FieldRef[List[decimal.Decimal]]]
    has_some: Union[List[DecimalInput], FieldRef[List[decimal.Decimal]]]
    is_empty: bool


class DecimalListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[DecimalInput]
    push: Union[DecimalInput, List[DecimalInput]]


DecimalListFilter = Union[List[DecimalInput], DecimalListOperators]
DecimalListUpdate = Union[List[DecimalInput], DecimalListChange]


class UuidListOperators(TypedDict, total=False):
    """A filter of a list of Uuid values."""

    equals: Union[List[UuidInput], FieldRef[List[uuid.UUID]], None]
    has: Union[UuidInput, FieldRef[uuid.UUID]]
    has_every: Union[List[UuidInput], FieldRef[List[uuid.UUID]]]
    has_some: Union[List[UuidInput], FieldRef[List[uuid.UUID]]]
    is_empty: bool


class UuidListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[UuidInput]
    push: Union[UuidInput, List[UuidInput]]


UuidListFilter = Union[List[UuidInput], UuidListOperators]
UuidListUpdate = Union[List[UuidInput], UuidListChange]


class JsonListOperators(TypedDict, total=False):
    """A filter of a list of Json values."""

    equals: Union[List[JsonInput], FieldRef[List[Json]], None]
    has: Union[JsonInput, FieldRef[Json]]
    has_every: Union[List[JsonInput], FieldRef[List[Json]]]
    has_some: Union[List[JsonInput], FieldRef[List[Json]]]
    is_empty: bool


class JsonListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[JsonInput]
    push: Union[JsonInput, List[JsonInput]]


JsonListFilter = Union[List[JsonInput], JsonListOperators]
JsonListUpdate = Union[List[JsonInput], JsonListChange]


class BigIntListOperators(TypedDict, total=False):
    """A filter of a list of BigInt values."""

    equals: Union[List[int], FieldRef[List[int]], None]
    has: Union[int, FieldRef[int]]
    has_every: Union[List[int], FieldRef[List[int]]]
    has_some: Union[List[int], FieldRef[List[int]]]
    is_empty: bool


class BigIntListChange(TypedDict, total=False):
    """A list put in the place of another, or values put at its end."""

    set: List[int]
    push: Union[int, List[int]]


BigIntListFilter = Union[List[int], BigIntListOperators]
BigIntListUpdate = Union[List[int], BigIntListChange]
