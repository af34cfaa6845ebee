"""What a process may believe of a tier: of hosts that do not answer, of a first contact that is late, of replicas and of other limits."""
import time

import pytest
from capi import Client, OpenError
from redis_server import Redis
from scene import SCHEMA
from waiting import PROMPT, Call, eventually

USERS = {"ttl": 60, "tags": ["users"]}


def test_a_first_host_that_does_not_answer_leaves_time_for_the_next(make_fleet):
    fleet = make_fleet()
    with Redis() as silent:
        silent.freeze()
        member = fleet.open(url=f"redis://127.0.0.1:{silent.port},127.0.0.1:{fleet.redis.port}/0")
        member.find(USERS)
        member.await_stored()


def test_a_late_first_contact_drops_what_was_read_before(make_fleet):
    fleet = make_fleet()
    fleet.redis.kill()
    reader = fleet.open(wait=False)
    assert [reader.find(USERS).cache for _ in range(2)] == ["miss", "ttl"]
    fleet.database.sql.execute("UPDATE \"User\" SET name = 'Changed' WHERE id = 1")
    fleet.redis.start()
    # By a process that has a tier; the reader may not listen yet, and then no message reaches it.
    assert fleet.open().invalidate("users").status == "OK"
    eventually(lambda: "Changed" in reader.find(USERS).text.decode(), "the old answer to go")


def test_nothing_is_taken_from_one_that_has_just_become_a_replica(fleet):
    first, second = fleet.open({"listen": False}), fleet.open({"listen": False})
    first.find(USERS)
    first.await_stored()
    # Before the next look at the clock, which is half a second off at most.
    fleet.redis.call("REPLICAOF", "127.0.0.1", 1)
    assert second.find(USERS).cache == "miss"


def test_closing_does_not_wait_for_a_frozen_tier(fleet):
    member = fleet.open({"timeoutMs": 10_000})
    fleet.redis.freeze()
    call = Call(member.find, USERS)
    time.sleep(0.2)
    assert call.is_running()
    begin = time.monotonic()
    fleet.clients.remove(member)
    member.client.close()
    assert time.monotonic() - begin < PROMPT
    # It asks the database when it no longer waits for the tier, and may be answered before that is closed, too.
    assert call.result().status in ("CLOSED", "OK")


def test_an_answer_above_ones_own_limit_costs_no_connection_and_stays_for_others(fleet):
    large, small = fleet.open({"listen": False}), fleet.open({"listen": False, "maxEntryBytes": 100})
    fleet.database.sql.execute("UPDATE \"User\" SET name = repeat('x', 500000) WHERE id = 1")
    large.find(USERS)
    large.await_stored()
    for turn in range(4):
        assert small.find({**USERS, "ttl": 60 + turn}, where={"id": {"gte": 1}}).cache in ("miss", "ttl")
        assert small.find({**USERS, "ttl": 60 + turn}).cache in ("miss", "ttl")
    assert small.metric("accelerant_tier_faults_total") == 0
    assert small.metric("accelerant_tier_hits_total") == 0
    assert fleet.open({"listen": False}).find(USERS).cache == "ttl"


def test_a_client_without_a_tier_does_not_share_a_name_with_one_that_has_it(fleet):
    fleet.open(cache={"name": "shop"})
    with pytest.raises(OpenError) as caught:
        Client({"schema": SCHEMA, "datasourceUrl": fleet.database.url(connection_limit=4), "cache": {"name": "shop"}})
    assert caught.value.reply.code == "P6001"
    assert "cache.tier" in caught.value.reply.error["message"]
