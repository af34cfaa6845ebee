"""Random Prisma schemas: every scalar and native type, lists, enums, keys of every kind, relations of every kind."""
import re
from collections import namedtuple

#: (type, native type, weight)
TYPES = [
    ("String", "", 10), ("String", "@db.Text", 1), ("String", "@db.VarChar(40)", 2), ("String", "@db.Char(6)", 2), ("String", "@db.Uuid", 2),
    ("String", "@db.Inet", 1), ("String", "@db.Bit(4)", 1), ("String", "@db.VarBit", 1), ("String", "@db.Xml", 1), ("String", "@db.Citext", 1),
    ("Boolean", "", 4), ("Boolean", "@db.Boolean", 1),
    ("Int", "", 10), ("Int", "@db.Integer", 1), ("Int", "@db.SmallInt", 2), ("Int", "@db.Oid", 1),
    ("BigInt", "", 3), ("BigInt", "@db.BigInt", 1), ("Float", "", 4), ("Float", "@db.Real", 1), ("Float", "@db.DoublePrecision", 1),
    ("Decimal", "", 3), ("Decimal", "@db.Decimal(10, 2)", 3), ("Decimal", "@db.Decimal(12, 0)", 1), ("Decimal", "@db.Money", 1),
    ("DateTime", "", 4), ("DateTime", "@db.Timestamp(0)", 1), ("DateTime", "@db.Timestamp(6)", 1), ("DateTime", "@db.Timestamptz(3)", 3),
    ("DateTime", "@db.Timestamptz(6)", 1), ("DateTime", "@db.Date", 2), ("DateTime", "@db.Time(3)", 1), ("DateTime", "@db.Timetz(3)", 1),
    ("String", "@db.VarChar", 1), ("String", "@db.Char", 1), ("String", "@db.Bit", 1), ("String", "@db.VarBit(3)", 1), ("Decimal", "@db.Decimal", 1),
    ("Decimal", "@db.Decimal(5)", 1), ("DateTime", "@db.Timestamp", 1), ("DateTime", "@db.Timestamptz", 1), ("DateTime", "@db.Time", 1),
    ("DateTime", "@db.Timetz", 1), ("Json", "", 4), ("Json", "@db.Json", 1), ("Json", "@db.JsonB", 1), ("Bytes", "", 2), ("Bytes", "@db.ByteA", 1), ("Enum", "", 5),
]
#: What a key may be made of: columns that have many different values.
KEY_TYPES = [
    ("Int", "", 10), ("String", "", 5), ("BigInt", "", 2), ("String", "@db.Uuid", 2), ("String", "@db.VarChar(40)", 1), ("String", "@db.Char(6)", 1),
    ("Decimal", "@db.Decimal(10, 2)", 1), ("DateTime", "", 1), ("DateTime", "@db.Timestamptz(3)", 1), ("Bytes", "", 1), ("Int", "@db.SmallInt", 1),
]
MODELS = ["User", "Order", "Group", "Line", "select", "Tag", "Zebra", "a1", "Uber", "Item_2"]
FIELDS = ["name", "title", "from", "Value", "x", "kind", "end", "desc", "user", "in_", "b2", "state", "note", "total", "limit", "AND_", "flag", "t0"]
NO_EQUALITY = ("@db.Xml", "@db.Json")
#: Types that keep less of a value than they are given, so that two may be one.
CUT = ("@db.Char", "@db.Bit", "@db.VarBit(3)", "@db.Decimal(5)")
#: Columns whose type is a domain over that of the field: their names end so.
DOMAIN = " domain"

Line = namedtuple("Line", "name kind mark rest")


def chosen(random, weighted):
    return random.choices(weighted, [w[-1] for w in weighted])[0]


def back(name):
    """The attribute of the side that has no columns."""
    return "@relation(%s)" % name if name else ""


