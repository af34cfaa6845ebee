"""Reports about the way to a session: what answers there, what it says, and how its address is written."""
import re
import threading
from urllib.parse import quote

import pytest
from capi import Client
from relays import Listening, message
from report import report

ITEM = "model Item {\n  id   Int    @id\n  name String\n}\n"


def fatal(state, words):
    """An error of the server that ends the login."""
    body = b"SFATAL\0VFATAL\0C" + state + b"\0M" + words + b"\0\0"
    return message(b"E", body)


class FalseServer(Listening):
    """Answers each connection with `answer(socket)`."""

    def __init__(self, answer):
        super().__init__()
        self.serve = answer
        self.start()


def web(taken):
    taken.recv(100)
    taken.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def silent_end(taken):
    taken.recv(100)


def saying(message):
    """Refuses TLS, then says this."""
    def answer(taken):
        if taken.recv(1000)[4:8] == b"\x04\xd2\x16\x2f":
            taken.sendall(b"N")
            taken.recv(1000)
        taken.sendall(message)
    return answer


def refusal(answer, parameters=""):
    """The error of a request to a server that answers so."""
    server = FalseServer(answer)
    try:
        url = f"postgresql://app:secret@127.0.0.1:{server.port}/x?connect_timeout=2{parameters}"
        with Client({"schema": "datasource db {\n  provider = \"postgresql\"\n}\n" + ITEM, "datasourceUrl": url}) as client:
            reply = client.query({"operation": "$connect", "timeoutMs": 8000})
            assert reply.code == "P6008", reply
            return reply.error
    finally:
        server.close()


TLS = "told as a failure of TLS, not to be retried"
UNREACHED = "told as a server that cannot be reached"


@report("oven-sh/bun#32028", "A port proxy takes connections and closes them at once while the database behind it starts.", first=TLS)
@pytest.mark.parametrize("mode", ["prefer", "require", "disable"])
def test_a_connection_that_ends_at_once_is_no_failure_of_encryption(mode):
    error = refusal(silent_end, f"&sslmode={mode}")
    assert error["meta"]["cause"] == "P1017" and error["meta"]["retryable"] and "closed the connection" in error["message"], error


@report("PostHog/posthog#64612", "A port where no PostgreSQL answers is reported as a server without TLS.", first=TLS)
@pytest.mark.parametrize("mode", ["prefer", "require", "disable"])
def test_what_is_no_postgresql_is_told_as_that(mode):
    error = refusal(web, f"&sslmode={mode}")
    assert error["meta"]["cause"] == "P1001" and "not a PostgreSQL server" in error["message"], error


@report("pgjdbc/r2dbc-postgresql#187", "A client that asks for TLS hangs at a server without it, or fails without a message.", first="reported as TLS that could not be set up")
def test_a_server_without_tls_is_told_as_that():
    error = refusal(saying(b""), "&sslmode=require")
    assert error["meta"]["cause"] == "P1011" and "does not offer" in error["message"], error


@report("treeverse/lakeFS#2017", "A database that is starting up ends the program, because its error does not count as temporary.", first=UNREACHED)
def test_a_server_that_starts_is_told_as_that():
    error = refusal(saying(fatal(b"57P03", b"the database system is starting up")))
    assert error["meta"]["retryable"] and error["meta"]["sqlState"] == "57P03" and "starting" in error["message"], error


@report("npgsql/npgsql#5073", "An administrator's shutdown does not count as a temporary error.", first=UNREACHED)
def test_a_server_that_stops_is_told_as_that():
    error = refusal(saying(fatal(b"57P01", b"terminating connection due to administrator command")))
    assert error["meta"]["retryable"] and "being stopped" in error["message"], error


@report("neondatabase/neon#6291", "A pooler refuses a startup parameter, and the message does not say who refused what.", first=UNREACHED)
def test_a_pooler_that_refuses_is_told_as_that():
    error = refusal(saying(fatal(b"08P01", b"unsupported startup parameter: search_path")), "&options=-c%20search_path%3Da")
    assert "pooler" in error["message"] and "cannot be reached" not in error["message"], error


@report("mighty-gerbils/gerbil#147", "A setting that the server does not know ends the login with an I/O error.", first=UNREACHED, models=ITEM)
@pytest.mark.parametrize("options", ["-c nope=1", "-c statement_timeout=soon", "-c max_connections=7"])
def test_a_setting_that_the_server_refuses_is_told_as_that(play, options):
    reply = play.open(url={"options": options}).query({"model": "Item", "operation": "count"})
    assert reply.code == "P6008" and "`options`" in reply.error_text and "retryable" not in reply.meta, reply


