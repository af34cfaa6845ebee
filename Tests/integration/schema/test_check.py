"""`$schema.check`: what a schema and its database say differently, and what suffers by it."""
import json
import time

import pytest
from capi import Client
from psql import Psql
from waiting import PROMPT

HEAD = 'datasource db {\n  provider = "postgresql"\n}\n'
SCHEMA = HEAD + """
enum Role {
  USER
  ADMIN
}
model User {
  id    Int     @id @default(autoincrement())
  email String  @unique
  name  String?
  role  Role    @default(USER)
  seen  DateTime @default(now())
  posts Post[]
}
model Post {
  id       Int    @id @default(autoincrement())
  title    String @default("none")
  authorId Int
  author   User   @relation(fields: [authorId], references: [id], onDelete: Cascade)
  tags     Tag[]
  @@index([title])
}
model Tag {
  id    String @id @default(cuid())
  posts Post[]
}
"""
TABLES = """
CREATE TYPE "Role" AS ENUM ('USER', 'ADMIN');
CREATE TABLE "User" (id serial CONSTRAINT "User_pkey" PRIMARY KEY, email text NOT NULL, name text, role "Role" NOT NULL DEFAULT 'USER',
    seen timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE UNIQUE INDEX "User_email_key" ON "User" (email);
CREATE TABLE "Post" (id serial CONSTRAINT "Post_pkey" PRIMARY KEY, title text NOT NULL DEFAULT 'none', "authorId" int NOT NULL
    CONSTRAINT "Post_authorId_fkey" REFERENCES "User" ON DELETE CASCADE ON UPDATE CASCADE);
CREATE INDEX "Post_title_idx" ON "Post" (title);
CREATE TABLE "Tag" (id text CONSTRAINT "Tag_pkey" PRIMARY KEY);
CREATE TABLE "_PostToTag" ("A" int NOT NULL CONSTRAINT "_PostToTag_A_fkey" REFERENCES "Post" ON DELETE CASCADE ON UPDATE CASCADE,
    "B" text NOT NULL CONSTRAINT "_PostToTag_B_fkey" REFERENCES "Tag" ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "_PostToTag_AB_pkey" PRIMARY KEY ("A", "B"));
CREATE INDEX "_PostToTag_B_index" ON "_PostToTag" ("B");
"""


@pytest.fixture
def empty(database):
    """A database without tables."""
    database.sql.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return database


def check(database, schema=SCHEMA, **settings):
    with Client({"schema": schema, "datasourceUrl": database.url(connection_limit=1, schema="public"), **settings}) as client:
        return client.data({"operation": "$schema.check"})


def differences(database, schema=SCHEMA):
    return {(entry["path"], entry["kind"]): entry for entry in check(database, schema)["differences"]}


def test_what_prisma_migrate_makes_is_no_difference(empty):
    empty.sql.execute(TABLES)
    assert check(empty) == {"differences": [], "unseen": []}


