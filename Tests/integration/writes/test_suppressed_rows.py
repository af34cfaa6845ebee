"""A trigger may keep a row out without an error. What a request was to create is then told as missing, also where it is nested."""
import pytest
from capi import Client
from psql import Psql
from transacting import Transaction

MODELS = """
datasource db {
  provider = "postgresql"
}
model Box {
  id    Int    @id @default(autoincrement())
  name  String @default("")
  cards Card[]
  lids  Lid[]
  notes Note[]
}
model Card {
  id    Int    @id @default(autoincrement())
  text  String
  boxId Int?
  box   Box?   @relation(fields: [boxId], references: [id])
  marks Mark[]
}
model Mark {
  id     Int    @id @default(autoincrement())
  text   String
  cardId Int
  card   Card   @relation(fields: [cardId], references: [id])
}
model Lid {
  id    Int    @id @default(autoincrement())
  text  String
  boxes Box[]
}
model Note {
  id    Int    @id @default(autoincrement())
  text  String
  boxId Int
  box   Box    @relation(fields: [boxId], references: [id])
}
"""
TABLES = """
CREATE TABLE "Box" (id serial PRIMARY KEY, name text NOT NULL DEFAULT '');
CREATE TABLE "Card" (id serial PRIMARY KEY, text text NOT NULL, "boxId" int REFERENCES "Box");
CREATE TABLE "Mark" (id serial PRIMARY KEY, text text NOT NULL, "cardId" int NOT NULL REFERENCES "Card");
CREATE TABLE "Lid" (id serial PRIMARY KEY, text text NOT NULL);
CREATE TABLE "_BoxToLid" ("A" int REFERENCES "Box", "B" int REFERENCES "Lid", PRIMARY KEY ("A", "B"));
CREATE TABLE "Note" (id serial PRIMARY KEY, text text NOT NULL, "boxId" int NOT NULL REFERENCES "Box");
CREATE FUNCTION keep_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.text = 'no' THEN RETURN NULL; END IF; RETURN NEW; END $$;
CREATE TRIGGER keep_out BEFORE INSERT ON "Card" FOR EACH ROW EXECUTE FUNCTION keep_out();
CREATE TRIGGER keep_out BEFORE INSERT ON "Mark" FOR EACH ROW EXECUTE FUNCTION keep_out();
CREATE TRIGGER keep_out BEFORE INSERT ON "Lid" FOR EACH ROW EXECUTE FUNCTION keep_out();
"""
NO, YES = {"text": "no"}, {"text": "yes"}
TOLD = "the database kept a "


@pytest.fixture
def client(database):
    database.sql.execute(TABLES)
    with Client({"schema": MODELS, "datasourceUrl": database.url()}) as client:
        yield client


def rows(database):
    return [int(database.sql.value(f'SELECT count(*) FROM "{table}"')) for table in ("Box", "Card", "Mark", "Lid")]


def create(client, data, **more):
    return client.query({"model": "Box", "operation": "create", "args": {"data": data, **more}})


def refused(reply):
    assert (reply.code, reply.status) == ("P2025", "NOT_FOUND") and TOLD in reply.error["message"], reply
    return reply


@pytest.mark.parametrize("data", [
    {"cards": {"create": NO}}, {"cards": {"create": [YES, NO]}}, {"cards": {"create": [NO, YES]}},
    {"cards": {"connectOrCreate": {"where": {"id": 99}, "create": NO}}}, {"cards": {"create": {**YES, "marks": {"create": NO}}}},
    {"cards": {"create": {**NO, "marks": {"create": YES}}}}, {"lids": {"create": NO}}, {"lids": {"create": [YES, NO]}},
])
def test_a_nested_record_that_is_kept_out_is_told(client, database, data):
    """The commit travels with the first such statement. From then on the rows are counted before it."""
    first = refused(create(client, data))
    kept = rows(database)
    assert (kept[0] == 1) == first.error["meta"].get("committed", False), (first, kept)
    for _ in range(2):
        assert "committed" not in refused(create(client, data)).error["meta"]
        assert rows(database) == kept


def test_what_is_committed_is_dropped_from_the_cache_though_nothing_more_is_found_out(client, database):
    """Whether the row may be elsewhere is asked after the commit. The question waits for the lock until the time is up."""
    count = {"model": "Box", "operation": "count", "args": {"cacheStrategy": {"ttl": 60, "auto": True}}}
    assert [client.query(count).cache for _ in range(2)] == ["miss", "ttl"]
    with Psql(database.server.url(database.name)) as other:
        other.execute("BEGIN; LOCK TABLE pg_catalog.pg_inherits IN ACCESS EXCLUSIVE MODE")
        reply = refused(client.query({"model": "Box", "operation": "create", "args": {"data": {"cards": {"create": NO}}}, "timeoutMs": 1000}))
    assert reply.error["meta"]["committed"]
    found = client.query(count)
    assert (found.data, found.cache) == (1, "miss")


