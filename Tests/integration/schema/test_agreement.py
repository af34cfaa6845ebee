"""Push, check, diff and pull agree: what one of them has made or read, none of the others finds wanting."""
import re

import pytest
from capi import Client
from schema_tools import HEAD, ask, run_script


@pytest.fixture
def bare(server, admin):
    """A database with nothing in it."""
    admin.execute("DROP DATABASE IF EXISTS agreeing WITH (FORCE); CREATE DATABASE agreeing TEMPLATE template0 STRATEGY file_copy")
    yield server.url("agreeing")
    admin.execute("DROP DATABASE IF EXISTS agreeing WITH (FORCE)")


def assert_agreed(url, schema):
    assert ask(url, schema, "$schema.diff")["sql"] == ""
    assert ask(url, schema, "$schema.check")["differences"] == []


FIELDS = {
    "negative numbers": "x Int[] @default([-1, 2])",
    "fractions": "x Float[] @default([-1.5, 2.25])",
    "decimals": "x Decimal[] @default([-1.50, 0.10]) @db.Decimal(10, 2)",
    "moments": 'x DateTime[] @default(["2026-01-01T00:00:00+02:00", "2026-07-01T00:00:00.123Z"]) @db.Timestamptz(3)',
    "moments without zone": 'x DateTime[] @default(["2026-01-01T00:00:00Z"])',
    "moment with an offset": 'x DateTime @default("2026-01-01T00:00:00+02:00") @db.Timestamptz(6)',
    "moment": 'x DateTime @default("2026-01-01T00:00:00.5Z")',
    "date": 'x DateTime @default("2026-01-01T00:00:00Z") @db.Date',
    "time with a date": 'x DateTime @default("2026-01-01T12:30:00Z") @db.Time(3)',
    "time with a zone": 'x DateTime @default("2026-01-01T12:30:00.25+02:00") @db.Timetz(6)',
    "times": 'x DateTime[] @default(["2026-01-01T12:30:00Z"]) @db.Time(0)',
    "address": 'x String @default("10.0.0.1/32") @db.Inet',
    "addresses": 'x String[] @default(["10.0.0.1/32", "::1"]) @db.Inet',
    "exponent": 'x Json @default("{\\"a\\": 1e5, \\"b\\": [1.50, -2E-3]}")',
    "exponents": 'x Json[] @default(["1e2", "{}"])',
    "text of numbers": 'x String @default("1.0")',
    "interval": 'x Unsupported("interval") @default(dbgenerated("interval \'1 day\'"))',
    "expression": 'x DateTime @default(dbgenerated("now() + interval \'1 day\'"))',
    "function": 'x String @default(dbgenerated("LOWER(\'ABC\' || \'d\')"))',
    "generated uuid": 'x String @default(dbgenerated("gen_random_uuid()")) @db.Uuid',
    "uuid": 'x String @default("00000000-0000-0000-0000-00000000000A") @db.Uuid',
    "bits": 'x String @default("101") @db.Bit(3)',
    "money": "x Decimal @default(1.5) @db.Money",
    "moneys": "x Decimal[] @default([1.5, -2]) @db.Money",
    "decimal of one argument": "x Decimal @default(5) @db.Decimal(5)",
    "large number": "x Decimal @default(1.50)",
    "cut text": 'x String @default("ab ") @db.Char(3)',
    "char": 'x Unsupported("char")',
    "char in quotes": 'x Unsupported("\\"char\\"")',
    "varchar(3)": 'x Unsupported("varchar(3)")',
    "int8": 'x Unsupported("int8")[]',
    "timestamp with time zone": 'x Unsupported("timestamp(3) with time zone")?',
    "an interval's fields": 'x Unsupported("interval day to second")?',
    "bytes": 'x Bytes @default("AAEC")',
    "counted": "x Int? @default(autoincrement())",
    "counted small": "x Int? @default(autoincrement()) @db.SmallInt",
}


@pytest.mark.parametrize("name", FIELDS)
def test_what_was_pushed_is_there(bare, name):
    schema = HEAD + "model A {\n  id Int @id\n  %s\n}\n" % FIELDS[name]
    assert ask(bare, schema, "$schema.push")["executed"]
    assert_agreed(bare, schema)
    pulled = ask(bare, None, "$schema.pull")["schema"]
    assert_agreed(bare, pulled)
    assert ask(bare, schema, "$schema.push") == {"sql": "", "steps": 0, "risks": [], "executed": True}


