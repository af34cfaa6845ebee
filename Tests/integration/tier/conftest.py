import pytest
from fleet import Fleet


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
