"""The schema changes under 16 callers who read and write: no wrong value, no answer older than promised, no error that stays."""
import collections
import datetime
import itertools
import threading
import time

import pytest
from capi import Client
from load import IS_LONG
from psql import Psql
from waiting import eventually

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
ROUNDS = 12 if IS_LONG else 1
#: How long the callers go on after each change.
PAUSE = 0.5 if IS_LONG else 0.15
BASE = datetime.datetime(2024, 1, 31, 12)
ROWS = 8
ROLE = "clerk_of_changes"

SCHEMA = """datasource db { provider = "postgresql" }
model Item {
  id    Int      @id
  n     BigInt
  name  String
  at    DateTime
  ratio Float
  role  Role
}
model Part {
  k     Int
  n     Int
  at    DateTime
  @@id([k])
}
enum Role {
  A
  B
}"""
TABLES = f"""
CREATE TYPE "Role" AS ENUM ('A', 'B');
CREATE TABLE "Item" (id int PRIMARY KEY, n bigint NOT NULL, name text NOT NULL, at timestamp(3) NOT NULL, ratio float8 NOT NULL, role "Role" NOT NULL);
INSERT INTO "Item" SELECT i, 0, '0', '2024-01-31 12:00', 0.1, 'A' FROM generate_series(1, {ROWS}) i;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER touch BEFORE UPDATE ON "Item" FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TABLE "Part" (k int NOT NULL, n int NOT NULL, at timestamp(3) NOT NULL, PRIMARY KEY (k)) PARTITION BY RANGE (k);
CREATE TABLE low PARTITION OF "Part" FOR VALUES FROM (0) TO (100);
CREATE TABLE high PARTITION OF "Part" FOR VALUES FROM (100) TO (200);
INSERT INTO "Part" SELECT i, 0, '2024-01-31 12:00' FROM generate_series(0, 199) i;
CREATE ROLE {ROLE} LOGIN PASSWORD 'clerk';
GRANT ALL ON ALL TABLES IN SCHEMA public TO {ROLE};
"""


def migrate(labels, drops=True):
    """An enum as Prisma Migrate changes it."""
    return f"""BEGIN; CREATE TYPE "Role_new" AS ENUM ({labels});
        ALTER TABLE "Item" ALTER role TYPE "Role_new" USING (role::text::"Role_new");
        ALTER TYPE "Role" RENAME TO "Role_old"; ALTER TYPE "Role_new" RENAME TO "Role"; {'DROP TYPE "Role_old";' if drops else ''} COMMIT"""


SWAP = f"""BEGIN; LOCK TABLE "Item"; CREATE TABLE other (LIKE "Item" INCLUDING ALL); INSERT INTO other SELECT * FROM "Item";
    ALTER TABLE "Item" RENAME TO gone; ALTER TABLE other RENAME TO "Item"; DROP TABLE gone; GRANT ALL ON "Item" TO {ROLE};
    CREATE TRIGGER touch BEFORE UPDATE ON "Item" FOR EACH ROW EXECUTE FUNCTION touch(); COMMIT"""

