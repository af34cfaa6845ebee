"""Writes on tables that are not quite what the schema says: each is done in another way where the usual one is refused."""
import pytest
from capi import Client

MODELS = """
datasource db {
  provider = "postgresql"
}
model Badge {
  id     Int    @id
  code   Int    @unique
  uses   Int    @default(0)
  boxId  Int?
  box    Box?   @relation(fields: [boxId], references: [id])
}
model Box {
  id     Int     @id
  badges Badge[]
}
"""

TABLES = 'CREATE TABLE "Box" (id integer PRIMARY KEY); CREATE TABLE "Badge" (id integer PRIMARY KEY, code integer NOT NULL, uses integer NOT NULL DEFAULT 0, "boxId" integer)'
KEYS = {
    "missing": 'CREATE INDEX ON "Badge" (code)',
    "deferrable": 'ALTER TABLE "Badge" ADD UNIQUE (code) DEFERRABLE INITIALLY DEFERRED',
}
UPSERT = {"where": {"code": 1}, "create": {"id": 1, "code": 1}, "update": {"uses": {"increment": 1}}}


@pytest.fixture
def open_client(database):
    made = []

    def open(*statements, models=MODELS):
        for statement in statements:
            database.sql.execute(statement)
        made.append(Client({"schema": models, "datasourceUrl": database.url()}))
        return made[-1]

    yield open
    for client in made:
        client.close()


def ask(model, operation, **args):
    return {"model": model, "operation": operation, "args": args}


def transaction(*requests):
    return {"operation": "$transaction", "args": {"requests": list(requests)}}


@pytest.mark.parametrize("key", KEYS)
def test_upserts_of_a_transaction_look_the_record_up(database, open_client, key):
    client = open_client(TABLES, KEYS[key])
    for round in range(3):
        answers = client.data(transaction(ask("Badge", "upsert", **UPSERT), ask("Badge", "upsert", **UPSERT)))
        assert [answer["uses"] for answer in answers] == [2 * round, 2 * round + 1]
    assert database.sql.execute('SELECT id, code, uses FROM "Badge"') == [["1", "1", "5"]]


def test_an_upsert_in_an_interactive_transaction_takes_back_nothing_else(database, open_client):
    client = open_client(TABLES, KEYS["missing"])
    id = client.data({"operation": "$transaction.begin", "args": {}})["id"]

    def inside(request):
        return client.data({**request, "transaction": id})

    inside(ask("Badge", "create", data={"id": 7, "code": 7}))
    assert inside(ask("Badge", "upsert", **UPSERT))["uses"] == 0
    assert inside(ask("Badge", "upsert", **UPSERT))["uses"] == 1
    client.data({"operation": "$transaction.commit", "args": {"id": id}})
    assert database.sql.execute('SELECT id, uses FROM "Badge" ORDER BY id') == [["1", "1"], ["7", "0"]]


@pytest.mark.parametrize("inside", [False, True], ids=["alone", "in a transaction"])
def test_duplicates_are_skipped_where_a_key_is_deferrable(database, open_client, inside):
    client = open_client(TABLES, KEYS["deferrable"])

    def data(request):
        return client.data(transaction(request))[0] if inside else client.data(request)

    rows = [{"id": 1, "code": 1}, {"id": 2, "code": 1}, {"id": 3, "code": 3}]
    for _ in range(2):
        database.sql.execute('TRUNCATE "Badge"')
        assert data(ask("Badge", "createMany", data=rows, skipDuplicates=True)) == {"count": 2}
        assert data(ask("Badge", "createMany", data=rows, skipDuplicates=True)) == {"count": 0}
    made = data(ask("Badge", "createManyAndReturn", data=rows + [{"id": 5, "code": 5}], skipDuplicates=True, select={"id": True}))
    assert made == [{"id": 5}]
    nested = {"createMany": {"data": [{"id": 1, "code": 9}, {"id": 8, "code": 8}], "skipDuplicates": True}}
    made = data(ask("Box", "create", data={"id": 1, "badges": nested}, include={"badges": {"select": {"id": True}}}))
    assert made == {"id": 1, "badges": [{"id": 8}]}
    assert database.sql.execute('SELECT id, code FROM "Badge" ORDER BY id') == [["1", "1"], ["3", "3"], ["5", "5"], ["8", "8"]]


ITEM = """
datasource db {
  provider = "postgresql"
}
model Item {
  id Int @id
  n  Int @default(0)
}
"""


