"""Random conditions and selections for a data model and the rows that are there."""


class WhereMaker:
    def __init__(self, description, dice):
        self.description, self.dice, self.rows = description, dice, {}

    # ------------------------------------------------------------ where

    def unique(self, model, likely):
        """A record by one of its keys: with the probability `likely` one that is there."""
        dice = self.dice
        row = dice.choice(self.rows[model.name]) if self.rows[model.name] and dice.random() < likely else None
        keys = [key for key in model.keys if row is None or all(row[f.name] is not None for f in key.fields)]
        key = dice.choice(keys)
        values = {f.name: f.kind.to_json(row[f.name] if row else dice.choice(f.kind.pool)) for f in key.fields}
        where = {key.name: values} if key.is_compound else values
        if dice.random() < 0.12:
            # Why no unique ones: they take a plain value alone.
            single = [k.name for k in model.keys]
            more = {n: v for n, v in self.where(model).items() if n not in single}
            where = {**where, **more}
        return where

    def where(self, model, depth=1):
        """A filter: of one or two members, now and then empty."""
        dice, where = self.dice, {}
        for _ in range(dice.choice((0, 1, 1, 1, 2))):
            kind = dice.random()
            if kind < 0.12 and depth:
                word = dice.choice(("AND", "OR", "NOT"))
                parts = [self.where_of_scalars(model) for _ in range(dice.randint(1, 2))]
                where[word] = parts if word == "OR" or dice.random() < 0.7 else parts[0]
            elif kind < 0.25 and depth and model.relations:
                field = dice.choice(model.relations)
                where[field.name] = self.where_of_relation(field)
            else:
                where.update(self.where_of_scalars(model))
        return where

    def where_of_relation(self, field):
        inner = self.where_of_scalars(field.target) if self.dice.random() < 0.6 else {}
        if field.is_list:
            return {self.dice.choice(("some", "none")): inner}
        if not field.is_required and self.dice.random() < 0.4:
            return {self.dice.choice(("is", "isNot")): None}
        # Why not in short: the model's own fields may be called so.
        return {self.dice.choice(("is", "is", "isNot")): inner} if self.dice.random() < 0.6 or set(inner) & {"is", "isNot"} else inner

    def where_of_scalars(self, model):
        dice = self.dice
        fields = [f for f in model.scalars if not f.is_list and f.kind.name not in ("Json", "Bytes", "Float")]
        if not fields:
            return {}
        field = dice.choice(fields)
        return {field.name: self.condition(field)}

    def value(self, field):
        held = [row[field.name] for row in self.rows[field.model.name] if row[field.name] is not None]
        return field.kind.to_json(self.dice.choice(held) if held and self.dice.random() < 0.7 else self.dice.choice(field.kind.pool))

    def condition(self, field):
        dice, kind = self.dice, self.dice.random()
        if field.is_optional and kind < 0.2:
            return None if dice.random() < 0.5 else {"not": None}
        if kind < 0.5:
            return self.value(field) if dice.random() < 0.7 else {"equals": self.value(field)}
        if kind < 0.7 and field.kind.name != "Boolean":
            return {dice.choice(("in", "notIn")): [self.value(field) for _ in range(dice.randint(0, 3))]}
        if kind < 0.85 or field.kind.name not in ("Int", "Small", "BigInt", "DateTime", "Tz", "Decimal"):
            return {"not": self.value(field)}
        return {dice.choice(("lt", "lte", "gt", "gte")): self.value(field)}

    # ------------------------------------------------------------ select, include, omit

    def selection(self, model, many=False, depth=2):
        """What a write gives back. Where it writes `many`, relations to many cannot be asked for."""
        dice, kind = self.dice, self.dice.random()
        relations = [r for r in model.relations if not (many and r.is_list)]
        if kind < 0.4:
            return {}
        if kind < 0.6 and relations:
            return {"include": self.included(dice.sample(relations, dice.randint(1, min(2, len(relations)))), model, many, depth)}
        if kind < 0.9:
            chosen = {f.name: True for f in model.scalars if dice.random() < 0.5}
            if relations and depth and dice.random() < 0.4:
                chosen.update(self.included([dice.choice(relations)], model, many, depth))
            return {"select": chosen} if chosen else {}
        omitted = {f.name: True for f in model.scalars if dice.random() < 0.3}
        return {"omit": omitted} if len(omitted) < len(model.scalars) else {}

    def included(self, relations, model, many, depth):
        included = {r.name: self.inner(r, depth - 1) for r in relations}
        lists = [r for r in model.relations if r.is_list]
        if lists and not many and self.dice.random() < 0.2:
            included["_count"] = {"select": {self.dice.choice(lists).name: True}}
        return included

    def inner(self, field, depth):
        if depth <= 0 or self.dice.random() < 0.6:
            return True
        inner = self.selection(field.target, depth=depth)
        if field.is_list and self.dice.random() < 0.3:
            inner["where"] = self.where(field.target, 0)
        return inner or True
