"""A canary password and a canary value go through every path; neither comes out in an error, an info, a metric or the log.

Answers of reads hold data, and names (of fields, models, schemas, tags) are no data, nor is the text of raw SQL. Everything else must be free of both, whatever fails.
"""
import copy
import json

import pytest
from capi import Client, OpenError

#: As a text, and as a number. Compared without regard to case, for the server folds names.
TEXT, NUMBER = "Zebra-Canary-42", 90913377
PASSWORD = "Passw0rd-Canary"
MARKS = ("canary", str(NUMBER))
LOG = ["query", "info", {"level": "warn", "slowMs": 0}, "error"]

SCHEMA = """
datasource db {
  provider = "postgresql"
  url      = "postgresql://u:Passw0rd-Canary@localhost/never-used"
}
enum Shade {
  RED
  BLUE
}
model Owner {
  id     Int     @id
  name   String
  vaults Vault[]
}
model Vault {
  id    Int       @id
  need  String
  text  String?   @unique
  short String?   @db.VarChar(5)
  small Int?      @db.SmallInt
  num   Int?
  big   BigInt?
  ratio Float?
  dec   Decimal?  @db.Decimal(5, 2)
  flag  Boolean?
  at    DateTime?
  day   DateTime? @db.Date
  doc   Json?
  raw   Bytes?
  color Shade?
  uid   String?   @db.Uuid
  words String[]
  owner_id Int?
  owner Owner?    @relation(fields: [owner_id], references: [id])
  @@unique([num, big])
}
"""

TABLES = """
CREATE TYPE "Shade" AS ENUM ('RED', 'BLUE');
CREATE TABLE "Owner" (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE "Vault" (
    id integer PRIMARY KEY, need text NOT NULL, text text UNIQUE, short varchar(5), small smallint, num integer, big bigint, ratio float8,
    dec numeric(5, 2), flag boolean, at timestamp(3), day date, doc jsonb, raw bytea, color "Shade", uid uuid, words text[],
    owner_id integer REFERENCES "Owner" (id), UNIQUE (num, big), CONSTRAINT fewer CHECK (ratio < 1e6));
CREATE FUNCTION complain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.small = 1 THEN RAISE EXCEPTION 'not %', NEW.need USING DETAIL = NEW.need, HINT = NEW.need, TABLE = NEW.need, COLUMN = NEW.need; END IF;
    IF NEW.small = 2 THEN RAISE unique_violation USING MESSAGE = NEW.need, DETAIL = 'Key (' || NEW.need || ')=(1)', CONSTRAINT = 'fewer'; END IF;
    IF NEW.small = 3 THEN PERFORM NEW.need::regclass; END IF;
    IF NEW.small = 4 THEN RAISE NOTICE '%', NEW.need; RAISE WARNING '%', NEW.need; END IF;
    IF NEW.small = 5 THEN RAISE undefined_column USING MESSAGE = 'column "' || NEW.need || '" is not there'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER complains BEFORE INSERT OR UPDATE ON "Vault" FOR EACH ROW EXECUTE FUNCTION complain();
"""

RESET = f"""
TRUNCATE "Owner", "Vault";
INSERT INTO "Owner" VALUES (1, '{TEXT}');
INSERT INTO "Vault" (id, need, text, num, big, at) VALUES (1, '{TEXT}', '{TEXT}', {NUMBER}, {NUMBER}, '2026-01-01');
"""


def leaks(text):
    return [mark for mark in MARKS if mark in (text or "").lower()]


class Vault:
    """A client whose every word is looked at."""

    def __init__(self, database, url, **settings):
        self.database = database
        self.client = Client({"schema": SCHEMA, "datasourceUrl": url, "clock": "manual", "log": LOG, **settings})

    def ask(self, request):
        """Runs a request; nothing of its reply but an answer's data may hold a canary, nor what is logged of it."""
        self.client.query({"operation": "$log.take"})
        reply = self.client.query(request)
        words = f"{reply.error_text} {json.dumps(reply.info)}"
        assert not leaks(words), (request, words)
        self.check_log(request)
        return reply

    def check_log(self, request):
        """The text of an SQL statement is no value: it is shown at level query."""
        events = self.client.query({"operation": "$log.take"})
        assert not leaks(events.text.decode()), (request, events.text)

    def check_rest(self):
        for request in (
            {"operation": "$metrics"}, {"operation": "$metrics", "args": {"format": "prometheus"}}, {"operation": "$schema"},
            {"operation": "$connect"},
        ):
            assert not leaks(self.ask(request).text.decode()), request