@pytest.mark.parametrize("name", FIELDS)
def test_what_was_added_is_there(bare, name):
    ask(bare, HEAD + "model A {\n  id Int @id\n}\n", "$schema.push")
    schema = HEAD + "model A {\n  id Int @id\n  %s\n}\n" % FIELDS[name]
    assert ask(bare, schema, "$schema.push")["executed"]
    assert_agreed(bare, schema)


@pytest.mark.parametrize("first, second", [
    ("Int[] @default([-1])", "Int[] @default([-2])"),
    ('DateTime @default("2026-01-01T00:00:00+02:00") @db.Timestamptz(3)', 'DateTime @default("2026-01-01T00:00:00Z") @db.Timestamptz(3)'),
    ('String @default("1.0")', 'String @default("1.00")'),
    ('Json @default("1e5")', 'Json @default("1e6")'),
    ("DateTime @default(dbgenerated(\"now() + interval '1 day'\"))", "DateTime @default(dbgenerated(\"now() + interval '2 days'\"))"),
    ('Unsupported("varchar(3)")?', 'Unsupported("varchar(4)")?'),
    ("Decimal @default(1.5) @db.Money", "Decimal @default(2.5) @db.Money"),
])
def test_another_value_is_still_a_difference(bare, first, second):
    schema = HEAD + "model A {\n  id Int @id\n  x %s\n}\n"
    ask(bare, schema % first, "$schema.push")
    [found] = ask(bare, schema % second, "$schema.check")["differences"]
    assert found["path"] == "A.x" and ask(bare, schema % second, "$schema.diff")["steps"] == 1
    assert ask(bare, schema % second, "$schema.push")["executed"]
    assert_agreed(bare, schema % second)


def test_an_expression_that_the_server_refuses_hides_no_other(bare):
    schema = HEAD + 'model A {\n  id Int @id\n  x Int[] @default([-1])\n  y Int? @default(%s)\n}\n'
    ask(bare, schema % "1", "$schema.push")
    differences = ask(bare, schema % 'dbgenerated("nonsense(")', "$schema.check")["differences"]
    assert [found["path"] for found in differences] == ["A.y"]
    assert ask(bare, schema % 'dbgenerated("2) AS integer), CAST((2")', "$schema.check")["differences"] != []


# -- What the schema language cannot name --------------------------------------------------------------------------

UNNAMED = """
CREATE TYPE kind AS ENUM ('a', '1', '2020', '日本', '');
CREATE TABLE "T" (id int PRIMARY KEY, kind kind DEFAULT '1', "日本" text DEFAULT 'x', "1" int UNIQUE, kinds kind[] DEFAULT '{1,a}');
CREATE INDEX ON "T" ("日本", id);
CREATE TABLE "U" ("2" int PRIMARY KEY, other int REFERENCES "T" ("1"));
CREATE TABLE "V" (id int PRIMARY KEY, "3" int REFERENCES "T");
CREATE TABLE "日本" (id int PRIMARY KEY, "4" int)"""


def test_a_push_of_what_was_pulled_loses_nothing(bare):
    run_script(bare, UNNAMED)
    run_script(bare, """INSERT INTO "T" VALUES (1, '日本', 'y', 5)""")
    pulled = ask(bare, None, "$schema.pull")["schema"]
    assert 'VALUE_1    @map("1")' in pulled or 'VALUE_1 ' in pulled
    assert_nothing_to_do(bare, pulled)
    with Client({"datasourceUrl": bare, "schema": pulled}) as client:
        assert client.data({"model": "T", "operation": "findMany", "args": {"select": {"kind": True}}}) == [{"kind": "VALUE_4"}]
        client.data({"model": "T", "operation": "create", "args": {"data": {"id": 2, "kind": "VALUE_2020"}}})


def assert_nothing_to_do(url, pulled):
    assert ask(url, pulled, "$schema.push", acceptDataLoss=True) == {"sql": "", "steps": 0, "risks": [], "executed": True}
    assert ask(url, pulled, "$schema.pull")["schema"] == pulled


