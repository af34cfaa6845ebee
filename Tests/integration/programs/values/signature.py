"""Prints the signature of a query, from a process of its own."""
import sys

from capi import Client
from paths import SCHEMA_FILE

with open(SCHEMA_FILE) as file:
    schema = file.read()
with Client({"schema": "// a comment\n" + schema, "datasourceUrl": sys.argv[1], "region": "elsewhere"}) as client:
    request = {"args": {"where": {"name": "Alice"}, "cacheStrategy": {"swr": 1}}, "operation": "findMany", "model": "User"}
    print(client.query(request).info["signature"])