@pytest.fixture(scope="module")
def vault(server, shared_database):
    """A database and a client of it, and rows that hold the canary."""
    shared_database.sql.execute(TABLES + RESET)
    shared_database.sql.execute(f"CREATE ROLE keeper SUPERUSER LOGIN PASSWORD '{PASSWORD}'")
    vault = Vault(shared_database, server.tcp_url(shared_database.name, user="keeper", password=PASSWORD))
    yield vault
    vault.client.close()
    shared_database.sql.execute("REASSIGN OWNED BY keeper TO accelerant; DROP OWNED BY keeper; DROP ROLE keeper")


ROW = {
    "id": 2, "need": TEXT, "text": TEXT, "short": "a", "small": 9, "num": 1, "big": 2, "ratio": 0.5, "dec": "1.5", "flag": True,
    "at": "2026-01-02T03:04:05Z", "day": "2026-01-02T00:00:00Z", "doc": {"a": [TEXT]}, "raw": "AAEC", "color": "RED",
    "uid": "4bf92f35-77b3-4da6-a3ce-929d0e0e4736", "words": [TEXT],
}
WHERE = {
    "need": {"contains": TEXT, "mode": "insensitive"}, "num": {"gte": NUMBER, "not": 3}, "big": {"in": [NUMBER, "5"]}, "dec": {"lt": "1.5"},
    "at": {"gt": "2026-01-02T03:04:05Z"}, "doc": {"path": ["a"], "array_contains": [TEXT]}, "flag": True, "color": "RED", "words": {"has": TEXT},
    "uid": {"not": "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"}, "raw": "AAEC", "OR": [{"text": TEXT}, {"ratio": {"gt": 0.5}}], "NOT": {"short": TEXT},
    "owner": {"is": {"name": TEXT}},
}
PAGE = {"where": WHERE, "orderBy": [{"id": "asc"}], "take": 5, "skip": 1, "cursor": {"id": NUMBER}}
SELECT = {"select": {"id": True, "owner": {"select": {"name": True}}}}
STRATEGY = {"cacheStrategy": {"ttl": 60, "swr": 60, "tags": ["a"]}}
FIND = {**PAGE, "distinct": ["num"], **SELECT, **STRATEGY}
ONE = {"where": {"id": NUMBER, "need": TEXT}, **SELECT}
OWNER = {"create": {"id": NUMBER, "name": TEXT}}