#: After each of these the schema fits: no request may fail for it.
FITTING = [
    'ALTER TABLE "Item" ADD COLUMN extra int DEFAULT 7', 'ALTER TABLE "Item" DROP COLUMN extra',
    """ALTER TABLE "Item" ALTER at TYPE timestamptz(3) USING at AT TIME ZONE 'UTC'""",
    """ALTER TABLE "Item" ALTER at TYPE timestamp(3) USING at AT TIME ZONE 'UTC'""",
    'ALTER TABLE "Item" ALTER name TYPE varchar(50)', 'ALTER TABLE "Item" ALTER name TYPE text',
    'ALTER TABLE "Item" ALTER n TYPE numeric(20)', 'ALTER TABLE "Item" ALTER n TYPE bigint',
    'ALTER TABLE "Item" ALTER ratio TYPE numeric', 'ALTER TABLE "Item" ALTER ratio TYPE float8',
    migrate("'A', 'B', 'C'"), migrate("'B', 'A'"), migrate("'A', 'B'", drops=False) + '; DROP TYPE "Role_old"',
    'ALTER TYPE "Role" RENAME TO "Kind"; ALTER TYPE "Kind" RENAME TO "Role"', """ALTER TYPE "Role" ADD VALUE 'D'""",
    SWAP, SWAP,
    'ALTER TABLE "Item" DISABLE TRIGGER touch', 'ALTER TABLE "Item" ENABLE TRIGGER touch',
    """BEGIN; ALTER TABLE "Item" ENABLE ROW LEVEL SECURITY; CREATE POLICY all_of_them ON "Item" USING (true); COMMIT""",
    """BEGIN; DROP POLICY all_of_them ON "Item"; CREATE POLICY most ON "Item" USING (id < 1000) WITH CHECK (true); COMMIT""",
    """BEGIN; DROP POLICY most ON "Item"; ALTER TABLE "Item" DISABLE ROW LEVEL SECURITY; COMMIT""",
    """ALTER TABLE "Part" ALTER at TYPE timestamptz(3) USING at AT TIME ZONE 'UTC'""",
    """ALTER TABLE "Part" ALTER at TYPE timestamp(3) USING at AT TIME ZONE 'UTC'""",
    """BEGIN; ALTER TABLE "Part" DETACH PARTITION low; ALTER TABLE "Part" ATTACH PARTITION low FOR VALUES FROM (0) TO (100); COMMIT""",
    """BEGIN; LOCK TABLE "Part"; CREATE TABLE fresh (LIKE low INCLUDING ALL); INSERT INTO fresh SELECT * FROM low; ALTER TABLE "Part" DETACH PARTITION low;
        ALTER TABLE "Part" ATTACH PARTITION fresh FOR VALUES FROM (0) TO (100); DROP TABLE low; ALTER TABLE fresh RENAME TO low; COMMIT""",
]
#: The first makes the schema unfit, the second mends that. Between them requests may fail; after the second none.
MENDED = [
    ('ALTER TABLE "Item" RENAME TO away', 'ALTER TABLE away RENAME TO "Item"'),
    ('ALTER TABLE "Item" RENAME COLUMN at TO moment', 'ALTER TABLE "Item" RENAME COLUMN moment TO at'),
    ('ALTER TABLE "Item" ALTER n TYPE text', 'ALTER TABLE "Item" ALTER n TYPE bigint USING n::bigint'),
    (f'REVOKE ALL ON "Item" FROM {ROLE}', f'GRANT ALL ON "Item" TO {ROLE}'),
    ('ALTER TABLE "Part" DETACH PARTITION high', 'ALTER TABLE "Part" ATTACH PARTITION high FOR VALUES FROM (100) TO (200)'),
    ('ALTER TYPE "Role" RENAME VALUE \'B\' TO \'Z\'', 'ALTER TYPE "Role" RENAME VALUE \'Z\' TO \'B\''),
]


