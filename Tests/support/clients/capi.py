"""The C functions as they are, for tests: nothing between them and the test but ctypes.

Set ACCELERANT_LIBRARY to test another build than .build/release.
"""
import ctypes
import json
import os

from paths import ROOT

LIBRARY = os.environ.get("ACCELERANT_LIBRARY") or os.path.join(ROOT, ".build", "release", "libaccelerant.so")
HEADER = os.path.join(ROOT, "include", "accelerant.h")

lib = ctypes.CDLL(LIBRARY)
_pointer, _text, _size = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
for _name, _result, _arguments in (
    ("version", ctypes.c_uint32, ()),
    ("status_name", _text, (ctypes.c_int32,)),
    ("open", ctypes.c_int32, (_pointer, _size, _pointer, _pointer)),
    ("close", None, (_pointer,)),
    ("query", ctypes.c_int32, (_pointer, _pointer, _size, _pointer)),
    ("reply_status", ctypes.c_int32, (_pointer,)),
    ("reply_cache_status", ctypes.c_int32, (_pointer,)),
    ("reply_data", _pointer, (_pointer, _pointer)),
    ("reply_info", _pointer, (_pointer, _pointer)),
    ("reply_error", _pointer, (_pointer, _pointer)),
    ("reply_free", None, (_pointer,)),
):
    _function = getattr(lib, "accelerant_" + _name)
    _function.restype, _function.argtypes = _result, _arguments


#: `cacheStatus` by the number that the header has for it.
CACHE_STATUSES = ["none", "ttl", "swr", "miss"]


def status_name(status):
    return lib.accelerant_status_name(status).decode()


def as_bytes(document):
    """A document as the bytes of its JSON; bytes and text stay what they are."""
    if isinstance(document, bytes):
        return document
    return (document if isinstance(document, str) else json.dumps(document)).encode()


class LiveReply:
    """A reply that is not freed until the test says so."""

    def __init__(self, handle):
        self.handle = handle

    def _read(self, accessor):
        size = ctypes.c_size_t(7)
        address = accessor(self.handle, ctypes.byref(size))
        if address is None:
            assert size.value == 0
            return None
        text = ctypes.string_at(address, size.value + 1)
        assert text[-1] == 0, "a text of the library ends in NUL"
        return text[:-1]

    def data(self):
        return self._read(lib.accelerant_reply_data)

    def data_address(self):
        return lib.accelerant_reply_data(self.handle, None)

    def info(self):
        return self._read(lib.accelerant_reply_info)

    def error(self):
        return self._read(lib.accelerant_reply_error)

    def status(self):
        return lib.accelerant_reply_status(self.handle)

    def free(self):
        handle, self.handle = self.handle, None
        lib.accelerant_reply_free(handle)


class Reply:
    """What a reply held, copied, so that it needs no care."""

    def __init__(self, status, live):
        self.number = status
        self.status = status_name(status)
        self.text = live.data()
        cache = lib.accelerant_reply_cache_status(live.handle)
        info, error = live.info(), live.error()
        assert live.status() == status
        self.data = json.loads(self.text) if self.text is not None else None
        self.info = json.loads(info) if info is not None else None
        # Every reply of every test: the number is that of the word, and negative where there is none.
        assert CACHE_STATUSES[cache] == self.info["cacheStatus"] if info else cache < 0, (cache, info)
        self.error_text = error.decode() if error is not None else ""
        self.error = json.loads(error) if error is not None else None
        live.free()

    @property
    def code(self):
        return self.error and self.error["code"]

    @property
    def meta(self):
        return self.error and self.error["meta"]

    @property
    def cache(self):
        """`none`, `miss`, `ttl` or `swr`; the error's code where there is one."""
        return self.info["cacheStatus"] if self.info else self.code

    def __repr__(self):
        return f"<{self.status} {self.cache} {(self.text or self.error_text.encode())[:300]!r}>"


class OpenError(Exception):
    def __init__(self, reply):
        super().__init__(repr(reply))
        self.reply = reply


class Client:
    """An open client."""

    def __init__(self, config):
        text = as_bytes(config)
        handle, reply = ctypes.c_void_p(1), ctypes.c_void_p(1)
        status = lib.accelerant_open(text, len(text), ctypes.byref(handle), ctypes.byref(reply))
        if status != 0:
            assert handle.value is None
            raise OpenError(Reply(status, LiveReply(reply.value)))
        lib.accelerant_reply_free(reply)
        self.handle = handle.value

    def live(self, request):
        """Runs a request; gives the status and the reply itself."""
        text = as_bytes(request)
        reply = ctypes.c_void_p(1)
        status = lib.accelerant_query(self.handle, text, len(text), ctypes.byref(reply))
        return status, LiveReply(reply.value)

    def query(self, request):
        return Reply(*self.live(request))

    def data(self, request):
        """The data of a request that has to succeed."""
        reply = self.query(request)
        assert reply.number == 0, reply
        return reply.data

    def close(self):
        handle, self.handle = self.handle, None
        if handle is not None:
            lib.accelerant_close(handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
