"""What the database refuses, told with its cause, under Prisma's codes; P6000 is for faults of the library."""
import subprocess
import sys

import pytest
from capi import Client

SCHEMA = """datasource db { provider = "postgresql" }
model Item {
  id     Int       @id
  name   String?   @map("item_name")
  size   Int?
  ratio  Float?
  amount Decimal?
  at     DateTime?
  color  Paint?
  colors Paint[]
  ratios Float[]
  serial Int?
}
enum Paint {
  RED
  GREEN @map("light green")
}"""
TABLES = """CREATE TYPE "Paint" AS ENUM ('RED', 'light green', 'c4n4ry');
CREATE TABLE "Item" (id int PRIMARY KEY, item_name text, size int, ratio float8, amount numeric, at timestamp(3), color "Paint", colors "Paint"[],
    ratios float8[], serial int GENERATED ALWAYS AS IDENTITY)"""


class Shop:
    def __init__(self, database, **settings):
        self.sql = database.sql
        self.sql.execute(TABLES)
        self.client = Client({"schema": SCHEMA, "datasourceUrl": database.url(), **settings})

    def ask(self, operation, **args):
        return self.client.query({"model": "Item", "operation": operation, "args": args})

    def raw(self, query, *parameters, operation="$queryRaw"):
        return self.client.query({"operation": operation, "args": {"query": query, "parameters": list(parameters)}})


@pytest.fixture
def make_shop(database):
    made = []

    def make(**settings):
        made.append(Shop(database, **settings))
        return made[-1]

    yield make
    for shop in made:
        shop.client.close()


@pytest.fixture
def shop(make_shop):
    return make_shop()


def told(reply, status, code, **meta):
    assert (reply.status, reply.code) == (status, code), reply
    for key, value in meta.items():
        assert reply.error["meta"].get(key) == value, (key, reply)
    assert "c4n4ry" not in reply.error_text, reply
    return reply.error["message"]


@pytest.mark.parametrize("operation, args, column", [
    ("findMany", {}, "Item.item_name"), ("findFirst", {"select": {"id": True}, "where": {"name": "x"}}, "Item.item_name"),
    ("count", {"where": {"name": "x"}}, "Item.item_name"), ("findMany", {"select": {"id": True}, "orderBy": {"name": "asc"}}, "Item.item_name"),
    ("create", {"data": {"id": 1, "name": "x"}}, "item_name"), ("updateMany", {"data": {"name": "x"}}, "item_name"),
    ("groupBy", {"by": ["name"]}, "Item.item_name"),
])
@pytest.mark.parametrize("is_known", [False, True], ids=["new", "prepared"])
def test_a_missing_column_is_named(shop, operation, args, column, is_known):
    if is_known:
        for _ in range(2):
            assert shop.ask(operation, **args).number == 0
            shop.ask("deleteMany")
    shop.sql.execute('ALTER TABLE "Item" DROP COLUMN item_name')
    reply = shop.ask(operation, **args)
    assert column.split(".")[-1] in told(reply, "DATABASE", "P2022", sqlState="42703")
    assert reply.error["meta"]["column"] in (column, "Item." + column), reply


def test_a_type_that_does_not_fit_is_named_with_the_one_that_is_expected(shop):
    shop.sql.execute("""ALTER TABLE "Item" ALTER size TYPE varchar(9); INSERT INTO "Item" VALUES (1, 'x', 'c4n4ry')""")
    message = told(shop.ask("findMany"), "DATABASE", "P2023", field="size", type="`character varying`", expected="Int")
    assert "`size`" in message and "character varying" in message and "Int" in message


