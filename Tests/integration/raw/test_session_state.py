"""What raw SQL leaves in its session is gone before anybody else has it, and costs nothing where there is nothing."""
import pytest
from capi import Client
from scene import SCHEMA
from transacting import Transaction
from waiting import eventually

STATE = """
SELECT current_user, session_user, current_setting('search_path') AS path, current_setting('client_encoding') AS encoding, current_setting('TimeZone') AS zone,
       current_setting('statement_timeout') AS timeout, current_setting('standard_conforming_strings') AS strings, current_setting('DateStyle') AS dates,
       current_setting('default_transaction_read_only') AS read_only, current_setting('session_replication_role') AS replication,
       coalesce(current_setting('app.tenant', true), '') AS tenant,
       (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS locks,
       (SELECT count(*)::int FROM pg_listening_channels()) AS channels, (SELECT count(*)::int FROM pg_cursors WHERE is_holdable) AS cursors,
       (SELECT count(*)::int FROM pg_prepared_statements WHERE from_sql) AS prepared,
       (SELECT count(*)::int FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r') AS temporary
"""
LEAVING = {
    "a role": 'SET ROLE other',
    "a role of the session": "SET SESSION ROLE other",
    "an authorization": "SET SESSION AUTHORIZATION other",
    "a search path": "SET search_path TO pg_catalog",
    "a comment before": "/* a /* b */ c */ -- d\nset search_path to pg_catalog",
    "a blank statement before": "; SET search_path TO pg_catalog",
    "an encoding": "SET client_encoding TO 'latin1'",
    "a time zone": "SET TIME ZONE 'Asia/Tokyo'",
    "a time limit": "SET statement_timeout TO '1h'",
    "strings": "SET standard_conforming_strings TO off",
    "dates": "SET DateStyle TO 'SQL, DMY'",
    "read only": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    "no triggers": "SET session_replication_role TO replica",
    "set_config": "SELECT set_config('app.tenant', '7', false)",
    "set_config of the catalog": "SELECT pg_catalog.set_config('app.tenant', '7', false)",
    "set_config in quotes": """SELECT "set_config"('app.tenant', '7', false)""",
    "a setting that is written as a row": "UPDATE pg_settings SET setting = 'pg_catalog' WHERE name = 'search_path'",
    "a role that is written as a row": """UPDATE "pg_catalog"."pg_settings" SET setting = 'other' WHERE name = 'role'""",
    "set_config in a write": "UPDATE \"User\" SET name = set_config('app.tenant', '7', false) WHERE id = 1",
    "a function": "SELECT leave_tenant()",
    "a function of a schema": "SELECT public.leave_tenant()",
    "a procedure": "CALL leave_all()",
    "a block": "DO $$ BEGIN PERFORM set_config('app.tenant', '7', false); END $$",
    "an advisory lock": "SELECT pg_advisory_lock(1)",
    "an advisory lock, tried": "SELECT pg_try_advisory_lock_shared(1)",
    "a temporary table": 'CREATE TEMP TABLE "User" AS SELECT 9 AS id, \'nobody\'::text AS name, \'e\'::text AS email',
    "a temporary table by its schema": 'CREATE TABLE pg_temp."User" (id int, name text, email text)',
    "a temporary table by its schema in quotes": 'CREATE TABLE "pg_temp"."User" (id int, name text, email text)',
    "a temporary table of a query": 'SELECT 9 AS id, \'n\'::text AS name, \'e\'::text AS email INTO TEMPORARY "User"',
    "a channel": "LISTEN news",
    "a prepared statement": "PREPARE mine AS SELECT 1",
    "nothing prepared any more": "DEALLOCATE ALL",
    "nothing at all": "DISCARD ALL",
    "a library": "LOAD 'pg_stat_statements'",
    "several statements": "SELECT 1; SET search_path TO pg_catalog; SELECT 2",
    "several statements, the last of which stays": "SELECT 1; LISTEN news",
    "a failure": "SELECT pg_advisory_lock(1), 1 / (SELECT count(*) - count(*) FROM \"User\")",
}
CLEAN = [
    'SELECT count(*) FROM "User"', 'SELECT id, lower(name) AS n FROM "User" WHERE email LIKE $1 ORDER BY id', 'SELECT now(), pg_typeof(1)::text AS t',
    'INSERT INTO "User" (name, email) VALUES (\'x\', $1)', 'INSERT INTO public."User" (name, email) VALUES (\'x\', $1) ON CONFLICT (email) DO NOTHING',
    'UPDATE "User" SET name = coalesce(name, \'y\') WHERE id IN (1, 2) AND email <> $1', 'DELETE FROM "User" WHERE email = $1',
    'WITH x (n) AS (SELECT 1), y AS MATERIALIZED (SELECT 2 AS m) SELECT n, m FROM x, y', "SELECT 'it''s; SET ROLE x', $tag$ set_config($1) $tag$ AS t",
    "SELECT 1 -- set_config(\n", "SELECT 1 /* set_config( */", 'SELECT sum(id) FILTER (WHERE id > 1) OVER (PARTITION BY name) FROM "User"',
    "SELECT pg_catalog.now()", "SELECT E'\\'; SET ROLE x' AS t", 'SHOW search_path', "SELECT x FROM unnest(ARRAY[1, 2]) AS t(x)", "VALUES (1), (2)",
    "SET LOCAL search_path TO pg_catalog", "SELECT 1; SELECT count(*) FROM \"User\"", "CREATE TABLE made AS SELECT 1 AS n",
]


