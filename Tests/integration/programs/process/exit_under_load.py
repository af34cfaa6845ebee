"""The process ends while threads are inside the library: it ends well, each time. Silent when all is well."""
import subprocess
import sys


def load(url):
    import ctypes
    import threading

    from capi import Client
    from paths import SCHEMA_FILE

    with open(SCHEMA_FILE) as file:
        client = Client({"schema": file.read(), "datasourceUrl": url})

    def work():
        while True:
            client.query({"model": "User", "operation": "findMany", "args": {"cacheStrategy": {"ttl": 0, "swr": 1}}})

    client.query({"model": "User", "operation": "count"})
    for _ in range(8):
        threading.Thread(target=work, daemon=True).start()
    # exit() of the C library, with its atexit handlers and destructors, while the threads run on.
    ctypes.CDLL(None).exit(7)


if len(sys.argv) == 3:
    load(sys.argv[1])
for _ in range(10):
    run = subprocess.run([sys.executable, __file__, sys.argv[1], "load"], timeout=30)
    assert run.returncode == 7, run.returncode
