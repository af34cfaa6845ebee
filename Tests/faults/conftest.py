"""Servers to break, and the figures of what came out."""
import pytest
from load import IS_LONG

_figures = []


@pytest.fixture
def figures(request):
    """Takes the figures of a test; they are printed at the end of the run."""
    def add(name, values):
        _figures.append((name, values))
    return add


def pytest_terminal_summary(terminalreporter):
    if not _figures:
        return
    terminalreporter.section("what came out of the faults")
    for name, values in _figures:
        terminalreporter.write_line(f"{name}: " + ", ".join(f"{key} {value}" for key, value in values.items()))


@pytest.fixture(scope="session")
def rounds():
    return 5 if IS_LONG else 1


@pytest.fixture(scope="session")
def steps():
    """At how many places of a session it is cut; None is at each."""
    return None if IS_LONG else 60