@pytest.mark.parametrize("inside", [False, True], ids=["alone", "in a transaction"])
@pytest.mark.parametrize("table", ["a parent with a child of the same keys", "a view"])
def test_a_limit_holds(database, open_client, table, inside):
    statements = ['CREATE TABLE "Item" (id integer PRIMARY KEY, n integer NOT NULL DEFAULT 0)', 'CREATE TABLE child () INHERITS ("Item")',
                  'INSERT INTO "Item" VALUES (1), (2)', "INSERT INTO child VALUES (1), (2), (3)"]
    if table == "a view":
        statements = ["CREATE TABLE base (id integer PRIMARY KEY, n integer NOT NULL DEFAULT 0)", 'CREATE VIEW "Item" AS SELECT * FROM base',
                      "INSERT INTO base SELECT generate_series(1, 5)"]
    client = open_client(*statements, models=ITEM)

    def data(request):
        return client.data(transaction(request))[0] if inside else client.data(request)

    for changed in (2, 4):
        update = ask("Item", "updateMany", where={"n": 0}, data={"n": 1}, limit=2)
        assert data(update) == {"count": 2}
        assert database.sql.execute('SELECT count(*) FROM "Item" WHERE n = 1') == [[str(changed)]]
    for left in (3, 1, 0):
        data(ask("Item", "deleteMany", limit=2))
        assert database.sql.execute('SELECT count(*) FROM "Item"') == [[str(left)]]


NODE = """
datasource db {
  provider = "postgresql"
}
model Node {
  id       Int    @id
  parentId Int?
  name     String @default("")
  parent   Node?  @relation("Tree", fields: [parentId], references: [id], onUpdate: Cascade)
  children Node[] @relation("Tree")
}
"""


def test_a_record_that_changes_its_own_key_from_below_is_answered(database, open_client):
    client = open_client('CREATE TABLE "Node" (id integer PRIMARY KEY, "parentId" integer REFERENCES "Node" ON UPDATE CASCADE, name text NOT NULL DEFAULT \'\')',
                         'INSERT INTO "Node" VALUES (1, 1), (2, 1), (3, 2)', models=NODE)
    change = {"name": "top", "children": {"updateMany": {"where": {"id": 1}, "data": {"id": 9}}}}
    assert client.data(ask("Node", "update", where={"id": 1}, data=change)) == {"id": 9, "parentId": 9, "name": "top"}
    change = {"children": {"updateMany": {"where": {}, "data": {"id": {"multiply": 10}}}}}
    assert client.data(ask("Node", "update", where={"id": 9}, data=change)) == {"id": 90, "parentId": 90, "name": "top"}
    assert database.sql.execute('SELECT id, "parentId" FROM "Node" ORDER BY id') == [["3", "20"], ["20", "90"], ["90", "90"]]


NUMERIC = """
datasource db {
  provider = "postgresql"
}
model Shelf {
  id    Int    @id
  books Book[]
}
model Book {
  id      BigInt @id
  shelfId Int?
  shelf   Shelf? @relation(fields: [shelfId], references: [id])
}
"""


@pytest.mark.parametrize("types", [("numeric", "numeric(10, 2)"), ("integer", "numeric"), ("numeric", "bigint"), ("numeric(12, 3)", "numeric")])
def test_keys_may_be_numeric(database, open_client, types):
    shelf, book = types
    client = open_client(f'CREATE TABLE "Shelf" (id {shelf} PRIMARY KEY)', f'CREATE TABLE "Book" (id numeric PRIMARY KEY, "shelfId" {book})',
                         'INSERT INTO "Shelf" VALUES (0), (1), (20000), (-3)', 'INSERT INTO "Book" VALUES (1, 1), (2.0, 20000), (3, NULL), (4, 1.0), (5, 0), (6, -3)',
                         models=NUMERIC)
    shelves = client.data(ask("Shelf", "findMany", orderBy={"id": "asc"}, include={"books": {"orderBy": {"id": "asc"}, "select": {"id": True}}}))
    assert [(shelf["id"], [book["id"] for book in shelf["books"]]) for shelf in shelves] == [(-3, ["6"]), (0, ["5"]), (1, ["1", "4"]), (20000, ["2"])]
    assert client.data(ask("Shelf", "create", data={"id": 7, "books": {"create": {"id": 70}}}, include={"books": True})) == {
        "id": 7, "books": [{"id": "70", "shelfId": 7}]}


def test_an_upsert_moves_a_row_to_another_partition(database, open_client):
    client = open_client(
        """CREATE TABLE "Seat" (id integer, row integer, uses integer NOT NULL DEFAULT 0, PRIMARY KEY (id, row)) PARTITION BY LIST (row);
        CREATE TABLE front PARTITION OF "Seat" FOR VALUES IN (1); CREATE TABLE back PARTITION OF "Seat" FOR VALUES IN (2)""",
        models='datasource db {\n  provider = "postgresql"\n}\nmodel Seat {\n  id   Int\n  row  Int\n  uses Int @default(0)\n\n  @@id([id, row])\n}\n')

    def move(number, row):
        other = 3 - row
        return ask("Seat", "upsert", where={"id_row": {"id": number, "row": row}}, create={"id": number, "row": row}, update={"row": other, "uses": {"increment": 1}})

    assert client.data(move(1, 1)) == {"id": 1, "row": 1, "uses": 0}
    assert client.data(move(1, 1)) == {"id": 1, "row": 2, "uses": 1}
    assert client.data(move(1, 2)) == {"id": 1, "row": 1, "uses": 2}
    assert client.data(transaction(move(2, 1), move(2, 1), move(1, 1)))[1:] == [{"id": 2, "row": 2, "uses": 1}, {"id": 1, "row": 2, "uses": 3}]
    # The place where it goes is taken: as for any other key.
    client.data(ask("Seat", "create", data={"id": 1, "row": 1}))
    assert client.query(move(1, 1)).code == "P2002"
    assert database.sql.execute('SELECT id, row, uses FROM "Seat" ORDER BY 1, 2') == [["1", "1", "0"], ["1", "2", "3"], ["2", "2", "1"]]


