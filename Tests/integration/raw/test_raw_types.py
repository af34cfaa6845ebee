"""Raw SQL with types: what parameters are bound as, and `"types": true`, which names the types of the columns."""
import pytest
from capi import Client


def raw(client, query, *parameters, operation="$queryRaw", **more):
    args = {"query": query, "parameters": list(parameters)}
    if more.pop("types", operation == "$queryRaw"):
        args["types"] = True
    return client.query({"operation": operation, "args": args, **more})


def table(client, query, *parameters, **more):
    reply = raw(client, query, *parameters, **more)
    assert reply.number == 0, reply
    return reply.data


def value(client, query, *parameters):
    """The one value of the one row, with its type."""
    answer = table(client, query, *parameters)
    return answer["types"][0], answer["rows"][0][0]


def tagged(type, value):
    return {"$type": type, "value": value}


# What parameters are bound as.

@pytest.mark.parametrize("cast, parameter, expected", [
    ("int4", 42.51, 43), ("int4", -0.5, 0), ("int8", 1e10, "10000000000"), ("numeric", 42, "42"), ("text", 42, "42"), ("float8", 7, 7),
    ("int4", tagged("Decimal", "42.51"), 43), ("int4", tagged("BigInt", "7"), 7), ("int4", True, 1), ("text", True, "true"),
    ("date", "2024-02-29", "2024-02-29"), ("uuid", "936da01f-9abd-4d9d-80c7-02af85c822a8", "936da01f-9abd-4d9d-80c7-02af85c822a8"),
    ("int4[]", [1.4, 2.6], [1, 3]), ("text[]", [1, 2], ["1", "2"]),
], ids=str)
def test_a_cast_converts_a_parameter(reader, cast, parameter, expected):
    assert value(reader.client, f"SELECT $1::{cast} AS v", parameter)[1] == expected


@pytest.mark.parametrize("parameter, type, expected", [
    (42, "int", 42), (2**31, "bigint", "2147483648"), (-(2**63), "bigint", str(-(2**63))), (2**63, "decimal", str(2**63)),
    (42.51, "double", 42.51), (1.0, "double", 1), (1e300, "double", 1e300), (True, "bool", True), (None, "string", None), ("a", "string", "a"),
    (tagged("BigInt", "5"), "bigint", "5"), (tagged("Decimal", "1.50"), "decimal", "1.5"), (tagged("Bytes", "AP8="), "bytes", "AP8="),
    ({"a": [1, None]}, "json", {"a": [1, None]}), (tagged("Json", '"x"'), "json", "x"), ([{"a": 1}], "json", [{"a": 1}]),
    ([1, 2], "int-array", [1, 2]), ([1, 2**40], "bigint-array", ["1", str(2**40)]), ([1, 2.5], "double-array", [1, 2.5]),
    ([2**60 + 1, 0.5], "decimal-array", [str(2**60 + 1), "0.5"]), ([True, None], "bool-array", [True, None]),
    ([tagged("BigInt", "1"), tagged("BigInt", "2")], "bigint-array", ["1", "2"]), ([tagged("Bytes", "AA==")], "bytes-array", ["AA=="]),
    ([tagged("Decimal", "1.10"), 2], "decimal-array", ["1.1", "2"]),
], ids=str)
def test_a_parameter_has_the_type_of_its_value(reader, parameter, type, expected):
    assert value(reader.client, "SELECT $1 AS v", parameter) == (type, expected)


def test_digits_that_a_double_does_not_hold_are_kept(reader):
    text = b'{"operation": "$queryRaw", "args": {"query": "SELECT $1 AS v", "parameters": [0.12345678901234567890123], "types": true}}'
    assert reader.client.query(text).data["rows"] == [["0.12345678901234567890123"]]


def test_a_text_whose_place_says_nothing_of_a_type_is_a_text(reader):
    for _ in range(2):
        assert value(reader.client, "SELECT jsonb_build_object('a', $1, 'b', $2) AS v", "x", 1) == ("json", {"a": "x", "b": 1})


