"""`"dateTime": "microseconds"`: answers carry what the column has, so that a record is found by its own time."""
import pytest
from capi import Client

SCHEMA = """datasource db {
  provider = "postgresql"
}
model Event {
  at     DateTime   @id @db.Timestamptz(6)
  local  DateTime   @db.Timestamp(6)
  day    DateTime   @db.Date
  hour   DateTime   @db.Time(6)
  zoned  DateTime   @db.Timetz(6)
  times  DateTime[] @db.Timestamp(6)
  note   String?
  kind   Int        @default(0)
  lines  Line[]
}
model Line {
  id      Int      @id
  eventAt DateTime @db.Timestamptz(6)
  event   Event    @relation(fields: [eventAt], references: [at])
  made    DateTime @db.Timestamp(6)
}
"""

TABLES = """
CREATE TABLE "Event" (at timestamptz PRIMARY KEY, local timestamp, day date, hour time, zoned timetz, times timestamp[], note text, kind int DEFAULT 0);
CREATE TABLE "Line" (id int PRIMARY KEY, "eventAt" timestamptz REFERENCES "Event" (at), made timestamp);
INSERT INTO "Event" VALUES
  ('2024-01-02 03:04:05.123456Z', '2024-01-02 03:04:05.000001', '2024-01-02', '03:04:05.123456', '03:04:05.6+02', '{2024-01-02 03:04:05.999999}'),
  ('2024-01-02 03:04:05.123457Z', '1969-12-31 23:59:59.999999', '0044-03-15 BC', '24:00', '00:00+00', '{}'),
  ('294276-12-31 23:59:59.999999Z', '2024-01-01', '2024-01-01', '00:00', '00:00+00', '{}');
INSERT INTO "Line" VALUES (1, '2024-01-02 03:04:05.123456Z', '2024-05-06 07:08:09.000010');
"""

FIRST, SECOND, LAST = "2024-01-02T03:04:05.123456Z", "2024-01-02T03:04:05.123457Z", "+294276-12-31T23:59:59.999999Z"


@pytest.fixture
def open_client(database):
    database.sql.execute(TABLES)
    made = []

    def open(**settings):
        made.append(Client({"schema": SCHEMA, "datasourceUrl": database.url(), **settings}))
        return made[-1]

    yield open
    for client in made:
        client.close()


def ask(client, operation="findMany", model="Event", dateTime="microseconds", **args):
    request = {"model": model, "operation": operation, "args": args}
    if dateTime:
        request["dateTime"] = dateTime
    return client.data(request)


def test_every_form_has_what_the_column_has(open_client):
    first, second, _ = ask(open_client(), orderBy={"at": "asc"}, omit={"note": True, "kind": True})
    assert first == {
        "at": FIRST, "local": "2024-01-02T03:04:05.000001Z", "day": "2024-01-02T00:00:00.000000Z", "hour": "1970-01-01T03:04:05.123456Z",
        "zoned": "1970-01-01T01:04:05.600000Z", "times": ["2024-01-02T03:04:05.999999Z"]}
    assert (second["local"], second["day"]) == ("1969-12-31T23:59:59.999999Z", "-000043-03-15T00:00:00.000000Z")


def test_milliseconds_are_the_default(open_client):
    client = open_client()
    assert [row["at"] for row in ask(client, dateTime=None, orderBy={"at": "asc"}, take=1)] == ["2024-01-02T03:04:05.123Z"]
    assert ask(client, dateTime="milliseconds", orderBy={"at": "asc"}, take=1) == ask(client, dateTime=None, orderBy={"at": "asc"}, take=1)


def test_a_record_is_found_by_its_own_key_and_cursor(open_client):
    client = open_client()
    rows = [row["at"] for row in ask(client, orderBy={"at": "asc"}, select={"at": True})]
    assert rows == [FIRST, SECOND, LAST]
    for position, at in enumerate(rows):
        assert ask(client, "findUnique", where={"at": at}, select={"at": True}) == {"at": at}
        assert [row["at"] for row in ask(client, cursor={"at": at}, orderBy={"at": "asc"})] == rows[position:]
        assert [row["at"] for row in ask(client, where={"at": {"lte": at}}, orderBy={"at": "asc"})] == rows[:position + 1]
    hour = ask(client, where={"at": FIRST})[0]["hour"]
    assert [row["at"] for row in ask(client, where={"hour": hour})] == [FIRST]


