"""Bytes of every kind: a status, never a crash, never a read past the length."""
import ctypes
import json
import mmap
import threading

import pytest
from capi import Client, LiveReply, OpenError, Reply, as_bytes, lib, status_name
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scene import SCHEMA

READ = b'{"model":"User","operation":"findMany","args":{"where":{"name":"Alice"},"cacheStrategy":{"ttl":60,"tags":["a"]}}}'
INVALID = [
    b"", b" ", b"\x00", b"{", b"}", b"[]", b"null", b"1", b'"x"', b"{}", b"{}{}", READ + b"x", READ[:-1], b"\xff\xfe", b"\xef\xbb\xbf" + READ,
    b'{"model":"User","operation":"findMany","operation":"count"}',
    b'{"model":"User","operation":"findMany","args":{"where":{"name":"\\ud800"}}}',
    b'{"model":"User","operation":"findMany","args":{"where":{"name":"\xc3\x28"}}}',
    b'{"model":"User","operation":"findMany","args":{"where":{"name":"\xed\xa0\x80"}}}',
    b'{"model":"User","operation":"findMany","args":{"where":{"name":"a\nb"}}}',
    b'{"model":"User","operation":"findMany","args":{"where":{"name":"a\\u0000b"}}}',
    b'{"model":"User","operation":"findMany","args":{"take":1e400}}',
    b'{"model":"User","operation":"findMany","args":{"take":01}}',
    b'{"model":"User","operation":"findMany","args":{"take":NaN}}',
    b'{"model":"User","operation":"findMany","args":[]}',
    b'{"model":"User","operation":"findMany","args":{},"argz":{}}',
    b'{"model":"Usr","operation":"findMany"}', b'{"model":1,"operation":"findMany"}', b'{"operation":"findMany"}',
    b'{"model":"User"}', b'{"model":"User","operation":"destroyEverything"}', b'{"operation":"$nothing"}',
    b'{"model":"User","operation":"findMany","timeoutMs":-1}', b'{"model":"User","operation":"findMany","timeoutMs":"1"}',
]


@pytest.mark.parametrize("request_text", INVALID, ids=lambda text: repr(text[-40:]))
def test_21_an_invalid_request_is_an_error(reader, request_text):
    reply = reader.client.query(request_text)
    assert reply.status == ("MISUSE" if request_text == b"" else "INVALID_REQUEST"), reply
    assert reply.text is None and reply.info is None
    if reply.status != "MISUSE":
        assert reply.error["code"].startswith("P") and reply.error["message"]
    assert reader.find().number == 0


def test_21_every_truncation_is_an_error_and_nothing_is_read_past_the_length(reader):
    """The request ends where its page ends; the next page may not be touched."""
    page = mmap.PAGESIZE
    libc = ctypes.CDLL(None, use_errno=True)
    area = mmap.mmap(-1, 2 * page)
    start = ctypes.addressof(ctypes.c_char.from_buffer(area))
    assert libc.mprotect(ctypes.c_void_p(start + page), page, 0) == 0
    for size in range(1, len(READ) + 1):
        address = start + page - size
        ctypes.memmove(address, READ, size)
        reply = ctypes.c_void_p()
        status = lib.accelerant_query(reader.client.handle, address, size, ctypes.byref(reply))
        assert (status == 0) == (size == len(READ)), size
        lib.accelerant_reply_free(reply)
    libc.mprotect(ctypes.c_void_p(start + page), page, mmap.PROT_READ | mmap.PROT_WRITE)


