"""Reports about what one request leaves in a session that the next one gets."""
from report import report

ITEM = "model Item {\n  id   Int    @id\n  name String\n}\n"


def alone(play):
    """A client with one session, which every request gets."""
    client = play.open(url={"connection_limit": 1})
    client.data({"model": "Item", "operation": "createMany", "args": {"data": [{"id": 1, "name": "pen"}]}})
    return client


def raw(client, sql, operation="$queryRaw"):
    reply = client.query({"operation": operation, "args": {"query": sql}})
    assert reply.error is None, reply
    return reply.data


@report("pgbouncer/pgbouncer#617", "An advisory lock of a session stays held in the pool.", first="the lock stayed in the pool", models=ITEM)
def test_an_advisory_lock_ends_with_its_request(play):
    client = alone(play)
    raw(client, "SELECT pg_advisory_lock(7)::text AS done")
    client.data({"model": "Item", "operation": "count"})
    assert play.rows("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [["0"]]


@report("goauthentik/authentik#23876", "A migration's lock stays in a pooled session, and every other migration waits for it.", first="the lock stayed in the pool", models=ITEM)
def test_a_lock_that_was_tried_in_a_transaction_strands_nowhere(play):
    client = alone(play)
    transaction = client.data({"operation": "$transaction.begin"})["id"]
    client.query({"operation": "$queryRaw", "transaction": transaction, "args": {"query": "SELECT pg_try_advisory_lock(1000) AS got"}})
    client.query({"operation": "$transaction.commit", "transaction": transaction})
    client.data({"model": "Item", "operation": "count"})
    assert play.rows("SELECT pg_try_advisory_lock(1000)") == [["t"]]


@report("pgbouncer/pgbouncer#418", "The next user of a session finds the temporary tables and locks of the one before.", first="the temporary table hid the model's", models=ITEM)
def test_a_temporary_table_hides_no_model(play):
    client = alone(play)
    raw(client, 'CREATE TEMPORARY TABLE "Item" (id int, name text)', "$executeRaw")
    assert client.data({"model": "Item", "operation": "count"}) == 1


@report("pgbouncer/pgbouncer#976", "A dump that sets search_path poisons a pooled session: random queries find no table.", first="the path stayed on the pooled connection", models=ITEM)
def test_an_empty_search_path_reaches_nobody_else(play):
    client = alone(play)
    raw(client, "SELECT pg_catalog.set_config('search_path', '', false) AS path")
    assert client.data({"model": "Item", "operation": "count"}) == 1


@report("pgbouncer/pgbouncer#452", "A statement timeout or an encoding that one client sets holds for others.", first="both stayed on the pooled connection", models=ITEM)
def test_settings_of_one_request_hold_for_it_alone(play):
    client = alone(play)
    raw(client, "SET statement_timeout = 7", "$executeRaw")
    assert raw(client, "SHOW statement_timeout") != [{"statement_timeout": "7ms"}]
    raw(client, "SET client_encoding = 'LATIN1'", "$executeRaw")
    client.data({"model": "Item", "operation": "create", "args": {"data": {"id": 2, "name": "größe"}}})
    assert play.rows('SELECT length(name) FROM "Item" WHERE id = 2') == [["5"]]


@report("pgbouncer/pgbouncer#102", "A session's lock is held after a rollback, because nothing resets the session.", first="right", models=ITEM)
def test_a_rolled_back_transaction_leaves_no_lock_of_rows(play):
    client = alone(play)
    transaction = client.data({"operation": "$transaction.begin"})["id"]
    client.query({"operation": "$queryRaw", "transaction": transaction, "args": {"query": 'SELECT id FROM "Item" FOR UPDATE'}})
    client.query({"operation": "$transaction.rollback", "transaction": transaction})
    assert play.rows('SELECT id FROM "Item" FOR UPDATE NOWAIT') == [["1"]]
