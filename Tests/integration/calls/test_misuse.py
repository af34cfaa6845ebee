"""The C functions called in ways that the header forbids, or hardly allows: a status, never a crash, and every output set."""
import ctypes
import json
import os
import subprocess
import sys
import threading

import pytest
from asking import Asking
from capi import LIBRARY, Client, LiveReply, lib, status_name

READ = json.dumps({"model": "User", "operation": "count", "args": {"cacheStrategy": {"ttl": 60}}}).encode()
ABSURD = [1 << 30, (1 << 31) - 1, 1 << 31, 1 << 32, 1 << 47, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]


@pytest.mark.parametrize("size", ABSURD)
def test_an_absurd_length_that_is_submitted_reads_nothing_and_is_completed(scene, size):
    asking = Asking(scene.client)
    status = status_name(lib.accelerant_submit(scene.client.handle, READ, size, 5))
    assert status == ("MISUSE" if size >= 1 << 63 else "OK")
    if status == "OK":
        taken = asking.take_all(1)
        assert taken[5].status == "TOO_LARGE", taken
    assert asking.take() is None


@pytest.mark.parametrize("size", ABSURD)
def test_an_absurd_length_is_not_read_on_a_small_stack_either(scene, size):
    statuses = []

    def ask():
        reply, client = ctypes.c_void_p(), ctypes.c_void_p()
        statuses.append(status_name(lib.accelerant_query(scene.client.handle, READ, size, ctypes.byref(reply))))
        lib.accelerant_reply_free(reply)
        statuses.append(status_name(lib.accelerant_open(b"{}", size, ctypes.byref(client), None)))

    before = threading.stack_size(256 << 10)
    thread = threading.Thread(target=ask)
    thread.start()
    threading.stack_size(before)
    thread.join()
    assert statuses == (["MISUSE", "MISUSE"] if size >= 1 << 63 else ["TOO_LARGE", "INVALID_CONFIGURATION"])


def test_nulls_and_nothing_are_misuse_of_each_function(scene):
    handle, token, reply = scene.client.handle, ctypes.c_uint64(9), ctypes.c_void_p(9)
    misuses = [
        lambda: lib.accelerant_submit(None, READ, len(READ), 1), lambda: lib.accelerant_submit(handle, None, len(READ), 1),
        lambda: lib.accelerant_submit(handle, READ, 0, 1), lambda: lib.accelerant_cancel(None, 1),
        lambda: lib.accelerant_take(None, ctypes.byref(token), ctypes.byref(reply)), lambda: lib.accelerant_take(handle, ctypes.byref(token), None),
        lambda: lib.accelerant_query(handle, READ, 0, ctypes.byref(reply)), lambda: lib.accelerant_query(None, None, 0, None),
        lambda: lib.accelerant_reply_status(None), lambda: lib.accelerant_request(handle, READ, 0, 1, ctypes.byref(reply)),
        lambda: lib.accelerant_request(None, READ, len(READ), 1, ctypes.byref(reply)), lambda: lib.accelerant_request(handle, READ, len(READ), 1, None),
        lambda: lib.accelerant_lookup(handle, READ, 0, ctypes.byref(reply)), lambda: lib.accelerant_lookup(None, READ, len(READ), ctypes.byref(reply)),
        lambda: lib.accelerant_lookup(handle, None, len(READ), ctypes.byref(reply)), lambda: lib.accelerant_lookup(handle, READ, len(READ), None),
    ]
    for number, misuse in enumerate(misuses):
        token.value = reply.value = 9
        assert status_name(misuse()) == "MISUSE", number
        assert (4 <= number <= 5) == (token.value == 0), number
        assert (number in (4, 6, 9, 10, 12, 13, 14)) == (reply.value is None), number
    assert lib.accelerant_descriptor(None) == -1 and lib.accelerant_reply_cache_status(None) < 0
    # Where a token is not wanted, it is not given.
    assert status_name(lib.accelerant_take(handle, None, ctypes.byref(reply))) == "OK" and reply.value is None


