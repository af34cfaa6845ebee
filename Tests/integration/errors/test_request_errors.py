"""What is told of a request that does not fit: the kind of the fault, the place, and what was expected there."""
import re
import time
import os

import pytest
from capi import ROOT, Client

ERRORS = os.path.join(ROOT, "docs", "reference", "errors.md")

SCHEMA = """datasource db {
  provider = "postgresql"
}
generator client {
  provider        = "prisma-client-js"
  previewFeatures = ["views"]
}
enum Mood {
  HAPPY
  SAD
}
model Author {
  id    Int     @id
  email String  @unique
  name  String?
  mood  Mood    @default(HAPPY)
  born  DateTime?
  about Json?
  books Book[]
  shelf Shelf?
}
model Book {
  id       Int    @id @default(autoincrement())
  title    String
  pages    Int?
  authorId Int
  author   Author @relation(fields: [authorId], references: [id])
}
model Shelf {
  id       Int    @id
  authorId Int    @unique
  author   Author @relation(fields: [authorId], references: [id])
}
view Line {
  id   Int
  text String
}
view Keyed {
  id   Int    @unique
  text String
}
"""

TABLES = """
CREATE TYPE "Mood" AS ENUM ('HAPPY', 'SAD');
CREATE TABLE "Author" (id int PRIMARY KEY, email text UNIQUE NOT NULL, name text, mood "Mood" NOT NULL DEFAULT 'HAPPY', born timestamp, about jsonb);
CREATE TABLE "Book" (id serial PRIMARY KEY, title text NOT NULL, pages int, "authorId" int NOT NULL REFERENCES "Author" (id));
CREATE TABLE "Shelf" (id int PRIMARY KEY, "authorId" int UNIQUE NOT NULL REFERENCES "Author" (id));
CREATE VIEW "Line" AS SELECT n AS id, 'text ' || n AS text FROM generate_series(1, 3) AS n;
CREATE VIEW "Keyed" AS SELECT n AS id, 'text ' || n AS text FROM generate_series(1, 3) AS n;
INSERT INTO "Author" VALUES (1, 'a@x', 'Ann'), (2, 'b@x', NULL);
"""


@pytest.fixture(scope="module")
def client(shared_database):
    shared_database.sql.execute(TABLES)
    client = Client({"schema": SCHEMA, "datasourceUrl": shared_database.url()})
    yield client
    client.close()


def ask(client, model, operation, args, **more):
    return client.query({"model": model, "operation": operation, "args": args, **more})


AUTHOR = {"id": 9, "email": "z@x"}

