"""A migration that fails says which step, on which table, and what stands in its way; and what a held lock is."""
import threading

import pytest
from capi import Client
from schema_tools import HEAD, run

A = HEAD + "model A {\n  id Int @id\n  x  %s\n}\n"


@pytest.fixture
def bare(server, admin):
    """A database with nothing in it."""
    admin.execute("DROP DATABASE IF EXISTS failing WITH (FORCE); CREATE DATABASE failing TEMPLATE template0 STRATEGY file_copy")
    yield server.url("failing")
    admin.execute("DROP DATABASE IF EXISTS failing WITH (FORCE)")


def push(url, schema, **more):
    with Client({"datasourceUrl": url, "schema": schema}) as client:
        return client.query({"operation": "$schema.push", "args": {"acceptDataLoss": True}, **more})


@pytest.mark.parametrize("made, dependent", [
    ('CREATE VIEW v AS SELECT x FROM "A"', "view v"),
    ('CREATE MATERIALIZED VIEW v AS SELECT x FROM "A"', "materialized view v"),
    ('ALTER TABLE "A" ADD twice int GENERATED ALWAYS AS (x * 2) STORED', "column twice of table \"A\""),
    ('CREATE TRIGGER t BEFORE UPDATE OF x ON "A" FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()', 'trigger t on table "A"'),
    ('ALTER TABLE "A" ADD CONSTRAINT small CHECK (x < 9)', 'constraint small on table "A"'),
    ('CREATE INDEX part ON "A" (id) WHERE x > 5', "index part"),
    ('CREATE POLICY p ON "A" USING (x > 5)', 'policy p on table "A"'),
], ids=["view", "materialized view", "generated column", "trigger", "check", "partial index", "policy"])
def test_what_blocks_a_change_of_type_is_named(bare, made, dependent):
    push(bare, A % "Int?")
    run(bare, made)
    twice = '\n  twice Int? @default(dbgenerated("(x * 2)"))' if "twice" in made else ""
    reply = push(bare, A % ("String?" + twice))
    assert reply.status == "DATABASE", reply
    message = reply.error["message"]
    assert "AlterTable of `public.A`" in message and 'ALTER COLUMN "x" SET DATA TYPE TEXT' in message
    assert reply.error["meta"]["dependents"] == [dependent] and dependent in message and "not supported" not in message


def test_a_dropped_column_that_a_view_shows_is_told(bare):
    push(bare, A % "Int?")
    run(bare, 'CREATE VIEW v AS SELECT x FROM "A"')
    reply = push(bare, HEAD + "model A {\n  id Int @id\n}\n")
    assert reply.error["meta"]["dependents"] == ["view v"] and "other objects depend on it" in reply.error["message"]
    gone = push(bare, HEAD + "model B {\n  id Int @id\n}\n")
    assert gone.error["meta"]["dependents"] == ["view v"] and "DropTable of `public.A`" in gone.error["message"]


def test_columns_that_change_with_their_enum_stand_in_nobodys_way(bare):
    schema = HEAD + "model A {\n  id Int @id\n  x E\n  y E?\n}\nenum E {\n  a\n%s}\n"
    push(bare, schema % "  b\n")
    run(bare, 'CREATE INDEX part ON "A" (id) WHERE x = \'a\'', "CREATE SCHEMA away", 'CREATE TABLE away.t (z "E")',
        'CREATE VIEW v AS SELECT y FROM "A"')
    assert push(bare, schema % "").error["meta"]["dependents"] == ["index part", "view v", "column z of table away.t"]


def test_a_key_that_a_partitioned_table_does_not_allow_is_explained(bare):
    run(bare, "CREATE TABLE t (id int PRIMARY KEY, x int) PARTITION BY RANGE (id)")
    reply = push(bare, HEAD + "model t {\n  id Int @id\n  x  Int? @unique\n}\n")
    assert reply.status == "DATABASE" and "has to include the columns that partition it" in reply.error["message"], reply


def test_rows_that_a_key_does_not_allow_name_the_key(bare):
    push(bare, A % "Int?")
    run(bare, 'INSERT INTO "A" VALUES (1, 4711), (2, 4711)')
    error = push(bare, A % "Int? @unique").error
    assert {"table": "A", "constraint": "A_x_key", "step": "CreateIndex"}.items() <= error["meta"].items()
    assert "constraint `A_x_key`" in error["message"] and "4711" not in str(error)


def test_values_of_a_statement_are_not_shown(bare):
    push(bare, A % "Int?")
    run(bare, 'INSERT INTO "A" VALUES (1, 4711)')
    error = push(bare, A % "String? @db.VarChar(2) @default(\"s3cret\")").error
    assert "VARCHAR(2)" in error["message"] and "4711" not in str(error) and "s3cret" not in str(error)


