"""`$schema.pull`: the schema text of a database, as `prisma db pull` writes it."""
import re
import time

import pytest
from capi import Client

HEAD = 'generator client {\n  provider = "prisma-client-js"\n}\n\ndatasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\n\n'


@pytest.fixture
def empty(database):
    """A database without tables."""
    database.sql.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return database


def ask(database, operation, schema=None, **args):
    config = {"datasourceUrl": database.url(connection_limit=1, schema="public")}
    if schema is not None:
        config["schema"] = schema
    with Client(config) as client:
        return client.data({"operation": operation, "args": args})


def pull(database, statements, schema=None, **args):
    """The text without its configuration; it opens, a second pull is the same, and a check finds nothing."""
    database.sql.execute(statements)
    answer = ask(database, "$schema.pull", schema, **args)
    text = answer["schema"]
    again = ask(database, "$schema.pull", text, **({"schemas": args["schemas"]} if "schemas" in args else {}))["schema"]
    assert again == text
    assert ask(database, "$schema.check", text) == {"differences": [], "unseen": []}
    return text[len(HEAD):] if schema is None and not args else text


def without_comments(text):
    lines = [re.sub(r"\s*//.*", "", line) for line in text.split("\n")]
    return "\n".join(line for line in lines if line.strip())


def test_columns_types_and_defaults(empty):
    text = pull(empty, """
        CREATE TYPE role AS ENUM ('USER', 'ADMIN');
        CREATE DOMAIN short AS varchar(7) NOT NULL;
        CREATE TABLE "User" (
          id serial, email varchar(40) UNIQUE, big bigint NOT NULL DEFAULT 5, small smallint, real real, f float8 DEFAULT 1.5, n numeric, m numeric(65,30),
          k numeric(10,2), ok bool DEFAULT true, t timestamp(3) DEFAULT now(), z timestamptz DEFAULT CURRENT_TIMESTAMP, d date, ti time, j jsonb DEFAULT '{"a": 1}',
          js json, b bytea, u uuid DEFAULT gen_random_uuid(), i inet, x xml, o oid, mo money, c char(3), bi bit(4), vb varbit, role role NOT NULL DEFAULT 'USER',
          tags text[] DEFAULT '{a,"b c"}', ints int[] NOT NULL, iv interval, ts tsvector, s short, g text GENERATED ALWAYS AS (upper(email)) STORED,
          a int GENERATED ALWAYS AS IDENTITY, quoted text DEFAULT 'it''s "so"', PRIMARY KEY (id))""")
    assert text == '''model User {
  id     Int                      @id @default(autoincrement())
  email  String?                  @unique @db.VarChar(40)
  big    BigInt                   @default(5)
  small  Int?                     @db.SmallInt
  real   Float?                   @db.Real
  f      Float?                   @default(1.5)
  n      Decimal?                 @db.Decimal
  m      Decimal?
  k      Decimal?                 @db.Decimal(10, 2)
  ok     Boolean?                 @default(true)
  t      DateTime?                @default(now())
  z      DateTime?                @default(now()) @db.Timestamptz(6)
  d      DateTime?                @db.Date
  ti     DateTime?                @db.Time(6)
  j      Json?                    @default("{\\"a\\": 1}")
  js     Json?                    @db.Json
  b      Bytes?
  u      String?                  @default(dbgenerated("gen_random_uuid()")) @db.Uuid
  i      String?                  @db.Inet
  x      String?                  @db.Xml
  o      Int?                     @db.Oid
  mo     Decimal?                 @db.Money
  c      String?                  @db.Char(3)
  bi     String?                  @db.Bit(4)
  vb     String?                  @db.VarBit
  role   role                     @default(USER)
  tags   String[]                 @default(["a", "b c"])
  ints   Int[]
  iv     Unsupported("interval")?
  ts     Unsupported("tsvector")?
  s      String                   @db.VarChar(7)
  g      String?                  @default(dbgenerated("upper((email)::text)"))
  a      Int                      @default(autoincrement())
  quoted String?                  @default("it's \\"so\\"")
}

enum role {
  USER
  ADMIN
}
'''


