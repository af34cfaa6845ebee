"""`staleIfError`: when the database cannot be asked, an old answer is better than an error, if the request says so."""
import pytest
from asking import Asking
from capi import Client
from scene import SCHEMA
from waiting import calls, eventually

STRATEGY = {"ttl": 10, "staleIfError": 100}


@pytest.fixture
def outage(own_server):
    """A client with a clock, on a server that goes and comes back."""
    server, database = own_server
    with Client({"schema": SCHEMA, "datasourceUrl": database.url(), "clock": "manual", "limits": {"queryTimeoutMs": 5000}}) as client:
        yield Outage(server, client)


class Outage:
    def __init__(self, server, client):
        self.server, self.client = server, client

    def read(self, strategy=None, **more):
        return self.client.query({"model": "User", "operation": "findMany", "args": {"cacheStrategy": strategy or STRATEGY}, **more})

    def advance(self, seconds):
        self.client.data({"operation": "$clock.advance", "args": {"milliseconds": round(seconds * 1000)}})

    def __enter__(self):
        self.server.stop()

    def __exit__(self, *_):
        self.server.start()
        eventually(lambda: self.client.query({"operation": "$connect"}).status == "OK", "the server to be back")


def test_an_old_answer_stands_in_for_a_database_that_is_gone(outage):
    fresh = outage.read()
    assert fresh.cache == "miss" and "staleIfError" not in fresh.info
    with outage:
        assert outage.read().cache == "ttl"
        outage.advance(10)
        old = outage.read()
        assert (old.status, old.cache, old.info["staleIfError"]) == ("OK", "swr", True)
        assert old.data == fresh.data and old.info["lastModified"] == fresh.info["lastModified"]
        assert old.info["signature"] == fresh.info["signature"] and old.info["requestId"] != fresh.info["requestId"]
        # Written otherwise, and without the wish: each request decides for itself.
        assert outage.read({"staleIfError": 110, "ttl": 0}).info["staleIfError"]
        assert outage.read({"ttl": 10}).code == "P6008"
        assert outage.read({"ttl": 5, "staleIfError": 5}).code == "P6008"
        outage.advance(99.999)
        assert outage.read().info["staleIfError"]
        outage.advance(0.001)
        assert outage.read().code == "P6008"
    again = outage.read()
    assert again.cache == "miss" and "staleIfError" not in again.info


def test_alone_it_reads_always_and_keeps_the_last_answer_for_errors(outage):
    alone = {"staleIfError": 60}
    assert [outage.read(alone).cache for _ in range(2)] == ["miss", "miss"]
    with outage:
        assert outage.read(alone).info["staleIfError"]


def test_invalidation_counts_for_old_answers_too(outage):
    tagged = dict(STRATEGY, tags=["users"])
    outage.read(tagged)
    with outage:
        outage.advance(20)
        assert outage.read(tagged).info["staleIfError"]
        outage.client.data({"operation": "$accelerate.invalidate", "args": {"tags": ["users"]}})
        assert outage.read(tagged).code == "P6008"


def test_every_caller_gets_it_whether_he_leads_or_follows(outage):
    outage.read()
    asking = Asking(outage.client)
    with outage:
        outage.advance(20)
        for token in range(50):
            asking.submit({"model": "User", "operation": "findMany", "args": {"cacheStrategy": STRATEGY}}, token)
        asked = calls(10, outage.read)
        for reply in [*asking.take_all(50).values(), *(call.result() for call in asked)]:
            assert (reply.status, reply.info["staleIfError"]) == ("OK", True), reply
    text = outage.client.data({"operation": "$metrics", "args": {"format": "prometheus"}})
    assert "accelerant_cache_stale_if_error_total 60" in text


def test_a_time_limit_counts_as_an_error_for_leaders_and_followers(make_scene):
    scene = make_scene()
    strategy = {"ttl": 10, "staleIfError": 100}
    scene.find(strategy)
    scene.advance(20)
    asking = Asking(scene.client)
    request = {"model": "User", "operation": "findMany", "args": {"cacheStrategy": strategy}, "timeoutMs": 300}
    with scene.database.locked():
        for token in range(20):
            asking.submit(request, token)
        asked = calls(4, lambda: scene.client.query(request))
        replies = [*asking.take_all(20).values(), *(call.result() for call in asked)]
        assert {(reply.status, reply.info and reply.info["staleIfError"]) for reply in replies} == {("OK", True)}
    assert scene.find(strategy).cache == "miss"


def test_those_whose_turn_does_not_come_get_it_too(make_scene):
    scene = make_scene()
    strategy = {"ttl": 10, "staleIfError": 100}
    requests = [{"model": "User", "operation": "findMany", "args": {"take": 1 + number, "cacheStrategy": strategy}, "timeoutMs": 300}
                for number in range(60)]
    for request in requests:
        scene.client.data(request)
    scene.advance(20)
    asking = Asking(scene.client)
    with scene.database.locked():
        for token, request in enumerate(requests):
            asking.submit(request, token)
        asking.submit(dict(requests[0], args={"take": 99}), 60)
        replies = asking.take_all(61)
    without = replies.pop(60)
    assert {(reply.status, reply.info and reply.info["staleIfError"]) for reply in replies.values()} == {("OK", True)}
    assert (without.status, without.error["code"]) == ("TIMEOUT", "P6004")


def test_errors_of_the_request_are_told_as_they_are(make_scene):
    scene = make_scene()
    find = lambda where, **more: scene.client.query({"model": "User", "operation": "findUniqueOrThrow", "args": {
        "where": where, "cacheStrategy": {"ttl": 10, "staleIfError": 100}, **more}})
    assert find({"id": 1}).cache == "miss"
    scene.advance(20)
    scene.database.sql.execute('DELETE FROM "User" WHERE id = 1')
    assert find({"id": 1}).code == "P2025"
    assert find({"idd": 1}).code == "P2009"
    scene.find({"ttl": 10, "staleIfError": 100})
    scene.advance(20)
    scene.database.sql.execute('ALTER TABLE "User" RENAME TO gone')
    assert scene.find({"ttl": 10, "staleIfError": 100}).code == "P2021"


@pytest.mark.parametrize("value", ["-1", "1.5", '"60"', "true", "[]", "31536001"])
def test_it_is_a_whole_number_of_seconds(reader, value):
    reply = reader.client.query('{"model":"User","operation":"findMany","args":{"cacheStrategy":{"staleIfError":' + value + "}}}")
    assert (reply.status, reply.code) == ("INVALID_REQUEST", "P6005") and "staleIfError" in reply.error_text
