"""Reports about values and filters of object mappers."""
import json

import pytest
from report import report

ITEMS = """
enum Mark {
  PLAIN
  COMMA  @map("a,b")
  QUOTE  @map("say \\"x\\"")
  BRACE  @map("{}")
  NULLED @map("NULL")
  SLASH  @map("a\\\\b")
  SPACE  @map(" lead")
}
model Item {
  id    Int      @id
  name  String?
  flag  Boolean?
  size  Int?
  big   BigInt?
  price Decimal? @db.Decimal(20, 10)
  free  Decimal? @db.Decimal
  ratio Float?
  mark  Mark?    @default(QUOTE)
  marks Mark[]   @default([COMMA, NULLED])
  doc   Json?
}
"""
MARKS = ["PLAIN", "COMMA", "QUOTE", "BRACE", "NULLED", "SLASH", "SPACE"]


def ids(rows):
    return [row["id"] for row in rows]


def found(play, **where):
    return ids(play("Item.findMany", where=where, orderBy={"id": "asc"}))


@report("prisma/orm#13009", "An enum value whose name in the database is a quotation mark cannot be read.", first="right", models=ITEMS)
def test_enum_values_of_any_characters(play):
    play("Item.createMany", data=[{"id": number, "mark": mark, "marks": [mark, "PLAIN", mark]} for number, mark in enumerate(MARKS)])
    assert [item["mark"] for item in play("Item.findMany", orderBy={"id": "asc"})] == MARKS
    assert [item["marks"] for item in play("Item.findMany", orderBy={"id": "asc"})] == [[mark, "PLAIN", mark] for mark in MARKS]
    for number, mark in enumerate(MARKS):
        assert found(play, mark=mark) == [number] and found(play, mark={"in": [mark]}) == [number]
        assert found(play, marks={"hasEvery": [mark, "PLAIN"]}) == [number] or mark == "PLAIN"
        assert found(play, marks={"equals": [mark, "PLAIN", mark]}) == [number]
        play("Item.update", where={"id": number}, data={"marks": {"push": [mark]}})
    assert [group["mark"] for group in play("Item.groupBy", by=["mark"], orderBy={"mark": "asc"})] == MARKS


@report("fdarian/prisma-generator-drizzle#82", "The default of an enum is the value's name in the schema instead of the one in the database.", first="right", models=ITEMS)
def test_defaults_of_mapped_enums(play):
    made = play("Item.create", data={"id": 1}, select={"mark": True, "marks": True})
    assert made == {"mark": "QUOTE", "marks": ["COMMA", "NULLED"]}
    assert play.rows('SELECT mark, marks[1], marks[2] FROM "Item"') == [['say "x"', "a,b", "NULL"]]


@report("prisma/orm#28843", "A mapped enum value is returned by its name in the database after an upgrade.", first="right", models=ITEMS)
def test_the_database_name_of_an_enum_value_is_no_value(play):
    for where in ({"mark": "a,b"}, {"marks": {"has": "a,b"}}, {"mark": {"in": ["COMMA", "NULL"]}}, {"mark": {"not": "{}"}}):
        assert play.refused("Item.findMany", where=where).status == "INVALID_REQUEST"


PATTERNS = ["amin_salah", "amin.salah", "AMIN_SALAH", "100%", "100x", "a\\b", "a\\\\b", "A\\B", "____", "abcd"]


@report("prisma/orm#22072", "A case-insensitive comparison reads an underscore as any character, so one user matches another.", first="right", models=ITEMS)
def test_comparisons_without_case_take_no_patterns(play):
    play("Item.createMany", data=[{"id": number, "name": name} for number, name in enumerate(PATTERNS)])
    for name in PATTERNS:
        same = [number for number, other in enumerate(PATTERNS) if other.lower() == name.lower()]
        others = [number for number, other in enumerate(PATTERNS) if other.lower() != name.lower()]
        for test, expected in (({"equals": name}, same), ({"in": [name, "zz"]}, same), ({"not": name}, others), ({"notIn": [name]}, others),
                               ({"not": {"equals": name}}, others), ({"startsWith": name[:3].upper()}, None), ({"contains": name[1:].upper()}, None)):
            where = {"name": {**test, "mode": "insensitive"}}
            if expected is None:
                kind, part = next(iter(test.items()))
                expected = [n for n, other in enumerate(PATTERNS) if (other.lower().startswith(part.lower()) if kind == "startsWith" else part.lower() in other.lower())]
            assert found(play, **where) == expected, (name, test)


