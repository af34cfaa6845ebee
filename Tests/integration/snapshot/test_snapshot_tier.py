"""`cache.snapshot` behind a tier: what is served of it is what the versions of its tags confirm."""
import os

import pytest
from waiting import eventually

USERS = {"ttl": 60, "tags": ["users"]}
OTHER = {"ttl": 60, "tags": ["other"]}
AUTOMATIC = {"ttl": 60, "auto": True}


def find(member, strategy):
    """Each strategy goes with a request of its own: the same one would be one entry."""
    return member.find(strategy, where={"id": {"gte": -[USERS, OTHER, AUTOMATIC].index(strategy)}}, orderBy={"id": "asc"})


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "cache.snapshot")


def run(fleet, path, *strategies):
    """A process that reads by each strategy, and ends. Nothing of its answers stays in the tier, so that only the file can have them."""
    member = fleet.open(cache={"snapshot": path})
    for strategy in strategies:
        assert find(member, strategy).cache == "miss"
    member.await_stored(len(strategies))
    if AUTOMATIC in strategies:
        eventually(lambda: find(member, AUTOMATIC).cache == "ttl", "an automatic answer to be kept")
    end(fleet, member)
    for key in fleet.redis.keys("*:e:*"):
        fleet.redis.call("DEL", key)
    return member


def end(fleet, member):
    fleet.clients.remove(member)
    member.client.close()


def opened(fleet, path, restored=None, **settings):
    member = fleet.open(cache={"snapshot": path}, **settings)
    if restored is not None:
        eventually(lambda: member.metric("accelerant_snapshot_restored_total") == restored, f"{restored} answers to be restored")
    return member


def test_what_no_one_has_changed_is_there_after_the_next_start(fleet, path):
    run(fleet, path, USERS, OTHER, AUTOMATIC)
    before = fleet.database.reads()
    member = opened(fleet, path, restored=3)
    for strategy in (USERS, OTHER, AUTOMATIC):
        assert find(member, strategy).cache == "ttl"
    assert member.metric("accelerant_tier_hits_total") == 0 and fleet.database.reads() == before


def test_what_another_process_invalidated_meanwhile_is_not(fleet, path):
    run(fleet, path, USERS, OTHER)
    fleet.database.sql.execute("UPDATE \"User\" SET name = 'Changed' WHERE id = 1")
    fleet.open().invalidate("users")
    member = opened(fleet, path, restored=1)
    assert "Changed" in find(member, USERS).text.decode()
    assert "Changed" not in find(member, OTHER).text.decode()


def test_what_another_process_wrote_meanwhile_is_not(fleet, path):
    run(fleet, path, AUTOMATIC, OTHER)
    fleet.open().rename("Renamed")
    member = opened(fleet, path, restored=1)
    assert "Renamed" in find(member, AUTOMATIC).text.decode()


def test_after_everything_was_invalidated_nothing_is(fleet, path):
    run(fleet, path, USERS)
    fleet.open().client.data({"operation": "$accelerate.invalidateAll"})
    member = opened(fleet, path)
    eventually(lambda: member.metric("accelerant_snapshot_failures_total") == 1, "the file to be refused")
    assert find(member, USERS).cache == "miss"


def test_a_version_that_was_lost_counts_as_invalidated(fleet, path):
    run(fleet, path, USERS)
    for key in fleet.redis.keys("*:v:*"):
        if not key.endswith("*"):
            fleet.redis.call("DEL", key)
    member = opened(fleet, path, restored=0)
    assert find(member, USERS).cache == "miss"


@pytest.mark.parametrize("change", ["flush", "restart"])
def test_a_tier_that_began_again_confirms_nothing(fleet, path, change):
    fleet.redis.call("CONFIG", "SET", "save", "")
    run(fleet, path, USERS)
    if change == "flush":
        fleet.redis.call("FLUSHALL")
    else:
        fleet.redis.call("SAVE")
        fleet.redis.kill()
        fleet.redis.start()
        assert fleet.redis.keys("*:v:*"), "the versions are there again, as they were"
    fleet.database.sql.execute("UPDATE \"User\" SET name = 'Changed' WHERE id = 1")
    member = opened(fleet, path)
    eventually(lambda: member.metric("accelerant_snapshot_failures_total") == 1, "the file to be refused")
    assert "Changed" in find(member, USERS).text.decode()


