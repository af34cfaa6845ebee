"""Many callers on few connections: reads share them, and each gets its own answer, its own error and its own time."""
import time

import pytest
from asking import Asking, number
from capi import Client
from relays import DelayingRelay
from scene import SCHEMA
from waiting import Call, calls, eventually

SHARED = "accelerant_pool_multiplexed_reads_total"


MOVED = "accelerant_pool_moved_reads_total"
#: Of the requests that have none of their own: a busy machine needs time for thousands.
LIMITS = {"queryTimeoutMs": 60_000}


@pytest.fixture
def crowd(make_scene):
    """A client whose table has 2,000 users more, each with its number in its name."""
    def make(connections=2, **settings):
        parameters = {"connection_limit": connections, **settings.pop("url", {})}
        scene = make_scene(url=parameters, **{"limits": LIMITS, **settings})
        scene.database.sql.execute(
            "INSERT INTO \"User\" (id, name, email) SELECT i, 'N' || i, i || '@many.example' FROM generate_series(1001, 3000) i")
        warm(scene.client)
        if parameters.get("multiplexing_limit") != 1:
            warm_until_shared(scene, connections)
        return scene
    return make


def warm(client):
    """What is short is known by what it has cost, after a few runs."""
    for id in [1001] * 60:
        assert client.data(user(id)) == answer(id)


def warm_until_shared(scene, connections):
    """The same on a busy machine, where even a short read may take long for a while."""
    asking = Asking(scene.client)

    def ask():
        before = scene.metric(SHARED)
        # All connections are busy, so the reads wait for each other.
        for token in range(connections):
            asking.submit(PAUSE, token)
        for id in range(1001, 1101):
            asking.submit(user(id), id)
        asking.take_all(100 + connections)
        return scene.metric(SHARED) > before
    eventually(ask, "reads to be sent together", seconds=60)


def user(id):
    return {"model": "User", "operation": "findUnique", "args": {"where": {"id": id}}}


def answer(id):
    return {"id": id, "name": f"N{id}", "email": f"{id}@many.example"}


def test_threads_share_connections_and_each_gets_its_own_answer(crowd):
    scene = crowd()

    def ask(first):
        return [scene.client.data(user(id)) == answer(id) for id in range(first, first + 50)]

    before = scene.metric(SHARED)
    started = iter(range(1001, 2601, 50))
    for call in calls(32, lambda: ask(next(started))):
        assert call.result(60) == [True] * 50
    assert scene.metric(SHARED) > before


def test_submitted_reads_go_along_with_each_other(crowd):
    scene = crowd()
    asking = Asking(scene.client)
    before = scene.metric(SHARED)
    for id in range(1001, 3001):
        assert asking.submit(user(id), id) == "OK"
    replies = asking.take_all(2000, seconds=60)
    assert all(reply.data == answer(id) for id, reply in replies.items()) and len(replies) == 2000
    # The others ran while the queue was short.
    assert scene.metric(SHARED) - before > 500
    assert scene.metric("prisma_client_queries_active") == 0


def test_misses_go_along_and_each_is_cached_under_its_own_key(crowd):
    scene = crowd()
    asking = Asking(scene.client)
    cached = lambda id: {**user(id), "args": {**user(id)["args"], "cacheStrategy": {"ttl": 60}}}  # noqa: E731
    scene.client.data(cached(1001))
    before, moved = scene.metric(SHARED), scene.metric(MOVED)
    for id in range(1002, 2502):
        asking.submit(cached(id), id)
        # Some ask for what is on its way, or waits for its turn.
        if id % 5 == 0:
            asking.submit(cached(id), 10_000 + id)
    replies = asking.take_all(1800, seconds=60)
    assert all(reply.data == answer(token % 10_000 or 10_000) for token, reply in replies.items())
    assert {reply.cache for reply in replies.values()} <= {"miss", "ttl"}
    assert scene.metric(SHARED) - before > 500
    # What a busy machine has sent again was looked up again.
    misses = scene.metric("accelerant_cache_misses_total") - scene.metric("accelerant_cache_joined_misses_total")
    assert misses <= 1501 + scene.metric(MOVED) - moved
    assert all(scene.client.query(cached(id)).cache == "ttl" for id in range(1002, 2502, 100))
    assert scene.metric("prisma_client_queries_active") == 0


