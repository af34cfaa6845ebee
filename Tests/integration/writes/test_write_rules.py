"""What writes promise beside their answers: few round trips, all or nothing, actions that no foreign key carries out, names in errors."""

import pytest
from capi import Client
from proxy import Proxy

SCHEMA = """
datasource db {
  provider     = "postgresql"
  relationMode = "%s"
}
model Author {
  id    Int     @id @default(autoincrement())
  email String  @unique @map("e_mail")
  bio   String?
  books Book[]
  card  Card?
  @@map("authors")
}
model Card {
  id      Int    @id
  ownerId Int    @unique
  owner   Author @relation(fields: [ownerId], references: [id], onDelete: Cascade, onUpdate: Cascade)
}
model Book {
  id       Int     @id
  title    String
  authorId Int?
  author   Author? @relation(fields: [authorId], references: [id], onDelete: SetNull, onUpdate: Cascade)
  genres   Genre[]
  @@index([authorId])
}
model Genre {
  id    Int    @id
  name  String @unique
  books Book[]
}
"""

TABLES = """
CREATE TABLE authors (id serial PRIMARY KEY, e_mail text NOT NULL UNIQUE, bio text);
CREATE TABLE "Card" (id integer PRIMARY KEY, "ownerId" integer NOT NULL UNIQUE);
CREATE TABLE "Book" (id integer PRIMARY KEY, title text NOT NULL, "authorId" integer);
CREATE TABLE "Genre" (id integer PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE "_BookToGenre" ("A" integer NOT NULL, "B" integer NOT NULL, PRIMARY KEY ("A", "B"));
"""


class Shelf:
    """A client on empty tables without foreign keys."""

    def __init__(self, database, mode="prisma", url=None, **config):
        self.sql = database.sql
        self.sql.execute(TABLES)
        self.client = Client({"schema": SCHEMA % mode, "datasourceUrl": url or database.url(), "clock": "manual", **config})

    def call(self, model, operation, **args):
        return self.client.query({"model": model, "operation": operation, "args": args})

    def data(self, model, operation, **args):
        reply = self.call(model, operation, **args)
        assert reply.number == 0, reply
        return reply.data

    def rows(self, table, columns="*"):
        return self.sql.execute(f'SELECT {columns} FROM "{table}" ORDER BY 1, 2')


@pytest.fixture
def make_shelf(database):
    made = []

    def make(**settings):
        made.append(Shelf(database, **settings))
        return made[-1]

    yield make
    for shelf in made:
        shelf.client.close()


# Round trips


class Counted:
    """Counts the round trips of requests, the second time they are sent: by then all is connected and prepared."""

    def __init__(self, shelf, proxy):
        self.shelf = shelf
        self.proxy = proxy

    def trips(self, model, operation, *bodies):
        """The requests are alike but for their values; the last one is counted."""
        for args in bodies:
            before = self.proxy.turns
            self.shelf.data(model, operation, **args)
        return self.proxy.turns - before


@pytest.fixture
def counted(server, database, make_shelf):
    with Proxy(server.socket) as proxy:
        url = proxy.url(database, connection_limit=1)
        yield Counted(make_shelf(mode="foreignKeys", url=url), proxy)


def author(n, **more):
    return {"data": {"email": f"{n}@x", **more}, "select": {"id": True}}


def test_a_simple_write_is_one_round_trip(counted):
    assert counted.trips("Author", "create", author(1), author(2)) == 1
    assert counted.trips("Author", "createManyAndReturn", {"data": [{"email": "a"}, {"email": "b"}]}, {"data": [{"email": "c"}, {"email": "d"}]}) == 1
    assert counted.trips("Author", "update", *({"where": {"id": 1}, "data": {"bio": b}} for b in "xy")) == 1
    assert counted.trips("Author", "upsert", *({"where": {"email": "1@x"}, "create": {"email": "1@x"}, "update": {"bio": b}} for b in "xy")) == 1
    assert counted.trips("Author", "deleteMany", {"where": {"id": 1}}, {"where": {"id": 2}}) == 1


