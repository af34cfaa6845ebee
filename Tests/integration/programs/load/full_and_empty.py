"""A cache that is filled and emptied again and again keeps what it is given, and gives what it was given. Silent when all is well."""
import json
import sys
import time

from capi import Client

SCHEMA = """datasource db { provider = "postgresql" }
model Line {
  id   Int    @id
  text String
}
"""


def read(key):
    strategy = {"ttl": 600, "tags": ["goes" if key % 4 < 2 else "stays"]}
    return json.dumps({"model": "Line", "operation": "findUnique", "args": {"where": {"id": key}, "cacheStrategy": strategy}})


def entries(client):
    text = client.data({"operation": "$metrics", "args": {"format": "prometheus"}})
    return int(next(line for line in text.split("\n") if line.startswith("accelerant_cache_entries ")).split()[1])


def await_entries(client, count):
    deadline = time.monotonic() + 30
    while entries(client) > count:
        assert time.monotonic() < deadline, entries(client)
        time.sleep(0.05)


def check(client, key, cache):
    reply = client.query(read(key))
    # Each text is of one letter, and the next one's is another.
    assert reply.cache == cache and reply.data["id"] == key and set(reply.data["text"]) == {chr(97 + key % 26)}, (key, cache, reply)



with Client({"schema": SCHEMA, "datasourceUrl": sys.argv[1], "cache": {"maxBytes": 160 << 20}}) as client:
    keys = range(int(sys.argv[2]))
    for _ in range(2):
        for cache in ("miss", "ttl"):
            for key in keys:
                check(client, key, cache)
        # Two of four neighbours go, and their memory with them; that of the others does not.
        client.data({"operation": "$accelerate.invalidate", "args": {"tags": ["goes"]}})
        await_entries(client, len(keys) // 2)
        for key in keys:
            if key % 4 >= 2:
                check(client, key, "ttl")
        client.data({"operation": "$accelerate.invalidateAll"})
        await_entries(client, 0)