def test_outputs_of_a_success_are_set_and_those_that_are_not_wanted_are_left_out(scene):
    reply = ctypes.c_void_p(9)
    assert lib.accelerant_query(scene.client.handle, READ, len(READ), ctypes.byref(reply)) == 0
    size = ctypes.c_size_t(9)
    assert lib.accelerant_reply_error(reply, ctypes.byref(size)) is None and size.value == 0
    assert lib.accelerant_reply_data(reply, None) and lib.accelerant_reply_info(reply, None)
    live = LiveReply(reply.value)
    # Asked again it is the same text, and a request may stand at any address.
    assert live.info() == live.info() and live.data() == b"4"
    live.free()
    for offset in range(1, 9):
        room = ctypes.create_string_buffer(b"x" * offset + READ)
        assert lib.accelerant_query(scene.client.handle, ctypes.byref(room, offset), len(READ), None) == 0


def test_a_closed_client_is_closed_to_each_function_for_those_who_are_late(scene):
    handle = scene.client.handle
    scene.client.close()
    reply, token = ctypes.c_void_p(9), ctypes.c_uint64(9)
    assert status_name(lib.accelerant_query(handle, READ, len(READ), ctypes.byref(reply))) == "CLOSED"
    assert b"P6010" in LiveReply(reply.value).error()
    lib.accelerant_reply_free(reply)
    assert status_name(lib.accelerant_request(handle, READ, len(READ), 1, ctypes.byref(reply))) == "CLOSED"
    assert b"P6010" in LiveReply(reply.value).error()
    lib.accelerant_reply_free(reply)
    assert status_name(lib.accelerant_lookup(handle, READ, len(READ), ctypes.byref(reply))) == "CLOSED"
    assert b"P6010" in LiveReply(reply.value).error()
    lib.accelerant_reply_free(reply)
    assert status_name(lib.accelerant_submit(handle, READ, len(READ), 1)) == "CLOSED"
    assert status_name(lib.accelerant_take(handle, ctypes.byref(token), ctypes.byref(reply))) == "CLOSED"
    assert token.value == 0 and reply.value is None
    assert status_name(lib.accelerant_cancel(handle, 1)) == "CLOSED"
    assert lib.accelerant_descriptor(handle) == -1
    lib.accelerant_close(handle)


def test_a_closed_handle_says_so_until_256_further_clients_were_closed(scene):
    handle = scene.client.handle
    scene.client.close()
    for _ in range(256):
        other = Client(scene.config)
        assert other.handle != handle
        other.close()
        assert status_name(lib.accelerant_query(handle, READ, len(READ), None)) == "CLOSED"


#: Asks each function in a child of fork(), and prints what it says; a reply of the parent's is the child's to read and to free.
CHILD = """
import ctypes, json, os, sys
from asking import Asking
from capi import Client, LiveReply, lib, status_name
client = Client(sys.argv[1])
asking = Asking(client)
READ = json.dumps({"model": "User", "operation": "count", "args": {"cacheStrategy": {"ttl": 60}}})
client.data(READ)
status, kept = client.live(READ)
asking.submit(READ, 1), asking.submit({"operation": "$queryRaw", "args": {"query": "SELECT 1 FROM pg_sleep(0.2)"}}, 2)
if os.fork() == 0:
    reply = ctypes.c_void_p(9)
    print(client.query(READ).status, asking.request(READ, 3).status, asking.submit(READ, 3), asking.cancel(2), asking.cancel(77),
          status_name(lib.accelerant_take(client.handle, None, ctypes.byref(reply))), reply.value, lib.accelerant_descriptor(client.handle),
          kept.data(), kept.status(), json.loads(kept.info())["cacheStatus"], flush=True)
    kept.free()
    client.close()
    os._exit(5)
assert os.waitstatus_to_exitcode(os.wait()[1]) == 5
assert sorted(asking.take_all(2)) == [1, 2] and asking.take() is None
assert kept.data() == b"4" and client.query(READ).cache == "ttl"
kept.free()
client.close()
"""


def test_a_child_of_fork_is_told_so_by_each_function_and_the_parent_notices_nothing(scene):
    environment = dict(os.environ, ACCELERANT_LIBRARY=LIBRARY)
    command = [sys.executable, "-c", CHILD, json.dumps(scene.config)]
    outcome = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert (outcome.returncode, outcome.stderr) == (0, ""), outcome.stderr
    assert outcome.stdout.split() == ["FORKED"] * 6 + ["None", "-1", "b'4'", "0", "ttl"]
