"""Why there is no connection: where it was looked for, and what was wrong, without a secret and without a question to anybody."""
import os
import pty
import select
import socket
import ssl
import subprocess
import sys
import time

import pytest
from capi import Client, OpenError
from psql import Psql
from relays import Listening
from scene import SCHEMA
from waiting import eventually



def refusal(url):
    with Client({"schema": SCHEMA, "datasourceUrl": url}) as client:
        reply = client.query({"operation": "$connect", "timeoutMs": 8000})
        assert reply.code == "P6008", reply
        return reply.error


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_an_error_names_host_port_and_cause(database):
    port = closed_port()
    error = refusal(f"postgresql://app:very-secret@127.0.0.1:{port}/{database.name}")
    assert f"`127.0.0.1`, port {port}" in error["message"] and "refused the connection" in error["message"], error
    assert error["meta"]["database_host"] == "127.0.0.1" and error["meta"]["database_port"] == str(port)
    assert "secret" not in str(error)
    error = refusal("postgresql://app:very-secret@no-such-host.invalid:5432/x")
    assert "`no-such-host.invalid`" in error["message"] and "name is not known" in error["message"], error


def test_an_error_names_all_hosts(database):
    first, second = closed_port(), closed_port()
    error = refusal(f"postgresql://app@127.0.0.1:{first},localhost:{second}/{database.name}")
    assert "`127.0.0.1,localhost`" in error["message"] and f"{first},{second}" in error["message"], error


@pytest.mark.parametrize("url", [
    "postgresql://app:1/se@cret@127.0.0.1:1/x", "postgresql://app:12/secret@127.0.0.1:1/x", "postgresql://app:1?x=se@cret@127.0.0.1/x",
    "postgresql://app:s@secret@127.0.0.1:1/x",
])
def test_a_password_that_is_not_encoded_is_no_place(url):
    try:
        client = Client({"schema": SCHEMA, "datasourceUrl": url})
    except OpenError as refused:
        assert "secret" not in str(refused) and "`12`" not in str(refused)
        return
    with client:
        text = str(client.query({"operation": "$connect", "timeoutMs": 8000}).error)
        assert "cret" not in text and "port 12" not in text and "'12'" not in text, text


def test_a_role_of_the_server_that_nobody_has_is_named(database):
    for wanted in ("standby", "read-only"):
        error = refusal(database.url(target_session_attrs=wanted))
        assert f"no server is `{wanted}`" in error["message"] and "target_session_attrs" in error["message"], error
        assert error["meta"]["cause"] == "P1001", error
    with Client({"schema": SCHEMA, "datasourceUrl": database.url(target_session_attrs="read-write")}) as client:
        assert client.query({"operation": "$connect"}).number == 0


def test_a_query_is_cancelled_also_if_another_host_was_left_for_this_one(database, own_server, admin):
    """The first host lets the library in, and is read-only."""
    other, _ = own_server
    with Psql(other.url()) as session:
        session.execute(f"CREATE DATABASE {database.name}")
        session.execute(f"ALTER DATABASE {database.name} SET default_transaction_read_only = on")
    ports = f"127.0.0.1:{other.port},127.0.0.1:{database.server.port}"
    url = database.server.tcp_url(database.name, target_session_attrs="read-write").replace(f"127.0.0.1:{database.server.port}", ports)
    asleep = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database.name}' AND state = 'active' AND query LIKE 'SELECT pg_sleep%'"
    with Client({"schema": SCHEMA, "datasourceUrl": url}) as client:
        assert client.query({"operation": "$connect"}).number == 0
        reply = client.query({"operation": "$queryRaw", "args": {"query": "SELECT pg_sleep(120)"}, "timeoutMs": 500})
        assert reply.code == "P6004", reply
        eventually(lambda: int(admin.value(asleep)) == 0, "the query to be cancelled")


# Encryption


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """One authority, a server's certificate for `db.example.test`, and a client's key with a passphrase."""
    folder = tmp_path_factory.mktemp("certificates")
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=ca", "-days", "2")
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=db.example.test",
            "-addext", "subjectAltName=DNS:db.example.test")
    openssl(folder, "x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-out", "server.crt", "-days", "2", "-copy_extensions", "copy")
    openssl(folder, "genpkey", "-algorithm", "RSA", "-aes256", "-pass", "pass:locked-up", "-out", "client.key")
    openssl(folder, "req", "-x509", "-key", "client.key", "-passin", "pass:locked-up", "-out", "client.crt", "-subj", "/CN=app", "-days", "2")
    os.chmod(folder / "client.key", 0o600)
    return folder


class EncryptedServer(Listening):
    """Agrees to TLS, and counts who went on to log in."""

    def __init__(self, folder):
        super().__init__()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(folder / "server.crt", folder / "server.key")
        self.logins = 0
        self.start()

    def serve(self, plain):
        plain.recv(8)
        plain.sendall(b"S")
        with self._context.wrap_socket(plain, server_side=True) as session:
            if b"user" in session.recv(4096):
                self.logins += 1


def test_the_host_is_verified_and_not_the_address(certificates):
    with EncryptedServer(certificates) as server:
        checks = f"hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert={certificates}/ca.crt"
        refusal(f"postgresql://app@db.example.test:{server.port}/x?{checks}")
        assert server.logins >= 1
        seen = server.logins
        for wrong in ("other.example.test", "127.0.0.1"):
            assert refusal(f"postgresql://app@{wrong}:{server.port}/x?{checks}")["meta"]["cause"] == "P1011"
        assert refusal(f"postgresql://app@:{server.port}/x?{checks}")["meta"]["cause"] == "P1011"
        assert server.logins == seen


def test_a_key_with_a_passphrase_asks_nobody(certificates):
    """On a terminal of its own, where OpenSSL would ask."""
    with EncryptedServer(certificates) as server:
        url = (f"postgresql://app@127.0.0.1:{server.port}/x?sslmode=require&sslcert={certificates}/client.crt&sslkey={certificates}/client.key")
        program = (
            "from capi import Client\nfrom scene import SCHEMA\n"
            f"with Client({{'schema': SCHEMA, 'datasourceUrl': {url!r}}}) as client:\n"
            "    reply = client.query({'operation': '$connect', 'timeoutMs': 4000})\n"
            "    print('told', reply.code, reply.error['meta']['cause'])\n")
        process, terminal = pty.fork()
        if process == 0:
            os.execv(sys.executable, [sys.executable, "-c", program])
        said, end = b"", time.monotonic() + 20
        while time.monotonic() < end and select.select([terminal], [], [], 20)[0]:
            try:
                part = os.read(terminal, 4096)
            except OSError:
                break
            if not part:
                break
            said += part
            if b"phrase" in said:
                os.kill(process, 9)
                break
        os.waitpid(process, 0)
        os.close(terminal)
        assert said.strip() == b"told P6008 P1011", said
        with_it = refusal(url + "&sslpassword=locked-up")
        assert server.logins >= 1, with_it
