"""Which records a `where` means. True, False or None, as in SQL: what is compared with NULL is neither."""
import json

from .description import FIRST_NUMBER
from .outcome import Unknown, Unsupported

#: More than anything that was counted or timed before, and less than what is chosen to be large.
STAND_INS = {"autoincrement": 10**6, "now": 2 * 10**12}

#: A condition that asks for nothing.
NOTHING = object()


def all_of(values):
    values = list(values)
    return False if False in values else None if None in values else True


def any_of(values):
    values = list(values)
    return True if True in values else None if None in values else False


def negated(value):
    return None if value is None else not value


def listed(value):
    return value if isinstance(value, list) else [value]


class Filters:
    """Evaluates filters over the rows of a store."""

    def __init__(self, description, store):
        self.description, self.store = description, store

    def passing(self, model, where):
        return [row for row in self.store.rows[model.name] if self.passes(model, row, where) is True]

    def unique(self, model, where):
        """The record that a unique filter means, or None."""
        found = [row for row in self.store.rows[model.name] if self.passes_unique(model, row, where) is True]
        return found[0] if found else None

    def distinct(self, model, wheres):
        """Each unique filter once; what asks for nothing does not make two of them different."""
        row, kept = next(iter(self.store.rows[model.name]), None), {}
        for where in wheres:
            names = [n for n in where if any(k.name == n for k in model.keys) or row is None or self._member(model, row, n, where[n], True) is not NOTHING]
            kept.setdefault(json.dumps({n: where[n] for n in names}), where)
        return list(kept.values())

    def passes_unique(self, model, row, where):
        parts = []
        if not any(key.name in where for key in model.keys):
            raise KeyError("no unique key")
        for name, value in where.items():
            key = next((k for k in model.keys if k.name == name and k.is_compound), None)
            if key:
                parts += [row[f.name] == f.kind.from_json(value[f.name]) if row[f.name] is not None else None for f in key.fields]
            else:
                parts.append(self.passes(model, row, {name: value}))
        return all_of(parts)

    def passes(self, model, row, where, is_root=True):
        result = self._condition(model, row, where, is_root)
        return True if result is NOTHING else result

    def _condition(self, model, row, where, is_root):
        """`NOTHING` where nothing is asked for: such parts drop out, whatever they stand below."""
        parts = [self._member(model, row, name, value, is_root) for name, value in where.items()]
        parts = [part for part in parts if part is not NOTHING]
        return all_of(parts) if parts else NOTHING

    def _member(self, model, row, name, value, is_root):
        if name in ("AND", "OR", "NOT"):
            parts = [self._condition(model, row, v, False) for v in listed(value)]
            parts = [part for part in parts if part is not NOTHING]
            if not parts:
                return False if name == "OR" and is_root else NOTHING
            return any_of(parts) if name == "OR" else all_of(negated(p) if name == "NOT" else p for p in parts)
        member = model.member(name)
        return self._relation(member, row, value) if member.is_relation else self._scalar(member, row[name], value)

    def _scalar(self, field, held, condition):
        if condition is None:
            return held is None
        if not isinstance(condition, dict):
            condition = {"equals": condition}
        return all_of(self._compare(field, held, operator, operand) for operator, operand in condition.items())

    def _compare(self, field, held, operator, operand):
        if operator == "not":
            return negated(self._scalar(field, held, operand))
        if operator == "equals" and operand is None:
            return held is None
        if operator in ("in", "notIn") and not operand:
            return operator == "notIn"
        if held is None:
            return None
        if operator in ("in", "notIn"):
            found = held in [field.kind.from_json(v) for v in operand]
            return found if operator == "in" else not found
        value = field.kind.from_json(operand)
        if operator == "equals":
            return held == value
        if isinstance(held, Unknown):
            if held.form not in STAND_INS:
                raise Unsupported("a comparison with a value that is made elsewhere")
            held = STAND_INS[held.form]
        return {"lt": held < value, "lte": held <= value, "gt": held > value, "gte": held >= value}[operator]

    # ------------------------------------------------------------ relations

    def related(self, field, row):
        """The records that a relation field of a row leads to."""
        rows = self.store.rows
        if field.join:
            mine = row[field.model.primary[0].name]
            linked = [link[field.other_column] for link in rows[field.join] if link[field.this_column] == mine]
            return [r for r in rows[field.target.name] if r[field.target.primary[0].name] in linked]
        key = [row[f.name] for f in field.own]
        if None in key:
            return []
        if not self.description.has_foreign_keys and any(isinstance(value, Unknown) and value.form == "autoincrement" for value in key):
            others = {r[f.name] for r in rows[field.target.name] for f in field.theirs} - set(key)
            if any(isinstance(value, int) and value >= FIRST_NUMBER for value in others):
                raise Unsupported("a reference that leads nowhere, perhaps to what the database counts next")
        return [r for r in rows[field.target.name] if [r[f.name] for f in field.theirs] == key]

    def _relation(self, field, row, condition):
        if not field.is_list:
            return self._to_one(field, row, condition)
        found = self.related(field, row)
        return all_of(self._to_many(field, found, word, where) for word, where in condition.items())

    def _to_many(self, field, found, word, where):
        passing = [self.passes(field.target, r, where) for r in found]
        if word == "some":
            return True in passing
        if word == "none":
            return True not in passing
        # Every: none that does not pass. One of which it is not known does not count.
        return False not in passing

    def _to_one(self, field, row, condition):
        if condition is None:
            return self._is_absent(field, row)
        if set(condition) <= {"is", "isNot"}:
            parts = [(word, self._is_absent(field, row) if where is None else self._passes_one(field, row, where)) for word, where in condition.items()]
            return all_of(p if word == "is" else negated(p) for word, p in parts) if parts else NOTHING
        return self._passes_one(field, row, condition)

    def _passes_one(self, field, row, where):
        found = self.related(field, row)
        return self.passes(field.target, found[0], where) if found else False

    def _is_absent(self, field, row):
        if field.holds:
            return all(row[f.name] is None for f in field.own)
        return not self.related(field, row)
