"""The database changes under prepared statements: nothing wrong is stored or found, and no error stays."""
import pytest
from capi import Client

DATASOURCE = 'datasource db { provider = "postgresql" }\n'
NOON, LATER = "2024-01-31T12:00:00.123Z", "2024-07-01T18:30:00.456Z"


class Stock:
    """A table with one column that changes, and clients whose sessions live in New York."""

    def __init__(self, database, column, prisma, **parameters):
        database.sql.execute(f'CREATE TABLE "T" (id int PRIMARY KEY, n int NOT NULL DEFAULT 0, v {column})')
        self.schema = f"{DATASOURCE}model T {{\n id Int @id\n n Int @default(0)\n v {prisma}\n}}"
        self.sql = database.sql
        self.url = database.url(options="-c TimeZone=America/New_York", **parameters)
        self.client = self.open()

    def open(self):
        return Client({"schema": self.schema, "datasourceUrl": self.url})

    def ask(self, operation, client=None, **args):
        return (client or self.client).query({"model": "T", "operation": operation, "args": args})

    def data(self, operation, client=None, **args):
        reply = self.ask(operation, client, **args)
        assert reply.number == 0, reply
        return reply.data

    def work(self, value, client=None):
        """Statements whose parameters get their types from `v`, and none of whose results shows it. Gives what they find and store."""
        def ask(operation, **args):
            return self.data(operation, client, **args)
        found = []
        ask("deleteMany")
        ask("createMany", data=[{"id": 1, "v": value}])
        ask("createMany", data=[{"id": 2, "v": value}, {"id": 3, "v": None}])
        ask("create", data={"id": 4, "v": value}, select={"id": True})
        found.append(ask("count", where={"v": value}))
        found.append(ask("count", where={"v": {"in": [value]}}))
        found.append(len(ask("findMany", where={"NOT": {"v": value}}, select={"id": True})))
        found.append(ask("aggregate", where={"v": value}, _max={"n": True})["_max"]["n"])
        found.append(ask("updateMany", where={"v": value}, data={"n": 5})["count"])
        found.append(ask("updateMany", where={"id": {"in": [1, 3]}}, data={"v": value})["count"])
        found.append(ask("update", where={"id": 3}, data={"v": value, "n": {"increment": 1}}, select={"n": True})["n"])
        found.append(ask("upsert", where={"id": 9}, create={"id": 9, "v": value}, update={"v": value}, select={"id": True})["id"])
        found.append(ask("deleteMany", where={"v": value, "id": 2})["count"])
        stored = self.sql.execute("SET TimeZone = 'UTC'; SELECT id, n, v FROM \"T\" ORDER BY id")
        return found, stored

    def close(self):
        self.client.close()


@pytest.fixture
def make_stock(database):
    made = []

    def make(*arguments, **parameters):
        made.append(Stock(database, *arguments, **parameters))
        return made[-1]

    yield make
    for stock in made:
        stock.close()


