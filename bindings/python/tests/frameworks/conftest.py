"""The frameworks of PyPI, in an environment of their own, with the package and the generated client of the examples."""
import os
import subprocess
import sys

import kept
import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.dirname(os.path.dirname(HERE))
EXAMPLES = os.path.join(PACKAGE, "examples")
TABLES = os.path.join(os.path.dirname(HERE), "typed", "tables.sql")
FROM_PYPI = ["fastapi", "httpx", "flask", "gunicorn", "uvloop", "pydantic", "opentelemetry-sdk", "pytest", "pytest-timeout"]


@pytest.fixture(scope="session")
def python():
    """An interpreter that has the frameworks."""
    try:
        return os.path.join(kept.environment("frameworks", FROM_PYPI), "python")
    except kept.NotToBeHad as reason:
        pytest.skip(f"not run: PyPI gives no frameworks here: {reason}")


@pytest.fixture(scope="session")
def generated(tmp_path_factory):
    """The folder with the generated package of the examples."""
    from accelerant.generator import generate

    folder = tmp_path_factory.mktemp("examples")
    generate(os.path.join(EXAMPLES, "schema.prisma"), str(folder / "shop_client"))
    return folder


@pytest.fixture
def url(server, admin):
    from psql import Psql

    admin.execute("CREATE DATABASE examples TEMPLATE template0")
    with Psql(server.url("examples")) as session, open(TABLES) as tables:
        session.execute(tables.read())
    yield server.url("examples")
    admin.execute("DROP DATABASE examples WITH (FORCE)")


@pytest.fixture
def environment(generated, url):
    path = os.pathsep.join([PACKAGE, str(generated), EXAMPLES])
    return dict(os.environ, PYTHONPATH=path, DATABASE_URL=url, PYTHONDONTWRITEBYTECODE="1")


@pytest.fixture
def run(python, environment, tmp_path):
    """Runs a program of the environment, and gives its output."""

    def run(*arguments, **more):
        outcome = subprocess.run(
            [python, *arguments], capture_output=True, text=True, timeout=100, env=environment, cwd=more.get("cwd", tmp_path))
        assert outcome.returncode == more.get("status", 0), outcome.stdout + outcome.stderr
        return outcome.stdout + outcome.stderr

    assert sys.version_info >= (3, 9)
    return run