def test_refreshes_go_along(crowd):
    scene = crowd(connections=1, clock="manual")
    stale = lambda id: {**user(id), "args": {**user(id)["args"], "cacheStrategy": {"ttl": 1, "swr": 60}}}  # noqa: E731
    for id in range(1001, 1301):
        scene.client.data(stale(id))
    scene.database.sql.execute("UPDATE \"User\" SET name = 'new' || id WHERE id > 1000")
    scene.client.data({"operation": "$clock.advance", "args": {"milliseconds": 2000}})
    before = scene.metric(SHARED)
    asking = Asking(scene.client)
    # Why: all of them wait while the only connection is busy.
    asking.submit(PAUSE, 0)
    assert {scene.client.query(stale(id)).data["name"] for id in range(1001, 1301)} == {f"N{id}" for id in range(1001, 1301)}
    eventually(lambda: scene.metric("accelerant_cache_refreshes_total") >= 300, "all refreshes")
    assert scene.metric(SHARED) - before > 100
    assert [scene.client.query(stale(id)).data["name"] for id in range(1001, 1301)] == [f"new{id}" for id in range(1001, 1301)]


def test_a_cached_read_that_a_neighbour_holds_up_is_asked_for_again(paced):
    """Also those who wait for its answer have it."""
    scene, pace = paced(url={"multiplexing_limit": 64})
    asking = Asking(scene.client)
    cached = lambda id: {**user(id), "args": {**user(id)["args"], "cacheStrategy": {"ttl": 60}}}  # noqa: E731
    # Why: the first cached read of a session goes alone, for it asks what the session is.
    scene.client.data(cached(1100))
    pace(0.03)
    asked_for = lambda: scene.metric("prisma_client_queries_total")  # noqa: E731
    before, counted = scene.metric(MOVED), asked_for()
    asking.submit(PAUSE, 0)
    for token in range(1, 40):
        asking.submit(cached(1001 + token % 20), token)
    replies = asking.take_all(40, seconds=30)
    assert all(reply.data == answer(1001 + token % 20) for token, reply in replies.items() if token)
    assert scene.metric(MOVED) > before
    # Each is counted once, also those that were looked up again.
    assert asked_for() - counted == 40
    assert scene.metric("prisma_client_queries_active") == 0


def test_an_uncached_read_that_a_neighbour_holds_up_is_counted_once(paced):
    scene, pace = paced(url={"multiplexing_limit": 64})
    asking = Asking(scene.client)
    pace(0.03)
    moved, counted = scene.metric(MOVED), scene.metric("prisma_client_queries_total")
    asking.submit(PAUSE, 0)
    for token in range(1, 40):
        asking.submit(user(1001 + token), token)
    asking.take_all(40, seconds=30)
    assert scene.metric(MOVED) > moved
    assert scene.metric("prisma_client_queries_total") - counted == 40


def test_a_lost_read_is_sent_twice_at_most(crowd):
    scene = crowd(connections=2)
    scene.database.sql.execute(
        "CREATE SEQUENCE sent; GRANT USAGE ON SEQUENCE sent TO PUBLIC; ALTER TABLE \"User\" RENAME TO people;"
        "CREATE FUNCTION held(id int) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN"
        " IF id = 1010 THEN PERFORM nextval('sent'); PERFORM pg_advisory_xact_lock_shared(1010); END IF; RETURN true; END $$;"
        'CREATE VIEW "User" AS SELECT p.id, p.name, p.email FROM people p WHERE held(p.id)')
    warm(scene.client)
    for call in calls(2, lambda: [scene.client.data(PAUSE), warm(scene.client)]):
        call.result(60)
    asking = Asking(scene.client)
    sql = scene.database.sql
    sql.execute("SELECT pg_advisory_lock(1010)")
    for token in range(2):
        asking.submit(PAUSE, 10_000 + token)
    for id in range(1001, 1041):
        asking.submit(user(id), id)
    held = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'"
    for _ in range(2):
        pid = eventually(lambda: sql.execute(held), "the read to be held")[0][0]
        sql.execute(f"SELECT pg_terminate_backend({pid})")
        eventually(lambda pid=pid: not sql.execute(f"SELECT 1 FROM pg_stat_activity WHERE pid = {pid}"), "the session to end")
    replies = asking.take_all(42)
    assert int(sql.execute("SELECT last_value FROM sent")[0][0]) == 2
    assert replies[1010].status == "UNAVAILABLE"
    assert all(reply.data == answer(id) for id, reply in replies.items() if id < 10_000 and id != 1010)


