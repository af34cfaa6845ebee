#!/usr/bin/env python3
"""Random schemas, rows, and changes of the schema: after each push the difference is empty, and what was promised to stay is there.

    migrations.py [--schemas N] [--changes N] [--seed N] [--seconds N] [--keep-going]

For each schema: pushed to an empty database, the difference is empty; pulled, the text opens, means the same and is pulled equal again. Then the
schema changes, with rows in the tables: a push without risks succeeds, a refused one changes nothing, an accepted one leaves no difference,
and tables that did not change keep their rows. It ends with "N passed, N failed": a schema is a test.
"""
import argparse
import os
import random
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, *(os.path.join(HERE, name) for name in ("model", "random_cases")), os.path.join(os.path.dirname(HERE), "support")]

import paths  # noqa: E402, F401
import capi  # noqa: E402
import random_rows  # noqa: E402
import random_schema  # noqa: E402
import tables  # noqa: E402
from database import ROLE  # noqa: E402
from postgres import ThrowAwayPostgres  # noqa: E402
from prisma_schema import Schema  # noqa: E402
from psql import Psql  # noqa: E402

#: What a field may become: a type that has an order, for it may stand in a key.
KINDS = [row for row in random_schema.TYPES if row[0] not in ("Enum", "Json") and row[1] not in random_schema.NO_EQUALITY]
FIELD = re.compile(r"^  (\w+) (\w+)(\?|\[\])?( @db\.\w+(?:\([\d, ]+\))?)?(.*)$")
ROWS = """SELECT string_agg(format('%s.%s %s', n.nspname, c.relname, (xpath('/row/c/text()', query_to_xml(format(
    'SELECT count(*) AS c FROM %I.%I', n.nspname, c.relname), false, true, '')))[1]::text), E'\\n' ORDER BY n.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema)'"""
EMPTYING = """DO $$ DECLARE t regclass; BEGIN
    FOR t IN SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema)'
    LOOP EXECUTE 'TRUNCATE ' || t || ' CASCADE'; END LOOP; END $$"""


class Wrong(Exception):
    """What should not have come out."""


class Changer:
    """Changes lines of a schema text, so that what comes out may be a schema again."""

    def __init__(self, dice):
        self.dice = dice

    def change(self, text):
        lines = text.split("\n")
        for _ in range(self.dice.randint(1, 4)):
            self.dice.choice([self.retype, self.retype, self.loosen, self.drop, self.add, self.default, self.label, self.index])(lines)
        return "\n".join(lines)

    def place(self, lines, pattern):
        found = [number for number, line in enumerate(lines) if re.match(pattern, line) and "@relation" not in line]
        return self.dice.choice(found) if found else None

    def scalar(self, lines):
        return self.place(lines, r"  \w+ (String|Int|BigInt|Float|Decimal|DateTime|Boolean|Json|Bytes)\b")

    def retype(self, lines):
        number = self.scalar(lines)
        # Why not of keys: both ends would have to change alike.
        keys = {name for line in lines for names in re.findall(r"(?:fields|references): \[([^]]*)\]", line) for name in names.split(", ")}
        if number is not None and lines[number].split()[0] not in keys:
            name, _, mark, _, rest = FIELD.match(lines[number]).groups()
            kind, native, _ = random_schema.chosen(self.dice, KINDS)
            lines[number] = "  %s %s%s %s%s" % (name, kind, mark or "", native, re.sub(r"@default\(.*?\)(?= |$)", "", rest))

    def loosen(self, lines):
        number = self.scalar(lines)
        if number is not None and "@id" not in lines[number]:
            name, kind, mark, native, rest = FIELD.match(lines[number]).groups()
            if mark != "[]":
                lines[number] = "  %s %s%s%s%s" % (name, kind, "" if mark else "?", native or "", rest)

    def drop(self, lines):
        number = self.scalar(lines)
        if number is not None:
            del lines[number]

    def add(self, lines):
        number = self.place(lines, r"model \w+ \{")
        if number is not None:
            kind, native, _ = random_schema.chosen(self.dice, KINDS)
            lines.insert(number + 1, "  added%d %s%s %s" % (self.dice.randrange(1000), kind, self.dice.choice(["", "?", "[]"]), native))

    def default(self, lines):
        number = self.place(lines, r"  \w+ (String|Int|Boolean|DateTime)( |$)")
        if number is not None and "@default" not in lines[number] and "@db" not in lines[number]:
            value = {"String": '"it\'s \\\\"', "Int": "-7", "Boolean": "true", "DateTime": "now()"}[lines[number].split()[1]]
            lines[number] += " @default(%s)" % value

    def label(self, lines):
        number = self.place(lines, r"enum \w+ \{")
        if number is not None:
            if self.dice.random() < 0.6:
                lines.insert(number + self.dice.randint(1, 2), "  new%d" % self.dice.randrange(1000))
            else:
                del lines[number + 1]

    def index(self, lines):
        number = self.scalar(lines)
        if number is None or any(word in lines[number] for word in random_schema.NO_EQUALITY + ("@unique", "@id", "Json", "[]", "point")):
            return
        if self.dice.random() < 0.5:
            lines[number] += " @unique"
        else:
            end = next(at for at in range(number, len(lines)) if lines[at] == "}")
            lines.insert(end, "  @@index([%s(sort: Desc)])" % lines[number].split()[0])