#: What is changed; where it shows, and as what; both sides; what suffers.
CHANGES = [
    ('ALTER TABLE "User" DROP COLUMN name', "User.name", "missingColumn", "String?", None, ["reads", "writes"]),
    ('ALTER TABLE "User" ADD plan int', "User.plan", "extraColumn", None, "Int?", []),
    ('ALTER TABLE "User" ADD plan int NOT NULL', "User.plan", "extraColumn", None, "Int", ["writes"]),
    ('ALTER TABLE "User" ALTER email DROP NOT NULL', "User.email", "nullability", "String", "String?", ["reads", "correctness"]),
    ('ALTER TABLE "User" ALTER name SET NOT NULL', "User.name", "nullability", "String?", "String", ["writes"]),
    ('ALTER TABLE "User" ALTER name TYPE varchar(9)', "User.name", "type", "String?", "String? @db.VarChar(9)", ["writes"]),
    ('ALTER TABLE "User" ALTER name TYPE int USING 1', "User.name", "type", "String?", "Int?", ["reads", "writes"]),
    ('ALTER TABLE "User" ALTER name TYPE text[] USING null', "User.name", "list", "String?", "String[]", ["reads", "writes"]),
    ('ALTER TABLE "User" ALTER seen TYPE timestamptz(3)', "User.seen", "type", "DateTime", "DateTime @db.Timestamptz(3)", ["correctness"]),
    ('ALTER TABLE "User" ALTER seen DROP DEFAULT', "User.seen", "default", "now()", None, ["writes"]),
    ('ALTER TABLE "User" ALTER id DROP DEFAULT', "User.id", "default", "autoincrement()", None, ["writes"]),
    ('ALTER TABLE "User" ALTER name SET DEFAULT \'x\'', "User.name", "default", None, "'x'::text", []),
    ('ALTER TABLE "Post" ALTER title SET DEFAULT \'x\'', "Post.title", "default", "none", "'x'::text", ["correctness"]),
    ('DROP INDEX "User_email_key"', "User.email", "unique", "unique (email)", None, ["writes", "correctness"]),
    ('DROP INDEX "User_email_key"; CREATE UNIQUE INDEX ON "User" (email) WHERE id > 1', "User.email", "unique", "unique (email)",
     "unique (email), where (id > 1)", ["writes", "correctness"]),
    ('ALTER INDEX "User_email_key" RENAME TO mails', "User.email", "name", "User_email_key", "mails", []),
    ('CREATE UNIQUE INDEX one ON "User" (name)', "User.one", "extraUnique", None, "unique (name)", ["writes"]),
    ('DROP INDEX "Post_title_idx"', "Post.title", "index", "index (title)", None, []),
    ('DROP INDEX "Post_title_idx"; CREATE INDEX "Post_title_idx" ON "Post" USING hash (title)', "Post.title", "index", "index (title)",
     "index (title) hash", []),
    ('CREATE INDEX i ON "Post" ("authorId")', "Post.i", "extraIndex", None, "index (authorId)", []),
    ('ALTER TABLE "Tag" DROP CONSTRAINT "Tag_pkey" CASCADE', "Tag", "primaryKey", "primary key (id)", None, ["writes", "correctness"]),
    ('ALTER TABLE "Post" DROP CONSTRAINT "Post_authorId_fkey"', "Post.authorId", "foreignKey", "(authorId) references public.User (id)", None,
     ["correctness"]),
    ('ALTER TABLE "Post" DROP CONSTRAINT "Post_authorId_fkey", ADD CONSTRAINT "Post_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "User"'
     " ON DELETE SET NULL ON UPDATE CASCADE", "Post.authorId", "onDelete", "Cascade", "SetNull", ["correctness"]),
    ('ALTER TABLE "Post" ADD FOREIGN KEY (id) REFERENCES "User"', "Post.id", "extraForeignKey", None, "(id) references public.User (id)",
     ["writes"]),
    ("ALTER TYPE \"Role\" ADD VALUE 'GUEST'", "Role.GUEST", "extraValue", None, "GUEST", ["reads"]),
    ("ALTER TYPE \"Role\" RENAME VALUE 'ADMIN' TO 'ROOT'", "Role.ADMIN", "missingValue", "ADMIN", None, ["reads", "writes"]),
    ('DROP TABLE "_PostToTag"', "Post.tags", "missingJoinTable", "table public._PostToTag", None, ["reads", "writes"]),
    ('ALTER TABLE "_PostToTag" DROP CONSTRAINT "_PostToTag_AB_pkey"', "Post.tags", "unique", "unique (A, B)", None, ["writes", "correctness"]),
    ('DROP TABLE "Post" CASCADE', "Post", "missingTable", "model public.Post", None, ["reads", "writes"]),
    ('ALTER TABLE "Tag" RENAME TO t; CREATE VIEW "Tag" AS SELECT * FROM t', "Tag", "isView", "model", "view public.Tag", ["writes"]),
    ("CREATE TABLE other (id int)", "public.other", "extraTable", None, "table public.other", []),
    ("CREATE TYPE mood AS ENUM ('ok')", "public.mood", "extraEnum", None, "enum public.mood", []),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change[1]}-{change[2]}")
def test_each_difference_is_told_with_both_sides_and_what_suffers(empty, change):
    statement, path, kind, schema, there, affects = change
    empty.sql.execute(TABLES)
    empty.sql.execute(statement)
    found = differences(empty)
    assert (path, kind) in found, found
    assert found[path, kind] == {"path": path, "kind": kind, "schema": schema, "database": there, "affects": affects}