@pytest.mark.parametrize("query", ["SELECT 1", "SELECT '$1'", "SELECT 1 -- $1", "SELECT $$ $1 $$", 'SELECT 1 AS "$1"'])
@pytest.mark.parametrize("parameter", [1, 1.5, "a", True, None, [1]])
def test_a_value_that_no_parameter_takes_is_refused(reader, query, parameter):
    assert raw(reader.client, query, parameter).code == "P2010"


def test_executing_binds_the_same_way(scene):
    assert raw(scene.client, 'UPDATE "User" SET name = $1::int4::text WHERE id = $2::int8', 6.7, 1.0, operation="$executeRaw").data == 1
    assert scene.find(where={"id": 1}).data[0]["name"] == "7"


# What the answer says.

COLUMNS = [
    ("true", "bool", True), ("7::int2", "int", 7), ("7::int4", "int", 7), ("7::int8", "bigint", "7"), ("7::oid", "bigint", "7"),
    ("1.5::float4", "float", 1.5), ("1.5::float8", "double", 1.5), ("1.50::numeric", "decimal", "1.5"), ("'a'::text", "string", "a"),
    ("'a'::varchar(3)", "string", "a"), ("'a'::char(2)", "string", "a "), ("'a'::\"char\"", "char", "a"), ("'a'::name", "string", "a"),
    (r"'\x00ff'::bytea", "bytes", "AP8="), ("'{\"a\": 1}'::json", "json", {"a": 1}), ("'null'::jsonb", "json", None),
    ("'936DA01F-9ABD-4D9D-80C7-02AF85C822A8'::uuid", "uuid", "936da01f-9abd-4d9d-80c7-02af85c822a8"), ("'<a/>'::xml", "xml", "<a/>"),
    ("'2024-01-02 03:04:05.678901'::timestamp", "datetime", "2024-01-02T03:04:05.678Z"),
    ("'2024-01-02 03:04:05.678901+02'::timestamptz", "datetime", "2024-01-02T01:04:05.678Z"), ("'2024-01-02'::date", "date", "2024-01-02"),
    ("'0044-03-15 BC'::date", "date", "-000043-03-15"), ("'5874897-12-31'::date", "date", "+5874897-12-31"),
    ("'03:04:05.678901'::time", "time", "03:04:05.678"), ("'24:00'::time", "time", "24:00:00.000"),
    ("'03:04:05.5+02'::timetz", "time", "01:04:05.500"), ("count(*)", "bigint", "1"), ("'1.2.3.4'::inet", "string", "1.2.3.4"),
    ("'1 day'::interval", "string", "1 day"), ("B'101'", "string", "101"), ("int4range(1, 3)", "string", "[1,3)"),
    ("ARRAY[1, NULL]", "int-array", [1, None]), ("ARRAY[7::int8]", "bigint-array", ["7"]), ("ARRAY[[1, 2], [3, 4]]", "int-array", [[1, 2], [3, 4]]),
    ("ARRAY['a', 'b,\"']", "string-array", ["a", 'b,"']), ("ARRAY[1.5::numeric]", "decimal-array", ["1.5"]),
    ("ARRAY['2024-01-02'::date]", "date-array", ["2024-01-02"]), ("ARRAY['03:04'::time]", "time-array", ["03:04:00.000"]),
    ("ARRAY['2024-01-02'::timestamp]", "datetime-array", ["2024-01-02T00:00:00.000Z"]), ("ARRAY['{}'::jsonb]", "json-array", [{}]),
    ("ARRAY[gen_random_uuid()] IS NULL", "bool", False), ("'happy'::raw_mood", "enum", "happy"),
    ("ARRAY['happy', NULL, 'so so']::raw_mood[]", "enum-array", ["happy", None, "so so"]), ("ROW(1, 'a')::raw_pair", "string", "(1,a)"),
    ("ARRAY[ROW(1, 'a b')::raw_pair]", "string-array", ['(1,"a b")']), ("NULL::int4", "int", None), ("NULL::int4[]", "int-array", None),
    ("pg_sleep(0)", "unknown", None),
]