@pytest.fixture
def raw_client(database):
    database.sql.execute("""
        CREATE FUNCTION leave_tenant() RETURNS text LANGUAGE sql AS $$SELECT set_config('app.tenant', '7', false)$$;
        CREATE PROCEDURE leave_all() LANGUAGE plpgsql AS $$BEGIN
            PERFORM set_config('app.tenant', '7', false), pg_advisory_lock(3); COMMIT; SET search_path TO pg_catalog; END$$;
        DO $$ BEGIN CREATE ROLE other; EXCEPTION WHEN duplicate_object THEN END $$;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO other""")
    with Client({"schema": SCHEMA, "datasourceUrl": database.url(connection_limit=1, schema="public")}) as client:
        yield client


def raw(query, *parameters, operation="$queryRaw", **more):
    return {"operation": operation, "args": {"query": query, "parameters": list(parameters)}, **more}


def state(client):
    return client.data(raw(STATE))


def users(client):
    return client.data({"model": "User", "operation": "findMany", "args": {"where": {"id": {"lte": 4}}, "orderBy": {"id": "asc"}, "cacheStrategy": {"ttl": 60}}})


def pid(client):
    return client.data(raw("SELECT pg_backend_pid() AS pid"))[0]["pid"]


def is_untouched(client, before, kind):
    assert state(client) == before, kind
    client.data({"operation": "$accelerate.invalidateAll"})
    assert [user["id"] for user in users(client)] == [1, 2, 3, 4], kind


def test_nothing_is_left_by_a_statement(raw_client, database):
    before = state(raw_client)
    for kind, statement in LEAVING.items():
        for operation in ("$executeRaw", "$queryRaw"):
            raw_client.query(raw(statement, operation=operation))
            is_untouched(raw_client, before, kind)
        raw_client.query(raw(statement))
        raw_client.data({"model": "User", "operation": "create", "args": {"data": {"name": "für 5 €", "email": kind}}})
        assert database.sql.value(f"SELECT name FROM \"User\" WHERE email = '{kind}'") == "für 5 €"


@pytest.mark.parametrize("end", ["commit", "rollback", "list"])
def test_nothing_is_left_by_a_transaction(raw_client, end):
    before = state(raw_client)
    for kind, statement in LEAVING.items():
        if end == "list":
            raw_client.query({"operation": "$transaction", "args": {"requests": [raw(statement, operation="$executeRaw")]}})
        else:
            transaction = Transaction(raw_client)
            transaction.query("$executeRaw", query=statement)
            transaction.step(end)
        is_untouched(raw_client, before, kind)


HIDDEN = {
    "a trigger of a model's write": {"model": "User", "operation": "update", "args": {"where": {"id": 1}, "data": {"name": "Alice"}, "select": {"id": True}}},
    "a trigger of a write of many": {"model": "User", "operation": "updateMany", "args": {"where": {"id": 1}, "data": {"name": "Alice"}}},
    "a trigger of raw SQL": {"operation": "$executeRaw", "args": {"query": "UPDATE \"User\" SET name = 'Alice' WHERE id = 1", "parameters": []}},
    "a trigger in a list": {"operation": "$transaction", "args": {"requests": [
        {"model": "User", "operation": "updateMany", "args": {"where": {"id": 1}, "data": {"name": "Alice"}}}]}},
    "a view": {"operation": "$queryRaw", "args": {"query": "SELECT * FROM peek", "parameters": []}},
    "a function called as a column": {"operation": "$queryRaw", "args": {"query": 'SELECT u.leave_zone FROM "User" AS u', "parameters": []}},
    "an operator": {"operation": "$queryRaw", "args": {"query": "SELECT 'DateStyle'::text #### 'SQL, DMY'::text AS x", "parameters": []}},
    "strings": {"operation": "$queryRaw", "args": {"query": "SELECT 'standard_conforming_strings'::text #### 'off'::text AS x", "parameters": []}},
    "an encoding": {"operation": "$queryRaw", "args": {"query": "SELECT 'client_encoding'::text #### 'latin1'::text AS x", "parameters": []}},
}


