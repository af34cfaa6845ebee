"""Reports about caches: what is one entry, and how long it lives."""
import threading

import pytest
from psql import Psql
from report import report
from waiting import eventually

SHOP = """
model Item {
  id    Int       @id
  name  String?
  price Decimal   @default(0) @db.Decimal(10, 2)
  big   BigInt?   @unique
  code  String?   @unique @db.Char(6)
  key   String?   @unique @db.Uuid
  day   DateTime? @unique @db.Date
  ip    String?   @unique @db.Inet
  at    DateTime? @unique @db.Timestamptz(6)
  cost  Decimal?  @unique @db.Decimal(10, 3)
}
model Pair {
  a    Int
  b    String
  name String @default("")
  @@id([a, b])
}
"""
AUTO = {"ttl": 60, "auto": True}


def cached(play, what, strategy=AUTO, **arguments):
    return play.reply(what, cacheStrategy=strategy, **arguments)


def write(play, name):
    play.rows(f"UPDATE \"Item\" SET name = '{name}'")


@report("prisma/orm#16267", "The same compound key, written in another order, finds nothing.", first="right", models=SHOP)
def test_the_order_of_a_compound_key_is_none(play):
    play("Pair.createMany", data=[{"a": 1, "b": "2"}, {"a": 2, "b": "1"}])
    wheres = [{"a_b": {"a": 1, "b": "2"}}, {"a_b": {"b": "2", "a": 1}}]
    replies = [cached(play, "Pair.findUnique", where=where) for where in wheres]
    assert [reply.data["b"] for reply in replies] == ["2", "2"] and [reply.cache for reply in replies] == ["miss", "ttl"]
    play("Pair.update", where=wheres[1], data={"name": "new"})
    assert [cached(play, "Pair.findUnique", where=where).data["name"] for where in wheres] == ["new", "new"]
    assert cached(play, "Pair.findUnique", where={"a_b": {"a": 2, "b": "1"}}).data["a"] == 2


SPELLINGS = [
    ("prisma/orm#14954", "day", "2022-02-02T00:00:00Z", ["2022-02-02T05:00:00.000Z", "2022-02-02T01:00:00+01:00"]),
    ("prisma/orm#5952", "cost", "1.5", ["1.50", 1.5, "15e-1", "1.5000000"]),
    ("prisma/orm#18096", "big", "9007199254740993", ["9007199254740993", {"$type": "BigInt", "value": "9007199254740993"}]),
    ("", "key", "6f1c2c1e-3c53-4e3a-8f0b-6a1d1f0c9e11", ["6F1C2C1E-3C53-4E3A-8F0B-6A1D1F0C9E11"]),
    ("", "code", "ab", ["ab    ", "ab "]),
    ("", "ip", "10.0.0.1", ["10.0.0.1/32"]),
    ("", "at", "2024-01-01T00:00:00.000Z", ["2024-01-01T01:00:00+01:00", "2023-12-31T19:00:00.000-05:00"]),
]


def spelled(play, column, first, others):
    """A key that is read in one spelling and written in another: no read after the write is older than it."""
    play("Item.create", data={"id": 1, "name": "old", column: first})
    for number, other in enumerate([first, *others]):
        for key in [first, *others]:
            assert cached(play, "Item.findUnique", where={column: key}, select={"name": True}).data, (column, key)
        play("Item.update", where={column: other}, data={"name": f"n{number}"}, select={"id": True})
        for key in [first, *others]:
            assert cached(play, "Item.findUnique", where={column: key}, select={"name": True}).data == {"name": f"n{number}"}, (column, key, other)
    play("Item.delete", where={"id": 1})
    for key in [first, *others]:
        assert cached(play, "Item.findUnique", where={column: key}, select={"name": True}).data is None


@report("prisma/orm#14954", "Look-ups by a date find nothing when they are made together.", first="right", models=SHOP)
def test_a_date_is_one_key_however_it_is_written(play):
    spelled(play, *SPELLINGS[0][1:])