@pytest.fixture(scope="module")
def typed(reader, shared_database):
    shared_database.sql.execute("CREATE TYPE raw_mood AS ENUM ('happy', 'so so')")
    shared_database.sql.execute("CREATE TYPE raw_pair AS (a int, b text)")
    return reader.client


@pytest.mark.parametrize("expression, type, expected", COLUMNS, ids=[column[0] for column in COLUMNS])
def test_types_have_prisma_s_names_and_forms(typed, expression, type, expected):
    assert table(typed, f"SELECT {expression} AS v") == {"columns": ["v"], "types": [type], "rows": [[expected]]}


def test_forms_do_not_depend_on_how_the_server_sends_them(typed):
    """A range has no binary form here, so with it all columns come as text."""
    for expression, type, expected in COLUMNS:
        answer = table(typed, f"SELECT {expression} AS v, int4range(1, 3) AS r")
        assert (answer["types"][0], answer["rows"][0][0]) == (type, expected), expression


def test_columns_may_have_the_same_name_or_none(typed):
    assert table(typed, 'SELECT 1 AS a, 2 AS a, 3 AS "é", 4 AS "e\u0301"') == {
        "columns": ["a", "a", "é", "e\u0301"], "types": ["int"] * 4, "rows": [[1, 2, 3, 4]]}
    assert table(typed, "SELECT") == {"columns": [], "types": [], "rows": [[]]}


def test_names_that_look_alike_are_two_members_without_types(typed):
    rows = raw(typed, 'SELECT 3 AS "é", 4 AS "e\u0301"', types=False).data
    assert list(rows[0].items()) == [("é", 3), ("e\u0301", 4)]


def test_no_rows_and_no_columns_are_told(typed):
    assert table(typed, "SELECT 1 AS a WHERE false") == {"columns": ["a"], "types": ["int"], "rows": []}
    assert table(typed, "DO $$ BEGIN END $$") == {"columns": [], "types": [], "rows": []}


def test_types_are_named_in_transactions_too(typed):
    request = {"operation": "$queryRaw", "args": {"query": "SELECT 'happy'::raw_mood AS m", "types": True}}
    expected = {"columns": ["m"], "types": ["enum"], "rows": [["happy"]]}
    assert typed.data({"operation": "$transaction", "args": {"requests": [request]}}) == [expected]
    id = typed.data({"operation": "$transaction.begin"})["id"]
    assert typed.data({**request, "transaction": id}) == expected
    typed.data({"operation": "$transaction.commit", "transaction": id})


def test_an_answer_over_the_limit_is_refused(make_scene):
    client = make_scene(limits={"responseBytes": 2000}).client
    assert raw(client, "SELECT repeat('x', 100) AS v FROM generate_series(1, 100)").code == "P6009"
    assert table(client, "SELECT 1 AS v")["rows"] == [[1]]


WIDE = """INSERT INTO "User" (email, name) SELECT 'wide' || n, repeat('x', 300) FROM generate_series(1, 10) AS n RETURNING *"""


def test_a_statement_whose_answer_is_refused_says_that_it_was_carried_out(make_scene):
    scene = make_scene(limits={"responseBytes": 2000})
    reply = raw(scene.client, WIDE)
    assert reply.code == "P6009" and reply.meta["committed"] is True and "has taken effect" in reply.error["message"]
    assert scene.find(operation="count").data == 14
    assert "committed" not in raw(scene.client, "SELECT repeat('x', 100) AS v FROM generate_series(1, 100)").meta


def test_a_transaction_does_not_commit_a_statement_whose_answer_is_refused(make_scene):
    scene = make_scene(limits={"responseBytes": 2000})
    id = scene.client.data({"operation": "$transaction.begin"})["id"]
    reply = scene.client.query({"operation": "$queryRaw", "args": {"query": WIDE}, "transaction": id})
    assert reply.code == "P6009" and "committed" not in reply.meta
    assert scene.client.query({"operation": "$transaction.commit", "transaction": id}).code == "P2028"
    assert scene.find(operation="count").data == 4
    id = scene.client.data({"operation": "$transaction.begin"})["id"]
    assert scene.client.query({"operation": "$queryRaw", "args": {"query": "SELECT repeat('x', 3000)"}, "transaction": id}).code == "P6009"
    scene.client.data({"operation": "$transaction.commit", "transaction": id})


