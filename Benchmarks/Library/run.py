#!/usr/bin/env python3
"""Builds and runs the drivers of this folder, and writes what they measured to docs/reports/benchmarks.md and docs/reports/benchmarks.svg.

    run.py [--page]        prints; --page also writes the page and the chart

Contestants that are not installed are left out, and said so. Every server is a throw-away one.
"""
import argparse
import contextlib
import datetime
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
#: Loads beside the first one, as `hits` takes them.
LOADS = ["entries=100000 alone", "entries=64 alone", "entries=64 threads=2", "entries=10000 threads=2"]
BUILD = os.path.join(ROOT, ".build", "release")
sys.path.insert(0, os.path.join(ROOT, "Tests", "support"))

import many  # noqa: E402
from postgres import ThrowAwayPostgres  # noqa: E402


def installed(package):
    return subprocess.run(["pkg-config", "--exists", package]).returncode == 0


def flags(*packages):
    return subprocess.run(["pkg-config", "--cflags", "--libs", *packages], check=True, capture_output=True, text=True).stdout.split()


def build(missing):
    packages, options = ["libpq"], []
    if installed("sqlite3"):
        packages, options = packages + ["sqlite3"], options + ["-DHAVE_SQLITE"]
    else:
        missing.append("SQLite (libsqlite3-dev)")
    if installed("hiredis") and shutil.which("redis-server"):
        packages, options = packages + ["hiredis"], options + ["-DHAVE_HIREDIS"]
    else:
        missing.append("Redis (redis-server, libhiredis-dev)")
    if not shutil.which("memcached"):
        missing.append("memcached")
    limit = os.path.join(ROOT, "Benchmarks", "CLimit")
    common = ["cc", "-O2", "-Wall", "-pthread", f"-I{ROOT}/include", f"-I{limit}/include"]
    library = [f"-L{BUILD}", "-laccelerant", f"-Wl,-rpath,{BUILD}", "-lm"]
    # The linker's name is the file; the loader asks for the one with the ABI's number.
    link = os.path.join(BUILD, "libaccelerant.so.1")
    if not os.path.exists(link):
        os.symlink("libaccelerant.so", link)
    subprocess.run([*common, *options, f"{HERE}/hits.c", f"{HERE}/peers.c", f"{limit}/spin.c", f"{limit}/best.c", "-o", f"{BUILD}/hits",
                    *library, *flags(*packages)], check=True)
    for name in ("misses", "many"):
        subprocess.run([*common, f"{HERE}/{name}.c", "-o", f"{BUILD}/{name}", *library, *flags("libpq")], check=True)


