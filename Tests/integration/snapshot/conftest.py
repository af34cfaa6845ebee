import pytest
from fleet import Fleet


@pytest.fixture
def fleet(database):
    with Fleet(database) as fleet:
        yield fleet
