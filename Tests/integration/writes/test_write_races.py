"""Writes of several callers at once: a condition holds when the row changes, and nobody's change is lost."""
import pytest
from capi import Client
from psql import Psql
from waiting import Call, eventually

CALLERS = 5

SCHEMA = """
datasource db {
  provider     = "postgresql"
  relationMode = "%s"
}
model Stock {
  id      Int     @id @default(autoincrement())
  name    String  @unique
  version Int     @default(0)
  state   String  @default("open")
  moves   Move[]
  label   Label?
}
model Move {
  id      Int    @id @default(autoincrement())
  text    String @default("")
  stockId Int
  stock   Stock  @relation(fields: [stockId], references: [id], onDelete: Cascade)

  @@index([stockId])
}
model Label {
  id      Int   @id
  version Int   @default(0)
  stockId Int   @unique
  stock   Stock @relation(fields: [stockId], references: [id], onDelete: Cascade)
}
"""

TABLES = """
CREATE TABLE "Stock" (id serial PRIMARY KEY, name text NOT NULL UNIQUE, version integer NOT NULL DEFAULT 0, state text NOT NULL DEFAULT 'open');
CREATE TABLE "Move" (id serial PRIMARY KEY, text text NOT NULL DEFAULT '', "stockId" integer NOT NULL %s);
CREATE TABLE "Label" (id integer PRIMARY KEY, version integer NOT NULL DEFAULT 0, "stockId" integer NOT NULL UNIQUE %s);
INSERT INTO "Stock" (id, name) VALUES (1, 'bolt');
INSERT INTO "Move" (id, text, "stockId") VALUES (1, 'first', 1);
INSERT INTO "Label" (id, "stockId") VALUES (1, 1);
SELECT setval('"Stock_id_seq"', 100), setval('"Move_id_seq"', 100);
"""


class Race:
    """Callers that all come to wait for rows which another session has locked."""

    def __init__(self, database, mode="foreignKeys"):
        reference = 'REFERENCES "Stock" ON DELETE CASCADE' if mode == "foreignKeys" else ""
        database.sql.execute(TABLES % (reference, reference))
        self.sql = database.sql
        self.holder = Psql(database.url())
        self.client = Client({"schema": SCHEMA % mode, "datasourceUrl": database.url(connection_limit=CALLERS + 1)})

    def run(self, model, operation, held, ending="COMMIT", callers=CALLERS, **args):
        """The replies to the same request from several callers that were all waiting when the holder ended what it `held`."""
        request = {"model": model, "operation": operation, "args": args}
        self.holder.execute(f"BEGIN; {held}")
        calls = [Call(self.client.query, request) for _ in range(callers)]
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        eventually(lambda: int(self.sql.value(waiting)) >= callers, "all callers to wait")
        self.holder.execute(ending)
        return [call.result() for call in calls]

    def value(self, sql):
        return self.sql.value(sql)

    def close(self):
        self.client.close()
        self.holder.close()


@pytest.fixture
def make_race(database):
    made = []

    def make(**settings):
        made.append(Race(database, **settings))
        return made[-1]

    yield make
    for race in made:
        race.close()


@pytest.fixture
def race(make_race):
    return make_race()


def codes(replies):
    """How the replies ended, sorted: OK as an empty text."""
    return sorted(reply.code or "" for reply in replies)


LOCKED = 'SELECT 1 FROM "Stock" WHERE id = 1 FOR UPDATE'
FREE = {"where": {"id": 1, "version": 0}}
COUNT = {"version": {"increment": 1}}


@pytest.mark.parametrize("more", [
    {"data": {**COUNT, "moves": {"create": {"text": "counted"}}}},
    {"data": COUNT, "include": {"moves": True}},
    {"data": COUNT},
    {"data": {**COUNT, "moves": {"updateMany": {"where": {}, "data": {"text": "counted"}}}}, "select": {"id": True}},
], ids=["nested create", "include", "flat", "nested update"])
def test_one_caller_alone_takes_a_version(race, more):
    replies = race.run("Stock", "update", LOCKED, **FREE, **more)
    assert codes(replies) == [""] + ["P2025"] * (CALLERS - 1)
    assert race.value('SELECT version FROM "Stock" WHERE id = 1') == "1"
    assert race.value("""SELECT count(*) FROM "Move" WHERE text = 'counted'""") in ("0", "1")


@pytest.mark.parametrize("more", [{}, {"include": {"moves": True}}, {"select": {"id": True}}], ids=["flat", "include", "select"])
def test_an_upsert_whose_condition_fails_meanwhile_changes_nothing(race, more):
    create = {"id": 1, "name": "bolt"}
    replies = race.run("Stock", "upsert", LOCKED, **FREE, create=create, update=COUNT, **more)
    assert codes(replies) == [""] + ["P2002"] * (CALLERS - 1)
    assert race.sql.execute('SELECT id, name, version FROM "Stock"') == [["1", "bolt", "1"]]