FAULTS = [
    # model, operation, args, code, kind, path, expected
    ("Author", "findMany", {"whree": {}}, "P2009", "unknownArgument", "args.whree", "where"),
    ("Author", "findMany", {"where": {"nme": 1}}, "P2009", "unknownField", "args.where.nme", "name"),
    ("Author", "findMany", {"where": {"name": {"has": "a"}}}, "P2009", "unknownArgument", "args.where.name.has", "contains"),
    ("Author", "findMany", {"where": {"books": {"any": {}}}}, "P2009", "unknownArgument", "args.where.books.any", "some"),
    ("Author", "findMany", {"select": {"nme": True}}, "P2009", "unknownField", "args.select.nme", "name"),
    ("Author", "findMany", {"include": {"book": True}}, "P2009", "unknownField", "args.include.book", "books"),
    ("Author", "findMany", {"orderBy": {"nme": "asc"}}, "P2009", "unknownField", "args.orderBy.nme", "name"),
    ("Author", "findMany", {"orderBy": {"name": "up"}}, "P2009", "unknownValue", "args.orderBy.name", "asc"),
    ("Author", "findMany", {"orderBy": {"name": "asc", "id": "asc"}}, "P2009", "notAllowed", "args.orderBy", None),
    ("Author", "findMany", {"orderBy": 1}, "P2009", "wrongType", "args.orderBy", None),
    ("Author", "findMany", {"distinct": ["nme"]}, "P2009", "unknownField", "args.distinct[0]", "name"),
    ("Author", "findMany", {"where": {"id": "1"}}, "P2009", "wrongType", "args.where.id", "Int"),
    ("Author", "findMany", {"where": {"id": 1.5}}, "P2009", "invalidValue", "args.where.id", "Int"),
    ("Author", "findMany", {"where": {"id": 2**31}}, "P2020", "outOfRange", "args.where.id", "Int"),
    ("Author", "findMany", {"where": {"id": None}}, "P2009", "missing", "args.where.id", "Int"),
    ("Author", "findMany", {"where": {"born": "yesterday"}}, "P2009", "invalidValue", "args.where.born", "DateTime"),
    ("Author", "findMany", {"where": {"mood": "ANGRY"}}, "P2009", "unknownValue", "args.where.mood", "SAD"),
    ("Author", "findMany", {"where": {"about": {}}}, "P2019", "empty", "args.where.about", None),
    ("Author", "findMany", {"where": {"about": {"mode": "insensitive"}}}, "P2019", "empty", "args.where.about", None),
    ("Author", "findMany", {"where": {"about": {"path": ["a"]}}}, "P2019", "empty", "args.where.about", None),
    ("Author", "findMany", {"take": "1"}, "P2009", "wrongType", "args.take", "Int"),
    ("Author", "findMany", {"skip": -1}, "P2019", "outOfRange", "args.skip", None),
    ("Author", "findMany", {"select": {}}, "P2009", "empty", "args.select", "name"),
    ("Author", "findMany", {"select": {"id": True}, "include": {"books": True}}, "P2009", "notAllowed", "args.include", None),
    ("Author", "findUnique", {"where": {"name": "Ann"}}, "P2009", "needsUnique", "args.where", "email"),
    ("Author", "findUnique", {}, "P2012", "missing", "args.where", "id"),
    ("Author", "findMany", {"cursor": {"name": "Ann"}}, "P2009", "needsUnique", "args.cursor", "id"),
    ("Author", "aggregate", {}, "P2009", "empty", "args", "_count"),
    ("Author", "groupBy", {}, "P2012", "missing", "args.by", "name"),
    ("Author", "groupBy", {"by": [], "_count": True}, "P2019", "empty", "args.by", None),
    ("Author", "groupBy", {"by": ["name"], "take": 1}, "P2012", "missing", "args.orderBy", None),
    ("Author", "groupBy", {"by": ["name"], "skip": 1}, "P2012", "missing", "args.orderBy", None),
    ("Author", "groupBy", {"by": ["name"], "orderBy": {"id": "asc"}}, "P2019", "notAllowed", "args.orderBy.id", None),
    ("Line", "findMany", {"take": 1}, "P2012", "missing", "args.orderBy", None),
    ("Line", "findMany", {"skip": 2}, "P2012", "missing", "args.orderBy", None),
    ("Line", "count", {"take": 1}, "P2012", "missing", "args.orderBy", None),
    ("Author", "create", {"data": {"id": 9}}, "P2012", "missing", "args.data.email", "String"),
    ("Author", "create", {"data": {"id": 9, "email": None}}, "P2012", "missing", "args.data.email", "String"),
    ("Author", "create", {}, "P2012", "missing", "args.data.id", "Int"),
    ("Author", "createMany", {"data": [AUTHOR, {"id": None, "email": "y@x"}]}, "P2012", "missing", "args.data[1].id", "Int"),
    ("Author", "upsert", {"where": {"id": 9}, "create": {"id": 9, "email": None}, "update": {}}, "P2012", "missing", "args.create.email", "String"),
    ("Book", "create", {"data": {"title": "t"}}, "P2012", "missing", "args.data.author", "Author"),
    ("Book", "create", {"data": {"id": 5, "title": "t"}}, "P2012", "missing", "args.data.authorId", "Int"),
    ("Book", "createMany", {"data": [{"title": "t"}]}, "P2012", "missing", "args.data[0].authorId", "Int"),
    ("Author", "update", {"where": {"id": 1}, "data": {"books": {"create": {}}}}, "P2012", "missing", "args.data.books.create.title", "String"),
    ("Author", "create", {"data": {**AUTHOR, "nme": "x"}}, "P2009", "unknownField", "args.data.nme", "name"),
    ("Author", "create", {"data": {**AUTHOR, "name": 1}}, "P2009", "wrongType", "args.data.name", "String"),
    ("Author", "create", {"data": {**AUTHOR, "name": {"$type": "DateTime", "value": "2026-01-02T00:00:00Z"}}}, "P2009", "wrongType", "args.data.name", "String"),
    ("Author", "create", {"data": {**AUTHOR, "name": {"$type": "Decimal", "value": "NaN"}}}, "P2009", "wrongType", "args.data.name", "String"),
    ("Author", "findMany", {"where": {"name": {"contains": {"$type": "BigInt", "value": "1"}}}}, "P2009", "wrongType", "args.where.name.contains", "String"),
    ("Author", "create", {"data": {**AUTHOR, "about": None}}, "P2009", "missing", "args.data.about", "JsonNull"),
    ("Author", "update", {"where": {"id": 1}, "data": {"email": None}}, "P2009", "missing", "args.data.email", "String"),
    ("Author", "update", {"where": {"id": 1}, "data": {"books": {"add": {}}}}, "P2009", "unknownArgument", "args.data.books.add", "create"),
    ("Book", "create", {"data": {"title": "t", "authorId": 1, "author": {"connect": {"id": 1}}}}, "P2009", "notAllowed", "args.data.authorId", None),
    ("Author", "deleteMany", {"limit": -1}, "P2019", "outOfRange", "args.limit", None),
    ("Author", "createManyAndReturn", {"data": [AUTHOR], "include": {"books": True}}, "P2009", "notAllowed", "args.include.books", None),
    ("Author", "createManyAndReturn", {"data": [AUTHOR], "select": {"id": True, "_count": True}}, "P2009", "notAllowed", "args.select._count", None),
    ("Author", "updateManyAndReturn", {"data": {"name": "x"}, "include": {"_count": True}}, "P2009", "notAllowed", "args.include._count", None),
    ("Author", "update", {"where": {"id": 1}, "data": {}, "relationLoadStrategy": "both"}, "P2009", "unknownValue", "args.relationLoadStrategy", "join"),
    ("Author", "findMany", {"cacheStrategy": {"ttl": -1}}, "P6005", "invalidValue", "args.cacheStrategy.ttl", None),
    ("Author", "findMany", {"cacheStrategy": {"tll": 1}}, "P6005", "unknownArgument", "args.cacheStrategy.tll", "ttl"),
    ("Author", "create", {"data": AUTHOR, "cacheStrategy": {"ttl": 1}}, "P6005", "notAllowed", "args.cacheStrategy", None),
    ("Nobody", "findMany", {}, "P2009", "unknownValue", "model", "Author"),
    ("Author", "findAll", {}, "P2009", "unknownValue", "operation", "findMany"),
    (None, "findMany", {}, "P2012", "missing", "model", "String"),
    (None, "$queryRaw", {}, "P2012", "missing", "args.query", "String"),
    (None, "$queryRaw", {"query": 1}, "P2009", "wrongType", "args.query", "String"),
    (None, "$queryRaw", {"query": "SELECT 1", "params": []}, "P2009", "unknownArgument", "args.params", "parameters"),
    (None, "$accelerate.invalidate", {}, "P6005", "missing", "args.tags", None),
    (None, "$metrics", {"format": "xml"}, "P6005", "unknownValue", "args.format", None),
    (None, "$transaction", {}, "P6005", "missing", "args.requests", None),
    (None, "$transaction.begin", {"isolationLevel": "Loose"}, "P2023", "unknownValue", "args.isolationLevel", "Serializable"),
    (None, "$transaction.commit", {}, "P2012", "missing", "transaction", None),
]


