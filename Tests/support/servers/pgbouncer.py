"""A PgBouncer before a throw-away server, that the test may stop and start."""
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from database import ROLE


def program():
    for place in (shutil.which("pgbouncer"), "/usr/sbin/pgbouncer"):
        if place and os.path.exists(place):
            return place
    raise RuntimeError("pgbouncer is not installed; on Debian and Ubuntu: apt-get install pgbouncer")


class PgBouncer:
    """Lends `size` sessions of the server to any number of clients, each for a transaction (or, with `mode="session"`, for as long as the
    client stays). Listens on a port of 127.0.0.1."""

    def __init__(self, server, mode="transaction", size=3, **settings):
        self._directory = tempfile.mkdtemp(prefix="pgbouncer-", dir="/tmp")
        os.chmod(self._directory, 0o755)
        # Why another account: PgBouncer refuses to be root.
        self._account = pwd.getpwuid(os.stat(server.socket_directory).st_uid) if os.getuid() == 0 else None
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self._settings = {
            "listen_addr": "127.0.0.1", "listen_port": self.port, "unix_socket_dir": "", "auth_type": "any", "pool_mode": mode,
            "default_pool_size": size, "max_client_conn": 500, "server_login_retry": 1, "admin_users": "admin", **settings}
        self._server = f"host={server.socket_directory} port={server.port} user={ROLE}"
        self.log = os.path.join(self._directory, "log")
        self._process = None
        self.start()

    def start(self):
        file = os.path.join(self._directory, "pgbouncer.ini")
        with open(file, "w") as text:
            text.write(f"[databases]\n* = {self._server}\n[pgbouncer]\n")
            text.writelines(f"{key} = {value}\n" for key, value in self._settings.items())
        account = {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []} if self._account else {}
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                [program(), file], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **account)
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    with open(self.log) as log:
                        raise RuntimeError("PgBouncer did not start:\n" + log.read()) from None
                time.sleep(0.01)

    def stop(self):
        """At once: the sessions of its clients are cut."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()

    def url(self, database, **parameters):
        query = "&".join(f"{key}={value}" for key, value in {"sslmode": "disable", **parameters}.items())
        return f"postgresql://{ROLE}@127.0.0.1:{self.port}/{database}?{query}"

    def order(self, command):
        """A command of its console, as RECONNECT."""
        url = self.url("pgbouncer").replace(f"//{ROLE}@", "//admin@")
        subprocess.run(["psql", "-XAtq", "-c", command, url], check=True, stdout=subprocess.DEVNULL)

    def close(self):
        self.stop()
        shutil.rmtree(self._directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
