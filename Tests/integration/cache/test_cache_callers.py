"""Many callers of one key: one query, one refresh, each with its own deadline; closing and forking meanwhile."""
import json
import os
import subprocess
import sys
import time

import pytest
from capi import LIBRARY
from paths import program_source
from valgrind import VALGRIND
from waiting import PROMPT, Call, calls, eventually

TTL = {"ttl": 60}
BOTH = {"ttl": 60, "swr": 60}
THREADS = 64


def slept(threads):
    """Waits until every call is asleep in the library: none of their threads is runnable, several times in a row."""
    time_in_row = 0
    while time_in_row < 20:
        time.sleep(0.005)
        busy = any(state_of(call) == "R" for call in threads)
        time_in_row = 0 if busy else time_in_row + 1


def state_of(call):
    with open(f"/proc/self/task/{call._thread.native_id}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0]


def test_37_concurrent_misses_run_one_query(scene):
    with scene.database.locked():
        readers = calls(THREADS, lambda: scene.find(TTL))
        eventually(lambda: scene.database.waiting() == 1, "the query")
        slept(readers)
    replies = [reader.result() for reader in readers]
    assert {reply.cache for reply in replies} == {"miss"}
    assert len({reply.text for reply in replies}) == 1
    assert len({reply.info["requestId"] for reply in replies}) == THREADS
    assert scene.reads() == 1


def test_37_64_threads_on_one_key_for_a_while(scene):
    """Windows end under them all the time; each answer has to be whole."""
    expected = scene.find().data

    def work():
        return [scene.find({"ttl": 1, "swr": 1}) for _ in range(50)]

    readers = calls(THREADS, work)
    while any(reader.is_running() for reader in readers):
        scene.advance(0.5)
    for reader in readers:
        assert all(reply.data == expected for reply in reader.result())


@pytest.mark.sanitized
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("checker, rounds", [([], 3000), (VALGRIND, 10)], ids=["plain", "valgrind"])
def test_37_64_threads_of_c_among_invalidations(scene, compiled, checker, rounds):
    run = compiled("stress")(json.dumps(scene.config), THREADS, rounds, under=checker, timeout=110 if not checker else 600)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", ""), run.stderr[-3000:]


def test_38_a_failure_reaches_every_waiter_once_and_the_next_call_tries_again(scene):
    with scene.database.locked() as session:
        readers = calls(8, lambda: scene.find(TTL))
        eventually(lambda: scene.database.waiting() == 1, "the query")
        slept(readers)
        session.execute('ALTER TABLE "User" RENAME TO gone; COMMIT')
    assert {reader.result().code for reader in readers} == {"P2021"}
    assert scene.find(TTL).code == "P2021"
    scene.database.sql.execute('ALTER TABLE gone RENAME TO "User"')
    assert scene.find(TTL).cache == "miss"


def test_39_each_caller_has_its_own_deadline(scene):
    request = {"model": "User", "operation": "findMany", "args": {"cacheStrategy": TTL}}
    with scene.database.locked():
        patient = Call(scene.client.query, request)
        eventually(lambda: scene.database.waiting() == 1, "the query")
        start = time.monotonic()
        hasty = scene.client.query({**request, "timeoutMs": 200})
        spent = time.monotonic() - start
        assert (hasty.status, hasty.code) == ("TIMEOUT", "P6004")
        assert 0.19 <= spent < PROMPT
        assert patient.is_running()
    assert patient.result().cache == "miss"
    assert scene.reads() == 1


def test_40_concurrent_stale_hits_refresh_once_and_nobody_waits(scene):
    scene.find(BOTH)
    scene.advance(60)
    with scene.database.locked():
        readers = calls(THREADS, lambda: {scene.find(BOTH).cache for _ in range(16)})
        assert [reader.result() for reader in readers] == [{"swr"}] * THREADS
        eventually(lambda: scene.database.waiting() == 1, "the refresh")
    scene.await_refresh(BOTH)
    assert scene.reads() == 2


REFUSE = """
ALTER TABLE "User" RENAME TO kept;
CREATE SEQUENCE attempts;
CREATE FUNCTION refuse() RETURNS SETOF kept LANGUAGE plpgsql VOLATILE AS
    $$ BEGIN PERFORM nextval('attempts'); RAISE EXCEPTION 'not today'; END $$;
CREATE VIEW "User" AS SELECT * FROM refuse();
"""


def test_40_a_refresh_that_fails_leaves_the_stale_data_and_is_throttled(scene):
    first = scene.find(BOTH)
    scene.advance(60)
    scene.database.sql.execute(REFUSE)
    attempts = lambda: int(scene.database.sql.value("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM attempts"))
    assert scene.find(BOTH).cache == "swr"
    eventually(lambda: attempts() == 1, "the refresh that fails")
    for _ in range(300):
        reply = scene.find(BOTH)
        assert (reply.cache, reply.text) == ("swr", first.text)
    assert attempts() <= 2
    scene.advance(60)
    assert scene.find(BOTH).code is not None, "after both windows the error shows"
    scene.database.sql.execute('DROP VIEW "User"; ALTER TABLE kept RENAME TO "User"')
    assert scene.find(BOTH).cache == "miss"


def test_40_other_keys_never_wait(scene):
    sample = {"model": "Sample", "operation": "count", "args": {"cacheStrategy": TTL}}
    with scene.database.locked():
        held = Call(scene.find, TTL)
        eventually(lambda: scene.database.waiting() == 1, "the query")
        assert [scene.client.query(sample).cache for _ in range(2)] == ["miss", "ttl"]
        assert held.is_running()
    held.result()


def test_41_closing_ends_running_calls_with_an_error(scene):
    with scene.database.locked():
        read = lambda user: scene.find(TTL, "findUnique", where={"id": user})
        running = [Call(read, user) for user in (1, 2, 3)]
        eventually(lambda: scene.database.waiting() == 3, "the queries")
        joined = Call(read, 1)
        slept([joined])
        start = time.monotonic()
        scene.close()
        assert time.monotonic() - start < PROMPT
        replies = [call.result() for call in (*running, joined)]
    assert {(reply.status, reply.code) for reply in replies} == {("CLOSED", "P6010")}
    eventually(lambda: scene.database.connections() == 0, "the connections to end")


def test_41_closing_joins_every_thread_and_returns_every_descriptor(make_scene):
    def descriptors():
        return len(os.listdir("/proc/self/fd"))

    def threads():
        return len(os.listdir("/proc/self/task"))

    make_scene().close()
    before = descriptors(), threads()
    for _ in range(5):
        scene = make_scene()
        scene.find(BOTH)
        scene.advance(60)
        scene.find(BOTH)
        scene.close()
    assert (descriptors(), threads()) == before


def test_41_replies_outlive_their_client(make_scene):
    scene = make_scene()
    request = {"model": "User", "operation": "findMany", "args": {"cacheStrategy": TTL}}
    scene.client.query(request)
    status, live = scene.client.live(request)
    data, info = live.data(), live.info()
    scene.close()
    assert (status, live.data(), live.info()) == (0, data, info)
    live.free()


@pytest.mark.parametrize("script", ["fork.py", "exit_under_load.py"])
def test_41_in_a_process_of_its_own(database, script):
    environment = dict(os.environ, ACCELERANT_LIBRARY=LIBRARY)
    command = [sys.executable, program_source(script), database.url()]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", ""), run
