"""Opening a client: what is accepted, what is refused and why, and that no message holds a secret."""
import json
import socket

import pytest
from capi import Client, OpenError
from scene import SCHEMA

SECRET = "s3cr3t-canary"
URL = "postgresql://user:%s@127.0.0.1:5432/db" % SECRET


def refusal(config):
    with pytest.raises(OpenError) as caught:
        Client(config)
    reply = caught.value.reply
    assert (reply.status, reply.code) == ("INVALID_CONFIGURATION", "P6001"), reply
    assert SECRET not in reply.error_text
    return reply.error_text


WRONG = [
    ({}, "schema"), ([], "object"), ({"schema": SCHEMA, "schemaPath": "x", "datasourceUrl": URL}, "schemaPath"),
    ({"schema": 1, "datasourceUrl": URL}, "schema"), ({"schemaPath": "/nowhere/schema.prisma", "datasourceUrl": URL}, "/nowhere/schema.prisma"),
    ({"shcema": SCHEMA, "datasourceUrl": URL}, "schema"), ({"schema": SCHEMA, "datasourceURL": URL}, "datasourceUrl"),
    ({"schema": SCHEMA, "datasourceUrl": URL, "cache": {"maxByte": 1}}, "maxBytes"),
    ({"schema": SCHEMA, "datasourceUrl": URL, "cache": {"maxBytes": -1}}, "maxBytes"),
    ({"schema": SCHEMA, "datasourceUrl": URL, "cache": {"maxBytes": "1"}}, "maxBytes"),
    ({"schema": SCHEMA, "datasourceUrl": URL, "cache": 1}, "cache"),
    ({"schema": SCHEMA, "datasourceUrl": URL, "limits": {"queryTimeout": 1}}, "queryTimeoutMs"),
    ({"schema": SCHEMA, "datasourceUrl": URL, "limits": {"responseBytes": 1.5}}, "responseBytes"),
    ({"schema": SCHEMA, "datasourceUrl": URL, "clock": "sundial"}, "clock"),
    ({"schema": SCHEMA, "datasourceUrl": URL, "region": 1}, "region"),
    ({"schema": "model A { id Int }", "datasourceUrl": URL}, "id"),
    ({"schema": 'datasource db { provider = "mysql" }', "datasourceUrl": URL}, "postgresql"),
]


@pytest.mark.parametrize("config, named", WRONG, ids=lambda value: json.dumps(value)[-60:])
def test_47_a_bad_configuration_is_refused_with_the_reason(config, named):
    assert named in refusal(config)


def test_47_all_faults_of_a_schema_are_listed_with_line_and_column():
    schema = 'model A {\n  id Int @id\n  x Strin\n  y Int @uniqe\n}\nmodel B {\n  id Int @id\n  a Nothing\n}\n'
    text = refusal({"schema": schema, "datasourceUrl": URL})
    for place in ("3:", "4:", "8:"):
        assert place in text, text


@pytest.mark.parametrize("url, named", [
    ("", "URL"), ("nonsense", "postgresql://"), ("mysql://user:%s@h/db" % SECRET, "postgresql"),
    (URL + "?conection_limit=3", "connection_limit"), (URL + "?connection_limit=0", "connection_limit"),
    (URL + "?connection_limit=many", "connection_limit"), (URL + "?connection_limit=-1", "connection_limit"),
    (URL + "?pool_timeout=x", "pool_timeout"), (URL + "?sslmode=perhaps", "sslmode"), (URL + "?schema=", "schema"),
    ("postgresql://user:%s@127.0.0.1:99999/db" % SECRET, "port"), ("postgresql://user:%%zz%s@127.0.0.1/db" % SECRET, "%"),
    (URL.replace("/db", "/db?connection_limit"), "name=value"),
])
def test_47_a_bad_url_is_refused_with_the_reason(url, named):
    assert named in refusal({"schema": SCHEMA, "datasourceUrl": url})


def test_the_schemas_url_and_its_environment_variable(database, monkeypatch):
    monkeypatch.setenv("ACCELERANT_TEST_URL", database.url())
    with Client({"schema": SCHEMA}) as client:
        assert client.data({"model": "User", "operation": "count"}) == 4
    with Client({"schema": SCHEMA.replace('env("ACCELERANT_TEST_URL")', json.dumps(database.url()))}) as client:
        assert client.data({"model": "User", "operation": "count"}) == 4
    monkeypatch.delenv("ACCELERANT_TEST_URL")
    assert "ACCELERANT_TEST_URL" in refusal({"schema": SCHEMA})


def test_a_schema_from_a_file(database, tmp_path):
    path = tmp_path / "a schema with ünïcode.prisma"
    path.write_text(SCHEMA)
    with Client({"schemaPath": str(path), "datasourceUrl": database.url()}) as client:
        assert client.data({"model": "User", "operation": "count"}) == 4
    path.write_bytes(b"model A {\xff")
    refusal({"schemaPath": str(path), "datasourceUrl": database.url()})
    refusal({"schemaPath": str(tmp_path), "datasourceUrl": database.url()})


