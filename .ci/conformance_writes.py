"""`create` with nested `create` and `connect`, by SQL: enough to set up the records of conformance cases.

Uses the schema parser and the small PostgreSQL client that stand beside the runner.
"""
import base64
import itertools
import json
import uuid

import psl
from pgwire import Conn, PgError, ident, literal

NULLS = {"DbNull": "NULL", "JsonNull": "'null'"}
CODES = {"23505": "P2002", "23503": "P2003", "23502": "P2011", "22003": "P2020", "22P02": "P2009"}
COUNTER = itertools.count(1)


class Writer:
    def __init__(self, schema, url):
        self.schema = psl.parse(schema)
        self.connection = Conn(url)
        self.relations = self.schema.relations()

    def close(self):
        self.connection.close()

    def create(self, request, query):
        """Answers as the library would: by reading back what was selected."""
        model, args = self.schema.models[request["model"]], request["args"]
        try:
            row = self.insert(model, args.get("data") or {})
        except PgError as error:
            return {"error": {"code": CODES.get(error.code, "P2010"), "message": error.message}}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return {"error": {"code": "P2009", "message": repr(error)}}
        read = {key: args[key] for key in ("select", "include", "omit") if key in args}
        where = {name: self.plain(model.fields[name], row[name]) for name in self.key(model)}
        return query({"model": model.name, "operation": "findFirst", "args": dict(read, where=where)})

    def key(self, model):
        return model.id_fields() or model.uniques()[0][1]

    # ---------------------------------------------------------------- rows

    def insert(self, model, data):
        """Inserts a record with what hangs on it; its scalars, as text, by field."""
        values, later = {}, []
        for name, value in data.items():
            field = model.fields[name]
            if field.type not in self.schema.models:
                values[name] = self.sql(field, value)
            elif self.holds(model, field):
                self.before(model, field, value or {}, values)
            else:
                later.append((field, value or {}))
        for field in model.fields.values():
            default = field.attr("default")
            made = default.get("value", 0) if default else None
            if field.name not in values and isinstance(made, psl.Func) and made.name in ("cuid", "uuid", "ulid", "nanoid"):
                values[field.name] = literal(identifier(made))
            if field.name not in values and field.attr("updatedAt"):
                values[field.name] = "now()"
        table = self.table(model)
        scalars = [f for f in model.fields.values() if f.type not in self.schema.models and not f.unsupported]
        if values:
            columns = ", ".join(ident(model.fields[n].column) for n in values)
            text = "INSERT INTO %s (%s) VALUES (%s)" % (table, columns, ", ".join(values.values()))
        else:
            text = "INSERT INTO %s DEFAULT VALUES" % table
        returned = ", ".join("%s::text" % ident(f.column) for f in scalars)
        rows = self.connection.query("%s RETURNING %s" % (text, returned))
        row = dict(zip([f.name for f in scalars], rows[0]))
        for field, value in later:
            self.after(model, field, value, row)
        return row

    def table(self, model):
        name = ident(model.table)
        return "%s.%s" % (ident(model.db_schema), name) if model.db_schema else name

    def find(self, model, where):
        """The record that a unique `where` means."""
        flat = {}
        for name, value in where.items():
            flat.update({name: value} if name in model.fields else value)
        test = " AND ".join("%s = %s" % (ident(model.fields[n].column), self.sql(model.fields[n], v)) for n, v in flat.items())
        scalars = [f for f in model.fields.values() if f.type not in self.schema.models and not f.unsupported]
        returned = ", ".join("%s::text" % ident(f.column) for f in scalars)
        rows = self.connection.query("SELECT %s FROM %s WHERE %s" % (returned, self.table(model), test))
        return dict(zip([f.name for f in scalars], rows[0])) if rows else None

    # ------------------------------------------------------------ relations

    def relation(self, model, field):
        for r in self.relations:
            if (r.a_model is model and r.a_field is field) or (r.b_model is model and r.b_field is field):
                return r
        raise KeyError(field.name)

    def holds(self, model, field):
        r = self.relation(model, field)
        return r.kind != "m-n" and r.holder is model and r.holder_field is field

    def related(self, model, value):
        """The records that `create`, `connect` and `connectOrCreate` give, made where they have to be."""
        for data in each(value.get("create")):
            yield None, data
        for data in each((value.get("createMany") or {}).get("data")):
            yield None, data
        for where in each(value.get("connect")):
            yield self.find(model, where), None
        for item in each(value.get("connectOrCreate")):
            found = self.find(model, item["where"])
            yield (found, None) if found else (None, item["create"])

    def before(self, model, field, value, values):
        r = self.relation(model, field)
        for row, data in self.related(r.target, value):
            row = row or self.insert(r.target, data)
            for own, other in zip(r.fields, r.references):
                values[own] = literal(row[other])

    def after(self, model, field, value, row):
        r = self.relation(model, field)
        other = self.schema.models[field.type]
        for found, data in self.related(other, value):
            if r.kind == "m-n":
                self.join(r, model, field, row, found or self.insert(other, data))
                continue
            keys = {own: literal(row[ref]) for own, ref in zip(r.fields, r.references)}
            if found is None:
                found = self.insert(other, {**data, **{n: row[ref] for n, ref in zip(r.fields, r.references)}})
            sets = ", ".join("%s = %s" % (ident(other.fields[n].column), v) for n, v in keys.items())
            test = " AND ".join("%s = %s" % (ident(other.fields[n].column), literal(found[n])) for n in self.key(other))
            self.connection.query("UPDATE %s SET %s WHERE %s" % (self.table(other), sets, test))

    def join(self, r, model, field, row, found):
        a, b, a_field, b_field = r.a_model, r.b_model, r.a_field, r.b_field
        if (b.name, b_field.name if b_field else "") < (a.name, a_field.name):
            a, b, a_field, b_field = b, a, b_field, a_field
        name = ident("_" + (r.name or "%sTo%s" % (a.name, b.name)))
        if a.db_schema:
            name = "%s.%s" % (ident(a.db_schema), name)
        ours, theirs = row[self.key(model)[0]], found[self.key(self.schema.models[field.type])[0]]
        pair = (ours, theirs) if field is a_field else (theirs, ours)
        self.connection.query("INSERT INTO %s VALUES (%s, %s) ON CONFLICT DO NOTHING" % (name, literal(pair[0]), literal(pair[1])))

    # --------------------------------------------------------------- values

    def sql(self, field, value):
        if isinstance(value, dict) and set(value) == {"set"}:
            value = value["set"]
        if isinstance(value, dict) and value.get("$type") == "Enum":
            return NULLS.get(value["value"], literal(value["value"]))
        if value is None:
            return "NULL"
        if field.list:
            return "'{}'" if not value else "ARRAY[%s]::%s[]" % (", ".join(self.scalar(field, v) for v in value), self.type(field))
        return self.scalar(field, value)

    def scalar(self, field, value):
        if isinstance(value, dict) and "$type" in value and "value" in value:
            value = value["value"] if value["$type"] != "Json" else json.loads(value["value"])
        if field.type == "Json":
            return literal(json.dumps(value))
        if value is None:
            return "NULL"
        if field.type == "Bytes":
            return "'\\x%s'" % base64.b64decode(value).hex()
        if field.type in self.schema.enums:
            return literal(dict(self.schema.enums[field.type].values).get(value, value))
        if field.type == "DateTime":
            native = field.native.name.split(".")[1] if field.native else ""
            moment = "(%s::timestamptz AT TIME ZONE 'UTC')" % literal(value)
            return {"Time": moment + "::time", "Timetz": moment + "::time", "Date": moment + "::date", "Timestamptz": literal(value)}.get(native, moment)
        if isinstance(value, bool):
            return "true" if value else "false"
        return literal(str(value))

    def type(self, field):
        """The PostgreSQL type of a list's elements."""
        import ddl
        return ddl.Ddl(self.schema).type_of(field, plain=True)

    def plain(self, field, text):
        """A key's text as a request has it."""
        if field.type == "Int":
            return int(text)
        if field.type == "Bytes":
            return base64.b64encode(bytes.fromhex(text[2:])).decode()
        if field.type == "Float":
            return float(text)
        if field.type == "Boolean":
            return text == "true"
        if field.type == "DateTime":
            return text.replace(" ", "T") + ("Z" if "+" not in text else "")
        if field.type in self.schema.enums:
            return {db: name for name, db in self.schema.enums[field.type].values}.get(text, text)
        return text


def identifier(made):
    """An id that is greater than those made before, as most kinds of id are."""
    if made.name == "uuid":
        return str(uuid.UUID(int=next(COUNTER)))
    size = int(str(made.args[0])) if made.name == "nanoid" and made.args else {"nanoid": 21, "ulid": 26}.get(made.name, 25)
    return "c" + str(next(COUNTER)).rjust(size - 1, "0")


def each(value):
    return [] if value is None else value if isinstance(value, list) else [value]
