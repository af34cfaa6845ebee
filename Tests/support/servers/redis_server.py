#!/usr/bin/env python3
"""A Redis that the test may stop, freeze, fill and fail over, and a client for it of a few lines.

    redis_server.py run -- COMMAND …     runs COMMAND with REDIS_URL set, and removes the server when it ends
    redis_server.py there                whether the server is installed: by the exit status
"""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time


def program():
    """The server's program. Debian's package of tools has it under another name; then nothing is started on its installation."""
    for name in ("redis-server", "valkey-server", "redis-check-rdb"):
        place = shutil.which(name)
        if place:
            return os.path.realpath(place)
    raise RuntimeError("redis-server is not installed; on Debian and Ubuntu: apt-get install redis-tools")


class RedisError(Exception):
    """What the server refused."""


class Connection:
    """Commands and their replies; lists are lists, texts are bytes. A place is a path, or a host and a port."""

    def __init__(self, place, timeout=10):
        self._socket = socket.socket(socket.AF_UNIX if isinstance(place, str) else socket.AF_INET)
        self._socket.settimeout(timeout)
        self._socket.connect(place)
        self._file = self._socket.makefile("rb")

    def call(self, *arguments):
        return self.call_all(arguments)[0]

    def call_all(self, *commands):
        """Sends commands together, and gives their replies."""
        self._socket.sendall(b"".join(self._form(command) for command in commands))
        return [self.read() for _ in commands]

    @staticmethod
    def _form(arguments):
        parts = [argument if isinstance(argument, bytes) else str(argument).encode() for argument in arguments]
        return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)

    def read(self):
        line = self._file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("the server closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            raise RedisError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self._file.read(int(rest) + 2)[:-2]
        return [self.read() for _ in range(int(rest))]

    def close(self):
        self._file.close()
        self._socket.close()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Redis:
    """A throw-away server with a Unix socket and a port of 127.0.0.1. `settings` are options of its command line, `executable` its program."""

    def __init__(self, executable=None, **settings):
        self.executable = executable or program()
        self.directory = tempfile.mkdtemp(prefix="redis-", dir="/tmp")
        self.path = os.path.join(self.directory, "socket")
        self.port = free_port()
        self.settings = {"save": "", "appendonly": "no", "loglevel": "warning", **settings}
        self._process = None
        self.start()

    def start(self):
        options = {
            "port": self.port, "bind": "127.0.0.1", "unixsocket": self.path, "dir": self.directory, "daemonize": "no",
            "logfile": os.path.join(self.directory, "log"), **self.settings}
        command = ["redis-server"] + [word for key, value in options.items() for word in ("--" + key.replace("_", "-"), str(value))]
        self._process = subprocess.Popen(command, executable=self.executable, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 10
        while True:
            try:
                connection = Connection(self.path)
                try:
                    connection.call("PING")
                except RedisError as error:
                    if "LOADING" in str(error):
                        raise OSError("it is loading") from None
                connection.close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("redis-server did not start; see " + os.path.join(self.directory, "log")) from None
                time.sleep(0.01)

    def call(self, *arguments):
        connection = Connection(self.path)
        try:
            if "requirepass" in self.settings:
                connection.call("AUTH", self.settings["requirepass"])
            return connection.call(*arguments)
        finally:
            connection.close()

    def monitor(self):
        """A connection on which every command is read that the server is sent."""
        connection = Connection(self.path)
        connection.call("MONITOR")
        return connection

    def keys(self, pattern="*"):
        return sorted(key.decode() for key in self.call("KEYS", pattern))

    def url(self, database=0):
        return f"redis://127.0.0.1:{self.port}/{database}"

    @property
    def pid(self):
        return self._process.pid

    def freeze(self):
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self._process.send_signal(signal.SIGCONT)

    def kill(self):
        self._process.kill()
        self._process.wait()

    def close(self):
        self.thaw()
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


def main(arguments):
    if arguments == ["there"]:
        try:
            program()
        except RuntimeError as error:
            return str(error)
        return 0
    if arguments[:2] != ["run", "--"] or len(arguments) == 2:
        return "usage: redis_server.py run -- COMMAND …, or redis_server.py there"
    with Redis() as redis:
        return subprocess.call(arguments[2:], env={**os.environ, "REDIS_URL": redis.url()})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
