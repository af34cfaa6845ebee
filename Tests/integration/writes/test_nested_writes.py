"""Nested writes at random: the tables afterwards, and the error if there is one, are those of `relation_model`."""
import random

import pytest
from capi import Client
from hypothesis import HealthCheck, given, settings, strategies
from relation_model import RELATIONS, Refused, World

SCHEMA = 'datasource db {\n  provider = "postgresql"\n}\n' + "".join(relation.schema() for relation in RELATIONS)
FIELD = ("right", "left")
NEW = (["l8", "l9"], ["r8", "r9"])


@pytest.fixture(scope="module")
def client(shared_database):
    for relation in RELATIONS:
        shared_database.sql.execute(relation.tables())
    client = Client({"schema": SCHEMA, "datasourceUrl": shared_database.url()})
    yield client
    client.close()


class Round:
    """A world at random, in memory and in the tables, and one write."""

    def __init__(self, client, database, relation, seed):
        self.client = client
        self.relation = relation
        self.random = random.Random(seed)
        self.world = World(relation)
        database.sql.execute(f'TRUNCATE "{relation.model(0)}", "{relation.model(1)}" CASCADE')
        self.populate()

    def call(self, side, operation, **args):
        return self.client.query({"model": self.relation.model(side), "operation": operation, "args": args})

    def populate(self):
        for name in ("r0", "r1", "r2", "r3"):
            self.world.records[1][name] = 0
            assert self.call(1, "create", data={"name": name}).number == 0
        for name in ("l0", "l1", "l2"):
            self.world.records[0][name] = 0
            others = self.partners()
            for other in others:
                self.world.links.add((name, other))
            data = {"name": name}
            if others:
                connected = [{"name": other} for other in others]
                data["right"] = {"connect": connected if self.relation.sides[0].is_list else connected[0]}
            assert self.call(0, "create", data=data).number == 0

    def partners(self):
        """Names on the right that a new record on the left may be related to."""
        mine, theirs = self.relation.sides
        free = [name for name in self.world.records[1] if theirs.is_list or not self.world.related(1, name)]
        if mine.is_list:
            return [name for name in free if self.random.random() < 0.4]
        return self.random.sample(free, 1) if free and (mine.is_required or self.random.random() < 0.6) else []

    def some(self, names, most):
        return self.random.sample(names, self.random.randint(1, min(most, len(names))))

    def step(self, side, name, operation):
        """One nested operation: its name, and the names on the other side that it is about."""
        mine = self.relation.sides[side]
        related, known, new = self.world.related(side, name), list(self.world.records[1 - side]), NEW[1 - side]
        choices = ["create", "connect", "connectOrCreate"]
        if operation != "create":
            choices += ["update", "upsert"]
            if mine.is_list:
                choices += ["disconnect", "set", "delete", "updateMany", "deleteMany"]
            elif not mine.is_required:
                choices += ["disconnect", "delete"]
        step = self.random.choice(choices)
        if not mine.is_list:
            others = {"create": new[:1], "upsert": related or new[:1], "connect": self.some(known, 1), "connectOrCreate": self.some(known + new, 1)}
            return step, others.get(step, related)
        others = {
            "create": self.some(new, 2),
            "connectOrCreate": self.some(known + new, 2),
            "upsert": self.some(related or new, 1) if self.random.random() < 0.5 else new[:1],
            "delete": self.some(related or known, 1) if self.random.random() < 0.7 else self.some(known, 1),
            "update": self.some(related or known, 1) if self.random.random() < 0.7 else self.some(known, 1),
        }
        return step, others.get(step) or self.some(known, 3)

    def written(self, side, step, others):
        """The step as a request says it."""
        is_list = self.relation.sides[side].is_list
        one = {
            "create": lambda name: {"name": name},
            "connectOrCreate": lambda name: {"where": {"name": name}, "create": {"name": name}},
            "update": lambda name: {"where": {"name": name}, "data": {"n": 7}},
            "upsert": lambda name: {"where": {"name": name}, "create": {"name": name, "n": 9}, "update": {"n": 8}},
        }.get(step, lambda name: {"name": name})
        if step == "updateMany":
            return {"where": {}, "data": {"n": 5}}
        if step == "deleteMany":
            return {"name": {"in": others}}
        if is_list:
            return [one(name) for name in others]
        if step in ("disconnect", "delete"):
            return True
        if step == "update":
            return {"n": 7}
        if step == "upsert":
            return {"create": {"name": others[0], "n": 9}, "update": {"n": 8}}
        return one(others[0])

    def run(self):
        """Writes, and gives what was written with both outcomes."""
        side = self.random.choice((0, 1))
        operation = self.random.choice(("update", "update", "upsert", "create"))
        name = NEW[side][0] if operation == "create" else self.random.choice(list(self.world.records[side]))
        step, others = self.step(side, name, operation)
        data = {FIELD[side]: {step: self.written(side, step, others)}}
        expected = self.expect(side, operation, name, step, others)
        if operation == "create":
            args = {"data": {"name": name, **data}}
        else:
            args = {"where": {"name": name}, "update" if operation == "upsert" else "data": data}
            if operation == "upsert":
                needed = {"right": {"connect": {"name": "r0"}}} if self.relation.sides[side].is_required else {}
                args["create"] = {"name": name, **needed}
        reply = self.call(side, operation, **args)
        code = reply.error["code"] if reply.number else None
        return (operation, args), (code, *self.state()), (expected, *self.world.state())

    def expect(self, side, operation, name, step, others):
        """Carries the write out in memory; the code of its error."""
        before = self.world.copy()
        try:
            if operation == "create":
                self.world.add(side, name)
            getattr(self.world, step)(side, name, others)
        except Refused as refusal:
            self.world = before
            return str(refusal)
        return None

    def state(self):
        records = [{r["name"]: r["n"] for r in self.call(side, "findMany", select={"name": True, "n": True}).data} for side in (0, 1)]
        links = set()
        for row in self.call(0, "findMany", select={"name": True, "right": {"select": {"name": True}}}).data:
            right = row["right"] if isinstance(row["right"], list) else [row["right"]] if row["right"] else []
            links.update((row["name"], other["name"]) for other in right)
        return (*records, links)


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: relation.name)
@given(seed=strategies.integers(0, 2**32))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_nested_write_does_what_the_model_says(client, shared_database, relation, seed):
    written, found, expected = Round(client, shared_database, relation, seed).run()
    assert found == expected, written
