"""Reports about values on their way through raw SQL: arrays, numbers, times, json, text, and the server's settings."""
import pytest
from report import report

NOTE = """
model Note {
  id    Int       @id
  text  String?
  words String[]
  json  Json?     @db.Json
  docs  Json[]
  cost  Decimal?  @db.Money
  local DateTime? @db.Timestamp(3)
  at    DateTime? @db.Timestamptz(3)
}
"""


def raw(play, sql, *parameters):
    return play("$queryRaw", query=sql, parameters=list(parameters)) if parameters else play("$queryRaw", query=sql)


def one(play, sql, *parameters):
    """The value of the column `v` of the one row."""
    rows = raw(play, sql, *parameters)
    assert len(rows) == 1
    return rows[0]["v"]


@report("brianc/node-postgres#691", "An array of an enum is returned as its literal, an array of text as an array.", first="returned as the literal", models=NOTE)
def test_an_array_of_an_enum_is_an_array(play):
    play.sql.execute("CREATE TYPE mood AS ENUM ('so so', 'fine', 'NULL'); CREATE TABLE faces (id int, moods mood[])")
    play.sql.execute("INSERT INTO faces VALUES (1, NULL), (2, '{}'), (3, ARRAY['so so', NULL, 'NULL']::mood[]), (4, '[0:1]={fine,fine}')")
    for _ in range(2):
        rows = raw(play, "SELECT id, moods FROM faces ORDER BY id")
        assert [row["moods"] for row in rows] == [None, [], ["so so", None, "NULL"], ["fine", "fine"]]


@report("amphp/postgres#45", "An empty array of an enum is returned as two braces.", first="returned as the literal", models=NOTE)
def test_an_empty_array_of_an_enum_is_empty_inside_a_transaction_too(play):
    play.sql.execute("CREATE TYPE mood AS ENUM ('fine')")
    transaction = play.client.data({"operation": "$transaction.begin"})["id"]
    sql = "SELECT '{}'::mood[] AS v, 'fine'::mood AS one, 1 AS n"
    rows = play.client.data({"operation": "$queryRaw", "transaction": transaction, "args": {"query": sql}})
    assert rows == [{"v": [], "one": "fine", "n": 1}]
    play.client.data({"operation": "$transaction.commit", "transaction": transaction})


@report("jackc/pgx#874", "Arrays of composites break where a field holds a quote or a brace.", first="returned as the literal", models=NOTE)
def test_an_array_of_composites_has_each_as_its_text(play):
    play.sql.execute("CREATE TYPE pair AS (a int, b text)")
    assert one(play, "SELECT ARRAY[ROW(1, 'x,\"{y}'), ROW(NULL, '')]::pair[] AS v") == ['(1,"x,""{y}")', '(,"")']


@report("eclipse-vertx/vertx-sql-client#770", "A text of an unknown type is parsed as an array if it begins with a brace.", first="right", models=NOTE)
@pytest.mark.parametrize("text", ["{a,b}", "{", "{}", "[1,2]", "[0:1]={a}"])
def test_a_text_that_looks_like_an_array_is_a_text(play, text):
    play.sql.execute("CREATE TYPE shape AS ENUM ('{a,b}', '{', '{}', '[1,2]', '[0:1]={a}'); CREATE TABLE shapes (v shape, many shape[])")
    play.sql.execute(f"INSERT INTO shapes VALUES ('{text}', ARRAY['{text}']::shape[])")
    assert one(play, "SELECT v FROM shapes") == text
    assert raw(play, "SELECT v, many FROM shapes") == [{"v": text, "many": [text]}]


@report("lib/pq#1128", "An array that does not begin at 1 cannot be read.", first="right", models=NOTE)
@pytest.mark.parametrize("sql", ["'[0:2]={1,2,3}'::int[]", "'[-9:-7]={1,2,3}'::int8[]::int[]", "'1 2 3'::int2vector::int2[]"])
def test_where_an_array_begins_changes_nothing(play, sql):
    assert one(play, f"SELECT {sql} AS v") == [1, 2, 3]
    assert raw(play, f"SELECT {sql} AS v, 'x'::tsvector AS other")[0]["v"] == [1, 2, 3]


@report("brianc/node-postgres#103", "The text `NULL` in an array becomes SQL NULL, or the reverse.", first="NULL was sent as a text where the server has array_nulls off", models=NOTE)
@pytest.mark.parametrize("nulls", ["on", "off"])
def test_the_text_null_is_a_text(play, nulls):
    play.sql.execute(f"ALTER DATABASE {play.name} SET array_nulls = {nulls}")
    words = ["NULL", "null", "", " ", 'q"\\{},', "é"]
    assert play("Note.create", data={"id": 1, "words": words})["words"] == words
    assert play("Note.count", where={"words": {"has": "NULL"}}) == 1
    assert one(play, "SELECT $1::text[] AS v", [*words, None]) == [*words, None]


