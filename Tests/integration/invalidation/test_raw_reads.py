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


def test_an_operator_or_a_cast_that_may_write_makes_every_raw_read_uncertain(open_library, database):
    library = open_library(
        CALLED + """CREATE FUNCTION step(int, text) RETURNS int LANGUAGE sql AS 'UPDATE "Entry" SET n = n + $1 RETURNING n';
        CREATE OPERATOR ## (FUNCTION = step, LEFTARG = int, RIGHTARG = text)""", CALLED_MODEL)
    library.read("Entry", "findMany")
    assert library.raw("$queryRaw", "SELECT 1 ## ''").number == 0
    assert library.read("Entry", "findMany").data == [{"id": 1, "n": 1}]


def test_touches_is_believed_of_a_raw_read(open_library):
    library = open_library(CALLED, CALLED_MODEL)
    library.read("Entry", "findMany")
    assert library.raw("$queryRaw", "SELECT bump()", touches=[]).number == 0
    assert library.is_kept("Entry", "findMany")
