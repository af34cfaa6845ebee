"""Databases whose encoding is not UTF-8."""
import itertools

import pytest
from capi import Client
from psql import Psql

SCHEMA = 'datasource db { provider = "postgresql" }\nmodel Word {\n  id   Int     @id\n  text String?\n  list String[]\n}\n'
TABLE = 'CREATE TABLE "Word" (id int PRIMARY KEY, text text, list text[])'
_numbers = itertools.count(1)


@pytest.fixture(params=["LATIN1", "SQL_ASCII"])
def world(request, server, admin):
    """A client on a database of that encoding, and a session beside it."""
    name = f"encoded_{next(_numbers)}"
    admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{request.param}' LC_COLLATE 'C' LC_CTYPE 'C'")
    with Psql(server.url(name)) as session, Client({"schema": SCHEMA, "datasourceUrl": server.url(name)}) as client:
        session.execute(TABLE)
        yield request.param, client, session
    admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def ask(client, operation, **args):
    return client.query({"model": "Word", "operation": operation, "args": args})


def test_text_that_the_encoding_has_goes_in_and_out(world):
    _, client, session = world
    assert ask(client, "create", data={"id": 1, "text": "größe", "list": ["ä", "b"]}).data == {"id": 1, "text": "größe", "list": ["ä", "b"]}
    assert ask(client, "findMany", where={"text": {"contains": "öß"}}, select={"id": True}).data == [{"id": 1}]
    assert ask(client, "findMany", where={"list": {"has": "ä"}}, select={"id": True}).data == [{"id": 1}]
    assert client.data({"operation": "$queryRaw", "args": {"query": "SELECT 'größe' AS a, $1::text AS b", "parameters": ["ü"]}}) == [{"a": "größe", "b": "ü"}]


def test_text_that_the_encoding_lacks_is_refused_and_not_stored(world):
    encoding, client, session = world
    reply = ask(client, "create", data={"id": 1, "text": "☃"})
    if encoding == "SQL_ASCII":
        # It stores whatever bytes come.
        assert reply.data["text"] == "☃"
        return
    assert reply.status in ("INVALID_REQUEST", "DATABASE") and reply.code != "P6000" and "☃" not in reply.error_text
    assert session.value('SELECT count(*) FROM "Word"') == "0"
    found = ask(client, "findMany", where={"text": "☃"})
    assert found.data == [] or (found.status == reply.status and found.code == reply.code)


def test_bytes_that_are_no_text_are_told_as_such(world):
    encoding, client, session = world
    if encoding == "LATIN1":
        session.execute("INSERT INTO \"Word\" VALUES (1, chr(228))")
        assert ask(client, "findFirst", select={"text": True}).data == {"text": "ä"}
        return
    session.execute("INSERT INTO \"Word\" VALUES (1, chr(228))")
    reply = ask(client, "findFirst", select={"text": True})
    assert reply.code == "P2023" and reply.status == "DATABASE" and "text" in reply.error_text
    assert ask(client, "findFirst", select={"id": True}).data == {"id": 1}