@pytest.mark.parametrize("model, operation, args, code, kind, path, expected", FAULTS, ids=lambda value: None if isinstance(value, dict) else str(value))
def test_a_fault_has_a_kind_and_a_place(client, model, operation, args, code, kind, path, expected):
    reply = client.query({**({"model": model} if model else {}), "operation": operation, "args": args})
    assert reply.number < 0 and reply.status == "INVALID_REQUEST", reply
    meta = reply.error["meta"]
    assert (reply.code, meta["kind"], meta["path"]) == (code, kind, path), reply
    assert expected is None or expected in meta["expected"], meta


def test_the_table_of_kinds_is_complete(client):
    with open(ERRORS) as file:
        documented = set(re.findall(r"^\| `([a-zA-Z]+)` \| .+ \|$", file.read().split("## A request that does not fit", 1)[1].split("\n## ")[0], re.M))
    assert {fault[4] for fault in FAULTS} | {"syntax", "overLimit"} == documented


def test_other_faults_have_kinds_too(client):
    assert client.query(b"{").error["meta"]["kind"] == "syntax"
    assert client.query(b"[]").error["meta"]["kind"] == "wrongType"
    assert client.query({"operation": "$connect", "modle": 1}).error["meta"]["kind"] == "unknownArgument"
    deep = {"id": 1}
    for _ in range(70):
        deep = {"NOT": deep}
    assert ask(client, "Author", "findMany", {"where": deep}).error["meta"]["kind"] == "overLimit"
    assert ask(client, "Author", "findMany", {"where": {"id": {"in": [1] * 70_000}}}).number == 0
    page = {"cursor": {"id": 1}, "distinct": ["name"], "orderBy": [{"id": "asc"}, {"name": "desc"}] * 8}
    assert ask(client, "Author", "findMany", page).number == 0
    page["orderBy"] *= 100
    assert ask(client, "Author", "findMany", page).error["meta"] == {"path": "args.distinct", "kind": "overLimit"}