@pytest.mark.parametrize("milliseconds", [0.5, 5])
def test_a_slow_network_is_where_sharing_pays_most(crowd, milliseconds):
    """What the way takes is not the read's: ten of them and more share one round trip, which each of them has to itself otherwise."""
    scene = crowd(connections=1)
    with DelayingRelay(scene.database.server.socket, milliseconds / 1000) as relay:
        def ask(client):
            asking, before = Asking(client), (relay.sent, relay.packets())
            asking.submit(PAUSE, 0)
            for id in range(1001, 1201):
                asking.submit(user(id), id)
            replies = asking.take_all(201, seconds=60)
            assert all(reply.data == answer(id) for id, reply in replies.items() if id)
            # One packet for a batch: libpq before version 17 sends each read by itself.
            return max(relay.sent - before[0], relay.packets() - before[1])

        def open_client(limit):
            url = relay.url(scene.database, connection_limit=1, multiplexing_limit=limit)
            client = Client({"schema": SCHEMA, "datasourceUrl": url, "limits": LIMITS})
            warm(client)
            return client

        with open_client(limit=1) as client:
            assert ask(client) >= 200
        with open_client(limit=32) as client:
            # Why again: on a busy machine a read may seem slow, and those behind it are sent again.
            eventually(lambda: ask(client) <= 20, "ten reads in a round trip", seconds=60)


def test_what_does_not_go_along_is_done_between_those_that_do(crowd):
    scene = crowd()
    asking = Asking(scene.client)
    before = scene.metric(SHARED)
    kinds = [
        user, lambda id: number(id), user, lambda id: {"model": "User", "operation": "findUnique", "args": {"where": {"id": id}, "cacheStrategy": {"ttl": 60}}},
        user, lambda id: {"model": "User", "operation": "update", "args": {"where": {"id": id}, "data": {"name": f"N{id}"}}},
        user, lambda id: {"model": "User", "operation": "findNothing"}, user, user,
    ]
    for id in range(1001, 2001):
        assert asking.submit(kinds[id % 10](id), id) == "OK"
    replies = asking.take_all(1000, seconds=60)
    for id, reply in replies.items():
        if id % 10 == 1:
            assert reply.data == [{"n": id}]
        elif id % 10 == 7:
            assert reply.status == "INVALID_REQUEST"
        else:
            assert reply.data == answer(id)
    assert scene.metric(SHARED) > before


@pytest.mark.parametrize("submitted", [False, True])
def test_a_locked_read_keeps_nobody_waiting(crowd, submitted):
    """Some locked ones end by their own time, the others when they may go on; those who ask for something else have their answers before."""
    scene = crowd(connections=8)
    items = {"model": "OrderItem", "operation": "findMany", "args": {}}
    for _ in range(60):
        scene.client.data(items)
    expected = scene.client.data(items)
    asking = Asking(scene.client)
    with scene.database.locked():
        locked = [Call(scene.client.query, {**user(1001 + place), "timeoutMs": [600, 60_000][place % 2]}) for place in range(4)]
        if submitted:
            for token in range(400):
                asking.submit(items, token)
            assert all(reply.data == expected for reply in asking.take_all(400, seconds=60).values())
        else:
            for call in calls(32, lambda: scene.client.data(items)):
                assert call.result() == expected
        assert [call.result().code for call in locked[::2]] == ["P6004"] * 2
        assert all(call.is_running() for call in locked[1::2])
    assert [call.result().data for call in locked[1::2]] == [answer(1002), answer(1004)]
    assert scene.client.data(user(1001)) == answer(1001)