@report("MagicStack/asyncpg#627", "A JSON null in an array of json becomes SQL NULL.", first="right", models=NOTE)
def test_a_json_null_in_a_list_is_a_json_null(play):
    docs = [{"$type": "Json", "value": "null"}, "NULL", {"a": None}]
    play("Note.create", data={"id": 1, "docs": docs})
    assert play("Note.findMany", select={"docs": True}) == [{"docs": [None, "NULL", {"a": None}]}]
    assert play.rows('SELECT docs[1] IS NULL FROM "Note"') == [["f"]]


@report("tlocke/pg8000#69", "Negative money is returned without its sign.", first="right", models=NOTE)
def test_money_keeps_its_sign(play):
    play("Note.create", data={"id": 1, "cost": "-1234.56"})
    assert play("Note.findFirst", select={"cost": True}) == {"cost": "-1234.56"}
    assert one(play, 'SELECT cost AS v FROM "Note"') == "-$1,234.56"


@report("transact-rs/sqlx#1334", "A negative amount is written wrongly, because its fraction is added to the whole.", first="right", models=NOTE)
@pytest.mark.parametrize("amount", ["-0.01", "-0.5", "-92233720368547758.08", "92233720368547758.07"])
def test_money_is_written_as_it_is(play, amount):
    assert play("Note.create", data={"id": 1, "cost": amount}, select={"cost": True})["cost"] == amount.rstrip("0")


@report("npgsql/npgsql#444", "Dates before Christ cannot be read.", first="right", models=NOTE)
def test_a_date_before_christ_is_read(play):
    assert one(play, "SELECT '0044-03-15 BC'::date AS v") == "-000043-03-15T00:00:00.000Z"
    assert one(play, "SELECT '0001-01-01 00:40:00+00:50:20'::timestamptz AS v") == "0000-12-31T23:49:40.000Z"


@report("pgjdbc/pgjdbc#130", "Around a change to summer time a timestamp is an hour off, from the fourth run of a statement on.", first="right", models=NOTE)
def test_the_gap_of_a_clock_change_is_written_and_read(play):
    play.sql.execute(f"ALTER DATABASE {play.name} SET timezone = 'America/New_York'")
    for number, moment in enumerate(["2023-03-12T02:00:00.000Z", "2023-03-12T02:59:59.999Z", "2023-03-12T07:00:00.000Z", "2023-11-05T05:30:00.000Z"]):
        play("Note.create", data={"id": number, "local": moment, "at": moment})
        for _ in range(7):
            found = play("Note.findMany", where={"local": moment, "at": moment}, select={"local": True, "at": True})
            assert found == [{"local": moment, "at": moment}]
        assert play.rows(f'SELECT local FROM "Note" WHERE id = {number}')[0][0].startswith(moment[:19].replace("T", " "))


@report("psycopg/psycopg2#1451", "With another DateStyle on the server dates cannot be read, or day and month change places.", first="right", models=NOTE)
@pytest.mark.parametrize("style", ["German", "SQL, DMY", "Postgres, MDY"])
def test_the_servers_date_style_changes_nothing(play, style):
    play.sql.execute(f"ALTER DATABASE {play.name} SET datestyle = {style}")
    row = raw(play, "SELECT '2020-02-03'::date AS d, '2020-02-03 04:05:06+00'::timestamptz AS t, 'x'::tsvector AS other")[0]
    assert (row["d"], row["t"]) == ("2020-02-03T00:00:00.000Z", "2020-02-03T04:05:06.000Z")
    assert one(play, "SELECT '[2020-02-03,2020-03-04)'::daterange AS v") == "[2020-02-03,2020-03-04)"


@report("graphile/crystal#1438", "With another IntervalStyle an interval is read as zero.", first="right", models=NOTE)
@pytest.mark.parametrize("style", ["iso_8601", "sql_standard", "postgres_verbose"])
def test_the_servers_interval_style_changes_nothing(play, style):
    play.sql.execute(f"ALTER DATABASE {play.name} SET intervalstyle = '{style}'")
    assert one(play, "SELECT '-1 day 02:03:04.5'::interval AS v") == "-1 days +02:03:04.5"


@report("oven-sh/bun#41888", "A real has one value in binary format and another as text.", first="right", models=NOTE)
def test_a_float_is_the_same_in_both_formats(play):
    play.sql.execute(f"ALTER DATABASE {play.name} SET extra_float_digits = -15")
    numbers = "1.1::float4 AS a, 123456.7890625::float4 AS b, 0.1::float8 + 0.2::float8 AS c, 16777217::float8 / 3 AS d"
    binary = raw(play, f"SELECT {numbers}")[0]
    text = raw(play, f"SELECT {numbers}, 'x'::tsvector AS other")[0]
    assert binary == {name: text[name] for name in binary} and binary["c"] == 0.1 + 0.2