def test_aggregates_groups_and_related_records_have_them_too(open_client):
    client = open_client()
    assert ask(client, "aggregate", where={"at": {"lt": LAST}}, _min={"at": True}, _max={"local": True}) == {
        "_min": {"at": FIRST}, "_max": {"local": "2024-01-02T03:04:05.000001Z"}}
    assert ask(client, "groupBy", by=["at"], where={"at": SECOND}, _max={"at": True}) == [{"at": SECOND, "_max": {"at": SECOND}}]
    assert ask(client, where={"at": FIRST}, select={"lines": {"select": {"made": True, "event": {"select": {"at": True}}}}}) == [
        {"lines": [{"made": "2024-05-06T07:08:09.000010Z", "event": {"at": FIRST}}]}]


def test_writes_answer_with_them_however_often(open_client):
    client = open_client()
    for note in ("a", "b", "c"):
        assert ask(client, "update", where={"at": FIRST}, data={"note": note}, select={"at": True, "note": True}) == {"at": FIRST, "note": note}
        assert ask(client, "update", dateTime=None, where={"at": FIRST}, data={"note": note}, select={"at": True}) == {"at": "2024-01-02T03:04:05.123Z"}
        assert ask(client, "update", where={"at": FIRST}, data={"note": note}, select={"lines": True})["lines"][0]["eventAt"] == FIRST
    made = ask(client, "createManyAndReturn", model="Line", data=[{"id": 2, "eventAt": SECOND, "made": "2024-01-01T00:00:00.5000019Z"}])
    assert made == [{"id": 2, "eventAt": SECOND, "made": "2024-01-01T00:00:00.500001Z"}]


def test_the_configuration_says_what_holds_where_a_request_does_not(open_client):
    client = open_client(dateTime="microseconds")
    assert [row["at"] for row in ask(client, dateTime=None, where={"at": FIRST})] == [FIRST]
    assert [row["at"] for row in ask(client, dateTime="milliseconds", where={"at": FIRST})] == ["2024-01-02T03:04:05.123Z"]
    read = {"model": "Event", "operation": "findMany", "args": {"where": {"at": FIRST}, "select": {"at": True}}}
    answers = client.data({"operation": "$transaction", "args": {"requests": [read, {**read, "dateTime": "milliseconds"}]}})
    assert answers == [[{"at": FIRST}], [{"at": "2024-01-02T03:04:05.123Z"}]]
    assert client.data({"operation": "$transaction", "dateTime": "milliseconds", "args": {"requests": [read]}}) == [[{"at": "2024-01-02T03:04:05.123Z"}]]


def test_it_is_part_of_what_the_cache_tells_apart(open_client):
    client = open_client()
    cached = {"where": {"at": FIRST}, "select": {"at": True}, "cacheStrategy": {"ttl": 60}}
    for _ in range(2):
        assert ask(client, **cached) == [{"at": FIRST}]
        assert ask(client, dateTime=None, **cached) == [{"at": "2024-01-02T03:04:05.123Z"}]
    fine, coarse = (client.query({"model": "Event", "operation": "findMany", "args": cached, "dateTime": form}) for form in ("microseconds", "milliseconds"))
    assert fine.cache == coarse.cache == "ttl" and fine.info["signature"] != coarse.info["signature"]


def test_raw_answers_have_them(open_client):
    client = open_client()
    query = """SELECT '2024-01-02 03:04:05.000001'::timestamp AS a, '03:04:05.000001'::time AS b, ARRAY['2024-01-02 03:04:05.000001Z'::timestamptz] AS c"""
    args = {"query": query}
    for also in ("", ", int4range(1, 2) AS r"):
        args["query"] = query + also
        row = client.data({"operation": "$queryRaw", "args": args, "dateTime": "microseconds"})[0]
        assert [row[name] for name in "abc"] == ["2024-01-02T03:04:05.000001Z", "1970-01-01T03:04:05.000001Z", ["2024-01-02T03:04:05.000001Z"]]
        typed = client.data({"operation": "$queryRaw", "args": {**args, "types": True}, "dateTime": "microseconds"})
        assert typed["rows"][0][:3] == ["2024-01-02T03:04:05.000001Z", "03:04:05.000001", ["2024-01-02T03:04:05.000001Z"]]
        assert client.data({"operation": "$queryRaw", "args": args})[0]["a"] == "2024-01-02T03:04:05.000Z"


