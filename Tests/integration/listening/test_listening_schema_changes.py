"""What others do to the tables themselves, at random, while a client listens: no answer is older than the silence that it allows.

Whatever was done, `listenTimeoutMs` later each read answers what the database says. A client of its own, without a cache, asks it.
"""
import random
import time

import pytest
from capi import Client
from listening import Hearer, read
from psql import SQLError

SILENCE_MS = 400
SEEDS = 5
STEPS = 10

MODELS = """
datasource db {
  provider     = "postgresql"
  relationMode = "prisma"
}
model Author {
  id    Int    @id
  name  String
  books Book[]
}
model Book {
  id       Int    @id
  title    String
  pages    Int
  authorId Int
  author   Author @relation(fields: [authorId], references: [id])
}
model Event {
  id   Int    @id
  kind String
}
model Label {
  id   Int    @id
  name String
}
"""
AUTHOR = "(id int PRIMARY KEY, name text NOT NULL, alias text NOT NULL DEFAULT 'alias')"
TABLES = f"""
CREATE TABLE "Author" {AUTHOR};
CREATE TABLE author_spare {AUTHOR};
CREATE TABLE "Book" (id int PRIMARY KEY, title text NOT NULL, pages int NOT NULL DEFAULT 1, "authorId" int NOT NULL);
CREATE TABLE "Event" (id int NOT NULL, kind text NOT NULL, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE event_low PARTITION OF "Event" FOR VALUES FROM (0) TO (100);
CREATE TABLE event_high PARTITION OF "Event" FOR VALUES FROM (100) TO (200);
CREATE TABLE event_other (id int NOT NULL, kind text NOT NULL, PRIMARY KEY (id));
CREATE TABLE label_rows (id int PRIMARY KEY, name text NOT NULL);
CREATE VIEW "Label" AS SELECT id, name FROM label_rows;
INSERT INTO "Author" VALUES (1, 'Ann'), (2, 'Ben'), (3, 'Cas');
INSERT INTO author_spare VALUES (1, 'Spare Ann'), (2, 'Spare Ben'), (3, 'Spare Cas'), (4, 'Dan');
INSERT INTO "Book" VALUES (1, 'One', 10, 1), (2, 'Two', 20, 2), (3, 'Three', 30, 1);
INSERT INTO "Event" VALUES (1, 'low'), (101, 'high');
INSERT INTO event_other VALUES (50, 'other low'), (51, 'other low');
INSERT INTO label_rows VALUES (1, 'a'), (2, 'b');
"""
READS = [
    read("Author", orderBy={"id": "asc"}, include={"books": {"orderBy": {"id": "asc"}}}), read("Author", "findUnique", where={"id": 1}),
    read("Author", "count", where={"name": {"contains": "a"}}), read("Book", orderBy={"id": "asc"}, include={"author": True}),
    read("Book", "aggregate", _sum={"pages": True}, _max={"title": True}), read("Book", "findUnique", where={"id": 2}, select={"title": True, "pages": True}),
    read("Event", orderBy={"id": "asc"}), read("Event", "findUnique", where={"id": 101}), read("Label", orderBy={"id": "asc"}),
]


def swap(one, two):
    return f"ALTER TABLE {one} RENAME TO swapped; ALTER TABLE {two} RENAME TO {one}; ALTER TABLE swapped RENAME TO {two}"


def unheard(statement, table='"Author"'):
    """A write behind the trigger's back."""
    return f"ALTER TABLE {table} DISABLE TRIGGER USER; {statement}; ALTER TABLE {table} ENABLE TRIGGER USER"


