"""The eight reads on scalar fields, seen from outside: requests and the answers they have to give."""
import json

import pytest


def ids(reply):
    assert reply.number == 0, reply
    return [row["id"] for row in reply.data]


def samples(reader, **args):
    return reader.client.query({"model": "Sample", "operation": "findMany", "args": {"orderBy": {"id": "asc"}, **args}})


def test_every_scalar_type_has_its_form_in_json(reader):
    reply = samples(reader, where={"id": 1})
    assert list(reply.data[0].items()) == [
        ("id", 1), ("text", "one"), ("flag", True), ("small", 7), ("big", "9007199254740993"), ("ratio", 0.5), ("amount", "12.5"),
        ("moment", "2026-01-02T03:04:05.678Z"), ("document", {"a": [1, None, "x"]}), ("payload", "AP8Q"), ("color", "RED"),
        ("words", ["a", "b"]), ("numbers", [1, 2]),
    ]


def test_the_far_ends_of_each_type(reader):
    two, three = samples(reader, where={"id": {"in": [2, 3]}}).data
    assert (two["big"], three["big"]) == ("-9223372036854775808", "9223372036854775807")
    assert (two["ratio"], three["ratio"]) == (-1e300, 1e-7)
    assert two["amount"] in ("1e-30", "0.000000000000000000000000000001") and three["amount"] == "99999999999999999999"
    assert (two["moment"], three["moment"]) == ("1969-12-31T23:59:59.999Z", "2026-06-01T00:00:00.000Z")
    assert (two["payload"], three["payload"]) == ("", "3q2+7w==")
    assert (two["color"], three["color"]) == ("GREEN", "BLUE")
    assert three["words"] == ["comma,", 'quote"'] and two["words"] == []


def test_null_stays_null(reader):
    row = samples(reader, where={"id": 4}).data[0]
    assert {name for name, value in row.items() if value is not None} == {"id", "words", "numbers"}


FILTERS = [
    ({"small": 7}, [1]), ({"small": {"equals": 7}}, [1]), ({"small": {"not": 7}}, [2, 3, 5]), ({"small": None}, [4]),
    ({"small": {"not": None}}, [1, 2, 3, 5]), ({"small": {"in": [7, 0]}}, [1, 5]), ({"small": {"in": []}}, []),
    ({"small": {"notIn": [7, 0]}}, [2, 3]), ({"small": {"notIn": []}}, [1, 2, 3, 4, 5]), ({"small": {"lt": 0}}, [2]),
    ({"small": {"lte": 0}}, [2, 5]), ({"small": {"gt": 0, "lt": 100}}, [1]), ({"small": {"gte": 7}}, [1, 3]),
    ({"small": {"not": {"gt": 0}}}, [2, 5]),
    ({"big": {"gt": "9007199254740993"}}, [3]), ({"big": 9007199254740993}, [1]), ({"big": {"lt": -9223372036854775807}}, [2]),
    ({"ratio": {"lt": 0}}, [2]), ({"ratio": 0.5}, [1]), ({"amount": "12.50"}, [1]), ({"amount": {"gt": 12.4, "lt": "12.6"}}, [1]),
    ({"amount": {"equals": "99999999999999999999"}}, [3]), ({"flag": True}, [1, 3]), ({"flag": {"not": True}}, [2, 5]),
    ({"moment": {"lt": "1970-01-01T00:00:00Z"}}, [2]), ({"moment": "2026-01-02T05:04:05.678+02:00"}, [1]),
    ({"moment": {"gte": "2026-01-01T00:00:00.000Z"}}, [1, 3]), ({"payload": "AP8Q"}, [1]), ({"payload": {"not": ""}}, [1, 3, 5]),
    ({"color": "GREEN"}, [2]), ({"color": {"in": ["RED", "BLUE"]}}, [1, 3, 5]),
    ({"text": "one"}, [1]), ({"text": {"contains": "o"}}, [1, 3]), ({"text": {"contains": "%"}}, [3]), ({"text": {"contains": "_"}}, [3]),
    ({"text": {"contains": "\\"}}, [3]), ({"text": {"startsWith": "100%"}}, [3]), ({"text": {"endsWith": "/"}}, [3]),
    ({"text": {"equals": "two", "mode": "insensitive"}}, [2]), ({"text": {"contains": "W", "mode": "insensitive"}}, [2]),
    ({"text": {"startsWith": "naïve ☃ 𝄞"}}, [5]), ({"text": {"gt": "a"}}, [1, 5]),
    ({"words": {"has": "a"}}, [1]), ({"words": {"isEmpty": True}}, [2, 4]), ({"words": {"hasSome": ["x", "b"]}}, [1, 5]),
    ({"words": {"hasEvery": ["a", "b"]}}, [1]), ({"numbers": {"equals": [1, 2]}}, [1]),
    ({"OR": [{"id": 1}, {"id": 2}]}, [1, 2]), ({"OR": []}, []), ({"AND": []}, [1, 2, 3, 4, 5]), ({"NOT": []}, [1, 2, 3, 4, 5]),
    ({"NOT": {"id": 1}}, [2, 3, 4, 5]), ({"NOT": [{"id": 1}, {"id": 2}]}, [3, 4, 5]), ({"AND": {"id": 1, "flag": True}}, [1]),
    ({"AND": [{"OR": [{"id": 1}, {"id": 2}]}, {"flag": True}]}, [1]), ({}, [1, 2, 3, 4, 5]), ({"small": {}}, [1, 2, 3, 4, 5]),
]