@report("go-gorm/gorm#6232", "A condition whose value is false, zero or empty is left out.", first="right", models=ITEMS)
def test_conditions_of_false_zero_and_empty_hold(play):
    play("Item.createMany", data=[{"id": 0, "name": "", "flag": False, "size": 0, "big": 0, "ratio": 0.0, "doc": 0}, {"id": 1, "name": "x", "flag": True, "size": 1, "big": 1, "ratio": 1.0, "doc": 1},
                                  {"id": 2}])
    for where in ({"name": ""}, {"flag": False}, {"size": 0}, {"big": "0"}, {"ratio": 0}, {"ratio": -0.0}, {"id": 0}, {"doc": {"equals": 0}}):
        assert found(play, **where) == [0], where
    assert found(play, doc={"equals": False}) == []
    play("Item.update", where={"id": 1}, data={"name": "", "flag": False, "size": 0, "ratio": 0})
    assert play("Item.findUnique", where={"id": 1}, select={"name": True, "flag": True, "size": True, "ratio": True}) == {"name": "", "flag": False, "size": 0, "ratio": 0}


@report("prisma/web#2077", "The documentation does not say what incrementing NULL gives.", first="right", models=ITEMS)
def test_arithmetic_with_null_limits_and_zero(play):
    play("Item.createMany", data=[{"id": 1}, {"id": 2, "size": 2147483647, "big": "9223372036854775807", "price": "1", "ratio": 1}])
    for change in ("increment", "decrement", "multiply", "divide"):
        play("Item.update", where={"id": 1}, data={field: {change: 2} for field in ("size", "big", "price", "ratio")})
    assert play("Item.findUnique", where={"id": 1}, select={"size": True, "big": True, "price": True, "ratio": True}) == {"size": None, "big": None, "price": None, "ratio": None}
    for field, change in (("size", {"increment": 1}), ("big", {"increment": 1}), ("big", {"multiply": 3}), ("size", {"divide": 0}), ("price", {"divide": 0}), ("price", {"multiply": "1e15"}),
                          ("ratio", {"divide": 0})):
        refusal = play.refused("Item.update", where={"id": 2}, data={field: change})
        assert refusal.code not in ("P6000", "P2010"), (field, change, refusal)
    assert play("Item.findUnique", where={"id": 2}, select={"size": True, "big": True}) == {"size": 2147483647, "big": "9223372036854775807"}


@report("zenstackhq/zenstack#646", "A very small default is written with an exponent, which the schema language does not know.", first="right", models="""
model Tiny {
  id    Int     @id
  small Decimal @default(0.00000001) @db.Decimal
  wide  Decimal @default(123456789012345678901234567890.123456789) @db.Decimal
  ratio Float   @default(0.00000000000012345)
}
""")
def test_defaults_of_many_digits(play):
    assert play("Tiny.create", data={"id": 1}) == {"id": 1, "small": "0.00000001", "wide": "123456789012345678901234567890.123456789", "ratio": 1.2345e-13}
    assert play("Tiny.findFirst", where={"small": "1e-8", "ratio": 1.2345e-13, "wide": {"gt": "123456789012345678901234567890.123456788"}}, select={"id": True}) == {"id": 1}


