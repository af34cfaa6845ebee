"""Tables in memory: what PostgreSQL does with single statements, constraints and the actions of foreign keys included."""
from collections import deque

from .kinds import read, shown, quoted
from .outcome import Refused, Unsupported


class Row(dict):
    """A record by field name. It is the same record whatever becomes of its values."""

    __slots__ = ("table", "is_alive", "is_fresh")

    def __init__(self, table, values):
        super().__init__(values)
        self.table, self.is_alive = table, True
        #: Written by this transaction: PostgreSQL then checks all its references again when it changes.
        self.is_fresh = False

    __eq__ = object.__eq__
    __hash__ = object.__hash__


class ForeignKey:
    def __init__(self, table, columns, target, keys, on_delete, on_update):
        self.table, self.columns, self.target, self.keys, self.on_delete, self.on_update = table, columns, target, keys, on_delete, on_update


class Table:
    """`name` is the model's, or the join table's."""

    def __init__(self, name, fields, uniques, needed):
        self.name, self.fields, self.uniques, self.needed = name, fields, uniques, needed
        self.holds, self.held_by = [], []


def tables_of(description):
    """The tables of a description by name, foreign keys in the order in which they are made."""
    tables = {}
    for model in description.models:
        needed = [f.name for f in model.scalars if f.is_required]
        tables[model.name] = Table(model.name, {f.name: f for f in model.scalars}, [[f.name for f in key.fields] for key in model.keys], needed)
    for side in description.joins():
        tables[side.join] = Table(side.join, {"A": side.model.primary[0], "B": side.target.primary[0]}, [["A", "B"]], ["A", "B"])
    if description.has_foreign_keys:
        made = [ForeignKey(tables[r.model.name], [f.name for f in r.own], tables[r.target.name], [f.name for f in r.theirs], r.on_delete, r.on_update)
                for r in description.holders()]
        for side in description.joins():
            made += [ForeignKey(tables[side.join], [r.this_column], tables[r.model.name], [r.model.primary[0].name], "Cascade", "Cascade")
                     for r in (side, side.other)]
        for key in made:
            key.table.holds.append(key)
            key.target.held_by.append(key)
    return tables