#: One request for each operation, with a value wherever one may stand.
REQUESTS = {
    "findUnique": {**ONE, **STRATEGY}, "findUniqueOrThrow": ONE, "findFirst": FIND, "findFirstOrThrow": FIND, "findMany": FIND,
    "count": {**PAGE, **STRATEGY}, "aggregate": {**PAGE, "_sum": {"num": True}, **STRATEGY},
    "groupBy": {"by": ["color"], "where": WHERE, "having": {"num": {"_avg": {"gt": NUMBER}}}, "_count": True, "orderBy": {"color": "asc"}, "take": 1},
    "create": {"data": {**ROW, "owner": OWNER}, **SELECT}, "createMany": {"data": [ROW, {**ROW, "id": 3}], "skipDuplicates": False},
    "createManyAndReturn": {"data": [ROW], "select": {"id": True}},
    "update": {"where": {"id": 1}, "data": {**ROW, "id": 1, "num": {"increment": NUMBER}, "words": {"push": TEXT}}, **SELECT},
    "updateMany": {"where": WHERE, "data": {"need": TEXT, "num": {"set": NUMBER}}, "limit": 1},
    "updateManyAndReturn": {"where": {"id": NUMBER}, "data": {"need": TEXT}},
    "upsert": {"where": {"id": 77}, "create": ROW, "update": {"need": TEXT}}, "delete": {"where": {"id": NUMBER}}, "deleteMany": {"where": WHERE, "limit": 1},
    "$queryRaw": {"query": "SELECT $1::text AS a, $2::int AS b", "parameters": [TEXT, NUMBER]},
    "$executeRaw": {"query": 'UPDATE "Vault" SET need = $1 WHERE num = $2', "parameters": [TEXT, NUMBER]},
    "$transaction": {"requests": [{"model": "Vault", "operation": "findMany", "args": {"where": WHERE}}], "isolationLevel": "Serializable"},
    "$transaction.begin": {"maxWait": 100, "timeout": 1, "isolationLevel": "Serializable"}, "$transaction.commit": {}, "$transaction.rollback": {},
    "$transaction.savepoint": {"name": "a"}, "$transaction.rollbackTo": {"name": "a"}, "$transaction.release": {"name": "a"},
    "$accelerate.invalidate": {"tags": ["a"]}, "$accelerate.invalidateAll": {}, "$metrics": {"format": "json"}, "$connect": {}, "$schema": {},
    "$clock.advance": {"milliseconds": 5}, "$log.take": {"limit": 1},
}
#: What takes the place of each value in turn.
WRONG = [
    TEXT, NUMBER, -NUMBER - 0.5, f"{NUMBER}", [TEXT], [[NUMBER]], None, True, {"$type": "DateTime", "value": TEXT}, {"$type": "Decimal", "value": TEXT},
    {"$type": "BigInt", "value": f"{NUMBER}x"}, {"$type": "Bytes", "value": TEXT}, {"$type": "Enum", "value": TEXT}, {"$type": "Json", "value": "{" + TEXT},
    {"$type": TEXT, "value": TEXT}, {"_ref": TEXT, "_container": TEXT}, {"equals": TEXT}, {"set": TEXT}, {"increment": TEXT}, NUMBER * 10**20, TEXT * 100,
]


