"""One database, one client, one model in memory: a request by both ways."""
import itertools
import json
import random

import capi

from .answers import Matching, carry_out, is_alike
from .kinds import field_sql, quoted
from .outcome import Refused, Unsupported
from .store import Store, rows_of, select, tables_of

#: Of so many outcomes that a `limit` leaves open all are tried.
MOST_CHOICES = 70
#: In so many ways rows with new values are told apart.
MOST_BINDINGS = 200
#: So many orders of rows are tried where one statement changes several.
MOST_ORDERS = 300


class Difference(Exception):
    pass


class Unfit(Exception):
    """The library refuses the schema."""


class Round:
    def __init__(self, description, session, url, is_deferred=False):
        """`is_deferred`: foreign keys are looked at when a transaction is committed."""
        self.description, self.session, self.url, self.is_deferred = description, session, url, is_deferred
        self.tables = tables_of(description)
        self.select = select(description)
        self.rows = {name: [] for name in self.tables}
        self.open()

    def open(self):
        try:
            self.client = capi.Client({"schema": self.description.text(), "datasourceUrl": self.url})
        except capi.OpenError as error:
            raise Unfit(str(error)) from None

    def reopen(self):
        """A client that has seen nothing yet."""
        self.client.close()
        self.open()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()

    # ------------------------------------------------------------ rows

    def read(self):
        self.rows = rows_of(self.tables, json.loads(self.session.value(self.select)))

    def fill(self, dice):
        """Empties the tables and makes records by the model in memory; those that it refuses are left out."""
        store = Store(self.tables, {name: [] for name in self.tables})
        for _ in range(3):
            for name, table in self.tables.items():
                for _ in range(dice.randint(0, 3)):
                    before = store.state()
                    try:
                        store.insert(name, [self._random_row(dice, store, name, table)])
                    except Refused:
                        store = Store(self.tables, before)
        self.put(store.state())

    def _random_row(self, dice, store, name, table):
        values = {n: self._random_value(dice, f) for n, f in table.fields.items()}
        if name in {m.name for m in self.description.models}:
            links = [([f.name for f in r.own], r.target.name, [f.name for f in r.theirs]) for r in self.description.model(name).relations if r.holds]
        else:
            side = next(r for r in self.description.joins() if r.join == name)
            links = [([r.this_column], r.model.name, [r.model.primary[0].name]) for r in (side, side.other)]
        for own, target, theirs in links:
            if store.rows[target] and dice.random() < 0.8:
                row = dice.choice(store.rows[target])
                values.update({n: row[k] for n, k in zip(own, theirs)})
            elif any(table.fields[n].is_optional for n in own):
                values.update({n: None for n in own if table.fields[n].is_optional})
        return values

    @staticmethod
    def _random_value(dice, field):
        if field.is_optional and dice.random() < 0.3:
            return None
        if field.is_list:
            return None if dice.random() < 0.2 else tuple(dice.choice(field.kind.pool) for _ in range(dice.randint(0, 2)))
        return dice.choice(field.kind.pool)

    def put(self, rows):
        """Makes these the rows of all tables."""
        self.session.execute("; ".join(self.filling(rows)))
        self.read()

    def filling(self, rows):
        """The statements that do so. Why without triggers: rows may refer to each other in circles."""
        names = {m.name: m.table for m in self.description.models}
        yield "SET client_min_messages = warning"
        yield "SET session_replication_role = replica"
        # Why no TRUNCATE: a view cannot be emptied so.
        for name in self.tables:
            yield "DELETE FROM %s" % quoted(names.get(name, name))
        for name, list_ in rows.items():
            fields = self.tables[name].fields
            columns = ", ".join(quoted(f.column if name in names else n) for n, f in fields.items())
            for row in list_:
                yield "INSERT INTO %s (%s) VALUES (%s)" % (quoted(names.get(name, name)), columns, ", ".join(field_sql(f, row[n]) for n, f in fields.items()))
        yield "SET session_replication_role = origin"

    # ------------------------------------------------------------ requests

    def check(self, request):
        """Sends a request and compares. Gives what came of it: a code, or OK."""
        before = self.rows
        outcomes = self.outcomes(request)
        reply = self.client.query(request)
        self.read()
        after = self.rows
        why = self._unlike(outcomes, reply, before, after)
        if why is not None and not self._comes_of_another_order(request, reply, before, after):
            raise Difference(why)
        return "OK" if reply.error is None else reply.code

    def _unlike(self, outcomes, reply, before, after):
        """What is not as any of these outcomes; None when one is met."""
        if reply.error is None:
            whys = [self._why(outcome, reply.data, before, after) for outcome in outcomes]
            return None if None in whys else whys[0]
        codes = frozenset().union(*(codes for codes, _, _ in outcomes if codes))
        if reply.code not in codes:
            told = " or ".join(sorted(codes)) or "OK" + told_changes(before, outcomes[0][2])
            return "expected %s\nerror    %s" % (told, reply.error_text)
        if text_of(before) != text_of(after):
            return "refused with %s, and the tables have changed%s" % (reply.code, told_changes(before, after))
        return None

    def _comes_of_another_order(self, request, reply, before, after):
        """Whether a statement that comes to its rows in another order gives just this reply and these rows.

        Why it matters: constraints are looked at, and actions carried out, row by row. Whether Cascade takes a row away before Restrict finds it
        is decided by the order in which a scan finds the rows, which is nobody's promise.
        """
        dice, sizes = random.Random(0), []

        def arrange(rows):
            rows = list(rows)
            sizes.append(len(rows))
            dice.shuffle(rows)
            return rows

        for _ in range(MOST_ORDERS):
            sizes.clear()
            try:
                outcomes = self.outcomes(request, before, arrange)
            except Unsupported:
                continue
            if self._unlike(outcomes, reply, before, after) is None:
                return True
            if max(sizes, default=0) < 2:
                return False
        return False

    def outcomes(self, request, rows=None, arrange=list):
        """All that may come of a request: codes of errors, answer, rows afterwards."""
        outcomes, choices = [], [None]
        for attempt in itertools.count():
            if attempt >= len(choices):
                return outcomes
            if attempt > MOST_CHOICES:
                raise Unsupported("too many ways")
            chosen = choices[attempt]

            def choose(rows, limit):
                every = list(itertools.combinations(range(len(rows)), limit))
                if chosen is None:
                    choices[1:] = every[1:]
                return [rows[n] for n in (chosen if chosen is not None else every[0])]

            store = Store(self.tables, self.rows if rows is None else rows, self.is_deferred, arrange)
            try:
                answer = carry_out(self.description, store, request, choose)
                store.commit()
                outcomes.append((None, answer, store.state()))
            except Refused as refusal:
                outcomes.append((refusal.codes, None, None))

    @staticmethod
    def _why(outcome, data, before, after):
        """What is not as this outcome has it; None when all is."""
        codes, answer, rows = outcome
        if codes:
            changes = told_changes(before, after)
            return "expected %s\nanswer   %s%s" % (" or ".join(sorted(codes)), json.dumps(data, ensure_ascii=False)[:500], changes)
        why = "rows differ" + told_changes(rows, after)
        for binding in itertools.islice(Matching(rows, after).bindings(), MOST_BINDINGS):
            if is_alike(answer, data, binding):
                return None
            why = "expected answer %s\nanswer          %s" % (json.dumps(answer, default=lambda s: repr(s.value), ensure_ascii=False), json.dumps(data, ensure_ascii=False))
        return why


def lines_of(rows):
    return ["%s %s" % (name, json.dumps(row, default=repr, ensure_ascii=False)) for name, list_ in rows.items() for row in list_]


def text_of(rows):
    return "".join("\n  " + line for line in sorted(lines_of(rows)))


def told_changes(one, other):
    """What is in one and not in the other, and the other way round."""
    one, other = lines_of(one), lines_of(other)
    lines = ["- " + line for line in one if line not in other] + ["+ " + line for line in other if line not in one]
    return "".join("\n  " + line for line in lines)
