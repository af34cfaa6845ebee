"""`cache.snapshot` with `"snapshotTrust": "ttl"`: a file keeps the cache between two runs, and no file does harm."""
import json
import os
import random
import stat
import subprocess
import sys
import time

import pytest
from capi import OpenError
from fleet import Member
from scene import SCHEMA
from snapshot_place import Place

USERS = {"ttl": 60, "swr": 60, "tags": ["users"]}


@pytest.fixture
def place(database, tmp_path):
    return Place(database, tmp_path / "cache.snapshot")


def test_what_was_cached_is_there_after_the_next_start(place):
    [first] = place.fill()
    before = place.database.reads()
    with place.open().client as client:
        reply = Member(client).find(USERS)
        assert reply.cache == "ttl" and reply.text == first.text
        assert reply.info["lastModified"] == first.info["lastModified"] and reply.info["signature"] == first.info["signature"]
        assert Member(client).metric("accelerant_snapshot_restored_total") == 1
        assert Member(client).metric("prisma_datasource_queries_total") == 0
        # The same asked in another text: it is found by its key.
        text = json.dumps({"operation": "findMany", "model": "User", "args": {"cacheStrategy": USERS}}, indent=1)
        assert client.query(text).cache == "ttl"
    assert place.database.reads() == before


def test_what_a_run_did_not_use_stays_for_the_next(place):
    place.fill()
    place.fill({"ttl": 60, "tags": ["other"]})
    with place.open().client as client:
        assert Member(client).find(USERS).cache == "ttl"


def test_ages_go_on(place):
    with place.open(clock="manual").client as client:
        Member(client).find(USERS)
        client.data({"operation": "$clock.advance", "args": {"milliseconds": 50_000}})
    for advance, status in ((20_000, "swr"), (80_000, "miss")):
        content = place.bytes
        with place.open(clock="manual").client as client:
            client.data({"operation": "$clock.advance", "args": {"milliseconds": advance}})
            assert Member(client).find(USERS).cache == status
        place.write(content)


def test_time_passes_while_no_process_runs(place):
    place.fill({"ttl": 1, "swr": 1}, {"ttl": 1, "swr": 600})
    time.sleep(2.1)
    with place.open().client as client:
        assert Member(client).metric("accelerant_snapshot_restored_total") == 1, "the first is too old"
        assert Member(client).find({"ttl": 1, "swr": 600}).cache == "swr"


def test_what_was_invalidated_is_not_in_it(place):
    other = {"ttl": 60, "tags": ["other"]}
    with place.open().client as client:
        member = Member(client)
        member.find(USERS)
        member.find(other, where={"id": 1})
        member.invalidate("users")
    with place.open().client as client:
        assert Member(client).find(other, where={"id": 1}).cache == "ttl"
        assert Member(client).find(USERS).cache == "miss"


def test_invalidations_and_writes_drop_what_came_from_it(place):
    automatic = {"ttl": 60, "auto": True}
    place.fill(USERS)
    with place.open().client as client:
        member = Member(client)
        member.invalidate("users")
        assert member.find(USERS).cache == "miss"
    place.fill(automatic)
    with place.open().client as client:
        member = Member(client)
        # The first thing that this process does with the table, and no automatic read came before it.
        member.rename("Renamed")
        assert "Renamed" in member.find(automatic).text.decode()


