"""Lists of ten thousands of keys: nested writes and `OR` find their records in the default time limit."""
import pytest
from capi import Client

SCHEMA = """
datasource db {
  provider = "postgresql"
}
model Depot {
  id    Int    @id
  parts Part[]
  tools Tool[]
}
model Part {
  id      Int     @id
  code    String? @unique
  row     Int
  shelf   String
  depotId Int?
  depot   Depot?  @relation(fields: [depotId], references: [id])

  @@unique([row, shelf])
}
model Tool {
  id     Int     @id
  kind   String
  mark   Int
  depots Depot[]

  @@unique([kind, mark])
}
"""
TABLES = """
CREATE TABLE "Depot" (id integer PRIMARY KEY);
CREATE TABLE "Part" (id integer PRIMARY KEY, code text UNIQUE, "row" integer NOT NULL, shelf text NOT NULL,
  "depotId" integer REFERENCES "Depot" ON DELETE SET NULL, UNIQUE ("row", shelf));
CREATE TABLE "Tool" (id integer PRIMARY KEY, kind text NOT NULL, mark integer NOT NULL, UNIQUE (kind, mark));
CREATE TABLE "_DepotToTool" ("A" integer NOT NULL REFERENCES "Depot" ON DELETE CASCADE, "B" integer NOT NULL REFERENCES "Tool" ON DELETE CASCADE,
  PRIMARY KEY ("A", "B"));
INSERT INTO "Depot" VALUES (1);
INSERT INTO "Part" SELECT n, CASE WHEN n <= 20000 THEN 'c' || n END, n % 100, 's' || n, CASE WHEN n > 19000 THEN 1 END FROM generate_series(1, 50000) AS n;
INSERT INTO "Tool" SELECT n, 'k' || n % 10, n FROM generate_series(1, 20000) AS n;
ANALYZE;
"""
COUNT = 15_000
KEYS = {
    "id": lambda n: {"id": n},
    "code": lambda n: {"code": f"c{n}"},
    "pair": lambda n: {"row_shelf": {"row": n % 100, "shelf": f"s{n}"}},
}
TOOL_KEYS = {"id": lambda n: {"id": n}, "pair": lambda n: {"kind_mark": {"kind": f"k{n % 10}", "mark": n}}}


class Depot:
    def __init__(self, database):
        database.sql.execute(TABLES)
        self.sql = database.sql
        self.client = Client({"schema": SCHEMA, "datasourceUrl": database.url()})

    def write(self, **data):
        reply = self.client.query({"model": "Depot", "operation": "update", "args": {"where": {"id": 1}, "data": data}})
        assert reply.number == 0, reply

    def count(self, where, operation="count", **args):
        reply = self.client.query({"model": "Part", "operation": operation, "args": {"where": where, **args}})
        assert reply.number == 0, reply
        return reply.data

    def related(self, table):
        sql = 'SELECT count(*) FROM "Part" WHERE "depotId" = 1' if table == "Part" else 'SELECT count(*) FROM "_DepotToTool"'
        return int(self.sql.value(sql))


@pytest.fixture
def depot(database):
    depot = Depot(database)
    yield depot
    depot.client.close()


@pytest.mark.parametrize("key", KEYS)
def test_many_records_are_set_connected_and_disconnected(depot, key):
    filters = [KEYS[key](n) for n in range(1, COUNT + 1)]
    depot.write(parts={"set": filters})
    assert depot.related("Part") == COUNT
    assert depot.sql.value('SELECT max(id) FROM "Part" WHERE "depotId" = 1') == str(COUNT)
    depot.write(parts={"disconnect": filters[:-3] + filters[:5]})
    assert depot.related("Part") == 3
    depot.write(parts={"connect": filters})
    assert depot.related("Part") == COUNT
    depot.write(parts={"delete": filters})
    assert depot.related("Part") == 0 and depot.sql.value('SELECT count(*) FROM "Part"') == str(50_000 - COUNT)


@pytest.mark.parametrize("key", TOOL_KEYS)
def test_many_records_are_linked_by_a_join_table(depot, key):
    filters = [TOOL_KEYS[key](n) for n in range(1, COUNT + 1)]
    depot.write(tools={"connect": filters[:10]})
    depot.write(tools={"set": filters})
    assert depot.related("Tool") == COUNT
    depot.write(tools={"disconnect": filters[:-3]})
    assert depot.related("Tool") == 3


def test_more_links_than_a_statement_has_parameters(depot):
    depot.sql.execute("""INSERT INTO "Tool" SELECT n, 'k' || n % 10, n FROM generate_series(20001, 80000) AS n""")
    filters = [{"id": n} for n in range(1, 70_001)]
    depot.write(tools={"connect": filters})
    assert depot.related("Tool") == 70_000
    depot.write(tools={"disconnect": filters})
    assert depot.related("Tool") == 0


def test_one_that_is_missing_among_many_is_told(depot):
    filters = [{"id": n} for n in range(1, 1000)] + [{"id": 99_999}]
    reply = depot.client.query({"model": "Depot", "operation": "update", "args": {"where": {"id": 1}, "data": {"parts": {"connect": filters}}}})
    assert reply.code == "P2018" and "1000" in reply.error["message"] and depot.related("Part") == 31_000


def test_alternatives_of_a_caller(depot):
    ids = [{"id": n} for n in range(1, 40_001)]
    assert depot.count({"OR": ids}) == 40_000
    assert depot.count({"NOT": {"OR": ids}}) == 10_000
    assert depot.count({"OR": ids}, "updateMany", data={"row": {"increment": 0}}) == {"count": 40_000}
    codes = [{"code": f"c{n}"} for n in range(1, 19_001)]
    assert depot.count({"OR": codes}) == 19_000
    assert depot.count({"NOT": {"OR": codes}}) == 1000, "NULL is no other value"
    for size in (3, 100, 15_000):
        pairs = [{"row": n % 100, "shelf": f"s{n}"} for n in range(1, size)] + [{"row": 1, "shelf": "s2"}]
        assert depot.count({"OR": pairs}) == size - 1
        assert depot.count({"NOT": {"OR": pairs}}) == 50_001 - size
        codes = [{"code": f"c{n}", "row": n % 100} for n in range(1, size)]
        assert depot.count({"OR": codes}) == size - 1
        # Those without a code pass where the row alone tells that none is meant.
        expected = depot.sql.value(f"""SELECT count(*) FROM "Part" WHERE NOT coalesce(id < {size}, false)
          AND (code IS NOT NULL OR "row" NOT IN (SELECT n % 100 FROM generate_series(1, {size - 1}) AS n))""")
        assert depot.count({"NOT": {"OR": codes}}) == int(expected)


def test_many_conditions_that_are_not_alike(depot):
    """The server's JIT would compile each of them, for minutes."""
    mixed = [{"row": n, "shelf": {"gt": f"s{n}"}} for n in range(1, 1501)]
    assert depot.count({"OR": mixed}) > 0
