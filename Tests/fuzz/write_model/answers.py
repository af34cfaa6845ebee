"""What a write answers, and whether an answer and the tables are what was expected: values made elsewhere are found out on the way."""
import json

from .filters import Filters
from .kinds import answered
from .outcome import Refused, Shown, Unknown
from .walk import Walk


class Bag(list):
    """Records in any order."""


def selected(description, store, model, row, args):
    """A record as `select`, `include` and `omit` show it."""
    select, include, omit = args.get("select"), args.get("include") or {}, args.get("omit") or {}
    filters, shown = Filters(description, store), {}
    for field in model.scalars:
        if select.get(field.name) if select is not None else not omit.get(field.name):
            shown[field.name] = answered(field, row[field.name])
    chosen = select if select is not None else include
    for field in model.relations:
        inner = chosen.get(field.name)
        if inner is not None:
            inner = {} if inner is True else inner
            found = [r for r in filters.related(field, row) if filters.passes(field.target, r, inner.get("where") or {}) is True]
            records = [selected(description, store, field.target, r, inner) for r in found]
            shown[field.name] = Bag(records) if field.is_list else records[0] if records else None
    counts = chosen.get("_count")
    if counts is not None:
        fields = [r for r in model.relations if r.is_list] if counts is True else [model.member(n) for n in counts["select"]]
        shown["_count"] = {f.name: len(filters.related(f, row)) for f in fields}
    return shown


def carry_out(description, store, request, choose):
    """The answer to a request; changes the store."""
    model, operation, args = description.model(request["model"]), request["operation"], request["args"]
    walk = Walk(description, store, choose)

    def show(row):
        # Why nothing: an action of a relation has taken the record away with others that the write deleted.
        if not row.is_alive:
            return None
        return selected(description, store, model, row, args)

    if operation == "create":
        return show(walk.create(model, args["data"]))
    if operation in ("createMany", "createManyAndReturn"):
        data = args["data"] if isinstance(args["data"], list) else [args["data"]]
        rows = walk.create_many(model, data, args.get("skipDuplicates", False))
        if not operation.endswith("Return"):
            return {"count": len(rows)}
        # Why in any order with relations: they are read afterwards, and keys need not ascend with what was written.
        asked = args.get("select") or args.get("include") or {}
        return (Bag if any(model.member(n).is_relation for n in asked) else list)(show(row) for row in rows)
    if operation in ("updateMany", "updateManyAndReturn"):
        rows = walk.update_many(model, args.get("where") or {}, args["data"], args.get("limit"))
        return Bag(show(row) for row in rows) if operation.endswith("Return") else {"count": len(rows)}
    if operation == "deleteMany":
        return {"count": len(walk.delete_many(model, args.get("where") or {}, args.get("limit")))}
    row = walk.filters.unique(model, args["where"])
    if operation == "upsert":
        return show(walk.update(model, row, args["update"]) if row else walk.create(model, args["create"]))
    if row is None:
        raise Refused("P2025")
    if operation == "update":
        return show(walk.update(model, row, args["data"]))
    shown = show(row)
    walk.actions.delete(model, [row])
    return shown


# ---------------------------------------------------------------- comparison

def text(value):
    return json.dumps(value, sort_keys=True, default=str)


class Matching:
    """Pairs the rows that were expected with those that are there, so that each value made elsewhere is one value."""

    def __init__(self, expected, found):
        self.is_possible, self.waiting, self.free = True, [], {}
        for name, rows in expected.items():
            left = {}
            for row in found[name]:
                left.setdefault(tuple(row.values()), []).append(row)
            for row in rows:
                if any(isinstance(v, Unknown) for v in row.values()):
                    self.waiting.append((name, row))
                elif left.get(tuple(row.values())):
                    left[tuple(row.values())].pop()
                else:
                    self.is_possible = False
            self.free[name] = sorted((row for rows in left.values() for row in rows), key=lambda row: text(list(row.values())))
        expected_counts, found_counts = ([len(rows[name]) for name in expected] for rows in (expected, found))
        self.is_possible = self.is_possible and expected_counts == found_counts

    def bindings(self):
        """Each way in which they go together: what each unknown value is."""
        return self._bind(0, {}) if self.is_possible else iter(())

    def _bind(self, at, binding):
        if at == len(self.waiting):
            yield dict(binding)
            return
        name, row = self.waiting[at]
        candidates = self.free[name]
        for index, other in enumerate(candidates):
            new = self._agree(row, other, binding)
            if new is None:
                continue
            del candidates[index]
            binding.update(new)
            yield from self._bind(at + 1, binding)
            for unknown in new:
                del binding[unknown]
            candidates.insert(index, other)

    @staticmethod
    def _agree(row, other, binding):
        """What else has to be bound so that two rows are the same; None when they cannot be."""
        new = {}
        for name, value in row.items():
            there = other[name]
            if isinstance(value, Unknown):
                known = binding.get(value, new.get(value))
                if known is None:
                    if not value.may_be(there):
                        return None
                    new[value] = there
                elif known != there:
                    return None
            elif value != there:
                return None
        return new


def is_alike(expected, answer, binding):
    """Whether an answer is what was expected."""
    if isinstance(expected, Shown):
        # Why anything where it is not bound: the record is gone again.
        return answer is not None if expected.value not in binding else expected.kind.to_json(binding[expected.value]) == answer
    if isinstance(expected, dict):
        return isinstance(answer, dict) and set(expected) == set(answer) and all(is_alike(v, answer[n], binding) for n, v in expected.items())
    if isinstance(expected, list):
        if not isinstance(answer, list) or len(expected) != len(answer):
            return False
        order = paired(expected, answer, binding) if isinstance(expected, Bag) else answer
        return order is not None and all(is_alike(e, a, binding) for e, a in zip(expected, order))
    if isinstance(expected, (int, float)) and not isinstance(expected, bool):
        return isinstance(answer, (int, float)) and not isinstance(answer, bool) and expected == answer
    return type(expected) is type(answer) and expected == answer


def paired(expected, answer, binding):
    """The records of an answer in the expected order: each goes to the first that it is like."""
    left, order = list(answer), []
    for record in expected:
        place = next((n for n, a in enumerate(left) if is_alike(record, a, binding)), None)
        if place is None:
            return None
        order.append(left.pop(place))
    return order