@pytest.mark.parametrize("size", [1 << 30, (1 << 31) - 1, 1 << 31, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
def test_21_an_absurd_length_is_an_error(reader, size):
    reply = ctypes.c_void_p()
    status = lib.accelerant_query(reader.client.handle, READ, size, ctypes.byref(reply))
    assert status_name(status) in ("TOO_LARGE", "MISUSE", "INVALID_REQUEST")
    lib.accelerant_reply_free(reply)
    client = ctypes.c_void_p(1)
    assert lib.accelerant_open(b"{}", size, ctypes.byref(client), None) != 0
    assert client.value is None


def test_21_null_pointers_are_a_status(reader):
    reply, client = ctypes.c_void_p(1), ctypes.c_void_p(1)
    out, handle = ctypes.byref(reply), reader.client.handle
    assert status_name(lib.accelerant_query(None, READ, len(READ), out)) == "MISUSE"
    lib.accelerant_reply_free(reply)
    assert status_name(lib.accelerant_query(handle, None, 10, out)) == "MISUSE"
    lib.accelerant_reply_free(reply)
    assert status_name(lib.accelerant_query(handle, None, 0, out)) == "MISUSE"
    lib.accelerant_reply_free(reply)
    assert lib.accelerant_query(handle, READ, len(READ), None) == 0, "the reply may be left out"
    assert lib.accelerant_query(handle, b"{", 1, None) != 0
    assert status_name(lib.accelerant_open(None, 10, ctypes.byref(client), out)) == "MISUSE" and client.value is None
    lib.accelerant_reply_free(reply)
    assert status_name(lib.accelerant_open(b"{}", 2, None, None)) == "MISUSE"
    lib.accelerant_close(None)
    lib.accelerant_reply_free(None)
    size = ctypes.c_size_t(9)
    for accessor in (lib.accelerant_reply_data, lib.accelerant_reply_info, lib.accelerant_reply_error):
        assert accessor(None, None) is None
        size.value = 9
        assert accessor(None, ctypes.byref(size)) is None and size.value == 0
    assert status_name(lib.accelerant_reply_status(None)) == "MISUSE"


def test_21_statuses_have_names():
    assert status_name(0) == "OK"
    names = [status_name(-number) for number in range(1, 18)]
    assert len(set(names)) == 17 and "UNKNOWN" not in names
    assert {status_name(number) for number in (1, -18, -1000, 2**31 - 1, -(2**31))} == {"UNKNOWN"}


@pytest.mark.parametrize("opening, closing", [("[", "]"), ('{"a":', "}"), ('{"AND":[', "]}"), ('{"NOT":', "}")])
@pytest.mark.parametrize("depth", [1000, 100_000])
def test_21_absurdly_deep_json_is_an_error(reader, opening, closing, depth):
    deep = opening * depth + "1" + closing * depth
    reply = reader.client.query('{"model":"User","operation":"findMany","args":{"where":' + deep + "}}")
    assert reply.status in ("INVALID_REQUEST", "TOO_LARGE"), reply
    unclosed = reader.client.query(opening * depth)
    assert unclosed.status in ("INVALID_REQUEST", "TOO_LARGE")


def test_values_and_keys_are_counted(shared_database):
    most = 1 << 23
    with Client({"schema": SCHEMA, "datasourceUrl": shared_database.url(), "limits": {"requestBytes": 64 << 20}}) as client:
        for count, status in ((most + 1, "TOO_LARGE"), (most // 2, "INVALID_REQUEST")):
            request = b'{"operation":"$queryRaw","args":{"query":"SELECT 1","parameters":[0' + b",0" * (count - 1) + b"]}}"
            assert client.query(request).status == status


@pytest.mark.parametrize("opening, closing, most", [('{"NOT":', "}", 62), ('{"AND":[', "]}", 58)])
def test_the_deepest_request_fits_a_small_stack(reader, opening, closing, most):
    statuses = []

    def run():
        for depth in range(most - 12, most + 12):
            where = opening * depth + '{"name":"a"}' + closing * depth
            statuses.append(reader.client.query('{"model":"User","operation":"findMany","args":{"where":' + where + "}}").status)

    before = threading.stack_size(256 * 1024)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    threading.stack_size(before)
    assert statuses[0] == "OK" and statuses[-1] == "INVALID_REQUEST" and len(statuses) == 24


def query_raw_bytes(client, text):
    buffer = ctypes.create_string_buffer(text, len(text))
    reply = ctypes.c_void_p()
    status = lib.accelerant_query(client.handle, buffer, len(text), ctypes.byref(reply))
    return Reply(status, LiveReply(reply.value))


ACCEPTED = {"OK", "INVALID_REQUEST", "MISUSE", "TOO_LARGE", "NOT_FOUND"}
quick = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(st.binary(max_size=300))
def test_21_random_bytes(reader, text):
    assert query_raw_bytes(reader.client, text).status in ("INVALID_REQUEST", "MISUSE")


@quick
@given(st.data())
def test_21_damaged_requests(reader, data):
    text = bytearray(READ)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text) - 1))
        change = data.draw(st.sampled_from(["flip", "drop", "double", "put"]))
        if change == "flip":
            text[place] ^= 1 << data.draw(st.integers(0, 7))
        elif change == "drop" and len(text) > 1:
            del text[place]
        elif change == "double":
            text[place:place] = text[place:place + 20]
        else:
            text[place:place] = data.draw(st.sampled_from([b"\x00", b"\xff", b'"', b"\\", b"{", b"]", b"\\u12", b"e999", b"-"]))
    assert query_raw_bytes(reader.client, bytes(text)).status in ACCEPTED


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["id", "name", "AND", "OR", "NOT", "equals", "in", "not", "contains", "mode", "$type", "value", "x"]), inner, max_size=4),
    max_leaves=12)


@quick
@given(st.sampled_from(["where", "select", "omit", "orderBy", "cursor", "take", "skip", "distinct", "cacheStrategy", "by", "having", "include"]),
       st.sampled_from(["findMany", "findUnique", "findFirst", "count", "aggregate", "groupBy"]), anything)
def test_21_any_json_in_any_argument(reader, argument, operation, value):
    reply = query_raw_bytes(reader.client, json.dumps({"model": "User", "operation": operation, "args": {argument: value}}).encode())
    assert reply.status in ACCEPTED, reply


@quick
@given(st.one_of(st.binary(max_size=100), st.dictionaries(st.sampled_from(
    ["schema", "schemaPath", "datasourceUrl", "region", "cache", "limits", "clock", "x"]), anything, max_size=4).map(as_bytes)))
def test_21_any_configuration(config):
    with pytest.raises(OpenError) as caught:
        Client(config)
    assert caught.value.reply.status in ("INVALID_CONFIGURATION", "MISUSE"), caught.value.reply
