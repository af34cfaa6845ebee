"""What every test from outside can ask for: a server, a database of its own, clients."""
import faulthandler
import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path[:0] = [os.path.join(HERE, "support"), os.path.join(HERE, "hunt"), os.path.join(ROOT, "bindings", "python")]
os.environ.setdefault("ACCELERANT_LIBRARY", os.path.join(ROOT, ".build", "release", "libaccelerant.so"))

import paths  # noqa: E402

# Programs that tests start find the shared modules, too.
os.environ["PYTHONPATH"] = os.pathsep.join(paths.FOLDERS)

from database import ROLE, Database  # noqa: E402
import worlds  # noqa: E402
from postgres import ThrowAwayPostgres  # noqa: E402
from psql import Psql  # noqa: E402

TEMPLATE = "template_of_tests"
#: Seconds that any test may take unless its long form was asked for.
LONGEST = 300
IS_LONG = any(os.environ.get(name) == "long" for name in ("ACCELERANT_TORTURE", "ACCELERANT_FAULTS", "ACCELERANT_AUTOMATIC"))


def pytest_collection_modifyitems(config, items):
    """Leaves out what cannot be meant in the world that the tests play in (`worlds.py`), and bounds what a short form may take."""
    if not IS_LONG:
        for item in items:
            if any(mark.args[0] > LONGEST for mark in item.iter_markers("timeout")):
                item.add_marker(pytest.mark.timeout(LONGEST), append=False)
    left_out = [item for item in items if any(item.get_closest_marker(name) for name in worlds.current().leaves_out)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol():
    """Ends the process that hangs in a test. Why beside pytest-timeout: that is a thread of Python, and waits with all others for one that hangs in C."""
    if not IS_LONG:
        faulthandler.dump_traceback_later(LONGEST + 60, exit=True)
    outcome = yield
    faulthandler.cancel_dump_traceback_later()
    return outcome


def prepare(server):
    """The role that the library connects as, and the database that every test's is a copy of."""
    with Psql(server.url()) as session:
        session.execute(
            f"CREATE EXTENSION pg_stat_statements; CREATE ROLE {ROLE} SUPERUSER LOGIN PASSWORD 'app-secret';"
            f"CREATE DATABASE {TEMPLATE}")
        worlds.current().prepare_role(session.execute, ROLE)
    with Psql(server.url(TEMPLATE)) as session, open(paths.TABLES_FILE) as tables:
        session.execute(tables.read())
        worlds.current().transform(session.execute, ROLE)


@pytest.fixture(scope="session")
def server():
    with ThrowAwayPostgres() as server:
        prepare(server)
        yield server


@pytest.fixture(scope="module")
def own_server():
    """A server that the test may stop and start, with a database."""
    with ThrowAwayPostgres() as server:
        prepare(server)
        with Psql(server.url()) as admin:
            database = Database(server, admin, TEMPLATE)
        yield server, database


@pytest.fixture(scope="session")
def admin(server):
    with Psql(server.url()) as session:
        yield session


@pytest.fixture
def database(server, admin):
    database = Database(server, admin, TEMPLATE)
    yield database
    database.drop()


@pytest.fixture(scope="module")
def shared_database(server, admin):
    """For tests that only read."""
    database = Database(server, admin, TEMPLATE)
    yield database
    database.drop()
