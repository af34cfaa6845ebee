"""Writes reach the records that are meant: keys with NULL, keys that change on the way, fields with the names of arguments."""
import pytest
from capi import Client

SCHEMA = """
datasource db {
  provider     = "postgresql"
  relationMode = "%s"
}
"""


@pytest.fixture
def open_client(database):
    """A client on tables of the test's own; gives its call, and the database's session."""
    made = []

    def open(tables, models, mode="foreignKeys"):
        database.sql.execute(tables)
        client = Client({"schema": SCHEMA % mode + models, "datasourceUrl": database.url()})
        made.append(client)

        def call(model, operation, **args):
            return client.query({"model": model, "operation": operation, "args": args})
        return call, database.sql

    yield open
    for client in made:
        client.close()


def done(reply):
    assert reply.number == 0, reply
    return reply.data


# MARK: NULL in a key that is referred to

GUILD = """
model Guild {
  id      Int      @id
  tag     String?  @unique
  players Player[]
  banner  Banner?
}
model Player {
  id       Int     @id
  nick     String  @default("new")
  badge    String? @unique
  guildTag String?
  guild    Guild?  @relation(fields: [guildTag], references: [tag])
}
model Banner {
  id       Int     @id
  color    String  @default("red")
  guildTag String? @unique
  guild    Guild?  @relation(fields: [guildTag], references: [tag])
}
"""
GUILD_TABLES = """
CREATE TABLE "Guild" (id integer PRIMARY KEY, tag text UNIQUE);
CREATE TABLE "Player" (id integer PRIMARY KEY, nick text NOT NULL DEFAULT 'new', badge text UNIQUE,
  "guildTag" text REFERENCES "Guild" (tag) ON DELETE SET NULL ON UPDATE CASCADE);
CREATE TABLE "Banner" (id integer PRIMARY KEY, color text NOT NULL DEFAULT 'red',
  "guildTag" text UNIQUE REFERENCES "Guild" (tag) ON DELETE SET NULL ON UPDATE CASCADE);
INSERT INTO "Guild" VALUES (1, NULL), (2, 'RED');
INSERT INTO "Player" VALUES (1, 'ann', NULL, NULL), (2, 'bob', 'b2', 'RED'), (3, 'cem', 'b3', NULL);
INSERT INTO "Banner" VALUES (1, 'red', NULL), (2, 'red', NULL);
"""


@pytest.mark.parametrize("field, steps, code", [
    ("players", {"updateMany": {"where": {}, "data": {"nick": "lost"}}}, None),
    ("players", {"deleteMany": {}}, None),
    ("players", {"set": []}, None),
    ("players", {"disconnect": [{"id": 1}, {"id": 3}]}, None),
    ("players", {"update": {"where": {"id": 1}, "data": {"nick": "lost"}}}, "P2025"),
    ("players", {"delete": {"id": 3}}, "P2017"),
    ("players", {"upsert": {"where": {"id": 1}, "create": {"id": 9}, "update": {"nick": "lost"}}}, "P2025"),
    ("players", {"connect": {"id": 2}}, "P2025"),
    ("players", {"set": [{"id": 2}]}, "P2025"),
    ("players", {"create": {"id": 9}}, "P2025"),
    ("players", {"create": [{"id": 9}, {"id": 10}]}, "P2025"),
    ("players", {"createMany": {"data": [{"id": 9}]}}, "P2025"),
    ("players", {"connectOrCreate": {"where": {"id": 2}, "create": {"id": 9}}}, "P2025"),
    ("banner", {"update": {"color": "lost"}}, "P2025"),
    ("banner", {"delete": True}, "P2025"),
    ("banner", {"disconnect": True}, None),
    ("banner", {"connect": {"id": 1}}, "P2025"),
    ("banner", {"create": {"id": 9}}, "P2025"),
])
def test_below_a_record_without_its_key_there_is_nobody(open_client, field, steps, code):
    call, sql = open_client(GUILD_TABLES, GUILD)
    tables = 'SELECT * FROM "Player" FULL JOIN "Banner" USING (id, "guildTag") ORDER BY 1, 2'
    before = sql.execute(tables)
    assert call("Guild", "update", where={"id": 1}, data={field: steps}).code == code
    assert sql.execute(tables) == before