def test_labels_without_a_name_stay_where_the_schema_lacks_them(bare):
    run_script(bare, "CREATE TYPE kind AS ENUM ('a', '1', 'b');\nCREATE TABLE t (id int PRIMARY KEY, k kind);\nINSERT INTO t VALUES (1, '1')")
    schema = HEAD + "model t {\n  id Int @id\n  k kind?\n}\nenum kind {\n  a\n%s}\n"
    assert ask(bare, schema % "  b\n", "$schema.push")["sql"] == ""
    # Nor do they go with one that does.
    assert ask(bare, schema % "", "$schema.push")["executed"]
    run_script(bare, "INSERT INTO t VALUES (2, '1')")


@pytest.mark.parametrize("script", [
    "CREATE TABLE t (a text, id int PRIMARY KEY);\nCREATE INDEX ON t (a, a text_pattern_ops)",
    "CREATE TABLE t (id int PRIMARY KEY, b bigint UNIQUE);\nCREATE TABLE u (id int PRIMARY KEY, n numeric UNIQUE, x int REFERENCES t (b))",
    "CREATE SCHEMA away;\nCREATE TABLE away.t (id int PRIMARY KEY);\nCREATE TABLE u (id int PRIMARY KEY, x int REFERENCES away.t)",
    "CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id);\nCREATE TABLE t1 PARTITION OF t FOR VALUES FROM (1) TO (9);\n"
    "CREATE TABLE u (id int PRIMARY KEY, x int REFERENCES t1)",
    "CREATE TABLE t ();\nCREATE TABLE u (id int PRIMARY KEY)",
    'CREATE TABLE t ("1" int);\nCREATE TABLE u ("1" int PRIMARY KEY, "2" text UNIQUE)',
    "CREATE TABLE t (id int PRIMARY KEY, c bpchar, d char, e char(3))",
    "CREATE TABLE t (id int PRIMARY KEY, name text, up text GENERATED ALWAYS AS (upper(name)) STORED, k int NOT NULL GENERATED ALWAYS AS (7) STORED)",
    'CREATE TABLE t (id int PRIMARY KEY, name varchar(9) COLLATE "C" DEFAULT \'x\')',
    "CREATE TABLE t (id int PRIMARY KEY, p point, b box);\nCREATE INDEX ON t USING gist (p);\nCREATE INDEX ON t USING spgist (b)",
    "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, x \"char\" DEFAULT 'a', y name, z regclass, o oid DEFAULT 5)",
], ids=["two classes", "other types", "another schema", "a partition", "no columns", "no names", "bpchar", "generated", "collation", "points", "identity"])
def test_a_pulled_schema_pushes_nothing(bare, script):
    run_script(bare, script)
    pulled = ask(bare, None, "$schema.pull")["schema"]
    assert_nothing_to_do(bare, pulled)
    assert [found for found in ask(bare, pulled, "$schema.check")["differences"] if found["schema"] is not None] == []


# -- Columns that change -------------------------------------------------------------------------------------------

def test_a_generated_column_is_made_again_elsewhere(bare, server, admin):
    run_script(bare, "CREATE TABLE t (id int PRIMARY KEY, name text, time int, up text GENERATED ALWAYS AS (upper(name) || 'x'::text) STORED)")
    pulled = ask(bare, None, "$schema.pull")["schema"]
    admin.execute("DROP DATABASE IF EXISTS second WITH (FORCE); CREATE DATABASE second TEMPLATE template0 STRATEGY file_copy")
    other = server.url("second")
    try:
        assert ask(other, pulled, "$schema.push")["executed"]
        assert_agreed(other, pulled)
        run_script(other, "INSERT INTO t (id, name) VALUES (1, 'a')")
        changed = pulled.replace("upper(name) ||", "lower(name) ||")
        assert changed != pulled
        [found] = ask(other, changed, "$schema.check")["differences"]
        assert found["path"] == "t.up"
        assert ask(other, changed, "$schema.push")["executed"]
        assert_agreed(other, changed)
    finally:
        admin.execute("DROP DATABASE IF EXISTS second WITH (FORCE)")


def test_a_collation_outlives_a_change_of_the_type(bare):
    run_script(bare, 'CREATE TABLE "A" (id int PRIMARY KEY, x varchar(5) COLLATE "C")')
    schema = HEAD + "model A {\n  id Int @id\n  x String? @db.VarChar(9)\n}\n"
    assert ask(bare, schema, "$schema.push")["executed"]
    with Client({"datasourceUrl": bare, "schema": schema}) as client:
        query = "SELECT collname::text AS name FROM pg_attribute a JOIN pg_collation c ON c.oid = attcollation WHERE attrelid = '\"A\"'::regclass AND attname = 'x'"
        assert client.data({"operation": "$queryRaw", "args": {"query": query}}) == [{"name": "C"}]


