"""The processor time of an answer, of the client and of the server: with many callers, and with pgbench beside them.

    python3 Benchmarks/Library/budget.py PATH-OF-MANY [ROUNDS]

Starts a server of its own. A rate differs with all else that runs on the machine; processor time differs less, and other work only adds to it. So the
round that took least counts. Two cores that do nothing else give two seconds of it each second, so the total tells the highest possible rate.
"""
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "Tests", "support"))

import many  # noqa: E402
from postgres import ThrowAwayPostgres  # noqa: E402

SCHEMA = os.path.join(HERE, "schema.prisma")
SECONDS = 2
#: `many` asks so long before it counts.
WARM_UP_SECONDS = 0.3
PIPELINE = 16
LOADS = {
    "64 threads": ["callers=64", "connections=4"],
    "1,000 outstanding by submit": ["by=submit", "callers=1000", "connections=4"],
    "64 threads, 20 rows": ["callers=64", "connections=4", "kind=list"],
    "64 threads that only wait for each other": ["by=parking", "callers=64"],
}
SCRIPTS = {"pgbench": (many.POINT, 1), "pgbench, 16 in a pipeline": ("\\startpipeline\n" + many.POINT * PIPELINE + "\\endpipeline\n", PIPELINE)}


def ended_children(pid):
    """User and system time of a process's children that have ended, in microseconds."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return [int(field) * 1e6 / os.sysconf("SC_CLK_TCK") for field in fields[13:15]]


def measure(server, environment, command, count):
    """Microseconds of an answer: the client's user and system time, and the server's. `count` reads from the output how many there were."""
    def used():
        # Why a pause: sessions end a moment after their clients.
        time.sleep(0.5)
        own = resource.getrusage(resource.RUSAGE_CHILDREN)
        return [own.ru_utime * 1e6, own.ru_stime * 1e6, *ended_children(server)]
    before = used()
    output = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    return [(after - first) / count(output) for first, after in zip(before, used())]


def postmaster(server):
    shown = subprocess.run(["psql", server.url(), "-Atc", "SHOW data_directory"], check=True, capture_output=True, text=True)
    with open(os.path.join(shown.stdout.strip(), "postmaster.pid")) as file:
        return int(file.readline())


def main(program, rounds):
    found = {}
    with ThrowAwayPostgres() as server, tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, DATABASE_URL=server.url())
        subprocess.run([program, SCHEMA, "tables"], env=environment, check=True)
        pid = postmaster(server)
        for _ in range(rounds):
            for name, (script, size) in SCRIPTS.items():
                path = os.path.join(folder, "script.sql")
                with open(path, "w") as file:
                    file.write(script)
                command = ["pgbench", "-n", "-M", "prepared", "-c", "4", "-j", "2", "-T", str(SECONDS), "-f", path, server.url()]
                count = lambda output, size=size: size * int(re.search(r"actually processed: (\d+)", output)[1])  # noqa: E731
                found.setdefault(name, []).append(measure(pid, environment, command, count))
            for name, arguments in LOADS.items():
                command = [program, SCHEMA, *arguments, f"seconds={SECONDS}"]
                count = lambda output: json.loads(output)["perSecond"] * (SECONDS + WARM_UP_SECONDS)  # noqa: E731
                found.setdefault(name, []).append(measure(pid, environment, command, count))
    print("| µs of an answer | client, user | client, system | server, user | server, system | in all |\n|---|--:|--:|--:|--:|--:|")
    for name, runs in found.items():
        least = min(runs, key=sum)
        print(f"| {name} | " + " | ".join(f"{value:.1f}" for value in [*least, sum(least)]) + " |")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5)
