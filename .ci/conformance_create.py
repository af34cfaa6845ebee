"""Carries out `create`, nested ones included, by SQL: only what conformance cases need to set up their reads."""
import json
import uuid

# Both stand beside the runner, which puts its folder on the path.
import ddl
import psl
from pgwire import Conn, ident, literal

CLIENT_DEFAULTS = ("uuid", "cuid", "ulid", "nanoid")


def as_list(value):
    return value if isinstance(value, list) else [value]


class Creator:
    def __init__(self, schema_text, url):
        self.schema = psl.parse(schema_text)
        self.ddl = ddl.Ddl(self.schema)
        self.connection = Conn(url)
        self.relations = {}
        for relation in self.schema.relations():
            self.relations[relation.a_model.name, relation.a_field.name] = relation
            if relation.b_field is not None:
                self.relations[relation.b_model.name, relation.b_field.name] = relation

    def close(self):
        self.connection.close()

    def create(self, model_name, data):
        """Inserts a record with what is nested in it; gives its scalar fields."""
        model = self.schema.models[model_name]
        columns, later = {}, []
        for name, value in data.items():
            field = model.fields[name]
            relation = self.relations.get((model_name, name))
            if relation is None:
                columns[field.column] = self.literal(field, value)
            elif relation.holder is model and relation.holder_field is field:
                columns.update(self.parent_keys(relation, field, value))
            else:
                later.append((relation, field, value))
        for field in model.fields.values():
            default = field.attr("default")
            function = default.get("value", 0) if default else None
            if field.column not in columns and isinstance(function, psl.Func) and function.name in CLIENT_DEFAULTS:
                columns[field.column] = literal(str(uuid.uuid4()))
            if field.column not in columns and field.attr("updatedAt"):
                columns[field.column] = "now()"
            # An empty list, as Prisma writes it, where none is given.
            if field.list and field.type not in self.schema.models and field.column not in columns and not default:
                columns[field.column] = "'{}'"
        row = self.insert(model, columns)
        for relation, field, value in later:
            self.create_related(model, row, relation, field, value)
        return row

    def insert(self, model, columns):
        table = ddl.qname(model.db_schema, model.table)
        fields = [field for field in model.fields.values() if field.type not in self.schema.models and not field.unsupported]
        returning = ", ".join(ident(field.column) for field in fields)
        if columns:
            values = "(%s) VALUES (%s)" % (", ".join(map(ident, columns)), ", ".join(columns.values()))
        else:
            values = "DEFAULT VALUES"
        rows = self.connection.query(f"INSERT INTO {table} {values} RETURNING {returning}")
        return self.record(fields, rows[0])

    def record(self, fields, row):
        numbers = {"Int": int, "Float": float, "Boolean": lambda text: text == "t"}
        return {
            field.name: None if text is None else numbers.get(field.type, str)(text) if not field.list else text
            for field, text in zip(fields, row)
        }

    def parent_keys(self, relation, field, value):
        """The columns of a foreign key, from the record that is created or connected."""
        target = relation.target
        row = self.related(target, value)[0]
        return {
            relation.holder.fields[own].column: self.literal(target.fields[other], row[other])
            for own, other in zip(relation.fields, relation.references)
        }

    def related(self, model, operations, extra=None):
        """The records that `create`, `connect` and `connectOrCreate` name."""
        rows = []
        for operation, values in operations.items():
            for value in as_list(values):
                if operation == "create":
                    rows.append(self.create(model.name, value))
                elif operation == "connect":
                    rows.append(self.find(model, value))
                elif operation == "connectOrCreate":
                    rows.append(self.find(model, value["where"]) or self.create(model.name, value["create"]))
                elif operation == "createMany":
                    rows += [self.create(model.name, item) for item in as_list(value["data"])]
                else:
                    raise ValueError(operation)
        return rows

    def create_related(self, model, row, relation, field, value):
        other = self.schema.models[field.type]
        if relation.kind == "m-n":
            for related in self.related(other, value):
                self.join(model, row, relation, field, other, related)
            return
        keys = dict(zip(relation.fields, relation.references))
        for operation, items in value.items():
            for item in as_list(items["data"] if operation == "createMany" else items):
                if operation in ("create", "createMany"):
                    # The child's key is written with the child: it may be required.
                    child = {name: data for name, data in item.items()}
                    child.update({own: row[theirs] for own, theirs in keys.items()})
                    self.create(other.name, child)
                elif operation == "connect":
                    where = self.condition(other, item)
                    sets = ", ".join(
                        f"{ident(other.fields[own].column)} = {self.literal(model.fields[theirs], row[theirs])}" for own, theirs in keys.items())
                    self.connection.query(f"UPDATE {ddl.qname(other.db_schema, other.table)} SET {sets} WHERE {where}")
                else:
                    raise ValueError(operation)

    def join(self, model, row, relation, field, other, related):
        """A row of the table of an implicit many-to-many relation."""
        a, b = relation.a_model, relation.b_model
        a_field, b_field = relation.a_field, relation.b_field
        if (b.name, b_field.name if b_field else "") < (a.name, a_field.name):
            a, b, a_field, b_field = b, a, b_field, a_field
        table = ddl.qname(a.db_schema, "_" + (relation.name or f"{a.name}To{b.name}"))
        here, there = (self.literal(m.fields[m.id_fields()[0]], r[m.id_fields()[0]]) for m, r in ((model, row), (other, related)))
        first, second = (here, there) if field is a_field else (there, here)
        self.connection.query(f'INSERT INTO {table} ("A", "B") VALUES ({first}, {second}) ON CONFLICT DO NOTHING')

    def condition(self, model, where):
        parts = []
        for name, value in where.items():
            if name in model.fields:
                parts.append(f"{ident(model.fields[name].column)} = {self.literal(model.fields[name], value)}")
            else:
                parts.append(self.condition(model, value))
        return " AND ".join(parts)

    def find(self, model, where):
        fields = [field for field in model.fields.values() if field.type not in self.schema.models and not field.unsupported]
        columns = ", ".join(ident(field.column) for field in fields)
        rows = self.connection.query(f"SELECT {columns} FROM {ddl.qname(model.db_schema, model.table)} WHERE {self.condition(model, where)}")
        return self.record(fields, rows[0]) if rows else None

    def literal(self, field, value):
        if field.list:
            items = value["set"] if isinstance(value, dict) else value
            kind = self.ddl.type_of(field, plain=True)
            return f"ARRAY[{', '.join(self.scalar(field, item) for item in items)}]::{kind}[]" if items is not None else "NULL"
        return self.scalar(field, value)

    def scalar(self, field, value):
        special = value.get("value") if isinstance(value, dict) and value.get("$type") == "Enum" else None
        if value is None or special == "DbNull":
            return "NULL"
        if field.type == "Json":
            return "'null'" if special == "JsonNull" else literal(json.dumps(value, ensure_ascii=False))
        if isinstance(value, dict) and "$type" in value:
            value = value["value"]
        if isinstance(value, bool):
            return "true" if value else "false"
        return self.ddl.value(field, value)
