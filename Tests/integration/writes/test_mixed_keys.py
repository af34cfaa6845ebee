"""Keys of several columns of which some are numeric: `1`, `1.0` and `1.00` are one number, in relations read, filtered, written and emulated."""
import pytest
from capi import Client

MODELS = """
datasource db {
  provider     = "postgresql"
  relationMode = "%s"
}
model Room {
  site   Decimal
  number Int
  name   String  @default("")
  desks  Desk[]
  @@id([site, number])
}
model Desk {
  id     Int      @id
  site   Decimal?
  number Int?
  room   Room?    @relation(fields: [site, number], references: [site, number])
}
"""
TABLES = """
CREATE TABLE "Room" (site %s, number %s, name text NOT NULL DEFAULT '', PRIMARY KEY (site, number));
CREATE TABLE "Desk" (id integer PRIMARY KEY, site %s, number %s);
INSERT INTO "Room" VALUES (1.00, 7), (1.50, 7), (2.00, 7), (1.00, 8);
INSERT INTO "Desk" VALUES (1, 1, 7), (2, 1.0, 7), (3, 1.5, 7), (4, NULL, NULL), (5, 1.00, 8);
"""
FOREIGN_KEY = 'ALTER TABLE "Desk" ADD FOREIGN KEY (site, number) REFERENCES "Room" ON UPDATE CASCADE ON DELETE SET NULL'
#: Room's and Desk's columns.
TYPES = [
    ("numeric(10, 2)", "integer", "numeric", "bigint"), ("numeric", "integer", "numeric(12, 3)", "smallint"),
    ("numeric", "numeric(6, 1)", "numeric(10, 2)", "integer"), ("numeric(10, 2)", "integer", "numeric", "numeric"),
]
ONE = {"site_number": {"site": "1.0", "number": 7}}


#: PostgreSQL makes no foreign key from a `numeric` to an `integer`.
CASES = [("prisma", types) for types in TYPES] + [("foreignKeys", types) for types in TYPES[:-1]]


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]} {', '.join(case[1])}")
def call(request, database):
    mode, types = request.param
    database.sql.execute(TABLES % types)
    if mode == "foreignKeys":
        database.sql.execute(FOREIGN_KEY)
    with Client({"schema": MODELS % mode, "datasourceUrl": database.url()}) as client:
        yield lambda model, operation, **args: client.data({"model": model, "operation": operation, "args": args})


def desks(database):
    rows = database.sql.execute('SELECT id, trim_scale(site::numeric), trim_scale(number::numeric) FROM "Desk" ORDER BY id')
    return {int(id): (site or None, number or None) for id, site, number in rows}


def ids(records):
    return sorted(record["id"] for record in records)


def test_relations_are_read_and_filtered(call):
    rooms = call("Room", "findMany", orderBy=[{"site": "asc"}, {"number": "asc"}], include={"desks": {"orderBy": {"id": "asc"}}, "_count": {"select": {"desks": True}}})
    assert [(room["site"], room["number"], ids(room["desks"]), room["_count"]["desks"]) for room in rooms] == [
        ("1", 7, [1, 2], 2), ("1", 8, [5], 1), ("1.5", 7, [3], 1), ("2", 7, [], 0)]
    paged = call("Room", "findMany", where={"number": 7}, orderBy={"site": "asc"}, select={"desks": {"orderBy": {"id": "desc"}, "take": 1, "select": {"id": True}}})
    assert paged == [{"desks": [{"id": 2}]}, {"desks": [{"id": 3}]}, {"desks": []}]
    found = call("Desk", "findMany", orderBy={"id": "asc"}, include={"room": {"include": {"desks": {"select": {"id": True}, "orderBy": {"id": "asc"}}}}})
    assert [desk["room"] and (desk["room"]["site"], ids(desk["room"]["desks"])) for desk in found] == [
        ("1", [1, 2]), ("1", [1, 2]), ("1.5", [3]), None, ("1", [5])]
    assert ids(call("Desk", "findMany", where={"room": {"is": {"site": {"equals": "1.00"}, "number": 7}}})) == [1, 2]
    assert ids(call("Desk", "findMany", where={"room": None})) == [4]
    assert len(call("Room", "findMany", where={"desks": {"some": {"id": {"in": [2, 3]}}}})) == 2
    assert len(call("Room", "findMany", where={"desks": {"none": {}}})) == 1


def test_nested_writes_reach_what_is_related(call, database):
    room = call("Room", "update", where=ONE, data={"desks": {"disconnect": {"id": 2}, "connect": {"id": 3}, "create": {"id": 6}}}, include={"desks": True})
    assert ids(room["desks"]) == [1, 3, 6]
    assert {id for id, key in desks(database).items() if key == ("1", "7")} == {1, 3, 6}
    room = call("Room", "update", where=ONE, data={"desks": {"set": [{"id": 2}, {"id": 6}]}}, include={"desks": True})
    assert ids(room["desks"]) == [2, 6]
    room = call("Room", "update", where=ONE, data={"desks": {
        "update": {"where": {"id": 6}, "data": {"id": 60}}, "delete": {"id": 2},
        "upsert": {"where": {"id": 7}, "create": {"id": 7}, "update": {"id": 70}}, "connectOrCreate": {"where": {"id": 5}, "create": {"id": 50}}}}, include={"desks": True})
    assert ids(room["desks"]) == [5, 7, 60]
    room = call("Room", "update", where=ONE, data={"desks": {"updateMany": {"where": {"id": {"gt": 6}}, "data": {"id": {"multiply": 10}}}, "deleteMany": {"id": 5}}}, include={"desks": True})
    assert ids(room["desks"]) == [70, 600]


def test_the_holder_finds_its_room(call, database):
    desk = call("Desk", "update", where={"id": 4}, data={"room": {"connect": {"site_number": {"site": "2.000", "number": 7}}}}, include={"room": True})
    assert (desk["site"], desk["number"], desk["room"]["site"]) == ("2", 7, "2")
    desk = call("Desk", "update", where={"id": 2}, data={"room": {"update": {"name": "x"}}}, include={"room": True})
    assert desk["room"]["name"] == "x"
    desk = call("Desk", "update", where={"id": 3}, data={"room": {"upsert": {"update": {"name": "y"}, "create": {"site": "9", "number": 9}}}}, include={"room": True})
    assert desk["room"] == {"site": "1.5", "number": 7, "name": "y"}
    desk = call("Desk", "create", data={"id": 8, "room": {"connectOrCreate": {"where": ONE, "create": {"site": "1", "number": 7}}}}, include={"room": True})
    assert desk["room"]["name"] == "x"
    desk = call("Desk", "update", where={"id": 3}, data={"room": {"disconnect": {"number": 7}}}, include={"room": True})
    assert desk["room"] is None and desks(database)[3][0] is None


def test_actions_reach_what_is_related(call, database):
    room = call("Room", "update", where=ONE, data={"site": "3.50"}, include={"desks": True})
    assert room["site"] == "3.5" and ids(room["desks"]) == [1, 2]
    assert {id for id, key in desks(database).items() if key == ("3.5", "7")} == {1, 2}
    deleted = call("Room", "delete", where={"site_number": {"site": "3.5", "number": 7}}, include={"desks": True})
    assert ids(deleted["desks"]) == [1, 2]
    left = desks(database)
    assert left[1][0] is None and left[2][0] is None and left[5] == ("1", "8")
