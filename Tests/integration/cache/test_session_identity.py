"""What ALTER ROLE and ALTER DATABASE set for new sessions: no answer of sessions before the change is given to those after it."""
import os
import select
import socket
import time

import pytest
from capi import Client
from database import ROLE
from fleet import Fleet, Member
from relays import Relay
from scene import SCHEMA
from transacting import Transaction
from waiting import eventually

USERS = {"ttl": 3600, "swr": 3600, "tags": ["users"]}
TABLES = """
    CREATE SCHEMA other;
    CREATE TABLE other."User" (LIKE "User" INCLUDING ALL);
    INSERT INTO other."User" (name, email) VALUES ('Other', 'o@example.org');
    CREATE ROLE "{name} guest" NOLOGIN;
    GRANT SELECT ON "User" TO "{name} guest";
    ALTER TABLE "User" ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON "User" FOR SELECT USING (name = coalesce(current_setting('app.user', true), 'Bob'))
"""
ALL = ["Alice", "Bob", None, "Dave"]
#: What is altered, and what a session sees afterwards that is begun then.
CHANGES = {
    "the role's search path": ("ALTER ROLE {role} IN DATABASE {name} SET search_path = other, public", ["Other"]),
    "the database's search path": ("ALTER DATABASE {name} SET search_path = other, public", ["Other"]),
    "the role": ("ALTER ROLE {role} IN DATABASE {name} SET role = '{name} guest'", ["Bob"]),
    "what a policy reads": (
        "ALTER ROLE {role} IN DATABASE {name} SET role = '{name} guest'; ALTER DATABASE {name} SET \"app.user\" = 'Dave'", ["Dave"]),
}


class Altering:
    """A database whose settings for new sessions the test changes."""

    def __init__(self, database):
        self.database = database
        self("%s" % TABLES)

    def __call__(self, sql):
        self.database.sql.execute(sql.format(name=self.database.name, role=ROLE))

    def end_sessions(self):
        self.database.sql.execute(
            f"SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = '{self.database.name}' AND usename = '{ROLE}'")

    def open(self, cache=None, **settings):
        url = settings.pop("url", None) or self.database.url(connection_limit=4)
        return Member(Client({"schema": SCHEMA, "datasourceUrl": url, "cache": cache or {}, **settings}))


@pytest.fixture
def altering(database):
    altering = Altering(database)
    yield altering
    altering.end_sessions()
    altering('DROP OWNED BY "{name} guest"; ALTER ROLE {role} IN DATABASE {name} RESET ALL; DROP ROLE "{name} guest"')


def begin_session(member, query="SELECT 1 AS n"):
    """Uses a session that is begun now: those of before are gone."""
    reply = member.client.query({"operation": "$queryRaw", "args": {"query": query}})
    return reply if reply.number == 0 else member.client.query({"operation": "$queryRaw", "args": {"query": query}})


@pytest.fixture(params=list(CHANGES))
def change(request):
    return CHANGES[request.param]


def test_a_client_with_new_sessions_gives_no_answer_of_the_old_ones(altering, change):
    sql, after = change
    member = altering.open()
    with member.client:
        assert member.names(USERS) == ALL and member.find(USERS, orderBy={"id": "asc"}).cache == "ttl"
        altering(sql)
        assert member.names(USERS) == ALL, "no session has been begun since"
        altering.end_sessions()
        begin_session(member)
        reply = member.find(USERS, orderBy={"id": "asc"})
        assert reply.cache == "miss" and [user["name"] for user in reply.data] == after
        # What the first session after the change has read is not kept; what those after it read is.
        assert member.names(USERS) == after
        eventually(lambda: member.find(USERS, orderBy={"id": "asc"}).cache == "ttl", "the answer to be kept")
        assert member.names(USERS) == after


