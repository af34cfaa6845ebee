"""Random rows for a schema: few different values, so that filters find something, and what is hard to compare or to quote among them."""
from tables import joins, place, quoted, sql_value

TEXTS = ["", "a", "A", "ab", "aB", "Ab c", "b", "ba", "É", "é", "ß", "%", "_", "a%b", "a_b", "\\", "x\\y", "日本", "😀", " a", "'q'", '"', "null", "1", "a\nb"]
POOLS = {
    "Char": ["a", "A", "ab", "ab c", "", "é", "b%", "123456"],
    "Uuid": ["f47a0000-58cc-4372-a567-0e02b2c3d4%02x" % n for n in range(40)] + ["00000000-0000-0000-0000-000000000000"],
    "Inet": ["10.0.0.1", "10.0.0.0/8", "::1", "127.0.0.1", "2001:db8::/32"],
    "Bit": ["0101", "1111", "0000", "1000"], "VarBit": ["", "0", "1", "01", "0101", "11"],
    "Xml": ["<a/>", "<a>1</a>", "text", "<b x=\"1\"/>"], "Citext": ["a", "A", "ab", "AB", "b", "É"],
    "SmallInt": ["-32768", "-1", "0", "1", "2", "3", "32767"], "Oid": ["0", "1", "2", "26", "2147483647"],
    "Real": ["0", "0.5", "-1.25", "0.1", "1e10", "3"], "Money": ["0", "1.50", "-2", "1000.25", "3"],
    "Timestamp": ["1970-01-01 00:00:00", "2024-02-29 12:34:56.789", "2024-02-29 12:34:56.789123", "1999-12-31 23:59:59", "2024-01-01 00:00:00"],
    "Timestamptz": ["1970-01-01 00:00:00+00", "2024-02-29 12:34:56.789+02", "2024-02-29 12:34:56.789123+00", "1999-12-31 23:59:59-05"],
    "Date": ["1970-01-01", "2024-02-29", "1999-12-31", "2024-01-01"],
    "Time": ["00:00:00", "12:34:56.789", "01:02:03.000004", "23:59:59", "06:00:00"], "Timetz": ["00:00:00+00", "12:34:56.789+00", "23:59:59+00"],
}
KINDS = {
    "Boolean": ["true", "false"], "Int": ["-2147483648", "-1", "0", "1", "2", "3", "4", "5", "7", "2147483647"],
    "BigInt": ["-9223372036854775808", "-1", "0", "1", "2", "9007199254740993", "9223372036854775807"],
    "Float": ["0", "1", "-1.5", "0.1", "1e100", "1e-100", "2.5", "3"], "Decimal": ["0", "1.5", "-2", "0.1", "10", "3"],
    "DateTime": ["1970-01-01 00:00:00", "2024-02-29 12:34:56.789", "1999-12-31 23:59:59.999", "2024-01-01 00:00:00", "0987-06-05 04:03:02.001"],
    "Json": ["{}", "[]", "null", "1", "1.5", "true", '"a"', '"A%"', '{"a": 1}', '{"a": {"b": [1, "x"]}}', "[1, 2]", '["a", null]', '{"a": null}', '{"a": "ab", "b": []}', '{"a": [1, 2, {"c": 3}]}', "-3"],
    "Bytes": ["\\x", "\\x00", "\\x00ff", "\\x61", "\\x6162"],
}


def texts(field):
    """The texts that a column is filled from."""
    if field.enum:
        return list(field.enum.labels.values())
    if field.native in POOLS:
        return POOLS[field.native]
    return TEXTS if field.kind == "String" else KINDS[field.kind]


def many(field, number):
    """A text for a key: as many different ones as are wanted."""
    if field.enum or field.native in ("Bit", "Citext", "Inet", "VarBit", "Xml", "Oid", "Money", "Real", "Date", "Time", "Timetz"):
        return None
    if field.native == "Uuid":
        return POOLS["Uuid"][number % 41]
    if field.kind == "String":
        return (TEXTS + ["k%d" % n for n in range(40)])[number] if field.native != "Char" else (POOLS["Char"] + ["k%d" % n for n in range(40)])[number]
    if field.kind == "Boolean":
        return None
    if field.kind == "DateTime":
        return "2024-01-%02d 0%d:00:00%s" % (number % 28 + 1, number % 3, "+00" if field.native == "Timestamptz" else "")
    if field.kind == "Bytes":
        return "\\x%02x" % number
    if field.kind == "Decimal" and field.native_args != [12, 0]:
        return "%d.%d" % (number - 5, number % 3 * 25)
    return str(number - 5)


