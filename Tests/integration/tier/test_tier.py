"""One cache for many processes: what one has read another one finds, and what one invalidates is gone for all."""
import re
import time

from asking import Asking
from scene import SCHEMA
from waiting import PROMPT, Call, eventually

USERS = {"ttl": 60, "tags": ["users"]}


def test_what_one_has_read_another_one_finds_without_the_database(fleet):
    first, second = fleet.open(), fleet.open()
    assert first.find(USERS).cache == "miss"
    first.await_stored()
    before = fleet.database.reads()
    reply = second.find(USERS)
    assert reply.cache == "ttl"
    assert reply.text == first.find(USERS).text
    assert reply.info["lastModified"] == first.find(USERS).info["lastModified"]
    assert fleet.database.reads() == before
    assert second.metric("accelerant_tier_hits_total") == 1
    # From here on the own cache has it.
    assert second.find(USERS).cache == "ttl"
    assert second.metric("accelerant_tier_hits_total") == 1


def test_a_quiet_tier_disturbs_nothing(fleet):
    member = fleet.open()
    eventually(lambda: fleet.redis.call("PUBSUB", "NUMSUB", "{accelerant}:1:changes")[1] == 1, "it to listen")
    member.find(USERS)
    member.await_stored()
    connections = fleet.redis.call("CLIENT", "LIST").count(b"name=accelerant")
    # Longer than the pause between two looks at the clock, and between two questions of the subscription.
    time.sleep(2.2)
    assert member.find(USERS).cache == "ttl"
    assert member.metric("accelerant_tier_hits_total") == 0, "its own cache still has it"
    assert member.metric("accelerant_tier_faults_total") == 0
    received = int(fleet.redis.call("INFO", "stats").split(b"total_connections_received:")[1].split()[0])
    assert fleet.redis.call("CLIENT", "LIST").count(b"name=accelerant") == connections == 2
    assert received < 12


def test_a_process_that_starts_finds_what_others_have_read(fleet):
    first = fleet.open()
    first.find(USERS)
    first.await_stored()
    late = fleet.open(wait=False)
    assert late.find(USERS).cache == "ttl"
    assert late.metric("prisma_datasource_queries_total") == 0, "not even what there is to know of its tables"


def test_without_automatic_answers_of_its_own_a_process_knows_what_its_writes_drop(fleet):
    """It asked what there is to know of the tables when it asked the database first: a write leaves others' answers of other tables alone."""
    writer, reader = fleet.open(), fleet.open()
    writer.find(USERS)
    assert writer.metric("prisma_datasource_queries_total") == 2
    request = {"model": "OrderItem", "operation": "count", "args": {"cacheStrategy": {"ttl": 60, "auto": True}}}
    eventually(lambda: reader.client.query(request).cache == "ttl", "an automatic answer of another table")
    eventually(lambda: reader.find({"ttl": 60, "auto": True}).cache == "ttl", "one of the table")
    writer.rename("Renamed")
    eventually(lambda: reader.find({"ttl": 60, "auto": True}).cache == "miss", "the message")
    assert reader.client.query(request).cache == "ttl"


def test_what_one_invalidates_is_gone_for_all_when_the_call_returns(fleet):
    writer, reader = fleet.open(), fleet.open({"listen": False})
    writer.find(USERS)
    writer.await_stored()
    fleet.database.sql.execute("UPDATE \"User\" SET name = 'Changed' WHERE id = 1")
    assert writer.invalidate("users").status == "OK"
    # The reader's own cache is empty, and the tier must not fill it with the old answer.
    assert "Changed" in reader.find(USERS).text.decode()


def test_other_processes_own_caches_hear_of_it(fleet):
    writer, reader = fleet.open(), fleet.open()
    reader.find(USERS)
    eventually(lambda: fleet.redis.call("PUBSUB", "NUMSUB", "{accelerant}:1:changes")[1] == 2, "both to listen")
    fleet.database.sql.execute("UPDATE \"User\" SET name = 'Changed' WHERE id = 1")
    writer.invalidate("users")
    eventually(lambda: "Changed" in reader.find(USERS).text.decode(), "the message to arrive")
    assert reader.metric("accelerant_tier_notices_total") == 1


def test_invalidate_all_reaches_everybody(fleet):
    writer, reader = fleet.open(), fleet.open()
    eventually(lambda: fleet.redis.call("PUBSUB", "NUMSUB", "{accelerant}:1:changes")[1] == 2, "both to listen")
    for tags in (["a"], ["b"]):
        reader.find({"ttl": 60, "tags": tags})
    fleet.database.sql.execute("UPDATE \"User\" SET name = 'Changed' WHERE id = 1")
    writer.client.data({"operation": "$accelerate.invalidateAll"})
    for tags in (["a"], ["b"]):
        eventually(lambda: "Changed" in reader.find({"ttl": 60, "tags": tags}).text.decode(), "the message to arrive")


