"""AccelerateInfo: five fields, what they mean, and that a hit gives the very bytes of its miss."""
import os
import re
import subprocess
import sys
import uuid

import pytest
from capi import LIBRARY
from paths import program_source

FIELDS = ["cacheStatus", "lastModified", "region", "requestId", "signature"]
BOTH = {"ttl": 60, "swr": 60}


def replies_of_every_status(scene):
    yield scene.find()
    yield scene.find(BOTH)
    yield scene.find(BOTH)
    scene.advance(60)
    with scene.database.locked():
        yield scene.find(BOTH)


def test_22_the_five_fields_are_always_there(scene):
    replies = list(replies_of_every_status(scene))
    assert [reply.cache for reply in replies] == ["none", "miss", "ttl", "swr"]
    for reply in replies:
        assert list(reply.info) == FIELDS
        assert all(isinstance(value, str) and value for value in reply.info.values())
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", reply.info["lastModified"])


def test_22_last_modified_is_when_the_data_was_read(scene):
    miss = scene.find({"ttl": 60})
    scene.advance(30)
    hits = [scene.find({"ttl": 60}) for _ in range(3)]
    assert {reply.info["lastModified"] for reply in hits} == {miss.info["lastModified"]}
    assert scene.find().info["lastModified"] > miss.info["lastModified"]


def test_22_every_call_has_a_request_id_of_its_own(scene):
    ids = [scene.find({"ttl": 60}).info["requestId"] for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {uuid.UUID(text).version for text in ids} == {7}
    assert uuid.UUID(scene.invalidate("a").data["requestId"]).version == 7
    assert uuid.UUID(scene.invalidate_all().data["requestId"]).version == 7


def test_22_the_info_of_one_reply_does_not_change(scene):
    status, live = scene.client.live({"model": "User", "operation": "count"})
    assert status == 0
    assert live.info() == live.info()
    live.free()


def test_23_the_signature_is_the_same_in_another_process(scene):
    script = program_source("signature.py")
    environment = dict(os.environ, ACCELERANT_LIBRARY=LIBRARY)
    command = [sys.executable, script, scene.database.url()]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.strip() == scene.find(where={"name": "Alice"}).info["signature"]


def test_23_different_queries_have_different_signatures(scene):
    requests = [
        {}, {"where": {"id": 1}}, {"where": {"id": 2}}, {"where": {"name": None}}, {"take": 1}, {"take": 2}, {"skip": 1},
        {"orderBy": {"id": "asc"}}, {"orderBy": {"id": "desc"}}, {"select": {"id": True}}, {"omit": {"id": True}}, {"distinct": ["name"]},
    ]
    signatures = [scene.find(**args).info["signature"] for args in requests]
    signatures += [scene.find(operation=operation).info["signature"] for operation in ("findFirst", "count")]
    assert len(set(signatures)) == len(signatures)


@pytest.mark.parametrize("text", [
    '{"model":"User","operation":"findMany","args":{"where":{"name":"Alice","id":1},"take":2}}',
    '{"args":{"take":2,"where":{"id":1,"name":"Alice"}},"operation":"findMany","model":"User"}',
    ' {\n "model" : "User", "operation":\t"findMany", "args": {"where": {"name": "Al\\u0069ce", "id": 1}, "take": 2}} ',
    '{"model":"User","operation":"findMany","args":{"where":{"name":"Alice","id":1},"take":2,"cacheStrategy":{"ttl":9,"tags":["a"]}}}',
])
def test_23_strategy_order_of_keys_and_white_space_are_no_part_of_it(reader, text):
    args = {"where": {"name": "Alice", "id": 1}, "take": 2}
    assert reader.client.query(text).info["signature"] == reader.find(**args).info["signature"]


def test_24_region_is_a_setting(make_scene):
    assert make_scene().find().info["region"] == "unspecified"
    assert make_scene(region="fra1").find().info["region"] == "fra1"


@pytest.mark.parametrize("model", ["User", "Sample", "OrderItem"])
def test_25_a_hit_gives_the_very_bytes_of_its_miss(scene, model):
    request = {"model": model, "operation": "findMany", "args": {"cacheStrategy": BOTH}}
    miss, hit = scene.client.query(request), scene.client.query(request)
    assert (miss.cache, hit.cache) == ("miss", "ttl")
    assert miss.text == hit.text
    scene.advance(60)
    assert scene.client.query(request).text == miss.text
