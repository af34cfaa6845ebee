"""A data model: as the text of a Prisma schema, as the statements that make its tables, and as the other modules read it."""
from .kinds import column_type, quoted, sql_literal

#: The first number that the database counts.
FIRST_NUMBER = 1000


class Field:
    """A scalar. `mark` is "", "?" or "[]"; `default` is a `Default` or None."""

    def __init__(self, model, name, kind, mark="", default=None, column=None, is_updated_at=False):
        self.model, self.name, self.kind, self.mark, self.default = model, name, kind, mark, default
        self.column = column or name
        self.is_updated_at = is_updated_at
        self.index = 0

    is_relation = False

    @property
    def is_list(self):
        return self.mark == "[]"

    @property
    def is_optional(self):
        return self.mark == "?"

    @property
    def is_required(self):
        return self.mark == ""

    @property
    def is_numbered(self):
        """An identifier that the database counts, which cannot stand beside relations whose key the model holds."""
        return self.default is not None and self.default.form == "autoincrement" and self.kind.name == "Int" and [self] == self.model.primary

    def text(self):
        words = ["%s %s%s" % (self.name, self.kind.prisma, self.mark)]
        words += [self.kind.native] if self.kind.native else []
        words += ["@id"] if [self] == self.model.primary and self.model.has_short_id else []
        words += ["@unique"] if any(key.fields == [self] and not key.is_primary and key.is_short for key in self.model.keys) else []
        words += ["@default(%s)" % self.default.text] if self.default else []
        words += ["@updatedAt"] if self.is_updated_at else []
        words += ['@map("%s")' % self.column] if self.column != self.name else []
        return " ".join(words)

    def __repr__(self):
        return "%s.%s" % (self.model.name, self.name)


class Default:
    """What a field has when nobody gives it. `form`: "value", "client" (made by the library), "now", "autoincrement", "database"."""

    def __init__(self, form, text, value=None, sql=None, pattern=None):
        self.form, self.text, self.value, self.sql, self.pattern = form, text, value, sql, pattern


class Key:
    """What `where` may name a record by."""

    def __init__(self, fields, is_primary=False, name=None, is_short=False):
        self.fields, self.is_primary, self.is_short = fields, is_primary, is_short
        self.name = name or "_".join(f.name for f in fields)
        self.given_name = name

    @property
    def is_compound(self):
        return len(self.fields) > 1

    def text(self):
        named = ', name: "%s"' % self.given_name if self.given_name else ""
        return "@@%s([%s]%s)" % ("id" if self.is_primary else "unique", ", ".join(f.name for f in self.fields), named)


class RelationField:
    """One side of a relation. Where `holds`, the model has the key: `own` are its fields, `theirs` those of the target."""

    is_relation = True

    def __init__(self, model, name, target, mark, relation_name):
        self.model, self.name, self.target, self.mark, self.relation_name = model, name, target, mark, relation_name
        self.other = None
        self.holds = False
        self.own, self.theirs = [], []
        self.on_delete = self.on_update = None
        #: For implicit many-to-many relations: the table and this model's and the other's column.
        self.join = self.this_column = self.other_column = None
        self.says_actions = True

    @property
    def is_list(self):
        return self.mark == "[]"

    @property
    def is_required(self):
        return self.mark == ""

    def text(self):
        inner = ['"%s"' % self.relation_name]
        if self.holds:
            inner += ["fields: [%s]" % ", ".join(f.name for f in self.own), "references: [%s]" % ", ".join(f.name for f in self.theirs)]
            if self.says_actions:
                inner += ["onDelete: %s" % self.on_delete, "onUpdate: %s" % self.on_update]
        return "%s %s%s @relation(%s)" % (self.name, self.target.name, self.mark, ", ".join(inner))

    def __repr__(self):
        return "%s.%s" % (self.model.name, self.name)