def test_what_the_server_reports_is_undone_though_no_text_shows_it(raw_client, database):
    before, process = state(raw_client), pid(raw_client)
    database.sql.execute("""
        CREATE FUNCTION leave(text, text) RETURNS text LANGUAGE sql AS $$SELECT set_config($1, $2, false)$$;
        CREATE FUNCTION leave_zone("User") RETURNS text LANGUAGE sql AS $$SELECT set_config('TimeZone', 'Asia/Tokyo', false)$$;
        CREATE FUNCTION zone() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN SET TimeZone TO 'Asia/Tokyo'; SET IntervalStyle TO 'sql_standard'; RETURN NEW; END$$;
        CREATE TRIGGER zone AFTER UPDATE ON "User" FOR EACH ROW EXECUTE FUNCTION zone();
        CREATE VIEW peek AS SELECT set_config('TimeZone', 'Asia/Tokyo', false) AS x;
        CREATE OPERATOR #### (LEFTARG = text, RIGHTARG = text, FUNCTION = leave)""")
    for kind, request in HIDDEN.items():
        for _ in range(2):
            raw_client.data(request)
            is_untouched(raw_client, before, kind)
    assert pid(raw_client) == process


@pytest.fixture
def resets(database, admin):
    """How often sessions were reset so far."""
    return lambda: int(admin.value(
        "SELECT coalesce(sum(s.calls), 0) FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid"
        f" WHERE d.datname = '{database.name}' AND s.query = 'RESET ALL'"))


def test_what_leaves_nothing_is_followed_by_nothing(raw_client, resets):
    process = pid(raw_client)
    for query in CLEAN:
        before = resets()
        parameters = ["e@x"] if "$1" in query and "$tag$" not in query else []
        for operation in ("$queryRaw", "$executeRaw"):
            raw_client.query(raw(query, *parameters, operation=operation))
        assert pid(raw_client) == process and resets() == before, query


def test_what_may_leave_something_keeps_its_connection_and_what_is_prepared(raw_client, resets):
    process = pid(raw_client)
    prepared = "SELECT count(*)::int AS n FROM pg_prepared_statements"
    users(raw_client)
    raw_client.data(raw(prepared))
    before = raw_client.data(raw(prepared))
    for _ in range(3):
        raw_client.data(raw("SELECT leave_tenant()"))
        users(raw_client)
    assert pid(raw_client) == process and resets() == 3
    assert raw_client.data(raw(prepared))[0]["n"] == before[0]["n"] + 1


def test_a_role_and_settings_of_the_url_come_back(database, raw_client):
    with Client({"schema": SCHEMA, "datasourceUrl": database.url(connection_limit=1, schema="public", options="-c%20role=other%20-c%20app.tenant=5")}) as client:
        before = state(client)
        assert before[0]["current_user"] == "other" and before[0]["tenant"] == "5"
        for statement in ("RESET ROLE", "SET ROLE app", "SET app.tenant TO 6", "SET SESSION AUTHORIZATION DEFAULT", "SELECT leave_tenant()"):
            client.query(raw(statement, operation="$executeRaw"))
            assert state(client) == before, statement


def test_a_lock_is_given_back_at_once(raw_client, database):
    """Not when somebody happens to want the connection."""
    raw_client.data(raw("SELECT pg_advisory_lock(77)::text"))
    eventually(lambda: database.sql.value("SELECT pg_try_advisory_lock(77)") == "t", "the lock")


def test_a_session_that_ends_during_its_reset_is_replaced(raw_client, database):
    process = pid(raw_client)
    raw_client.data(raw("SELECT leave_tenant()"))
    database.sql.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app' AND datname = current_database()")
    eventually(lambda: database.connections() == 0, "the end of the session")
    assert pid(raw_client) != process
