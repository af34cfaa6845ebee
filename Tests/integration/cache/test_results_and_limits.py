"""What is cached, how long bytes stay, and what happens at each limit."""
import time

import pytest

from scene import Scene
from waiting import PROMPT, Call, calls, eventually

TTL = {"ttl": 60}
SLEEP = {"operation": "$queryRaw", "args": {"query": "SELECT pg_sleep(30)::text AS slept", "parameters": []}}


@pytest.mark.parametrize("operation, args, answer", [
    ("findUnique", {"where": {"id": 99}}, None), ("findFirst", {"where": {"id": 99}}, None),
    ("findMany", {"where": {"id": 99}}, []), ("count", {"where": {"id": 99}}, 0),
])
def test_42_nothing_is_an_answer_too_and_is_cached(scene, operation, args, answer):
    replies = [scene.find(TTL, operation, **args) for _ in range(2)]
    assert [(reply.cache, reply.data) for reply in replies] == [("miss", answer), ("ttl", answer)]
    assert scene.reads() == 1


@pytest.mark.parametrize("operation", ["findUniqueOrThrow", "findFirstOrThrow"])
def test_42_or_throw_without_a_record_is_an_error_and_not_cached(scene, operation):
    read = lambda: scene.find(TTL, operation, where={"id": 99})
    for _ in range(2):
        reply = read()
        assert (reply.status, reply.code, reply.info) == ("NOT_FOUND", "P2025", None)
    scene.database.sql.execute("INSERT INTO \"User\" (id, email) VALUES (99, 'late@example.org')")
    assert read().cache == "miss"


def test_43_the_bytes_of_a_hit_stay_whatever_happens(make_scene):
    scene = make_scene(cache={"maxBytes": 1024 * 1024})
    request = {"model": "User", "operation": "findMany", "args": {"cacheStrategy": {"ttl": 60, "swr": 60, "tags": ["a"]}}}
    scene.client.query(request)
    kept = [scene.client.live(request)[1] for _ in range(3)]
    text = kept[0].data()
    assert len({reply.data_address() for reply in kept}) == 1, "hits share the cache's own bytes"
    scene.rename("Someone else entirely")
    scene.invalidate("a")
    scene.client.query(request)
    scene.advance(60)
    scene.client.query(request)
    for number in range(3000):
        scene.find(TTL, where={"id": number})
    scene.invalidate_all()
    assert [reply.data() for reply in kept] == [text] * 3
    kept.pop().free()
    scene.close()
    assert [reply.data() for reply in kept] == [text] * 2
    for reply in kept:
        reply.free()


def test_44_an_answer_over_the_size_limit_is_refused_with_both_sizes(make_scene, scene):
    size = len(scene.find().text)
    exact = make_scene(limits={"responseBytes": size})
    assert exact.find(TTL).cache == "miss" and exact.find(TTL).cache == "ttl"
    small = make_scene(limits={"responseBytes": size - 1})
    for _ in range(2):
        reply = small.find(TTL)
        assert (reply.status, reply.code) == ("TOO_LARGE", "P6009")
        assert str(size - 1) in reply.error_text
    assert small.find(where={"id": 1}).number == 0, "the connection goes on"


def test_44_the_default_limit_is_five_mebibytes(scene):
    def long(length):
        return scene.client.query({"operation": "$queryRaw", "args": {"query": f"SELECT repeat('x', {length}) AS x", "parameters": []}})

    limit = 5 * 1024 * 1024
    around = len(long(100).text) - 100
    assert len(long(limit - around).text) == limit
    reply = long(limit - around + 1)
    assert reply.code == "P6009" and str(limit) in reply.error_text and str(limit + 1) in reply.error_text
    assert long(1).number == 0


def test_44_an_entry_too_large_for_the_cache_is_answered_and_not_stored(make_scene):
    scene = make_scene(cache={"maxBytes": 1024 * 1024, "maxEntryBytes": 1000})
    scene.database.sql.execute("UPDATE \"User\" SET name = repeat('x', 1000) WHERE id = 1")
    assert [scene.find(TTL, where={"id": 1}).cache for _ in range(2)] == ["miss", "miss"]
    assert [scene.find(TTL, where={"id": 2}).cache for _ in range(2)] == ["miss", "ttl"]


def test_45_over_the_time_limit_the_query_is_cancelled_on_the_server(make_scene):
    scene = make_scene(limits={"queryTimeoutMs": 300}, url={"connection_limit": 1})
    with scene.database.locked():
        start = time.monotonic()
        reply = scene.find(TTL)
        assert (reply.status, reply.code) == ("TIMEOUT", "P6004")
        assert 0.29 <= time.monotonic() - start < PROMPT
        eventually(lambda: scene.database.waiting() == 0, "the cancel")
    assert scene.find(TTL).cache == "miss", "the connection is usable again, or replaced"


def test_45_a_request_may_have_a_limit_of_its_own(scene):
    start = time.monotonic()
    reply = scene.client.query({**SLEEP, "timeoutMs": 200})
    assert reply.code == "P6004" and time.monotonic() - start < PROMPT
    assert scene.find().number == 0


def test_45_waiting_for_a_connection_counts(make_scene):
    scene = make_scene(url={"connection_limit": 1})
    with scene.database.locked():
        held = Call(scene.find)
        eventually(lambda: scene.database.waiting() == 1, "the query")
        start = time.monotonic()
        assert scene.client.query({"model": "Sample", "operation": "count", "timeoutMs": 400}).code == "P6004"
        assert time.monotonic() - start < PROMPT
    assert held.result().number == 0


