"""Updates and deletions of records, with the actions that the library carries out where there are no foreign keys."""
from .outcome import Refused, Unsupported


class Actions:
    def __init__(self, description, store):
        self.description, self.store = description, store
        #: The records that are being updated. Why others may not change them: which of two changes comes first, and what either one finds,
        #: is said nowhere where a record is related to itself.
        self.busy = []

    def update(self, model, rows, change, calculated=()):
        """`calculated` names the fields that are taken to change whatever comes out."""
        if any(row in self.busy for row in rows):
            raise Unsupported("a record that is changed within its own update")
        if not self.description.has_foreign_keys:
            self._follow_update(model, rows, change, calculated)
        self.store.update(model.name, rows, change)

    def delete(self, model, rows):
        if not self.description.has_foreign_keys:
            self._follow_deletion(model, rows)
        self.store.delete(model.name, [row for row in rows if row.is_alive])

    @staticmethod
    def _dependents(model):
        return [r for r in model.relations if not r.holds and not r.join]

    def _holders(self, field, rows):
        """The records that hold the key of one of these."""
        keys = [[row[f.name] for f in field.own] for row in rows]
        keys = [key for key in keys if None not in key]
        return [r for r in self.store.rows[field.target.name] if [r[f.name] for f in field.theirs] in keys]

    def _links(self, field, rows):
        keys = [row[field.model.primary[0].name] for row in rows]
        return [r for r in self.store.rows[field.join] if r[field.this_column] in keys]

    def _follow_deletion(self, model, rows):
        for field in model.relations:
            if field.join:
                self.store.delete(field.join, self._links(field, rows))
        for field in self._dependents(model):
            holders, holder = self._holders(field, rows), field.other
            if not holders:
                continue
            if holder.on_delete == "Restrict":
                raise Refused("P2014")
            if holder.on_delete == "Cascade":
                self.delete(field.target, holders)
            else:
                self._clear(holder, holders)

    def _clear(self, holder, rows):
        names = [f.name for f in holder.own if f.is_optional]
        self.update(holder.model, rows, lambda _: dict.fromkeys(names))

    def _follow_update(self, model, rows, change, calculated):
        for field in self._dependents(model):
            names = [f.name for f in field.own]
            moved = [row for row in rows if any(n in calculated or n in change(row) and change(row)[n] != row[n] for n in names)]
            holders, holder = self._holders(field, moved), field.other
            if not holders:
                continue
            if holder.on_update == "Restrict":
                raise Refused("P2014")
            if holder.on_update == "SetNull":
                self._clear(holder, holders)
                continue
            # Why all at once: the key that one row gets may be the one that another had.
            new = {r: self._following(field, r, moved, change) for r in holders}
            self.update(field.target, holders, lambda r: new[r])
        for field in model.relations:
            if field.join:
                self._follow_in_links(field, rows, change)

    @staticmethod
    def _following(field, holder, moved, change):
        key = [holder[f.name] for f in field.theirs]
        row = next(r for r in moved if [r[f.name] for f in field.own] == key)
        new = {**row, **change(row)}
        return {theirs.name: new[own.name] for own, theirs in zip(field.own, field.theirs)}

    def _follow_in_links(self, field, rows, change):
        name = field.model.primary[0].name
        moved = {row[name]: change(row)[name] for row in rows if name in change(row) and change(row)[name] != row[name]}
        links = [r for r in self.store.rows[field.join] if r[field.this_column] in moved]
        self.store.update(field.join, links, lambda r: {field.this_column: moved[r[field.this_column]]})
