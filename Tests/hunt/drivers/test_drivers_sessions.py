"""Reports about sessions: what ends them, what they are left with, and what is told of it."""
import threading
import time

import pytest
from report import report

ITEM = "model Item {\n  id   Int     @id\n  name String?\n}\n"


def raw(client, sql, operation="$queryRaw", **more):
    return client.query({"operation": operation, "args": {"query": sql}, **more})


def begin(client):
    return client.data({"operation": "$transaction.begin"})["id"]


def kill(play, signal="terminate"):
    """Ends the other sessions of the database, as an administrator does, and waits until they are gone."""
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    play.rows(f"SELECT pg_{signal}_backend(pid) FROM pg_stat_activity WHERE {others}")
    while signal == "terminate" and play.rows(f"SELECT count(*) FROM pg_stat_activity WHERE {others}") != [["0"]]:
        time.sleep(0.01)


@report("postgresql-interfaces/psqlodbc#200", "COPY FROM STDIN waits for ever for data that no one sends.", first="reported as not supported by the server", models=ITEM)
@pytest.mark.parametrize("operation", ["$queryRaw", "$executeRaw"])
@pytest.mark.parametrize("sql", ['COPY "Item" FROM STDIN', "COPY (SELECT 1) TO STDOUT", 'SELECT 1; COPY "Item" FROM STDIN; SELECT 2'])
def test_copy_with_the_client_is_refused_at_once(play, operation, sql):
    client = play.open(url={"connection_limit": 1})
    reply = raw(client, sql, operation)
    assert reply.code == "P2010" and "COPY to or from the client is not supported" in reply.error_text, reply
    assert raw(client, "SELECT 1 AS v").data == [{"v": 1}]


@report("danidee10/channels_postgres#84", "The error of a notification whose payload is too long does not mention the payload.", first="reported as a value that the type of its column does not take", models=ITEM)
@pytest.mark.parametrize("sql", ["SELECT pg_notify('c', repeat('x', 8000))", "SELECT pg_notify('', 'x')", "SELECT set_config('work_mem', '1', false)"])
def test_an_argument_of_a_function_is_told_as_one(play, sql):
    reply = raw(play.client, sql)
    assert reply.code == "P2010" and "argument" in reply.error_text and "column" not in reply.error_text, reply


@report("porsager/postgres#1155", "After the server ended an idle transaction, its next statements run outside of it.", first="right", models=ITEM)
def test_nothing_of_an_ended_transaction_is_done(play):
    play.sql.execute(f"ALTER DATABASE {play.name} SET idle_in_transaction_session_timeout = '100ms'")
    client = play.open(url={"connection_limit": 2})
    transaction = begin(client)
    create = {"model": "Item", "operation": "create", "transaction": transaction}
    assert client.query({**create, "args": {"data": {"id": 1}}}).status == "OK"
    time.sleep(0.4)
    assert client.data({"model": "Item", "operation": "count"}) == 0
    for number in (2, 3):
        assert client.query({**create, "args": {"data": {"id": number}}}).error is not None
    assert client.query({"operation": "$transaction.commit", "transaction": transaction}).error is not None
    assert play.rows('SELECT count(*) FROM "Item"') == [["0"]]


@report("dotnetcore/FreeSql#2049", "A session that the server ended for being idle fails the next request.", first="right", models=ITEM)
def test_sessions_that_ended_while_idle_fail_no_write(play):
    play.sql.execute(f"ALTER DATABASE {play.name} SET idle_session_timeout = '50ms'")
    client = play.open()
    for number in range(4):
        assert client.query({"model": "Item", "operation": "create", "args": {"data": {"id": number}}}).status == "OK"
        time.sleep(0.2)
    assert play.rows('SELECT count(*) FROM "Item"') == [["4"]]


