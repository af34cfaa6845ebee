"""Prints what failed in reports of the conformance runner, by area, then "N passed, N failed".

Cases that need writes are counted apart while the library has none: they neither pass nor fail.
"""
import collections
import json
import sys

WRITES = ("create", "update", "upsert", "delete")


def needs_writes(failure):
    """Whether the step that failed is a write, or a transaction."""
    request = failure.get("request") or {}
    operation = request.get("operation", "") if isinstance(request, dict) else "transaction"
    return operation.startswith(WRITES) or failure.get("why") == "setup"


def main():
    passed = failed = waiting = 0
    for path in sys.argv[1:]:
        try:
            with open(path) as file:
                report = json.load(file)
        except OSError:
            print(f"{path}: no report")
            failed += 1
            continue
        failures = [failure for failure in report["failures"] if failure["status"] == "fail"]
        skipped = len(report["failures"]) - len(failures)
        real = [failure for failure in failures if not needs_writes(failure)]
        waiting += len(failures) - len(real) + skipped
        passed += report["cases"] - len(failures) - skipped
        failed += len(real)
        for failure in real:
            said = json.dumps(failure.get("got", failure.get("detail")), ensure_ascii=False)[:160]
            print(f"FAIL {failure['id']}: {failure['why']} {said}")
        areas = collections.Counter(failure["area"] for failure in real)
        print(f"{path.rsplit('/', 1)[-1]}: " + (", ".join(f"{area} {count}" for area, count in areas.most_common()) or "nothing failed"))
    print(f"{waiting} cases wait for writes")
    print(f"{passed} passed, {failed} failed")


if __name__ == "__main__":
    main()
