"""Programs in C that torture the library, a database for them, and the figures of what came out.

ACCELERANT_TORTURE=long asks for the long forms: every use of every call, a million calls of each operation.
"""
import json
import os
import subprocess

import programs
import pytest
from database import ROLE
from encryption import encrypt
from programs import FLAGS, build
from psql import Psql

HERE = os.path.dirname(os.path.abspath(__file__))
IS_LONG = os.environ.get("ACCELERANT_TORTURE") == "long"
#: Each program, and the files it is made of.
PROGRAMS = {"sweep": ["sweep", "session"], "signals": ["signals", "session"], "level": ["level", "operations"]}

_figures = []


@pytest.fixture(scope="session")
def is_long():
    return IS_LONG


@pytest.fixture
def figures():
    """Takes a line of figures; they are printed at the end of the run."""
    return _figures.append


def pytest_terminal_summary(terminalreporter):
    if _figures and IS_LONG:
        terminalreporter.section("what came out of the torture")
        for line in _figures:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder with all of the programs, and what is preloaded."""
    folder = tmp_path_factory.mktemp("torture")
    for name, parts in PROGRAMS.items():
        build(folder, name, [os.path.join(HERE, "programs", part + ".c") for part in parts], standard="gnu11")
    libpq = subprocess.run(["pkg-config", "--cflags", "libpq"], check=True, capture_output=True, text=True).stdout.split()
    source = os.path.join(HERE, "programs", "fail.c")
    subprocess.run(["cc", "-std=gnu11", *FLAGS, "-fPIC", "-shared", *libpq, source, "-o", folder / "fail.so", "-ldl"], check=True)
    return folder


@pytest.fixture
def run(folder):
    """Runs a program; with `fails`, below the library that makes calls fail."""
    def run(name, *arguments, fails=False, **options):
        variables = {"LD_PRELOAD": str(folder / "fail.so")} if fails else {}
        return programs.run(folder, name, *arguments, **options, **variables)
    return run


def make_tables(server, database):
    with Psql(server.url(database.name)) as session, open(os.path.join(HERE, "tables.sql")) as tables:
        session.execute(tables.read())


def write_configuration(url, **settings):
    return json.dumps({
        "schemaPath": os.path.join(HERE, "schema.prisma"), "datasourceUrl": url, "clock": "manual", "limits": {"queryTimeoutMs": 3000},
        "log": ["query", "info", "warn", "error"], **settings})


@pytest.fixture
def configuration(database):
    """A configuration for the session, whose tables the database then has; with settings of the test's own."""
    make_tables(database.server, database)
    return lambda **settings: write_configuration(database.url(connection_limit=3), **settings)


@pytest.fixture(scope="module")
def encrypted_configuration(own_server):
    """The same over TCP, with a password and TLS."""
    server, database = own_server
    make_tables(server, database)
    encrypt(server)
    url = server.tcp_url(database.name, user=ROLE, password="app-secret", sslmode="require", connection_limit=3)
    return lambda **settings: write_configuration(url, **settings)
