#!/usr/bin/env python3
"""How many processes one Redis carries: what each command costs it, measured, and then a queue that is simulated with these costs.

Run: Benchmarks/Tier/scale.py. It needs redis-server alone; the scripts are read from the library's source.
"""
import os
import random
import re
import resource
import socket
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, "Tests", "support"), os.path.join(ROOT, "Tests", "support", "servers")]

from redis_server import Connection, Redis  # noqa: E402

PREFIX = "{accelerant}:1:"
#: Bytes of an answer, and tags of one.
ANSWER, TAGS = 1000, 4
#: What a process does in a second: 100 clients that read once each, of which the own cache answers 95; each tenth of the others asks the database.
CLIENTS, OWN_HITS, MISSES = 100, 0.95, 0.1
#: What the library does without being asked: see `TierLimit.clockMilliseconds` and `TierLimit.listenMilliseconds`.
CLOCKS, PINGS = 2, 2
TIMEOUT = 0.010


def scripts():
    """The texts of RedisScripts.swift by name."""
    with open(os.path.join(ROOT, "Sources", "Tier", "Redis", "RedisScripts.swift"), encoding="utf-8") as file:
        return dict(re.findall(r'static let (\w+) = """\n(.*?)"""', file.read(), re.DOTALL))


def cpu(redis):
    """Seconds of the server's CPU time."""
    text = redis.call("INFO", "cpu").decode()
    return sum(float(re.search(rf"{name}:([\d.]+)", text).group(1)) for name in ("used_cpu_user", "used_cpu_sys"))


def memory(redis):
    return int(re.search(r"used_memory:(\d+)", redis.call("INFO", "memory").decode()).group(1))


def cost(redis, *commands, rounds=20000):
    """CPU seconds of a group of commands that one caller sends together, and waits for."""
    connection = Connection(redis.path)
    before = cpu(redis)
    for _ in range(rounds):
        connection.call_all(*commands)
    spent = (cpu(redis) - before) / rounds
    connection.close()
    return spent


def subscribers(redis, count):
    """So many connections that listen."""
    made = []
    for _ in range(count):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(redis.path)
        connection.sendall(f"SUBSCRIBE {PREFIX}changes\r\n".encode())
        made.append(connection)
    for connection in made:
        connection.recv(4096)
    return made


def measure(redis):
    text = {name: redis.call("SCRIPT", "LOAD", script).decode() for name, script in scripts().items()}
    keys = [f"{PREFIX}e:0:name", f"{PREFIX}l:0:name", f"{PREFIX}v:*"] + [f"{PREFIX}v:{tag}" for tag in range(TAGS)]
    versions = b"v" * 16 * (TAGS + 1)
    for key in keys[2:]:
        redis.call("SET", key, b"v" * 16)
    entry = versions + b"0000000000000009" + b"x" * ANSWER
    redis.call("SET", keys[0], entry)
    times = {}
    ask = ("EVALSHA", text["fetch"], len(keys), *keys, b"t" * 16, 86400000, 1000, "0000000000000001", "0000000000000000", "read", "0", 1 << 20)
    times["hit"] = cost(redis, ask)
    store = ("EVALSHA", text["store"], len(keys), *keys, b"t" * 16, 86400000, 60000, versions, entry)
    times["store"] = cost(redis, store)
    times["clock"] = cost(
        redis, ("INFO", "replication"), ("DEL", f"{PREFIX}none"), ("EVALSHA", text["clock"], 2, f"{PREFIX}clock", f"{PREFIX}era", b"e" * 16))
    times["ping"] = cost(redis, ("PING",))
    notice = ("EVALSHA", text["invalidate"], 1, f"{PREFIX}v:gone", f"{PREFIX}changes", "0" * 16 + " " + "0" * 16)
    times["invalidate"] = cost(redis, notice)
    count = min(2000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2 - 100)
    before = memory(redis)
    listening = subscribers(redis, count)
    times["bytes"] = (memory(redis) - before) / count
    rounds = 100
    begin = cpu(redis)
    for turn in range(rounds):
        redis.call(*notice)
        if turn % 20 == 19:
            for connection in listening:
                connection.recv(65536)
    times["delivery"] = ((cpu(redis) - begin) / rounds - times["invalidate"]) / count
    for connection in listening:
        connection.close()
    return times


def simulate(times, processes, invalidations, seconds=5, seed=1):
    """A queue with one server: its load, and the longest wait of 99 of 100 reads. `invalidations`: of the whole fleet, in a second."""
    source = random.Random(seed)
    reads = processes * CLIENTS * (1 - OWN_HITS)
    kinds = [
        (reads, times["hit"], True), (reads * MISSES, times["store"], False), (processes * CLOCKS, times["clock"], False),
        (processes * PINGS, times["ping"], False), (invalidations, times["invalidate"] + processes * times["delivery"], False)]
    total = sum(rate for rate, _, _ in kinds)
    load = sum(rate * time for rate, time, _ in kinds)
    weights = [rate for rate, _, _ in kinds]
    waits, wait = [], 0.0
    for _, time, is_read in source.choices(kinds, weights, k=min(int(total * seconds), 500_000)):
        wait = max(0.0, wait - source.expovariate(total))
        if is_read:
            waits.append(wait + time)
        wait += time
    waits.sort()
    late = sum(wait > TIMEOUT for wait in waits) / len(waits)
    return total, load, waits[len(waits) * 99 // 100], late


def main():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 20000), most))
    with Redis(maxclients=10000) as redis:
        times = measure(redis)
    print(", ".join(f"{name} {value * 1e6:.1f} µs" for name, value in times.items() if name != "bytes") + f", a listener {times['bytes'] / 1024:.1f} KiB")
    print(f"{'processes':>9} {'clients':>9} {'invalidations/s':>15} {'commands/s':>10} {'messages/s':>10} {'load':>5} {'p99 ms':>8} {'late':>6} {'MiB':>6}")
    for processes in (10, 100, 1000, 3000, 10000):
        for invalidations in (1, 10, 100):
            commands, load, wait, late = simulate(times, processes, invalidations)
            # A process has a connection or two for reads, and one that listens.
            size = processes * 3 * times["bytes"] / 2**20
            print(f"{processes:9} {processes * CLIENTS:9} {invalidations:15} {commands:10.0f} {invalidations * processes:10} {load:5.2f} {wait * 1000:8.2f} "
                  f"{late:6.1%} {size:6.0f}", flush=True)


if __name__ == "__main__":
    main()
