"""What a Json column stores for values that JSON has no word for, and lists of Json."""
import json

import pytest
from capi import Client

SCHEMA = """
datasource db {
  provider = "postgresql"
}
model Doc {
  id   Int    @id @default(autoincrement())
  body Json?
  list Json[]
}
"""
TABLES = 'CREATE TABLE "Doc" (id serial PRIMARY KEY, body jsonb, list jsonb[])'


class Docs:
    def __init__(self, database):
        self.sql = database.sql
        self.sql.execute(TABLES)
        self.client = Client({"schema": SCHEMA, "datasourceUrl": database.url()})

    def call(self, operation, **args):
        return self.client.query({"model": "Doc", "operation": operation, "args": args})

    def stored(self, **data):
        """What the columns hold after a record was made."""
        reply = self.call("create", data=data)
        assert reply.number == 0, reply
        row = self.sql.execute(f'SELECT body, to_jsonb(list) FROM "Doc" WHERE id = {reply.data["id"]}')[0]
        return [json.loads(cell) if cell else None for cell in row]


@pytest.fixture
def docs(database):
    docs = Docs(database)
    yield docs
    docs.client.close()


def tagged(kind, *value):
    return {"$type": kind, **({"value": value[0]} if value else {})}


PLAIN = [
    (tagged("DateTime", "2026-01-02T03:04:05.678Z"), "2026-01-02T03:04:05.678Z"),
    (tagged("DateTime", "2026-01-02T05:04:05+02:00"), "2026-01-02T03:04:05.000Z"),
    (tagged("DateTime", "2026-01-02T03:04:05.678901Z"), "2026-01-02T03:04:05.678901Z"),
    (tagged("DateTime", "1999-12-31T23:59:59.999999Z"), "1999-12-31T23:59:59.999999Z"),
    (tagged("Decimal", "1.50"), 1.5),
    (tagged("Decimal", 2.5), 2.5),
    (tagged("BigInt", "9007199254740993"), 9007199254740993),
    (tagged("BigInt", 7), 7),
    (tagged("Bytes", "AQID"), "AQID"),
    (tagged("Enum", "JsonNull"), None),
    (tagged("JsonNull"), None),
    (tagged("Enum", "RED"), "RED"),
    (tagged("Json", '{"$type": "DateTime", "value": 1}'), {"$type": "DateTime", "value": 1}),
    (tagged("Raw", tagged("Decimal", "1")), {"$type": "Decimal", "value": "1"}),
    (tagged("car", 4), {"$type": "car", "value": 4}),
    ({"$type": "DateTime", "value": "x", "more": 1}, {"$type": "DateTime", "value": "x", "more": 1}),
]


@pytest.mark.parametrize("value, plain", PLAIN)
def test_a_tagged_value_inside_json_is_what_it_stands_for(docs, value, plain):
    assert docs.stored(body={"a": value, "b": [value, {"c": value}]})[0] == {"a": plain, "b": [plain, {"c": plain}]}
    assert docs.stored(body=[value])[0] == [plain]
    assert docs.stored(list=[value, {"a": value}])[1] == [plain, {"a": plain}]


def test_a_decimal_keeps_its_digits(docs):
    docs.stored(body={"d": tagged("Decimal", "0.1234567890123456789012345")})
    assert docs.sql.value("""SELECT body->>'d' FROM "Doc" """) == "0.1234567890123456789012345"


def test_what_is_undefined_is_left_out(docs):
    assert docs.stored(body={"a": 1, "b": tagged("undefined")})[0] == {"a": 1}


@pytest.mark.parametrize("value", [
    tagged("DateTime", "yesterday"), tagged("DateTime", 5), tagged("Decimal", "many"), tagged("BigInt", "1.5"), tagged("BigInt", True),
    tagged("Bytes", "~"), tagged("Json", "{"), tagged("Enum", "DbNull"), tagged("AnyNull"), tagged("FieldRef", {"_ref": "id", "_container": "Doc"}),
])
def test_a_tagged_value_that_is_none_is_refused(docs, value):
    reply = docs.call("create", data={"body": {"a": value}})
    assert reply.code == "P2009" and reply.error["meta"]["path"] == "args.data.body", reply
    assert docs.sql.value('SELECT count(*) FROM "Doc"') == "0"


def test_filters_mean_the_same_values(docs):
    moment = tagged("DateTime", "2026-01-02T03:04:05.678Z")
    docs.stored(body={"at": moment, "of": [moment, tagged("Decimal", "1.5")]})
    for test in ({"path": ["at"], "equals": moment}, {"path": ["of"], "array_contains": [tagged("Decimal", "1.50")]}, {"path": ["of", "0"], "equals": moment}):
        reply = docs.call("findMany", where={"body": test}, select={"id": True})
        assert reply.data == [{"id": 1}], (test, reply)


@pytest.mark.parametrize("pushed, added", [
    ([1, True], [[1, True]]),
    ([], [[]]),
    ({"a": 1}, [{"a": 1}]),
    ("word", ["word"]),
    (tagged("DateTime", "2026-01-02T03:04:05.678Z"), ["2026-01-02T03:04:05.678Z"]),
    ([tagged("DateTime", "2026-01-02T03:04:05.678Z"), tagged("Decimal", "1.5")], [["2026-01-02T03:04:05.678Z", 1.5]]),
    (tagged("Json", "[1, 2]"), [[1, 2]]),
    ([{"a": [tagged("Bytes", "AQID")]}, "x"], [[{"a": ["AQID"]}, "x"]]),
    ([tagged("Json", "1"), 2], [[1, 2]]),
    ([tagged("JsonNull")], [[None]]),
])
def test_whatever_is_pushed_is_one_element(docs, pushed, added):
    docs.stored(list=["first"])
    reply = docs.call("update", where={"id": 1}, data={"list": {"push": pushed}})
    assert reply.number == 0 and reply.data["list"] == ["first"] + added, reply


@pytest.mark.parametrize("pushed, added", [
    ([tagged("Json", "1")], [1]),
    ([tagged("Json", "[1, 2]"), tagged("Json", '{"a": null}'), tagged("Json", '"x"')], [[1, 2], {"a": None}, "x"]),
    ([tagged("Json", "1"), tagged("Enum", "JsonNull"), tagged("JsonNull")], [1, None, None]),
])
def test_values_that_are_all_tagged_as_json_are_pushed_one_by_one(docs, pushed, added):
    docs.stored(list=["first"])
    reply = docs.call("update", where={"id": 1}, data={"list": {"push": pushed}})
    assert reply.number == 0 and reply.data["list"] == ["first"] + added, reply
    assert docs.sql.value('SELECT cardinality(list) FROM "Doc"') == str(1 + len(added))


def test_lists_of_tagged_values_are_set_and_filtered_by_element(docs):
    values = [tagged("Json", "[1, 2]"), tagged("Json", '{"$type": "x"}'), tagged("JsonNull")]
    plain = [[1, 2], {"$type": "x"}, None]
    assert docs.stored(list=values)[1] == plain
    assert docs.stored(list={"set": values})[1] == plain
    docs.stored(list=[tagged("Json", "3")])
    for test in ({"equals": values}, {"has": values[0]}, {"has": values[1]}, {"hasEvery": values[:2]}, {"hasSome": [values[1], tagged("Json", "9")]}):
        reply = docs.call("findMany", where={"list": test}, select={"id": True}, orderBy={"id": "asc"})
        assert reply.data == [{"id": 1}, {"id": 2}], (test, reply)