@report("letsencrypt/boulder#2025", "The URL in a file ends with a line feed, which becomes part of the database's name.", first="the database did not exist", models=ITEM)
@pytest.mark.parametrize("around", [("", "\n"), ("", "\r\n"), (" ", " "), ("\t", "")])
def test_blanks_around_a_url_are_no_part_of_it(play, around):
    url = around[0] + play.server.url(play.name) + around[1]
    with Client({"schema": play.schema, "datasourceUrl": url}) as client:
        assert client.data({"model": "Item", "operation": "count"}) == 0


def tcp(play):
    """The credentials and the port of a URL over TCP."""
    return re.match(r"postgresql://([^@]+)@127\.0\.0\.1:(\d+)/", play.server.tcp_url()).groups()


def session(play, url):
    with Client({"schema": play.schema, "datasourceUrl": url}) as client:
        reply = client.query({"operation": "$queryRaw", "args": {
            "query": "SELECT current_user AS u, current_database() AS d, current_setting('application_name') AS a"}, "timeoutMs": 8000})
        assert reply.error is None, reply
        return reply.data[0]


@report("transact-rs/sqlx#3323", "User, password and database with reserved characters cannot be connected to, encoded or not.", first="right", models=ITEM)
def test_names_with_reserved_characters_are_percent_encoded(play):
    user, password, database = "we@ird:u/?#[]%é", "p@s:s/?#[]%&=+ é", "d/b ?#%&é" + play.name
    play.sql.execute(f"CREATE ROLE \"{user}\" LOGIN PASSWORD '{password}'")
    play.sql.execute(f'CREATE DATABASE "{database}"')
    try:
        _, port = tcp(play)
        told = session(play, f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@127.0.0.1:{port}/{quote(database, safe='')}")
        assert (told["u"], told["d"]) == (user, database)
    finally:
        play.sql.execute(f'DROP DATABASE "{database}" WITH (FORCE)')
        play.sql.execute(f'DROP ROLE "{user}"')


@report("brianc/node-postgres#3698", "The brackets of an IPv6 address stay in the host name, which cannot be resolved.", first="right", models=ITEM)
def test_an_ipv6_address_loses_its_brackets(play):
    credentials, port = tcp(play)
    assert session(play, f"postgresql://{credentials}@[::ffff:127.0.0.1]:{port}/{play.name}")["d"] == play.name


@report("porsager/postgres#815", "The next host is not tried when the first cannot be reached or is of the wrong kind.", first="right", models=ITEM)
@pytest.mark.parametrize("hosts", ["127.0.0.1:1,127.0.0.1:%s", "no-such-host.invalid,127.0.0.1:%s", "[::1]:1,127.0.0.1:%s"])
@pytest.mark.parametrize("wanted", ["", "?target_session_attrs=read-write", "?target_session_attrs=prefer-standby"])
def test_the_next_host_is_tried(play, hosts, wanted):
    credentials, port = tcp(play)
    assert session(play, f"postgresql://{credentials}@{hosts % port}/{play.name}{wanted}")["d"] == play.name


@report("pgbouncer/pgbouncer#496", "A pooler ends the login, because it does not know the client's own startup options.", first="right")
def test_a_pooler_that_takes_no_options_is_asked_without():
    asked = []

    def pooler(taken):
        packet = taken.recv(1000)
        asked.append(b"options\0" in packet)
        taken.sendall(fatal(b"08P01", b"unsupported startup parameter: options") if asked[-1] else fatal(b"57P03", b"starting up"))
    error = refusal(pooler, "&sslmode=disable")
    assert asked == [True, False] and error["meta"]["sqlState"] == "57P03"


@report("gajus/slonik#68", "A request fails when its role has no connection left, although one is soon free.", first="right", models=ITEM)
def test_requests_share_the_connections_that_the_server_grants(play):
    play.sql.execute("CREATE ROLE few LOGIN PASSWORD 'x' CONNECTION LIMIT 1")
    _, port = tcp(play)
    try:
        url = f"postgresql://few:x@127.0.0.1:{port}/{play.name}?connection_limit=5"
        with Client({"schema": play.schema, "datasourceUrl": url}) as client:
            statuses = []

            def ask():
                statuses.append(client.query({"operation": "$queryRaw", "args": {"query": "SELECT pg_sleep(0.1)::text AS x"}}).status)
            threads = [threading.Thread(target=ask) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert statuses == ["OK"] * 6
    finally:
        play.sql.execute("DROP ROLE few")
