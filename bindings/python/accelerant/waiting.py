"""How the main thread waits for its requests: so that Ctrl-C ends that."""
from __future__ import annotations

import ctypes
import select
import threading
from typing import Dict, Optional, Set, Tuple

from .errors import ClientNotConnectedError
from .library import Library

#: Of a thread that there is not.
_NOBODY = 0
#: How long a signal may stay unnoticed that comes right before the wait begins.
_MILLISECONDS = 50


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
        #: For requests that are started by ctypes. Why so large: the module in C counts from one.
        self.token = 1 << 62
        self._is_over = False
        # What came for a wait that a signal handler interrupted, and what nobody waits for any more.
        self._wait = library.module() and library.module().wait
        self._arrived: Dict[int, Tuple[int, int]] = {}
        self._abandoned: Set[int] = set()

    def take_token(self) -> int:
        """The token that was just given away."""
        token = self.token
        self.token += 1
        return token

    def end(self) -> None:
        """The client is about to be closed: waits that a signal handler has interrupted end with an error."""
        self._is_over = True

    def take(self, token: int) -> Tuple[int, int]:
        """The status and the address of a reply, once it is there. When an exception ends the wait, the request is cancelled."""
        try:
            found = self._arrived.pop(token, None) if self._arrived else None
            while found is None and self._wait is not None:
                self._go_on(token)
                # Why by turns: a signal's handler runs between them.
                found = self._sorted(token, self._wait(self._handle, self._descriptor, _MILLISECONDS))
            if found is not None:
                return found
            poll = select.poll()
            poll.register(self._descriptor, select.POLLIN)
            found = self._look(token)
            while found is None:
                self._go_on(token)
                poll.poll(_MILLISECONDS)
                found = self._look(token)
            return found
        except BaseException:
            if token in self._arrived:
                self._library.reply_free(self._arrived.pop(token)[1])
            else:
                self._library.cancel(self._handle, token)
                self._abandoned.add(token)
            raise

    def _go_on(self, token: int) -> None:
        if self._is_over and token not in self._arrived:
            raise ClientNotConnectedError("the client was closed while this call waited: if it writes, that may or may not have happened")

    def _sorted(self, token: int, finished: Optional[Tuple[int, int, int]]) -> Optional[Tuple[int, int]]:
        """What has finished, if it is that; else it is kept for whoever waits for it."""
        if finished is not None:
            taken, status, reply = finished
            if taken == token:
                return status, reply
            if taken in self._abandoned:
                self._abandoned.discard(taken)
                self._library.reply_free(ctypes.c_void_p(reply))
            else:
                self._arrived[taken] = status, reply
        # A handler of a signal may have taken it.
        return self._arrived.pop(token, None)

    def _look(self, token: int) -> Optional[Tuple[int, int]]:
        """The reply to one request, if it has come; keeps those to others."""
        library = self._library
        while token not in self._arrived:
            taken, reply = ctypes.c_uint64(), ctypes.c_void_p()
            if library.take(self._handle, ctypes.byref(taken), ctypes.byref(reply)) != 0 or reply.value is None:
                return None
            if taken.value in self._abandoned:
                self._abandoned.discard(taken.value)
                library.reply_free(reply)
            else:
                self._arrived[taken.value] = library.reply_status(reply), reply.value
        return self._arrived.pop(token)
