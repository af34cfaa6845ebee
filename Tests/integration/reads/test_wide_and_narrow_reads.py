"""Reads of very many columns, of few permitted ones, and of sums that are wider than their fields."""
import pytest
from capi import Client

DATASOURCE = 'datasource db {\n  provider = "postgresql"\n}\n'


@pytest.fixture
def open_client(database):
    made = []

    def open(schema, *statements, **url):
        for statement in statements:
            database.sql.execute(statement)
        made.append(Client({"schema": DATASOURCE + schema, "datasourceUrl": database.url(**url)}))
        return made[-1]

    yield open
    for client in made:
        client.close()


def find(client, model, operation="findMany", **args):
    return client.data({"model": model, "operation": operation, "args": args})


# A role that may read some columns only.

SHOP = """
model Shop {
  id    Int    @id
  items Item[]
  tags  Tag[]
}
model Item {
  id     Int    @id
  name   String
  price  Int
  shopId Int
  shop   Shop   @relation(fields: [shopId], references: [id])
  parts  Part[]
}
model Part {
  id     Int   @id
  itemId Int
  item   Item  @relation(fields: [itemId], references: [id])
}
model Tag {
  id    Int    @id
  word  String
  shops Shop[]
}
"""

SHOP_TABLES = [
    'CREATE TABLE "Shop" (id int PRIMARY KEY)',
    'CREATE TABLE "Item" (id int PRIMARY KEY, name text NOT NULL, price int NOT NULL, secret text, "shopId" int NOT NULL REFERENCES "Shop" (id))',
    'CREATE TABLE "Part" (id int PRIMARY KEY, "itemId" int NOT NULL REFERENCES "Item" (id), secret text)',
    'CREATE TABLE "Tag" (id int PRIMARY KEY, word text NOT NULL, secret text)',
    'CREATE TABLE "_ShopToTag" ("A" int NOT NULL REFERENCES "Shop" (id), "B" int NOT NULL REFERENCES "Tag" (id), UNIQUE ("A", "B"))',
    'INSERT INTO "Shop" VALUES (1), (2)',
    """INSERT INTO "Item" VALUES (1, 'a', 5, '', 1), (2, 'a', 7, '', 1), (3, 'b', 9, '', 1), (4, 'b', 1, '', 2)""",
    """INSERT INTO "Part" VALUES (1, 1, ''), (2, 1, ''), (3, 2, '')""",
    """INSERT INTO "Tag" VALUES (1, 'x', ''), (2, 'y', '')""",
    'INSERT INTO "_ShopToTag" VALUES (1, 1), (1, 2)',
    "DO $$ BEGIN CREATE ROLE wide_and_narrow; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
    "GRANT USAGE ON SCHEMA public TO wide_and_narrow",
    'GRANT SELECT ON "Shop", "_ShopToTag" TO wide_and_narrow',
    'GRANT SELECT (id, name, price, "shopId") ON "Item" TO wide_and_narrow',
    'GRANT SELECT (id, "itemId") ON "Part" TO wide_and_narrow',
    'GRANT SELECT (id, word) ON "Tag" TO wide_and_narrow',
]


@pytest.fixture
def shop(open_client):
    return open_client(SHOP, *SHOP_TABLES, options="-c role=wide_and_narrow")


def test_pages_of_relations_read_the_columns_that_are_asked_for(shop):
    items = {"take": 2, "orderBy": {"price": "desc"}, "select": {"id": True, "parts": {"take": 1, "orderBy": {"id": "desc"}}}}
    assert find(shop, "Shop", where={"id": 1}, include={"items": items, "tags": {"take": 1, "orderBy": {"word": "desc"}}}) == [
        {"id": 1, "items": [{"id": 3, "parts": []}, {"id": 2, "parts": [{"id": 3, "itemId": 2}]}], "tags": [{"id": 2, "word": "y"}]}]


def test_pages_of_relations_may_join_and_count(shop):
    items = {"skip": 1, "orderBy": {"id": "asc"}, "select": {"shop": True, "_count": True}}
    assert find(shop, "Shop", where={"id": 1}, select={"items": items}) == [
        {"items": [{"shop": {"id": 1}, "_count": {"parts": 1}}, {"shop": {"id": 1}, "_count": {"parts": 0}}]}]


def test_distinct_reads_the_columns_that_are_asked_for(shop):
    assert find(shop, "Item", distinct=["name"], orderBy={"id": "desc"}, select={"price": True}) == [{"price": 1}, {"price": 7}]
    assert find(shop, "Item", distinct=[], select={"id": True}) == [{"id": 1}]
    assert find(shop, "Shop", where={"id": 1}, select={"items": {"distinct": ["name"], "select": {"id": True}}}) == [
        {"items": [{"id": 1}, {"id": 3}]}]
    below = find(shop, "Item", distinct=["name"], orderBy={"id": "asc"}, select={"id": True, "parts": True, "shop": True})
    assert below == [{"id": 1, "parts": [{"id": 1, "itemId": 1}, {"id": 2, "itemId": 1}], "shop": {"id": 1}},
                     {"id": 3, "parts": [], "shop": {"id": 1}}]


