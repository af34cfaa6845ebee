"""The reads of one model: what `db.user` is."""
from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, cast

from .decoding import ModelDecoder
from .types import Answer, Record
from .values import FieldRef

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .types import AggregateArgs, CountArgs, FindManyArgs, FindUniqueArgs, GroupByArgs

#: Runs a request; the second argument decodes its data.
Run = Callable[[Dict[str, Any], Optional[Callable[[Any], Any]]], Any]

#: Arguments that Python spells differently.
_PRISMA_NAMES = {
    "order_by": "orderBy",
    "cache_strategy": "cacheStrategy",
    "relation_load_strategy": "relationLoadStrategy",
}


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


class _Reads:
    """How a read becomes a request."""

    def __init__(self, name: str, decoder: ModelDecoder, run: Run) -> None:
        self.name = name
        self._decoder = decoder
        self._run = run

    def _read(self, operation: str, args: Any, decode: Optional[Callable[[Any], Any]]) -> Any:
        request: Dict[str, Any] = {"model": self.name, "operation": operation, "args": args}
        for name in args:
            if name in _PRISMA_NAMES or name == "timeout_ms":
                request["args"] = {_PRISMA_NAMES.get(key, key): value for key, value in args.items() if key != "timeout_ms"}
                if "timeout_ms" in args:
                    request["timeoutMs"] = args["timeout_ms"]
                break
        return self._run(request, decode)

    def __repr__(self) -> str:
        return f"<accelerant model {self.name}>"


class Model(_Reads):
    """The reads of one model. Any thread may use it."""

    def __init__(self, name: str, decoder: ModelDecoder, run: Run, run_with_info: Run) -> None:
        super().__init__(name, decoder, run)
        self.fields = Fields(name)
        self._with_info = ModelWithInfo(name, decoder, run_with_info)

    def with_accelerate_info(self) -> "ModelWithInfo":
        """The same reads, each giving an `Answer` of data and info."""
        return self._with_info

    def find_unique(self, **args: "Unpack[FindUniqueArgs]") -> Optional[Record]:
        return cast(Optional[Record], self._read("findUnique", args, self._decoder.record))

    def find_unique_or_throw(self, **args: "Unpack[FindUniqueArgs]") -> Record:
        return cast(Record, self._read("findUniqueOrThrow", args, self._decoder.record))

    def find_first(self, **args: "Unpack[FindManyArgs]") -> Optional[Record]:
        return cast(Optional[Record], self._read("findFirst", args, self._decoder.record))

    def find_first_or_throw(self, **args: "Unpack[FindManyArgs]") -> Record:
        return cast(Record, self._read("findFirstOrThrow", args, self._decoder.record))

    def find_many(self, **args: "Unpack[FindManyArgs]") -> List[Record]:
        return cast(List[Record], self._read("findMany", args, self._decoder.records))

    def count(self, **args: "Unpack[CountArgs]") -> Any:
        """A number; with `select`, a dictionary of numbers."""
        return self._read("count", args, None)

    def aggregate(self, **args: "Unpack[AggregateArgs]") -> Record:
        return cast(Record, self._read("aggregate", args, self._decoder.aggregate))

    def group_by(self, **args: "Unpack[GroupByArgs]") -> List[Record]:
        return cast(List[Record], self._read("groupBy", args, self._decoder.groups))


class ModelWithInfo(_Reads):
    """The reads of one model, each with its info: `answer.data`, `answer.info`, or `data, info = …`."""

    def find_unique(self, **args: "Unpack[FindUniqueArgs]") -> Answer:
        return cast(Answer, self._read("findUnique", args, self._decoder.record))

    def find_unique_or_throw(self, **args: "Unpack[FindUniqueArgs]") -> Answer:
        return cast(Answer, self._read("findUniqueOrThrow", args, self._decoder.record))

    def find_first(self, **args: "Unpack[FindManyArgs]") -> Answer:
        return cast(Answer, self._read("findFirst", args, self._decoder.record))

    def find_first_or_throw(self, **args: "Unpack[FindManyArgs]") -> Answer:
        return cast(Answer, self._read("findFirstOrThrow", args, self._decoder.record))

    def find_many(self, **args: "Unpack[FindManyArgs]") -> Answer:
        return cast(Answer, self._read("findMany", args, self._decoder.records))

    def count(self, **args: "Unpack[CountArgs]") -> Answer:
        return cast(Answer, self._read("count", args, None))

    def aggregate(self, **args: "Unpack[AggregateArgs]") -> Answer:
        return cast(Answer, self._read("aggregate", args, self._decoder.aggregate))

    def group_by(self, **args: "Unpack[GroupByArgs]") -> Answer:
        return cast(Answer, self._read("groupBy", args, self._decoder.groups))
