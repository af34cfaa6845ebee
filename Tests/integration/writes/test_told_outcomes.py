"""A write that times out or is cancelled says whether something was written, whatever kind of request it is."""
import pytest
from asking import Asking
from capi import Client
from transacting import Transaction
from waiting import Call, eventually

MODELS = """
datasource db {
  provider = "postgresql"
}
model Box {
  id    Int    @id
  name  String @default("")
  cards Card[]
}
model Card {
  id    Int  @id
  boxId Int?
  box   Box? @relation(fields: [boxId], references: [id])
}
"""
TABLES = """
CREATE TABLE "Box" (id int PRIMARY KEY, name text NOT NULL DEFAULT '');
CREATE TABLE "Card" (id int PRIMARY KEY, "boxId" int);
INSERT INTO "Box" VALUES (1, 'old');
GRANT ALL ON "Box", "Card" TO PUBLIC
"""
UNDONE = " Nothing was written."
CARD = {"cards": {"create": {"id": 1}}}
BOX = {"model": "Box", "operation": "create", "args": {"data": {"id": 2, **CARD}}}
# Each writes to "Box" at once, and waits for "Card".
WAITING = {
    "a nested create": BOX,
    "a nested create that is read back": {"model": "Box", "operation": "create", "args": {"data": {"id": 2, **CARD}, "include": {"cards": True}}},
    "a nested update": {"model": "Box", "operation": "update", "args": {"where": {"id": 1}, "data": {"name": "new", **CARD}}},
    "an upsert": {"model": "Box", "operation": "upsert", "args": {"where": {"id": 2}, "create": {"id": 2, **CARD}, "update": {}}},
    "a write of many": {"model": "Card", "operation": "updateManyAndReturn", "args": {"data": {"boxId": 1}}},
    "a list": {"operation": "$transaction", "args": {"requests": [
        {"model": "Box", "operation": "update", "args": {"where": {"id": 1}, "data": {"name": "new"}}}, {"model": "Card", "operation": "findMany"}]}},
    "a list with a limit of its own": {"operation": "$transaction", "args": {"timeout": 300, "requests": [
        {"model": "Box", "operation": "update", "args": {"where": {"id": 1}, "data": {"name": "new"}}}, BOX]}},
    "a list with raw SQL": {"operation": "$transaction", "args": {"requests": [
        {"model": "Box", "operation": "update", "args": {"where": {"id": 1}, "data": {"name": "new"}}},
        {"operation": "$executeRaw", "args": {"query": 'DELETE FROM "Card"'}}]}},
    "raw SQL": {"operation": "$executeRaw", "args": {"query": 'DELETE FROM "Card"'}},
}


@pytest.fixture
def client(database):
    database.sql.execute(TABLES)
    with Client({"schema": MODELS, "datasourceUrl": database.url(connection_limit=1)}) as client:
        yield client


def state(database):
    return database.sql.execute('SELECT id, name FROM "Box"'), database.sql.value('SELECT count(*) FROM "Card"')


def test_a_write_whose_time_is_up_says_that_nothing_was_written(client, database):
    before = state(database)
    for kind, request in WAITING.items():
        with database.locked("Card"):
            reply = client.query(request if "own" in kind else {"timeoutMs": 300, **request})
        assert reply.status == "TIMEOUT" and reply.error["message"].endswith(UNDONE), (kind, reply)
        assert reply.error["message"].count("Nothing was") == 1, (kind, reply)
        assert state(database) == before, kind


def test_a_write_that_is_cancelled_says_that_nothing_was_written(client, database):
    before = state(database)
    asking = Asking(client)
    for kind, request in WAITING.items():
        if "own" in kind:
            continue
        with database.locked("Card"):
            asking.submit(request, 1)
            eventually(lambda: database.waiting() == 1, "the write to wait")
            asking.cancel(1)
            reply = asking.take_all(1)[1]
        assert reply.status == "CANCELLED" and reply.error["message"].endswith(UNDONE), (kind, reply)
        assert state(database) == before, kind


def test_a_write_that_gets_no_connection_says_that_nothing_was_written(client, database):
    with database.locked("Card"):
        holder = Call(client.query, {"model": "Card", "operation": "findMany", "timeoutMs": 60_000})
        eventually(lambda: database.waiting() == 1, "the connection to be taken")
        asking = Asking(client)
        for kind, request in WAITING.items():
            reply = client.query({**request, "timeoutMs": 100})
            assert reply.status == "TIMEOUT" and reply.error["message"].endswith(UNDONE), (kind, reply)
            asking.submit(request, 1)
            asking.cancel(1)
            reply = asking.take_all(1)[1]
            assert reply.status == "CANCELLED" and reply.error["message"].endswith(UNDONE), (kind, reply)
    assert holder.result().number == 0


def test_a_limit_of_the_server_says_it_too(database):
    database.sql.execute(TABLES)
    with Client({"schema": MODELS, "datasourceUrl": database.url(options="-c statement_timeout=200")}) as client, database.locked("Card"):
        reply = client.query(BOX)
    assert reply.status == "TIMEOUT" and "server cancelled" in reply.error["message"] and reply.error["message"].endswith(UNDONE), reply
    assert database.sql.value('SELECT count(*) FROM "Box"') == "1"


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_a_request_that_takes_its_transaction_with_it_says_so(client, database, is_cancelled):
    transaction = Transaction(client)
    assert transaction.query("update", "Box", where={"id": 1}, data={"name": "new"}).number == 0
    asking = Asking(client)
    with database.locked("Card"):
        request = {"model": "Card", "operation": "findMany", "transaction": transaction.id}
        if is_cancelled:
            asking.submit(request, 1)
            eventually(lambda: database.waiting() == 1, "the read to wait")
            asking.cancel(1)
            reply = asking.take_all(1)[1]
        else:
            reply = client.query({**request, "timeoutMs": 300})
    assert reply.error["message"].endswith(" Its transaction was rolled back." + UNDONE), reply
    assert transaction.commit().code == "P2028"
    assert database.sql.value('SELECT name FROM "Box" WHERE id = 1') == "old"


def test_a_read_says_nothing_of_writing(client, database):
    with database.locked("Card"):
        reply = client.query({"model": "Card", "operation": "findMany", "timeoutMs": 300})
    assert reply.status == "TIMEOUT" and "written" not in reply.error["message"], reply