class Server:
    """A server on a Unix socket in a temporary directory, named by an environment variable; nothing when it is not installed."""

    def __init__(self, variable, program, command):
        self.variable, self.program, self.command = variable, program, command

    def __enter__(self):
        self.process = None
        if not shutil.which(self.program):
            return {}
        self.folder = tempfile.mkdtemp()
        socket = os.path.join(self.folder, "socket")
        self.process = subprocess.Popen([self.program, *self.command(socket, self.folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not os.path.exists(socket) and self.process.poll() is None:
            time.sleep(0.01)
        return {self.variable: socket}

    def __exit__(self, *_):
        if self.process:
            self.process.terminate()
            self.process.wait()
            shutil.rmtree(self.folder)


def redis():
    return Server("REDIS_SOCKET", "redis-server", lambda socket, folder: ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder])


def memcached():
    # As root it has to be told whom to run as, and then cannot make its socket in root's directory: so it stays root.
    return Server("MEMCACHED_SOCKET", "memcached", lambda socket, _: ["-s", socket, "-m", "512", *(["-u", "root"] if os.geteuid() == 0 else [])])


def run(environment, program, *arguments):
    print(" ".join([program, *arguments]), file=sys.stderr, flush=True)
    done = subprocess.run([os.path.join(BUILD, program), os.path.join(HERE, "schema.prisma"), *arguments], env=environment,
                          check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def measure():
    """The table of hits, the hits under other loads, the misses, and many callers at once."""
    with ThrowAwayPostgres() as server, redis() as first, memcached() as second:
        environment = dict(os.environ, DATABASE_URL=server.url(), **first, **second)
        hits = run(environment, "hits")
        loads = [run(environment, "hits", *load.split()) for load in LOADS]
        with awake():
            misses = run(environment, "misses")
        with ThrowAwayPostgres() as other, awake():
            those = dict(os.environ, DATABASE_URL=other.url()), os.path.join(BUILD, "many"), os.path.join(HERE, "schema.prisma")
            crowd = many.measure(*those), many.measure_delayed(*those, other.socket)
        return hits, loads, misses, crowd


@contextlib.contextmanager
def awake():
    """Keeps idle cores from sleeping: on some virtual machines to wake one takes longer than a query."""
    spinners = [subprocess.Popen(["nice", "-n", "19", sys.executable, "-c", "while True: pass"]) for _ in range((os.cpu_count() or 1) - 1)]
    try:
        yield
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.wait()


#: What the figure calls the contestants. What is not named here is left out of it.
LABELS = {
    "accelerant": "Accelerant, a cache hit", "limit_spin": "hash table in C, spin lock", "sqlite": "SQLite, in memory",
    "memcached": "memcached, Unix socket", "redis": "Redis, Unix socket", "postgres": "PostgreSQL, prepared, libpq", "uncached": "Accelerant, no cache",
}


def chart(hits):
    """Bars on a linear scale, the shortest on top. Colours that are read on white and on black."""
    rows, width, left, shown = [], 720, 230, sorted((h for h in hits if h["name"] in LABELS), key=lambda h: h["wallNs"])
    longest = max(h["wallNs"] for h in shown)
    for number, hit in enumerate(shown):
        y, length = 44 + number * 30, max(hit["wallNs"] / longest * (width - left - 100), 2)
        color = "#2563eb" if hit["name"] == "accelerant" else "#9ca3af"
        time = f"{hit['wallNs'] / 1000:,.2f} µs" if hit["wallNs"] < 1000 else f"{hit['wallNs'] / 1000:,.1f} µs"
        weight = ' font-weight="bold"' if hit["name"] == "accelerant" else ""
        rows.append(f'<text x="{left - 10}" y="{y + 15}" text-anchor="end"{weight}>{LABELS[hit["name"]]}</text>'
                    f'<rect x="{left}" y="{y}" width="{length:.1f}" height="20" rx="2" fill="{color}"/>'
                    f'<text x="{left + length + 8:.0f}" y="{y + 15}"{weight}>{time}</text>')
    height = 54 + len(shown) * 30
    title = "One answer of 1 KB, wall time"
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            f'font-family="sans-serif" font-size="13" fill="#6b7280"><title>{title}</title>'
            f'<text x="{left}" y="26" font-size="14">{title}</text>{"".join(rows)}</svg>\n')


def page(hits, loads, misses, crowd, missing):
    lines = ["# Benchmarks", "",
             "Made by `make bench PAGE=1`: run it to get the figures of your own machine. All contestants of a",
             "table run in one process, in turns. Figures are medians over the rounds. Quotients are medians of",
             "the quotients within a round.", "",
             f"The machine of these figures: {platform.machine()}, {os.cpu_count()} cores, shared with other work, {datetime.date.today()}.", "",
             "## A hit", "",
             f"An answer of 1 KB for a request of about 200 bytes, {hits[0]['entries']:,} entries, zipf 0.99, one thread.", "",
             "![Wall time of a hit](benchmarks.svg)", "",
             "| contestant | what | CPU of the caller, ns | wall, ns | CPU against limit_spin | against limit_best | p50, ns | p99, ns |",
             "|---|---|--:|--:|--:|--:|--:|--:|"]
    lines += [f"| {h['name']} | {h['what']} | {h['cpuNs']:,.0f} | {h['wallNs']:,.0f} | {h['toSpin']:.2f} | {h['toBest']:.2f} "
              f"| {h['p50Ns']:,.0f} | {h['p99Ns']:,.0f} |" for h in hits]
    lines += ["", "The CPU time of a contestant with a server is the caller's alone. The server spends as much again.", "",
              "p50 and p99 are of single hits, by the clock, less what the clock costs. Other programs on the",
              "machine show in p99."]
    if missing:
        lines += ["", "Not installed, so left out: " + ", ".join(missing) + "."]
    lines += ["", "Other loads, CPU of a thread for a hit (two threads on the same entries):", "",
              "| entries | threads | limit_spin, ns | limit_best, ns | accelerant, ns | against limit_spin | against limit_best |",
              "|--:|--:|--:|--:|--:|--:|--:|"]
    for spin, best, ours in loads:
        lines.append(f"| {ours['entries']:,} | {ours['threads']} | {spin['cpuNs']:,.0f} | {best['cpuNs']:,.0f} | {ours['cpuNs']:,.0f} "
                     f"| {ours['toSpin']:.2f} | {ours['toBest']:.2f} |")
    lines += ["", "## A miss, and a write", "",
              "The library without a `cacheStrategy` beside two programs in C over libpq, with prepared",
              "statements and binary rows. One copies the values and makes no JSON. The other knows its columns and",
              "writes the same JSON by hand. One connection on a Unix socket. A program of lowest priority keeps",
              "other cores awake.", "",
              "| query | what | libpq, µs | libpq and JSON, µs | library, µs | against libpq | against libpq and JSON | CPU of each, µs |",
              "|---|---|--:|--:|--:|--:|--:|--:|"]
    lines += [f"| {m['name']} | {m['what']} | {m['libpqUs']:,.1f} | {m['jsonUs']:,.1f} | {m['libraryUs']:,.1f} | {m['toLibpq']:.2f} | {m['toJson']:.2f} "
              f"| {m['libpqCpuUs']:,.1f}, {m['jsonCpuUs']:,.1f}, {m['libraryCpuUs']:,.1f} |" for m in misses]
    return "\n".join([*lines, *many.page(*crowd)]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", action="store_true")
    options = parser.parse_args()
    missing = []
    build(missing)
    hits, loads, misses, crowd = measure()
    text = page(hits, loads, misses, crowd, missing)
    print(text)
    if options.page:
        with open(os.path.join(ROOT, "docs", "reports", "benchmarks.md"), "w") as file:
            file.write(text)
        with open(os.path.join(ROOT, "docs", "reports", "benchmarks.svg"), "w") as file:
            file.write(chart(hits))


if __name__ == "__main__":
    main()
