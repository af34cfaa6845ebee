#!/usr/bin/env python3
"""What `cache.tier` costs: a tier hit beside one raw round trip of hiredis, a miss with and without a tier, and 64 callers while Redis is stopped.

Run with the library built: Benchmarks/Tier/run.py. Servers are throw-away ones.
"""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(ROOT, ".build", "release")
sys.path[:0] = [os.path.join(ROOT, "Tests", "support"), os.path.join(ROOT, "Tests", "support", "servers")]

from postgres import ThrowAwayPostgres  # noqa: E402
from redis_server import Redis  # noqa: E402


def main():
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "hiredis"], check=True, capture_output=True, text=True).stdout.split()
    link = os.path.join(BUILD, "libaccelerant.so.1")
    if not os.path.exists(link):
        os.symlink("libaccelerant.so", link)
    program = os.path.join(BUILD, "tier")
    subprocess.run(["cc", "-O2", "-Wall", "-pthread", f"-I{ROOT}/include", f"{HERE}/tier.c", "-o", program, f"-L{BUILD}", "-laccelerant",
                    f"-Wl,-rpath,{BUILD}", *flags], check=True)
    schema = 'datasource db { provider = "postgresql" }\nmodel User { id Int @id\n name String\n email String }'
    with ThrowAwayPostgres() as server, Redis() as redis:
        subprocess.run(["psql", "-q", "-c", 'CREATE TABLE "User" (id int PRIMARY KEY, name text NOT NULL, email text NOT NULL);'
                        "INSERT INTO \"User\" SELECT n, 'name ' || n, 'user' || n || '@example.org' FROM generate_series(1, 20) n", server.url()], check=True)
        plain = {"schema": schema, "datasourceUrl": server.url(connection_limit=8)}
        tiered = {**plain, "cache": {"tier": {"url": redis.url(), "listen": False}}}
        subprocess.run([program, json.dumps(tiered), json.dumps(plain), str(redis.port), str(redis.pid)], check=True)


if __name__ == "__main__":
    main()
