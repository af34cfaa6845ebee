"""Clients of the C functions, and programs in C that are clients."""
import json
import os
import subprocess

import pytest
from automatic_library import Library
from capi import LIBRARY
from scene import SCHEMA, Scene

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


@pytest.fixture
def scene(database):
    scene = Scene(database)
    yield scene
    scene.close()


@pytest.fixture
def make_scene(database):
    """Scenes with settings of the test's own."""
    made = []

    def make(**settings):
        made.append(Scene(database, **settings))
        return made[-1]

    yield make
    for scene in made:
        scene.close()


@pytest.fixture(scope="module")
def reader(shared_database):
    """A client for tests that only read."""
    scene = Scene(shared_database)
    yield scene
    scene.close()


@pytest.fixture
def compiled(tmp_path):
    """Compiles a program against the library, and gives what runs it."""
    def compile(name, standard="c99"):
        flags = ["-std=" + standard, "-Wall", "-Wextra", "-Werror", "-g", "-O1", "-I", os.path.join(ROOT, "include")]
        library = ["-L", os.path.dirname(LIBRARY), "-laccelerant", "-pthread", "-ldl"]
        source = os.path.join(HERE, "programs", name + ".c")
        subprocess.run(["cc", *flags, source, "-o", tmp_path / name, *library], check=True)
        os.symlink(LIBRARY, tmp_path / "libaccelerant.so.1")
        environment = dict(os.environ, LD_LIBRARY_PATH=str(tmp_path))
        return lambda *arguments, timeout=100: subprocess.run(
            [str(tmp_path / name), *arguments], env=environment, capture_output=True, text=True, timeout=timeout)
    return compile


@pytest.fixture
def configuration(database):
    """A configuration document for such a program."""
    return json.dumps({"schema": SCHEMA, "datasourceUrl": database.url(connection_limit=3)})


@pytest.fixture
def open_library(database):
    """Clients on tables of a test's own, for automatic invalidation."""
    made = []

    def open(tables, schema, **settings):
        database.sql.execute(tables)
        made.append(Library(database, 'datasource db { provider = "postgresql" }\n' + schema, **settings))
        return made[-1]

    yield open
    for library in made:
        library.client.close()
