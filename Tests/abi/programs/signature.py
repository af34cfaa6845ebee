"""Prints the signature of a query, from a process of its own."""
import os
import sys

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, HERE)
from capi import Client  # noqa: E402

with open(os.path.join(HERE, "schema.prisma")) as file:
    schema = file.read()
with Client({"schema": "// a comment\n" + schema, "datasourceUrl": sys.argv[1], "region": "elsewhere"}) as client:
    request = {"args": {"where": {"name": "Alice"}, "cacheStrategy": {"swr": 1}}, "operation": "findMany", "model": "User"}
    print(client.query(request).info["signature"])
