"""Sessions that end while nobody uses them, and writes whose time runs out: what is told is what happened."""
import time

import pytest
from asking import Asking
from capi import Client
from proxy import EndingProxy
from scene import SCHEMA
from transacting import Transaction, rename
from waiting import PROMPT, Call, eventually


@pytest.fixture
def client(database):
    with Client({"schema": SCHEMA, "datasourceUrl": database.url(connection_limit=1)}) as client:
        yield client


def raw(query, *parameters, operation="$queryRaw"):
    return {"operation": operation, "args": {"query": query, "parameters": list(parameters)}}


def end_sessions(database):
    database.sql.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'app'")


WRITES = {
    "a write": {"model": "User", "operation": "update", "args": {"where": {"id": 1}, "data": {"name": "new"}}},
    "a write of many": {"model": "User", "operation": "updateMany", "args": {"where": {"id": 1}, "data": {"name": "new"}}},
    "raw SQL": raw("UPDATE \"User\" SET name = 'new' WHERE id = 1", operation="$executeRaw"),
    "a list": {"operation": "$transaction", "args": {"requests": [
        {"model": "User", "operation": "update", "args": {"where": {"id": 1}, "data": {"name": "new"}}}]}},
    "SQL with a function": raw("SELECT pg_advisory_unlock_all()::text"),
}


@pytest.mark.parametrize("write", WRITES)
def test_a_session_that_ended_is_replaced_before_a_write(client, database, write):
    for _ in range(3):
        assert client.query(WRITES[write]).number == 0
        end_sessions(database)
        # Why at once: a session that was used just now may have ended, too.
        reply = client.query(WRITES[write])
        assert reply.number == 0, reply
    assert database.connections() == 1


def test_a_commit_on_a_session_that_ended_has_not_happened(client, database):
    transaction = Transaction(client)
    assert rename(transaction, "new").number == 0
    end_sessions(database)
    reply = transaction.commit()
    assert reply.status == "UNAVAILABLE" and reply.code == "P6008" and reply.error["meta"]["cause"] == "P1017", reply
    assert database.sql.value('SELECT name FROM "User" WHERE id = 1') == "Alice"


LOCKED = {
    "a write": lambda: {"model": "User", "operation": "update", "args": {"where": {"id": 1}, "data": {"name": "late"}}},
    "raw SQL": lambda: raw("UPDATE \"User\" SET name = 'late' WHERE id = 1", operation="$executeRaw"),
    "a write before its commit": lambda: {"model": "User", "operation": "updateManyAndReturn", "args": {"where": {"id": 1}, "data": {"name": "late"}}},
}


@pytest.mark.parametrize("prepared", [False, True])
@pytest.mark.parametrize("write", LOCKED)
def test_a_write_that_waits_for_a_lock_too_long_never_happens(database, write, prepared):
    with Client({"schema": SCHEMA, "datasourceUrl": database.url(connection_limit=1)}) as client:
        request = {**LOCKED[write](), "timeoutMs": 300}
        if prepared:
            assert client.query(LOCKED[write]()).number == 0
            database.sql.execute("UPDATE \"User\" SET name = 'Alice' WHERE id = 1")
        with database.locked() as lock:
            start = time.monotonic()
            reply = client.query(request)
            assert time.monotonic() - start < PROMPT
            assert reply.status == "TIMEOUT" and reply.code == "P6004", reply
            if write == "a write before its commit":
                assert "may or may not" not in reply.error["message"], reply
            else:
                assert "Nothing was written" in reply.error["message"], reply
                # Nothing waits for the lock any more when that is told.
                assert database.waiting() == 0
            lock.execute("COMMIT")
        assert database.sql.value('SELECT name FROM "User" WHERE id = 1') == "Alice"
        assert client.query(LOCKED[write]()).number == 0


