"""Finds libaccelerant.so and declares its functions for ctypes."""
from __future__ import annotations

import ctypes
import os
from typing import Any, Callable, List, Optional, Tuple, Union, cast

from .errors import LibraryNotFoundError, error_from

try:
    from . import _native  # type: ignore[attr-defined,unused-ignore]
except ImportError:
    # Compiled where there was a compiler; ctypes does the same in more steps.
    _native = None

_configured: Any = None


def native_module() -> Any:
    """The module in C, knowing what it has to know of this package; None where it was not built, or serves another interpreter."""
    global _configured, _native
    if _native is not None and _configured is not _native:
        from .codec import configured

        try:
            _configured = configured(_native)
        except ImportError:
            _native = None
    return _native


#: Takes what is wanted out of a reply; its second argument is None.
Read = Callable[[Any, None], Any]
#: Runs a request of a client: the answer, or the status and the address of the reply that tells what went wrong, or the token
#: under which the reply is taken later.
Ask = Callable[[int, bytes], Union[bytes, int, Tuple[int, int]]]

_FILE = "libaccelerant.so"
_SONAME = "libaccelerant.so.1"


def candidates() -> List[str]:
    """Where the library is looked for, in this order. ACCELERANT_LIBRARY, when set, is the only place."""
    named = os.environ.get("ACCELERANT_LIBRARY")
    if named:
        return [named]
    here = os.path.dirname(os.path.abspath(__file__))
    build = os.path.join(here, "..", "..", "..", ".build")
    return [
        os.path.join(here, _FILE),
        os.path.join(build, "release", _FILE),
        os.path.join(build, "debug", _FILE),
        _SONAME,
        "/usr/local/lib/" + _SONAME,
    ]


#: Of openssl/crypto.h.
_OPENSSL_INIT_NO_ATEXIT = 0x00080000


def _lasting(library: ctypes.CDLL) -> ctypes.CDLL:
    """The library, whose OpenSSL is not cleared away at the end of the process.

    Why: threads of the library may be in the midst of TLS then. It can be forbidden before the first use alone: a program that has imported
    `ssl` before has used it."""
    try:
        initialize = library.OPENSSL_init_crypto
    except AttributeError:
        return library
    initialize(ctypes.c_uint64(_OPENSSL_INIT_NO_ATEXIT), None)
    return library


def _load() -> ctypes.CDLL:
    reasons = []
    for path in candidates():
        if os.path.sep in path and not os.path.exists(path):
            continue
        try:
            return _lasting(ctypes.CDLL(path))
        except OSError as error:
            reasons.append(str(error))
    places = ", ".join(os.path.normpath(path) for path in candidates())
    hint = "Build it (swift build -c release), install it (make install), or name it in ACCELERANT_LIBRARY."
    detail = f" ({'; '.join(reasons)})" if reasons else ""
    raise LibraryNotFoundError(f"libaccelerant.so was not found. Looked at: {places}{detail}. {hint}")


class Library:
    """The functions of `accelerant.h`, ready to be called."""

    def __init__(self) -> None:
        self.waiting = _load()
        self._bound: Any = None
        # Why two: CDLL lets other Python threads run during a call, which costs time; PyDLL does not. Calls that may
        # wait go through the first, accessors, which never do, through the second.
        self.instant = ctypes.PyDLL(None, handle=self.waiting._handle)
        pointer, text, size = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t

        self.open = self._declare(self.waiting, "open", ctypes.c_int32, text, size, pointer, pointer)
        self.close = self._declare(self.waiting, "close", None, pointer)
        self.query = self._declare(self.waiting, "query", ctypes.c_int32, pointer, text, size, pointer)
        self.reply_status = self._declare(self.instant, "reply_status", ctypes.c_int32, pointer)
        # It never waits: a hit is answered, everything else is started.
        self.request = self._declare(self.instant, "request", ctypes.c_int32, pointer, text, size, ctypes.c_uint64, pointer)
        self.lookup = self._declare(self.instant, "lookup", ctypes.c_int32, pointer, text, size, pointer)
        self.take = self._declare(self.instant, "take", ctypes.c_int32, pointer, pointer, pointer)
        self.cancel = self._declare(self.instant, "cancel", ctypes.c_int32, pointer, ctypes.c_uint64)
        self.descriptor = self._declare(self.instant, "descriptor", ctypes.c_int, pointer)
        # The library's texts end in NUL and hold none, so that ctypes can copy them without asking for the size.
        self.reply_data = self._declare(self.instant, "reply_data", text, pointer, pointer)
        self.reply_info = self._declare(self.instant, "reply_info", text, pointer, pointer)
        self.reply_error = self._declare(self.instant, "reply_error", text, pointer, pointer)
        self.reply_free = self._declare(self.instant, "reply_free", None, pointer)
        self.status_name = self._declare(self.instant, "status_name", text, ctypes.c_int32)
        self.version = self._declare(self.instant, "version", ctypes.c_uint32)

    def module(self) -> Any:
        """The module in C, which knows the library's functions; None where it was not built."""
        module = native_module()
        if module is not None and self._bound is not module:
            self._bind(module, 0)
        return module

    def native(self, patient: int) -> Optional[Ask]:
        """The compiled way to ask, where there is one. The thread of that identifier is given a token where it would have to wait."""
        module = native_module()
        if module is None:
            return None
        self._bind(module, patient)
        return cast(Ask, module.ask)

    def _bind(self, module: Any, patient: int) -> None:
        functions = (self.lookup, self.query, self.request, self.reply_data, self.reply_free, self.take, self.reply_status)
        module.bind(*(ctypes.cast(function, ctypes.c_void_p).value for function in functions), patient)
        self._bound = module

    def read(self, status: int, reply: ctypes.c_void_p, read: Read) -> Any:
        """What `read` takes out of a reply, or the error that it holds, raised. Frees the reply."""
        try:
            if status != 0:
                raise error_from(self.reply_error(reply, None), self.name_of(status))
            return read(reply, None)
        finally:
            self.reply_free(reply)

    def name_of(self, status: int) -> str:
        return str(self.status_name(status), "ascii")

    @staticmethod
    def _declare(library: ctypes.CDLL, name: str, result: Any, *arguments: Any) -> Any:
        function = getattr(library, "accelerant_" + name)
        function.restype = result
        function.argtypes = arguments
        return function


_library: Optional[Library] = None


def library() -> Library:
    """The library, loaded when it is first needed."""
    global _library
    if _library is None:
        _library = Library()
    return _library


def library_version() -> str:
    """The loaded library's version, as "1.2.3"."""
    number = library().version()
    return f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"
