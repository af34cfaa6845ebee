"""Installing triggers where others may create objects: nothing of theirs is called, and several may install at once."""
import threading

import pytest
from capi import Client
from listening import BLOG, TABLES

INSTALL = {"operation": "$accelerate.installTriggers", "args": {"execute": True}}
REMOVE = {"operation": "$accelerate.removeTriggers", "args": {"execute": True}}

#: What somebody with CREATE in a schema of the path could define to be called in the place of what is meant. Each call is noted.
TRAPS = """
CREATE TABLE evil.caught (what text, whom text);
CREATE FUNCTION evil.catch(what text) RETURNS bool LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO evil.caught VALUES (what, current_user); RETURN true; EXCEPTION WHEN others THEN RETURN true; END $$;
CREATE FUNCTION evil.format(text, text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.catch('format'); RETURN pg_catalog.format($1, $2); END $$;
CREATE FUNCTION evil.format(text, regclass) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.catch('format'); RETURN pg_catalog.format($1, $2); END $$;
CREATE FUNCTION evil.format(text, regclass, regprocedure) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.catch('format'); RETURN pg_catalog.format($1, $2, $3); END $$;
CREATE FUNCTION evil.format(text, text, name, name) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.catch('format'); RETURN pg_catalog.format($1, $2, $3, $4); END $$;
CREATE FUNCTION evil.unnest(regclass[]) RETURNS SETOF regclass LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.catch('unnest'); RETURN QUERY SELECT pg_catalog.unnest($1); END $$;
CREATE FUNCTION evil.to_regprocedure(varchar) RETURNS regprocedure LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.catch('to_regprocedure'); RETURN NULL; END $$;
CREATE FUNCTION evil.count() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.catch('count'); RETURN 0; END $$;
"""


def operator(name, left, right, body):
    """An operator that fits its types exactly, where the one of PostgreSQL may need a conversion."""
    function = f"op_{abs(hash((name, left, right)))}"
    left_type, right_type = (word.replace("char1", '"char"') for word in (left, right))
    return f"""CREATE FUNCTION evil.{function}({left_type}, {right_type}) RETURNS bool LANGUAGE plpgsql AS $$
        BEGIN PERFORM evil.catch('{left} {name} {right}'); RETURN $1::text OPERATOR(pg_catalog.{body}) $2::text; END $$;
        CREATE OPERATOR evil.{name} (LEFTARG = {left_type}, RIGHTARG = {right_type}, FUNCTION = evil.{function});"""


OPERATORS = "".join(operator(name, left, right, name) for name in ("=", "<>") for left, right in (
    ("int", "smallint"), ("smallint", "int"), ("name", "name"), ("name", "text"), ("oid", "oid"), ("char1", "char1"), ("char1", "text"), ("oid", "int"),
    ("int", "int"), ("text", "text"), ("regclass", "oid"), ("smallint", "smallint"), ("oid", "regclass"), ("name", "varchar")))


@pytest.fixture
def trapped(database):
    """Tables of a superuser, and a schema before pg_catalog in the path where somebody else has made functions and operators."""
    database.sql.execute(TABLES)
    database.sql.execute("CREATE SCHEMA evil;" + TRAPS + OPERATORS + "GRANT ALL ON SCHEMA evil TO PUBLIC; GRANT ALL ON evil.caught TO PUBLIC")
    database.sql.execute(f'ALTER DATABASE {database.name} SET search_path = public, evil, pg_catalog')
    return database


def caught(database):
    return database.sql.execute("SELECT DISTINCT what FROM evil.caught")


@pytest.mark.parametrize("path", ["public, evil, pg_catalog", "evil, public, pg_catalog", "evil, pg_catalog, public", "public, evil"])
def test_nothing_of_others_is_called_while_triggers_are_made_used_and_removed(trapped, path):
    trapped.sql.execute(f"ALTER DATABASE {trapped.name} SET search_path = {path}")
    with Client({"schema": BLOG, "datasourceUrl": trapped.url(), "cache": {"listen": True, "listenTimeoutMs": 400}}) as client:
        assert client.query({"operation": "$connect"}).number == 0
        assert client.query(INSTALL).number == 0
        for _ in range(2):
            client.data({"model": "Event", "operation": "findMany", "args": {"cacheStrategy": {"ttl": 9, "auto": True}}})
            client.data({"model": "Event", "operation": "createMany", "args": {"data": [{"id": 7, "kind": "x"}], "skipDuplicates": True}})
        assert client.query(INSTALL).number == 0
        assert client.query(REMOVE).number == 0
    assert caught(trapped) == []
    assert trapped.sql.value("SELECT count(*) FROM pg_proc WHERE proname LIKE 'accelerant%'") == "0"


def test_the_traps_work(trapped):
    trapped.sql.execute("SET search_path = evil, public, pg_catalog; SELECT format('%s', 'x'::text), 1 = 2::int, 'a'::name = 'b'::name")
    assert {row[0] for row in caught(trapped)} == {"format", "int = int", "name = name"}
    trapped.sql.execute("RESET search_path")


def test_a_function_that_was_made_beforehand_by_somebody_else_is_refused(database):
    database.sql.execute(TABLES)
    role = "stranger_" + database.name
    database.sql.execute(f"""CREATE ROLE {role}; GRANT ALL ON SCHEMA public TO {role}; SET ROLE {role};
        CREATE FUNCTION accelerant_changes_1() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; RESET ROLE""")
    with Client({"schema": BLOG, "datasourceUrl": database.url(schema="public")}) as client:
        reply = client.query(INSTALL)
        assert reply.status == "DENIED", reply
        assert database.sql.value("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'accelerant%'") == "0"
        database.sql.execute(f"DROP OWNED BY {role} CASCADE; DROP ROLE {role}")
        assert client.query(INSTALL).number == 0


def test_many_install_at_once(database):
    database.sql.execute(TABLES)
    clients = [Client({"schema": BLOG, "datasourceUrl": database.url(schema="public", connection_limit=2)}) for _ in range(6)]
    replies = []
    def install(client):
        for request in (INSTALL, INSTALL):
            replies.append(client.query(request))
    threads = [threading.Thread(target=install, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for client in clients:
        client.close()
    assert [reply.number for reply in replies] == [0] * 12, replies
    assert database.sql.value("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'accelerant%'") == "7"


def test_installing_waits_for_a_lock_no_longer_than_some_seconds(database):
    database.sql.execute(TABLES)
    with database.locked("Author"), Client({"schema": BLOG, "datasourceUrl": database.url(schema="public"), "limits": {"queryTimeoutMs": 60000}}) as client:
        reply = client.query({**INSTALL, "timeoutMs": 60000})
        assert reply.number != 0 and reply.code != "P6000", reply


def test_the_script_leaves_settings_as_they_were(database):
    database.sql.execute(TABLES)
    with Client({"schema": BLOG, "datasourceUrl": database.url(schema="public")}) as client:
        script = client.data({"operation": "$accelerate.installTriggers"})["sql"]
    assert database.sql.execute(f"BEGIN; SET LOCAL search_path = public, pg_temp; {script}; SHOW search_path; SHOW lock_timeout; COMMIT") == [["public, pg_temp"], ["0"]]
