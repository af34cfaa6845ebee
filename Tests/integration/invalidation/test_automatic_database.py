"""Automatic invalidation where the database does more than the schema says: triggers, rules, partitions, collations."""
import pytest
from automatic_library import Library
from capi import Client
from psql import SQLError
from waiting import eventually


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


@pytest.mark.owns_tables
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


def need_icu(database):
    """Leaves out what needs a collation of ICU, where the server was built without it."""
    try:
        database.sql.execute("CREATE COLLATION needed (provider = icu, locale = 'und')")
    except SQLError as error:
        if "ICU is not supported" not in str(error):
            raise
        pytest.skip("this server was built without ICU, which the collation needs")


def test_keys_that_are_equal_without_being_the_same(open_library, database):
    need_icu(database)
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


# MARK: What the database has beside the schema

AUDIT = """CREATE TABLE "Audit" (id serial PRIMARY KEY, note text);
CREATE TABLE "Other" (id int PRIMARY KEY);
CREATE FUNCTION audit(v anyelement) RETURNS anyelement LANGUAGE plpgsql AS $$ BEGIN INSERT INTO "Audit" (note) VALUES (v::text); RETURN v; END $$;
CREATE FUNCTION audited(v int) RETURNS bool LANGUAGE sql IMMUTABLE AS $$ SELECT public.audit(v) IS NOT NULL $$;
CREATE OPERATOR |@| (LEFTARG = int, RIGHTARG = int, FUNCTION = twice);
"""
AUDIT = AUDIT.replace("CREATE OPERATOR", "CREATE FUNCTION twice(a int, b int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN audit(a) + b; END $$;\nCREATE OPERATOR")
ENTRY = "model Entry {\n id Int @id\n n Int?\n}\nmodel Audit {\n id Int @id @default(autoincrement())\n note String?\n}\nmodel Other {\n id Int @id\n}"
PLAIN = 'CREATE TABLE "Entry" (id int PRIMARY KEY, n int);'


def trigger(body, when="", table="Entry", name="t", timing="BEFORE"):
    return f"""CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS $act${body}$act$;
        CREATE TRIGGER {name} {timing} INSERT OR UPDATE OR DELETE ON "{table}" FOR EACH ROW {when} EXECUTE FUNCTION act();"""


@pytest.mark.parametrize("tables", [
    PLAIN + trigger("BEGIN NEW.n := audit(NEW.n); RETURN NEW; END"),
    PLAIN + trigger("BEGIN IF audit(NEW.id) IS NOT NULL THEN RETURN NEW; END IF; RETURN NEW; END"),
    PLAIN + trigger("BEGIN RETURN audit(NEW); END"),
    PLAIN + trigger("BEGIN NEW.n := NEW.n |@| 1; RETURN NEW; END"),
    PLAIN + trigger("BEGIN NEW.n := public . \"audit\" (NEW.n); RETURN NEW; END"),
    PLAIN + trigger("BEGIN NEW.n := AUDIT /* x */ (NEW.n); RETURN NEW; END"),
    PLAIN + trigger("BEGIN ASSERT audited(NEW.id); RETURN NEW; END"),
    PLAIN + trigger("BEGIN RAISE NOTICE '%', audit(NEW.id); RETURN NEW; END", timing="AFTER"),
    PLAIN + """CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
        CREATE TRIGGER t AFTER INSERT ON "Entry" FOR EACH ROW WHEN (audited(NEW.id)) EXECUTE FUNCTION act()""",
    PLAIN + trigger('BEGIN INSERT INTO "Audit" DEFAULT VALUES; RETURN NEW; END', name="accelerant_changes_1"),
    PLAIN + 'ALTER TABLE "Entry" ADD CHECK (audited(id))',
    PLAIN + 'ALTER TABLE "Entry" ADD more int DEFAULT audit(7)',
    PLAIN + 'CREATE INDEX ON "Entry" (audited(id))',
    PLAIN + 'CREATE INDEX ON "Entry" (n) WHERE audited(id)',
    'CREATE DOMAIN checked AS int CHECK (audited(VALUE)); CREATE TABLE "Entry" (id int PRIMARY KEY, n int, c checked DEFAULT 1)',
    PLAIN + """CREATE TABLE part (LIKE "Entry") PARTITION BY RANGE (id); DROP TABLE "Entry"; ALTER TABLE part RENAME TO "Entry";
        CREATE TABLE "Low" PARTITION OF "Entry" FOR VALUES FROM (0) TO (9);""" + trigger("BEGIN NEW.n := audit(NEW.n); RETURN NEW; END", table="Low"),
    PLAIN + """CREATE RULE r AS ON INSERT TO "Entry" DO ALSO INSERT INTO "Audit" DEFAULT VALUES""",
])
def test_a_write_that_has_others_by_expressions(open_library, tables):
    library = open_library(AUDIT + tables, ENTRY)
    before = library.read("Audit", "count").data
    library.write("Entry", "create", data={"id": 1, "n": 1})
    assert library.read("Audit", "count").data > before


