"""Random requests on a schema and its rows, of every read operation."""
import json

from aggregates import AGGREGATES
from random_filter import FilterMaker

#: Of these PostgreSQL has no order, or one that is not of interest.
UNORDERED = ("Xml", "Json", "Inet")


class RequestMaker(FilterMaker):
    """`reference` holds schema and rows."""

    def request(self, structure, values):
        """The same `structure` gives requests of one shape, mostly: only their values differ."""
        self.random.seed(structure)
        self.values.seed(values)
        r = self.random
        model = r.choice(list(self.schema.models.values()))
        operation = r.choices(
            ("findMany", "findFirst", "findUnique", "count", "aggregate", "groupBy", "findFirstOrThrow", "findUniqueOrThrow"), (50, 8, 8, 8, 10, 14, 1, 1))[0]
        if operation.startswith("findUnique"):
            args = {"where": self.unique(model)}
            self.select(model, args, 2)
        elif operation == "groupBy":
            args = self.group_by(model)
        elif operation == "count":
            args = self.rows_args(model, is_aggregate=True)
            if r.random() < 0.4:
                args["select"] = self.flags(["_all"] + [f.name for f in model.scalars])
        elif operation == "aggregate":
            args = dict(self.rows_args(model, is_aggregate=True), **self.aggregations(model, needed=True))
        else:
            args = self.rows_args(model, is_single=operation != "findMany")
            self.select(model, args, 3)
        return {"model": model.name, "operation": operation, "args": args}

    # ------------------------------------------------------------ which records

    def rows_args(self, model, is_aggregate=False, is_single=False, is_nested=False):
        r, args = self.random, {}
        if r.random() < (0.4 if is_nested else 0.7):
            args["where"] = self.where(model, 2)
        is_paged = r.random() < 0.5
        if r.random() < 0.6 or is_paged:
            args["orderBy"] = self.order(model, is_total=is_paged or is_single or r.random() < 0.5)
        if is_paged:
            if r.random() < 0.75:
                args["take"] = r.choice((1, -1)) if is_single else r.choice((0, 1, 2, 3, 5, 10, 101, -1, -2, -3, -7))
            if r.random() < 0.4:
                args["skip"] = r.choice((0, 1, 2, 5))
            if r.random() < 0.4:
                cursor = self.cursor(model)
                if cursor:
                    args["cursor"] = cursor
            if r.random() < 0.3 and not is_aggregate:
                args["distinct"] = self.distinct(model)
            if r.random() < 0.1 and not is_aggregate:
                args.pop("orderBy")
        return args

    def distinct(self, model):
        fields = [f.name for f in model.scalars if f.native not in ("Xml", "Json")]
        names = self.random.sample(fields, min(len(fields), self.random.randint(1, 2)))
        return names[0] if len(names) == 1 and self.random.random() < 0.3 else names

    def cursor(self, model):
        row = self.row(model)
        keys = [k for k in model.keys if row and all(row[f.name] is not None for f in k[1])]
        if not keys:
            return None
        return model.unique_where(self.random.choice(keys), self.plain_row(model, row))

    def unique(self, model):
        where = self.cursor(model)
        if where is None:
            name, fields, _ = model.keys[0]
            return model.unique_where(model.keys[0], {f.name: self.any_value(f) for f in fields})
        if self.random.random() < 0.15:
            where = dict(where, AND=[self.where(model, 1)])
        if self.random.random() < 0.15:
            extra = self.where(model, 1)
            where = dict({n: v for n, v in extra.items() if n not in where and n not in [k[0] for k in model.keys]}, **where)
        return where

    def order(self, model, is_total):
        r, terms = self.random, []
        for _ in range(r.choice((0, 1, 1, 2))):
            term = self.term(model, 2)
            if term:
                terms.append(term)
        if is_total or not terms:
            given = {n for term in terms for n in term}
            key = r.choice([fields for _, fields, _ in model.keys if all(f.is_required for f in fields)] or [model.identifier])
            terms += [{f.name: r.choice(("asc", "desc"))} for f in key if f.name not in given]
        return terms[0] if len(terms) == 1 and r.random() < 0.6 else terms

    def term(self, model, depth):
        r = self.random
        relations = [f for f in model.relations if f.is_list or depth]
        if relations and r.random() < 0.35:
            field = r.choice(relations)
            if field.is_list:
                return {field.name: {"_count": r.choice(("asc", "desc"))}}
            inner = self.term(field.target, depth - 1)
            return {field.name: inner} if inner else None
        fields = [f for f in model.scalars if f.native not in UNORDERED]
        field = r.choice(fields)
        direction = r.choice(("asc", "desc"))
        if field.is_optional and r.random() < 0.5:
            direction = {"sort": direction}
            if r.random() < 0.8:
                direction["nulls"] = r.choice(("first", "last"))
        return {field.name: direction}

    # ------------------------------------------------------------ what of them

    def select(self, model, args, depth):
        """Adds `select`, `include`, `omit` or nothing."""
        r = self.random
        kind = r.random()
        if kind < 0.25:
            return
        if kind < 0.35:
            names = [f.name for f in model.scalars]
            args["omit"] = {n: r.random() < 0.8 for n in r.sample(names, r.randint(0, len(names) - 1))}
            return
        is_select = kind < 0.7
        wanted = {}
        if is_select:
            for field in model.scalars:
                if r.random() < 0.4:
                    wanted[field.name] = r.random() < 0.95
        for field in model.relations:
            if depth and r.random() < 0.5:
                wanted[field.name] = self.nested(field, depth - 1)
        lists = [f for f in model.relations if f.is_list]
        if lists and r.random() < 0.3:
            wanted["_count"] = True if r.random() < 0.3 else {"select": {f.name: self.count_entry(f) for f in r.sample(lists, r.randint(1, len(lists)))}}
        if is_select and not any(v is not False for v in wanted.values()):
            wanted[model.scalars[0].name] = True
        if wanted or r.random() < 0.3:
            args["select" if is_select else "include"] = wanted
            if not is_select and r.random() < 0.15:
                args["omit"] = {model.scalars[-1].name: True}

    def nested(self, field, depth):
        if self.random.random() < 0.25:
            return True
        if field.is_list:
            args = self.rows_args(field.target, is_nested=True)
        else:
            args = {}
            if not field.is_required and self.random.random() < 0.2:
                args["where"] = self.where(field.target, 1)
        self.select(field.target, args, depth)
        return args

    def count_entry(self, field):
        return True if self.random.random() < 0.4 else {"where": self.where(field.target, 1)}

    # ------------------------------------------------------------ aggregates

    def flags(self, names):
        chosen = self.random.sample(names, self.random.randint(1, min(len(names), 4)))
        return dict.fromkeys(chosen, True)

    def aggregated(self, model, name):
        fields = [f for f in model.scalars if not f.is_list]
        if name in ("_avg", "_sum"):
            return [f.name for f in fields if f.kind in ("Int", "BigInt", "Float", "Decimal") and f.native != "Oid"]
        # PostgreSQL has no min(boolean) and no min(bytea); of texts that differ in case alone citext may give either.
        return [f.name for f in fields if f.kind not in ("Json", "Boolean", "Bytes") and f.native not in ("Inet", "Citext", "Xml")]

    def aggregations(self, model, needed):
        r, result = self.random, {}
        for name in r.sample(AGGREGATES, r.randint(1 if needed else 0, 3)):
            if name == "_count":
                result[name] = True if r.random() < 0.3 else self.flags(["_all"] + [f.name for f in model.scalars])
            elif self.aggregated(model, name):
                result[name] = self.flags(self.aggregated(model, name))
        if needed and not result:
            result["_count"] = True
        return result

    def group_by(self, model):
        r = self.random
        fields = [f for f in model.scalars if f.native not in ("Xml", "Json", "Citext")]
        by = r.sample(fields, min(len(fields), r.randint(1, 2)))
        args = {"by": by[0].name if len(by) == 1 and r.random() < 0.3 else [f.name for f in by]}
        if r.random() < 0.5:
            args["where"] = self.where(model, 1)
        args.update(self.aggregations(model, needed=False))
        if r.random() < 0.4:
            args["having"] = self.having(model, by, 1)
        if r.random() < 0.6:
            order = [self.group_term(model, by) for _ in range(r.choice((0, 1)))]
            order = [o for o in order if o]
            if all(f.native not in UNORDERED for f in by):
                named = {n for o in order for n in o}
                order += [{f.name: r.choice(("asc", "desc"))} for f in by if f.name not in named]
                if r.random() < 0.5:
                    args["take"] = r.choice((0, 1, 2, 5, -1, -2))
                if r.random() < 0.3:
                    args["skip"] = r.choice((0, 1, 2))
            if order:
                args["orderBy"] = order
        return args

    def group_term(self, model, by):
        r = self.random
        name = r.choice(AGGREGATES)
        names = [f.name for f in model.scalars] if name == "_count" else self.aggregated(model, name)
        if not names:
            return None
        return {name: {r.choice(names): r.choice(("asc", "desc"))}}

    def having(self, model, by, depth):
        r = self.random
        if depth and r.random() < 0.3:
            group = r.choice(("AND", "OR", "NOT"))
            return {group: [self.having(model, by, depth - 1) for _ in range(r.randint(1, 2))]}
        if r.random() < 0.3:
            field = r.choice(by)
            if not field.is_list and field.kind != "Json":
                return {field.name: self.scalar(model, field, references=False)}
        name = r.choice(AGGREGATES)
        names = [f.name for f in model.scalars if not f.is_list and f.kind != "Json"] if name == "_count" else self.aggregated(model, name)
        if not names:
            return {}
        field = model.fields[r.choice(names)]
        if name == "_count":
            value = r.choice((0, 1, 2, 3))
        elif name in ("_min", "_max"):
            value = self.any_value(field)
        elif name == "_avg" and field.kind != "Decimal":
            value = r.choice((-1.5, 0, 1, 2.25))
        else:
            value = r.choice(("0", "1.5", "3")) if field.kind == "Decimal" else r.choice((-1, 0, 3))
        if value is None:
            return {}
        test = r.choice(("equals", "not", "gt", "gte", "lt", "lte"))
        if field.enum and name in ("_min", "_max"):
            test = "not"
        if test in ("equals", "not") and (name in ("_avg", "_sum") and field.kind == "Float" or name == "_avg"):
            test = "gt"
        return {field.name: {name: {test: value}}}


def as_text(request):
    return json.dumps(request, ensure_ascii=False)
