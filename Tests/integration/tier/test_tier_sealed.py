"""`cache.tier.key`: who reads Redis reads nothing, and what somebody else wrote is not served."""
import base64
import os
import subprocess
import sys

import pytest
from capi import Client, OpenError
from scene import SCHEMA
from waiting import eventually

USERS = {"ttl": 60, "tags": ["users"]}
KEY = os.urandom(32)
SEALED = {"listen": False, "key": base64.b64encode(KEY).decode()}


def filled(fleet, **tier):
    """A process that has stored its answer, and its key in Redis."""
    member = fleet.open({**SEALED, **tier})
    member.find(USERS)
    member.await_stored()
    [entry] = fleet.redis.keys("*:e:*")
    return member, entry


def test_processes_with_the_same_key_share_answers(fleet):
    first, _ = filled(fleet)
    second = fleet.open({**SEALED, "key": KEY.hex()})
    assert second.find(USERS).cache == "ttl"
    assert second.find(USERS).text == first.find(USERS).text
    fleet.database.sql.execute("UPDATE \"User\" SET name = 'Changed' WHERE id = 1")
    assert first.invalidate("users").status == "OK"
    assert "Changed" in fleet.open(SEALED).find(USERS).text.decode()


def test_who_reads_redis_reads_nothing(fleet):
    plain = fleet.open({"listen": False})
    answer = plain.find(USERS).text
    plain.await_stored()
    assert any(answer in (fleet.redis.call("GET", key) or b"") for key in fleet.redis.keys("*:e:*")), "without a key it is there to be read"
    [unsealed] = fleet.redis.keys("*:e:*")
    fleet.redis.call("FLUSHALL")
    _, entry = filled(fleet)
    assert entry.rsplit(":", 1)[1] != unsealed.rsplit(":", 1)[1], "nor does its name tell what was asked"
    value = fleet.redis.call("GET", entry)
    assert b"name" not in value and b"email" not in value and KEY not in value
    assert len(value) > len(answer)


@pytest.mark.parametrize("other", [{}, {"key": "00" * 32}], ids=["without a key", "with another key"])
def test_a_process_with_another_key_has_answers_of_its_own(fleet, other):
    filled(fleet)
    stranger = fleet.open({"listen": False, **other})
    assert stranger.find(USERS).cache == "miss"
    stranger.await_stored()
    assert len(fleet.redis.keys("*:e:*")) == 2
    assert fleet.open(SEALED).find(USERS).cache == "ttl", "and leaves the others alone"


def test_an_invalidation_reaches_processes_with_another_key(fleet):
    """While a key is being changed, both are in use."""
    filled(fleet)
    other = fleet.open({"listen": False, "key": "11" * 32})
    fleet.database.sql.execute("UPDATE \"User\" SET name = 'Changed' WHERE id = 1")
    other.invalidate("users")
    assert "Changed" in fleet.open(SEALED).find(USERS).text.decode()


@pytest.mark.parametrize("place", [0, 40, 47, 49, 60, 100, -1])
def test_a_changed_value_is_a_miss_and_is_replaced(fleet, place):
    _, entry = filled(fleet)
    value = bytearray(fleet.redis.call("GET", entry))
    value[place] ^= 1
    fleet.redis.call("SET", entry, bytes(value))
    second = fleet.open(SEALED)
    assert second.find(USERS).cache == "miss"
    second.await_stored()
    assert fleet.open(SEALED).find(USERS).cache == "ttl"


def test_a_value_that_is_moved_to_another_key_is_a_miss(fleet):
    member, entry = filled(fleet)
    value = fleet.redis.call("GET", entry)
    member.find(USERS, where={"id": 1})
    member.await_stored(2)
    [other] = set(fleet.redis.keys("*:e:*")) - {entry}
    versions = fleet.redis.call("GET", other)[:32]
    assert value[:32] == versions, "the same versions, so that the script finds nothing wrong"
    fleet.redis.call("SET", other, value)
    reply = fleet.open(SEALED).find(USERS, where={"id": 1})
    assert reply.cache == "miss" and len(reply.data) == 1


