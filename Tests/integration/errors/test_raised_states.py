"""A function of the database may raise any SQLSTATE: those that the server ends a session with end none then."""
import pytest
from capi import Client

MODELS = """
datasource db {
  provider = "postgresql"
}
model Note {
  id   Int    @id
  text String
}
"""
TABLE = """CREATE TABLE "Note" (id integer PRIMARY KEY, text varchar(20) NOT NULL);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.text <> 'fine' THEN RAISE EXCEPTION 'no' USING ERRCODE = NEW.text; END IF; RETURN NEW; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON "Note" FOR EACH ROW EXECUTE FUNCTION refuse()"""
STATES = ["08006", "08001", "0A000", "25006", "25P02", "25P03", "26000", "28000", "28P01", "3D000", "40003", "53300", "57014", "57P01", "57P02", "57P03", "P0001", "ZZ999"]


@pytest.mark.parametrize("state", STATES)
def test_it_is_told_as_raised_and_the_session_goes_on(database, state):
    database.sql.execute(TABLE)
    with Client({"schema": MODELS, "datasourceUrl": database.url(connection_limit=1)}) as client:
        session = client.data({"operation": "$queryRaw", "args": {"query": "SELECT pg_backend_pid() AS id", "parameters": []}})
        for _ in range(3):
            reply = client.query({"model": "Note", "operation": "create", "args": {"data": {"id": 1, "text": state}}})
            assert (reply.status, reply.code) == ("DATABASE", "P2035"), reply
            assert state in reply.error["message"]
        reply = client.query({"operation": "$executeRaw", "args": {"query": f"INSERT INTO \"Note\" VALUES (1, '{state}')", "parameters": []}})
        assert (reply.status, reply.code) == ("DATABASE", "P2010") and state in reply.error["message"], reply
        assert client.data({"operation": "$queryRaw", "args": {"query": "SELECT pg_backend_pid() AS id", "parameters": []}}) == session
        assert client.data({"model": "Note", "operation": "create", "args": {"data": {"id": 1, "text": "fine"}}}) == {"id": 1, "text": "fine"}


@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_a_conflict_that_is_raised_is_one(database, state):
    database.sql.execute(TABLE)
    with Client({"schema": MODELS, "datasourceUrl": database.url()}) as client:
        reply = client.query({"model": "Note", "operation": "create", "args": {"data": {"id": 1, "text": state}}})
        assert (reply.status, reply.code) == ("CONFLICT", "P2034")


def test_a_row_without_a_partition_names_the_table(database):
    database.sql.execute('CREATE TABLE "Note" (id integer, text text) PARTITION BY LIST (id)')
    with Client({"schema": MODELS, "datasourceUrl": database.url()}) as client:
        reply = client.query({"model": "Note", "operation": "create", "args": {"data": {"id": 1, "text": "a"}}})
        assert reply.code == "P2004" and "no partition of the table `Note`" in reply.error["message"] and reply.meta["table"] == "Note"
        raw = client.query({"operation": "$executeRaw", "args": {"query": "INSERT INTO \"Note\" VALUES (1, 'a')"}})
        assert raw.code == "P2010" and "no partition of" in raw.error["message"]


def test_a_row_that_its_partition_does_not_take_names_it(database):
    database.sql.execute('CREATE TABLE whole (id integer, text text) PARTITION BY LIST (id); CREATE TABLE "Note" PARTITION OF whole FOR VALUES IN (1)')
    with Client({"schema": MODELS, "datasourceUrl": database.url()}) as client:
        reply = client.query({"model": "Note", "operation": "create", "args": {"data": {"id": 2, "text": "a"}}})
        assert reply.code == "P2004" and "does not belong to the partition `Note`" in reply.error["message"] and reply.meta["table"] == "Note"
        raw = client.query({"operation": "$executeRaw", "args": {"query": "INSERT INTO \"Note\" VALUES (2, 'a')"}})
        assert raw.code == "P2010" and "does not belong to the partition" in raw.error["message"]


def test_a_time_without_end_in_xml_is_told_as_such(database):
    with Client({"datasourceUrl": database.url()}) as client:
        reply = client.query({"operation": "$queryRaw", "args": {"query": "SELECT xmlelement(name a, 'infinity'::timestamp)::text AS x"}})
        assert reply.code == "P2010" and "XML has no word for a date or time without end" in reply.error["message"], reply