@report("blockful/anticapture#70", "Large decimals come back with an exponent.", first="right", models=ITEMS)
@pytest.mark.parametrize("value,told", [("1e24", "1000000000000000000000000"), ("-1E-9", "-0.000000001"), ("1.50", "1.5"), ("100", "100"), ("0e10", "0"), ("-0", "0"), ("1e-30", "0." + "0" * 29 + "1")])
def test_decimals_have_no_exponent(play, value, told):
    assert play("Item.create", data={"id": 1, "free": value}, select={"free": True}) == {"free": told}
    assert found(play, free=value) == [1] and found(play, free={"in": [told, "7"]}) == [1]
    assert play("Item.aggregate", _sum={"free": True}, _min={"free": True}) == {"_sum": {"free": told}, "_min": {"free": told}}


@report("prisma/orm#3918", "Numbers within JSON lose their last digits.", first="right", models=ITEMS)
def test_numbers_within_json_keep_their_digits(play):
    text = '{"big": 123456789012345678901234567890, "fine": 0.92156863212585449, "zero": -0.0, "exp": 1e400}'
    made = play.client.query('{"model": "Item", "operation": "create", "args": {"data": {"id": 1, "doc": %s}, "select": {"doc": true}}}' % text)
    assert made.error is None, made
    assert play.rows("SELECT doc->>'big', doc->>'fine' FROM \"Item\"") == [["123456789012345678901234567890", "0.92156863212585449"]]
    for part, value in (("big", "123456789012345678901234567890"), ("fine", "0.92156863212585449")):
        reply = play.client.query('{"model": "Item", "operation": "count", "args": {"where": {"doc": {"path": ["%s"], "equals": %s}}}}' % (part, value))
        assert reply.data == 1, (part, reply)
    reply = play.client.query('{"model": "Item", "operation": "count", "args": {"where": {"doc": {"path": ["fine"], "equals": 0.9215686321258545}}}}')
    assert reply.data == 0


@report("prisma/orm#13317", "A float beyond the integers of 64 bits cannot be written.", first="right", models=ITEMS)
@pytest.mark.parametrize("text", ["1e300", "12345678901234567890123", "5e-324", "1.7976931348623157e308", "-9223372036854775809"])
def test_floats_of_any_size(play, text):
    made = play.client.query('{"model": "Item", "operation": "create", "args": {"data": {"id": 1, "ratio": %s}, "select": {"ratio": true}}}' % text)
    assert made.error is None and float(made.data["ratio"]) == float(text)
    assert play.client.query('{"model": "Item", "operation": "count", "args": {"where": {"ratio": %s}}}' % text).data == 1


NULLS = {name: {"$type": "Enum", "value": name} for name in ("DbNull", "JsonNull", "AnyNull")}


@report("nstfkc/gemi#259", "`AnyNull` as a filter finds all other rows, and as a value is stored as an empty object.", first="right", models=ITEMS)
def test_each_null_of_json_finds_its_rows(play):
    play("Item.createMany", data=[{"id": 1, "doc": NULLS["DbNull"]}, {"id": 2, "doc": NULLS["JsonNull"]}, {"id": 3, "doc": {}}, {"id": 4, "doc": {"a": None}}, {"id": 5, "doc": {"a": 1}}])
    for name, same in (("DbNull", [1]), ("JsonNull", [2]), ("AnyNull", [1, 2])):
        assert found(play, doc={"equals": NULLS[name]}) == same
        assert found(play, NOT={"doc": {"equals": NULLS[name]}}) in ([n for n in range(1, 6) if n not in same], [n for n in range(2, 6) if n not in same])
    assert found(play, doc={"not": NULLS["DbNull"]}) == [2, 3, 4, 5]
    assert found(play, doc={"path": ["a"], "equals": NULLS["JsonNull"]}) == [4]
    assert found(play, doc={"path": ["a"], "equals": NULLS["DbNull"]}) == [1, 2, 3]
    assert found(play, doc={"path": ["a"], "equals": NULLS["AnyNull"]}) == [1, 2, 3, 4]
    assert play.refused("Item.update", where={"id": 5}, data={"doc": NULLS["AnyNull"]}).status == "INVALID_REQUEST"
    assert play.rows('SELECT doc FROM "Item" WHERE id = 5') == [['{"a": 1}']]


TIMES = """
model Clock {
  id   Int      @id
  tz   DateTime @db.Timetz(3)
  time DateTime @db.Time(3)
  day  DateTime @db.Date
}
"""