def test_a_value_that_somebody_else_wrote_is_a_miss(fleet):
    """An unsealed one of the right form, at a sealed one's place."""
    plain = fleet.open({"listen": False})
    plain.find(USERS)
    plain.await_stored()
    [unsealed] = fleet.redis.keys("*:e:*")
    filled_by = fleet.open(SEALED)
    filled_by.find(USERS)
    filled_by.await_stored()
    [sealed] = set(fleet.redis.keys("*:e:*")) - {unsealed}
    forged = fleet.redis.call("GET", unsealed).replace(b"@", b"!")
    fleet.redis.call("SET", sealed, forged)
    assert fleet.open(SEALED).find(USERS).cache == "miss"


def test_a_value_of_another_age_is_a_miss(fleet):
    _, entry = filled(fleet)
    value = fleet.redis.call("GET", entry)
    fleet.redis.call("SET", entry, value[:32] + b"%016d" % (int(value[32:48]) + 5_000_000) + value[48:])
    assert fleet.open(SEALED).find(USERS).cache == "miss"


def test_the_sign_of_an_answer_that_is_too_large_is_sealed_too(fleet):
    first, second = (fleet.open({**SEALED, "maxEntryBytes": 10}) for _ in range(2))
    assert first.find(USERS).cache == "miss"
    first.await_stored()
    assert second.find(USERS).cache == "miss"
    assert second.metric("accelerant_tier_bypasses_total") == 1, "it waits for nobody"


@pytest.mark.parametrize("key", ["", "short", "zz" * 32, base64.b64encode(KEY[:31]).decode(), 7], ids=["empty", "short", "no hex", "31 bytes", "number"])
def test_what_is_no_key_is_refused_and_not_repeated(database, key):
    with pytest.raises(OpenError) as caught:
        Client({"schema": SCHEMA, "datasourceUrl": database.url(), "cache": {"tier": {"url": "redis://h", "key": key}}})
    assert caught.value.reply.code == "P6001" and caught.value.reply.meta["path"] == "cache.tier.key"
    assert not key or str(key) not in caught.value.reply.error["message"]


def test_the_key_is_in_no_log_and_in_no_error(fleet):
    member = fleet.open({**SEALED, "timeoutMs": 50}, log=["info", "warn", "error"])
    fleet.redis.kill()
    assert member.invalidate("users").code == "P6008"
    eventually(lambda: member.metric("accelerant_tier_trusted") == 0, "the breaker to open")
    told = repr(member.client.data({"operation": "$log.take"})) + repr(member.client.data({"operation": "$metrics"}))
    assert SEALED["key"] not in told and KEY.hex() not in told


def test_clients_of_one_name_have_to_agree_on_the_key(fleet):
    fleet.open(SEALED, cache={"name": "shop"})
    with pytest.raises(OpenError) as caught:
        fleet.open({**SEALED, "key": "22" * 32}, cache={"name": "shop"})
    assert "cache.tier" in caught.value.reply.error["message"]


WITHOUT_SODIUM = """
import ctypes, os, sys
os.environ.pop("LD_PRELOAD", None)
from capi import Client, OpenError
configuration = {"datasourceUrl": "postgresql://localhost/none", "cache": {"tier": {"url": "redis://127.0.0.1:1"}}}
Client(configuration).close()
configuration["cache"]["tier"]["key"] = "00" * 32
try:
    Client(configuration)
except OpenError as error:
    print(error.reply.code, error.reply.meta["path"], error.reply.error["message"])
"""


def test_without_libsodium_a_key_is_refused_and_a_tier_is_not(tmp_path):
    """As on a machine that does not have it: dlopen finds none."""
    source = tmp_path / "none.c"
    source.write_text("""
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stddef.h>
        #include <string.h>
        void *dlopen(const char *name, int flags) {
            static void *(*next)(const char *, int);
            if (!next) next = (void *(*)(const char *, int))dlsym(RTLD_NEXT, "dlopen");
            return name && strstr(name, "libsodium") ? NULL : next(name, flags);
        }""")
    library = tmp_path / "none.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    environment = {**os.environ, "LD_PRELOAD": str(library), "PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run([sys.executable, "-c", WITHOUT_SODIUM], env=environment, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("P6001 cache.tier.key") and "libsodium23" in told.stdout
