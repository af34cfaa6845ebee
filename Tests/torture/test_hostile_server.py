"""A server that lies: wrong rows, columns, counts and messages, in any place. Whatever it says is answered by some status in time, harms
nothing in the process, and is forgotten when it tells the truth again."""
import json
import os
import time

import pytest
from capi import Client, status_name
from hostile import HostileProxy
from scene import SCHEMA
from relays import MessageSession, Relay, message
from waiting import eventually

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "schema.prisma")) as _file:
    MARKS = _file.read().split("}\n", 1)[1]
#: Why without the JSON column: what the server says is JSON stands in the answer as it is.
SAMPLES = "\n".join(line for line in SCHEMA.split("\n") if "Json" not in line)
LIMIT_MS = 400
LONG_SEEDS = 150
LISTENING = {"cache": {"listen": True}}
COLUMNS = sorted(["id", "text", "flag", "small", "big", "ratio", "amount", "moment", "payload", "color", "words", "numbers"])
CREATE = {"name": "h", "children": {"create": [{"word": "a"}, {"word": "b"}], "createMany": {"data": [{"word": "c"}]}}}
REQUESTS = [
    {"model": "Sample", "operation": "findMany"}, {"model": "Sample", "operation": "findUnique", "args": {"where": {"id": 1}}},
    {"model": "Sample", "operation": "aggregate", "args": {"_count": True, "_avg": {"small": True}, "_sum": {"amount": True}, "_max": {"moment": True}}},
    {"model": "Sample", "operation": "groupBy", "args": {"by": ["color"], "_count": {"_all": True}}},
    {"model": "User", "operation": "count", "args": {"cacheStrategy": {"ttl": 1, "auto": True}}}, {"operation": "$accelerate.invalidateAll"},
    {"model": "Mark", "operation": "findMany", "args": {"include": {"children": True, "_count": {"select": {"children": True}}}}},
    {"model": "Mark", "operation": "create", "args": {"data": CREATE, "include": {"children": True}}},
    {"model": "Mark", "operation": "update", "args": {"where": {"name": "h"}, "data": {"count": {"increment": 1}, "children": {"deleteMany": {}}}}},
    {"model": "Mark", "operation": "upsert", "args": {"where": {"name": "u"}, "create": {"name": "u"}, "update": {"count": 2}}},
    {"model": "Mark", "operation": "updateMany", "args": {"where": {"name": "h"}, "data": {"count": 3}, "limit": 1}},
    {"model": "Mark", "operation": "createManyAndReturn", "args": {"data": [{"name": "x"}, {"name": "y"}], "skipDuplicates": True}},
    {"model": "Mark", "operation": "deleteMany", "args": {"where": {"name": {"in": ["h", "u", "x", "y"]}}}},
    {"model": "Mark", "operation": "delete", "args": {"where": {"name": "h"}}},
    {"operation": "$queryRaw", "args": {"query": "SELECT id, text, big, amount, moment, words FROM \"Sample\" WHERE id = $1", "parameters": [1]}},
    {"operation": "$executeRaw", "args": {"query": "UPDATE \"Mark\" SET count = 1", "touches": ["Mark"]}},
    {"operation": "$transaction", "args": {"requests": [{"model": "Child", "operation": "deleteMany"}, {"model": "Mark", "operation": "deleteMany"}]}},
    {"operation": "$log.take"},
]


def ask_all(client):
    """Asks everything; gives the statuses, and requires that each comes in time, and that what is answered is JSON."""
    statuses = []
    for request in REQUESTS:
        start = time.monotonic()
        status, reply = client.live(request)
        # The limit is the library's; the rest is for what else runs on the machine.
        assert time.monotonic() - start < LIMIT_MS / 1000 + 9, (request, status)
        # Text that is not UTF-8 is the server's, too; and so is what it calls JSON, where a raw query has nothing but its word for it.
        text = (reply.data() if status == 0 else reply.error()).decode(errors="replace")
        if status != 0 or request["operation"] != "$queryRaw":
            json.loads(text)
        statuses.append(status_name(status))
        reply.free()
    return statuses


def transact(client):
    """An interactive transaction, as far as it comes."""
    begun = client.query({"operation": "$transaction.begin", "args": {"maxWait": LIMIT_MS, "timeout": LIMIT_MS}})
    if begun.number != 0:
        return
    for request in ({"operation": "$transaction.savepoint", "args": {"name": "s"}}, {"model": "Mark", "operation": "create", "args": {"data": {"name": "t"}}},
                    {"operation": "$transaction.rollbackTo", "args": {"name": "s"}}, {"operation": "$transaction.commit"}):
        # Text that is not UTF-8 is the server's.
        client.live({**request, "transaction": begun.data["id"]})[1].free()


