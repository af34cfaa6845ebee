#!/usr/bin/env python3
"""The same query five ways: without a cache, as a miss, a hit, a stale hit, and after an invalidation.

    DATABASE_URL=postgresql://… python3 example.py schema.prisma

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


class Story:
    """Runs the query, and prints how long it took and what the info says."""

    def __init__(self, db, rounds=200):
        self.packages = db.package.with_accelerate_info()
        self.rounds = rounds
        self.slowest = None

    def tell(self, label, rounds=1, **extra):
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            answer = self.packages.find_many(**QUERY, **extra)
            times.append((time.perf_counter() - start) * 1e6)
        spent = statistics.median(times)
        self.slowest = max(self.slowest or spent, spent)
        bar = "█" * max(1, round(24 * spent / self.slowest))
        read = answer.info.last_modified.strftime("%H:%M:%S.%f")[:-3]
        print(f"  {label:<36} {answer.info.cache_status:<5} {spent:>8.1f} µs  {bar:<24}  read at {read}")
        return answer


def wait_for_refresh(packages):
    """A stale hit starts one refresh in the background; this waits until its answer is there."""
    deadline = time.monotonic() + 5
    while packages.find_many(**QUERY, cache_strategy=STRATEGY).info.cache_status != "ttl":
        if time.monotonic() > deadline:
            raise SystemExit("the refresh did not come back")
        time.sleep(0.001)


def main(schema_path):
    # The manual clock lets the example pass a minute in no time; a program leaves it out.
    with Accelerant(schema_path=schema_path, region="here", clock="manual") as db:
        story = Story(db)
        print(f"{db.package.count()} packages, {db.maintainer.count()} maintainers, {db.dependency.count()} dependencies.")
        totals = db.package.aggregate(_sum={"installedKib": True}, _max={"installedAt": True})
        print(f"They take {totals['_sum']['installedKib'] / 1024 / 1024:.1f} GiB; the last one came on {totals['_max']['installedAt']:%d %B %Y}.")
        print("\nThe largest libraries:")
        for package in db.package.find_many(**{**QUERY, "take": 4}):
            print(f"  {package['installedKib'] / 1024:7.1f} MiB  {package['name']:<28.28} {package['summary']:.60}")

        print(f"\nThat query for 20 of them (medians of {story.rounds} where it can be repeated):")
        story.tell("no cacheStrategy: always the database", rounds=story.rounds)
        story.tell("ttl 60, swr 60: the first time", cache_strategy=STRATEGY)
        story.tell("again", rounds=story.rounds, cache_strategy=STRATEGY)
        db.clock.advance(60)
        story.tell("a minute later: stale, but at once", cache_strategy=STRATEGY)
        wait_for_refresh(story.packages)
        story.tell("its refresh has come back", rounds=story.rounds, cache_strategy=STRATEGY)
        db.accelerate.invalidate(tags=["packages"])
        story.tell("after invalidate", cache_strategy=STRATEGY)
        answer = story.tell("and again", rounds=story.rounds, cache_strategy=STRATEGY)

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
