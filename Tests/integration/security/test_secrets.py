"""A canary password and a canary value go through every path; neither comes out in an error, an info, a metric or the log.

Answers of reads hold data, and names (of fields, models, schemas, tags) are no data, nor is the text of raw SQL. Everything else must
be free of both, whatever fails.
"""
import copy

import pytest
from vault import NUMBER, PASSWORD, REQUESTS, RESET, ROW, TABLES, TEXT, WRONG, Vault, request_of


@pytest.fixture(scope="module")
def vault(server, shared_database):
    """A database and a client of it, and rows that hold the canary."""
    shared_database.sql.execute(TABLES + RESET)
    shared_database.sql.execute(f"CREATE ROLE keeper SUPERUSER LOGIN PASSWORD '{PASSWORD}'")
    vault = Vault(shared_database, server.tcp_url(shared_database.name, user="keeper", password=PASSWORD))
    yield vault
    vault.client.close()
    shared_database.sql.execute("REASSIGN OWNED BY keeper TO accelerant; DROP OWNED BY keeper; DROP ROLE keeper")


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
