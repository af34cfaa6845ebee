"""What others stored and no answer can say: each request that would give it back is told so, and what became of a write is told with it."""
import pytest
from capi import Client

MODELS = """
datasource db {
  provider = "postgresql"
}
enum Mood {
  GOOD
  BAD
}
model Probe {
  id    Int       @id
  n     Int
  float Float?
  at    DateTime?
  mood  Mood?
  parts Part[]
}
model Part {
  id      Int   @id
  probeId Int
  probe   Probe @relation(fields: [probeId], references: [id])
}
"""
TABLES = """
CREATE TYPE "Mood" AS ENUM ('GOOD', 'BAD', 'UGLY');
CREATE TABLE "Probe" (id integer PRIMARY KEY, n integer NOT NULL, float float8, at timestamp(3), mood "Mood");
CREATE TABLE "Part" (id integer PRIMARY KEY, "probeId" integer NOT NULL REFERENCES "Probe");
INSERT INTO "Probe" VALUES (1, 1)
"""
STORED = {"float": "'NaN'", "at": "'infinity'", "mood": "'UGLY'"}


@pytest.fixture
def client(database):
    database.sql.execute(TABLES)
    with Client({"schema": MODELS, "datasourceUrl": database.url()}) as client:
        yield client


def ask(operation, **args):
    return {"model": "Probe", "operation": operation, "args": args}


def store(database, field):
    database.sql.execute(f'DELETE FROM "Part"; DELETE FROM "Probe"; INSERT INTO "Probe" (id, n, {field}) VALUES (1, 1, {STORED[field]})')


CHANGE = {"n": {"increment": 1}}
ONE = {
    "an update": (ask("update", where={"id": 1}, data=CHANGE), [["2"]]),
    "an upsert": (ask("upsert", where={"id": 1}, create={"id": 1, "n": 9}, update=CHANGE), [["2"]]),
    "a deletion": (ask("delete", where={"id": 1}), []),
}
TAKEN_BACK = {
    "a read": ask("findUnique", where={"id": 1}),
    "an update of many": ask("updateManyAndReturn", data=CHANGE),
    "an update with a list": ask("update", where={"id": 1}, data=CHANGE, include={"parts": True}),
    "a deletion with a list": ask("delete", where={"id": 1}, include={"parts": True}),
    "a list": {"operation": "$transaction", "args": {"requests": [ask("update", where={"id": 1}, data=CHANGE)]}},
    "a list that reads a relation": {"operation": "$transaction", "args": {"requests": [
        {"model": "Part", "operation": "create", "args": {"data": {"id": 7, "probeId": 1}, "include": {"probe": True}}}]}},
}


@pytest.mark.parametrize("field", STORED)
@pytest.mark.parametrize("write", ONE)
def test_a_write_of_one_record_says_that_it_was_written(client, database, write, field):
    request, expected = ONE[write]
    for _ in range(2):
        store(database, field)
        reply = client.query(request)
        assert (reply.status, reply.code) == ("DATABASE", "P2023") and field in reply.error["message"], reply
        assert reply.error["meta"]["committed"] is True and "has taken effect" in reply.error["message"], reply
        assert database.sql.execute('SELECT n FROM "Probe"') == expected


@pytest.mark.parametrize("field", STORED)
@pytest.mark.parametrize("request_", TAKEN_BACK)
def test_everything_else_changes_nothing(client, database, request_, field):
    for _ in range(2):
        store(database, field)
        reply = client.query(TAKEN_BACK[request_])
        assert reply.code == "P2023" and "committed" not in reply.error["meta"], reply
        assert database.sql.execute('SELECT n, (SELECT count(*) FROM "Part") FROM "Probe"') == [["1", "0"]]


@pytest.mark.parametrize("field", STORED)
def test_what_is_not_given_back_does_no_harm(client, database, field):
    store(database, field)
    assert client.data(ask("update", where={"id": 1}, data=CHANGE, select={"n": True})) == {"n": 2}
    assert client.data(ask("updateMany", data=CHANGE)) == {"count": 1}
    assert client.data(ask("update", where={"id": 1}, data={field: None})) == {"id": 1, "n": 3, "float": None, "at": None, "mood": None}
