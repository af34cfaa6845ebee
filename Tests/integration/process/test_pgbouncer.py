"""Behind PgBouncer: the answers are those of the server itself, whoever shares its sessions and whatever happens to the pooler."""
import threading
import time

import pytest
from asking import Asking
from capi import Client
from pgbouncer import PgBouncer
from waiting import PROMPT, Call, eventually

SCHEMA = """
datasource db { provider = "postgresql" }
model Author {
  id    Int     @id @default(autoincrement())
  name  String  @unique
  born  DateTime?
  books Book[]
}
model Book {
  id       Int      @id @default(autoincrement())
  title    String
  pages    Int      @default(0)
  price    Decimal?
  cover    Bytes?
  rating   Float?
  author   Author?  @relation(fields: [authorId], references: [id])
  authorId Int?
}
"""
TABLES = """
CREATE TABLE "Author" (id serial PRIMARY KEY, name text NOT NULL UNIQUE, born timestamp(3));
CREATE TABLE "Book" (id serial PRIMARY KEY, title text NOT NULL, pages int NOT NULL DEFAULT 0, price numeric, cover bytea, rating float8,
                     "authorId" int REFERENCES "Author" ON DELETE SET NULL);
"""


@pytest.fixture
def books(database):
    database.sql.execute(TABLES)
    return database


@pytest.fixture
def pooler(server):
    """Lends three sessions for a transaction at a time."""
    with PgBouncer(server) as pooler:
        yield pooler


def open_client(url, **settings):
    return Client({"schema": SCHEMA, "datasourceUrl": url, **settings})


def pooled(pooler, database, **parameters):
    return open_client(pooler.url(database.name, pgbouncer="true", **parameters))


def raw(query, *parameters, operation="$queryRaw", **more):
    return {"operation": operation, "args": {"query": query, "parameters": list(parameters)}, **more}


def author(operation, **args):
    return {"model": "Author", "operation": operation, "args": args}


def book(operation, **args):
    return {"model": "Book", "operation": operation, "args": args}


def number(value):
    return raw("SELECT $1::int AS n", value)


#: One of each kind, in this order; each answer has to be the same with a pooler as without. `$id` is the interactive transaction's.
STORY = [
    author("create", data={"name": "Ann", "born": "1950-05-01T12:00:00Z", "books": {"create": [{"title": "One", "price": "9.90", "rating": 0.1}, {"title": "Two"}]}}, include={"books": True}),
    author("createMany", data=[{"name": "Bob"}, {"name": "Cid"}]),
    author("createManyAndReturn", data=[{"name": "Dan"}, {"name": "Eve"}]),
    author("findMany", include={"books": {"orderBy": {"id": "asc"}, "take": 1}}, orderBy={"id": "asc"}),
    author("findUnique", where={"name": "Ann"}),
    author("findFirst", where={"books": {"some": {"title": {"startsWith": "T"}}}}),
    author("findUniqueOrThrow", where={"id": 4711}),
    book("aggregate", _sum={"pages": True}, _count=True, _avg={"rating": True}),
    book("groupBy", by=["authorId"], _count={"_all": True}, orderBy={"authorId": "asc"}),
    book("count", where={"author": {"name": "Ann"}}),
    author("create", data={"name": "Ann"}),
    book("update", where={"id": 1}, data={"pages": {"increment": 7}, "author": {"connect": {"name": "Bob"}}}, include={"author": True}),
    author("update", where={"name": "Bob"}, data={"books": {"updateMany": {"where": {}, "data": {"title": "Three"}}, "create": {"title": "Four", "cover": "AP8Q"}}}, include={"books": {"orderBy": {"id": "asc"}}}),
    author("upsert", where={"name": "Fay"}, create={"name": "Fay"}, update={"name": "Fay"}),
    book("updateMany", where={"pages": {"gt": 1}}, data={"pages": 0}),
    book("deleteMany", where={"title": "Two"}),
    author("delete", where={"name": "Cid"}),
    raw('SELECT id, title, price, cover, rating FROM "Book" ORDER BY id'),
    raw('SELECT count(*) AS n, now() > $1::timestamptz AS later, interval \'1 day\' AS span FROM "Book"', "2020-01-01T00:00:00Z"),
    raw('UPDATE "Book" SET pages = pages + $1', 3, operation="$executeRaw"),
    raw("SELECT 1/0"),
    raw("SELECT no_such_column"),
    {"operation": "$transaction", "args": {"requests": [book("count"), author("create", data={"name": "Gil"}), raw('SELECT name FROM "Author" WHERE name = $1', "Gil")]}},
    {"operation": "$transaction", "args": {"requests": [author("create", data={"name": "Hal"}), author("create", data={"name": "Ann"})], "isolationLevel": "Serializable"}},
    {"operation": "$transaction.begin", "args": {"isolationLevel": "RepeatableRead"}},
    {**author("create", data={"name": "Ida"}), "transaction": "$id"},
    {"operation": "$transaction.savepoint", "args": {"name": "s"}, "transaction": "$id"},
    {**author("create", data={"name": "Ann"}), "transaction": "$id"},
    {"operation": "$transaction.rollbackTo", "args": {"name": "s"}, "transaction": "$id"},
    {**raw('SELECT name FROM "Author" ORDER BY id'), "transaction": "$id"},
    {**author("findMany", where={"name": "Ida"}, include={"books": True}), "transaction": "$id"},
    {"operation": "$transaction.commit", "transaction": "$id"},
    {"operation": "$transaction.begin", "args": {}},
    {**author("deleteMany"), "transaction": "$id"},
    {"operation": "$transaction.rollback", "transaction": "$id"},
    author("findMany", orderBy={"name": "asc"}, select={"name": True}),
    author("findMany", orderBy={"name": "asc"}, cacheStrategy={"ttl": 60}),
    author("findMany", orderBy={"name": "asc"}, cacheStrategy={"ttl": 60}),
]


