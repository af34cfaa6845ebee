"""The writes of Prisma Client, carried out on a `Store`.

Records that the written one holds keys of come first, then itself, then what holds its key; steps in the order of the text. Records are
told apart by what they are and not by their keys, so it does not matter when and by whom a key is changed.
"""
from .actions import Actions
from .filters import Filters, listed
from .kinds import Change, JsonText, calculated
from .outcome import Refused, Unknown, Unsupported

def tag(value):
    """The `$type` of a tagged value."""
    return value.get("$type") if isinstance(value, dict) else None


class Walk:
    def __init__(self, description, store, choose):
        self.description, self.store = description, store
        self.filters = Filters(description, store)
        self.actions = Actions(description, store)
        #: Which of some records a `limit` means: nobody says, so the caller does.
        self.choose = choose
        self.moment = Unknown("now")
        #: Records that were made just now. Nothing is related to them yet: nobody asks who held their key before they were there.
        self.new = set()

    # ------------------------------------------------------------ data

    def value(self, field, given):
        """A plain value of a field as a request gives it."""
        if tag(given) == "DbNull":
            return None
        if tag(given) == "JsonNull":
            return JsonText("null")
        if given is None:
            return None
        return tuple(field.kind.from_json(v) for v in given) if field.is_list else field.kind.from_json(given)

    def change(self, field, given):
        """From the old value to the new one."""
        if field.is_list and isinstance(given, dict):
            if "push" in given:
                more = given["push"]
                several = isinstance(more, list) and field.kind.name != "Json"
                more = tuple(field.kind.from_json(v) for v in more) if several else (field.kind.from_json(more),)
                return Change(lambda old: (old or ()) + more)
            given = given["set"]
        elif field.kind.name != "Json" and isinstance(given, dict):
            (operator, operand), = given.items()
            if operator != "set":
                operand = field.kind.from_json(operand)
                return Change(lambda old: calculated(field.kind, operator, old, operand), calculates=True)
            given = operand
        return Change.to(self.value(field, given))

    def changes(self, model, data):
        """The changes of scalars by name, with the time of the update."""
        changes = {name: self.change(model.member(name), given) for name, given in data.items() if not model.member(name).is_relation}
        return changes

    def timed(self, model, changes):
        if changes:
            for field in model.scalars:
                if field.is_updated_at and field.name not in changes:
                    changes = {**changes, field.name: Change.to(self.moment)}
        return changes

    def touched(self, model, values):
        """Values of columns with the time of the update: a relation that begins or ends is an update of the record that has its key."""
        return {**{f.name: self.moment for f in model.scalars if f.is_updated_at}, **values}

    def filled(self, model, values):
        """The values of a new record with what nobody gave."""
        for field in model.scalars:
            if field.name in values:
                continue
            default = field.default
            if field.is_updated_at or default and default.form == "now":
                values[field.name] = self.moment
            elif default and default.form in ("client", "autoincrement"):
                values[field.name] = Unknown(default.pattern)
            else:
                values[field.name] = default.value if default else None
        return values

    def scalars(self, model, data):
        return {name: self.change(model.member(name), given)(None) for name, given in data.items() if not model.member(name).is_relation}

    # ------------------------------------------------------------ one record

    def create(self, model, data, fixed=None):
        values = {**self.scalars(model, data), **(fixed or {})}
        for name, steps in data.items():
            field = model.member(name)
            if field.is_relation and field.holds:
                held = self._create_held(field, steps)
                if held is not None:
                    values.update({own.name: held[other.name] for own, other in zip(field.own, field.theirs)})
        row, = self.store.insert(model.name, [self.filled(model, values)])
        self._write_related(model, row, data, is_new=True)
        return row

    def update(self, model, row, data):
        """Changes a record and what hangs on it."""
        if row in self.actions.busy:
            raise Unsupported("a record that is changed within its own update")
        self.actions.busy.append(row)
        changes, deletions = self.changes(model, data), []
        for name, steps in data.items():
            field = model.member(name)
            if field.is_relation and field.holds:
                for step, given in steps.items():
                    changes.update(self._update_held(field, row, step, given, deletions))
        if changes:
            if not row.is_alive:
                raise Refused("P2025")
            self.actions.busy.remove(row)
            self._apply(model, [row], changes)
            self.actions.busy.append(row)
        for target, held in deletions:
            self.actions.delete(target, [held])
        self._write_related(model, row, data)
        self.actions.busy.remove(row)
        return row

    def _apply(self, model, rows, changes):
        changes = self.timed(model, changes)
        calculated = {name for name, change in changes.items() if change.calculates}
        self.actions.update(model, rows, lambda row: {name: change(row[name]) for name, change in changes.items()}, calculated)

    # ------------------------------------------------------------ records that hold no key, held by this one

    def _create_held(self, field, steps):
        held = None
        for step, given in steps.items():
            if step == "create":
                held = self.create(field.target, given)
            elif step == "connect":
                held = self._found(field, given)
                self._free(field, held, None)
            elif step == "connectOrCreate":
                held = self.filters.unique(field.target, given["where"])
                if held is None:
                    held = self.create(field.target, given["create"])
                else:
                    self._free(field, held, None)
        return held

    def _found(self, field, where):
        held = self.filters.unique(field.target, where)
        if held is None:
            raise Refused("P2025")
        return held

    def _update_held(self, field, row, step, given, deletions):
        """What the columns of the key become."""
        def keys(held):
            return {own.name: Change.to(held[other.name]) for own, other in zip(field.own, field.theirs)}
        target = field.target
        if step == "create":
            return keys(self.create(target, given))
        if step == "connect":
            held = self._found(field, given)
            self._free(field, held, row)
            return keys(held)
        if step == "connectOrCreate":
            held = self.filters.unique(target, given["where"])
            if held is None:
                return keys(self.create(target, given["create"]))
            self._free(field, held, row)
            return keys(held)
        cleared = {own.name: Change.to(None) for own in field.own if own.is_optional}
        if step == "disconnect":
            if given is not True and self._held(field, row, given) is None:
                return {}
            return cleared
        if step == "delete":
            if given is False:
                return {}
            held = self._held(field, row, None if given is True else given)
            if held is None:
                raise Refused("P2025")
            deletions.append((target, held))
            return {}
        where, data, created = self._one(target, step, given)
        held = self._held(field, row, where)
        if held is not None:
            self.update(target, held, data)
            return {}
        if step == "update":
            raise Refused("P2025")
        return keys(self.create(target, created))

    @staticmethod
    def _one(target, step, given):
        """Filter, data and new record of an `update` or `upsert` of one record."""
        if step == "upsert":
            return given.get("where"), given["update"], given["create"]
        # Why by what it holds: a field of the model may be called data, too.
        if isinstance(given.get("data"), dict) and set(given) <= {"where", "data"}:
            return given.get("where"), given["data"], None
        return None, given, None

    def _held(self, field, row, where):
        found = self.filters.related(field, row)
        return found[0] if found and self.filters.passes(field.target, found[0], where or {}) is True else None

    def _free(self, field, held, owner):
        """Where a record can be held by one other alone: takes it from the one that holds it now."""
        if not field.other.is_list:
            self._release(field, [r for r in self.filters.related(field.other, held) if r is not owner])

    def _release(self, field, holders):
        """Clears the keys of records; where they cannot be without one, there must be none. `field` is the side that has the key."""
        if not holders:
            return
        cleared = [f.name for f in field.own if f.is_optional]
        if field.is_required or not cleared:
            raise Refused("P2014")
        values = self.touched(field.model, dict.fromkeys(cleared))
        self.actions.update(field.model, holders, lambda _: values)

    # ------------------------------------------------------------ records that hold the key of this one, or are linked to it

    def _write_related(self, model, row, data, is_new=False):
        if is_new:
            self.new.add(row)
        for name, steps in data.items():
            field = model.member(name)
            if field.is_relation and not field.holds:
                for step, given in steps.items():
                    if not row.is_alive:
                        raise Unsupported("steps below a record that is gone")
                    getattr(self, "_" + step)(field, row, given)
        self.new.discard(row)

    def _key(self, field, row):
        return {} if field.join else {other.name: row[own.name] for own, other in zip(field.own, field.theirs)}

    def _belonging(self, field, row, where=None):
        return [r for r in self.filters.related(field, row) if self.filters.passes(field.target, r, where or {}) is True]

    def _named(self, field, row, where):
        """The related record that a unique filter names."""
        return next((r for r in self.filters.related(field, row) if self.filters.passes_unique(field.target, r, where) is True), None)

    def _link(self, field, row, others):
        this, that = row[field.model.primary[0].name], field.target.primary[0].name
        self.store.insert(field.join, [{field.this_column: this, field.other_column: other[that]} for other in others], skips=True)

    def _unlink(self, field, row, others):
        this, those = row[field.model.primary[0].name], [other[field.target.primary[0].name] for other in others]
        rows = self.store.rows[field.join]
        self.store.delete(field.join, [r for r in rows if r[field.this_column] == this and r[field.other_column] in those])

    def _create_related(self, field, row, data):
        if field.join:
            return self._link(field, row, [self.create(field.target, data)])
        if not field.is_list and row not in self.new:
            self._release(field.other, self.filters.related(field, row))
        self.create(field.target, data, self._key(field, row))

    def _create(self, field, row, given):
        if not field.is_list:
            return self._create_related(field, row, given)
        made, model = listed(given), field.target
        members = [model.member(n) for data in made for n in data]
        if not field.join and not any(m.is_relation for m in members):
            return self.create_many(model, made, False, self._key(field, row))
        # Why: several new records go in together, and then what hangs on them, unless they hold keys of others.
        if len(made) == 1 or any(m.is_relation and m.holds for m in members):
            rows = [self.create(model, data, self._key(field, row)) for data in made]
        else:
            key = self._key(field, row)
            rows = [r for data in made for r in self.create_many(model, [data], False, key)]
            for r, data in zip(rows, made):
                self._write_related(model, r, data, is_new=True)
        if field.join:
            self._link(field, row, rows)

    def _createMany(self, field, row, given):
        self.create_many(field.target, listed(given["data"]), given.get("skipDuplicates", False), self._key(field, row))

    def _connect(self, field, row, given, is_lenient=False):
        wheres = self.filters.distinct(field.target, listed(given))
        found = [r for r in self.store.rows[field.target.name] if any(self.filters.passes_unique(field.target, r, w) is True for w in wheres)]
        is_short = not is_lenient and len(found) < len(wheres)
        if field.join:
            if is_short:
                raise Refused("P2025")
            return self._link(field, row, found)
        try:
            self._take(field, row, found)
        except Refused as refusal:
            # Why either: that one is missing shows by how many were changed, if they could be.
            raise Refused(*refusal.codes, *(["P2018" if field.is_list else "P2025"] if is_short else [])) from None
        if is_short:
            raise Refused("P2018" if field.is_list else "P2025")

    def _take(self, field, row, found):
        if not field.is_list and row not in self.new:
            self._release(field.other, [r for r in self.filters.related(field, row) if r not in found])
        values = self.touched(field.target, self._key(field, row))
        self.actions.update(field.target, found, lambda _: values)

    def _connectOrCreate(self, field, row, given):
        for one in listed(given):
            if self.filters.unique(field.target, one["where"]) is None:
                self._create_related(field, row, one["create"])
            else:
                self._connect(field, row, one["where"])

    def _disconnect(self, field, row, given):
        if field.is_list:
            found = [r for w in listed(given) for r in [self._named(field, row, w)] if r is not None]
        else:
            found = self._belonging(field, row, None if given is True else given)
        if field.join:
            return self._unlink(field, row, found)
        self._release(field.other, found)

    def _set(self, field, row, given):
        kept = [r for w in listed(given) for r in [self.filters.unique(field.target, w)] if r is not None]
        if field.join:
            # Why all: without foreign keys a link may lead nowhere.
            this = row[field.model.primary[0].name]
            self.store.delete(field.join, [r for r in self.store.rows[field.join] if r[field.this_column] == this])
        else:
            self._release(field.other, [r for r in self.filters.related(field, row) if r not in kept])
        self._connect(field, row, given, is_lenient=True)

    def _update(self, field, row, given):
        for one in listed(given):
            if field.is_list:
                found, data = self._named(field, row, one["where"]), one["data"]
            else:
                where, data, _ = self._one(field.target, "update", one)
                found = next(iter(self._belonging(field, row, where)), None)
            if found is None:
                raise Refused("P2025")
            self.update(field.target, found, data)

    def _upsert(self, field, row, given):
        for one in listed(given):
            found = self._named(field, row, one["where"]) if field.is_list else next(iter(self._belonging(field, row, one.get("where"))), None)
            if found is not None:
                self.update(field.target, found, one["update"])
            else:
                self._create_related(field, row, one["create"])

    def _updateMany(self, field, row, given):
        for one in listed(given):
            changes = self.changes(field.target, one["data"])
            if changes:
                self._apply(field.target, self._belonging(field, row, one["where"]), changes)

    def _delete(self, field, row, given):
        if given is False:
            return
        meant = [self._named(field, row, one) if field.is_list else next(iter(self._belonging(field, row, None if one is True else one)), None)
                 for one in listed(given)]
        # Why not twice: by then it is gone.
        codes = {"P2017" if field.is_list else "P2025"} if None in meant or len(set(meant)) < len(meant) else set()
        try:
            self.actions.delete(field.target, list(dict.fromkeys(r for r in meant if r is not None)))
        except Refused as refusal:
            codes |= refusal.codes
        # Why any of them: what is deleted together fails for one reason, and which one is told is open.
        if codes:
            raise Refused(*codes)

    def _deleteMany(self, field, row, given):
        for one in listed(given):
            self.actions.delete(field.target, self._belonging(field, row, one))

    # ------------------------------------------------------------ many

    def create_many(self, model, records, skips, fixed=None):
        rows = [self.filled(model, {**self.scalars(model, data), **(fixed or {})}) for data in records]
        return self.store.insert(model.name, rows, skips)

    def update_many(self, model, where, data, limit):
        rows = self._limited(self.filters.passing(model, where), limit)
        changes = self.changes(model, data)
        if changes:
            self._apply(model, rows, changes)
        return rows

    def delete_many(self, model, where, limit):
        rows = self._limited(self.filters.passing(model, where), limit)
        self.actions.delete(model, rows)
        return rows

    def _limited(self, rows, limit):
        return rows if limit is None or limit >= len(rows) else self.choose(rows, limit)
