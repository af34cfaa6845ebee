"""Each program of the pages about Python runs: with a database of its own, the generated package, and a client called `db`."""
import ast
import asyncio
import importlib
import os
import re
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, *[".."] * 4))
PAGES = ["docs/guide/python.md", "docs/guide/moving-from-prisma-client-python.md"]
SCHEMA = os.path.join(ROOT, "bindings", "python", "examples", "schema.prisma")
TABLES = os.path.join(os.path.dirname(HERE), "typed", "tables.sql")


def blocks():
    """Every program of the pages."""
    for page in PAGES:
        with open(os.path.join(ROOT, page), encoding="utf-8") as file:
            for number, text in enumerate(re.findall(r"^```python\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL), 1):
                yield pytest.param(text, id=f"{os.path.basename(page)}-{number}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where `shop_client` can be imported from. Another test may have one of the same name."""
    from accelerant.generator import generate

    folder = tmp_path_factory.mktemp("pages")
    generate(SCHEMA, str(folder / "shop_client"))
    others = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "shop_client"}
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == "shop_client"]:
        del sys.modules[name]
    sys.modules.update(others)


@pytest.fixture
def url(server, admin):
    from psql import Psql

    admin.execute("CREATE DATABASE pages TEMPLATE template0")
    with Psql(server.url("pages")) as session, open(TABLES) as tables:
        session.execute(tables.read())
    yield server.url("pages")
    admin.execute("DROP DATABASE pages WITH (FORCE)")


@pytest.mark.parametrize("text", list(blocks()))
def test_the_programs_of_the_pages_run(folder, url, monkeypatch, text):
    monkeypatch.setenv("DATABASE_URL", url)
    package = importlib.import_module("shop_client")
    code = compile(text, "the page's program", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    try:
        with package.sync.Prisma() as db:
            space = {"db": db, "__name__": "page"}
            result = eval(code, space)
            if result is not None:
                asyncio.run(result)
    finally:
        package.__accelerant__._registered = None


def test_the_pages_have_programs():
    assert len(list(blocks())) >= 10
