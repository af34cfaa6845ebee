"""What stands in the way of a push outside of its schema: each case works, or is told before with a sentence."""
import pytest
from schema_tools import HEAD, ask, run_script


@pytest.fixture
def bare(server, admin):
    """A database with nothing in it."""
    admin.execute("DROP DATABASE IF EXISTS blocked WITH (FORCE); CREATE DATABASE blocked TEMPLATE template0 STRATEGY file_copy")
    yield server.url("blocked")
    admin.execute("DROP DATABASE IF EXISTS blocked WITH (FORCE)")


def script(url, text):
    """Statements with semicolons between them."""
    run_script(url, text.replace("; ", ";\n"))


def told(url, schema):
    """The risks and what is left of a push that changes nothing, and what a check finds."""
    pushed = ask(url, HEAD + schema, "$schema.push", dryRun=True)
    return pushed["risks"], pushed.get("left", [])


def agrees(url, schema):
    """Pushes, and has nothing left to do."""
    assert ask(url, HEAD + schema, "$schema.push", acceptDataLoss=True)["executed"]
    assert ask(url, HEAD + schema, "$schema.diff")["sql"] == ""
    assert ask(url, HEAD + schema, "$schema.check")["differences"] == []


# --- inheritance

FAMILY = """CREATE TABLE base (id int PRIMARY KEY, a text NOT NULL); CREATE TABLE oth (id int PRIMARY KEY, c text);
CREATE TABLE kid (PRIMARY KEY (id)) INHERITS (base, oth); INSERT INTO kid VALUES (1, 'a', 'c')"""


def family(key="Int", **more):
    fields = {"base": "a String", "oth": "c String?", "kid": "a String\n  c String?"}
    return "".join(f"model {name} {{\n  id {key} @id\n  {text}\n{more.get(name, '')}}}\n\n" for name, text in fields.items())


def test_a_column_of_two_parents_keeps_its_type(bare):
    script(bare, FAMILY)
    pushed = ask(bare, HEAD + family("BigInt"), "$schema.push")
    # Why executed: nothing is left that a statement could do.
    assert pushed["executed"] and pushed["sql"] == "" and pushed["risks"] == []
    assert [(left["path"], left["kind"]) for left in pushed["left"]] == [("base.id", "type"), ("oth.id", "type"), ("kid.id", "type")]
    assert "`kid` inherits the column from `oth`, too" in pushed["left"][0]["reason"] and "NO INHERIT" in pushed["left"][0]["reason"]
    found = ask(bare, HEAD + family("BigInt"), "$schema.check")["differences"]
    assert sorted((one["path"], one["kind"]) for one in found) == [("base.id", "type"), ("kid.id", "type"), ("oth.id", "type")]
    # The sentence is right.
    script(bare, "ALTER TABLE kid NO INHERIT oth")
    agrees(bare, family("BigInt"))


def test_other_changes_of_such_a_column_are_made(bare):
    script(bare, FAMILY)
    agrees(bare, family(base="  n Int?\n", oth="  n Int?\n", kid="  n Int?\n"))
    pushed = ask(bare, HEAD + family(base="  n String? @default(\"x\")\n", oth="  n Int?\n", kid="  n Int?\n"), "$schema.push", acceptDataLoss=True)
    assert ("base.n", "type") in [(left["path"], left["kind"]) for left in pushed["left"]]


def test_a_parent_does_not_get_a_column_that_a_child_has_otherwise(bare):
    script(bare, "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (n text, PRIMARY KEY (id)) INHERITS (p); CREATE TABLE d (PRIMARY KEY (id)) INHERITS (c)")

    def models(first):
        return "".join(f"model {name} {{\n  id Int @id\n  n {type}?\n}}\n\n" for name, type in zip("pcd", [first, "String", "String"]))
    pushed = ask(bare, HEAD + models("Int"), "$schema.push")
    assert pushed["sql"] == "" and [(left["path"], left["kind"]) for left in pushed["left"]] == [("p.n", "missingColumn")]
    assert "`c` inherits from it, and has a column of that name with another type" in pushed["left"][0]["reason"]
    # Nor an index over it.
    pushed = ask(bare, HEAD + models("Int").replace("}", "  @@index([n])\n}", 1), "$schema.push")
    assert pushed["sql"] == "" and [(left["path"], left["kind"]) for left in pushed["left"]] == [("p.n", "missingColumn")]
    agrees(bare, models("String"))


