"""Dates and times that are seldom: what is read is found again, and is right."""
import pytest
from capi import Client

MODELS = """
datasource db {
  provider = "postgresql"
}
model Slot {
  id    Int       @id
  day   DateTime? @db.Date
  hour  DateTime? @db.Time(6)
  zoned DateTime? @db.Timetz(6)
  float Float?
}
"""
TABLE = 'CREATE TABLE "Slot" (id integer PRIMARY KEY, day date, hour time, zoned timetz, float float8)'


def test_what_is_read_is_found_again(database):
    database.sql.execute(TABLE)
    database.sql.execute("""INSERT INTO "Slot" (id, day, hour, zoned) VALUES (1, '1000000-12-31', '24:00', '24:00+02'), (2, '0044-03-15 BC', '00:00', '01:30+02'),
        (3, '5874897-12-31', '23:59:59.5', '23:30-05:30'), (4, '9999-12-31', '12:00', '24:00+00')""")
    with Client({"schema": MODELS, "datasourceUrl": database.url()}) as client:
        rows = client.data({"model": "Slot", "operation": "findMany", "args": {"orderBy": {"id": "asc"}}})
        assert [row["day"] for row in rows] == [
            "+1000000-12-31T00:00:00.000Z", "-000043-03-15T00:00:00.000Z", "+5874897-12-31T00:00:00.000Z", "9999-12-31T00:00:00.000Z"]
        assert [row["hour"] for row in rows] == [
            "1970-01-02T00:00:00.000Z", "1970-01-01T00:00:00.000Z", "1970-01-01T23:59:59.500Z", "1970-01-01T12:00:00.000Z"]
        assert [row["zoned"] for row in rows] == [
            "1970-01-01T22:00:00.000Z", "1970-01-01T23:30:00.000Z", "1970-01-01T05:00:00.000Z", "1970-01-01T00:00:00.000Z"]
        for row in rows:
            for field in ("day", "hour", "zoned"):
                for condition in (row[field], {"in": [row[field]]}, {"gte": row[field], "lte": row[field]}):
                    found = client.data({"model": "Slot", "operation": "findMany", "args": {"where": {field: condition}}})
                    assert found == [row], (field, condition)
            copy = {**row, "id": row["id"] + 10}
            assert client.data({"model": "Slot", "operation": "create", "args": {"data": copy}}) == copy
    assert database.sql.execute('SELECT count(DISTINCT day), count(DISTINCT hour) FROM "Slot"') == [["4", "4"]]
    raw = database.sql.execute('SELECT zoned FROM "Slot" WHERE id = 11')
    assert raw == [["22:00:00+00"]]


def test_a_float_that_no_answer_can_say_is_not_written(database):
    database.sql.execute(TABLE)
    database.sql.execute('INSERT INTO "Slot" (id, float) VALUES (1, 1)')
    with Client({"schema": MODELS, "datasourceUrl": database.url()}) as client:
        for word in ("NaN", "Infinity", "-Infinity"):
            for operation, args in (("update", {"where": {"id": 1}, "data": {"float": word}}), ("updateMany", {"data": {"float": {"set": word}}}),
                                    ("create", {"data": {"id": 2, "float": word}}), ("createMany", {"data": [{"id": 2, "float": word}]})):
                reply = client.query({"model": "Slot", "operation": operation, "args": args})
                assert reply.code == "P2009" and "finite" in reply.error["message"], reply
        assert database.sql.execute('SELECT id, float FROM "Slot"') == [["1", "1"]]
        # Precise answers have words for them.
        precise = {"model": "Slot", "operation": "update", "dateTime": "microseconds", "args": {"where": {"id": 1}, "data": {"float": "NaN"}}}
        assert client.query(precise).data["float"] == "NaN"


def test_a_moment_of_raw_sql_is_one(database):
    with Client({"schema": MODELS, "datasourceUrl": database.url()}) as client:
        moment = {"$type": "DateTime", "value": "2024-05-06T07:08:09.010Z"}
        query = """SELECT pg_typeof($1)::text AS type, $1 + interval '1 day' AS next, $1::date::text AS day, to_jsonb($1) #>> '{}' AS json,
            timestamp '2024-05-06 07:08:09.01' = $1 AS same, date '2024-05-07' > $1 AS later"""
        for _ in range(2):
            assert client.data({"operation": "$queryRaw", "args": {"query": query, "parameters": [moment]}}) == [{
                "type": "timestamp with time zone", "next": "2024-05-07T07:08:09.010Z", "day": "2024-05-06", "json": "2024-05-06T07:08:09.01+00:00",
                "same": True, "later": True}]
        listed = {"operation": "$queryRaw", "args": {"query": "SELECT pg_typeof($1)::text AS type", "parameters": [[moment, moment]]}}
        assert client.data(listed) == [{"type": "timestamp with time zone[]"}]


LISTS = """datasource db {
  provider = "postgresql"
}
model Plan {
  id    Int        @id
  hours DateTime[] @db.Timetz(3)
  notes Json[]     @db.Json
  pages String[]   @db.Xml
}
"""


@pytest.mark.parametrize("field", ["hours", "notes", "pages"])
def test_lists_whose_elements_have_no_order_of_their_own_are_told_apart(database, field):
    database.sql.execute("""CREATE TABLE "Plan" (id int PRIMARY KEY, hours timetz(3)[], notes json[], pages xml[]);
        INSERT INTO "Plan" VALUES (1, '{12:00+00}', ARRAY['{"a": 1}']::json[], '{<a/>}'), (2, '{13:00+01}', ARRAY['{"a":1}']::json[], '{<a/>}'),
            (3, '{13:00+00,12:00+00}', ARRAY['1']::json[], '{b}'), (4, '{}', '{}', '{}'), (5, NULL, NULL, NULL), (6, '{}', '{}', '{}')""")
    with Client({"schema": LISTS, "datasourceUrl": database.url()}) as client:
        args = {"distinct": [field], "orderBy": {"id": "asc"}, "select": {"id": True}}
        found = client.data({"model": "Plan", "operation": "findMany", "args": args})
        assert [row["id"] for row in found] == [1, 3, 4, 5]
