import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from fleet import Fleet  # noqa: E402


@pytest.fixture
def make_fleet(database):
    made = []

    def make(**settings):
        made.append(Fleet(database, **settings))
        return made[-1]

    yield make
    for fleet in made:
        fleet.close()


@pytest.fixture
def fleet(make_fleet):
    return make_fleet()
