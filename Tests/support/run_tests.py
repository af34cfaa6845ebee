#!/usr/bin/env python3
"""Runs every test: the Swift packages' own, then those from outside (C and Python). Ends with one line for all.

    run_tests.py --python PYTHON [--only swift|outside] -- [arguments for swift …]

The reports, in JUnit's format, are left in .build/test-results.
"""
import argparse
import glob
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RESULTS = os.path.join(ROOT, ".build", "test-results")
#: A run that takes longer hangs.
SWIFT_SECONDS = 30 * 60
OUTSIDE_SECONDS = 20 * 60


def run(name, command, seconds, environment=None):
    """Runs one runner. Gives whether it said that all is well."""
    print(f"== {name}: {' '.join(command)}", flush=True)
    try:
        return subprocess.run(command, cwd=ROOT, timeout=seconds, env=environment).returncode == 0
    except subprocess.TimeoutExpired:
        print(f"== {name}: no end after {seconds} s", flush=True)
        return False


def counts(pattern):
    """Passed and failed tests of the reports that match."""
    passed = failed = 0
    for path in glob.glob(os.path.join(RESULTS, pattern)):
        for case in ElementTree.parse(path).iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
            elif case.find("skipped") is None:
                passed += 1
    return passed, failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--only", choices=("swift", "outside"))
    parser.add_argument("swift", nargs="*")
    options = parser.parse_args()
    shutil.rmtree(RESULTS, ignore_errors=True)
    os.makedirs(RESULTS)

    runners = []
    if options.only != "outside":
        command = ["swift", "test", "--disable-xctest", "--xunit-output", os.path.join(RESULTS, "swift.xml"), *options.swift]
        runners.append(("swift", run("swift", command, SWIFT_SECONDS), *counts("swift*.xml")))
    if options.only != "swift":
        command = [options.python, "-m", "pytest", "-q", "--junitxml", os.path.join(RESULTS, "outside.xml"), "Tests"]
        environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
        runners.append(("outside", run("outside", command, OUTSIDE_SECONDS, environment), *counts("outside*.xml")))

    print()
    total_passed = total_failed = 0
    for name, is_well, passed, failed in runners:
        # A runner that ends badly without a failed test (a crash, a test that leaks) counts as one failure; so does silence.
        if failed == 0 and not (is_well and passed):
            failed = 1
        print(f"{name}: {passed} passed, {failed} failed")
        total_passed += passed
        total_failed += failed
    print(f"{total_passed} passed, {total_failed} failed")
    return 1 if total_failed else 0


if __name__ == "__main__":
    sys.exit(main())
