"""The generated client whose calls wait."""
from __future__ import annotations

import datetime
import os
from typing import Any, Callable, Dict, List, Literal, Optional, Sequence, Type, TypeVar, Union, cast, overload

from ...client.base import INVALIDATE_ALL, invalidate_request, log_from, take_log_request
from ...client.client import Accelerant
from ...codec.special import LOCAL_REQUEST
from ...errors import FieldNotFoundError
from ...types import Answer, LoggedEvents
from .base_client import BasePrisma, Span, milliseconds
from .batches import SyncBatch
from ..actions.grouping import raw_records, raw_rows, rows_of
from .faults import located
from .metrics import Metrics, labelled
from .transactions import SyncTransactionManager

Self = TypeVar("Self", bound="SyncPrisma")
T = TypeVar("T")


class SyncEngine(Accelerant):
    """The library, for a client that knows its models already."""

    _mode = LOCAL_REQUEST

    def _describe(self) -> Dict[str, Any]:
        return {}


class SyncPrisma(BasePrisma):
    """A client whose calls wait. Any number of threads may use it at once."""

    _is_async = False

    def connect(self, timeout: Optional[Span] = None) -> None:
        """Opens the client and makes its first connection. DatabaseConnectionError where that cannot be had."""
        if self._is_foreign():
            self._engine = None
        if self._engine is not None:
            return
        engine = SyncEngine(**self._configuration())
        limit = milliseconds("timeout", timeout, 1000) or self._connect_timeout
        try:
            engine._run({"operation": "$connect", "timeoutMs": limit}, None)
        except BaseException:
            engine.close()
            raise
        self._engine, self._process = engine, os.getpid()

    def disconnect(self, timeout: Optional[Span] = None) -> None:
        """Closes the client; calls of other threads end first. It may be connected again."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    def __enter__(self: Self) -> Self:
        self.connect()
        return self

    def __exit__(self, *_: Any) -> None:
        if self.is_connected():
            self.disconnect()

    # Raw SQL

    @overload
    def query_raw(
        self, query: str, *args: Any, touches: Optional[Sequence[str]] = None, timeout_ms: Optional[int] = None,
    ) -> List[Dict[str, Any]]: ...

    @overload
    def query_raw(
        self, query: str, *args: Any, model: Type[T], touches: Optional[Sequence[str]] = None, timeout_ms: Optional[int] = None,
    ) -> List[T]: ...

    def query_raw(
        self, query: str, *args: Any, model: Any = None, touches: Optional[Sequence[str]] = None, timeout_ms: Optional[int] = None,
    ) -> Any:
        """The rows of an SQL query; parameters stand in it as `$1`, `$2`, … With `model`, its instances.
        `timeout_ms` limits the call: QueryTimeoutError."""
        decode = raw_rows if model is None else raw_records(model)
        return rows_of(self._run(self._raw("$queryRaw", query, args, touches, timeout_ms), decode))

    @overload
    def query_first(
        self, query: str, *args: Any, touches: Optional[Sequence[str]] = None, timeout_ms: Optional[int] = None,
    ) -> Optional[Dict[str, Any]]: ...

    @overload
    def query_first(
        self, query: str, *args: Any, model: Type[T], touches: Optional[Sequence[str]] = None, timeout_ms: Optional[int] = None,
    ) -> Optional[T]: ...

    def query_first(
        self, query: str, *args: Any, model: Any = None, touches: Optional[Sequence[str]] = None, timeout_ms: Optional[int] = None,
    ) -> Any:
        """The first row of an SQL query; None where there is none."""
        rows = self.query_raw(query, *args, model=model, touches=touches, timeout_ms=timeout_ms)
        return rows[0] if rows else None

    def execute_raw(
        self, query: str, *args: Any, touches: Optional[Sequence[str]] = None, timeout_ms: Optional[int] = None,
    ) -> int:
        """Runs an SQL statement, and gives the number of rows it changed. `touches` names the tables that it writes."""
        return int(self._run(self._raw("$executeRaw", query, args, touches, timeout_ms), None))

    # Several calls together

    def batch_(self) -> Any:
        """Writes that run together, in one transaction: `with db.batch_() as batch`."""
        return SyncBatch(self)

    def tx(
        self: Self, *, max_wait: Span = datetime.timedelta(seconds=2), timeout: Span = datetime.timedelta(seconds=5),
        isolation_level: Optional[str] = None,
    ) -> SyncTransactionManager[Self]:
        """A transaction: `with db.tx() as transaction`, whose calls are those of `transaction`. It is committed at the end of the block, and
        rolled back when an exception leaves it, or when it is open for longer than `timeout`."""
        return SyncTransactionManager(
            self, milliseconds("max_wait", max_wait, 1), milliseconds("timeout", timeout, 1), isolation_level)

    # The cache, and what the library tells

    @property
    def accelerate(self) -> "SyncAccelerate":
        return SyncAccelerate(self)

    @overload
    def get_metrics(self, format: Literal["json"] = "json", *, global_labels: Optional[Dict[str, str]] = None) -> Metrics: ...

    @overload
    def get_metrics(self, format: Literal["prometheus"], *, global_labels: Optional[Dict[str, str]] = None) -> str: ...

    def get_metrics(self, format: str = "json", *, global_labels: Optional[Dict[str, str]] = None) -> Union[str, Metrics]:
        """Counters, gauges and histograms; for `"prometheus"` their text."""
        answer = self._run({"operation": "$metrics", "args": {"format": format}}, None)
        return labelled(answer, global_labels)

    def take_log(self, limit: Optional[int] = None) -> LoggedEvents:
        """What was logged since the last time, the oldest first; for clients made with `log_queries` or `log=["query", …]`."""
        return log_from(self._run(take_log_request(limit), None))

    def advance_clock(self, by: datetime.timedelta) -> None:
        """Moves the clock of a client made with `clock="manual"`."""
        self._run({"operation": "$clock.advance", "args": {"milliseconds": round(by.total_seconds() * 1000)}}, None)

    # Calls

    def _run(self, request: Dict[str, Any], decode: Any) -> Any:
        self._refuse_when_forked()
        try:
            return self._connected()._run(self._inside(request), decode)
        except FieldNotFoundError as error:
            raise located(error, request) from None

    def _connected_run(self, request: Dict[str, Any]) -> Any:
        """Runs a request that belongs to no transaction, or says itself to which."""
        self._refuse_when_forked()
        return self._connected()._run(request, None)

    def _begin_transaction(self, request: Dict[str, Any], adopt: Callable[[str], None]) -> None:
        self._refuse_when_forked()
        self._connected()._begin_transaction(request, adopt)

    def _run_with_info(self, request: Dict[str, Any], decode: Any) -> Answer:
        self._refuse_when_forked()
        try:
            return cast(Answer, self._connected()._run_with_info(self._inside(request), decode))
        except FieldNotFoundError as error:
            raise located(error, request) from None

    def _run_text(self, request: bytes, decode: Any) -> Any:
        self._refuse_when_forked()
        engine = self._connected()
        try:
            return engine._codec.read(engine._data(request), decode)
        except FieldNotFoundError as error:
            raise located(error, request) from None

    def _run_as_json(self, request: Dict[str, Any]) -> bytes:
        self._refuse_when_forked()
        try:
            return cast(bytes, self._connected()._bytes(self._inside(request)))
        except FieldNotFoundError as error:
            raise located(error, request) from None


class SyncAccelerate:
    """The cache of a client."""

    def __init__(self, client: SyncPrisma) -> None:
        self._client = client

    def invalidate(self, tags: Sequence[str]) -> None:
        """Drops every cached answer that bears one of the tags; five tags a call at most. In a transaction it takes effect at its commit."""
        self._client._run(invalidate_request(tags), None)

    def invalidate_all(self) -> None:
        """Drops every cached answer."""
        self._client._run(dict(INVALIDATE_ALL), None)
