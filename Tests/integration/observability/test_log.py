"""The log: what is in it, how it is taken, and what never is in it."""
import json

import pytest
from asking import Asking
from capi import Client, OpenError
from scene import SCHEMA
from waiting import calls, eventually

ALL = [{"level": "query", "params": True}, "info", {"level": "warn", "slowMs": 0}, "error"]


def take(scene, **args):
    """The events that nobody has taken yet."""
    answer = scene.client.data({"operation": "$log.take", "args": args})
    assert set(answer) == {"events", "dropped"}
    return answer["events"]


def texts(events, level="query"):
    return [event.get("query") or event.get("message") for event in events if event["level"] == level]


def test_a_log_that_was_not_asked_for_cannot_be_taken(scene):
    reply = scene.client.query({"operation": "$log.take"})
    assert (reply.status, reply.code) == ("INVALID_REQUEST", "P6005") and "`log`" in reply.error["message"]


def test_a_query_event_has_what_prisma_gives_it(make_scene):
    scene = make_scene(log=["query"])
    scene.find(where={"name": "Alice"})
    (event,) = take(scene)
    assert event["level"] == "query" and event["target"] == "database"
    assert event["timestamp"].endswith("Z") and len(event["timestamp"]) == 24
    assert event["query"].startswith("SELECT ") and "$1" in event["query"]
    assert event["duration"] > 0 and event["rows"] == 1 and event["request"] >= 1
    assert "params" not in event and "Alice" not in json.dumps(event)
    assert take(scene) == []


def test_parameters_are_shown_on_request_alone(make_scene):
    scene = make_scene(log=[{"level": "query", "params": True}])
    scene.find(where={"name": "Ali\"ce", "id": {"gt": 0}})
    (event,) = take(scene)
    assert sorted(json.loads(event["params"])) == ["0", "Ali\"ce"]


def test_each_level_is_told_by_itself(make_scene):
    for level in ("query", "info", "warn", "error"):
        scene = make_scene(log=[level])
        scene.find()
        scene.find(where={"nothing": 1})
        assert {event["level"] for event in take(scene)} == ({level} if level != "warn" else set()), level
    scene = make_scene(log=[])
    scene.find()
    assert take(scene) == []


def test_a_hit_leaves_no_event(make_scene):
    scene = make_scene(log=ALL)
    assert scene.find({"ttl": 60}).cache == "miss"
    assert len(texts(take(scene))) == 1
    for _ in range(3):
        assert scene.find({"ttl": 60}).cache == "ttl"
    assert take(scene) == []


def test_statements_of_one_request_share_its_number(make_scene):
    scene = make_scene(log=["query", "error"])
    user = {"model": "User", "operation": "create", "args": {"data": {"email": "a@b"}}}
    scene.client.data({"operation": "$transaction", "args": {"requests": [user, {"model": "User", "operation": "count"}]}})
    events = take(scene)
    queries = [text.split(" ")[0] for text in texts(events)]
    assert queries[0] == "BEGIN" and queries[-1] == "COMMIT" and "INSERT" in queries and "SELECT" in queries, queries
    assert len({event["request"] for event in events}) == 1
    assert scene.client.query({"operation": "$transaction", "args": {"requests": [user]}}).code == "P2002"
    events = take(scene)
    assert [event["level"] for event in events][-1] == "error" and texts(events)[-1] == "ROLLBACK"
    assert len({event["request"] for event in events}) == 1
    assert [event.get("error") for event in events if event.get("error")] == ["23505"]


def test_an_error_event_is_the_error_of_the_reply(make_scene):
    scene = make_scene(log=["error"])
    replies = [
        scene.find(where={"nothing": 1}), scene.client.query("{"), scene.find(operation="findUniqueOrThrow", where={"id": 99}),
        scene.client.query({"operation": "$queryRaw", "args": {"query": "SELECT 1/0"}}), scene.client.query({"operation": "nope"}),
    ]
    events = take(scene)
    assert len(events) == len(replies)
    for event, reply in zip(events, replies):
        assert {key: event[key] for key in ("code", "message", "meta")} == reply.error and event["target"] == "request"


def test_what_goes_wrong_in_the_background_is_a_warning(make_scene):
    scene = make_scene(log=["warn", "error"])
    scene.find({"ttl": 1, "swr": 60})
    scene.advance(2)
    scene.database.sql.execute('ALTER TABLE "User" RENAME TO gone')
    assert scene.find({"ttl": 1, "swr": 60}).cache == "swr"
    events = eventually(lambda: take(scene), "the warning")
    assert [(event["level"], event["target"], event["code"]) for event in events] == [("warn", "refresh", "P2021")]


