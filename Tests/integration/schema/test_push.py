"""`$schema.diff` and `$schema.push`: the SQL between two states, what it may lose, and the database as the schema says."""
import json

import pytest
from capi import Client

HEAD = 'datasource db {\n  provider = "postgresql"\n}\n'
FIRST = HEAD + """
model User {
  id    Int    @id @default(autoincrement())
  email String @unique
  name  String?
  age   Int?
}
"""
SECOND = HEAD + """
model User {
  id    Int     @id @default(autoincrement())
  email String  @unique
  age   BigInt
  posts Post[]
}
model Post {
  id     Int  @id
  userId Int
  user   User @relation(fields: [userId], references: [id])
}
"""


@pytest.fixture
def bare(server, admin):
    """A database with nothing in it."""
    admin.execute("DROP DATABASE IF EXISTS pushed WITH (FORCE); CREATE DATABASE pushed TEMPLATE template0 STRATEGY file_copy")
    yield server.url("pushed")
    admin.execute("DROP DATABASE IF EXISTS pushed WITH (FORCE)")


def ask(url, schema, operation, **args):
    configuration = {"datasourceUrl": url, **({"schema": schema} if schema else {})}
    with Client(configuration) as client:
        return client.query({"operation": operation, "args": args})


def run(url, *statements):
    with Client({"datasourceUrl": url, "schema": HEAD}) as client:
        replies = [client.query({"operation": "$queryRaw", "args": {"query": text}}) for text in statements]
    assert all(reply.status == "OK" for reply in replies), replies
    return replies[-1].data


def test_a_push_makes_the_tables_and_a_second_one_nothing(bare):
    first = ask(bare, FIRST, "$schema.push").data
    assert first["executed"] and first["risks"] == [] and first["steps"] == 2
    second = ask(bare, FIRST, "$schema.push").data
    assert second == {"sql": "", "steps": 0, "risks": [], "executed": True}
    assert run(bare, "INSERT INTO \"User\" (email) VALUES ('a') RETURNING id") == [{"id": 1}]


def test_what_would_lose_data_is_told_and_not_begun(bare):
    ask(bare, FIRST, "$schema.push")
    run(bare, "INSERT INTO \"User\" (email, name) VALUES ('a', 'Anna')")
    refused = ask(bare, SECOND, "$schema.push").data
    assert not refused["executed"]
    assert {(risk["path"], risk["kind"]) for risk in refused["risks"]} == {("User.name", "columnDropped"), ("User.age", "columnMadeRequired")}
    assert run(bare, 'SELECT name FROM "User"') == [{"name": "Anna"}]
    # Nothing of it is done where a step fails, though the loss is accepted.
    failed = ask(bare, SECOND, "$schema.push", acceptDataLoss=True)
    assert failed.status == "DATABASE" and "nothing was changed" in failed.error["message"] and "23502" in failed.error["message"], failed
    assert run(bare, 'SELECT name FROM "User"') == [{"name": "Anna"}]
    run(bare, 'UPDATE "User" SET age = 5')
    assert ask(bare, SECOND, "$schema.push", acceptDataLoss=True).data["executed"]
    assert run(bare, 'SELECT * FROM "User"') == [{"id": 1, "email": "a", "age": "5"}]


def test_a_risk_is_one_only_where_the_rows_bear_it_out(bare):
    ask(bare, FIRST, "$schema.push")
    done = ask(bare, SECOND, "$schema.push").data
    assert done["executed"] and done["risks"] == []