@pytest.mark.parametrize("where, expected", FILTERS, ids=lambda value: json.dumps(value) if isinstance(value, dict) else None)
def test_filters(reader, where, expected):
    assert ids(samples(reader, where=where)) == expected


PAGES = [
    ({"take": 2}, [1, 2]), ({"take": -2}, [4, 5]), ({"take": 0}, []), ({"skip": 3}, [4, 5]), ({"skip": 1, "take": 2}, [2, 3]),
    ({"cursor": {"id": 3}}, [3, 4, 5]), ({"cursor": {"id": 3}, "skip": 1}, [4, 5]), ({"cursor": {"id": 3}, "take": 1}, [3]),
    ({"cursor": {"id": 3}, "take": -2}, [2, 3]), ({"cursor": {"id": 99}}, []), ({"orderBy": {"id": "desc"}, "take": 2}, [5, 4]),
    ({"orderBy": [{"flag": "asc"}, {"id": "desc"}]}, [5, 2, 3, 1, 4]), ({"orderBy": {"small": {"sort": "asc", "nulls": "first"}}}, [4, 2, 5, 1, 3]),
    ({"orderBy": {"small": {"sort": "desc", "nulls": "last"}}}, [3, 1, 5, 2, 4]), ({"distinct": ["color"]}, [1, 2, 3, 4]),
    ({"distinct": ["flag"], "take": 2}, [1, 2]),
]


@pytest.mark.parametrize("args, expected", PAGES, ids=lambda value: json.dumps(value) if isinstance(value, dict) else None)
def test_order_pages_and_distinct(reader, args, expected):
    assert ids(samples(reader, **args)) == expected


def test_selection(reader):
    assert samples(reader, select={"text": True, "id": True, "flag": False}, take=1).data == [{"id": 1, "text": "one"}]
    row = samples(reader, omit={"document": True, "words": True, "numbers": True}, take=1).data[0]
    assert list(row) == ["id", "text", "flag", "small", "big", "ratio", "amount", "moment", "payload", "color"]


def test_find_unique_by_each_kind_of_key(reader):
    assert reader.find(operation="findUnique", where={"id": 2}).data["name"] == "Bob"
    assert reader.find(operation="findUnique", where={"email": "bob@example.org"}).data["id"] == 2
    assert reader.find(operation="findUnique", where={"id": 2, "name": "Alice"}).data is None
    line = {"model": "OrderItem", "operation": "findUnique", "args": {"where": {"line": {"orderId": 1, "position": 2}}}}
    assert reader.client.data(line) == {"orderId": 1, "position": 2, "article": "ink", "price": "12"}


