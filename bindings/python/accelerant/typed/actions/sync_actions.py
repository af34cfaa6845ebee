"""The calls on one model, that wait: what `db.user` is, and `User.prisma()`."""
# Why: what an answer holds is known by the request alone.
# mypy: disable-error-code="no-any-return"
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, List, Literal, Optional, Union, overload

from ...errors import RecordNotFoundError
from .answers import InfoAnswer
from .calls import RAW, Calls, Decode, Request
from .references import FieldReferences
from .variables import (
    AggregateOrder, CacheStrategyInput, Counted, CountOutput, CountSelect, Create, CreateMany, GroupOrder, GroupOutput, Groups, Having, Include, Keys,
    Many, Number, NumberSelect, One, Order, Row, ScalarSelect, Sure, Update, UpdateMany, Upsert, Where, WhereUnique)


class SyncReads(Generic[
    Where, WhereUnique, Include, Order, AggregateOrder, Keys, Having, CountSelect, NumberSelect, ScalarSelect, One, Sure, Many, Number,
    Counted, Groups
]):
    """The reads of a model."""

    #: Whether results are made of answers alone, so that a cached one may come the shortest way.
    _is_quick = True

    def __init__(self, client: Any, model: Any) -> None:
        self._calls = Calls(client, model)
        self._client = client
        self._model = model

    if not TYPE_CHECKING:
        # Why hidden: the stubs of a package say which fields these are.

        @property
        def fields(self) -> FieldReferences:
            """References to the fields, for filters that compare two of them: `{"total": {"gt": db.order.fields.paid}}`."""
            return FieldReferences(self._model)

    def find_unique(
        self, where: WhereUnique, include: Optional[Include] = None, *, cache_strategy: Optional[CacheStrategyInput] = None,
        timeout_ms: Optional[int] = None,
    ) -> One:
        """The record of a unique key; None where there is none."""
        if cache_strategy is not None and include is None and timeout_ms is None and self._is_quick:
            found = self._ask_quickly("findUnique", where, None, None, None, None, cache_strategy)
            if found is not NotImplemented:
                return found
        return self._ask(self._calls.find_unique("findUnique", where, include, cache_strategy, timeout_ms), self._calls.record)

    def find_unique_or_raise(
        self, where: WhereUnique, include: Optional[Include] = None, *, cache_strategy: Optional[CacheStrategyInput] = None,
        timeout_ms: Optional[int] = None,
    ) -> Sure:
        """The record of a unique key; RecordNotFoundError where there is none."""
        if cache_strategy is not None and include is None and timeout_ms is None and self._is_quick:
            found = self._ask_quickly("findUniqueOrThrow", where, None, None, None, None, cache_strategy)
            if found is not NotImplemented:
                return found
        return self._ask(self._calls.find_unique("findUniqueOrThrow", where, include, cache_strategy, timeout_ms), self._calls.record)

    def find_many(
        self, take: Optional[int] = None, skip: Optional[int] = None, where: Optional[Where] = None, cursor: Optional[WhereUnique] = None,
        include: Optional[Include] = None, order: Union[Order, List[Order], None] = None, distinct: Optional[List[Keys]] = None, *,
        cache_strategy: Optional[CacheStrategyInput] = None, timeout_ms: Optional[int] = None,
    ) -> Many:
        """All records that a filter matches."""
        if cache_strategy is not None and include is None and distinct is None and timeout_ms is None and self._is_quick:
            found = self._ask_quickly("findMany", where, order, cursor, take, skip, cache_strategy)
            if found is not NotImplemented:
                return found
        page = {"where": where, "order": order, "cursor": cursor, "take": take, "skip": skip, "distinct": distinct,
                "cache_strategy": cache_strategy}
        return self._ask(self._calls.find("findMany", page, include, timeout_ms), self._calls.records)

    def find_first(
        self, skip: Optional[int] = None, where: Optional[Where] = None, cursor: Optional[WhereUnique] = None,
        include: Optional[Include] = None, order: Union[Order, List[Order], None] = None, distinct: Optional[List[Keys]] = None, *,
        cache_strategy: Optional[CacheStrategyInput] = None, timeout_ms: Optional[int] = None,
    ) -> One:
        """The first record that a filter matches; None where there is none."""
        if cache_strategy is not None and include is None and distinct is None and timeout_ms is None and self._is_quick:
            found = self._ask_quickly("findFirst", where, order, cursor, None, skip, cache_strategy)
            if found is not NotImplemented:
                return found
        page = {"where": where, "order": order, "cursor": cursor, "skip": skip, "distinct": distinct, "cache_strategy": cache_strategy}
        return self._ask(self._calls.find("findFirst", page, include, timeout_ms), self._calls.record)

    def find_first_or_raise(
        self, skip: Optional[int] = None, where: Optional[Where] = None, cursor: Optional[WhereUnique] = None,
        include: Optional[Include] = None, order: Union[Order, List[Order], None] = None, distinct: Optional[List[Keys]] = None, *,
        cache_strategy: Optional[CacheStrategyInput] = None, timeout_ms: Optional[int] = None,
    ) -> Sure:
        """The first record that a filter matches; RecordNotFoundError where there is none."""
        if cache_strategy is not None and include is None and distinct is None and timeout_ms is None and self._is_quick:
            found = self._ask_quickly("findFirstOrThrow", where, order, cursor, None, skip, cache_strategy)
            if found is not NotImplemented:
                return found
        page = {"where": where, "order": order, "cursor": cursor, "skip": skip, "distinct": distinct, "cache_strategy": cache_strategy}
        return self._ask(self._calls.find("findFirstOrThrow", page, include, timeout_ms), self._calls.record)

    @overload
    def count(
        self, select: None = None, take: Optional[int] = None, skip: Optional[int] = None, where: Optional[Where] = None,
        cursor: Optional[WhereUnique] = None, *, cache_strategy: Optional[CacheStrategyInput] = None, timeout_ms: Optional[int] = None,
    ) -> Number: ...

    @overload
    def count(
        self, select: CountSelect, take: Optional[int] = None, skip: Optional[int] = None, where: Optional[Where] = None,
        cursor: Optional[WhereUnique] = None, *, cache_strategy: Optional[CacheStrategyInput] = None, timeout_ms: Optional[int] = None,
    ) -> Counted: ...

    def count(
        self, select: Any = None, take: Optional[int] = None, skip: Optional[int] = None, where: Any = None, cursor: Any = None, *,
        cache_strategy: Optional[CacheStrategyInput] = None, timeout_ms: Optional[int] = None,
    ) -> Any:
        """How many records a filter matches; with `select`, how many of them have each field."""
        page = {"where": where, "cursor": cursor, "take": take, "skip": skip, "cache_strategy": cache_strategy}
        return self._ask(self._calls.count(select, page, timeout_ms), self._calls.counts(select))

    def group_by(
        self, by: List[Keys], *, where: Optional[Where] = None, take: Optional[int] = None, skip: Optional[int] = None,
        avg: Optional[NumberSelect] = None, sum: Optional[NumberSelect] = None, min: Optional[ScalarSelect] = None,
        max: Optional[ScalarSelect] = None, having: Optional[Having] = None, count: Union[Literal[True], CountSelect, None] = None,
        order: Union[GroupOrder[Order, Keys, AggregateOrder], List[GroupOrder[Order, Keys, AggregateOrder]], None] = None,
        cache_strategy: Optional[CacheStrategyInput] = None, timeout_ms: Optional[int] = None,
    ) -> Groups:
        """Aggregates of the records that have the same values in some fields."""
        page = {"where": where, "order": order, "take": take, "skip": skip, "cache_strategy": cache_strategy}
        aggregates = {"count": count, "avg": avg, "sum": sum, "min": min, "max": max}
        return self._ask(self._calls.group_by(by, page, aggregates, having, timeout_ms), self._calls.groups())

    def _ask(self, request: Request, decode: Optional[Decode]) -> Any:
        return self._client._run(request, decode)

    def _ask_quickly(self, operation: str, where: Any, order: Any, cursor: Any, take: Any, skip: Any, strategy: Any) -> Any:
        """As `_ask`, the shortest way to a cached answer; NotImplemented where the arguments have to be translated."""
        found = self._calls.quick(operation, where, order, cursor, take, skip, strategy)
        if type(found) is not bytes:
            return found
        return self._client._run_text(found, self._calls.record)


