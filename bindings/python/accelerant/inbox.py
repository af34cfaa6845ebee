"""The requests of one client that are outstanding on event loops."""
from __future__ import annotations

import asyncio
import ctypes
import itertools
import os
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from .errors import ClientNotConnectedError, ForkedClientError, PrismaError, error_from
from .library import Library, Read

#: What a request came to: its answer, or its error.
Outcome = Tuple[Any, Optional[BaseException]]

_FORKED = "this client belongs to the parent process: open another one in the child, after fork()"


class _Entry(NamedTuple):
    """A request whose reply has not come."""

    future: Any
    read: Read
    loop: asyncio.AbstractEventLoop


def _resolve(future: Any, outcome: Any) -> None:
    if not future.done():
        future.set_result(outcome)


class _Door:
    """One event loop that watches the library's descriptor."""

    def __init__(self, inbox: "Inbox", loop: asyncio.AbstractEventLoop, descriptor: int) -> None:
        self.loop = loop
        # Why one for each: a loop keeps what it watches until it is told otherwise, on its own thread; the client may be closed before.
        self._descriptor = os.dup(descriptor)
        # Taken into again and again: ctypes objects are dear. No other thread has these.
        self.known, self.token, self.reply = ctypes.c_void_p(), ctypes.c_uint64(), ctypes.c_void_p()
        self.place = ctypes.byref(self.known)
        self.places = ctypes.byref(self.token), ctypes.byref(self.reply)
        loop.add_reader(self._descriptor, inbox.hand_out, self)

    @property
    def is_alive(self) -> bool:
        return not self.loop.is_closed()

    def shut(self) -> None:
        """Watches no more. To be called on its loop, or when that is closed."""
        if self._descriptor >= 0:
            if self.is_alive:
                self.loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1

    def shut_from_anywhere(self) -> None:
        try:
            self.loop.call_soon_threadsafe(self.shut)
        except RuntimeError:
            self.shut()


class Inbox:
    """Starts requests, and hands out their replies when a loop finds the library's descriptor readable. A hit is there at once.

    Any number of loops may ask, one after the other or at once, each on a thread of its own: a reply may come to any of them, and is given to
    the loop that waits for it. No thread is involved: each loop watches one descriptor, however many requests are outstanding.
    """

    def __init__(self, library: Library, handle: int) -> None:
        self._library = library
        self._handle = handle
        self._process = os.getpid()
        self._next_token = itertools.count(1).__next__
        self._doors: Dict[asyncio.AbstractEventLoop, _Door] = {}
        self._last: Optional[_Door] = None
        self._outstanding: Dict[int, _Entry] = {}
        # Replies that came to another loop before the one that asked has written down who waits.
        self._early: Dict[int, Tuple[int, Optional[int]]] = {}
        self._empty: List[Tuple[asyncio.AbstractEventLoop, Any]] = []

    async def ask(self, request: bytes, read: Read) -> Any:
        """Runs a request, and gives what `read` takes out of its reply. With a hit, this does not wait.

        When the task is cancelled the library is asked to cancel, too; its reply is dropped when it comes.
        """
        loop = asyncio.get_running_loop()
        door = self._last
        if door is None or door.loop is not loop:
            door = self._enter(loop)
        token = self._next_token()
        status = self._library.request(self._handle, request, len(request), token, door.place)
        if door.known.value is not None:
            return self._library.read(status, door.known, read)
        if status != 0:
            raise error_from(None, self._library.name_of(status))
        future: "asyncio.Future[Outcome]" = loop.create_future()
        self._outstanding[token] = _Entry(future, read, loop)
        # Why not looked for first: the loop that it came to may hand it out in between.
        early = self._early.pop(token, None)
        if early is not None:
            self._give(token, *early)
            # Why here, too: whoever closes the client may have seen this request, and waits for its end.
            if not self._outstanding:
                self._announce_empty()
        try:
            answer, error = await future
        except asyncio.CancelledError:
            if token in self._outstanding:
                self._library.cancel(self._handle, token)
            raise
        if error is not None:
            raise error
        return answer

    def _enter(self, loop: asyncio.AbstractEventLoop) -> _Door:
        """The door of a loop, opened when it first asks."""
        door = self._doors.get(loop)
        if door is None:
            # Why only here: what runs on the parent's own loop is told by the library.
            if os.getpid() != self._process:
                raise ForkedClientError(_FORKED, code="P6010", status="FORKED")
            for other in list(self._doors.values()):
                # Why by what was taken out: another loop may find the same one, whose descriptor is closed once.
                if not other.is_alive and self._doors.pop(other.loop, None) is not None:
                    other.shut()
            descriptor = self._library.descriptor(self._handle)
            if descriptor < 0:
                raise PrismaError("the client has no descriptor to watch: it is closed, or the process has too many open")
            door = self._doors[loop] = _Door(self, loop, descriptor)
        self._last = door
        return door

    def hand_out(self, door: _Door) -> None:
        """Takes replies until there is none."""
        while True:
            status = self._library.take(self._handle, *door.places)
            if status != 0 or door.reply.value is None:
                break
            token, reply = door.token.value, door.reply.value
            status = self._library.reply_status(door.reply)
            if token in self._outstanding:
                self._give(token, status, reply)
                continue
            self._early[token] = status, reply
            # Why again: who asked may have looked just before.
            if token in self._outstanding and self._early.pop(token, None) is not None:
                self._give(token, status, reply)
        if not self._outstanding:
            self._announce_empty()

    def _give(self, token: int, status: int, reply: Optional[int]) -> None:
        """Hands one reply to whoever waits for it."""
        entry = self._outstanding.pop(token)
        outcome: Outcome
        try:
            outcome = self._library.read(status, ctypes.c_void_p(reply), entry.read), None
        except Exception as error:
            outcome = None, error
        self._tell(entry.loop, entry.future, outcome)

    def _tell(self, loop: asyncio.AbstractEventLoop, future: Any, outcome: Any) -> None:
        if asyncio._get_running_loop() is loop:
            return _resolve(future, outcome)
        try:
            loop.call_soon_threadsafe(_resolve, future, outcome)
        except RuntimeError:
            pass  # That loop is closed, and nobody waits any more.

    def _announce_empty(self) -> None:
        waiting, self._empty = self._empty, []
        for loop, waiter in waiting:
            self._tell(loop, waiter, None)

    async def drain(self) -> None:
        """Waits until nothing is outstanding. Each request has its time limit."""
        if self._outstanding:
            loop = asyncio.get_running_loop()
            self._enter(loop)
            waiter: "asyncio.Future[None]" = loop.create_future()
            self._empty.append((loop, waiter))
            if not self._outstanding:
                self._announce_empty()
            await waiter

    def end(self) -> None:
        """Watches the descriptor no more, and ends what is outstanding with an error."""
        running = asyncio._get_running_loop()
        doors, self._doors, self._last = self._doors, {}, None
        for door in doors.values():
            if door.loop is running:
                door.shut()
            else:
                door.shut_from_anywhere()
        entries, self._outstanding = self._outstanding, {}
        for entry in entries.values():
            self._tell(entry.loop, entry.future, (None, ClientNotConnectedError("the client was closed")))
        self._announce_empty()

    def end_from_anywhere(self, then: Callable[[], None]) -> None:
        """As `end`, for whoever may be on any thread; calls `then` afterwards."""

        def finish() -> None:
            self.end()
            then()

        for door in list(self._doors.values()):
            try:
                # Why not here: who drops a client may be in the midst of anything.
                door.loop.call_soon_threadsafe(finish)
                return
            except RuntimeError:
                pass  # The loop is closed, and watches nothing any more.
        finish()
