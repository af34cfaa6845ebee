"""`accelerant_request`, an event loop's one call: at once what is known at once, and the rest by `accelerant_take`."""
import json
import os
import select
import time

import pytest
from asking import Asking
from scene import SCHEMA
from waiting import eventually

HIT = {"model": "OrderItem", "operation": "count", "args": {"cacheStrategy": {"ttl": 60, "swr": 60}}}
COUNT = {"model": "OrderItem", "operation": "count"}
TRACED = {**HIT, "traceparent": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"}


def test_a_hit_comes_at_once_and_is_never_taken(scene):
    asking = Asking(scene.client)
    scene.client.data(HIT)
    for request in (HIT, TRACED):
        for token in range(1000):
            reply = asking.request(request, token)
            assert (reply.cache, reply.data) == ("ttl", 4)
    assert not asking.is_readable() and asking.take() is None and asking.cancel(7) == "NOT_FOUND"


def test_a_stale_hit_comes_at_once_and_is_refreshed(scene):
    asking = Asking(scene.client)
    scene.client.data(HIT)
    scene.advance(61)
    assert asking.request(HIT, 1).cache == "swr"
    eventually(lambda: asking.request(HIT, 2).cache == "ttl", "the refresh")
    assert asking.take() is None


def test_a_look_gives_hits_and_starts_nothing(scene):
    asking = Asking(scene.client)
    queries = lambda: scene.client.data({"operation": "$metrics"})["counters"]
    before = queries()
    assert asking.lookup(HIT) is None and asking.lookup(COUNT) is None and asking.lookup({"operation": "$nothing"}) is None
    assert asking.lookup(b"no JSON") is None and asking.take() is None and not asking.is_readable()
    assert queries() == before
    scene.client.data(HIT)
    for _ in range(1000):
        assert (asking.lookup(HIT).cache, asking.lookup(HIT).data) == ("ttl", 4)
    assert asking.lookup(TRACED) is None and asking.lookup(COUNT) is None
    scene.advance(61)
    assert asking.lookup(HIT).cache == "swr"
    eventually(lambda: asking.lookup(HIT).cache == "ttl", "the refresh")
    scene.client.data({"operation": "$accelerate.invalidateAll"})
    assert asking.lookup(HIT) is None


def test_what_has_to_be_asked_for_is_taken_under_its_token(scene):
    asking = Asking(scene.client)
    with scene.database.locked("order_item"):
        assert [asking.request(request, token) for token, request in enumerate((COUNT, HIT, HIT))] == [None] * 3
        assert asking.take() is None
        assert asking.request({"operation": "$queryRaw", "args": {"query": "SELECT 1 AS n"}}, 3) is None
        assert asking.take_all(1)[3].data == [{"n": 1}]
    replies = asking.take_all(3)
    assert [replies[token].cache for token in range(3)] == ["none", "miss", "miss"]
    assert asking.request(HIT, 4).cache == "ttl"


def test_what_is_started_can_be_cancelled_and_its_time_runs(scene):
    asking = Asking(scene.client)
    with scene.database.locked("order_item"):
        assert asking.request({**COUNT, "timeoutMs": 100}, 1) is None
        assert asking.request(COUNT, 2) is None
        assert asking.cancel(2) == "OK"
        replies = asking.take_all(2)
    assert (replies[1].code, replies[2].status) == ("P6004", "CANCELLED")


def test_requests_of_a_transaction_run_in_their_order(scene):
    asking = Asking(scene.client)
    id = scene.client.data({"operation": "$transaction.begin"})["id"]
    for token in range(20):
        sql = f"INSERT INTO order_item VALUES (9, {token}, 'x', 1) RETURNING (SELECT count(*)::int FROM order_item WHERE order_id = 9) AS n"
        assert asking.request({"operation": "$queryRaw", "args": {"query": sql}, "transaction": id}, token) is None
    assert asking.request({"operation": "$transaction.rollback", "transaction": id}, 20) is None
    replies = asking.take_all(21)
    assert [replies[token].data for token in range(20)] == [[{"n": token}] for token in range(20)] and replies[20].status == "OK"


@pytest.mark.parametrize("request_, status, code", [
    ("{", "INVALID_REQUEST", None), (b"\xff\xfe", "INVALID_REQUEST", None), ("[]", "INVALID_REQUEST", None), ({"operation": "findMany"}, "INVALID_REQUEST", None),
    ({"model": "User", "operation": "findMeny"}, "INVALID_REQUEST", "P2009"), ({**COUNT, "timeoutMs": 0}, "INVALID_REQUEST", "P6005"),
    ({**COUNT, "args": {"cacheStrategy": {"ttl": -1}}}, "INVALID_REQUEST", "P6005"), (b" " * (17 << 20), "TOO_LARGE", "P6009"),
], ids=lambda value: str(value)[:40])
def test_what_is_wrong_with_a_request_is_said_at_once(scene, request_, status, code):
    asking = Asking(scene.client)
    reply = asking.request(request_, 1)
    assert reply.status == status and reply.error["message"] and code in (None, reply.code) and reply.code.startswith("P")
    assert reply.error == scene.client.query(request_).error
    assert asking.take() is None and not asking.is_readable()


def test_what_only_the_schema_can_refuse_is_refused_too(scene):
    asking = Asking(scene.client)
    reply = asking.request({"model": "User", "operation": "findMany", "args": {"where": {"nmae": 1}}}, 1) or asking.take_all(1)[1]
    assert reply.code == "P2009"


def test_a_refusal_comes_with_its_error(make_scene):
    scene = make_scene(limits={"queueLength": 2})
    asking = Asking(scene.client)
    scene.client.data(HIT)
    with scene.database.locked():
        read = {"model": "User", "operation": "count"}
        assert [asking.request(read, 1), asking.request(read, 2)] == [None, None]
        refused = asking.request(read, 3)
        assert (refused.status, refused.code) == ("OVERLOADED", "P5011") and "queueLength" in refused.error["message"]
        # A hit needs no place.
        assert asking.request(HIT, 4).cache == "ttl"
    assert sorted(asking.take_all(2)) == [1, 2] and asking.take() is None


def test_a_copy_of_the_descriptor_may_be_watched_at_its_edges(scene):
    asking = Asking(scene.client)
    copy, epoll = os.dup(asking.descriptor), select.epoll()
    epoll.register(copy, select.EPOLLIN | select.EPOLLET)
    open_, taken, token = set(), 0, 0
    deadline = time.monotonic() + 60
    while taken < 3000:
        while token < 3000 and len(open_) < 40:
            assert asking.request({"operation": "$queryRaw", "args": {"query": "SELECT 1 AS n"}}, token) is None
            open_.add(token)
            token += 1
        assert epoll.poll(10), f"no edge came for {len(open_)} outstanding requests"
        while (done := asking.take()) is not None:
            open_.remove(done[0])
            taken += 1
        assert time.monotonic() < deadline
    epoll.close()
    os.close(copy)


def test_texts_that_come_back_are_utf_8_without_nul(scene):
    """Whatever bytes a request had, and whatever the database holds."""
    for text in (b'{"operation":"\xff\xfe"}', b'{"model":"\xed\xa0\x80","operation":"count"}', b'{"\x00":1}', b'{"operation":"a\x00b"}',
                 b'{"model":"User","operation":"count","args":{"\\u0000":1}}', '{"model":"User","operation":"count","args":{"ü\\ud83d":1}}'.encode()):
        reply = scene.client.query(text)
        assert reply.error and "\0" not in reply.error_text and json.loads(reply.error_text)
    scene.database.sql.execute("INSERT INTO \"User\" (email, name) VALUES ('x@example.org', E'\\x01\\x7f\\u20ac')")
    found = scene.client.query({"model": "User", "operation": "findFirst", "args": {"where": {"email": "x@example.org"}}})
    assert found.data["name"] == "\x01\x7f€" and b"\0" not in found.text and found.text.decode()


@pytest.mark.sanitized
def test_10_000_outstanding_from_c_with_hits_among_them(compiled, database):
    """Nothing is lost, nothing comes twice, and a hit is never waited for."""
    limits = {"queryTimeoutMs": 60_000, "queueLength": 10_000}
    configuration = json.dumps({"schema": SCHEMA, "datasourceUrl": database.url(connection_limit=4), "limits": limits})
    outcome = compiled("request")(configuration)
    assert (outcome.returncode, outcome.stdout + outcome.stderr) == (0, "")