@pytest.mark.parametrize("args", [{"query": "SELECT 1", "types": 1}, {"query": "SELECT 1", "types": "yes"}])
def test_types_is_true_or_false(reader, args):
    assert reader.client.query({"operation": "$queryRaw", "args": args}).meta["kind"] == "wrongType"
    assert reader.client.query({"operation": "$executeRaw", "args": args}).meta["kind"] == "unknownArgument"


# Texts of several statements, and of none.

def test_several_statements_without_parameters_happen_together(scene):
    script = """UPDATE "User" SET name = 'a;b' WHERE id = 1; -- one; comment
        DELETE FROM "User" WHERE id = 2; /* another; one */ DO $x$ BEGIN PERFORM 1; END $x$;"""
    assert raw(scene.client, script, operation="$executeRaw").data == 2
    assert [user["name"] for user in scene.find(where={"id": {"lt": 3}}).data] == ["a;b"]
    failing = raw(scene.client, """UPDATE "User" SET name = 'x'; SELECT 1/0""", operation="$executeRaw")
    assert (failing.code, failing.meta["code"]) == ("P2010", "22012")
    assert scene.find(where={"name": "x"}).data == []


def test_several_statements_give_the_rows_of_the_last(reader):
    assert raw(reader.client, "SELECT 1 AS a; SELECT 2.5::numeric AS b, '{1}'::int[] AS c;", types=False).data == [{"b": "2.5", "c": [1]}]
    assert table(reader.client, "SELECT 1 AS a; SELECT 2 AS b; SET LOCAL work_mem = '1MB'") == {"columns": ["b"], "types": ["int"], "rows": [[2]]}


def test_several_statements_take_no_parameters(reader):
    reply = raw(reader.client, "SELECT $1::int; SELECT 2", 1)
    assert (reply.code, reply.meta["code"]) == ("P2010", "42601")


@pytest.mark.parametrize("script", ["BEGIN; SELECT 1", "SELECT 1; COMMIT; SELECT 2; BEGIN", "COPY (SELECT 1) TO STDOUT; SELECT 1"])
def test_several_statements_leave_no_connection_behind_in_a_transaction(make_scene, script):
    scene = make_scene(url={"connection_limit": 1})
    assert raw(scene.client, script, operation="$executeRaw").code == "P2010"
    assert scene.find(operation="count").data == 4
    assert table(scene.client, "SELECT pg_current_xact_id_if_assigned() IS NULL AS v")["rows"] == [[True]]


def test_several_statements_end_no_transaction_of_the_client_s(scene):
    id = scene.client.data({"operation": "$transaction.begin"})["id"]
    script = {"operation": "$executeRaw", "args": {"query": """UPDATE "User" SET name = 'x'; /**/ COMMIT; SELECT 1"""}, "transaction": id}
    assert scene.client.query(script).meta["code"] == "25001"
    fine = {"operation": "$executeRaw", "args": {"query": """UPDATE "User" SET name = 'y'; SELECT 1;"""}, "transaction": id}
    assert scene.client.data(fine) == 5
    scene.client.data({"operation": "$transaction.rollback", "transaction": id})
    assert scene.find(where={"name": "y"}).data == []


def test_several_statements_invalidate_what_they_write(scene):
    strategy = {"ttl": 60, "auto": True}
    assert scene.find(strategy, operation="count").data == 4
    raw(scene.client, """SELECT 1; DELETE FROM "User" WHERE id = 1""", operation="$executeRaw")
    assert scene.find(strategy, operation="count").data == 3