def test_before_the_commit_an_open_question_is_told_as_such(client, database):
    refused(create(client, {"cards": {"create": NO}}))
    with Psql(database.server.url(database.name)) as other:
        other.execute("BEGIN; LOCK TABLE pg_catalog.pg_inherits IN ACCESS EXCLUSIVE MODE")
        reply = client.query({"model": "Box", "operation": "create", "args": {"data": {"cards": {"create": NO}}}, "timeoutMs": 1000})
    assert reply.status == "TIMEOUT" and reply.error["message"].endswith("Nothing was written."), reply
    assert rows(database)[0] == 1


def test_what_is_read_back_in_a_list_is_counted_before_the_commit(client, database):
    reply = refused(create(client, {"cards": {"create": [YES, NO]}}, include={"cards": True}))
    assert "committed" not in reply.error["meta"] and rows(database) == [0, 0, 0, 0]


def test_in_a_transaction_it_is_told_before_the_commit(client, database):
    transaction = Transaction(client)
    reply = refused(transaction.query("create", "Box", data={"cards": {"create": NO}}))
    assert "committed" not in reply.error["meta"]
    assert transaction.commit().code == "P2028"
    reply = refused(client.query({"operation": "$transaction", "args": {"requests": [
        {"model": "Box", "operation": "create", "args": {"data": {"cards": {"create": NO}}}}]}}))
    assert "committed" not in reply.error["meta"]
    assert rows(database) == [0, 0, 0, 0]


def test_an_update_and_an_upsert_tell_it_too(client):
    box = client.data({"model": "Box", "operation": "create", "args": {"data": {}}})["id"]
    for operation, args in [
        ("update", {"where": {"id": box}, "data": {"cards": {"create": NO}}}),
        ("upsert", {"where": {"id": box}, "create": {}, "update": {"cards": {"create": NO}}}),
        ("update", {"where": {"id": box}, "data": {"cards": {"upsert": {"where": {"id": 99}, "create": NO, "update": {}}}}}),
    ]:
        refused(client.query({"model": "Box", "operation": operation, "args": args}))


def test_lists_that_are_counted_count(client):
    assert client.data({"model": "Card", "operation": "createMany", "args": {"data": [YES, NO]}}) == {"count": 1}
    made = create(client, {"cards": {"createMany": {"data": [YES, NO]}}}, include={"cards": True}).data
    assert [card["text"] for card in made["cards"]] == ["yes"]


ELSEWHERE = {
    "a trigger that fills the children": """
        CREATE TABLE kept () INHERITS ("Note");
        CREATE FUNCTION move_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO kept VALUES (NEW.*); RETURN NULL; END $$;
        CREATE TRIGGER move_row BEFORE INSERT ON "Note" FOR EACH ROW EXECUTE FUNCTION move_row()""",
    "a rule": """
        CREATE TABLE kept () INHERITS ("Note");
        CREATE RULE move_row AS ON INSERT TO "Note" DO INSTEAD INSERT INTO kept VALUES (NEW.*)""",
    "a view with a trigger": """
        ALTER TABLE "Note" RENAME TO kept; CREATE VIEW "Note" AS SELECT * FROM kept;
        CREATE FUNCTION move_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO kept (text, "boxId") VALUES (NEW.text, NEW."boxId");
        RETURN NULL; END $$;
        CREATE TRIGGER move_row INSTEAD OF INSERT ON "Note" FOR EACH ROW EXECUTE FUNCTION move_row()""",
    "a partitioned table": """
        DROP TABLE "Note"; CREATE TABLE "Note" (id serial, text text NOT NULL, "boxId" int NOT NULL) PARTITION BY LIST (text);
        CREATE TABLE kept PARTITION OF "Note" DEFAULT""",
}


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_a_row_that_goes_elsewhere_is_not_missing(database, kind):
    database.sql.execute(TABLES + ELSEWHERE[kind] + '; GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC')
    with Client({"schema": MODELS, "datasourceUrl": database.url()}) as client:
        for count in (2, 4):
            made = create(client, {"name": "b", "notes": {"create": [YES, NO]}})
            assert made.number == 0 and made.data["name"] == "b", made
            assert database.sql.value("SELECT count(*) FROM kept") == str(count)


def test_a_partition_that_keeps_a_row_out_is_told(database):
    database.sql.execute(TABLES + ELSEWHERE["a partitioned table"] + """;
        CREATE TRIGGER keep_out BEFORE INSERT ON kept FOR EACH ROW EXECUTE FUNCTION keep_out();
        GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC""")
    with Client({"schema": MODELS, "datasourceUrl": database.url()}) as client:
        assert create(client, {"notes": {"create": YES}}).number == 0
        refused(create(client, {"notes": {"create": [YES, NO]}}))