@pytest.mark.timeout(4000)
@pytest.mark.parametrize("relations", ["foreignKeys", "prisma"])
def test_whatever_a_server_says_harms_nothing(configuration, database, figures, is_long, relations):
    schema = SAMPLES.replace('"postgresql"', f'"postgresql"\n  relationMode = "{relations}"') + MARKS
    path = database.server.socket
    counts, lies = {}, 0
    document = json.loads(configuration(limits={"queryTimeoutMs": LIMIT_MS}))
    document.pop("schemaPath")
    # Why by the clock: one long run after the other tells other lies.
    first = int(time.time()) if is_long else 1
    for seed in range(first, first + (LONG_SEEDS if is_long else 12)):
        with HostileProxy(path, seed) as proxy:
            url = proxy.url(database, connection_limit=2)
            config = {**document, "schema": schema, "datasourceUrl": url}
            if seed == first:
                proxy.is_lying = False
                # Why a limit of its own: what is asked here is whether the requests are right, on a machine that may be busy.
                with Client({**config, "limits": {"queryTimeoutMs": 30_000}}) as client:
                    assert set(ask_all(client)) <= {"OK", "NOT_FOUND"}, "the truth is answered"
                proxy.is_lying = True
            with Client(config) as client:
                for status in ask_all(client):
                    counts[status] = counts.get(status, 0) + 1
                transact(client)
                lies += proxy.lies
                proxy.is_lying = False
                # What was cached is of the time of the lies; what was believed of statements and connections has to be found out.
                client.query({"operation": "$accelerate.invalidateAll"})
                eventually(lambda: client.query({"model": "Sample", "operation": "count"}).data == 5, f"the truth, seed {seed}")
                eventually(lambda: [sorted(row) for row in client.query(REQUESTS[0]).data or []] == [COLUMNS] * 5, f"the columns, seed {seed}")
            database.sql.execute('DELETE FROM "Child"; DELETE FROM "Mark"')
    assert lies > 20 and counts.get("OK", 0) > 20
    figures(f"a server that lies ({relations}): {lies} lies; {json.dumps(counts)}")


class Boasting(MessageSession):
    def say(self, kind, body):
        return message(kind, b"INSERT 0 9223372036854775807\0" if kind == b"C" and body.startswith(b"INSERT") else body)


class Boaster(Relay):
    """Says of each command that it changed as many rows as a number can say."""

    def __init__(self, path):
        super().__init__(path)
        self.start()

    def session(self):
        return Boasting()


def test_counts_that_no_table_has_overflow_nothing(configuration, database):
    path = database.server.socket
    document = json.loads(configuration(limits={"queryTimeoutMs": 60_000}))
    with Boaster(path) as proxy:
        document["datasourceUrl"] = proxy.url(database, connection_limit=2)
        with Client(document) as client:
            # So many that they go in several statements, whose counts are added.
            rows = [{"name": f"m{number}"} for number in range(70_000)]
            reply = client.query({"model": "Mark", "operation": "createMany", "args": {"data": rows}})
            assert reply.status == "OK" and reply.data["count"] >= 0, reply
    assert database.sql.value('SELECT count(*) FROM "Mark"') == "70000"


class Copying(MessageSession):
    """Says an error and the beginning of a COPY in the place of a statement's end."""

    def __init__(self, proxy):
        self._proxy = proxy

    def say(self, kind, body):
        proxy = self._proxy
        if kind == b"C":
            proxy.left -= 1
            if proxy.left == 0:
                return message(b"E", b"SERROR\0C22012\0Mno\0\0") + message(b"H", b"\0\0\0")
        return super().say(kind, body)


class Copier(Relay):
    """Does so once, for the statement of a number."""

    def __init__(self, path, number):
        super().__init__(path)
        self.left = number
        self.sessions = 0
        self.start()

    def session(self):
        self.sessions += 1
        return Copying(self)


@pytest.mark.parametrize("number", range(1, 15))
def test_a_copy_that_begins_after_an_error_is_not_waited_for(configuration, database, number):
    """libpq tells of it again whenever it is asked for the next reply."""
    document = json.loads(configuration(limits={"queryTimeoutMs": 30_000}))
    with Copier(database.server.socket, number) as proxy:
        document["datasourceUrl"] = proxy.url(database, connection_limit=1)
        with Client(document) as client:
            for _ in range(3):
                client.live({"operation": "$executeRaw", "args": {"query": "SET work_mem = '5MB'"}})[1].free()
                client.live({"model": "Mark", "operation": "count"})[1].free()
                transact(client)
            assert proxy.left <= 0
            eventually(lambda: client.query({"model": "Mark", "operation": "count"}).number == 0, "the truth")


@pytest.mark.parametrize("number", [1, 2])
def test_a_listener_to_whom_a_server_begins_a_copy_connects_again(configuration, database, number):
    document = json.loads(configuration(**LISTENING))
    with Copier(database.server.socket, number) as proxy:
        with Client({**document, "directUrl": proxy.url(database)}) as client:
            def is_trusted():
                return "accelerant_listener_trusted 1\n" in client.data({"operation": "$metrics", "args": {"format": "prometheus"}})
            eventually(is_trusted, "a listener that has caught up")
            assert proxy.left <= 0 and proxy.sessions == 2
