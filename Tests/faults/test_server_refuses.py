"""A server that lives and refuses: its disk is full, it is read-only, transactions conflict. Under 64 callers."""
import collections
import random
import threading
import time

import pytest
from capi import Client
from load import CALLERS, WARM_SECONDS, Load, report
from psql import Psql
from scene import SCHEMA
from processes import limit_files
from waiting import calls, eventually

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
BLOCK = 8192
#: How large the table is when the disk is full. Above 16 MB, so that the log of the server, whose files have that, can go on.
FULL_BLOCKS = 2600
INSERT = "INSERT INTO filler SELECT $1::int, repeat('x', 1900) FROM pg_sleep(0.02) RETURNING id"


def insert(number):
    return {"operation": "$queryRaw", "args": {"query": INSERT, "parameters": [number]}}


def sqlstate(client, request):
    reply = client.query(request)
    return reply.error["meta"].get("code", reply.code) if reply.code else None


@pytest.fixture
def writing(own_server):
    """A server, a database, an administrator's session there, and a load that writes a number and has it come back."""
    server, database = own_server
    with Psql(server.url(database.name)) as admin:
        admin.execute("CREATE TABLE filler (id int, text text); ALTER TABLE filler ALTER text SET STORAGE plain")
        try:
            yield server, database, admin, lambda: Load(SCHEMA, database.url(), insert, lambda number: [{"id": number}])
        finally:
            admin.execute("DROP TABLE filler")


def check_codes(load):
    """All were answered or refused, but for one in a hundred that a busy machine kept waiting for all of its time."""
    codes = collections.Counter(call.code for call in load.calls)
    assert codes[None] and codes["P2010"] and set(codes) <= {None, "P2010", "P6004"} and codes["P6004"] <= len(load.calls) / 100


def fill_the_disk(server, admin):
    """Leaves little room behind the end of the table that is written to."""
    while True:
        blocks = int(admin.value("SELECT pg_relation_size('filler')")) // BLOCK
        # Why half a block: a write that is cut short is what a full disk makes of it. Why some blocks more: the table is growing.
        limit = (blocks + 60) * BLOCK + BLOCK // 2
        limit_files(server, limit)
        # Why looked at again: on a busy machine it may have grown beyond, and a write that begins there is told something else.
        if int(admin.value("SELECT pg_relation_size('filler')")) <= limit:
            return


def test_the_disk_is_full(writing, figures, rounds):
    server, _, admin, make_load = writing
    admin.execute(f"INSERT INTO filler SELECT n, repeat('x', 1900) FROM generate_series(1, {4 * FULL_BLOCKS}) n")
    with make_load() as load:
        rate = load.run(WARM_SECONDS)
        slowest = 0
        for _ in range(rounds):
            fill_the_disk(server, admin)
            try:
                eventually(lambda: sqlstate(load.client, insert(1)), "the disk to be full")
                states = collections.Counter(sqlstate(load.client, insert(1)) for _ in range(20))
                full = load.run(1.0)
                assert load.client.data({"model": "User", "operation": "count"}) == 4
            finally:
                limit_files(server, 1 << 40)
            slowest = max(slowest, load.recovery(time.monotonic(), rate))
        more = {"rate": f"{rate:.0f}/s", "while full": f"{full:.0f}/s", "SQLSTATE": dict(states), "full rate after": f"{slowest:.2f} s"}
        report(figures, "disk full", load, more, slowest)
        assert states["53100"] > 0 and set(states) <= {"53100", "P6004"}
        check_codes(load)


def test_the_server_is_read_only_for_a_while(writing, figures, rounds):
    _, _, admin, make_load = writing
    create = {"model": "User", "operation": "create", "args": {"data": {"email": "new@example.org"}}}
    with make_load() as load:
        rate = load.run(WARM_SECONDS)
        slowest = 0
        for _ in range(rounds):
            set_read_only(admin, True)
            try:
                time.sleep(0.2)
                refused = load.run(1.0)
                reply = load.client.query(create)
                assert (reply.status, reply.error["meta"]["code"]) == ("DATABASE", "25006"), reply
                assert load.client.data({"model": "User", "operation": "count"}) == 4
            finally:
                set_read_only(admin, False)
            slowest = max(slowest, load.recovery(time.monotonic(), rate))
        more = {"rate": f"{rate:.0f}/s", "while read-only": f"{refused:.0f}/s", "full rate after": f"{slowest:.2f} s"}
        report(figures, "read-only", load, more, slowest)
        check_codes(load)
        # What the server takes just when it becomes read-only is done.
        assert refused <= 2


def set_read_only(admin, is_on):
    admin.execute("SET default_transaction_read_only = off")
    admin.execute(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if is_on else 'off'}")
    admin.execute("SELECT pg_reload_conf()")


def contend(client, request, seconds):
    """64 callers send what `request` makes, again where it conflicted; gives how it went and how slow the slowest was."""
    end = time.monotonic() + seconds
    count = collections.Counter()
    lock = threading.Lock()

    def ask():
        dice = random.Random()
        while time.monotonic() < end:
            start = time.monotonic()
            reply = client.query(request(dice))
            took = time.monotonic() - start
            with lock:
                count[reply.code or "answered"] += 1
                count["slowest"] = max(count["slowest"], took)
            if reply.code == "P2034":
                assert reply.status == "CONFLICT"
            time.sleep(0.002 * dice.random() if reply.code else 0)

    for call in calls(CALLERS, ask):
        call.result(seconds + 30)
    return count


def raise_one(row):
    return {"model": "Sample", "operation": "update", "args": {"where": {"id": row}, "data": {"small": {"increment": 1}}, "select": {"id": True}}}


def figures_of(count):
    errors = {code: number for code, number in count.items() if code.startswith("P")}
    return {"requests": sum(errors.values()) + count["answered"], "answered": count["answered"], "errors": errors or "none",
            "slowest": f"{1000 * count['slowest']:.0f} ms"}


@pytest.mark.parametrize("kind", ["serialization failures", "deadlocks"])
def test_transactions_conflict(own_server, figures, rounds, kind):
    _, database = own_server
    url = database.url(options="-c%20deadlock_timeout=10ms")
    with Psql(database.server.url(database.name)) as admin, Client(
            {"schema": SCHEMA, "datasourceUrl": url, "limits": {"queryTimeoutMs": 5000}}) as client:
        admin.execute('UPDATE "Sample" SET small = 0')

        def serialized(dice):
            row = dice.choice([1, 2])
            return {"operation": "$transaction", "args": {"isolationLevel": "Serializable", "requests": [
                {"model": "Sample", "operation": "aggregate", "args": {"_sum": {"small": True}}}, raise_one(row), raise_one(row)]}}

        def crossing(dice):
            order = dice.sample([1, 2, 3], 2)
            return {"operation": "$transaction", "args": {"requests": [raise_one(row) for row in order]}}

        count = contend(client, serialized if kind == "serialization failures" else crossing, 2.0 * rounds)
        total = int(admin.value('SELECT sum(small) FROM "Sample"'))
        lost = total - 2 * count["answered"]
        figures(kind, {**figures_of(count), "updates lost or twice": lost})
        # Each that was answered has happened, both of its updates, and no other has.
        assert lost == 0
        assert count["P2034"] > 0 and count["answered"] > 0
        assert {code for code in count if code.startswith("P")} == {"P2034"}
        assert client.query({"operation": "$connect"}).status == "OK"