def test_every_increment_of_an_upsert_with_nested_writes_counts(race):
    update = {**COUNT, "moves": {"create": {}}}
    replies = race.run("Stock", "upsert", LOCKED, where={"name": "bolt"}, create={"name": "bolt"}, update=update)
    assert codes(replies) == [""] * CALLERS
    assert race.sql.execute('SELECT id, version FROM "Stock"') == [["1", str(CALLERS)]]
    assert race.value('SELECT count(*) FROM "Move"') == str(CALLERS + 1)


@pytest.mark.parametrize("more", [{}, {"include": {"moves": True, "label": True}}], ids=["flat", "include"])
def test_an_upsert_by_a_key_is_one_statement_and_nobody_fails(race, more):
    held = """INSERT INTO "Stock" (name) VALUES ('nut')"""
    replies = race.run("Stock", "upsert", held, "ROLLBACK", where={"name": "nut"}, create={"name": "nut"}, update=COUNT, **more)
    assert codes(replies) == [""] * CALLERS
    assert sorted(reply.data["version"] for reply in replies) == list(range(CALLERS))
    assert race.sql.execute("""SELECT version FROM "Stock" WHERE name = 'nut'""") == [[str(CALLERS - 1)]]


def test_an_upsert_with_nested_writes_of_a_new_record_makes_one(race):
    held = """INSERT INTO "Stock" (name) VALUES ('nut')"""
    create = {"name": "nut", "moves": {"create": {}}}
    replies = race.run("Stock", "upsert", held, "ROLLBACK", where={"name": "nut"}, create=create, update=COUNT)
    assert codes(replies) == [""] + ["P2002"] * (CALLERS - 1)
    assert race.value('SELECT count(*) FROM "Move"') == "2"


@pytest.mark.parametrize("more", [{}, {"include": {"moves": True}}], ids=["flat", "include"])
def test_one_caller_alone_deletes_a_record(race, more):
    replies = race.run("Stock", "delete", LOCKED, where={"id": 1}, **more)
    assert codes(replies) == [""] + ["P2025"] * (CALLERS - 1)


def test_a_deletion_answers_with_the_record_as_it_went(race):
    held = 'UPDATE "Stock" SET version = 7 WHERE id = 1'
    reply, = race.run("Stock", "delete", held, callers=1, where={"id": 1}, include={"moves": {"select": {"id": True}}})
    assert reply.data == {"id": 1, "name": "bolt", "version": 7, "state": "open", "moves": [{"id": 1}]}


def test_a_deletion_whose_condition_fails_meanwhile_deletes_nothing(race):
    held = 'UPDATE "Stock" SET version = 7 WHERE id = 1'
    reply, = race.run("Stock", "delete", held, callers=1, where={"id": 1, "version": 0}, include={"moves": True})
    assert reply.code == "P2025"
    assert race.value('SELECT version FROM "Stock"') == "7"


HELD_LABEL = 'SELECT 1 FROM "Label" FOR UPDATE'
LABEL = {"where": {"version": 0}, "data": COUNT}


@pytest.mark.parametrize("model, held, data", [
    ("Move", LOCKED, {"stock": {"update": {"where": {"version": 0}, "data": COUNT}}}),
    ("Move", LOCKED, {"stock": {"update": {"where": {"version": 0}, "data": {**COUNT, "label": {"update": COUNT}}}}}),
    ("Stock", 'SELECT 1 FROM "Label" FOR UPDATE', {"label": {"update": LABEL}}),
    ("Stock", 'SELECT 1 FROM "Label" FOR UPDATE', {"label": {"update": {**LABEL, "data": {**COUNT, "id": 9}}}}),
    ("Stock", """UPDATE "Move" SET text = 'first'""", {"moves": {"update": {"where": {"id": 1, "text": "first"}, "data": {"text": "second"}}}}),
], ids=["held", "held and deeper", "below", "below, a key", "one of many"])
def test_a_nested_update_takes_a_version_once(race, model, held, data):
    replies = race.run(model, "update", held, where={"id": 1}, data=data, select={"id": True})
    assert codes(replies) == [""] + ["P2025"] * (CALLERS - 1)
    assert race.value('SELECT greatest((SELECT version FROM "Stock"), (SELECT version FROM "Label"))') in ("0", "1")


