"""How old an automatic answer can be after somebody else's write: with the listener well, and with everything done to it that cuts it off."""
import mmap
import os
import signal
import struct
import subprocess
import sys
import threading
import time

import pytest
from capi import Client
from listening import Hearer, read
from load import IS_LONG
from proxy import Proxy
from psql import Psql, SQLError
from scene import SCHEMA
from waiting import eventually

# Why so long: the long form does everything many times, beside whatever else runs on the machine.
pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
#: `listenTimeoutMs` of these tests.
SILENCE_MS = 1000
#: What a loaded machine may take to run a thread, beyond that.
SLACK = 0.5 if IS_LONG else 5.0
USER = read("User", "findUnique", where={"id": 1}, select={"name": True})


@pytest.fixture
def proxy(own_server):
    server, _ = own_server
    with Proxy(server.socket) as proxy:
        yield proxy


class Writer:
    """Somebody else, who counts a name up all the time and notes when each number was committed."""

    def __init__(self, url):
        self._url = url
        self.times = [time.monotonic()]
        self._is_over = False
        self._session = None
        self._write(0)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _write(self, number):
        if self._session is None:
            self._session = Psql(self._url)
            # What a server acknowledged just before it was killed may be gone, since it runs without fsync; it is written again.
            del self.times[int(self._session.value('SELECT name FROM "User" WHERE id = 1') if number else 0) + 1:]
            number = max(len(self.times), 1) if number else 0
        self._session.execute(f"UPDATE \"User\" SET name = '{number}' WHERE id = 1")
        return number

    def _run(self):
        while not self._is_over:
            try:
                if self._write(len(self.times)) == len(self.times):
                    self.times.append(time.monotonic())
            except (SQLError, BrokenPipeError, OSError):
                # It may have been committed; the next one says so.
                self._session.close()
                self._session = None
                time.sleep(0.05)
            time.sleep(0.005)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._is_over = True
        self._thread.join(20)
        if self._session:
            self._session.close()


