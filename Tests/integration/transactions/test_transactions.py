"""Interactive transactions: requests that carry an id, savepoints, time limits, turns, and the cache beside them."""
import time

import pytest
from asking import Asking
from transacting import Transaction, name_inside, names, refused, rename
from waiting import PROMPT, Call, eventually


@pytest.fixture
def begin(scene):
    return lambda **args: Transaction(scene.client, **args)


# The beginning and the end


def test_what_is_committed_is_there_and_not_before(scene, begin):
    transaction = begin()
    assert transaction.data("create", data={"name": "Eve", "email": "e@x"})["id"] == 5
    assert transaction.data("count") == 5 and scene.find(operation="count").data == 4
    assert rename(transaction, "Alicia").data["name"] == "Alicia"
    assert names(scene) == ["Alice", "Bob", "-", "Dave"]
    assert transaction.commit().data is None
    assert names(scene) == ["Alicia", "Bob", "-", "Dave", "Eve"]


def test_what_is_rolled_back_never_was(scene, begin):
    transaction = begin()
    rename(transaction, "x")
    assert transaction.rollback().data is None
    assert names(scene)[0] == "Alice"
    assert scene.metric("prisma_pool_connections_busy") == 0 and scene.metric("prisma_pool_connections_open") == 1


def test_one_connection_is_held_and_given_back(scene, begin):
    for end in ("commit", "rollback"):
        for uses in range(2):
            transaction = begin()
            for _ in range(uses):
                transaction.data("count")
            assert scene.metric("prisma_pool_connections_busy") == 1
            assert transaction.step(end).number == 0
            assert scene.metric("prisma_pool_connections_busy") == 0
    assert scene.database.connections() == 1


def test_the_id_may_stand_in_args_where_a_step_is_asked_for(scene, begin):
    transaction = begin()
    rename(transaction, "x")
    assert scene.client.query({"operation": "$transaction.commit", "args": {"id": transaction.id}}).number == 0
    assert names(scene)[0] == "x"
    both = {"operation": "$transaction.rollback", "transaction": transaction.id, "args": {"id": "another"}}
    assert scene.client.query(both).code == "P6005"
    assert scene.client.query({"operation": "$transaction.commit"}).code == "P2012"


def test_ids_are_unlike_each_other(scene, begin):
    ids = set()
    for _ in range(50):
        transaction = begin()
        ids.add(transaction.id)
        transaction.rollback()
    assert len(ids) == 50 and len({one[:8] for one in ids}) == 50
    assert all(len(one) == 36 and one[14] == "4" for one in ids)


def test_after_the_end_every_request_is_refused(scene, begin):
    for end, words in (("commit", "on a committed transaction"), ("rollback", "on a transaction that was rolled back")):
        transaction = begin()
        transaction.step(end)
        refused(transaction.query("count"), f"Transaction already closed: A query cannot be executed {words}")
        refused(transaction.commit(), f"A commit cannot be executed {words}")
        refused(transaction.rollback(), f"A rollback cannot be executed {words}")
        refused(transaction.step("savepoint", name="a"), f"A query cannot be executed {words}")


def test_an_unknown_id_is_refused(scene):
    for request in ({"model": "User", "operation": "count"}, {"operation": "$transaction.commit"}, {"operation": "$queryRaw", "args": {"query": "SELECT 1"}}):
        refused(scene.client.query({**request, "transaction": "nothing"}), "Transaction not found.")


def test_isolation(scene, begin):
    level = {"query": "SHOW transaction_isolation"}
    assert begin(isolationLevel="Serializable").data("$queryRaw", **level) == [{"transaction_isolation": "serializable"}]
    transaction = begin(isolationLevel="RepeatableRead")
    assert transaction.data("count") == 4
    scene.database.sql.execute("INSERT INTO \"User\" (email) VALUES ('z')")
    assert transaction.data("count") == 4 and scene.find(operation="count").data == 5
    assert scene.client.query({"operation": "$transaction.begin", "args": {"isolationLevel": "Snapshot"}}).code == "P2023"


@pytest.mark.parametrize("args", [{"timeout": 0}, {"timeout": 1.5}, {"timeout": "5"}, {"maxWait": -1}, {"maxwait": 1}, {"isolationLevel": 1}])
def test_what_begin_does_not_take(scene, args):
    assert scene.client.query({"operation": "$transaction.begin", "args": args}).code == "P6005"


