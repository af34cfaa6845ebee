"""The cache's windows and statuses. Each test bears the number of its line in the Cache API's contract."""
import os
import subprocess
import sys

import pytest
from capi import LIBRARY
from paths import program_source
from waiting import Call, eventually

YEAR = 31_536_000
BOTH = {"ttl": 60, "swr": 60}


def names(reply):
    return {user["name"] for user in reply.data}


def test_01_without_a_strategy_the_database_is_asked_each_time(scene):
    assert [scene.find().cache for _ in range(3)] == ["none"] * 3
    assert scene.reads() == 3
    assert scene.find({"ttl": 60}).cache == "miss", "nothing may have been stored"


@pytest.mark.parametrize("strategy", [{}, None, {"tags": ["a"]}, {"tags": []}], ids=str)
def test_02_a_strategy_without_windows_is_none(scene, strategy):
    assert [scene.find(strategy).cache for _ in range(2)] == ["none"] * 2
    assert scene.reads() == 2


def test_03_a_miss_then_a_hit_that_asks_no_database(scene):
    assert [scene.find({"ttl": 60}).cache for _ in range(3)] == ["miss", "ttl", "ttl"]
    assert scene.reads() == 1


@pytest.mark.parametrize("operation, args", [
    ("findUnique", {"where": {"id": 1}}), ("findUniqueOrThrow", {"where": {"id": 1}}), ("findFirst", {}),
    ("findFirstOrThrow", {}), ("findMany", {}), ("count", {}), ("aggregate", {"_max": {"id": True}}), ("groupBy", {"by": ["name"]}),
])
def test_03_every_read_takes_a_strategy(scene, operation, args):
    replies = [scene.find({"ttl": 60}, operation, **args) for _ in range(2)]
    assert [reply.cache for reply in replies] == ["miss", "ttl"]
    assert replies[0].text == replies[1].text
    assert scene.reads() == 1


def test_04_an_answer_is_fresh_until_its_ttl_and_no_longer(scene):
    scene.find({"ttl": 60})
    scene.advance(59.999)
    assert scene.find({"ttl": 60}).cache == "ttl"
    scene.advance(0.001)
    assert scene.find({"ttl": 60}).cache == "miss"


def test_05_stale_hit_gives_the_old_data_at_once_and_refreshes(scene):
    scene.find(BOTH)
    scene.rename("Anna")
    scene.advance(60)
    stale = scene.find(BOTH)
    assert stale.cache == "swr" and "Alice" in names(stale)
    assert "Anna" in names(scene.await_refresh(BOTH))
    assert scene.reads() == 2


def test_05_stale_hit_refreshes_once_in_the_background(scene):
    scene.find(BOTH)
    scene.advance(60)
    with scene.database.locked():
        assert {scene.find(BOTH).cache for _ in range(50)} == {"swr"}
        eventually(lambda: scene.database.waiting() == 1, "the refresh")
    scene.await_refresh(BOTH)
    assert scene.reads() == 2


def test_05_the_stale_window_comes_after_the_fresh_one(scene):
    scene.find(BOTH)
    with scene.database.locked():
        scene.advance(119.999)
        assert scene.find(BOTH).cache == "swr"


def test_06_after_both_windows_it_is_a_miss(scene):
    scene.find(BOTH)
    scene.rename("Anna")
    scene.advance(120)
    late = scene.find(BOTH)
    assert late.cache == "miss" and "Anna" in names(late)


def test_06_a_late_read_joins_the_refresh_in_flight(scene):
    scene.find(BOTH)
    scene.advance(60)
    with scene.database.locked():
        assert scene.find(BOTH).cache == "swr"
        eventually(lambda: scene.database.waiting() == 1, "the refresh")
        scene.advance(60)
        late = Call(scene.find, BOTH)
        # A second query would wait for the lock, too.
        with pytest.raises(AssertionError):
            eventually(lambda: scene.database.waiting() > 1, seconds=0.3)
        assert late.is_running()
    assert late.result().cache == "miss"
    assert scene.reads() == 2