def test_pages_are_counted_and_summed_by_the_columns_that_are_asked_for(shop):
    assert find(shop, "Item", "count", take=3) == 3
    assert find(shop, "Item", "count", cursor={"id": 2}, orderBy={"id": "asc"}, select={"_all": True, "name": True}) == {"_all": 3, "name": 3}
    assert find(shop, "Item", "aggregate", take=2, orderBy={"price": "desc"}, _sum={"price": True}, _min={"name": True}) == {
        "_sum": {"price": 16}, "_min": {"name": "a"}}


# Totals are wider than what they are the totals of.

BILL = """
model Bill {
  id    Int     @id
  payer String
  cents Int
  small Int     @db.SmallInt
  big   BigInt
  number Int    @db.Oid
}
"""


@pytest.fixture
def bills(open_client):
    return open_client(
        BILL, 'CREATE TABLE "Bill" (id int PRIMARY KEY, payer text, cents int, small smallint, big bigint, number oid)',
        f"""INSERT INTO "Bill" VALUES (1, 'a', 2000000000, 30000, {2**63 - 1}, 4000000000), (2, 'a', 2000000000, 30000, {2**63 - 1}, 4000000000),
            (3, 'b', 5, 5, 5, 5)""")


@pytest.mark.parametrize("having", [
    {"cents": {"_sum": {"gt": 3_000_000_000}}}, {"cents": {"_sum": {"equals": 4_000_000_000}}}, {"small": {"_sum": {"in": [60_000, 7]}}},
    {"big": {"_sum": {"equals": str(2 * (2**63 - 1))}}}, {"big": {"_sum": {"gt": 2 * (2**63 - 1) - 1}}},
    {"number": {"_sum": {"not": {"lt": 8_000_000_000}}}}, {"number": {"_max": {"equals": 4_000_000_000}}}, {"cents": {"_avg": {"gt": 1.9e9}}},
    {"cents": {"_max": {"gte": 2_000_000_000}}, "payer": {"_count": {"lt": 10_000_000_000}}},
], ids=str)
def test_having_takes_totals_of_any_size(bills, having):
    assert find(bills, "Bill", "groupBy", by=["payer"], having=having) == [{"payer": "a"}]


@pytest.mark.parametrize("having, code", [
    ({"cents": {"_sum": {"gt": 1.5}}}, "P2009"), ({"cents": {"_max": {"gt": 3_000_000_000}}}, "P2020"),
    ({"big": {"_sum": {"gt": "1.5"}}}, "P2009"), ({"big": {"_max": {"gt": str(2**63)}}}, "P2009"), ({"cents": {"_sum": {"gt": 10**19}}}, "P2033"),
], ids=str)
def test_totals_are_whole_and_single_values_keep_their_range(bills, having, code):
    assert bills.query({"model": "Bill", "operation": "groupBy", "args": {"by": ["payer"], "having": having}}).code == code


# More columns than PostgreSQL gives in one statement.

RELATIONS, COLUMNS = 12, 200


def wide_schema():
    text = "model Hub {\n  id Int @id\n  name String\n"
    for number in range(RELATIONS):
        text += f"  key{number} Int?\n  wide{number} Wide{number}? @relation(fields: [key{number}], references: [id])\n"
    text += "}\n"
    for number in range(RELATIONS):
        columns = "".join(f"  c{column} Int?\n" for column in range(COLUMNS))
        text += f"model Wide{number} {{\n  id Int @id\n{columns}  hubs Hub[]\n  leaves Leaf{number}[]\n}}\n"
        text += f"model Leaf{number} {{\n  id Int @id\n  wideId Int\n  wide Wide{number} @relation(fields: [wideId], references: [id])\n}}\n"
    return text


@pytest.fixture
def hub(open_client):
    statements = []
    for number in range(RELATIONS):
        columns = ", ".join(f"c{column} int" for column in range(COLUMNS))
        statements.append(f'CREATE TABLE "Wide{number}" (id int PRIMARY KEY, {columns})')
        statements.append(f'INSERT INTO "Wide{number}" (id, c0, c{COLUMNS - 1}) VALUES (1, {number}, 7), (2, {number}, 8)')
        statements.append(f'CREATE TABLE "Leaf{number}" (id int PRIMARY KEY, "wideId" int)')
        statements.append(f'INSERT INTO "Leaf{number}" VALUES (1, 1), (2, 1), (3, 2)')
    keys = ", ".join(f"key{number} int" for number in range(RELATIONS))
    statements.append(f'CREATE TABLE "Hub" (id int PRIMARY KEY, name text, {keys})')
    for hub, key in ((1, 1), (2, 2), (3, "NULL"), (4, 1)):
        statements.append(f"""INSERT INTO "Hub" VALUES ({hub}, 'same', {", ".join([str(key)] * RELATIONS)})""")
    return open_client(wide_schema(), *statements)