TYPES = [
    ("timestamp(3)", "timestamptz(3)", "v AT TIME ZONE 'UTC'", "DateTime?", NOON),
    ("timestamptz(3)", "timestamp(3)", "v AT TIME ZONE 'UTC'", "DateTime?", NOON),
    ("timestamptz", "timestamp", "v AT TIME ZONE 'UTC'", "DateTime? @db.Timestamptz", LATER),
    ("date", "timestamp(3)", "v", "DateTime?", NOON),
    ("timestamp(3)", "date", "v", "DateTime?", NOON),
    ("date", "timestamptz(3)", "v", "DateTime?", LATER),
    ("time", "timetz", "v", "DateTime? @db.Time", NOON),
    ("real", "double precision", "v", "Float?", 0.1),
    ("double precision", "real", "v", "Float?", 0.1),
    ("double precision", "numeric", "v::numeric", "Decimal?", "12345678901234567890.123456789"),
    ("real", "numeric", "v::numeric", "Decimal?", "0.123456789"),
    ("numeric(9,2)", "double precision", "v", "Float?", 0.25),
    ("text", "char(8)", "v", "String?", "ab "),
    ("char(8)", "text", "v", "String?", "ab "),
    ("text", "varchar(20)", "v", "String?", "ab"),
    ("text", "citext", "v", "String?", "aB"),
    ("citext", "text", "v", "String?", "aB"),
    ("uuid", "text", "v::text", "String?", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"),
    ("text", "uuid", "v::uuid", "String?", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("int", "bigint", "v", "BigInt?", "7"),
    ("timestamp(3)[]", "timestamptz(3)[]", "NULL", "DateTime[]", [NOON, LATER]),
]


@pytest.mark.parametrize("old, new, using, prisma, value", TYPES, ids=[f"{old} to {new}" for old, new, *_ in TYPES])
def test_a_column_of_another_type_gets_what_a_fresh_client_gives_it(database, make_stock, old, new, using, prisma, value):
    if "citext" in (old, new):
        database.sql.execute("CREATE EXTENSION IF NOT EXISTS citext")
    stock = make_stock(old, prisma, connection_limit=1)
    if prisma.endswith("[]"):
        stock.work = lambda value, client=None: lists(stock, value, client)
    for _ in range(7):
        before = stock.work(value)
    with stock.open() as fresh:
        assert stock.work(value, fresh) == before
    stock.sql.execute(f'ALTER TABLE "T" ALTER v TYPE {new} USING {using}')
    with stock.open() as fresh:
        right = stock.work(value, fresh)
    for _ in range(3):
        assert stock.work(value) == right


def lists(stock, value, client):
    def ask(operation, **args):
        return stock.data(operation, client, **args)
    ask("deleteMany")
    ask("createMany", data=[{"id": 1, "v": value}, {"id": 2, "v": {"set": value}}])
    found = [ask("count", where={"v": {"equals": value}}), ask("count", where={"v": {"has": value[0]}}),
             ask("count", where={"v": {"hasEvery": value}}), ask("count", where={"v": {"hasSome": value}})]
    found.append(ask("updateMany", where={"id": 2}, data={"v": {"push": value[0]}})["count"])
    return found, stock.sql.execute("SET TimeZone = 'UTC'; SELECT id, v FROM \"T\" ORDER BY id")


def test_text_that_becomes_insensitive_to_case_is_found_by_other_case(database, make_stock):
    database.sql.execute("CREATE EXTENSION IF NOT EXISTS citext")
    stock = make_stock("text", "String?", connection_limit=1)
    stock.data("create", data={"id": 1, "v": "Alice"})
    for _ in range(7):
        assert stock.data("count", where={"v": "ALICE"}) == 0
    stock.sql.execute('ALTER TABLE "T" ALTER v TYPE citext')
    assert stock.data("count", where={"v": "ALICE"}) == 1


def test_what_one_connection_finds_out_all_of_the_pool_know(database, make_stock):
    stock = make_stock("timestamp(3)", "DateTime?", connection_limit=3)
    # Three connections that have all prepared it: while two are held, the third has to be used.
    def hold():
        return stock.client.data({"operation": "$transaction.begin"})["id"]
    def count(transaction):
        return stock.client.query({"model": "T", "operation": "count", "args": {"where": {"v": NOON}}, "transaction": transaction})
    held = [hold() for _ in range(3)]
    for transaction in held:
        assert count(transaction).data == 0
        stock.client.data({"operation": "$transaction.rollback", "transaction": transaction})
    stock.sql.execute('ALTER TABLE "T" ALTER v TYPE timestamptz(3)')
    assert stock.data("count", where={"v": NOON}) == 0
    held = [hold() for _ in range(3)]
    # In a transaction nothing but its beginning can be sent again: here each has begun, and is not refused.
    for transaction in held:
        assert stock.client.query({"model": "T", "operation": "count", "transaction": transaction}).data == 0
        reply = count(transaction)
        assert reply.data == 0, reply
        stock.client.data({"operation": "$transaction.rollback", "transaction": transaction})


def test_a_table_with_rules_of_several_statements_is_written_all_the_same(database, make_stock):
    stock = make_stock("timestamp(3)", "DateTime?", connection_limit=1)
    stock.sql.execute('CREATE TABLE log (id int); CREATE RULE more AS ON INSERT TO "T" DO ALSO INSERT INTO log VALUES (NEW.id)')
    for number in range(8):
        assert stock.data("createMany", data=[{"id": number, "v": NOON}]) == {"count": 1}
    assert stock.sql.value("SELECT count(*) FROM log") == "8"
    stock.sql.execute('DROP RULE more ON "T"')
    assert stock.data("createMany", data=[{"id": 8, "v": NOON}]) == {"count": 1}
    stock.sql.execute('CREATE RULE more AS ON INSERT TO "T" DO ALSO INSERT INTO log VALUES (NEW.id)')
    assert stock.data("createMany", data=[{"id": 9, "v": NOON}]) == {"count": 1}
    assert stock.sql.value("SELECT count(*) FROM log") == "9"


def test_who_may_write_a_column_and_not_read_it_writes_it(database, make_stock):
    stock = make_stock("text", "String?")
    stock.sql.execute("""CREATE ROLE clerk LOGIN PASSWORD 'clerk'; GRANT INSERT, DELETE, UPDATE ON "T" TO clerk; GRANT SELECT (id, n) ON "T" TO clerk""")
    try:
        with Client({"schema": stock.schema, "datasourceUrl": database.url(user="clerk", password="clerk")}) as clerk:
            assert stock.data("createMany", clerk, data=[{"id": 1, "v": "secret"}]) == {"count": 1}
            assert stock.data("updateMany", clerk, where={"id": 1}, data={"v": "other"}) == {"count": 1}
    finally:
        stock.sql.execute('DROP OWNED BY clerk; DROP ROLE clerk')


MIGRATE = """BEGIN;
CREATE TYPE "Role_new" AS ENUM ({});
ALTER TABLE "T" ALTER v DROP DEFAULT;
ALTER TABLE "T" ALTER v TYPE "Role_new" USING (v::text::"Role_new");
ALTER TYPE "Role" RENAME TO "Role_old";
ALTER TYPE "Role_new" RENAME TO "Role";
DROP TYPE "Role_old";
COMMIT"""


@pytest.mark.parametrize("drops", [True, False], ids=["old type dropped", "old type kept"])
def test_an_enum_that_prisma_migrate_changes_works_on(database, make_stock, drops):
    database.sql.execute("""CREATE TYPE "Role" AS ENUM ('A', 'B')""")
    stock = make_stock('"Role"', "Role?\n}\nenum Role {\n A\n B\n C", connection_limit=1)
    def work(label):
        stock.data("deleteMany")
        stock.data("createMany", data=[{"id": 1, "v": label}])
        assert stock.data("create", data={"id": 2, "v": label}) == {"id": 2, "n": 0, "v": label}
        assert stock.data("count", where={"v": label}) == 2
        assert stock.data("findMany", where={"v": {"in": [label]}}, select={"id": True}) == [{"id": 1}, {"id": 2}]
        assert stock.data("updateMany", where={"v": label}, data={"v": label}) == {"count": 2}
        assert stock.data("update", where={"id": 1}, data={"v": label, "n": 4})["v"] == label
        raw = {"operation": "$executeRaw", "args": {"query": 'UPDATE "T" SET n = n WHERE v = $1', "parameters": [label]}}
        assert stock.client.data(raw) == 2
    for _ in range(7):
        work("B")
    script = MIGRATE.format("'A', 'B', 'C'")
    stock.sql.execute(script if drops else script.replace('DROP TYPE "Role_old";', ""))
    work("C")
    work("B")


def test_a_wider_integer_takes_what_the_narrow_one_refused(make_stock):
    stock = make_stock("int", "BigInt?", connection_limit=1)
    for _ in range(7):
        assert stock.data("updateMany", where={"v": "7"}, data={"v": "8"}) == {"count": 0}
    assert stock.ask("updateMany", where={"v": "7"}, data={"v": "5000000000"}).code == "P2020"
    stock.sql.execute('ALTER TABLE "T" ALTER v TYPE bigint')
    assert stock.data("updateMany", where={"v": "7"}, data={"v": "5000000000"}) == {"count": 0}


def test_a_mistake_of_the_callers_own_is_an_error_each_time(make_stock):
    stock = make_stock("uuid", "String? @db.Uuid", connection_limit=1)
    for _ in range(5):
        assert stock.data("count", where={"v": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}) == 0
        assert stock.ask("count", where={"v": "nonsense"}).code == "P2007"
        assert stock.ask("createMany", data=[{"id": 1, "v": "nonsense"}]).code == "P2007"


def test_a_transaction_whose_first_statement_is_out_of_date_is_begun_again(database, make_stock):
    stock = make_stock("timestamp(3)", "DateTime?", connection_limit=1)
    requests = [{"model": "T", "operation": "createMany", "args": {"data": [{"id": 1, "v": NOON}]}},
                {"model": "T", "operation": "count", "args": {"where": {"v": NOON}}}]
    def both():
        stock.data("deleteMany")
        return stock.client.data({"operation": "$transaction", "args": {"requests": requests}})
    for _ in range(7):
        assert both() == [{"count": 1}, 1]
    stock.sql.execute('ALTER TABLE "T" ALTER v TYPE timestamptz(3) USING v AT TIME ZONE \'UTC\'')
    assert both() == [{"count": 1}, 1]
    assert stock.sql.value("SET TimeZone = 'UTC'; SELECT v FROM \"T\"").startswith("2024-01-31 12:00:00.123")


def test_a_procedure_that_commits_and_then_says_that_a_statement_is_unknown_runs_once(database, scene):
    database.sql.execute("""CREATE TABLE done (n int); CREATE PROCEDURE work() LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO done VALUES (1); COMMIT; RAISE EXCEPTION 'no' USING ERRCODE = '26000'; END $$;
        CREATE PROCEDURE deeper() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO done VALUES (1); COMMIT; EXECUTE 'EXECUTE nothing'; END $$;
        CREATE PROCEDURE cast_it(what text) LANGUAGE plpgsql AS $$ BEGIN INSERT INTO done VALUES (1); COMMIT; PERFORM what::int; END $$""")
    for number, statement in enumerate(("CALL work()", " /* a /* b */ */ CALL deeper()", "call cast_it($1)"), 1):
        for times in (1, 2):
            parameters = ["x"] if "$1" in statement else []
            reply = scene.client.query({"operation": "$executeRaw", "args": {"query": statement, "parameters": parameters}})
            assert reply.code == "P2010", reply
            assert database.sql.value("SELECT count(*) FROM done") == str(2 * (number - 1) + times)


def test_raw_sql_whose_parameter_no_longer_fits_is_prepared_anew(database, make_stock):
    stock = make_stock("int", "BigInt?", connection_limit=1)
    request = {"operation": "$queryRaw", "args": {"query": 'SELECT count(*)::int AS n FROM "T" WHERE v = $1', "parameters": [7]}}
    for _ in range(3):
        assert stock.client.data(request) == [{"n": 0}]
    stock.sql.execute('ALTER TABLE "T" ALTER v TYPE text')
    stock.data("createMany", data=[{"id": 1}])
    request["args"]["parameters"] = ["x"]
    assert stock.client.data(request) == [{"n": 0}]


#: Types of which the server turns one into the other without a word, and a text that means something else to each.
SILENT = [
    ("timestamp", "timestamptz", "v AT TIME ZONE 'UTC'", LATER), ("timestamptz", "timestamp", "v AT TIME ZONE 'UTC'", LATER), ("date", "timestamp", "v", NOON),
    ("timestamp", "date", "v", NOON), ("date", "timestamptz", "v", LATER), ("time", "timetz", "v", "12:00:00+05"), ("timetz", "time", "v", "12:00:00+05"),
    ("real", "double precision", "v", "0.1"), ("double precision", "real", "v", "0.1"), ("real", "numeric", "v::numeric", "0.123456789"),
    ("double precision", "numeric", "v::numeric", "12345678901234567890.123456789"), ("timestamp[]", "timestamptz[]", "NULL", "{2024-07-01T18:30:00Z}"),
    ("interval", "time", "NULL", "26:30:00"), ("timestamp", "text", "v::text", "2024-01-31"),
]


@pytest.mark.parametrize("url", [{}, {"pgbouncer": "true"}], ids=["", "pgbouncer"])
@pytest.mark.parametrize("old, new, using, value", SILENT, ids=[f"{old} to {new}" for old, new, *_ in SILENT])
def test_raw_sql_without_types_gets_what_a_fresh_client_gives_it(make_stock, old, new, using, value, url):
    stock = make_stock(old, "Unsupported(\"x\")?", connection_limit=1, **url)

    def raw(client, operation, query, *parameters):
        reply = client.query({"operation": operation, "args": {"query": query, "parameters": list(parameters)}})
        return reply.data if reply.number == 0 else reply.code

    def work(client):
        raw(client, "$executeRaw", 'DELETE FROM "T"')
        found = [raw(client, "$executeRaw", 'INSERT INTO "T" (id, v) VALUES (1, $1), (2, NULL)', value), raw(client, "$executeRaw", 'UPDATE "T" SET v = $1 WHERE id = $2', value, 2),
                 raw(client, "$queryRaw", 'SELECT count(*) AS n FROM "T" WHERE v = $1', value),
                 raw(client, "$queryRaw", f'SELECT count(*) AS n FROM "T" WHERE v = $1::{old}', value), raw(client, "$queryRaw", 'INSERT INTO "T" (id, v) VALUES (3, $1) RETURNING id', value)]
        return found, stock.sql.execute("SET TimeZone = 'UTC'; SELECT id, v FROM \"T\" ORDER BY id")

    for _ in range(3):
        before = work(stock.client)
    with stock.open() as fresh:
        assert work(fresh) == before
    stock.sql.execute(f'ALTER TABLE "T" ALTER v TYPE {new} USING {using}')
    with stock.open() as fresh:
        right = work(fresh)
    for _ in range(3):
        assert work(stock.client) == right
