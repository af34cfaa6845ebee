"""Writes that `Tests/fuzz/writes.py` found wrong, one test for each fault."""
import pytest
from capi import Client


@pytest.fixture
def open_client(database):
    """A client on tables of the test's own; gives its call, and the database's session."""
    made = []

    def open(tables, models):
        database.sql.execute(tables)
        client = Client({"schema": 'datasource db {\n  provider = "postgresql"\n}\n' + models, "datasourceUrl": database.url()})
        made.append(client)

        def call(model, operation, **args):
            reply = client.query({"model": model, "operation": operation, "args": args})
            assert reply.number == 0, reply
            return reply.data
        return call, database.sql

    yield open
    for client in made:
        client.close()


SHELF = """
model Shelf {
  id    Int    @id
  place String @unique
  books Book[]
  boxes Box[]
}
model Book {
  id    Int    @id
  place String
  shelf Shelf  @relation(fields: [place], references: [place])
}
model Box {
  id      Int    @id
  shelfId Int?
  shelf   Shelf? @relation(fields: [shelfId], references: [id])
}
"""
SHELF_TABLES = """
CREATE TABLE "Shelf" (id int PRIMARY KEY, place text NOT NULL UNIQUE);
CREATE TABLE "Book" (id int PRIMARY KEY, place text NOT NULL REFERENCES "Shelf" (place));
CREATE TABLE "Box" (id int PRIMARY KEY, "shelfId" int REFERENCES "Shelf");
"""


def test_what_hangs_on_a_new_parent_is_tied_to_it_by_its_own_key(open_client):
    # The book refers to the shelf's place, the box to its id.
    call, sql = open_client(SHELF_TABLES, SHELF)
    shelf = {"id": 7, "place": "hall", "boxes": {"create": [{"id": 1}, {"id": 2}]}}
    call("Book", "create", data={"id": 1, "shelf": {"create": shelf}})
    call("Book", "update", where={"id": 1}, data={"shelf": {"create": {"id": 8, "place": "attic", "boxes": {"connect": {"id": 2}}}}})
    assert sql.execute('SELECT id, "shelfId" FROM "Box" ORDER BY 1') == [["1", "7"], ["2", "8"]]


NODE = """
model Node {
  id       Int    @id
  n        Int    @default(0)
  parentId Int?
  parent   Node?  @relation("Tree", fields: [parentId], references: [id], onUpdate: Cascade)
  children Node[] @relation("Tree")
}
"""
NODE_TABLES = """
CREATE TABLE "Node" (id int PRIMARY KEY, n int NOT NULL DEFAULT 0, "parentId" int REFERENCES "Node" ON UPDATE CASCADE);
INSERT INTO "Node" VALUES (1, 0, 1), (2, 0, 1);
"""


def test_answers_show_records_as_they_are_after_the_actions_of_their_relations(open_client):
    call, sql = open_client(NODE_TABLES, NODE)
    changed = call("Node", "updateManyAndReturn", where={}, data={"id": {"increment": 10}})
    assert {(one["id"], one["parentId"]) for one in changed} == {(11, 11), (12, 11)}
    assert call("Node", "update", where={"id": 11}, data={"id": 1}) == {"id": 1, "n": 0, "parentId": 1}
    assert call("Node", "upsert", where={"id": 1}, create={"id": 1}, update={"id": 3}) == {"id": 3, "n": 0, "parentId": 3}


def test_a_limited_update_takes_values(open_client):
    call, sql = open_client(NODE_TABLES, NODE)
    assert call("Node", "updateMany", where={"id": 2}, data={"n": 5}, limit=1) == {"count": 1}
    assert call("Node", "updateManyAndReturn", where={"n": 5}, data={"n": 6}, limit=1, select={"id": True}) == [{"id": 2}]
    assert call("Node", "deleteMany", where={"n": 6}, limit=1) == {"count": 1}


DOOR = """
model Order {
  id    Int    @id
  door  Door?
  books Book[]
}
model Book {
  id      Int    @id
  code    Int    @unique
  orderId Int?
  order   Order? @relation(fields: [orderId], references: [id])
}
model Lock {
  id   Int   @id
  door Door?
}
model Door {
  id      Int   @id
  orderId Int   @unique
  order   Order @relation(fields: [orderId], references: [id])
  lockId  Int?  @unique
  lock    Lock? @relation(fields: [lockId], references: [id])
}
"""
DOOR_TABLES = """
CREATE TABLE "Order" (id int PRIMARY KEY); CREATE TABLE "Lock" (id int PRIMARY KEY);
CREATE TABLE "Book" (id int PRIMARY KEY, code int NOT NULL UNIQUE, "orderId" int REFERENCES "Order");
CREATE TABLE "Door" (id int PRIMARY KEY, "orderId" int NOT NULL UNIQUE REFERENCES "Order", "lockId" int UNIQUE REFERENCES "Lock");
INSERT INTO "Order" VALUES (1); INSERT INTO "Book" VALUES (1, 7, NULL); INSERT INTO "Door" VALUES (1, 1, NULL)
"""


@pytest.mark.parametrize("code, told", [(7, "P2002"), (8, "P2025")])
def test_of_two_steps_that_fail_the_first_is_told(database, code, told):
    # The book's code is taken, and there is no lock to delete.
    database.sql.execute(DOOR_TABLES)
    book = {"order": {"update": {"books": {"create": {"id": 2, "code": code}}}}}
    with Client({"schema": 'datasource db {\n  provider = "postgresql"\n}\n' + DOOR, "datasourceUrl": database.url()}) as client:
        args = {"where": {"id": 1}, "data": {**book, "lock": {"delete": True}}}
        for _ in range(2):
            assert client.query({"model": "Door", "operation": "update", "args": args}).code == told
        listed = {"operation": "$transaction", "args": {"requests": [{"model": "Door", "operation": "update", "args": args}]}}
        assert client.query(listed).code == told
    assert database.sql.value('SELECT count(*) FROM "Book"') == "1"
