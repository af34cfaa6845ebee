"""Random writes for a data model and the rows that are there: most of them about records that exist."""
from ..kinds import answered
from .random_where import WhereMaker

TOP = {"create": 5, "createMany": 2, "createManyAndReturn": 2, "update": 8, "updateMany": 3, "updateManyAndReturn": 2, "upsert": 4, "delete": 3, "deleteMany": 1}


class WriteMaker(WhereMaker):
    """Makes the requests of one data model."""

    def request(self, rows):
        self.rows = rows
        dice = self.dice
        model = dice.choice(self.description.models)
        operation = dice.choices(list(TOP), list(TOP.values()))[0]
        args = getattr(self, "_" + operation)(model)
        return {"model": model.name, "operation": operation, "args": args}

    # ------------------------------------------------------------ at the top

    def _create(self, model):
        return {"data": self.create_data(model, 3), **self.selection(model)}

    def _createMany(self, model):
        args = {"data": self.several(0.7, lambda: self.create_data(model, 0), 0, 4)}
        if self.dice.random() < 0.5:
            args["skipDuplicates"] = self.dice.random() < 0.8
        return args

    def _createManyAndReturn(self, model):
        return {**self._createMany(model), **self.selection(model, many=True)}

    def _update(self, model):
        return {"where": self.unique(model, 0.9), "data": self.update_data(model, 3), **self.selection(model)}

    def _updateMany(self, model):
        return {**self.where_and_limit(model), "data": self.update_data(model, 0)}

    def _updateManyAndReturn(self, model):
        return {**self._updateMany(model), **self.selection(model, many=True)}

    def _upsert(self, model):
        where, create = self.unique(model, 0.6), self.create_data(model, 3)
        if self.dice.random() < 0.4:
            # The record that is made has the key that was looked for: PostgreSQL can do both in one statement.
            for name, value in self.key_values(model, where).items():
                if self.dice.random() < 0.9:
                    create = {**create, name: value} if self.is_writable(model, name, create) else create
        return {"where": where, "create": create, "update": self.update_data(model, 3), **self.selection(model)}

    def _delete(self, model):
        return {"where": self.unique(model, 0.9), **self.selection(model)}

    def _deleteMany(self, model):
        return self.where_and_limit(model)

    def where_and_limit(self, model):
        args = {"where": self.where(model)} if self.dice.random() < 0.9 else {}
        if self.dice.random() < 0.2:
            args["limit"] = self.dice.randint(0, 3)
        return args

    @staticmethod
    def key_values(model, where):
        values = {}
        for name, value in where.items():
            key = next((k for k in model.keys if k.name == name), None)
            if key:
                values.update(value if key.is_compound else {name: value})
        return values

    @staticmethod
    def is_writable(model, name, data):
        holds = any(model.member(n).is_relation and model.member(n).holds for n in data)
        field = model.member(name)
        return not (holds and (field in model.key_fields or field.is_numbered)) and (holds or field not in model.key_fields or name in data)

    # ------------------------------------------------------------ data

    def create_data(self, model, depth, back=None):
        """`back` is the relation field that leads to the record which this one is nested in."""
        dice, data = self.dice, {}
        given = set(back.own) if back and back.holds else set()
        held = [r for r in model.relations if r.holds and r is not back]
        by_relations = depth > 0 and bool(held) and dice.random() < 0.5
        keys = model.key_fields
        for member in model.members:
            if member is back or member in given:
                continue
            if member.is_relation:
                if depth == 0 or member.holds and not by_relations:
                    continue
                if member.holds and member.is_required or dice.random() < 0.35:
                    data[member.name] = self.steps_of_create(member, depth - 1)
            elif by_relations and (member in keys or member.is_numbered):
                continue
            elif member.is_required and not member.default and not member.is_updated_at or dice.random() < 0.4:
                if member.is_updated_at or member.default and member.default.form == "autoincrement" and dice.random() < 0.7:
                    continue
                data[member.name] = self.given(member, self.new_value(member))
        if by_relations and not any(n in data for n in (r.name for r in held)):
            # Why: a record that names neither keys nor relations may leave out relations that are optional, and nothing else.
            needed = [f for r in held if not r.is_required for f in r.own if f.is_required and not f.default]
            if needed:
                relation = next(r for r in held if needed[0] in r.own)
                data[relation.name] = self.steps_of_create(relation, depth - 1)
        return self.mixed(data)

    def mixed(self, data):
        names = list(data)
        self.dice.shuffle(names)
        return {n: data[n] for n in names}

    def update_data(self, model, depth, back=None):
        dice, data = self.dice, {}
        taken = set(back.own) if back and back.holds else set()
        by_relations = depth > 0 and dice.random() < 0.6
        keys = model.key_fields
        for member in model.members:
            if member is back or member in taken:
                continue
            if member.is_relation:
                if depth and (by_relations or not member.holds) and dice.random() < 0.35:
                    data[member.name] = self.steps_of_update(member, depth - 1)
            elif by_relations and (member in keys or member.is_numbered):
                continue
            elif dice.random() < (0.2 if any(member in key.fields for key in model.keys) else 0.3):
                data[member.name] = self.new_change(member)
        return self.mixed(data)

    def new_value(self, field):
        """A value for a field; None where that is one."""
        dice = self.dice
        if field.is_optional and dice.random() < 0.25:
            return None
        if field.is_list:
            return tuple(dice.choice(field.kind.pool) for _ in range(dice.randint(0, 3)))
        holder = next((r for r in field.model.relations if r.holds and field in r.own), None)
        if holder and dice.random() < 0.8:
            found = [row[other.name] for row in self.rows[holder.target.name] for own, other in zip(holder.own, holder.theirs) if own is field]
            found = [value for value in found if value is not None]
            if found:
                return dice.choice(found)
        if field.kind.name in ("Json",) and dice.random() < 0.1:
            return "null"
        return dice.choice(field.kind.pool)

    def given(self, field, value):
        """A value as a request says it."""
        if field.kind.name == "Json" and not field.is_list:
            if value is None:
                return {"$type": "DbNull"}
            if value == "null":
                return {"$type": "JsonNull"}
        if field.is_list:
            value = answered(field, value)
            return {"set": value} if self.dice.random() < 0.3 else value
        return field.kind.to_json(value)

    def new_change(self, field):
        dice, value = self.dice, self.new_value(field)
        if field.is_list and dice.random() < 0.5:
            values = [field.kind.to_json(dice.choice(field.kind.pool)) for _ in range(dice.randint(0, 2))]
            if field.kind.name == "Json":
                return {"push": values}
            return {"push": values[0] if values and dice.random() < 0.5 else values}
        if field.kind.is_number and not field.is_list and dice.random() < 0.4:
            return self.calculation(field)
        given = self.given(field, value)
        return {"set": given} if dice.random() < 0.3 and field.kind.name != "Json" and not field.is_list else given

    def calculation(self, field):
        dice, kind = self.dice, field.kind
        if field.default and field.default.form == "autoincrement":
            # Why far away: nothing may come near to what the database counts next.
            return {"decrement": kind.to_json(100_000 + dice.randint(0, 50))}
        operand = dice.choice([v for v in kind.pool if v] + ([2**31 - 1, 2**14][kind.name == "Small":][:1] if kind.name in ("Int", "Small") and dice.random() < 0.1 else []))
        operators = ["increment", "decrement", "multiply"] + ["divide"] * (kind.name != "Decimal" or operand in (1, 10))
        return {dice.choice(operators): kind.to_json(operand)}

    # ------------------------------------------------------------ steps on related records

    def several(self, probability, make, least=1, most=3):
        """One, or a list."""
        if self.dice.random() > probability:
            return make()
        return [make() for _ in range(self.dice.randint(least, most))]

    def some(self, field, make):
        return self.several(0.6, make) if field.is_list else make()

    def steps_of_create(self, field, depth):
        words = ["create", "connect", "connectOrCreate"]
        if field.is_list and not field.join:
            words.append("createMany")
        return self.steps(field, depth, words)

    def steps_of_update(self, field, depth):
        words = ["create", "connect", "connectOrCreate", "update", "update", "upsert", "upsert"]
        if field.is_list and not field.join:
            words.append("createMany")
        if not field.is_required:
            words += ["disconnect", "delete"]
        if field.is_list:
            words += ["set", "updateMany", "deleteMany"]
        return self.steps(field, depth, words)

    def steps(self, field, depth, words):
        count = 2 if field.is_list and self.dice.random() < 0.25 else 1
        return {word: getattr(self, "_step_" + word)(field, depth) for word in self.dice.sample(sorted(set(words)), count)}

    def _step_create(self, field, depth):
        return self.some(field, lambda: self.create_data(field.target, depth, field.other))

    def _step_createMany(self, field, depth):
        step = {"data": self.several(0.7, lambda: self.create_data(field.target, 0, field.other), 0, 3)}
        if self.dice.random() < 0.5:
            step["skipDuplicates"] = True
        return step

    def _step_connect(self, field, depth):
        return self.some(field, lambda: self.unique(field.target, 0.9))

    def _step_set(self, field, depth):
        return self.several(0.8, lambda: self.unique(field.target, 0.9), 0)

    def _step_connectOrCreate(self, field, depth):
        return self.some(field, lambda: {"where": self.unique(field.target, 0.6), "create": self.create_data(field.target, depth, field.other)})

    def _step_disconnect(self, field, depth):
        if field.is_list:
            return self.some(field, lambda: self.unique(field.target, 0.8))
        return True if self.dice.random() < 0.7 else self.where(field.target)

    _step_delete = _step_disconnect

    def _step_update(self, field, depth):
        if field.is_list:
            return self.several(0.5, lambda: {"where": self.unique(field.target, 0.9), "data": self.update_data(field.target, depth, field.other)}, 1, 2)
        data = self.update_data(field.target, depth, field.other)
        if "data" not in data and self.dice.random() < 0.5:
            return data
        return {"where": self.where(field.target), "data": data} if self.dice.random() < 0.4 else {"data": data}

    def _step_upsert(self, field, depth):
        def make():
            step = {"create": self.create_data(field.target, depth, field.other), "update": self.update_data(field.target, depth, field.other)}
            if field.is_list:
                step["where"] = self.unique(field.target, 0.7)
            elif self.dice.random() < 0.3:
                step["where"] = self.where(field.target)
            return self.mixed(step)
        return self.some(field, make)

    def _step_updateMany(self, field, depth):
        return self.several(0.3, lambda: {"where": self.where(field.target), "data": self.update_data(field.target, 0, field.other)}, 1, 2)

    def _step_deleteMany(self, field, depth):
        return self.several(0.3, lambda: self.where(field.target), 1, 2)
