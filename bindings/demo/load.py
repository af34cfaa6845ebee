#!/usr/bin/env python3
"""Prints SQL that makes the demo's tables and fills them from this machine's package database (dpkg).

    load.py | psql "$DATABASE_URL"
"""
import datetime
import os
import re
import sys

STATUS = "/var/lib/dpkg/status"
INFO = "/var/lib/dpkg/info"
TABLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tables.sql")


def paragraphs(lines):
    """The entries of a Debian control file, as dictionaries; continuation lines join their field."""
    entry, field = {}, None
    for line in lines:
        line = line.rstrip("\n")
        if not line:
            if entry:
                yield entry
            entry, field = {}, None
        elif line[0] in " \t":
            entry[field] += "\n" + line[1:]
        else:
            field, _, value = line.partition(":")
            entry[field] = value.strip()
    if entry:
        yield entry


def installed_at(entry):
    """When dpkg last unpacked the package: the age of its list of files."""
    names = [entry["Package"], f"{entry['Package']}:{entry['Architecture']}"]
    for name in names:
        try:
            seconds = os.stat(os.path.join(INFO, name + ".list")).st_mtime
        except OSError:
            continue
        return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return None


def dependencies(entry):
    """`a (>= 1) | b, c` → [["a", "b"], ["c"]]"""
    groups = [group for group in entry.get("Depends", "").split(",") if group.strip()]
    return [[re.split(r"[\s(:]", choice.strip())[0] for choice in group.split("|")] for group in groups]


def copy(table, columns, rows):
    """A COPY statement with its data."""

    def written(value):
        if value is None:
            return "\\N"
        if isinstance(value, bool):
            return "t" if value else "f"
        if isinstance(value, list):
            value = "{" + ",".join('"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"' for item in value) + "}"
        return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")

    print(f"COPY {table} ({', '.join(columns)}) FROM STDIN;")
    for row in rows:
        print("\t".join(written(value) for value in row))
    print("\\.")


def main():
    if not os.path.exists(STATUS):
        sys.exit(f"{STATUS} is not there: the demo shows the packages of a Debian or Ubuntu machine")
    with open(STATUS, encoding="utf-8", errors="replace") as file:
        entries = [entry for entry in paragraphs(file) if entry.get("Status", "").endswith(" installed")]
    # A package may be installed for two architectures; the first one stands for both.
    packages = {}
    for entry in entries:
        packages.setdefault(entry["Package"], entry)

    maintainers = {}
    package_rows, dependency_rows = [], []
    for name, entry in packages.items():
        maintainer = maintainers.setdefault(entry.get("Maintainer", "unknown <>"), len(maintainers) + 1)
        package_rows.append((
            name, entry.get("Version", ""), entry.get("Section", "unknown"), entry.get("Priority", "unknown"),
            entry.get("Essential") == "yes", int(entry.get("Installed-Size", 0)), installed_at(entry),
            entry.get("Description", "").split("\n")[0], entry.get("Homepage"), maintainer))
        for position, choices in enumerate(dependencies(entry)):
            dependency_rows.append((name, position, choices[0], choices))
    maintainer_rows = []
    for text, number in maintainers.items():
        person, _, address = text.partition("<")
        maintainer_rows.append((number, person.strip(), address.rstrip("> ")))

    with open(TABLES) as file:
        print(file.read())
    copy("maintainer", ("id", "name", "email"), maintainer_rows)
    copy("package", ("name", "version", "section", "priority", "essential", "installed_kib", "installed_at", "summary",
                     "homepage", "maintainer_id"), package_rows)
    copy("dependency", ("package_name", "position", "needs", "alternatives"), dependency_rows)
    print("ANALYZE;")


if __name__ == "__main__":
    main()
