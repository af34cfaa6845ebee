"""The package that is generated from moving.prisma, and a database for it."""
import importlib
import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))


@pytest.fixture(scope="session")
def moving(tmp_path_factory):
    """The package that is generated from moving.prisma."""
    from accelerant.generator import generate

    folder = tmp_path_factory.mktemp("moving")
    generate(os.path.join(HERE, "moving.prisma"), str(folder / "moving_client"))
    sys.path.insert(0, str(folder))
    yield importlib.import_module("moving_client")
    sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def pushed(moving, server):
    """A client whose database has the tables of the schema, and the SQL that empties them."""
    from psql import Psql

    with Psql(server.url("postgres")) as session:
        session.execute("CREATE DATABASE moving TEMPLATE template0")
    with moving.Prisma(datasource={"url": server.url("moving")}) as client:
        client._run({"operation": "$schema.push", "args": {}}, None)
        tables = client.query_raw("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        yield client, "TRUNCATE " + ", ".join(f'"{row["tablename"]}"' for row in tables) + " RESTART IDENTITY CASCADE"
    with Psql(server.url("postgres")) as session:
        session.execute("DROP DATABASE moving WITH (FORCE)")


@pytest.fixture
def db(pushed):
    client, empty = pushed
    client.execute_raw(empty)
    return client