def test_what_is_invalidated_while_the_process_starts_is_dropped(fleet, path):
    """Before the file is read nothing is served of it; after that, messages are heard."""
    run(fleet, path, USERS)
    member = opened(fleet, path, restored=1)
    fleet.database.sql.execute("UPDATE \"User\" SET name = 'Changed' WHERE id = 1")
    fleet.open().invalidate("users")
    eventually(lambda: "Changed" in find(member, USERS).text.decode(), "the message to come")


def test_without_the_tier_nothing_is_written_and_the_former_file_stays(fleet, path):
    run(fleet, path, USERS)
    with open(path, "rb") as file:
        before = file.read()
    member = opened(fleet, path, restored=1)
    find(member, OTHER)
    fleet.redis.kill()
    end(fleet, member)
    with open(path, "rb") as file:
        assert file.read() == before
    assert not os.path.exists(path + ".part")


def test_a_process_that_never_reached_the_tier_leaves_the_file_alone(fleet, path):
    run(fleet, path, USERS)
    size = os.path.getsize(path)
    fleet.redis.freeze()
    member = fleet.open({"timeoutMs": 50}, cache={"snapshot": path}, wait=False)
    assert find(member, USERS).cache == "miss"
    end(fleet, member)
    fleet.redis.thaw()
    assert os.path.getsize(path) == size


def test_other_prefixes_and_trusts_have_files_of_their_own(fleet, path):
    run(fleet, path, USERS)
    member = opened(fleet, path, tier={"prefix": "another"})
    eventually(lambda: member.metric("accelerant_snapshot_failures_total") == 1, "the file to be refused")
    end(fleet, member)


KEY = {"key": "ab" * 32}


def test_with_a_key_the_file_is_sealed(fleet, path):
    def close(strategies, **tier):
        member = fleet.open(tier, cache={"snapshot": path})
        for strategy in strategies:
            find(member, strategy)
        end(fleet, member)
        return member

    plain = fleet.open()
    answer = find(plain, USERS).text
    close([USERS, OTHER])
    with open(path, "rb") as file:
        assert answer in file.read(), "without a key it is there to be read"
    close([USERS, OTHER], **KEY)
    with open(path, "rb") as file:
        sealed = file.read()
    assert answer not in sealed and b"findMany" not in sealed and b"name" not in sealed
    member = fleet.open(KEY, cache={"snapshot": path})
    eventually(lambda: member.metric("accelerant_snapshot_restored_total") == 2, "both answers to be restored")
    assert find(member, USERS).text == answer and find(member, USERS).cache == "ttl"
    end(fleet, member)


@pytest.mark.parametrize("other, words", [({}, "there is no `cache.tier.key`"), ({"key": "cd" * 32}, "another key")], ids=["no key", "another key"])
def test_a_sealed_file_is_read_with_its_key_alone(fleet, path, other, words):
    member = fleet.open(KEY, cache={"snapshot": path})
    find(member, USERS)
    end(fleet, member)
    stranger = fleet.open(other, cache={"snapshot": path}, log=["warn"])
    eventually(lambda: stranger.metric("accelerant_snapshot_failures_total") == 1, "the file to be refused")
    assert stranger.metric("accelerant_snapshot_restored_total") == 0
    assert any(words in event["message"] for event in stranger.client.data({"operation": "$log.take"})["events"])


def test_a_file_that_is_not_sealed_is_not_read_with_a_key(fleet, path):
    member = fleet.open(cache={"snapshot": path})
    find(member, USERS)
    end(fleet, member)
    sealed = fleet.open(KEY, cache={"snapshot": path}, log=["warn"])
    eventually(lambda: sealed.metric("accelerant_snapshot_failures_total") == 1, "the file to be refused")
    assert any("not sealed" in event["message"] for event in sealed.client.data({"operation": "$log.take"})["events"])


@pytest.mark.parametrize("part", range(0, 100, 20))
def test_a_sealed_file_that_somebody_changed_is_refused(fleet, path, part):
    member = fleet.open(KEY, cache={"snapshot": path})
    find(member, USERS)
    end(fleet, member)
    with open(path, "r+b") as file:
        size = os.path.getsize(path)
        file.seek(size * part // 100)
        byte = file.read(1)
        file.seek(size * part // 100)
        file.write(bytes([byte[0] ^ 1]))
    later = fleet.open(KEY, cache={"snapshot": path})
    eventually(lambda: later.metric("accelerant_snapshot_failures_total") == 1, "the file to be refused")
    assert later.metric("accelerant_snapshot_restored_total") == 0