COPYING = [
    "COPY (DELETE FROM \"User\" WHERE id = 1 RETURNING id) TO STDOUT", "/* a */ copy (DELETE FROM \"User\" WHERE id = 1 RETURNING id) to /**/ stdin (FORMAT csv)",
    "COPY \"User\" FROM STDIN", "SELECT 1; COPY (DELETE FROM \"User\" WHERE id = 1 RETURNING id) TO STDOUT; COMMIT",
]


@pytest.mark.parametrize("text", COPYING)
def test_a_copy_through_the_client_is_refused_before_anything_happens(scene, text):
    strategy = {"ttl": 60, "auto": True}
    assert scene.find(strategy, operation="count").data == 4
    reply = raw(scene.client, text, operation="$executeRaw")
    assert (reply.code, reply.meta["code"]) == ("P2010", "0A000")
    assert scene.database.sql.value('SELECT count(*) FROM "User"') == "4" and scene.find(strategy, operation="count").data == 4


def test_a_copy_through_the_client_leaves_its_transaction_open(scene):
    id = scene.client.data({"operation": "$transaction.begin"})["id"]
    assert raw(scene.client, COPYING[0], operation="$executeRaw", transaction=id).meta["code"] == "0A000"
    assert raw(scene.client, "DELETE FROM \"User\" WHERE id = 2", operation="$executeRaw", transaction=id).data == 1
    assert scene.client.query({"operation": "$transaction.commit", "transaction": id}).number == 0
    assert scene.find(operation="count").data == 3


def test_a_copy_of_a_file_of_the_server_is_no_such_copy(scene):
    assert raw(scene.client, "COPY (SELECT 1 AS stdout) TO PROGRAM 'cat > /dev/null'", operation="$executeRaw").data == 1


@pytest.mark.parametrize("text", ["", " ", "-- nothing", ";", " ; /* ; */ ;"])
def test_a_text_without_a_statement_does_nothing(scene, text):
    assert raw(scene.client, text, operation="$executeRaw").data == 0
    assert raw(scene.client, text, types=False).data == []
    assert table(scene.client, text) == {"columns": [], "types": [], "rows": []}
    id = scene.client.data({"operation": "$transaction.begin"})["id"]
    assert raw(scene.client, text, operation="$executeRaw", transaction=id).data == 0
    scene.client.data({"operation": "$transaction.commit", "transaction": id})


def test_behind_a_pooler_types_are_the_same(database):
    client = Client({"schema": 'datasource db {\n  provider = "postgresql"\n}\nmodel A {\n  id Int @id\n}\n', "datasourceUrl": database.url(pgbouncer="true")})
    try:
        for _ in range(2):
            assert table(client, "SELECT $1::int4 AS a, $2 AS b, jsonb_build_array($3) AS c", 42.5, [1, 2], "x") == {
                "columns": ["a", "b", "c"], "types": ["int", "int-array", "json"], "rows": [[42, [1, 2], ["x"]]]}
        assert raw(client, "SELECT 1; SELECT 2", types=False).data == [{"?column?": 2}]
    finally:
        client.close()


@pytest.mark.parametrize("where, values, is_kept", [
    ("at > $1::timestamptz AND f < $2::float8", ["2020-01-01T00:00:00Z", "1"], True), ("at > $1", [tagged("DateTime", "2020-01-01T00:00:00Z")], True),
    ("at > $1", ["2020-01-01T00:00:00Z"], False), ("at > $1::timestamptz OR at = $1", ["2020-01-01T00:00:00Z"], False),
])
def test_a_statement_stays_prepared_where_no_column_gives_a_moment_its_type(database, where, values, is_kept):
    database.sql.execute("CREATE TABLE event (at timestamptz, f float8)")
    with Client({"datasourceUrl": database.url(connection_limit=1)}) as client:
        for _ in range(3):
            assert table(client, f"SELECT at FROM event WHERE {where}", *values)["rows"] == []
        plans = "SELECT sum(generic_plans + custom_plans)::int FROM pg_prepared_statements WHERE statement LIKE 'SELECT at FROM event%'"
        assert value(client, plans) == ("int", 3 if is_kept else 0)
