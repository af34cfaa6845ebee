"""The filters of scalar fields, and the words of order, that all generated packages share.

Imported when a program first names a type. Keys such as `in` and `not` are why the filters are written as calls.
"""
from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any, List, Literal, Mapping, Optional, Sequence, TypedDict, Union

from ...values import Base64, Json

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
    "equals": Optional[str],
    "not": Union[str, "StringFilter", None],
    "in": List[str], "not_in": List[str],
    "lt": str, "lte": str, "gt": str, "gte": str,
    "contains": str, "startswith": str, "endswith": str, "starts_with": str, "ends_with": str, "mode": SortMode, "search": str,
}, total=False)
StringWhere = Union[str, StringFilter]

DateTimeFilter = TypedDict("DateTimeFilter", {
    "equals": Optional[datetime.datetime],
    "not": Union[datetime.datetime, "DateTimeFilter", None],
    "in": List[datetime.datetime], "not_in": List[datetime.datetime],
    "lt": datetime.datetime, "lte": datetime.datetime, "gt": datetime.datetime, "gte": datetime.datetime,
}, total=False)
DateTimeWhere = Union[datetime.datetime, DateTimeFilter]

DateFilter = TypedDict("DateFilter", {
    "equals": Optional[datetime.date],
    "not": Union[datetime.date, "DateFilter", None],
    "in": List[datetime.date], "not_in": List[datetime.date],
    "lt": datetime.date, "lte": datetime.date, "gt": datetime.date, "gte": datetime.date,
}, total=False)
DateWhere = Union[datetime.date, DateFilter]

TimeFilter = TypedDict("TimeFilter", {
    "equals": Optional[datetime.time],
    "not": Union[datetime.time, "TimeFilter", None],
    "in": List[datetime.time], "not_in": List[datetime.time],
    "lt": datetime.time, "lte": datetime.time, "gt": datetime.time, "gte": datetime.time,
}, total=False)
TimeWhere = Union[datetime.time, TimeFilter]

BooleanFilter = TypedDict("BooleanFilter", {
    "equals": Optional[bool],
    "not": Union[bool, "BooleanFilter", None],
    "in": List[bool], "not_in": List[bool],
}, total=False)
BooleanWhere = Union[bool, BooleanFilter]

IntFilter = TypedDict("IntFilter", {
    "equals": Optional[int],
    "not": Union[int, "IntFilter", None],
    "in": List[int], "not_in": List[int],
    "lt": int, "lte": int, "gt": int, "gte": int,
}, total=False)
IntWhere = Union[int, IntFilter]

FloatFilter = TypedDict("FloatFilter", {
    "equals": Optional[float],
    "not": Union[float, "FloatFilter", None],
    "in": List[float], "not_in": List[float],
    "lt": float, "lte": float, "gt": float, "gte": float,
}, total=False)
FloatWhere = Union[float, FloatFilter]

BytesFilter = TypedDict("BytesFilter", {
    "equals": Optional[BytesInput],
    "not": Union[BytesInput, "BytesFilter", None],
    "in": List[BytesInput], "not_in": List[BytesInput],
}, total=False)
BytesWhere = Union[BytesInput, BytesFilter]

DecimalFilter = TypedDict("DecimalFilter", {
    "equals": Optional[DecimalInput],
    "not": Union[DecimalInput, "DecimalFilter", None],
    "in": List[DecimalInput], "not_in": List[DecimalInput],
    "lt": DecimalInput, "lte": DecimalInput, "gt": DecimalInput, "gte": DecimalInput,
}, total=False)
DecimalWhere = Union[DecimalInput, DecimalFilter]

UuidFilter = TypedDict("UuidFilter", {
    "equals": Optional[UuidInput],
    "not": Union[UuidInput, "UuidFilter", None],
    "in": List[UuidInput], "not_in": List[UuidInput],
    "lt": UuidInput, "lte": UuidInput, "gt": UuidInput, "gte": UuidInput,
}, total=False)
UuidWhere = Union[UuidInput, UuidFilter]

JsonFilter = TypedDict("JsonFilter", {
    "equals": JsonInput, "not": JsonInput, "path": List[str], "string_contains": str, "string_starts_with": str, "string_ends_with": str,
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