def test_parameters_of_the_url_reach_the_server(database):
    url = database.url(application_name="my%20app", connect_timeout="5", options="-c%20statement_timeout%3D12345", sslmode="disable")
    with Client({"schema": SCHEMA, "datasourceUrl": url}) as client:
        show = lambda name: client.data({"operation": "$queryRaw", "args": {"query": f"SELECT current_setting('{name}') AS v", "parameters": []}})
        assert show("application_name") == [{"v": "my app"}]
        assert show("statement_timeout") == [{"v": "12345ms"}]


@pytest.mark.parametrize("parameters", [
    {"connection_limit": 2, "pool_timeout": 0}, {"pgbouncer": "true"}, {"statement_cache_size": 0}, {"schema": "public"},
    {"connect_timeout": 3, "socket_timeout": 5}, {"sslmode": "prefer"},
], ids=str)
def test_parameters_that_prisma_knows(database, parameters):
    with Client({"schema": SCHEMA, "datasourceUrl": database.url(**parameters)}) as client:
        for _ in range(3):
            assert client.data({"model": "User", "operation": "count"}) == 4


def test_a_password_with_every_kind_of_character(server, database):
    password = "p@ss/w:rd?#[]%&= é'\"\\"
    literal = password.replace("'", "''")
    database.sql.execute(f"CREATE ROLE odd LOGIN PASSWORD E'{literal}'".replace("\\", "\\\\"))
    database.sql.execute('GRANT SELECT ON ALL TABLES IN SCHEMA public TO odd')
    try:
        from urllib.parse import quote
        url = server.tcp_url(database.name, user="odd", password=quote(password, safe=""))
        with Client({"schema": SCHEMA, "datasourceUrl": url}) as client:
            assert client.data({"model": "User", "operation": "count"}) == 4
    finally:
        database.sql.execute("DROP OWNED BY odd; DROP ROLE odd")


def failure(url, request=None):
    """The error of the first request; opening connects to nothing."""
    with Client({"schema": SCHEMA, "datasourceUrl": url, "limits": {"queryTimeoutMs": 4000}}) as client:
        reply = client.query(request or {"model": "User", "operation": "count"})
        assert SECRET not in reply.error_text
        return reply


def test_47_a_database_that_cannot_be_reached(server):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        for url in (URL.replace(":5432", f":{port}"), URL.replace("127.0.0.1:5432", "nowhere.invalid"), server.url("postgres", host="/nowhere")):
            reply = failure(url)
            assert (reply.status, reply.code) == ("UNAVAILABLE", "P6008"), reply
            assert "P1001" in json.dumps(reply.error["meta"])


def test_47_a_wrong_password(server):
    reply = failure(server.tcp_url(password=SECRET))
    assert reply.code == "P6008" and reply.status in ("DENIED", "UNAVAILABLE"), reply
    assert "P1000" in json.dumps(reply.error["meta"])


def test_47_a_database_that_does_not_exist(server):
    reply = failure(server.tcp_url("not_there"))
    assert reply.code == "P6008", reply
    assert "P1003" in json.dumps(reply.error["meta"])


def test_47_access_denied(server, database):
    database.sql.execute(f"CREATE ROLE nobody_here LOGIN PASSWORD '{SECRET}'; REVOKE CONNECT ON DATABASE {database.name} FROM PUBLIC")
    try:
        reply = failure(server.tcp_url(database.name, user="nobody_here", password=SECRET))
        assert reply.code == "P6008" and reply.status in ("DENIED", "UNAVAILABLE"), reply
        assert "P1010" in json.dumps(reply.error["meta"])
    finally:
        database.sql.execute("DROP ROLE nobody_here")


def test_47_no_reply_info_or_metric_holds_a_secret(server, database):
    database.sql.execute(f"CREATE ROLE secretive SUPERUSER LOGIN PASSWORD '{SECRET}'")
    try:
        url = server.tcp_url(database.name, user="secretive", password=SECRET)
        with Client({"schema": SCHEMA, "datasourceUrl": url}) as client:
            for request in (
                {"model": "User", "operation": "findMany", "args": {"where": {"nothing": "value-canary"}}},
                {"model": "User", "operation": "findUniqueOrThrow", "args": {"where": {"email": "value-canary"}}},
                {"model": "User", "operation": "findMany", "args": {"where": {"id": "value-canary"}}},
                {"model": "User", "operation": "findMany", "args": {"cacheStrategy": {"tags": ["value canary"]}}},
                {"operation": "$queryRaw", "args": {"query": "SELECT $1::int", "parameters": ["value-canary"]}},
                {"operation": "$queryRaw", "args": {"query": 'INSERT INTO "User" (email) VALUES ($1), ($1)', "parameters": ["value-canary"]}},
                {"operation": "$metrics", "args": {"format": "prometheus"}}, {"operation": "$schema"},
            ):
                reply = client.query(request)
                everything = f"{reply.text} {reply.info} {reply.error_text}"
                assert SECRET not in everything and "value-canary" not in everything and "value canary" not in everything, reply
    finally:
        database.sql.execute("DROP OWNED BY secretive; DROP ROLE secretive")


def test_opening_connects_to_nothing(database):
    with Client({"schema": SCHEMA, "datasourceUrl": database.url()}):
        assert database.connections() == 0
