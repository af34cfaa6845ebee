"""After any write through the client, what is still a hit is what the database says: writes at random against every kind of read."""
import os
import random

import automatic_oddities as oddities
import pytest
from automatic_world import EMPTY, SCHEMA, TABLES, Writes, reads
from capi import Client
from psql import SQLError
from waiting import eventually

#: Worlds of each test, and writes in each. At length: ACCELERANT_AUTOMATIC=long.
WORLDS, WRITES = (200, 50) if os.environ.get("ACCELERANT_AUTOMATIC") == "long" else (3, 25)


@pytest.fixture(scope="module")
def made(shared_database):
    shared_database.sql.execute(TABLES + oddities.TABLES)
    return shared_database


@pytest.fixture(params=["", "schema=public&", "pgbouncer=true&", "listen"], ids=["search path", "named schema", "unprepared", "listening"])
def client(made, request):
    url = made.url()
    listens = request.param == "listen"
    parameters = "schema=public&" if listens else request.param
    client = Client({
        "schema": SCHEMA + oddities.SCHEMA, "datasourceUrl": url + ("&" if "?" in url else "?") + parameters + "connection_limit=2",
        **({"cache": {"listen": True}} if listens else {})})
    client.listens = listens
    if listens:
        client.data({"operation": "$accelerate.installTriggers", "args": {"execute": True}})
        assert client.query({"operation": "$connect"}).number == 0
    yield client
    client.close()


def cached(read):
    return {**read, "args": {**read["args"], "cacheStrategy": {"ttl": 3600, "auto": True}}}


class World:
    def __init__(self, client, database, seed):
        self.client = client
        self.writes = Writes(random.Random(seed))
        self.reads = reads() + oddities.reads()
        self.sql = database.sql
        self.sql.execute(EMPTY + ";" + oddities.EMPTY)
        client.data({"operation": "$accelerate.invalidateAll"})
        self.hits = self.asked = 0

    def write(self):
        """One write, in one of the forms that a write can have."""
        random = self.writes.random
        if self.client.listens and random.random() < 0.3:
            return self.write_by_another(oddities.foreign(random))
        if random.random() < 0.3:
            model, operation, args = oddities.write(random)
            write = {"model": model, "operation": operation, "args": args}
        else:
            write = self.writes.next()
        if write["operation"].startswith("$") or self.writes.random.random() < 0.8:
            return write, self.client.query(write)
        id = self.client.data({"operation": "$transaction.begin"})["id"]
        reply = self.client.query({**write, "transaction": id})
        end = self.writes.one(("commit", "rollback"))
        self.client.query({"operation": f"$transaction.{end}", "args": {"id": id}})
        return (write, end), reply

    def write_by_another(self, sql):
        """Somebody else writes, and says something afterwards: when that is heard the write has been heard."""
        said = {"model": "Audit", "operation": "count", "args": {"where": {"id": -1}, "cacheStrategy": {"ttl": 3600, "auto": False, "tags": ["said"]}}}
        eventually(lambda: self.client.query(said).cache == "ttl", "the answer to be kept")
        try:
            self.sql.execute(sql)
        except SQLError:
            pass
        self.sql.execute("SELECT pg_notify('accelerant_changes_1', 'i said')")
        eventually(lambda: self.client.query(said).cache == "miss", "what was said to be heard")
        return sql, None

    def check(self, written, reply):
        """Asks everything twice, of the cache first."""
        for read in self.reads:
            found = self.client.query(cached(read))
            self.asked += 1
            if found.cache != "ttl":
                continue
            self.hits += 1
            truth = self.client.query(read)
            assert found.data == truth.data, f"{read} after {written}, which gave {reply}"


@pytest.mark.timeout(3600)
def test_what_is_still_a_hit_after_a_write_is_what_the_database_says(client, made):
    hits = asked = 0
    for seed in range(WORLDS):
        world = World(client, made, seed)
        for _ in range(WRITES):
            written, reply = world.write()
            # Why errors other than these are none of ours: half of the writes break a rule of the tables.
            assert reply is None or reply.number == 0 or reply.code in ("P2002", "P2003", "P2010", "P2014", "P2017", "P2018", "P2025"), (written, reply)
            world.check(written, reply)
        hits, asked = hits + world.hits, asked + world.asked
    # What lives on is worth having: lookups of rows that a write did not touch.
    print(f"{hits} of {asked} stayed")
    assert hits > asked / 4, f"{hits} of {asked}"