@pytest.mark.parametrize("operation", ["$metrics", "$connect", "$schema", "$transaction", "$transaction.begin", "$clock.advance"])
def test_what_takes_no_part(scene, begin, operation):
    reply = scene.client.query({"operation": operation, "args": {}, "transaction": begin().id})
    assert reply.code == "P2009" and reply.error["meta"]["path"] == "transaction"


# Failures inside


def test_a_failed_statement_aborts_until_a_rollback(scene, begin):
    transaction = begin()
    rename(transaction, "x")
    assert transaction.query("create", data={"email": "bob@example.org"}).code == "P2002"
    for operation in ("count", "deleteMany", "$queryRaw"):
        args = {"query": "SELECT 1"} if operation == "$queryRaw" else {}
        aborted = refused(transaction.query(operation, **args), "transaction is aborted")
        assert aborted.error["meta"]["sqlState"] == "25P02" and aborted.status == "CONFLICT"
    refused(transaction.step("savepoint", name="late"), "aborted")
    refused(transaction.commit(), "it was rolled back")
    assert names(scene)[0] == "Alice" and scene.metric("prisma_pool_connections_busy") == 0
    refused(transaction.query("count"), "rolled back")


def test_what_is_wrong_before_it_reaches_the_server_aborts_nothing(scene, begin):
    transaction = begin()
    rename(transaction, "x")
    assert transaction.query("findMany", where={"emial": 1}).code == "P2009"
    assert transaction.query("update", where={"id": 99}, data={"name": "y"}).code == "P2025"
    assert transaction.query("findFirstOrThrow", where={"id": 99}).code == "P2025"
    assert transaction.commit().number == 0 and names(scene)[0] == "x"


def test_raw_sql_that_fails_aborts_and_that_works_does_not(scene, begin):
    transaction = begin()
    assert transaction.data("$executeRaw", query='UPDATE "User" SET name = $1 WHERE id < 3', parameters=["r"]) == 2
    assert transaction.data("$queryRaw", query='SELECT count(*)::int AS n FROM "User" WHERE name = $1', parameters=["r"]) == [{"n": 2}]
    assert transaction.query("$queryRaw", query="SELECT 1/0").code == "P2010"
    refused(transaction.query("count"), "aborted")
    assert transaction.rollback().number == 0 and names(scene)[0] == "Alice"


@pytest.mark.parametrize("text", ["COMMIT", " end", "-- a\n/* b /* c */ */ rollback;", ";commit", "SAVEPOINT a", "prepare /**/ transaction 'x'", "BEGIN"])
def test_raw_sql_does_not_end_a_transaction(scene, begin, text):
    transaction = begin()
    rename(transaction, "x")
    for operation in ("$queryRaw", "$executeRaw"):
        assert transaction.query(operation, query=text).code == "P2010"
    assert transaction.commit().number == 0 and names(scene)[0] == "x"


@pytest.mark.alters_tables
def test_a_deferred_constraint_fails_at_the_commit(scene, begin):
    scene.database.sql.execute('ALTER TABLE "User" ADD CONSTRAINT one UNIQUE (name) DEFERRABLE INITIALLY DEFERRED')
    transaction = begin()
    rename(transaction, "Bob")
    assert transaction.commit().code == "P2002"
    refused(transaction.query("count"), "rolled back")
    assert names(scene)[0] == "Alice" and scene.metric("prisma_pool_connections_busy") == 0


def test_a_lost_connection_ends_the_transaction(scene, begin):
    transaction = begin()
    rename(transaction, "x")
    scene.database.sql.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app' AND datname = current_database()")
    lost = transaction.query("count")
    assert lost.code == "P6008" and lost.error["meta"]["cause"] == "P1017"
    refused(transaction.commit(), "rolled back")
    assert names(scene)[0] == "Alice" and scene.find(operation="count").data == 4


