"""`where` and `having`, read as a condition of three values: True, False, and None where SQL says NULL."""
from values import JSON_NULL, from_request, json_contains, json_key, json_text, key, list_key, lower

OPERATORS = ("equals", "not", "in", "notIn", "lt", "lte", "gt", "gte", "contains", "startsWith", "endsWith")
TURNED = {"equals": "not", "in": "notIn", "notIn": "in", "lt": "gte", "lte": "gt", "gt": "lte", "gte": "lt"}


class Unsupported(Exception):
    """Something that this evaluation leaves to other tests."""


def both(parts):
    parts = list(parts)
    return False if False in parts else None if None in parts else True


def either(parts):
    parts = list(parts)
    return True if True in parts else None if None in parts else False


def opposite(value):
    return None if value is None else not value


class Filters:
    """Conditions on the records of a `Reference`."""

    def passes(self, model, where, row, is_root=True):
        """Whether a record passes; None stands for NULL."""
        result = self.condition(model, where, row, is_root)
        return True if result is NOTHING else result

    def condition(self, model, where, row, is_root=True):
        parts = []
        for name, value in where.items():
            if name in ("AND", "OR", "NOT"):
                part = self.group(name, [self.condition(model, v, row, False) for v in (value if isinstance(value, list) else [value])], is_root)
            else:
                field = model.fields[name]
                part = self.related(field, value, row) if field.is_relation else self.scalar(field, value, row)
            if part is not NOTHING:
                parts.append(part)
        return both(parts) if parts else NOTHING

    @staticmethod
    def group(name, parts, is_root):
        """Parts that say nothing drop out; so does an empty group, but for an empty OR at the root."""
        parts = [p for p in parts if p is not NOTHING]
        if not parts:
            return False if name == "OR" and is_root else NOTHING
        if name == "OR":
            return either(parts)
        return both(parts) if name == "AND" else both(opposite(p) for p in parts)

    # ------------------------------------------------------------ relations

    def related(self, field, value, row):
        if field.is_list:
            parts = [self.quantified(field, word, inner, row) for word, inner in value.items()]
            return both(parts) if parts else NOTHING
        if value is None:
            return self.absent(field, row)
        if value and not ("is" in value or "isNot" in value):
            return self.one(field, value, row)
        parts = []
        for word, inner in value.items():
            part = self.absent(field, row) if inner is None else self.one(field, inner, row)
            parts.append(opposite(part) if word == "isNot" else part)
        return both(parts) if parts else NOTHING

    def quantified(self, field, word, where, row):
        results = [self.passes(field.target, where, r) for r in self.follow(field, row)]
        if word == "some":
            return True in results
        return True not in results if word == "none" else False not in results

    def one(self, field, where, row):
        found = self.follow(field, row)
        return self.passes(field.target, where, found[0]) if found else False

    def absent(self, field, row):
        if field.holds:
            return all(row[here.name] is None for here, _ in field.links)
        return not self.follow(field, row)

    # ------------------------------------------------------------ scalars

    def scalar(self, field, value, row):
        if field.is_list:
            return self.whole_list(field, value, row)
        if field.kind == "Json":
            return self.json(field, value, row)
        parts = self.tests(field, value, row[field.name], row, False, False)
        return both(parts) if parts else NOTHING

    def tests(self, field, value, held, row, is_negated, is_insensitive):
        """The tests of one value; `field` says how it compares."""
        if not isinstance(value, dict) or is_value(value):
            return [self.test(field, "not" if is_negated else "equals", value, held, row, is_insensitive)]
        is_insensitive = is_insensitive or value.get("mode") == "insensitive" and field.native != "Uuid"
        parts = []
        for word, operand in value.items():
            if word == "mode":
                continue
            if word == "not":
                if isinstance(operand, dict) and not is_value(operand):
                    parts += self.tests(field, operand, held, row, not is_negated, is_insensitive)
                else:
                    parts.append(self.test(field, "not", operand, held, row, is_insensitive))
            elif word in ("contains", "startsWith", "endsWith"):
                part = self.pattern(field, word, operand, held, row, is_insensitive)
                parts.append(opposite(part) if is_negated else part)
            elif word in TURNED:
                parts.append(self.test(field, TURNED[word] if is_negated else word, operand, held, row, is_insensitive))
            else:
                raise Unsupported(word)
        return parts

    def operand(self, field, value, row):
        """(a value, whether it is NULL because a referenced field is)"""
        if isinstance(value, dict) and "_ref" in value:
            return row[value["_ref"]]
        return from_request(field, value)

    def test(self, field, word, operand, held, row, is_insensitive):
        if word in ("in", "notIn"):
            return self.among(field, word, operand, held, row, is_insensitive)
        if operand is None:
            return (held is None) if word == "equals" else held is not None
        other = self.operand(field, operand, row)
        if held is None or other is None:
            return None
        a, b = key(field, held), key(field, other)
        if is_insensitive:
            a, b = folded(field, word, held, other)
        return {"equals": a == b, "not": a != b, "lt": a < b, "lte": a <= b, "gt": a > b, "gte": a >= b}[word]

    def among(self, field, word, operand, held, row, is_insensitive):
        if operand is None:
            return (held is None) == (word == "in")
        if isinstance(operand, dict):
            others = row[operand["_ref"]]
            if others is None:
                return None
        else:
            others = [from_request(field, v) for v in operand]
        if not others:
            return word == "notIn"
        if held is None:
            return None
        fold = (lambda v: folded(field, "equals", v, v)[0]) if is_insensitive else (lambda v: key(field, v))
        keys = [None if o is None else fold(o) for o in others]
        found = fold(held) in keys
        result = True if found else None if None in keys else False
        return result if word == "in" else opposite(result)

    def pattern(self, field, word, operand, held, row, is_insensitive):
        if isinstance(operand, dict):
            part = row[operand["_ref"]]
        else:
            part = operand
        if held is None or part is None:
            return None
        if field.native == "Char" and not is_insensitive:
            # LIKE is a matter of text, which has no blanks at its end that nobody wrote. ILIKE takes the column as it is.
            held = held.rstrip(" ")
            part = part.rstrip(" ") if isinstance(operand, dict) else part
        return matches(word, held, part, is_insensitive)

    # ------------------------------------------------------------ lists

    def whole_list(self, field, value, row):
        held = row[field.name]
        if value is None:
            return held is None
        parts = [self.list_test(field, word, operand, held, row) for word, operand in value.items()]
        return both(parts) if parts else NOTHING

    def list_test(self, field, word, operand, held, row):
        if word == "isEmpty":
            return None if held is None else (held == []) == operand
        if word == "equals" and operand is None:
            return held is None
        if isinstance(operand, dict) and "_ref" in operand:
            other = row[operand["_ref"]]
        elif word == "has":
            other = None if operand is None else from_request(field, operand)
        else:
            # In a list of Json a null is JSON's own.
            other = [None if v is None and field.kind != "Json" else from_request(field, v) for v in operand]
        return self.compare_list(field, word, held, other, is_literal_null=word == "has" and operand is None)

    @staticmethod
    def compare_list(field, word, held, other, is_literal_null):
        if held is None:
            return None
        if is_literal_null:
            return None in held
        if other is None:
            return None
        keys = [key(field, v) for v in held]
        if word == "equals":
            return list_key(field, held) == list_key(field, other)
        if word == "has":
            return True if key(field, other) in keys else None if None in keys else False
        others = [key(field, v) for v in other]
        if word == "hasEvery":
            return all(o is not None and o in keys for o in others)
        return any(o is not None and o in keys for o in others)

    # ------------------------------------------------------------ Json

    def json(self, field, value, row):
        held = row[field.name]
        path, is_insensitive = value.get("path"), value.get("mode") == "insensitive"
        present = held is not None
        document = None if held is JSON_NULL else held
        if path is not None and present:
            present, document = dig(document, path)
        parts = []
        for word, operand in value.items():
            if word not in ("path", "mode"):
                parts.append(self.json_test(field, word, operand, present, document, path is not None, is_insensitive, row))
        return both(parts) if parts else NOTHING

    def json_test(self, field, word, operand, present, document, has_path, is_insensitive, row):
        null = operand.get("value") if isinstance(operand, dict) and operand.get("$type") == "Enum" else None
        if null:
            result = {"DbNull": not present, "JsonNull": document is None if present else None, "AnyNull": not present or document is None}[null]
            return opposite(result) if word == "not" else result
        if isinstance(operand, dict) and "_ref" in operand:
            raise Unsupported("a field reference in a Json filter")
        other = from_request(field, operand)
        other = None if other is JSON_NULL else other
        if not present:
            return None
        if word in ("equals", "not"):
            return (json_key(document) == json_key(other)) == (word == "equals")
        if word in ("lt", "lte", "gt", "gte"):
            a, b = json_key(document), json_key(other)
            return typed(document, kind_of(other), {"lt": a < b, "lte": a <= b, "gt": a > b, "gte": a >= b}[word])
        if word.startswith("string_"):
            text = document if has_path and isinstance(document, str) else json_text(document)
            name = {"string_contains": "contains", "string_starts_with": "startsWith", "string_ends_with": "endsWith"}[word]
            return typed(document, "string", matches(name, text, other, is_insensitive))
        return typed(document, "array", self.array_test(word, document, other))

    @staticmethod
    def array_test(word, document, other):
        if not isinstance(document, list):
            return False
        if word == "array_contains":
            return json_contains(document, other)
        if not document:
            return None
        return json_key(document[0 if word == "array_starts_with" else -1]) == json_key(other)