@report("psycopg/psycopg2#366", "Texts with backslashes change where the server reads backslashes as escapes.", first="right", models=NOTE)
def test_old_string_literals_change_no_value(play):
    play.sql.execute(f"ALTER DATABASE {play.name} SET standard_conforming_strings = off")
    text = "50%_\\ ' \\' \\n"
    play("Note.create", data={"id": 1, "text": text, "words": [text]})
    found = play("Note.findMany", where={"text": {"contains": "%_\\ '"}, "words": {"has": text}}, select={"text": True})
    assert found == [{"text": text}]
    assert play("Note.count", where={"text": {"startsWith": "50__"}}) == 0


@report("brianc/node-postgres#2385", "Large numbers inside json lose their last digits.", first="right", models=NOTE)
@pytest.mark.parametrize("number", ["18446744073709551615", "0.10000000000000000555", "1e400", "-0.0"])
def test_numbers_in_json_keep_their_digits(play, number):
    play.sql.execute(f"INSERT INTO \"Note\" (id, json) VALUES (1, '{{\"n\": {number}}}')")
    assert number.encode() in play.reply("Note.findMany", select={"json": True}).text
    assert number.encode() in play.reply("$queryRaw", query='SELECT json FROM "Note"').text


@report("psycopg/psycopg2#420", "A text is cut at a NUL, in values and in filters.", first="right", models=NOTE)
def test_a_nul_is_refused_and_never_cut(play):
    play("Note.create", data={"id": 1, "text": "a"})
    for what, arguments in (
            ("Note.create", {"data": {"id": 2, "text": "a\0b"}}), ("Note.findMany", {"where": {"text": "a\0b"}}),
            ("Note.create", {"data": {"id": 2, "words": ["a\0b"]}}), ("Note.create", {"data": {"id": 2, "docs": [{"a\0b": 1}]}}),
            ("$queryRaw", {"query": "SELECT $1::text AS v", "parameters": ["a\0b"]}), ("$queryRaw", {"query": "SELECT 1 \0 AS v"})):
        play.refused(what, **arguments)
    assert play("Note.count") == 1


@report("brianc/node-postgres#280", "Of two columns with one name the first is lost without an error.", first="right", models=NOTE)
def test_columns_of_one_name_are_all_there_in_rows(play):
    told = play("$queryRaw", query="SELECT avg(x), avg(y), 1 AS n FROM (VALUES (1, 3)) AS t(x, y)", types=True)
    assert told["columns"] == ["avg", "avg", "n"] and [float(cell) for cell in told["rows"][0]] == [1, 3, 1]
    reply = play.reply("$queryRaw", query="SELECT 1 AS a, 2 AS b, 3 AS a")
    assert reply.data == [{"a": 3, "b": 2}] and reply.text.count(b'"a"') == 1


@report("porsager/postgres#153", "A null parameter without a known type is an error.", first="right", models=NOTE)
def test_a_null_needs_no_type(play):
    assert one(play, "SELECT $1 IS NULL AND $2 IS NULL AS v", None, None) is True
    assert one(play, "SELECT coalesce($1, 'x') AS v", None) == "x"
    assert raw(play, 'SELECT id FROM "Note" WHERE ($1::int IS NULL OR id = $1)', None) == []


@report("panates/postgrejs#1", "A string is sent as text, so it cannot be compared with a uuid, an enum or an address.", first="right", models=NOTE)
def test_a_text_takes_the_type_of_what_it_is_compared_with(play):
    play.sql.execute("CREATE TYPE mood AS ENUM ('fine')")
    identifier = "7f4df53a-95b3-4d7e-8e1b-6ba8ee3bd4d0"
    for sql, value in ((f"'{identifier}'::uuid = $1", identifier), ("'fine'::mood = $1", "fine"), ("'10.0.0.1'::inet = $1", "10.0.0.1"),
                       ("'[1,2)'::int4range = $1", "[1,2)"), (f"'{identifier}'::uuid = ANY($1)", [identifier]), ("B'101' = $1", "101")):
        assert one(play, f"SELECT {sql} AS v", value) is True, sql


@report("pgjdbc/pgjdbc#1120", "The question marks of JSON operators are read as parameters.", first="right", models=NOTE)
def test_question_marks_are_operators(play):
    assert one(play, """SELECT '{"a": 1}'::jsonb ? $1 AND '["a"]'::jsonb ?| $2::text[] AND '["a", "b"]'::jsonb ?& array['a'] AS v""", "a", ["a"]) is True


@report("jackc/pgx#687", "An empty query waits for ever.", first="right", models=NOTE)
@pytest.mark.parametrize("sql", ["", " ", ";", "-- nothing", "/* nothing */;"])
def test_nothing_to_do_is_done_at_once(play, sql):
    assert raw(play, sql) == [] and play("$executeRaw", query=sql) == 0
    assert one(play, "SELECT 1 AS v") == 1
