"""How the main thread waits for its requests: so that Ctrl-C ends that."""
from __future__ import annotations

import ctypes
import itertools
import select
import threading
import time
from typing import Callable, Dict, Optional, Tuple

from .errors import ClientNotConnectedError
from .library import Library

#: Of a thread that there is not.
_NOBODY = 0
#: How long a signal may stay unnoticed that comes right before the wait begins.
_MILLISECONDS = 50
#: How often it is looked for what was cancelled, within that time.
_LOOKS = 5

#: Takes the status and the address of a reply.
Finish = Callable[[int, int], None]


class Waiting:
    """The requests of one client that its main thread has started, and waits for.

    Why: Python runs signal handlers on its main thread alone, and not while that is in the library. So there a request is started, and
    the descriptor watched until its reply can be taken. Other threads wait inside the library.

    Belongs to the main thread. A signal handler may run requests of its own in the midst of a wait, and may close the client.
    """

    def __init__(self, library: Library, handle: int) -> None:
        self._library = library
        self._handle = handle
        self._descriptor: int = library.descriptor(handle)
        #: Whether there is a descriptor to watch.
        self.is_possible = self._descriptor >= 0
        #: Of the main thread; of none where it has to wait as the others do.
        self.thread: int = (threading.main_thread().ident or _NOBODY) if self.is_possible else _NOBODY
        # For requests that are started by ctypes. Why so large: the module in C counts from one.
        self._next_token = itertools.count(1 << 62).__next__
        self._is_over = False
        self._wait = library.module() and library.module().wait
        #: The status and the address of each reply that has come and was not taken. Why more than one: a signal handler may run requests of
        #: its own in the midst of a wait. Why the module in C writes into it: an exception of a handler then loses no reply.
        self._arrived: Dict[int, Tuple[int, int]] = {}
        #: Requests that nobody waits for any more, and what is done with their replies before these are freed.
        self._abandoned: Dict[int, Optional[Finish]] = {}

    def take_token(self) -> int:
        """A token for one request."""
        return self._next_token()

    def end(self) -> None:
        """The client is about to be closed: waits that a signal handler has interrupted end with an error."""
        self._is_over = True

    def take(self, token: int) -> Tuple[int, int]:
        """The status and the address of a reply, once it is there. When an exception ends the wait, the request is cancelled."""
        try:
            self.stay(token)
            return self.release(token)
        except BaseException:
            self.abandon(token)
            raise

    def release(self, token: int) -> Tuple[int, int]:
        """Gives a reply that stayed here to the caller, who frees it."""
        return self._arrived.pop(token)

    def stay(self, token: int) -> Tuple[int, int]:
        """Waits for a reply, which stays here until `release` or `abandon`."""
        arrived = self._arrived
        if self._wait is None:
            self._stay_in_python(token)
        while token not in arrived:
            self._go_on()
            # Why by turns: a signal's handler runs between them.
            self._wait(self._handle, self._descriptor, _MILLISECONDS, arrived)
            if self._abandoned:
                self._sweep()
        return arrived[token]

    def _stay_in_python(self, token: int) -> None:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        self._look(token)
        while token not in self._arrived:
            self._go_on()
            poll.poll(_MILLISECONDS)
            self._look(token)

    def leave(self, token: int) -> None:
        """Frees a reply once it comes. Nobody waits for it."""
        self._abandoned[token] = None

    def abandon(self, token: int, finish: Optional[Finish] = None) -> None:
        """Nobody waits for a request any more: it is cancelled. `finish` is called with its reply, which may have come already."""
        if token not in self._arrived:
            is_outstanding = self._library.cancel(self._handle, token) == 0
            if finish is not None:
                # Why waited for: nobody may wait afterwards. What was cancelled ends at once, as a rule.
                for _ in range(_LOOKS):
                    self._turn(token, _MILLISECONDS // _LOOKS if is_outstanding else 0)
                if not is_outstanding and token not in self._arrived:
                    return
        self._abandoned[token] = finish
        self._sweep()

    def _turn(self, token: int, milliseconds: int) -> None:
        if token in self._arrived:
            return
        if self._wait is not None:
            self._wait(self._handle, self._descriptor, milliseconds, self._arrived)
        else:
            self._look(token)
            time.sleep(0 if token in self._arrived else milliseconds / 1000)

    def _go_on(self) -> None:
        if self._is_over:
            raise ClientNotConnectedError("the client was closed while this call waited: if it writes, that may or may not have happened")

    def _sweep(self) -> None:
        """Frees replies that nobody waits for."""
        for token in [token for token in self._abandoned if token in self._arrived]:
            # Why not surely there: a signal's handler may have swept in between.
            finish = self._abandoned.pop(token, None)
            found = self._arrived.pop(token, None)
            if found is None:
                continue
            status, reply = found
            try:
                if finish is not None:
                    finish(status, reply)
            finally:
                self._library.reply_free(ctypes.c_void_p(reply))

    def _look(self, token: int) -> None:
        """Takes replies until that to one request has come."""
        library = self._library
        while token not in self._arrived:
            taken, reply = ctypes.c_uint64(), ctypes.c_void_p()
            if library.take(self._handle, ctypes.byref(taken), ctypes.byref(reply)) != 0 or reply.value is None:
                break
            self._arrived[taken.value] = library.reply_status(reply), reply.value
        if self._abandoned:
            self._sweep()
