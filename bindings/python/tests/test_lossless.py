"""Values go into the database and come back as they were: times, numbers, bytes, rows of raw SQL."""
import datetime
import decimal
import math
import uuid

import pytest
from accelerant import Accelerant

UTC = datetime.timezone.utc
SCHEMA = """
datasource db {
  provider = "postgresql"
}
model Event {
  at     DateTime   @id @db.Timestamptz(6)
  day    DateTime?  @db.Date
  hour   DateTime?  @db.Time(6)
  zoned  DateTime?  @db.Timetz(6)
  ratio  Float?
  ratios Float[]
  single Float?     @db.Real
  amount Decimal?   @db.Decimal(12, 2)
  wide   Decimal?
  big    BigInt?
  bigs   BigInt[]
  key    String?    @db.Uuid
  raw    Bytes?
  days   DateTime[] @db.Date
}
"""
TABLE = """CREATE TABLE "Event" (at timestamptz PRIMARY KEY, day date, hour time, zoned timetz, ratio float8, ratios float8[] NOT NULL DEFAULT '{}', single real,
amount numeric(12, 2), wide numeric(65, 30), big bigint, bigs bigint[] NOT NULL DEFAULT '{}', key uuid, raw bytea, days date[] NOT NULL DEFAULT '{}')"""
AT = datetime.datetime(2026, 1, 2, 3, 4, 5, 123457, UTC)


@pytest.fixture
def db(database, way):
    database.sql.execute(TABLE)
    with Accelerant(SCHEMA, datasource_url=database.url()) as db:
        yield db
    database.sql.execute('DROP TABLE "Event"')


def same(left, right):
    if isinstance(left, list):
        return type(right) is list and len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and (str(left) == str(right) if isinstance(left, (float, decimal.Decimal)) else left == right)


@pytest.mark.parametrize("field, value", [
    ("day", datetime.date(2026, 2, 28)), ("day", datetime.date(1, 1, 1)), ("day", datetime.date(9999, 12, 31)), ("hour", datetime.time(23, 59, 59, 999999)),
    ("hour", datetime.time(0)), ("ratio", 2.0), ("ratio", 0.1), ("ratio", 1e300), ("ratio", 5e-324), ("ratio", math.nan), ("ratio", math.inf),
    ("ratio", -math.inf), ("ratio", -0.0), ("single", -0.0), ("ratios", [-0.0, 0.0]), ("single", 0.5), ("single", math.nan), ("ratios", [1.0, math.nan, -math.inf, 2.5]), ("amount", decimal.Decimal("1.10")),
    ("amount", decimal.Decimal("1.00")), ("amount", decimal.Decimal("-0.50")), ("amount", decimal.Decimal("NaN")), ("wide", decimal.Decimal("0.000000000000000000000000000001")),
    ("wide", decimal.Decimal("NaN")), ("big", 2**63 - 1), ("big", -(2**63)), ("bigs", [0, 2**53 + 1, -1]), ("raw", b"\x00\xff\x10"), ("raw", b""),
    ("days", [datetime.date(2024, 2, 29), datetime.date(1970, 1, 1)]),
], ids=lambda value: repr(value)[:30])
def test_what_is_written_is_read(db, field, value):
    made = db.event.create(data={"at": AT, field: value})
    assert made["at"] == AT and same(made[field], value), made[field]
    for strategy in (None, {"ttl": 60}, {"ttl": 60}):
        read = db.event.find_unique(where={"at": AT}, cache_strategy=strategy)
        assert same(read[field], value), read[field]
    if not isinstance(value, list):
        assert db.event.count(where={field: value}) == 1


def test_a_record_is_found_by_its_own_microseconds(db):
    db.event.create_many(data=[{"at": AT}, {"at": AT + datetime.timedelta(microseconds=1)}])
    for row in db.event.find_many():
        assert db.event.find_unique(where={"at": row["at"]}) == row
        assert db.event.find_many(where={"at": {"gte": row["at"], "lte": row["at"]}}) == [row]


def test_uuids_and_times_with_a_zone_go_in(db):
    key = uuid.uuid4()
    made = db.event.create(data={"at": AT, "key": key, "zoned": datetime.time(3, 4, 5, 6, UTC)})
    assert made["key"] == str(key) and made["zoned"] == datetime.time(3, 4, 5, 6)
    assert db.event.count(where={"key": key}) == 1