def play(client, story=STORY):
    """What each request of the story gives."""
    told, transaction = [], None
    for request in story:
        if request.get("transaction"):
            request = {**request, "transaction": transaction}
        reply = client.query(request)
        if request["operation"] == "$transaction.begin":
            transaction = reply.data["id"]
        data = "begun" if request["operation"] == "$transaction.begin" else reply.data
        told.append((request["operation"], reply.status, data, reply.code, reply.cache))
    return told


@pytest.mark.parametrize("mode, parameters", [("transaction", {"pgbouncer": "true"}), ("session", {}), ("session", {"pgbouncer": "true"})])
def test_every_operation_answers_as_without_a_pooler(server, books, mode, parameters):
    with open_client(books.url()) as client:
        expected = play(client)
    assert sum(status == "OK" for _, status, *_ in expected) == len(STORY) - 6, expected
    with PgBouncer(server, mode) as pooler:
        for _ in range(2):
            books.sql.execute('TRUNCATE "Author", "Book" RESTART IDENTITY CASCADE')
            with open_client(pooler.url(books.name, connection_limit=3, **parameters)) as client:
                assert play(client) == expected


def test_a_session_of_a_pooler_has_the_settings_that_a_session_of_the_server_has(server, books):
    books.sql.execute(f"""ALTER ROLE app IN DATABASE {books.name} SET datestyle = 'SQL, MDY'; CREATE SCHEMA "of b\\oth's"; CREATE TABLE "of b\\oth's".t (n int)""")
    settings = "SELECT " + ", ".join(f"current_setting('{name}') AS {name.lower()}" for name in (
        "DateStyle", "IntervalStyle", "extra_float_digits", "bytea_output", "array_nulls", "jit", "search_path", "TimeZone"))
    schema = "of%20b%5Coth's"
    with PgBouncer(server, "session") as pooler, open_client(books.url(schema=schema)) as direct:
        expected = direct.data(raw(settings))
        with open_client(pooler.url(books.name, schema=schema)) as client:
            assert client.data(raw(settings)) == expected and expected[0]["search_path"] == '"of b\\oth\'s"'
            assert client.data(raw("SELECT * FROM t")) == []
        # What the URL itself asks for is not left out in silence.
        with open_client(pooler.url(books.name, options="-c%20work_mem=1MB")) as client:
            assert client.query(number(1)).status == "UNAVAILABLE"


@pytest.mark.parametrize("setting", [
    "datestyle = 'German, DMY'", "datestyle = 'SQL, MDY'", "timezone = 'Asia/Kathmandu'", "intervalstyle = 'iso_8601'", "bytea_output = 'escape'",
    "extra_float_digits = -15", "search_path = 'elsewhere'", "standard_conforming_strings = off", "array_nulls = off", "transform_null_equals = on",
    "default_transaction_isolation = 'serializable'", "plan_cache_mode = 'force_generic_plan'", "client_encoding = 'latin1'"])