def test_a_write_drops_the_automatic_answers_of_all_before_its_reply(fleet):
    automatic = {"ttl": 60, "auto": True}
    writer, reader = fleet.open(), fleet.open({"listen": False})
    assert writer.names(automatic)[0] != "Renamed"
    writer.await_stored()
    writer.rename("Renamed")
    assert reader.names(automatic)[0] == "Renamed"


def test_automatic_answers_in_other_processes_go_with_the_message(fleet):
    automatic = {"ttl": 60, "auto": True}
    writer, reader = fleet.open(), fleet.open()
    eventually(lambda: reader.find(automatic, orderBy={"id": "asc"}).cache == "ttl", "automatic answers to be kept")
    writer.rename("Renamed")
    eventually(lambda: reader.names(automatic)[0] == "Renamed", "the message to arrive")


def test_the_same_request_with_other_tags_is_another_answer(fleet):
    first, second = fleet.open(), fleet.open({"listen": False})
    first.find({"ttl": 60, "tags": ["a"]})
    first.await_stored()
    fleet.database.sql.execute("UPDATE \"User\" SET name = 'Changed' WHERE id = 1")
    first.invalidate("b")
    # Whoever has b asks for what is not older than b's invalidation: the answer that is only known by a is not that.
    assert "Changed" in second.find({"ttl": 60, "tags": ["b"]}).text.decode()
    third = fleet.open({"listen": False})
    assert "Changed" not in third.find({"ttl": 60, "tags": ["a"]}).text.decode()


def test_a_key_with_both_tags_is_judged_by_both(fleet):
    first, second = fleet.open({"listen": False}), fleet.open({"listen": False})
    first.find({"ttl": 60, "tags": ["a"]})
    first.find({"ttl": 60, "tags": ["a", "b"]})
    first.await_stored(2)
    assert second.find({"ttl": 60, "tags": ["a"]}).cache == "ttl"
    assert second.find({"ttl": 60, "tags": ["b", "a"]}).cache == "ttl"
    first.invalidate("b")
    third = fleet.open({"listen": False})
    assert third.find({"ttl": 60, "tags": ["b", "a"]}).cache == "miss"


def test_databases_schemas_roles_and_prefixes_have_answers_of_their_own(fleet):
    first = fleet.open()
    first.find(USERS)
    first.await_stored()
    assert fleet.open().find(USERS).cache == "ttl"
    other_options = fleet.database.url(connection_limit=4, application_name="other", options="-c statement_timeout=9000")
    assert fleet.open(datasourceUrl=other_options).find(USERS).cache == "miss"
    other_schema = SCHEMA + "\nmodel Another {\n  id Int @id\n}\n"
    assert fleet.open(schema=other_schema).find(USERS).cache == "miss"
    assert fleet.open({"prefix": "another"}).find(USERS).cache == "miss"


def test_ages_are_counted_from_the_read_of_the_database(fleet):
    first, second = fleet.open(clock="manual"), fleet.open(clock="manual")
    strategy = {"ttl": 60, "swr": 60}

    def advance(member, seconds):
        member.client.data({"operation": "$clock.advance", "args": {"milliseconds": seconds * 1000}})

    first.find(strategy)
    first.await_stored()
    advance(second, 59)
    assert second.find(strategy).cache == "ttl"
    advance(second, 2)
    # 61 seconds after the read, not after its arrival here.
    assert second.find(strategy).cache == "swr"
    second.await_stored()
    third, late = fleet.open(clock="manual"), fleet.open(clock="manual")
    advance(third, 120)
    # Read again after 61 seconds.
    assert third.find(strategy).cache == "ttl"
    advance(late, 182)
    assert late.find(strategy).cache == "miss"


def test_a_stale_answer_is_read_again_once_in_the_fleet(fleet):
    members = [fleet.open() for _ in range(3)]
    strategy = {"ttl": 1, "swr": 600}
    members[0].find(strategy)
    members[0].await_stored()
    for member in members:
        member.find(strategy)
    time.sleep(1.1)
    before = fleet.database.reads()
    for member in members:
        assert member.find(strategy).cache == "swr"
    for member in members:
        eventually(lambda: member.metric("accelerant_cache_refreshes_total") == 1, "a refresh")
    assert fleet.database.reads() - before == 1