# -- Locks ---------------------------------------------------------------------------------------------------------

def test_a_held_migration_lock_is_told_as_one(bare, tmp_path):
    with Client({"datasourceUrl": bare, "schema": A % "Int"}) as client:
        held = client.query({"operation": "$transaction.begin", "args": {"timeout": 60_000}}).data["id"]
        query = "SELECT pg_backend_pid() AS pid, pg_advisory_xact_lock(72707369)::text"
        pid = client.query({"operation": "$queryRaw", "transaction": held, "args": {"query": query}}).data[0]["pid"]
        for request in ({"operation": "$schema.push"}, {"operation": "$schema.deploy", "args": {"path": str(tmp_path)}}):
            reply = client.query({**request, "timeoutMs": 400})
            assert (reply.status, reply.error["code"]) == ("TIMEOUT", "P1002")
            assert "72707369" in reply.error["message"] and f"process {pid}." in reply.error["message"]
        client.query({"operation": "$transaction.rollback", "transaction": held})
        assert client.query({"operation": "$schema.push"}).data["executed"]


def test_a_locked_table_is_told_as_one(bare):
    push(bare, A % "Int?")
    with Client({"datasourceUrl": bare, "schema": A % "String?"}) as client:
        held = client.query({"operation": "$transaction.begin", "args": {"timeout": 60_000}}).data["id"]
        client.query({"operation": "$executeRaw", "transaction": held, "args": {"query": 'LOCK TABLE "A" IN ACCESS SHARE MODE'}})
        reply = client.query({"operation": "$schema.push", "args": {"acceptDataLoss": True}, "timeoutMs": 1500})
        assert (reply.status, reply.error["code"]) == ("CONFLICT", "P2034"), reply
        assert "AlterTable of `public.A`" in reply.error["message"] and "holds a lock" in reply.error["message"]
        client.query({"operation": "$transaction.rollback", "transaction": held})


def test_two_deployments_of_a_concurrent_index_wait_for_each_other(bare, tmp_path):
    push(bare, A % "Int?")
    run(bare, 'INSERT INTO "A" SELECT i, i FROM generate_series(1, 50000) i')
    run(bare, """CREATE TABLE _prisma_migrations (id VARCHAR(36) PRIMARY KEY, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
        migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ, started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        applied_steps_count INTEGER NOT NULL DEFAULT 0)""")
    for number in range(4):
        (tmp_path / f"{number}_index").mkdir()
        (tmp_path / f"{number}_index" / "migration.sql").write_text(f'CREATE INDEX CONCURRENTLY i{number} ON "A" (x);')
    replies = []

    def deploy():
        with Client({"datasourceUrl": bare, "schema": HEAD}) as client:
            replies.append(client.query({"operation": "$schema.deploy", "args": {"path": str(tmp_path)}, "timeoutMs": 60_000}))

    threads = [threading.Thread(target=deploy) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [reply.status for reply in replies] == ["OK"] * 3, replies
    assert sorted(len(reply.data["applied"]) for reply in replies) == [0, 0, 4]


def test_the_failed_statement_of_a_migration_is_shown_without_values(bare, tmp_path):
    (tmp_path / "1_bad").mkdir()
    (tmp_path / "1_bad" / "migration.sql").write_text("""-- a table; and a row
        CREATE TABLE t (id int PRIMARY KEY, name text DEFAULT 'a;b');
        CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $body$ SELECT 1; $body$;
        /* here */ INSERT INTO t VALUES (4711, 'it''s s3cret'), (4711, E'\\'');
        SELECT 1;""")
    with Client({"datasourceUrl": bare, "schema": HEAD}) as client:
        reply = client.query({"operation": "$schema.deploy", "args": {"path": str(tmp_path)}})
        assert reply.error["code"] == "P3018"
        assert "Statement 3: INSERT INTO t VALUES (?, '…'), (?, E'…')" in reply.error["message"] and "constraint `t_pkey`" in reply.error["message"]
        assert "4711" not in str(reply.error) and "s3cret" not in str(reply.error)
        [row] = client.data({"operation": "$queryRaw", "args": {"query": "SELECT logs FROM _prisma_migrations"}})
        assert "t_pkey" in row["logs"] and "4711" not in row["logs"]


def test_a_sequence_at_its_end_is_told_as_one(bare):
    schema = HEAD + "model A {\n  id Int @id @default(autoincrement())\n}\n"
    push(bare, schema)
    run(bare, """SELECT setval('"A_id_seq"', 2147483647)""")
    with Client({"datasourceUrl": bare, "schema": schema}) as client:
        reply = client.query({"model": "A", "operation": "create", "args": {"data": {}}})
    assert (reply.status, reply.error["code"]) == ("DATABASE", "P2020") and "sequence" in reply.error["message"], reply
