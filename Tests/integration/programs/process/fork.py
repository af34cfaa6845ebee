"""A client across fork(): the child gets a clear status, the parent goes on, the child's own client works. Silent when all is well."""
import os
import sys

from capi import Client
from paths import SCHEMA_FILE

with open(SCHEMA_FILE) as file:
    CONFIG = {"schema": file.read(), "datasourceUrl": sys.argv[1]}
READ = {"model": "User", "operation": "findMany", "args": {"cacheStrategy": {"ttl": 60}}}


def child(client):
    for request in (READ, {"model": "User", "operation": "count"}, {"operation": "$accelerate.invalidateAll"}):
        reply = client.query(request)
        assert reply.status == "FORKED", reply
    client.close()
    with Client(CONFIG) as own:
        assert own.query(READ).cache == "miss"
        assert own.query(READ).cache == "ttl"


client = Client(CONFIG)
before = client.query(READ)
for _ in range(3):
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            child(client)
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(pid, 0)[1] == 0, "the child failed"
    hit = client.query(READ)
    assert (hit.cache, hit.text) == ("ttl", before.text)
    assert client.query({"model": "User", "operation": "count"}).data == len(before.data)
client.close()