def test_a_slow_statement_is_a_warning(make_scene):
    scene = make_scene(log=[{"level": "warn", "slowMs": 50}])
    raw = {"operation": "$queryRaw", "args": {"query": "SELECT pg_sleep(0.1)::text, 'of the caller''s own'"}}
    scene.client.data(raw)
    (event,) = take(scene)
    assert event["message"] == "A statement was slow." and event["duration"] >= 100
    assert "of the caller" not in json.dumps(event)
    with scene.database.locked() as session:
        asking = Asking(scene.client)
        asking.submit({"model": "User", "operation": "count"}, 1)
        eventually(lambda: scene.database.waiting() == 1, "the count to wait")
        session.execute("SELECT pg_sleep(0.1); COMMIT")
        asking.take_all(1)
    (event,) = take(scene)
    assert event["query"].startswith("SELECT ") and event["duration"] >= 50


def test_connections_are_told(make_scene):
    scene = make_scene(log=["info"])
    scene.find()
    scene.find()
    assert texts(take(scene), "info") == ["A connection was opened."]


def test_what_nobody_takes_gives_way_and_is_counted(make_scene):
    scene = make_scene(log=["query"], limits={"logEvents": 5})
    for number in range(8):
        scene.client.data({"operation": "$queryRaw", "args": {"query": f"SELECT {number}"}})
    answer = scene.client.data({"operation": "$log.take"})
    assert texts(answer["events"]) == [f"SELECT {number}" for number in range(3, 8)] and answer["dropped"] == 3
    assert scene.client.data({"operation": "$log.take"}) == {"events": [], "dropped": 0}


def test_the_bytes_are_bounded_too(make_scene):
    scene = make_scene(log=["query"], limits={"logBytes": 20_000})
    for _ in range(40):
        scene.client.data({"operation": "$queryRaw", "args": {"query": "SELECT 1 -- " + "x" * 3000}})
    answer = scene.client.data({"operation": "$log.take"})
    assert 3 <= len(answer["events"]) <= 6 and answer["dropped"] == 40 - len(answer["events"])


def test_a_long_statement_is_cut(make_scene):
    scene = make_scene(log=["query"])
    scene.client.data({"operation": "$queryRaw", "args": {"query": "SELECT 1 -- " + "é" * 100_000}})
    (event,) = take(scene)
    assert event["truncated"] is True and 16_000 < len(event["query"].encode()) <= 16_384 and "é" in event["query"]


def test_the_log_is_taken_in_portions_and_keeps_to_the_limit_of_answers(make_scene):
    scene = make_scene(log=["query"], limits={"responseBytes": 1000})
    for number in range(20):
        scene.client.data({"operation": "$queryRaw", "args": {"query": f"SELECT {number}"}})
    assert texts(take(scene, limit=2)) == ["SELECT 0", "SELECT 1"]
    found = []
    while True:
        reply = scene.client.query({"operation": "$log.take"})
        assert len(reply.text) <= 1000
        if not reply.data["events"]:
            break
        found += texts(reply.data["events"])
    assert found == [f"SELECT {number}" for number in range(2, 20)]


@pytest.mark.parametrize("args", [{"limit": 0}, {"limit": -1}, {"limit": 1.5}, {"limit": "1"}, {"limt": 1}], ids=str)
def test_what_take_is_given_is_checked(make_scene, args):
    scene = make_scene(log=["query"])
    assert scene.client.query({"operation": "$log.take", "args": args}).status == "INVALID_REQUEST"


@pytest.mark.parametrize("log", ["query", ["debug"], [{"level": "query", "emit": "stdout"}], [{"level": "info", "params": True}], [1]], ids=str)
def test_a_configuration_that_cannot_be_used_is_refused(database, log):
    with pytest.raises(OpenError) as caught:
        Client({"schema": SCHEMA, "datasourceUrl": database.url(), "log": log})
    assert caught.value.reply.code == "P6001" and "log" in json.dumps(caught.value.reply.error["meta"])


def test_many_threads_tell_and_one_takes(make_scene):
    scene = make_scene(log=["query"], url={"connection_limit": 4})

    def ask():
        for _ in range(50):
            scene.client.data({"operation": "$queryRaw", "args": {"query": "SELECT 1"}})

    running = calls(8, ask)
    found = []
    while any(call.is_running() for call in running):
        found += take(scene)
    for call in running:
        call.result()
    found += take(scene)
    assert len(found) == 400 and len({event["request"] for event in found}) == 400


def test_submitted_requests_are_told_as_well(make_scene):
    scene = make_scene(log=["query", "error"])
    asking = Asking(scene.client)
    asking.submit({"model": "User", "operation": "findMany"}, 1)
    asking.submit({"model": "User", "operation": "findFirst", "args": {"where": {"nothing": 1}}}, 2)
    asking.take_all(2)
    assert sorted(event["level"] for event in take(scene)) == ["error", "query"]