@pytest.mark.parametrize("column, value, field, words", [
    ("color", "'c4n4ry'", "color", "`Paint`"), ("colors", "'{RED,c4n4ry}'", "colors", "`Paint`"), ("at", "'infinity'", "at", "DateTime"),
    ("at", "'-infinity'", "at", "DateTime"), ("ratio", "'NaN'", "ratio", "NaN"), ("ratio", "'-Infinity'", "ratio", "NaN"),
    ("ratios", "'{1,NaN}'", "ratios", "NaN"),
])
def test_a_value_that_the_schema_cannot_say_is_named_by_its_field_and_not_told(shop, column, value, field, words):
    shop.sql.execute(f'INSERT INTO "Item" (id, item_name) VALUES (1, $$x$$); INSERT INTO "Item" (id, {column}) VALUES (2, {value})')
    message = told(shop.ask("findMany"), "DATABASE", "P2023", field=field, column_name=column)
    assert f"`{field}`" in message and words in message
    assert shop.ask("findMany", select={"id": True}).number == 0
    if column == "color":
        told(shop.ask("findMany"), "DATABASE", "P2023", enum="Paint")


def test_an_aggregate_that_is_no_number_is_an_error_and_not_null(shop):
    shop.sql.execute("""INSERT INTO "Item" (id, ratio, amount) VALUES (1, 'NaN', 'NaN'), (2, 1, 1)""")
    told(shop.ask("aggregate", _max={"ratio": True}), "DATABASE", "P2023", field="ratio")
    assert shop.ask("aggregate", _max={"amount": True}).data == {"_max": {"amount": "NaN"}}
    assert shop.raw("SELECT 'NaN'::float8 AS f").code == "P2023"
    assert shop.raw("SELECT 'NaN'::float8::text AS f").data == [{"f": "NaN"}]


def test_dates_keep_all_digits_of_their_years(shop):
    assert shop.raw("SELECT '5874897-12-31'::date AS d, '294276-12-31'::timestamp AS t").data == [
        {"d": "+5874897-12-31T00:00:00.000Z", "t": "+294276-12-31T00:00:00.000Z"}]
    assert shop.raw("SELECT '5874897-12-31'::date AS d, '1 day'::interval AS i").data[0]["d"] == "+5874897-12-31T00:00:00.000Z"


def test_a_column_that_is_always_generated_says_so(shop):
    for _ in range(2):
        message = told(shop.ask("create", data={"id": 1, "serial": 5}), "CONSTRAINT", "P2004", sqlState="428C9", column_name="serial")
        assert "GENERATED ALWAYS" in message
    shop.ask("create", data={"id": 2})
    told(shop.ask("update", where={"id": 2}, data={"serial": 5}), "CONSTRAINT", "P2004", column_name="serial")


@pytest.mark.parametrize("state", ["P0001", "P0004", "AB123", "20000", "38001", "09000"])
def test_what_a_trigger_raises_is_the_databases(shop, state):
    shop.sql.execute(f"""CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'c4n4ry %', NEW.item_name USING ERRCODE = '{state}'; END $$;
        CREATE TRIGGER no BEFORE INSERT ON "Item" FOR EACH ROW EXECUTE FUNCTION no()""")
    for _ in range(2):
        message = told(shop.ask("create", data={"id": 1, "name": "c4n4ry"}), "DATABASE", "P2035", sqlState=state)
        assert "raised" in message or "failed" in message
    assert shop.sql.value('SELECT count(*) FROM "Item"') == "0"


def test_a_search_that_is_no_query_is_the_callers_mistake(database):
    database.sql.execute('CREATE TABLE "Note" (id int PRIMARY KEY, text text NOT NULL)')
    schema = """generator client {
      provider = "prisma-client-js"
      previewFeatures = ["fullTextSearchPostgres"]
    }
    datasource db { provider = "postgresql" }
    model Note {
      id Int @id
      text String
    }"""
    with Client({"schema": schema, "datasourceUrl": database.url()}) as client:
        def search(text):
            return client.query({"model": "Note", "operation": "findMany", "args": {"where": {"text": {"search": text}}}})
        assert search("fat & cat").data == []
        message = told(search("c4n4ry & & ("), "INVALID_REQUEST", "P2007", sqlState="42601")
        assert "search" in message
        assert search("fat | cat").data == []