def places(value, path=()):
    """The places of all values below."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield path + (key,)
            yield from places(inner, path + (key,))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield path + (index,)
            yield from places(inner, path + (index,))


def replaced(value, path, by):
    value = copy.deepcopy(value)
    inner = value
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = by
    return value


def request_of(operation, args):
    request = {"operation": operation, "args": args}
    return request if operation.startswith("$") else {"model": "Vault", **request}


def test_there_is_a_request_for_every_operation(vault):
    known = vault.client.query({"operation": "nothing"}).error["meta"]["expected"]
    assert set(known) - set(REQUESTS) == set()


@pytest.mark.parametrize("operation", REQUESTS)
def test_a_wrong_value_anywhere_is_not_told(vault, operation):
    vault.ask(request_of(operation, REQUESTS[operation]))
    failed = 0
    for path in places(REQUESTS[operation]):
        # The text of an SQL statement is no value.
        if path == ("query",):
            continue
        for wrong in WRONG:
            failed += vault.ask(request_of(operation, replaced(REQUESTS[operation], path, wrong))).number < 0
    assert failed or not REQUESTS[operation]
    vault.check_rest()


#: Changes of `ROW` that the database refuses, each in its own way, with the code that tells of it.
REFUSED = [
    ({"text": TEXT}, "P2002"), ({"id": 1}, "P2002"), ({"num": NUMBER, "big": NUMBER}, "P2002"), ({"owner_id": NUMBER}, "P2003"),
    ({"ratio": NUMBER}, "P2004"), ({"short": TEXT}, "P2000"), ({"small": NUMBER}, None), ({"dec": f"{NUMBER}.5"}, "P2020"),
    ({"need": f"{TEXT})=(1, {NUMBER}", "uid": None, "words": None}, None), ({"small": 1}, None), ({"small": 2}, None), ({"small": 3}, None),
    ({"small": 5}, None), ({"need": f"{TEXT}\u0000"}, None), ({"at": f"{NUMBER}-01-01T00:00:00Z"}, None),
]


@pytest.mark.parametrize("parameters", ["", "pgbouncer"])
@pytest.mark.parametrize("change, code", REFUSED, ids=str)
def test_what_the_database_refuses_is_told_without_values(vault, make_vault, parameters, change, code):
    asked = make_vault(pgbouncer="true") if parameters else vault
    data = {**ROW, "text": None, **change}
    for request in (
        request_of("create", {"data": data}), request_of("createMany", {"data": [data]}),
        request_of("update", {"where": {"id": 1}, "data": {**data, "id": 1}}),
        {"operation": "$transaction", "args": {"requests": [request_of("create", {"data": data})]}},
    ):
        vault.database.sql.execute(RESET)
        reply = asked.ask(request)
        if request["operation"] == "create":
            assert reply.number < 0 and code in (None, reply.code), reply


def test_a_column_that_got_stricter_is_told_without_values(vault):
    """The row that fails is quoted by the server, here in a way that looks like the name of a key."""
    sql = vault.database.sql
    sql.execute(RESET + 'ALTER TABLE "Vault" ADD CONSTRAINT flags CHECK (flag), ALTER COLUMN at SET NOT NULL')
    try:
        for change in ({"at": None}, {"flag": False}, {"at": None, "need": f"{TEXT})=(x"}):
            assert vault.ask(request_of("create", {"data": {**ROW, "text": None, **change}})).status == "CONSTRAINT"
    finally:
        sql.execute('ALTER TABLE "Vault" DROP CONSTRAINT flags, ALTER COLUMN at DROP NOT NULL')


#: Statements that fail with a value in the server's message: the parameter's, then the data's.
QUOTING = [
    "SELECT {}::int", "SELECT {}::date", "SELECT {}::uuid", "SELECT {}::json", "SELECT {}::inet", "SELECT {}::\"Shade\"", "SELECT {}::bytea::text::bit",
    "SELECT {}::regclass", "SELECT ({} || '.x')::regclass", "SELECT ('a.' || {} || '.x')::regclass", "SELECT {}::regtype", "SELECT {}::regproc",
    "SELECT ({} || '(int)')::regprocedure", "SELECT {}::regrole", "SELECT {}::regnamespace", "SELECT {}::regconfig", "SELECT {}::regcollation",
    "SELECT {}::regoper", "SELECT ('a b ' || {})::regtype", "SELECT nextval({})", "SELECT currval({})", "SELECT current_setting({})",
    "SELECT set_config({}, 'x', true)", "SELECT set_config('role', {}, true)", "SELECT set_config('timezone', {}, true)",
    "SELECT set_config('search_path', '\"' || {}, true)", "SELECT pg_database_size({}::name)", "SELECT pg_tablespace_size({}::name)",
    "SELECT has_table_privilege({}, 'SELECT')", "SELECT has_table_privilege('\"User\"', {})", "SELECT pg_get_serial_sequence({}, 'a')",
    "SELECT pg_get_serial_sequence('\"User\"', {})", "SELECT to_char(1, {}) || ({})::int", "SELECT to_timestamp('x', {}) ", "SELECT to_date({}, 'YYYY-MM-DD')",
    "SELECT encode('a', {})", "SELECT decode({}, 'hex')", "SELECT regexp_match('a', '(' || {})", "SELECT 'a' ~ ('[' || {})", "SELECT 'a' LIKE {} ESCAPE {}",
    "SELECT timezone({}, now())", "SELECT extract(epoch FROM {}::interval)", "SELECT date_trunc({}, now())", "SELECT date_part({}, now())",
    "SELECT pg_read_file({})", "SELECT pg_ls_dir({})", "SELECT pg_stat_file({})", "SELECT lo_import({})", "SELECT pg_logdir_ls()::text || {}::int",
    "SELECT jsonb_path_query('{{}}', ('$.' || {} || '[')::jsonpath)", "SELECT '{{}}'::jsonb #- {}::text[]", "SELECT {}::int[]", "SELECT {}::int4range",
    "SELECT {}::tsquery || '('::tsquery", "SELECT ({} || '(')::tsquery", "SELECT {}::xml", "SELECT ('<a>' || {})::xml", "SELECT {}::pg_lsn", "SELECT {}::tid",
    "SELECT {}::point", "SELECT {}::macaddr", "SELECT {}::money", "SELECT {}::bit(3)", "SELECT {}::bool", "SELECT {}::numeric(2, 1)", "SELECT chr(-length({}))",
    "SELECT convert({}::bytea, 'UTF8', {}::name)", "SELECT convert_from('\\xff'::bytea, 'UTF8') || {}", "SELECT query_to_xml({}, true, true, '')",
    "SELECT table_to_xml({}::regclass, true, true, '')", "SELECT ts_stat({})", "SELECT to_tsvector({}::regconfig, 'a')", "SELECT setseed(length({}))",
    "SELECT pg_advisory_lock({}::bigint)", "SELECT pg_notify({}, repeat('x', 9000))", "SELECT pg_notify(repeat({}, 50), '')", "SELECT pg_create_restore_point(repeat({}, 500))",
    "SELECT format('%' || {}, 1)", "SELECT string_to_table({}, NULL)::int", "SELECT {}::aclitem", "SELECT ({} || '=r/x')::aclitem", "SELECT {}::txid_snapshot",
    "SELECT array_fill(1, ARRAY[length({})], ARRAY[1, 2])", "SELECT ('{{' || {})::jsonb", "SELECT jsonb_set('[]', ARRAY[{}], '1')", "SELECT normalize('a') || {}::int",
    "SELECT pg_export_snapshot() || {}::int", "SELECT pg_cancel_backend({}::int)", "SELECT pg_size_bytes({})", "SELECT to_number({}, '99')::int / 0", "SELECT parse_ident({} || '.')",
    "INSERT INTO \"Vault\" (id, need, text) SELECT 5, {}, {} FROM generate_series(1, 2)", "INSERT INTO \"Vault\" (id, need) VALUES (NULL, {})",
    "INSERT INTO \"Vault\" (id, need, ratio) VALUES (6, {}, 1e9)", "INSERT INTO \"Vault\" (id, need, small) VALUES (6, {}, 1)", "INSERT INTO \"Vault\" (id, need, small) VALUES (6, {}, 2)",
    "INSERT INTO \"Vault\" (id, need, small) VALUES (6, {}, 3)", "INSERT INTO \"Vault\" (id, need, small) VALUES (6, {}, 5)", "INSERT INTO \"Vault\" (id, need, short) VALUES (6, {}, {})",
    "INSERT INTO \"Vault\" (id, need, owner_id) VALUES (6, {}, length({}))",
]


@pytest.mark.parametrize("source", ["parameter", "data", "parameter, unprepared"])
def test_a_raw_statement_that_fails_tells_no_value(vault, make_vault, source):
    """P2010 shows the server's words where they are about the statement, and ours where they may be about values."""
    asked = make_vault(pgbouncer="true") if source == "parameter, unprepared" else vault
    vault.database.sql.execute(RESET)
    failed = 0
    for template in QUOTING:
        if source == "data":
            args = {"query": template.format(*["(SELECT need FROM \"Vault\" WHERE id = 1)"] * template.count("{}")), "parameters": []}
        else:
            args = {"query": template.format(*["$1::text"] * template.count("{}")), "parameters": [TEXT]}
        for operation in ("$queryRaw", "$executeRaw"):
            # Twice: the second time it is prepared already.
            replies = [asked.ask({"operation": operation, "args": args}) for _ in range(2)]
            failed += replies[0].number < 0
    assert failed > len(QUOTING)


