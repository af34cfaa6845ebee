"""The host's signals: the library handles none, raises none, and is not disturbed by any."""
import threading

from psql import Psql


def test_a_storm_of_signals_that_interrupt_system_calls_changes_no_answer(run, configuration, is_long):
    outcome = run("signals", configuration(), "storm", 300 if is_long else 5, timeout=1000)
    assert (outcome.returncode, outcome.stderr) == (0, ""), outcome.stderr


def test_no_handler_and_no_mask_changes(run, configuration):
    outcome = run("signals", configuration(), "table", 2)
    assert (outcome.returncode, outcome.stderr) == (0, ""), outcome.stderr


def test_writing_to_connections_that_somebody_ends_raises_no_sigpipe(run, configuration, database, is_long):
    is_over = threading.Event()

    def end_them():
        with Psql(database.server.url()) as admin:
            while not is_over.wait(0.02):
                admin.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database.name}'")

    breaker = threading.Thread(target=end_them, daemon=True)
    breaker.start()
    try:
        outcome = run("signals", configuration(), "pipe", 60000 if is_long else 1500, timeout=200)
    finally:
        is_over.set()
        breaker.join()
    assert (outcome.returncode, outcome.stderr) == (0, ""), outcome.stderr
    assert int(outcome.stdout.split()[0]) > 0


def test_a_session_is_clean_for_valgrind(run, configuration, is_long):
    """No invalid access, nothing uninitialised that decides, no memory that nothing leads to any more."""
    from valgrind import VALGRIND
    # Why so long a time limit: under valgrind all takes fifty times as long.
    settings = {"limits": {"queryTimeoutMs": 60000}}
    outcome = run("sweep", configuration(**settings), "clean", 5 if is_long else 1, under=VALGRIND, timeout=1000)
    assert (outcome.returncode, outcome.stderr) == (0, ""), outcome.stderr[-3000:]