class SyncActions(
    SyncReads[
        Where, WhereUnique, Include, Order, AggregateOrder, Keys, Having, CountSelect, NumberSelect, ScalarSelect, Optional[Row], Row,
        List[Row], int, CountOutput, List[GroupOutput]],
    Generic[
        Row, Where, WhereUnique, Include, Order, AggregateOrder, Keys, Having, CountSelect, NumberSelect, ScalarSelect, CountOutput,
        GroupOutput, Create, CreateMany, Update, UpdateMany, Upsert],
):
    """The reads and writes of a model."""

    _json_reads: Any = None

    def create(self, data: Create, include: Optional[Include] = None, *, timeout_ms: Optional[int] = None) -> Row:
        """Makes a record."""
        return self._ask(self._calls.create(data, include, timeout_ms), self._calls.record)

    def create_many(
        self, data: List[CreateMany], *, skip_duplicates: Optional[bool] = None, timeout_ms: Optional[int] = None
    ) -> int:
        """Makes records, and gives their number."""
        return self._ask(self._calls.create_many(data, skip_duplicates, timeout_ms), self._calls.counted)

    def create_many_and_return(
        self, data: List[CreateMany], include: Optional[Include] = None, *, skip_duplicates: Optional[bool] = None,
        timeout_ms: Optional[int] = None,
    ) -> List[Row]:
        """Makes records, and gives them."""
        request = self._calls.create_many(data, skip_duplicates, timeout_ms, "createManyAndReturn", include)
        return self._ask(request, self._calls.records)

    def update(
        self, data: Update, where: WhereUnique, include: Optional[Include] = None, *, timeout_ms: Optional[int] = None
    ) -> Optional[Row]:
        """Changes a record; None where there is none."""
        return self._ask_or_none(self._calls.update(data, where, include, timeout_ms), self._calls.record)

    def upsert(
        self, where: WhereUnique, data: Upsert, include: Optional[Include] = None, *, timeout_ms: Optional[int] = None
    ) -> Row:
        """Changes a record, or makes it where there is none: `data={"create": …, "update": …}`."""
        return self._ask(self._calls.upsert(where, data, include, timeout_ms), self._calls.record)

    def update_many(
        self, data: UpdateMany, where: Where, *, limit: Optional[int] = None, timeout_ms: Optional[int] = None
    ) -> int:
        """Changes the records that a filter matches, and gives their number."""
        return self._ask(self._calls.update_many(data, where, limit, timeout_ms), self._calls.counted)

    def update_many_and_return(
        self, data: UpdateMany, where: Where, *, limit: Optional[int] = None, timeout_ms: Optional[int] = None
    ) -> List[Row]:
        """Changes the records that a filter matches, and gives them."""
        return self._ask(self._calls.update_many(data, where, limit, timeout_ms, "updateManyAndReturn"), self._calls.records)

    def delete(self, where: WhereUnique, include: Optional[Include] = None, *, timeout_ms: Optional[int] = None) -> Optional[Row]:
        """Deletes a record, and gives what it was; None where there is none."""
        return self._ask_or_none(self._calls.delete(where, include, timeout_ms), self._calls.record)

    def delete_many(self, where: Optional[Where] = None, *, limit: Optional[int] = None, timeout_ms: Optional[int] = None) -> int:
        """Deletes the records that a filter matches, and gives their number."""
        return self._ask(self._calls.delete_many(where, limit, timeout_ms), self._calls.counted)

    def query_raw(self, query: str, *args: Any, timeout_ms: Optional[int] = None) -> List[Row]:
        """Rows of an SQL query, as records of the model."""
        return self._client.query_raw(query, *args, model=self._model, timeout_ms=timeout_ms)

    def query_first(self, query: str, *args: Any, timeout_ms: Optional[int] = None) -> Optional[Row]:
        """The first row of an SQL query, as a record of the model."""
        return self._client.query_first(query, *args, model=self._model, timeout_ms=timeout_ms)

    def with_accelerate_info(self) -> SyncReads[
        Where, WhereUnique, Include, Order, AggregateOrder, Keys, Having, CountSelect, NumberSelect, ScalarSelect, InfoAnswer[Optional[Row]],
        InfoAnswer[Row], InfoAnswer[List[Row]], InfoAnswer[int], InfoAnswer[CountOutput], InfoAnswer[List[GroupOutput]],
    ]:
        """The same reads, each giving an answer with its info: `answer.data`, `answer.info.cache_status`."""
        return _SyncInfoReads(self._client, self._model)

    def as_json(self) -> SyncReads[
        Where, WhereUnique, Include, Order, AggregateOrder, Keys, Having, CountSelect, NumberSelect, ScalarSelect, bytes, bytes, bytes, bytes,
        bytes, bytes
    ]:
        """The same reads, each giving the JSON text of its answer, as bytes: for a web answer, without decoding."""
        if self._json_reads is None:
            self._json_reads = _SyncJsonReads(self._client, self._model)
        return self._json_reads

    def _ask_or_none(self, request: Request, decode: Decode) -> Any:
        try:
            return self._ask(request, decode)
        except RecordNotFoundError:
            return None


_AnyReads = SyncReads[Any, Any, Any, Any, Any, Any, Any, Any, Any, Any, Any, Any, Any, Any, Any, Any]


class _SyncInfoReads(_AnyReads):
    _is_quick = False

    def _ask(self, request: Request, decode: Optional[Decode]) -> Any:
        return self._client._run_with_info(request, decode)


class _SyncJsonReads(_AnyReads):
    def __init__(self, client: Any, model: Any) -> None:
        super().__init__(client, model)
        self._calls.record = self._calls.records = RAW

    def _ask(self, request: Request, decode: Optional[Decode]) -> Any:
        return self._client._run_as_json(request)

    def _ask_quickly(self, operation: str, where: Any, order: Any, cursor: Any, take: Any, skip: Any, strategy: Any) -> Any:
        found = super()._ask_quickly(operation, where, order, cursor, take, skip, strategy)
        return found if found is NotImplemented else found[0]