@pytest.mark.parametrize("query, shown", [
    ("SELEC 1", 'at or near "SELEC"'), ("SELECT * FROM nowhere", '"nowhere" does not exist'), ("SELECT nothing FROM \"Vault\"", '"nothing" does not exist'),
    ("SELECT nothing($1::int)", "nothing(integer) does not exist"), ("SELECT $1::nothing", '"nothing" does not exist'), ("CREATE TABLE \"Vault\" ()", '"Vault" already exists'),
    ("DROP TABLE nothing", '"nothing" does not exist'), ("DROP TABLE \"Owner\"", "other objects depend on it"), ("SELECT id FROM \"Vault\" GROUP BY need", "must appear in the GROUP BY"),
])
def test_a_raw_statement_that_is_wrong_is_told_in_the_servers_words(vault, query, shown):
    """Those name objects of the database or quote the statement."""
    reply = vault.ask({"operation": "$queryRaw", "args": {"query": query, "parameters": ["1"] if "$1" in query else []}})
    assert reply.code == "P2010" and shown in reply.error["message"], reply


@pytest.fixture
def make_vault(server, vault):
    """Further clients of the same database."""
    made = []

    def make(**parameters):
        url = server.tcp_url(vault.database.name, user="keeper", password=PASSWORD, **parameters)
        made.append(Vault(vault.database, url))
        return made[-1]

    yield make
    for one in made:
        one.client.close()


