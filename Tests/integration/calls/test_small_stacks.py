"""Callers with little stack: threads of 16 KiB, coroutines, signal handlers. A right answer or a status, never a crash."""
import json

import pytest

SCHEMA = """datasource db { provider = "postgresql" MODE }
model Node {
  id       Int    @id @default(autoincrement())
  name     String?
  document Json?
  parentId Int?
  parent   Node?  @relation("tree", fields: [parentId], references: [id])
  children Node[] @relation("tree")
}
"""
#: With relationMode = "prisma" the library itself follows a deletion from each of these to the next, a level of its stack for each.
CHAIN = 62
TABLE = 'CREATE TABLE "Node" (id serial PRIMARY KEY, name text, document jsonb, "parentId" int REFS);'


def chained(number):
    """A model whose records go with those of the one before, and what makes its table."""
    key = "@relation(fields: [upId], references: [id], onDelete: Cascade)" if number else ""
    up = f"  upId Int?\n  up M{number - 1}? {key}\n" if number else ""
    down = f"  down M{number + 1}[]\n" if number + 1 < CHAIN else ""
    return (f"model M{number} {{\n  id Int @id\n{up}{down}}}\n",
            f'CREATE TABLE "M{number}" (id int PRIMARY KEY{", " + chr(34) + "upId" + chr(34) + " int" if number else ""});'
            f'INSERT INTO "M{number}" SELECT n{", n" if number else ""} FROM generate_series(1, 40) AS n;')


def nest(levels, step, core):
    for _ in range(levels):
        core = step(core)
    return core


def read(operation="findMany", **args):
    return {"model": "Node", "operation": operation, "args": args}


def requests():
    """Plain ones, and those that nest as deeply as they may, or deeper."""
    first = {"orderBy": {"id": "asc"}, "take": 2}
    yield read(**first)
    yield read(**first, cacheStrategy={"ttl": 600})
    for levels in (2, 10, 29, 61, 70):
        yield read(**first, where=nest(levels, lambda inner: {"NOT": inner}, {"id": 1}))
        yield read(**first, where=nest(levels, lambda inner: {"parent": inner}, {"id": 1}))
        yield read(**first, where=nest(levels, lambda inner: {"children": {"some": inner}}, {"id": 1}), cacheStrategy={"ttl": 1})
        yield read(**first, where=nest(levels, lambda inner: {"OR": [inner, {"id": 2}]}, {"id": 1}))
        yield read(**first, where={"document": {"equals": nest(levels, lambda inner: [inner], 1)}})
        yield read("findFirst", orderBy={"id": "asc"}, include=nest(levels, lambda inner: {"children": {"include": inner, "orderBy": {"id": "asc"}, "take": 1}}, {"parent": True}))
        yield "!", read("groupBy", by=["name"], having=nest(levels, lambda inner: {"NOT": inner}, {"name": "x"}))
        yield "!", read("findFirst", orderBy=nest(min(levels, 12), lambda inner: {"parent": inner}, {"id": "asc"}))
        yield {"operation": "$transaction", "args": {"requests": [read(**first, where=nest(levels, lambda inner: {"NOT": inner}, {"id": 1}))]}}
        yield {"operation": "$queryRaw", "args": {"query": "SELECT $1::text AS x", "parameters": [json.dumps(nest(levels, lambda inner: [inner], 1))]}}
    yield read(wher=1)
    yield {"operation": "$schema"}
    yield "{" * 1000
    yield "[" * 128
    for levels in (0, 10, 29):
        yield "!", read("create", data=nest(levels, lambda inner: {"name": "n", "children": {"create": inner}}, {"name": "leaf"}))
        yield "!", read("create", data=nest(levels, lambda inner: {"name": "n", "parent": {"create": inner}}, {"document": {"a": [1]}}))
        yield "!", read("create", data={"document": nest(2 * levels, lambda inner: {"a": inner}, 1)})
        # A string that holds JSON, and its brackets behind escapes.
        for step in (lambda inner: [inner], lambda inner: {"a": inner}):
            text = json.dumps(nest(4 * levels + 11, step, 1))
            tagged = json.dumps(read("create", data={"document": {"$type": "Json", "value": text}}))
            yield "!", tagged
            yield "!", tagged.replace(json.dumps(text), json.dumps(text).replace("[", "\\u005b"))
        yield "!", read("updateMany", where=nest(2 * levels, lambda inner: {"NOT": inner}, {"id": 51}), data={"name": "x"})
        yield "!", read("update", where={"id": 50}, data=nest(levels // 2, lambda inner: {"children": {"upsert": {"where": {"id": -1}, "create": {"name": "g"}, "update": inner}}}, {"name": "root"}))
    yield "!", {"operation": "$accelerate.invalidateAll"}
    yield "!", {"operation": "$metrics"}


@pytest.fixture(params=["foreignKeys", "prisma"])
def arguments(request, database, tmp_path):
    is_emulated = request.param == "prisma"
    database.sql.execute(TABLE.replace("REFS", "" if is_emulated else 'REFERENCES "Node" (id)'))
    # A chain of 60, whose first two are roots.
    database.sql.execute('INSERT INTO "Node" (name, "parentId") SELECT \'n\' || n, CASE WHEN n > 2 THEN n - 1 END FROM generate_series(1, 60) AS n')
    path = tmp_path / "requests"
    with open(path, "w") as file:
        for request_ in requests():
            mark, document = request_ if isinstance(request_, tuple) else ("", request_)
            file.write(mark + (document if isinstance(document, str) else json.dumps(document)) + "\n")
        if is_emulated:
            file.write("!" + json.dumps({"model": "M0", "operation": "deleteMany", "args": {"limit": 1}}) + "\n")
    schema = SCHEMA.replace("MODE", f'\n  relationMode = "{request.param}"\n')
    if is_emulated:
        for model, table in map(chained, range(CHAIN)):
            schema += model
            database.sql.execute(table)
    return json.dumps({"schema": schema, "datasourceUrl": database.url(connection_limit=3), "limits": {"queryTimeoutMs": 60_000}}), str(path)


@pytest.mark.timeout(600)
def test_every_call_with_little_stack(compiled, arguments):
    outcome = compiled("small_stacks", standard="gnu11")(*arguments, timeout=500)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")