#: What somebody does. `{n}` is another number each time.
ACTIONS = [
    # Data.
    """UPDATE "Author" SET name = 'name {n}' WHERE id = 1""", """UPDATE "Book" SET pages = {n} WHERE id = 2""", """INSERT INTO "Book" VALUES ({n} + 1000, 'new {n}', 1, 2)""",
    """DELETE FROM "Book" WHERE id > 1000""", """UPDATE "Event" SET kind = 'kind {n}' WHERE id = 101""", """INSERT INTO event_low VALUES (60, '{n}') ON CONFLICT (id) DO UPDATE SET kind = '{n}'""",
    """UPDATE label_rows SET name = 'label {n}' WHERE id = 1""", """TRUNCATE event_low""",
    # Columns.
    """ALTER TABLE "Author" ADD extra_{n} int DEFAULT 5""", """ALTER TABLE "Author" RENAME name TO former; ALTER TABLE "Author" RENAME alias TO name; ALTER TABLE "Author" RENAME former TO alias""",
    """ALTER TABLE "Book" ALTER title TYPE varchar(200) USING 'rewritten {n}'""", """ALTER TABLE "Book" ALTER title TYPE text""", """ALTER TABLE "Book" ALTER pages TYPE bigint USING pages + 1""",
    """ALTER TABLE "Book" ALTER pages TYPE int USING pages * 2""", """ALTER TABLE "Book" DROP pages; ALTER TABLE "Book" ADD pages int NOT NULL DEFAULT {n}""",
    """ALTER TABLE "Book" ALTER pages SET DEFAULT {n}; INSERT INTO "Book" (id, title, "authorId") VALUES ({n} + 5000, 'd', 3)""",
    # Tables.
    swap('"Author"', "author_spare"), """CREATE TABLE again AS TABLE "Book"; DROP TABLE "Book"; ALTER TABLE again RENAME TO "Book"; UPDATE "Book" SET pages = {n}""",
    """CREATE OR REPLACE VIEW "Label" AS SELECT id, name || ' {n}' AS name FROM label_rows""", """DROP VIEW "Label"; CREATE VIEW "Label" AS SELECT id, 'made {n}' AS name FROM label_rows WHERE id > 1""",
    """CREATE TABLE child_{n} () INHERITS ("Author"); INSERT INTO child_{n} (id, name) VALUES ({n} + 100, 'child')""", """VACUUM FULL "Author" """, """CLUSTER "Book" USING "Book_pkey" """,
    """CREATE RULE quiet AS ON INSERT TO author_spare DO INSTEAD NOTHING; DROP RULE quiet ON author_spare""",
    # Partitions.
    """ALTER TABLE "Event" DETACH PARTITION event_low; UPDATE event_low SET kind = 'apart {n}'""", """ALTER TABLE "Event" ATTACH PARTITION event_low FOR VALUES FROM (0) TO (100)""",
    """ALTER TABLE "Event" DETACH PARTITION event_low; ALTER TABLE "Event" ATTACH PARTITION event_other FOR VALUES FROM (0) TO (100)""",
    """ALTER TABLE "Event" DETACH PARTITION event_other; ALTER TABLE "Event" ATTACH PARTITION event_low FOR VALUES FROM (0) TO (100)""",
    """UPDATE event_other SET kind = 'other {n}'""", """CREATE TABLE event_{n} PARTITION OF "Event" FOR VALUES FROM (1000 + {n}) TO (1001 + {n}); INSERT INTO "Event" VALUES (1000 + {n}, 'new')""",
    # What tells of changes.
    unheard("""UPDATE "Author" SET name = 'unheard {n}' WHERE id = 2"""), unheard("""DELETE FROM "Book" WHERE id > 1000""", '"Book"'),
    """SET session_replication_role = replica; UPDATE "Author" SET name = 'replica {n}' WHERE id = 3; SET session_replication_role = origin""",
    """DROP TRIGGER IF EXISTS accelerant_changes_1 ON "Book"; UPDATE "Book" SET title = 'no trigger {n}' WHERE id = 1""", "INSTALL", "INSTALL", "INSTALL",
]
#: Not within a transaction.
ALONE = ("VACUUM", "INSTALL")


class Play:
    def __init__(self, database, seed):
        database.sql.execute("SET client_min_messages = error;" + TABLES)
        self.database, self.dice, self.number, self.done = database, random.Random(seed), seed * 100, []
        self.hearer = Hearer(database.url(schema="public"), MODELS, timeout=SILENCE_MS)
        self.hearer.install("Author", "Book", "Event")
        self.hits = 0

    def act(self):
        """One thing, or several in one transaction. What the database refuses, since it does not fit its present state, is nothing."""
        chosen = self.dice.sample(ACTIONS, self.dice.choice((1, 1, 1, 2, 3)))
        self.number += 1
        chosen = [action.replace("{n}", str(self.number)) for action in chosen]
        chosen = next(([action] for action in chosen if action.startswith(ALONE)), chosen)
        self.done.append(chosen)
        if chosen == ["INSTALL"]:
            self.hearer.as_owner("$accelerate.installTriggers", execute=True, tables=["Author", "Book", "Event"])
            return
        is_alone = chosen[0].startswith(ALONE)
        try:
            self.database.sql.execute("; ".join(chosen if is_alone else ["BEGIN", *chosen, "COMMIT"]))
        except SQLError:
            self.database.sql.execute("ROLLBACK")

    def step(self):
        for request in READS * 2:
            self.hits += self.hearer.ask(request).cache == "ttl"
        self.act()
        time.sleep(SILENCE_MS / 1000 + 0.02)
        with Client({"schema": MODELS, "datasourceUrl": self.database.url(schema="public")}) as other:
            for request in READS:
                plain = {**request, "args": {name: value for name, value in request["args"].items() if name != "cacheStrategy"}}
                expected, found = other.query(plain), self.hearer.ask(request)
                assert (found.code, found.data) == (expected.code, expected.data), (request, found.cache, self.done)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_is_done_to_the_tables_no_answer_is_older_than_the_silence(database, seed):
    play = Play(database, seed)
    with play.hearer:
        for _ in range(STEPS):
            play.step()
    # Answers were kept, or there was nothing to be proved.
    assert play.hits > STEPS
