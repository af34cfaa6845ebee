#!/usr/bin/env python3
"""Four processes with a Redis behind their caches: one asks the database, all have the answer, and an invalidation
reaches them all.

    DATABASE_URL=postgresql://… REDIS_URL=redis://… python3 examples/processes.py schema.prisma

`make demo` at the top of the repository runs it on a database of real data.
"""
import multiprocessing
import os
import sys
import time

from accelerant import Accelerant

PROCESSES = 4
STRATEGY = {"ttl": 3600, "tags": ["packages"]}
LARGEST = {"order_by": [{"installedKib": "desc"}, {"name": "asc"}], "cache_strategy": STRATEGY}
TOTALS = {"by": ["section"], "_sum": {"installedKib": True}, "_count": True, "order_by": {"section": "asc"}, "cache_strategy": STRATEGY}
PATIENCE = 10


class Worker:
    """What runs in a process of its own: a client, and what it is told to do."""

    def __init__(self, db):
        self.db = db
        self.package = db.package.with_accelerate_info()

    def queries(self):
        """How often the database was asked for packages since the last time, as the log says it. What else it says is about the catalog."""
        return sum('FROM "package"' in event.get("query", "") for event in self.db.take_log().events)

    def totals(self):
        """A read: its cacheStatus, its milliseconds, and how many queries it took."""
        start = time.perf_counter()
        answer = self.package.group_by(**TOTALS)
        return answer.info.cache_status, (time.perf_counter() - start) * 1000, self.queries()

    def largest(self):
        return self.package.find_first(**LARGEST).data

    def write(self, name, kib):
        """Gives the moment when the invalidation had returned, on the clock that all processes share."""
        self.db.package.update(where={"name": name}, data={"installedKib": kib})
        self.db.accelerate.invalidate(tags=["packages"])
        return time.monotonic()

    def see(self, kib):
        """Reads until the answer is the new one: the moment, and how many queries it took."""
        self.queries()
        deadline = time.monotonic() + PATIENCE
        while self.largest()["installedKib"] != kib:
            if time.monotonic() > deadline:
                raise SystemExit("what another process wrote was not seen")
            time.sleep(0.0001)
        return time.monotonic(), self.queries()


def run_worker(pipe, schema_path):
    tier = {"url": os.environ["REDIS_URL"], "prefix": "demo", "timeout_ms": 500}
    with Accelerant(schema_path=schema_path, cache={"tier": tier}, log=["query"]) as db:
        db.connect()
        worker = Worker(db)
        pipe.send("ready")
        for name, arguments in iter(pipe.recv, None):
            pipe.send(getattr(worker, name)(*arguments))


class Process:
    """The other end: what the process is told, and what it answers."""

    _context = multiprocessing.get_context("spawn")

    def __init__(self, number, schema_path):
        self.number = number
        self._pipe, theirs = multiprocessing.Pipe()
        self._process = self._context.Process(target=run_worker, args=(theirs, schema_path), daemon=True)
        self._process.start()
        theirs.close()

    def tell(self, name, *arguments):
        self._pipe.send((name, arguments))

    def answer(self):
        return self._pipe.recv()

    def ask(self, name, *arguments):
        self.tell(name, *arguments)
        return self.answer()

    def end(self):
        self._pipe.send(None)
        self._process.join()


def start(numbers, schema_path):
    processes = [Process(number, schema_path) for number in numbers]
    for process in processes:
        process.answer()
    return processes


def show(process, answer):
    status, milliseconds, queries = answer
    print(f"  process {process.number}   {status:<5}{milliseconds:8.2f} ms   queries: {queries}")


def all_ask(processes):
    print(f"{len(processes)} processes ask for the totals of all sections at the same moment:")
    for process in processes:
        process.tell("totals")
    for process in processes:
        show(process, process.answer())


def one_starts(schema_path):
    print("\nOne more starts, with an empty cache of its own. Its first read, and its second:")
    [late] = start([PROCESSES + 1], schema_path)
    show(late, late.ask("totals"))
    show(late, late.ask("totals"))
    return late


def one_writes(processes):
    writer, *others = processes
    before = [process.ask("largest") for process in processes][0]
    name, old, new = before["name"], before["installedKib"], before["installedKib"] + 1
    print(f"\nAll keep the largest package, {name}. Process {writer.number} changes it from {old} to {new} KiB, and invalidates its tag:")
    for process in others:
        process.tell("see", new)
    written = writer.ask("write", name, new)
    queries = 0
    for process in others:
        moment, own = process.answer()
        queries += own
        print(f"  process {process.number}   sees {new} KiB {max(0, moment - written) * 1000:8.2f} ms after the invalidation returned")
    print(f"  Queries of all four: {queries}")
    writer.ask("write", name, old)


def main(schema_path):
    processes = start(range(1, PROCESSES + 1), schema_path)
    all_ask(processes)
    processes.append(one_starts(schema_path))
    one_writes(processes)
    for process in processes:
        process.end()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
