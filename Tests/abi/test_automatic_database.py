"""Automatic invalidation where the database does more than the schema says: triggers, rules, partitions, collations."""
import pytest


def test_a_trigger_that_writes_elsewhere(open_library):
    library = open_library(
        """CREATE TABLE "Entry" (id int PRIMARY KEY, n int); CREATE TABLE "Audit" (id serial PRIMARY KEY);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO "Audit" DEFAULT VALUES; RETURN NEW; END $$;
        CREATE TRIGGER note AFTER INSERT ON "Entry" FOR EACH ROW EXECUTE FUNCTION note()""",
        "model Entry {\n id Int @id\n n Int?\n}\nmodel Audit {\n id Int @id @default(autoincrement())\n}")
    assert library.read("Audit", "count").data == 0
    library.write("Entry", "create", data={"id": 1})
    assert library.read("Audit", "count").data == 1


def test_a_trigger_that_changes_its_own_row_may_change_keys(open_library):
    library = open_library(
        """CREATE TABLE "Entry" (id int PRIMARY KEY, slug text UNIQUE, n int); INSERT INTO "Entry" VALUES (1, 's0', 0), (2, 't', 0);
        CREATE TABLE "Other" (id int PRIMARY KEY);
        CREATE FUNCTION adjust() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.slug := 's' || NEW.n; RETURN NEW; END $$;
        CREATE TRIGGER adjust BEFORE UPDATE ON "Entry" FOR EACH ROW EXECUTE FUNCTION adjust()""",
        "model Entry {\n id Int @id\n slug String? @unique\n n Int?\n}\nmodel Other {\n id Int @id\n}")
    assert library.read("Entry", "findUnique", where={"slug": "s0"}).data["id"] == 1
    library.read("Other", "count")
    library.write("Entry", "update", where={"id": 1}, data={"n": 5})
    assert library.read("Entry", "findUnique", where={"slug": "s0"}).data is None
    assert library.is_kept("Other", "count")


def test_a_trigger_that_is_made_by_the_client_itself_is_noticed_at_once(open_library):
    library = open_library(
        'CREATE TABLE "Entry" (id int PRIMARY KEY); CREATE TABLE "Audit" (id serial PRIMARY KEY)',
        "model Entry {\n id Int @id\n}\nmodel Audit {\n id Int @id @default(autoincrement())\n}")
    library.read("Audit", "count")
    for statement in (
            'CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO "Audit" DEFAULT VALUES; RETURN NEW; END $$',
            'CREATE TRIGGER note AFTER INSERT ON "Entry" FOR EACH ROW EXECUTE FUNCTION note()'):
        assert library.raw("$executeRaw", statement).number == 0
    library.read("Audit", "count")
    library.write("Entry", "create", data={"id": 1})
    assert library.read("Audit", "count").data == 1


def test_keys_that_are_equal_without_being_the_same(open_library, database):
    if not int(database.sql.value("SELECT count(*) FROM pg_collation WHERE collprovider = 'i'")):
        pytest.skip("this server was built without ICU, which the collation needs")
    library = open_library(
        """CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        CREATE TABLE "Entry" (id int PRIMARY KEY, name text COLLATE blind UNIQUE, shout text GENERATED ALWAYS AS (upper(note)) STORED UNIQUE, note text)""",
        "model Entry {\n id Int @id\n name String @unique\n shout String? @unique\n note String?\n}")
    assert library.read("Entry", "findUnique", where={"name": "ANNA"}).data is None
    assert library.read("Entry", "findUnique", where={"shout": "HELLO"}).data is None
    library.write("Entry", "create", data={"id": 1, "name": "anna", "note": "hello"})
    assert library.read("Entry", "findUnique", where={"name": "ANNA"}).data["id"] == 1
    assert library.read("Entry", "findUnique", where={"shout": "HELLO"}).data["id"] == 1
    library.write("Entry", "update", where={"id": 1}, data={"note": "bye"})
    assert library.read("Entry", "findUnique", where={"shout": "HELLO"}).data is None


def test_a_partition_is_a_part_of_its_table(open_library):
    library = open_library(
        """CREATE TABLE "Entry" (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE "Low" PARTITION OF "Entry" FOR VALUES FROM (0) TO (9);
        CREATE TABLE "Other" (id int PRIMARY KEY)""",
        "model Entry {\n id Int @id\n}\nmodel Low {\n id Int @id\n}\nmodel Other {\n id Int @id\n}")
    assert library.read("Low", "count").data == 0
    assert library.read("Entry", "count").data == 0
    library.write("Entry", "create", data={"id": 1})
    assert library.read("Low", "count").data == 1
    assert library.read("Entry", "count").data == 1
    library.write("Low", "create", data={"id": 2})
    assert library.read("Entry", "count").data == 2
    library.write("Other", "create", data={"id": 1})
    assert library.is_kept("Entry", "count")
