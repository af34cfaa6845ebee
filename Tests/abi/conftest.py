"""Clients of the C functions."""
import pytest
from scene import Scene


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