def test_07_a_refresh_starts_the_windows_anew(scene):
    first = scene.find(BOTH)
    scene.advance(90)
    scene.find(BOTH)
    fresh = scene.await_refresh(BOTH)
    assert fresh.info["lastModified"] > first.info["lastModified"]
    scene.advance(59.999)
    assert scene.find(BOTH).cache == "ttl"
    scene.advance(0.001)
    assert scene.find(BOTH).cache == "swr"


def test_07_age_counts_from_the_start_of_the_query(scene):
    with scene.database.locked():
        first = Call(scene.find, {"ttl": 60})
        eventually(lambda: scene.database.waiting() == 1, "the query")
        scene.advance(30)
    first.result()
    scene.advance(29.999)
    assert scene.find({"ttl": 60}).cache == "ttl"
    scene.advance(0.001)
    assert scene.find({"ttl": 60}).cache == "miss"


def test_08_swr_alone_is_stale_from_the_start(scene):
    assert scene.find({"swr": 60}).cache == "miss"
    for expected in (2, 3):
        assert scene.find({"swr": 60}).cache == "swr"
        eventually(lambda: scene.reads() == expected, f"{expected} queries")
        eventually(lambda: scene.find({"ttl": YEAR}).cache == "ttl", "the refreshed entry")


def test_09_ttl_alone_never_returns_the_old_value(scene):
    scene.find({"ttl": 60})
    scene.rename("Anna")
    scene.advance(60)
    reply = scene.find({"ttl": 60})
    assert reply.cache == "miss" and "Anna" in names(reply)


def test_10_ttl_zero_alone_is_not_stored(scene):
    assert [scene.find({"ttl": 0}).cache for _ in range(2)] != ["miss", "ttl"]
    assert scene.reads() == 2
    assert scene.find({"ttl": 60}).cache == "miss"


def test_10_ttl_zero_with_swr_is_swr_alone(scene):
    assert [scene.find({"ttl": 0, "swr": 60}).cache for _ in range(2)] == ["miss", "swr"]


def test_11_a_year_is_the_most_and_sums_do_not_overflow(scene):
    longest = {"ttl": YEAR, "swr": YEAR}
    assert scene.find(longest).cache == "miss"
    scene.advance(YEAR - 1)
    assert scene.find(longest).cache == "ttl"
    with scene.database.locked():
        scene.advance(YEAR)
        assert scene.find(longest).cache == "swr"


@pytest.mark.parametrize("strategy", [{"ttl": YEAR + 1}, {"swr": YEAR + 1}, {"ttl": 10**30}], ids=str)
def test_11_more_than_a_year_is_refused(scene, strategy):
    assert scene.find(strategy).code == "P6005"
    assert scene.reads() == 0


def test_12_a_wall_clock_that_jumps_expires_nothing(database, tmp_path):
    shim = tmp_path / "wall_clock.so"
    source = program_source("wall_clock.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-Wall", "-Werror", source, "-ldl", "-o", shim], check=True)
    environment = dict(os.environ, LD_PRELOAD=str(shim), ACCELERANT_LIBRARY=LIBRARY)
    script = program_source("wall_clock.py")
    run = subprocess.run([sys.executable, script, database.url()], env=environment, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["miss", "ttl", "ttl", "ttl"]


def test_13_the_windows_of_the_request_judge(scene):
    scene.find({"ttl": 60})
    scene.advance(30)
    assert scene.find({"ttl": 100}).cache == "ttl"
    with scene.database.locked():
        assert scene.find({"ttl": 10, "swr": 60}).cache == "swr"
    eventually(lambda: scene.reads() == 2, "the refresh")
    scene.advance(30)
    assert scene.find({"ttl": 10}).cache == "miss"


def test_13_an_entry_is_kept_for_the_longest_life_asked(scene):
    scene.find({"ttl": 10})
    scene.advance(5)
    assert scene.find({"ttl": 1000}).cache == "ttl"
    scene.advance(500)
    assert scene.find({"ttl": 1000}).cache == "ttl"
    assert scene.reads() == 1