def test_a_generated_column_becomes_one_with_a_default(bare):
    run_script(bare, 'CREATE TABLE "A" (id int PRIMARY KEY, x int GENERATED ALWAYS AS (id + 1) STORED)')
    schema = HEAD + "model A {\n  id Int @id\n  x Int? @default(5)\n}\n"
    assert len(ask(bare, schema, "$schema.check")["differences"]) == 1
    assert ask(bare, schema, "$schema.push")["executed"]
    assert_agreed(bare, schema)


# -- What a schema can say only in part ----------------------------------------------------------------------------

@pytest.mark.parametrize("script, field", [
    ("CREATE TYPE mood AS ENUM ();\nCREATE TABLE t (id int PRIMARY KEY, x mood, y mood[])", 'x  Unsupported("mood")?'),
    ("CREATE TABLE t (id int PRIMARY KEY, x numeric(3,5), y numeric(5,-2))", 'y  Unsupported("numeric(5,-2)")?'),
    ("CREATE DOMAIN a AS varchar(7) NOT NULL;\nCREATE DOMAIN b AS a;\nCREATE DOMAIN c AS b;\nCREATE TABLE t (id int PRIMARY KEY, x c)",
     "x  String @db.VarChar(7)"),
], ids=["an enum without values", "a scale above the precision", "a domain over domains"])
def test_types_that_the_language_lacks_are_pulled_as_what_opens(bare, script, field):
    run_script(bare, script)
    pulled = ask(bare, None, "$schema.pull")["schema"]
    assert field in pulled and "enum" not in pulled
    assert_agreed(bare, pulled)
    assert_nothing_to_do(bare, pulled)


def test_a_domain_over_domains_is_read_and_written(bare):
    run_script(bare, "CREATE DOMAIN a AS int CHECK (VALUE > 0);\nCREATE DOMAIN b AS a NOT NULL;\nCREATE TABLE t (id b PRIMARY KEY, x a)")
    with Client({"datasourceUrl": bare, "schema": ask(bare, None, "$schema.pull")["schema"]}) as client:
        assert client.data({"model": "t", "operation": "create", "args": {"data": {"id": 4, "x": 5}}}) == {"id": 4, "x": 5}
        assert client.data({"model": "t", "operation": "findUnique", "args": {"where": {"id": 4}}}) == {"id": 4, "x": 5}
        assert client.data({"model": "t", "operation": "findMany", "args": {"where": {"x": {"in": [5, 6]}}}}) == [{"id": 4, "x": 5}]


def test_a_not_null_of_a_domain_is_not_dropped_again_and_again(bare):
    run_script(bare, "CREATE DOMAIN d AS int NOT NULL;\nCREATE TABLE t (id int PRIMARY KEY, x d NOT NULL)")
    schema = HEAD + "model t {\n  id Int @id\n  x  Int?\n}\n"
    assert 'ALTER COLUMN "x" DROP NOT NULL' in ask(bare, schema, "$schema.push")["sql"]
    assert ask(bare, schema, "$schema.diff")["sql"] == ""
    [found] = ask(bare, schema, "$schema.check")["differences"]
    assert (found["path"], found["kind"]) == ("t.x", "nullability")


def test_a_key_that_carries_a_column_outlives_it(bare):
    run_script(bare, "CREATE TABLE t (id int PRIMARY KEY, a int, b text);\nCREATE UNIQUE INDEX u ON t (a) INCLUDE (b)")
    schema = HEAD + 'model t {\n  id Int  @id\n  a  Int? @unique(map: "u")\n  b  Int?\n}\n'
    assert ask(bare, schema, "$schema.push", acceptDataLoss=True)["executed"]
    assert_agreed(bare, schema)


def test_an_enum_becomes_a_number(bare):
    run_script(bare, "CREATE TYPE e AS ENUM ('a');\nCREATE TABLE t (id int PRIMARY KEY, x e DEFAULT 'a');\nINSERT INTO t VALUES (1)")
    schema = HEAD + "model t {\n  id Int  @id\n  x  Int?\n}\n"
    [risk] = ask(bare, schema, "$schema.diff")["risks"]
    assert (risk["path"], risk["kind"]) == ("t.x", "columnRecreated")
    assert ask(bare, schema, "$schema.push", acceptDataLoss=True)["executed"]
    assert_agreed(bare, schema)


