"""Clients that hear of what others change, and tables that tell of it."""
import os

import worlds
from capi import Client
from database import ROLE
from postgres import USER
from scene import SCHEMA
from waiting import eventually

BLOG = """
datasource db {
  provider = "postgresql"
  url      = env("ACCELERANT_TEST_URL")
}

model Author {
  id    Int     @id
  name  String
  email String  @unique
  books Book[]
  tags  Label[]
}

model Book {
  id       Int    @id
  title    String
  author   Author @relation(fields: [authorId], references: [id], onDelete: Cascade)
  authorId Int
}

model Label {
  id      Int      @id
  name    String
  authors Author[]
}

model Event {
  id   Int    @id
  kind String
}
"""

#: `Event` is partitioned; a trigger of the database's own counts books in `Label`.
TABLES = """
CREATE TABLE "Author" (id int PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE);
CREATE TABLE "Book" (id int PRIMARY KEY, title text NOT NULL, "authorId" int NOT NULL REFERENCES "Author" ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE "Label" (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE "_AuthorToLabel" ("A" int NOT NULL REFERENCES "Author" ON DELETE CASCADE ON UPDATE CASCADE, "B" int NOT NULL REFERENCES "Label" ON DELETE CASCADE, UNIQUE ("A", "B"));
CREATE TABLE "Event" (id int NOT NULL, kind text NOT NULL, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE event_low PARTITION OF "Event" FOR VALUES FROM (0) TO (100);
CREATE TABLE event_high PARTITION OF "Event" FOR VALUES FROM (100) TO (200);
INSERT INTO "Author" VALUES (1, 'Ann', 'a@x'), (2, 'Ben', 'b@x'), (3, 'Cas', 'c@x');
INSERT INTO "Book" VALUES (1, 'One', 1), (2, 'Two', 2);
INSERT INTO "Label" VALUES (1, 'books: 2'), (2, 'other');
INSERT INTO "_AuthorToLabel" VALUES (1, 1);
INSERT INTO "Event" VALUES (1, 'low'), (101, 'high');
CREATE FUNCTION count_books() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN UPDATE "Label" SET name = 'books: ' || (SELECT count(*) FROM "Book") WHERE id = 1; RETURN NULL; END$$;
CREATE TRIGGER count_books AFTER INSERT OR DELETE ON "Book" FOR EACH STATEMENT EXECUTE FUNCTION count_books();
"""


def read(model, operation="findMany", ttl=3600, **args):
    return {"model": model, "operation": operation, "args": {**args, "cacheStrategy": {"ttl": ttl, "auto": True}}}


class Hearer:
    """A client that listens; ready once it hears everything."""

    def __init__(self, url, schema=BLOG, direct=None, timeout=None, connect=True, **settings):
        cache = {"listen": True, **({"listenTimeoutMs": timeout} if timeout else {})}
        self.config = {"schema": schema, "datasourceUrl": url, **({"directUrl": direct} if direct else {}), "cache": cache, **settings}
        self.client = Client(self.config)
        if connect:
            self.connect()

    def connect(self):
        assert self.client.query({"operation": "$connect"}).number == 0

    def install(self, *tables):
        args = {"execute": True, **({"tables": list(tables)} if tables else {})}
        data = self.as_owner("$accelerate.installTriggers", **args)
        self.await_metric("mute_tables", lambda value: value == 0) if not tables else None
        self.await_metric("trusted", lambda value: value == 1)
        return data

    def as_owner(self, operation, **args):
        """What only those may do whom the tables belong to: where that is not the client's role, another client does it."""
        request = {"operation": operation, "args": args}
        if not worlds.current().is_guest:
            return self.client.data(request)
        with Client({"schema": self.config["schema"], "datasourceUrl": self.config["datasourceUrl"].replace(f"//{ROLE}@", f"//{USER}@")}) as owner:
            return owner.data(request)

    def ask(self, request):
        return self.client.query(request)

    def warm(self, request):
        """Has the answer cached, and gives it."""
        eventually(lambda: self.ask(request).cache == "ttl", f"{request} to be kept")
        return self.ask(request).data

    def metrics(self):
        document = self.client.data({"operation": "$metrics"})
        return {entry["key"]: entry["value"] for kind in ("counters", "gauges") for entry in document[kind]}

    def metric(self, name):
        return self.metrics()["accelerant_listener_" + name]

    def await_metric(self, name, condition, seconds=20):
        return eventually(lambda: condition(self.metric(name)) or None, f"{name}", seconds)

    def close(self):
        self.client.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def users_schema(direct="DIRECT_TEST_URL"):
    """The schema of most tests, with a `directUrl` from the environment."""
    return SCHEMA.replace('env("ACCELERANT_TEST_URL")', f'env("ACCELERANT_TEST_URL")\n  directUrl = env("{direct}")')


def set_environment(**values):
    for name, value in values.items():
        os.environ[name] = value


#: Reads of users, with a tag and without.
TAGGED = {"model": "User", "operation": "findMany", "args": {"cacheStrategy": {"ttl": 3600, "tags": ["a"]}}}
UNTAGGED = {"model": "User", "operation": "count", "args": {"cacheStrategy": {"ttl": 3600}}}
