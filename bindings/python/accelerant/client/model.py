"""The reads and writes of one model: what `db.user` is, on both kinds of client."""
from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Awaitable, Callable, Dict, Generic, List, Optional, TypeVar, cast

from ..codec import head_of
from ..codec.data import JsonData
from ..codec.form import Form
from ..codec.special import REQUEST
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

#: Runs a request by a plan and arguments; NotImplemented where it is not so easy.
Quick = Callable[[Any, Dict[str, Any]], Any]

#: Arguments that are no part of `args`. Why the traceparent last: there the library knows a text without it.
_ENVELOPE_NAMES = {"timeout_ms": "timeoutMs", "traceparent": "traceparent"}

#: The names of arguments by which they are written at once; of None, there is more to do.
_QUICK_NAMES: Dict[str, Optional[str]] = {**_PRISMA_NAMES, **dict.fromkeys(_ENVELOPE_NAMES)}


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

    def __getattr__(self, name: str) -> FieldRef[Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        return FieldRef(self._model, name)


class Reads(Generic[Found, Sure, Many, Value]):
    """The eight reads, each made into a request that `run` answers."""

    def __init__(self, name: str, decoder: Form, run: Run, quick: Optional[Quick] = None) -> None:
        self.name = name
        self._decoder = decoder
        self._run = run
        #: The shortest way to a cached answer, where there is one.
        self._quick = quick
        self._plans: Dict[str, Any] = {}

    def find_unique(self, **args: "Unpack[FindUniqueArgs]") -> Found:
        return cast(Found, self._ask("findUnique", args, self._decoder))

    def find_unique_or_throw(self, **args: "Unpack[FindUniqueArgs]") -> Sure:
        return cast(Sure, self._ask("findUniqueOrThrow", args, self._decoder))

    def find_first(self, **args: "Unpack[FindManyArgs]") -> Found:
        return cast(Found, self._ask("findFirst", args, self._decoder))

    def find_first_or_throw(self, **args: "Unpack[FindManyArgs]") -> Sure:
        return cast(Sure, self._ask("findFirstOrThrow", args, self._decoder))

    def find_many(self, **args: "Unpack[FindManyArgs]") -> Many:
        return cast(Many, self._ask("findMany", args, self._decoder))

    def count(self, **args: "Unpack[CountArgs]") -> Value:
        """A number; with `select`, a dictionary of numbers."""
        return cast(Value, self._ask("count", args, None))

    def aggregate(self, **args: "Unpack[AggregateArgs]") -> Sure:
        return cast(Sure, self._ask("aggregate", args, self._decoder))

    def group_by(self, **args: "Unpack[GroupByArgs]") -> Many:
        return cast(Many, self._ask("groupBy", args, self._decoder))

    def _ask(self, operation: str, args: Any, decode: Optional[Callable[[Any], Any]]) -> Any:
        if self._quick is not None and "cache_strategy" in args:
            plan = self._plans.get(operation)
            if plan is None:
                plan = self._plans[operation] = head_of(self.name, operation), _QUICK_NAMES, decode, REQUEST
            found = self._quick(plan, args)
            if found is not NotImplemented:
                return found
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

    def __init__(self, name: str, decoder: Form, run: Run, run_with_info: Run, data: JsonData, quick: Optional[Quick] = None) -> None:
        super().__init__(name, decoder, run, quick)
        self._data = data
        self.fields = Fields(name)
        self._with_info: Reads[Told, Told, Told, Told] = Reads(name, decoder, run_with_info)

    def rerouted(self: Self, run: Run, run_with_info: Run) -> Self:
        """The same model, whose requests go another way."""
        return type(self)(self.name, self._decoder, run, run_with_info, self._data)

    def create(self, **args: "Unpack[CreateArgs]") -> Sure:
        return cast(Sure, self._write("create", args, self._decoder))

    def create_many(self, **args: "Unpack[CreateManyArgs]") -> Value:
        """`{"count": n}`, like the other writes of many records that do not return them."""
        return cast(Value, self._write("createMany", args, None))

    def create_many_and_return(self, **args: "Unpack[CreateManyAndReturnArgs]") -> Many:
        return cast(Many, self._write("createManyAndReturn", args, self._decoder))

    def update(self, **args: "Unpack[UpdateArgs]") -> Sure:
        return cast(Sure, self._write("update", args, self._decoder))

    def update_many(self, **args: "Unpack[UpdateManyArgs]") -> Value:
        return cast(Value, self._write("updateMany", args, None))

    def update_many_and_return(self, **args: "Unpack[UpdateManyAndReturnArgs]") -> Many:
        return cast(Many, self._write("updateManyAndReturn", args, self._decoder))

    def upsert(self, **args: "Unpack[UpsertArgs]") -> Sure:
        return cast(Sure, self._write("upsert", args, self._decoder))

    def delete(self, **args: "Unpack[DeleteArgs]") -> Sure:
        return cast(Sure, self._ask("delete", args, self._decoder))

    def delete_many(self, **args: "Unpack[DeleteManyArgs]") -> Value:
        return cast(Value, self._ask("deleteMany", args, None))

    def _write(self, operation: str, args: Any, decode: Optional[Callable[[Any], Any]]) -> Any:
        for name in ("data", "create", "update"):
            if args.get(name) is not None:
                args[name] = self._data.wrapped(args[name])
        return self._ask(operation, args, decode)

    def with_accelerate_info(self) -> Reads[Told, Told, Told, Told]:
        """The same reads, each giving an `Answer`: `answer.data`, `answer.info`, or `data, info = …`."""
        return self._with_info


class Model(Operations[Optional[Record], Record, List[Record], Any, Answer]):
    """The reads and writes of one model. Any thread may use it."""


class AsyncModel(
    Operations[Awaitable[Optional[Record]], Awaitable[Record], Awaitable[List[Record]], Awaitable[Any], Awaitable[Answer]]
):
    """The reads and writes of one model, to be awaited on the event loop that the client belongs to."""
