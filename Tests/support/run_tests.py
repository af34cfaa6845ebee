#!/usr/bin/env python3
"""Runs every test: the Swift packages' own, those from outside (C and Python), those of the package for Node. Ends with one line for all.

    run_tests.py --python PYTHON [--only swift|outside|node] -- [arguments for swift …]

The reports, in JUnit's format, are left in .build/test-results.
"""
import argparse
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RESULTS = os.path.join(ROOT, ".build", "test-results")
#: A run that takes longer hangs.
BUILD_SECONDS = 30 * 60
SWIFT_SECONDS = 10 * 60
OUTSIDE_SECONDS = 30 * 60
NODE_SECONDS = 10 * 60
#: As many processes run the tests from outside, each with servers of its own. One that dies in a test fails that test, and another takes its place.
OUTSIDE_PROCESSES = 2


def run(name, command, seconds, environment=None):
    """Runs one runner. Gives whether it said that all is well."""
    print(f"== {name}: {' '.join(command)}", flush=True)
    runner = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        return runner.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        print(f"== {name}: no end after {seconds} s", flush=True)
        # Swift prints then where each thread is; and what a runner still holds of the output comes when it ends by itself.
        signal_all(runner.pid, signal.SIGABRT, ".xctest")
        try:
            runner.wait(60)
        except subprocess.TimeoutExpired:
            pass
        return False
    finally:
        signal_all(runner.pid, signal.SIGKILL)
        runner.wait()


def signal_all(session, number, name=""):
    """Signals the programs of a session, or those of them in whose command the name is."""
    for folder in glob.glob("/proc/[0-9]*"):
        try:
            with open(folder + "/stat", errors="replace") as stat, open(folder + "/cmdline", errors="replace") as command:
                if int(stat.read().rsplit(")", 1)[1].split()[3]) == session and name in command.read():
                    os.kill(int(os.path.basename(folder)), number)
        except OSError:
            pass  # It has ended meanwhile.


def counts(pattern):
    """Passed tests of the reports that match, and the names of the failed ones. A report that was not written to its end has none."""
    passed, failed = 0, []
    for path in glob.glob(os.path.join(RESULTS, pattern)):
        try:
            report = ElementTree.parse(path)
        except ElementTree.ParseError:
            continue
        for case in report.iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                failed.append(f"{case.get('classname')}.{case.get('name')}")
            elif case.find("skipped") is None:
                passed += 1
    return passed, failed


def run_node():
    """Runs Node's own test runner over `bindings/node/tests`. Gives what `run` gives and the counts; None without Node."""
    node = shutil.which("node")
    if not node:
        return None
    report = os.path.join(RESULTS, "node.tap")
    tests = sorted(glob.glob(os.path.join(ROOT, "bindings", "node", "tests", "**", "*.test.mjs"), recursive=True))
    reporters = ["--test-reporter=spec", "--test-reporter-destination=stdout", "--test-reporter=tap", "--test-reporter-destination=" + report]
    server = [sys.executable, os.path.join(ROOT, "Tests", "support", "postgres.py"), "run", "--"]
    library = os.path.join(ROOT, ".build", "release", "libaccelerant.so")
    environment = dict(os.environ, ACCELERANT_LIBRARY=os.environ.get("ACCELERANT_LIBRARY", library))
    is_well = run("node", [*server, node, "--test", *reporters, *tests], NODE_SECONDS, environment)
    return (is_well, *tap_counts(report))


def tap_counts(path):
    """Passed tests of a report in TAP, and the names of the failed ones; what was cancelled has failed."""
    passed, failed = 0, []
    if os.path.exists(path):
        with open(path, encoding="utf-8", errors="replace") as report:
            for line in report:
                if match := re.match(r"# pass (\d+)$", line):
                    passed = int(match[1])
                elif match := re.match(r"not ok \d+ - (.*)$", line):
                    failed.append(match[1])
    return passed, failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--only", choices=("swift", "outside", "node"))
    parser.add_argument("swift", nargs="*")
    options = parser.parse_args()
    # Why: started in the background of a script, a program ignores SIGINT, and so would those that the tests interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    shutil.rmtree(RESULTS, ignore_errors=True)
    os.makedirs(RESULTS)

    runners = []
    if options.only in (None, "swift"):
        build = ["swift", "build", "--build-tests", *options.swift]
        report = os.path.join(RESULTS, "swift.xml")
        test = ["swift", "test", "--skip-build", "--disable-xctest", "--xunit-output", report, *options.swift]
        is_well = run("build", build, BUILD_SECONDS) and run("swift", test, SWIFT_SECONDS)
        runners.append(("swift", is_well, *counts("swift*.xml")))
    if options.only in (None, "outside"):
        command = [options.python, "-m", "pytest", "-q", "--junitxml", os.path.join(RESULTS, "outside.xml"),
                   "-n", str(OUTSIDE_PROCESSES), "--dist", "worksteal",
                   "-c", os.path.join("Tests", "pytest.ini"), "Tests", "bindings/python/tests", "bindings/cli/tests"]
        environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
        runners.append(("outside", run("outside", command, OUTSIDE_SECONDS, environment), *counts("outside*.xml")))

    notes = []
    if options.only in (None, "node"):
        outcome = run_node()
        if outcome:
            runners.append(("node", *outcome))
        else:
            notes.append("node: not run, since node is not installed (Debian, Ubuntu: apt-get install nodejs)")

    if options.only in (None, "outside") and not shutil.which("ruby"):
        notes.append("ruby: not run, since ruby is not installed (Debian, Ubuntu: apt-get install ruby)")

    print()
    for note in notes:
        print(note)
    total_passed = total_failed = 0
    for name, is_well, passed, failed in runners:
        # A runner that ends badly without a failed test (a crash, a test that leaks) counts as one failure; so does silence.
        if not failed and not (is_well and passed):
            failed = ["the runner itself"]
        for test in failed:
            print(f"failed: {name}: {test}")
        print(f"{name}: {passed} passed, {len(failed)} failed")
        total_passed += passed
        total_failed += len(failed)
    print(f"{total_passed} passed, {total_failed} failed")
    return 1 if total_failed else 0


if __name__ == "__main__":
    sys.exit(main())