@pytest.mark.alters_tables
def test_tables_that_change_under_prepared_statements(scene, begin):
    alter = 'ALTER TABLE "User" ALTER COLUMN name TYPE varchar(%d)'
    transaction = begin()
    assert transaction.data("findFirst")["id"] == 1
    transaction.commit()
    scene.database.sql.execute(alter % 40)
    # As the first statement it is prepared anew; later only the whole transaction can be tried again.
    transaction = begin()
    assert transaction.data("findFirst")["name"] == "Alice"
    transaction.commit()
    scene.database.sql.execute(alter % 50)
    for model_is_read in (True, False):
        transaction = begin()
        assert transaction.data("count", model="Sample") == 5
        reply = transaction.query("findFirst")
        if model_is_read:
            assert reply.code == "P2034" and reply.error["meta"]["retryable"] is True
        else:
            assert reply.data["name"] == "Alice"
        transaction.rollback()


# Savepoints


def test_a_savepoint_recovers_from_a_failure(scene, begin):
    transaction = begin()
    assert transaction.step("savepoint", name="a").data is None
    rename(transaction, "kept")
    transaction.step("savepoint", name="b")
    rename(transaction, "lost", 2)
    assert transaction.query("create", data={"email": "bob@example.org"}).code == "P2002"
    refused(transaction.step("release", name="b"), "aborted")
    assert transaction.step("rollbackTo", name="b").number == 0
    rename(transaction, "Daisy", 4)
    assert transaction.commit().number == 0
    assert names(scene) == ["kept", "Bob", "-", "Daisy"]


def test_savepoints_nest_and_hide_each_other(scene, begin):
    transaction = begin()
    for number, name in enumerate(["a", "b", "a"]):
        transaction.step("savepoint", name=name)
        rename(transaction, f"v{number}")
    transaction.step("rollbackTo", name="a")
    assert name_inside(transaction) == "v1"
    transaction.step("release", name="a")
    transaction.step("rollbackTo", name="a")
    assert name_inside(transaction) == "Alice"
    refused(transaction.step("rollbackTo", name="b"), "no savepoint `b`")
    assert transaction.step("rollbackTo", name="a").number == 0
    transaction.step("release", name="a")
    refused(transaction.step("release", name="a"), "no savepoint `a`")
    assert transaction.commit().number == 0


@pytest.mark.parametrize("name", ["", "1a", "a b", 'a"; COMMIT; --', "é", "a" * 64, None, 1])
def test_names_that_savepoints_do_not_have(scene, begin, name):
    transaction = begin()
    for step in ("savepoint", "rollbackTo", "release"):
        assert transaction.step(step, name=name).code == "P6005"
    assert transaction.step("savepoint", name="_" + "a1" * 31).number == 0


def test_half_a_nested_write_is_never_committed(scene, begin):
    """The record is made before the failure is found, so what follows must not commit it."""
    transaction = begin()
    transaction.step("savepoint", name="a")
    many = [{"email": f"{'x' * 3000}{n}"} for n in range(2000)]
    assert transaction.query("createManyAndReturn", data=many).code == "P6009"
    refused(transaction.query("count"), "aborted")
    transaction.step("rollbackTo", name="a")
    assert transaction.data("count") == 4 and transaction.commit().number == 0


# Time


def test_a_transaction_expires(scene, begin):
    transaction = begin(timeout=3000)
    rename(transaction, "x")
    scene.advance(2.999)
    assert transaction.data("count") == 4
    scene.advance(0.001)
    assert scene.metric("prisma_pool_connections_busy") == 0 and scene.metric("prisma_pool_connections_idle") == 1
    scene.advance(0.234)
    words = "cannot be executed on an expired transaction. The timeout for this transaction was 3000 ms, however 3234 ms passed since the start of the transaction."
    refused(transaction.query("count"), "A query " + words)
    reply = refused(transaction.commit(), "A commit " + words)
    assert reply.status == "TIMEOUT"
    refused(transaction.rollback(), "A rollback " + words)
    assert names(scene)[0] == "Alice"


def test_the_default_is_five_seconds(scene, begin):
    transaction = begin()
    scene.advance(4.999)
    assert transaction.data("count") == 4
    scene.advance(0.001)
    refused(transaction.query("count"), "The timeout for this transaction was 5000 ms, however 5000 ms passed")


def test_by_the_machines_clock_it_is_rolled_back_without_anyone_asking(make_scene):
    scene = make_scene(clock="system")
    transaction = Transaction(scene.client, timeout=100)
    rename(transaction, "x")
    eventually(lambda: scene.metric("prisma_pool_connections_busy") == 0, "the connection to be given back")
    assert scene.metric("prisma_pool_connections_idle") == 1
    scene.rename("free")
    refused(transaction.commit(), "expired transaction")


