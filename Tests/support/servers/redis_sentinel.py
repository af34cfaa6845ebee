"""Sentinels of a throw-away Redis: real ones, and one that says what the test wants."""
import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading

from redis_server import Connection, Redis, RedisError, free_port, program
from waiting import eventually

NAME = "main"


class Sentinel:
    """One process. `password` is its own, `server_password` that of the servers, `settings` are further lines of its configuration."""

    def __init__(self, primary_port, quorum, password=None, server_password=None, settings=()):
        self.directory = tempfile.mkdtemp(prefix="sentinel-", dir="/tmp")
        self.port = free_port()
        self.password = password
        lines = [
            f"port {self.port}", "bind 127.0.0.1", f"dir {self.directory}", "daemonize no", f"logfile {self.directory}/log",
            *settings, f"sentinel monitor {NAME} 127.0.0.1 {primary_port} {quorum}", f"sentinel down-after-milliseconds {NAME} 500",
            f"sentinel failover-timeout {NAME} 3000"]
        if server_password:
            lines += [f"sentinel auth-pass {NAME} {server_password}"]
        if password:
            lines += [f"requirepass {password}", f"sentinel sentinel-pass {password}"]
        self.file = os.path.join(self.directory, "sentinel.conf")
        with open(self.file, "w") as file:
            file.write("\n".join(lines) + "\n")
        self._process = subprocess.Popen(
            ["redis-server", self.file, "--sentinel"], executable=program(), stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        eventually(self._answers, "a Sentinel to start")

    def _answers(self):
        try:
            return self.call("PING") == "PONG"
        except OSError:
            return False

    def call(self, *arguments):
        connection = Connection(("127.0.0.1", self.port))
        try:
            if self.password:
                connection.call("AUTH", self.password)
            return connection.call(*arguments)
        finally:
            connection.close()

    def master(self):
        words = [word.decode() for word in self.call("SENTINEL", "MASTER", NAME)]
        return dict(zip(words[::2], words[1::2], strict=True))

    def close(self):
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


class Group:
    """A primary, a replica, and three Sentinels that know each other and both."""

    def __init__(self, primary, password=None, server_password=None):
        secret = {"masterauth": server_password, "requirepass": server_password} if server_password else {}
        self.replica = Redis(replicaof=f"127.0.0.1 {primary.port}", **{"repl-diskless-sync-delay": 0, **secret})
        self.sentinels = []
        try:
            for _ in range(3):
                self.sentinels.append(Sentinel(primary.port, 2, password, server_password))
            eventually(lambda: all(self._knows(sentinel) for sentinel in self.sentinels), "the Sentinels to know each other")
            eventually(lambda: b"master_link_status:up" in self.replica.call("INFO", "replication"), "the replica to follow")
        except BaseException:
            self.close()
            raise

    def _knows(self, sentinel):
        try:
            master = sentinel.master()
        except RedisError:
            return False
        return master["num-slaves"] == "1" and master["num-other-sentinels"] == "2" and master["flags"] == "master"

    def url(self, credentials="", parameters=""):
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis-sentinel://{credentials}{hosts}/0?master={NAME}{parameters}"

    def await_failover(self):
        """Returns when each of the Sentinels that are left names the replica."""
        eventually(lambda: all(sentinel.master()["port"] == str(self.replica.port) for sentinel in self.sentinels), "the failover")

    def close(self):
        for sentinel in self.sentinels:
            sentinel.close()
        self.replica.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


class ScriptedSentinel:
    """Says that the primary is at `port` of 127.0.0.1, by the failover of that number. No port: it does not know the primary.

    With `promoted` it leads that failover: `SENTINEL MASTER` has the former primary's port and the new number, and
    `SENTINEL GET-MASTER-ADDR-BY-NAME` has the new port.
    """

    def __init__(self, port, failover=1):
        self.port, self.failover, self.promoted = port, failover, None
        self.commands = []
        self._next = None
        self._server = socket.create_server(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def name(self, port, failover, promoted=None):
        self.port, self.failover, self.promoted = port, failover, promoted

    def name_after_one_answer(self, port, failover):
        """A failover between two answers: the next one is still as before."""
        self._next = (port, failover)

    def _accept(self):
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        reader = connection.makefile("rb")
        try:
            while line := reader.readline():
                words = []
                for _ in range(int(line[1:])):
                    size = int(reader.readline()[1:])
                    words.append(reader.read(size + 2)[:-2].decode())
                self.commands.append(words)
                connection.sendall(self._reply(words))
        except OSError:
            pass

    def _reply(self, words):
        if words[:2] == ["SENTINEL", "MASTER"]:
            if self.port is None:
                return b"-ERR No such master with that name\r\n"
            pairs = ["name", words[2], "ip", "127.0.0.1", "port", str(self.port), "flags", "master", "config-epoch", str(self.failover)]
            if self._next:
                self.name(*self._next)
                self._next = None
            return self._list(pairs)
        if words[:2] == ["SENTINEL", "GET-MASTER-ADDR-BY-NAME"]:
            return b"*-1\r\n" if self.port is None else self._list(["127.0.0.1", str(self.promoted or self.port)])
        return b"+OK\r\n"

    @staticmethod
    def _list(words):
        return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word.encode()) for word in words)

    def close(self):
        # Why first: a thread that waits for a connection would still take one.
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
