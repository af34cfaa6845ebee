"""Names and texts are compared by their bytes: two spellings of one character are two names, to PostgreSQL and to JSON."""
import pytest
from capi import Client

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"
SYLLABLE, LETTERS = "\uac00", "\u1100\u1161"
SCHEMA = f"""
datasource db {{ provider = "postgresql" }}
model Menu {{
  id Int @id
  a  String @map("{COMPOSED}")
  b  String @map("{DECOMPOSED}")
  {SYLLABLE} Int?
  {LETTERS}  Int?
  dish Dish @default(SOUP)
}}
model One {{
  id Int @id
  n  Int @default(0)
  @@map("{COMPOSED}")
}}
model Two {{
  id Int @id
  n  Int @default(0)
  @@map("{DECOMPOSED}")
}}
enum Dish {{
  SOUP @map("{COMPOSED}")
  CAKE @map("{DECOMPOSED}")
}}
"""
TABLES = f"""
CREATE TYPE "Dish" AS ENUM ('{COMPOSED}', '{DECOMPOSED}');
CREATE TABLE "Menu" (id int PRIMARY KEY, "{COMPOSED}" text NOT NULL, "{DECOMPOSED}" text NOT NULL, "{SYLLABLE}" int, "{LETTERS}" int, dish "Dish" NOT NULL);
CREATE TABLE "{COMPOSED}" (id int PRIMARY KEY, n int NOT NULL);
CREATE TABLE "{DECOMPOSED}" (id int PRIMARY KEY, n int NOT NULL);
"""


@pytest.fixture
def client(database):
    database.sql.execute(TABLES)
    with Client({"schema": SCHEMA, "datasourceUrl": database.url(), "cache": {"auto": True}}) as client:
        yield client


def ask(client, model, operation, **arguments):
    return client.data({"model": model, "operation": operation, "args": arguments})


def raw(client, query, *parameters):
    return client.data({"operation": "$queryRaw", "args": {"query": query, "parameters": list(parameters)}})


def test_two_columns_and_two_labels(client):
    made = ask(client, "Menu", "create", data={"id": 1, "a": "composed", "b": "decomposed", "dish": "CAKE"})
    assert (made["a"], made["b"], made["dish"]) == ("composed", "decomposed", "CAKE")
    assert ask(client, "Menu", "findMany", where={"b": "decomposed", "dish": "CAKE"}, select={"a": True}) == [{"a": "composed"}]
    assert ask(client, "Menu", "count", where={"dish": "SOUP"}) == 0


def test_two_fields(client):
    ask(client, "Menu", "create", data={"id": 1, "a": "", "b": "", SYLLABLE: 1, LETTERS: 2})
    assert ask(client, "Menu", "findMany", select={SYLLABLE: True}) == [{SYLLABLE: 1}]
    assert ask(client, "Menu", "findMany", select={LETTERS: True}) == [{LETTERS: 2}]
    assert ask(client, "Menu", "findMany", where={LETTERS: 2}, omit={SYLLABLE: True, "a": True, "b": True, "dish": True}) == [{"id": 1, LETTERS: 2}]
    assert ask(client, "Menu", "aggregate", _sum={LETTERS: True}) == {"_sum": {LETTERS: 2}}
    assert ask(client, "Menu", "groupBy", by=[LETTERS], orderBy={LETTERS: "asc"}, _max={SYLLABLE: True}) == [{LETTERS: 2, "_max": {SYLLABLE: 1}}]


def test_a_field_in_another_spelling_is_unknown(client):
    assert client.query({"model": "Menu", "operation": "findMany", "args": {"where": {"\u212ad": 1}}}).code == "P2009"
    assert client.query({"model": "\uff2denu", "operation": "findMany"}).status == "INVALID_REQUEST"


def test_raw_columns_and_texts(client):
    assert raw(client, f'SELECT 1 AS "{COMPOSED}", 2 AS "{DECOMPOSED}"') == [{COMPOSED: 1, DECOMPOSED: 2}]
    # A text that was sent before is found again by its bytes.
    for text in (COMPOSED, DECOMPOSED, COMPOSED):
        assert raw(client, f"SELECT octet_length('{text}') AS n") == [{"n": len(text.encode())}]
        assert raw(client, f"SELECT '{text}' AS t, $1::int AS n", 1) == [{"t": text, "n": 1}]


def test_two_tables_are_invalidated_apart(client):
    for model in ("One", "Two"):
        ask(client, model, "create", data={"id": 1})
    def cached(model):
        return client.query({"model": model, "operation": "findMany", "args": {"cacheStrategy": {"ttl": 600}}})
    assert [cached(model).cache for model in ("One", "Two", "One", "Two")] == ["miss", "miss", "ttl", "ttl"]
    ask(client, "Two", "update", where={"id": 1}, data={"n": 5})
    assert cached("One").cache == "ttl"
    reply = cached("Two")
    assert (reply.cache, reply.data) == ("miss", [{"id": 1, "n": 5}])
    client.data({"operation": "$executeRaw", "args": {"query": f'UPDATE "{COMPOSED}" SET n = 7', "touches": [COMPOSED]}})
    assert (cached("One").data, cached("Two").cache) == ([{"id": 1, "n": 7}], "ttl")