def test_46_never_more_connections_than_the_limit_refreshes_included(make_scene):
    scene = make_scene(url={"connection_limit": 3})
    strategy = {"ttl": 1, "swr": 60}
    for user in range(8):
        scene.find(strategy, where={"id": user})
    scene.advance(1)
    with scene.database.locked():
        for user in range(8):
            assert scene.find(strategy, where={"id": user}).cache == "swr"
        readers = calls(8, lambda: scene.find(operation="count"))
        eventually(lambda: scene.database.waiting() == 3, "three queries")
        with pytest.raises(AssertionError):
            eventually(lambda: scene.database.connections() > 3, seconds=0.5)
    assert {reader.result().number for reader in readers} == {0}
    assert scene.database.connections() <= 3


def test_46_the_default_is_ten_connections(scene):
    with scene.database.locked():
        readers = calls(14, lambda: scene.find(operation="count"))
        eventually(lambda: scene.database.waiting() == 10, "ten queries")
        with pytest.raises(AssertionError):
            eventually(lambda: scene.database.connections() > 10, seconds=0.3)
    assert {reader.result().number for reader in readers} == {0}


def test_46_pool_timeout_is_an_error_of_its_own(make_scene):
    scene = make_scene(url={"connection_limit": 1, "pool_timeout": 1})
    with scene.database.locked():
        held = Call(scene.find)
        eventually(lambda: scene.database.waiting() == 1, "the query")
        start = time.monotonic()
        reply = scene.client.query({"model": "Sample", "operation": "count"})
        assert (reply.status, reply.code) == ("UNAVAILABLE", "P2024")
        assert 0.9 <= time.monotonic() - start < PROMPT
    assert held.result().number == 0


@pytest.fixture
def own(own_server):
    """A scene on a server that the test may stop."""
    server, database = own_server
    scene = Scene(database)
    yield scene, server
    scene.close()


def test_48_hits_are_served_with_the_database_down(own):
    scene, server = own
    scene.find(TTL)
    server.stop()
    try:
        assert scene.find(TTL).cache == "ttl"
        down = scene.find(TTL, where={"id": 1})
        assert (down.status, down.code) == ("UNAVAILABLE", "P6008") and "P1001" in down.error_text
    finally:
        server.start()
    eventually(lambda: scene.find(TTL, where={"id": 1}).cache == "miss", "the database to be back")


def test_48_stale_hits_are_served_with_the_database_down(own):
    scene, server = own
    both = {"ttl": 60, "swr": 60}
    scene.find(both)
    scene.advance(60)
    server.stop()
    try:
        assert {scene.find(both).cache for _ in range(20)} == {"swr"}
    finally:
        server.start()
    scene.advance(59)
    eventually(lambda: scene.find(both).cache in ("ttl", "swr"), "an answer")


def test_48_hits_are_served_with_the_pool_exhausted(make_scene):
    scene = make_scene(url={"connection_limit": 2})
    sample = {"model": "Sample", "operation": "count", "args": {"cacheStrategy": TTL}}
    scene.client.query(sample)
    with scene.database.locked():
        held = [Call(scene.find) for _ in range(6)]
        eventually(lambda: scene.database.waiting() == 2, "the queries")
        assert scene.client.query(sample).cache == "ttl"
    for call in held:
        call.result()


def test_49_the_byte_limit_of_the_cache_holds_at_every_moment(make_scene):
    limit = 512 * 1024
    scene = make_scene(cache={"maxBytes": limit})
    scene.database.sql.execute("UPDATE \"User\" SET name = repeat('x', 2000)")
    most = 0
    for number in range(1500):
        scene.find(TTL, where={"id": {"lt": 5}, "email": {"not": str(number)}})
        if number % 10 == 0:
            most = max(most, scene.metric("accelerant_cache_bytes"))
    assert limit / 4 < most <= limit


def test_49_expired_entries_go_without_being_asked_for(scene):
    for number in range(500):
        scene.find({"ttl": 30}, where={"id": number})
    before = scene.metric("accelerant_cache_bytes")
    scene.advance(31)
    eventually(lambda: scene.metric("accelerant_cache_entries") == 0, "the entries to go")
    assert scene.metric("accelerant_cache_bytes") < before


def test_35_memory_goes_back_to_the_system_after_an_invalidation(scene):
    scene.database.sql.execute("UPDATE \"User\" SET name = repeat('x', 20000)")
    for number in range(800):
        scene.find(TTL, where={"id": {"in": [1]}, "email": {"not": str(number)}})
    full = scene.metric("accelerant_cache_arena_bytes")
    assert full >= 16 << 20
    scene.invalidate_all()
    eventually(lambda: scene.metric("accelerant_cache_arena_bytes") <= full - (12 << 20), "the chunks to go")


def test_50_hits_stale_misses_and_none_are_all_calls_and_only_grow(scene):
    names = ["hits", "stale_hits", "misses", "none"]
    both = {"ttl": 60, "swr": 60}
    counts = lambda: [scene.metric(f"accelerant_cache_{name}_total") for name in names]
    before = counts()
    scene.find(), scene.find({}), scene.find(both), scene.find(both), scene.find(both)
    scene.advance(60)
    with scene.database.locked():
        scene.find(both)
    scene.find(operation="findFirstOrThrow", where={"id": 99})
    grown = [after - earlier for after, earlier in zip(counts(), before)]
    assert grown[:3] == [2, 1, 1] and grown[3] >= 2
    assert all(after >= earlier for after, earlier in zip(counts(), before))
    assert scene.metric("prisma_client_queries_total") == sum(counts())
