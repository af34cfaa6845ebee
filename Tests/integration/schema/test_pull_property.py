"""Random databases: what a pull writes opens, a second pull is the same text, a check finds no difference but what was left out, and a push does nothing."""
import random

import pytest
from capi import Client

TYPES = [
    "int", "bigint", "smallint", "text", "varchar", "varchar(12)", "char(3)", "numeric", "numeric(9,2)", "numeric(65,30)", "real", "float8", "boolean",
    "timestamp", "timestamp(3)", "timestamptz", "timestamptz(0)", "date", "time(3)", "timetz", "json", "jsonb", "bytea", "uuid", "inet", "xml", "oid", "money",
    "bit(2)", "varbit(9)", "interval", "tsvector", "point", "int4range", "macaddr", '"char"', "cidr", "name", "regclass", "dom"]
DEFAULTS = {
    "int": ["5", "-5", "nextval('seq')", "1 + 1", "NULL"], "text": ["'a'", "'it''s'", "E'a\\nb'", "upper('x')", "'\\'", "''", "NULL::text"], "boolean": ["true", "false", "1 > 2"],
    "numeric(9,2)": ["1.50", "-0.01", "1e3"], "float8": ["1.5", "'NaN'", "-1e-7"], "timestamptz": ["now()", "CURRENT_TIMESTAMP", "'2026-01-02 03:04:05+00'"],
    "timestamp(3)": ["now()", "CURRENT_TIMESTAMP(3)", "timezone('utc', now())"], "date": ["CURRENT_DATE", "'2026-01-01'"], "jsonb": ["'{\"b\": 1, \"aa\": [2, null]}'", "'[]'", "'null'"],
    "uuid": ["gen_random_uuid()", "'00000000-0000-0000-0000-000000000001'"], "bytea": ["'\\x00ff'", "''"], "varchar(12)": ["'x'"], "bit(2)": ["B'10'"], "inet": ["'::1'"],
    "interval": ["'1 day'"], "smallint": ["7"], "bigint": ["9007199254740993"], "money": ["1"], "char(3)": ["'a'"]}
NAMES = [
    "id", "name", "User", "user", "user_id", "a b", "a-b", "a.b", "1st", "_x", "é", "class", "String", "Int", "select", 'quo"te', "back\\slash", "日本", "x" * 63, "x" * 62 + "y",
    "Unsupported", "model", "enum", "@id", "//", "//c", "{", "}", "'", "tab\there", "new\nline", "A", "B", "type", "null", "true", "\u212a", "users", "posts", "Post", "authorId"]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


