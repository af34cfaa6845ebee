"""Upserts on tables whose unique key PostgreSQL does not take for `ON CONFLICT`."""
import pytest
from capi import Client

MODEL = """
datasource db {
  provider = "postgresql"
}
model Badge {
  id    Int     @id
  code  String  @unique
  uses  Int     @default(0)
  marks Mark[]
}
model Mark {
  id      Int    @id
  badgeId Int?
  badge   Badge? @relation(fields: [badgeId], references: [id])
}
"""

BASE = "id integer PRIMARY KEY, code text NOT NULL, uses integer NOT NULL DEFAULT 0"
MARK = 'CREATE TABLE "Mark" (id integer PRIMARY KEY, "badgeId" integer)'

KEYS = {
    "deferrable": [f'CREATE TABLE "Badge" ({BASE}, UNIQUE (code) DEFERRABLE INITIALLY DEFERRED)'],
    "partial": [f'CREATE TABLE "Badge" ({BASE})', 'CREATE UNIQUE INDEX ON "Badge" (code) WHERE uses >= 0'],
    "missing": [f'CREATE TABLE "Badge" ({BASE})'],
    "a view with a trigger": [
        f"CREATE TABLE base ({BASE}, UNIQUE (code))",
        'CREATE VIEW "Badge" AS SELECT id, code, uses + 0 AS uses FROM base',
        """CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF TG_OP = 'INSERT' THEN INSERT INTO base VALUES (NEW.id, NEW.code, coalesce(NEW.uses, 0));
             ELSE UPDATE base SET uses = NEW.uses WHERE id = OLD.id; END IF;
             RETURN NEW; END $$""",
        'CREATE TRIGGER keep INSTEAD OF INSERT OR UPDATE ON "Badge" FOR EACH ROW EXECUTE FUNCTION keep()',
    ],
}


@pytest.fixture
def open_client(database):
    """Opens a client on a database with these tables."""
    made = []

    def open(*statements):
        for statement in statements:
            database.sql.execute(statement)
        made.append(Client({"schema": MODEL, "datasourceUrl": database.url()}))
        return made[-1]

    yield open
    for client in made:
        client.close()


@pytest.mark.parametrize("more", [{}, {"include": {"marks": True}}], ids=["flat", "include"])
@pytest.mark.parametrize("key", KEYS)
def test_an_upsert_inserts_once_and_updates_then(database, open_client, key, more):
    client = open_client(*KEYS[key], MARK)
    args = {"where": {"code": "a"}, "create": {"id": 1, "code": "a", "uses": 0}, "update": {"uses": {"increment": 1}}, **more}
    for uses in range(3):
        answer = client.data({"model": "Badge", "operation": "upsert", "args": args})
        assert answer == {"id": 1, "code": "a", "uses": uses, **({"marks": []} if more else {})}
    assert database.sql.execute('SELECT id, uses FROM "Badge"') == [["1", "2"]]


def test_an_upsert_that_another_key_refuses_is_still_refused(database, open_client):
    client = open_client(*KEYS["deferrable"], MARK, """INSERT INTO "Badge" VALUES (1, 'taken', 0)""")
    args = {"where": {"code": "a"}, "create": {"id": 1, "code": "a"}, "update": {}}
    reply = client.query({"model": "Badge", "operation": "upsert", "args": args})
    assert reply.code == "P2002"
    assert database.sql.execute('SELECT id, code FROM "Badge"') == [["1", "taken"]]
