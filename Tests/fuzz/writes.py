#!/usr/bin/env python3
"""Random data models, random rows, random writes: answer, error and tables afterwards have to be those of a model in memory.

    writes.py [--schemas N] [--requests N] [--seed N] [--seconds N] [--keep-going]
    writes.py --seed N --schemas 1         the data model of one seed again
    writes.py --world NAME                 in an odd database: `Tests/support/servers/worlds.py`

A difference is made smaller, and printed as a schema, rows and one request. It ends with "N passed, N failed": a schema is a test.
"""
import argparse
import collections
import os
import random
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, *(os.path.join(HERE, name) for name in ("model", "random_cases")), os.path.join(os.path.dirname(HERE), "support")]

import paths  # noqa: E402, F401
import worlds  # noqa: E402
from database import ROLE  # noqa: E402
from postgres import ThrowAwayPostgres  # noqa: E402
from psql import Psql  # noqa: E402
from write_model.generators import random_description  # noqa: E402
from write_model.generators.random_write import WriteMaker  # noqa: E402
from write_model.round import Difference, Round, Unfit  # noqa: E402
from write_model.shrink import smaller, told  # noqa: E402
from write_model.outcome import Unsupported  # noqa: E402

#: After so many requests the tables are filled anew.
REFILL = 40


def prepare(admin, server, number, description, world):
    """A database of its own for a data model; gives its name."""
    name = "writes%d" % number
    admin.execute("DROP DATABASE IF EXISTS %s WITH (FORCE); CREATE DATABASE %s TEMPLATE template0 STRATEGY file_copy" % (name, name))
    with Psql(server.url(name)) as session:
        session.execute(";\n".join(["SET client_min_messages = warning", *description.statements()]))
        world.transform(session.execute, ROLE)
    return name


def run(round_, dice, seed, options, counts):
    """The requests of one seed: the differences."""
    maker, differences = WriteMaker(round_.description, dice), []
    for number in range(options.requests):
        try:
            if number % REFILL == 0:
                round_.fill(dice)
            before = round_.rows
            request = maker.request(before)
            counts["%s: %s" % (request["operation"], round_.check(request))] += 1
        except Unsupported:
            counts["left out"] += 1
        except Difference as difference:
            found = (before, request, str(difference))
            found = smaller(round_, *found) if options.shrink else found
            differences.append("seed %d, request %d\n%s" % (seed, number, told(round_.description, *found)))
            if not options.keep_going:
                break
            round_.fill(dice)
    return differences


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--schemas", type=int, default=20)
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--keep-going", action="store_true")
    parser.add_argument("--no-shrink", dest="shrink", action="store_false")
    parser.add_argument("--world", default="plain", choices=worlds.WORLDS)
    parser.add_argument("--figures", action="store_true")
    options = parser.parse_args()
    start = time.monotonic()
    counts, passed, failed = collections.Counter(), 0, 0
    world = worlds.WORLDS[options.world]
    with ThrowAwayPostgres() as server, Psql(server.url()) as admin:
        admin.execute(f"CREATE ROLE {ROLE} SUPERUSER LOGIN")
        world.prepare_role(admin.execute, ROLE)
        for seed in range(options.seed, options.seed + options.schemas):
            dice = random.Random(seed)
            description = random_description.make(dice)
            name = prepare(admin, server, seed, description, world)
            url = server.url(name, connection_limit=2, **world.parameters).replace("//accelerant@", f"//{ROLE}@")
            try:
                with Psql(server.url(name)) as session, Round(description, session, url, is_deferred=world is worlds.WORLDS["deferred"]) as round_:
                    found = run(round_, dice, seed, options, counts)
            except Unfit as refusal:
                found = ["seed %d: %s\n%s" % (seed, refusal, description.text())]
            passed, failed = passed + (not found), failed + bool(found)
            for difference in found:
                print(difference, flush=True)
            admin.execute("DROP DATABASE %s WITH (FORCE)" % name)
            if time.monotonic() - start > options.seconds:
                break
    left_out = counts.pop("left out", 0)
    if options.figures:
        print("\n".join("%6d %s" % (n, what) for what, n in sorted(counts.items())))
    asked, seconds = sum(counts.values()), time.monotonic() - start
    print("%d schemas, %d requests answered alike, %d left out, %.0f a second" % (passed + failed, asked, left_out, asked / seconds))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
