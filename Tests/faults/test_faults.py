"""What is done to a real server under 64 callers: no hang, no answer of somebody else's, hits throughout, recovery within two seconds."""
import os
import signal
import socket
import struct
import time

import pytest
from capi import Client
from load import RECOVERY_SECONDS, TIME_LIMIT_MS, WARM_SECONDS, Load, break_and_recover, report
from proxy import Proxy
from psql import Psql
from scene import SCHEMA
from processes import all_processes, postmaster, send
from waiting import eventually

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

def backends(database):
    """The library's backends, found by a session of the test's own."""
    with Psql(database.server.url(database.name)) as session:
        return [int(row[0]) for row in session.execute(
            f"SELECT pid FROM pg_stat_activity WHERE datname = '{database.name}' AND usename = 'app'")]


def test_a_backend_is_killed_mid_query(own_server, figures, rounds):
    server, database = own_server
    with Load(SCHEMA, database.url()) as load:
        def break_it():
            before = postmaster(server)
            send(signal.SIGKILL, backends(database)[:1])
            # The server ends all sessions and recovers by itself; it is back when it takes a session of ours.
            eventually(lambda: answers(server), "the server's own recovery")
            assert postmaster(server) == before

        report(figures, "kill -9 of a backend", load, *break_and_recover(load, rounds, break_it))
        assert any(call.code for call in load.calls)


def answers(server):
    """Whether the server takes sessions."""
    try:
        session(server).close()
        return True
    except OSError:
        return False


def session(server, database="postgres"):
    """A session that does nothing, made by hand: cheap enough to have two hundred of them."""
    link = socket.socket(socket.AF_UNIX)
    link.settimeout(5)
    link.connect(server.socket)
    body = struct.pack("!i", 196608) + f"user\0accelerant\0database\0{database}\0\0".encode()
    link.sendall(struct.pack("!i", len(body) + 4) + body)
    received = b""
    while not received.endswith(b"Z\0\0\0\x05I"):
        part = link.recv(4096)
        received += part
        if not part or received.startswith(b"E"):
            link.close()
            raise ConnectionError("no session")
    return link


def test_the_postmaster_is_killed_and_started_again(own_server, figures, rounds):
    server, database = own_server
    with Load(SCHEMA, database.url()) as load:
        def break_it():
            pids = all_processes(server)
            send(signal.SIGKILL, pids)
            eventually(lambda: not any(os.path.exists(f"/proc/{pid}/exe") and is_running(pid) for pid in pids), "the server to die")
            load.run(0.5)
            server.start()

        report(figures, "kill -9 of the postmaster", load, *break_and_recover(load, rounds, break_it))
        assert any(call.code == "P6008" for call in load.calls)


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def test_the_server_is_frozen_and_goes_on(own_server, figures, rounds):
    server, database = own_server
    with Load(SCHEMA, database.url()) as load:
        def break_it():
            pids = all_processes(server)
            send(signal.SIGSTOP, pids)
            try:
                load.run(2 * TIME_LIMIT_MS / 1000)
            finally:
                send(signal.SIGCONT, pids)

        report(figures, "SIGSTOP for 2 s", load, *break_and_recover(load, rounds, break_it))
        assert any(call.code == "P6004" for call in load.calls)


@pytest.fixture
def proxy(own_server):
    server, _ = own_server
    with Proxy(server.socket) as proxy:
        yield proxy


def test_the_network_swallows_everything(own_server, proxy, figures, rounds):
    _, database = own_server
    with Load(SCHEMA, proxy.url(database)) as load:
        def break_it():
            proxy.is_black_hole = True
            load.run(2 * TIME_LIMIT_MS / 1000)
            proxy.is_black_hole = False

        report(figures, "black hole for 2 s", load, *break_and_recover(load, rounds, break_it))
        assert any(call.code == "P6004" for call in load.calls)


#: What a session is made of: a prepared read, raw SQL, relations in a transaction's place, an error in between.
REQUESTS = [
    ({"model": "User", "operation": "findMany", "args": {"orderBy": {"id": "asc"}, "select": {"id": True}}}, [{"id": n} for n in (1, 2, 3, 4)]),
    ({"operation": "$queryRaw", "args": {"query": "SELECT $1::int AS n", "parameters": [77]}}, [{"n": 77}]),
    ({"operation": "$queryRaw", "args": {"query": "SELECT 1/($1::int)", "parameters": [0]}}, "P2010"),
    ({"model": "User", "operation": "findUnique", "args": {"where": {"id": 3}, "select": {"id": True}}}, {"id": 3}),
]