@report("npgsql/npgsql#2896", "After the server was down the program has to be started again.", first="right", models=ITEM)
def test_a_pool_of_ended_sessions_recovers_by_itself(play):
    client = play.open(url={"connection_limit": 4})
    threads = [threading.Thread(target=raw, args=(client, "SELECT pg_sleep(0.2)::text AS v")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kill(play)
    assert [client.query({"model": "Item", "operation": "create", "args": {"data": {"id": n}}}).status for n in range(8)] == ["OK"] * 8


@report("drizzle-team/drizzle-orm#6114", "A transaction whose begin fails on a dead session keeps its place in the pool.", first="right", models=ITEM)
def test_transactions_on_ended_sessions_keep_no_place(play):
    client = play.open(url={"connection_limit": 2, "pool_timeout": 2})
    for number in range(6):
        transaction = begin(client)
        client.query({"model": "Item", "operation": "create", "transaction": transaction, "args": {"data": {"id": number}}})
        kill(play)
        assert client.query({"operation": "$transaction.commit", "transaction": transaction}).error is not None
    assert client.data({"model": "Item", "operation": "count"}) == 0


@report("dbcli/pgcli#1380", "A statement that an administrator killed is run again by the client.", first="right", models=ITEM)
@pytest.mark.parametrize("signal", ["terminate", "cancel"])
def test_what_was_killed_is_not_run_again(play, signal):
    play.sql.execute("CREATE SEQUENCE runs")
    replies = []
    thread = threading.Thread(target=lambda: replies.append(raw(play.client, "SELECT nextval('runs')::text, pg_sleep(5)::text")))
    thread.start()
    while play.rows("SELECT is_called FROM runs") == [["f"]]:
        time.sleep(0.01)
    kill(play, signal)
    thread.join()
    assert replies[0].error is not None and play.rows("SELECT last_value FROM runs") == [["1"]]


@report("brianc/node-postgres#154", "A session that was returned with an aborted transaction fails the next user's requests.", first="right", models=ITEM)
def test_an_aborted_transaction_taints_no_session(play):
    client = play.open(url={"connection_limit": 1})
    transaction = begin(client)
    assert raw(client, "SELECT 1 / 0", transaction=transaction).error is not None
    client.query({"operation": "$transaction.rollback", "transaction": transaction})
    assert client.data({"model": "Item", "operation": "count"}) == 0


@report("pgjdbc/pgjdbc#1968", "The commit of a transaction that had failed says that all is well.", first="right", models=ITEM)
def test_the_commit_of_a_failed_transaction_is_an_error(play):
    transaction = begin(play.client)
    play.client.query({"model": "Item", "operation": "create", "transaction": transaction, "args": {"data": {"id": 1}}})
    raw(play.client, "SELECT nothing", transaction=transaction)
    assert play.client.query({"operation": "$transaction.commit", "transaction": transaction}).status == "CONFLICT"
    assert play.rows('SELECT count(*) FROM "Item"') == [["0"]]


@report("CartoDB/CartoDB-SQL-API#241", "A script that begins a transaction and fails leaves it open in the pool.", first="right", models=ITEM)
@pytest.mark.parametrize("sql", ["BEGIN; SELECT 1 / 0; COMMIT", "BEGIN; SELECT 1", "START TRANSACTION", 'BEGIN; LOCK TABLE "Item"; SELECT nothing'])
def test_a_script_leaves_no_transaction(play, sql):
    client = play.open(url={"connection_limit": 1})
    raw(client, sql, "$executeRaw")
    assert client.query({"model": "Item", "operation": "create", "args": {"data": {"id": 1}}}).status == "OK"
    assert play.rows('SELECT count(*) FROM "Item"') == [["1"]]
    assert play.rows("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = current_database()") == [["0"]]


@report("npgsql/npgsql#615", "The cancellation of a query that has just ended hits the next one on its session.", first="right", models=ITEM)
def test_a_cancellation_hits_no_other_request(play):
    client = play.open(url={"connection_limit": 1})
    for number in range(40):
        reply = raw(client, f"SELECT pg_sleep({number / 2000})::text AS v", timeoutMs=10)
        assert reply.status in ("OK", "TIMEOUT"), reply
        assert raw(client, "SELECT pg_sleep(0.002)::text AS v").status == "OK"


@report("doctrine/dbal#5808", "A lock that was not granted in time has no error code of its own.", first="right", models=ITEM)
def test_a_lock_that_is_not_granted_is_a_conflict(play):
    play("Item.create", data={"id": 1})
    play.sql.execute("BEGIN")
    play.sql.execute('UPDATE "Item" SET name = \'held\'')
    client = play.open(url={"options": "-c lock_timeout=50ms"})
    reply = client.query({"model": "Item", "operation": "update", "args": {"where": {"id": 1}, "data": {"name": "x"}}})
    assert reply.status == "CONFLICT" and reply.meta["retryable"], reply
    play.sql.execute("ROLLBACK")


@report("PostgREST/postgrest#3359", "A write that waits for a lock until the server's statement_timeout gets no answer at all.", first="right", models=ITEM)
def test_the_servers_time_limit_is_told_as_one(play):
    play("Item.create", data={"id": 1})
    play.sql.execute("BEGIN")
    play.sql.execute('UPDATE "Item" SET name = \'held\'')
    client = play.open(url={"connection_limit": 1, "options": "-c statement_timeout=50ms"})
    reply = client.query({"model": "Item", "operation": "update", "args": {"where": {"id": 1}, "data": {"name": "x"}}})
    assert reply.status == "TIMEOUT" and reply.meta["sqlState"] == "57014", reply
    play.sql.execute("ROLLBACK")
    assert client.data({"model": "Item", "operation": "findMany"}) == [{"id": 1, "name": None}]


@report("brettwooldridge/HikariCP#1802", "After a failover the pool keeps sessions of the former primary, which take no writes.", first="every write was refused from then on", models=ITEM)
@pytest.mark.parametrize("nested", [False, True])
def test_a_session_that_takes_no_writes_is_not_kept(play, nested):
    play.sql.execute(f"ALTER DATABASE {play.name} SET default_transaction_read_only = on")
    client = play.open(url={"connection_limit": 1})
    assert client.data({"model": "Item", "operation": "count"}) == 0
    play.sql.execute(f"ALTER DATABASE {play.name} RESET default_transaction_read_only")
    create = {"model": "Item", "operation": "create", "args": {"data": {"id": 1}}}
    write = {"operation": "$transaction", "args": {"requests": [create]}} if nested else create
    assert client.query(write).meta["sqlState"] == "25006"
    assert client.query(write).status == "OK" and play.rows('SELECT count(*) FROM "Item"') == [["1"]]


@report("oven-sh/bun#20910", "Savepoints at the same time have the same name, so that one is released twice.", first="right", models=ITEM)
def test_savepoints_of_one_name_are_each_their_own(play):
    transaction = begin(play.client)

    def step(operation, number=None):
        more = {"args": {"data": {"id": number}}, "model": "Item"} if number else {"args": {"name": "s"}}
        return play.client.query({"operation": operation, "transaction": transaction, **more}).status
    steps = [("create", 1), ("$transaction.savepoint",), ("create", 2), ("$transaction.savepoint",), ("create", 3), ("$transaction.rollbackTo",),
             ("create", 4)]
    assert [step(*one) for one in steps] == ["OK"] * len(steps)
    play.client.data({"operation": "$transaction.commit", "transaction": transaction})
    assert play.rows('SELECT id FROM "Item" ORDER BY id') == [["1"], ["2"], ["4"]]


@report("statechannels/statechannels#2749", "A request outside of a transaction that holds the last session waits for ever.", first="right", models=ITEM)
def test_a_pool_that_a_transaction_has_used_up_says_so(play):
    client = play.open(url={"connection_limit": 1, "pool_timeout": 1})
    transaction = begin(client)
    began = time.monotonic()
    assert client.query({"model": "Item", "operation": "count"}).error is not None and time.monotonic() - began < 9
    client.query({"operation": "$transaction.rollback", "transaction": transaction})
    assert client.data({"model": "Item", "operation": "count"}) == 0


@report("bucardo/dbdpg#194", "A raw insert that does nothing is counted as one row, or as minus one.", first="right", models=ITEM)
def test_rows_that_were_changed_are_counted_as_the_server_does(play):
    insert = "INSERT INTO \"Item\" (id) VALUES (1) ON CONFLICT DO NOTHING"
    assert [raw(play.client, insert, "$executeRaw").data for _ in range(3)] == [1, 0, 0]
    with_cte = 'WITH a AS (INSERT INTO "Item" (id) VALUES (2), (3) RETURNING id) UPDATE "Item" SET name = \'x\' WHERE id = 1'
    assert raw(play.client, with_cte, "$executeRaw").data == 1
    assert raw(play.client, insert + " RETURNING id").data == []


@report("pgbackrest/pgbackrest#135", "The server's notices appear on the program's standard error.", first="right", models=ITEM)
def test_notices_are_written_nowhere(play, capfd):
    reply = raw(play.client, "DO $$ BEGIN FOR i IN 1..500 LOOP RAISE WARNING '%', repeat('x', 10000); END LOOP; END $$", "$executeRaw")
    assert reply.error is None
    assert raw(play.open(url={"options": "-c client_min_messages=debug5"}), "SELECT 1 AS v").data == [{"v": 1}]
    assert capfd.readouterr() == ("", "")


@report("pgjdbc/pgjdbc#3122", "Statements that the driver forgets stay prepared on the server, until its memory is full.", first="right", models=ITEM)
def test_forgotten_statements_are_forgotten_by_the_server(play):
    client = play.open(url={"connection_limit": 1})
    for number in range(1500):
        assert raw(client, f"SELECT {number} AS v").data == [{"v": number}]
    assert int(raw(client, "SELECT count(*)::text AS v FROM pg_prepared_statements").data[0]["v"]) < 700