def test_relations_are_named_from_models_and_columns(empty):
    text = pull(empty, """
        CREATE TABLE "User" (id int CONSTRAINT "User_pkey" PRIMARY KEY, boss int REFERENCES "User");
        CREATE TABLE "Post" (id int PRIMARY KEY, "authorId" int NOT NULL, "editorId" int, CONSTRAINT "Post_authorId_fkey" FOREIGN KEY ("authorId")
            REFERENCES "User" ON DELETE CASCADE ON UPDATE CASCADE, CONSTRAINT ed FOREIGN KEY ("editorId") REFERENCES "User" ON DELETE SET NULL);
        CREATE TABLE "Profile" (id int PRIMARY KEY REFERENCES "User", "User" text);
        """)
    assert 'User_Post_authorIdToUser User  @relation("Post_authorIdToUser", fields: [authorId], references: [id], onDelete: Cascade)' in text
    assert 'User_Post_editorIdToUser User? @relation("Post_editorIdToUser", fields: [editorId], references: [id], onUpdate: NoAction, map: "ed")' in text
    assert 'User_ProfileToUser User    @relation(fields: [id], references: [id], onDelete: NoAction, onUpdate: NoAction)' in text
    assert re.search(r"  User +User\?  +@relation\(\"UserToUser\", fields: \[boss\], references: \[id\], onDelete: NoAction, onUpdate: NoAction\)", text)
    assert re.search(r"  other_User +User\[\]  +@relation\(\"UserToUser\"\)", text)
    assert re.search(r"  Profile +Profile\?\n", text)


def test_keys_and_indexes(empty):
    text = pull(empty, """
        CREATE TABLE a (x int, y text, z jsonb, w int[], v text, q inet, CONSTRAINT own PRIMARY KEY (x, y));
        CREATE UNIQUE INDEX a_y_z_key ON a (y, v); CREATE UNIQUE INDEX u ON a (v DESC); CREATE INDEX a_y_idx ON a (y); CREATE INDEX i ON a (y DESC, v);
        CREATE INDEX h ON a USING hash (y); CREATE INDEX g ON a USING gin (z jsonb_path_ops); CREATE INDEX g2 ON a USING gin (w);
        CREATE INDEX b ON a USING brin (x int4_bloom_ops); CREATE INDEX s ON a USING spgist (y text_ops); CREATE INDEX gi ON a USING gist (q inet_ops);
        CREATE INDEX p ON a (x) WHERE x > 4; CREATE INDEX e ON a (lower(y)); CREATE INDEX inc ON a (v) INCLUDE (x)""")
    assert without_comments(text) == '''model a {
  x Int
  y String
  z Json?
  w Int[]
  v String? @unique(map: "u", sort: Desc)
  q String? @db.Inet
  @@id([x, y], map: "own")
  @@unique([y, v], map: "a_y_z_key")
  @@index([y])
  @@index([x(ops: Int4BloomOps)], map: "b", type: Brin)
  @@index([z(ops: JsonbPathOps)], map: "g", type: Gin)
  @@index([w], map: "g2", type: Gin)
  @@index([q(ops: InetOps)], map: "gi", type: Gist)
  @@index([y], map: "h", type: Hash)
  @@index([y(sort: Desc), v], map: "i")
  @@index([v], map: "inc")
  @@index([y], map: "s", type: SpGist)
}'''
    assert "CREATE INDEX p ON public.a USING btree (x) WHERE (x > 4)" in text and "lower(y)" in text


def test_names_that_are_none(empty):
    text = pull(empty, """
        CREATE TYPE "my type" AS ENUM ('a b', '1x', '', 'ok');
        CREATE TABLE "1 table-name" (id int PRIMARY KEY, "2nd" int, "a b" "my type" DEFAULT 'a b', "x-y" int, "x.y" int);
        CREATE TABLE "class" (id int PRIMARY KEY)""")
    assert without_comments(text) == '''model table_name {
  id    Int      @id
  nd    Int?     @map("2nd")
  a_b   my_type? @default(a_b) @map("a b")
  x_y   Int?     @map("x-y")
  x_y_2 Int?     @map("x.y")
  @@map("1 table-name")
}
model Renamedclass {
  id Int @id
  @@map("class")
}
enum my_type {
  a_b              @map("a b")
  x                @map("1x")
  EMPTY_ENUM_VALUE @map("")
  ok
  @@map("my type")
}'''


def test_a_column_that_no_name_can_be_made_of_is_left_out(empty):
    empty.sql.execute('CREATE TABLE a (id int PRIMARY KEY, "日本" int)')
    answer = ask(empty, "$schema.pull")
    assert without_comments(answer["schema"][len(HEAD):]) == "model a {\n  id Int @id\n}"
    assert '// Left out: the column "日本"' in answer["schema"] and [warning["path"] for warning in answer["warnings"]] == ["a"]
    named = answer["schema"].replace("@id\n", '@id\n  n Int? @map("日本")\n')
    again = ask(empty, "$schema.pull", named)["schema"]
    assert '  n  Int? @map("日本")\n' in again and "Left out" not in again