def test_new_records_below_a_new_one_take_one_round_trip_together(counted):
    def nested(n):
        return author(n, card={"create": {"id": n}}, books={"create": [{"id": 2 * n, "title": "a"}, {"id": 2 * n + 1, "title": "b"}]})

    # The author, whose key is not known before; everything else, its answer and the COMMIT.
    assert counted.trips("Author", "create", nested(1), nested(2)) == 2
    assert len(counted.shelf.rows("Book")) == 4 and counted.shelf.rows("Card") == [["1", "1"], ["2", "2"]]


def test_each_level_is_one_round_trip(counted):
    def nested(n):
        books = [{"id": 10 * n + i, "title": "t", "genres": {"create": [{"id": 100 * n + 10 * i + j, "name": f"{n}.{i}.{j}"} for j in range(3)]}} for i in range(2)]
        return author(n, books={"create": books})

    # The author; two books; for each book its three genres; the links of the last, the answer and the COMMIT.
    assert counted.trips("Author", "create", nested(1), nested(2)) == 5
    assert len(counted.shelf.rows("_BookToGenre")) == 12


def test_steps_that_nobody_waits_for_ride_along(counted):
    counted.shelf.data("Author", "create", data={"email": "a", "books": {"create": [{"id": n, "title": "t"} for n in range(6)]}})
    def change(n):
        made = {"data": [{"id": 10 + n, "title": "n"}]}
        return {"books": {"updateMany": {"where": {"id": n}, "data": {"title": "u"}}, "deleteMany": {"id": n + 1}, "createMany": made}}

    steps = [change(0), change(2)]
    assert counted.trips("Author", "update", *({"where": {"id": 1}, "data": data, "select": {"id": True}} for data in steps)) == 2
    assert [row[0] for row in counted.shelf.rows("Book", "id, title")] == ["0", "2", "4", "5", "10", "12"]


def test_a_record_is_found_and_changed_in_one_round_trip(counted):
    for n in (1, 2):
        counted.shelf.data("Author", "create", data={"id": n, "email": f"{n}@x", "card": {"create": {"id": n}}})

    def trips(model, operation, make):
        return counted.trips(model, operation, make(1), make(2))

    # The change; what hangs on it, the answer and the COMMIT.
    book = lambda n: {"bio": "b", "books": {"create": {"id": n, "title": "t"}}}
    assert trips("Author", "update", lambda n: {"where": {"id": n}, "data": {"bio": "a"}, "include": {"card": True}}) == 2
    assert trips("Author", "update", lambda n: {"where": {"id": n}, "data": book(n), "include": {"card": True}}) == 2
    assert trips("Author", "update", lambda n: {"where": {"id": n}, "data": {"card": {"update": {"id": n}}}, "select": {"id": True}}) == 4
    assert trips("Author", "upsert", lambda n: {
        "where": {"email": f"{n}@x"}, "create": {"email": f"{n}@x"}, "update": {"bio": "c"}, "include": {"card": True}}) == 2
    # The card; its owner; the answer and the COMMIT.
    assert trips("Card", "update", lambda n: {"where": {"id": n}, "data": {"owner": {"update": {"bio": "d"}}}}) == 3


def test_many_new_records_in_one_pipeline_prepare_a_statement_once(counted):
    books = [{"id": n, "title": "t", "genres": {"create": {"id": n, "name": str(n)}}} for n in range(300)]
    counted.shelf.data("Author", "create", data={"email": "a", "books": {"create": books}})
    assert len(counted.shelf.rows("_BookToGenre")) == 300
    names = counted.shelf.client.data({"operation": "$queryRaw", "args": {"query": "SELECT count(*)::int AS n FROM pg_prepared_statements"}})
    assert names[0]["n"] < 12


# All or nothing


def test_a_failure_in_what_rides_along_takes_everything_back(make_shelf):
    shelf = make_shelf()
    shelf.data("Book", "create", data={"id": 2, "title": "there"})
    reply = shelf.call("Author", "create", data={"email": "a", "card": {"create": {"id": 1}}, "books": {"create": [{"id": 1, "title": "x"}, {"id": 2, "title": "y"}]}})
    assert reply.code == "P2002" and reply.error["meta"]["modelName"] == "Author"
    assert shelf.rows("authors") == [] and shelf.rows("Card") == [] and len(shelf.rows("Book")) == 1


LARGE = {"limits": {"responseBytes": 4000}}


