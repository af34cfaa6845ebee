"""Reads the text of a Prisma schema, as far as tables, rows and requests need it. It has nothing in common with the library's own parser."""
import json
import re

SCALARS = ("String", "Boolean", "Int", "BigInt", "Float", "Decimal", "DateTime", "Json", "Bytes")


class Field:
    def __init__(self, model, name, kind, mark, rest):
        self.model, self.name, self.kind, self.rest = model, name, kind, rest
        self.is_list, self.is_optional = mark == "[]", mark == "?"
        self.is_required = mark == ""
        mapped = re.search(r'@map\("([^"]*)"\)', rest)
        self.column = mapped.group(1) if mapped else name
        native = re.search(r"@db\.(\w+)(?:\(([\d, ]+)\))?", rest)
        self.native = native.group(1) if native else None
        self.native_args = [int(n) for n in native.group(2).split(",")] if native and native.group(2) else []
        self.is_id = bool(re.search(r"@id\b", rest))
        self.is_unique = bool(re.search(r"@unique\b", rest))
        self.is_ignored = bool(re.search(r"@ignore\b", rest))
        self.unsupported = None
        #: Set by Schema for relations: the related model, the pairs of linked fields or the join table, the field on the other side.
        self.target = self.links = self.join = self.other = self.enum = None

    @property
    def is_relation(self):
        return self.target is not None

    def __repr__(self):
        return "%s.%s" % (self.model.name, self.name)


class Model:
    def __init__(self, name, body, is_view):
        self.name, self.is_view, self.fields = name, is_view, {}
        for line in body.splitlines():
            self._read(re.sub(r"//.*$", "", line).strip())
        mapped = re.search(r'@@map\("([^"]*)"\)', body)
        self.table = mapped.group(1) if mapped else name
        placed = re.search(r'@@schema\("([^"]*)"\)', body)
        self.schema = placed.group(1) if placed else None
        self.keys = self._keys(body)
        #: A child or a partition of the table of the model that is called so without this ending; its own table is called "… child".
        self.part = next((kind for kind in ("Child", "Part") if self.table == name[: -len(kind)].lower() + " " + kind.lower()), None)

    @property
    def has_own_rows(self):
        return not self.is_view and self.part is None

    def _read(self, line):
        unsupported = re.match(r'(\w+)\s+Unsupported\("([^"]*)"\)(\?|\[\])?(.*)$', line)
        found = unsupported or re.match(r"(\w+)\s+(\w+)(\[\]|\?)?(\s.*)?$", line)
        if not found:
            return
        if unsupported:
            field = Field(self, unsupported.group(1), "Unsupported", unsupported.group(3) or "", unsupported.group(4) or "")
            field.unsupported = unsupported.group(2)
        else:
            field = Field(self, found.group(1), found.group(2), found.group(3) or "", found.group(4) or "")
        self.fields[field.name] = field

    def _keys(self, body):
        """What `where` of findUnique takes: (name, fields, is the primary key), the primary key first."""
        keys = []
        for kind in ("id", "unique"):
            for f in self.fields.values():
                if f.is_id if kind == "id" else f.is_unique:
                    keys.append((f.name, [f], kind == "id"))
            for fields, rest in re.findall(r"@@%s\(\[([^\]]*)\]([^\n]*)" % kind, body):
                names = [re.match(r"\w+", n.strip()).group(0) for n in fields.split(",")]
                named = re.search(r'name: *"(\w+)"', rest)
                name = named.group(1) if named else "_".join(names)
                keys.append((name, [self.fields[n] for n in names], kind == "id"))
        return keys

    @property
    def scalars(self):
        return [f for f in self.fields.values() if not f.is_relation and not f.unsupported and not f.is_ignored]

    @property
    def relations(self):
        return [f for f in self.fields.values() if f.is_relation]

    @property
    def identifier(self):
        """The fields that make an order total."""
        certain = [fields for _, fields, _ in self.keys if all(f.is_required for f in fields)]
        return (certain or [fields for _, fields, _ in self.keys] or [[]])[0]

    def unique_where(self, key, row):
        """A record as `where` and `cursor` name it. `row` gives plain values by field name."""
        name, fields, _ = key
        if len(fields) == 1 and name == fields[0].name:
            return {name: row[name]}
        return {name: {f.name: row[f.name] for f in fields}}


class Enum:
    def __init__(self, name, body):
        self.name, self.labels = name, {}
        for line in body.splitlines():
            found = re.match(r'\s*(\w+)(?:\s+@map\(("(?:[^"\\]|\\.)*")\))?\s*$', re.sub(r"//.*$", "", line))
            if found:
                self.labels[found.group(1)] = json.loads(found.group(2)) if found.group(2) else found.group(1)
        self.names = list(self.labels)
        self.by_label = {label: n for n, label in self.labels.items()}
        mapped = re.search(r'@@map\("([^"]*)"\)', body)
        self.type = mapped.group(1) if mapped else name
        placed = re.search(r'@@schema\("([^"]*)"\)', body)
        self.schema = placed.group(1) if placed else None


class Schema:
    def __init__(self, text):
        self.text = text
        #: Without foreign keys references may lead nowhere.
        self.has_foreign_keys = not re.search(r'relationMode *= *"prisma"', text)
        blocks = re.findall(r"^(model|view|enum) (\w+) *\{\n(.*?)^\}", text, re.S | re.M)
        self.enums = {name: Enum(name, body) for kind, name, body in blocks if kind == "enum"}
        self.models = {name: Model(name, body, kind == "view") for kind, name, body in blocks if kind != "enum"}
        for model in self.models.values():
            for field in model.fields.values():
                field.enum = self.enums.get(field.kind)
                field.target = self.models.get(field.kind)
        self._link()

    def _link(self):
        """Finds the two sides of each relation."""
        groups = {}
        for model in self.models.values():
            for field in model.relations:
                found = re.search(r'@relation\(\s*(?:name: *)?"([^"]*)"', field.rest) or re.search(r'name: *"([^"]*)"', field.rest)
                field.relation_name = found.group(1) if found else None
                pair = tuple(sorted((model.name, field.target.name)))
                groups.setdefault((pair, field.relation_name), []).append(field)
        for sides in groups.values():
            one, two = sides
            one.other, two.other = two, one
            holder = next((f for f in sides if "fields:" in f.rest), None)
            if holder:
                here = self._names(holder.model, "fields", holder.rest)
                there = self._names(holder.target, "references", holder.rest)
                holder.links, holder.holds = list(zip(here, there)), True
                holder.other.links, holder.other.holds = list(zip(there, here)), False
            else:
                self._join(one, two)

    @staticmethod
    def _names(model, word, rest):
        return [model.fields[n.strip()] for n in re.search(word + r": *\[([^\]]*)\]", rest).group(1).split(",")]

    @staticmethod
    def _join(one, two):
        """An implicit many-to-many relation: column A is of the model, for a self relation the field, whose name comes first."""
        a, b = sorted((one, two), key=lambda f: (f.model.name, f.name))
        name = "_" + (one.relation_name or "%sTo%s" % (a.model.name, b.model.name))
        for field, column in ((a, "A"), (b, "B")):
            field.join, field.join_column = name, column
            field.holds = False
