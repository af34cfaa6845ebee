"""`accelerant_cancel`: what waits ends at once, what runs is stopped on the server, and nobody else notices."""
import random
import time

import pytest
from asking import HIT, QUICK, Asking, number, slow
from waiting import Call, calls, eventually


def sleeping(seconds=60):
    return {"operation": "$queryRaw", "args": {"query": f"SELECT 1 AS n FROM pg_sleep({seconds})", "parameters": []}}


def active(database):
    """How many statements of the library run on the server."""
    return int(database._admin.value(
        f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database.name}' AND usename = 'app' AND state = 'active'"))


def test_what_runs_is_stopped_on_the_server(make_scene):
    scene = make_scene(url={"connection_limit": 1})
    asking = Asking(scene.client)
    for token in range(1, 6):
        asking.submit(sleeping(), token)
        eventually(lambda: active(scene.database) == 1)
        assert asking.cancel(token) == "OK"
        reply = asking.take_all(1)[token]
        assert (reply.status, reply.data) == ("CANCELLED", None)
        assert asking.cancel(token) == "NOT_FOUND"
        eventually(lambda: active(scene.database) == 0)
    assert scene.client.data(QUICK) == 4 and asking.take() is None


def test_what_waits_for_a_thread_or_a_connection_is_done_when_cancel_returns_or_soon(make_scene):
    scene = make_scene(url={"connection_limit": 1})
    asking = Asking(scene.client)
    with scene.database.locked():
        asking.submit(slow(1), 1)
        eventually(lambda: scene.database.waiting() == 1)
        for token in (2, 3, 3, 4):
            asking.submit(QUICK, token)
        assert [asking.cancel(token) for token in (3, 5)] == ["OK", "NOT_FOUND"]
        seen = [asking.take(), asking.take()]
        assert [(token, reply.status) for token, reply in seen] == [(3, "CANCELLED")] * 2 and asking.take() is None
        assert asking.cancel(3) == "NOT_FOUND"
    replies = asking.take_all(3)
    assert {token: reply.status for token, reply in replies.items()} == {1: "OK", 2: "OK", 4: "OK"}
    # One that waits for the connection, which a thread has.
    with scene.database.locked():
        held = Call(scene.client.query, slow(2))
        eventually(lambda: scene.database.waiting() == 1)
        asking.submit(QUICK, 6)
        time.sleep(0.05)
        assert asking.cancel(6) == "OK"
        assert asking.take_all(1)[6].status == "CANCELLED"
    assert held.result().status == "OK"


def test_a_query_that_others_follow_goes_on_for_them(make_scene):
    scene = make_scene(url={"connection_limit": 3})
    asking = Asking(scene.client)
    with scene.database.locked():
        asking.submit(slow(1), 1)
        eventually(lambda: scene.database.waiting() == 1)
        asking.submit(slow(1), 2)
        thread = Call(scene.client.query, slow(1))
        eventually(lambda: scene.metric("accelerant_cache_joined_misses_total") == 2)
        assert asking.cancel(1) == "OK"
        # At once, for nothing has to be stopped.
        token, reply = asking.take()
        assert (token, reply.status) == (1, "CANCELLED")
        assert scene.database.waiting() == 1
    assert len(asking.take_all(1)[2].data) == 4 and len(thread.result().data) == 4
    assert scene.reads() == 1 and asking.take() is None
    assert scene.client.query(slow(1)).cache == "ttl"


def test_a_query_that_nobody_follows_any_more_is_stopped(make_scene):
    scene = make_scene()
    asking = Asking(scene.client)
    with scene.database.locked():
        asking.submit(slow(1), 1)
        eventually(lambda: scene.database.waiting() == 1)
        asking.submit(slow(1), 2)
        late = Call(scene.client.query, slow(1, timeoutMs=200))
        eventually(lambda: scene.metric("accelerant_cache_joined_misses_total") == 2)
        assert late.result().status == "TIMEOUT"
        assert asking.cancel(2) == "OK" and asking.take()[1].status == "CANCELLED"
        assert asking.cancel(1) == "OK"
        assert asking.take_all(1)[1].status == "CANCELLED"
        eventually(lambda: scene.database.waiting() == 0)
        # Whoever comes now has a query of his own.
        asking.submit(slow(1), 3)
        eventually(lambda: scene.database.waiting() == 1)
    assert len(asking.take_all(1)[3].data) == 4


def test_a_write_that_is_cancelled_before_it_happened_does_not_happen(make_scene):
    scene = make_scene()
    asking = Asking(scene.client)
    with scene.database.locked():
        asking.submit({"model": "User", "operation": "updateMany", "args": {"data": {"name": "Zed"}}}, 1)
        asking.submit({"operation": "$transaction", "args": {"requests": [
            {"model": "User", "operation": "updateMany", "args": {"data": {"name": "Zed"}}}, QUICK]}}, 2)
        eventually(lambda: scene.database.waiting() == 2)
        assert [asking.cancel(token) for token in (1, 2)] == ["OK", "OK"]
        replies = asking.take_all(2)
        assert {reply.status for reply in replies.values()} == {"CANCELLED"}
        assert "Nothing was written" in replies[1].error["message"]
        eventually(lambda: active(scene.database) == 0)
    assert "Zed" not in [user["name"] for user in scene.find().data]


def test_a_transaction_whose_request_is_cancelled_is_rolled_back(make_scene):
    scene = make_scene(url={"connection_limit": 2})
    asking = Asking(scene.client)
    begun = scene.client.data({"operation": "$transaction.begin"})["id"]
    scene.client.data({"model": "User", "operation": "updateMany", "args": {"data": {"name": "Zed"}}, "transaction": begun})
    asking.submit(dict(sleeping(), transaction=begun), 1)
    eventually(lambda: active(scene.database) == 1)
    assert asking.cancel(1) == "OK" and asking.take_all(1)[1].status == "CANCELLED"
    assert scene.client.query({"operation": "$transaction.commit", "transaction": begun}).code == "P2028"
    eventually(lambda: active(scene.database) == 0)
    assert "Zed" not in [user["name"] for user in scene.find().data]


@pytest.mark.timeout(120)
def test_cancels_at_any_moment_reach_nobody_else(make_scene):
    scene = make_scene(url={"connection_limit": 3})
    asking = Asking(scene.client)
    dice = random.Random(7)
    is_over, wrong = [], []

    def neighbour():
        value = dice.randrange(1 << 30)
        while not is_over:
            value += 1
            reply = scene.client.query(number(value % (1 << 31)))
            if reply.data != [{"n": value % (1 << 31)}]:
                wrong.append(reply)

    neighbours = calls(4, neighbour)
    replies, cancelled = {}, set()
    for token in range(600):
        kind = token % 4
        asking.submit({0: number(token), 1: sleeping(0.003), 2: slow(token % 7), 3: HIT}[kind], token)
        if dice.random() < 0.6:
            time.sleep(dice.random() * 0.004)
            victim = max(0, token - dice.randrange(3))
            if asking.cancel(victim) == "OK":
                cancelled.add(victim)
        while (taken := asking.take()) is not None:
            assert taken[0] not in replies
            replies[taken[0]] = taken[1]
    replies.update(asking.take_all(600 - len(replies)))
    is_over.append(True)
    for call in neighbours:
        call.result(30)
    assert not wrong, wrong[:3]
    for token, reply in replies.items():
        if reply.status == "CANCELLED":
            assert token in cancelled
        else:
            assert reply.status == "OK", reply
            if token % 4 == 0:
                assert reply.data == [{"n": token}]
    assert sum(reply.status == "CANCELLED" for reply in replies.values()) > 20
    eventually(lambda: active(scene.database) == 0)
