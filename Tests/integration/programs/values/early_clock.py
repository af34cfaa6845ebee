"""Prints moments that a client makes while the wall clock stands before 1970. Runs with wall_clock.c preloaded."""
import ctypes
import sys
import time

from capi import Client

jump = ctypes.CDLL(None).wall_clock_jump
jump.argtypes = [ctypes.c_longlong]
SCHEMA = """datasource db { provider = "postgresql" }
model Moment {
  id String   @id @default(uuid(7))
  at DateTime @default(now())
  c  String   @default(cuid())
  u  String   @default(ulid())
}"""
read = {"model": "Moment", "operation": "findMany"}

with Client({"schema": SCHEMA, "datasourceUrl": sys.argv[1]}) as client:
    for year in (1969, 1901):
        jump((year - 1970) * 365 * 86_400 + 86_400 * 100 - int(time.time()))
        print(client.data({"model": "Moment", "operation": "create", "args": {"data": {}}})["at"])
        print(client.query({**read, "args": {"cacheStrategy": {"ttl": 60}, "take": year}}).info["lastModified"])
    print(client.query({**read, "args": {"cacheStrategy": {"ttl": 61}, "take": 1}}).cache)
    print(client.query({**read, "args": {"cacheStrategy": {"ttl": 61}, "take": 1}}).cache)