def test_a_list_that_is_too_large_is_not_written(make_shelf):
    shelf = make_shelf(**LARGE)
    reply = shelf.call("Author", "createManyAndReturn", data=[{"email": "x" * 3000}, {"email": "y" * 3000}])
    assert reply.code == "P6009" and "committed" not in reply.error["meta"] and shelf.rows("authors") == []
    shelf.data("Author", "createMany", data=[{"email": "x" * 3000}, {"email": "y" * 3000}])
    reply = shelf.call("Author", "updateManyAndReturn", data={"bio": "new"})
    assert reply.code == "P6009" and shelf.rows("authors", "bio, id")[0][0] == ""
    assert shelf.data("Author", "updateManyAndReturn", data={"bio": "new"}, select={"bio": True}) == [{"bio": "new"}] * 2


def test_a_new_record_that_is_too_large_is_not_written(make_shelf):
    shelf = make_shelf(**LARGE)
    assert shelf.call("Author", "create", data={"email": "x" * 5000}).code == "P6009" and shelf.rows("authors") == []
    related = [{"id": n, "title": "x" * 1000} for n in range(5)]
    reply = shelf.call("Author", "create", data={"email": "a", "books": {"create": related}}, include={"books": True})
    assert reply.code == "P6009" and shelf.rows("authors") == [] and shelf.rows("Book") == []


def test_one_record_that_turns_out_to_be_too_large_says_that_it_was_written(make_shelf):
    shelf = make_shelf(**LARGE)
    shelf.sql.execute("INSERT INTO authors (e_mail, bio) VALUES ('a', repeat('x', 9000))")
    reply = shelf.call("Author", "update", where={"id": 1}, data={"email": "b"})
    assert reply.code == "P6009" and reply.error["meta"]["committed"] is True and "has taken effect" in reply.error["message"]
    assert shelf.rows("authors", "e_mail, id") == [["b", "1"]]


# Actions without foreign keys


@pytest.fixture
def library(make_shelf):
    shelf = make_shelf()
    for n in range(1, 5):
        shelf.data("Author", "create", data={"email": f"a{n}", "card": {"create": {"id": n}}, "books": {"create": {"id": n, "title": f"t{n}"}}})
        shelf.data("Book", "update", where={"id": n}, data={"genres": {"create": {"id": n, "name": f"g{n}"}}})
    return shelf


def test_a_limited_deletion_follows_the_deleted_records_alone(library):
    assert library.data("Author", "deleteMany", where={"id": {"gt": 1}}, limit=2) == {"count": 2}
    left = {row[0] for row in library.rows("authors", "id, e_mail")}
    assert len(left) == 2 and "1" in left
    assert {row[1] for row in library.rows("Card")} == left
    assert {row[0] for row in library.rows("Book", '"authorId", id') if row[0]} == left
    assert library.data("Author", "deleteMany", limit=0) == {"count": 0}


def test_a_limited_update_is_followed_by_the_updated_records_alone(library):
    assert library.data("Author", "updateMany", where={"id": {"gt": 1}}, data={"id": {"increment": 100}}, limit=1) == {"count": 1}
    ids = {row[0] for row in library.rows("authors", "id, e_mail")}
    assert len([one for one in ids if int(one) > 100]) == 1
    assert {row[1] for row in library.rows("Card")} == ids == {row[0] for row in library.rows("Book", '"authorId", id')}


def test_join_rows_go_with_their_records_and_follow_their_keys(library):
    library.data("Genre", "delete", where={"id": 1})
    assert library.rows("_BookToGenre") == [["2", "2"], ["3", "3"], ["4", "4"]]
    library.data("Book", "deleteMany", where={"id": {"in": [2, 3]}})
    assert library.rows("_BookToGenre") == [["4", "4"]]
    library.data("Book", "update", where={"id": 4}, data={"id": 40})
    library.data("Genre", "updateMany", data={"id": {"multiply": 10}}, where={"id": 4})
    assert library.rows("_BookToGenre") == [["40", "40"]]
    assert library.data("Book", "findUnique", where={"id": 40}, select={"genres": True}) == {"genres": [{"id": 40, "name": "g4"}]}


def test_many_more_records_than_one_statement_can_name(make_shelf):
    shelf = make_shelf()
    shelf.sql.execute("INSERT INTO authors (id, e_mail) SELECT n, 'a' || n FROM generate_series(1, 70000) AS n;"
                      'INSERT INTO "Card" SELECT n, n FROM generate_series(1, 70000) AS n')
    assert shelf.data("Author", "deleteMany", limit=69_999) == {"count": 69_999}
    assert len(shelf.rows("Card")) == 1


