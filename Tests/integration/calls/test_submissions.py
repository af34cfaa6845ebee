"""Submitted requests: each completed exactly once, whatever happens, and nobody kept waiting by another."""
import ctypes
import json
import os
import time

import pytest
from asking import HIT, QUICK, Asking, number, slow
from capi import lib, status_name
from scene import SCHEMA
from valgrind import VALGRIND
from waiting import PROMPT, SECONDS, Call, calls, eventually


def test_10_000_outstanding_requests_are_each_completed_once(make_scene):
    scene = make_scene(limits={"queryTimeoutMs": 60_000})
    asking = Asking(scene.client)
    with scene.database.locked():
        for token in range(10_000):
            assert asking.submit(slow(1) if token % 4 == 0 else number(token), token) == "OK"
        rest = asking.take_all(7500)
        assert asking.take() is None and not asking.is_readable()
    rest.update(asking.take_all(2500))
    for token, reply in rest.items():
        assert reply.data == [{"n": token}] if token % 4 else len(reply.data) == 4
    assert asking.take() is None and not asking.is_readable()
    assert scene.reads() == 1


def resident():
    """Of this process, in bytes."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_outstanding_requests_take_their_own_memory_and_little_more_and_give_it_back(make_scene):
    scene = make_scene(limits={"queryTimeoutMs": 60_000})
    asking = Asking(scene.client)
    text = 1000 * "x"
    held, left = [], []
    for _ in range(4):
        scene.invalidate_all()
        before = resident()
        with scene.database.locked():
            for token in range(10_000):
                request = {"operation": "$queryRaw", "args": {"query": "SELECT length($1) AS n", "parameters": [text]}}
                assert asking.submit(slow(1) if token % 4 == 0 else request, token) == "OK"
            eventually(lambda: scene.database.waiting() == 1)
            held.append(resident() - before)
        asking.take_all(10_000)
        left.append(resident())
    assert max(held) < 60 << 20, held
    assert left[-1] - left[1] < 8 << 20, left


def test_the_time_of_a_request_runs_from_its_submission(make_scene):
    """One connection, which is busy: whoever waits for his turn is told in time that it did not come."""
    scene = make_scene(url={"connection_limit": 1})
    asking = Asking(scene.client)
    with scene.database.locked():
        asking.submit(slow(1), 0)
        eventually(lambda: scene.database.waiting() == 1)
        begun = {}
        for token in range(1, 201):
            begun[token] = time.perf_counter()
            # In any order, so that the last to come may be the first to go.
            asking.submit({**number(token), "timeoutMs": 100 + 37 * token % 400}, token)
        while begun:
            assert asking.is_readable(SECONDS)
            while (taken := asking.take()) is not None:
                token, reply = taken
                assert (reply.status, reply.code) == ("TIMEOUT", "P6004")
                # A quarter of the time is kept for the query. They come while the connection is busy, so each has come by its own time.
                assert 1000 * (time.perf_counter() - begun.pop(token)) > 0.7 * (100 + 37 * token % 400)
    assert len(asking.take_all(1)[0].data) == 4
    assert asking.submit(number(7), 7) == "OK" and asking.take_all(1)[7].data == [{"n": 7}]


def test_the_time_of_what_waits_in_a_transaction_runs_from_its_submission(make_scene):
    scene = make_scene(url={"connection_limit": 2})
    asking = Asking(scene.client)
    id = scene.client.data({"operation": "$transaction.begin", "args": {"timeout": 20_000}})["id"]
    with scene.database.locked():
        asking.submit({"model": "User", "operation": "count", "transaction": id}, 1)
        eventually(lambda: scene.database.waiting() == 1)
        start = time.perf_counter()
        asking.submit({**number(2), "transaction": id, "timeoutMs": 200}, 2)
        assert asking.take_all(1)[2].code == "P6004" and time.perf_counter() - start < PROMPT
    assert asking.take_all(1)[1].data == 4
    asking.submit({**number(3), "transaction": id}, 3)
    asking.submit({"operation": "$transaction.commit", "transaction": id}, 4)
    replies = asking.take_all(2)
    assert replies[3].data == [{"n": 3}] and replies[4].status == "OK"


def test_beyond_the_limit_the_answer_is_overloaded_at_once(make_scene):
    scene = make_scene(limits={"queueLength": 100})
    asking = Asking(scene.client)
    with scene.database.locked():
        assert [asking.submit(slow(token), token) for token in range(100)] == ["OK"] * 100
        assert [asking.submit(slow(1), 7) for _ in range(1000)] == ["OVERLOADED"] * 1000
    eventually(asking.is_readable)
    # What is finished counts until it is taken.
    asking.take_all(100)
    assert asking.submit(QUICK, 1) == "OK"
    asking.take_all(1)


def test_finished_ones_that_nobody_took_count_to_the_limit(make_scene):
    scene = make_scene(limits={"queueLength": 10})
    asking = Asking(scene.client)
    scene.client.data(HIT)
    assert [asking.submit(HIT, token) for token in range(11)] == ["OK"] * 10 + ["OVERLOADED"]
    assert asking.take()[0] == 0
    assert asking.submit(HIT, 11) == "OK"
    assert sorted(asking.take_all(10)) == [*range(1, 10), 11]


def test_memory_stays_level_when_something_is_always_left_to_take(scene):
    """Many times as many as are ever outstanding."""
    scene.client.data(HIT)
    handle, text = scene.client.handle, json.dumps(HIT).encode()
    reply, resident = ctypes.c_void_p(), []
    for _ in range(100):
        lib.accelerant_submit(handle, text, len(text), 1)
    for token in range(300_000):
        assert lib.accelerant_submit(handle, text, len(text), token) == 0
        assert lib.accelerant_take(handle, None, ctypes.byref(reply)) == 0
        lib.accelerant_reply_free(reply)
        if token % 150_000 == 10_000:
            with open("/proc/self/statm") as file:
                resident.append(int(file.read().split()[1]) * 4)
    assert resident[1] - resident[0] < 1024, "KB"


def test_a_hit_is_ready_when_submit_returns(scene):
    asking = Asking(scene.client)
    scene.client.data(HIT)
    for token in range(1000):
        assert asking.submit(HIT, token) == "OK"
        assert asking.is_readable()
        taken, reply = asking.take()
        assert (taken, reply.cache) == (token, "ttl")
        assert not asking.is_readable() and asking.take() is None


def test_the_descriptor_is_readable_exactly_while_there_is_something_to_take(scene):
    asking = Asking(scene.client)
    assert asking.descriptor == Asking(scene.client).descriptor >= 0 and not asking.is_readable()
    with scene.database.locked():
        asking.submit(slow(1), 1)
        eventually(lambda: scene.database.waiting() == 1)
        assert not asking.is_readable(0.02) and asking.take() is None
    assert asking.is_readable(30)
    assert [asking.submit(number(2), 2), asking.submit(number(3), 3)] == ["OK", "OK"]
    assert asking.take()[0] == 1
    assert sorted(asking.take_all(2)) == [2, 3] and not asking.is_readable()


def test_errors_come_with_their_reply(scene):
    asking = Asking(scene.client)
    for token, request in enumerate([b"{", {"model": "No", "operation": "count"}, number("x"), dict(number(1), timeoutMs=0)]):
        assert asking.submit(request, token) == "OK"
    replies = asking.take_all(4)
    assert all(replies[token].number < 0 and replies[token].code for token in range(4))
    assert status_name(lib.accelerant_submit(None, b"{}", 2, 1)) == "MISUSE"
    assert status_name(lib.accelerant_submit(asking.handle, None, 2, 1)) == "MISUSE"
    assert status_name(lib.accelerant_submit(asking.handle, b"{}", 0, 1)) == "MISUSE"
    assert status_name(lib.accelerant_take(asking.handle, None, None)) == "MISUSE"
    assert lib.accelerant_descriptor(None) == -1


def test_cancelled_ones_do_not_use_up_the_queue(make_scene):
    scene = make_scene(url={"connection_limit": 1}, limits={"queueLength": 50})
    asking = Asking(scene.client)
    with scene.database.locked():
        asking.submit(slow(1), 0)
        eventually(lambda: scene.database.waiting() == 1)
        for token in range(1, 1000):
            assert asking.submit(QUICK, token) == "OK"
            assert asking.cancel(token) == "OK"
            assert asking.take()[1].status == "CANCELLED"
    assert asking.take_all(1)[0].status == "OK"
    assert asking.submit(QUICK, 1) == "OK" and asking.take_all(1)[1].data == 4


def test_followers_of_a_slow_key_keep_no_other_key_waiting(make_scene):
    scene = make_scene(url={"connection_limit": 3})
    asking = Asking(scene.client)
    with scene.database.locked():
        for token in range(100):
            asking.submit(slow(1), token)
        eventually(lambda: scene.database.waiting() == 1)
        for token in range(100, 200):
            asking.submit(number(token), token)
        assert sorted(asking.take_all(100)) == list(range(100, 200))
        assert scene.database.waiting() == 1
    replies = asking.take_all(100)
    assert {len(reply.data) for reply in replies.values()} == {4} and scene.reads() == 1


def test_followers_have_their_own_deadlines_and_can_be_cancelled(make_scene):
    scene = make_scene(url={"connection_limit": 2})
    asking = Asking(scene.client)
    with scene.database.locked():
        asking.submit(slow(1), 0)
        eventually(lambda: scene.database.waiting() == 1)
        start = time.perf_counter()
        for token in range(1, 41):
            asking.submit(slow(1, timeoutMs=100 + 20 * (token % 5)), token)
        asking.submit(slow(1), 41)
        asking.submit(slow(1), 42)
        times = {}
        while len(times) < 40:
            assert asking.is_readable(SECONDS)
            token, reply = asking.take()
            assert (reply.status, reply.code) == ("TIMEOUT", "P6004")
            times[token] = time.perf_counter() - start
        for token, seconds in times.items():
            assert seconds - 0.02 * (token % 5) > 0.09
        # It became a follower before the others' time was up.
        assert asking.cancel(42) == "OK"
        assert (taken := asking.take())[0] == 42 and taken[1].status == "CANCELLED"
    assert {token: len(reply.data) for token, reply in asking.take_all(2).items()} == {0: 4, 41: 4}
    assert asking.take() is None


def test_followers_go_on_when_the_one_who_asks_runs_out_of_his_own_time(make_scene):
    scene = make_scene(url={"connection_limit": 3})
    asking = Asking(scene.client)
    with scene.database.locked():
        asking.submit(slow(1, timeoutMs=300), 0)
        eventually(lambda: scene.database.waiting() == 1)
        for token in range(1, 21):
            asking.submit(slow(1), token)
        waiting = calls(4, lambda: scene.client.query(slow(1)))
        assert asking.take_all(1)[0].code == "P6004"
        # One of them asks now, and the others follow that one.
        eventually(lambda: scene.database.waiting() == 1)
        assert asking.cancel(20) == "OK" and asking.take_all(1)[20].status == "CANCELLED"
        assert not asking.is_readable(0.1)
    assert {len(reply.data) for reply in asking.take_all(19).values()} == {4}
    assert {len(call.result().data) for call in waiting} == {4}
    assert asking.take() is None and scene.reads() == 1


def test_a_failure_reaches_every_follower(scene):
    asking = Asking(scene.client)
    with scene.database.locked() as lock:
        for token in range(50):
            asking.submit(slow(1), token)
        eventually(lambda: scene.database.waiting() == 1)
        lock.execute('DROP TABLE "User"; COMMIT')
        assert {reply.code for reply in asking.take_all(50).values()} == {"P2021"}


def test_a_follower_among_threads_that_wait(scene):
    asking = Asking(scene.client)
    with scene.database.locked():
        waiting = calls(8, lambda: scene.client.query(slow(1)))
        eventually(lambda: scene.database.waiting() == 1)
        for token in range(50):
            asking.submit(slow(1), token)
        assert not asking.is_readable(0.05)
    assert {len(reply.data) for reply in asking.take_all(50).values()} == {4}
    assert {len(call.result().data) for call in waiting} == {4} and scene.reads() == 1


@pytest.mark.parametrize("kind", ["running", "following", "waiting", "finished"])
def test_closing_with_outstanding_requests(database, make_scene, kind):
    scene = make_scene(url={"connection_limit": 2})
    asking = Asking(scene.client)
    before = len(os.listdir("/proc/self/fd"))
    with database.locked():
        for token in range(200):
            asking.submit({"running": slow(token), "following": slow(1), "waiting": number(token), "finished": number(token)}[kind], token)
        if kind in ("running", "following"):
            eventually(database.waiting)
        if kind == "finished":
            eventually(asking.is_readable)
        Call(scene.client.close).result()
    assert len(os.listdir("/proc/self/fd")) < before
    eventually(lambda: database.connections() == 0)


def test_many_threads_submit_and_take(make_scene):
    scene = make_scene()
    asking = Asking(scene.client)
    count, each = 16, 250
    expected = {thread * each + place for thread in range(count) for place in range(each)}
    found = []

    def submit(thread):
        for token in range(thread * each, thread * each + each):
            assert asking.submit(number(token) if token % 5 else HIT, token) == "OK"
            if token % 7 == 0:
                asking.cancel(token)

    def take():
        while len(found) < len(expected):
            taken = asking.take()
            if taken is None:
                asking.is_readable(0.05)
            else:
                found.append(taken)

    submitting = [Call(submit, thread) for thread in range(count)]
    taking = [Call(take) for _ in range(4)]
    for call in submitting + taking:
        call.result(60)
    assert len(found) == len(expected) and {token for token, _ in found} == expected
    for token, reply in found:
        if reply.status == "OK" and token % 5:
            assert reply.data == [{"n": token}]
        elif reply.status != "OK":
            assert token % 7 == 0 and reply.status == "CANCELLED"


@pytest.mark.sanitized
@pytest.mark.timeout(1100)
@pytest.mark.parametrize("checker, rounds", [([], 20), (VALGRIND, 1)], ids=["plain", "valgrind"])
def test_from_c_by_poll(database, compiled, checker, rounds):
    # Under valgrind, on a busy machine, ten seconds are not enough for four hundred requests.
    limits = {"queueLength": 400, "queryTimeoutMs": 600_000}
    config = json.dumps({"schema": SCHEMA, "datasourceUrl": database.url(connection_limit=4, pool_timeout=0), "limits": limits})
    outcome = compiled("submit")(config, rounds, under=checker)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")
