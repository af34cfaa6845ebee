"""The host's signals: the library handles none, raises none, and is not disturbed by any."""
import json
import threading

import pytest
from psql import Psql


@pytest.mark.sanitized
@pytest.mark.timeout(1100)
def test_a_storm_of_signals_that_interrupt_system_calls_changes_no_answer(run, configuration, is_long):
    outcome = run("signals", configuration(), "storm", 300 if is_long else 5, timeout=1000)
    assert (outcome.returncode, outcome.stderr) == (0, ""), outcome.stderr


@pytest.mark.sanitized
def test_no_handler_and_no_mask_changes(run, configuration):
    outcome = run("signals", configuration(), "table", 2)
    assert (outcome.returncode, outcome.stderr) == (0, ""), outcome.stderr


def break_connections(run, configuration, server, database, is_long):
    """Sessions while somebody ends all connections to the database, again and again."""
    is_over = threading.Event()

    def end_them():
        with Psql(server.url()) as admin:
            while not is_over.wait(0.02):
                admin.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database.name}'")

    breaker = threading.Thread(target=end_them, daemon=True)
    breaker.start()
    try:
        outcome = run("signals", configuration, "pipe", 60000 if is_long else 1500, timeout=200)
    finally:
        is_over.set()
        breaker.join()
    assert (outcome.returncode, outcome.stderr) == (0, ""), outcome.stderr
    assert int(outcome.stdout.split()[0]) > 0
    return outcome.stdout.strip()


@pytest.mark.sanitized
@pytest.mark.timeout(1000)
def test_writing_to_connections_that_somebody_ends_raises_no_sigpipe(run, figures, configuration, database, is_long):
    figures("SIGPIPE: " + break_connections(run, configuration(), database.server, database, is_long))


@pytest.mark.sanitized
@pytest.mark.timeout(1000)
def test_nor_does_it_through_tls(run, figures, encrypted_configuration, own_server, is_long):
    figures("SIGPIPE through TLS: " + break_connections(run, encrypted_configuration(), *own_server, is_long))


@pytest.mark.timeout(1100)
def test_a_session_is_clean_for_valgrind(run, configuration, is_long):
    """No invalid access, nothing uninitialised that decides, no memory that nothing leads to any more."""
    from valgrind import VALGRIND
    # Why so long a time limit: under valgrind all takes fifty times as long.
    settings = json.loads(configuration(limits={"queryTimeoutMs": 60000}))
    settings["datasourceUrl"] += "&connect_timeout=60"
    outcome = run("sweep", json.dumps(settings), "clean", 5 if is_long else 1, under=VALGRIND, timeout=1000)
    assert (outcome.returncode, outcome.stderr) == (0, ""), outcome.stderr[-3000:]