@report("prisma/orm#5952", "Look-ups by a decimal find nothing when they are made together.", first="right", models=SHOP)
def test_a_decimal_is_one_key_however_it_is_written(play):
    spelled(play, *SPELLINGS[1][1:])


@report("prisma/orm#18096", "Look-ups by a big integer find nothing when they are made together.", first="right", models=SHOP)
def test_a_big_integer_is_one_key_however_it_is_written(play):
    spelled(play, *SPELLINGS[2][1:])


@report("readysettech/readyset#1522", "A cache keeps values apart that differ in trailing spaces, which the database ignores.", first="right", models=SHOP)
@pytest.mark.parametrize("column,first,others", [spelling[1:] for spelling in SPELLINGS[3:]])
def test_spellings_that_are_equal_to_the_database_are_one_record(play, column, first, others):
    spelled(play, column, first, others)


@report("Suor/django-cacheops#231", "A record that a case-insensitive filter found stays cached when it changes.", first="right", models="""
model Word {
  id   Int    @id
  text String @unique @db.Citext
  n    Int    @default(0)
}
""")
def test_a_record_that_is_found_without_regard_to_case(play):
    play("Word.create", data={"id": 1, "text": "Test"})
    for number, text in enumerate(("TEST", "test", "Test"), 1):
        assert cached(play, "Word.findUnique", where={"text": "test"}).data["n"] == number - 1
        assert cached(play, "Word.findFirst", where={"text": {"equals": "tEST", "mode": "insensitive"}}).data["n"] == number - 1
        play("Word.update", where={"text": text}, data={"n": {"increment": 1}})
    assert cached(play, "Word.findUnique", where={"text": "test"}).data["n"] == 3


@report("londonaicentre/FLIP#859", "Cache keys fold case and spaces within values, so one query gets another's answer.", first="right", models=SHOP)
def test_values_that_differ_in_case_spaces_or_composition_are_entries_of_their_own(play):
    names = ["F", "f", "A  B", "A B", "A B ", "\u00e9", "e\u0301", "1", "", " ", "null", "true"]
    play("Item.createMany", data=[{"id": number, "name": name} for number, name in enumerate(names)])
    for expected in ("miss", "ttl"):
        for number, name in enumerate(names):
            reply = cached(play, "Item.findMany", {"ttl": 60}, where={"name": name}, select={"id": True})
            assert (reply.data, reply.cache) == ([{"id": number}], expected), name


@report("cypress-io/cypress#32274", "An absent value and null make the same key.", first="right", models=SHOP)
def test_null_and_nothing_are_not_one_entry(play):
    play("Item.createMany", data=[{"id": 1, "name": "x"}, {"id": 2}])
    for where, found in (({}, [1, 2]), ({"name": None}, [2]), ({"name": {"not": None}}, [1]), ({"name": "null"}, []), ({"OR": []}, []), ({"AND": []}, [1, 2]), ({"name": {}}, [1, 2]),
                         ({"name": {"in": []}}, []), ({"NOT": {"name": None}}, [1])):
        for _ in range(2):
            reply = cached(play, "Item.findMany", {"ttl": 60}, where=where, select={"id": True}, orderBy={"id": "asc"})
            assert [item["id"] for item in reply.data] == found, where


@report("flyingsquirrel0419/layercache#76", "A cached \"not found\" looks like a missing entry.", first="right", models=SHOP)
def test_that_nothing_is_there_is_kept_and_dropped_like_an_answer(play):
    where = {"id": 7}
    assert [(reply.data, reply.cache) for reply in (cached(play, "Item.findUnique", where=where) for _ in range(2))] == [(None, "miss"), (None, "ttl")]
    play("Item.create", data={"id": 7, "name": "here"})
    assert cached(play, "Item.findUnique", where=where).data["name"] == "here"
    play("Item.update", where=where, data={"id": 8})
    assert cached(play, "Item.findUnique", where=where).data is None
    assert cached(play, "Item.findUnique", where={"id": 8}).data["name"] == "here"