@pytest.mark.parametrize("steps", [{"connect": {"id": 1}}, {"create": {"id": 9}}, {"connectOrCreate": {"where": {"id": 1}, "create": {"id": 9}}}])
@pytest.mark.parametrize("operation", ["create", "update"])
def test_a_record_without_its_key_cannot_be_referred_to(open_client, operation, steps):
    call, sql = open_client(GUILD_TABLES, GUILD)
    args = {"data": {"id": 9, "guild": steps}} if operation == "create" else {"where": {"id": 2}, "data": {"guild": steps}}
    reply = call("Player", operation, **args)
    assert reply.code == "P2025" and "'tag'" in reply.error["message"], reply
    assert sql.execute('SELECT id, "guildTag" FROM "Player" WHERE id IN (2, 9)') == [["2", "RED"]]
    assert sql.value('SELECT count(*) FROM "Guild"') == "2"


@pytest.mark.parametrize("field", ["players", "banner"])
def test_what_is_chosen_by_a_key_that_may_be_null_drives_out_all_others(open_client, field):
    call, sql = open_client(GUILD_TABLES, GUILD)
    sql.execute("""UPDATE "Player" SET "guildTag" = 'RED'; UPDATE "Banner" SET "guildTag" = 'RED' WHERE id = 1""")
    if field == "players":
        done(call("Guild", "update", where={"id": 2}, data={"players": {"set": [{"badge": "b3"}]}}))
        assert sql.execute("""SELECT id FROM "Player" WHERE "guildTag" = 'RED'""") == [["3"]]
    else:
        done(call("Guild", "update", where={"id": 2}, data={"banner": {"connect": {"id": 2, "color": "red"}}}))
        assert sql.execute("""SELECT id FROM "Banner" WHERE "guildTag" = 'RED'""") == [["2"]]


def test_a_limit_on_a_partitioned_table(open_client):
    """Two partitions have a row at the same place."""
    call, sql = open_client(
        """CREATE TABLE "Ping" (id integer, region text, kind text NOT NULL, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
        CREATE TABLE ping_eu PARTITION OF "Ping" FOR VALUES IN ('eu');
        CREATE TABLE ping_us PARTITION OF "Ping" FOR VALUES IN ('us');
        INSERT INTO "Ping" SELECT n, 'eu', 'old' FROM generate_series(1, 5) AS n;
        INSERT INTO "Ping" SELECT n, 'us', 'new' FROM generate_series(1, 5) AS n""",
        "model Ping {\n  id     Int\n  region String\n  kind   String\n\n  @@id([id, region])\n}\n")
    assert done(call("Ping", "deleteMany", where={"kind": "old"}, limit=0)) == {"count": 0}
    assert done(call("Ping", "deleteMany", where={"kind": "old"}, limit=3)) == {"count": 3}
    assert done(call("Ping", "updateMany", where={"kind": "new"}, data={"kind": "old"}, limit=2)) == {"count": 2}
    kinds = sql.execute('SELECT region, kind, count(*) FROM "Ping" GROUP BY 1, 2 ORDER BY 1, 2')
    assert kinds == [["eu", "old", "2"], ["us", "new", "3"], ["us", "old", "2"]]


def test_a_limit_on_an_inherited_table(open_client):
    call, sql = open_client(
        """CREATE TABLE "Ping" (id integer PRIMARY KEY, kind text NOT NULL); CREATE TABLE heir () INHERITS ("Ping");
        INSERT INTO "Ping" VALUES (1, 'old'); INSERT INTO heir VALUES (2, 'new')""",
        "model Ping {\n  id   Int    @id\n  kind String\n}\n")
    assert done(call("Ping", "deleteMany", where={"kind": "old"}, limit=5)) == {"count": 1}
    assert sql.execute('SELECT id FROM "Ping"') == [["2"]]


# MARK: Deletion of the record that another one refers to

HOLDER = """
model Leaf {
  id     Int   @id
  stemId Int?  @unique
  stem   Stem? @relation(fields: [stemId], references: [id], onDelete: {action})
}
model Stem {
  id   Int   @id
  leaf Leaf?
}
"""