class Draft:
    """A model that is being made."""

    def __init__(self, name):
        self.name, self.lines, self.attributes, self.taken = name, [], [], set()
        #: Keys that others may refer to: lists of lines.
        self.keys = []
        self.single_id = None

    def name_for(self, base):
        """A name that the model does not have yet."""
        name, number = base, 1
        while name.lower() in self.taken:
            number += 1
            name = "%s%d" % (base, number)
        self.taken.add(name.lower())
        return name

    def add(self, base, kind, mark="", rest=""):
        line = Line(self.name_for(base), kind, mark, rest.strip())
        self.lines.append(line)
        return line

    def text(self):
        lines = ["  %s %s%s %s" % line for line in self.lines]
        return "model %s {\n%s\n}" % (self.name, "\n".join(line.rstrip() for line in lines + ["  " + a for a in self.attributes]))


class Maker:
    def __init__(self, random, has_parts, has_domains):
        self.random, self.has_parts, self.has_domains = random, has_parts, has_domains
        self.schemas = ["app", "Other"] if random.random() < 0.25 else []
        self.enums = []
        self.drafts = []
        #: Pairs of models that have a relation.
        self.related = set()
        self.relations = self.columns = 0
        # Why NoAction: Prisma refuses cycles of other actions; without foreign keys it refuses this one.
        self.action = "Restrict" if random.random() < 0.15 else "NoAction"

    def text(self):
        r = self.random
        for number in range(r.randint(1, 2)):
            self.enums.append(self.enum(["Color", "status", "Kind"][number]))
        for name in r.sample(MODELS, r.randint(2, 5)):
            self.drafts.append(self.model(name))
        for _ in range(r.randint(1, 2 * len(self.drafts))):
            r.choice((self.one_to_many, self.one_to_many, self.one_to_many, self.one_to_one, self.many_to_many, self.many_to_many))()
        lines = ['provider = "postgresql"']
        if self.schemas:
            lines.append("schemas = [%s]" % ", ".join('"%s"' % s for s in self.schemas))
        if self.action == "Restrict":
            lines.append('relationMode = "prisma"')
        datasource = "datasource db {\n%s\n}" % "\n".join("  " + line for line in lines)
        views = [self.view(r.choice(self.drafts))] if r.random() < 0.3 else []
        # Why last: it adds the other side of a relation to a draft.
        views += [self.part(r.choice(self.drafts), r.choice(("Child", "Part")))] if self.has_parts and r.random() < 0.35 else []
        blocks = [datasource] + self.enums + [d.text() for d in self.drafts] + views
        return "\n\n".join(blocks) + "\n"

    def placed(self):
        return ['@@schema("%s")' % self.random.choice(self.schemas)] if self.schemas else []

    def enum(self, name):
        r = self.random
        lines = ["  " + n + (' @map("%s")' % m if r.random() < 0.4 else "") for n, m in
                 r.sample([("RED", "red-ish"), ("green", "3 g"), ("Blue", "RED2"), ("zero", "é'"), ("ONE", "a b")], r.randint(2, 4))]
        attributes = ['@@map("%s_type")' % name.lower()] if r.random() < 0.4 else []
        return "enum %s {\n%s\n}" % (name, "\n".join(lines + ["  " + a for a in attributes + self.placed()]))

    # ------------------------------------------------------------ models

    def model(self, name):
        r, draft = self.random, Draft(name)
        self.identify(draft)
        for _ in range(r.randint(2, 8)):
            self.column(draft)
        if r.random() < 0.4:
            draft.attributes.append('@@map("%s")' % (name.lower() + r.choice(("s", " table", "_x", "-y"))))
        draft.attributes += self.placed()
        return draft

    def identify(self, draft):
        r, kind = self.random, self.random.random()
        if kind < 0.7:
            mapped = self.mapped("id")
            type_, native, _ = chosen(r, KEY_TYPES)
            line = draft.add("id", type_, "", "@id %s %s" % (native, mapped))
            draft.keys.append([line])
            draft.single_id = line
        elif kind < 0.9:
            lines = [self.key_column(draft, n) for n in ("a", "b")[: 2 if r.random() < 0.9 else 1]]
            # Why not for one field: a key of one field bears its name.
            named = ', name: "pair"' if r.random() < 0.3 and len(lines) > 1 else ""
            draft.attributes.append("@@id([%s]%s)" % (", ".join(line.name for line in lines), named))
            draft.keys.append(lines)
        else:
            line = self.key_column(draft, "code", " @unique")
            draft.keys.append([line])
        if r.random() < 0.3:
            lines = [self.key_column(draft, n, mark="?" if r.random() < 0.2 else "") for n in r.choice((("p", "q"), ("p", "q"), ("p",), ("p", "q", "r")))]
            named = ', name: "place"' if r.random() < 0.3 and len(lines) > 1 else ""
            draft.attributes.append("@@unique([%s]%s)" % (", ".join(line.name for line in lines), named))
            if not any(line.mark for line in lines):
                draft.keys.append(lines)

    def key_column(self, draft, name, rest="", mark=""):
        type_, native, _ = chosen(self.random, KEY_TYPES)
        return draft.add(name, type_, mark, "%s%s %s" % (native, rest, self.mapped(name)))

    def mapped(self, name):
        self.columns += 1
        return '@map("%s%d")' % (name + self.random.choice(("_c", " col", "-X")), self.columns) if self.random.random() < 0.25 else ""

    def column(self, draft):
        r = self.random
        if r.random() < 0.04:
            draft.add("spot", 'Unsupported("point")', "?")
            return
        type_, native, _ = chosen(r, TYPES)
        if type_ == "Enum":
            type_ = r.choice(self.enums).split()[1]
        mark = r.choices(("", "?", "[]"), (4, 4, 2))[0]
        name = r.choice(FIELDS)
        if self.has_domains and mark != "[]" and (type_, native) in (("String", ""), ("Int", ""), ("DateTime", ""), ("Decimal", "@db.Decimal(10, 2)")) and r.random() < 0.1:
            self.columns += 1
            draft.add(name, type_, mark, '%s @map("d%d%s")' % (native, self.columns, DOMAIN))
            return
        unique = ""
        if mark != "[]" and native not in NO_EQUALITY + CUT and type_ in ("String", "Int", "BigInt", "Decimal", "DateTime") and r.random() < 0.1:
            unique = "@unique"
        ignored = "@ignore" if mark == "?" and not unique and r.random() < 0.05 else ""
        line = draft.add(name, type_, mark, " ".join((native, unique, self.mapped(name), ignored)))
        if unique and not mark and native not in ("@db.Bit(4)",):
            draft.keys.append([line])
        if r.random() < 0.3 and mark != "[]":
            # A second one like it, for field references.
            draft.add(name, type_, r.choice(("", "?")), native)

    # ------------------------------------------------------------ relations

    def pair(self):
        one = self.random.choice(self.drafts)
        return one, one if self.random.random() < 0.15 else self.random.choice(self.drafts)

    def named(self, one, two):
        """Relations between the same two models, and of one with itself, have to be told apart by name; the first of two need not. Gives
        what stands between the brackets of `@relation`."""
        pair = frozenset((one.name, two.name))
        is_first = pair not in self.related
        self.related.add(pair)
        if is_first and one is not two and self.random.random() < 0.4:
            return ""
        self.relations += 1
        return '"R%d"' % self.relations

    def holder(self, draft, target, name, is_single):
        """The side that has the columns: they and the relation field."""
        r = self.random
        keys = r.choice(target.keys)
        is_optional = r.random() < 0.5 or draft is target
        mark = "?" if is_optional else ""
        columns = []
        for number, key in enumerate(keys):
            native = " ".join(w for w in key.rest.replace(", ", ",").split() if w.startswith("@db.")).replace(",", ", ")
            is_null = is_optional and (number == 0 or r.random() < 0.7)
            unique = " @unique" if is_single and len(keys) == 1 else ""
            columns.append(draft.add(target.name.lower() + key.name.title(), key.kind, "?" if is_null else "", native + unique + " " + self.mapped(key.name + str(len(draft.lines)))))
        if is_single and len(keys) > 1:
            draft.attributes.append("@@unique([%s])" % ", ".join(c.name for c in columns))
        draft.add(target.name.lower() + "Ref", target.name, mark, '@relation(%sfields: [%s], references: [%s], onDelete: %s, onUpdate: %s)' % (
            name and name + ", ", ", ".join(c.name for c in columns), ", ".join(k.name for k in keys), self.action, self.action))

    def one_to_many(self):
        one, many = self.pair()
        name = self.named(one, many)
        self.holder(many, one, name, False)
        one.add(many.name.lower() + "List", many.name, "[]", back(name))

    def one_to_one(self):
        one, two = self.pair()
        name = self.named(one, two)
        self.holder(two, one, name, True)
        one.add(two.name.lower() + "One", two.name, "?", back(name))

    def many_to_many(self):
        one, two = self.pair()
        if not one.single_id or not two.single_id:
            return
        name = self.named(one, two)
        one.add(two.name.lower() + "Many", two.name, "[]", back(name))
        two.add(one.name.lower() + "Many", one.name, "[]", back(name))

    # ------------------------------------------------------------ views

    def view(self, draft):
        """A view of all scalars of a model, which is found again by its name; now and then with a relation to another model."""
        names = {d.name for d in self.drafts}
        shown = Draft(draft.name + "View")
        key = draft.keys[0]
        for line in draft.lines:
            if line.kind not in names and not line.kind.startswith("Unsupported") and "@ignore" not in line.rest:
                native = " ".join(w for w in line.rest.replace(", ", ",").split() if w.startswith("@db.")).replace(",", ", ")
                unique = "@unique" if [line] == key else ""
                shown.add(line.name, line.kind, line.mark, " ".join((native, unique, self.mapped(line.name))))
        if len(key) > 1:
            shown.attributes.append("@@unique([%s])" % ", ".join(line.name for line in key))
        shown.attributes += [a for a in draft.attributes if a.startswith("@@schema")]
        self.relate(shown, draft, "view")
        return shown.text().replace("model", "view", 1)

    def part(self, draft, kind):
        """A model of a child or a partition of a model's table, which is found again by its name."""
        names = {d.name for d in self.drafts}
        shown = Draft(draft.name + kind)
        key = draft.keys[0]
        for line in draft.lines:
            if line.kind not in names and not line.kind.startswith("Unsupported") and "@ignore" not in line.rest and "@relation" not in line.rest:
                words = re.findall(r'@db\.\w+(?:\([^)]*\))?|@map\("[^"]*"\)', line.rest)
                shown.add(line.name, line.kind, line.mark, " ".join(words + ["@unique"] * ([line] == key)))
        if len(key) > 1:
            shown.attributes.append("@@unique([%s])" % ", ".join(line.name for line in key))
        shown.attributes.append('@@map("%s %s")' % (draft.name.lower(), kind.lower()))
        shown.attributes += [a for a in draft.attributes if a.startswith("@@schema")]
        self.relate(shown, draft, "part", ", onDelete: %s, onUpdate: %s" % (self.action, self.action))
        return shown.text()

    def relate(self, shown, draft, base, actions=""):
        """Gives a copy of a model the first relation whose columns it has."""
        for line in draft.lines:
            found = re.search(r"fields: \[([^\]]*)\], references: \[([^\]]*)\]", line.rest)
            if found and self.random.random() < 0.7:
                target = next(d for d in self.drafts if d.name == line.kind)
                self.relations += 1
                name = '"R%d"' % self.relations
                shown.add(base + "Ref", line.kind, line.mark, "@relation(%s, fields: [%s], references: [%s]%s)" % (name, *found.groups(), actions))
                target.add(base + "List", shown.name, "[]", back(name))
                return


def make(random, has_parts=True, has_domains=True):
    """The text of a schema. `has_parts`: now and then a model stands for a child or a partition of another one's table. `has_domains`: now and
    then a column's type is a domain. A push makes neither: those tables are for SQL to make."""
    return Maker(random, has_parts, has_domains).text()
