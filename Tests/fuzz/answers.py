#!/usr/bin/env python3
"""Random schemas, random rows, random requests: the library's answer has to be the one that is found in memory, without SQL.

    answers.py [--schemas N] [--requests N] [--seed N] [--seconds N] [--keep-going]
    answers.py --seed N --schemas 1        the schema of one seed again
    answers.py --world NAME                in an odd database: `Tests/support/servers/worlds.py`
    answers.py --schema FILE --url URL     a schema and a database that are there, which are only read

It ends with "N passed, N failed": a schema is a test.
"""
import argparse
import json
import os
import random
import sys
import time
from decimal import Decimal

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, *(os.path.join(HERE, name) for name in ("model", "random_cases")), os.path.join(os.path.dirname(HERE), "support")]

import paths  # noqa: E402, F401
import capi  # noqa: E402
import compare  # noqa: E402
import random_rows  # noqa: E402
import random_schema  # noqa: E402
import tables  # noqa: E402
import worlds  # noqa: E402
from database import ROLE  # noqa: E402
from filters import Unsupported  # noqa: E402
from postgres import ThrowAwayPostgres  # noqa: E402
from prisma_schema import Schema  # noqa: E402
from psql import Psql  # noqa: E402
from random_request import RequestMaker, as_text  # noqa: E402
from reference import Reference, Refused  # noqa: E402


class Difference(Exception):
    pass


def expected(reference, request):
    """What the reference says: (data, code of the error)."""
    try:
        return reference.execute(request), None
    except Refused as refusal:
        return None, str(refusal)


def again(client, request, reply):
    """Through the cache, twice: what is stored is what was answered."""
    cached = dict(request, args=dict(request["args"], cacheStrategy={"ttl": 60}))
    for expected in ("miss", "ttl"):
        other = client.query(cached)
        if other.text != reply.text or other.cache not in (expected, "ttl"):
            raise Difference("%s\n  differs with cacheStrategy: %s" % (as_text(request), other))


def check(client, reference, request, dice):
    """One request by both ways."""
    data, code = expected(reference, request)
    reply = client.query(request)
    if reply.error is not None:
        if code is None or reply.code != code:
            raise Difference("%s\n  expected %s\n  error    %s" % (as_text(request), code or compare.as_text(data)[:600], reply.error_text[:600]))
        return
    if dice.random() < 0.1:
        again(client, request, reply)
    found = compare.difference(data, json.loads(reply.text, parse_float=Decimal)) if code is None else "expected %s" % code
    if found:
        raise Difference("%s\n  %s" % (as_text(request), found))


def prepare(admin, server, seed, world):
    """A database for a seed: its URL, the schema, the rows as the reference sees them."""
    dice = random.Random(seed)
    text = random_schema.make(dice, has_parts=world is worlds.WORLDS["plain"])
    schema = Schema(text)
    admin.execute("DROP DATABASE IF EXISTS fuzz WITH (FORCE); CREATE DATABASE fuzz TEMPLATE template0 STRATEGY file_copy")
    with Psql(server.url("fuzz")) as session:
        session.execute(";\n".join(["SET client_min_messages = warning", *tables.create(schema)]))
        filler = random_rows.Filler(schema, dice)
        for name, rows in filler.fill().items():
            if rows:
                session.execute(tables.insert(schema.models[name], rows))
        for statement in filler.pairs():
            session.execute(statement)
        for statement in tables.parts(schema):
            session.execute(statement)
        world.transform(session.execute, ROLE)
        for model in schema.models.values():
            if model.is_view:
                session.execute(random_rows.view(schema, model))
        world.grant(session.execute, ROLE)
        return schema, Reference(schema, *tables.read(schema, session.execute)), dice


def run(schema, reference, url, dice, seed, options):
    """All requests of one seed: (how many, how many left out, differences)."""
    asked = left_out = 0
    differences = []
    with capi.Client({"schema": schema.text, "datasourceUrl": url}) as client:
        maker = RequestMaker(reference)
        for number in range(options.requests):
            # Two of a kind: the second one finds the plan of the first.
            request = maker.request("%d %d" % (seed, number // 2), "%d %d" % (seed, number))
            try:
                check(client, reference, request, dice)
                asked += 1
            except Unsupported:
                left_out += 1
            except Difference as difference:
                differences.append("seed %d, request %d: %s" % (seed, number, difference))
                if not options.keep_going:
                    break
    return asked, left_out, differences


def databases(options):
    """A schema, its rows, the URL and a source of chance for each seed: random ones, or the one that is there."""
    if options.schema:
        with open(options.schema, encoding="utf-8") as file:
            schema = Schema(file.read())
        with Psql(options.url) as session:
            reference = Reference(schema, *tables.read(schema, session.execute))
        for seed in range(options.seed, options.seed + options.schemas):
            yield seed, schema, reference, options.url, random.Random(seed)
        return
    world = worlds.WORLDS[options.world]
    with ThrowAwayPostgres() as server, Psql(server.url()) as admin:
        admin.execute(f"CREATE ROLE {ROLE} SUPERUSER LOGIN")
        world.prepare_role(admin.execute, ROLE)
        for seed in range(options.seed, options.seed + options.schemas):
            schema, reference, dice = prepare(admin, server, seed, world)
            url = server.url("fuzz", connection_limit=2, **world.parameters).replace("//accelerant@", f"//{ROLE}@")
            yield seed, schema, reference, url, dice


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--schemas", type=int, default=20)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--keep-going", action="store_true")
    parser.add_argument("--world", default="plain", choices=worlds.WORLDS)
    parser.add_argument("--schema")
    parser.add_argument("--url")
    options = parser.parse_args()
    end = time.monotonic() + options.seconds
    asked = left_out = passed = failed = 0
    for seed, schema, reference, url, dice in databases(options):
        more, less, found = run(schema, reference, url, dice, seed, options)
        asked, left_out = asked + more, left_out + less
        passed, failed = passed + (not found), failed + bool(found)
        for difference in found:
            print(difference, flush=True)
        if time.monotonic() > end:
            break
    print("%d schemas, %d requests answered alike, %d left out" % (passed + failed, asked, left_out))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
