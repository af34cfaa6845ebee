"""Tables and requests that hold a canary wherever a value may stand, and a client whose every word is looked at."""
import json

from capi import Client, OpenError

#: As a text, and as a number. Compared without regard to case, for the server folds names.
TEXT, NUMBER = "Zebra-Canary-42", 90913377
PASSWORD = "Passw0rd-Canary"
MARKS = ("canary", str(NUMBER))
LOG = ["query", "info", {"level": "warn", "slowMs": 0}, "error"]

SCHEMA = """
datasource db {
  provider = "postgresql"
  url      = "postgresql://u:Passw0rd-Canary@localhost/never-used"
}
enum Shade {
  RED
  BLUE
}
model Owner {
  id     Int     @id
  name   String
  vaults Vault[]
}
model Vault {
  id    Int       @id
  need  String
  text  String?   @unique
  short String?   @db.VarChar(5)
  small Int?      @db.SmallInt
  num   Int?
  big   BigInt?
  ratio Float?
  dec   Decimal?  @db.Decimal(5, 2)
  flag  Boolean?
  at    DateTime?
  day   DateTime? @db.Date
  doc   Json?
  raw   Bytes?
  color Shade?
  uid   String?   @db.Uuid
  words String[]
  owner_id Int?
  owner Owner?    @relation(fields: [owner_id], references: [id])
  @@unique([num, big])
}
"""

TABLES = """
CREATE TYPE "Shade" AS ENUM ('RED', 'BLUE');
CREATE TABLE "Owner" (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE "Vault" (
    id integer PRIMARY KEY, need text NOT NULL, text text UNIQUE, short varchar(5), small smallint, num integer, big bigint, ratio float8,
    dec numeric(5, 2), flag boolean, at timestamp(3), day date, doc jsonb, raw bytea, color "Shade", uid uuid, words text[],
    owner_id integer REFERENCES "Owner" (id), UNIQUE (num, big), CONSTRAINT fewer CHECK (ratio < 1e6));
CREATE FUNCTION complain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.small = 1 THEN RAISE EXCEPTION 'not %', NEW.need USING DETAIL = NEW.need, HINT = NEW.need, TABLE = NEW.need, COLUMN = NEW.need; END IF;
    IF NEW.small = 2 THEN RAISE unique_violation USING MESSAGE = NEW.need, DETAIL = 'Key (' || NEW.need || ')=(1)', CONSTRAINT = 'fewer'; END IF;
    IF NEW.small = 3 THEN PERFORM NEW.need::regclass; END IF;
    IF NEW.small = 4 THEN RAISE NOTICE '%', NEW.need; RAISE WARNING '%', NEW.need; END IF;
    IF NEW.small = 5 THEN RAISE undefined_column USING MESSAGE = 'column "' || NEW.need || '" is not there'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER complains BEFORE INSERT OR UPDATE ON "Vault" FOR EACH ROW EXECUTE FUNCTION complain();
"""

RESET = f"""
TRUNCATE "Owner", "Vault";
INSERT INTO "Owner" VALUES (1, '{TEXT}');
INSERT INTO "Vault" (id, need, text, num, big, at) VALUES (1, '{TEXT}', '{TEXT}', {NUMBER}, {NUMBER}, '2026-01-01');
"""


def leaks(text):
    return [mark for mark in MARKS if mark in (text or "").lower()]


class Vault:
    """A client whose every word is looked at."""

    def __init__(self, database, url, **settings):
        self.database = database
        self.client = Client({"schema": SCHEMA, "datasourceUrl": url, "clock": "manual", "log": LOG, **settings})

    def ask(self, request):
        """Runs a request; nothing of its reply but an answer's data may hold a canary, nor what is logged of it."""
        self.client.query({"operation": "$log.take"})
        reply = self.client.query(request)
        words = f"{reply.error_text} {json.dumps(reply.info)}"
        assert not leaks(words), (request, words)
        self.check_log(request)
        return reply

    def check_log(self, request):
        """The text of an SQL statement is no value: it is shown at level query."""
        events = self.client.query({"operation": "$log.take"})
        assert not leaks(events.text.decode()), (request, events.text)

    def check_rest(self):
        for request in (
            {"operation": "$metrics"}, {"operation": "$metrics", "args": {"format": "prometheus"}}, {"operation": "$schema"},
            {"operation": "$connect"},
        ):
            assert not leaks(self.ask(request).text.decode()), request


ROW = {
    "id": 2, "need": TEXT, "text": TEXT, "short": "a", "small": 9, "num": 1, "big": 2, "ratio": 0.5, "dec": "1.5", "flag": True,
    "at": "2026-01-02T03:04:05Z", "day": "2026-01-02T00:00:00Z", "doc": {"a": [TEXT]}, "raw": "AAEC", "color": "RED",
    "uid": "4bf92f35-77b3-4da6-a3ce-929d0e0e4736", "words": [TEXT],
}
WHERE = {
    "need": {"contains": TEXT, "mode": "insensitive"}, "num": {"gte": NUMBER, "not": 3}, "big": {"in": [NUMBER, "5"]}, "dec": {"lt": "1.5"},
    "at": {"gt": "2026-01-02T03:04:05Z"}, "doc": {"path": ["a"], "array_contains": [TEXT]}, "flag": True, "color": "RED", "words": {"has": TEXT},
    "uid": {"not": "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"}, "raw": "AAEC", "OR": [{"text": TEXT}, {"ratio": {"gt": 0.5}}], "NOT": {"short": TEXT},
    "owner": {"is": {"name": TEXT}},
}
PAGE = {"where": WHERE, "orderBy": [{"id": "asc"}], "take": 5, "skip": 1, "cursor": {"id": NUMBER}}
SELECT = {"select": {"id": True, "owner": {"select": {"name": True}}}}
STRATEGY = {"cacheStrategy": {"ttl": 60, "swr": 60, "tags": ["a"]}}
FIND = {**PAGE, "distinct": ["num"], **SELECT, **STRATEGY}
ONE = {"where": {"id": NUMBER, "need": TEXT}, **SELECT}
OWNER = {"create": {"id": NUMBER, "name": TEXT}}

