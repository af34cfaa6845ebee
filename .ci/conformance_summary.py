"""Prints what failed in reports of the conformance runner, by area, then "N passed, N failed".

Cases of conformance_known.txt are named with their reasons and counted by themselves: a new difference is a failure.
"""
import collections
import json
import os
import sys

KNOWN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "conformance_known.txt")


def known_differences():
    with open(KNOWN) as file:
        lines = [line.strip() for line in file if line.strip() and not line.startswith("#")]
    return dict(line.split(" ", 1) for line in lines)


def main():
    passed = failed = skipped = known = 0
    reasons = known_differences()
    for path in sys.argv[1:]:
        try:
            with open(path) as file:
                report = json.load(file)
        except OSError:
            print(f"{path}: no report")
            failed += 1
            continue
        failures = [failure for failure in report["failures"] if failure["status"] == "fail"]
        left_out = len(report["failures"]) - len(failures)
        skipped += left_out
        passed += report["cases"] - len(failures) - left_out
        for failure in failures:
            if failure["id"] in reasons:
                known += 1
                print(f"known difference {failure['id']}: {reasons[failure['id']]}")
        failures = [failure for failure in failures if failure["id"] not in reasons]
        failed += len(failures)
        for failure in failures:
            said = json.dumps(failure.get("got", failure.get("detail")), ensure_ascii=False)[:160]
            print(f"FAIL {failure['id']}: {failure['why']} {said}")
        areas = collections.Counter(failure["area"] for failure in failures)
        print(f"{path.rsplit('/', 1)[-1]}: " + (", ".join(f"{area} {count}" for area, count in areas.most_common()) or "nothing failed"))
    print(f"{known} known differences, {skipped} skipped")
    print(f"{passed} passed, {failed} failed")


if __name__ == "__main__":
    main()
