"""The client of asyncio, whose calls are awaited."""
from __future__ import annotations

import functools
import os
from typing import Any, Dict, List, Optional, Sequence, cast

from .base import (
    CONNECT, INVALIDATE_ALL, BaseClient, Decode, advance_request, answer_from, invalidate_request, log_from,
    metrics_request, raw_request, take_log_request, triggers_request, with_trace)
from ..codec.form import TABLE
from ..errors import ClientNotConnectedError
from ..inbox import Inbox
from ..library import Read
from .model import AsyncModel
from .transaction import AsyncBatch, AsyncTransaction, begin_request
from ..types import Answer, LoggedEvents


class AsyncAccelerant(BaseClient[AsyncModel]):
    """A client on an asyncio event loop: the methods of `Accelerant`, to be awaited.

        async with AsyncAccelerant(schema_path="schema.prisma", datasource_url="postgresql://localhost/app") as db:
            users, orders = await asyncio.gather(
                db.user.find_many(cache_strategy={"ttl": 60}), db.order.count(where={"paid": True}))

    Any event loop may use it, also several at once. No thread of Python takes part: a loop watches one descriptor. A
    cache hit is there at once, without a turn of the loop. Cancelling a task asks the library to cancel its request.
    """

    _model_class = AsyncModel

    def _begin(self) -> None:
        self._inbox = Inbox(self._library, cast(int, self._handle))
        self.accelerate = AsyncAccelerate(self)
        self.clock = AsyncClock(self)

    # Requests

    async def request(self, request: Dict[str, Any]) -> Any:
        """Runs any request of the library as it is, and gives its data as JSON has it. Tagged values may stand in it as dictionaries."""
        return self._codec.read(await self._call(self._codec.encode(request, True), self._library.reply_data), None)

    async def request_with_info(self, request: Dict[str, Any]) -> Answer:
        """As `request`, with the info; it is None for what does not read through the cache."""
        return answer_from(await self._call(self._codec.encode(request, True), self._data_and_info), None, self._codec)

    async def request_bytes(self, request: bytes) -> bytes:
        """Runs a request given as JSON text, and gives the answer's text: the quickest way through this package."""
        return cast(bytes, await self._call(request, self._library.reply_data))

    async def query_raw(
        self, query: str, *parameters: Any, touches: Optional[Sequence[str]] = None, timeout_ms: Optional[int] = None,
        traceparent: Optional[str] = None,
    ) -> List[Dict[str, Any]]:
        """Rows of an SQL query; parameters stand in it as `$1`, `$2`, … `touches` names the tables that it writes, if it does.
        `timeout_ms` limits the call."""
        return cast(List[Dict[str, Any]], await self._run(with_trace(raw_request("$queryRaw", query, parameters, touches, timeout_ms), traceparent), TABLE))

    async def execute_raw(
        self, query: str, *parameters: Any, touches: Optional[Sequence[str]] = None, timeout_ms: Optional[int] = None,
        traceparent: Optional[str] = None,
    ) -> int:
        """Runs an SQL statement, and gives the number of rows it changed. `touches` names the tables that it writes: automatic answers
        from these are dropped, and all of them when it is not given. `timeout_ms` limits the call."""
        return cast(int, await self._run(with_trace(raw_request("$executeRaw", query, parameters, touches, timeout_ms), traceparent), None))

    def transaction(
        self, *, isolation_level: Optional[str] = None, timeout_ms: Optional[int] = None, max_wait_ms: Optional[int] = None
    ) -> AsyncTransaction:
        """An interactive transaction: `async with db.transaction() as tx`. It is committed at the end of the block, and rolled back when an
        exception leaves it, or when it is open for longer than `timeout_ms` (5000). It waits `max_wait_ms` (2000) for a connection."""
        return AsyncTransaction(self, begin_request(isolation_level, timeout_ms, max_wait_ms))

    def batch(self, *, isolation_level: Optional[str] = None) -> AsyncBatch:
        """Requests that run together at the end of the block, in one transaction: `async with db.batch() as batch`."""
        return AsyncBatch(self, isolation_level)

    async def metrics(self, format: str = "json") -> Any:
        """Counters and histograms: a dictionary, or Prometheus text for `format="prometheus"`."""
        return await self._run(metrics_request(format), None)

    async def take_log(self, limit: Optional[int] = None) -> LoggedEvents:
        """What was logged since the last time, the oldest first; for clients opened with `log=["query", …]`."""
        return log_from(await self._run(take_log_request(limit), None))

    async def connect(self) -> None:
        """Makes the first connection now, so that a wrong URL shows now. Not needed: the first query connects."""
        await self._run(CONNECT, None)

    async def _run(self, request: Dict[str, Any], decode: Decode) -> Any:
        find = self._codec.find
        if find is None:
            return self._codec.read(await self._call(self._codec.encode(request), self._library.reply_data), decode)
        answer = find(self._handle, request, decode, self._mode)
        return self._codec.read(await self._call(answer, self._library.reply_data), decode) if type(answer) is bytes else answer

    async def _bytes(self, request: Dict[str, Any]) -> bytes:
        """The text of a request's answer."""
        find = self._codec.find_bytes
        if find is None:
            return cast(bytes, await self._call(self._codec.encode(request), self._library.reply_data))
        answer, text = find(self._handle, request, self._mode)
        return cast(bytes, await self._call(text, self._library.reply_data) if answer is None else answer)

    async def _run_with_info(self, request: Dict[str, Any], decode: Decode) -> Answer:
        return answer_from(await self._call(self._codec.encode(request), self._data_and_info), decode, self._codec)

    async def _call(self, request: bytes, read: Read) -> Any:
        if self._handle is None:
            raise ClientNotConnectedError("the client is closed")
        return await self._inbox.ask(request, read)

    # The end

    async def close(self) -> None:
        """Ends the client: requests that are outstanding end first (each has its time limit), new ones are refused."""
        handle, self._handle = self._handle, None
        if handle is None:
            return
        # Why: in a child of fork() the handle is the parent's, and so is what is outstanding.
        if os.getpid() != self._process:
            return self._inbox.end()
        try:
            await self._inbox.drain()
        finally:
            self._inbox.end()
            # Short: nothing is outstanding but refreshes, and what the library has cancelled.
            self._library.close(handle)

    async def __aenter__(self) -> "AsyncAccelerant":
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()

    def __del__(self) -> None:
        handle = self.__dict__.get("_handle")
        if handle is not None and os.getpid() == self._process:
            self._inbox.end_from_anywhere(functools.partial(self._library.close, handle))


