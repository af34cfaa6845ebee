"""Schemas of 20 to 150 tables: pushed, checked, compared, pulled, and pushed again."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import large_schemas  # noqa: E402
import pytest  # noqa: E402
from capi import Client  # noqa: E402

with open(os.path.join(HERE, "blog.prisma")) as file:
    BLOG = file.read()
SCHEMAS = {
    "blog": BLOG, "20": large_schemas.business(20), "50": large_schemas.business(50), "100 in three schemas": large_schemas.business(100, ("public", "sales", "stock")),
    "150": large_schemas.business(150),
}


@pytest.fixture
def bare(server, admin):
    """A database with nothing in it but what a type of the schema needs."""
    admin.execute("DROP DATABASE IF EXISTS large WITH (FORCE); CREATE DATABASE large TEMPLATE template0 STRATEGY file_copy")
    url = server.url("large")
    with Client({"datasourceUrl": url}) as client:
        client.data({"operation": "$executeRaw", "args": {"query": "CREATE EXTENSION citext SCHEMA pg_catalog"}})
    yield url
    admin.execute("DROP DATABASE IF EXISTS large WITH (FORCE)")


def ask(client, operation, **args):
    return client.data({"operation": operation, "args": args, "timeoutMs": 60_000})


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_large_schema_agrees_with_what_it_has_made(bare, name):
    schema = SCHEMAS[name]
    with Client({"datasourceUrl": bare, "schema": schema}) as client:
        first = ask(client, "$schema.push")
        assert first["executed"] and first["risks"] == [] and first["steps"] > 20
        assert ask(client, "$schema.diff")["sql"] == ""
        assert ask(client, "$schema.check")["differences"] == []
        assert ask(client, "$schema.push") == {"sql": "", "steps": 0, "risks": [], "executed": True}
        kept = ask(client, "$schema.pull")["schema"]
        names = [entry["name"] for entry in client.data({"operation": "$queryRaw", "args": {
            "query": "SELECT nspname::text AS name FROM pg_namespace WHERE nspname IN ('public', 'sales', 'stock') ORDER BY 1"}})]
    with Client({"datasourceUrl": bare}) as client:
        pulled = ask(client, "$schema.pull", **({"schemas": names} if len(names) > 1 else {}))["schema"]
    # Both that which knows the first text, and that which knows nothing.
    for text in (kept, pulled):
        with Client({"datasourceUrl": bare, "schema": text}) as client:
            assert ask(client, "$schema.check")["differences"] == []
            assert ask(client, "$schema.push") == {"sql": "", "steps": 0, "risks": [], "executed": True}
            assert ask(client, "$schema.pull")["schema"] == text
            assert ask(client, "$schema.diff", **{"from": "schema", "to": "database"})["sql"] == ""