def typed(document, kind, result):
    """Why None: neither the test nor its negation passes for a value of another type."""
    return result if kind_of(document) == kind else None


def kind_of(document):
    if document is None:
        return "null"
    if isinstance(document, bool):
        return "boolean"
    if isinstance(document, str):
        return "string"
    return "array" if isinstance(document, list) else "object" if isinstance(document, dict) else "number"


def dig(document, path):
    """`#>`: (whether there is something, what)"""
    for part in path:
        if isinstance(document, dict):
            if part not in document:
                return False, None
            document = document[part]
        elif isinstance(document, list):
            try:
                number = int(part)
            except ValueError:
                return False, None
            if not -len(document) <= number < len(document):
                return False, None
            document = document[number]
        else:
            return False, None
    return True, document


def folded(field, word, held, other):
    """Two texts without regard to case: equality is ILIKE, which sees the blanks of a `char(n)`, an order compares `lower` of both."""
    if field.native == "Char" and word not in ("equals", "not"):
        held = held.rstrip(" ")
    return lower(held), lower(other)


def matches(word, text, part, is_insensitive):
    if is_insensitive:
        text, part = lower(text), lower(part)
    return {"contains": part in text, "startsWith": text.startswith(part), "endsWith": text.endswith(part)}[word]


def is_value(value):
    """An object that stands for one value: tagged, or a reference to a field."""
    return "_ref" in value or "$type" in value


#: A filter that says nothing.
NOTHING = object()
