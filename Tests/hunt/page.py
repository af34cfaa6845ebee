#!/usr/bin/env python3
"""Writes docs/reports/hunt.md: a line for each report, from the tests in this folder. `--check` only says whether it is current."""
import glob
import importlib.util
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PAGE = os.path.join(ROOT, "docs", "reports", "hunt.md")
sys.path[:0] = [HERE, os.path.join(ROOT, "Tests", "support")]
import paths  # noqa: E402, F401

HEADER = """# Other people's bug reports

Each line is a report from a public tracker about a kind of fault that Accelerant could have, too.
Each became a small test of our own, in `Tests/hunt`. The third column says what came out here when
the case ran for the first time.

{count} reports. {right} were right at first, {wrong} were not. All pass now. `Tests/hunt/page.py`
writes this page.

| report | symptom | at first | test |
|---|---|---|---|
"""


def reports():
    """Every report: (reference, symptom, first, test)."""
    for path in sorted(glob.glob(os.path.join(HERE, "*", "test_*.py"))):
        name = os.path.basename(path)[:-3]
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for value in vars(module).values():
            told = getattr(value, "report", None)
            if told and callable(value):
                yield told["reference"], told["symptom"], told["first"], f"{os.path.relpath(path, HERE)}::{value.__name__}"


def page():
    rows = list(reports())
    right = sum(first == "right" for _, _, first, _ in rows)
    lines = ["| %s | %s | %s | `%s` |\n" % tuple(text.replace("|", "\\|") for text in row) for row in rows]
    return HEADER.format(count=len(rows), right=right, wrong=len(rows) - right) + "".join(lines)


def main():
    text = page()
    if "--check" in sys.argv:
        with open(PAGE, encoding="utf-8") as file:
            return 0 if file.read() == text else 1
    os.makedirs(os.path.dirname(PAGE), exist_ok=True)
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