@pytest.mark.parametrize("write", [("updateMany", {"where": {"n": 1}, "data": {"n": 2}}), ("deleteMany", {})])
def test_a_trigger_on_an_inheriting_child_alone(open_library, write):
    library = open_library(AUDIT + PLAIN + 'CREATE TABLE child () INHERITS ("Entry"); INSERT INTO child VALUES (1, 1);' + trigger(
        "BEGIN RETURN audit(coalesce(NEW, OLD)); END", table="child"), ENTRY)
    before = library.read("Audit", "count").data
    library.write("Entry", write[0], **write[1])
    assert library.read("Audit", "count").data > before


@pytest.mark.plain_path
@pytest.mark.parametrize("body", [
    "BEGIN NEW.n := greatest(NEW.n, 1); RETURN NEW; END", "BEGIN IF lower('A') = 'a' THEN RAISE NOTICE 'insert into; %', NEW.n; END IF; RETURN NEW; END",
    "BEGIN PERFORM pg_notify('c', NEW.id::text); RETURN NEW; END", "BEGIN IF NEW.n < 0 THEN RAISE EXCEPTION 'no %', NEW.n; END IF; RETURN NEW; END",
])
def test_a_trigger_that_computes_drops_no_other_table(open_library, body):
    tables = AUDIT.split("CREATE FUNCTION twice")[0] + PLAIN + trigger(body)
    library = open_library(tables, ENTRY)
    library.read("Other", "count"), library.read("Entry", "count")
    library.write("Entry", "create", data={"id": 1, "n": 1})
    assert library.is_kept("Other", "count") and not library.is_kept("Entry", "count")


HIDDEN = "model Owner {\n id Int @id\n code Int @unique\n twin Int?\n}\nmodel Owned {\n id Int @id\n ownerId Int?\n}\nmodel Far {\n id Int @id\n}\nmodel Other {\n id Int @id\n}"


@pytest.mark.parametrize("tables, write, reads", [
    # Only the database knows of the key.
    ('CREATE TABLE "Owned" (id int PRIMARY KEY, "ownerId" int REFERENCES "Owner" ON DELETE CASCADE)', ("deleteMany", {}), {"Owned": 0}),
    ('CREATE TABLE "Owned" (id int PRIMARY KEY, "ownerId" int REFERENCES "Owner" (code) ON UPDATE CASCADE)',
     ("updateMany", {"data": {"code": 8}}), {"Owned": 1}),
    # The way leads over a table that the schema does not have.
    ("""CREATE TABLE hidden (id int PRIMARY KEY, owner int REFERENCES "Owner" ON DELETE CASCADE); INSERT INTO hidden VALUES (1, 1);
        CREATE TABLE "Owned" (id int PRIMARY KEY, "ownerId" int REFERENCES hidden ON DELETE CASCADE)""", ("deleteMany", {}), {"Owned": 0}),
    # A trigger of that table writes.
    ("""CREATE TABLE hidden (id int PRIMARY KEY, owner int REFERENCES "Owner" ON DELETE CASCADE); INSERT INTO hidden VALUES (1, 1);
        CREATE TABLE "Owned" (id int PRIMARY KEY, "ownerId" int);
        CREATE FUNCTION clear() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM "Owned"; RETURN OLD; END $$;
        CREATE TRIGGER clear AFTER DELETE ON hidden FOR EACH ROW EXECUTE FUNCTION clear()""", ("deleteMany", {}), {"Owned": 0}),
    # A trigger changes the key that others refer to.
    ("""CREATE TABLE "Owned" (id int PRIMARY KEY, "ownerId" int REFERENCES "Owner" (code) ON UPDATE CASCADE);
        CREATE FUNCTION shift() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.code := NEW.twin; RETURN NEW; END $$;
        CREATE TRIGGER shift BEFORE UPDATE ON "Owner" FOR EACH ROW EXECUTE FUNCTION shift()""", ("updateMany", {"data": {"twin": 8}}), {"Owned": 1}),
])
def test_what_foreign_keys_do_that_the_schema_does_not_know(open_library, tables, write, reads):
    library = open_library(
        'CREATE TABLE "Owner" (id int PRIMARY KEY, code int UNIQUE, twin int); INSERT INTO "Owner" VALUES (1, 1, 1);' + tables
        + '; INSERT INTO "Owned" VALUES (1, 1); CREATE TABLE "Far" (id int PRIMARY KEY); CREATE TABLE "Other" (id int PRIMARY KEY)', HIDDEN)
    before = library.read("Owned", "findMany").data
    library.read("Owner", "findMany")
    library.write("Owner", write[0], **{"where": {}, **write[1]})
    now = library.client.data({"model": "Owned", "operation": "findMany", "args": {}})
    assert now != before and library.read("Owned", "findMany").data == now


