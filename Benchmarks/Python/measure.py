"""Runs in the environment that run.py made. Prints tables, and writes them to the page."""
import asyncio
import json
import os
import platform
import statistics
import sys
import time

import asyncpg
import orjson
import psycopg
import psycopg.rows
from psycopg.types.json import set_json_loads

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(os.path.dirname(os.path.dirname(HERE)), "docs", "reports", "benchmarks-python.md")
URL = os.environ["DATABASE_URL"]
SCHEMA = os.path.join(HERE, "schema.prisma")
ROUNDS = 41
STRATEGY = {"ttl": 3600}

from accelerant import Accelerant, AsyncAccelerant  # noqa: E402
from accelerant.codec import text  # noqa: E402
from accelerant.codec.form import Form  # noqa: E402
from accelerant.codec.models import forms, member_of  # noqa: E402
from accelerant.generator import generate  # noqa: E402
from accelerant.records import fields_of  # noqa: E402


def in_turns(contestants, seconds, clock):
    """Microseconds of one call of each: medians over the rounds, in each of which all of them run."""
    counts = {}
    for name, call in contestants.items():
        began = clock()
        for _ in range(3):
            call()
        counts[name] = max(1, int(seconds / max((clock() - began) / 3, 1e-7)))
    found = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, call in contestants.items():
            repeat = range(counts[name])
            began = clock()
            for _ in repeat:
                call()
            found[name].append((clock() - began) / counts[name] * 1e6)
    return found


def table(title, words, contestants, base, limit="", clock=time.thread_time, seconds=0.004):
    found = in_turns(contestants, seconds, clock)
    lines = [f"## {title}", "", words, "", f"| contestant | µs | against {base} |", "|---|--:|--:|"]
    for name, times in found.items():
        quotient = statistics.median(mine / its for mine, its in zip(times, found[base]))
        lines.append(f"| {name} | {statistics.median(times):,.2f} | {quotient:.2f} |")
    lines += ["", *([limit, ""] if limit else [])]
    print("\n".join(lines), flush=True)
    return lines


def prepare():
    with psycopg.connect(URL, autocommit=True) as connection, open(os.path.join(HERE, "tables.sql")) as tables:
        connection.execute(tables.read())
    folder = os.environ["GENERATED"]
    generate(SCHEMA, os.path.join(folder, "orders"))
    sys.path.insert(0, folder)
    import orders

    return orders


def decoding(db, typed):
    lines = []
    kind = typed._package.record_class("Order")
    made = Form(lambda: [member_of(field) for field in fields_of(kind)], kind)
    with Accelerant(schema_path=SCHEMA, datasource_url=URL) as plain:
        pure = forms(plain.request({"operation": "$schema"}), None)["Order"]
        for count in (1, 20, 1000):
            where = {"id": {"lte": count}}
            dictionaries = lambda where=where: db.order.find_many(where=where, cache_strategy=STRATEGY)
            records = lambda where=where: typed.order.find_many(where=where, cache_strategy=STRATEGY)
            answer = typed.order.as_json().find_many(where=where, cache_strategy=STRATEGY)
            assert len(records()) == len(dictionaries()) == count
            lines += table(
                f"A cached answer of {count:,} {'row' if count == 1 else 'rows'}",
                "Ten columns, with a time, a decimal and a 64-bit integer. Calls as a whole, and readers of JSON that\nare given the answer's bytes "
                "and leave such values texts.",
                {
                    "orjson.loads": lambda answer=answer: orjson.loads(answer), "find_many, dictionaries": dictionaries,
                    "find_many of the generated client, records": records,
                    "as_json(), bytes": lambda where=where: typed.order.as_json().find_many(where=where, cache_strategy=STRATEGY),
                    "json.loads": lambda answer=answer: json.loads(answer), "read in Python, no module in C": lambda answer=answer: pure(text.read(answer)),
                    "the same, records": lambda answer=answer: made(text.read(answer)),
                }, "orjson.loads")
    return lines


def one_row(db, typed):
    contestants = {
        "find_unique, dictionary": lambda: db.order.find_unique(where={"id": 7}, cache_strategy=STRATEGY),
        "find_unique of the generated client, record": lambda: typed.order.find_unique({"id": 7}, cache_strategy=STRATEGY),
        "count": lambda: db.order.count(cache_strategy=STRATEGY),
    }
    socket = os.environ["REDIS_SOCKET"]
    if socket:
        import redis

        store = redis.Redis(unix_socket_path=socket)
        store.set("order:7", orjson.dumps(json.loads(typed.order.as_json().find_unique({"id": 7}))))
        contestants["redis-py and orjson"] = lambda: orjson.loads(store.get("order:7"))
    return table("A cached record", "By its key; from the call to the record.", contestants, "find_unique, dictionary", clock=time.perf_counter, seconds=0.001)


