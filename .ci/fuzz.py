"""Random requests on a seeded database: what is asked in two ways has to be answered alike, and nothing may fail.

usage: fuzz.py --schema schema.prisma --url postgresql://… [--count 1000] [--seed 1]

Pages are cut from the whole list, relations are read again by their keys, filters are taken apart into sets, counts are counted.
"""
import argparse
import json
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import conformance_driver as driver
from fuzz_requests import Maker, parse


class Difference(Exception):
    pass


class Fuzz:
    def __init__(self, schema, url, seed):
        self.handle = driver.open(schema, url)
        self.random = random.Random(seed)
        self.models = parse(schema)
        self.requests = 0
        self.rows = {name: self.ask(name, "findMany") for name in self.models}
        self.maker = Maker(self.models, self.rows, self.random)

    def ask(self, model, operation, **args):
        request = {"model": model, "operation": operation, "args": args}
        self.requests += 1
        answer = driver.execute(self.handle, request)
        if "error" in answer:
            raise Difference("%s\n  %s" % (json.dumps(request), json.dumps(answer["error"])))
        return answer["data"]

    def same(self, left, right, *about):
        if left != right:
            raise Difference("\n  ".join([json.dumps(a) for a in about] + ["left:  " + json.dumps(left), "right: " + json.dumps(right)]))

    def keys(self, model, where):
        rows = self.ask(model.name, "findMany", where=where, select={n: True for n in model.key})
        return {json.dumps([r[n] for n in model.key]) for r in rows}

    # -------------------------------------------------------------- the laws

    def pages(self, model):
        """A page is a piece of the whole list, and so is what a count counts."""
        where, order = self.maker.where(model), self.maker.order(model)
        whole = self.ask(model.name, "findMany", where=where, orderBy=order)
        page = self.maker.page(len(whole))
        args = dict(page, where=where, orderBy=order)
        rows = whole
        if whole and self.random.random() < 0.5:
            at = self.random.randrange(len(whole))
            args["cursor"] = model.unique(whole[at])
            rows = whole[: at + 1] if page.get("take", 0) < 0 else whole[at:]
        expected = cut(rows, page)
        self.same(self.ask(model.name, "findMany", **args), expected, model.name, args)
        self.same(self.ask(model.name, "count", **args), len(expected), model.name, "count", args)
        first = self.ask(model.name, "findFirst", where=where, orderBy=order)
        self.same(first, whole[0] if whole else None, model.name, "findFirst", args)

    def distinct(self, model):
        fields = [f.name for f in self.maker.scalars(model) if f.kind != "Json" and not f.is_list]
        kinds = self.random.sample(fields, min(len(fields), 2))
        where, order = self.maker.where(model), self.maker.order(model)
        whole = self.ask(model.name, "findMany", where=where, orderBy=order)
        page = self.maker.page(len(whole))
        if page.get("take", 0) < 0:
            page["take"] = -page["take"]
        seen, first = set(), []
        for row in whole:
            kind = json.dumps([row[k] for k in kinds])
            if kind not in seen:
                seen.add(kind)
                first.append(row)
        args = dict(page, where=where, orderBy=order, distinct=kinds)
        self.same(self.ask(model.name, "findMany", **args), cut(first, page), model.name, args)

    def logic(self, model):
        """AND is the intersection, OR the union, and nothing passes a filter and its negation."""
        a, b = self.maker.where(model), self.maker.where(model)
        left, right = self.keys(model, a), self.keys(model, b)
        self.same(sorted(self.keys(model, {"AND": [a, b]})), sorted(left & right), model.name, "AND", a, b)
        if a != {} and b != {}:
            self.same(sorted(self.keys(model, {"OR": [{"AND": [a]}, {"AND": [b]}]})), sorted(left | right), model.name, "OR", a, b)
        self.same(sorted(left & self.keys(model, {"NOT": [{"AND": [a]}]}) if a else []), [], model.name, "NOT", a)
        self.same(self.ask(model.name, "count", where=a), len(left), model.name, "count", a)

    def relation(self, model):
        """What is read along is what the same filter, order and page find from the other side; filters on relations agree with it."""
        fields = [f for f in self.maker.relations(model) if f.is_list]
        if not fields:
            return
        field = self.random.choice(fields)
        target = self.models[field.kind]
        where, order = self.maker.where(target, 1), self.maker.order(target)
        page = self.maker.page(3)
        parents = dict(where=self.maker.where(model, 1), orderBy=self.maker.order(model), take=self.random.randint(0, 40))
        key = {n: True for n in model.key}
        whole = self.ask(model.name, "findMany", **parents, select=dict(key, **{field.name: dict(where=where, orderBy=order)}))
        paged = self.ask(model.name, "findMany", **parents, select=dict(key, **{field.name: dict(page, where=where, orderBy=order)}))
        counted = self.ask(model.name, "findMany", **parents, select=dict(key, _count={"select": {field.name: {"where": where}}}))
        about = (model.name, field.name, parents, where, order, page)
        self.same([dict(p, **{field.name: cut(p[field.name], page)}) for p in whole], paged, *about)
        self.same([len(p[field.name]) for p in whole], [p["_count"][field.name] for p in counted], *about)
        some = self.keys(model, {"AND": [parents["where"], {field.name: {"some": where}}]})
        for parent in whole:
            name = json.dumps([parent[n] for n in model.key])
            self.same(name in some, bool(parent[field.name]), *about)
        self.single(model, field, whole, dict(page, where=where, orderBy=order), key)

    def single(self, model, field, whole, nested, key):
        """One parent alone has the same related records."""
        for parent in self.random.sample(whole, min(len(whole), 2)):
            alone = self.ask(model.name, "findUnique", where=model.unique(parent), select=dict(key, **{field.name: nested}))
            self.same(alone[field.name], cut(parent[field.name], nested), model.name, field.name, nested)

    def tree(self, model):
        """What is read along, at any depth, is what the record alone has."""
        select = self.maker.tree(model, 3)
        page = dict(where=self.maker.where(model, 1), orderBy=self.maker.order(model), take=self.random.randint(0, 20))
        rows = self.ask(model.name, "findMany", **page, select=select)
        for row in self.random.sample(rows, min(len(rows), 3)):
            self.subtree(model, select, row)

    def subtree(self, model, select, row):
        self.same(self.ask(model.name, "findUnique", where=model.unique(row), select=select), row, model.name, select)
        for name, entry in select.items():
            related = row[name] if isinstance(entry, dict) else None
            related = related[:2] if isinstance(related, list) else [related] if related else []
            for child in related:
                self.subtree(self.models[model.fields[name].kind], entry["select"], child)

    def groups(self, model):
        """Groups have as many records as a filter on their values finds, and their sums add up."""
        fields = [f for f in self.maker.scalars(model) if f.kind in ("String", "Int", "Boolean") and not f.is_list and f.native != "Xml"]
        by = [f.name for f in self.random.sample(fields, min(len(fields), 2))]
        where = self.maker.where(model, 1)
        numbers = [f.name for f in self.maker.scalars(model) if f.kind == "Int" and not f.is_list and f.native != "Oid"]
        sums = {n: True for n in numbers}
        extra = {"_sum": sums, "_count": sums} if sums else {}
        groups = self.ask(model.name, "groupBy", by=by, where=where, **dict(extra, _count=dict(sums, _all=True)))
        total = self.ask(model.name, "aggregate", where=where, **dict(extra, _count=dict(sums, _all=True)))
        self.same(sum(g["_count"]["_all"] for g in groups), total["_count"]["_all"], model.name, by, where)
        for n in numbers:
            parts = [g["_sum"][n] for g in groups if g["_sum"][n] is not None]
            self.same(sum(parts) if parts else None, total["_sum"][n], model.name, by, where, n)
        for group in self.random.sample(groups, min(len(groups), 3)):
            same = {"AND": [where, {n: group[n] for n in by}]}
            self.same(self.ask(model.name, "count", where=same), group["_count"]["_all"], model.name, by, same)

    def run(self, count):
        laws = [self.pages, self.distinct, self.logic, self.relation, self.tree, self.groups]
        for _ in range(count):
            self.random.choice(laws)(self.random.choice(list(self.models.values())))


def cut(rows, page):
    take, skip = page.get("take"), page.get("skip", 0)
    if take is not None and take < 0:
        end = len(rows) - skip
        return rows[max(end + take, 0) : max(end, 0)]
    return rows[skip:][:take]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--schema", required=True)
    options.add_argument("--url", required=True)
    options.add_argument("--count", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    o = options.parse_args()
    fuzz = Fuzz(open(o.schema).read(), o.url, o.seed)
    try:
        fuzz.run(o.count)
    except Difference as difference:
        print("FAIL (seed %d, after %d requests)\n  %s" % (o.seed, fuzz.requests, difference))
        return 1
    print("%d requests, no difference" % fuzz.requests)
    return 0


if __name__ == "__main__":
    sys.exit(main())