class Store:
    """The rows of all tables. Every method is one statement: it happens wholly, or raises `Refused`. What `is_deferred` leaves to be looked at
    when the transaction is committed, `commit` looks at."""

    def __init__(self, tables, rows, is_deferred=False, arrange=list):
        """`arrange` gives rows in the order in which a statement comes to them."""
        self.tables, self.is_deferred, self.arrange, self._late = tables, is_deferred, arrange, []
        self.rows = {name: [Row(table, values) for values in rows[name]] for name, table in tables.items()}
        self._events = deque()

    def state(self):
        return {name: [dict(row) for row in rows] for name, rows in self.rows.items()}

    def is_sound(self):
        """Whether all references lead somewhere."""
        keys = [(key, row) for table in self.tables.values() for key in table.holds for row in self.rows[table.name]]
        values = [(key, [row[n] for n in key.columns]) for key, row in keys]
        return all(None in value or self._find(key.target, key.keys, value) for key, value in values)

    # ------------------------------------------------------------ statements

    def insert(self, name, records, skips=False):
        """New rows; those that are there already are left out where it `skips`."""
        table, made = self.tables[name], []
        for values in records:
            kept = self._kept(table, values)
            if self._conflicts(table, kept, None):
                if skips:
                    continue
                raise Refused("P2002")
            row = Row(table, kept)
            row.is_fresh = True
            self.rows[name].append(row)
            made.append(row)
            self._events.extend(("check", key, row) for key in table.holds)
        self._fire()
        return made

    def update(self, name, rows, change):
        """`change` gives the new values of a row."""
        self._update(self.tables[name], list(rows), change)
        self._fire()

    def delete(self, name, rows):
        self._delete(self.tables[name], list(rows))
        self._fire()

    # ------------------------------------------------------------ rows

    @staticmethod
    def _kept(table, values):
        kept = {}
        for name, field in table.fields.items():
            value = values.get(name)
            kept[name] = tuple(field.kind.kept(v) for v in value) if field.is_list and value is not None else field.kind.kept(value)
        if any(kept[name] is None for name in table.needed):
            raise Refused("P2011")
        return kept

    def _conflicts(self, table, values, but):
        """Rows that have the same key."""
        found = []
        for unique in table.uniques:
            key = [values[n] for n in unique]
            if None not in key:
                found += [(row, unique) for row in self.rows[table.name] if row is not but and [row[n] for n in unique] == key]
        return found

    def _update(self, table, rows, change):
        rows = self.arrange(rows)
        codes, is_open, old = set(), False, {row: dict(row) for row in rows}
        waiting = set(rows)
        for row in rows:
            waiting.discard(row)
            try:
                new = self._kept(table, {**row, **change(row)})
            except Refused as refusal:
                codes |= refusal.codes
                continue
            for other, unique in self._conflicts(table, new, row):
                if not (other in waiting and any(n in change(other) and change(other)[n] != other[n] for n in unique)):
                    codes.add("P2002")
            row.update(new)
        for unique in table.uniques:
            # Why open: whether a row is in the way of another one depends on which of the two is changed first.
            was = {tuple(old[row][n] for n in unique): row for row in rows}
            is_open = is_open or any(was.get(tuple(row[n] for n in unique), row) is not row and None not in [row[n] for n in unique] for row in rows)
        if codes:
            raise Refused(*codes, *(["P2002"] if is_open else []))
        if is_open:
            raise Unsupported("rows that take each other's keys")
        for row in rows:
            self._events.extend(("update", key, old[row], dict(row)) for key in table.held_by if self._moves(key.keys, old[row], row))
            for key in table.holds:
                if row.is_fresh or any(old[row][n] != row[n] for n in key.columns):
                    self._events.append(("check", key, row))
            row.is_fresh = True

    @staticmethod
    def _moves(names, old, new):
        return all(old[n] is not None for n in names) and any(old[n] != new[n] for n in names)

    def _delete(self, table, rows):
        rows = self.arrange(rows)
        for row in rows:
            row.is_alive = False
        self.rows[table.name] = [row for row in self.rows[table.name] if row.is_alive]
        for row in rows:
            self._events.extend(("delete", key, dict(row), None) for key in table.held_by if all(row[n] is not None for n in key.keys))

    # ------------------------------------------------------------ foreign keys

    def _fire(self):
        """What PostgreSQL's triggers do at the end of a statement, in their order; what they cause comes last."""
        while self._events:
            kind, key, *what = self._events.popleft()
            if kind == "check":
                self._check(key, what[0])
            else:
                self._act(key, kind, *what)

    def commit(self):
        """Looks at what is deferred."""
        for look, *what in self._late:
            look(*what)

    def _check(self, key, row):
        if self.is_deferred:
            self._late.append((self._look, key, row))
        else:
            self._look(key, row)

    def _look(self, key, row):
        value = [row[n] for n in key.columns]
        if row.is_alive and None not in value and not self._find(key.target, key.keys, value):
            raise Refused("P2003")

    def _find(self, table, names, value):
        return [row for row in self.rows[table.name] if [row[n] for n in names] == value]

    def _act(self, key, kind, old, new):
        action = key.on_delete if kind == "delete" else key.on_update
        value = [old[n] for n in key.keys]
        holders = self._find(key.table, key.columns, value)
        if action == "Restrict" and holders:
            raise Refused("P2003")
        if action == "NoAction" and self.is_deferred:
            self._late.append((self._forbid_holders, key, value))
        elif action == "NoAction":
            self._forbid_holders(key, value)
        elif action == "Cascade" and kind == "delete":
            self._delete(key.table, holders)
        elif action == "Cascade":
            self._update(key.table, holders, lambda _: {n: new[k] for n, k in zip(key.columns, key.keys)})
        elif action == "SetNull":
            self._update(key.table, holders, lambda _: dict.fromkeys(key.columns))
        elif action == "SetDefault":
            defaults = {n: f.default.value if f.default else None for n, f in ((n, key.table.fields[n]) for n in key.columns)}
            self._update(key.table, holders, lambda _: defaults)
            # Why: rows that had their defaults already have not changed, so nothing else looks at them.
            self._forbid_holders(key, value)

    def _forbid_holders(self, key, value):
        if self._find(key.table, key.columns, value) and not self._find(key.target, key.keys, value):
            raise Refused("P2003")


# ---------------------------------------------------------------- the database's own

def select(description):
    """A statement that gives all rows of all tables as one line of JSON."""
    parts = []
    for model in description.models:
        cells = ", ".join(shown(f) for f in model.scalars)
        parts.append("(SELECT json_agg(json_build_array(%s)) FROM %s)" % (cells, quoted(model.table)))
    for side in description.joins():
        cells = ", ".join(r.model.primary[0].kind.shown(column) for r, column in ((side, '"A"'), (side.other, '"B"')))
        parts.append("(SELECT json_agg(json_build_array(%s)) FROM %s)" % (cells, quoted(side.join)))
    return "SELECT json_build_array(%s)" % ", ".join(parts)


def rows_of(tables, answer):
    """What such a statement gave, by table."""
    rows = {}
    for (name, table), list_ in zip(tables.items(), answer):
        rows[name] = [{n: read(f, cell) for (n, f), cell in zip(table.fields.items(), cells)} for cells in list_ or []]
    return rows
