"""Programs in C that torture the library, a database for them, and the figures of what came out.

ACCELERANT_TORTURE=long asks for the long forms: every use of every call, a million calls of each operation.
"""
import json
import os
import subprocess

import pytest
from capi import LIBRARY
from psql import Psql

HERE = os.path.dirname(os.path.abspath(__file__))
INCLUDE = os.path.join(os.path.dirname(os.path.dirname(HERE)), "include")
IS_LONG = os.environ.get("ACCELERANT_TORTURE") == "long"
#: Each program, and the files it is made of.
PROGRAMS = {"sweep": ["sweep", "session"], "signals": ["signals", "session"], "level": ["level", "operations"]}
FLAGS = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-g", "-O1", "-I", INCLUDE]

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
def programs(tmp_path_factory):
    """A folder with all of them, and what is preloaded."""
    folder = tmp_path_factory.mktemp("torture")
    os.symlink(LIBRARY, folder / "libaccelerant.so.1")
    for name, parts in PROGRAMS.items():
        sources = [os.path.join(HERE, "programs", part + ".c") for part in parts]
        subprocess.run(["cc", *FLAGS, *sources, "-o", folder / name, "-L", os.path.dirname(LIBRARY), "-laccelerant", "-pthread"], check=True)
    libpq = subprocess.run(["pkg-config", "--cflags", "libpq"], check=True, capture_output=True, text=True).stdout.split()
    source = os.path.join(HERE, "programs", "fail.c")
    subprocess.run(["cc", *FLAGS, "-fPIC", "-shared", *libpq, source, "-o", folder / "fail.so", "-ldl"], check=True)
    return folder


@pytest.fixture
def run(programs):
    """Runs a program; with `fails`, below the library that makes calls fail."""
    def run(name, *arguments, fails=False, under=(), timeout=100):
        environment = dict(os.environ, LD_LIBRARY_PATH=str(programs))
        if fails:
            environment["LD_PRELOAD"] = str(programs / "fail.so")
        command = [*under, str(programs / name), *map(str, arguments)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout)
    return run


@pytest.fixture
def configuration(database):
    """A configuration for the session, whose tables the database then has; with settings of the test's own."""
    with Psql(database.server.url(database.name)) as session, open(os.path.join(HERE, "tables.sql")) as tables:
        session.execute(tables.read())

    def configure(**settings):
        return json.dumps({
            "schemaPath": os.path.join(HERE, "schema.prisma"), "datasourceUrl": database.url(connection_limit=3), "clock": "manual",
            "limits": {"queryTimeoutMs": 3000}, "log": ["query", "info", "warn", "error"], **settings})
    return configure
