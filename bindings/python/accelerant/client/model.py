"""The reads and writes of one model: what `db.user` is, on both kinds of client."""
from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Awaitable, Callable, Dict, Generic, List, Optional, TypeVar, cast

from ..values.decoding import ModelDecoder
from ..types import Answer, Record
from ..values import FieldRef

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..types import (
        AggregateArgs, CountArgs, CreateArgs, CreateManyAndReturnArgs, CreateManyArgs, DeleteArgs, DeleteManyArgs, FindManyArgs,
        FindUniqueArgs, GroupByArgs, UpdateArgs, UpdateManyAndReturnArgs, UpdateManyArgs, UpsertArgs)

#: Runs a request; the second argument decodes its data.
Run = Callable[[Dict[str, Any], Optional[Callable[[Any], Any]]], Any]

#: What the reads give: a record or none, a record, records, any value; and, of a model with info, an answer. An asynchronous
#: client gives the same to be awaited.
Found = TypeVar("Found")
Sure = TypeVar("Sure")
Many = TypeVar("Many")
Value = TypeVar("Value")
Told = TypeVar("Told")
Self = TypeVar("Self", bound="Operations[Any, Any, Any, Any, Any]")

#: Arguments that Python spells differently.
_PRISMA_NAMES = {
    "order_by": "orderBy",
    "cache_strategy": "cacheStrategy",
    "relation_load_strategy": "relationLoadStrategy",
    "skip_duplicates": "skipDuplicates",
}

#: Arguments that are no part of `args`. Why the traceparent last: there the library knows a text without it.
_ENVELOPE_NAMES = {"timeout_ms": "timeoutMs", "traceparent": "traceparent"}


def camel_case(name: str) -> str:
    """`order_by` → `orderBy`; leading underscores stay."""
    return re.sub(r"(?<=[^_])_+([a-z0-9])", lambda found: found.group(1).upper(), name)


def snake_case(name: str) -> str:
    """`OrderItem` → `order_item`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


class Fields:
    """References to the fields of a model: `db.order.fields.paid`."""

    def __init__(self, model: str) -> None:
        self._model = model

    def __getattr__(self, name: str) -> FieldRef:
        if name.startswith("__"):
            raise AttributeError(name)
        return FieldRef(self._model, name)


class Reads(Generic[Found, Sure, Many, Value]):
    """The eight reads, each made into a request that `run` answers."""

    def __init__(self, name: str, decoder: ModelDecoder, run: Run) -> None:
        self.name = name
        self._decoder = decoder
        self._run = run

    def find_unique(self, **args: "Unpack[FindUniqueArgs]") -> Found:
        return cast(Found, self._ask("findUnique", args, self._decoder.record))

    def find_unique_or_throw(self, **args: "Unpack[FindUniqueArgs]") -> Sure:
        return cast(Sure, self._ask("findUniqueOrThrow", args, self._decoder.record))

    def find_first(self, **args: "Unpack[FindManyArgs]") -> Found:
        return cast(Found, self._ask("findFirst", args, self._decoder.record))

    def find_first_or_throw(self, **args: "Unpack[FindManyArgs]") -> Sure:
        return cast(Sure, self._ask("findFirstOrThrow", args, self._decoder.record))

    def find_many(self, **args: "Unpack[FindManyArgs]") -> Many:
        return cast(Many, self._ask("findMany", args, self._decoder.records))

    def count(self, **args: "Unpack[CountArgs]") -> Value:
        """A number; with `select`, a dictionary of numbers."""
        return cast(Value, self._ask("count", args, None))

    def aggregate(self, **args: "Unpack[AggregateArgs]") -> Sure:
        return cast(Sure, self._ask("aggregate", args, self._decoder.aggregate))

    def group_by(self, **args: "Unpack[GroupByArgs]") -> Many:
        return cast(Many, self._ask("groupBy", args, self._decoder.groups))

    def _ask(self, operation: str, args: Any, decode: Optional[Callable[[Any], Any]]) -> Any:
        request: Dict[str, Any] = {"model": self.name, "operation": operation, "args": args}
        for name, value in args.items():
            if value is None or name in _PRISMA_NAMES or name in _ENVELOPE_NAMES:
                # What is None is not given.
                given = {key: value for key, value in args.items() if value is not None}
                request["args"] = {_PRISMA_NAMES.get(key, key): value for key, value in given.items() if key not in _ENVELOPE_NAMES}
                request.update((member, given[key]) for key, member in _ENVELOPE_NAMES.items() if key in given)
                break
        return self._run(request, decode)

    def __repr__(self) -> str:
        return f"<accelerant model {self.name}>"


class Operations(Reads[Found, Sure, Many, Value], Generic[Found, Sure, Many, Value, Told]):
    """The reads and writes of one model, its fields, and the same reads with info."""

    def __init__(self, name: str, decoder: ModelDecoder, run: Run, run_with_info: Run) -> None:
        super().__init__(name, decoder, run)
        self.fields = Fields(name)
        self._with_info: Reads[Told, Told, Told, Told] = Reads(name, decoder, run_with_info)

    def rerouted(self: Self, run: Run, run_with_info: Run) -> Self:
        """The same model, whose requests go another way."""
        return type(self)(self.name, self._decoder, run, run_with_info)

    def create(self, **args: "Unpack[CreateArgs]") -> Sure:
        return cast(Sure, self._ask("create", args, self._decoder.record))

    def create_many(self, **args: "Unpack[CreateManyArgs]") -> Value:
        """`{"count": n}`, like the other writes of many records that do not return them."""
        return cast(Value, self._ask("createMany", args, None))

    def create_many_and_return(self, **args: "Unpack[CreateManyAndReturnArgs]") -> Many:
        return cast(Many, self._ask("createManyAndReturn", args, self._decoder.records))

    def update(self, **args: "Unpack[UpdateArgs]") -> Sure:
        return cast(Sure, self._ask("update", args, self._decoder.record))

    def update_many(self, **args: "Unpack[UpdateManyArgs]") -> Value:
        return cast(Value, self._ask("updateMany", args, None))

    def update_many_and_return(self, **args: "Unpack[UpdateManyAndReturnArgs]") -> Many:
        return cast(Many, self._ask("updateManyAndReturn", args, self._decoder.records))

    def upsert(self, **args: "Unpack[UpsertArgs]") -> Sure:
        return cast(Sure, self._ask("upsert", args, self._decoder.record))

    def delete(self, **args: "Unpack[DeleteArgs]") -> Sure:
        return cast(Sure, self._ask("delete", args, self._decoder.record))

    def delete_many(self, **args: "Unpack[DeleteManyArgs]") -> Value:
        return cast(Value, self._ask("deleteMany", args, None))

    def with_accelerate_info(self) -> Reads[Told, Told, Told, Told]:
        """The same reads, each giving an `Answer`: `answer.data`, `answer.info`, or `data, info = …`."""
        return self._with_info


class Model(Operations[Optional[Record], Record, List[Record], Any, Answer]):
    """The reads and writes of one model. Any thread may use it."""


class AsyncModel(
    Operations[Awaitable[Optional[Record]], Awaitable[Record], Awaitable[List[Record]], Awaitable[Any], Awaitable[Answer]]
):
    """The reads and writes of one model, to be awaited on the event loop that the client belongs to."""