def test_a_cancelled_read_takes_no_neighbour_with_it(crowd):
    scene = crowd(connections=1)
    asking = Asking(scene.client)
    with scene.database.locked() as lock:
        for token in range(40):
            asking.submit(user(1001 + token), token)
        eventually(lambda: scene.database.waiting() == 1)
        # One of them is what the server works for; most others wait for it, or for their turn.
        for token in range(0, 40, 2):
            assert asking.cancel(token) == "OK"
        cancelled = asking.take_all(20)
        lock.execute("COMMIT")
    assert {token: reply.status for token, reply in cancelled.items()} == dict.fromkeys(range(0, 40, 2), "CANCELLED")
    rest = asking.take_all(20)
    assert {token: reply.data for token, reply in rest.items()} == {token: answer(1001 + token) for token in range(1, 40, 2)}


@pytest.mark.parametrize("name", [None, "many"])
def test_closing_ends_what_is_on_its_way_with_others(crowd, name):
    cache = {"cache": {"name": name}} if name else {}
    scene = crowd(connections=1, **cache)
    other = Client(scene.config)
    asking = Asking(other)
    with scene.database.locked():
        for id in range(1001, 1041):
            asking.submit(user(id), id)
        eventually(lambda: scene.database.waiting() == 1)
        # While the lock is held: the answers cannot have come first.
        Call(other.close).result()
    assert scene.client.data(user(1001)) == answer(1001)


def test_the_url_turns_it_off(crowd):
    scene = crowd(url={"multiplexing_limit": 1})
    asking = Asking(scene.client)
    for id in range(1001, 1501):
        asking.submit(user(id), id)
    assert all(reply.data == answer(id) for id, reply in asking.take_all(500, seconds=60).items())
    assert scene.metric(SHARED) == 0


@pytest.fixture
def paced(crowd):
    """A crowd on one connection, and what lets each of its reads take the server so many seconds from then on."""
    def make(**settings):
        scene = crowd(connections=1, **settings)
        scene.database.sql.execute(
            'CREATE TABLE pace AS SELECT 0.0::float8 AS seconds; ALTER TABLE "User" RENAME TO people;'
            'CREATE VIEW "User" AS SELECT p.id, p.name, p.email FROM people p, LATERAL (SELECT pg_sleep(seconds) FROM pace) s')
        warm(scene.client)

        def pace(seconds):
            scene.database.sql.execute(f"UPDATE pace SET seconds = {seconds}")
        return scene, pace
    return make


PAUSE = {"operation": "$queryRaw", "args": {"query": "SELECT 1 AS n FROM pg_sleep(0.1)"}}


def test_a_submitted_read_is_told_in_time_that_its_time_is_up(paced):
    """Each neighbour takes less than anybody has to wait for; those in front take more together than the others have.

    Otherwise all would have their answers, however late.
    """
    scene, pace = paced(url={"multiplexing_limit": 64})
    asking = Asking(scene.client)
    pace(0.008)
    before = scene.metric(SHARED)

    def ask():
        start = time.monotonic()
        asking.submit(PAUSE, 0)
        for token in range(1, 61):
            asking.submit({**user(1001 + token), "timeoutMs": 60_000 if token <= 30 else 100}, token)
        # Else the machine has kept this thread from submitting while those in front went on.
        is_prompt = time.monotonic() - start < 0.2
        replies = asking.take_all(61)
        assert all(replies[token].data == answer(1001 + token) for token in range(1, 31))
        return replies if is_prompt else None
    replies = eventually(ask, "all to be submitted at once")
    assert scene.metric(SHARED) > before
    assert all(replies[token].code == "P6004" for token in range(31, 61))
