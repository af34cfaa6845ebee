"""The page about metrics names every metric that there is, and no other; queries are counted as Prisma counts them."""
import os
import re

import pytest
from paths import ROOT

PAGE = os.path.join(ROOT, "docs", "reference", "metrics.md")


def documented():
    with open(PAGE) as file:
        rows = re.findall(r"^\| `([a-z_]+)` \| ([a-z]+) \| .+ \|$", file.read(), re.M)
    assert len(rows) == len(set(rows))
    return {name: kind + "s" for name, kind in rows}


@pytest.mark.parametrize(
    "cache", [{}, {"listen": True}, {"tier": {"url": "redis://127.0.0.1:1"}}, {"snapshot": "cache.snapshot", "snapshotTrust": "ttl"}],
    ids=["alone", "listen", "tier", "snapshot"])
def test_every_metric_is_documented_and_none_else(make_scene, cache, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scene = make_scene(cache=cache)
    metrics = scene.client.data({"operation": "$metrics"})
    exported = {metric["key"]: kind for kind, list in metrics.items() for metric in list}
    expected = documented()
    for key, prefix in (("listen", "accelerant_listener_"), ("tier", "accelerant_tier_"), ("snapshot", "accelerant_snapshot_")):
        if key not in cache:
            expected = {name: kind for name, kind in expected.items() if not name.startswith(prefix)}
    assert exported == expected


def total(scene):
    return scene.metric("prisma_client_queries_total")


def test_reads_writes_and_raw_statements_are_queries(scene):
    user = {"model": "User", "operation": "update", "args": {"where": {"id": 1}, "data": {"name": "A"}}}
    raw = {"operation": "$executeRaw", "args": {"query": 'UPDATE "User" SET name = name'}}
    count = {"model": "User", "operation": "count"}
    assert total(scene) == 0
    scene.client.data(user)
    assert total(scene) == 1
    scene.client.data(raw)
    assert total(scene) == 2
    scene.client.data({"operation": "$transaction", "args": {"requests": [user, raw, count]}})
    assert total(scene) == 5
    scene.find({"ttl": 60})
    scene.find({"ttl": 60})
    assert total(scene) == 7
    id = scene.client.data({"operation": "$transaction.begin"})["id"]
    for request in (user, raw, count):
        scene.client.data({**request, "transaction": id})
    scene.client.data({"operation": "$transaction.commit", "transaction": id})
    assert total(scene) == 10
    assert scene.client.query({**user, "args": {"where": {}, "data": {}}}).number < 0
    assert total(scene) == 10


def test_the_durations_of_all_that_reaches_the_database_are_recorded(scene):
    def durations():
        histograms = scene.client.data({"operation": "$metrics"})["histograms"]
        return next(metric["value"]["count"] for metric in histograms if metric["key"] == "prisma_client_queries_duration_histogram_ms")

    raw = {"operation": "$queryRaw", "args": {"query": "SELECT 1"}}
    scene.client.data(raw)
    assert durations() == 1
    scene.client.data({"operation": "$transaction", "args": {"requests": [raw, raw]}})
    assert durations() == 3


def test_what_becomes_of_answers_is_counted(make_scene):
    scene = make_scene(cache={"maxBytes": 1 << 20, "maxEntryBytes": 1000})
    scene.find({"ttl": 1}, where={"id": 1})
    scene.advance(2)
    assert scene.metric("accelerant_cache_insertions_total") == 1
    assert scene.metric("accelerant_cache_expirations_total") == 1
    scene.client.data({"model": "User", "operation": "update", "args": {"where": {"id": 1}, "data": {"name": "x" * 2000}}})
    scene.find({"ttl": 1}, where={"id": 1})
    assert scene.metric("accelerant_cache_oversized_total") == 1
    assert 0 < scene.metric("accelerant_cache_table_bytes") < scene.metric("accelerant_cache_bytes") + 1
