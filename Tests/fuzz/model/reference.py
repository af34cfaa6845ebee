"""The query language, evaluated over rows in memory: the answer that the library has to give, found without SQL.

`Reference(schema, tables).execute(request)` gives what the library answers. A list in the answer is `Ordered`: groups of records,
of which only the order of the groups is certain.
"""
from aggregates import Aggregates
from filters import Filters, Unsupported
from order import Ordered, Term, cut
from values import key, order_key, to_answer


class Refused(Exception):
    """The answer is an error with this code."""


class Reference(Filters, Aggregates):
    def __init__(self, schema, rows, links):
        """`rows`: by model, dictionaries of Python values by field; `links`: by join table, pairs (A, B)."""
        self.schema, self.rows, self.links = schema, rows, links
        self.indexes = {}

    # ------------------------------------------------------------ relations

    def follow(self, field, row):
        """The records that a relation leads to."""
        if field.join:
            return self._joined(field, row)
        values = tuple(row[here.name] for here, _ in field.links)
        if None in values:
            return []
        index = self._index(field.target, [there for _, there in field.links])
        return index.get(tuple(key(there, v) for (_, there), v in zip(field.links, values)), [])

    def _index(self, model, fields):
        name = (model.name, tuple(f.name for f in fields))
        if name not in self.indexes:
            index = {}
            for row in self.rows[model.name]:
                values = [row[f.name] for f in fields]
                if None not in values:
                    index.setdefault(tuple(key(f, v) for f, v in zip(fields, values)), []).append(row)
            self.indexes[name] = index
        return self.indexes[name]

    def _joined(self, field, row):
        """The primary keys stand in the join table; column A is of the model that comes first."""
        if (field.join, field.join_column) not in self.indexes:
            table = {}
            index = self._index(field.target, [id_of(field.target)])
            for a, b in self.links[field.join]:
                here, there = (a, b) if field.join_column == "A" else (b, a)
                table.setdefault(key(id_of(field.model), here), []).extend(index.get((key(id_of(field.target), there),), []))
            self.indexes[field.join, field.join_column] = table
        return self.indexes[field.join, field.join_column].get(key(id_of(field.model), row[id_of(field.model).name]), [])

    # ------------------------------------------------------------ order

    def terms(self, model, order):
        terms = []
        for item in order if isinstance(order, list) else [order]:
            for name, value in item.items():
                terms.append(self._term(model, name, value, lambda row: row, False, True))
        return [t for t in terms if t]

    def _term(self, model, name, value, reach, is_nullable, is_direct):
        if name == "_relevance":
            raise Unsupported(name)
        field = model.fields[name]
        if not field.is_relation:
            def held(row):
                row = reach(row)
                return None if row is None else order_key(field, row[name])
            return Term(held, value, is_nullable or not field.is_required, field if is_direct else None)
        if field.is_list:
            def count(row):
                row = reach(row)
                return 0 if row is None else len(self.follow(field, row))
            return Term(count, value["_count"], False) if value else None
        def onward(row):
            row = reach(row)
            found = self.follow(field, row) if row is not None else []
            return found[0] if found else None
        for inner, direction in value.items():
            return self._term(field.target, inner, direction, onward, True, False)

    def sort(self, rows, terms):
        rows = list(rows)
        for term in reversed(terms):
            values = {id(r): term.value(r) for r in rows}
            there = sorted((r for r in rows if values[id(r)] is not None), key=lambda r: values[id(r)], reverse=term.descending)
            absent = [r for r in rows if values[id(r)] is None]
            rows = absent + there if term.nulls_first else there + absent
        return rows

    @staticmethod
    def grouped(rows, terms):
        groups, last = Ordered(), None
        for row in rows:
            values = [t.value(row) for t in terms]
            if not groups or values != last:
                groups.append([])
            groups[-1].append(row)
            last = values
        return groups

    # ------------------------------------------------------------ pages

    def page(self, model, args, candidates, nested=False):
        """`where orderBy cursor take skip distinct` → the records, in groups that tie."""
        rows = [r for r in candidates if self.passes(model, args.get("where") or {}, r) is True]
        distinct = args.get("distinct")
        distinct = [distinct] if isinstance(distinct, str) else distinct
        take, skip, cursor = args.get("take"), args.get("skip") or 0, args.get("cursor")
        is_paged = any(args.get(n) is not None for n in ("take", "skip", "cursor", "distinct"))
        terms = self.terms(model, args.get("orderBy") or {})
        if cursor or distinct is not None or (not terms and is_paged):
            terms = self.total(model, terms)
        rows = self.sort(rows, terms)
        if take is not None and take < 0:
            rows.reverse()
        start = self.start(model, cursor, args, terms, rows, distinct is not None, nested) if cursor else None
        if distinct is not None:
            rows = self.firsts(model, rows, distinct, start if not nested else None)
            start = Position(start.record) if start else None
        if cursor:
            rows = start.cut(rows) if start else []
        groups = self.grouped(rows, terms)
        if skip or take is not None:
            end = skip + abs(take) if take is not None else None
            groups = cut(groups, skip, end)
        if take is not None and take < 0:
            groups = Ordered(g[::-1] for g in groups[::-1])
        return groups

    def total(self, model, terms):
        ordered = {t.field.name for t in terms if t.field}
        if any(all(f.is_required and f.name in ordered for f in fields) for _, fields, _ in model.keys):
            return terms
        return terms + [Term((lambda row, f=f: key(f, row[f.name])), "asc", False, f) for f in model.identifier if f.name not in ordered]

    def start(self, model, cursor, args, terms, rows, is_distinct, nested):
        """Where the page begins; None when the cursor's record is not there."""
        record = self.unique(model, cursor)
        if record is None:
            return None
        if not nested and not is_distinct and not self.is_stable(model, args):
            return Position(record) if any(r is record for r in rows) else None
        if nested and not any(r is record for r in rows) and not is_distinct:
            return None
        return Position(record, terms, is_backward=(args.get("take") or 0) < 0)

    def is_stable(self, model, args):
        """Whether the order has a unique key and no NULLs: then a cursor's values decide, and its record may be one left out."""
        ordered, order = set(), args.get("orderBy") or {}
        items = [pair for item in (order if isinstance(order, list) else [order]) for pair in item.items()]
        for name, value in items:
            field, is_certain = model.fields[name], True
            while field.is_relation and not field.is_list:
                is_certain = is_certain and field.is_required
                (inner, value), = value.items()
                field = field.target.fields[inner]
            if field.is_relation:
                continue
            if not is_certain or not field.is_required:
                return False
            if field.model is model and field.name == name:
                ordered.add(name)
        if not items:
            ordered = {f.name for f in model.identifier}
        # A compound primary key does not count.
        return any(all(f.name in ordered for f in fields) for _, fields, is_primary in model.keys if not is_primary or len(fields) == 1)

    def unique(self, model, where):
        """The record that `where` of findUnique or `cursor` names, further filters included."""
        names = {n for n, _, _ in model.keys if n not in model.fields}
        parts = [value if name in names else {name: value} for name, value in where.items()]
        for row in self.rows[model.name]:
            if all(self.passes(model, part, row) is True for part in parts):
                return row
        return None

    def firsts(self, model, rows, names, start):
        """The first record of each kind, of those from a cursor on."""
        if start:
            rows = [r for r in rows if start.is_not_before(r, is_loose=True)]
        seen, result = set(), []
        for row in rows:
            kind = repr([key(model.fields[n], row[n]) if not model.fields[n].is_list else row[n] for n in names])
            if kind not in seen:
                seen.add(kind)
                result.append(row)
        return result

    # ------------------------------------------------------------ selection

    def shown(self, model, args, row):
        """A record as `select`, `include` and `omit` want it."""
        select, include, omit = args.get("select"), args.get("include") or {}, args.get("omit") or {}
        result = {}
        if select is None:
            for field in model.scalars:
                if not omit.get(field.name):
                    result[field.name] = to_answer(field, row[field.name])
            select = include
        for name, wanted in select.items():
            if wanted is False:
                continue
            if name == "_count":
                result[name] = self.counts(model, wanted, row)
                continue
            field = model.fields[name]
            result[name] = self.related_records(field, {} if wanted is True else wanted, row) if field.is_relation else to_answer(field, row[name])
        return result

    def related_records(self, field, args, row):
        found = self.follow(field, row)
        if field.is_list:
            groups = self.page(field.target, args, found, nested=True)
            return Ordered([self.shown(field.target, args, r) for r in group] for group in groups)
        if not found or self.passes(field.target, args.get("where") or {}, found[0]) is not True:
            return None
        return self.shown(field.target, args, found[0])

    def counts(self, model, wanted, row):
        select = wanted.get("select") if isinstance(wanted, dict) else None
        if select is None:
            select = {f.name: True for f in model.relations if f.is_list}
        result = {}
        for name, inner in select.items():
            if inner is not False:
                where = inner.get("where") or {} if isinstance(inner, dict) else {}
                field = model.fields[name]
                result[name] = sum(self.passes(field.target, where, r) is True for r in self.follow(field, row))
        return result

    # ------------------------------------------------------------ requests

    def execute(self, request):
        model, operation, args = self.schema.models[request["model"]], request["operation"], request.get("args") or {}
        rows = self.rows[model.name]
        if operation in ("count", "aggregate", "groupBy"):
            return getattr(self, operation)(model, args, rows)
        if operation.startswith("findUnique"):
            row = self.unique(model, args["where"])
            return self.single(model, args, operation, [[row]] if row is not None else [])
        if operation == "findMany":
            groups = self.page(model, args, rows)
            return Ordered([self.shown(model, args, r) for r in group] for group in groups)
        args = dict(args, take=args.get("take", None))
        groups = self.page(model, args, rows)
        return self.single(model, args, operation, groups[:1])

    def single(self, model, args, operation, groups):
        """The first record: any of the first group."""
        found = [self.shown(model, args, r) for group in groups for r in group]
        if not found and operation.endswith("OrThrow"):
            raise Refused("P2025")
        return OneOf(found) if found else None


class OneOf(list):
    """Records of which any is a right answer."""


class Position:
    """A cursor: its record, and where the order is compared, its values."""

    def __init__(self, record, terms=None, is_backward=False):
        self.record, self.terms, self.is_backward = record, terms, is_backward

    def cut(self, rows):
        if self.terms is not None:
            return [r for r in rows if self.is_not_before(r, False)]
        for number, row in enumerate(rows):
            if row is self.record:
                return rows[number:]
        return []

    def is_not_before(self, row, is_loose):
        """Whether a record comes at or after the cursor's. Loose: what is NULL counts as coming after."""
        for term in self.terms:
            mine, its = term.value(row), term.value(self.record)
            if is_loose and term.is_nullable and (mine is None or its is None):
                return True
            if mine == its:
                continue
            if mine is None or its is None:
                before = (mine is None) == term.nulls_first
            else:
                before = (mine < its) != term.descending
            return before == self.is_backward
        return True


def id_of(model):
    return next(f for f in model.fields.values() if f.is_id)
