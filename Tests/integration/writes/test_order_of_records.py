"""Writes of many that give related records as well: the records come in the order in which they were written, whatever their keys."""
import uuid

import pytest
from capi import Client

SCHEMA = """
datasource db {
  provider = "postgresql"
}
enum Size {
  small
  large
  other
}
model Shelf {
  id    Int    @id
  books Book[]
}
model Book {
  id      %s
  title   String
  shelfId Int?
  shelf   Shelf? @relation(fields: [shelfId], references: [id])
}
"""
TABLES = """
CREATE TYPE "Size" AS ENUM ('small', 'large', 'other');
CREATE TABLE "Shelf" (id integer PRIMARY KEY);
CREATE TABLE "Book" (id %s PRIMARY KEY, title text NOT NULL, "shelfId" integer REFERENCES "Shelf");
INSERT INTO "Shelf" VALUES (1), (2);
"""
#: The field's type, the column's, and keys in an order that is not theirs.
KEYS = {
    "text": ("String @id", "text", ["b", "ä,{\"", "a", "NULL", "", "c d"]),
    "varchar": ("String @id @db.VarChar(20)", "varchar(20)", ["b", "a", "c"]),
    "uuid": ("String @id @db.Uuid", "uuid", [str(uuid.UUID(int=n)).upper() for n in (9 << 100, 3, 7 << 60, 1)]),
    "bigint": ("BigInt @id", "bigint", ["9007199254740993", "-1", "5"]),
    "numeric": ("Decimal @id", "numeric", ["2.50", "1", "1.25", "-3"]),
    "timestamp": ("DateTime @id", "timestamp(3)", ["2024-01-02T00:00:00Z", "2023-01-01T00:00:00.5Z", "2025-01-01T00:00:00Z"]),
    "enum": ("Size @id", '"Size"', ["other", "small", "large"]),
    "default": ("String @id @default(uuid())", "text", [None] * 20),
}


@pytest.fixture(params=KEYS)
def kind(request):
    return request.param


@pytest.fixture
def call(kind, database):
    field, column, _ = KEYS[kind]
    database.sql.execute(TABLES % column)
    with Client({"schema": SCHEMA % field, "datasourceUrl": database.url()}) as client:
        yield lambda operation, **args: client.data({"model": "Book", "operation": operation, "args": args})


def test_they_come_as_they_were_written(kind, call):
    keys = KEYS[kind][2]
    data = [{**({} if key is None else {"id": key}), "title": str(number), "shelfId": number % 3 or None} for number, key in enumerate(keys)]
    expected = [{"title": str(number), "shelf": {"id": number % 3} if number % 3 else None} for number in range(len(keys))]
    select = {"title": True, "shelf": True}
    assert call("createManyAndReturn", data=data, select=select) == expected
    # The table is read from its beginning.
    assert call("updateManyAndReturn", data={"shelfId": 1}, select=select) == [{**one, "shelf": {"id": 1}} for one in expected]


def test_more_than_a_thousand_are_all_there(database):
    database.sql.execute(TABLES % "text")
    with Client({"schema": SCHEMA % "String @id @default(uuid())", "datasourceUrl": database.url()}) as client:
        for count in (1000, 1001):
            data = [{"title": str(number), "shelfId": 1} for number in range(count)]
            made = client.data({"model": "Book", "operation": "createManyAndReturn", "args": {"data": data, "select": {"title": True, "shelf": True}}})
            titles = [one["title"] for one in made]
            assert sorted(titles) == sorted(one["title"] for one in data)
            assert count > 1000 or titles == [one["title"] for one in data]
