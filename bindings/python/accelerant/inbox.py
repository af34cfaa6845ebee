"""The requests of one client that are outstanding on an event loop."""
from __future__ import annotations

import asyncio
import ctypes
import os
from typing import Any, Callable, Dict, List, Optional, Tuple

from .errors import ClientNotConnectedError, ForkedClientError, PrismaError, error_from
from .library import Library, Read

#: What a request came to: its answer, or its error.
Outcome = Tuple[Any, Optional[BaseException]]

_FOREIGN = "this client belongs to another event loop: open one client for each loop"
_FORKED = "this client belongs to the parent process: open another one in the child, after fork()"


class Inbox:
    """Starts requests, and hands out their replies when the loop finds the library's descriptor readable. A hit is there at once.

    Belongs to one loop, that of the coroutine that asks first. No thread is involved: the loop watches one descriptor, however
    many requests are outstanding.
    """

    def __init__(self, library: Library, handle: int) -> None:
        self._library = library
        self._handle = handle
        self._process = os.getpid()
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._descriptor = -1
        self._last_token = 0
        self._outstanding: Dict[int, Tuple["asyncio.Future[Outcome]", Read]] = {}
        self._empty: List["asyncio.Future[None]"] = []
        # Taken into again and again: ctypes objects are dear.
        self._token, self._reply = ctypes.c_uint64(), ctypes.c_void_p()
        self._places = ctypes.byref(self._token), ctypes.byref(self._reply)
        self._known = ctypes.c_void_p()
        self._place = ctypes.byref(self._known)

    async def ask(self, request: bytes, read: Read) -> Any:
        """Runs a request, and gives what `read` takes out of its reply. With a hit, this does not wait.

        When the task is cancelled the library is asked to cancel, too; its reply is dropped when it comes.
        """
        loop = self._bind()
        token = self._last_token = self._last_token + 1
        status = self._library.request(self._handle, request, len(request), token, self._place)
        if self._known.value is not None:
            return self._library.read(status, self._known, read)
        if status != 0:
            raise error_from(None, self._library.name_of(status))
        future: "asyncio.Future[Outcome]" = loop.create_future()
        self._outstanding[token] = future, read
        try:
            answer, error = await future
        except asyncio.CancelledError:
            if token in self._outstanding:
                self._library.cancel(self._handle, token)
            raise
        if error is not None:
            raise error
        return answer

    def _bind(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            # Why only here: what runs on the parent's own loop is told by the library.
            if os.getpid() != self._process:
                raise ForkedClientError(_FORKED, code="P6010", status="FORKED")
            if self._loop is not None:
                raise RuntimeError(_FOREIGN)
            self._descriptor = self._library.descriptor(self._handle)
            if self._descriptor < 0:
                raise PrismaError("the client has no descriptor to watch: it is closed, or the process has too many open")
            loop.add_reader(self._descriptor, self._hand_out)
            self._loop = loop
        return loop

    def _hand_out(self) -> None:
        """Takes replies until there is none."""
        while True:
            status = self._library.take(self._handle, *self._places)
            if status != 0 or self._reply.value is None:
                break
            future, read = self._outstanding.pop(self._token.value)
            outcome: Outcome
            try:
                outcome = self._library.read(self._library.reply_status(self._reply), self._reply, read), None
            except Exception as error:
                outcome = None, error
            if not future.done():
                future.set_result(outcome)
        if not self._outstanding:
            self._announce_empty()

    def _announce_empty(self) -> None:
        for waiter in self._empty:
            if not waiter.done():
                waiter.set_result(None)
        self._empty.clear()

    def check_loop(self) -> None:
        """Refuses whoever runs on another loop while that of the inbox is open."""
        if self._is_alive and self._loop is not asyncio.get_running_loop():
            raise RuntimeError(_FOREIGN)

    @property
    def _is_alive(self) -> bool:
        return self._loop is not None and not self._loop.is_closed()

    async def drain(self) -> None:
        """Waits until nothing is outstanding. Each request has its time limit."""
        if self._outstanding and self._loop is not None and self._is_alive:
            waiter: "asyncio.Future[None]" = self._loop.create_future()
            self._empty.append(waiter)
            await waiter

    def end(self) -> None:
        """Watches the descriptor no more, and ends what is outstanding with an error. To be called on the loop."""
        if self._loop is None or not self._is_alive:
            return
        self._loop.remove_reader(self._descriptor)
        for future, _ in self._outstanding.values():
            if not future.done():
                future.set_result((None, ClientNotConnectedError("the client was closed")))
        self._outstanding.clear()
        self._announce_empty()

    def end_from_anywhere(self, then: Callable[[], None]) -> None:
        """As `end`, for whoever may be on any thread; calls `then` afterwards."""

        def finish() -> None:
            self.end()
            then()

        try:
            if self._loop is not None:
                # Why not here: a loop may be told of its descriptors on its own thread alone.
                self._loop.call_soon_threadsafe(finish)
                return
        except RuntimeError:
            pass  # The loop is closed, and watches nothing any more.
        then()
