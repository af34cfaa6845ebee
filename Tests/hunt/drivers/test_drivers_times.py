"""Reports about moments, days and numbers at the ends of what a column holds."""
from report import report

TIMES = """
model Event {
  id     Int       @id
  at     DateTime? @db.Timestamptz(3)
  local  DateTime? @db.Timestamp(3)
  day    DateTime? @db.Date
  hour   DateTime? @db.Time(3)
  amount Decimal?  @db.Decimal
  price  Decimal?  @db.Decimal(10, 2)
  big    BigInt?
  small  Int?      @db.SmallInt
  count  Int?
  ratio  Float?
  days   DateTime[] @db.Date
}
"""


def read(play, **selected):
    return play("Event.findUnique", where={"id": 1}, select=dict.fromkeys(selected, True))


@report("bendrucker/postgres-date#5", "Years before Christ are off by one.", first="right", models=TIMES)
def test_years_before_christ_have_the_astronomers_number(play):
    for stored, told in [
        ("0001-01-01 00:00:00 BC", "0000-01-01T00:00:00.000Z"), ("0002-12-31 23:59:59.999 BC", "-000001-12-31T23:59:59.999Z"),
        ("0005-02-29 12:00:00 BC", "-000004-02-29T12:00:00.000Z"), ("4713-01-01 00:00:00 BC", "-004712-01-01T00:00:00.000Z"),
    ]:
        play.sql.execute('DELETE FROM "Event"')
        play.sql.execute(f"INSERT INTO \"Event\" (id, local, at, day) VALUES (1, '{stored}', '{stored} UTC', '{stored}')")
        assert read(play, local=1, at=1) == {"local": told, "at": told}
        # What was told is found, and written as what it was.
        assert play("Event.findMany", where={"local": told, "at": {"lte": told}, "day": {"lte": told}}, select={"id": True}) == [{"id": 1}]
        play("Event.create", data={"id": 2, "local": told, "at": told, "day": told})
        assert play.sql.value('SELECT count(DISTINCT (local, at, day)) FROM "Event"') == "1"