def test_a_raw_query_with_another_number_of_parameters_says_how_many_it_takes(shop):
    message = told(shop.raw("SELECT $1::int + $2::int AS n", 1), "DATABASE", "P2010", expected="2", actual=1)
    assert "expected 2, actual 1" in message
    told(shop.raw("SELECT 1 AS n", 1), "DATABASE", "P2010", expected="0", actual=1)


def test_denied_names_the_table(database, shop):
    shop.sql.execute("""CREATE ROLE visitor LOGIN PASSWORD 'visitor'""")
    try:
        with Client({"schema": SCHEMA, "datasourceUrl": database.url(user="visitor", password="visitor")}) as client:
            for operation, args in (("findMany", {}), ("create", {"data": {"id": 1}}), ("deleteMany", {}), ("findMany", {})):
                reply = client.query({"model": "Item", "operation": operation, "args": args})
                assert "`Item`" in told(reply, "DENIED", "P1010", table="Item", sqlState="42501")
    finally:
        shop.sql.execute("DROP OWNED BY visitor; DROP ROLE visitor")


def test_text_that_a_database_without_an_encoding_holds_is_no_fault_of_the_request(database):
    name = database.sql.value("SELECT current_database()") + "_ascii"
    database.sql.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'")
    try:
        database.sql.execute(f"\\c {name}\nCREATE TABLE \"Word\" (id int PRIMARY KEY, text text); INSERT INTO \"Word\" VALUES (1, E'gr\\\\374n')")
        schema = 'datasource db { provider = "postgresql" }\nmodel Word {\n id Int @id\n text String?\n}'
        url = database.url().replace(name.removesuffix("_ascii"), name)
        with Client({"schema": schema, "datasourceUrl": url}) as client:
            reply = client.query({"model": "Word", "operation": "findMany"})
            assert reply.number == 0 or (reply.status, reply.code) == ("DATABASE", "P2023"), reply
    finally:
        database.sql.execute(f"\\c postgres\nDROP DATABASE {name} WITH (FORCE)")


def test_the_servers_own_words_are_there_for_who_asks(make_shop):
    shop = make_shop(errors={"serverMessages": True}, log=["error"])
    shop.sql.execute("""CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'not on %', 'Sundays' USING DETAIL = 'It is closed.', HINT = 'Come again.'; END $$;
        CREATE TRIGGER no BEFORE INSERT ON "Item" FOR EACH ROW EXECUTE FUNCTION no()""")
    reply = shop.ask("create", data={"id": 1})
    told(reply, "DATABASE", "P2035", serverMessage="not on Sundays", serverDetail="It is closed.", serverHint="Come again.")
    reply = shop.raw('INSERT INTO "Item" (id) VALUES (1)')
    assert reply.code == "P2010" and reply.error["meta"]["serverMessage"] == "not on Sundays" and "Sundays" in reply.error["message"]
    events = shop.client.data({"operation": "$log.take"})["events"]
    assert events[0]["meta"]["serverMessage"] == "not on Sundays"


def test_without_being_asked_nobody_repeats_the_servers_words(shop):
    shop.sql.execute("""CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'c4n4ry' USING DETAIL = 'c4n4ry'; END $$;
        CREATE TRIGGER no BEFORE INSERT ON "Item" FOR EACH ROW EXECUTE FUNCTION no()""")
    told(shop.ask("create", data={"id": 1}), "DATABASE", "P2035")
    told(shop.raw('INSERT INTO "Item" (id) VALUES (1)'), "DATABASE", "P2010")


LAST_DESCRIPTOR = """
import json, os, resource, sys
from capi import Client
client = Client({"schema": 'datasource db { provider = "postgresql" }\\nmodel Item {\\n id Int @id\\n}', "datasourceUrl": sys.argv[1]})
resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/proc/self/fd"))), 4096))
held = []
try:
    while True:
        held.append(os.dup(1))
except OSError:
    pass
reply = client.query({"model": "Item", "operation": "count"})
for descriptor in held:
    os.close(descriptor)
print(json.dumps([reply.status, reply.code, reply.error["message"]]))
"""


