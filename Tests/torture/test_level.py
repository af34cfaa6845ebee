"""Memory, descriptors and threads stay level, whatever is called how often: each operation in a process of its own, errors included.

The long form makes a million calls of each, but for those that take a connection's time to fail or open a client: a hundredth of that.
"""
import pytest

OPERATIONS = ["hit", "miss", "read", "invalidate", "write", "nested", "raw", "transaction", "interactive", "submit", "mistakes", "refusals", "watch",
              "open", "open-wrongly", "timeout"]
SLOW = {"timeout", "open"}
#: Kilobytes by which the heap may differ between the half and the end; the allocator's own, for the whole process.
HEAP_KB, RESIDENT_KB = 256, 2048


@pytest.mark.timeout(36000)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_calls_without_number_leave_everything_level(run, figures, configuration, is_long, operation):
    count = (10_000 if operation in SLOW else 1_000_000) if is_long else (40 if operation == "timeout" else 600)
    # Why without a log: it holds what happened until somebody takes it, up to a limit of its own.
    settings = {"limits": {"queryTimeoutMs": 10000}, "cache": {"maxBytes": 4 << 20}, "log": ["query"] if operation == "watch" else []}
    outcome = run("level", configuration(**settings), operation, count, timeout=36000)
    assert (outcome.returncode, outcome.stderr) == (0, ""), outcome.stderr
    *numbers, seconds = outcome.stdout.split()
    descriptors, descriptors_after, threads, threads_after, heap, heap_after, resident, resident_after = map(int, numbers)
    figures(f"{operation}: {count} calls, {seconds} s: descriptors {descriptors} → {descriptors_after}, threads {threads} → {threads_after},"
            f" heap {heap} → {heap_after} KB, resident {resident} → {resident_after} KB")
    # A pool's connection or thread more or less is none that was lost: with three connections there are few.
    assert descriptors_after <= descriptors + 6 and threads_after <= threads + 4
    assert heap_after - heap < HEAP_KB and resident_after - resident < RESIDENT_KB