@pytest.mark.parametrize("action, mode, code, leaves", [
    ("Restrict", "foreignKeys", "P2003", [["1", "1"]]),
    ("NoAction", "foreignKeys", "P2003", [["1", "1"]]),
    ("Cascade", "foreignKeys", None, []),
    ("SetNull", "foreignKeys", None, [["1", ""]]),
    ("Restrict", "prisma", "P2014", [["1", "1"]]),
    ("Cascade", "prisma", None, []),
    ("SetNull", "prisma", None, [["1", ""]]),
])
def test_a_nested_deletion_is_followed_as_the_relation_says(open_client, action, mode, code, leaves):
    words = {"NoAction": "NO ACTION", "SetNull": "SET NULL"}.get(action, action)
    reference = f"REFERENCES stem_ ON DELETE {words}" if mode == "foreignKeys" else ""
    call, sql = open_client(
        f"""CREATE TABLE stem_ (id integer PRIMARY KEY); CREATE TABLE "Leaf" (id integer PRIMARY KEY, "stemId" integer UNIQUE {reference});
        INSERT INTO stem_ VALUES (1); INSERT INTO "Leaf" VALUES (1, 1)""",
        HOLDER.replace("{action}", action).replace("  leaf Leaf?\n", '  leaf Leaf?\n  @@map("stem_")\n'), mode)
    reply = call("Leaf", "update", where={"id": 1}, data={"stem": {"delete": True}})
    assert reply.code == code
    if code is None:
        assert reply.data == ({"id": 1, "stemId": None} if leaves else None)
    assert sql.execute('SELECT id, "stemId" FROM "Leaf"') == leaves
    assert sql.value("SELECT count(*) FROM stem_") == ("0" if code is None else "1")


# MARK: Keys that change on the way

SEAT = """
model Room {
  id    Int    @id
  name  String @default("")
  seats Seat[]
}
model Seat {
  roomId Int
  place  Int
  note   String @default("")
  room   Room   @relation(fields: [roomId], references: [id], onUpdate: Cascade)
  tags   Tag[]

  @@id([roomId, place])
}
model Tag {
  id     Int    @id
  text   String @default("")
  roomId Int
  place  Int
  seat   Seat   @relation(fields: [roomId, place], references: [roomId, place], onUpdate: Cascade)

  @@index([roomId, place])
}
"""
SEAT_TABLES = """
CREATE TABLE "Room" (id integer PRIMARY KEY, name text NOT NULL DEFAULT '');
CREATE TABLE "Seat" ("roomId" integer NOT NULL %s, place integer, note text NOT NULL DEFAULT '', PRIMARY KEY ("roomId", place));
CREATE TABLE "Tag" (id integer PRIMARY KEY, text text NOT NULL DEFAULT '', "roomId" integer NOT NULL, place integer NOT NULL %s);
INSERT INTO "Room" VALUES (1), (2);
INSERT INTO "Seat" VALUES (1, 1), (2, 1);
INSERT INTO "Tag" VALUES (1, '', 1, 1), (2, '', 2, 1);
"""


@pytest.mark.parametrize("mode", ["foreignKeys", "prisma"])
@pytest.mark.parametrize("data, seat, tags", [
    ({"room": {"update": {"id": 5}}}, "5 1", 1),
    ({"room": {"update": {"id": 5}}, "note": "moved"}, "5 1 moved", 1),
    ({"note": "moved", "room": {"update": {"id": {"increment": 4}}}, "tags": {"create": {"id": 9}}}, "5 1 moved", 2),
    ({"place": 7}, "1 7", 1),
    ({"tags": {"update": {"where": {"id": 1}, "data": {"text": "seen"}}}, "room": {"update": {"id": 5, "name": "big"}}}, "5 1", 1),
    ({"room": {"upsert": {"create": {"id": 8}, "update": {"id": 5}}}, "tags": {"set": []}}, None, 1),
])
def test_a_record_is_known_by_its_new_key(open_client, mode, data, seat, tags):
    references = ('REFERENCES "Room" ON UPDATE CASCADE', ', FOREIGN KEY ("roomId", place) REFERENCES "Seat" ON UPDATE CASCADE')
    call, sql = open_client(SEAT_TABLES % (references if mode == "foreignKeys" else ("", "")), SEAT, mode)
    reply = call("Seat", "update", where={"roomId_place": {"roomId": 1, "place": 1}}, data=data, include={"tags": True})
    if seat is None:
        assert reply.code == "P2014"
        return
    answer = done(reply)
    assert f'{answer["roomId"]} {answer["place"]} {answer["note"]}'.strip() == seat
    assert len(answer["tags"]) == tags
    assert sorted(sql.execute('SELECT "roomId", place FROM "Seat"')) == sorted([seat.split()[:2], ["2", "1"]])
    assert sql.execute('SELECT "roomId", place FROM "Tag" WHERE id = 2') == [["2", "1"]]


