#!/usr/bin/env python3
"""A PostgreSQL server to throw away.

    postgres.py run -- COMMAND …     runs COMMAND with DATABASE_URL set, and removes the server when it ends

or, from Python:

    with ThrowAwayPostgres() as server:
        server.url()                 # over the Unix socket
        server.tcp_url()             # over 127.0.0.1, with a password

The server lives in a temporary directory, listens on a Unix socket there and on a free port of 127.0.0.1, and is tuned
for speed: nothing in it survives a crash. It is kept by a guard process of its own, which stops it and removes the
directory as soon as its standard input is closed. So it goes away however its user ends, `kill -9` included.
Run as root, the server runs as `postgres` or `nobody`, since PostgreSQL refuses to be root.
"""
import ctypes
import glob
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "shared_buffers": "128MB",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track": "all",
    "max_parallel_workers_per_gather": "0",
}
USER = "accelerant"
PASSWORD = "correct-horse"
START_SECONDS = 30


def program(name):
    """The path of a PostgreSQL server program: of the folder that `ACCELERANT_POSTGRES` names, or the system's newest.

    Debian keeps them out of PATH.
    """
    named = os.environ.get("ACCELERANT_POSTGRES")
    if named:
        return os.path.join(named, name)
    versions = sorted(glob.glob("/usr/lib/postgresql/*/bin/" + name), key=lambda path: int(path.split("/")[4].split(".")[0]))
    found = versions[-1] if versions else shutil.which(name)
    if not found:
        sys.exit(f"{name} is not installed; on Debian and Ubuntu: apt-get install postgresql")
    return found


class ThrowAwayPostgres:
    """A running server. Close it, or use it as a context manager."""

    def __init__(self):
        command = [sys.executable, os.path.abspath(__file__), "guard"]
        # Why a session of its own: Ctrl-C in a terminal must reach the user of the server, not the guard that tidies up.
        self._guard = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        self._facts = self._answer()
        self.socket_directory = self._facts["socket"]
        self.port = self._facts["port"]

    def _answer(self):
        line = self._guard.stdout.readline()
        if not line:
            raise RuntimeError("PostgreSQL did not start; its messages stand above")
        return json.loads(line)

    def _order(self, order):
        self._guard.stdin.write(order + "\n")
        self._guard.stdin.flush()
        return self._answer()

    def stop(self):
        """Stops the server as an administrator would in a hurry; connections end. `start` brings it back with its data."""
        self._order("stop")

    def start(self):
        self._order("start")

    @property
    def socket(self):
        """The path of the Unix socket."""
        return os.path.join(self.socket_directory, f".s.PGSQL.{self.port}")

    def url(self, database="postgres", **parameters):
        """Over the Unix socket, without a password."""
        parameters = {"host": self.socket_directory, **parameters}
        query = "&".join(f"{key}={value}" for key, value in parameters.items())
        return f"postgresql://{USER}@localhost:{self.port}/{database}?{query}"

    def tcp_url(self, database="postgres", user=USER, password=PASSWORD, **parameters):
        query = "&".join(f"{key}={value}" for key, value in parameters.items())
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}" + ("?" + query if query else "")

    def close(self):
        if self._guard.poll() is None:
            self._guard.stdin.close()
            self._guard.wait()
        self._guard.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Guard:
    """What runs in the guard process: the server's parent, and the one that removes everything."""

    def __init__(self):
        self.account = pwd.getpwuid(os.getuid())
        if os.getuid() == 0:
            names = {entry.pw_name: entry for entry in pwd.getpwall()}
            self.account = names.get("postgres") or names["nobody"]
        self.directory = tempfile.mkdtemp(prefix="accelerant-postgres-")
        os.chown(self.directory, self.account.pw_uid, self.account.pw_gid)
        os.chmod(self.directory, 0o755)
        self.data = os.path.join(self.directory, "data")
        self.server = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def spawn(self, command, **options):
        """Starts a program as the unprivileged user. It dies with the guard, even when the guard is killed."""
        if os.getuid() == 0:
            options.update(user=self.account.pw_uid, group=self.account.pw_gid, extra_groups=[])
        libc = ctypes.CDLL(None)
        environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        return subprocess.Popen(
            command, cwd=self.directory, env=environment, stdin=subprocess.DEVNULL,
            preexec_fn=lambda: libc.prctl(1, signal.SIGQUIT), **options)

    def initialize(self):
        password = os.path.join(self.directory, "password")
        with open(password, "w") as file:
            file.write(PASSWORD + "\n")
        os.chown(password, self.account.pw_uid, self.account.pw_gid)
        command = [program("initdb"), "-D", self.data, "-U", USER, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
                   "--auth-local=trust", "--auth-host=scram-sha-256", "--pwfile=" + password]
        process = self.spawn(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output, _ = process.communicate()
        if process.returncode != 0:
            raise RuntimeError("initdb failed:\n" + output.decode(errors="replace"))

    def start(self):
        settings = dict(SETTINGS, listen_addresses="127.0.0.1", port=str(self.port), unix_socket_directories=self.directory)
        command = [program("postgres"), "-D", self.data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with open(os.path.join(self.directory, "log"), "ab") as log:
            self.server = self.spawn(command, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self.server.poll() is not None or time.monotonic() > deadline:
                with open(os.path.join(self.directory, "log"), errors="replace") as log:
                    raise RuntimeError("the server did not start:\n" + log.read()[-4000:])
            time.sleep(0.02)

    def is_ready(self):
        """The postmaster writes `ready` into its pid file once it takes connections."""
        try:
            with open(os.path.join(self.data, "postmaster.pid")) as file:
                lines = file.read().split("\n")
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready" and lines[0] == str(self.server.pid)

    def stop(self):
        if self.server is None or self.server.poll() is not None:
            return
        self.server.send_signal(signal.SIGINT)
        try:
            self.server.wait(10)
        except subprocess.TimeoutExpired:
            self.server.send_signal(signal.SIGQUIT)
            self.server.wait()

    def serve(self):
        """Obeys `stop` and `start` until its user is gone."""
        answer = json.dumps({"socket": self.directory, "port": self.port})
        print(answer, flush=True)
        for line in sys.stdin:
            {"stop": self.stop, "start": self.start}[line.strip()]()
            print(answer, flush=True)

    def remove(self):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


def guard():
    # Why: the guard ends when its input ends, not when somebody signals a whole process group.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    keeper = Guard()
    try:
        keeper.initialize()
        keeper.start()
        keeper.serve()
    except (RuntimeError, BrokenPipeError) as error:
        sys.exit(str(error))
    finally:
        keeper.remove()


def run(command):
    with ThrowAwayPostgres() as server:
        environment = dict(os.environ, DATABASE_URL=server.url())
        return subprocess.call(command, env=environment)


if __name__ == "__main__":
    if sys.argv[1:2] == ["guard"]:
        guard()
    elif sys.argv[1:3] == ["run", "--"] and len(sys.argv) > 3:
        sys.exit(run(sys.argv[3:]))
    else:
        sys.exit("usage: postgres.py run -- COMMAND …")
