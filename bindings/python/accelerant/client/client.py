"""The client whose calls wait."""
from __future__ import annotations

import os
import sys
import threading
from ctypes import byref, c_void_p
from threading import get_ident
from types import FrameType
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, Union, cast

from .base import (
    CONNECT, INVALIDATE_ALL, BaseClient, Decode, advance_request, answer_from, invalidate_request, log_from,
    metrics_request, raw_request, take_log_request, triggers_request, with_trace)
from ..codec.form import TABLE
from ..errors import ClientNotConnectedError
from ..library import Read
from .model import Model
from .transaction import Batch, Transaction, begin_request
from ..types import Answer, LoggedEvents
from ..waiting import Waiting


class Accelerant(BaseClient[Model]):
    """A client: any number of threads may use it at once, and other Python threads run while one waits.

        with Accelerant(schema_path="schema.prisma", datasource_url="postgresql://localhost/app") as db:
            users = db.user.find_many(where={"email": {"contains": "alice"}}, cache_strategy={"ttl": 60})

    Each model of the schema is an attribute, spelled as Prisma Client does (`db.orderItem`) or as Python does
    (`db.order_item`); `db.model("OrderItem")` reaches those whose name this class uses itself.
    """

    _model_class = Model

    def _begin(self) -> None:
        library = self._library
        self._query, self._request = library.query, library.request
        self._reply_data, self._reply_free = library.reply_data, library.reply_free
        self._waiting = Waiting(library, cast(int, self._handle))
        self._main_thread = self._waiting.thread
        native = library.native(self._main_thread) if self._waiting.is_possible else None
        self._ask = native or self._ask_by_ctypes
        # Why reentrant: a signal handler may close a client that its thread is closing.
        self._closing = threading.RLock()
        self._idle: Optional[threading.Event] = None
        #: The calls that are in the library, and the threads that made them.
        self._running: Dict[Any, int] = {}
        # How many of them `close` does not wait for.
        self._interrupted = 0
        self.accelerate = Accelerate(self)
        self.clock = Clock(self)

    # Requests

    def request(self, request: Dict[str, Any]) -> Any:
        """Runs any request of the library as it is, and gives its data as JSON has it. Tagged values may stand in it as dictionaries."""
        return self._codec.read(self._data(self._codec.encode(request, True)), None)

    def request_with_info(self, request: Dict[str, Any]) -> Answer:
        """As `request`, with the info; it is None for what does not read through the cache."""
        return answer_from(self._call(self._codec.encode(request, True), self._data_and_info), None, self._codec)

    def request_bytes(self, request: bytes) -> bytes:
        """Runs a request given as JSON text, and gives the answer's text: the quickest way through this package."""
        return self._data(request)

    def query_raw(
        self, query: str, *parameters: Any, touches: Optional[Sequence[str]] = None, timeout_ms: Optional[int] = None,
        traceparent: Optional[str] = None,
    ) -> List[Dict[str, Any]]:
        """Rows of an SQL query; parameters stand in it as `$1`, `$2`, … `touches` names the tables that it writes, if it does.
        `timeout_ms` limits the call."""
        return cast(List[Dict[str, Any]], self._run(with_trace(raw_request("$queryRaw", query, parameters, touches, timeout_ms), traceparent), TABLE))

    def execute_raw(
        self, query: str, *parameters: Any, touches: Optional[Sequence[str]] = None, timeout_ms: Optional[int] = None,
        traceparent: Optional[str] = None,
    ) -> int:
        """Runs an SQL statement, and gives the number of rows it changed. `touches` names the tables that it writes: automatic answers
        from these are dropped, and all of them when it is not given. `timeout_ms` limits the call."""
        return cast(int, self._run(with_trace(raw_request("$executeRaw", query, parameters, touches, timeout_ms), traceparent), None))

    def transaction(
        self, *, isolation_level: Optional[str] = None, timeout_ms: Optional[int] = None, max_wait_ms: Optional[int] = None
    ) -> Transaction:
        """An interactive transaction: `with db.transaction() as tx`. It is committed at the end of the block, and rolled back when an
        exception leaves it, or when it is open for longer than `timeout_ms` (5000). It waits `max_wait_ms` (2000) for a connection."""
        return Transaction(self, begin_request(isolation_level, timeout_ms, max_wait_ms))

    def batch(self, *, isolation_level: Optional[str] = None) -> Batch[Model]:
        """Requests that run together at the end of the block, in one transaction: `with db.batch() as batch`."""
        return Batch(self, isolation_level)

    def metrics(self, format: str = "json") -> Any:
        """Counters and histograms: a dictionary, or Prometheus text for `format="prometheus"`."""
        return self._run(metrics_request(format), None)

    def take_log(self, limit: Optional[int] = None) -> LoggedEvents:
        """What was logged since the last time, the oldest first; for clients opened with `log=["query", …]`."""
        return log_from(self._run(take_log_request(limit), None))

    def connect(self) -> None:
        """Makes the first connection now, so that a wrong URL shows now. Not needed: the first query connects."""
        self._run(CONNECT, None)

    # Calls into the library

    def _run(self, request: Dict[str, Any], decode: Decode) -> Any:
        find = self._codec.find
        if find is None:
            return self._codec.read(self._data(self._codec.encode(request)), decode)
        # Why not announced as other calls are: it neither waits nor lets another thread run, so nobody closes the handle meanwhile.
        answer = find(self._handle, request, decode, self._mode)
        return self._codec.read(self._data(answer), decode) if type(answer) is bytes else answer

    def _quick_way(self) -> Any:
        return None if self._codec.quick_named is None else self._quick

    def _quick(self, plan: Any, args: Dict[str, Any]) -> Any:
        answer = self._codec.quick_named(self._handle, plan, args)  # type: ignore[misc]
        return self._codec.read(self._data(answer), plan[2]) if type(answer) is bytes else answer

    def _bytes(self, request: Dict[str, Any]) -> bytes:
        """The text of a request's answer."""
        find = self._codec.find_bytes
        if find is None:
            return self._data(self._codec.encode(request))
        answer, text = find(self._handle, request, self._mode)
        return self._data(text) if answer is None else cast(bytes, answer)

    def _run_with_info(self, request: Dict[str, Any], decode: Decode) -> Answer:
        return answer_from(self._call(self._codec.encode(request), self._data_and_info), decode, self._codec)

    def _data(self, request: bytes) -> bytes:
        """The text of a request's answer."""
        answer = self._guarded(self._ask, request)
        if isinstance(answer, bytes):
            return answer
        status, reply = answer
        return cast(bytes, self._library.read(status, c_void_p(reply), self._library.reply_data))

    def _call(self, request: bytes, read: Read) -> Any:
        """One request; `read` takes what is wanted out of its reply."""
        status, reply = self._guarded(self._reply_by_ctypes, request)
        return self._library.read(status, c_void_p(reply), read)

    def _guarded(self, ask: Callable[[int, bytes], Any], request: bytes) -> Any:
        """What `ask` gives for the client's handle, which is not closed meanwhile.

        A call announces itself in `_running` before it looks at the handle, and `close` takes the handle away before it
        looks at `_running`: so no call ever uses a handle that was closed.
        """
        running, call = self._running, object()
        try:
            running[call] = get_ident()
            handle = self._handle
            if handle is None:
                raise ClientNotConnectedError("the client is closed")
            answer = ask(handle, request)
            if type(answer) is int:
                return self._waiting.take(answer)
            return answer
        finally:
            running.pop(call, None)
            if self._idle is not None and len(running) <= self._interrupted:
                self._idle.set()

    def _reply_by_ctypes(self, handle: int, request: bytes) -> Union[int, Tuple[int, Optional[int]]]:
        """The status and the address of the reply, or the token under which that is taken later."""
        reply = c_void_p()
        if get_ident() != self._main_thread:
            return self._query(handle, request, len(request), byref(reply)), reply.value
        # Why taken first: an exception of a signal handler may come in between, and a token stands for one request.
        token = self._waiting.take_token()
        status = self._request(handle, request, len(request), token, byref(reply))
        if status == 0 and reply.value is None:
            return token
        return status, reply.value

    def _ask_by_ctypes(self, handle: int, request: bytes) -> Union[bytes, int, Tuple[int, Optional[int]]]:
        """What `_native.ask` does. In few steps: most of a hit's time is theirs."""
        reply, token = c_void_p(), 0
        if get_ident() == self._main_thread:
            token = self._waiting.take_token()
            status = self._request(handle, request, len(request), token, byref(reply))
        else:
            status = self._query(handle, request, len(request), byref(reply))
        if status != 0:
            return status, reply.value
        data = self._reply_data(reply, None)
        if data is None:
            return token
        self._reply_free(reply)
        return cast(bytes, data)

    # Transactions

    def _begin_transaction(self, request: Dict[str, Any], adopt: Callable[[str], None]) -> None:
        """Begins a transaction, and calls `adopt` with its id. When an exception ends the call before that, none stays open."""
        if get_ident() != self._main_thread:
            return adopt(self._run(request, None)["id"])
        waiting, text = self._waiting, self._codec.encode(request)
        token, reply = waiting.take_token(), c_void_p()

        def ask(handle: int, request: bytes) -> Tuple[int, Optional[int]]:
            try:
                status = self._request(handle, request, len(request), token, byref(reply))
                if status != 0 or reply.value is not None:
                    return status, reply.value
                status, address = waiting.stay(token)
                if status == 0:
                    adopt(self._transaction_of(address))
            except BaseException:
                waiting.abandon(token, self._take_back_reply)
                raise
            return waiting.release(token)

        status, address = self._guarded(ask, text)
        self._library.read(status, c_void_p(address), self._reply_data)

    def _transaction_of(self, reply: int) -> str:
        """The id in the reply to a request that began a transaction."""
        return cast(str, self._codec.read(self._reply_data(c_void_p(reply), None), None)["id"])

    def _take_back_reply(self, status: int, reply: int) -> None:
        if status == 0:
            self._take_back(self._transaction_of(reply))

    def _take_back(self, transaction: str) -> None:
        """Rolls a transaction back, and does not wait for it."""
        handle, token, reply = self._handle, self._waiting.take_token(), c_void_p()
        text = self._codec.encode({"operation": "$transaction.rollback", "args": {}, "transaction": transaction})
        if handle is not None and self._request(handle, text, len(text), token, byref(reply)) == 0 and reply.value is None:
            self._waiting.leave(token)
        else:
            self._reply_free(reply)

    # The end

    def close(self) -> None:
        """Ends the client: calls of other threads end first (each has its time limit), new ones are refused.

        A call that a signal handler interrupts in order to close the client ends with `ClientNotConnectedError`."""
        # Why first: in a child of fork() the handle is the parent's, and the threads whose calls would end first are not there.
        if os.getpid() != self._process:
            self._handle = None
            return
        interrupted = len(self._calls_of(sys._getframe()))
        # Why not always waited for: another thread that closes it just now waits for the calls that this one is in the midst of.
        if not self._closing.acquire(blocking=interrupted == 0):
            return
        try:
            handle, self._handle = self._handle, None
            if handle is None:
                return
            self._interrupted = interrupted
            idle = self._idle = threading.Event()
            self._forget_calls_without_end()
            if len(self._running) > self._interrupted:
                idle.wait()
            self._waiting.end()
            self._library.close(handle)
        finally:
            self._closing.release()

    def _calls_of(self, frame: Optional[FrameType]) -> List[Any]:
        """The calls of this client that a thread is in the midst of. More than none where a signal handler runs, which they cannot end before."""
        calls = []
        while frame is not None:
            if frame.f_code is Accelerant._guarded.__code__ and frame.f_locals.get("self") is self:
                calls.append(frame.f_locals.get("call"))
            frame = frame.f_back
        return calls

    def _forget_calls_without_end(self) -> None:
        """Why: an exception of a signal handler may come just before a call says that it has ended. Only the main thread runs handlers."""
        main = threading.main_thread().ident
        calls = self._calls_of(sys._current_frames().get(main or 0))
        for call in [call for call, thread in list(self._running.items()) if thread == main and call not in calls]:
            self._running.pop(call, None)

    def __enter__(self) -> "Accelerant":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __del__(self) -> None:
        if self.__dict__.get("_handle") is not None:
            self.close()


