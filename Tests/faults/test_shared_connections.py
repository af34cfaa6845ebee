"""What happens to a connection while it carries the reads of many: each of them has its own answer all the same, or is told of the loss."""
import os
import signal
import time

import pytest
from asking import Asking
from capi import Client
from load import RECOVERY_SECONDS
from processes import send
from proxy import Proxy
from psql import Psql
from scene import SCHEMA, Scene
from waiting import Call, eventually

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
SHARED = "accelerant_pool_multiplexed_reads_total"
#: Keeps the only connection busy while others come.
PAUSE = {"operation": "$queryRaw", "args": {"query": "SELECT 1 AS n FROM pg_sleep(0.1)"}}
READS = 40
TABLES = """
    ALTER TABLE "User" RENAME TO people;
    INSERT INTO people (id, name, email) SELECT i, 'N' || i, i || '@many.example' FROM generate_series(1001, 1100) i;
    CREATE TABLE pace AS SELECT 0.0::float8 AS seconds;
    CREATE VIEW "User" AS SELECT p.id, p.name, p.email FROM people p, LATERAL (SELECT pg_sleep(seconds) FROM pace) s
"""


def user(id, **more):
    return {"model": "User", "operation": "findUnique", "args": {"where": {"id": id}}, **more}


def answer(id):
    return {"id": id, "name": f"N{id}", "email": f"{id}@many.example"}


@pytest.fixture(scope="module")
def paced_server(own_server):
    """Each read of a user takes the server as long as `pace` says."""
    server, database = own_server
    with Psql(server.url(database.name)) as session:
        session.execute(TABLES)
    return server, database


class Batch:
    """Reads of submitted requests and of threads, that are on their way together on one connection when this is made."""

    def __init__(self, paced_server):
        self.server, self.database = paced_server
        self.session = self.new_session()
        self.pace(0)
        self.scene = Scene(self.database, url={"connection_limit": 1, "multiplexing_limit": 64})
        self.asking = Asking(self.scene.client)
        # Why more than once: on a busy machine a read is not always as short as it has to be.
        eventually(self._is_on_its_way, "reads to go together", seconds=60)
        self.begun = time.monotonic()

    def _is_on_its_way(self):
        for _ in range(60):
            assert self.scene.client.data(user(1001)) == answer(1001)
        before = self.scene.metric(SHARED)
        self.pace(0.005)
        self.asking.submit(PAUSE, 0)
        for token in range(1, READS):
            self.asking.submit(user(1001 + token), token)
        self.calls = [Call(self.scene.client.query, user(1050 + place)) for place in range(8)]
        # The pause, and the first few of the reads.
        self.replies = self.asking.take_all(4)
        if self.scene.metric(SHARED) - before >= 20:
            return True
        self.finish()
        return False

    def new_session(self):
        return Psql(self.server.url(self.database.name))

    def pace(self, seconds):
        self.session.execute(f"UPDATE pace SET seconds = {seconds}")

    def backends(self):
        return [int(row[0]) for row in self.session.execute(
            f"SELECT pid FROM pg_stat_activity WHERE datname = '{self.database.name}' AND usename = 'app'")]

    def finish(self):
        """All replies: those of the submitted, and those of the threads."""
        self.pace(0)
        if len(self.replies) < READS:
            self.replies |= self.asking.take_all(READS - len(self.replies), seconds=30)
        return self.replies, [call.result(30) for call in self.calls]

    def check(self):
        """Each got its own answer, in time; nothing is left behind."""
        replies, answers = self.finish()
        assert time.monotonic() - self.begun < RECOVERY_SECONDS
        assert {token: reply.data for token, reply in replies.items() if token} == {token: answer(1001 + token) for token in range(1, READS)}
        assert [reply.data for reply in answers] == [answer(1050 + place) for place in range(8)]
        self.check_rest()

    def check_rest(self):
        assert self.scene.client.data(user(1001)) == answer(1001)
        assert self.scene.metric("prisma_client_queries_active") == 0
        assert self.scene.metric("prisma_pool_connections_busy") == 0
        assert len(self.backends()) == 1


@pytest.fixture
def batch(paced_server):
    batch = Batch(paced_server)
    yield batch
    batch.scene.close()
    eventually(lambda: not batch.backends(), "the sessions to end")
    batch.session.close()