def test_many_searches_are_decoded_in_no_time(client):
    where = {"OR": [{"name": {"search": f"word{n}"}} for n in range(40_000)]}
    start = time.monotonic()
    assert ask(client, "Author", "findMany", {"where": where, "orderBy": {"nothing": "asc"}}).error["meta"]["path"] == "args.orderBy.nothing"
    assert time.monotonic() - start < 60, "each was compared with each"


# What Prisma takes.

def test_a_page_of_a_view_needs_an_order_unless_it_has_a_key(client):
    assert ask(client, "Line", "findMany", {"orderBy": {"id": "desc"}, "take": 1}).data == [{"id": 3, "text": "text 3"}]
    assert ask(client, "Line", "findFirst", {"where": {"id": 2}}).data == {"id": 2, "text": "text 2"}
    assert [row["id"] for row in ask(client, "Keyed", "findMany", {"take": 2, "skip": 1}).data] == [2, 3]
    assert ask(client, "Author", "groupBy", {"by": ["name"], "orderBy": {"name": "asc"}, "take": 1}).data == [{"name": "Ann"}]


def test_writes_take_a_load_strategy(client):
    for strategy in ("join", "query"):
        args = {"where": {"id": 2}, "data": {"name": "B"}, "select": {"name": True, "books": True}, "relationLoadStrategy": strategy}
        assert ask(client, "Author", "update", args).data == {"name": "B", "books": []}
        args = {"where": {"id": 2}, "create": {"id": 2, "email": "b@x"}, "update": {"name": "C"}, "select": {"name": True}, "relationLoadStrategy": strategy}
        assert ask(client, "Author", "upsert", args).data == {"name": "C"}