class Filler:
    """Makes rows model by model: those that others refer to first; a cycle is cut by leaving optional references NULL."""

    def __init__(self, schema, random):
        self.schema, self.random, self.rows = schema, random, {}

    def fill(self):
        models = [m for m in self.schema.models.values() if m.has_own_rows]
        while models:
            ready = [m for m in models if self.is_ready(m)]
            if not ready:
                # Only records that refer to themselves could be made: leave the rest empty.
                for m in models:
                    self.rows[m.name] = []
                break
            self.rows[ready[0].name] = self.records(ready[0])
            models.remove(ready[0])
        return self.rows

    def is_ready(self, model):
        targets = [f.target for f in model.relations if f.links and f.holds and self.is_needed(f)]
        return all(t.name in self.rows for t in targets if t is not model)

    @staticmethod
    def is_needed(field):
        return all(not here.is_optional for here, _ in field.links) or field.is_required

    def records(self, model):
        rows = []
        for number in self.random.sample(range(40), self.random.choice((0, 1, 5, 12, 20, 20))):
            row = self.record(model, number, rows)
            if row and all(self.is_new(fields, row, rows) for _, fields, _ in model.keys):
                rows.append(row)
        return rows

    @staticmethod
    def is_new(fields, row, rows):
        values = [row[f.name] for f in fields]
        return None in values or not any(equal(fields, values, [r[f.name] for f in fields]) for r in rows)

    def record(self, model, number, rows):
        row = {}
        for field in model.fields.values():
            if not field.is_relation and not field.unsupported:
                row[field.name] = self.value(field, number, any(field in fields and len(fields) == 1 for _, fields, _ in model.keys))
        linked = set()
        for field in model.relations:
            if field.links and field.holds:
                if not self.link(field, row, rows, linked):
                    return None
        return row

    def value(self, field, number, is_key):
        r = self.random
        if field.is_optional and r.random() < 0.3:
            return None
        if is_key:
            text = many(field, number)
            if text is not None:
                return text
        pool = texts(field)
        if not field.is_list:
            return r.choice(pool)
        if field.kind == "Json" and r.random() < 0.3:
            return []
        result = [r.choice(pool) for _ in range(r.choice((0, 1, 1, 2, 3)))]
        if field.kind != "Json" and r.random() < 0.1:
            result.append(None)
        return None if r.random() < 0.1 else result

    def link(self, field, row, rows, linked):
        """Points a relation at a record; False when it has to point somewhere and there is nothing."""
        r = self.random
        parents = rows if field.target is field.model else self.rows.get(field.target.name, [])
        # Columns that another relation has set stay.
        if any(here.name in linked for here, _ in field.links):
            parents = [p for p in parents if all(row[h.name] == p[t.name] for h, t in field.links if h.name in linked)]
        whole = [p for p in parents if all(p[t.name] is not None for _, t in field.links)]
        optional = [here for here, _ in field.links if here.is_optional and here.name not in linked]
        linked.update(here.name for here, _ in field.links)
        if optional and not self.schema.has_foreign_keys and r.random() < 0.2:
            for here in optional:
                row[here.name] = many(here, 39) or r.choice(texts(here))
            return True
        if whole and (not optional or r.random() < 0.75):
            parent = r.choice(whole)
            for here, there in field.links:
                row[here.name] = parent[there.name]
            return True
        for here in optional:
            if here is optional[0] or r.random() < 0.7:
                row[here.name] = None
        return bool(optional)

    def pairs(self):
        """Rows of the join tables: (name, statement)."""
        for name, (a, b) in joins(self.schema).items():
            keys = [next(f for f in side.model.fields.values() if f.is_id) for side in (a, b)]
            lefts, rights = self.rows[a.model.name], self.rows[b.model.name]
            pairs = [(x[keys[0].name], y[keys[1].name]) for x in lefts for y in rights]
            if not self.schema.has_foreign_keys:
                pairs += dict.fromkeys((x, many(keys[1], 39)) for x, _ in pairs[:3])
            chosen = self.random.sample(pairs, min(len(pairs), self.random.choice((0, 3, 10, 25))))
            if chosen:
                lines = ["(%s, %s)" % tuple(sql_value(k, v) for k, v in zip(keys, pair)) for pair in chosen]
                yield "INSERT INTO %s VALUES %s" % (place(a.model.schema, name), ", ".join(lines))


def equal(fields, left, right):
    """Whether two texts of a key may be equal to PostgreSQL."""
    def plain(field, text):
        return text.rstrip() if text and field.native == "Char" else text.lower() if text and field.native == "Citext" else text
    return [plain(f, v) for f, v in zip(fields, left)] == [plain(f, v) for f, v in zip(fields, right)]


def view(schema, model):
    """The statement for a view: of the model whose name it bears."""
    origin = schema.models[model.name[: -len("View")]]
    fields = [(origin.fields[n], f) for n, f in model.fields.items() if not f.is_relation]
    columns = ", ".join("%s AS %s" % (quoted(there.column), quoted(here.column)) for there, here in fields)
    return "CREATE VIEW %s AS SELECT %s FROM %s" % (place(model.schema, model.table), columns, place(origin.schema, origin.table))