def test_long_and_made_names_need_no_map(empty):
    long = "t" * 60
    text = pull(empty, f'CREATE TABLE {long} (id int, {"c" * 63} int, CONSTRAINT {"t" * 58}_pkey PRIMARY KEY (id)); CREATE INDEX {"t" * 59}_idx ON {long} ({"c" * 63})')
    assert "map:" not in text


def test_a_table_of_pairs_is_a_relation(empty):
    text = pull(empty, """
        CREATE TABLE "Post" (id int PRIMARY KEY); CREATE TABLE "Tag" (id text PRIMARY KEY);
        CREATE TABLE "_PostToTag" ("A" int NOT NULL REFERENCES "Post" ON DELETE CASCADE ON UPDATE CASCADE, "B" text NOT NULL REFERENCES "Tag"
            ON DELETE CASCADE ON UPDATE CASCADE, CONSTRAINT "_PostToTag_AB_pkey" PRIMARY KEY ("A", "B")); CREATE INDEX "_PostToTag_B_index" ON "_PostToTag" ("B");
        CREATE TABLE "User" (id int PRIMARY KEY);
        CREATE TABLE "_friends" ("A" int NOT NULL REFERENCES "User" ON DELETE CASCADE ON UPDATE CASCADE, "B" int NOT NULL REFERENCES "User"
            ON DELETE CASCADE ON UPDATE CASCADE); CREATE UNIQUE INDEX "_friends_AB_unique" ON "_friends" ("A", "B"); CREATE INDEX "_friends_B_index" ON "_friends" ("B")
        """)
    assert text == '''model Post {
  id  Int   @id
  Tag Tag[]
}

model Tag {
  id   String @id
  Post Post[]
}

model User {
  id     Int    @id
  User_A User[] @relation("friends")
  User_B User[] @relation("friends")
}
'''


def test_what_cannot_be_identified_is_ignored(empty):
    text = pull(empty, """
        CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (x int, a int REFERENCES a); CREATE TABLE c (m macaddr PRIMARY KEY); CREATE TABLE nothing ()""")
    assert without_comments(text) == '''model a {
  id       Int @id
  b_b_aToa b[] @relation("b_aToa") @ignore
}
model b {
  x        Int?
  a        Int?
  a_b_aToa a?   @relation("b_aToa", fields: [a], references: [id], onDelete: NoAction, onUpdate: NoAction)
  @@ignore
}
model c {
  m Unsupported("macaddr") @id
  @@ignore
}'''


def test_several_schemas_and_a_name_in_both(empty):
    text = pull(empty, """
        CREATE SCHEMA one; CREATE SCHEMA two; CREATE TYPE two.kind AS ENUM ('x');
        CREATE TABLE one.users (id int PRIMARY KEY); CREATE TABLE two.users (id int PRIMARY KEY, u int REFERENCES one.users, k two.kind)""", schemas=["one", "two"])
    assert 'schemas  = ["one", "two"]' in text
    assert "model one_users {" in text and "model two_users {" in text
    assert '@@map("users")\n  @@schema("two")' in text and '@@schema("two")\n}' in text


def test_views_partitions_and_what_the_language_cannot_say(empty):
    empty.sql.execute("""
        CREATE TABLE p (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
        CREATE TABLE t (id int PRIMARY KEY CHECK (id > 0)); ALTER TABLE t ENABLE ROW LEVEL SECURITY; COMMENT ON COLUMN t.id IS 'number';
        CREATE VIEW v AS SELECT id, 'x'::text AS name FROM t""")
    answer = ask(empty, "$schema.pull")
    assert without_comments(answer["schema"][len(HEAD):]) == '''model p {
  id Int
  at DateTime @db.Date
  @@id([id, at])
}
model t {
  id Int @id
}
view v {
  id   Int?
  name String?
}'''
    told = {(warning["path"], warning["text"].split(",")[0].split(" (")[0]) for warning in answer["warnings"]}
    assert told == {
        ("p", "The table is partitioned"), ("t", "There are check constraints"), ("t", "Row level security is on"), ("t", "There are comments in the database")}
    plain = ask(empty, "$schema.pull", HEAD)
    assert "view v" not in plain["schema"] and any("views" in warning["text"] for warning in plain["warnings"])
    assert "view v" in ask(empty, "$schema.pull", HEAD.replace("client-js\"", "client-js\"\n  previewFeatures = [\"views\"]"))["schema"]