def test_writes_of_many_give_to_one_relations(client):
    reply = ask(client, "Book", "createManyAndReturn", {"data": [{"title": "t", "authorId": 1}], "select": {"title": True, "author": {"select": {"id": True}}}})
    assert reply.data == [{"title": "t", "author": {"id": 1}}]


# Lists of requests.

def lists(client, *requests, **args):
    return client.query({"operation": "$transaction", "args": {"requests": list(requests), **args}})


COUNT = {"model": "Author", "operation": "count"}


@pytest.mark.parametrize("failing, code, path", [
    ({"model": "Author", "operation": "findMany", "args": {"where": {"nme": 1}}}, "P2009", "args.where.nme"),
    ({"model": "Author", "operation": "create", "args": {"data": {"id": 9}}}, "P2012", "args.data.email"),
    ({"model": "Author", "operation": "create", "args": {"data": {"id": 9, "email": "a@x"}}}, "P2002", None),
    ({"model": "Author", "operation": "update", "args": {"where": {"id": 99}, "data": {"name": "x"}}}, "P2025", None),
    ({"operation": "$queryRaw", "args": {"query": "SELECT 1/0"}}, "P2010", None),
    ({"operation": "$connect"}, "P2009", "operation"),
    ({**COUNT, "transaction": "x"}, "P2009", "transaction"),
    ({"operation": 1}, "P2009", "operation"),
    (7, "P2009", "request"),
], ids=str)
@pytest.mark.parametrize("position", [0, 2])
def test_an_error_of_a_list_says_which_request_it_is_of(client, failing, code, path, position):
    requests = [COUNT, COUNT]
    requests.insert(position, failing)
    reply = lists(client, *requests)
    assert (reply.code, reply.error["meta"]["requestIndex"]) == (code, position)
    if path:
        assert reply.error["meta"]["path"] == f"args.requests[{position}].{path}"
        assert f"`args.requests[{position}].{path}`" in reply.error["message"]
    assert lists(client, COUNT, COUNT).data == [2, 2]


def test_a_list_has_a_time_of_its_own(client, shared_database):
    sleep = {"operation": "$queryRaw", "args": {"query": "SELECT pg_sleep(5)"}}
    reply = lists(client, COUNT, sleep, timeout=150)
    assert (reply.status, reply.code) == ("TIMEOUT", "P2028")
    assert "expired transaction" in reply.error["message"] and "150 ms" in reply.error["message"]
    assert reply.error["meta"]["requestIndex"] == 1
    assert lists(client, COUNT, timeout=5000, maxWait=1000).data == [2]


def test_a_list_waits_for_a_connection_as_long_as_it_says(shared_database):
    client = Client({"schema": SCHEMA, "datasourceUrl": shared_database.url(connection_limit=1)})
    try:
        id = client.data({"operation": "$transaction.begin"})["id"]
        client.data({**COUNT, "transaction": id})
        reply = lists(client, COUNT, maxWait=100)
        assert (reply.status, reply.code) == ("UNAVAILABLE", "P2028")
        client.data({"operation": "$transaction.rollback", "transaction": id})
        assert lists(client, COUNT, maxWait=100).data == [2]
    finally:
        client.close()


@pytest.mark.parametrize("args", [{"timeout": 0}, {"timeout": "1"}, {"maxWait": -1}, {"maxWait": 1.5}, {"timeout": 10**12}], ids=str)
def test_the_times_of_a_list_are_whole_milliseconds(client, args):
    assert lists(client, COUNT, **args).code == "P6005"


def test_an_unknown_isolation_level_is_told_as_prisma_does(client):
    reply = lists(client, COUNT, isolationLevel="Loose")
    assert (reply.code, reply.status) == ("P2023", "INVALID_REQUEST")
    assert lists(client, COUNT, isolationLevel="Serializable").data == [2]