def test_a_deferrable_unique_key_is_one(empty):
    empty.sql.execute(TABLES)
    empty.sql.execute('DROP INDEX "User_email_key"; ALTER TABLE "User" ADD CONSTRAINT "User_email_key" UNIQUE (email) DEFERRABLE INITIALLY DEFERRED')
    assert check(empty)["differences"] == []


def test_a_schema_that_the_database_lacks_is_told(empty):
    text = 'datasource db {\n  provider = "postgresql"\n  schemas = ["public", "gone"]\n}\nmodel M {\n  id Int @id\n  @@schema("gone")\n}\n'
    with Client({"datasourceUrl": empty.url(), "schema": text}) as client:
        answer = client.data({"operation": "$schema.check"})
        assert [(one["path"], "has no schema `gone`" in one["reason"]) for one in answer["unseen"]] == [("gone", True)]
        assert ("M", "missingTable") in [(one["path"], one["kind"]) for one in answer["differences"]]
        assert client.data({"operation": "$schema.push"})["executed"]
        assert client.data({"operation": "$schema.check"})["unseen"] == []
    with Client({"datasourceUrl": empty.url(schema="nowhere"), "schema": HEAD}) as client:
        assert [one["path"] for one in client.data({"operation": "$schema.check"})["unseen"]] == ["nowhere"]


def test_an_older_table_of_pairs_is_as_good(empty):
    empty.sql.execute(TABLES)
    empty.sql.execute('ALTER TABLE "_PostToTag" DROP CONSTRAINT "_PostToTag_AB_pkey"; CREATE UNIQUE INDEX "_PostToTag_AB_unique" ON "_PostToTag" ("A", "B")')
    assert check(empty)["differences"] == []


def test_several_schemas(empty):
    empty.sql.execute('CREATE SCHEMA one; CREATE SCHEMA two; CREATE TABLE one.a (id int PRIMARY KEY, b int); CREATE TABLE two.b (id text PRIMARY KEY)')
    schema = HEAD.replace("}", '  schemas = ["one", "two"]\n}') + """
        model A {
          id Int @id
          b  Int?
          @@map("a")
          @@schema("one")
        }
        model B {
          id Int @id
          @@map("b")
          @@schema("two")
        }
        """
    assert list(differences(empty, schema)) == [("B.id", "type")]


def test_a_role_without_rights_is_told_what_it_cannot_see(empty, admin):
    empty.sql.execute(TABLES)
    empty.sql.execute("DROP ROLE IF EXISTS poor; CREATE ROLE poor LOGIN PASSWORD 'poor'; GRANT SELECT ON \"Tag\" TO poor")
    url = empty.url(connection_limit=1).replace("//app@", "//poor@").replace("//app:app-secret@", "//poor:poor@")
    try:
        with Client({"schema": SCHEMA, "datasourceUrl": url}) as client:
            found = client.data({"operation": "$schema.check"})
        assert found["differences"] == []
        unseen = {part["path"] for part in found["unseen"]}
        assert {"User", "Post"} <= unseen and "Tag" not in unseen, found
        assert all(part["reason"] for part in found["unseen"])
    finally:
        empty.sql.execute("DROP OWNED BY poor; DROP ROLE poor")


def test_a_hostile_search_path_changes_nothing(empty):
    empty.sql.execute(TABLES)
    with Psql(empty.server.url(empty.name)) as session:
        session.execute(
            "CREATE FUNCTION public.has_table_privilege(oid, text) RETURNS bool LANGUAGE plpgsql AS $$BEGIN RAISE 'run'; END$$;"
            "CREATE FUNCTION public.eq(name, name) RETURNS bool LANGUAGE plpgsql AS $$BEGIN RAISE 'run'; END$$;"
            "CREATE OPERATOR public.= (LEFTARG = name, RIGHTARG = name, FUNCTION = public.eq);"
            "CREATE FUNCTION public.eq(oid, oid) RETURNS bool LANGUAGE plpgsql AS $$BEGIN RAISE 'run'; END$$;"
            "CREATE OPERATOR public.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = public.eq);"
            "CREATE FUNCTION public.eq(\"char\", \"char\") RETURNS bool LANGUAGE plpgsql AS $$BEGIN RAISE 'run'; END$$;"
            "CREATE OPERATOR public.= (LEFTARG = \"char\", RIGHTARG = \"char\", FUNCTION = public.eq);"
            f"ALTER DATABASE {empty.name} SET search_path = public, pg_catalog")
    assert check(empty)["differences"] == []


