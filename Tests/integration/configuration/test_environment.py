"""Nothing but the URL says where the database is and how it is spoken to: neither the environment nor files that libpq reads by itself."""
import os

import pytest
from capi import Client
from scene import SCHEMA

#: What libpq would obey where the URL is silent.
HOSTILE = {
    "PGHOST": "198.51.100.7", "PGHOSTADDR": "198.51.100.7", "PGPORT": "1", "PGDATABASE": "nowhere", "PGUSER": "nobody",
    "PGPASSWORD": "wrong", "PGPASSFILE": "/nowhere", "PGSSLMODE": "verify-full", "PGSSLCERT": "/nowhere", "PGSSLKEY": "/nowhere",
    "PGSSLROOTCERT": "/nowhere", "PGSSLCRL": "/nowhere", "PGSSLCRLDIR": "/nowhere", "PGSSLSNI": "0", "PGSSLCOMPRESSION": "1",
    "PGSSLMINPROTOCOLVERSION": "TLSv1.3", "PGSSLMAXPROTOCOLVERSION": "TLSv1", "PGCHANNELBINDING": "require", "PGGSSENCMODE": "require",
    "PGKRBSRVNAME": "evil", "PGGSSLIB": "nonsense", "PGTARGETSESSIONATTRS": "standby", "PGCLIENTENCODING": "LATIN1",
    "PGOPTIONS": "-c search_path=evil -c statement_timeout=1", "PGAPPNAME": "evil", "PGCONNECT_TIMEOUT": "nonsense",
    "PGREQUIREAUTH": "gss", "PGSSLCERTMODE": "require", "PGSSLNEGOTIATION": "direct", "PGLOADBALANCEHOSTS": "nonsense",
    "PGMINPROTOCOLVERSION": "3.2", "PGMAXPROTOCOLVERSION": "3.0",
}
SERVICE = """[evil]
host=198.51.100.7
hostaddr=198.51.100.7
dbname=nowhere
user=nobody
replication=database
keepalives=0
tcp_user_timeout=1
options=-c statement_timeout=1
"""
FACTS = {"operation": "$queryRaw", "args": {"query": (
    "SELECT current_user::text AS u, current_database()::text AS d, current_setting('application_name') AS a,"
    " current_setting('search_path') AS p, current_setting('statement_timeout') AS t,"
    " current_setting('client_encoding') AS e, coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS s")}}


def facts(url):
    with Client({"schema": SCHEMA, "datasourceUrl": url}) as client:
        return client.data(FACTS)


@pytest.fixture
def hostile(monkeypatch, tmp_path):
    """An environment in which everything is said otherwise."""
    def make(**more):
        (tmp_path / "services").write_text(SERVICE)
        home = tmp_path / "home"
        (home / ".postgresql").mkdir(parents=True)
        for name in ("postgresql.crt", "postgresql.key", "root.crt", "root.crl"):
            (home / ".postgresql" / name).write_text("nonsense")
        (home / ".pgpass").write_text("*:*:*:*:wrong\n")
        for name, value in {**HOSTILE, "PGSERVICEFILE": str(tmp_path / "services"), "HOME": str(home), **more}.items():
            monkeypatch.setenv(name, value)
    return make


@pytest.mark.parametrize("service", [{}, {"PGSERVICE": "evil"}], ids=["variables", "and a service"])
def test_the_environment_says_nothing(database, hostile, service):
    over_socket = database.url()
    over_tcp = database.server.tcp_url(database.name, user="app", password="app-secret", sslmode="disable")
    expected = [facts(over_socket), facts(over_tcp)]
    hostile(**service)
    assert [facts(over_socket), facts(over_tcp)] == expected
    assert expected[0][0] | {"a": "accelerant", "t": "0", "e": "UTF8", "s": False} == expected[0][0]


def test_a_missing_password_is_missing_whatever_the_environment_has(database, monkeypatch):
    url = database.server.tcp_url(database.name, user="app", password="", sslmode="disable").replace("app:@", "app@")
    monkeypatch.setenv("PGPASSWORD", "app-secret")
    with Client({"schema": SCHEMA, "datasourceUrl": url}) as client:
        reply = client.query(FACTS)
    assert (reply.status, reply.code, reply.error["meta"]["cause"]) == ("DENIED", "P6008", "P1000")
    assert "app-secret" not in reply.error_text


def test_the_environment_is_left_as_it_was(database, hostile):
    hostile()
    before = dict(os.environ)
    facts(database.url())
    assert dict(os.environ) == before