def test_a_key_with_weaker_actions_in_the_schema(open_library):
    library = open_library(
        """CREATE TABLE "Owner" (id int PRIMARY KEY); CREATE TABLE "Owned" (id int PRIMARY KEY, "ownerId" int REFERENCES "Owner" ON DELETE CASCADE);
        CREATE TABLE "Other" (id int PRIMARY KEY); INSERT INTO "Owner" VALUES (1); INSERT INTO "Owned" VALUES (1, 1)""",
        """model Owner {\n id Int @id\n owned Owned[]\n}
        model Owned {\n id Int @id\n ownerId Int?\n owner Owner? @relation(fields: [ownerId], references: [id], onDelete: NoAction, onUpdate: NoAction)\n}
        model Other {\n id Int @id\n}""")
    assert library.read("Owned", "count").data == 1
    library.read("Other", "count")
    library.write("Owner", "delete", where={"id": 1})
    assert library.read("Owned", "count").data == 0 and library.is_kept("Other", "count")


@pytest.mark.parametrize("setup, type_, field, spelled, stored", [
    ("CREATE EXTENSION citext;", "citext", "String", "ANNA", "anna"),
    ("CREATE EXTENSION citext; CREATE DOMAIN folded AS citext;", "folded", "String", "ANNA", "anna"),
    ("CREATE DOMAIN inner_ AS char(6); CREATE DOMAIN outer_ AS inner_;", "outer_", "String", "anna  ", "anna"),
    ("", "char(6)", "String", "anna  ", "anna"),
    ("", "uuid", "String", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("", "numeric(10,2)", "Int", 7, 7), ("", "numeric(10,2)", "BigInt", "7", "7"),
    ("CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false); CREATE DOMAIN blinded AS text COLLATE blind;",
     "blinded", "String", "ANNA", "anna"),
])
def test_keys_that_the_database_spells_otherwise_than_the_schema(open_library, database, setup, type_, field, spelled, stored):
    if "provider = icu" in setup:
        need_icu(database)
    library = open_library(
        f'{setup} CREATE TABLE "Entry" (id int PRIMARY KEY, key {type_} UNIQUE, n int)',
        f"model Entry {{\n id Int @id\n key {field}? @unique\n n Int?\n}}")
    read = ("Entry", "findUnique"), {"where": {"key": spelled}, "select": {"n": True}}
    assert library.read(*read[0], **read[1]).data is None
    library.write("Entry", "createMany", data={"id": 1, "key": stored, "n": 0})
    truth = library.client.data({"model": "Entry", "operation": "findUnique", "args": read[1]})
    assert truth == {"n": 0}, "the case is one"
    assert library.read(*read[0], **read[1]).data == truth


def test_domains_over_plain_types_are_looked_up_by_their_rows(open_library):
    library = open_library(
        'CREATE DOMAIN word AS varchar(9); CREATE TABLE "Entry" (id int PRIMARY KEY, key word UNIQUE)',
        "model Entry {\n id Int @id\n key String? @unique\n}")
    library.read("Entry", "findUnique", where={"key": "a"})
    library.write("Entry", "create", data={"id": 2, "key": "b"})
    assert library.is_kept("Entry", "findUnique", where={"key": "a"})
    library.write("Entry", "create", data={"id": 1, "key": "a"})
    assert not library.is_kept("Entry", "findUnique", where={"key": "a"})


def test_names_longer_than_the_database_keeps(open_library):
    table = "t" * 70
    library = open_library(
        AUDIT + f'CREATE TABLE "{table}" (id int PRIMARY KEY, "{"k" * 70}" text UNIQUE);' + trigger(
            "BEGIN NEW.id := audit(NEW.id); RETURN NEW; END", table=table),
        f'model Entry {{\n id Int @id\n key String? @unique @map("{"k" * 70}")\n @@map("{table}")\n}}\n' + ENTRY.split("}\n", 1)[1])
    assert library.read("Audit", "count").data == 0
    library.read("Entry", "findUnique", where={"key": "a"})
    library.write("Entry", "create", data={"id": 1, "key": "a"})
    assert library.read("Audit", "count").data == 1
    assert library.read("Entry", "findUnique", where={"key": "a"}).data is not None


MEMBERS = """CREATE TABLE "Entry" (id int PRIMARY KEY, n int); CREATE TABLE "Member" (id int PRIMARY KEY, entry int); CREATE TABLE "Other" (id int PRIMARY KEY);
INSERT INTO "Entry" VALUES (1, 1), (2, 2); INSERT INTO "Member" VALUES (1, 1);
CREATE ROLE {role} LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role};
ALTER TABLE "Entry" ENABLE ROW LEVEL SECURITY;"""
MEMBER = "model Entry {\n id Int @id\n n Int?\n}\nmodel Member {\n id Int @id\n entry Int?\n}\nmodel Other {\n id Int @id\n}"


@pytest.fixture
def restricted(database):
    """A client whose role is subject to row-level security, and the role's name."""
    role = "reader_" + database.name
    made = []

    def open(tables, schema, **settings):
        database.sql.execute(tables.format(role=role))
        url = database.url().replace("//app@", f"//{role}@")
        made.append(Library(database, 'datasource db { provider = "postgresql" }\n' + schema, datasourceUrl=url, **settings))
        return made[-1]

    yield open, role
    for library in made:
        library.client.close()
    database.sql.execute(f"DROP OWNED BY {role} CASCADE; DROP ROLE {role}")


def test_a_policy_that_reads_another_table(restricted):
    open, role = restricted
    library = open(MEMBERS + """CREATE POLICY p ON "Entry" USING (EXISTS (SELECT FROM "Member" m WHERE m.entry = "Entry".id))""", MEMBER)
    assert library.read("Entry", "findUnique", where={"id": 2}).data is None
    assert library.read("Entry", "count").data == 1
    library.write("Member", "create", data={"id": 2, "entry": 2})
    assert library.read("Entry", "count").data == 2
    assert library.read("Entry", "findUnique", where={"id": 2}).data is not None


def test_a_policy_that_calls_a_function_which_reads(restricted):
    open, role = restricted
    library = open(MEMBERS + """CREATE FUNCTION may(e int) RETURNS bool LANGUAGE sql STABLE AS 'SELECT EXISTS (SELECT FROM "Member" WHERE entry = e)';
        CREATE POLICY p ON "Entry" USING (may(id))""", MEMBER)
    assert library.read("Entry", "count").data == 1
    library.write("Member", "create", data={"id": 2, "entry": 2})
    assert library.read("Entry", "count").data == 2


def test_a_policy_over_its_own_row_costs_nothing(restricted):
    open, role = restricted
    library = open(MEMBERS + """CREATE POLICY p ON "Entry" USING (n = 1)""", MEMBER)
    assert library.read("Entry", "findUnique", where={"id": 1}).data is not None
    library.write("Member", "create", data={"id": 2, "entry": 2})
    assert library.is_kept("Entry", "findUnique", where={"id": 1})


@pytest.mark.parametrize("statement", [
    'ALTER TABLE "Entry" DISABLE ROW LEVEL SECURITY', 'CREATE POLICY q ON "Entry" USING (true)', 'DROP POLICY p ON "Entry"',
    'ALTER POLICY p ON "Entry" USING (n = 2)', 'REVOKE SELECT ON "Entry" FROM {role}', 'REVOKE ALL ON SCHEMA public FROM PUBLIC',
    'ALTER TABLE "Entry" RENAME TO old', 'ALTER TABLE "Entry" ALTER id TYPE int USING id + 1', 'ALTER TABLE "Entry" DROP n CASCADE',
    'ALTER TABLE "Other" RENAME TO x; ALTER TABLE "Entry" RENAME TO "Other"; ALTER TABLE x RENAME TO "Entry"',
    'BEGIN; ALTER TABLE "Entry" DISABLE TRIGGER accelerant_changes_1; UPDATE "Entry" SET n = 1; ALTER TABLE "Entry" ENABLE ALWAYS TRIGGER accelerant_changes_1; COMMIT',
    'CREATE OR REPLACE FUNCTION accelerant_changes_1() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$',
])
def test_definitions_of_others_end_what_is_kept_within_a_beat(restricted, statement):
    open, role = restricted
    library = open(MEMBERS + """CREATE POLICY p ON "Entry" USING (n = 1)""", MEMBER, cache={"listen": True, "listenTimeoutMs": 400})
    database = library.database
    database.sql.execute(f"GRANT ALL ON SCHEMA public TO {role}") if "SCHEMA" not in statement else None
    with Client({"schema": 'datasource db { provider = "postgresql" }\n' + MEMBER, "datasourceUrl": database.owner_url(schema="public")}) as owner:
        owner.data({"operation": "$accelerate.installTriggers", "args": {"execute": True}})
    eventually(lambda: library.read("Entry", "findMany").cache == "ttl", "the answer to be kept")
    before = library.read("Entry", "findMany")
    database.sql.execute(statement.format(role=role))
    eventually(lambda: library.read("Entry", "findMany").cache != "ttl", "the answer to go")
    assert before.data


def test_swapped_schemas_and_partitions_are_noticed(database):
    library = Library(
        database, 'datasource db { provider = "postgresql" }\n' + MEMBER, datasourceUrl=database.url(schema="one"), cache={"listen": True, "listenTimeoutMs": 400})
    tables = 'CREATE TABLE {0}."Entry" (id int PRIMARY KEY, n int); CREATE TABLE {0}."Member" (id int PRIMARY KEY, entry int); CREATE TABLE {0}."Other" (id int PRIMARY KEY);'
    database.sql.execute("CREATE SCHEMA one; CREATE SCHEMA two;" + tables.format("one") + tables.format("two") + 'INSERT INTO two."Entry" VALUES (1, 1)')
    for schema in ("two", "one"):
        with Client({"schema": 'datasource db { provider = "postgresql" }\n' + MEMBER, "datasourceUrl": database.owner_url(schema=schema)}) as owner:
            owner.data({"operation": "$accelerate.installTriggers", "args": {"execute": True}})
    eventually(lambda: library.read("Entry", "count").cache == "ttl", "the answer to be kept")
    assert library.read("Entry", "count").data == 0
    database.sql.execute("ALTER SCHEMA one RENAME TO x; ALTER SCHEMA two RENAME TO one; ALTER SCHEMA x RENAME TO two")
    eventually(lambda: library.read("Entry", "count").data == 1, "the other schema's rows")
    library.client.close()


def test_what_a_child_of_the_schemas_policy_reads_outside_is_mute(restricted):
    open, role = restricted
    library = open(MEMBERS + """CREATE TABLE outside (entry int); GRANT ALL ON outside TO {role};
        CREATE POLICY p ON "Entry" USING (EXISTS (SELECT FROM outside o WHERE o.entry = "Entry".id))""", MEMBER, cache={"listen": True})
    with Client({"schema": 'datasource db { provider = "postgresql" }\n' + MEMBER, "datasourceUrl": library.database.owner_url(schema="public")}) as owner:
        owner.data({"operation": "$accelerate.installTriggers", "args": {"execute": True}})
    eventually(lambda: library.read("Other", "count").cache == "ttl", "the other table to be kept")
    assert [library.read("Entry", "count").cache for _ in range(3)] == ["miss"] * 3


def test_a_column_that_is_called_as_a_table_is_no_mark_of_it(open_library):
    """The cascade of a key that only the database has changes a table whose name stands in the statement as a column."""
    tables = """CREATE TABLE "Owner" (id int PRIMARY KEY, "Owned" int); CREATE TABLE "Owned" (id int PRIMARY KEY, owner int REFERENCES "Owner" ON DELETE CASCADE);
        INSERT INTO "Owner" VALUES (1, 5); INSERT INTO "Owned" VALUES (1, 1)"""
    models = 'model Owner {\n id Int @id\n column Int? @map("Owned")\n}\nmodel Owned {\n id Int @id\n owner Int?\n}'
    library = open_library(tables, models, cache={"listen": True})
    with Client({"schema": 'datasource db { provider = "postgresql" }\n' + models, "datasourceUrl": library.database.owner_url()}) as owner:
        owner.data({"operation": "$accelerate.installTriggers", "args": {"execute": True}})
    eventually(lambda: library.read("Owned", "count").cache == "ttl", "the answer to be kept")
    assert library.read("Owned", "count").data == 1
    library.write("Owner", "deleteMany", where={"column": 5})
    eventually(lambda: library.read("Owned", "count").data == 0, "the cascade")