def _parameters():
    """The server's address as asyncpg takes it, which reads a socket's folder in a URL otherwise than libpq does."""
    given = psycopg.conninfo.conninfo_to_dict(URL)
    return {"host": given["host"], "port": int(given["port"]), "user": given["user"], "password": given.get("password"), "database": given["dbname"]}


def uncached(db):
    connection = psycopg.connect(URL, autocommit=True, row_factory=psycopg.rows.dict_row)
    connection.prepare_threshold = 0
    cursor = connection.cursor()
    loop = asyncio.new_event_loop()
    other = loop.run_until_complete(asyncpg.connect(**_parameters()))
    one = loop.run_until_complete(other.prepare('SELECT * FROM "Order" WHERE id = $1'))
    many = loop.run_until_complete(other.prepare('SELECT * FROM "Order" WHERE id <= $1'))
    lines = []
    for count, query, prepared in ((1, 'SELECT * FROM "Order" WHERE id = %s', one), (20, 'SELECT * FROM "Order" WHERE id <= %s', many), (1000, None, many)):
        query = query or 'SELECT * FROM "Order" WHERE id <= %s'
        where = {"id": 7} if count == 1 else {"id": {"lte": count}}
        number = 7 if count == 1 else count
        lines += table(
            f"Asked of PostgreSQL, {count:,} {'row' if count == 1 else 'rows'}", "Prepared statements, one connection on a Unix socket.", {
                "psycopg 3, dictionaries": lambda query=query, number=number: cursor.execute(query, (number,), prepare=True).fetchall(),
                "find_many, dictionaries": lambda where=where: db.order.find_many(where=where),
                "asyncpg, dictionaries": lambda prepared=prepared, number=number: [dict(row) for row in loop.run_until_complete(prepared.fetch(number))],
            }, "psycopg 3, dictionaries", clock=time.perf_counter, seconds=0.01)
    loop.run_until_complete(other.close())
    connection.close()
    return lines


def on_asyncio(db):
    async def measure():
        async with AsyncAccelerant(schema_path=SCHEMA, datasource_url=URL) as other:
            ask = lambda: other.order.find_unique(where={"id": 7}, cache_strategy=STRATEGY)
            await ask()
            found = {"sync": [], "asyncio": []}
            for _ in range(ROUNDS):
                began = time.thread_time()
                for _ in range(2000):
                    db.order.find_unique(where={"id": 7}, cache_strategy=STRATEGY)
                middle = time.thread_time()
                for _ in range(2000):
                    await other.order.find_unique(where={"id": 7}, cache_strategy=STRATEGY)
                found["sync"].append((middle - began) * 500)
                found["asyncio"].append((time.thread_time() - middle) * 500)
            return found

    found = asyncio.run(measure())
    quotient = statistics.median(mine / its for mine, its in zip(found["asyncio"], found["sync"]))
    lines = ["## A cached record on asyncio", "", "| client | µs | against sync |", "|---|--:|--:|",
             f"| sync | {statistics.median(found['sync']):.2f} | 1.00 |",
             f"| asyncio, awaited in a loop | {statistics.median(found['asyncio']):.2f} | {quotient:.2f} |", ""]
    print("\n".join(lines))
    return lines


def main():
    set_json_loads(orjson.loads)
    orders = prepare()
    with Accelerant(schema_path=SCHEMA, datasource_url=URL) as db, orders.Prisma(datasource={"url": URL}) as typed:
        lines = [*one_row(db, typed), *decoding(db, typed), *on_asyncio(db), *uncached(db)]
    left_out = os.environ.get("MISSING")
    head = [
        "# Benchmarks of the Python package", "",
        "Made by `make bench PAGE=1`. All contestants of a table run in one process, in turns. Figures are",
        "medians, quotients are medians of the quotients within a round. Of answers that are decoded the CPU",
        "time is measured, of calls that may ask a server the time on the wall.", "",
        f"The machine of these figures: {platform.machine()}, {os.cpu_count()} cores, shared with other work, Python",
        f"{platform.python_version()}, {time.strftime('%Y-%m-%d')}.",
        *([f"Not there: {left_out}."] if left_out else []), ""]
    if "--page" in sys.argv:
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write("\n".join([*head, *lines]).rstrip() + "\n")


main()