def test_a_dry_run_changes_nothing(bare):
    shown = ask(bare, FIRST, "$schema.push", dryRun=True).data
    assert shown["executed"] is False and "CREATE TABLE" in shown["sql"]
    assert run(bare, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [{"count": "0"}]


def test_renamed_things_are_hinted_at(bare):
    ask(bare, FIRST, "$schema.push")
    run(bare, "INSERT INTO \"User\" (email, name) VALUES ('a', 'Anna')")
    [risk] = ask(bare, FIRST.replace("name  String?", "title String?"), "$schema.push").data["risks"]
    assert "renamed to `title`" in risk["reason"] and "Anna" not in json.dumps(risk)


def test_answers_of_changed_tables_are_not_kept(bare):
    with Client({"datasourceUrl": bare, "schema": FIRST}) as client:
        assert client.query({"operation": "$schema.push"}).data["executed"]
        read = {"model": "User", "operation": "findMany", "args": {"cacheStrategy": {"ttl": 60}}}
        assert client.query(read).cache == "miss" and client.query(read).cache == "ttl"
        run(bare, 'ALTER TABLE "User" DROP COLUMN age')
        assert client.query({"operation": "$schema.push"}).data["executed"]
        assert client.query(read).cache == "miss"


def test_the_difference_of_two_texts_needs_no_tables(bare):
    reply = ask(bare, None, "$schema.diff", **{"from": "empty", "to": FIRST})
    assert reply.data["steps"] == 2 and reply.data["sql"].startswith("-- CreateTable\nCREATE TABLE \"User\"")
    assert ask(bare, None, "$schema.diff", **{"from": FIRST, "to": "empty"}).data["risks"][0]["kind"] == "tableDropped"
    assert ask(bare, None, "$schema.diff", **{"from": FIRST, "to": FIRST}).data["sql"] == ""


@pytest.mark.parametrize("args, path", [
    ({"from": 1}, "args.from"), ({"to": "model {"}, "args.to"), ({"upto": "empty"}, "args.upto"),
])
def test_a_wrong_state_is_refused_by_its_place(bare, args, path):
    reply = ask(bare, FIRST, "$schema.diff", **args)
    assert reply.status == "INVALID_REQUEST" and reply.error["meta"]["path"] == path, reply


def test_one_push_waits_for_another(bare):
    """The lock is that of Prisma Migrate: whoever has it holds up the others."""
    with Client({"datasourceUrl": bare, "schema": FIRST}) as client:
        held = client.query({"operation": "$transaction.begin", "args": {"timeout": 60_000}}).data["id"]
        client.query({"operation": "$queryRaw", "transaction": held, "args": {"query": "SELECT pg_advisory_xact_lock(72707369)::text"}})
        assert client.query({"operation": "$schema.push", "timeoutMs": 300}).status == "TIMEOUT"
        client.query({"operation": "$transaction.rollback", "transaction": held})
        assert client.query({"operation": "$schema.push"}).data["executed"]


def test_what_was_pushed_agrees(bare):
    """An empty list of moments is stored as an array that is cast twice."""
    schema = HEAD + """
model Many {
  id    Int        @id
  days  DateTime[] @default([]) @db.Timestamptz(3)
  ats   DateTime[] @default([])
  sums  Decimal[]  @default([1.50, 2]) @db.Decimal(10, 2)
  words String[]   @default(["a,b", "it's"]) @db.VarChar(9)
}
"""
    assert ask(bare, schema, "$schema.push").data["executed"]
    assert ask(bare, schema, "$schema.check").data["differences"] == []
    assert ask(bare, schema, "$schema.diff").data["sql"] == ""


@pytest.mark.parametrize("statement", [
    "CREATE TABLE t (id serial PRIMARY KEY, tags text[] NOT NULL)",
    "CREATE TABLE t (id serial PRIMARY KEY, name text); CREATE UNIQUE INDEX tu ON t (name) INCLUDE (id)",
    "CREATE TABLE t (id serial PRIMARY KEY, name text); CREATE INDEX ti ON t (name text_pattern_ops)",
    "CREATE TABLE t (id serial PRIMARY KEY, name text); CREATE INDEX ti ON t (name DESC NULLS LAST)",
    "CREATE TABLE t (id serial PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY, x int REFERENCES t ON DELETE CASCADE,"
    " CONSTRAINT other FOREIGN KEY (x) REFERENCES t ON DELETE SET NULL)",
    "CREATE TABLE t (id serial PRIMARY KEY, took interval(3))",
], ids=["list", "include", "operators", "nulls", "two keys", "interval"])
def test_what_was_pulled_is_pushed_without_a_change(bare, statement):
    for part in statement.split("; "):
        run(bare, part)
    pulled = ask(bare, None, "$schema.pull").data["schema"]
    assert ask(bare, pulled, "$schema.diff").data["sql"] == ""


def test_a_sequence_grows_with_its_column(bare):
    ask(bare, FIRST, "$schema.push")
    run(bare, "SELECT setval('\"User_id_seq\"', 2147483647)::text AS n")
    assert ask(bare, FIRST.replace("id    Int ", "id    BigInt "), "$schema.push").data["executed"]
    assert run(bare, "INSERT INTO \"User\" (email) VALUES ('b') RETURNING id") == [{"id": "2147483648"}]


def test_a_list_that_becomes_a_text_is_a_risk(bare):
    schema = HEAD + "model Bag {\n  id Int @id\n  words String[]\n}\n"
    ask(bare, schema, "$schema.push")
    run(bare, "INSERT INTO \"Bag\" VALUES (1, '{a,b}')")
    assert [risk["kind"] for risk in ask(bare, schema.replace("[]", "?"), "$schema.push").data["risks"]] == ["typeNarrowed"]


# The column's type before, its value that fits, one that does not, and the type after.
NARROWED = {
    "a length": ("String @db.VarChar(40)", "'ab'", "'abcd'", "String @db.VarChar(3)"),
    "text": ("String", "'ab'", "'abcd'", "String @db.VarChar(3)"),
    "a fixed length": ("String", "'abc'", "'ab'", "String @db.Char(3)"),
    "numbers as text": ("Int", "123", "1234", "String @db.VarChar(3)"),
    "an enum as text": ("E", "'a'", "'long_one'", "String @db.VarChar(3)"),
    "a smaller integer": ("BigInt", "2147483647", "2147483648", "Int"),
    "the smallest": ("Int", "-32768", "-32769", "Int @db.SmallInt"),
    "no fraction": ("Decimal", "2.0", "2.5", "Int"),
    "no fraction of a float": ("Float", "-3", "1e19", "BigInt"),
    "not a number": ("Float", "7", "'NaN'", "Int"),
    "a scale": ("Decimal @db.Decimal(10, 4)", "1.2500", "1.2345", "Decimal @db.Decimal(10, 2)"),
    "a precision": ("Decimal @db.Decimal(10, 2)", "99.99", "100", "Decimal @db.Decimal(4, 2)"),
    "an integer as decimal": ("Int", "999", "1000", "Decimal @db.Decimal(5, 2)"),
    "a float as decimal": ("Float", "0.5", "0.1234567890123456", "Decimal"),
    "an endless float as decimal": ("Float", "0.25", "'Infinity'", "Decimal"),
    "a decimal as float": ("Decimal @db.Decimal(60, 30)", "0.5", "0.123456789012345678", "Float"),
    "a large decimal as float": ("Decimal @db.Decimal(500, 2)", "1e20", "1e400", "Float"),
    "single precision": ("Float", "0.5", "0.1", "Float @db.Real"),
    "single range": ("Float", "1e10", "1e300", "Float @db.Real"),
    "an integer as float": ("BigInt", "9007199254740992", "9007199254740993", "Float"),
    "fewer digits of a second": ("DateTime @db.Timestamp(6)", "'2026-01-01 00:00:00.123'", "'2026-01-01 00:00:00.1234'", "DateTime @db.Timestamp(3)"),
    "fewer digits with a zone": ("DateTime @db.Timestamptz(6)", "'2026-01-01 00:00:00'", "'2026-01-01 00:00:00.1'", "DateTime @db.Timestamp(0)"),
    "a time": ("DateTime @db.Time(6)", "'10:00:00.5'", "'10:00:00.51'", "DateTime @db.Time(1)"),
    "a day": ("DateTime @db.Timestamp(3)", "'2026-01-01'", "'2026-01-01 01:00'", "DateTime @db.Date"),
    "bits": ("String @db.VarBit(8)", "B'101'", "B'1011'", "String @db.Bit(3)"),
    "an object's number": ("Int", "5", "-5", "Int @db.Oid"),
    "a list": ("Int[]", "'{1,2}'", "'{1,40000}'", "Int[] @db.SmallInt"),
    "a list of texts": ("String[]", "'{ab,NULL}'", "'{ab,abcd}'", "String[] @db.VarChar(3)"),
}


@pytest.mark.parametrize("case", NARROWED)
def test_a_narrower_type_is_a_risk_where_a_value_does_not_fit(bare, case):
    before, good, bad, after = NARROWED[case]

    def schema(text):
        name, _, native = text.partition(" ")
        optional = name if name.endswith("[]") else name + "?"
        return HEAD + f"enum E {{\n  a\n  long_one\n}}\n\nmodel T {{\n  id Int @id\n  v {optional} {native}\n}}\n"
    assert ask(bare, schema(before), "$schema.push").data["executed"]
    run(bare, f'INSERT INTO "T" VALUES (1, {good}), (2, NULL)', f'INSERT INTO "T" VALUES (3, {bad})')
    for asked in [ask(bare, schema(after), "$schema.push", dryRun=True), ask(bare, schema(after), "$schema.push")]:
        assert asked.status == "OK", asked.error_text
        assert not asked.data["executed"] and [risk["kind"] for risk in asked.data["risks"]] == ["typeNarrowed"]
    run(bare, 'DELETE FROM "T" WHERE id = 3')
    pushed = ask(bare, schema(after), "$schema.push")
    assert pushed.status == "OK" and pushed.data["executed"] and pushed.data["risks"] == [], pushed
    assert ask(bare, schema(after), "$schema.diff").data["sql"] == ""


def test_rows_that_a_policy_hides_are_not_lost_untold(bare, server, admin):
    """The owner does not see them where row security is forced. A column of theirs is dropped all the same."""
    ask(bare, FIRST, "$schema.push")
    run(bare, "INSERT INTO \"User\" (email, name, age) VALUES ('a', 'Anna', 1)")
    admin.execute("CREATE ROLE housekeeper LOGIN PASSWORD 'housekeeper'")
    try:
        run(bare, 'ALTER TABLE "User" OWNER TO housekeeper', "GRANT ALL ON SCHEMA public TO housekeeper",
            'ALTER TABLE "User" ENABLE ROW LEVEL SECURITY', 'ALTER TABLE "User" FORCE ROW LEVEL SECURITY')
        owner = server.tcp_url("pushed", user="housekeeper", password="housekeeper")
        assert run(owner, 'SELECT name FROM "User"') == []
        wanted = FIRST.replace("  name  String?\n", "")
        refused = ask(owner, wanted, "$schema.push").data
        assert not refused["executed"] and [(risk["path"], risk["kind"]) for risk in refused["risks"]] == [("User.name", "columnDropped")], refused
        assert run(bare, 'SELECT name FROM "User"') == [{"name": "Anna"}]
        assert ask(owner, wanted, "$schema.push", acceptDataLoss=True).data["executed"]
    finally:
        admin.execute("DROP DATABASE pushed WITH (FORCE); DROP ROLE housekeeper")


def test_a_search_path_of_the_database_says_where_tables_are(bare, admin):
    """Queries go there, and the check looks there: so a push and a diff do, too."""
    run(bare, "CREATE SCHEMA app")
    admin.execute("ALTER DATABASE pushed SET search_path = app")
    first = ask(bare, FIRST, "$schema.push").data
    assert first["executed"] and "DROP" not in first["sql"], first
    second = ask(bare, FIRST, "$schema.push").data
    assert second == {"sql": "", "steps": 0, "risks": [], "executed": True}
    assert ask(bare, FIRST, "$schema.diff", **{"from": "database", "to": "schema"}).data == {"sql": "", "steps": 0, "risks": []}
    assert run(bare, "SELECT table_schema::text AS at FROM information_schema.tables WHERE table_name = 'User'") == [{"at": "app"}]


def test_a_column_of_negative_numbers_becomes_autoincrement(bare):
    """A sequence begins at 1 at the earliest."""
    plain = HEAD + "model A {\n  id Int @id\n  n  Int @unique\n}\n"
    ask(bare, plain, "$schema.push")
    run(bare, 'INSERT INTO "A" (id, n) VALUES (1, -5)')
    assert ask(bare, plain.replace("n  Int @unique", "n  Int @unique @default(autoincrement())"), "$schema.push").data["executed"]
    assert run(bare, 'INSERT INTO "A" (id) VALUES (2) RETURNING n') == [{"n": 1}]


def test_a_sequence_that_begins_below_hidden_values_is_a_risk(bare, server, admin):
    """The largest value is looked for with the user's eyes."""
    plain = HEAD + "model A {\n  id Int @id\n}\n"
    wanted = plain.replace("@id", "@id @default(autoincrement())")
    ask(bare, plain, "$schema.push")
    run(bare, 'INSERT INTO "A" (id) VALUES (1)')
    assert ask(bare, wanted, "$schema.diff").data["risks"] == []
    admin.execute("CREATE ROLE numberer LOGIN PASSWORD 'numberer'")
    try:
        run(bare, 'ALTER TABLE "A" OWNER TO numberer', "GRANT ALL ON SCHEMA public TO numberer",
            'ALTER TABLE "A" ENABLE ROW LEVEL SECURITY', 'ALTER TABLE "A" FORCE ROW LEVEL SECURITY')
        owner = server.tcp_url("pushed", user="numberer", password="numberer")
        refused = ask(owner, wanted, "$schema.push").data
        assert not refused["executed"] and [(risk["path"], risk["kind"]) for risk in refused["risks"]] == [("A.id", "sequenceAdded")], refused
        assert ask(owner, wanted, "$schema.push", acceptDataLoss=True).data["executed"]
        assert ask(bare, wanted, "$schema.diff", **{"from": plain}).data["risks"] == []
    finally:
        admin.execute("DROP DATABASE pushed WITH (FORCE); DROP ROLE numberer")
