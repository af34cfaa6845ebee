"""Prints what failed in reports of the conformance runner, by area, then "N passed, N failed"."""
import collections
import json
import sys


def main():
    passed = failed = skipped = 0
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
        failed += len(failures)
        for failure in failures:
            said = json.dumps(failure.get("got", failure.get("detail")), ensure_ascii=False)[:160]
            print(f"FAIL {failure['id']}: {failure['why']} {said}")
        areas = collections.Counter(failure["area"] for failure in failures)
        print(f"{path.rsplit('/', 1)[-1]}: " + (", ".join(f"{area} {count}" for area, count in areas.most_common()) or "nothing failed"))
    print(f"{skipped} skipped")
    print(f"{passed} passed, {failed} failed")


if __name__ == "__main__":
    main()
