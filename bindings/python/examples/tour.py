#!/usr/bin/env python3
"""The same query five ways: without a cache, after an invalidation, as a hit, as a stale hit, and refreshed.

    DATABASE_URL=postgresql://… python3 examples/tour.py schema.prisma

`make demo` at the top of the repository runs it on a database of real data.
"""
import statistics
import sys
import time

from accelerant import Accelerant, FieldNotFoundError

STRATEGY = {"ttl": 60, "swr": 60, "tags": ["packages"]}
QUERY = {
    "where": {"OR": [{"section": "libs"}, {"summary": {"contains": "library", "mode": "insensitive"}}]},
    "order_by": [{"installedKib": "desc"}, {"name": "asc"}],
    "select": {"name": True, "installedKib": True, "installedAt": True, "summary": True},
    "take": 20,
}


ROUNDS = 100


class Story:
    """Runs the query again and again, and prints how long it took and what the info says."""

    def __init__(self, db):
        self.db = db
        self.packages = db.package.with_accelerate_info()
        self.slowest = None

    def tell(self, label, prepare=None, **strategy):
        """One line: the median of some rounds, each after `prepare`."""
        times = []
        for _ in range(ROUNDS):
            if prepare:
                prepare()
            start = time.perf_counter()
            answer = self.packages.find_many(**QUERY, **strategy)
            times.append((time.perf_counter() - start) * 1e6)
        spent = statistics.median(times)
        self.slowest = self.slowest or spent
        bar = "█" * min(30, max(1, round(24 * spent / self.slowest)))
        print(f"  {label:<42} {answer.info.cache_status:<5} {spent:>7.1f} µs  {bar}")
        return answer

    def refreshed(self):
        """Waits until the cache holds a fresh answer: a stale hit starts one refresh in the background."""
        deadline = time.monotonic() + 5
        while self.packages.find_many(**QUERY, cache_strategy=STRATEGY).info.cache_status != "ttl":
            if time.monotonic() > deadline:
                raise SystemExit("the refresh did not come back")
            time.sleep(0.0005)

    def a_minute_passes(self):
        self.refreshed()
        self.db.clock.advance(60)

    def invalidated(self):
        self.db.accelerate.invalidate(tags=["packages"])


def introduce(db):
    print(f"{db.package.count()} packages, {db.maintainer.count()} maintainers, {db.dependency.count()} dependencies.")
    totals = db.package.aggregate(_sum={"installedKib": True}, _max={"installedAt": True})
    print(f"They take {totals['_sum']['installedKib'] / 1024 / 1024:.1f} GiB; the last one came on {totals['_max']['installedAt']:%d %B %Y}.")
    print("\nThe largest libraries:")
    for package in db.package.find_many(**{**QUERY, "take": 4}):
        print(f"  {package['installedKib'] / 1024:7.1f} MiB  {package['name']:<28.28} {package['summary']:.60}")


def main(schema_path):
    # The manual clock lets the example pass a minute in no time; a program leaves it out.
    with Accelerant(schema_path=schema_path, region="here", clock="manual") as db:
        introduce(db)
        story = Story(db)
        print(f"\nThat query for 20 of them, from the call to Python values (medians of {ROUNDS}):")
        story.tell("no cacheStrategy: always the database")
        story.tell("ttl 60, swr 60, after an invalidate", story.invalidated, cache_strategy=STRATEGY)
        story.tell("again", cache_strategy=STRATEGY)
        story.tell("a minute later: old, but at once", story.a_minute_passes, cache_strategy=STRATEGY)
        answer = story.tell("its refresh has come back", story.refreshed, cache_strategy=STRATEGY)

        print("\nThe last answer's info:")
        for name, value in answer.info._asdict().items():
            print(f"  {name:<14} {value}")
        print("\nAnd a slip of the pen:")
        try:
            db.package.find_many(where={"sectoin": "libs"})
        except FieldNotFoundError as error:
            print(f"  {type(error).__name__} {error.code}: {error}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
