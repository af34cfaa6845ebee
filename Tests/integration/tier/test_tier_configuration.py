"""How a tier is configured, and what is said of a configuration that cannot be used."""
import pytest
from capi import Client, OpenError
from redis_server import Connection, Redis, RedisError
from scene import SCHEMA

USERS = {"ttl": 60, "tags": ["users"]}


def opened(database, tier):
    Client({"schema": SCHEMA, "datasourceUrl": database.url(), "cache": {"tier": tier}}).close()


@pytest.mark.parametrize("tier, path, words", [
    ({}, "cache.tier.url", "is needed"),
    ("redis://h", "cache.tier", "object"),
    ({"url": "http://h"}, "cache.tier.url", "redis://"),
    ({"url": "redis://h:99999"}, "cache.tier.url", "port"),
    ({"url": "redis://user@h"}, "cache.tier.url", "password"),
    ({"url": "redis://[::1"}, "cache.tier.url", "["),
    ({"url": "redis://[::1]6379"}, "cache.tier.url", "]"),
    ({"url": "redis://h h"}, "cache.tier.url", "space"),
    ({"url": "redis://h#part"}, "cache.tier.url", "#"),
    ({"url": "redis://h/first"}, "cache.tier.url", "database"),
    ({"url": "redis://h", "prefix": ""}, "cache.tier.prefix", "64"),
    ({"url": "redis://h", "prefix": "a{b}"}, "cache.tier.prefix", "letters"),
    ({"url": "redis://h", "timeoutMs": 0}, "cache.tier.timeoutMs", "whole number"),
    ({"url": "redis://h", "maxEntryBytes": -1}, "cache.tier.maxEntryBytes", "whole number"),
    ({"url": "redis://h", "listen": 1}, "cache.tier.listen", "true or false"),
    ({"url": "redis://h", "prefx": "a"}, "cache.tier.prefx", "Did you mean `prefix`?"),
])
def test_a_mistake_is_named_with_its_place(database, tier, path, words):
    with pytest.raises(OpenError) as caught:
        opened(database, tier)
    assert caught.value.reply.code == "P6001"
    assert caught.value.reply.meta["path"] == path
    assert words in caught.value.reply.error["message"]


def test_a_password_is_in_no_error_and_no_log(make_fleet):
    fleet = make_fleet(requirepass="right-secret")
    with pytest.raises(OpenError) as caught:
        opened(fleet.database, {"url": "redis://u:wrong-secret%zz@127.0.0.1"})
    assert "wrong-secret" not in repr(caught.value)
    member = fleet.open(url=f"redis://:wrong-secret@127.0.0.1:{fleet.redis.port}", wait=False, log=["info", "warn", "error"])
    reply = member.client.query({"operation": "$connect"})
    assert reply.code == "P6001" and "refuses the user or the password" in reply.error["message"]
    assert "secret" not in reply.error_text
    assert member.find(USERS).cache == "miss", "requests go on without it"
    assert "secret" not in repr(member.client.data({"operation": "$log.take"}))


def test_a_password_is_used(make_fleet):
    fleet = make_fleet(requirepass="p@ss:w/rd")
    with pytest.raises(RedisError):
        Connection(fleet.redis.path).call("GET", "x")
    url = f"redis://:p%40ss%3Aw%2Frd@127.0.0.1:{fleet.redis.port}/3"
    first, second = fleet.open(url=url), fleet.open(url=url)
    first.find(USERS)
    first.await_stored()
    assert second.find(USERS).cache == "ttl"
    assert first.client.data({"operation": "$connect"}) is None


def test_a_user_with_the_documented_permissions_is_enough(fleet):
    fleet.redis.call(
        "ACL", "SETUSER", "app", "on", ">secret", "~{shop}:*", "&{shop}:*", *(
            "+auth +select +client|setname +info +script|load +evalsha +mget +get +set +del +pttl +pexpire +time +publish +subscribe +ping".split()))
    url = f"redis://app:secret@127.0.0.1:{fleet.redis.port}"
    first, second = fleet.open({"prefix": "shop"}, url=url), fleet.open({"prefix": "shop"}, url=url)
    first.find(USERS)
    first.await_stored()
    assert second.find(USERS).cache == "ttl"
    assert second.invalidate("users").status == "OK"
    reply = fleet.open({"prefix": "other"}, url=url, wait=False).client.query({"operation": "$connect"})
    assert reply.code == "P6001" and "permission" in reply.error["message"]


def test_a_unix_socket_and_a_database_number_lead_to_the_same(fleet):
    first = fleet.open(url=f"unix://{fleet.redis.path}?db=2")
    second = fleet.open(url=fleet.redis.url(2))
    first.find(USERS)
    first.await_stored()
    assert second.find(USERS).cache == "ttl"
    assert fleet.open().find(USERS).cache == "miss"


def test_clients_of_one_name_have_to_agree_on_the_tier(fleet):
    fleet.open(cache={"name": "shop"})
    with pytest.raises(OpenError) as caught:
        fleet.open({"prefix": "other"}, cache={"name": "shop"})
    assert "cache.tier" in caught.value.reply.error["message"]


def test_the_first_host_that_is_primary_is_used(make_fleet):
    fleet = make_fleet()
    with Redis(replicaof=f"127.0.0.1 {fleet.redis.port}") as replica:
        url = f"redis://127.0.0.1:1,127.0.0.1:{replica.port},127.0.0.1:{fleet.redis.port}"
        member = fleet.open(url=url)
        member.find(USERS)
        member.await_stored()