@report("elizaOS/eliza#11126", "A name that was just taken is reported as free for a minute, because its absence is cached.", first="right", models=SHOP)
def test_a_name_that_was_taken_is_not_free(play):
    assert cached(play, "Item.count", where={"name": "shop"}).data == 0
    assert cached(play, "Item.findFirst", where={"name": "shop"}).data is None
    play("Item.upsert", where={"id": 1}, create={"id": 1, "name": "shop"}, update={})
    assert cached(play, "Item.count", where={"name": "shop"}).data == 1
    assert cached(play, "Item.findFirst", where={"name": "shop"}).data["id"] == 1


YEAR = 31_536_000


@report("moka-rs/moka#52", "A very long time to live overflows when it is added to the clock.", first="right", models=SHOP)
def test_the_longest_windows_on_a_late_clock(play):
    play("Item.create", data={"id": 1, "name": "a"})
    for _ in range(3):
        play.reply("$clock.advance", milliseconds=2 ** 53)
    strategy = {"ttl": YEAR, "swr": YEAR, "staleIfError": YEAR}
    assert cached(play, "Item.findMany", strategy).cache == "miss"
    play.advance(YEAR - 1)
    assert cached(play, "Item.findMany", strategy).cache == "ttl"
    play.advance(1)
    assert cached(play, "Item.findMany", strategy).cache == "swr"


@report("ben-manes/caffeine#217", "An entry with the longest lifetime expires at once, because its end overflows.", first="right", models=SHOP)
@pytest.mark.parametrize("milliseconds", [2 ** 62, 2 ** 63 - 1, 2 ** 63, 2 ** 64, -1, 1.5, 1e300])
def test_a_clock_that_is_moved_as_far_as_possible_ends_nothing(play, milliseconds):
    play("Item.create", data={"id": 1, "name": "a"})
    for _ in range(3):
        play.reply("$clock.advance", milliseconds=milliseconds)
        reply = cached(play, "Item.findMany", {"ttl": YEAR, "swr": YEAR})
        assert reply.error is None and reply.cache in ("miss", "ttl", "swr")
    assert cached(play, "Item.findMany", {"ttl": YEAR}).data[0]["name"] == "a"


@report("rails/rails#54229", "A value that is renewed in the grace period of the old one expires at the end of that period.", first="right", models=SHOP)
def test_a_renewed_answer_lives_as_long_as_a_new_one(play):
    play("Item.create", data={"id": 1, "name": "a"})
    strategy = {"ttl": 100, "swr": 10}
    assert cached(play, "Item.findMany", strategy).cache == "miss"
    play.advance(105)
    write(play, "b")
    assert cached(play, "Item.findMany", strategy).cache == "swr"
    eventually(lambda: cached(play, "Item.findMany", strategy).data[0]["name"] == "b", "the refresh")
    play.advance(99)
    assert cached(play, "Item.findMany", strategy).cache == "ttl"
    assert cached(play, "Item.findMany", {"ttl": 5, "swr": 500}).cache == "swr"
    eventually(lambda: cached(play, "Item.findMany", {"ttl": 5}).cache == "ttl", "the refresh")
    play.advance(50)
    assert cached(play, "Item.findMany", strategy).cache == "ttl"


@report("cache2k/cache2k#10", "A failure stays in the cache longer than it should.", first="right", models=SHOP)
def test_a_failure_is_over_when_its_cause_is(play):
    play("Item.create", data={"id": 1, "name": "a"})
    assert cached(play, "Item.findMany").error is None
    play.sql.execute('ALTER TABLE "Item" RENAME TO away')
    failed = [cached(play, "Item.count", where={"name": "a"}) for _ in range(2)]
    assert [reply.code for reply in failed] == ["P2021", "P2021"]
    play.sql.execute('ALTER TABLE away RENAME TO "Item"')
    reply = cached(play, "Item.count", where={"name": "a"})
    assert reply.data == 1 and reply.cache in ("miss", "none")