@pytest.mark.parametrize("side", ["server", "client"])
def test_a_session_is_cut_after_each_byte(own_server, proxy, figures, steps, side):
    _, database = own_server
    config = {"schema": SCHEMA, "datasourceUrl": proxy.url(database, connection_limit=1), "limits": {"queryTimeoutMs": 5000}}

    def play():
        outcome, slowest = [], 0
        with Client(config) as client:
            for request, expected in REQUESTS:
                start = time.monotonic()
                reply = client.query(request)
                slowest = max(slowest, time.monotonic() - start)
                outcome.append((reply, reply.code if isinstance(expected, str) else reply.data, expected))
        return outcome, slowest

    whole, _ = play()
    assert all(got == expected for _, got, expected in whole)
    eventually(lambda: proxy.last[side] > 100, "the session's end")
    length = proxy.last[side]
    places = range(1, length + 1) if steps is None else sorted({1 + place * (length - 1) // steps for place in range(steps + 1)})
    codes, slowest = {}, 0
    for place in places:
        proxy.cut_after = (side, place)
        outcome, seconds = play()
        slowest = max(slowest, seconds)
        for reply, got, expected in outcome:
            # Either the right answer, or an error that says that the connection was lost.
            if got != expected:
                assert reply.status in ("UNAVAILABLE", "OUTCOME_UNKNOWN"), (place, reply)
                codes[reply.code] = codes.get(reply.code, 0) + 1
    proxy.cut_after = None
    assert all(got == expected for _, got, expected in play()[0])
    figures(f"sessions of {length} bytes of the {side} cut", {
        "places": len(places), "cuts": proxy.cuts, "slowest request": f"{1000 * slowest:.0f} ms",
        "errors": " ".join(f"{code}:{count}" for code, count in sorted(codes.items())), "wrong answers": 0})
    assert slowest < RECOVERY_SECONDS and proxy.cuts >= len(places)


def test_all_of_max_connections_is_used_up(own_server, figures):
    server, database = own_server
    with Load(SCHEMA, database.url()) as load:
        rate = load.run(WARM_SECONDS)
    held = []
    try:
        eventually(lambda: not backends(database), "the sessions to end")
        fill(server, held)
        with Client({"schema": SCHEMA, "datasourceUrl": database.url()}) as client:
            assert client.query(Load.CACHED).error["meta"]["cause"] == "P2037"
        for link in held[:3]:
            link.close()
        with Load(SCHEMA, database.url()) as load:
            scarce = load.run(WARM_SECONDS)
            for link in held:
                link.close()
            recovered = load.recovery(time.monotonic(), rate)
            more = {"rate": f"{rate:.0f}/s", "with 3 sessions left": f"{scarce:.0f}/s", "full rate after": f"{recovered:.2f} s"}
            report(figures, "max_connections used up but for 3", load, more, recovered)
            assert scarce > 0
    finally:
        for link in held:
            link.close()


def fill(server, held):
    """Takes sessions until there is none left."""
    while True:
        try:
            held.append(session(server))
        except OSError:
            return


def test_tables_change_under_load(own_server, figures, rounds):
    _, database = own_server
    read = lambda number: {"model": "User", "operation": "findUnique", "args": {"where": {"id": number % 4 + 1}}, "timeoutMs": 900}
    names = ["Alice", "Bob", None, "Dave"]
    emails = ["alice@example.org", "bob@example.org", "carol@example.org", "dave@example.net"]
    answer = lambda number: {"id": number % 4 + 1, "name": names[number % 4], "email": emails[number % 4]}
    with Psql(database.server.url(database.name)) as admin, Load(SCHEMA, database.url(), read, answer) as load:
        load.run(0.3)
        count = 0
        for place in range(20 * rounds):
            admin.execute(f'ALTER TABLE "User" ALTER COLUMN name TYPE varchar({100 + place})')
            admin.execute('ALTER TABLE "User" ADD COLUMN extra int DEFAULT 7')
            admin.execute('ALTER TABLE "User" DROP COLUMN extra')
            count += 3
            time.sleep(0.02)
        load.run(0.3)
        load.stop()
        figures("tables changed under load", {**load.figures(), "changes": count})
        load.check()
        # One in a thousand may have waited for the lock of one change after another for all of its time.
        late = [call for call in load.calls if call.code]
        assert {call.code for call in late} <= {"P6004"} and len(late) <= len(load.calls) / 1000
