"""Clients of the C functions, and programs in C that are clients."""
import json

import programs
import pytest
import worlds
from automatic_library import Library
from database import ROLE
from paths import program_source
from scene import SCHEMA, Scene



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
        programs.build(tmp_path, name, [program_source(name + ".c")], standard)
        return lambda *arguments, **options: programs.run(tmp_path, name, *arguments, **options)
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
        worlds.current().grant(database.sql.execute, ROLE)
        made.append(Library(database, 'datasource db { provider = "postgresql" }\n' + schema, **settings))
        return made[-1]

    yield open
    for library in made:
        library.client.close()