def test_a_client_without_a_schema_has_nothing_to_compare(empty):
    with Client({"datasourceUrl": empty.url(schema="public")}) as client:
        reply = client.query({"operation": "$schema.check"})
        assert reply.status == "INVALID_REQUEST" and "without `schema`" in reply.error_text
        reply = client.query({"model": "User", "operation": "findMany"})
        assert reply.status == "INVALID_REQUEST" and "without a schema" in reply.error_text, reply.error_text
        assert client.data({"operation": "$queryRaw", "args": {"query": "SELECT 1 AS one"}}) == [{"one": 1}]


def test_130_tables_are_compared_soon(empty):
    columns = ", ".join(f"c{number} {type}" for number, type in enumerate(["int", "text", "varchar(40)", "timestamptz DEFAULT now()", "numeric(10,2)", "jsonb"] * 2))
    empty.sql.execute("".join(
        f"CREATE TABLE t{number} (id serial PRIMARY KEY, {columns}, up int REFERENCES t{max(number - 1, 0)}); CREATE INDEX ON t{number} (c1);" for number in range(130)))
    with Client({"datasourceUrl": empty.url(schema="public")}) as client:
        schema = client.data({"operation": "$schema.pull"})["schema"]
    with Client({"schema": schema, "datasourceUrl": empty.url(connection_limit=1)}) as client:
        client.data({"operation": "$connect"})
        spans = []
        for _ in range(5):
            start = time.perf_counter()
            assert client.data({"operation": "$schema.check"}) == {"differences": [], "unseen": []}
            spans.append(time.perf_counter() - start)
    print(json.dumps([round(1000 * span, 1) for span in spans]))
    # Why so much: other tests run beside. Alone on a machine it is 20 ms.
    assert min(spans) < PROMPT


def test_a_client_may_compare_by_itself_and_warn(empty):
    empty.sql.execute(TABLES)
    empty.sql.execute('DROP INDEX "User_email_key"; CREATE TABLE other ()')
    with Client({"schema": SCHEMA, "datasourceUrl": empty.url(schema="public"), "check": "warn", "log": ["warn"]}) as client:
        for _ in range(2):
            assert client.data({"model": "User", "operation": "findMany", "args": {}}) == []
        told = [event for event in client.data({"operation": "$log.take"})["events"] if event["target"] == "schema"]
    assert [event["message"] for event in told] == ["The schema and the database differ: User.email: unique, schema unique (email), database nothing"]


@pytest.mark.parametrize("request_", [
    {"model": "User", "operation": "findMany"}, {"model": "User", "operation": "create", "data": 1}, {"operation": "$connect"},
    {"operation": "$transaction.begin"}], ids=lambda request: request["operation"])
def test_a_client_may_compare_by_itself_and_refuse(empty, request_):
    request_ = {"model": "User", "operation": "create", "args": {"data": {"email": "a"}}} if "data" in request_ else request_
    empty.sql.execute(TABLES)
    empty.sql.execute('DROP INDEX "User_email_key"')
    with Client({"schema": SCHEMA, "datasourceUrl": empty.url(schema="public"), "check": "error"}) as client:
        reply = client.query(request_)
        assert (reply.status, reply.code, reply.meta["path"]) == ("INVALID_CONFIGURATION", "P6001", "check"), reply
        assert reply.meta["differences"] == ["User.email: unique, schema unique (email), database nothing"]
        assert client.data({"operation": "$queryRaw", "args": {"query": "SELECT 1 AS n"}}) == [{"n": 1}]
        assert len(client.data({"operation": "$schema.check"})["differences"]) == 1
        empty.sql.execute('CREATE UNIQUE INDEX "User_email_key" ON "User" (email)')
        client.data(request_)


def test_a_check_needs_a_schema_and_a_known_word():
    from capi import OpenError
    for config, word in (({"check": "warn"}, "needs"), ({"schema": SCHEMA, "check": "loud"}, "warn")):
        with pytest.raises(OpenError) as caught:
            Client({"datasourceUrl": "postgresql://localhost:1/x", **config})
        assert word in caught.value.reply.error["message"]
