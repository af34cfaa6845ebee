"""Opening and connecting, with every mistake: what is said holds neither password nor parameter."""
import pytest
from capi import Client, OpenError
from vault import LOG, PASSWORD, REQUESTS, SCHEMA, TABLES, TEXT, leaks, mutations, opening, request_of


@pytest.fixture(scope="module")
def database(server, shared_database):
    """One that `keeper` may log in to."""
    shared_database.sql.execute(TABLES + f"CREATE ROLE keeper SUPERUSER LOGIN PASSWORD '{PASSWORD}'")
    yield shared_database
    shared_database.sql.execute("DROP ROLE keeper")


@pytest.mark.parametrize("change", [
    {"password": PASSWORD + "x"}, {"user": "nobody", "password": PASSWORD}, {"database": "canary_is_not_there"}, {"port": 1}, {"sslmode": "require"},
    {"sslmode": "verify-full"}, {"sslrootcert": "/canary", "sslmode": "verify-ca"}, {"sslcert": "/canary", "sslkey": "/canary"},
    {"options": f"-c {TEXT}=1"}, {"options": f"-c search_path={TEXT}"}, {"application_name": TEXT}, {"client_encoding": TEXT},
    {"host": f"/{TEXT}"}, {"connect_timeout": TEXT}, {"sslmode": TEXT}, {"target_session_attrs": TEXT}, {"channel_binding": TEXT}, {"sslpassword": TEXT},
], ids=str)
def test_a_connection_that_fails_tells_neither_password_nor_parameter(database, server, change):
    """`canary` stands in each of the values: of the password, the database, the files, the options."""
    parts = {"user": "keeper", "password": PASSWORD, "database": database.name, "port": server.port, **change}
    parameters = "&".join(f"{name}={value}" for name, value in parts.items() if name not in ("user", "password", "database", "port"))
    url = f"postgresql://{parts['user']}:{parts['password']}@127.0.0.1:{parts['port']}/{parts['database']}?{parameters}"
    config = {"schema": SCHEMA, "datasourceUrl": url, "log": LOG}
    words = opening(config)
    assert not leaks(words), words
    try:
        client = Client(config)
    except OpenError:
        return
    with client:
        for operation, args in REQUESTS.items():
            reply = client.query({**request_of(operation, args), "timeoutMs": 2000})
            assert not leaks(reply.error_text), (operation, reply)
        assert not leaks(client.query({"operation": "$log.take"}).text.decode())
        assert not leaks(client.query({"operation": "$metrics", "args": {"format": "prometheus"}}).text.decode())


def test_a_mistake_in_the_url_tells_no_password():
    url = f"postgresql://user:{PASSWORD}@127.0.0.1:1/db?sslmode=prefer&password={PASSWORD}&connect_timeout=1"
    for mistaken in mutations(url):
        # A host that has to be looked up takes its time, and says nothing else.
        if "127.0.0.1:1/" in mistaken or "127.0.0.1" not in mistaken[:45]:
            words = opening({"schema": "model A {\n  id Int @id\n}", "datasourceUrl": mistaken, "log": LOG})
            assert "passw0rd" not in words.lower(), (mistaken, words)


def test_a_mistake_in_the_schema_tells_no_password():
    schema = f'datasource db {{\n  provider = "postgresql"\n  url = "postgresql://user:{PASSWORD}@127.0.0.1:1/db"\n}}\nmodel A {{\n  id Int @id\n}}\n'
    for mistaken in mutations(schema):
        words = opening({"schema": mistaken, "log": LOG})
        assert "passw0rd" not in words.lower(), (mistaken, words)
