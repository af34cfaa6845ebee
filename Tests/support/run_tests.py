#!/usr/bin/env python3
"""Runs every test: the Swift packages' own, then those from outside (C and Python). Ends with one line for all.

    run_tests.py --python PYTHON [--only swift|outside] -- [arguments for swift …]

The reports, in JUnit's format, are left in .build/test-results.
"""
import argparse
import glob
import os
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
OUTSIDE_SECONDS = 40 * 60


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
    """Passed and failed tests of the reports that match. A report that was not written to its end has none."""
    passed = failed = 0
    for path in glob.glob(os.path.join(RESULTS, pattern)):
        try:
            report = ElementTree.parse(path)
        except ElementTree.ParseError:
            continue
        for case in report.iter("testcase"):
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
        build = ["swift", "build", "--build-tests", *options.swift]
        report = os.path.join(RESULTS, "swift.xml")
        test = ["swift", "test", "--skip-build", "--disable-xctest", "--xunit-output", report, *options.swift]
        is_well = run("build", build, BUILD_SECONDS) and run("swift", test, SWIFT_SECONDS)
        runners.append(("swift", is_well, *counts("swift*.xml")))
    if options.only != "swift":
        command = [options.python, "-m", "pytest", "-q", "--junitxml", os.path.join(RESULTS, "outside.xml"),
                   "-c", os.path.join("Tests", "pytest.ini"), "Tests", "bindings/python/tests"]
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