class AsyncAccelerate:
    """What `$accelerate` is to Prisma Client."""

    def __init__(self, client: AsyncAccelerant) -> None:
        self._client = client

    async def invalidate(self, tags: Sequence[str]) -> Dict[str, str]:
        """Drops every cached answer that bears one of the tags; five tags a call at most."""
        return cast(Dict[str, str], await self._client.request(invalidate_request(tags)))

    async def invalidate_all(self) -> Dict[str, str]:
        """Drops every cached answer."""
        return cast(Dict[str, str], await self._client.request(INVALIDATE_ALL))

    async def install_triggers(self, tables: Optional[Sequence[str]] = None, *, execute: bool = False) -> Dict[str, Any]:
        """The SQL that makes tables tell of their changes, run if `execute`. Of all tables of the schema unless some are named."""
        return cast(Dict[str, Any], await self._client.request(triggers_request("installTriggers", tables, execute)))

    async def remove_triggers(self, tables: Optional[Sequence[str]] = None, *, execute: bool = False) -> Dict[str, Any]:
        """Undoes `install_triggers`."""
        return cast(Dict[str, Any], await self._client.request(triggers_request("removeTriggers", tables, execute)))


class AsyncClock:
    """The clock of a client that was opened with `clock="manual"`: for tests of what a cache does over time."""

    def __init__(self, client: AsyncAccelerant) -> None:
        self._client = client

    async def advance(self, seconds: float) -> None:
        await self._client.request(advance_request(seconds))