def test_the_backend_is_ended(batch):
    ended = batch.backends()
    batch.session.execute(f"SELECT pg_terminate_backend({ended[0]})")
    batch.check()
    assert batch.backends() != ended


def test_the_backend_is_killed(batch):
    """The server ends all its sessions and takes none for a moment, so some are told that it is not there."""
    send(signal.SIGKILL, batch.backends())

    def takes_sessions():
        try:
            batch.session = batch.new_session()
            return batch.session.execute("SELECT 1")
        except Exception:
            return False
    batch.session.close()
    eventually(takes_sessions, "the server's own recovery")
    replies, answers = batch.finish()
    for id, reply in [(1001 + token, reply) for token, reply in replies.items() if token] + [(1050 + place, reply) for place, reply in enumerate(answers)]:
        assert reply.data == answer(id) if reply.code is None else reply.status == "UNAVAILABLE", (id, reply)
    eventually(lambda: batch.scene.client.query(user(1001)).data == answer(1001), "the first answer")
    batch.check_rest()


def test_the_backend_is_frozen_and_goes_on(batch):
    frozen = batch.backends()
    send(signal.SIGSTOP, frozen)
    try:
        time.sleep(0.3)
    finally:
        send(signal.SIGCONT, frozen)
    batch.check()
    assert batch.scene.metric("accelerant_pool_moved_reads_total") > 0


def test_the_statement_that_runs_is_cancelled_by_somebody_else(batch):
    """That ends one read alone, which is told."""
    batch.session.execute(f"SELECT pg_cancel_backend({batch.backends()[0]})")
    replies, answers = batch.finish()
    wrong = [reply for token, reply in replies.items() if token and reply.data != answer(1001 + token)]
    wrong += [reply for place, reply in enumerate(answers) if reply.data != answer(1050 + place)]
    assert len(wrong) <= 1 and all(reply.code for reply in wrong)
    batch.check_rest()


def test_the_process_forks(batch):
    child = os.fork()
    if child == 0:
        os._exit(0 if batch.scene.client.query(user(1001)).status == "FORKED" else 1)
    assert os.waitpid(child, 0)[1] == 0
    batch.check()


@pytest.mark.parametrize("side", ["server", "client"])
def test_the_network_is_cut_at_a_byte(paced_server, figures, steps, side):
    server, database = paced_server
    with Proxy(server.socket) as proxy:
        config = {
            "schema": SCHEMA, "datasourceUrl": proxy.url(database, connection_limit=1, multiplexing_limit=64), "limits": {"queryTimeoutMs": 5000}}

        def play(reads):
            """Gives each read's reply, and how many went together."""
            with Client(config) as client:
                for _ in range(20):
                    client.query(user(1001))
                asking = Asking(client)
                asking.submit(PAUSE, 0)
                for token in range(1, reads):
                    asking.submit(user(1001 + token), token)
                replies = asking.take_all(reads)
                text = client.data({"operation": "$metrics", "args": {"format": "prometheus"}})
            shared = next(float(line.split()[1]) for line in text.split("\n") if line.startswith(SHARED + " "))
            return {token: reply for token, reply in replies.items() if token}, shared

        def length(reads):
            before = proxy.sessions_ended
            replies, shared = play(reads)
            assert all(reply.data == answer(1001 + token) for token, reply in replies.items())
            eventually(lambda: proxy.sessions_ended > before, "the session's end")
            return proxy.last[side], shared

        first, _ = length(1)
        # Why more than once: on a busy machine a read is not always as short as it has to be.
        last = eventually(lambda: (whole := length(24))[1] >= 20 and whole[0], "reads to go together", seconds=60)
        assert last > first + 500
        places = range(first, last + 1, 7 if steps is None else max((last - first) // 15, 1))
        lost = right = 0
        for place in places:
            proxy.cut_after = (side, place)
            replies, _ = play(24)
            for token, reply in replies.items():
                # Either its own answer, or an error that says that the connection was lost.
                assert reply.data == answer(1001 + token) if reply.code is None else reply.status == "UNAVAILABLE", (place, token, reply)
                lost, right = lost + (reply.code is not None), right + (reply.code is None)
        proxy.cut_after = None
        length(24)
        figures(f"shared reads cut at bytes of the {side}", {"places": len(places), "cuts": proxy.cuts, "right": right, "lost": lost})
        assert proxy.cuts >= len(places) / 2 and right > lost