def test_a_file_that_is_cut_anywhere_is_ignored(place):
    place.fill(USERS, {"ttl": 60, "tags": ["a", "b"]}, {"ttl": 60})
    whole = place.bytes
    for size in sorted({0, 1, 127, 128, 129, len(whole) - 1} | {len(whole) * part // 100 for part in range(100)}):
        place.write(whole[:size])
        with place.open(log=["warn"]).client as client:
            assert Member(client).metric("accelerant_snapshot_restored_total") == 0, size
            assert Member(client).metric("accelerant_snapshot_failures_total") == 1, size
            [event] = client.data({"operation": "$log.take"})["events"]
            assert "snapshot" in event["message"] and event["level"] == "warn"
        # The run has written a new one, without what it did not find.
        assert len(place.bytes) < len(whole)


def test_a_byte_that_is_changed_anywhere_is_found(place):
    [reply] = place.fill()
    whole = place.bytes
    for spot in sorted({len(whole) * part // 100 for part in range(100)}):
        place.write(whole[:spot] + bytes([whole[spot] ^ 0x40]) + whole[spot + 1:])
        with place.open().client as client:
            assert Member(client).metric("accelerant_snapshot_restored_total") == 0, spot
    place.write(whole)
    with place.open().client as client:
        assert Member(client).find(USERS).text == reply.text


def test_what_comes_before_a_damage_is_counted(place):
    place.database.sql.execute("UPDATE \"User\" SET name = repeat('x', 1500000) WHERE id = 1")
    with place.open().client as client:
        for number in range(3):
            Member(client).find(USERS, where={"id": {"gte": -number}})
    whole = place.bytes
    place.write(whole[:-1] + bytes([whole[-1] ^ 0x40]))
    with place.open(log=["warn"]).client as client:
        assert Member(client).metric("accelerant_snapshot_failures_total") == 1
        assert 0 < Member(client).metric("accelerant_snapshot_restored_total") == Member(client).metric("accelerant_cache_entries")
        [event] = client.data({"operation": "$log.take"})["events"]
        assert "rest of the snapshot" in event["message"]


def test_a_run_that_was_not_automatic_leaves_nothing_for_one_that_is(place):
    """Its answers have no tags by which a write could drop them."""
    place.fill({"ttl": 60})
    with place.open({"auto": True}).client as client:
        member = Member(client)
        member.rename("Renamed")
        assert "Renamed" in member.find({"ttl": 60}).text.decode()


def test_what_relied_on_another_catalog_is_dropped_when_that_is_seen(place):
    automatic = {"ttl": 60, "auto": True}
    place.fill(automatic)
    place.database.sql.execute('ALTER TABLE "User" ADD COLUMN extra integer')
    with place.open().client as client:
        member = Member(client)
        assert member.metric("accelerant_snapshot_restored_total") == 1
        # The first answer that is not there asks the catalog.
        assert member.find(automatic, where={"id": 1}).cache == "miss"
        assert member.find(automatic).cache == "miss"


def test_an_answer_above_the_limit_of_this_run_is_left_out(place):
    place.fill()
    with place.open(limits={"responseBytes": 10}).client as client:
        assert Member(client).metric("accelerant_snapshot_restored_total") == 0


def test_parts_of_two_files_are_not_mixed(place):
    place.fill(USERS)
    first = place.bytes
    os.remove(place.path)
    place.fill(USERS)
    second = place.bytes
    assert len(first) == len(second) and first != second
    place.write(first[:128] + second[128:])
    with place.open().client as client:
        assert Member(client).metric("accelerant_snapshot_restored_total") == 0


@pytest.mark.parametrize("other", [
    {"schema": SCHEMA + "\nmodel Another {\n  id Int @id\n}\n"}, {"user": True}, {"clock": "manual"}, {"dateTime": "microseconds"},
], ids=["schema", "role", "clock", "dateTime"])
def test_one_that_was_made_for_something_else_is_ignored(place, other):
    place.fill()
    if other.pop("user", False):
        other = {"datasourceUrl": place.database.url(connection_limit=2, options="-c role=pg_monitor")}
    with place.open(**other).client as client:
        assert Member(client).metric("accelerant_snapshot_restored_total") == 0
        assert Member(client).metric("accelerant_snapshot_failures_total") == 1


def test_only_its_owner_may_read_it_and_one_that_others_may_write_is_not_read(place):
    before = os.umask(0)
    try:
        place.fill()
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(place.path).st_mode) == 0o600
    os.chmod(place.path, 0o666)
    with place.open().client as client:
        assert Member(client).metric("accelerant_snapshot_restored_total") == 0
    os.remove(place.path)
    os.mkfifo(place.path)
    with place.open().client as client:
        assert Member(client).metric("accelerant_snapshot_failures_total") == 1


def test_a_link_is_not_followed_when_it_is_written(place, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    os.symlink(victim, place.path + ".part")
    place.fill()
    assert victim.read_text() == "precious"


WRITER = """
import json, sys
from capi import Client
configuration = json.loads(sys.argv[1])
while True:
    with Client(configuration) as client:
        for number in range(40):
            client.query({"model": "User", "operation": "findMany", "args": {"where": {"id": {"gte": -number}}, "cacheStrategy": {"ttl": 600}}})
        print("closing", flush=True)
"""


def test_a_process_that_is_killed_while_it_writes_leaves_a_whole_file_or_none(place):
    """Eight megabytes: they are written long enough to be hit."""
    place.database.sql.execute("UPDATE \"User\" SET name = repeat('x', 200000) WHERE id = 1")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    rng = random.Random(7)
    hit = 0
    for _ in range(12):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, json.dumps(place.configuration())], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2):
            assert process.stdout.readline() == "closing\n"
        time.sleep(rng.random() * 0.02)
        process.kill()
        process.wait()
        hit += os.path.exists(place.path + ".part")
        content = place.bytes
        with place.open().client as client:
            assert Member(client).metric("accelerant_snapshot_restored_total") == 40
            assert Member(client).metric("accelerant_snapshot_failures_total") == 0
        assert not os.path.exists(place.path + ".part"), "what was left is taken over"
        place.write(content)
    assert hit, "none was killed while it wrote"


def test_two_that_close_at_once_leave_a_whole_file(place):
    clients = [place.open().client for _ in range(4)]
    for client in clients:
        Member(client).find(USERS)
        Member(client).find({"ttl": 60}, where={"id": 1})
    for client in clients:
        client.close()
    with place.open().client as client:
        assert Member(client).metric("accelerant_snapshot_restored_total") == 2


def test_a_shared_cache_is_written_when_its_last_client_is_closed(place):
    first, second = (place.open({"name": "shop"}).client for _ in range(2))
    Member(first).find(USERS)
    first.close()
    assert not os.path.exists(place.path)
    second.close()
    with place.open().client as client:
        assert Member(client).find(USERS).cache == "ttl"


def test_a_file_that_cannot_be_written_is_told_and_costs_nothing_else(place):
    os.mkdir(place.path + ".part")
    client = place.open().client
    Member(client).find(USERS)
    client.close()
    assert not os.path.exists(place.path)


@pytest.mark.parametrize("cache, path, words", [
    ({"snapshotTrust": "tier"}, "cache.snapshotTrust", "needs a `cache.tier`"),
    ({"snapshotTrust": "yes"}, "cache.snapshotTrust", '"ttl"'),
    ({"snapshot": "/nowhere/at/all"}, "cache.snapshot", "folder"),
    ({"snapshot": ""}, "cache.snapshot", "folder"),
    ({"snapshotMinutes": 0}, "cache.snapshotMinutes", "whole number"),
    ({"snapshot": None}, "cache.snapshotTrust", "needs `cache.snapshot`"),
    ({"snapshot": None, "snapshotTrust": None, "snapshotMinutes": 1}, "cache.snapshotMinutes", "needs `cache.snapshot`"),
    ({"snapshotTrust": "tier", "tier": {"url": "redis://127.0.0.1:1", "listen": False}}, "cache.snapshotTrust", "listens"),
])
def test_a_mistake_is_named_with_its_place(place, cache, path, words):
    with pytest.raises(OpenError) as caught:
        place.open(cache)
    assert caught.value.reply.code == "P6001" and caught.value.reply.meta["path"] == path
    assert words in caught.value.reply.error["message"]


def test_a_path_is_meant_from_where_the_client_was_opened(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    client = place.open({"snapshot": "here.snapshot"}).client
    Member(client).find(USERS)
    monkeypatch.chdir("/")
    client.close()
    assert (tmp_path / "here.snapshot").exists()
