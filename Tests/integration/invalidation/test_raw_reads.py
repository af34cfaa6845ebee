"""Raw SQL that reads, and calls what may write: the catalog says which functions, views and operators do."""
import pytest

CALLED = """
CREATE TABLE "Entry" (id int PRIMARY KEY, n int); INSERT INTO "Entry" VALUES (1, 0);
CREATE FUNCTION bump() RETURNS int LANGUAGE sql AS 'UPDATE "Entry" SET n = n + 1 RETURNING n';
CREATE FUNCTION "Bump It"() RETURNS int LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'UPDATE "Entry" SET n = n + 1'; RETURN 1; END $$;
CREATE FUNCTION behind() RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN bump(); END $$;
CREATE FUNCTION field(e "Entry") RETURNS int LANGUAGE sql AS 'UPDATE "Entry" SET n = n + 1 RETURNING n';
CREATE FUNCTION atomic() RETURNS int LANGUAGE sql BEGIN ATOMIC UPDATE "Entry" SET n = n + 1 RETURNING n; END;
CREATE VIEW inner_view AS SELECT bump() AS n;
CREATE VIEW outer_view AS SELECT n FROM inner_view;
CREATE FUNCTION of_view() RETURNS int LANGUAGE sql STABLE AS 'SELECT n FROM outer_view';
CREATE FUNCTION reading(name text) RETURNS int LANGUAGE plpgsql AS $$ DECLARE m int; BEGIN SELECT n INTO m FROM "Entry"; RETURN m; END $$;
CREATE FUNCTION adding(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
"""
WRITING = [
    "SELECT bump()", "select PUBLIC . Bump ()", 'SELECT "Bump It"()', "WITH a AS (SELECT bump() AS n) SELECT * FROM a", "SELECT behind()",
    'SELECT e.field FROM "Entry" e', "SELECT atomic()", "SELECT * FROM inner_view", "TABLE outer_view", "SELECT of_view()",
    "EXPLAIN ANALYZE SELECT bump()", "SELECT query_to_xml('SELECT bump()', true, true, '')::text", 'SELECT U&"bum\\0070"()',
]
READING = ["SELECT n FROM \"Entry\"", "SELECT reading('bump')", "SELECT adding(1, 2), upper('bump()') -- bump()", "SELECT now()::text", "SHOW search_path"]
CALLED_MODEL = "model Entry {\n id Int @id\n n Int?\n}"


@pytest.mark.parametrize("statement", WRITING)
def test_a_raw_read_that_calls_what_may_write_drops_everything(open_library, statement):
    library = open_library(CALLED, CALLED_MODEL)
    assert library.read("Entry", "findMany").data == [{"id": 1, "n": 0}]
    reply = library.raw("$queryRaw", statement)
    assert reply.number == 0, reply
    assert library.read("Entry", "findMany").data == [{"id": 1, "n": 1}]


@pytest.mark.parametrize("statement", READING)
def test_a_raw_read_that_calls_nothing_of_the_kind_drops_nothing(open_library, statement):
    library = open_library(CALLED, CALLED_MODEL)
    library.read("Entry", "findMany")
    assert library.raw("$queryRaw", statement).number == 0
    assert library.is_kept("Entry", "findMany")


HIDDEN = {
    "an operator": """CREATE FUNCTION step(int, text) RETURNS int LANGUAGE sql AS 'UPDATE "Entry" SET n = n + 1 RETURNING n';
        CREATE OPERATOR ## (FUNCTION = step, LEFTARG = int, RIGHTARG = text);
        CREATE VIEW with_step AS SELECT 1 ## '' AS n;
        CREATE FUNCTION by_step() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1 ## $$$$'""",
    "a cast": """CREATE TYPE odd AS (a int); CREATE DOMAIN odd_domain AS odd;
        CREATE FUNCTION to_odd(int) RETURNS odd LANGUAGE sql AS 'UPDATE "Entry" SET n = n + 1; SELECT ROW(1)::odd';
        CREATE CAST (int AS odd) WITH FUNCTION to_odd(int);
        CREATE VIEW with_odd AS SELECT (1::odd).a AS n;
        CREATE FUNCTION by_odd() RETURNS int LANGUAGE plpgsql STABLE AS $$ DECLARE r odd; BEGIN r := 1::odd; RETURN 1; END $$""",
    "an order": """CREATE FUNCTION before(int, text) RETURNS bool LANGUAGE sql AS 'UPDATE "Entry" SET n = n + 1 RETURNING false';
        CREATE OPERATOR <> (FUNCTION = before, LEFTARG = int, RIGHTARG = text)""",
    "an implied cast": """CREATE TYPE odd AS (a int);
        CREATE FUNCTION to_odd(int) RETURNS odd LANGUAGE sql AS 'UPDATE "Entry" SET n = n + 1; SELECT ROW(1)::odd';
        CREATE CAST (int AS odd) WITH FUNCTION to_odd(int) AS IMPLICIT""",
}
USES = {
    "an operator": ["SELECT 1 ## ''", "SELECT 1 OPERATOR(public.##) ''", "SELECT * FROM with_step", "TABLE with_step", "SELECT by_step()"],
    "a cast": ["SELECT (1::odd).a", "SELECT (CAST(1 AS \"odd\")).a", "SELECT (1::odd_domain).a", "SELECT n FROM with_odd",
               "SELECT CAST(ARRAY[1] AS odd[])::text"],
}


@pytest.mark.parametrize("kind, statement", [(kind, statement) for kind in USES for statement in USES[kind]])
def test_a_raw_read_that_uses_what_may_write_drops_everything(open_library, kind, statement):
    library = open_library(CALLED + HIDDEN[kind], CALLED_MODEL)
    library.read("Entry", "findMany")
    reply = library.raw("$queryRaw", statement)
    assert reply.number == 0, reply
    assert library.read("Entry", "findMany").data[0]["n"] >= 1


@pytest.mark.parametrize("kind", list(USES))
@pytest.mark.parametrize("statement", READING)
def test_a_raw_read_that_does_not_use_it_drops_nothing(open_library, kind, statement):
    library = open_library(CALLED + HIDDEN[kind], CALLED_MODEL)
    library.read("Entry", "findMany")
    assert library.raw("$queryRaw", statement).number == 0
    assert library.is_kept("Entry", "findMany")


@pytest.mark.parametrize("kind", ["an order", "an implied cast"])
def test_what_no_text_names_makes_every_raw_read_uncertain_and_is_told_once(open_library, kind):
    library = open_library(CALLED + HIDDEN[kind], CALLED_MODEL, log=["warn"])
    library.read("Entry", "findMany")
    for _ in range(2):
        assert library.raw("$queryRaw", "SELECT 2 AS n").number == 0
        assert not library.is_kept("Entry", "findMany")
    events = library.client.data({"operation": "$log.take"})["events"]
    assert sum("An operator or a cast of the database may write." in event.get("message", "") for event in events) == 1


def test_touches_is_believed_of_a_raw_read(open_library):
    library = open_library(CALLED, CALLED_MODEL)
    library.read("Entry", "findMany")
    assert library.raw("$queryRaw", "SELECT bump()", touches=[]).number == 0
    assert library.is_kept("Entry", "findMany")
