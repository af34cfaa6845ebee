"""`count`, `aggregate` and `groupBy` over rows in memory."""
from decimal import Decimal, getcontext

from filters import NOTHING, both
from order import Ordered, Term, cut
from values import key, order_key, to_answer, to_answer_one

#: More digits than any sum of columns has.
getcontext().prec = 200

AGGREGATES = ("_count", "_avg", "_sum", "_min", "_max")


class About:
    """A number, near enough: how an average or a sum of floating numbers is rounded is not for this comparison."""

    def __init__(self, value, tolerance, as_text=False):
        self.value, self.tolerance, self.as_text = value, tolerance, as_text

    def __repr__(self):
        return "about %r" % self.value


class Result:
    """What an aggregate compares as in HAVING: without the native type of its field."""
    native, native_args, enum, is_list = None, [], None, False

    def __init__(self, kind):
        self.kind = kind


class Aggregates:
    def count(self, model, args, rows):
        records = self.page(model, args, rows).records
        select = args.get("select")
        if not isinstance(select, dict):
            return len(records)
        return self.counted(select, records)

    @staticmethod
    def counted(select, records):
        return {n: len(records) if n == "_all" else sum(r[n] is not None for r in records) for n, wanted in select.items() if wanted}

    def aggregate(self, model, args, rows):
        return self.aggregates(model, args, self.page(model, args, rows).records)

    def aggregates(self, model, args, records):
        result = {}
        for name in AGGREGATES:
            wanted = args.get(name)
            if name == "_count" and wanted is True:
                result[name] = len(records)
            elif name == "_count" and wanted:
                result[name] = self.counted(wanted, records)
            elif wanted:
                result[name] = {n: shown(name, model.fields[n], folded(name, model.fields[n], records)) for n, w in wanted.items() if w}
        return result

    def groupBy(self, model, args, rows):
        by = args["by"] if isinstance(args["by"], list) else [args["by"]]
        groups = {}
        for row in rows:
            if self.passes(model, args.get("where") or {}, row) is True:
                groups.setdefault(repr([group_key(model.fields[n], row[n]) for n in by]), []).append(row)
        groups = [g for g in groups.values() if self.has(model, args.get("having") or {}, g) in (True, NOTHING)]
        terms = self.group_terms(model, args.get("orderBy") or {})
        take, skip = args.get("take"), args.get("skip") or 0
        ordered = self.sort(groups, terms)
        if take is not None and take < 0:
            ordered.reverse()
        result = self.grouped(ordered, terms)
        if skip or take is not None:
            result = cut(result, skip, skip + abs(take) if take is not None else None)
        if take is not None and take < 0:
            result = Ordered(g[::-1] for g in result[::-1])
        return Ordered([self.group_shown(model, by, args, g) for g in group] for group in result)

    def group_shown(self, model, by, args, group):
        result = {n: to_answer(model.fields[n], group[0][n]) for n in by}
        return dict(result, **self.aggregates(model, args, group))

    def group_terms(self, model, order):
        terms = []
        for item in order if isinstance(order, list) else [order]:
            for name, value in item.items():
                if name not in AGGREGATES:
                    field = model.fields[name]
                    terms.append(Term(lambda g, f=field: order_key(f, g[0][f.name]), value, True))
                    continue
                for inner, direction in value.items():
                    terms.append(Term(lambda g, n=name, f=model.fields[inner]: sortable(n, f, folded(n, f, g)), direction, True))
        return terms

    # ------------------------------------------------------------ having

    def has(self, model, having, group, is_root=True):
        parts = []
        for name, value in having.items():
            if name in ("AND", "OR", "NOT"):
                inner = [self.has(model, v, group, False) for v in (value if isinstance(value, list) else [value])]
                part = self.group(name, inner, is_root)
            else:
                part = self.field_has(model.fields[name], value, group)
            if part is not NOTHING:
                parts.append(part)
        return both(parts) if parts else NOTHING

    def field_has(self, field, value, group):
        own, parts = value, []
        if isinstance(value, dict) and not ("$type" in value or "_ref" in value):
            own = {n: v for n, v in value.items() if n not in AGGREGATES}
            for name in AGGREGATES:
                if name in value:
                    held = sortable(name, field, folded(name, field, group), for_having=True)
                    parts += self.tests(result_type(name, field), value[name], held, group[0], False, False)
            if not own:
                return both(parts) if parts else NOTHING
        parts += self.tests(field, own, group[0][field.name], group[0], False, False)
        return both(parts) if parts else NOTHING


def group_key(field, value):
    if field.is_list:
        return value if value is None else [key(field, v) for v in value]
    return key(field, value)


def result_type(name, field):
    if name == "_count":
        return Result("Int")
    if name == "_avg":
        return Result("Decimal" if field.kind == "Decimal" else "Float")
    return Result(field.kind) if name == "_sum" else field


def folded(name, field, records):
    """An aggregate of a field as a Python value; floats may be a little off."""
    values = [r[field.name] for r in records if r[field.name] is not None]
    if name == "_count":
        return len(values)
    if not values:
        return None
    if name in ("_min", "_max"):
        return (min if name == "_min" else max)(values, key=lambda v: key(field, v))
    total = sum(values)
    if name == "_sum":
        return total
    return total / len(values) if field.kind in ("Float", "Decimal") else Decimal(total) / len(values)


def sortable(name, field, value, for_having=False):
    """As an order or HAVING compares it."""
    if value is None or name == "_count":
        return value
    if name in ("_min", "_max"):
        return value if for_having else key(field, value)
    if for_having and name == "_avg" and field.kind != "Decimal":
        return float(value)
    return value


def shown(name, field, value):
    if value is None:
        return None
    is_real = field.native == "Real"
    if name == "_avg":
        return About(value, 1e-6 if is_real else 1e-12, field.kind == "Decimal")
    if name == "_sum":
        if field.kind == "Float":
            return About(value, 1e-5 if is_real else 1e-9)
        return value if field.kind == "Int" else to_answer_one(field, value)
    return value if field.enum else to_answer_one(field, value)
