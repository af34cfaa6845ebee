"""Which requests share an entry, and which never do."""
import json

import pytest
from capi import Client
from scene import SCHEMA, Scene

TTL = {"ttl": 60}


def request(args, model="User", operation="findMany"):
    return json.dumps({"model": model, "operation": operation, "args": {**args, "cacheStrategy": TTL}})


def read(args, model="User", operation="findMany"):
    """The text of a read whose `args` are given as JSON text without the closing brace."""
    return f'{{"model":"{model}","operation":"{operation}","args":{args},"cacheStrategy":{{"ttl":60}}}}}}'


SAME = [
    ("order of keys", read('{"where":{"id":1,"name":"Alice"},"take":1'), read('{"take":1,"where":{"name":"Alice","id":1}')),
    ("white space", read('{"where":{"id":1}'), read('{ "where" : { "id" :\n1 } ')),
    ("escapes", read('{"where":{"name":"Alice"}'), read('{"where":{"n\\u0061me":"\\u0041lice"}')),
    ("1.0 for 1", read('{"where":{"id":1}'), read('{"where":{"id":1.0}')),
    ("1e0 for 1", read('{"where":{"id":1}'), read('{"where":{"id":1e0}')),
    ("another offset", read('{"where":{"moment":"2026-01-02T03:04:05.678Z"}', "Sample"),
     read('{"where":{"moment":"2026-01-02T05:34:05.678+02:30"}', "Sample")),
    ("BigInt as text", read('{"where":{"big":9007199254740993}', "Sample"), read('{"where":{"big":"9007199254740993"}', "Sample")),
    ("no args and empty ones", read('{"where":{}'), read("{").replace("{,", "{")),
]


@pytest.mark.parametrize("first, second", [pair[1:] for pair in SAME], ids=[pair[0] for pair in SAME])
def test_26_written_differently_but_one_entry(scene, first, second):
    miss, hit = scene.client.query(first), scene.client.query(second)
    assert (miss.cache, hit.cache) == ("miss", "ttl"), (miss, hit)
    assert miss.text == hit.text and miss.info["signature"] == hit.info["signature"]
    assert scene.client.query(second).cache == "ttl"


DIFFERENT = [
    ("null and absent", {"where": {"name": None}}, {"where": {}}),
    ("null and absent in or", {"where": {"OR": [{"name": None}]}}, {"where": {"OR": [{}]}}),
    ("empty OR and none", {"where": {"OR": []}}, {"where": {}}),
    ("value", {"where": {"id": 1}}, {"where": {"id": 2}}),
    ("operator", {"where": {"id": {"gt": 1}}}, {"where": {"id": {"gte": 1}}}),
    ("mode", {"where": {"name": {"equals": "alice"}}}, {"where": {"name": {"equals": "alice", "mode": "insensitive"}}}),
    ("select", {"select": {"id": True}}, {"select": {"id": True, "name": True}}),
    ("select and nothing", {"select": {"id": True}}, {}),
    ("omit", {"omit": {"id": True}}, {}),
    ("order of orderBy", {"orderBy": [{"name": "asc"}, {"id": "asc"}]}, {"orderBy": [{"id": "asc"}, {"name": "asc"}]}),
    ("direction", {"orderBy": {"id": "asc"}}, {"orderBy": {"id": "desc"}}),
    ("take", {"take": 1}, {"take": 2}),
    ("sign of take", {"take": 1}, {"take": -1}),
    ("skip", {"skip": 0}, {"skip": 1}),
    ("distinct", {"distinct": ["name"]}, {}),
    ("string that looks alike", {"where": {"name": "1"}}, {"where": {"name": "1 "}}),
    ("AND and OR", {"where": {"AND": [{"id": 1}, {"name": "Bob"}]}}, {"where": {"OR": [{"id": 1}, {"name": "Bob"}]}}),
    ("NOT", {"where": {"id": 1}}, {"where": {"NOT": {"id": 1}}}),
]


@pytest.mark.parametrize("first, second", [pair[1:] for pair in DIFFERENT], ids=[pair[0] for pair in DIFFERENT])
def test_27_never_one_entry(scene, first, second):
    assert scene.client.query(request(first)).cache == "miss"
    assert scene.client.query(request(second)).cache == "miss"
    assert scene.client.query(request(first)).cache == "ttl"
    assert scene.client.query(request(second)).cache == "ttl"


OPERATIONS = [
    (("findFirst", {}), ("findMany", {"take": 1})),
    (("findFirst", {"where": {"id": 1}}), ("findFirstOrThrow", {"where": {"id": 1}})),
    (("findUnique", {"where": {"id": 1}}), ("findUniqueOrThrow", {"where": {"id": 1}})),
    (("findUnique", {"where": {"id": 1}}), ("findFirst", {"where": {"id": 1}})),
    (("count", {}), ("aggregate", {"_count": True})),
    (("count", {}), ("count", {"select": {"_all": True}})),
]


@pytest.mark.parametrize("first, second", OPERATIONS, ids=lambda pair: pair[0])
def test_27_operations_do_not_share(scene, first, second):
    replies = [scene.client.query(request(args, operation=operation)) for operation, args in (first, second)]
    assert [reply.cache for reply in replies] == ["miss", "miss"]
    assert replies[0].info["signature"] != replies[1].info["signature"]


def signature(config):
    with Client(config) as client:
        return client.query(request({})).info["signature"]


def test_27_data_models_that_differ_in_a_field_differ(scene):
    other = dict(scene.config, schema=SCHEMA.replace("name  String?", "name  String? @map(\"name\")\n  nick  String? @ignore"))
    assert signature(scene.config) == signature(dict(scene.config))
    without = dict(scene.config, schema=SCHEMA.replace("  name  String?\n", ""))
    assert signature(without) != signature(scene.config)
    assert signature(other) is not None


def test_27_search_paths_and_roles_do_not_share_data(scene):
    scene.database.sql.execute(
        'CREATE SCHEMA other; CREATE TABLE other."User" (LIKE "User" INCLUDING ALL);'
        " INSERT INTO other.\"User\" (name, email) VALUES ('Other', 'o@example.org')")
    with_schema = Scene(scene.database, url={"schema": "other"})
    assert [user["name"] for user in with_schema.find(TTL).data] == ["Other"]
    assert len(scene.find(TTL).data) == 4
    assert len(scene.find(TTL).data) == 4
    assert [user["name"] for user in with_schema.find(TTL).data] == ["Other"]
    with_schema.close()


def test_28_strategy_and_tags_are_no_part_of_the_key(scene):
    assert scene.find({"ttl": 60, "tags": ["a"]}).cache == "miss"
    assert scene.find({"ttl": 61, "swr": 3}).cache == "ttl"
    assert scene.find({"ttl": 5, "tags": ["b", "c"]}).cache == "ttl"
    assert scene.reads() == 1


def test_28_a_comment_in_the_schema_is_no_part_of_the_key(scene):
    commented = dict(scene.config, schema="// a comment\n" + SCHEMA.replace("model User {", "/// documented\nmodel User { // here"))
    assert signature(commented) == signature(scene.config)