class Catalog:
    """Statements that make a random database."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.tables = {}
        self.statements = ["CREATE SEQUENCE seq; CREATE DOMAIN dom AS varchar(7)"]
        self.relations = set()
        self.enums = []
        for _ in range(self.random.randrange(3)):
            self.enum()
        for _ in range(self.random.randrange(1, 7)):
            self.table()
        for _ in range(self.random.randrange(6)):
            self.foreign_key()
        for _ in range(self.random.randrange(3)):
            self.pairs()
        if self.random.random() < 0.4:
            self.statements.append(f"CREATE VIEW {quoted(self.fresh())} AS SELECT * FROM {quoted(self.random.choice(list(self.tables)))}")

    def fresh(self):
        while True:
            name = self.random.choice(NAMES)
            name = name if self.random.random() < 0.6 else name[:40] + str(self.random.randrange(9))
            if name.encode()[:63] not in self.relations:
                self.relations.add(name.encode()[:63])
                return name

    def enum(self):
        name = self.fresh()
        labels = self.random.sample(NAMES + ["", "OK", "x y"], self.random.randrange(1, 5))
        self.enums.append((quoted(name), labels))
        self.statements.append(f"CREATE TYPE {quoted(name)} AS ENUM ({', '.join(chr(39) + label.replace(chr(39), chr(39) * 2) + chr(39) for label in labels)})")

    def column(self):
        if self.enums and self.random.random() < 0.15:
            type, labels = self.random.choice(self.enums)
            default = [f"'{label}'" for label in labels if "'" not in label and "\\" not in label]
        else:
            type = self.random.choice(TYPES)
            default = DEFAULTS.get(type, [])
        text = type
        if self.random.random() < 0.1 and type not in ('"char"', "dom", "name"):
            text, default = type + "[]", ["'{}'", f"ARRAY[]::{type}[]"]
        if default and self.random.random() < 0.5:
            text += " DEFAULT " + self.random.choice(default)
        if self.random.random() < 0.4:
            text += " NOT NULL"
        return text

    def table(self):
        name = self.fresh()
        columns = {}
        for column in self.random.sample(NAMES, self.random.randrange(0, 8)):
            columns[column] = self.column()
        columns.pop("id", None)
        key = None
        kind = self.random.random()
        if kind < 0.5:
            columns["id"] = self.random.choice(["serial", "int", "bigserial", "text", "uuid DEFAULT gen_random_uuid()", "int GENERATED ALWAYS AS IDENTITY"])
            key = ["id"]
        elif kind < 0.8 and len(columns) >= 2:
            key = [column for column, type in columns.items() if type.split()[0] in ("int", "text", "bigint", "uuid", "date")][:2] or None
        lines = [f"{quoted(column)} {type}" for column, type in columns.items()]
        if key:
            constraint = self.random.choice(["", f"CONSTRAINT {quoted('own' + str(len(self.tables)))} "])
            lines.append(constraint + f"PRIMARY KEY ({', '.join(map(quoted, key))})")
        self.tables[name] = (columns, key)
        self.statements.append(f"CREATE TABLE {quoted(name)} ({', '.join(lines)})")
        plain = [column for column, type in columns.items() if type.split()[0] in ("int", "text", "bigint", "date", "varchar(12)", "serial") and "[]" not in type]
        for _ in range(self.random.randrange(4) if plain else 0):
            parts = [quoted(column) + self.random.choice(["", "", " DESC", " NULLS FIRST"]) for column in self.random.sample(plain, min(len(plain), self.random.randrange(1, 3)))]
            unique, tail = self.random.choice(["", "", "UNIQUE "]), self.random.choice(["", "", "", f" WHERE {quoted(plain[0])} IS NOT NULL", f" INCLUDE ({quoted(plain[0])})"])
            given = self.random.choice(["", quoted(f"i{len(self.statements)}")])
            self.statements.append(f"CREATE {unique}INDEX {given} ON {quoted(name)} ({', '.join(parts)}){tail}")
        if plain and self.random.random() < 0.3:
            self.statements.append(f"CREATE INDEX ON {quoted(name)} USING {self.random.choice(['hash', 'brin'])} ({quoted(plain[0])})")
        if plain and self.random.random() < 0.2:
            self.statements.append(f"CREATE INDEX ON {quoted(name)} (({quoted(plain[0])} IS NULL))")

    def foreign_key(self):
        keyed = [(name, key) for name, (columns, key) in self.tables.items() if key and len(key) == 1 and key == ["id"]]
        if not keyed:
            return
        target, key = self.random.choice(keyed)
        type = {"s": "int", "i": "int", "b": "bigint", "t": "text", "u": "uuid"}[self.tables[target][0]["id"][0]]
        source = self.random.choice(list(self.tables))
        column = self.random.choice([f"{target[:20]}_id", "User", "user", "ref", f"r{len(self.statements)}", target[:63]])
        if column in self.tables[source][0]:
            return
        self.tables[source][0][column] = type
        unique = self.random.choice(["", "", " UNIQUE"])
        required = self.random.choice(["", " NOT NULL"])
        actions = self.random.choice(["", " ON DELETE CASCADE", " ON DELETE SET NULL ON UPDATE CASCADE", " ON DELETE RESTRICT ON UPDATE CASCADE", " ON UPDATE RESTRICT"])
        self.statements.append(
            f"ALTER TABLE {quoted(source)} ADD {quoted(column)} {type}{required}{unique} REFERENCES {quoted(target)} {actions}")

    def pairs(self):
        keyed = sorted(name for name, (columns, key) in self.tables.items() if key == ["id"] and "id" in columns)
        if not keyed:
            return
        ends = sorted(self.random.choices(keyed, k=2), key=lambda name: name.encode())
        kinds = [{"s": "int", "i": "int", "b": "bigint", "t": "text", "u": "uuid"}[self.tables[name][0]["id"][0]] for name in ends]
        name = "_" + self.fresh()[:50]
        self.statements.append(
            f'CREATE TABLE {quoted(name)} ("A" {kinds[0]} NOT NULL REFERENCES {quoted(ends[0])} ON DELETE CASCADE ON UPDATE CASCADE,'
            f' "B" {kinds[1]} NOT NULL REFERENCES {quoted(ends[1])} ON DELETE CASCADE ON UPDATE CASCADE, PRIMARY KEY ("A", "B"));'
            f'CREATE INDEX ON {quoted(name)} ("B")')


@pytest.mark.parametrize("seed", range(60))
def test_what_is_pulled_opens_and_is_stable(database, seed):
    catalog = Catalog(seed)
    database.sql.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public; " + "; ".join(catalog.statements))
    url = database.url(connection_limit=1, schema="public")
    with Client({"datasourceUrl": url}) as client:
        first = client.data({"operation": "$schema.pull"})
    text = first["schema"]
    with Client({"datasourceUrl": url, "schema": text}) as client:
        second = client.data({"operation": "$schema.pull"})["schema"]
        found = client.data({"operation": "$schema.check"})
        assert second == text
        # What the schema lacks because no name could be made of it, or because it is over such a column, or joins types that no relation joins.
        assert [entry for entry in found["differences"] if entry["schema"] is not None] == [], (found, text)
        if "Left out" not in text and not first["warnings"]:
            assert found == {"differences": [], "unseen": []}, text
        # What was left out stays where it is.
        assert client.data({"operation": "$schema.diff"})["sql"] == "", text
        # Every model that is there answers.
        for model in client.data({"operation": "$schema"})["models"]:
            client.data({"model": model, "operation": "findMany", "args": {}})
