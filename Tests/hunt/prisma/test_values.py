"""Reports about values that come out otherwise than they stand in the database."""
import pytest
from report import report

TIMES = """
model Event {
  id     Int        @id
  at     DateTime?  @db.Timestamptz(6)
  local  DateTime?  @db.Timestamp(6)
  day    DateTime?  @db.Date
  amount Decimal?   @db.Decimal
  ratio  Float?     @db.Real
  big    BigInt?
  dates  DateTime[] @db.Timestamptz(3)
  marks  Int[]
  upId   Int?
  up     Event?     @relation("up", fields: [upId], references: [id])
  below  Event[]    @relation("up")
}
"""


def raised(play, column, value):
    """The refusal of a read that meets a value which has no form in an answer, or the answer."""
    play.sql.execute(f"INSERT INTO \"Event\" (id, {column}) VALUES (1, '{value}')")
    return play.reply("Event.findMany", select={column: True})


@report("porsager/postgres#728", "An infinite timestamp becomes an invalid date without an error.", first="the read failed without naming the column", models=TIMES)
@pytest.mark.parametrize("value", ["infinity", "-infinity"])
@pytest.mark.parametrize("column", ["at", "local", "day"])
def test_an_infinite_time_is_never_told_as_a_date(play, column, value):
    reply = raised(play, column, value)
    assert reply.code == "P2023" and column in reply.error_text


@report("pgjdbc/pgjdbc#1515", "An infinite timestamptz makes the whole result fail without naming the column.", first="right", models=TIMES)
def test_a_read_that_does_not_ask_for_an_infinite_column_works(play):
    play.sql.execute("INSERT INTO \"Event\" (id, at) VALUES (1, 'infinity')")
    assert play("Event.findMany", select={"id": True}) == [{"id": 1}]
    assert play("Event.findMany", where={"at": {"gt": "2020-01-01T00:00:00Z"}}, select={"id": True}) == [{"id": 1}]


@report("MagicStack/asyncpg#412", "A date beyond the year 9999 cannot be read.", first="right", models=TIMES)
def test_a_year_of_five_digits_is_read(play):
    play.sql.execute("INSERT INTO \"Event\" (id, local) VALUES (1, '12345-06-07 08:09:10')")
    assert play("Event.findUnique", where={"id": 1}, select={"local": True}) == {"local": "+012345-06-07T08:09:10.000Z"}


@report("MagicStack/asyncpg#1067", "An infinite numeric cannot be read or is read as something else.", first="right", models=TIMES)
@pytest.mark.parametrize("value", ["Infinity", "-Infinity", "NaN"])
def test_a_numeric_that_is_no_number_is_not_told_as_one(play, value):
    reply = raised(play, "amount", value)
    assert (reply.code == "P2023" and "amount" in reply.error_text) or reply.data == [{"amount": value}]


@report("sfu-db/connector-x#574", "An infinite real crashes the program.", first="returned as null", models=TIMES)
@pytest.mark.parametrize("value", ["Infinity", "-Infinity", "NaN"])
def test_a_float_that_is_no_number_is_not_told_as_null(play, value):
    reply = raised(play, "ratio", value)
    assert (reply.code == "P2023" and "ratio" in reply.error_text) or reply.data == [{"ratio": value}]


@report("mauricio/postgresql-async#169", "A prepared statement that had an integer for a numeric refuses a fraction later.", first="right", models=TIMES)
def test_a_decimal_takes_whole_numbers_and_fractions_in_turn(play):
    play("Event.create", data={"id": 1, "amount": 123})
    for value, told in ((123.123, "123.123"), (7, "7"), ("0.1000", "0.1"), (-5, "-5")):
        assert play("Event.update", where={"id": 1}, data={"amount": value}, select={"amount": True}) == {"amount": told}