def test_any_number_of_columns_of_related_records_is_read(hub):
    include = {f"wide{number}": {"include": {"leaves": {"orderBy": {"id": "asc"}, "select": {"id": True}}}} for number in range(RELATIONS)}
    rows = find(hub, "Hub", orderBy={"id": "asc"}, include=include)
    assert [row["id"] for row in rows] == [1, 2, 3, 4]
    for row, key in zip(rows, (1, 2, None, 1)):
        assert list(row) == ["id", "name", *(f"key{number}" for number in range(RELATIONS)), *(f"wide{number}" for number in range(RELATIONS))]
        for number in range(RELATIONS):
            wide = row[f"wide{number}"]
            if key is None:
                assert wide is None
                continue
            assert (wide["id"], wide["c0"], wide[f"c{COLUMNS - 1}"], len(wide)) == (key, number, 6 + key, COLUMNS + 2)
            assert wide["leaves"] == ([{"id": 1}, {"id": 2}] if key == 1 else [{"id": 3}])


def test_the_page_is_the_same_in_every_statement(hub):
    include = {f"wide{number}": True for number in range(RELATIONS)}
    for skip in range(4):
        [row] = find(hub, "Hub", orderBy={"name": "asc"}, skip=skip, take=1, include=include)
        assert all(row[f"wide{number}"] is None if row[f"key{number}"] is None else row[f"wide{number}"]["id"] == row[f"key{number}"]
                   for number in range(RELATIONS))


def test_a_filter_leaves_out_related_records_wherever_they_are_read(hub):
    include = {f"wide{number}": {"where": {f"c{COLUMNS - 1}": 8}} for number in range(RELATIONS)}
    rows = find(hub, "Hub", orderBy={"id": "asc"}, include=include)
    assert [[row[f"wide{number}"] and row[f"wide{number}"]["id"] for number in range(RELATIONS)] for row in rows] == [
        [None] * RELATIONS, [2] * RELATIONS, [None] * RELATIONS, [None] * RELATIONS]


def test_deeper_levels_are_split_too(hub):
    select = {"wide": {"include": {"hubs": {"where": {"id": 4}, "include": {f"wide{number}": True for number in range(RELATIONS)}}}}}
    rows = find(hub, "Leaf0", where={"id": 1}, select=select)
    assert rows[0]["wide"]["hubs"][0][f"wide{RELATIONS - 1}"]["id"] == 1


# Floats and numerics that are no numbers.

GAUGE = """
model Gauge {
  id     Int       @id
  double Float
  single Float     @db.Real
  exact  Decimal
  all    Decimal[]
}
"""


@pytest.fixture
def gauges(open_client):
    return open_client(
        GAUGE, 'CREATE TABLE "Gauge" (id int PRIMARY KEY, "double" float8, single float4, exact numeric, "all" numeric[])',
        """INSERT INTO "Gauge" VALUES (1, 'NaN', 'NaN', 'NaN', '{1.5,NaN}'), (2, 'Infinity', 'Infinity', 'Infinity', '{Infinity}'),
            (3, '-Infinity', '-Infinity', '-Infinity', '{-Infinity}'), (4, 1.5, 1.5, 1.5, '{}')""")


@pytest.mark.parametrize("id, value", [(1, "NaN"), (2, "Infinity"), (3, "-Infinity")])
def test_what_is_no_number_is_found_by_its_name(gauges, id, value):
    row = find(gauges, "Gauge", "findUnique", where={"id": id}, select={"exact": True, "all": True})
    assert row == {"exact": value, "all": (["1.5"] if id == 1 else []) + [value]}
    for name in ("double", "single", "exact"):
        assert find(gauges, "Gauge", where={name: value}, select={"id": True}) == [{"id": id}]
        assert find(gauges, "Gauge", where={name: {"in": [value]}}, select={"id": True}) == [{"id": id}]
    assert find(gauges, "Gauge", where={"all": {"has": value}}, select={"id": True}) == [{"id": id}]
    written = find(gauges, "Gauge", "update", where={"id": 4}, data={"exact": {"set": value}, "all": [value]}, select={"exact": True, "all": True})
    assert written == {"exact": value, "all": [value]}


@pytest.mark.parametrize("value", ["nan", "inf", "Inf", "1.5", "", "+Infinity"])
def test_a_float_takes_no_other_text(gauges, value):
    assert gauges.query({"model": "Gauge", "operation": "count", "args": {"where": {"double": value}}}).code == "P2009"