def test_an_upsert_moves_a_row_after_others_of_a_transaction_that_moved_none(database, open_client):
    client = open_client(
        """CREATE TABLE "Seat" (id integer, row integer, uses integer NOT NULL DEFAULT 0, PRIMARY KEY (id, row)) PARTITION BY LIST (row);
        CREATE TABLE front PARTITION OF "Seat" FOR VALUES IN (1); CREATE TABLE back PARTITION OF "Seat" FOR VALUES IN (2)""",
        models='datasource db {\n  provider = "postgresql"\n}\nmodel Seat {\n  id   Int\n  row  Int\n  uses Int @default(0)\n\n  @@id([id, row])\n}\n')

    def place(number, row, to):
        return ask("Seat", "upsert", where={"id_row": {"id": number, "row": row}}, create={"id": number, "row": row}, update={"row": to, "uses": {"increment": 1}})

    # Seven upserts that leave each row where it is, so that nothing says that there are partitions.
    assert client.data(place(1, 1, 1))["uses"] == 0
    assert client.data(transaction(*(place(1, 1, 1) for _ in range(6))))[-1] == {"id": 1, "row": 1, "uses": 6}
    answers = client.data(transaction(place(1, 1, 1), place(1, 1, 2), place(1, 2, 1), place(1, 1, 2)))
    assert [(answer["row"], answer["uses"]) for answer in answers] == [(1, 7), (2, 8), (1, 9), (2, 10)]
    assert database.sql.execute('SELECT id, row, uses FROM "Seat"') == [["1", "2", "10"]]


@pytest.mark.parametrize("inside", [False, True], ids=["alone", "in a transaction"])
def test_a_key_that_becomes_deferrable_is_noticed(database, open_client, inside):
    client = open_client(TABLES, 'ALTER TABLE "Badge" ADD CONSTRAINT code UNIQUE (code)')
    request = ask("Badge", "createMany", data=[{"id": 1, "code": 1, "uses": 1}, {"id": 2, "code": 1, "uses": 1}], skipDuplicates=True)
    request = transaction(request) if inside else request
    for _ in range(2):
        client.data(request)
    database.sql.execute('ALTER TABLE "Badge" DROP CONSTRAINT code, ADD CONSTRAINT code UNIQUE (code) DEFERRABLE')
    # In a transaction that others share, the first one finds it out.
    assert not inside or client.query(request).code == "P2016"
    for _ in range(2):
        database.sql.execute('TRUNCATE "Badge"')
        assert client.data(request) == ([{"count": 1}] if inside else {"count": 1})


def test_a_key_that_goes_is_noticed_by_the_upserts_of_transactions(database, open_client):
    client = open_client(TABLES, 'ALTER TABLE "Badge" ADD CONSTRAINT code UNIQUE (code)')
    client.data(transaction(ask("Badge", "upsert", **UPSERT)))
    database.sql.execute('ALTER TABLE "Badge" DROP CONSTRAINT code')
    assert client.query(transaction(ask("Badge", "upsert", **UPSERT))).code == "P2016"
    for uses in (1, 2):
        assert client.data(transaction(ask("Badge", "upsert", **UPSERT)))[0]["uses"] == uses


def test_a_view_that_takes_a_tables_place_is_noticed(database, open_client):
    client = open_client('CREATE TABLE "Item" (id integer PRIMARY KEY, n integer NOT NULL DEFAULT 0)', 'INSERT INTO "Item" SELECT generate_series(1, 5)', models=ITEM)
    update = ask("Item", "updateMany", where={"n": 0}, data={"n": 1}, limit=2)
    assert client.data(update) == {"count": 2}
    database.sql.execute('ALTER TABLE "Item" RENAME TO base')
    database.sql.execute('CREATE VIEW "Item" AS SELECT * FROM base')
    assert [client.data(update) for _ in range(2)] == [{"count": 2}, {"count": 1}]


def test_a_negative_limit_is_refused_after_one_of_minus_zero(database, open_client):
    client = open_client('CREATE TABLE "Item" (id integer PRIMARY KEY, n integer NOT NULL DEFAULT 0)', 'INSERT INTO "Item" SELECT generate_series(1, 5)', models=ITEM)
    text = '{"model": "Item", "operation": "deleteMany", "args": {"limit": %s}}'
    for limit, code in (("-0", None), ("-5", "P2019"), ("-0", None), ("2", None), ("-2", "P2019")):
        assert client.query(text % limit).code == code, limit
    assert database.sql.execute('SELECT count(*) FROM "Item"') == [["3"]]
