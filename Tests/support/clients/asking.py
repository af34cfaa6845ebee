"""A client whose requests are submitted, for tests of what is outstanding."""
import ctypes
import select
import time

from capi import LiveReply, Reply, as_bytes, lib, status_name

_pointer, _u64 = ctypes.c_void_p, ctypes.c_uint64
for _name, _result, _arguments in (
    ("request", ctypes.c_int32, (_pointer, ctypes.c_char_p, ctypes.c_size_t, _u64, _pointer)),
    ("lookup", ctypes.c_int32, (_pointer, ctypes.c_char_p, ctypes.c_size_t, _pointer)),
    ("submit", ctypes.c_int32, (_pointer, ctypes.c_char_p, ctypes.c_size_t, _u64)),
    ("descriptor", ctypes.c_int, (_pointer,)),
    ("take", ctypes.c_int32, (_pointer, _pointer, _pointer)),
    ("cancel", ctypes.c_int32, (_pointer, _u64)),
):
    _function = getattr(lib, "accelerant_" + _name)
    _function.restype, _function.argtypes = _result, _arguments


def number(value):
    """A request whose answer is the number."""
    return {"operation": "$queryRaw", "args": {"query": "SELECT $1::int AS n", "parameters": [value]}}


def slow(tag, **more):
    """A cached read that waits for the lock on users; another key for each tag."""
    return {"model": "User", "operation": "findMany", "args": {"where": {"id": {"gte": -tag}}, "cacheStrategy": {"ttl": 60}}, **more}


QUICK = {"model": "OrderItem", "operation": "count"}
HIT = {"model": "OrderItem", "operation": "count", "args": {"cacheStrategy": {"ttl": 60}}}


class Asking:
    """Submits and takes; gives statuses by their names."""

    def __init__(self, client):
        self.handle = client.handle
        self.descriptor = lib.accelerant_descriptor(self.handle)

    def submit(self, request, token):
        text = as_bytes(request)
        return status_name(lib.accelerant_submit(self.handle, text, len(text), token))

    def request(self, request, token):
        """The reply that is there at once, or None when it comes later."""
        text, reply = as_bytes(request), ctypes.c_void_p(9)
        status = lib.accelerant_request(self.handle, text, len(text), token, ctypes.byref(reply))
        if reply.value is None:
            assert status == 0, status_name(status)
            return None
        return Reply(status, LiveReply(reply.value))

    def lookup(self, request):
        """The reply that is known, or None."""
        text, reply = as_bytes(request), ctypes.c_void_p(9)
        status = lib.accelerant_lookup(self.handle, text, len(text), ctypes.byref(reply))
        if reply.value is None:
            assert status == 0, status_name(status)
            return None
        return Reply(status, LiveReply(reply.value))

    def cancel(self, token):
        return status_name(lib.accelerant_cancel(self.handle, token))

    def take(self):
        """A token and its reply, or None when none is finished."""
        token, reply = ctypes.c_uint64(9), ctypes.c_void_p(9)
        status = lib.accelerant_take(self.handle, ctypes.byref(token), ctypes.byref(reply))
        assert status == 0, status_name(status)
        if reply.value is None:
            assert token.value == 0
            return None
        live = LiveReply(reply.value)
        return token.value, Reply(live.status(), live)

    def is_readable(self, seconds=0.0):
        return bool(select.select([self.descriptor], [], [], seconds)[0])

    def take_all(self, count, seconds=30):
        """That many replies by their tokens; each token once."""
        deadline = time.monotonic() + seconds
        found = {}
        while len(found) < count:
            assert self.is_readable(max(deadline - time.monotonic(), 0)), f"{len(found)} of {count} came within {seconds} s"
            while (taken := self.take()) is not None:
                assert taken[0] not in found, f"{taken[0]} came twice"
                found[taken[0]] = taken[1]
        return found
