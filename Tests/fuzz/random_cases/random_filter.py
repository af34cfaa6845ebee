"""Random `where`, from the values that the tables hold."""
import random
import re
from decimal import Decimal

import random_rows
from values import JSON_NULL, from_text, to_answer_one

#: A mask of inet shows in its text, and xml has no comparisons of its own.
NO_PATTERNS = ("Uuid", "Inet")
NO_REFERENCES = ("Xml",)


class FilterMaker:
    def __init__(self, reference):
        self.reference, self.schema = reference, reference.schema
        #: What decides what a request is like, and what decides which values stand in it.
        self.random, self.values = random.Random(), random.Random()

    # ------------------------------------------------------------ values

    def row(self, model):
        rows = self.reference.rows[model.name]
        return self.values.choice(rows) if rows else None

    def plain(self, field, value):
        """A value as a request may write it."""
        if field.enum or value is None:
            return value
        if field.kind == "Json":
            return None if value is JSON_NULL else undecimal(value)
        text = to_answer_one(field, value)
        if field.kind not in ("BigInt", "Decimal", "DateTime", "Bytes") or self.values.random() < 0.7:
            return text
        if self.values.random() < 0.5:
            return {"$type": field.kind, "value": text}
        if field.kind == "DateTime" and field.native not in ("Time", "Timetz"):
            return text.replace("Z", "+00:00")
        return int(text) if re.fullmatch(r"-?\d{1,15}", text) and field.kind in ("BigInt", "Decimal") else text

    def plain_row(self, model, row):
        return {f.name: self.plain(f, row[f.name]) for f in model.scalars if not f.is_list}

    def any_value(self, field):
        """A value of the column's type: one that is there, or one that could be."""
        held = [v for r in self.reference.rows[field.model.name] for v in (r[field.name] if field.is_list else [r[field.name]]) or [] if v is not None]
        if held and self.values.random() < 0.75:
            return self.plain(field, self.values.choice(held))
        if field.enum:
            return self.values.choice(field.enum.names)
        return self.plain(field, from_text(field, self.sample(field)))

    def sample(self, field):
        text = self.values.choice(random_rows.texts(field))
        return text if field.kind != "Decimal" else str(Decimal(text))

    def json_operand(self, value):
        """Json's own null has to be named."""
        return {"$type": "Enum", "value": "JsonNull"} if value is None else value

    # ------------------------------------------------------------ where

    def where(self, model, depth):
        r, result = self.random, {}
        for _ in range(r.choices((0, 1, 2, 3), (1, 12, 5, 1))[0]):
            kind = r.random()
            if depth and kind < 0.2:
                group = r.choice(("AND", "OR", "NOT"))
                parts = [self.where(model, depth - 1) for _ in range(r.choice((0, 1, 1, 2, 2)))]
                result[group] = parts[0] if len(parts) == 1 and group != "OR" and r.random() < 0.5 else parts
            elif depth and model.relations and kind < 0.5:
                field = r.choice(model.relations)
                result[field.name] = self.related(field, depth - 1)
            else:
                field = r.choice(model.scalars)
                result[field.name] = self.scalar(model, field)
        return result

    def related(self, field, depth):
        r = self.random
        if field.is_list:
            return {w: self.where(field.target, depth) for w in r.sample(("some", "every", "none"), r.choice((1, 1, 1, 2)))}
        if not field.is_required and r.random() < 0.2:
            return r.choice((None, {"is": None}, {"isNot": None}))
        if r.random() < 0.3:
            return self.where(field.target, depth)
        return {r.choice(("is", "isNot")): self.where(field.target, depth)}

    def scalar(self, model, field, references=True):
        if field.is_list:
            return self.list_filter(model, field)
        if field.kind == "Json":
            return self.json_filter(field)
        r = self.random
        if field.is_optional and r.random() < 0.12:
            nulls = [None, {"equals": None}, {"not": None}, {"not": {"equals": None}}]
            return r.choice(nulls if field.kind == "Boolean" else nulls + [{"in": None}, {"notIn": None}])
        value = self.any_value(field)
        if r.random() < 0.15:
            return value
        tests = {}
        for _ in range(r.choice((1, 1, 1, 2))):
            name, operand = self.test(model, field, references)
            tests[name] = operand
        if r.random() < 0.12:
            tests["not"] = dict([self.test(model, field, references)])
        if field.kind == "String" and not field.enum and r.random() < 0.25 and field.native not in ("Xml", "Inet") and not (field.native == "Char" and "_ref" in str(tests)):
            tests["mode"] = r.choice(("insensitive", "insensitive", "default"))
        return tests

    def test(self, model, field, references):
        r = self.random
        names = ["equals", "not"]
        if field.enum or field.kind != "Boolean":
            names += ["in", "notIn"]
        if not field.enum and field.kind not in ("Boolean", "Bytes") and field.native not in ("Inet", "Xml"):
            names += ["lt", "lte", "gt", "gte"]
        if field.kind == "String" and not field.enum and field.native not in NO_PATTERNS:
            names += ["contains", "startsWith", "endsWith"] * 2
        name = r.choice(names)
        if references and name != "not" and field.native not in NO_REFERENCES and r.random() < 0.15:
            other = self.other(model, field, name in ("in", "notIn"))
            if other:
                return name, {"_ref": other.name, "_container": model.name}
        if name in ("in", "notIn"):
            return name, [self.any_value(field) for _ in range(r.choice((0, 1, 2, 3)))]
        value = self.any_value(field)
        if name in ("contains", "startsWith", "endsWith"):
            at = self.values.randrange(len(value) + 1)
            value = {"contains": value[at : at + 2], "startsWith": value[:at], "endsWith": value[at:]}[name]
        return name, value

    def other(self, model, field, is_list):
        """Another field that may stand for a value of this one."""
        fields = [f for f in model.scalars if f.kind == field.kind and f.native == field.native and f.is_list == is_list and f is not field]
        return self.random.choice(fields) if fields else None

    def list_filter(self, model, field):
        r = self.random
        name = r.choice(("equals", "has", "hasEvery", "hasSome", "isEmpty"))
        if name == "isEmpty":
            return {name: r.random() < 0.5}
        other = self.other(model, field, name != "has") if r.random() < 0.1 else None
        if other:
            return {name: {"_ref": other.name, "_container": model.name}}
        if name == "has":
            return {name: self.any_value(field)}
        if name == "equals" and r.random() < 0.5:
            row = self.row(model)
            if row and row[field.name] is not None and None not in row[field.name]:
                return {name: [self.plain(field, v) for v in row[field.name]]}
        return {name: [self.any_value(field) for _ in range(r.choice((0, 1, 1, 2)))]}

    # ------------------------------------------------------------ Json

    def json_filter(self, field):
        r, result = self.random, {}
        value = self.any_value(field)
        if r.random() < 0.5:
            result["path"] = r.choice((["a"], ["a", "b"], ["0"], ["a", "2", "c"], ["-1"], ["a", "b", "1"], []))
            value = r.choice((value, 1, "a", "x", [1, 2], "ab", True, {"b": [1, "x"]}))
        name = r.choice(("equals", "not", "string_contains", "string_starts_with", "string_ends_with", "array_contains", "array_starts_with",
                         "array_ends_with", "lt", "lte", "gt", "gte"))
        if name in ("equals", "not"):
            if r.random() < 0.25:
                value = {"$type": "Enum", "value": r.choice(("DbNull", "JsonNull", "AnyNull") if field.is_optional or "path" in result else ("JsonNull", "AnyNull"))}
            result[name] = self.json_operand(value)
        elif name.startswith("string_"):
            result[name] = r.choice(("a", "A", "b", "", '"', "%", "ab"))
            if r.random() < 0.3:
                result["mode"] = "insensitive"
        elif name.startswith("array_"):
            result[name] = r.choice(([value], value if value is not None else 1)) if name == "array_contains" else value
        else:
            result[name] = 1 if value is None else value
        return result


def undecimal(value):
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {n: undecimal(v) for n, v in value.items()}
    return [undecimal(v) for v in value] if isinstance(value, list) else value