def test_a_pull_warns_of_what_it_leaves_unsaid(bare):
    run_script(bare, 'CREATE TABLE t (id int PRIMARY KEY, a text, b text);\nCREATE INDEX i ON t (a) INCLUDE (b);\nCREATE INDEX j ON t (a COLLATE "C");\n'
        "CREATE INDEX k ON t (a text_pattern_ops);\nCREATE INDEX l ON t (b);\n"
        "CREATE TABLE u (id int PRIMARY KEY, x int CONSTRAINT one REFERENCES t CONSTRAINT two REFERENCES t ON DELETE CASCADE)")
    assert [(found["path"], found["text"]) for found in ask(bare, None, "$schema.pull")["warnings"]] == [
        ("u", "The foreign key `two` joins the same columns as another one, and is left out."),
        ("t", "The index `i` has INCLUDE, which the schema does not say."),
        ("t", "The index `j` has a collation of its own, which the schema does not say."),
        ("t", "The index `k` has an operator class of its own, which the schema does not say."),
    ]


def test_a_pull_warns_of_the_options_of_sequences(bare):
    run_script(bare, "CREATE TABLE t (id int GENERATED BY DEFAULT AS IDENTITY (START 5 INCREMENT 2) PRIMARY KEY, a bigserial, b serial);\n"
        "ALTER SEQUENCE t_a_seq CACHE 20 CYCLE MAXVALUE 99;\nCREATE SEQUENCE down INCREMENT -1;\nALTER TABLE t ADD c bigint DEFAULT nextval('down')")
    pulled = ask(bare, None, "$schema.pull")
    assert [(found["path"], found["text"].split(" has ")[1]) for found in pulled["warnings"]] == [
        ("t.id", "INCREMENT 2, START 5, which the schema does not say."),
        ("t.a", "MAXVALUE 99, CACHE 20, CYCLE, which the schema does not say."),
        ("t.c", "INCREMENT -1, which the schema does not say."),
    ]
    assert_agreed(bare, pulled["schema"])


def test_a_column_that_counts_no_more_loses_its_sequence(bare):
    run_script(bare, "CREATE TABLE t (id serial PRIMARY KEY, n bigserial)")
    schema = HEAD + "model t {\n  id Int @id\n  n Int @default(autoincrement())\n}\n"
    assert 'DROP SEQUENCE "t_id_seq"' in ask(bare, schema, "$schema.push", acceptDataLoss=True)["sql"]
    assert_agreed(bare, schema)


def test_what_the_language_lacks_outlives_what_is_made_again(bare):
    run_script(bare, "CREATE TABLE t (id int PRIMARY KEY, name text, up text GENERATED ALWAYS AS (upper(name)) STORED, a int, b int);\n"
        "CREATE INDEX part ON t (id) WHERE up <> '';\nCREATE UNIQUE INDEX over ON t (length(up), id) INCLUDE (name);\n"
        "CREATE INDEX carries ON t (up) INCLUDE (name);\n"
        "CREATE TABLE u (id int PRIMARY KEY, x int REFERENCES t DEFERRABLE INITIALLY DEFERRED, y int REFERENCES t DEFERRABLE)")
    before = definitions(bare)
    pulled = ask(bare, None, "$schema.pull")["schema"]
    changed = pulled.replace("upper(name)", "lower(name)")
    changed, count = re.subn(r"\b(id|x|y)( +)Int\b", r"\1\2BigInt", changed)
    assert count == 4, changed
    assert ask(bare, changed, "$schema.push")["executed"]
    assert_agreed(bare, changed)
    assert definitions(bare) == before and "INCLUDE" in str(before) and "DEFERRED" in str(before)


def definitions(url):
    """Of all indexes and foreign keys."""
    query = """SELECT pg_get_indexdef(indexrelid) AS text FROM pg_index WHERE indrelid IN ('t'::regclass, 'u'::regclass)
        UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' ORDER BY 1"""
    with Client({"datasourceUrl": url, "schema": HEAD}) as client:
        return client.data({"operation": "$queryRaw", "args": {"query": query}})
