"""Transactions beside the cache, in lists, and at the client's end."""
import os
import time

import pytest
from transacting import Transaction, names, rename
from waiting import PROMPT, Call, eventually


@pytest.fixture
def begin(scene):
    return lambda **args: Transaction(scene.client, **args)


# The client


def test_close_rolls_back_and_waits_for_nothing(make_scene):
    scene = make_scene()
    idle, busy = Transaction(scene.client, timeout=60_000), Transaction(scene.client, timeout=60_000)
    rename(idle, "x")
    rename(busy, "y", 2)
    with scene.database.locked("Sample"):
        running = Call(lambda: busy.query("count", model="Sample"))
        eventually(lambda: scene.database.waiting() == 1)
        next_one = Call(lambda: busy.query("count"))
        start = time.monotonic()
        scene.client.close()
        assert time.monotonic() - start < PROMPT
        assert running.result().code == "P6010" and next_one.result().code in ("P6010", "P2028")
    eventually(lambda: scene.database.connections() == 0)
    assert names(scene)[:2] == ["Alice", "Bob"]


def test_a_child_of_fork_leaves_the_transaction_alone(scene, begin):
    transaction = begin()
    rename(transaction, "x")
    child = os.fork()
    if child == 0:
        status = 1
        try:
            replies = [transaction.query("count"), transaction.commit()]
            scene.client.close()
            status = 0 if all(reply.status == "FORKED" for reply in replies) else 2
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert transaction.data("count") == 4 and transaction.commit().number == 0 and names(scene)[0] == "x"


# The cache


def test_a_read_inside_neither_reads_nor_fills_the_cache(scene, begin):
    assert scene.find({"ttl": 60}).cache == "miss"
    transaction = begin()
    rename(transaction, "x")
    inside = transaction.query("findMany", cacheStrategy={"ttl": 60})
    assert inside.cache == "none" and "x" in [user["name"] for user in inside.data]
    assert set(inside.info) == {"cacheStatus", "lastModified", "region", "requestId", "signature"}
    outside = scene.find({"ttl": 60})
    assert outside.cache == "ttl" and outside.data[0]["name"] == "Alice" and outside.info["signature"] == inside.info["signature"]
    assert transaction.query("count", cacheStrategy={"ttl": 60}).cache == "none"
    transaction.rollback()
    assert scene.find({"ttl": 60}, "count").cache == "miss"
    assert transaction.query("update", where={"id": 1}, data={}, cacheStrategy={"ttl": 1}).code == "P6005"


def test_an_invalidation_inside_takes_effect_at_the_commit(scene, begin):
    for everything in (False, True):
        for end, status in (("rollback", "ttl"), ("commit", "miss")):
            scene.find({"ttl": 60, "tags": ["a"]})
            transaction = begin()
            step = {"$accelerate.invalidateAll": {}} if everything else {"$accelerate.invalidate": {"tags": ["a"]}}
            for operation, args in step.items():
                assert set(transaction.data(operation, **args)) == {"requestId"}
            assert scene.find({"ttl": 60, "tags": ["a"]}).cache == "ttl"
            assert transaction.step(end).number == 0
            assert scene.find({"ttl": 60, "tags": ["a"]}).cache == status
    assert begin().query("$accelerate.invalidate", tags=[]).code == "P6005"


def test_a_savepoint_takes_invalidations_back(scene, begin):
    scene.find({"ttl": 60, "tags": ["kept"]}, "count")
    scene.find({"ttl": 60, "tags": ["lost"]}, "findFirst")
    transaction = begin()
    transaction.data("$accelerate.invalidate", tags=["kept"])
    transaction.step("savepoint", name="s")
    transaction.data("$accelerate.invalidate", tags=["lost"])
    transaction.step("rollbackTo", name="s")
    transaction.commit()
    assert scene.find({"ttl": 60, "tags": ["kept"]}, "count").cache == "miss"
    assert scene.find({"ttl": 60, "tags": ["lost"]}, "findFirst").cache == "ttl"


def test_an_expired_transaction_invalidates_nothing(scene, begin):
    scene.find({"ttl": 60, "tags": ["a"]})
    transaction = begin(timeout=1000)
    transaction.data("$accelerate.invalidate", tags=["a"])
    scene.advance(1)
    assert scene.find({"ttl": 60, "tags": ["a"]}).cache == "ttl"


# Lists


def run_list(scene, *requests, **args):
    return scene.client.query({"operation": "$transaction", "args": {"requests": list(requests), **args}})


def test_a_list_may_hold_raw_sql_and_invalidations(scene):
    scene.find({"ttl": 60, "tags": ["a"]})
    raw = {"operation": "$executeRaw", "args": {"query": 'UPDATE "User" SET name = $1', "parameters": ["r"]}}
    rows = {"operation": "$queryRaw", "args": {"query": 'SELECT DISTINCT name FROM "User"'}}
    invalidate = {"operation": "$accelerate.invalidate", "args": {"tags": ["a"]}}
    fails = {"model": "User", "operation": "create", "args": {"data": {"email": "bob@example.org"}}}
    assert run_list(scene, raw, invalidate, fails).code == "P2002"
    assert names(scene)[0] == "Alice" and scene.find({"ttl": 60, "tags": ["a"]}).cache == "ttl"
    cached = {"model": "User", "operation": "findMany", "args": {"cacheStrategy": {"ttl": 60, "tags": ["a"]}}}
    reply = run_list(scene, rows, cached, raw, rows, invalidate, cached)
    assert reply.number == 0, reply
    assert reply.data[2] == 4 and reply.data[3] == [{"name": "r"}] and {user["name"] for user in reply.data[5]} == {"r"}
    again = scene.find({"ttl": 60, "tags": ["a"]})
    assert again.cache == "miss" and again.data[0]["name"] == "r"
    assert run_list(scene, raw, {"operation": "$queryRaw", "args": {"query": "COMMIT"}}).code == "P2010"
    assert run_list(scene, {**rows, "transaction": "x"}).code == "P2009"


@pytest.mark.alters_tables
def test_a_list_is_tried_again_when_tables_had_changed(scene):
    read = {"model": "User", "operation": "findFirst"}
    count = {"operation": "$queryRaw", "args": {"query": 'SELECT * FROM "User" ORDER BY id LIMIT 1'}}
    assert run_list(scene, {"model": "Sample", "operation": "count"}, read, count).number == 0
    scene.database.sql.execute('ALTER TABLE "User" ALTER COLUMN name TYPE varchar(40)')
    assert run_list(scene, {"model": "Sample", "operation": "count"}, read).data[1]["name"] == "Alice"


def test_statements_are_counted(scene, begin):
    metric = "prisma_datasource_queries_total"
    before = scene.metric(metric)
    transaction = begin()
    transaction.data("count")
    rename(transaction, "x")
    transaction.data("$executeRaw", query="SELECT 1")
    transaction.commit()
    assert scene.metric(metric) - before == 3
    assert run_list(scene, {"model": "User", "operation": "count"}, {"model": "User", "operation": "count"}).number == 0
    assert scene.metric(metric) - before == 5
