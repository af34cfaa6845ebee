"""Uses the library, and checks that the process is as it was: signals, locale, directory, environment, umask. Silent when all is well."""
import locale
import os
import signal
import sys

from capi import Client, OpenError
from paths import SCHEMA_FILE


# 32 and 33: the C library catches them for itself once there is a thread.
INTERNAL_SIGNALS = 1 << 31 | 1 << 32


def state():
    with open("/proc/self/status") as file:
        signals = [int(line.split()[1], 16) & ~INTERNAL_SIGNALS for line in file if line.startswith(("SigBlk", "SigIgn", "SigCgt"))]
    mask = os.umask(0)
    os.umask(mask)
    handlers = [signal.getsignal(number) for number in (signal.SIGPIPE, signal.SIGCHLD, signal.SIGALRM)]
    return signals, handlers, locale.setlocale(locale.LC_ALL), os.getcwd(), dict(os.environ), mask


with open(SCHEMA_FILE) as file:
    config = {"schema": file.read(), "datasourceUrl": sys.argv[1]}
before = state()
if len(sys.argv) > 2:
    with Client(config) as client:
        assert client.query({"model": "User", "operation": "count"}).code == "P6008"
else:
    with Client(config) as client:
        assert client.query({"model": "User", "operation": "count"}).data == 4
        for statement in ("SELECT chatty()", "SELECT 1/0", "DROP TABLE IF EXISTS not_there", "SELECT nonsense"):
            client.query({"operation": "$executeRaw", "args": {"query": statement, "parameters": []}})
        # The server ends the connection under the library; writing to it must not raise SIGPIPE here.
        client.query({"operation": "$queryRaw", "args": {"query": "SELECT pg_terminate_backend(pg_backend_pid())", "parameters": []}})
        for _ in range(3):
            client.query({"model": "User", "operation": "count"})
        assert client.query({"model": "User", "operation": "count"}).data == 4
try:
    Client({"schema": "nonsense"})
except OpenError:
    pass
assert state() == before