def test_no_setting_of_the_role_changes_an_answer(books, pooler, setting):
    values = raw(
        "SELECT 0.1::float8 + 0.2 AS f, 1.1::float4 AS g, $1::bytea AS b, $2::date AS d, $3::timestamptz AS z, $5::timestamp AS t, ARRAY[0.1::float8 + 0.2] AS a,"
        " $4::time AS c, 12.50::numeric AS n, 'é'::text AS e", "\\x00ff5c", "2024-03-01", "2024-03-01T12:34:56.789Z", "12:34:56", "2024-03-01 12:34:56")
    # Without a schema in the URL tables are where the server's search path says; so it is given.
    story = [*STORY[:17], values]
    with open_client(books.url(schema="public")) as client:
        expected = play(client, story)
    books.sql.execute(f"ALTER ROLE app IN DATABASE {books.name} SET {setting}")
    for url in (books.url(schema="public"), pooler.url(books.name, schema="public", pgbouncer="true")):
        books.sql.execute('TRUNCATE "Author", "Book" RESTART IDENTITY CASCADE')
        with open_client(url) as client:
            assert play(client, story) == expected


def test_many_clients_share_few_sessions(books, pooler):
    clients = [pooled(pooler, books, connection_limit=4) for _ in range(5)]
    failures, most = [], 0

    def work(client, place):
        for step in range(60):
            value = place * 1000 + step
            reply = client.query(number(value))
            if reply.data != [{"n": value}]:
                failures.append(reply)
            reply = client.query(author("create", data={"name": f"n{value}", "books": {"create": {"title": f"t{value}"}}}, include={"books": {"select": {"title": True}}}))
            if reply.code or reply.data["books"] != [{"title": f"t{value}"}]:
                failures.append(reply)
            reply = client.query(author("findUnique", where={"name": f"n{value}"}, include={"books": {"select": {"title": True}}}))
            if reply.code or reply.data["name"] != f"n{value}" or reply.data["books"] != [{"title": f"t{value}"}]:
                failures.append(reply)

    running = [Call(work, client, 2 * place + half) for place, client in enumerate(clients) for half in range(2)]
    while any(call.is_running() for call in running):
        most = max(most, books.connections())
        time.sleep(0.01)
    for call in running:
        call.result()
    assert not failures, failures[:3]
    assert 1 <= most <= 3
    for client in clients:
        client.close()


