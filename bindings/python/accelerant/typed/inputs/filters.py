"""The filters of scalar fields, and the words of order, that all generated packages share.

Imported when a program first names a type. Keys such as `in` and `not` are why the filters are written as calls.
"""
from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any, List, Literal, Mapping, Sequence, TypedDict, Union

from ...values import Base64, FieldRef, Json

SortOrder = Literal["asc", "desc"]
SortMode = Literal["default", "insensitive"]
MetricsFormat = Literal["json", "prometheus"]
Serializable = Any
JsonInput = Union[Json, Mapping[str, Any], Sequence[Any], str, int, float, bool, None]
BytesInput = Union[Base64, bytes]
DecimalInput = Union[decimal.Decimal, int]
UuidInput = Union[uuid.UUID, str]


class NullableOrder(TypedDict, total=False):
    """An order that says where records without a value come."""

    sort: SortOrder
    nulls: Literal["first", "last"]


class CountOrder(TypedDict, total=False):
    """An order by the number of related records."""

    _count: SortOrder


SortInput = Union[SortOrder, NullableOrder]


class RelevanceInput(TypedDict):
    """An order by how well a full-text search matches."""

    fields: List[str]
    search: str
    sort: SortOrder

StringFilter = TypedDict("StringFilter", {
    "equals": Union[str, FieldRef[str], None],
    "not": Union[str, "StringFilter", None],
    "in": Union[List[str], FieldRef[List[str]]], "not_in": Union[List[str], FieldRef[List[str]]],
    "lt": Union[str, FieldRef[str]], "lte": Union[str, FieldRef[str]],
    "gt": Union[str, FieldRef[str]], "gte": Union[str, FieldRef[str]],
    "contains": Union[str, FieldRef[str]], "startswith": Union[str, FieldRef[str]], "endswith": Union[str, FieldRef[str]],
    "starts_with": Union[str, FieldRef[str]], "ends_with": Union[str, FieldRef[str]], "mode": SortMode, "search": str,
}, total=False)
StringWhere = Union[str, StringFilter]

DateTimeFilter = TypedDict("DateTimeFilter", {
    "equals": Union[datetime.datetime, FieldRef[datetime.datetime], None],
    "not": Union[datetime.datetime, "DateTimeFilter", None],
    "in": Union[List[datetime.datetime], FieldRef[List[datetime.datetime]]], "not_in": Union[List[datetime.datetime], FieldRef[List[datetime.datetime]]],
    "lt": Union[datetime.datetime, FieldRef[datetime.datetime]], "lte": Union[datetime.datetime, FieldRef[datetime.datetime]],
    "gt": Union[datetime.datetime, FieldRef[datetime.datetime]], "gte": Union[datetime.datetime, FieldRef[datetime.datetime]],
}, total=False)
DateTimeWhere = Union[datetime.datetime, DateTimeFilter]

DateFilter = TypedDict("DateFilter", {
    "equals": Union[datetime.date, FieldRef[datetime.date], None],
    "not": Union[datetime.date, "DateFilter", None],
    "in": Union[List[datetime.date], FieldRef[List[datetime.date]]], "not_in": Union[List[datetime.date], FieldRef[List[datetime.date]]],
    "lt": Union[datetime.date, FieldRef[datetime.date]], "lte": Union[datetime.date, FieldRef[datetime.date]],
    "gt": Union[datetime.date, FieldRef[datetime.date]], "gte": Union[datetime.date, FieldRef[datetime.date]],
}, total=False)
DateWhere = Union[datetime.date, DateFilter]

TimeFilter = TypedDict("TimeFilter", {
    "equals": Union[datetime.time, FieldRef[datetime.time], None],
    "not": Union[datetime.time, "TimeFilter", None],
    "in": Union[List[datetime.time], FieldRef[List[datetime.time]]], "not_in": Union[List[datetime.time], FieldRef[List[datetime.time]]],
    "lt": Union[datetime.time, FieldRef[datetime.time]], "lte": Union[datetime.time, FieldRef[datetime.time]],
    "gt": Union[datetime.time, FieldRef[datetime.time]], "gte": Union[datetime.time, FieldRef[datetime.time]],
}, total=False)
TimeWhere = Union[datetime.time, TimeFilter]

BooleanFilter = TypedDict("BooleanFilter", {
    "equals": Union[bool, FieldRef[bool], None],
    "not": Union[bool, "BooleanFilter", None],
}, total=False)
BooleanWhere = Union[bool, BooleanFilter]

IntFilter = TypedDict("IntFilter", {
    "equals": Union[int, FieldRef[int], None],
    "not": Union[int, "IntFilter", None],
    "in": Union[List[int], FieldRef[List[int]]], "not_in": Union[List[int], FieldRef[List[int]]],
    "lt": Union[int, FieldRef[int]], "lte": Union[int, FieldRef[int]],
    "gt": Union[int, FieldRef[int]], "gte": Union[int, FieldRef[int]],
}, total=False)
IntWhere = Union[int, IntFilter]

FloatFilter = TypedDict("FloatFilter", {
    "equals": Union[float, FieldRef[float], None],
    "not": Union[float, "FloatFilter", None],
    "in": Union[List[float], FieldRef[List[float]]], "not_in": Union[List[float], FieldRef[List[float]]],
    "lt": Union[float, FieldRef[float]], "lte": Union[float, FieldRef[float]],
    "gt": Union[float, FieldRef[float]], "gte": Union[float, FieldRef[float]],
}, total=False)
FloatWhere = Union[float, FloatFilter]

