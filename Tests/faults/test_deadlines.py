"""Nobody waits longer than his time limit, whatever the server, the network or the name service does, and in whichever state."""
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time

import pytest
from capi import LIBRARY, Client
from proxy import Proxy
from scene import SCHEMA
from processes import all_processes, send
from silent import SilentServer
from waiting import Call, eventually

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT_MS = 300
#: What the library may be late by where the machine is not busy; it is printed. A test can only tell a request that has no limit.
LATENESS_MS = 50
#: Raw SQL would wait another quarter of a second for the server's word whether it happened.
READ = {"model": "User", "operation": "count", "timeoutMs": LIMIT_MS}
QUERY = {"operation": "$queryRaw", "args": {"query": "SELECT 7 AS n", "parameters": []}, "timeoutMs": LIMIT_MS}


def lateness(client, times, query=READ):
    """By how many milliseconds each of some requests was late. All end with P6004."""
    found = []
    for _ in range(times):
        start = time.monotonic()
        reply = client.query(query)
        found.append(1000 * (time.monotonic() - start) - LIMIT_MS)
        assert reply.code == "P6004", reply
    return found


def judge(figures, name, found):
    median = statistics.median(found)
    figures(f"deadline, {name}", {
        "requests": len(found), "late by, median": f"{median:.1f} ms", "at most": f"{max(found):.1f} ms",
        f"within {LATENESS_MS} ms": "yes" if median <= LATENESS_MS else "NO"})
    assert max(found) < 9000


def open_client(url, **limits):
    return Client({"schema": SCHEMA, "datasourceUrl": url, "limits": limits})


@pytest.mark.parametrize("until, parameters", [
    ("nothing", "sslmode=disable"), ("nothing", "sslmode=require"), ("TLS", "sslmode=require"), ("login", "sslmode=disable"),
    ("ready", "sslmode=disable"), ("dripping", "sslmode=disable")])
def test_a_server_that_falls_silent(figures, rounds, until, parameters):
    with SilentServer(until) as server, open_client(f"postgresql://u:p@127.0.0.1:{server.port}/d?{parameters}") as client:
        # What drips is an answer to raw SQL.
        found = lateness(client, 2 * rounds, QUERY if until == "dripping" else READ)
    judge(figures, f"silent after: {until}, {parameters}", found)


def test_a_server_that_takes_no_connection(figures, rounds):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        # The queue of those who wait to be accepted is full: what comes now is not even refused.
        held = [socket.socket() for _ in range(4)]
        for link in held:
            link.setblocking(False)
            link.connect_ex(("127.0.0.1", port))
        with open_client(f"postgresql://u:p@127.0.0.1:{port}/d?sslmode=disable") as client:
            found = lateness(client, 2 * rounds)
        for link in held:
            link.close()
    judge(figures, "no connection is taken", found)


def test_a_server_that_is_frozen(own_server, figures, rounds):
    server, database = own_server
    with open_client(database.url()) as client:
        client.query(QUERY)
        pids = all_processes(server)
        send(signal.SIGSTOP, pids)
        try:
            found = lateness(client, 4 * rounds)
            closing = Call(client.close)
            start = time.monotonic()
            closing.result(10)
            closed = time.monotonic() - start
        finally:
            send(signal.SIGCONT, pids)
    judge(figures, "frozen", found)
    figures("close while frozen", {"took": f"{1000 * closed:.0f} ms"})
    assert closed < 9


def test_a_network_that_swallows_everything(own_server, figures, rounds):
    server, database = own_server
    with Proxy(server.socket) as proxy:
        with open_client(proxy.url(database)) as client:
            client.query(QUERY)
            proxy.is_black_hole = True
            judge(figures, "black hole", lateness(client, 4 * rounds))
            proxy.is_black_hole = False


def test_a_server_that_takes_longer_to_let_in_than_anybody_may_wait(own_server, figures):
    """Each attempt outlasts those who want it; in the end one has the time that it takes."""
    server, database = own_server
    with Proxy(server.socket) as proxy:
        proxy.delay = 1.5
        with open_client(proxy.url(database, connection_limit=2)) as client:
            start = time.monotonic()
            eventually(lambda: client.query(QUERY).data == [{"n": 7}], "an answer", seconds=30)
            figures("let in after 1.5 s, limit 300 ms", {"first answer": f"{time.monotonic() - start:.1f} s"})


def test_other_requests_have_their_own_limits_beside_a_dripping_answer(figures):
    with SilentServer("dripping") as server, open_client(f"postgresql://u:p@127.0.0.1:{server.port}/d?sslmode=disable&connection_limit=1") as client:
        slow = Call(client.query, dict(QUERY, timeoutMs=2000))
        time.sleep(0.1)
        found = lateness(client, 2)
        assert slow.result().code == "P6004"
    judge(figures, "behind another request", found)


def test_a_cancel_without_effect_is_asked_for_again():
    with SilentServer("ready") as server, open_client(f"postgresql://u:p@127.0.0.1:{server.port}/d?sslmode=disable") as client:
        assert client.query(dict(QUERY, timeoutMs=50)).code == "P6004"
        eventually(lambda: server.cancels >= 3)


#: Runs in a process of its own, with the name service of `slow_names.c`.
PROGRAM = """
import json, sys, time
from capi import Client
config, query = json.loads(sys.argv[1]), json.loads(sys.argv[2])
client = Client(config)
took, codes = [], []
for _ in range(4):
    start = time.monotonic()
    reply = client.query(query)
    took.append(time.monotonic() - start)
    codes.append((reply.code, (reply.error or {}).get("meta", {}).get("cause")) if reply.code else reply.data)
start = time.monotonic()
client.close()
print(json.dumps({"took": took, "codes": codes, "closed": time.monotonic() - start}))
"""


@pytest.fixture
def slow_names(tmp_path):
    """Asks four times a server whose name takes so many seconds to be found."""
    library = str(tmp_path / "slow_names.so")
    source = os.path.join(HERE, "programs", "slow_names.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-Wall", "-Werror", "-o", library, source, "-ldl"], check=True)

    def ask(seconds, url, query=QUERY):
        config = {"schema": SCHEMA, "datasourceUrl": url}
        outcome = subprocess.run(
            [sys.executable, "-c", PROGRAM, json.dumps(config), json.dumps(query)],
            env=dict(os.environ, LD_PRELOAD=library, SLOW_NAME_SECONDS=str(seconds), ACCELERANT_LIBRARY=LIBRARY),
            capture_output=True, text=True, timeout=60)
        assert outcome.returncode == 0, outcome.stderr
        return json.loads(outcome.stdout)
    return ask


def test_a_name_service_that_does_not_answer(own_server, figures, slow_names):
    server, database = own_server
    url = database.server.tcp_url(database.name, user="app", password="app-secret").replace("127.0.0.1", "slow.test")
    came = slow_names(20, url)
    assert came["codes"] == [["P6004", None]] * 4
    judge(figures, "name service silent", [1000 * took - LIMIT_MS for took in came["took"]])
    figures("close while a name is looked up", {"took": f"{came['closed']:.2f} s"})
    assert came["closed"] < 9
    # With time enough it is the attempt that ends, and says so.
    came = slow_names(20, url + "?connect_timeout=1&connection_limit=1", dict(QUERY, timeoutMs=8000))
    assert came["codes"][0] == ["P6008", "P1001"] and came["took"][0] < 7.9
    # A name that is found late is found.
    came = slow_names(0.6, url, dict(QUERY, timeoutMs=5000))
    assert came["codes"] == [[{"n": 7}]] * 4
