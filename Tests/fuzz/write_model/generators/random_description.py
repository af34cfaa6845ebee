"""Random data models: keys of every kind, relations of every kind, defaults of every kind, names that mean something elsewhere."""
from decimal import Decimal

from ..description import Default, Description, Enum, Field, Key, Model, RelationField
from ..kinds import enum_kind, make_kinds

MODELS = ["Author", "Book", "Card", "Door", "Order", "user"]
NAMES = ["name", "title", "data", "where", "set", "create", "update", "connect", "delete", "disconnect", "push", "kind", "n", "x", "limit", "is", "some", "note"]
SCALARS = {"Int": 6, "Small": 1, "BigInt": 2, "Float": 2, "Decimal": 2, "Money2": 1, "String": 6, "Short": 1, "Uuid": 1, "Boolean": 2, "DateTime": 2, "Tz": 1, "Json": 2, "Bytes": 1, "Enum": 2}
KEY_KINDS = {"Int": 6, "String": 4, "BigInt": 2, "Uuid": 2, "Short": 1}
LIST_KINDS = ("Int", "String", "Enum", "BigInt", "Float", "Decimal", "Json")

class Maker:
    def __init__(self, dice):
        self.dice = dice
        self.made = Description(dice.choice(("foreignKeys", "foreignKeys", "prisma")))
        self.kinds = make_kinds()
        enum = Enum("Color", {"red": "red", "green": "3 gr", "set": "a'b"})
        self.made.enums.append(enum)
        self.kinds["Enum"] = enum_kind(enum)
        self.relations = self.columns = 0

    def make(self):
        dice = self.dice
        for name in dice.sample(MODELS, dice.randint(2, 4)):
            self.made.models.append(self.model(name))
        for _ in range(dice.randint(2, 5)):
            dice.choice((self.one_to_many, self.one_to_many, self.one_to_one, self.many_to_many))()
        for model in self.made.models:
            dice.shuffle(model.members)
        return self.made

    def chosen(self, weights):
        return self.kinds[self.dice.choices(list(weights), list(weights.values()))[0]]

    # ------------------------------------------------------------ models

    def add(self, model, base, kind, mark="", default=None, **more):
        names = {m.name for m in model.members}
        name = next(n for n in [base] + ["%s%d" % (base, i) for i in range(2, 99)] if n not in names)
        self.columns += 1
        field = Field(model, name, kind, mark, default, "c%d_%s" % (self.columns, name) if self.dice.random() < 0.15 else name, **more)
        model.members.append(field)
        return field

    def model(self, name):
        dice, model = self.dice, Model(name, name + " t" if self.dice.random() < 0.2 else name)
        self.identify(model)
        if dice.random() < 0.4:
            mark = dice.choice(("", "?"))
            model.keys.append(Key([self.add(model, "code", self.chosen(KEY_KINDS), mark)], is_short=True))
        if dice.random() < 0.3:
            fields = [self.add(model, n, self.chosen(KEY_KINDS), "?" if dice.random() < 0.25 else "") for n in ("p", "q")]
            model.keys.append(Key(fields, name=dice.choice((None, "place"))))
        for _ in range(dice.randint(1, 4)):
            self.scalar(model)
        return model

    def identify(self, model):
        dice, kind = self.dice, self.dice.random()
        if kind < 0.35:
            model.keys.append(Key([self.add(model, "id", self.kinds[dice.choice(("Int", "Int", "BigInt"))], "", Default("autoincrement", "autoincrement()", pattern="autoincrement"))], True))
            model.has_short_id = True
        elif kind < 0.65:
            key = self.chosen(KEY_KINDS)
            default = self.client_default(key) if dice.random() < 0.3 else None
            model.keys.append(Key([self.add(model, "id", key, "", default)], True))
            model.has_short_id = True
        elif kind < 0.85:
            model.keys.append(Key([self.add(model, n, self.chosen(KEY_KINDS)) for n in ("a", "b")], True, dice.choice((None, "pair"))))
        else:
            # No identifier. Why first an optional key: the next one has to tell the records apart.
            if dice.random() < 0.6:
                model.keys.append(Key([self.add(model, "maybe", self.chosen(KEY_KINDS), "?")], is_short=True))
            if dice.random() < 0.6:
                model.keys.append(Key([self.add(model, "sure", self.chosen(KEY_KINDS))], is_short=True))
            else:
                model.keys.append(Key([self.add(model, n, self.chosen(KEY_KINDS)) for n in ("s", "t")]))

    def scalar(self, model):
        dice, kind = self.dice, self.chosen(SCALARS)
        mark = dice.choices(("", "?", "[]"), (5, 4, 2))[0]
        if mark == "[]" and kind.name not in LIST_KINDS:
            mark = ""
        if kind.name == "DateTime" and not mark and dice.random() < 0.4:
            self.add(model, "changed", kind, "", is_updated_at=True)
            return
        default = self.default(kind, mark) if dice.random() < 0.4 else None
        self.add(model, dice.choice(NAMES), kind, mark, default)

    # ------------------------------------------------------------ defaults

    def client_default(self, kind):
        """A value that the library or the database makes."""
        dice = self.dice
        if kind.name == "Uuid":
            form = dice.choice(("client", "database"))
            return Default("client", "uuid()", pattern="uuid") if form == "client" else Default("client", 'dbgenerated("gen_random_uuid()")', pattern="uuid", sql="gen_random_uuid()")
        if kind.name == "String":
            text, pattern = dice.choice((("uuid()", "uuid"), ("uuid(7)", "uuid"), ("cuid()", "cuid"), ("cuid(2)", "cuid2"), ("ulid()", "ulid"), ("nanoid()", "nanoid21"), ("nanoid(5)", "nanoid")))
            return Default("client", text, pattern=pattern)
        return None

    def default(self, kind, mark):
        dice = self.dice
        if mark == "[]":
            values = tuple(dice.choice(kind.pool) for _ in range(dice.randint(0, 2)))
            sql = "ARRAY[%s]::%s[]" % (", ".join(kind.sql(v) for v in values), kind.column)
            return Default("value", "[%s]" % ", ".join(self.literal(kind, v) for v in values), values, sql)
        if kind.name in ("DateTime", "Tz") and dice.random() < 0.6:
            return Default("now", "now()", sql="CURRENT_TIMESTAMP", pattern="now")
        if kind.name in ("Uuid", "String") and dice.random() < 0.5:
            return self.client_default(kind)
        if kind.name == "Uuid":
            return None
        if kind.name == "Int" and dice.random() < 0.3:
            return Default("value", 'dbgenerated("(40 + 2)")', 42, "(40 + 2)")
        value = dice.choice(kind.pool)
        return Default("value", self.literal(kind, value), value, kind.sql(value))

    @staticmethod
    def literal(kind, value):
        """A value as the schema writes it."""
        if kind.enum:
            return value
        if kind.name in ("Int", "Small", "BigInt", "Float", "Boolean"):
            return str(value).lower()
        if isinstance(value, Decimal):
            return format(value, "f")
        if kind.name in ("DateTime", "Tz"):
            value = kind.to_json(value)
        return '"%s"' % str(value).replace("\\", "\\\\").replace('"', '\\"')

    # ------------------------------------------------------------ relations

    def pair(self):
        one = self.dice.choice(self.made.models)
        return one, one if self.dice.random() < 0.2 else self.dice.choice(self.made.models)

    def side(self, model, base, target, mark, relation):
        names = {m.name for m in model.members}
        name = next(n for n in [base] + ["%s%d" % (base, i) for i in range(2, 99)] if n not in names)
        field = RelationField(model, name, target, mark, relation)
        model.members.append(field)
        return field

    def related(self, one, one_mark, two, two_mark, bases=None):
        self.relations += 1
        name = "R%d" % self.relations
        bases = bases or (two.name.lower(), one.name.lower())
        here = self.side(one, bases[0] + ("s" if one_mark == "[]" else ""), two, one_mark, name)
        there = self.side(two, bases[1] + ("s" if two_mark == "[]" else ""), one, two_mark, name)
        here.other, there.other = there, here
        return here, there

    def one_to_many(self):
        self.hold(*self.pair(), "[]")

    def one_to_one(self):
        self.hold(*self.pair(), "?")

    def referable(self, target):
        return [key for key in target.keys if not any(f.is_optional for f in key.fields)]

    def hold(self, model, target, mark):
        """Gives `model` a relation to `target` with the key in it; `mark` is that of the other side."""
        dice, key = self.dice, self.dice.choice(self.referable(target))
        is_optional = model is target or dice.random() < 0.5
        columns, open_ = [], dice.randrange(len(key.fields))
        for n, f in enumerate(key.fields):
            is_null = is_optional and (n == open_ or dice.random() < 0.6)
            default = Default("value", self.literal(f.kind, f.kind.pool[0]), f.kind.pool[0], f.kind.sql(f.kind.pool[0])) if f.kind.name in ("Int", "String") and dice.random() < 0.1 else None
            columns.append(self.add(model, target.name.lower() + f.name.title(), f.kind, "?" if is_null else "", default))
        self.key_of(model, columns, mark, is_optional)
        here, there = self.related(model, "?" if is_optional else "", target, mark)
        here.holds, here.own, here.theirs = True, columns, key.fields
        there.own, there.theirs = key.fields, columns
        self.act(here, columns, is_optional)

    def key_of(self, model, columns, mark, is_optional):
        """Makes the key of a relation unique where one alone may have it; now and then a part of the record's own key."""
        dice = self.dice
        if mark == "?":
            if not is_optional and len(columns) == 1 and dice.random() < 0.3 and self.may_replace(model):
                self.replace(model, columns, True)
            else:
                model.keys.append(Key(columns, is_short=len(columns) == 1))
        elif not is_optional and dice.random() < 0.25 and self.may_replace(model):
            self.replace(model, columns + [self.add(model, "pos", self.kinds["Int"])], False)
        elif dice.random() < 0.2:
            model.keys.append(Key(columns + [self.add(model, "pos", self.kinds["Int"])]))

    def may_replace(self, model):
        """Whether nobody refers to the primary key."""
        return not model.relations and model.primary and model.primary[0].name in ("id", "a")

    def replace(self, model, fields, is_short):
        old = model.primary
        model.members = [m for m in model.members if m not in old]
        model.keys = [Key(fields, True)] + [key for key in model.keys if not key.is_primary]
        model.has_short_id = is_short

    def act(self, side, columns, is_optional):
        dice = self.dice
        can_clear = all(f.is_optional for f in columns)
        if self.made.has_foreign_keys:
            actions = ["Cascade", "Restrict", "NoAction"] + ["SetNull"] * (2 if can_clear else 0)
            if all(f.default for f in columns):
                actions.append("SetDefault")
            side.on_delete, side.on_update = dice.choice(actions), dice.choice(actions + ["Cascade"] * 3)
        else:
            order = self.made.models.index
            # Why not in circles: these actions would be followed without end.
            may_cascade = order(side.model) > order(side.target)
            actions = ["Restrict"] + ["Cascade"] * 2 * may_cascade + ["SetNull"] * 2 * can_clear
            side.on_delete, side.on_update = dice.choice(actions), dice.choice(actions + ["Cascade"] * may_cascade)
        side.says_actions = True

    def many_to_many(self):
        one, two = self.pair()
        if not (one.has_short_id and two.has_short_id):
            return
        here, there = self.related(one, "[]", two, "[]", ("m" + two.name, "w" + one.name) if one is two else None)
        first, second = sorted((here, there), key=lambda side: (side.model.name, side.name))
        for side, column, other in ((first, "A", "B"), (second, "B", "A")):
            side.join, side.this_column, side.other_column = "_" + here.relation_name, column, other


def make(dice):
    return Maker(dice).make()