def test_a_write_that_is_cancelled_while_it_waits_for_a_lock_never_happens(client, database):
    asking = Asking(client)
    with database.locked() as lock:
        asking.submit(LOCKED["a write"](), 1)
        eventually(lambda: database.waiting() == 1, "the write to wait")
        asking.cancel(1)
        reply = asking.take_all(1)[1]
        assert reply.status == "CANCELLED" and "Nothing was written" in reply.error["message"], reply
        assert database.waiting() == 0
        lock.execute("COMMIT")
    assert database.sql.value('SELECT name FROM "User" WHERE id = 1') == "Alice"


def test_a_write_that_is_done_when_its_time_is_up_is_told_as_done(client, database):
    """The lock goes free while the server is asked to cancel: either it is told as done and is, or as not done and is not."""
    outcomes = set()
    for number in range(12):
        name = f"n{number}"
        with database.locked() as lock:
            call = Call(client.query, {**raw(f"UPDATE \"User\" SET name = '{name}' WHERE id = 1", operation="$executeRaw"), "timeoutMs": 200})
            time.sleep(0.19 + number * 0.002)
            lock.execute("COMMIT")
        reply = call.result()
        is_done = database.sql.value('SELECT name FROM "User" WHERE id = 1') == name
        if reply.number == 0:
            assert is_done, number
        elif "Nothing was written" in reply.error["message"]:
            assert not is_done, reply
        outcomes.add(reply.number)
    assert outcomes <= {0, -9}, outcomes