@pytest.mark.parametrize("mode", ["foreignKeys", "prisma"])
def test_a_key_that_changes_two_levels_away_is_followed(open_client, mode):
    references = ('REFERENCES "Room" ON UPDATE CASCADE', ', FOREIGN KEY ("roomId", place) REFERENCES "Seat" ON UPDATE CASCADE')
    call, sql = open_client(SEAT_TABLES % (references if mode == "foreignKeys" else ("", "")), SEAT, mode)
    data = {"text": "far", "seat": {"update": {"note": "near", "room": {"update": {"id": 5}}}}}
    answer = done(call("Tag", "update", where={"id": 1}, data=data, include={"seat": {"include": {"room": True}}}))
    assert answer["seat"]["room"]["id"] == answer["roomId"] == 5
    assert (answer["text"], answer["seat"]["note"]) == ("far", "near")


# MARK: Fields with the names of arguments

def test_a_to_one_update_of_fields_named_as_arguments(open_client):
    call, sql = open_client(
        """CREATE TABLE "Page" (id integer PRIMARY KEY, data integer NOT NULL DEFAULT 0, "where" text NOT NULL DEFAULT '', "set" jsonb,
          "update" integer NOT NULL DEFAULT 0, "create" integer NOT NULL DEFAULT 0, "connect" integer NOT NULL DEFAULT 0);
        CREATE TABLE "Mark" (id integer PRIMARY KEY, "pageId" integer NOT NULL UNIQUE REFERENCES "Page");
        INSERT INTO "Page" (id) VALUES (1); INSERT INTO "Mark" VALUES (1, 1)""",
        """
        model Mark {
          id     Int  @id
          pageId Int  @unique
          page   Page @relation(fields: [pageId], references: [id])
        }
        model Page {
          id      Int    @id
          data    Int    @default(0)
          where   String @default("")
          set     Json?
          update  Int    @default(0)
          create  Int    @default(0)
          connect Int    @default(0)
          mark    Mark?
        }
        """)

    def after(update):
        done(call("Mark", "update", where={"id": 1}, data={"page": {"update": update}}))
        return sql.execute('SELECT data, "where", "set", "update", "create", "connect" FROM "Page"')[0]

    assert after({"data": 1}) == ["1", "", "", "0", "0", "0"]
    assert after({"data": {"data": 2}}) == ["2", "", "", "0", "0", "0"]
    assert after({"data": {"increment": 1}}) == ["3", "", "", "0", "0", "0"]
    assert after({"where": "here", "data": 4}) == ["4", "here", "", "0", "0", "0"]
    assert after({"where": {"where": "here"}, "data": {"where": "there"}}) == ["4", "there", "", "0", "0", "0"]
    assert after({"where": {"set": "x"}, "data": {"set": 5}}) == ["5", "x", "", "0", "0", "0"]
    assert after({"data": {"set": {"set": 1}, "update": 6, "create": 7, "connect": {"increment": 8}}}) == ["5", "x", '{"set": 1}', "6", "7", "8"]
    assert after({"set": {"set": 2}, "update": 1}) == ["5", "x", '{"set": 2}', "1", "7", "8"]
    reply = call("Mark", "update", where={"id": 1}, data={"page": {"update": {"data": {"nothing": 1}}}})
    assert reply.code == "P2009" and reply.error["meta"]["path"] == "args.data.page.update.data.nothing", reply


# MARK: Records that refer to themselves

TREE = """
model Node {
  id       Int    @id
  parentId Int?
  parent   Node?  @relation("Tree", fields: [parentId], references: [id], onDelete: %s, onUpdate: Restrict)
  children Node[] @relation("Tree")
}
"""
TREE_TABLE = 'CREATE TABLE "Node" (id int PRIMARY KEY, "parentId" int); INSERT INTO "Node" VALUES %s'