def test_find_first(reader):
    assert reader.find(operation="findFirst", where={"id": {"gt": 1}}, orderBy={"id": "desc"}).data["id"] == 4
    assert reader.find(operation="findFirst", where={"id": 99}).data is None
    assert reader.find(operation="findFirstOrThrow", where={"id": 1}).data["id"] == 1


def test_count(reader):
    assert reader.find(operation="count").data == 4
    assert reader.find(operation="count", where={"name": None}).data == 1
    assert reader.find(operation="count", select={"_all": True, "name": True}).data == {"_all": 4, "name": 3}
    assert reader.find(operation="count", take=3).data == 3


def test_aggregate(reader):
    reply = reader.client.query({"model": "Sample", "operation": "aggregate", "args": {
        "where": {"id": {"not": 5}}, "_count": {"_all": True, "small": True}, "_sum": {"small": True, "big": True}, "_min": {"moment": True}, "_max": {"text": True}},
    })
    assert reply.data == {
        "_count": {"_all": 4, "small": 3}, "_sum": {"small": 2147483647, "big": "9007199254740992"},
        "_min": {"moment": "1969-12-31T23:59:59.999Z"}, "_max": {"text": "one"}}
    average = reader.client.data({"model": "OrderItem", "operation": "aggregate", "args": {"_avg": {"price": True, "position": True}}})
    assert (float(average["_avg"]["price"]), average["_avg"]["position"]) == (4.8125, 1.25)


def test_group_by(reader):
    reply = reader.client.query({"model": "OrderItem", "operation": "groupBy", "args": {
        "by": ["article"], "_count": {"_all": True}, "_sum": {"price": True}, "orderBy": {"article": "asc"},
        "having": {"price": {"_sum": {"lt": 10}}}}})
    assert reply.data == [
        {"article": "paper", "_count": {"_all": 1}, "_sum": {"price": "4.25"}},
        {"article": "pen", "_count": {"_all": 2}, "_sum": {"price": "3"}}]


MISTAKES = [
    ({"where": {"nmae": "x"}}, "nmae", "name"), ({"where": {"name": {"contain": "x"}}}, "contain", "contains"),
    ({"select": {"emial": True}}, "emial", "email"), ({"orderBy": {"id": "up"}}, "orderBy", "asc"), ({"wehre": {}}, "wehre", "where"),
    ({"take": "1"}, "take", "Int"), ({"where": {"id": "1"}}, "id", "Int"),
]


@pytest.mark.parametrize("args, wrong, expected", MISTAKES, ids=lambda value: json.dumps(value) if isinstance(value, dict) else None)
def test_a_mistake_is_named_with_what_was_expected(reader, args, wrong, expected):
    reply = reader.find(**args)
    assert reply.status == "INVALID_REQUEST" and reply.code.startswith("P20"), reply
    assert wrong in reply.error_text and expected in reply.error_text, reply


@pytest.mark.alters_tables
def test_a_missing_table_or_column_has_its_code(scene):
    scene.database.sql.execute('ALTER TABLE "User" DROP COLUMN name')
    assert scene.find().code == "P2022"
    scene.database.sql.execute('DROP TABLE "User"')
    assert scene.find().code == "P2021"


@pytest.mark.parametrize("value", [
    "'; DROP TABLE \"User\"; --", '"', "\\", "$1", "%s", "\u2028", "''", "/*", "E'\\x'", "\x7f"])
def test_no_value_gets_into_the_sql(scene, value):
    request = {"where": {"OR": [{"name": value}, {"name": {"contains": value}}, {"email": {"in": [value]}}]}}
    assert scene.find(**request).data == []
    scene.database.sql.execute("UPDATE \"User\" SET name = convert_from(decode('" + value.encode().hex() + "', 'hex'), 'UTF8') WHERE id = 1")
    assert [user["name"] for user in scene.find(**request).data] == [value]
    assert scene.find(operation="count").data == 4
