"""What the server sends for one answer takes no more memory than a few times what an answer may have."""
import json
import os
import subprocess
import sys

import pytest
from capi import Client
from scene import SCHEMA

LIMIT = 1 << 20
FACTOR = 16


def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) << 10


def reset_peak():
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


@pytest.fixture(params=["socket", "tcp"])
def client(request, server, database):
    url = database.url(connection_limit=1)
    if request.param == "tcp":
        url = server.tcp_url(database.name, user="app", password="app-secret", connection_limit=1)
    # Why the time: a loaded machine takes a while to make such cells.
    with Client({"schema": SCHEMA, "datasourceUrl": url, "limits": {"responseBytes": LIMIT, "queryTimeoutMs": 120_000}}) as client:
        yield client


def raw(query):
    return {"operation": "$queryRaw", "args": {"query": query, "parameters": []}}


@pytest.mark.parametrize("query", [
    "SELECT repeat('x', 400000000) AS x", "SELECT repeat('x', 40000000) AS x FROM generate_series(1, 10)", "SELECT repeat('x', 100) AS x FROM generate_series(1, 3000000)",
], ids=["one cell", "ten cells", "many rows"])
def test_a_reply_far_over_the_limit_is_not_read_to_its_end(client, query):
    client.data(raw("SELECT 1 AS n"))
    descriptors = len(os.listdir("/proc/self/fd"))
    reset_peak()
    before = peak()
    reply = client.query(raw(query))
    assert reply.code == "P6009", reply
    assert peak() - before < FACTOR * LIMIT * 3, f"{(peak() - before) >> 20} MB"
    assert client.data(raw("SELECT 1 AS n")) == [{"n": 1}]
    assert len(os.listdir("/proc/self/fd")) <= descriptors + 4


@pytest.mark.parametrize("size", [10, 9_000, 70_000, 300_000, 1_000_000])
def test_a_reply_within_the_limit_is_read_whole(client, size):
    for _ in range(3):
        text = client.data(raw(f"SELECT string_agg(chr(97 + n % 26), '') AS x FROM generate_series(0, {size - 1}) AS n"))[0]["x"]
        assert text == ("abcdefghijklmnopqrstuvwxyz" * (size // 26 + 1))[:size]
        count = size // 40
        assert client.data(raw(f"SELECT n FROM generate_series(1, {count}) AS n")) == [{"n": n} for n in range(1, count + 1)]


def test_a_session_that_ends_within_a_large_reply_is_told(client, database):
    reply = client.query(raw("SELECT repeat('x', 1000) AS x, CASE WHEN n = 900 THEN pg_terminate_backend(pg_backend_pid()) END AS t FROM generate_series(1, 100000) AS n"))
    assert reply.number < 0
    assert client.data(raw("SELECT 1 AS n")) == [{"n": 1}]


SCARCE = """
import json, resource, sys
from capi import Client
with Client(json.loads(sys.argv[1])) as client:
    def raw(query):
        return client.query({"operation": "$queryRaw", "args": {"query": query, "parameters": []}})
    raw("SELECT 1")
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (int(sys.argv[3]) << 20),) * 2)
    reply = raw(sys.argv[2])
    print(reply.code, raw("SELECT 1 AS n").data)
"""


@pytest.mark.parametrize("megabytes", [4, 48, 64, 96])
@pytest.mark.parametrize("cell", ["repeat('x', 30000000)", "repeat('x', 30000000)::bytea", "to_json(repeat('x', 30000000))", "to_jsonb(repeat('x', 30000000))"])
def test_a_cell_over_the_limit_needs_no_memory_to_be_refused(database, cell, megabytes):
    """Where memory is scarce the process lives on, whatever is told of the cell."""
    configuration = json.dumps({"schema": SCHEMA, "datasourceUrl": database.url(connection_limit=1)})
    ran = subprocess.run(
        [sys.executable, "-c", SCARCE, configuration, f"SELECT {cell} AS x", str(megabytes)], capture_output=True, text=True)
    assert ran.returncode == 0, ran
    code, rest = ran.stdout.strip().split(" ", 1)
    # Without memory the connection may be lost in the reply, or on the way to another one.
    assert code == "P6009" or (code in ("P1017", "P6008") and megabytes < 64), ran.stdout
    assert rest == "[{'n': 1}]"