def tree_tables(rows, action, mode):
    """The table of the tree; with a key in the database that carries out the action where the library does not."""
    key = f'; ALTER TABLE "Node" ADD FOREIGN KEY ("parentId") REFERENCES "Node" ON DELETE {action}' if mode == "foreignKeys" else ""
    return TREE_TABLE % rows + key


CIRCLES = {
    "a record of its own": ("(1, 1), (9, NULL)", [1], 1),
    "two": ("(1, 2), (2, 1), (9, NULL)", [1], 1),
    "two of the list": ("(1, 2), (2, 1), (9, NULL)", [1, 2], 2),
    "a parent and its child": ("(1, NULL), (2, 1), (9, NULL)", [1, 2], 2),
    "a parent and a grandchild": ("(1, NULL), (2, 1), (3, 2), (9, NULL)", [1, 3], 2),
    "a long circle with a tail": ("(1, 3), (2, 1), (3, 2), (4, 3), (5, 4), (9, NULL)", [2], 1),
}


@pytest.mark.parametrize("mode", ["prisma", "foreignKeys"])
@pytest.mark.parametrize("kind", CIRCLES)
def test_records_in_a_circle_are_deleted_and_those_that_were_meant_are_counted(open_client, kind, mode):
    rows, meant, count = CIRCLES[kind]
    call, sql = open_client(tree_tables(rows, "CASCADE", mode), TREE % "Cascade", mode)
    assert done(call("Node", "deleteMany", where={"id": {"in": meant}})) == {"count": count}
    assert sql.execute('SELECT id FROM "Node"') == [["9"]]


@pytest.mark.parametrize("mode", ["prisma", "foreignKeys"])
def test_a_record_that_refers_to_itself_is_deleted_by_delete(open_client, mode):
    call, sql = open_client(tree_tables("(1, 1), (2, 1), (9, NULL)", "CASCADE", mode), TREE % "Cascade", mode)
    assert done(call("Node", "delete", where={"id": 1}))["id"] == 1
    assert sql.execute('SELECT id FROM "Node"') == [["9"]]


@pytest.mark.parametrize("mode", ["prisma", "foreignKeys"])
def test_whether_a_record_that_goes_too_restricts(open_client, mode):
    """A foreign key looks after the statement. Prisma Client, which stands in for one, looks before it."""
    call, sql = open_client(tree_tables("(1, NULL), (2, 1), (3, 2), (9, NULL)", "RESTRICT", mode), TREE % "Restrict", mode)
    assert call("Node", "deleteMany", where={"id": {"in": [1, 2]}}).status == "CONSTRAINT"
    reply = call("Node", "deleteMany", where={"id": {"in": [1, 2, 3]}})
    if mode == "prisma":
        assert reply.code == "P2014" and sql.execute('SELECT count(*) FROM "Node"') == [["4"]]
    else:
        assert done(reply) == {"count": 3} and sql.execute('SELECT id FROM "Node"') == [["9"]]


# MARK: Many keys at once


def test_a_nested_update_moves_thousands_of_keys_and_what_holds_them(open_client):
    call, sql = open_client(
        """CREATE TABLE box (id int PRIMARY KEY); CREATE TABLE item (id int PRIMARY KEY, box int NOT NULL REFERENCES box);
        CREATE TABLE tag (id int PRIMARY KEY, item int NOT NULL REFERENCES item ON UPDATE CASCADE);
        INSERT INTO box VALUES (1); INSERT INTO item SELECT n, 1 FROM generate_series(1, 2000) n; INSERT INTO tag SELECT id, id FROM item""",
        """
model box {
  id    Int    @id
  items item[]
}
model item {
  id    Int   @id
  box   Int
  owner box   @relation(fields: [box], references: [id])
  tags  tag[]
}
model tag {
  id     Int  @id
  item   Int
  holder item @relation(fields: [item], references: [id], onUpdate: Cascade)
}
""")
    done(call("box", "update", where={"id": 1}, data={"items": {"updateMany": {"where": {}, "data": {"id": {"increment": 100_000}}}}}))
    assert sql.value("SELECT min(id) || ' ' || max(id) FROM item") == "100001 102000"
    assert sql.value("SELECT count(*) FROM tag WHERE item = id + 100000") == "2000"