def test_a_statement_does_not_outlive_its_transaction(make_scene):
    scene = make_scene(clock="system")
    transaction = Transaction(scene.client, timeout=200)
    with scene.database.locked():
        refused(transaction.query("count"), "expired transaction")
    eventually(lambda: scene.database.waiting() == 0, "the statement to be cancelled")
    refused(transaction.query("count"), "expired transaction")
    assert scene.find(operation="count").data == 4


def test_no_connection_within_max_wait(make_scene):
    scene = make_scene(url={"connection_limit": 1})
    transaction = Transaction(scene.client)
    start = time.monotonic()
    refused(scene.client.query({"operation": "$transaction.begin", "args": {"maxWait": 50}}), "Unable to start a transaction in the given time.")
    assert time.monotonic() - start < PROMPT
    waiting = Call(lambda: Transaction(scene.client, maxWait=10_000))
    eventually(lambda: scene.metric("prisma_client_queries_wait") == 1)
    transaction.commit()
    assert waiting.result().commit().number == 0


# Several at once


def test_one_request_at_a_time_in_any_thread(scene, begin):
    transaction = begin()
    with scene.database.locked() as lock:
        calls = [Call(lambda n=n: rename(transaction, f"n{n}")) for n in range(6)]
        eventually(lambda: scene.database.waiting() == 1)
        assert scene.database.connections() == 1
        lock.execute("COMMIT")
        assert all(call.result().number == 0 for call in calls)
    assert transaction.commit().number == 0 and names(scene)[0][0] == "n"


def test_who_waits_for_a_turn_has_a_deadline(scene, begin):
    transaction = begin()
    with scene.database.locked() as lock:
        first = Call(lambda: rename(transaction, "first"))
        eventually(lambda: scene.database.waiting() == 1)
        late = scene.client.query({**transaction.request("count"), "timeoutMs": 30})
        assert late.code == "P6004"
        lock.execute("COMMIT")
        assert first.result().number == 0
    assert transaction.data("count") == 4 and transaction.commit().number == 0


def test_submitted_requests_of_a_transaction_keep_their_order(scene, begin):
    transaction = begin()
    asking = Asking(scene.client)
    for n in range(200):
        assert asking.submit(transaction.request("update", where={"id": 1}, data={"name": f"n{n}"}, select={"name": True}), n) == "OK"
    asking.submit({"operation": "$transaction.commit", "transaction": transaction.id}, 200)
    replies = asking.take_all(201)
    assert [replies[n].data for n in range(200)] == [{"name": f"n{n}"} for n in range(200)]
    assert replies[200].number == 0 and names(scene)[0] == "n199"


def test_submitted_requests_that_wait_for_a_connection_do_not_keep_a_commit_waiting(make_scene):
    scene = make_scene(url={"connection_limit": 2})
    transactions = [Transaction(scene.client), Transaction(scene.client)]
    asking = Asking(scene.client)
    for token in range(20):
        asking.submit({"model": "User", "operation": "count", "args": {}}, token)
    for token, transaction in enumerate(transactions, 100):
        asking.submit(transaction.request("update", where={"id": token - 99}, data={"name": "x"}), token)
        asking.submit({"operation": "$transaction.commit", "args": {"id": transaction.id}}, token + 100)
    replies = asking.take_all(24)
    assert all(reply.number == 0 for reply in replies.values()), replies
    assert names(scene)[:2] == ["x", "x"]


def test_many_transactions_at_once_lose_nothing(scene):
    scene.rename("0")

    def count():
        for _ in range(10):
            while True:
                transaction = Transaction(scene.client, isolationLevel="Serializable", timeout=60_000, maxWait=60_000)
                found = transaction.query("findUnique", where={"id": 1})
                if found.number == 0 and rename(transaction, str(int(found.data["name"]) + 1)).number == 0 and transaction.commit().number == 0:
                    break
                transaction.rollback()

    calls = [Call(count) for _ in range(8)]
    for call in calls:
        call.result(60)
    assert names(scene)[0] == "80"
    assert scene.metric("prisma_pool_connections_busy") == 0
