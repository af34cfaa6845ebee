"""Random requests on a schema, made from the values that its tables hold."""
import re

NUMBERS = ("Int", "BigInt", "Float", "Decimal")
ORDERED = NUMBERS + ("String", "DateTime")


class Field:
    def __init__(self, name, kind, mark, rest):
        self.name, self.kind, self.rest = name, kind, rest
        self.is_list, self.is_optional = mark == "[]", mark == "?"
        native = re.search(r"@db\.(\w+)", rest)
        self.native = native.group(1) if native else None


class Model:
    def __init__(self, name, body):
        self.name, self.fields = name, {}
        for line in body.splitlines():
            found = re.match(r"\s*(\w+)\s+(\w+)(\[\]|\?)?(\s.*)?$", line.split("//")[0].rstrip())
            if found:
                self.fields[found.group(1)] = Field(found.group(1), found.group(2), found.group(3), found.group(4) or "")
        compound = re.search(r"@@id\(\[([\w, ]+)\](?:, name: \"(\w+)\")?", body)
        single = [f.name for f in self.fields.values() if re.search(r"@id\b", f.rest)]
        self.key_name = compound.group(2) if compound else None
        self.key = [n.strip() for n in compound.group(1).split(",")] if compound else single

    def unique(self, row):
        """The record's key as `where` and `cursor` name it."""
        if len(self.key) == 1:
            return {self.key[0]: row[self.key[0]]}
        return {self.key_name or "_".join(self.key): {n: row[n] for n in self.key}}


def parse(text):
    """The models of a schema that have an id."""
    models = {m.group(1): Model(m.group(1), m.group(2)) for m in re.finditer(r"^model (\w+) \{\n(.*?)^\}", text, re.S | re.M)}
    return {n: m for n, m in models.items() if m.key}


class Maker:
    """Makes parts of requests. `rows` holds all records of each model, by its name."""

    def __init__(self, models, rows, random):
        self.models, self.rows, self.random = models, rows, random

    def scalars(self, model):
        return [f for f in model.fields.values() if f.kind not in self.models]

    def relations(self, model):
        return [f for f in model.fields.values() if f.kind in self.models]

    def value(self, model, field):
        known = [r[field.name] for r in self.rows[model.name] if r[field.name] is not None]
        return self.random.choice(known) if known else None

    def where(self, model, depth=2):
        r = self.random
        kind = r.random()
        if depth and kind < 0.2:
            # Why never empty: Prisma drops empty parts of AND, OR and NOT, which the laws do not know.
            parts = [self.where(model, depth - 1) for _ in range(r.randint(1, 2))]
            return {r.choice(("AND", "OR", "NOT")): parts}
        relations = self.relations(model)
        if depth and relations and kind < 0.5:
            field = r.choice(relations)
            inner = self.where(self.models[field.kind], depth - 1)
            return {field.name: {r.choice(("some", "every", "none") if field.is_list else ("is", "isNot")): inner}}
        return self.scalar(model)

    def scalar(self, model):
        r = self.random
        fields = [f for f in self.scalars(model) if f.kind != "Json" and f.native not in ("Xml",) and not f.is_list]
        field = r.choice(fields)
        value = self.value(model, field)
        if value is None or r.random() < 0.1:
            return {field.name: None} if field.is_optional else {field.name: {"not": value}} if value is not None else {}
        tests = ["equals", "not", "in", "notIn"]
        if field.kind in ORDERED and field.native not in ("Uuid", "Inet", "Bit", "VarBit"):
            tests += ["lt", "lte", "gt", "gte"]
        if field.kind == "String" and field.native in (None, "Text", "VarChar"):
            tests += ["contains", "startsWith", "endsWith"]
        if field.kind in ("Boolean",):
            tests = ["equals", "not"]
        test = r.choice(tests)
        if test in ("in", "notIn"):
            return {field.name: {test: [v for v in (self.value(model, field) for _ in range(r.randint(0, 4)))]}}
        if test in ("contains", "startsWith", "endsWith"):
            at = r.randrange(len(value) + 1)
            value = {"contains": value[at : at + 3], "startsWith": value[:at], "endsWith": value[at:]}[test]
        return {field.name: {test: value}}

    def order(self, model):
        """A total order: random terms, the key last."""
        r, terms = self.random, []
        fields = [f for f in self.scalars(model) if f.kind != "Json" and not f.is_list and f.native not in ("Xml",)]
        for field in r.sample(fields, min(len(fields), r.randint(0, 2))):
            direction = r.choice(("asc", "desc"))
            if field.is_optional and r.random() < 0.5:
                direction = {"sort": direction, "nulls": r.choice(("first", "last"))}
            terms.append({field.name: direction})
        for field in self.relations(model):
            if r.random() < 0.15:
                target = self.models[field.kind]
                terms.append({field.name: {"_count": "desc"} if field.is_list else {target.key[0]: "asc"}})
        given = {n for term in terms for n in term}
        return terms + [{n: r.choice(("asc", "desc"))} for n in model.key if n not in given]

    def tree(self, model, depth):
        """A selection of the key and of related records, some levels deep."""
        r, select = self.random, {n: True for n in model.key}
        for field in self.relations(model):
            if depth and r.random() < 0.4:
                target = self.models[field.kind]
                entry = {"select": self.tree(target, depth - 1)}
                if field.is_list:
                    entry["orderBy"] = self.order(target)
                    if r.random() < 0.5:
                        entry["where"] = self.where(target, 1)
                    if r.random() < 0.5:
                        entry.update(self.page(3))
                select[field.name] = entry
        return select

    def page(self, count):
        """`take` and `skip` for a list of about that many."""
        r, page = self.random, {}
        if r.random() < 0.8:
            page["take"] = r.choice((1, -1)) * r.randint(0, max(count, 1))
        if r.random() < 0.5:
            page["skip"] = r.randint(0, max(count // 2, 1))
        return page
