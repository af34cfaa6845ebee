"""A generated package, and a database for it."""
import importlib
import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMA = os.path.join(HERE, "schema.prisma")


@pytest.fixture(scope="session")
def package(tmp_path_factory):
    """The package that is generated from schema.prisma: its name is `shop_client`."""
    from accelerant.generator import generate

    folder = tmp_path_factory.mktemp("generated")
    generate(SCHEMA, str(folder / "shop_client"))
    sys.path.insert(0, str(folder))
    yield importlib.import_module("shop_client")
    sys.path.remove(str(folder))


@pytest.fixture
def url(server, admin):
    """A database with the tables of the schema."""
    from psql import Psql

    admin.execute("CREATE DATABASE typed TEMPLATE template0")
    with Psql(server.url("typed")) as session, open(os.path.join(HERE, "tables.sql")) as tables:
        session.execute(tables.read())
    yield server.url("typed")
    admin.execute("DROP DATABASE typed WITH (FORCE)")


@pytest.fixture
def db(package, url):
    """A connected client whose calls wait."""
    with package.Prisma(datasource={"url": url}, clock="manual") as client:
        yield client


@pytest.fixture
def registered(package, db):
    """The same, registered."""
    package.register(db)
    yield db
    package.__accelerant__._registered = None
