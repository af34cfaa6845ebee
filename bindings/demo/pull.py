#!/usr/bin/env python3
"""From a database that nobody made for us to its first query: the schema is pulled, opened, and asked at once.

    DATABASE_URL=postgresql://… python3 pull.py
"""
import os
import time

from accelerant import Accelerant

URL = os.environ["DATABASE_URL"]


def timed(what, act):
    start = time.perf_counter()
    result = act()
    print(f"{what}: {1000 * (time.perf_counter() - start):.1f} ms")
    return result


def main():
    with Accelerant(datasource_url=URL) as db:
        db.connect()
        schema = timed("$schema.pull", lambda: db.request({"operation": "$schema.pull"}))["schema"]
    print("\n" + schema)
    # A pull into the schema keeps this name: the table's own is reserved.
    schema = schema.replace("Renamedpackage", "Package")
    with Accelerant(schema=schema, datasource_url=URL) as db:
        db.connect()
        found = timed("$schema.check", lambda: db.request({"operation": "$schema.check"}))
        print(f"differences: {len(found['differences'])}")
        largest = timed("package.find_many", lambda: db.package.find_many(
            order_by={"installed_kib": "desc"}, take=3, select={"name": True, "installed_kib": True, "maintainer": {"select": {"name": True}}}))
        for package in largest:
            print(f"  {package['name']}, {package['installed_kib']} KiB, by {package['maintainer']['name']}")


if __name__ == "__main__":
    main()