def test_a_snapshot_gives_no_answer_of_sessions_before(altering, change, tmp_path):
    sql, after = change
    cache = {"snapshot": str(tmp_path / "cache"), "snapshotTrust": "ttl"}
    with (member := altering.open(cache)).client:
        assert member.names(USERS) == ALL
    with (member := altering.open(cache)).client:
        assert member.find(USERS, orderBy={"id": "asc"}).cache == "ttl", "nothing has changed"
    altering(sql)
    with (member := altering.open(cache, log=["warn"])).client:
        assert member.metric("accelerant_snapshot_restored_total") == 0
        assert member.names(USERS) == after
        events = member.client.data({"operation": "$log.take"})["events"]
        assert any("another role, search path or other settings" in event["message"] for event in events)


def test_a_tier_gives_no_answer_of_sessions_before(altering, change):
    sql, after = change
    with Fleet(altering.database) as fleet:
        first, second = fleet.open(), fleet.open()
        assert first.names(USERS) == second.names(USERS) == ALL
        altering(sql)
        # Processes of before go on with their sessions and what those see, and share that.
        assert first.find(USERS, "count").data == 4
        first.await_stored(2)
        assert second.find(USERS, "count").cache == "ttl"
        late, later = fleet.open(), fleet.open()
        assert late.names(USERS) == after and late.find(USERS, "count").data == 1
        late.await_stored(2)
        assert later.names(USERS) == after and later.find(USERS, "count").cache == "ttl"


def test_a_shared_cache_gives_no_answer_of_sessions_before(altering, change):
    sql, after = change
    one, other = (altering.open({"name": "shared"}) for _ in range(2))
    with one.client, other.client:
        assert one.names(USERS) == ALL and other.find(USERS, orderBy={"id": "asc"}).cache == "ttl"
        altering(sql)
        altering.end_sessions()
        begin_session(one)
        assert other.names(USERS) == after


def test_a_session_tells_the_settings_that_it_began_with(altering):
    """Not those that the catalog has when it is asked: it goes on with its own."""
    altering(CHANGES["what a policy reads"][0])
    altering("ALTER DATABASE {name} SET \"app.user\" = 'Bob'")
    with Fleet(altering.database) as fleet:
        first = fleet.open()
        first.client.data({"operation": "$connect"})
        altering("ALTER DATABASE {name} SET \"app.user\" = 'Dave'")
        # Why either: a session that was not asked within a second is replaced.
        assert first.names(USERS) in (["Bob"], ["Dave"])
        first.await_stored(1)
        assert fleet.open().names(USERS) == ["Dave"]
        altering.end_sessions()
        begin_session(first)
        assert first.names(USERS) == ["Dave"]


def test_a_change_that_is_undone_begins_anew_again(altering):
    with (member := altering.open()).client:
        for sql, expected in [(CHANGES["the role"][0], ["Bob"]), ("ALTER ROLE {role} IN DATABASE {name} RESET role", ALL)] * 2:
            member.names(USERS)
            altering(sql)
            altering.end_sessions()
            begin_session(member)
            assert member.names(USERS) == expected


def test_sessions_of_before_answer_nobody_any_more(altering):
    with (member := altering.open()).client:
        assert member.names(USERS) == ALL
        guest = altering.database.name + " guest"
        assert roles_of_sessions(member, 2) == [ROLE, ROLE]
        altering(CHANGES["the role"][0])
        assert roles_of_sessions(member, 3) == [ROLE, ROLE, guest], "the third one is begun now, and tells of the change"
        assert roles_of_sessions(member, 3) == [guest, guest, guest]


def roles_of_sessions(member, count):
    """The roles of so many sessions, all of which are in use at once."""
    opened = [Transaction(member.client) for _ in range(count)]
    roles = [transaction.data("$queryRaw", query="SELECT current_user AS role")[0]["role"] for transaction in opened]
    for transaction in opened:
        transaction.rollback()
    return roles