class Callers:
    """16 threads. What they write they remember once it is confirmed; what they read may not be older than that."""

    def __init__(self, client):
        self.client = client
        self.confirmed = collections.Counter()
        self.wrong, self.errors, self.answered = [], [], collections.Counter()
        self.is_fit, self.is_over = True, False
        #: When the schema last came to fit again.
        self.fit_since = 0.0
        self.threads = [threading.Thread(target=self._work, args=(place,), daemon=True) for place in range(16)]

    def _work(self, place):
        for turn in itertools.count():
            if self.is_over:
                return
            start, was_fit = time.monotonic(), self.is_fit
            if place < ROWS:
                work = (self.write, self.read)[turn % 2]
            else:
                work = (self.read, self.search, self.raw, self.partition, self.transact)[(place + turn) % 5]
            code = work(1 + place % ROWS, turn)
            self.answered[work.__name__] += code is None
            if code and was_fit and self.is_fit and start > self.fit_since:
                self.errors.append((work.__name__, code))
            if code:
                time.sleep(0.005)

    def ask(self, operation, model="Item", strategy=None, transaction=None, **args):
        request = {"model": model, "operation": operation, "args": args}
        if strategy:
            args["cacheStrategy"] = strategy
        if transaction:
            request["transaction"] = transaction
        return self.client.query(request)

    @staticmethod
    def moment(n):
        return (BASE + datetime.timedelta(seconds=n)).isoformat(timespec="milliseconds") + "Z"

    def values(self, n):
        return {"n": str(n), "name": str(n), "at": self.moment(n), "ratio": n + 0.1, "role": "AB"[n % 2]}

    def check(self, row, least, what):
        n = int(row["n"])
        if n < least or any(row[key] != value for key, value in self.values(n).items() if key in row):
            self.wrong.append((what, least, row))

    def write(self, row, turn):
        """Only this thread writes the row: a write that was refused has not happened, or the next one comes after it."""
        n = self.confirmed[row] + 1
        data, ways = self.values(n), turn // 2 % 4
        if ways == 0:
            reply = self.ask("update", where={"id": row}, data=data)
        elif ways == 1:
            reply = self.ask("updateMany", where={"id": row}, data=data)
        elif ways == 2:
            reply = self.ask("upsert", where={"id": row}, update=data, create={"id": row, **data}, select={"id": True})
        else:
            before = self.values(n - 1)
            reply = self.ask("updateMany", where={"id": row, "at": before["at"], "name": before["name"], "role": before["role"]}, data=data)
        if reply.code is None:
            if ways in (1, 3) and reply.data != {"count": 1}:
                self.wrong.append(("write", ways, row, n, reply.data))
            self.confirmed[row] = n
        return reply.code

    def read(self, row, turn):
        least = self.confirmed[row]
        strategy = {"ttl": 3600, "auto": True} if turn % 3 else None
        select = {} if turn % 2 else {"select": {"n": True, "at": True, "role": True}}
        reply = self.ask("findUnique", strategy=strategy, where={"id": row}, **select)
        if reply.code is None:
            if reply.data is None:
                self.wrong.append(("read", row, "no row"))
            else:
                self.check(reply.data, least, f"read {reply.cache}")
        return reply.code

    def search(self, row, turn):
        """By parameters whose types come from columns that change."""
        least = self.confirmed[row]
        reply = self.ask("findMany", where={"at": {"gte": self.moment(least)}, "name": {"not": "x"}, "id": row}, select={"n": True, "id": True})
        if reply.code is None:
            if len(reply.data) != 1:
                self.wrong.append(("search", row, least, reply.data))
            else:
                self.check(reply.data[0], least, "search")
            reply = self.ask("count", strategy={"ttl": 3600, "auto": True}, where={"at": {"gte": self.moment(0)}})
            if reply.code is None and reply.data != ROWS:
                self.wrong.append(("count", reply.cache, reply.data))
        return reply.code

    def raw(self, row, turn):
        least = self.confirmed[row]
        reply = self.client.query({"operation": "$queryRaw", "args": {"query": 'SELECT n::text, name FROM "Item" WHERE id = $1', "parameters": [row]}})
        if reply.code is None:
            self.check(reply.data[0], least, "raw")
        return reply.code

    def partition(self, row, turn):
        reply = self.ask("updateMany", model="Part", where={"k": row + 90, "at": self.moment(0)}, data={"n": {"increment": 1}, "at": self.moment(0)})
        if reply.code is None and reply.data != {"count": 1} and self.is_fit:
            self.wrong.append(("partition", row, reply.data))
        return reply.code

    def transact(self, row, turn):
        """A conflict is what a transaction is told whose statements became old in the middle."""
        reply = self.client.query({"operation": "$transaction.begin"})
        if reply.code:
            return reply.code
        name, code = reply.data["id"], None
        for _ in range(2):
            least = self.confirmed[row]
            reply = self.ask("findUnique", where={"id": row}, transaction=name)
            if reply.code:
                code = reply.code
                break
            self.check(reply.data, least, "transact")
        self.client.query({"operation": "$transaction.rollback", "transaction": name})
        return None if code == "P2034" else code


def test_the_schema_changes_under_callers_who_read_and_write(own_server, figures):
    server, database = own_server
    with Psql(server.url(database.name)) as admin:
        admin.execute(TABLES)
        url = database.url(connection_limit=8, user=ROLE, password="clerk", options="-c TimeZone=America/New_York")
        with Client({"schema": SCHEMA, "datasourceUrl": url, "limits": {"queryTimeoutMs": 20_000}}) as client:
            play(admin, Callers(client), figures)


def play(admin, callers, figures):
    for thread in callers.threads:
        thread.start()
    eventually(lambda: all(callers.answered[name] > 20 for name in ("write", "read", "search", "raw", "partition", "transact")), "all to be prepared")
    changes = 0

    def look(change):
        """What came of a change, and that all go on."""
        before = collections.Counter(callers.answered)
        time.sleep(PAUSE)
        eventually(lambda: all(callers.answered[name] > before[name] for name in before), f"all to go on after {change}", 20)
        assert not callers.wrong, (change, callers.wrong[:5])
        assert not callers.errors, (change, callers.errors[:5])

    for _ in range(ROUNDS):
        for change in FITTING:
            admin.execute(change)
            changes += 1
            look(change)
        for breaks, mends in MENDED:
            callers.is_fit = False
            admin.execute(breaks)
            time.sleep(PAUSE)
            admin.execute(mends)
            # Why: answers that depended on what was broken are dropped by who breaks it.
            assert callers.client.query({"operation": "$accelerate.invalidateAll"}).number == 0
            callers.fit_since = time.monotonic()
            callers.is_fit = True
            changes += 2
            look(mends)
    callers.is_over = True
    for thread in callers.threads:
        thread.join(30)
        assert not thread.is_alive()
    for row in range(1, ROWS + 1):
        n, name = admin.execute(f'SELECT n, name FROM "Item" WHERE id = {row}')[0]
        assert n == name and int(n) >= callers.confirmed[row]
    figures("schema changes under 16 callers", {"changes": changes, **callers.answered})
