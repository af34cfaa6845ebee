"""The tables of a schema: made, filled and read by SQL, without the library."""
import json
import re

from random_schema import DOMAIN
from values import from_text

TYPES = {
    "String": "text", "Boolean": "boolean", "Int": "integer", "BigInt": "bigint", "Float": "double precision",
    "Decimal": "numeric(65,30)", "DateTime": "timestamp(3)", "Json": "jsonb", "Bytes": "bytea",
}
NATIVE = {
    "DoublePrecision": "double precision", "SmallInt": "smallint", "Integer": "integer", "BigInt": "bigint", "JsonB": "jsonb", "ByteA": "bytea",
    "Decimal": "numeric",
}


def quoted(name):
    return '"%s"' % name.replace('"', '""')


def literal(text):
    if text is None:
        return "NULL"
    # Why: a backslash means itself only while standard_conforming_strings is on, and E'' holds in any case.
    return "E'%s'" % text.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def place(schema, name):
    return quoted(schema) + "." + quoted(name) if schema else quoted(name)


def table(model):
    return place(model.schema, model.table)


def column_type(field):
    """The type of one value of a column."""
    if field.unsupported:
        return field.unsupported
    if field.enum:
        return place(field.enum.schema, field.enum.type)
    if field.column.endswith(DOMAIN):
        return place("public", field.kind + ("(%s)" % ",".join(map(str, field.native_args)) if field.native else "") + DOMAIN)
    if not field.native:
        return TYPES[field.kind]
    name = NATIVE.get(field.native, field.native.lower())
    return name + ("(%s)" % ",".join(map(str, field.native_args)) if field.native_args else "")


def create(schema):
    """The statements that make all tables; what views stand for is left to the caller."""
    yield from ("CREATE SCHEMA IF NOT EXISTS %s" % quoted(n) for n in sorted(set(re.findall(r'@@schema\("([^"]*)"\)', schema.text))))
    if "@db.Citext" in schema.text:
        yield "CREATE EXTENSION IF NOT EXISTS citext"
    for enum in schema.enums.values():
        yield "CREATE TYPE %s AS ENUM (%s)" % (place(enum.schema, enum.type), ", ".join(literal(v) for v in enum.labels.values()))
    if DOMAIN in schema.text:
        yield from ("CREATE DOMAIN %s AS %s" % (quoted(kind + DOMAIN), type_) for kind, type_ in TYPES.items())
        yield 'CREATE DOMAIN "Decimal(10,2)%s" AS numeric(10,2)' % DOMAIN
    models = [m for m in schema.models.values() if m.has_own_rows]
    for model in models:
        yield "CREATE TABLE %s (%s)" % (table(model), ", ".join(columns(model)))
    for model in models if schema.has_foreign_keys else []:
        yield from foreign_keys(model)
    for name, fields in joins(schema).items():
        yield join_table(name, *fields, schema.has_foreign_keys)


def columns(model):
    for field in model.fields.values():
        if not field.is_relation:
            empty = "" if field.is_optional or field.is_list else " NOT NULL"
            yield "%s %s%s%s" % (quoted(field.column), column_type(field), "[]" if field.is_list else "", empty)
    for _, fields, is_primary in model.keys:
        yield "%s (%s)" % ("PRIMARY KEY" if is_primary else "UNIQUE", ", ".join(quoted(f.column) for f in fields))


def foreign_keys(model):
    for field in model.relations:
        if field.links and field.holds and field.target.has_own_rows:
            here, there = zip(*field.links)
            yield "ALTER TABLE %s ADD FOREIGN KEY (%s) REFERENCES %s (%s)" % (
                table(model), ", ".join(quoted(f.column) for f in here), table(field.target), ", ".join(quoted(f.column) for f in there))


def joins(schema):
    """By name of the join table: the fields of column A and column B."""
    found = {}
    for model in schema.models.values():
        for field in model.relations:
            if field.join:
                found.setdefault(field.join, {})[field.join_column] = field
    return {name: (sides["A"], sides["B"]) for name, sides in found.items()}