@report("readysettech/readyset#1365", "From the sixth run of a prepared statement on, a timestamp has another value.", first="right", models=TIMES)
def test_a_statement_gives_the_same_values_however_often_it_runs(play):
    play.sql.execute("INSERT INTO \"Event\" (id, local, at) VALUES (1, '2024-08-30 10:40:38.622601', '2024-08-30 10:40:38.622601+02')")
    answers = {str(play("Event.findUnique", where={"id": 1}, select={"local": True, "at": True})) for _ in range(12)}
    assert answers == {str({"at": "2024-08-30T08:40:38.622Z", "local": "2024-08-30T10:40:38.622Z"})}


@report("drizzle-team/drizzle-orm#3060", "A list of timetz has other values than a single timetz.", first="right", models=TIMES)
def test_a_list_of_times_is_read_and_written(play):
    dates = ["2024-02-29T23:59:59.999Z", "1969-12-31T00:00:00.000Z"]
    assert play("Event.create", data={"id": 1, "dates": dates}, select={"dates": True}) == {"dates": dates}
    assert play("Event.findMany", where={"dates": {"has": "2024-03-01T00:59:59.999+01:00"}}, select={"id": True}) == [{"id": 1}]


@report("drizzle-team/drizzle-orm#895", "Dates of related records are invalid, those of the record itself are right.", first="right", models=TIMES)
def test_a_time_is_the_same_at_every_level(play):
    at = "2023-07-15T19:20:18.694Z"
    play("Event.create", data={"id": 1, "at": at, "below": {"create": [{"id": 2, "at": at, "below": {"create": [{"id": 3, "at": at}]}}]}})
    found = play("Event.findUnique", where={"id": 1}, select={"at": True, "below": {"select": {
        "at": True, "up": {"select": {"at": True}}, "below": {"select": {"at": True}}}}})
    assert found == {"at": at, "below": [{"at": at, "up": {"at": at}, "below": [{"at": at}]}]}


@report("drizzle-team/drizzle-orm#4463", "With a limit the same rows have other times.", first="right", models=TIMES)
def test_a_page_has_the_times_of_the_whole(play):
    play.sql.execute("INSERT INTO \"Event\" (id, at, local) SELECT n, '2025-03-30 01:30:00+00'::timestamptz + n * interval '1 h', '2025-03-30 02:30:00' FROM generate_series(1, 4) n")
    whole = play("Event.findMany", orderBy={"id": "asc"})
    assert play("Event.findMany", orderBy={"id": "asc"}, take=4) == whole
    assert play("Event.findMany", orderBy={"id": "asc"}, take=2, skip=1) == whole[1:3]


@report("drizzle-team/drizzle-orm#1935", "A time that is NULL is read as a date.", first="right", models=TIMES)
def test_a_time_that_is_null_is_null(play):
    play("Event.create", data={"id": 1, "below": {"create": {"id": 2}}})
    found = play("Event.findUnique", where={"id": 1}, select={"at": True, "local": True, "day": True, "below": {"select": {"day": True}}})
    assert found == {"at": None, "local": None, "day": None, "below": [{"day": None}]}


@report("drizzle-team/drizzle-orm#3106", "A bigint below a relation loses its last digits.", first="right", models=TIMES)
def test_a_big_integer_keeps_its_digits_at_every_level(play):
    play("Event.create", data={"id": 1, "big": "9223372036854775807", "below": {"create": {"id": 2, "big": "-9007199254740993"}}})
    found = play("Event.findUnique", where={"id": 1}, select={"big": True, "below": {"select": {"big": True, "up": {"select": {"big": True}}}}})
    assert found == {"big": "9223372036854775807", "below": [{"big": "-9007199254740993", "up": {"big": "9223372036854775807"}}]}


@report("drizzle-team/drizzle-orm#2656", "A list column may hold NULL, which no type of the client knows.", first="right", models=TIMES)
def test_a_list_that_holds_null_is_told_as_it_is_or_refused_by_name(play):
    play.sql.execute("INSERT INTO \"Event\" (id, marks) VALUES (1, '{1,NULL,3}')")
    reply = play.reply("Event.findMany", select={"marks": True})
    assert reply.data == [{"marks": [1, None, 3]}] or "marks" in reply.error_text