class Accelerate:
    """What `$accelerate` is to Prisma Client."""

    def __init__(self, client: Accelerant) -> None:
        self._client = client

    def invalidate(self, tags: Sequence[str]) -> Dict[str, str]:
        """Drops every cached answer that bears one of the tags; five tags a call at most."""
        return cast(Dict[str, str], self._client.request(invalidate_request(tags)))

    def invalidate_all(self) -> Dict[str, str]:
        """Drops every cached answer."""
        return cast(Dict[str, str], self._client.request(INVALIDATE_ALL))

    def install_triggers(self, tables: Optional[Sequence[str]] = None, *, execute: bool = False) -> Dict[str, Any]:
        """The SQL that makes tables tell of their changes, run if `execute`. Of all tables of the schema unless some are named."""
        return cast(Dict[str, Any], self._client.request(triggers_request("installTriggers", tables, execute)))

    def remove_triggers(self, tables: Optional[Sequence[str]] = None, *, execute: bool = False) -> Dict[str, Any]:
        """Undoes `install_triggers`."""
        return cast(Dict[str, Any], self._client.request(triggers_request("removeTriggers", tables, execute)))


class Clock:
    """The clock of a client that was opened with `clock="manual"`: for tests of what a cache does over time."""

    def __init__(self, client: Accelerant) -> None:
        self._client = client

    def advance(self, seconds: float) -> None:
        self._client.request(advance_request(seconds))
