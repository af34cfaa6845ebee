"""Servers that word things otherwise than the one of the system: what they refuse has to be understood all the same."""
import re

import pytest
from redis_versions import PACKAGES, fetch
from waiting import eventually

USERS = {"ttl": 60, "tags": ["users"]}


@pytest.fixture(scope="module", params=PACKAGES)
def executable(request, tmp_path_factory):
    try:
        return fetch(request.param, str(tmp_path_factory.mktemp("server")))
    except LookupError as reason:
        pytest.skip(f"{request.param} was not tried: {reason}")


@pytest.fixture
def fleet(make_fleet, executable):
    return make_fleet(executable=executable)


def test_answers_are_shared_and_invalidated(fleet):
    fleet.require_sharing(fleet.open(), fleet.open())


def await_clock(fleet):
    """Both members have read the clock again: each reading has a DEL."""
    fleet.redis.call("CONFIG", "RESETSTAT")
    readings = re.compile(rb"cmdstat_del:calls=(\d+)")
    eventually(lambda: int((readings.search(fleet.redis.call("INFO", "commandstats")) or [0, 0])[1]) >= 6, "the clock to be read")


def test_a_full_one_still_gives_and_still_invalidates(fleet):
    first = fleet.open({"listen": False})
    first.find(USERS)
    first.await_stored()
    fleet.redis.call("CONFIG", "SET", "maxmemory", "1")
    second = fleet.open({"listen": False})
    assert second.find(USERS).cache == "ttl"
    assert second.find(USERS, where={"id": {"gte": -1}}).cache == "miss"
    await_clock(fleet)
    assert second.metric("accelerant_tier_trusted") == 1 and second.metric("accelerant_tier_breaker_openings_total") == 0
    fleet.database.sql.execute("UPDATE \"User\" SET name = 'Changed' WHERE id = 1")
    assert second.invalidate("users").status == "OK"
    assert "Changed" in fleet.open({"listen": False}).find(USERS).text.decode()


def test_one_without_enough_replicas_is_left_until_it_has_them(fleet):
    member = fleet.open({"listen": False})
    member.find(USERS)
    member.await_stored()
    fleet.redis.call("CONFIG", "SET", "min-replicas-to-write", "1")
    member.await_trusted(0)
    assert fleet.open({"listen": False}, wait=False).find(USERS).cache == "miss"
    fleet.redis.call("CONFIG", "SET", "min-replicas-to-write", "0")
    member.await_trusted()


def test_one_that_becomes_a_replica_is_left(fleet):
    member = fleet.open({"listen": False})
    fleet.redis.call("REPLICAOF", "127.0.0.1", fleet.redis.port)
    member.await_trusted(0)
    assert member.find(USERS).cache == "miss"
    fleet.redis.call("REPLICAOF", "NO", "ONE")
    member.await_trusted()