def test_a_process_without_a_free_descriptor_is_told_so(database):
    out = subprocess.run([sys.executable, "-c", LAST_DESCRIPTOR, database.url()], capture_output=True, text=True, timeout=60)
    assert "UNAVAILABLE" in out.stdout and "P6008" in out.stdout and "no file descriptor left" in out.stdout, out


@pytest.mark.parametrize("body", ["EXECUTE 'SELEC c4n4ry'", "PERFORM to_tsquery('c4n4ry & & (')"])
def test_a_trigger_with_a_mistake_in_its_syntax_is_not_the_callers_mistake(shop, body):
    shop.sql.execute(f"""CREATE FUNCTION wrong() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {body}; RETURN NEW; END$$;
        CREATE TRIGGER wrong BEFORE INSERT ON "Item" FOR EACH ROW EXECUTE FUNCTION wrong()""")
    reply = shop.ask("create", data={"id": 1})
    assert (reply.status, reply.code) == ("DATABASE", "P2035"), reply
    assert "a function or a trigger" in reply.error["message"] and "c4n4ry" not in reply.error["message"]


VIOLATIONS = [
    ('INSERT INTO "Item" (id) VALUES (1)', "23505", {"constraint": "Item_pkey", "table": "Item"}),
    ('INSERT INTO "Item" (id) VALUES (NULL)', "23502", {"column": "id", "table": "Item"}),
    ('INSERT INTO "Part" VALUES (1, 7)', "23503", {"constraint": "Part_item_fkey"}),
    ('INSERT INTO "Part" VALUES (-1, 1)', "23514", {"constraint": "above"}),
    ('INSERT INTO "Part" (id, item, span) VALUES (3, 1, \'[2,4)\')', "23P01", {"constraint": "apart"}),
]


@pytest.mark.parametrize("statement, state, names", VIOLATIONS, ids=[state for _, state, _ in VIOLATIONS])
def test_raw_sql_that_violates_a_constraint_is_told_which(shop, statement, state, names):
    shop.sql.execute("""INSERT INTO "Item" (id) VALUES (1);
        CREATE TABLE "Part" (id int CONSTRAINT above CHECK (id > 0), item int REFERENCES "Item", span int4range, CONSTRAINT apart EXCLUDE USING gist (span WITH &&));
        INSERT INTO "Part" VALUES (2, 1, '[1,3)')""")
    message = told(shop.raw(statement, operation="$executeRaw"), "DATABASE", "P2010", sqlState=state, **names)
    assert f"`{next(iter(names.values()))}`" in message


def test_what_the_database_cannot_write_says_why(shop):
    # A view of groups, a rule that gives no rows back, a label that the database lacks.
    shop.sql.execute("""ALTER TABLE "Item" RENAME TO kept; CREATE VIEW "Item" AS SELECT id, max(size) AS size FROM kept GROUP BY id""")
    assert "the view takes no such write" in told(shop.ask("deleteMany"), "DATABASE", "P2016", sqlState="55000")
    shop.sql.execute("""DROP VIEW "Item"; ALTER TABLE kept RENAME TO "Item"; CREATE RULE none AS ON INSERT TO "Item" WHERE NEW.id = 13 DO INSTEAD NOTHING""")
    assert "a rule takes the place" in told(shop.ask("create", data={"id": 1}), "DATABASE", "P2026", sqlState="0A000")
    shop.sql.execute("""DROP RULE none ON "Item"; ALTER TYPE "Paint" RENAME VALUE 'RED' TO 'crimson'""")
    assert "the enum of its column does not have" in told(shop.ask("create", data={"id": 1, "color": "RED"}), "INVALID_REQUEST", "P2007", sqlState="22P02")
