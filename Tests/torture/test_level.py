"""Memory, descriptors and threads stay level, whatever is called how often: each operation in a process of its own, errors included.

The long form makes a million calls of each, but for those that open a client, lose a connection or wait: a hundredth of that.
"""
import threading
import time

import pytest
from programs import SANITIZER
from psql import Psql

OPERATIONS = ["hit", "miss", "refresh", "read", "invalidate", "write", "nested", "raw", "transaction", "interactive", "submit", "mistakes", "refusals",
              "watch", "describe", "open-wrongly", "open", "timeout", "lost", "cancel"]
SLOW = {"open", "timeout", "lost", "cancel"}
#: Kilobytes by which the heap, and all that is resident, may differ between the half and the end; the allocator's own, for the whole process.
HEAP_KB, RESIDENT_KB = 256, 2048


@pytest.fixture
def tidy_tables(database):
    """Why: the server does not tidy by itself, and rows that are gone would make the next ones slower and slower."""
    is_over = threading.Event()

    def tidy():
        with Psql(database.server.url(database.name)) as session:
            while not is_over.wait(1):
                session.execute('VACUUM "Mark"')
                session.execute('VACUUM "Child"')

    thread = threading.Thread(target=tidy, daemon=True)
    thread.start()
    yield
    is_over.set()
    thread.join()


@pytest.mark.sanitized
@pytest.mark.timeout(36000)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_calls_without_number_leave_everything_level(run, figures, configuration, tidy_tables, is_long, operation):
    count = (10_000 if operation in SLOW else 1_000_000) if is_long else (60 if operation in SLOW else 600)
    # Why without a log: it holds what happened until somebody takes it, up to a limit of its own.
    settings = {"limits": {"queryTimeoutMs": 30000}, "cache": {"maxBytes": 4 << 20}, "log": ["query"] if operation == "watch" else []}
    start = time.monotonic()
    outcome = run("level", configuration(**settings), operation, count, timeout=36000)
    assert (outcome.returncode, outcome.stderr) == (0, ""), outcome.stderr
    tenth, half, end = ([int(word) for word in line.split()] for line in outcome.stdout.splitlines())
    figures(f"{operation}: {count} calls, {time.monotonic() - start:.0f} s; descriptors, threads, heap and resident KB at a tenth, the half and"
            f" the end: {tenth} {half} {end}")
    # A pool's connection or thread more or less is none that was lost: with three connections there are few. A connection has a socket, and three
    # descriptors more once it had a large answer.
    assert end[0] <= tenth[0] + 12 and end[1] <= tenth[1] + 4
    # A sanitizer keeps memory of its own, and looks for leaks itself.
    assert SANITIZER or end[2] - half[2] < HEAP_KB and end[3] - half[3] < RESIDENT_KB