@report("prisma/orm#7490", "A day is returned as the day before or after.", first="right", models=TIMES)
@pytest.mark.parametrize("zone", ["America/Sao_Paulo", "Pacific/Kiritimati", "UTC"])
def test_a_day_is_the_same_in_every_zone(play, zone):
    play.sql.execute(f"ALTER DATABASE \"{play.name}\" SET timezone = '{zone}'")
    days = ["2018-11-04", "2024-03-10", "0001-01-01", "9999-12-31", "1969-12-31"]
    for number, day in enumerate(days):
        made = play("Clock.create", data={"id": number, "day": day + "T00:00:00.000Z", "time": "1970-01-01T00:00:00.000Z", "tz": "1970-01-01T00:30:00.000Z"})
        assert made["day"] == day + "T00:00:00.000Z" and made["time"] == "1970-01-01T00:00:00.000Z" and made["tz"] == "1970-01-01T00:30:00.000Z"
        assert play("Clock.count", where={"day": day + "T00:00:00.000Z"}) == 1
        assert play("Clock.count", where={"day": {"gte": day + "T00:00:00.000Z", "lte": day + "T00:00:00.000Z"}}) == 1
    assert [row[0] for row in play.rows('SELECT day FROM "Clock" ORDER BY id')] == days


def raw(play, query, *parameters):
    return play("$queryRaw", query=query, parameters=list(parameters))


@report("prisma/orm#4647", "A parameter for an interval has to be cast to text first.", first="right", models=ITEMS)
def test_parameters_of_raw_sql_take_the_type_of_their_cast(play):
    assert raw(play, "SELECT (timestamp '2020-01-01' + $1::interval)::text AS t", "1 day 2 hours") == [{"t": "2020-01-02 02:00:00"}]
    assert raw(play, "SELECT ($1::inet << $2::cidr) AS t", "10.0.0.7", "10.0.0.0/8") == [{"t": True}]
    assert raw(play, "SELECT $1::bigint + 1 AS t", {"$type": "BigInt", "value": "9007199254740993"}) == [{"t": "9007199254740994"}]


@report("prisma/orm#21943", "A list of nothing but nulls is taken for a list of integers.", first="right", models=ITEMS)
def test_lists_of_raw_sql_take_the_type_of_their_cast(play):
    assert raw(play, "SELECT array_length($1::timestamptz[], 1) AS n, ($1::timestamptz[])[2] IS NULL AS e", [None, None]) == [{"n": 2, "e": True}]
    assert raw(play, "SELECT ($1::float8[])[1] + ($1::float8[])[2] AS n, ($1::float8[])[3] IS NULL AS e", [1, 2.5, None]) == [{"n": 3.5, "e": True}]
    assert raw(play, "SELECT ($1::text[])[1] AS a, ($1::text[])[2] AS b, ($1::text[])[3] AS c", ['x,"y"', "NULL", "{\\}"]) == [{"a": 'x,"y"', "b": "NULL", "c": "{\\}"}]
    assert raw(play, "SELECT cardinality($1::int[]) AS n", []) == [{"n": 0}]


@report("prisma/orm#24042", "A malformed search fails only if there is a row to rank.", first="right", models=ITEMS)
def test_a_search_that_is_no_query_is_the_callers_mistake(play):
    play("Item.createMany", data=[{"id": 1, "name": "first second"}, {"id": 2}])
    for arguments in ({"where": {"name": {"search": "first sec"}}}, {"orderBy": {"_relevance": {"fields": ["name"], "search": "first sec", "sort": "desc"}}}):
        refusal = play.refused("Item.findMany", **arguments)
        assert refusal.code not in ("P6000",) and refusal.status == "INVALID_REQUEST", refusal
    ranked = play("Item.findMany", orderBy={"_relevance": {"fields": ["name"], "search": "second", "sort": "desc"}}, select={"id": True})
    assert ranked == [{"id": 1}, {"id": 2}]
    assert json.dumps(found(play, name={"search": "first & second"})) == "[1]"