@pytest.mark.parametrize("pgbouncer", [{}, {"pgbouncer": "true"}])
@pytest.mark.parametrize("count", [1, 7_498, 7_499, 32_767, 32_768, 65_535])
def test_raw_sql_takes_as_many_parameters_as_the_protocol(database, count, pgbouncer):
    with Client({"schema": SCHEMA, "datasourceUrl": database.url(connection_limit=1, **pgbouncer)}) as client:
        listed = ", ".join(f"${number}::int" for number in range(1, count + 1))
        query = f"SELECT count(n)::int AS n, sum(n)::text AS s, now() > '2000-01-01' AS t FROM unnest(ARRAY[{listed}]) AS n"
        for _ in range(2):
            reply = client.query(raw(query, *range(count)))
            assert reply.data == [{"n": count, "s": str(count * (count - 1) // 2), "t": True}], reply
        changed = f'UPDATE "User" SET name = \'x\' WHERE id IN ({listed})'
        assert client.data(raw(changed, *range(count), operation="$executeRaw")) == min(count - 1, 4)


def test_more_parameters_than_that_are_refused_and_the_connection_stays(client):
    listed = ", ".join(f"${number}::int" for number in range(1, 65_537))
    process = client.data(raw("SELECT pg_backend_pid() AS p"))
    reply = client.query(raw(f"SELECT count(n) FROM unnest(ARRAY[{listed}]) AS n", *range(65_536)))
    assert reply.code == "P2029", reply
    assert client.data(raw("SELECT pg_backend_pid() AS p")) == process


@pytest.mark.parametrize("raising", [
    "RAISE EXCEPTION 'x' USING ERRCODE = '26000'", "RAISE EXCEPTION 'x' USING ERRCODE = '0A000'", "EXECUTE 'EXECUTE nobody'",
    "PERFORM again()", "EXECUTE 'DEALLOCATE nobody'",
])
def test_what_commits_and_then_fails_runs_once(client, database, raising):
    database.sql.execute("CREATE TABLE run (id serial)")
    database.sql.execute("CREATE FUNCTION again() RETURNS void LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'invalid_sql_statement_name'; END$$")
    database.sql.execute(
        f"CREATE PROCEDURE step() LANGUAGE plpgsql AS $$BEGIN INSERT INTO run DEFAULT VALUES; COMMIT; {raising}; END$$")
    for number in range(1, 4):
        assert client.query(raw("CALL step()", operation="$executeRaw")).code == "P2010"
        assert database.sql.value("SELECT count(*) FROM run") == str(number)


RENAMING = "UPDATE \"User\" SET name = 'half' WHERE id = 1"
COMMITTING = {
    "a script": f"{RENAMING}; COMMIT; SELECT pg_sleep(9)",
    "a script that ends its own": f"BEGIN; {RENAMING}; END; SELECT pg_sleep(9)",
    "a block": f"DO $$BEGIN {RENAMING}; COMMIT; PERFORM pg_sleep(9); END$$",
    "a procedure": "/* a */ CALL half()",
}


@pytest.mark.parametrize("kind", COMMITTING)
def test_what_commits_a_part_and_is_cancelled_is_not_told_as_undone(client, database, kind):
    database.sql.execute(f"CREATE PROCEDURE half() LANGUAGE plpgsql AS $$BEGIN {RENAMING}; COMMIT; PERFORM pg_sleep(9); END$$")
    reply = client.query({**raw(COMMITTING[kind], operation="$executeRaw"), "timeoutMs": 300})
    assert database.sql.value('SELECT name FROM "User" WHERE id = 1') == "half"
    assert reply.code == "P6004" and "may or may not have happened" in reply.error["message"], reply
    assert "Nothing was written" not in reply.error["message"]


def test_a_script_that_commits_nothing_before_its_end_is_told_as_undone(client, database):
    reply = client.query({**raw(f"{RENAMING}; SELECT pg_sleep(9)", operation="$executeRaw"), "timeoutMs": 300})
    assert "Nothing was written" in reply.error["message"], reply
    assert database.sql.value('SELECT name FROM "User" WHERE id = 1') == "Alice"


@pytest.mark.parametrize("write", WRITES)
def test_a_session_that_ends_with_its_reply_is_replaced_before_a_write(server, database, write):
    """The end is there before the reply has been read, so that no time is short enough to trust a session."""
    with EndingProxy(server.socket) as proxy, Client({"schema": SCHEMA, "datasourceUrl": proxy.url(database, connection_limit=1)}) as client:
        assert client.query(WRITES[write]).number == 0
        for _ in range(3):
            # Why twice: what is prepared is one statement and its end.
            assert client.query(raw("SELECT 1 AS n")).data == [{"n": 1}]
            proxy.ends, sessions = True, proxy.sessions
            assert client.query(raw("SELECT 1 AS n")).data == [{"n": 1}]
            proxy.ends = False
            reply = client.query(WRITES[write])
            assert reply.number == 0, reply
            assert proxy.sessions == sessions + 1


READS = {
    "a SELECT": ("SELECT pg_sleep(60)::text", "UNAVAILABLE"),
    "a SELECT that locks": ('SELECT pg_sleep(60)::text FROM "User" FOR NO KEY UPDATE;', "UNAVAILABLE"),
    "a WITH": ("WITH slow AS MATERIALIZED (SELECT pg_sleep(60)) SELECT count(*)::int FROM slow", "UNAVAILABLE"),
    "a sequence": ("SELECT nextval('counted')::text, pg_sleep(60)::text", "OUTCOME_UNKNOWN"),
    "a function of the database": ("SELECT slow()::text", "OUTCOME_UNKNOWN"),
    "a WITH that writes": ("WITH made AS (INSERT INTO counter SELECT 1 RETURNING n) SELECT pg_sleep(60)::text FROM made", "OUTCOME_UNKNOWN"),
    "a table that is made": ("SELECT pg_sleep(60)::text AS t INTO made", "OUTCOME_UNKNOWN"),
}


@pytest.mark.parametrize("kind", READS)
def test_a_raw_read_whose_session_is_ended_is_not_told_as_a_write(client, database, kind):
    query, status = READS[kind]
    database.sql.execute(
        """CREATE SEQUENCE counted; CREATE TABLE counter (n int);
        CREATE FUNCTION slow() RETURNS void LANGUAGE sql AS 'INSERT INTO counter VALUES (1); SELECT pg_sleep(60)';
        GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO PUBLIC; GRANT CREATE ON SCHEMA public TO PUBLIC""")
    call = Call(client.query, raw(query))
    eventually(lambda: database.sql.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND usename = 'app'") == "1", "the wait")
    end_sessions(database)
    reply = call.result()
    assert (reply.status, reply.error["meta"]["cause"]) == (status, "P1017"), reply