def parts(schema):
    """The statements that give tables children and partitions, which take half of their rows. Foreign keys of such tables are dropped: they
    would not see the rows of a child."""
    for model in (m for m in schema.models.values() if m.part):
        origin = schema.models[model.name[: -len(model.part)]]
        yield """DO $drop$ DECLARE c record; BEGIN
            FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint WHERE contype = 'f' AND %s::regclass IN (conrelid, confrelid) LOOP
                EXECUTE format('ALTER TABLE %%s DROP CONSTRAINT %%I', c.t, c.conname);
            END LOOP; END $drop$""" % literal(table(origin))
        if model.part == "Child":
            yield "CREATE TABLE %s () INHERITS (%s)" % (table(model), table(origin))
            yield "WITH gone AS (DELETE FROM ONLY %s WHERE hashtext(ctid::text) %% 2 = 0 RETURNING *) INSERT INTO %s SELECT * FROM gone" % (table(origin), table(model))
            continue
        old, other = place(origin.schema, origin.table + " of old"), place(model.schema, model.table + " 2")
        yield "ALTER TABLE %s RENAME TO %s" % (table(origin), quoted(origin.table + " of old"))
        yield "CREATE TABLE %s (LIKE %s) PARTITION BY HASH (%s)" % (table(origin), old, quoted(origin.identifier[0].column))
        for number, name in enumerate((table(model), other)):
            yield "CREATE TABLE %s PARTITION OF %s FOR VALUES WITH (MODULUS 2, REMAINDER %d)" % (name, table(origin), number)
        yield "INSERT INTO %s SELECT * FROM %s" % (table(origin), old)
        yield "DROP TABLE %s CASCADE" % old


def join_table(name, a, b, has_foreign_keys):
    parts = []
    for column, field in (("A", a), ("B", b)):
        key = next(f for f in field.model.fields.values() if f.is_id)
        reference = " REFERENCES %s (%s)" % (table(field.model), quoted(key.column)) if has_foreign_keys else ""
        parts.append('"%s" %s NOT NULL%s' % (column, column_type(key), reference))
    return "CREATE TABLE %s (%s, PRIMARY KEY (\"A\", \"B\"))" % (place(a.model.schema, name), ", ".join(parts))


# ---------------------------------------------------------------- rows

def insert(model, rows):
    """The statement for rows of SQL texts (None for NULL; lists for list columns)."""
    fields = [f for f in model.fields.values() if not f.is_relation and not f.unsupported]
    lines = []
    for row in rows:
        lines.append("(%s)" % ", ".join(sql_value(f, row[f.name]) for f in fields))
    return "INSERT INTO %s (%s) VALUES %s" % (table(model), ", ".join(quoted(f.column) for f in fields), ",\n".join(lines))


def sql_value(field, value):
    if value is None:
        return "NULL"
    if not field.is_list:
        return "%s::%s" % (literal(value), column_type(field))
    return "ARRAY[%s]::%s[]" % (", ".join(literal(v) for v in value), column_type(field))


def read(schema, sql):
    """All rows of all models as Python values, and the pairs of all join tables. `sql` runs a statement and gives rows of texts."""
    rows = {m.name: [read_row(m, json.loads(r[0])) for r in sql(select(m))] for m in schema.models.values()}
    links = {}
    for name, (a, b) in joins(schema).items():
        keys = [next(f for f in side.model.fields.values() if f.is_id) for side in (a, b)]
        text = "SELECT json_build_array(\"A\"::text, \"B\"::text) FROM %s" % place(a.model.schema, name)
        links[name] = [tuple(from_text(k, v) for k, v in zip(keys, json.loads(r[0]))) for r in sql(text)]
    return rows, links


def select(model):
    parts = []
    for field in model.scalars:
        column = quoted(field.column)
        kind = "numeric" if field.native == "Money" else None
        if field.is_list:
            parts.append("%s%s::text[]" % (column, "::%s[]" % kind if kind else ""))
        else:
            parts.append("%s%s::text" % (column, "::" + kind if kind else ""))
    # Why in pieces: a function takes no more than a hundred arguments.
    pieces = ["jsonb_build_array(%s)" % ", ".join(parts[at : at + 90]) for at in range(0, len(parts), 90)]
    return "SELECT %s FROM %s" % (" || ".join(pieces), table(model))


def read_row(model, texts):
    row = {}
    for field, text in zip(model.scalars, texts):
        row[field.name] = [from_text(field, t) for t in text] if field.is_list and text is not None else from_text(field, text)
    return row
