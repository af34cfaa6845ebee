"""Prints the cache status of a read before and after the wall clock jumps. Runs with wall_clock.c preloaded."""
import ctypes
import sys

from capi import Client
from paths import SCHEMA_FILE

jump = ctypes.CDLL(None).wall_clock_jump
jump.argtypes = [ctypes.c_longlong]

with open(SCHEMA_FILE) as file:
    schema = file.read()
with Client({"schema": schema, "datasourceUrl": sys.argv[1]}) as client:
    for seconds in (0, 0, 86_400, -10 * 86_400):
        jump(seconds)
        request = {"model": "User", "operation": "findMany", "args": {"cacheStrategy": {"ttl": 3600}}}
        print(client.query(request).cache)