BytesFilter = TypedDict("BytesFilter", {
    "equals": Union[BytesInput, FieldRef[Base64], None],
    "not": Union[BytesInput, "BytesFilter", None],
    "in": Union[List[BytesInput], FieldRef[List[Base64]]], "not_in": Union[List[BytesInput], FieldRef[List[Base64]]],
}, total=False)
BytesWhere = Union[BytesInput, BytesFilter]

DecimalFilter = TypedDict("DecimalFilter", {
    "equals": Union[DecimalInput, FieldRef[decimal.Decimal], None],
    "not": Union[DecimalInput, "DecimalFilter", None],
    "in": Union[List[DecimalInput], FieldRef[List[decimal.Decimal]]], "not_in": Union[List[DecimalInput], FieldRef[List[decimal.Decimal]]],
    "lt": Union[DecimalInput, FieldRef[decimal.Decimal]], "lte": Union[DecimalInput, FieldRef[decimal.Decimal]],
    "gt": Union[DecimalInput, FieldRef[decimal.Decimal]], "gte": Union[DecimalInput, FieldRef[decimal.Decimal]],
}, total=False)
DecimalWhere = Union[DecimalInput, DecimalFilter]

UuidFilter = TypedDict("UuidFilter", {
    "equals": Union[UuidInput, FieldRef[uuid.UUID], None],
    "not": Union[UuidInput, "UuidFilter", None],
    "in": Union[List[UuidInput], FieldRef[List[uuid.UUID]]], "not_in": Union[List[UuidInput], FieldRef[List[uuid.UUID]]],
    "lt": Union[UuidInput, FieldRef[uuid.UUID]], "lte": Union[UuidInput, FieldRef[uuid.UUID]],
    "gt": Union[UuidInput, FieldRef[uuid.UUID]], "gte": Union[UuidInput, FieldRef[uuid.UUID]],
}, total=False)
UuidWhere = Union[UuidInput, UuidFilter]

JsonFilter = TypedDict("JsonFilter", {
    "equals": Union[JsonInput, FieldRef[Json]], "not": JsonInput, "path": List[str], "string_contains": str, "string_starts_with": str, "string_ends_with": str,
    "array_contains": JsonInput, "array_starts_with": JsonInput, "array_ends_with": JsonInput,
    "lt": JsonInput, "lte": JsonInput, "gt": JsonInput, "gte": JsonInput, "mode": SortMode,
}, total=False)
JsonWhere = Union[Json, JsonFilter]
BigIntFilter = IntFilter
BigIntWhere = IntWhere


class StringWithAggregatesFilter(StringFilter, total=False):
    _max: StringFilter
    _min: StringFilter
    _sum: StringFilter
    _avg: FloatFilter
    _count: IntFilter


class DateTimeWithAggregatesFilter(DateTimeFilter, total=False):
    _max: DateTimeFilter
    _min: DateTimeFilter
    _sum: DateTimeFilter
    _avg: FloatFilter
    _count: IntFilter


class DateWithAggregatesFilter(DateFilter, total=False):
    _max: DateFilter
    _min: DateFilter
    _sum: DateFilter
    _avg: FloatFilter
    _count: IntFilter


class TimeWithAggregatesFilter(TimeFilter, total=False):
    _max: TimeFilter
    _min: TimeFilter
    _sum: TimeFilter
    _avg: FloatFilter
    _count: IntFilter


class BooleanWithAggregatesFilter(BooleanFilter, total=False):
    _max: BooleanFilter
    _min: BooleanFilter
    _sum: BooleanFilter
    _avg: FloatFilter
    _count: IntFilter


class IntWithAggregatesFilter(IntFilter, total=False):
    _max: IntFilter
    _min: IntFilter
    _sum: IntFilter
    _avg: FloatFilter
    _count: IntFilter


class FloatWithAggregatesFilter(FloatFilter, total=False):
    _max: FloatFilter
    _min: FloatFilter
    _sum: FloatFilter
    _avg: FloatFilter
    _count: IntFilter


class BytesWithAggregatesFilter(BytesFilter, total=False):
    _max: BytesFilter
    _min: BytesFilter
    _sum: BytesFilter
    _avg: FloatFilter
    _count: IntFilter


class DecimalWithAggregatesFilter(DecimalFilter, total=False):
    _max: DecimalFilter
    _min: DecimalFilter
    _sum: DecimalFilter
    _avg: FloatFilter
    _count: IntFilter


class UuidWithAggregatesFilter(UuidFilter, total=False):
    _max: UuidFilter
    _min: UuidFilter
    _sum: UuidFilter
    _avg: FloatFilter
    _count: IntFilter


class JsonWithAggregatesFilter(JsonFilter, total=False):
    _max: JsonFilter
    _min: JsonFilter
    _sum: JsonFilter
    _avg: FloatFilter
    _count: IntFilter


BigIntWithAggregatesFilter = IntWithAggregatesFilter
StringHaving = Union[str, StringWithAggregatesFilter]
DateTimeHaving = Union[datetime.datetime, DateTimeWithAggregatesFilter]
DateHaving = Union[datetime.date, DateWithAggregatesFilter]
TimeHaving = Union[datetime.time, TimeWithAggregatesFilter]
BooleanHaving = Union[bool, BooleanWithAggregatesFilter]
IntHaving = Union[int, IntWithAggregatesFilter]
FloatHaving = Union[float, FloatWithAggregatesFilter]
BytesHaving = Union[BytesInput, BytesWithAggregatesFilter]
DecimalHaving = Union[DecimalInput, DecimalWithAggregatesFilter]
UuidHaving = Union[UuidInput, UuidWithAggregatesFilter]
JsonHaving = Union[Json, JsonWithAggregatesFilter]
BigIntHaving = Union[int, BigIntWithAggregatesFilter]
