"""Clients that open the same `cache.name`: one cache, one pool and one listener; a queue, a descriptor and an end of its own for each."""
import os
import time

import pytest
from asking import Asking
from capi import Client, OpenError
from database import ROLE
from scene import SCHEMA
from waiting import Call, calls, eventually

USERS = {"model": "User", "operation": "findMany", "args": {"cacheStrategy": {"ttl": 60, "tags": ["users"]}}}
SLEEP = {"operation": "$queryRaw", "args": {"query": "SELECT 1 AS n FROM pg_sleep(20)"}}


@pytest.fixture
def open_client(database):
    """Clients of one name."""
    made = []

    def open(name="shared", url=None, schema=SCHEMA, cache=None, **settings):
        config = {"schema": schema, "datasourceUrl": url or database.url(connection_limit=4), "cache": {"name": name, **(cache or {})}, **settings}
        made.append(Client(config))
        return made[-1]

    yield open
    for client in made:
        client.close()


def sessions(database, condition="true"):
    """How many sessions of the library the server has."""
    return int(database.sql.value(
        f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database.name}' AND usename = '{ROLE}' AND {condition}"))


def test_what_one_has_read_another_one_finds(open_client):
    first, second = open_client(), open_client()
    assert first.query(USERS).cache == "miss"
    assert second.query(USERS).cache == "ttl"
    assert second.query({**USERS, "args": {**USERS["args"]}}).text == first.query(USERS).text


def test_what_one_invalidates_is_gone_for_all(open_client):
    first, second = open_client(), open_client()
    first.query(USERS)
    second.data({"operation": "$accelerate.invalidate", "args": {"tags": ["users"]}})
    assert first.query(USERS).cache == "miss"
    assert second.query(USERS).cache == "ttl"
    first.data({"operation": "$accelerate.invalidateAll"})
    assert second.query(USERS).cache == "miss"


def test_what_one_writes_drops_the_automatic_answers_of_all(open_client):
    first, second = open_client(cache={"auto": True}), open_client(cache={"auto": True})
    assert first.query(USERS).cache == "miss" and second.query(USERS).cache == "ttl"
    second.data({"model": "User", "operation": "update", "args": {"where": {"id": 1}, "data": {"name": "Other"}}})
    assert "Other" in first.query(USERS).text.decode()


def test_a_clock_that_one_moves_is_the_clock_of_all(open_client):
    first, second = open_client(clock="manual"), open_client(clock="manual")
    first.query(USERS)
    second.data({"operation": "$clock.advance", "args": {"milliseconds": 61_000}})
    assert first.query(USERS).cache == "miss"


def test_other_names_schemas_databases_and_clients_without_a_name_have_caches_of_their_own(open_client, database):
    open_client().query(USERS)
    other_schema = SCHEMA + "\nmodel Another {\n  id Int @id\n}\n"
    others = [
        open_client(name="other"),
        open_client(schema=other_schema),
        open_client(url=database.url(connection_limit=4, options="-c work_mem=5MB")),
    ]
    assert [client.query(USERS).cache for client in others] == ["miss"] * 3
    with Client({"schema": SCHEMA, "datasourceUrl": database.url(connection_limit=4)}) as alone:
        assert alone.query(USERS).cache == "miss"
    # Comments mean nothing.
    assert open_client(schema="// Another text.\n" + SCHEMA).query(USERS).cache == "ttl"


@pytest.mark.parametrize("path, settings", [
    ("cache.maxBytes", {"cache": {"maxBytes": 1 << 20}}),
    ("cache.auto", {"cache": {"auto": True}}),
    ("cache.listen", {"cache": {"listen": True}}),
    ("dateTime", {"dateTime": "microseconds"}),
    ("clock", {"clock": "manual"}),
    ("limits.responseBytes", {"limits": {"responseBytes": 1000}}),
    ("log", {"log": ["query"]}),
])
def test_what_shares_a_cache_has_to_agree(open_client, path, settings):
    client = open_client()
    with pytest.raises(OpenError) as error:
        open_client(**settings)
    assert (error.value.reply.code, error.value.reply.meta["path"]) == ("P6001", path)
    assert f"`{path}`" in error.value.reply.error["message"]
    # The one that was refused counts for nothing.
    client.close()
    assert open_client(**settings).query({"model": "User", "operation": "count"}).number == 0


def test_another_connection_limit_is_refused_and_the_same_database_by_another_password_too(open_client, database):
    open_client()
    with pytest.raises(OpenError) as error:
        open_client(url=database.url(connection_limit=5))
    assert error.value.reply.meta["path"] == "datasourceUrl"


def test_limits_of_requests_are_each_ones_own(open_client):
    first = open_client()
    second = open_client(limits={"queryTimeoutMs": 200, "queueLength": 1, "requestBytes": 1000}, region="fra1")
    assert second.query(SLEEP).code == "P6004"
    assert first.query({**USERS, "args": {"where": {"name": 2000 * "x"}}}).number == 0
    assert second.query({**USERS, "args": {"where": {"name": 2000 * "x"}}}).code == "P6009"
    assert first.query(USERS).info["region"] != second.query(USERS).info["region"] == "fra1"


@pytest.mark.parametrize("name", ["", 201 * "x"])
def test_a_name_has_1_to_200_bytes(open_client, name):
    with pytest.raises(OpenError) as error:
        open_client(name=name)
    assert error.value.reply.meta["path"] == "cache.name"
    assert open_client(name=200 * "x").query({"model": "User", "operation": "count"}).number == 0


def test_all_together_have_as_many_connections_as_one(open_client, database):
    clients = [open_client() for _ in range(6)]
    busy = [Call(client.query, {"operation": "$queryRaw", "args": {"query": f"SELECT {n} AS n FROM pg_sleep(0.2)"}}) for n in range(4) for client in clients]
    most = 0
    while any(call.is_running() for call in busy):
        most = max(most, database.connections())
    assert [call.result().number for call in busy] == [0] * 24
    assert 1 < most <= 4


def test_all_together_have_one_listener(open_client, database):
    clients = [open_client(cache={"listen": True}) for _ in range(5)]
    for client in clients:
        client.data({"operation": "$connect"})
    assert sessions(database, "query LIKE '%pg_notification_queue_usage%' OR query LIKE 'LISTEN%'") == 1
    clients[0].close()
    for client in clients[1:]:
        client.data({"operation": "$connect"})
    clients[1].query(USERS)
    database.sql.execute("SELECT 1")
    with Client({"schema": SCHEMA, "datasourceUrl": database.url(), "cache": {"listen": True}}) as other:
        other.data({"operation": "$connect"})
        other.data({"operation": "$accelerate.invalidate", "args": {"tags": ["users"]}})
        eventually(lambda: clients[2].query(USERS).cache == "miss", "what another process invalidates to be heard")


def test_each_takes_its_own(open_client):
    asking = [Asking(open_client()) for _ in range(4)]
    assert len({one.descriptor for one in asking}) == 4
    for token in range(50):
        for number, one in enumerate(asking):
            text = {"operation": "$queryRaw", "args": {"query": "SELECT $1::int AS n", "parameters": [1000 * number + token]}}
            assert one.submit(text, token) == "OK"
    for number, one in enumerate(asking):
        assert {token: reply.data[0]["n"] for token, reply in one.take_all(50).items()} == {token: 1000 * number + token for token in range(50)}
        assert one.take() is None


def test_requests_of_several_follow_one_query(open_client, database):
    asking = [Asking(open_client()) for _ in range(4)]
    with database.locked():
        for one in asking:
            for token in range(20):
                assert one.submit(USERS, token) == "OK"
        waiting = [Call(open_client().query, USERS) for _ in range(3)]
        time.sleep(0.3)
    for one in asking:
        assert {reply.status for reply in one.take_all(20).values()} == {"OK"}
    assert {call.result().status for call in waiting} == {"OK"}
    assert database.reads() == 1


def test_closing_one_ends_its_calls_and_none_of_the_others(open_client, database):
    first, second = open_client(), open_client()
    ended = [Call(first.query, SLEEP) for _ in range(2)]
    Asking(first).submit(SLEEP, 1)
    with database.locked():
        stays = Call(second.query, {"model": "User", "operation": "count"})
        eventually(lambda: sessions(database, "state = 'active' AND query NOT LIKE 'LOCK%'") == 4, "four running statements")
        handle = first.handle
        Call(first.close).result()
        assert [(call.result().status, call.result().code) for call in ended] == [("CLOSED", "P6010")] * 2
        assert stays.is_running()
    assert stays.result().data == 4
    assert second.query(USERS).number == 0
    eventually(lambda: sessions(database, "state = 'active'") == 0, "the statements to be cancelled")
    first.handle = handle
    assert first.query(USERS).code == "P6010"
    first.handle = None


def test_who_follows_the_query_of_one_that_is_closed_reads_for_himself(open_client, database):
    leader, follower, third = open_client(), open_client(), open_client()
    with database.locked():
        leading = Call(leader.query, USERS)
        eventually(lambda: database.waiting() == 1, "the query to wait")
        following = Call(follower.query, USERS)
        asking = Asking(third)
        assert asking.submit(USERS, 7) == "OK"
        time.sleep(0.2)
        assert following.is_running() and asking.take() is None
        leader.close()
        assert leading.result().code == "P6010"
    assert len(following.result().data) == 4
    assert len(asking.take_all(1)[7].data) == 4


def test_who_follows_the_query_of_another_is_closed_while_that_goes_on(open_client, database):
    leader, follower = open_client(), open_client()
    asking = Asking(follower)
    with database.locked():
        leading = Call(leader.query, USERS)
        eventually(lambda: database.waiting() == 1, "the query to wait")
        following = Call(follower.query, USERS)
        assert asking.submit(USERS, 7) == "OK"
        time.sleep(0.2)
        Call(follower.close).result()
        assert following.result().code == "P6010"
        assert leading.is_running()
    assert len(leading.result().data) == 4


def test_a_transaction_ends_with_its_client(open_client, database):
    first, second = open_client(), open_client()
    begun = [client.data({"operation": "$transaction.begin", "args": {"timeout": 60_000}})["id"] for client in (first, second)]
    for client, id, name in zip((first, second), begun, ("Lost", "Kept")):
        user = {"where": {"id": 1 + begun.index(id)}, "data": {"name": name}}
        assert client.query({"model": "User", "operation": "update", "args": user, "transaction": id}).number == 0
    first.close()
    second.data({"operation": "$transaction.commit", "transaction": begun[1]})
    names = [user["name"] for user in second.data({"model": "User", "operation": "findMany", "args": {"orderBy": {"id": "asc"}}})]
    assert "Lost" not in names and names[1] == "Kept"
    # A transaction is known to the client that began it alone.
    third = open_client()
    id = second.data({"operation": "$transaction.begin"})["id"]
    assert third.query({"model": "User", "operation": "count", "transaction": id}).number != 0


def test_the_last_one_ends_the_connections_and_the_next_one_begins_anew(open_client, database):
    clients = [open_client() for _ in range(3)]
    for client in clients:
        client.query(USERS)
    for client in clients:
        assert database.connections() > 0
        client.close()
    eventually(lambda: database.connections() == 0, "all connections to end")
    assert open_client().query(USERS).cache == "miss"


def test_a_child_of_fork_shares_with_nobody_of_its_parent(open_client):
    parent = open_client()
    parent.query(USERS)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            mine, other = open_client(), open_client()
            if (parent.query(USERS).status, mine.query(USERS).cache, other.query(USERS).cache) == ("FORKED", "miss", "ttl"):
                mine.close()
                status = 0 if other.query(USERS).cache == "ttl" else 2
                other.close()
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert parent.query(USERS).cache == "ttl"


def test_many_open_and_close_at_once(open_client, database):
    stays = open_client()
    stays.query(USERS)
    threads = len(os.listdir("/proc/self/task"))
    problems = []

    def come_and_go():
        for round in range(15):
            with Client({"schema": SCHEMA, "datasourceUrl": database.url(connection_limit=4), "cache": {"name": "shared"}}) as client:
                reply = client.query(USERS)
                if reply.number != 0:
                    problems.append(reply)
                if round % 5 == 0:
                    client.query({"operation": "$accelerate.invalidate", "args": {"tags": ["users"]}})
        return True

    for call in calls(6, come_and_go):
        assert call.result(60)
    assert not problems and stays.query(USERS).number == 0
    # Threads of the library are none of Python's.
    eventually(lambda: len(os.listdir("/proc/self/task")) <= threads + 2)


def test_all_close_at_once(database, open_client):
    for _ in range(10):
        clients = [open_client(name="ending") for _ in range(5)]
        running = [Call(client.query, {"operation": "$queryRaw", "args": {"query": "SELECT 1 AS n FROM pg_sleep(60)"}}) for client in clients]
        for call in calls(5, lambda: clients.pop().close()):
            call.result()
        assert {call.result().code for call in running} == {"P6010"}


@pytest.mark.sanitized
def test_threads_from_c(compiled, configuration):
    """Threads with a client each, as worker threads have them: one invalidates and all see it; some come and go under load."""
    outcome = compiled("shared")(configuration)
    assert (outcome.returncode, outcome.stdout + outcome.stderr) == (0, "")
