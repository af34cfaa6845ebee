"""The log and traceparent of the Python package."""
import asyncio
import datetime
import json
import os

import pytest
from accelerant import Accelerant, AsyncAccelerant, InvalidParametersError, RecordNotFoundError

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), *[".."] * 3))
SCHEMA_PATH = os.path.join(ROOT, "Tests", "support", "blog", "schema.prisma")
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
SEEN = "SELECT query AS q FROM pg_stat_activity WHERE pid = pg_backend_pid()"
LOG = [{"level": "query", "params": True}, {"level": "warn", "slow_ms": 1000}, "error"]


def test_the_log_is_taken_once_with_times_of_python(database):
    with Accelerant(schema_path=SCHEMA_PATH, datasource_url=database.url(), log=LOG) as db:
        db.user.find_many(where={"name": "Alice"})
        with pytest.raises(RecordNotFoundError):
            db.user.find_unique_or_throw(where={"id": 99})
        first = db.take_log(limit=1)
        events, dropped = db.take_log()
        assert dropped == 0 and [event["level"] for event in first.events + events] == ["query", "query", "error"]
        assert json.loads(first.events[0]["params"]) == ["Alice"] and first.events[0]["rows"] == 1
        age = datetime.datetime.now(datetime.timezone.utc) - first.events[0]["timestamp"]
        assert datetime.timedelta(0) <= age + datetime.timedelta(seconds=1) < datetime.timedelta(minutes=5)
        assert events[-1]["code"] == "P2025"
        assert db.take_log().events == []


def test_a_log_that_was_not_asked_for_cannot_be_taken(database):
    with Accelerant(schema_path=SCHEMA_PATH, datasource_url=database.url()) as db:
        with pytest.raises(InvalidParametersError):
            db.take_log()


def test_traceparent_goes_with_any_call_and_hits_ignore_it(database):
    with Accelerant(schema_path=SCHEMA_PATH, datasource_url=database.url(), log=["query"]) as db:
        assert db.query_raw(SEEN, traceparent=TRACE)[0]["q"] == f"{SEEN} /*traceparent='{TRACE}'*/"
        assert db.query_raw(SEEN)[0]["q"] == SEEN
        assert db.execute_raw('UPDATE "User" SET name = $1 WHERE id = 4', "D", traceparent=TRACE) == 1
        db.user.find_many(traceparent=TRACE, where={"id": 1}, timeout_ms=5000)
        db.user.create(data={"email": "traced@example.org"}, traceparent=TRACE)
        assert [event.get("traceparent") for event in db.take_log().events] == [TRACE, None, TRACE, TRACE, TRACE]
        reads = db.user.with_accelerate_info()
        answers = [reads.count(traceparent=trace, cache_strategy={"ttl": 60}) for trace in (TRACE, TRACE.replace("4b", "5c"), None)]
        assert [answer.info.cache_status for answer in answers] == ["miss", "ttl", "ttl"]


def test_the_asynchronous_client_has_the_same(database):
    async def use():
        async with AsyncAccelerant(schema_path=SCHEMA_PATH, datasource_url=database.url(), log=["query"]) as db:
            seen = await db.query_raw(SEEN, traceparent=TRACE)
            await db.user.count(traceparent=TRACE)
            return seen, await db.take_log()

    seen, (events, dropped) = asyncio.run(use())
    assert TRACE in seen[0]["q"] and dropped == 0
    assert [event["traceparent"] for event in events] == [TRACE, TRACE]