# --- names

def test_a_sequence_gets_a_name_that_is_free(bare):
    script(bare, "CREATE TABLE a (id serial PRIMARY KEY); ALTER SEQUENCE a_id_seq RENAME TO b_id_seq; CREATE TABLE b (id int PRIMARY KEY); "
        "CREATE TABLE c (id int PRIMARY KEY); CREATE SEQUENCE c_id_seq; INSERT INTO b VALUES (7); INSERT INTO c VALUES (8)")
    schema = "".join(f"model {name} {{\n  id Int @id @default(autoincrement())\n}}\n\n" for name in "bc")
    agrees(bare, schema)
    script(bare, "INSERT INTO b DEFAULT VALUES; INSERT INTO c DEFAULT VALUES")
    assert ask(bare, HEAD + schema, "$queryRaw", query="SELECT max(b.id) AS b, max(c.id) AS c FROM b, c") == [{"b": 8, "c": 9}]


# before, schema, what has the name, and a statement that sets the name free
TAKEN = {
    "a partial index of another table, at a rename": (
        "CREATE TABLE a (id int PRIMARY KEY, x int); CREATE INDEX t_x_idx ON a (x) WHERE x > 1; CREATE TABLE t (id int PRIMARY KEY, x int); CREATE INDEX old ON t (x)",
        "model a {\n  id Int @id\n  x Int?\n}\n\nmodel t {\n  id Int @id\n  x Int?\n\n  @@index([x])\n}\n",
        "an index of the table `a`", "DROP INDEX t_x_idx"),
    "an index over an expression, at a new index": (
        "CREATE TABLE a (id int PRIMARY KEY, x text); CREATE INDEX t_x_key ON a (lower(x)); CREATE TABLE t (id int PRIMARY KEY, x int)",
        "model a {\n  id Int @id\n  x String?\n}\n\nmodel t {\n  id Int @id\n  x Int? @unique\n}\n",
        "an index of the table `a`", "ALTER INDEX t_x_key RENAME TO other"),
    "a view, at a new table": (
        "CREATE TABLE a (id int PRIMARY KEY); CREATE VIEW t AS SELECT * FROM a", "model a {\n  id Int @id\n}\n\nmodel t {\n  id Int @id\n}\n", "a view", "DROP VIEW t"),
    "a sequence, at a new key": (
        "CREATE TABLE a (id int PRIMARY KEY); CREATE SEQUENCE t_pkey", "model a {\n  id Int @id\n}\n\nmodel t {\n  id Int @id\n}\n",
        "a sequence", "ALTER SEQUENCE t_pkey RENAME TO other"),
}


@pytest.mark.parametrize("case", TAKEN)
def test_a_name_that_something_else_keeps_is_told_before(bare, case):
    before, schema, holder, way = TAKEN[case]
    script(bare, before)
    risks, _ = told(bare, schema)
    assert [risk["kind"] for risk in risks if risk["path"] == "t"] == ["nameTaken"] and f"but {holder} has it and stays" in risks[0]["reason"]
    assert not ask(bare, HEAD + schema, "$schema.push")["executed"]
    script(bare, way)
    agrees(bare, schema)


# --- keys of schemas that are not read

def test_an_enum_under_a_key_of_another_schema_is_told_before(bare):
    script(bare, """CREATE TYPE e AS ENUM ('x', 'y'); CREATE TABLE t (id int PRIMARY KEY, e e UNIQUE);
        CREATE SCHEMA away; CREATE TABLE away.u (id int PRIMARY KEY, e e REFERENCES t (e))""")
    schema = "model t {\n  id Int @id\n  e e? @unique\n}\n\nenum e {\n  x\n}\n"
    risks, _ = told(bare, schema)
    assert [(risk["path"], risk["kind"]) for risk in risks] == [("t.e", "foreignKeyOutside")]
    assert not ask(bare, HEAD + schema, "$schema.push")["executed"]
    script(bare, "DROP SCHEMA away CASCADE")
    assert told(bare, schema) == ([], [])
    agrees(bare, schema)