PRESENT = HEAD + '''/// Who writes.
model Author {
  // the mail comes first
  email     String   @unique @map("e_mail") // behind it
  id        String   @id @default(cuid())
  /// When.
  changedAt DateTime @updatedAt @map("changed_at")
  secret    String?  @ignore
  texts     Text[]   @relation("Written")

  // the end
  @@map("users")
}

// Between.

model Text {
  id       Int     @id @default(autoincrement())
  authorId String  @map("author_id")
  author   Author  @relation("Written", fields: [authorId], references: [id])
  kind     Kind    @default(Short)

  @@unique([authorId, kind], name: "call")
  @@map("posts")
}

enum Kind {
  Short @map("SHORT") // brief
  Long  @map("LONG")

  @@map("kind")
}

// After all.
'''
PRESENT_TABLES = """
CREATE TYPE kind AS ENUM ('SHORT', 'LONG');
CREATE TABLE users (id text PRIMARY KEY, e_mail text NOT NULL CONSTRAINT users_e_mail_key UNIQUE, changed_at timestamp(3) NOT NULL, secret text);
CREATE TABLE posts (id serial PRIMARY KEY, author_id text NOT NULL CONSTRAINT posts_author_id_fkey REFERENCES users ON DELETE RESTRICT ON UPDATE CASCADE,
    kind kind NOT NULL DEFAULT 'SHORT', CONSTRAINT posts_author_id_kind_key UNIQUE (author_id, kind));
"""


def test_a_present_schema_keeps_its_names_comments_and_order(empty):
    text = pull(empty, PRESENT_TABLES, PRESENT)
    expected = PRESENT.replace("  authorId String  @map", "  authorId String @map").replace("author   Author  @", "author   Author @")
    expected = expected.replace("  id       Int     @id", "  id       Int    @id").replace("  kind     Kind    @", "  kind     Kind   @")
    expected = expected.replace("\n\n  // the end\n  @@map", "\n\n  // the end\n  @@map")
    assert text == expected
    empty.sql.execute("ALTER TABLE users ADD age int; CREATE TABLE fresh (id int PRIMARY KEY, by text REFERENCES users); ALTER TYPE kind ADD VALUE 'new'")
    more = ask(empty, "$schema.pull", text)["schema"]
    assert "  age       Int?\n" in more and "model fresh {" in more and re.search(r"\n  new\n", more)
    assert more.index("enum Kind") < more.index("model fresh") and "// behind it" in more and '@relation("Written")' in more


def test_a_schema_without_foreign_keys_keeps_its_relations(empty):
    text = pull(empty, "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a_id int NOT NULL)", '''datasource db {
  provider     = "postgresql"
  relationMode = "prisma"
}

model a {
  id Int @id
  bs b[]
}

model b {
  id   Int @id
  a_id Int
  a    a   @relation(fields: [a_id], references: [id])
}
''')
    assert "a    a   @relation(fields: [a_id], references: [id])" in text and "bs b[]" in text


def test_arguments_are_checked(empty):
    with Client({"datasourceUrl": empty.url(schema="public")}) as client:
        for schemas, word in (([], "list"), ("public", "list"), ([1], "list"), (["none"], "does not have")):
            reply = client.query({"operation": "$schema.pull", "args": {"schemas": schemas}})
            assert reply.status == "INVALID_REQUEST" and word in reply.error_text, reply.error_text


def test_a_pull_while_tables_change(empty):
    import threading

    from psql import Psql
    stop = threading.Event()

    def change():
        with Psql(empty.server.url(empty.name)) as session:
            number = 0
            while not stop.is_set():
                number += 1
                session.execute(f"CREATE TABLE x{number % 7} (id serial PRIMARY KEY, a text DEFAULT lower('A')); CREATE INDEX ON x{number % 7} (lower(a))")
                session.execute(f"DROP TABLE x{number % 7}")

    thread = threading.Thread(target=change)
    thread.start()
    try:
        empty.sql.execute("CREATE TABLE steady (id int PRIMARY KEY)")
        with Client({"datasourceUrl": empty.url(schema="public")}) as client:
            end = time.monotonic() + 3
            while time.monotonic() < end:
                text = client.data({"operation": "$schema.pull"})["schema"]
                assert "model steady {" in text
                Client({"schema": text, "datasourceUrl": empty.url(schema="public")}).close()
    finally:
        stop.set()
        thread.join()
