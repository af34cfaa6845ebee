"""Writes seen from outside: what is answered, what stands in the tables afterwards, and what is refused."""
import threading

import pytest
from capi import Client

SCHEMA = """
datasource db {
  provider = "postgresql"
}
model Author {
  id      Int      @id @default(autoincrement())
  email   String   @unique
  name    String?
  views   Int      @default(0)
  token   String   @default(cuid())
  tags    String[]
  joined  DateTime @default(now())
  changed DateTime @updatedAt
  books   Book[]
  card    Card?
}
model Card {
  id      Int    @id
  ownerId Int    @unique
  owner   Author @relation(fields: [ownerId], references: [id])
}
model Book {
  id       Int     @id
  title    String
  authorId Int?
  author   Author? @relation(fields: [authorId], references: [id])
  genres   Genre[]
}
model Node {
  id       Int    @id
  parentId Int?
  parent   Node?  @relation("Tree", fields: [parentId], references: [id])
  children Node[] @relation("Tree")
}
model Genre {
  id    Int    @id
  name  String @unique
  books Book[]
}
"""

TABLES = """
CREATE TABLE "Author" (id serial PRIMARY KEY, email text NOT NULL UNIQUE, name text, views integer NOT NULL DEFAULT 0, token text NOT NULL,
    tags text[], joined timestamp(3) NOT NULL DEFAULT now(), changed timestamp(3) NOT NULL);
CREATE TABLE "Card" (id integer PRIMARY KEY, "ownerId" integer NOT NULL UNIQUE REFERENCES "Author" (id));
CREATE TABLE "Book" (id integer PRIMARY KEY, title text NOT NULL, "authorId" integer REFERENCES "Author" (id));
CREATE TABLE "Node" (id integer PRIMARY KEY, "parentId" integer REFERENCES "Node" (id));
CREATE TABLE "Genre" (id integer PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE "_BookToGenre" ("A" integer NOT NULL REFERENCES "Book" (id) ON DELETE CASCADE,
    "B" integer NOT NULL REFERENCES "Genre" (id) ON DELETE CASCADE, PRIMARY KEY ("A", "B"));
"""


class Library:
    """A client on empty tables."""

    def __init__(self, database, **parameters):
        self.sql = database.sql
        self.sql.execute(TABLES)
        self.client = Client({"schema": SCHEMA, "datasourceUrl": database.url(**parameters), "clock": "manual"})

    def call(self, model, operation, **args):
        return self.client.query({"model": model, "operation": operation, "args": args})

    def data(self, model, operation, **args):
        reply = self.call(model, operation, **args)
        assert reply.number == 0, reply
        return reply.data

    def error(self, model, operation, **args):
        reply = self.call(model, operation, **args)
        assert reply.number != 0, reply
        return reply.error

    def count(self, model):
        return self.data(model, "count")


@pytest.fixture
def library(database):
    library = Library(database)
    yield library
    library.client.close()


def test_a_new_record_comes_back_with_its_defaults(library):
    author = library.data("Author", "create", data={"email": "a@x"})
    assert {k: author[k] for k in ("id", "email", "name", "views", "tags")} == {"id": 1, "email": "a@x", "name": None, "views": 0, "tags": []}
    assert author["token"].startswith("c") and len(author["token"]) == 25
    assert author["joined"] == author["changed"] == "2000-01-01T00:00:00.000Z"
    again = library.data("Author", "create", data={"email": "b@x"}, select={"id": True, "token": True})
    assert again["id"] == 2 and again["token"] > author["token"]


def test_one_moment_for_a_whole_request_and_a_new_one_for_an_update(library):
    nested = library.data("Book", "create", data={"id": 1, "title": "t", "author": {"create": {"email": "a@x"}}}, include={"author": True})
    assert nested["author"]["joined"] == nested["author"]["changed"] == "2000-01-01T00:00:00.000Z"
    library.client.query({"operation": "$clock.advance", "args": {"milliseconds": 1500}})
    changed = library.data("Author", "update", where={"email": "a@x"}, data={"views": {"increment": 2}})
    assert (changed["views"], changed["joined"], changed["changed"]) == (2, "2000-01-01T00:00:00.000Z", "2000-01-01T00:00:01.500Z")


