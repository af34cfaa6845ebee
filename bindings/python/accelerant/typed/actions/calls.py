"""What the calls on a model become: requests of the library, and what makes results of their answers."""
from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, Optional, Type

from ...codec import head_of
from ...codec.models import record_form
from ...codec.special import LOCAL_REQUEST
from ...records import Record
from .arguments import ALIASES
from .grouping import aggregate_form

Request = Dict[str, Any]
#: Makes a result of the data of an answer.
Decode = Callable[[Any], Any]
#: For the module in C: leaves an answer as it is, the only member of a tuple.
RAW: Any = tuple


def _given(args: Mapping[str, Any]) -> Dict[str, Any]:
    """Arguments that were given: None is not."""
    return {key: value for key, value in args.items() if value is not None}


def _count_of(answer: Dict[str, int]) -> int:
    return answer["count"]


#: The words of a cache strategy that Python spells differently.
_STRATEGY = {"stale_if_error": "staleIfError"}
_ALIASES = {**ALIASES, **_STRATEGY}


class Calls:
    """The requests of one model, for records of one class."""

    __slots__ = ("_client", "_model", "_schema", "_translate", "_is_partial", "_plans", "record", "records")

    def __init__(self, client: Any, model: Type[Record]) -> None:
        package = model.__record_package__
        self._client = client
        self._plans: Dict[str, Any] = {}
        self._model = model
        self._schema = package.schema.model(model.__prisma_model__)
        self._translate = package.arguments
        self._is_partial = model.__record_selection__ is not None
        #: Makes of an answer a record, or records.
        self.record = self.records = record_form(model)

    def quick(self, operation: str, where: Any, order: Any, cursor: Any, take: Any, skip: Any, cache_strategy: Any) -> Any:
        """A cached answer, or bytes: the request's text to ask by. NotImplemented where the arguments have to be translated, in a
        transaction, and without the module in C."""
        client = self._client
        engine = client._engine
        if engine is None or client._transaction is not None or engine._codec.quick is None:
            return NotImplemented
        plan = self._plans.get(operation) or self._plan(operation)
        return engine._codec.quick(engine._handle, plan, where, order, cursor, take, skip, cache_strategy)

    def _plan(self, operation: str) -> Any:
        # Why not Json, lists and milliseconds: their filters are translated by their values.
        fields = {
            field.key: True for field in self._schema.scalars
            if field.key == field.name and field.kind != "Json" and not field.is_list and not field.is_milliseconds}
        if self._model.__record_selection__ is not None:
            fields = {}
        found = (
            head_of(self._schema.name, operation), ("where", "orderBy", "cursor", "take", "skip", "cacheStrategy"), 3, fields, _ALIASES, self.record,
            LOCAL_REQUEST)
        self._plans[operation] = found
        return found

    def _request(self, operation: str, args: Dict[str, Any], timeout_ms: Optional[int] = None) -> Request:
        request: Request = {"model": self._schema.name, "operation": operation, "args": args}
        if timeout_ms is not None:
            request["timeoutMs"] = timeout_ms
        return request

    # Reads

    def find_unique(
        self, operation: str, where: Any, include: Any, cache_strategy: Any, timeout_ms: Optional[int]
    ) -> Request:
        args = {"where": self._translate.unique(self._schema, where)}
        if include is not None or self._is_partial:
            args.update(self._selection(include))
        if cache_strategy is not None:
            args["cacheStrategy"] = cache_of(cache_strategy)
        return self._request(operation, args, timeout_ms)

    def find(self, operation: str, page: Mapping[str, Any], include: Any, timeout_ms: Optional[int]) -> Request:
        args = self._page(page)
        if include is not None or self._is_partial:
            args.update(self._selection(include))
        return self._request(operation, args, timeout_ms)

    def count(self, select: Any, page: Mapping[str, Any], timeout_ms: Optional[int]) -> Request:
        args = self._page(page)
        if select is not None:
            args["select"] = self._translate.chosen(self._schema, select) or {"_all": True}
        return self._request("count", args, timeout_ms)

    def counts(self, select: Any) -> Optional[Decode]:
        """What makes of the numbers of a count with `select` the result: by the names that the program uses."""
        if not isinstance(select, dict):
            return None
        names = {field.key: name for name, field in self._schema.by_name.items() if name in select and name != field.key}
        return (lambda found: {names.get(key, key): number for key, number in found.items()}) if names else None

    def group_by(
        self, by: Any, page: Mapping[str, Any], aggregates: Mapping[str, Any], having: Any, timeout_ms: Optional[int]
    ) -> Request:
        for name in ("take", "skip"):
            if page["order"] is None and page[name] is not None:
                raise TypeError(f"Missing argument: 'order' which is required when '{name}' is present")
        args: Dict[str, Any] = {"by": self._translate.names(self._schema, by), **self._page(page)}
        for name, chosen in aggregates.items():
            if chosen is True:
                args["_" + name] = {"_all": True}
            elif chosen:
                args["_" + name] = self._translate.chosen(self._schema, chosen)
        if having is not None:
            args["having"] = self._translate.where(self._schema, having)
        return self._request("groupBy", args, timeout_ms)

    def groups(self) -> Decode:
        return aggregate_form(self._schema, self._client._package)

    def _page(self, page: Mapping[str, Any]) -> Dict[str, Any]:
        args: Dict[str, Any] = {}
        for name, value in page.items():
            if value is None:
                continue
            key = "orderBy" if name == "order" else name
            if name == "cache_strategy":
                args["cacheStrategy"] = cache_of(value)
            else:
                args[key] = self._translate.page_argument(self._schema, key, value)
        return args

    def _selection(self, include: Any) -> Dict[str, Any]:
        if include is None and self._model.__record_selection__ is None:
            return {}
        found: Dict[str, Any] = self._translate.selection(self._schema, self._model, include)
        return found

    # Writes

    def create(self, data: Any, include: Any, timeout_ms: Optional[int]) -> Request:
        args = {"data": self._translate.data(self._schema, data), **self._selection(include)}
        return self._request("create", args, timeout_ms)

    def create_many(
        self, data: Any, skip_duplicates: Optional[bool], timeout_ms: Optional[int], operation: str = "createMany", include: Any = None
    ) -> Request:
        rows: Any = data
        if isinstance(data, (list, tuple)):
            rows = [self._translate.data(self._schema, row) for row in data]
        elif isinstance(data, dict):
            rows = self._translate.data(self._schema, data)
        args = _given({"data": rows, "skipDuplicates": skip_duplicates})
        return self._request(operation, {**args, **(self._selection(include) if operation != "createMany" else {})}, timeout_ms)

    def update(self, data: Any, where: Any, include: Any, timeout_ms: Optional[int]) -> Request:
        args = {
            "where": self._translate.unique(self._schema, where), "data": self._translate.data(self._schema, data),
            **self._selection(include),
        }
        return self._request("update", args, timeout_ms)

    def upsert(self, where: Any, data: Any, include: Any, timeout_ms: Optional[int]) -> Request:
        args = {"where": self._translate.unique(self._schema, where)}
        for step in ("create", "update"):
            if step in data:
                args[step] = self._translate.data(self._schema, data[step])
        return self._request("upsert", {**args, **self._selection(include)}, timeout_ms)

    def update_many(
        self, data: Any, where: Any, limit: Optional[int], timeout_ms: Optional[int], operation: str = "updateMany"
    ) -> Request:
        found = {"where": self._translate.where(self._schema, where), "data": self._translate.data(self._schema, data), "limit": limit}
        selection = self._selection(None) if operation != "updateMany" else {}
        return self._request(operation, {**_given(found), **selection}, timeout_ms)

    def delete(self, where: Any, include: Any, timeout_ms: Optional[int]) -> Request:
        args = {"where": self._translate.unique(self._schema, where), **self._selection(include)}
        return self._request("delete", args, timeout_ms)

    def delete_many(self, where: Any, limit: Optional[int], timeout_ms: Optional[int]) -> Request:
        args = _given({"where": self._translate.where(self._schema, where), "limit": limit})
        return self._request("deleteMany", args, timeout_ms)

    counted = staticmethod(_count_of)


def cache_of(strategy: Any) -> Any:
    """A cache strategy as the library knows it."""
    if not isinstance(strategy, dict) or "stale_if_error" not in strategy:
        return strategy
    return {_STRATEGY.get(key, key): value for key, value in strategy.items()}