def test_a_check_that_a_partition_has_is_named(database):
    database.sql.execute(
        """CREATE TABLE "Note" (id integer, text text) PARTITION BY LIST (id);
        CREATE TABLE part PARTITION OF "Note" (CONSTRAINT short CHECK (length(text) < 3)) FOR VALUES IN (1)""")
    with Client({"schema": MODELS, "datasourceUrl": database.url()}) as client:
        reply = client.query({"model": "Note", "operation": "create", "args": {"data": {"id": 1, "text": "long"}}})
        assert reply.code == "P2004" and "`short`" in reply.error["message"] and "no partition" not in reply.error["message"]


def test_a_block_that_forgets_what_is_prepared_ends_no_transaction(database):
    database.sql.execute('CREATE TABLE "Note" (id integer PRIMARY KEY, text text)')
    with Client({"schema": MODELS, "datasourceUrl": database.url(connection_limit=1)}) as client:
        def create(id):
            return {"model": "Note", "operation": "create", "args": {"data": {"id": id, "text": "a"}}}

        for id in range(3):
            client.data(create(id))
        forget = {"operation": "$executeRaw", "args": {"query": "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$", "parameters": []}}
        client.data({"operation": "$transaction", "args": {"requests": [create(3), forget, create(4), create(5)]}})
        client.data(create(6))
    assert database.sql.execute('SELECT count(*) FROM "Note"') == [["7"]]


def test_a_block_that_forgets_what_was_to_be_given_up_ends_no_transaction(database):
    """Of ten raw statements eight no longer have room. In the transaction more follow, and the server knows none of the eight."""
    def raw(number):
        return {"operation": "$queryRaw", "args": {"query": f"SELECT {number} AS n", "parameters": []}}

    with Client({"datasourceUrl": database.url(connection_limit=1, statement_cache_size=2)}) as client:
        for count in range(10):
            client.data(raw(count))
            forget = {"operation": "$executeRaw", "args": {"query": "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$", "parameters": []}}
            answers = client.data({"operation": "$transaction", "args": {"requests": [forget, *map(raw, range(100, 110))]}})
            assert [rows[0]["n"] for rows in answers[1:]] == list(range(100, 110))


def test_a_required_relation_without_a_step_is_missing(database):
    models = MODELS.replace("text String", "text String @default(\"\")\n  pageId Int\n  page Page @relation(fields: [pageId], references: [id])") + \
        "model Page {\n  id Int @id\n  notes Note[]\n}\n"
    with Client({"schema": models, "datasourceUrl": database.url()}) as client:
        reply = client.query({"model": "Note", "operation": "create", "args": {"data": {"id": 1, "page": {}}}})
        assert reply.code == "P2012" and "args.data.page" in reply.error["message"]


MISTAKES = {
    "a value that is too long": ("INSERT INTO audit (short) VALUES (NEW.text)", "P2000", "INVALID_REQUEST", "column_name"),
    "a variable that is too short": ("DECLARE short varchar(3) := NEW.text", "P2000", "INVALID_REQUEST", "column_name"),
    "a table that is not there": ("INSERT INTO nowhere VALUES (NEW.text)", "P2021", "DATABASE", "table"),
    "a column that is not there": ("INSERT INTO audit (nothing) VALUES (NEW.text)", "P2022", "DATABASE", "column"),
    "a field that is not there": ("NEW.nothing := NEW.text", "P2022", "DATABASE", "column"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_of_a_trigger_is_not_told_as_one_of_the_statement(database, mistake):
    """Neither `Note` nor `text` is wrong: the message names what the server names for certain, and else where it was."""
    body, code, status, place = MISTAKES[mistake]
    declared, body = (body + ";", "") if body.startswith("DECLARE") else ("", body + ";")
    database.sql.execute(f"""CREATE TABLE "Note" (id integer PRIMARY KEY, text text NOT NULL); CREATE TABLE audit (short varchar(3));
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $f$ {declared} BEGIN {body} RETURN NEW; END $f$;
        CREATE TRIGGER note BEFORE INSERT OR UPDATE ON "Note" FOR EACH ROW EXECUTE FUNCTION note()""")
    with Client({"schema": MODELS, "datasourceUrl": database.url(connection_limit=1)}) as client:
        for _ in range(2):
            reply = client.query({"model": "Note", "operation": "create", "args": {"data": {"id": 1, "text": "c4n4ry"}}})
            assert (reply.code, reply.status) == (code, status), reply
            assert reply.error["meta"][place] == "(not available: a function or a trigger names it)", reply
            assert "c4n4ry" not in str(reply.error) and "`text`" not in reply.error["message"]
        reply = client.query({"operation": "$executeRaw", "args": {"query": "INSERT INTO \"Note\" VALUES (1, 'c4n4ry')", "parameters": []}})
        assert reply.code == "P2010" and "c4n4ry" not in str(reply.error), reply
    assert database.sql.execute('SELECT count(*) FROM "Note"') == [["0"]]
