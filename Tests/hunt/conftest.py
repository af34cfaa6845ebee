"""A database for each report."""
import itertools

import pytest
from report import Play

_numbers = itertools.count(1)


@pytest.fixture
def play(server, admin, request):
    name = f"hunt_{next(_numbers)}"
    admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy")
    made = None
    try:
        made = Play(server, name, request.node.get_closest_marker("report").args[0])
        yield made
    finally:
        if made is not None:
            made.close()
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
