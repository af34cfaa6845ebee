"""Ctrl-C between any two steps of a call that begins a transaction: none stays open."""
import os
import sys

import pytest
from accelerant import Accelerant
from waiting import eventually

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), *[".."] * 4))
PACKAGE = os.path.join(ROOT, "bindings", "python", "accelerant")
SCHEMA_PATH = os.path.join(ROOT, "Tests", "support", "blog", "schema.prisma")


def interrupted(step, call):
    """Whether KeyboardInterrupt ended a call at that line of the package, counted from its beginning."""
    lines = 0

    def trace(frame, event, argument):
        nonlocal lines
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        lines += 1
        if lines == step:
            raise KeyboardInterrupt
        return trace

    sys.settrace(trace)
    try:
        call()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(None)
    return False


def interrupt_everywhere(begin, end):
    """Ends the beginning of a transaction at each of its lines in turn, until it comes to its end."""
    for step in range(1, 1000):
        begun = []
        if not interrupted(step, lambda begun=begun: begun.append(begin())):
            end(begun[0])
            return step
    raise AssertionError("it has no end")


def is_idle(database):
    """Whether the library has no transaction open."""
    return database.sql.value(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'app' AND state LIKE 'idle in transaction%'") == "0"


@pytest.fixture
def db(database, way):
    # Why few connections: a transaction that stays open would soon have the last one.
    with Accelerant(schema_path=SCHEMA_PATH, datasource_url=database.url(connection_limit=3)) as db:
        db.user.count()
        yield db


@pytest.mark.parametrize("way", ["native"], indirect=True)
def test_ctrl_c_anywhere_in_the_beginning_of_a_transaction_leaves_none_open(db, database):
    # Why with the module in C alone: without it a reply is lost where the exception comes in the very line that has taken it.
    steps = interrupt_everywhere(lambda: db.transaction(timeout_ms=600_000).__enter__(), lambda tx: tx.rollback())
    assert steps > 10
    eventually(lambda: is_idle(database), "the transactions to end")
    with db.transaction() as tx:
        assert tx.user.count() == 4


def test_ctrl_c_as_a_transaction_is_answered_takes_it_back(db, database, monkeypatch):
    """The answer is there, and the exception comes before the program has the transaction."""

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("accelerant.client.transaction.Transaction._adopt", interrupt)
    for _ in range(4):
        with pytest.raises(KeyboardInterrupt):
            db.transaction(timeout_ms=600_000).__enter__()
    eventually(lambda: is_idle(database), "the transactions to end")
    assert db.user.count() == 4
