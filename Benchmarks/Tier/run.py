#!/usr/bin/env python3
"""What `cache.tier` costs: a tier hit beside one raw round trip of hiredis, a miss with and without a tier, and 64 callers while Redis is stopped.

Then what it saves: the queries of eight processes on one load, beside those of one process that has all the memory.

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


#: What all processes have together.
BYTES = 64 << 20
PROCESSES = 8


def compiled(name, *flags):
    program = os.path.join(BUILD, name)
    subprocess.run(["cc", "-O2", "-Wall", "-pthread", f"-I{ROOT}/include", f"{HERE}/{name}.c", "-o", program, f"-L{BUILD}", "-laccelerant",
                    f"-Wl,-rpath,{BUILD}", *flags], check=True)
    return program


def scans(server):
    """How often the table has been asked: once a query."""
    query = "SELECT pg_stat_force_next_flush(); SELECT idx_scan + seq_scan FROM pg_stat_user_tables WHERE relname = 'Zipf'"
    return int(subprocess.run(["psql", "-qtA", "-c", query, server.url()], check=True, capture_output=True, text=True).stdout.split()[-1])


def measure_fleet(server, redis, reads=5000):
    """The database's queries for one load: of one process, of eight without a tier, and of eight with one."""
    program = compiled("zipf")
    subprocess.run(["psql", "-q", "-c", 'CREATE TABLE "Zipf" (id int PRIMARY KEY, name text NOT NULL);'
                    "INSERT INTO \"Zipf\" SELECT n, repeat('x', 200) FROM generate_series(1, 20000) n; ANALYZE \"Zipf\"", server.url()], check=True)
    schema = 'datasource db { provider = "postgresql" }\nmodel User { id Int @id\n name String\n @@map("Zipf") }'
    # Why not 10 ms: eight processes on a few cores wait for each other longer than that.
    tier = {"url": redis.url(), "prefix": "zipf", "timeoutMs": 500}
    ways = [
        ("one process, 8 callers", 1, {"maxBytes": BYTES}), ("8 processes without a tier", PROCESSES, {"maxBytes": BYTES // PROCESSES}),
        ("8 processes with a tier", PROCESSES, {"maxBytes": BYTES // PROCESSES, "tier": tier})]
    first = 0
    for name, processes, cache in ways:
        configuration = {"schema": schema, "datasourceUrl": server.url(connection_limit=8 // processes + 1), "cache": cache}
        before = scans(server)
        command = [program, json.dumps(configuration), str(processes), str(PROCESSES // processes), str(reads)]
        seconds = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        queries = scans(server) - before
        first = first or queries
        print(f"{name:28} {queries} queries for {reads * PROCESSES} reads in {seconds} s, {queries / first:.2f} times those of one process", flush=True)


def main():
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "hiredis"], check=True, capture_output=True, text=True).stdout.split()
    link = os.path.join(BUILD, "libaccelerant.so.1")
    if not os.path.exists(link):
        os.symlink("libaccelerant.so", link)
    program = compiled("tier", *flags)
    schema = 'datasource db { provider = "postgresql" }\nmodel User { id Int @id\n name String\n email String }'
    with ThrowAwayPostgres() as server, Redis() as redis:
        subprocess.run(["psql", "-q", "-c", 'CREATE TABLE "User" (id int PRIMARY KEY, name text NOT NULL, email text NOT NULL);'
                        "INSERT INTO \"User\" SELECT n, 'name ' || n, 'user' || n || '@example.org' FROM generate_series(1, 20) n", server.url()], check=True)
        plain = {"schema": schema, "datasourceUrl": server.url(connection_limit=8)}
        tiered = {**plain, "cache": {"tier": {"url": redis.url(), "listen": False}}}
        subprocess.run([program, json.dumps(tiered), json.dumps(plain), str(redis.port), str(redis.pid)], check=True)
        measure_fleet(server, redis)


if __name__ == "__main__":
    main()