def test_many_at_once(library):
    rows = [{"id": n, "name": "g%d" % n} for n in range(40_000)]
    assert library.data("Genre", "createMany", data=rows) == {"count": 40_000}
    assert library.data("Genre", "createMany", data=[{"id": 0, "name": "x"}, {"id": -1, "name": "y"}], skipDuplicates=True) == {"count": 1}
    assert library.data("Genre", "updateMany", where={"id": {"lt": 10}}, data={"id": {"multiply": -100}}, limit=0) == {"count": 0}
    assert library.data("Genre", "deleteMany", where={"id": {"gte": 5}}, limit=7) == {"count": 7}
    made = library.data("Genre", "createManyAndReturn", data=[{"id": 90_002, "name": "b"}, {"id": 90_001, "name": "a"}], select={"id": True})
    assert made == [{"id": 90_002}, {"id": 90_001}]


@pytest.mark.read_committed
def test_an_upsert_makes_and_then_changes_also_when_many_do_it_at_once(library):
    def upsert():
        return library.call(
            "Author", "upsert", where={"email": "a@x"}, create={"email": "a@x"}, update={"views": {"increment": 1}}, select={"views": True})

    replies = []
    threads = [threading.Thread(target=lambda: replies.append(upsert())) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(reply.number == 0 for reply in replies), replies
    assert sorted(reply.data["views"] for reply in replies) == list(range(12))


def test_nested_writes_to_any_depth(library):
    author = library.data(
        "Author", "create",
        data={"email": "a@x", "card": {"create": {"id": 1}}, "books": {"create": [
            {"id": 1, "title": "one", "genres": {"create": {"id": 1, "name": "crime"}, "connectOrCreate": {"where": {"name": "love"}, "create": {"id": 2, "name": "love"}}}},
            {"id": 2, "title": "two", "genres": {"connect": {"name": "crime"}}}]}},
        select={"card": True, "books": {"orderBy": {"id": "asc"}, "select": {"id": True, "genres": {"orderBy": {"id": "asc"}, "select": {"name": True}}}}})
    assert author == {"card": {"id": 1, "ownerId": 1}, "books": [
        {"id": 1, "genres": [{"name": "crime"}, {"name": "love"}]}, {"id": 2, "genres": [{"name": "crime"}]}]}
    author = library.data(
        "Author", "update", where={"id": 1},
        data={"books": {"update": {"where": {"id": 1}, "data": {"title": "uno", "genres": {"set": [{"id": 2}], "deleteMany": {"name": "none"}}}},
                        "delete": {"id": 2}, "upsert": {"where": {"id": 3}, "create": {"id": 3, "title": "three"}, "update": {"title": "no"}}}},
        select={"books": {"orderBy": {"id": "asc"}, "select": {"title": True, "genres": {"select": {"name": True}}}}})
    assert author == {"books": [{"title": "uno", "genres": [{"name": "love"}]}, {"title": "three", "genres": []}]}


REFUSED = [
    ("create", {"data": {"email": "a@x"}}, "P2002", {"target": ["email"]}),
    ("update", {"where": {"id": 9}, "data": {"name": "x"}}, "P2025", {}),
    ("update", {"where": {"id": 9}, "data": {"books": {"create": {"id": 9, "title": "t"}}}}, "P2025", {}),
    ("delete", {"where": {"id": 9}}, "P2025", {}),
    ("delete", {"where": {"id": 1}}, "P2003", {}),
    ("update", {"where": {"id": 1}, "data": {"books": {"delete": {"id": 9}}}}, "P2017", {"parent_name": "Author", "child_name": "Book"}),
    ("update", {"where": {"id": 1}, "data": {"books": {"connect": {"id": 9}}}}, "P2018", {}),
    ("update", {"where": {"id": 1}, "data": {"card": {"create": {"id": 2}}}}, "P2014", {"model_a_name": "Card", "model_b_name": "Author"}),
    ("update", {"where": {"id": 1}, "data": {"email": {"increment": 1}}}, "P2009", {}),
    ("create", {"data": {}}, "P2012", {}),
    ("create", {"data": {"email": "z@x"}, "cacheStrategy": {"ttl": 1}}, "P6005", {}),
]


@pytest.mark.parametrize("operation, args, code, meta", REFUSED)
def test_what_is_refused_changes_nothing(library, operation, args, code, meta):
    library.data("Author", "create", data={"email": "a@x", "card": {"create": {"id": 1}}, "books": {"create": {"id": 1, "title": "one"}}})
    everything = [library.data(model, "findMany") for model in ("Author", "Card", "Book")]
    error = library.error("Author", operation, **args)
    assert error["code"] == code
    assert {key: error["meta"][key] for key in meta} == meta
    assert [library.data(model, "findMany") for model in ("Author", "Card", "Book")] == everything


def test_a_failure_deep_inside_takes_everything_back(library):
    library.data("Genre", "create", data={"id": 1, "name": "crime"})
    error = library.error("Author", "create", data={"email": "a@x", "books": {"create": [
        {"id": 1, "title": "one"}, {"id": 2, "title": "two", "genres": {"create": {"id": 2, "name": "crime"}}}]}})
    assert error["code"] == "P2002"
    assert (library.count("Author"), library.count("Book"), library.count("Genre")) == (0, 0, 1)


def test_a_transaction_of_several_requests(library):
    def transaction(*requests, **args):
        return library.client.query({"operation": "$transaction", "args": {"requests": list(requests), **args}})

    first = {"model": "Genre", "operation": "create", "args": {"data": {"id": 1, "name": "é \"x\""}}}
    reply = transaction(first, {"model": "Genre", "operation": "findMany"}, {"model": "Genre", "operation": "count"}, isolationLevel="Serializable")
    assert reply.data == [{"id": 1, "name": "é \"x\""}, [{"id": 1, "name": "é \"x\""}], 1]
    second = {"model": "Genre", "operation": "create", "args": {"data": {"id": 2, "name": "b"}}}
    assert transaction(second, first).error["code"] == "P2002"
    assert library.count("Genre") == 1
    assert transaction(second, {"operation": "$metrics"}).error["code"] == "P2009"
    assert transaction(isolationLevel="Snapshot").error["code"] == "P2023"
    assert transaction().data == [] and library.count("Genre") == 1


def test_a_table_that_changed_under_a_prepared_write(library):
    assert library.data("Genre", "create", data={"id": 1, "name": "a"}) == {"id": 1, "name": "a"}
    library.sql.execute('ALTER TABLE "Genre" ALTER COLUMN name TYPE varchar(40)')
    assert library.data("Genre", "create", data={"id": 2, "name": "b"}) == {"id": 2, "name": "b"}
    book = {"id": 1, "title": "t", "genres": {"connect": {"id": 1}}}
    assert library.data("Book", "create", data=book)["id"] == 1
    library.sql.execute('ALTER TABLE "Book" ALTER COLUMN title TYPE varchar(40)')
    assert library.data("Book", "update", where={"id": 1}, data={"title": "u", "genres": {"connect": {"id": 2}}})["title"] == "u"


def test_values_stay_values(library):
    odd = "x'; DROP TABLE \"Genre\"; -- $1 \\ \" %"
    assert library.data("Genre", "create", data={"id": 1, "name": odd})["name"] == odd
    assert library.data("Genre", "update", where={"name": odd}, data={"name": {"set": odd + odd}})["name"] == odd + odd
    assert library.data("Author", "create", data={"email": "a", "tags": [odd, "", "NULL", "{}"]}, select={"tags": True}) == {"tags": [odd, "", "NULL", "{}"]}
    assert library.data("Author", "update", where={"email": "a"}, data={"tags": {"push": ["b", odd]}}, select={"tags": True})["tags"][4:] == ["b", odd]


def deep(levels, step):
    """A node with a node below it, and so on: all made in one request, or all changed in one."""
    data = None
    for level in range(levels, 0, -1):
        below = {"children": {step: {"where": {"id": level + 1}, "data": data} if step == "update" else data}} if data else {}
        data = {**({} if step == "update" and level < levels else {"id": level}), **below}
    return data


@pytest.mark.parametrize("size", [128 * 1024, 256 * 1024])
def test_depth_has_an_end_that_a_small_stack_reaches(library, size):
    replies = []

    def run():
        replies.append(library.call("Node", "create", data=deep(31, "create"), select={"id": True}))
        replies.append(library.call("Node", "update", where={"id": 1}, data=deep(20, "update"), select={"id": True}))
        replies.append(library.call("Node", "create", data=deep(50, "create"), select={"id": True}))

    before = threading.stack_size(size)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    threading.stack_size(before)
    assert replies[0].data == {"id": 1} and library.count("Node") == 31
    assert replies[1].data == {"id": 1}
    assert replies[2].error["code"] == "P2009" and "nested too deeply" in replies[2].error["message"]


def test_without_prepared_statements(database):
    library = Library(database, pgbouncer="true")
    nested = {"id": 1, "title": "t", "author": {"create": {"email": "a@x"}}, "genres": {"create": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]}}
    for _ in range(2):
        book = library.data("Book", "create", data=nested, select={"author": {"select": {"email": True}}, "_count": {"select": {"genres": True}}})
        assert book == {"author": {"email": "a@x"}, "_count": {"genres": 2}}
        assert library.error("Book", "create", data=nested)["code"] == "P2002"
        assert library.data("Book", "delete", where={"id": 1})["id"] == 1
        assert library.data("Genre", "deleteMany") == {"count": 2} and library.data("Author", "deleteMany") == {"count": 1}
    library.client.close()
