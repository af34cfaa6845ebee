"""Several hosts without Sentinels: a server that was promoted in the place of the primary is followed, though no connection ends."""
import contextlib
import re

import pytest
from redis_server import Redis
from waiting import eventually

USERS = {"ttl": 60, "tags": ["users"]}
ERA = "{accelerant}:1:era"


def follows(replica):
    return b"master_link_status:up" in replica.call("INFO", "replication")


def calls(redis, command):
    found = re.search(rf"cmdstat_{command}:calls=(\d+)".encode(), redis.call("INFO", "commandstats"))
    return int(found[1]) if found else 0


@pytest.fixture
def pair(make_fleet):
    """A fleet, a replica of its server, and the URL of both."""
    with contextlib.ExitStack() as stack:
        fleet = make_fleet(repl_diskless_sync_delay=0)
        replica = stack.enter_context(Redis(replicaof=f"127.0.0.1 {fleet.redis.port}", repl_diskless_sync_delay=0))
        eventually(lambda: follows(replica), "the replica to follow")
        yield fleet, replica, f"redis://127.0.0.1:{fleet.redis.port},127.0.0.1:{replica.port}/0"


def test_a_former_primary_that_goes_on_is_left(pair):
    fleet, other, url = pair
    member, late = fleet.open(url=url), fleet.open(url=url)
    member.find(USERS)
    member.await_stored()
    fleet.database.sql.execute("UPDATE \"User\" SET name = 'Changed' WHERE id = 1")
    other.call("REPLICAOF", "NO", "ONE")
    eventually(lambda: calls(other, "evalsha") > 0, "them to come to the other one")
    new = fleet.open(url=url)
    for each in (member, late, new):
        each.await_trusted()
        eventually(lambda each=each: each.metric("accelerant_tier_listening") == 1, "it to listen there")
        eventually(lambda each=each: "Changed" in each.find(USERS).text.decode(), "the old answer to go")
    fleet.redis.call("CONFIG", "RESETSTAT")
    published = calls(other, "publish")
    assert late.invalidate("users").status == "OK"
    assert calls(other, "publish") == published + 1
    assert calls(fleet.redis, "evalsha") == 0


def test_the_way_back_is_followed_too(pair):
    fleet, other, url = pair
    member = fleet.open(url=url)
    other.call("REPLICAOF", "NO", "ONE")
    eventually(lambda: calls(other, "evalsha") > 0, "it to come to the other one")
    fleet.redis.call("REPLICAOF", "127.0.0.1", other.port)
    eventually(lambda: follows(fleet.redis), "the former primary to follow")
    fleet.redis.call("CONFIG", "RESETSTAT")
    fleet.redis.call("REPLICAOF", "NO", "ONE")
    eventually(lambda: calls(fleet.redis, "evalsha") > 0, "it to come back")
    member.await_trusted()
    eventually(lambda: member.metric("accelerant_tier_listening") == 1, "it to listen there")


def test_a_promotion_that_is_taken_back_leads_back_and_gives_nothing_from_before(pair):
    fleet, other, url = pair
    member = fleet.open(url=url)
    member.find(USERS)
    member.await_stored()
    other.call("REPLICAOF", "NO", "ONE")
    eventually(lambda: calls(other, "evalsha") > 0, "it to come to the other one")
    member.await_trusted()
    fleet.database.sql.execute("UPDATE \"User\" SET name = 'Changed' WHERE id = 1")
    eventually(lambda: member.invalidate("users").status == "OK", "the other one to confirm")
    era = fleet.redis.call("GET", ERA)
    other.call("REPLICAOF", "127.0.0.1", fleet.redis.port)
    eventually(lambda: fleet.redis.call("GET", ERA) not in (None, era), "it to come back, in another era")
    member.await_trusted()
    # The former primary has heard of no invalidation.
    assert "Changed" in fleet.open(url=url).find(USERS).text.decode()


def test_another_primary_that_does_not_go_on_with_its_history_is_left_alone(make_fleet):
    fleet = make_fleet()
    with Redis() as stranger:
        member = fleet.open(url=f"redis://127.0.0.1:{fleet.redis.port},127.0.0.1:{stranger.port}/0")
        before = calls(stranger, "info")
        # Each look at the statistics is an INFO, too.
        looks = iter(range(1, 1_000_000))
        eventually(lambda: calls(stranger, "info") - before - next(looks) >= 3, "it to be asked")
        assert member.metric("accelerant_tier_trusted") == 1
        assert stranger.keys() == [] and calls(stranger, "evalsha") == 0


def test_one_that_does_not_answer_is_passed_over(make_fleet):
    fleet = make_fleet()
    with Redis() as dead:
        url = f"redis://127.0.0.1:{dead.port},127.0.0.1:{fleet.redis.port}/0"
        dead.kill()
        first, second = fleet.open(url=url), fleet.open(url=url)
        first.find(USERS)
        first.await_stored()
        assert second.find(USERS).cache == "ttl"