def test_limits_and_cancels_reach_nobody_else(books, pooler):
    """Two clients share the sessions: one has its queries cancelled, by time and by hand, the other must not notice."""
    with pooled(pooler, books, connection_limit=2) as restless, pooled(pooler, books, connection_limit=2) as calm:
        asking, failures, is_over = Asking(restless), [], threading.Event()

        def ask_calmly(start):
            value = start
            while not is_over.is_set():
                value += 2
                reply = calm.query(raw("SELECT $1::int AS n FROM pg_sleep(0.01)", value))
                if reply.data != [{"n": value}]:
                    failures.append(reply)

        neighbours = [Call(ask_calmly, start) for start in range(2)]
        for step in range(15):
            assert restless.query(raw("SELECT 1 AS n FROM pg_sleep(60)", timeoutMs=30)).code == "P6004"
            asking.submit(raw("SELECT 1 AS n FROM pg_sleep(60)"), step)
            time.sleep(0.02)
            asking.cancel(step)
            assert asking.take_all(1)[step].status == "CANCELLED"
        is_over.set()
        for call in neighbours:
            call.result()
        assert not failures, failures[:3]
        eventually(lambda: books.sql.value(
            f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{books.name}' AND state = 'active' AND query LIKE '%pg_sleep(60)%' AND usename = 'app'") == "0",
            "the cancels")
        assert restless.data(number(5)) == [{"n": 5}]


def test_tables_may_change(books, pooler):
    with pooled(pooler, books) as client:
        client.data(STORY[0])
        for width in range(40, 50):
            books.sql.execute(f'ALTER TABLE "Author" ALTER COLUMN name TYPE varchar({width}), ADD COLUMN extra interval DEFAULT \'1 day\'')
            assert client.data(author("findMany", select={"name": True})) == [{"name": "Ann"}]
            assert client.data(raw('SELECT name, extra FROM "Author"')) == [{"name": "Ann", "extra": "1 day"}]
            books.sql.execute('ALTER TABLE "Author" DROP COLUMN extra')
            assert client.data(author("update", where={"name": "Ann"}, data={"born": None}))["name"] == "Ann"
        # A column that becomes what has no binary form is refused once, and never misread.
        query = raw('SELECT pages FROM "Book" ORDER BY id')
        assert client.data(query) == [{"pages": 0}, {"pages": 0}]
        books.sql.execute('ALTER TABLE "Book" ALTER COLUMN pages DROP DEFAULT, ALTER COLUMN pages TYPE interval USING interval \'3 days\'')
        assert client.query(query).status == "DATABASE"
        assert client.data(query) == [{"pages": "3 days"}, {"pages": "3 days"}]


def load(client, seconds, record):
    """Asks for numbers and gives how many came; `record` takes the errors."""
    ending, value, answered = time.monotonic() + seconds, 0, 0
    while time.monotonic() < ending:
        value += 1
        reply = client.query(number(value))
        if reply.code:
            record.append(reply)
            time.sleep(0.01)
        else:
            assert reply.data == [{"n": value}]
            answered += 1
    return answered


def test_the_pooler_reconnects(books, pooler):
    """RECONNECT replaces the server's sessions between transactions. A client may be turned away when no new one is there yet."""
    with pooled(pooler, books) as client:
        record = []
        working = [Call(load, client, 1.5, record) for _ in range(6)]
        for _ in range(10):
            time.sleep(0.1)
            pooler.order("RECONNECT")
        answered = sum(call.result() for call in working)
        assert {reply.status for reply in record} <= {"UNAVAILABLE", "OUTCOME_UNKNOWN"} and answered > len(record)
        # While it pauses requests wait, and no longer than they may.
        pooler.order("PAUSE")
        start = time.monotonic()
        assert client.query({**number(1), "timeoutMs": 200}).code == "P6004" and time.monotonic() - start < PROMPT
        pooler.order("RESUME")
        assert client.data(number(2)) == [{"n": 2}]


def test_the_pooler_and_the_sessions_of_the_server_go_away_and_come_back(books, pooler):
    with pooled(pooler, books) as client:
        record = []
        working = [Call(load, client, 3, record) for _ in range(6)]
        time.sleep(0.3)
        books.sql.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'")
        time.sleep(0.5)
        pooler.stop()
        time.sleep(0.5)
        pooler.start()
        for call in working:
            call.result(20)
        assert {reply.status for reply in record} <= {"UNAVAILABLE", "OUTCOME_UNKNOWN"} and any(reply.code == "P6008" for reply in record)
        eventually(lambda: client.query(number(1)).data == [{"n": 1}])


def test_without_its_parameter_an_answer_may_fail_but_is_never_anothers(books, pooler):
    """Named statements of two clients on sessions that are lent to both."""
    with open_client(pooler.url(books.name, connection_limit=3)) as one, open_client(pooler.url(books.name, connection_limit=3)) as other:
        wrong, right = [], 0
        for value in range(150):
            for client, query, expected in ((one, "SELECT $1::int AS n", {"n": value}), (other, "SELECT $1::int * 2 AS m", {"m": 2 * value})):
                reply = client.query(raw(query, value))
                if reply.code is None:
                    right += 1
                    if reply.data != [expected]:
                        wrong.append(reply)
        assert not wrong, wrong[:3]
        assert right


@pytest.mark.parametrize("setting", ["TimeZone TO 'Asia/Tokyo'", "client_encoding TO 'latin1'", "DateStyle TO 'SQL, DMY'", "standard_conforming_strings TO off"])
def test_settings_that_the_pooler_carries_on_end_with_the_statement_that_made_them(pooler, books, setting):
    name = setting.split()[0]
    with pooled(pooler, books, connection_limit=1) as client:
        shown = raw(f"SHOW {name}")
        before = client.data(shown)
        assert client.query(raw(f"SET {setting}", operation="$executeRaw")).number == 0
        assert client.data(shown) == before
        client.data({"model": "Author", "operation": "create", "args": {"data": {"name": "für 5 €"}}})
        assert books.sql.value('SELECT name FROM "Author"') == "für 5 €"