class Run:
    """One schema and its changes."""

    def __init__(self, session, url, dice):
        self.session, self.url, self.dice = session, url, dice

    def ask(self, text, operation, **args):
        with capi.Client({"schema": text, "datasourceUrl": self.url}) as client:
            return client.query({"operation": operation, "args": args, "timeoutMs": 60_000})

    def empty(self, text, of):
        reply = self.ask(text, "$schema.diff")
        if reply.status != "OK" or reply.data["sql"]:
            raise Wrong("after %s there is a difference: %s" % (of, reply.error_text if reply.status != "OK" else reply.data["sql"]))

    def pulled(self, text):
        reply = self.ask(text, "$schema.pull")
        if reply.status != "OK":
            raise Wrong("pull: " + reply.error_text)
        found = reply.data["schema"]
        diff = self.ask(text, "$schema.diff", to=found)
        if diff.status != "OK" or diff.data["sql"]:
            raise Wrong("what was pulled differs: %s\n%s" % (diff.error_text if diff.status != "OK" else diff.data["sql"], found))
        second = self.ask(found, "$schema.pull")
        if second.status != "OK" or second.data["schema"] != found:
            raise Wrong("a second pull differs:\n%s\n---\n%s" % (found, second.error_text if second.status != "OK" else second.data["schema"]))

    def fill(self, text):
        schema = Schema(text)
        filler = random_rows.Filler(schema, self.dice)
        for name, rows in filler.fill().items():
            if rows:
                self.session.execute(tables.insert(schema.models[name], rows))
        for statement in filler.pairs():
            self.session.execute(statement)

    def push(self, text):
        """Pushes a changed schema, as somebody does who reads what is said. Gives what came out."""
        before = self.session.value(ROWS)
        reply = self.ask(text, "$schema.push")
        if reply.status == "OK" and reply.data["executed"]:
            if self.session.value(ROWS).count("\n") >= before.count("\n") and "DROP TABLE" not in reply.data["sql"] and self.lost(before):
                raise Wrong("rows are gone, and nobody was warned: %s" % reply.data["sql"])
            self.empty(text, "a push without risks")
            return "pushed"
        if reply.status == "OK" and not reply.data["risks"]:
            raise Wrong("nothing was executed, and nothing is said to be risky")
        if reply.status != "OK":
            raise Wrong("no risk was told, and it failed: %s\n%s" % (reply.error_text, self.ask(text, "$schema.push", dryRun=True).data))
        if self.session.value(ROWS) != before:
            raise Wrong("what was refused has changed something")
        accepted = self.ask(text, "$schema.push", acceptDataLoss=True)
        if accepted.status == "OK":
            self.empty(text, "an accepted push")
            return "accepted"
        if self.session.value(ROWS) != before:
            raise Wrong("what failed has changed something: %s" % accepted.error_text)
        self.session.execute(EMPTYING)
        again = self.ask(text, "$schema.push", acceptDataLoss=True)
        if again.status != "OK":
            raise Wrong("it fails without rows, too: %s\n%s" % (again.error_text, reply.data["sql"]))
        self.empty(text, "a push without rows")
        return "emptied"

    def lost(self, before):
        """Whether a table that is there still has other rows than before."""
        now = dict(line.rsplit(" ", 1) for line in self.session.value(ROWS).split("\n"))
        return [line for line in before.split("\n") if line.rsplit(" ", 1)[0] in now and now[line.rsplit(" ", 1)[0]] != line.rsplit(" ", 1)[1]]


def opens(run, text):
    try:
        run.ask(text, "$schema")
        return True
    except capi.OpenError:
        return False


def check(run, seed, changes, counts):
    """All that is done with one schema."""
    dice = run.dice
    text = random_schema.make(dice, has_parts=False, has_domains=False)
    changer = Changer(dice)
    reply = run.ask(text, "$schema.push")
    if reply.status != "OK" or not reply.data["executed"]:
        raise Wrong("the first push: %s" % reply)
    run.empty(text, "the first push")
    run.pulled(text)
    run.fill(text)
    for number in range(changes):
        changed = changer.change(text)
        if not opens(run, changed):
            counts["no schema"] = counts.get("no schema", 0) + 1
            continue
        try:
            outcome = run.push(changed)
        except Wrong as wrong:
            raise Wrong("seed %d, change %d: %s\n--- before\n%s\n--- after\n%s" % (seed, number, wrong, text, changed)) from None
        counts[outcome] = counts.get(outcome, 0) + 1
        text = changed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--schemas", type=int, default=20)
    parser.add_argument("--changes", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--keep-going", action="store_true")
    options = parser.parse_args()
    start, passed, failed, counts = time.monotonic(), 0, 0, {}
    with ThrowAwayPostgres() as server, Psql(server.url()) as admin:
        admin.execute(f"CREATE ROLE {ROLE} SUPERUSER LOGIN")
        for seed in range(options.seed, options.seed + options.schemas):
            admin.execute("DROP DATABASE IF EXISTS migrations WITH (FORCE); CREATE DATABASE migrations TEMPLATE template0 STRATEGY file_copy")
            try:
                with Psql(server.url("migrations")) as session:
                    session.execute("SET client_min_messages = warning; CREATE EXTENSION citext SCHEMA pg_catalog")
                    url = server.url("migrations", connection_limit=2).replace("//accelerant@", f"//{ROLE}@")
                    check(Run(session, url, random.Random(seed)), seed, options.changes, counts)
                passed += 1
            except Wrong as wrong:
                failed += 1
                print("seed %d: %s" % (seed, wrong), flush=True)
                if not options.keep_going:
                    break
            if time.monotonic() - start > options.seconds:
                break
    print(", ".join("%s: %d" % pair for pair in sorted(counts.items())))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
