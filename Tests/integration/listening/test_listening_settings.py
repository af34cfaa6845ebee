"""Listening: where it connects, what it is told, and how it ends."""
import os
import time

import pytest
from capi import Client, OpenError
from listening import BLOG, TAGGED, UNTAGGED, Hearer, read, users_schema
from psql import Psql
from scene import SCHEMA
from waiting import PROMPT, eventually


def test_listening_takes_one_connection_beside_the_pools(database):
    with Hearer(database.url(connection_limit=1), SCHEMA):
        assert database.connections() == 2


def test_the_schemas_direct_url_is_used_with_the_schemas_url(database, monkeypatch):
    monkeypatch.setenv("ACCELERANT_TEST_URL", database.url(connection_limit=1))
    monkeypatch.setenv("DIRECT_TEST_URL", database.url(application_name="straight"))
    client = Client({"schema": users_schema(), "cache": {"listen": True}})
    assert client.query({"operation": "$connect"}).number == 0
    assert database.sql.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'straight'") == "1"
    client.close()
    monkeypatch.delenv("DIRECT_TEST_URL")
    with pytest.raises(OpenError) as error:
        Client({"schema": users_schema(), "cache": {"listen": True}})
    assert "DIRECT_TEST_URL" in error.value.reply.error["message"]
    Client({"schema": users_schema()}).close()


def test_behind_pgbouncer_a_direct_url_is_needed(database):
    with pytest.raises(OpenError) as error:
        Hearer(database.url(pgbouncer="true"), SCHEMA, connect=False)
    assert error.value.reply.code == "P6001" and "directUrl" in error.value.reply.error["message"]
    Hearer(database.url(pgbouncer="true"), SCHEMA, direct=database.url()).close()


def test_a_direct_url_to_another_database_is_never_trusted(server, database):
    with Hearer(database.url(), SCHEMA, direct=server.url("postgres"), connect=False) as hearer:
        reply = hearer.client.query({"operation": "$connect", "timeoutMs": 9000})
        assert reply.code == "P6008" and "directUrl" in reply.error["message"], reply
        assert [hearer.ask(read("User")).cache for _ in range(2)] == ["miss", "miss"]


def test_a_wrong_direct_url_shows_at_connect_and_holds_no_secret(database):
    direct = database.server.tcp_url(database.name, password="not-the-password")
    with Hearer(database.url(), SCHEMA, direct=direct, connect=False) as hearer:
        reply = hearer.client.query({"operation": "$connect"})
        assert reply.code == "P6008" and reply.error["meta"]["cause"] == "P1000" and "not-the-password" not in reply.error_text


@pytest.mark.parametrize("cache, path", [
    ({"listen": 1}, "cache.listen"), ({"listn": True}, "cache.listn"), ({"listenTimeoutMs": 10}, "cache.listenTimeoutMs"),
])
def test_settings_of_listening_are_checked(database, cache, path):
    with pytest.raises(OpenError) as error:
        Client({"schema": SCHEMA, "datasourceUrl": database.url(), "cache": cache})
    assert error.value.reply.code == "P6001" and error.value.reply.error["meta"]["path"] == path


def test_without_listening_there_is_neither_connection_nor_metric(database, scene):
    scene.find()
    assert database.connections() == 1
    assert "accelerant_listener" not in str(scene.client.data({"operation": "$metrics"}))


def test_closing_is_quick_in_every_state(own_server):
    server, database = own_server
    for _ in range(20):
        start = time.monotonic()
        Hearer(database.url(), SCHEMA, connect=False).close()
        assert time.monotonic() - start < PROMPT
    unreachable = "postgresql://x@127.0.0.1:1/y"
    hearer = Hearer(unreachable, SCHEMA, connect=False)
    hearer.await_metric("failures_total", lambda value: value >= 2)
    start = time.monotonic()
    hearer.close()
    assert time.monotonic() - start < PROMPT


def test_a_child_of_fork_leaves_the_listener_alone(database):
    with Hearer(database.url(), SCHEMA) as hearer:
        child = os.fork()
        if child == 0:
            os._exit(0 if hearer.ask(UNTAGGED).status == "FORKED" else 1)
        assert os.waitpid(child, 0)[1] == 0
        hearer.warm(TAGGED)
        database.sql.execute("SELECT pg_notify('accelerant_changes_1', 'i a')")
        eventually(lambda: hearer.ask(TAGGED).cache == "miss", "the notification")


def test_a_subscription_brings_rows_that_are_seen(own_server):
    server, source = own_server
    with Psql(server.url()) as admin:
        admin.execute("ALTER SYSTEM SET wal_level = logical")
    server.stop()
    server.start()
    with Psql(server.url()) as admin:
        admin.execute("CREATE DATABASE copy")
    table = "CREATE TABLE item (id int PRIMARY KEY, kind text)"
    schema = BLOG.split("model Author")[0] + 'model Item {\n  id Int @id\n  kind String?\n  @@map("item")\n}\n'
    with Psql(server.url(source.name)) as origin, Psql(server.url("copy")) as copy:
        origin.execute(f"{table}; CREATE PUBLICATION p FOR TABLE item")
        origin.execute("SELECT pg_create_logical_replication_slot('s', 'pgoutput')")
        copy.execute(f"""{table}; CREATE SUBSCRIPTION s CONNECTION 'host={server.socket_directory} port={server.port} user=accelerant
            dbname={source.name}' PUBLICATION p WITH (create_slot = false, copy_data = false)""")
        with Hearer(server.url("copy", schema="public"), schema) as hearer:
            hearer.install()
            count = read("Item", "count")
            for number in range(3):
                assert hearer.warm(count) == number
                origin.execute(f"INSERT INTO item VALUES ({number}, 'x')")
                eventually(lambda: hearer.ask(count).data == number + 1, "the row of the subscription")
            origin.execute("TRUNCATE item")
            eventually(lambda: hearer.ask(count).data == 0, "the truncation")
        copy.execute("ALTER SUBSCRIPTION s DISABLE; ALTER SUBSCRIPTION s SET (slot_name = NONE)")
        copy.execute("DROP SUBSCRIPTION s")
        # Why: the walsender goes on for a moment.
        eventually(lambda: origin.execute("SELECT active FROM pg_replication_slots WHERE slot_name = 's'") == [["f"]], "the slot to be free")
        origin.execute("SELECT pg_drop_replication_slot('s')")
