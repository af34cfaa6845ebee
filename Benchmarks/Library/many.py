"""Many callers on few connections: the library, the same with a connection for each read, and pgbench, in turns; and over a slow network.

Used by run.py.
"""
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

import paths  # noqa: F401 (so that the next ones are found)
from postgres import USER
from relays import DelayingRelay

ROUNDS = 5
SECONDS = 2
POINT = "\\set id random(1, 20000)\nSELECT id, email, name, age, active, score, joined, bio FROM author WHERE id = :id;\n"
LIST = "\\set id random(1, 20000)\nSELECT id, author_id, title, body, views, public, written FROM post WHERE id >= :id ORDER BY id LIMIT 20;\n"
#: What is asked, how it is called, and what pgbench does meanwhile.
LOADS = [
    ("64 threads, 4 connections, point", ["callers=64", "connections=4"], POINT),
    ("1,000 outstanding by submit, 4 connections, point", ["by=submit", "callers=1000", "connections=4"], POINT),
    ("1,000 outstanding by request, 4 connections, point", ["by=request", "callers=1000", "connections=4"], POINT),
    ("2 threads, 2 connections, point", ["callers=2", "connections=2"], POINT),
    ("64 threads, 4 connections, 20 rows", ["callers=64", "connections=4", "kind=list"], LIST),
    ("64 threads, 4 connections, one in ten takes 100 ms", ["callers=64", "connections=4", "slow=10"], None),
]


def ours(environment, program, schema, *arguments):
    done = subprocess.run([program, schema, *arguments, f"seconds={SECONDS}"], env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def pgbench(environment, script, connections):
    """Answers a second."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        command = ["pgbench", "-n", "-M", "prepared", "-c", str(connections), "-j", "2", "-T", str(SECONDS), "-f", file.name]
        done = subprocess.run([*command, environment["DATABASE_URL"]], check=True, capture_output=True, text=True)
    return float(re.search(r"tps = ([\d.]+)", done.stdout)[1])


def measure(environment, program, schema):
    """A row for each load: medians over the rounds, quotients within a round."""
    subprocess.run([program, schema, "tables"], env=environment, check=True)
    rows = []
    for what, arguments, script in LOADS:
        print(what, file=sys.stderr, flush=True)
        shared, single, yardstick = [], [], []
        for _ in range(ROUNDS):
            shared.append(ours(environment, program, schema, *arguments))
            single.append(ours(environment, program, schema, *arguments, "url=multiplexing_limit=1"))
            if script:
                yardstick.append(pgbench(environment, script, shared[0]["connections"]))
        middle = lambda values: statistics.median(values)  # noqa: E731
        row = {"what": what, "toSingleCpu": middle([a["cpuUs"] / b["cpuUs"] for a, b in zip(shared, single)]),
               "toSingleP99": middle([a["p99Us"] / b["p99Us"] for a, b in zip(shared, single)])}
        for name, runs in [("shared", shared), ("single", single)]:
            row[name] = {key: middle([run[key] for run in runs]) for key in ("perSecond", "p50Us", "p99Us", "cpuUs")}
        if script:
            row["pgbench"] = middle(yardstick)
            row["toPgbench"] = middle([a["perSecond"] / b for a, b in zip(shared, yardstick)])
        rows.append(row)
    return rows


#: What is asked through a relay, how it is called, and for how many milliseconds the relay keeps what it carries each way.
DELAYED = [
    ("64 threads, 1 connection, point", ["callers=64", "connections=1"], 0.5),
    ("64 threads, 4 connections, point", ["callers=64", "connections=4"], 0.5),
    ("1,000 outstanding by submit, 4 connections, point", ["by=submit", "callers=1000", "connections=4"], 0.5),
    ("64 threads, 4 connections, point", ["callers=64", "connections=4"], 5),
    ("1,000 outstanding by submit, 4 connections, point", ["by=submit", "callers=1000", "connections=4"], 5),
]


def measure_delayed(environment, program, schema, socket):
    """The same through a relay to the server's Unix socket, whose tables are there: a row for each load."""
    rows = []
    for what, arguments, milliseconds in DELAYED:
        print(f"{what}, {milliseconds} ms", file=sys.stderr, flush=True)
        with DelayingRelay(socket, milliseconds / 1000) as relay:
            through = dict(environment, DATABASE_URL=f"postgresql://{USER}@127.0.0.1:{relay.port}/postgres?sslmode=disable")
            pairs = [(ours(through, program, schema, *arguments), ours(through, program, schema, *arguments, "url=multiplexing_limit=1"))
                     for _ in range(ROUNDS)]
        row = {"what": what, "milliseconds": milliseconds}
        for name, runs in zip(("shared", "single"), zip(*pairs)):
            row[name] = {key: statistics.median(run[key] for run in runs) for key in ("perSecond", "p99Us")}
        rows.append(row)
    return rows


def page(rows, delayed):
    """Lines of the page."""
    lines = ["", "## Many at once", "",
             "Reads without a `cacheStrategy` by many callers on few connections. Beside them, in turns, the same",
             "with `multiplexing_limit=1`, where each read has a connection for itself, and",
             "`pgbench -M prepared` on as many connections. Each driver compares every answer with its question.", "",
             "| load | answers a second | for itself | pgbench | against pgbench | p99, ms | for itself | CPU of the client, µs | for itself |",
             "|---|--:|--:|--:|--:|--:|--:|--:|--:|"]
    for row in rows:
        shared, single = row["shared"], row["single"]
        beside = f"{row['pgbench']:,.0f} | {row['toPgbench']:.2f}" if "pgbench" in row else "|"
        lines.append(f"| {row['what']} | {shared['perSecond']:,.0f} | {single['perSecond']:,.0f} | {beside} | {shared['p99Us'] / 1000:,.2f} "
                     f"| {single['p99Us'] / 1000:,.2f} | {shared['cpuUs']:,.1f} | {single['cpuUs']:,.1f} |")
    lines += ["", "Through a relay that keeps what it carries for some time, in both directions:", "",
              "| load | delay, ms | answers a second | for itself | p99, ms | for itself |", "|---|--:|--:|--:|--:|--:|"]
    for row in delayed:
        shared, single = row["shared"], row["single"]
        lines.append(f"| {row['what']} | {row['milliseconds']} | {shared['perSecond']:,.0f} | {single['perSecond']:,.0f} "
                     f"| {shared['p99Us'] / 1000:,.0f} | {single['p99Us'] / 1000:,.0f} |")
    return lines


if __name__ == "__main__":
    for row in measure(dict(os.environ), *sys.argv[1:3]):
        print(json.dumps(row))