class Model:
    def __init__(self, name, table=None):
        self.name, self.table = name, table or name
        self.members, self.keys, self.has_short_id = [], [], False

    @property
    def scalars(self):
        return [m for m in self.members if not m.is_relation]

    @property
    def relations(self):
        return [m for m in self.members if m.is_relation]

    def member(self, name):
        return next(m for m in self.members if m.name == name)

    @property
    def primary(self):
        return next((key.fields for key in self.keys if key.is_primary), None)

    @property
    def key_fields(self):
        """The fields that hold keys of relations."""
        return {f for r in self.relations if r.holds for f in r.own}

    def text(self):
        lines = ["  " + m.text() for m in self.members]
        for key in self.keys:
            if key.is_compound or not (self.has_short_id if key.is_primary else key.is_short):
                lines.append("  " + key.text())
        lines += ['  @@map("%s")' % self.table] if self.table != self.name else []
        return "model %s {\n%s\n}" % (self.name, "\n".join(lines))

    def __repr__(self):
        return self.name


class Enum:
    def __init__(self, name, labels):
        self.name, self.labels = name, labels

    def text(self):
        lines = ["  " + n + (' @map("%s")' % label if label != n else "") for n, label in self.labels.items()]
        return "enum %s {\n%s\n}" % (self.name, "\n".join(lines))


class Description:
    def __init__(self, mode):
        self.mode, self.enums, self.models = mode, [], []

    @property
    def has_foreign_keys(self):
        return self.mode == "foreignKeys"

    def model(self, name):
        return next(m for m in self.models if m.name == name)

    def joins(self):
        """The sides whose records stand in column A, one for each join table."""
        return [r for m in self.models for r in m.relations if r.join and r.this_column == "A"]

    def holders(self):
        return [r for m in self.models for r in m.relations if r.holds]

    def text(self):
        source = 'datasource db {\n  provider = "postgresql"\n  relationMode = "%s"\n}' % self.mode
        return "\n\n".join([source] + [e.text() for e in self.enums] + [m.text() for m in self.models]) + "\n"

    # ------------------------------------------------------------ tables

    def statements(self):
        """The statements that make all tables. Foreign keys come in the order in which the model in memory has them."""
        for enum in self.enums:
            yield "CREATE TYPE %s AS ENUM (%s)" % (quoted(enum.name), ", ".join(sql_literal(label) for label in enum.labels.values()))
        for model in self.models:
            # Why so high: what the database counts is no value that a request may hold already.
            yield "CREATE SEQUENCE %s START %d" % (quoted(model.table + "_seq"), FIRST_NUMBER)
            yield "CREATE TABLE %s (%s)" % (quoted(model.table), ", ".join(self._columns(model)))
        for side in self.joins():
            types = [column_type(r.model.primary[0]) for r in (side, side.other)]
            yield 'CREATE TABLE %s ("A" %s NOT NULL, "B" %s NOT NULL, PRIMARY KEY ("A", "B"))' % (quoted(side.join), *types)
        if not self.has_foreign_keys:
            return
        for side in self.holders():
            yield self._foreign_key(side.model.table, [f.column for f in side.own], side.target.table, [f.column for f in side.theirs], side.on_delete, side.on_update)
        for side in self.joins():
            for r in (side, side.other):
                yield self._foreign_key(side.join, [r.this_column], r.model.table, [r.model.primary[0].column], "Cascade", "Cascade")

    @staticmethod
    def _foreign_key(table, columns, target, keys, on_delete, on_update):
        words = {"NoAction": "NO ACTION", "SetNull": "SET NULL", "SetDefault": "SET DEFAULT"}
        names = lambda list_: ", ".join(quoted(c) for c in list_)
        return "ALTER TABLE %s ADD FOREIGN KEY (%s) REFERENCES %s (%s) ON DELETE %s ON UPDATE %s" % (
            quoted(table), names(columns), quoted(target), names(keys), words.get(on_delete, on_delete), words.get(on_update, on_update))

    @staticmethod
    def _columns(model):
        for f in model.scalars:
            if f.default and f.default.form == "autoincrement":
                default = " DEFAULT nextval('%s')" % quoted(model.table + "_seq")
            else:
                default = " DEFAULT %s" % f.default.sql if f.default and f.default.sql else ""
            yield "%s %s%s%s" % (quoted(f.column), column_type(f), "" if f.is_optional or f.is_list else " NOT NULL", default)
        for key in model.keys:
            yield "%s (%s)" % ("PRIMARY KEY" if key.is_primary else "UNIQUE", ", ".join(quoted(f.column) for f in key.fields))