@report("dotnet/aspnetcore#65772", "All waiting callers fail when the caller that loads the value gives up.", first="right", models=SHOP)
def test_those_who_wait_longer_than_the_first_get_the_answer(play):
    play("Item.create", data={"id": 1, "name": "a"})
    client, replies = play.client, {}

    def ask(name, milliseconds):
        replies[name] = client.query({"model": "Item", "operation": "findMany", "timeoutMs": milliseconds, "args": {"cacheStrategy": {"ttl": 60}}})
    with Psql(play.server.url(play.name)) as other:
        other.execute('BEGIN; LOCK TABLE "Item" IN ACCESS EXCLUSIVE MODE')
        first = threading.Thread(target=ask, args=("first", 400))
        first.start()
        eventually(lambda: int(play.rows("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")[0][0]), "the first")
        patient = [threading.Thread(target=ask, args=(number, 9000)) for number in range(3)]
        for thread in patient:
            thread.start()
        first.join()
        other.execute("COMMIT")
        for thread in patient:
            thread.join()
    assert replies["first"].status == "TIMEOUT"
    assert [replies[number].data and replies[number].data[0]["name"] for number in range(3)] == ["a"] * 3, replies


def in_transaction(play, transaction, operation, **arguments):
    model, dot, name = operation.partition(".")
    request = {"operation": operation, "args": arguments} if operation.startswith("$") else {"model": model, "operation": name, "args": arguments}
    return play.client.query({**request, "transaction": transaction})


@report("mybatis/spring#785", "A change that was rolled back to a savepoint is still read from the cache.", first="right", models=SHOP)
def test_what_was_rolled_back_to_a_savepoint_is_not_read(play):
    play("Item.create", data={"id": 1, "name": "old"})
    transaction = play("$transaction.begin")["id"]
    assert in_transaction(play, transaction, "$transaction.savepoint", name="one").error is None
    assert in_transaction(play, transaction, "Item.update", where={"id": 1}, data={"name": "new"}).error is None
    assert in_transaction(play, transaction, "Item.findUnique", where={"id": 1}, cacheStrategy=AUTO).data["name"] == "new"
    assert in_transaction(play, transaction, "$transaction.rollbackTo", name="one").error is None
    assert in_transaction(play, transaction, "Item.findUnique", where={"id": 1}, cacheStrategy=AUTO).data["name"] == "old"
    assert in_transaction(play, transaction, "$transaction.commit").error is None
    assert cached(play, "Item.findUnique", where={"id": 1}).data["name"] == "old"


def savepoint_with(query):
    return [("$transaction.savepoint", {"name": "one"}), ("$executeRaw", {"query": query}), ("$transaction.release", {"name": "one"})]


@report("ebean-orm/ebean#3803", "Releasing a savepoint publishes changes that the transaction rolls back later.", first="right", models=SHOP)
def test_a_released_savepoint_publishes_nothing(play):
    play("Item.create", data={"id": 1, "name": "old"})
    assert cached(play, "Item.findUnique", where={"id": 1}).data["name"] == "old"
    transaction = play("$transaction.begin")["id"]
    for operation, arguments in savepoint_with("UPDATE \"Item\" SET name = 'new'"):
        assert in_transaction(play, transaction, operation, **arguments).error is None
    assert cached(play, "Item.findUnique", where={"id": 1}).data["name"] == "old"
    assert in_transaction(play, transaction, "$transaction.rollback").error is None
    assert cached(play, "Item.findUnique", where={"id": 1}).data["name"] == "old"
    transaction = play("$transaction.begin")["id"]
    for operation, arguments in savepoint_with("UPDATE \"Item\" SET name = 'kept'"):
        assert in_transaction(play, transaction, operation, **arguments).error is None
    assert in_transaction(play, transaction, "$transaction.commit").error is None
    assert cached(play, "Item.findUnique", where={"id": 1}).data["name"] == "kept"