def test_aggregates_have_the_types_of_their_fields(db):
    db.event.create_many(data=[{"at": AT, "ratio": 1.0, "amount": "1.10", "big": 2**62}, {"at": AT + datetime.timedelta(1), "ratio": 2.0, "amount": "2.20", "big": 2**62}])
    total = db.event.aggregate(_sum={"ratio": True, "amount": True, "big": True}, _avg={"ratio": True, "big": True}, _max={"at": True}, _count=True)
    assert total == {"_sum": {"ratio": 3.0, "amount": decimal.Decimal("3.30"), "big": 2**63}, "_avg": {"ratio": 1.5, "big": float(2**62)},
                     "_max": {"at": AT + datetime.timedelta(1)}, "_count": 2}
    assert str(total["_sum"]["amount"]) == "3.30" and type(total["_sum"]["ratio"]) is float and type(total["_avg"]["big"]) is float


@pytest.mark.parametrize("expression, value", [
    ("count(*)", 0), ("'\\x00ff'::bytea", b"\x00\xff"), ("timestamptz '2026-01-02 03:04:05.123457Z'", AT), ("timestamp '2026-01-02 03:04:05.123457'", AT),
    ("date '2026-01-02'", datetime.date(2026, 1, 2)), ("time '03:04:05.6'", datetime.time(3, 4, 5, 600000)), ("1.50::numeric", decimal.Decimal("1.50")), ("2::float8", 2.0), ("'-0'::float8", -0.0), ("0.00::numeric", decimal.Decimal("0.00")),
    ("ARRAY[1.10, 2]::numeric[]", [decimal.Decimal("1.10"), decimal.Decimal("2")]),
    ("1::int2", 1), ("2::int8", 2), ("ARRAY[1, 2]::int8[]", [1, 2]), ("ARRAY[date '2026-01-02', NULL]", [datetime.date(2026, 1, 2), None]), ("true", True), ("'a'::text", "a"),
    ("NULL", None), ("'NaN'::float8", math.nan), ("'-Infinity'::float4", -math.inf), ("ARRAY[1, 'NaN']::float8[]", [1.0, math.nan]), ("'{\"a\": [1.0]}'::jsonb", {"a": [1.0]}),
    ("'NaN'::numeric", decimal.Decimal("NaN")),
], ids=str)
def test_rows_of_raw_sql_have_the_types_of_their_columns(db, expression, value):
    found = db.query_raw(f'SELECT {expression} AS v, 1 AS other FROM "Event"' if expression == "count(*)" else f"SELECT {expression} AS v, 1 AS other")
    assert len(found) == 1 and list(found[0]) == ["v", "other"] and same(found[0]["v"], value), found


@pytest.mark.parametrize("cast, value", [
    ("interval", datetime.timedelta(days=-1, seconds=5, microseconds=7)), ("interval", datetime.timedelta(days=400)), ("time", datetime.time(3, 4, 5, 6)),
    ("date", datetime.date(2026, 1, 2)), ("timestamptz", AT), ("timestamp", AT.replace(tzinfo=None)), ("uuid", uuid.UUID(int=7)), ("jsonb", {"a": [1, 2.0]}), ("bytea", b"\x00"),
    ("numeric", decimal.Decimal("1.25")), ("numeric", decimal.Decimal("NaN")), ("float8", 2.0), ("float8", math.nan), ("int8", 2**40),
], ids=str)
def test_parameters_of_raw_sql_are_what_they_are(db, cast, value):
    literals = {"interval": f"interval '{value.days} days {value.seconds}.{value.microseconds:06} seconds'" if cast == "interval" else ""}
    text = {"jsonb": """'{"a": [1, 2.0]}'""", "bytea": "'\\x00'"}.get(cast, f"'{value}'")
    found = db.query_raw(f"SELECT $1::{cast} = {literals.get(cast) or f'{text}::{cast}'} AS same", value)
    assert found == [{"same": True}]


def test_what_a_dictionary_in_raw_sql_holds_is_data(db):
    with pytest.raises(TypeError, match="a Json value cannot hold a value of type datetime"):
        db.query_raw("SELECT $1::jsonb", {"at": AT})
    assert db.query_raw("SELECT $1::jsonb AS v", {"$type": "DateTime", "value": 1}) == [{"v": {"$type": "DateTime", "value": 1}}]


@pytest.mark.parametrize("value", [decimal.Decimal("1.50"), decimal.Decimal("-0.000"), decimal.Decimal("100"), -0.0, 0.0, 1e22, -1.5], ids=str)
def test_parameters_of_raw_sql_come_back_as_they_were(db, value):
    (row,) = db.query_raw("SELECT $1 AS v, ARRAY[$1] AS many", value)
    expected = abs(value) if value == 0 and type(value) is decimal.Decimal else value
    assert same(row["v"], expected) and same(row["many"], [expected]), row