@pytest.mark.parametrize("action", ["SetDefault"])
def test_actions_that_relation_mode_prisma_does_not_have_are_refused(database, action):
    with pytest.raises(Exception) as error:
        Client({"schema": SCHEMA.replace("SetNull", action) % "prisma", "datasourceUrl": database.url()})
    assert error.value.reply.code == "P6001" and action in error.value.reply.error["message"]


# Answers and errors


def test_what_is_returned_with_relations_keeps_its_order(make_shelf):
    shelf = make_shelf()
    # Holes at the beginning of the table, which new rows fill in an order of their own.
    shelf.sql.execute("INSERT INTO authors (id, e_mail) SELECT n, repeat('x', 500) || n FROM generate_series(-2000, -1) AS n; DELETE FROM authors WHERE id % 3 = 0")
    shelf.sql.execute("VACUUM authors")
    shelf.sql.execute('INSERT INTO "Card" VALUES (1, 7)')
    made = shelf.data("Author", "createManyAndReturn", data=[{"email": f"{'y' * (n % 7 * 200)}{n}"} for n in range(500)], include={"card": True})
    assert [one["id"] for one in made] == list(range(1, 501))
    assert [one["card"] is not None for one in made[:8]] == [False] * 6 + [True, False]
    assert shelf.data("Author", "createManyAndReturn", data=[], include={"card": True}) == []
    changed = shelf.data("Author", "updateManyAndReturn", where={"id": {"in": [3, 7]}}, data={"bio": "b"}, select={"id": True, "card": {"select": {"id": True}}})
    assert sorted(changed, key=lambda one: one["id"]) == [{"id": 3, "card": None}, {"id": 7, "card": {"id": 1}}]


def test_a_record_that_a_trigger_keeps_keeps_what_belongs_to_it(make_shelf):
    """Without foreign keys the library deletes cards and unlinks books itself; it takes that back where the author stays."""
    shelf = make_shelf()
    shelf.data("Author", "create", data={"id": 1, "email": "a", "card": {"create": {"id": 1}}, "books": {"create": {"id": 1, "title": "t"}}})
    shelf.sql.execute("""CREATE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
        CREATE TRIGGER kept BEFORE DELETE ON authors FOR EACH ROW EXECUTE FUNCTION kept()""")
    assert shelf.call("Author", "delete", where={"id": 1}).error["code"] == "P2025"
    assert shelf.rows("Card") == [["1", "1"]] and shelf.rows("Book", 'id, "authorId"') == [["1", "1"]]
    shelf.sql.execute("DROP TRIGGER kept ON authors")
    assert shelf.data("Author", "delete", where={"id": 1})["id"] == 1
    assert shelf.rows("Card") == [] and shelf.rows("Book", 'id, "authorId"') == [["1", ""]]


def test_errors_name_fields_as_the_schema_does(make_shelf):
    shelf = make_shelf()
    shelf.data("Author", "create", data={"email": "a"})
    unique = shelf.call("Author", "create", data={"email": "a"}).error
    assert unique["meta"]["modelName"] == "Author" and unique["meta"]["target"] == ["email"]
    assert unique["message"] == "Unique constraint failed on the fields: (`email`)"
    nested = shelf.call("Book", "create", data={"id": 1, "title": "t", "author": {"create": {"email": "a"}}}).error
    assert nested["meta"]["modelName"] == "Book" and nested["meta"]["target"] == ["email"]
    shelf.sql.execute("DELETE FROM authors; ALTER TABLE authors ALTER bio SET NOT NULL")
    missing = shelf.call("Author", "create", data={"email": "b"}).error
    assert (missing["code"], missing["meta"]["constraint"]) == ("P2011", ["bio"])
    shelf.sql.execute('ALTER TABLE "Card" ADD CONSTRAINT owned FOREIGN KEY ("ownerId") REFERENCES authors (id)')
    orphan = shelf.call("Card", "create", data={"id": 1, "ownerId": 99}).error
    assert orphan["code"] == "P2003" and orphan["meta"]["field_name"] == orphan["meta"]["constraint"] == "owned"