def test_one_process_asks_and_the_others_wait_for_its_answer(fleet):
    members = [fleet.open({"listen": False, "timeoutMs": 5000}) for _ in range(4)]
    before = fleet.database.reads()
    with fleet.database.locked("User"):
        waiting = [Call(member.find, USERS) for member in members]
        eventually(lambda: sum(member.metric("accelerant_tier_misses_total") for member in members) == 1, "one to have the lease")
        time.sleep(0.2)
    replies = [call.result() for call in waiting]
    assert sorted(reply.cache for reply in replies) == ["miss", "ttl", "ttl", "ttl"]
    assert fleet.database.reads() - before == 1


def test_when_the_one_who_asks_is_gone_another_one_asks(fleet):
    first, second = fleet.open(), fleet.open()
    first.find(USERS)
    first.await_stored()
    [entry] = fleet.redis.keys("*:e:*")
    first.invalidate("users")
    assert fleet.redis.call("DEL", entry) == 1
    second.find({"ttl": 60, "tags": ["x"]})
    # A lease that no one will end, with the versions as they are.
    [second_key] = fleet.redis.keys("*:e:*")
    lease = second_key.replace(":e:", ":l:")
    versions = fleet.redis.call("GET", second_key)[:32]
    fleet.redis.call("DEL", second_key)
    third = fleet.open({"listen": False})
    begin = time.monotonic()
    fleet.redis.call("SET", lease, b"t" * 16 + versions, "PX", 600)
    assert third.find({"ttl": 60, "tags": ["x"]}).cache == "miss"
    assert 0.3 < time.monotonic() - begin < PROMPT


def test_a_failed_query_ends_its_lease(fleet):
    first, second = fleet.open({"listen": False}), fleet.open({"listen": False})
    with fleet.database.locked("User"):
        reply = first.client.query({"model": "User", "operation": "findMany", "args": {"cacheStrategy": USERS}, "timeoutMs": 300})
        assert reply.error["code"] == "P6004"
    eventually(lambda: fleet.redis.keys("*:l:*") == [], "the lease to end")
    assert second.find(USERS).cache == "miss"


def test_an_answer_above_the_limit_is_not_stored_and_holds_no_one_up(fleet):
    first, second = fleet.open({"maxEntryBytes": 10}), fleet.open({"maxEntryBytes": 10})
    assert first.find(USERS).cache == "miss"
    first.await_stored()

    def commands():
        return int(re.search(rb"total_commands_processed:(\d+)", fleet.redis.call("INFO", "stats")).group(1))
    before = commands()
    assert second.find(USERS).cache == "miss"
    # One who waits asks again and again, 65 times until a lease is over.
    assert commands() - before < 40
    [entry] = fleet.redis.keys("*:e:*")
    assert fleet.redis.call("STRLEN", entry) < 200
    assert 0 < fleet.redis.call("PTTL", entry) <= 10_000


def test_what_redis_is_asked_for_a_miss_a_hit_and_an_invalidation(fleet):
    first, second = fleet.open({"listen": False}), fleet.open({"listen": False})
    monitor = fleet.redis.monitor()
    first.find(USERS)
    first.await_stored()
    second.find(USERS)
    second.find(USERS)
    second.invalidate("users")
    fleet.redis.call("ECHO", "end of the test")
    seen = []
    while not seen or "end of the test" not in seen[-1]:
        seen.append(monitor.read())
    # The clock is asked beside them, twice a second.
    clock = (" lua]", "INFO", '"2" "{accelerant}:1:clock"', '"{accelerant}:1:none"')
    names = [line for line in seen if not any(words in line for words in clock)]
    commands = [line.split('"')[1].upper() for line in names]
    assert commands == ["EVALSHA"] * 4 + ["ECHO"], "a look, a store, a look, an invalidation"
    inside = [line.split('"')[1].upper() for line in seen if " lua]" in line]
    assert [command for command in inside if command in ("DEL", "PUBLISH")][-2:] == ["DEL", "PUBLISH"]
    monitor.close()


def test_clients_of_one_name_share_connections_and_answers(fleet):
    cache = {"name": "shop"}
    first = fleet.open(cache=cache)
    second = fleet.open(cache=cache)
    first.find(USERS)
    assert second.find(USERS).cache == "ttl"
    assert fleet.redis.call("PUBSUB", "NUMSUB", "{accelerant}:1:changes")[1] == 1


def test_submitted_requests_use_the_tier_too(fleet):
    first, second = fleet.open(), fleet.open()
    first.find(USERS)
    first.await_stored()
    request = {"model": "User", "operation": "findMany", "args": {"cacheStrategy": USERS}}
    asking = Asking(second.client)
    assert asking.submit(request, 7) == "OK"
    assert asking.take_all(1)[7].cache == "ttl"