FLOATS = """datasource db {
  provider = "postgresql"
}
model Point {
  id    Int     @id
  x     Float
  small Float   @db.Real
  sum   Decimal
  all   Float[]
}
"""


def test_zeros_keep_their_sign_and_numerics_their_digits(database):
    database.sql.execute('CREATE TABLE "Point" (id int PRIMARY KEY, x float8, small float4, sum numeric, "all" float8[])')
    client = Client({"schema": FLOATS, "datasourceUrl": database.url()})
    data = {"id": 1, "x": -0.0, "small": -0.0, "sum": "1.10", "all": [-0.0, 0.0]}
    made = client.query(b'{"model": "Point", "operation": "create", "dateTime": "microseconds", "args": {"data": '
                        b'{"id": 1, "x": -0.0, "small": -0, "sum": "1.10", "all": [-0.0, 0]}}}')
    assert made.text == b'{"id":1,"x":-0.0,"small":-0.0,"sum":"1.1","all":[-0.0,0]}', made.text
    assert database.sql.execute('SELECT x, small, sum, "all" FROM "Point"') == [["-0", "-0", "1.10", "{-0,0}"]]
    assert ask(client, model="Point", dateTime=None) == [{**data, "x": 0, "small": 0, "sum": "1.1", "all": [0, 0]}]
    assert len(ask(client, model="Point", where={"x": 0})) == len(ask(client, model="Point", where={"x": -0.0})) == 1
    for also in ("", ", int4range(1, 2) AS r"):
        query = f'SELECT x, sum, ARRAY[sum] AS many, $1 AS zero, $2 AS given, 0.00 AS none{also} FROM "Point"'
        args = {"query": query, "parameters": [-0.0, {"$type": "Decimal", "value": "-2.500"}]}
        row = client.data({"operation": "$queryRaw", "args": args, "dateTime": "microseconds"})[0]
        assert [str(row[name]) for name in ("x", "sum", "many", "zero", "given", "none")] == ["-0.0", "1.10", "['1.10']", "-0.0", "-2.500", "0.00"]
        plain = client.data({"operation": "$queryRaw", "args": args})[0]
        assert [str(plain[name]) for name in ("x", "sum", "zero", "given", "none")] == ["0", "1.1", "0", "-2.5", "0"]
    client.close()


def test_nothing_else_is_taken(open_client):
    client = open_client()
    for wrong in ("nanoseconds", 6, True):
        reply = client.query({"model": "Event", "operation": "count", "dateTime": wrong})
        assert (reply.code, reply.meta["path"]) == ("P6005", "dateTime")
    assert client.data({"model": "Event", "operation": "count", "dateTime": None}) == 3


INFINITE = """datasource db {
  provider = "postgresql"
}
model Lease {
  id    Int        @id
  until DateTime?  @unique
  local DateTime?  @db.Timestamp(6)
  day   DateTime?  @db.Date
  all   DateTime[] @db.Timestamptz(6)
  at    DateTime?  @db.Time(6)
}
"""


