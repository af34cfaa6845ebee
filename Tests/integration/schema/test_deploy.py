"""`$schema.deploy`: a folder of Prisma migrations, run in order and written down as `prisma migrate deploy` does."""
import hashlib
import os
import time

import pytest
from capi import Client

HEAD = 'datasource db {\n  provider = "postgresql"\n}\n'
INIT = 'CREATE TABLE "User" (id INT PRIMARY KEY);\n'
ROLE = """-- AlterEnum
BEGIN;
CREATE TYPE "Role_new" AS ENUM ('A');
COMMIT;
INSERT INTO "User" VALUES (1);
"""


@pytest.fixture
def client(server, admin):
    admin.execute("DROP DATABASE IF EXISTS deployed WITH (FORCE); CREATE DATABASE deployed TEMPLATE template0 STRATEGY file_copy")
    with Client({"datasourceUrl": server.url("deployed"), "schema": HEAD}) as client:
        yield client
    admin.execute("DROP DATABASE IF EXISTS deployed WITH (FORCE)")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "migration_lock.toml").write_text('# A comment\nprovider = "postgresql"\n')
    return tmp_path


def add(folder, name, sql):
    os.makedirs(folder / name, exist_ok=True)
    (folder / name / "migration.sql").write_text(sql)


def deploy(client, folder):
    return client.query({"operation": "$schema.deploy", "args": {"path": str(folder)}})


def rows(client, sql):
    return client.query({"operation": "$queryRaw", "args": {"query": sql}}).data


def test_migrations_run_in_order_and_once(client, folder):
    add(folder, "20240201000000_role", ROLE)
    add(folder, "20240101000000_init", INIT)
    assert deploy(client, folder).data == {"applied": ["20240101000000_init", "20240201000000_role"], "edited": []}
    assert deploy(client, folder).data == {"applied": [], "edited": []}
    written = rows(client, "SELECT migration_name, checksum, applied_steps_count, finished_at IS NOT NULL AS done, length(id) AS id"
                           " FROM _prisma_migrations ORDER BY started_at")
    assert written == [
        {"migration_name": name, "checksum": hashlib.sha256(sql.encode()).hexdigest(), "applied_steps_count": 1, "done": True, "id": 36}
        for name, sql in (("20240101000000_init", INIT), ("20240201000000_role", ROLE))]
    assert rows(client, 'SELECT id FROM "User"') == [{"id": 1}]


def test_an_edited_file_is_told(client, folder):
    add(folder, "1_init", INIT)
    deploy(client, folder)
    add(folder, "1_init", INIT + "-- more")
    add(folder, "2_more", "CREATE TABLE more (n INT)")
    assert deploy(client, folder).data == {"applied": ["2_more"], "edited": ["1_init"]}


def test_one_that_fails_is_written_down_and_stops_all_others(client, folder):
    add(folder, "1_init", INIT)
    add(folder, "2_bad", "CREATE TABLE half (n INT); SELECT nonsense")
    add(folder, "3_late", "CREATE TABLE late (n INT)")
    failed = deploy(client, folder)
    assert failed.code == "P3018" and "2_bad" in failed.error["message"] and "42703" in failed.error["message"], failed
    assert rows(client, "SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'public'") == [{"n": 2}]
    again = deploy(client, folder)
    assert again.code == "P3009" and "2_bad" in again.error["message"], again
    client.query({"operation": "$executeRaw", "args": {"query": "UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL"}})
    add(folder, "2_bad", "CREATE TABLE good (n INT)")
    assert deploy(client, folder).data["applied"] == ["2_bad", "3_late"]


COUNT = {"model": "User", "operation": "count", "args": {"cacheStrategy": {"ttl": 600}}}
USERS = HEAD + "model User {\n  id Int @id\n}\n"


def test_what_was_cached_is_dropped_after_a_failure_too(server, client, folder):
    add(folder, "1_init", INIT)
    deploy(client, folder)
    add(folder, "2_more", 'INSERT INTO "User" VALUES (1)')
    add(folder, "3_bad", "SELECT nonsense")
    with Client({"datasourceUrl": server.url("deployed"), "schema": USERS}) as reader:
        assert reader.data(COUNT) == 0
        assert deploy(reader, folder).code == "P3018"
        assert reader.data(COUNT) == 1


def test_other_processes_are_told_where_there_is_one_connection(server, client, folder):
    add(folder, "1_init", INIT)
    settings = {"datasourceUrl": server.url("deployed", connection_limit=1, pool_timeout=0), "limits": {"queryTimeoutMs": 240_000}}
    with Client({**settings, "schema": HEAD, "cache": {"listen": True}}) as single:
        start = time.monotonic()
        assert deploy(single, folder).data["applied"] == ["1_init"]
        assert time.monotonic() - start < 60, "it waited for its own connection"


def test_tables_that_are_there_already_are_not_migrated_over(client, folder):
    client.query({"operation": "$executeRaw", "args": {"query": "CREATE TABLE old (n INT)"}})
    add(folder, "1_init", INIT)
    assert deploy(client, folder).code == "P3005"


def test_a_folder_without_its_file_and_another_database_are_refused(client, folder):
    os.makedirs(folder / "1_empty")
    assert deploy(client, folder).code == "P3015"
    for encoding in ("latin-1", "utf-16"):
        (folder / "1_empty" / "migration.sql").write_bytes("CREATE TABLE t (name text DEFAULT 'M\u00fcller');".encode(encoding))
        reply = deploy(client, folder)
        assert reply.code == "P3015" and "UTF-8" in reply.error["message"]
    (folder / "migration_lock.toml").write_text('provider = "mysql"\n')
    assert deploy(client, folder).code == "P3019"
    assert deploy(client, folder / "nowhere").error["meta"]["path"] == "args.path"
    assert rows(client, "SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'public'") == [{"n": 0}]


def test_the_lock_is_gone_afterwards(client, folder):
    add(folder, "1_init", INIT)
    deploy(client, folder)
    assert rows(client, "SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory'") == [{"n": 0}]


def test_a_byte_order_mark_is_no_statement(client, folder):
    os.makedirs(folder / "1_marked")
    script = b"\xef\xbb\xbf" + INIT.encode()
    (folder / "1_marked" / "migration.sql").write_bytes(script)
    assert deploy(client, folder).data == {"applied": ["1_marked"], "edited": []}
    assert rows(client, "SELECT checksum FROM _prisma_migrations") == [{"checksum": hashlib.sha256(script).hexdigest()}]