class Watch:
    """Reads all the time, and keeps how old the oldest answer was: how long ago the first write that it lacks had been acknowledged."""

    def __init__(self, hearer, writer):
        self._hearer, self._writer = hearer, writer
        self.reads, self.hits, self.errors = 0, 0, 0
        #: When reads began, and the first write that each lacks.
        self._seen = []

    def oldest(self):
        times = self._writer.times
        return max((start - times[missing] for start, missing in self._seen if missing < len(times)), default=0.0)

    def run(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            start = time.monotonic()
            reply = self._hearer.ask(USER)
            if reply.code:
                self.errors += 1
                time.sleep(0.005)
                continue
            self.reads += 1
            self.hits += reply.cache == "ttl"
            self._seen.append((start, int(reply.data["name"]) + 1))
            time.sleep(0.0005)


def watch_while(database, figures, rounds, name, break_it, direct=None):
    """Reads while somebody writes and the listener is cut off; no answer may be older than the bound."""
    server = database.server
    direct = direct or database.url(application_name="listener")
    with Hearer(database.url(), SCHEMA, direct=direct, timeout=SILENCE_MS) as hearer:
        hearer.install()
        with Writer(server.url(database.name)) as writer:
            watch = Watch(hearer, writer)
            watch.run(0.5)
            calm = watch.oldest()
            for _ in range(rounds):
                losses = hearer.metric("interruptions_total")
                break_it(watch)
                hearer.await_metric("interruptions_total", lambda value: value > losses)
                eventually(lambda: hearer.metric("trusted") == 1, "trust again", 30)
                watch.run(0.5)
        hearer.warm(USER)
        figures(name, {
            "oldest answer before": f"{1000 * calm:.1f} ms", "oldest answer": f"{1000 * watch.oldest():.0f} ms", "reads": watch.reads,
            "hits": watch.hits, "errors": watch.errors})
        assert watch.hits > 0 and watch.oldest() <= SILENCE_MS / 1000 + SLACK


def listeners(database):
    with Psql(database.server.url(database.name)) as session:
        return [int(row[0]) for row in session.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'listener'")]


def test_the_listeners_backend_is_ended(own_server, figures, rounds):
    _, database = own_server

    def break_it(watch):
        with Psql(database.server.url(database.name)) as session:
            session.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'listener'")
        watch.run(0.2)

    watch_while(database, figures, rounds, "the listener's session ended", break_it)


def test_the_listeners_backend_is_killed(own_server, figures, rounds):
    _, database = own_server

    def break_it(watch):
        for pid in listeners(database):
            os.kill(pid, signal.SIGKILL)
        watch.run(1)

    watch_while(database, figures, rounds, "kill -9 of the listener's backend", break_it)


def test_the_listeners_backend_is_frozen(own_server, figures, rounds):
    _, database = own_server

    def break_it(watch):
        pids = listeners(database)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            watch.run(2 * SILENCE_MS / 1000)
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    watch_while(database, figures, rounds, "SIGSTOP of the listener's backend", break_it)


def test_the_listeners_network_swallows_everything(own_server, proxy, figures, rounds):
    _, database = own_server

    def break_it(watch):
        proxy.is_black_hole = True
        try:
            watch.run(2 * SILENCE_MS / 1000)
        finally:
            proxy.is_black_hole = False

    direct = proxy.url(database, connect_timeout=1)
    watch_while(database, figures, rounds, "a network that swallows everything", break_it, direct)


def test_the_server_is_started_again(own_server, figures, rounds):
    server, database = own_server

    def break_it(watch):
        server.stop()
        watch.run(0.3)
        server.start()
        watch.run(0.3)

    watch_while(database, figures, rounds, "the server stopped and started", break_it)


def test_how_long_a_write_takes_to_be_heard(own_server, figures):
    """Somebody else's write, by a client that does not listen; then reads until the answer is new."""
    _, database = own_server
    rounds = 5000 if IS_LONG else 200
    ages = []
    with Hearer(database.url(), SCHEMA) as hearer, Client({"schema": SCHEMA, "datasourceUrl": database.url()}) as other:
        hearer.install()
        for number in range(rounds):
            hearer.warm(USER)
            other.data({"model": "User", "operation": "update", "args": {"where": {"id": 1}, "data": {"name": str(number)}}})
            start = time.monotonic()
            while hearer.ask(USER).data["name"] != str(number):
                assert time.monotonic() - start < 10
            ages.append(time.monotonic() - start)
    ages.sort()
    of = lambda share: f"{1000 * ages[min(int(share * rounds), rounds - 1)]:.2f} ms"
    figures("from the reply to a write to its effect elsewhere", {
        "rounds": rounds, "p50": of(0.5), "p99": of(0.99), "p99.9": of(0.999), "max": of(1)})


WRITER = """
import mmap, struct, sys, time
sys.path[:0] = {path!r}
from capi import Client
handle = open({file!r}, "r+b")
memory = mmap.mmap(handle.fileno(), 0)
with Client({{"schema": {schema!r}, "datasourceUrl": {url!r}}}) as client:
    print("ready", flush=True)
    for number in range(1, {rounds} + 1):
        client.data({{"model": "User", "operation": "update", "args": {{"where": {{"id": 1}}, "data": {{"name": str(number)}}}}}})
        struct.pack_into("d", memory, 8 * number, time.monotonic())
        struct.pack_into("q", memory, 0, number)
"""


def test_races_of_two_processes(own_server, figures, tmp_path):
    """One process writes as fast as it can, another reads on four threads; what a read lacks was committed a moment ago."""
    _, database = own_server
    rounds = 100_000 if IS_LONG else 1_000
    file = tmp_path / "times"
    file.write_bytes(bytes(8 * (rounds + 2)))
    with open(file, "r+b") as handle:
        memory = mmap.mmap(handle.fileno(), 0)
    with Hearer(database.url(), SCHEMA) as hearer:
        hearer.install()
        database.sql.execute("UPDATE \"User\" SET name = '0' WHERE id = 1")
        script = WRITER.format(path=sys.path, file=str(file), schema=SCHEMA, url=database.url(), rounds=rounds)
        child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        assert child.stdout.readline() == "ready\n"
        tallies = []

        def play():
            reads = hits = 0
            oldest = 0.0
            while struct.unpack_from("q", memory, 0)[0] < rounds and child.poll() is None:
                start = time.monotonic()
                reply = hearer.ask(USER)
                reads += 1
                hits += reply.cache == "ttl"
                missing = int(reply.data["name"]) + 1
                written = struct.unpack_from("d", memory, 8 * missing)[0] if missing <= rounds else 0
                if written and start > written:
                    oldest = max(oldest, start - written)
            tallies.append((reads, hits, oldest))

        threads = [threading.Thread(target=play) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert child.wait(60) == 0
        eventually(lambda: hearer.ask(USER).data["name"] == str(rounds), "the last write")
        reads, hits = (sum(tally[place] for tally in tallies) for place in (0, 1))
        oldest = max(tally[2] for tally in tallies)
        figures("races of two processes", {"writes": rounds, "reads": reads, "hits": hits, "oldest answer": f"{1000 * oldest:.1f} ms"})
        assert oldest < 0.5 + SLACK
