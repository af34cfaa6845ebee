"""Raw SQL, and the numbers that `$metrics` gives."""
import re

import pytest


def raw(scene, query, *parameters, operation="$queryRaw"):
    return scene.client.query({"operation": operation, "args": {"query": query, "parameters": list(parameters)}})


def test_query_raw_gives_rows(reader):
    reply = raw(reader, 'SELECT id, name FROM "User" WHERE id <= $1 ORDER BY id', 3)
    assert reply.data == [{"id": 1, "name": "Alice"}, {"id": 2, "name": "Bob"}, {"id": 3, "name": None}]
    assert reply.info is None or reply.cache == "none"


@pytest.mark.parametrize("parameter, cast", [
    (1, "int"), (-(2**53), "bigint"), ("text", "text"), ("", "text"), (True, "boolean"), (None, "text"), (1.5, "float8"),
    ("2026-01-02", "date"), ("naïve ☃ 𝄞", "text"), ("'; --", "text"),
])
def test_parameters_arrive_as_they_are(reader, parameter, cast):
    rows = raw(reader, f"SELECT $1::{cast}::text AS value", parameter).data
    expected = "true" if parameter is True else None if parameter is None else str(parameter)
    assert rows == [{"value": expected}]


def test_execute_raw_gives_the_number_of_rows(scene):
    assert raw(scene, 'UPDATE "User" SET name = $1 WHERE id > $2', "X", 2, operation="$executeRaw").data == 2
    assert raw(scene, 'DELETE FROM "User" WHERE id = $1', 99, operation="$executeRaw").data == 0
    assert [user["name"] for user in scene.find(orderBy={"id": "asc"}).data] == ["Alice", "Bob", "X", "X"]


@pytest.mark.parametrize("query, parameters", [
    ("SELEC 1", []), ("SELECT $1::int", []), ("SELECT 1/0", []), ("SELECT * FROM nowhere", []), ("SELECT 1; SELECT $1", [1]),
    ("SELECT $1::int", ["word"]),
])
def test_a_raw_query_that_fails_is_p2010(reader, query, parameters):
    reply = raw(reader, query, *parameters)
    assert reply.code == "P2010" and reply.number < 0, reply
    assert reader.find().number == 0


@pytest.mark.parametrize("args", [
    {}, {"query": 1}, {"query": "SELECT 1", "parameters": {}}, {"query": "SELECT 1", "parameters": 1}, {"query": "SELECT 1", "more": 1},
    {"parameters": []}, {"query": "SELECT 1\x00"},
], ids=str)
def test_raw_arguments_are_checked(reader, args):
    assert reader.client.query({"operation": "$queryRaw", "args": args}).status == "INVALID_REQUEST"


def test_a_failed_statement_leaves_a_usable_connection(make_scene):
    scene = make_scene(url={"connection_limit": 1})
    for statement in ("BEGIN", "SELECT 1/0", "BEGIN; SELECT 1/0", "LOCK TABLE nowhere"):
        raw(scene, statement, operation="$executeRaw")
        assert scene.find(operation="count").number == 0, statement


def test_metrics_as_json(scene):
    scene.find({"ttl": 60})
    metrics = scene.client.data({"operation": "$metrics"})
    assert set(metrics) == {"counters", "gauges", "histograms"}
    names = {metric["key"] for kind in metrics.values() for metric in kind}
    assert {"prisma_client_queries_total", "prisma_pool_connections_open", "prisma_client_queries_duration_histogram_ms"} <= names
    assert any(name.startswith("accelerant_cache_") for name in names)
    counts = {metric["key"]: metric["value"]["count"] for metric in metrics["histograms"]}
    assert set(counts.values()) == {1}, counts
    assert scene.metric("prisma_pool_connections_opened_total") == 1
    assert scene.client.data({"operation": "$metrics", "args": {"format": "json"}}).keys() == metrics.keys()


LINE = re.compile(r'[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-z]+="[^"]*",?)*\})? [-+0-9.eE]+|# (HELP|TYPE) .+')


def test_metrics_as_prometheus_text(scene):
    scene.find({"ttl": 60})
    scene.find({"ttl": 60})
    text = scene.client.data({"operation": "$metrics", "args": {"format": "prometheus"}})
    lines = [line for line in text.split("\n") if line]
    assert lines and all(LINE.fullmatch(line) for line in lines), [line for line in lines if not LINE.fullmatch(line)]
    samples = [line.split(" ")[0] for line in lines if not line.startswith("#")]
    assert len(samples) == len(set(samples))
    assert scene.metric("accelerant_cache_hits_total") == 1


def test_an_unknown_format_is_refused(reader):
    assert reader.client.query({"operation": "$metrics", "args": {"format": "xml"}}).status == "INVALID_REQUEST"


def test_the_manual_clock_is_for_clients_opened_with_it(make_scene):
    scene = make_scene(clock="system")
    advance = {"operation": "$clock.advance", "args": {"milliseconds": 1000}}
    assert scene.client.query(advance).status == "INVALID_REQUEST"
    assert make_scene().client.query(advance).number == 0


@pytest.mark.parametrize("milliseconds", [-1, 1.5, "1", None, 10**30, True])
def test_the_manual_clock_moves_forward_in_whole_milliseconds(reader, milliseconds):
    reply = reader.client.query({"operation": "$clock.advance", "args": {"milliseconds": milliseconds}})
    assert reply.status == "INVALID_REQUEST"


def test_connect_shows_a_wrong_url_at_once(scene, make_scene):
    assert scene.client.query({"operation": "$connect"}).number == 0
    assert scene.database.connections() == 1


def test_schema_describes_the_models(reader):
    schema = reader.client.data({"operation": "$schema"})
    assert list(schema["models"]) == ["User", "Sample", "OrderItem"]
    fields = schema["models"]["Sample"]["fields"]
    assert fields["big"]["type"] == "BigInt" and not fields["big"]["list"] and not fields["big"]["relation"]
    assert fields["words"]["list"] is True and fields["color"]["type"] == "Color"
    assert "Color" in schema["enums"]
