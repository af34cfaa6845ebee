#!/usr/bin/env python3
"""The tests from outside and the random requests again: in odd databases (`worlds.py`), and on other versions of PostgreSQL.

    run.py [--python PYTHON] [--only NAME[,NAME …]] [--schemas N] [--requests N] [--jobs N] [--list]

A name is a world, or `postgresql-17`. As many at a time as `--jobs` says, each with servers of its own. A version that cannot be had is said,
and counts neither way. Ends with "N passed, N failed".
"""
import argparse
import concurrent.futures
import glob
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, "Tests", "support")]

import paths  # noqa: E402, F401
import server_binaries  # noqa: E402
import worlds  # noqa: E402

VERSIONS = (17, 18)
READS = ["reads"]
WRITES = ["writes", "write_rules", "transactions", "transaction_effects", "raw_and_metrics"]
CACHE = ["cache_keys", "automatic"]
#: Triggers that tell of changes, which the owner of the tables makes.
CHANGES = ["automatic_database", "listening", "listening_schema_changes"]
#: What reads the catalog and changes tables: on each version of the server.
SCHEMA = ["check", "deploy", "pull", "push", "agreement", "failures", "large_schemas", "pull_property"]
SECONDS = 900


def tests(names):
    return [path for name in names for path in glob.glob(os.path.join(ROOT, "Tests", "integration", "*", f"test_{name}.py"))]


def counted(name, command, environment):
    """Runs one runner; the passed and failed of its closing line. A runner that says nothing has failed once."""
    try:
        result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        print(f"{name}: no end after {SECONDS} s", flush=True)
        return 0, 1
    line = (result.stdout.strip().splitlines() or [""])[-1]
    passed, failed = (sum(int(n) for n in re.findall(r"(\d+) (?:%s)" % words, line)) for words in ("passed", "failed|error"))
    if result.returncode and not failed or not passed + failed:
        failed = 1
    details = result.stdout[-6000:] + result.stderr[-2000:] + "\n" if failed else ""
    # Why one call: others print, too.
    print(f"{details}{name}: {passed} passed, {failed} failed", flush=True)
    return passed, failed


def plays():
    """What is to be run: (name, files of tests, environment)."""
    for name, world in worlds.WORLDS.items():
        if name != "plain":
            files = READS + CACHE[:1] if world.reads_only else READS + WRITES + CACHE + CHANGES
            yield name, files, {"ACCELERANT_WORLD": name}
    for version in VERSIONS:
        yield f"postgresql-{version}", READS + WRITES + CACHE + CHANGES + SCHEMA, {"version": version}


def play(name, files, more, options):
    """Runs one world or version: its tests, random reads, random writes. The passed and failed of all."""
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
    version = more.pop("version", None)
    if version:
        try:
            environment["ACCELERANT_POSTGRES"] = server_binaries.folder(version)
        except server_binaries.NotToBeHad as reason:
            print(f"{name}: not run. {reason}", flush=True)
            return 0, 0
    environment.update(more)
    world = more.get("ACCELERANT_WORLD", "plain")
    random = ["--world", world, "--schemas", str(options.schemas), "--requests", str(options.requests)]
    commands = {
        "tests": [options.python, "-m", "pytest", "-q", *tests(files)],
        "random reads": [sys.executable, os.path.join(ROOT, "Tests", "fuzz", "answers.py"), *random],
        # Where tables have children, rows are written to the parents: over both no key is unique.
        "random writes": [sys.executable, os.path.join(ROOT, "Tests", "fuzz", "writes.py"), "--no-shrink", *random],
    }
    outcomes = [counted(f"{name}, {title}", command, environment) for title, command in commands.items()]
    return tuple(map(sum, zip(*outcomes)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--only")
    parser.add_argument("--schemas", type=int, default=3)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    wanted = options.only.split(",") if options.only else None
    chosen = [each for each in plays() if not wanted or each[0] in wanted]
    if options.list:
        print("\n".join(name for name, _, _ in chosen))
        return 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        outcomes = list(pool.map(lambda each: play(*each, options), chosen))
    passed, failed = map(sum, zip((0, 0), *outcomes))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