#: One request for each operation, with a value wherever one may stand.
REQUESTS = {
    "findUnique": {**ONE, **STRATEGY}, "findUniqueOrThrow": ONE, "findFirst": FIND, "findFirstOrThrow": FIND, "findMany": FIND,
    "count": {**PAGE, **STRATEGY}, "aggregate": {**PAGE, "_sum": {"num": True}, **STRATEGY},
    "groupBy": {"by": ["color"], "where": WHERE, "having": {"num": {"_avg": {"gt": NUMBER}}}, "_count": True, "orderBy": {"color": "asc"}, "take": 1},
    "create": {"data": {**ROW, "owner": OWNER}, **SELECT}, "createMany": {"data": [ROW, {**ROW, "id": 3}], "skipDuplicates": False},
    "createManyAndReturn": {"data": [ROW], "select": {"id": True}},
    "update": {"where": {"id": 1}, "data": {**ROW, "id": 1, "num": {"increment": NUMBER}, "words": {"push": TEXT}}, **SELECT},
    "updateMany": {"where": WHERE, "data": {"need": TEXT, "num": {"set": NUMBER}}, "limit": 1},
    "updateManyAndReturn": {"where": {"id": NUMBER}, "data": {"need": TEXT}},
    "upsert": {"where": {"id": 77}, "create": ROW, "update": {"need": TEXT}}, "delete": {"where": {"id": NUMBER}}, "deleteMany": {"where": WHERE, "limit": 1},
    "$queryRaw": {"query": "SELECT $1::text AS a, $2::int AS b", "parameters": [TEXT, NUMBER]},
    "$executeRaw": {"query": 'UPDATE "Vault" SET need = $1 WHERE num = $2', "parameters": [TEXT, NUMBER]},
    "$transaction": {"requests": [{"model": "Vault", "operation": "findMany", "args": {"where": WHERE}}], "isolationLevel": "Serializable"},
    "$transaction.begin": {"maxWait": 100, "timeout": 1, "isolationLevel": "Serializable"}, "$transaction.commit": {}, "$transaction.rollback": {},
    "$transaction.savepoint": {"name": "a"}, "$transaction.rollbackTo": {"name": "a"}, "$transaction.release": {"name": "a"},
    "$accelerate.invalidate": {"tags": ["a"]}, "$accelerate.invalidateAll": {}, "$metrics": {"format": "json"}, "$connect": {}, "$schema": {},
    "$schema.check": {}, "$schema.pull": {"schemas": ["public"]}, "$schema.diff": {"from": "empty", "to": "schema"},
    "$schema.push": {"acceptDataLoss": False, "dryRun": True}, "$schema.deploy": {"path": "/no/such/folder"},
    "$clock.advance": {"milliseconds": 5}, "$log.take": {"limit": 1},
    "$accelerate.installTriggers": {"tables": ["nothing"], "execute": False}, "$accelerate.removeTriggers": {"tables": ["nothing"], "execute": False},
}
#: What takes the place of each value in turn.
WRONG = [
    TEXT, NUMBER, -NUMBER - 0.5, f"{NUMBER}", [TEXT], [[NUMBER]], None, True, {"$type": "DateTime", "value": TEXT}, {"$type": "Decimal", "value": TEXT},
    {"$type": "BigInt", "value": f"{NUMBER}x"}, {"$type": "Bytes", "value": TEXT}, {"$type": "Enum", "value": TEXT}, {"$type": "Json", "value": "{" + TEXT},
    {"$type": TEXT, "value": TEXT}, {"_ref": TEXT, "_container": TEXT}, {"equals": TEXT}, {"set": TEXT}, {"increment": TEXT}, NUMBER * 10**20, TEXT * 100,
]


def request_of(operation, args):
    request = {"operation": operation, "args": args}
    return request if operation.startswith("$") else {"model": "Vault", **request}


def mutations(text):
    """Every prefix of a text, and the text with one character less, or with one more that means something."""
    for end in range(len(text)):
        yield text[:end]
    for index in range(len(text)):
        yield text[:index] + text[index + 1:]
        for more in "\"'@:/?&=%#{}()[]$\\ \n":
            yield text[:index] + more + text[index:]


def opening(config):
    """What opening a client, and connecting, says."""
    try:
        client = Client(config)
    except OpenError as error:
        return error.reply.error_text
    with client:
        reply = client.query({"operation": "$connect", "timeoutMs": 200})
        return f"{reply.error_text} {client.query({'operation': '$log.take'}).text}"