@pytest.mark.parametrize("word", ["infinity", "-infinity"])
def test_moments_without_end_have_a_word(database, word):
    database.sql.execute('CREATE TABLE "Lease" (id int PRIMARY KEY, until timestamptz UNIQUE, local timestamp, day date, "all" timestamptz[], at time)')
    row = {"id": 1, "until": word, "local": word, "day": word, "all": [word, FIRST], "at": None}
    with Client({"schema": INFINITE, "datasourceUrl": database.url(), "dateTime": "microseconds"}) as client:
        for id in (1, 2):
            data = {**row, "id": id, "until": word if id == 1 else FIRST}
            assert ask(client, "create", "Lease", data=data) == data
        assert database.sql.value("""SELECT count(*) FROM "Lease" WHERE local = '%s' AND day = '%s' AND "all"[1] = '%s'""" % (word, word, word)) == "2"
        assert ask(client, "findUnique", "Lease", where={"until": word}) == row
        assert ask(client, "findMany", "Lease", where={"until": {"in": [word, LAST]}}, select={"id": True}) == [{"id": 1}]
        order = {"until": "asc"}
        first, last = (1, 2) if word == "-infinity" else (2, 1)
        assert ask(client, "findMany", "Lease", orderBy=order, select={"id": True}) == [{"id": first}, {"id": last}]
        assert ask(client, "findMany", "Lease", orderBy=order, cursor={"until": word}, select={"id": True})[0] == {"id": 1}
        assert ask(client, "aggregate", "Lease", _max={"local": True, "day": True}) == {"_max": {"local": word, "day": word}}
        for also in ("", ", int4range(1, 2) AS r"):
            args = {"query": f'SELECT until, local, day, "all"{also} FROM "Lease" WHERE id = 1', "types": True}
            assert ask_raw(client, args)["rows"][0][:4] == [word, word, word, [word, FIRST]]
            assert ask_raw(client, {**args, "types": False})[0]["local"] == word
        assert client.query({"model": "Lease", "operation": "create", "args": {"data": {"id": 3, "at": word}}}).code == "P2009"


def ask_raw(client, args):
    return client.data({"operation": "$queryRaw", "args": args, "dateTime": "microseconds"})


def test_milliseconds_have_no_word_for_a_moment_without_end(database):
    database.sql.execute('CREATE TABLE "Lease" (id int PRIMARY KEY, until timestamptz UNIQUE, local timestamp, day date, "all" timestamptz[], at time)')
    with Client({"schema": INFINITE, "datasourceUrl": database.url()}) as client:
        refused = client.query({"model": "Lease", "operation": "create", "args": {"data": {"id": 1, "until": "infinity"}}})
        assert (refused.code, refused.meta["path"]) == ("P2009", "args.data.until")
        database.sql.execute("""INSERT INTO "Lease" (id, until) VALUES (1, 'infinity')""")
        reply = client.query({"model": "Lease", "operation": "findMany", "args": {}})
        assert reply.code == "P2023" and "microseconds" in reply.error["message"]
        # A filter is no answer.
        assert client.data({"model": "Lease", "operation": "count", "args": {"where": {"until": "infinity"}}}) == 1


NUMBERS = """datasource db {
  provider = "postgresql"
}
model Price {
  id    Int       @id
  free  Decimal   @db.Decimal
  cut   Decimal   @db.Decimal(10, 2)
  plain Decimal
  many  Decimal[] @db.Decimal
}
view Doubled {
  id    Int       @unique
  free  Decimal   @db.Decimal
  cut   Decimal   @db.Decimal
}
"""


def test_decimals_without_a_scale_show_the_digits_of_each_value(database):
    database.sql.execute(
        """CREATE TABLE "Price" (id int PRIMARY KEY, free numeric, cut numeric(10, 2), plain numeric(65, 30), many numeric[]);
        INSERT INTO "Price" VALUES (1, 1.50, 1.50, 1.50, '{2.500,3}');
        CREATE VIEW "Doubled" AS SELECT id, free * 2 AS free, cut + 0 AS cut FROM "Price" """)
    with Client({"schema": NUMBERS, "datasourceUrl": database.url()}) as client:
        # A scale says how many zeros there are, so answers leave them out.
        assert ask(client, model="Price") == [{"id": 1, "free": "1.50", "cut": "1.5", "plain": "1.5", "many": ["2.500", "3"]}]
        assert ask(client, model="Doubled") == [{"id": 1, "free": "3.00", "cut": "1.50"}]
        assert ask(client, model="Price", dateTime=None)[0]["free"] == ask(client, model="Price", dateTime=None)[0]["plain"] == "1.5"
        assert ask(client, "count", "Price", where={"free": "1.50"}) == 1