@pytest.mark.parametrize("model, held, where, data", [
    ("Move", LOCKED, {"stock": {"version": 0}}, {"stock": {"update": COUNT}}),
    ("Move", LOCKED, {"NOT": {"stock": {"version": {"gt": 0}}}}, {"stock": {"update": COUNT}, "text": "second"}),
    ("Move", LOCKED, {"stock": {"version": 0}}, {"stock": {"upsert": {"create": {"name": "nut"}, "update": COUNT}}}),
    ("Stock", HELD_LABEL, {"label": {"version": 0}}, {"label": {"update": COUNT}}),
    ("Stock", HELD_LABEL, {"label": {"version": 0}}, {"label": {"update": COUNT}, "state": "second"}),
], ids=["held", "held, with a field", "held, upsert", "below", "below, with a field"])
def test_a_condition_on_the_related_record_that_changes_holds_when_it_changes(race, model, held, where, data):
    replies = race.run(model, "update", held, where={"id": 1, **where}, data=data, select={"id": True})
    assert codes(replies) == [""] + ["P2025"] * (CALLERS - 1)
    assert race.value('SELECT greatest((SELECT version FROM "Stock"), (SELECT version FROM "Label"))') == "1"


@pytest.mark.parametrize("where", [{"version": 0}, {"label": {"version": 0}}], ids=["own", "of the related record"])
def test_a_condition_of_a_nested_update_that_changes_further_records_holds(race, where):
    update = {"where": where, "data": {**COUNT, "label": {"update": COUNT}}}
    replies = race.run("Move", "update", HELD_LABEL, where={"id": 1}, data={"stock": {"update": update}})
    assert codes(replies) == [""] + ["P2025"] * (CALLERS - 1)
    assert race.sql.execute('SELECT (SELECT version FROM "Stock"), (SELECT version FROM "Label")') == [["1", "1"]]


def test_nested_upserts_lose_no_increment(race):
    upsert = {"where": {"version": {"gte": 0}}, "create": {"id": 2}, "update": COUNT}
    replies = race.run("Stock", "update", 'SELECT 1 FROM "Label" FOR UPDATE', where={"id": 1}, data={"label": {"upsert": upsert}})
    assert codes(replies) == [""] * CALLERS
    assert race.sql.execute('SELECT id, version FROM "Label"') == [["1", str(CALLERS)]]


@pytest.mark.parametrize("operation, args", [
    ("updateMany", {"data": {"state": "taken"}}),
    ("updateManyAndReturn", {"data": {"state": "taken"}, "select": {"id": True}}),
    ("deleteMany", {}),
])
@pytest.mark.parametrize("mode", ["foreignKeys", "prisma"])
def test_callers_with_a_limit_share_the_records(make_race, mode, operation, args):
    race = make_race(mode=mode)
    race.sql.execute("""INSERT INTO "Stock" (name) SELECT 'part ' || n FROM generate_series(2, 7) AS n""")
    held = 'SELECT 1 FROM "Stock" FOR UPDATE'
    replies = race.run("Stock", operation, held, where={"state": "open"}, limit=1, **args)
    assert codes(replies) == [""] * CALLERS
    told = sum(len(reply.data) if isinstance(reply.data, list) else reply.data["count"] for reply in replies)
    assert int(race.value("""SELECT 7 - count(*) FROM "Stock" WHERE state = 'open'""")) == told == CALLERS


def test_actions_follow_the_records_that_are_deleted_and_no_others(make_race):
    race = make_race(mode="prisma")
    race.sql.execute("""INSERT INTO "Stock" (id, name) VALUES (2, 'nut'); INSERT INTO "Move" ("stockId") VALUES (2)""")
    held = """UPDATE "Stock" SET state = 'taken' WHERE id = 1"""
    reply, = race.run("Stock", "deleteMany", held, callers=1, where={"state": "open"})
    assert reply.data == {"count": 1}
    assert race.sql.execute('SELECT id FROM "Stock"') == [["1"]]
    assert race.sql.execute('SELECT "stockId" FROM "Move"') == [["1"]]
    assert race.sql.execute('SELECT id FROM "Label"') == [["1"]]


@pytest.mark.parametrize("data", [
    {**COUNT},
    {**COUNT, "moves": {"create": {}}},
    {**COUNT, "label": {"update": COUNT}},
], ids=["alone", "with a new record", "with another update"])
def test_a_thousand_increments_are_a_thousand(race, data):
    request = {"model": "Stock", "operation": "update", "args": {"where": {"id": 1}, "data": data, "include": {"label": True}}}
    replies = [call.result(60) for call in [Call(lambda: [race.client.query(request) for _ in range(200)]) for _ in range(CALLERS)]]
    assert {reply.code for some in replies for reply in some} == {None}
    assert race.value('SELECT version FROM "Stock"') == str(200 * CALLERS)