@report("rails/rails#15521", "A leap day before Christ is refused.", first="right", models=TIMES)
def test_leap_days_and_days_that_are_none(play):
    play("Event.create", data={"id": 1, "day": "0000-02-29T00:00:00.000Z", "local": "2000-02-29T23:59:59.999Z"})
    assert play.sql.value('SELECT day FROM "Event"') == "0001-02-29 BC"
    for wrong in ("1900-02-29T00:00:00Z", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-10T00:00:00Z", "2024-04-31T00:00:00Z"):
        play.refused("Event.create", data={"id": 2, "local": wrong})


@report("porsager/postgres#1185", "Years below 100 become years of the last century.", first="right", models=TIMES)
def test_the_first_centuries(play):
    for year in ["0001", "0023", "0050", "0099", "0100", "0999"]:
        play.sql.execute('DELETE FROM "Event"')
        told = f"{year}-06-15T12:30:00.000Z"
        play("Event.create", data={"id": 1, "at": told, "local": told, "day": told})
        assert read(play, at=1, local=1, day=1) == {"at": told, "local": told, "day": f"{year}-06-15T00:00:00.000Z"}
        assert play.sql.value("SELECT to_char(local, 'YYYY') FROM \"Event\"") == year


@report("jackc/pgtype#193", "Days before Christ cannot be read in a list.", first="right", models=TIMES)
def test_days_before_christ_in_a_list(play):
    days = ["-000043-03-15T00:00:00.000Z", "0000-01-01T00:00:00.000Z", "0001-01-01T00:00:00.000Z", "+010000-01-01T00:00:00.000Z"]
    play("Event.create", data={"id": 1, "days": days})
    assert read(play, days=1) == {"days": days}
    assert play.sql.value("SELECT days[1] FROM \"Event\"") == "0044-03-15 BC"
    assert play("Event.findMany", where={"days": {"has": days[0]}}, select={"id": True}) == [{"id": 1}]


@report("pgjdbc/pgjdbc#3428", "A moment of a negative year with an offset is not understood.", first="right", models=TIMES)
def test_offsets_are_counted_or_the_moment_is_refused(play):
    for written, told in [
        ("-003000-12-31T23:52:00+01:00", "-003000-12-31T22:52:00.000Z"), ("0000-01-01T00:00:00+00:01", "-000001-12-31T23:59:00.000Z"),
        ("2024-01-01T00:00:00-23:59", "2024-01-01T23:59:00.000Z"), ("2016-12-31T23:59:60Z", None), ("2024-01-01T24:00:00Z", None),
    ]:
        play.sql.execute('DELETE FROM "Event"')
        reply = play.reply("Event.create", data={"id": 1, "at": written}, select={"at": True})
        if told is None:
            assert reply.status == "INVALID_REQUEST" or reply.data["at"] in ("2017-01-01T00:00:00.000Z", "2024-01-02T00:00:00.000Z"), reply
        else:
            assert reply.data == {"at": told}, reply


@report("sequelize/sequelize#3762", "Times near midnight change the day with the zone of the session.", first="right", models=TIMES, url={"options": "-c TimeZone=Pacific/Kiritimati"})
def test_the_zone_of_the_session_changes_nothing(play):
    told = "2024-02-29T23:30:00.000Z"
    play("Event.create", data={"id": 1, "at": told, "local": told, "day": told, "hour": told, "days": [told]})
    assert read(play, at=1, local=1, day=1, days=1) == {
        "at": told, "local": told, "day": "2024-02-29T00:00:00.000Z", "days": ["2024-02-29T00:00:00.000Z"]}
    assert play("Event.findMany", where={"day": "2024-02-29T00:00:00.000Z", "local": told, "at": told}, select={"id": True}) == [{"id": 1}]
    assert play("Event.groupBy", by=["day", "local"], _max={"at": True}) == [{"day": "2024-02-29T00:00:00.000Z", "local": told, "_max": {"at": told}}]


NUMBERS = ["0", "0.1", "-0.1", "1e-20", "123456789012345678901234567890.123456789", "-99999999999999999999999999999999999999", "10000", "0.00010000",
           "1e40", "12300000000", "0.0000000000000000000000000000000000000000000000001", "9999.9999", "-10000.00001"]


@report("paupino/rust-decimal#219", "Decimals with many digits behind the point overflow.", first="right", models=TIMES)
def test_a_decimal_is_what_it_was(play):
    for number in NUMBERS:
        play.sql.execute('DELETE FROM "Event"')
        play("Event.create", data={"id": 1, "amount": number})
        told = read(play, amount=1)["amount"]
        assert play.sql.value(f"SELECT amount = '{number}'::numeric AND amount = '{told}'::numeric FROM \"Event\"") == "t", told
        for found in ({"amount": number}, {"amount": {"in": [told, "7"]}}, {"amount": {"gte": told, "lte": number}}):
            assert play("Event.count", where=found) == 1


@report("npgsql/npgsql#5851", "Numbers whose groups of digits are far apart are read wrongly.", first="right", models=TIMES)
def test_decimals_of_hundreds_of_digits(play):
    for number in ["1" + "0" * 130, "1" + "0" * 60 + "." + "0" * 60 + "1", "0." + "0" * 300 + "5", "-" + "9" * 131]:
        play.sql.execute('DELETE FROM "Event"')
        play.sql.execute(f'INSERT INTO "Event" (id, amount) VALUES (1, {number})')
        told = read(play, amount=1)["amount"]
        assert play.sql.value(f"SELECT amount = '{told}'::numeric FROM \"Event\"") == "t"


@report("trinodb/trino#28414", "Columns of a negative scale are not read.", first="right", models=TIMES)
def test_a_column_of_a_negative_scale(play):
    play.sql.execute('ALTER TABLE "Event" ALTER amount TYPE numeric(3, -3)')
    play("Event.create", data={"id": 1, "amount": "123499"})
    assert read(play, amount=1) == {"amount": "123000"}
    assert play("Event.aggregate", _sum={"amount": True})["_sum"] == {"amount": "123000"}


@report("datafusion-contrib/datafusion-table-providers#720", "The first row's digits decide how many the others have.", first="right", models=TIMES)
def test_each_row_has_its_own_digits(play):
    values = ["20", "17.685", "15.334", "0.1"]
    play("Event.createMany", data=[{"id": number, "amount": value} for number, value in enumerate(values)])
    assert [row["amount"] for row in play("Event.findMany", orderBy={"id": "asc"})] == values
    assert play("Event.aggregate", _avg={"amount": True}, _min={"amount": True}, _max={"amount": True}, _sum={"amount": True}) == {
        "_avg": {"amount": "13.27975"}, "_min": {"amount": "0.1"}, "_max": {"amount": "20"}, "_sum": {"amount": "53.119"}}


@report("apache/arrow-adbc#3485", "A value is multiplied by a power of ten on its way into a column with a scale.", first="right", models=TIMES)
def test_a_scale_rounds_and_moves_nothing(play):
    for written, stored in [("44.12", "44.12"), ("44.125", "44.13"), ("0.004", "0.00"), ("-12345678.99", "-12345678.99"), ("1e2", "100.00")]:
        play.sql.execute('DELETE FROM "Event"')
        play("Event.create", data={"id": 1, "price": written})
        assert play.sql.value('SELECT price FROM "Event"') == stored
        assert float(read(play, price=1)["price"]) == float(stored)


@report("bartblast/hologram#1145", "An increment beyond the column's range is reported without the field.", first="right", models=TIMES)
def test_an_increment_beyond_the_range_is_refused_and_changes_nothing(play):
    play("Event.create", data={"id": 1, "count": 2147483647, "big": "9223372036854775807", "small": 32767, "ratio": 1e308, "price": "99999999.99"})
    for change in ({"count": {"increment": 1}}, {"big": {"increment": 1}}, {"small": {"increment": 1}}, {"count": {"multiply": 2}}, {"price": {"increment": "0.01"}},
                   {"ratio": {"multiply": 10}}, {"big": {"multiply": -2}}):
        refusal = play.refused("Event.update", where={"id": 1}, data=change)
        assert refusal.code in ("P2020", "P2033", "P2023", "P2010", "P2035") and refusal.status != "INTERNAL", (change, refusal)
    row = play("Event.findUnique", where={"id": 1})
    assert (row["count"], row["small"], row["price"]) == (2147483647, 32767, "99999999.99")
    for change in ({"count": {"divide": 0}}, {"ratio": {"divide": 0}}, {"price": {"divide": 0}}):
        play.refused("Event.update", where={"id": 1}, data=change)


@report("MonetDB/MonetDB#383", "A number that does not fit is stored as 0.", first="right", models=TIMES)
def test_a_number_that_does_not_fit_is_refused(play):
    for field, value in [
        ("count", 2147483648), ("small", 32768), ("small", -32769), ("big", "9223372036854775808"), ("count", 1.5), ("big", "1e3"), ("price", "100000000"), ("ratio", "x")]:
        play.sql.execute('DELETE FROM "Event"')
        play.refused("Event.create", data={"id": 1, field: value})
        assert play("Event.count") == 0


@report("crate/crate#20205", "Comparisons at the largest number overflow.", first="right", models=TIMES)
def test_the_ends_of_the_range_are_compared(play):
    play("Event.create", data={"id": 2147483647, "count": -2147483648, "big": "-9223372036854775808", "small": -32768})
    assert play("Event.count", where={"id": {"gte": 2147483647}, "count": {"lte": -2147483648}, "big": {"lt": "-9223372036854775807"}}) == 1
    assert play("Event.findMany", cursor={"id": 2147483647}, take=1, select={"big": True}) == [{"big": "-9223372036854775808"}]
    assert play("Event.findMany", where={"id": {"gt": 2147483647}}) == []
    assert play("Event.aggregate", _sum={"count": True, "small": True}, _avg={"count": True})["_sum"] == {"count": -2147483648, "small": -32768}