def test_new_sessions_of_the_same_kind_drop_nothing(altering):
    with (member := altering.open(log=["warn"])).client:
        assert member.names(USERS) == ALL
        altering.end_sessions()
        begin_session(member)
        assert member.find(USERS, orderBy={"id": "asc"}).cache == "ttl"
        events = member.client.data({"operation": "$log.take"})["events"]
        assert not [event for event in events if "New sessions" in event["message"]]


def test_where_the_catalog_may_not_be_read_answers_are_kept_as_before(altering):
    altering("REVOKE SELECT ON pg_db_role_setting FROM public; ALTER ROLE {role} IN DATABASE {name} SET role = '{name} guest'")
    with (member := altering.open()).client:
        assert member.names(USERS) == ["Bob"]
        assert member.find(USERS, orderBy={"id": "asc"}).cache == "ttl"
        altering.end_sessions()
        begin_session(member)
        assert member.find(USERS, orderBy={"id": "asc"}).cache == "ttl"


def test_a_process_that_starts_while_the_database_is_down_serves_its_snapshot_until_it_knows_better(altering, tmp_path):
    server = altering.database.server
    place, link = tmp_path / "sockets", tmp_path / "sockets" / f".s.PGSQL.{server.port}"
    place.mkdir()
    os.symlink(server.socket, link)
    settings = {"url": altering.database.url(host=str(place), connection_limit=4)}
    cache = {"snapshot": str(tmp_path / "cache"), "snapshotTrust": "ttl"}
    with (member := altering.open(cache, **settings)).client:
        assert member.names(USERS) == ALL
    os.unlink(link)
    with (member := altering.open(cache, **settings)).client:
        assert member.find(USERS, orderBy={"id": "asc"}).cache == "ttl"
        altering(CHANGES["the role"][0])
        os.symlink(server.socket, link)
        eventually(lambda: member.names(USERS) == ["Bob"], "the answers of before to be dropped", 30)


def test_a_process_that_the_database_refuses_serves_no_snapshot(altering, admin, tmp_path):
    cache = {"snapshot": str(tmp_path / "cache"), "snapshotTrust": "ttl"}
    with (member := altering.open(cache)).client:
        assert member.names(USERS) == ALL
    admin.execute(f"ALTER DATABASE {altering.database.name} ALLOW_CONNECTIONS false")
    with (member := altering.open(cache)).client:
        assert member.metric("accelerant_snapshot_restored_total") == 0
        assert member.find(USERS, orderBy={"id": "asc"}).error["code"] == "P6008"
    admin.execute(f"ALTER DATABASE {altering.database.name} ALLOW_CONNECTIONS true")
    with (member := altering.open(cache)).client:
        assert member.find(USERS, orderBy={"id": "asc"}).cache == "ttl", "the file was left alone"


class Counting(Relay):
    """Counts how often a client speaks after it was answered, once it is let in."""

    def __init__(self, path):
        super().__init__(path)
        self.turns = 0
        self.start()

    def serve(self, client):
        is_in = is_answered = False
        with socket.socket(socket.AF_UNIX) as server:
            server.connect(self._path)
            while True:
                if server in select.select([client, server], [], [])[0]:
                    # Why: what the client says meanwhile did not wait for the answer.
                    time.sleep(0.1)
                for source, target in ((client, server), (server, client)):
                    if not select.select([source], [], [], 0)[0]:
                        continue
                    data = source.recv(65536)
                    if not data:
                        return
                    self.turns += source is client and is_in and is_answered
                    is_answered = source is server
                    is_in = is_in or (source is server and data.endswith(b"Z\0\0\0\x05I"))
                    target.sendall(data)


def test_the_first_read_of_a_session_asks_in_its_own_round_trip(altering):
    with Counting(altering.database.server.socket) as relay:
        url = relay.url(altering.database, connection_limit=1)
        with (member := altering.open(url=url)).client:
            assert member.find(USERS).cache == "miss"
            assert relay.turns == 1
            assert member.find({"ttl": 60}, "count").cache == "miss"
            assert relay.turns == 2