def mutations(text):
    """Every prefix of a text, and the text with one character less, or with one more that means something."""
    for end in range(len(text)):
        yield text[:end]
    for index in range(len(text)):
        yield text[:index] + text[index + 1:]
        for more in "\"'@:/?&=%#{}()[]$\\ \n":
            yield text[:index] + more + text[index:]


def opening(config):
    """What opening a client, and connecting, says."""
    try:
        client = Client(config)
    except OpenError as error:
        return error.reply.error_text
    with client:
        reply = client.query({"operation": "$connect", "timeoutMs": 200})
        return f"{reply.error_text} {client.query({'operation': '$log.take'}).text}"


@pytest.mark.parametrize("change", [
    {"password": PASSWORD + "x"}, {"user": "nobody", "password": PASSWORD}, {"database": "canary_is_not_there"}, {"port": 1}, {"sslmode": "require"},
    {"sslmode": "verify-full"}, {"sslrootcert": "/canary", "sslmode": "verify-ca"}, {"sslcert": "/canary", "sslkey": "/canary"},
    {"options": f"-c {TEXT}=1"}, {"options": f"-c search_path={TEXT}"}, {"application_name": TEXT}, {"client_encoding": TEXT},
    {"host": f"/{TEXT}"}, {"connect_timeout": TEXT}, {"sslmode": TEXT}, {"target_session_attrs": TEXT}, {"channel_binding": TEXT}, {"sslpassword": TEXT},
], ids=str)
def test_a_connection_that_fails_tells_neither_password_nor_parameter(vault, server, change):
    """`canary` stands in each of the values: of the password, the database, the files, the options."""
    parts = {"user": "keeper", "password": PASSWORD, "database": vault.database.name, "port": server.port, **change}
    parameters = "&".join(f"{name}={value}" for name, value in parts.items() if name not in ("user", "password", "database", "port"))
    url = f"postgresql://{parts['user']}:{parts['password']}@127.0.0.1:{parts['port']}/{parts['database']}?{parameters}"
    config = {"schema": SCHEMA, "datasourceUrl": url, "log": LOG}
    words = opening(config)
    assert not leaks(words), words
    try:
        client = Client(config)
    except OpenError:
        return
    with client:
        for operation, args in REQUESTS.items():
            reply = client.query({**request_of(operation, args), "timeoutMs": 2000})
            assert not leaks(reply.error_text), (operation, reply)
        assert not leaks(client.query({"operation": "$log.take"}).text.decode())
        assert not leaks(client.query({"operation": "$metrics", "args": {"format": "prometheus"}}).text.decode())


def test_a_mistake_in_the_url_tells_no_password():
    url = f"postgresql://user:{PASSWORD}@127.0.0.1:1/db?sslmode=prefer&password={PASSWORD}&connect_timeout=1"
    for mistaken in mutations(url):
        # A host that has to be looked up takes its time, and says nothing else.
        if "127.0.0.1:1/" in mistaken or "127.0.0.1" not in mistaken[:45]:
            words = opening({"schema": "model A {\n  id Int @id\n}", "datasourceUrl": mistaken, "log": LOG})
            assert "passw0rd" not in words.lower(), (mistaken, words)


def test_a_mistake_in_the_schema_tells_no_password():
    schema = f'datasource db {{\n  provider = "postgresql"\n  url = "postgresql://user:{PASSWORD}@127.0.0.1:1/db"\n}}\nmodel A {{\n  id Int @id\n}}\n'
    for mistaken in mutations(schema):
        words = opening({"schema": mistaken, "log": LOG})
        assert "passw0rd" not in words.lower(), (mistaken, words)
