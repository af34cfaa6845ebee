"""What a push leaves as it was: keys and indexes that are made again, and tables that inherit from others."""
import re

import pytest
from schema_tools import HEAD, ask, reply, run_script


@pytest.fixture
def bare(server, admin):
    """A database with nothing in it."""
    admin.execute("DROP DATABASE IF EXISTS staying WITH (FORCE); CREATE DATABASE staying TEMPLATE template0 STRATEGY file_copy")
    yield server.url("staying")
    admin.execute("DROP DATABASE IF EXISTS staying WITH (FORCE)")


KEYS = """CREATE TABLE p (a int, b text, PRIMARY KEY (a, b));
CREATE TABLE t (id int, a int, b text NOT NULL, n text, m text, CONSTRAINT t_pkey PRIMARY KEY (id, b) INCLUDE (n) WITH (fillfactor=70) DEFERRABLE,
  CONSTRAINT u UNIQUE (b, n) INCLUDE (m) WITH (fillfactor=60) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT f FOREIGN KEY (a, b) REFERENCES p (a, b) MATCH FULL DEFERRABLE);
CREATE INDEX i ON t (b, n COLLATE "C" text_pattern_ops DESC NULLS LAST) WITH (fillfactor=50);
CREATE UNIQUE INDEX j ON t (n NULLS FIRST, b);
CREATE TABLE s (id int PRIMARY KEY, a int, b text);
ALTER TABLE s ADD CONSTRAINT h FOREIGN KEY (a, b) REFERENCES p (a, b) NOT VALID"""


def definitions(url):
    """Of all keys and indexes."""
    query = """SELECT pg_get_indexdef(indexrelid) AS text FROM pg_index WHERE indrelid IN ('t'::regclass, 's'::regclass)
        UNION ALL SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid IN ('t'::regclass, 's'::regclass) ORDER BY 1"""
    return [row["text"] for row in ask(url, HEAD, "$queryRaw", query=query)]


def server_version(url):
    return ask(url, HEAD, "$queryRaw", query="SELECT current_setting('server_version_num')::int AS number")[0]["number"]


def test_keys_and_indexes_made_again_keep_all_that_they_had(bare):
    run_script(bare, KEYS)
    before = definitions(bare)
    assert "MATCH FULL" in str(before) and "NOT VALID" in str(before) and "fillfactor" in str(before) and "NULLS FIRST" in str(before)
    pulled = ask(bare, None, "$schema.pull")["schema"]
    # Why an integer: nothing is cast to it, so that the columns are dropped and made again, and all over them.
    changed, count = re.subn(r"\bb( +)String\b", r"b\1Int   ", pulled)
    assert count == 3, pulled
    assert ask(bare, changed, "$schema.push", acceptDataLoss=True)["executed"]
    assert definitions(bare) == before


def test_only_the_parts_of_an_index_that_stay_keep_their_operators(bare):
    run_script(bare, "CREATE TABLE t (id int PRIMARY KEY, a text, b text);\nCREATE INDEX i ON t (a text_pattern_ops, b text_pattern_ops);\n"
        "CREATE TABLE s (id int PRIMARY KEY)")
    schema = HEAD + "model t {\n  id Int @id\n  a Int?\n  b String?\n\n  @@index([a, b], map: \"i\")\n}\n\nmodel s {\n  id Int @id\n}\n"
    assert ask(bare, schema, "$schema.push", acceptDataLoss=True)["executed"]
    assert "CREATE INDEX i ON public.t USING btree (a, b text_pattern_ops)" in definitions(bare)


def test_a_foreign_key_with_columns_of_its_own_to_set_outlives_a_new_type(bare):
    if server_version(bare) < 150000:
        pytest.skip("SET NULL (columns) is of PostgreSQL 15")
    run_script(bare, "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b));\nCREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, b int,\n"
        "CONSTRAINT f FOREIGN KEY (a, b) REFERENCES p (a, b) ON DELETE SET NULL (b));\nCREATE TABLE s (id int PRIMARY KEY)")
    before = definitions(bare)
    changed, count = re.subn(r"\bb( +)Int\b", r"b\1BigInt", ask(bare, None, "$schema.pull")["schema"])
    assert count == 2
    assert ask(bare, changed, "$schema.push")["executed"]
    assert definitions(bare) == before and "SET NULL (b)" in str(before)


def test_what_goes_with_a_column_for_good_is_a_risk(bare):
    run_script(bare, "CREATE TABLE t (id int PRIMARY KEY, a text, b text, CONSTRAINT filled CHECK (a <> ''), CONSTRAINT pair CHECK (a <> b));\n"
        "CREATE INDEX part ON t (id) WHERE a > 'x';\nCREATE INDEX over ON t (lower(a));\nCREATE INDEX other ON t (lower(b))")
    head = HEAD + "model t {\n  id Int @id\n  b String?\n"
    recreated = ask(bare, head + "  a Int?\n}\n", "$schema.push")
    assert not recreated["executed"]
    assert [(risk["kind"], risk["path"]) for risk in recreated["risks"]] == [
        ("constraintDropped", "t.filled"), ("constraintDropped", "t.pair"), ("constraintDropped", "t.over"), ("constraintDropped", "t.part")]
    dropped = ask(bare, head + "}\n", "$schema.push")
    assert [risk["path"] for risk in dropped["risks"]] == ["t.pair", "t.part"]
    assert ask(bare, head + "}\n", "$schema.push", acceptDataLoss=True)["executed"]


def test_a_check_of_a_generated_column_is_made_again_with_it(bare):
    run_script(bare, "CREATE TABLE t (id int PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a + 1) STORED, CONSTRAINT few CHECK (b < 10), CHECK (a > 0));\n"
        "CREATE TABLE s (id int PRIMARY KEY)")
    before = definitions(bare)
    changed = ask(bare, None, "$schema.pull")["schema"].replace("(a + 1)", "(a + 2)")
    assert ask(bare, changed, "$schema.push")["executed"]
    assert definitions(bare) == before and "few" in str(before)


def test_a_list_of_an_enum_elsewhere_is_named_where_it_stands_in_the_way(bare):
    run_script(bare, "CREATE SCHEMA other;\nCREATE TYPE e AS ENUM ('a', 'b');\nCREATE TABLE other.t (id int PRIMARY KEY, list e[])")
    failed = reply(bare, HEAD + "enum e {\n  a\n}\n", "$schema.push", acceptDataLoss=True)
    assert failed.error["meta"]["dependents"] == ["column list of table other.t"]


FAMILY = """CREATE TABLE parent (id int PRIMARY KEY, a int, b text);
CREATE TABLE child (c int, PRIMARY KEY (id)) INHERITS (parent);
CREATE TABLE grandchild (a int, d int, PRIMARY KEY (id)) INHERITS (child);
INSERT INTO grandchild VALUES (1, 2, 'three', 4, 5)"""


def models(parent, child, grandchild):
    def model(name, fields):
        return f"model {name} {{\n  id Int @id\n" + "".join(f"  {field}\n" for field in fields) + "}\n\n"
    return HEAD + model("parent", parent) + model("child", [*parent, *child]) + model("grandchild", [*parent, *child, *grandchild])


CHANGES = {
    "a column for all": (["a Int?", "b String?", "x Int?"], ["c Int?"], ["d Int?"]),
    "a required column with a default": (["a Int?", "b String?", "x Int @default(7)"], ["c Int?"], ["d Int?"]),
    "a column of the middle": (["a Int?", "b String?"], ["c Int?", "x String[]"], ["d Int?"]),
    "one column less": (["b String?"], ["c Int?"], ["d Int?"]),
    "another column less": (["a Int?"], ["c Int?"], ["d Int?"]),
    "other types": (["a BigInt?", "b String? @db.VarChar(20)"], ["c BigInt?"], ["d String?"]),
    "required columns": (["a Int", "b String"], ["c Int"], ["d Int"]),
    "defaults": (['a Int? @default(3)', 'b String? @default("x")'], ["c Int? @default(5)"], ["d Int?"]),
    "a type without a cast": (["a Int?", "b Boolean?"], ["c Int?"], ["d Int?"]),
    "all at once": (["a Decimal?", "y Int @default(1)"], ["z Int?"], ["d BigInt?", "w Boolean?"]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_child_follows_its_parent(bare, change):
    run_script(bare, FAMILY)
    schema = models(*CHANGES[change])
    pushed = ask(bare, schema, "$schema.push", acceptDataLoss=True)
    assert pushed["executed"] and pushed["steps"], pushed
    assert ask(bare, schema, "$schema.diff")["sql"] == ""
    assert ask(bare, schema, "$schema.check")["differences"] == []


def test_a_family_is_pulled_as_it_is_and_dropped_from_the_youngest(bare):
    run_script(bare, FAMILY)
    pulled = ask(bare, None, "$schema.pull")["schema"]
    assert ask(bare, pulled, "$schema.diff")["sql"] == ""
    dropped = ask(bare, HEAD + "model other {\n  id Int @id\n}\n", "$schema.push", acceptDataLoss=True)
    assert dropped["executed"]
    order = [line for line in dropped["sql"].splitlines() if line.startswith("DROP TABLE")]
    assert order == ['DROP TABLE "grandchild";', 'DROP TABLE "child";', 'DROP TABLE "parent";']


def test_what_a_parent_keeps_is_not_dropped_from_its_child(bare):
    run_script(bare, FAMILY)
    schema = HEAD + """model parent {
  id Int @id
  a Int?
  b String?
}

model child {
  id Int @id
  a Int?
  c Int?
}

model grandchild {
  id Int @id
  a Int?
  c Int?
  d Int?
}
"""
    assert ask(bare, schema, "$schema.diff")["sql"] == ""
    assert {found["kind"] for found in ask(bare, schema, "$schema.check")["differences"]} == {"extraColumn"}


def test_an_enum_of_a_family_loses_a_value(bare):
    run_script(bare, "CREATE TYPE e AS ENUM ('a', 'b');\nCREATE TABLE parent (id int PRIMARY KEY, e e DEFAULT 'a');\n"
        "CREATE TABLE child (c int, PRIMARY KEY (id)) INHERITS (parent);\nINSERT INTO child VALUES (1, 'a', 2)")
    pulled = ask(bare, None, "$schema.pull")["schema"]
    changed = pulled.replace("  b\n}", "}")
    assert changed != pulled
    assert ask(bare, changed, "$schema.push", acceptDataLoss=True)["executed"]
    assert ask(bare, changed, "$schema.diff")["sql"] == ""


@pytest.mark.parametrize("change", [("  b\n}", "}"), ("  b\n}", "  b\n  c\n}")])
def test_an_enum_at_both_ends_of_a_key_is_replaced(bare, change):
    """Its columns are compared by keys that the schema has, and by a second one that it has not."""
    run_script(bare, "CREATE TYPE e AS ENUM ('a', 'b');\nCREATE TABLE p (id e PRIMARY KEY, up e DEFAULT 'a' CONSTRAINT own REFERENCES p (id));\n"
        "CREATE TABLE t (e e DEFAULT 'a', id int PRIMARY KEY, CONSTRAINT f FOREIGN KEY (e) REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED);\n"
        "INSERT INTO p VALUES ('a', 'a');\nINSERT INTO t VALUES ('a', 1);\n"
        "ALTER TABLE t ADD CONSTRAINT second FOREIGN KEY (e) REFERENCES p (id) ON UPDATE CASCADE NOT VALID")
    keys = "SELECT conname::text AS name, pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE contype = 'f' ORDER BY 1"
    before = ask(bare, HEAD, "$queryRaw", query=keys)
    assert len(before) == 3
    pulled = ask(bare, None, "$schema.pull")["schema"]
    changed = pulled.replace(*change)
    if "  c\n" in changed:
        changed = changed.replace("@default(a)", "@default(c)")
    assert changed != pulled
    assert ask(bare, changed, "$schema.push", acceptDataLoss=True)["executed"]
    assert ask(bare, changed, "$schema.diff")["sql"] == ""
    assert ask(bare, HEAD, "$queryRaw", query=keys) == before
    assert ask(bare, HEAD, "$queryRaw", query="SELECT up::text, e::text FROM p JOIN t ON t.e = p.id") == [{"up": "a", "e": "a"}]


APART = {
    # what the parent's model becomes, what the child's is: what stays different
    "a required column": (["a Int", "b String?"], ["a Int?", "b String?", "c Int?"], [("child.a", "nullability"), ("grandchild.a", "nullability")]),
    "another type": (["a BigInt?", "b String?"], ["a Int?", "b String?", "c Int?"], [("child.a", "type"), ("grandchild.a", "type")]),
    "a new column": (["a Int?", "b String?", "x Int?"], ["a Int?", "b String?", "c Int?"], [("child.x", "extraColumn"), ("grandchild.x", "extraColumn")]),
    "one column less": (["b String?"], ["a Int?", "b String?", "c Int?"], []),
    "another default": (["a Int? @default(3)", "b String?"], ["a Int? @default(4)", "b String?", "c Int?"], []),
    "no default": (["a Int? @default(3)", "b String?"], ["a Int?", "b String?", "c Int?"], []),
    "a stricter child": (["a Int?", "b String?"], ["a Int", "b String?", "c Int?"], [("grandchild.a", "nullability")]),
}


@pytest.mark.parametrize("case", APART)
def test_a_push_of_a_parent_alone_ends_or_says_what_stays(bare, case):
    parent, child, left = APART[case]
    run_script(bare, FAMILY)
    own = "\n".join("  " + field for field in ["id Int @id", *parent])
    schema = HEAD + "model parent {\n" + own + "\n}\n\nmodel child {\n  id Int @id\n" + "".join(f"  {field}\n" for field in child) + (
        "}\n\nmodel grandchild {\n  id Int @id\n  a Int?" + ("" if case != "another default" else " @default(4)") + "\n  b String?\n  c Int?\n  d Int?\n}\n")
    pushed = ask(bare, schema, "$schema.push")
    assert pushed["executed"] and pushed["steps"], pushed
    again = ask(bare, schema, "$schema.push")
    assert again["sql"] == "" and again["executed"], again
    assert sorted((one["path"], one["kind"]) for one in again.get("left", [])) == left
    found = ask(bare, schema, "$schema.check")["differences"]
    assert sorted((one["path"].replace("public.", ""), one["kind"]) for one in found) == left
    assert len(ask(bare, HEAD, "$queryRaw", query="SELECT * FROM grandchild WHERE a = 2")) == 1


def test_no_null_stands_in_a_required_field_of_a_parent(bare):
    # Why so: PostgreSQL lets a child have NULL where its parent has none.
    run_script(bare, "CREATE TABLE parent (id int PRIMARY KEY, a int NOT NULL);\nCREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent);\n"
        "ALTER TABLE child ALTER a DROP NOT NULL")
    if ask(bare, HEAD, "$queryRaw", query="SELECT attnotnull AS is FROM pg_attribute WHERE attrelid = 'child'::regclass AND attname = 'a'")[0]["is"]:
        pytest.skip("this PostgreSQL keeps the child as its parent is")
    schema = HEAD + "model parent {\n  id Int @id\n  a Int\n}\n\nmodel child {\n  id Int @id\n  a Int?\n}\n"
    found = ask(bare, schema, "$schema.check")["differences"]
    assert [(one["path"], one["kind"], one["database"]) for one in found] == [("parent.a", "nullability", "Int? in public.child, which inherits from it")]
    run_script(bare, "INSERT INTO child VALUES (1, NULL)")
    refused = ask(bare, schema, "$schema.push")
    assert not refused["executed"] and [risk["kind"] for risk in refused["risks"]] == ["columnMadeRequired"]
    run_script(bare, "DELETE FROM child")
    assert ask(bare, schema, "$schema.push")["executed"]
    assert [one["kind"] for one in ask(bare, schema, "$schema.push")["left"]] == ["nullability"]
    assert [one["path"] for one in ask(bare, schema, "$schema.check")["differences"]] == ["child.a"]


def test_a_child_outlives_its_parent(bare):
    run_script(bare, FAMILY)
    schema = HEAD + "model child {\n  id Int @id\n  a Int?\n  b String?\n  c Int?\n}\n\nmodel grandchild {\n  id Int @id\n  a Int?\n  c Int?\n  d Int?\n}\n"
    assert ask(bare, schema, "$schema.push", acceptDataLoss=True)["executed"]
    assert ask(bare, schema, "$schema.diff")["sql"] == ""
    assert ask(bare, HEAD, "$queryRaw", query="SELECT id, a FROM child") == [{"id": 1, "a": 2}]


def test_the_default_of_a_parent_that_counts_is_its_own(bare):
    run_script(bare, FAMILY)
    schema = models(["a Int?", "b String?"], ["c Int?"], ["d Int?"]).replace("id Int @id", "id Int @id @default(autoincrement())", 1)
    assert ask(bare, schema, "$schema.push")["executed"]
    assert ask(bare, schema, "$schema.diff")["sql"] == ""
    assert ask(bare, schema, "$schema.check")["differences"] == []


PARTS = """CREATE TABLE whole (id int, at int NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE part PARTITION OF whole FOR VALUES FROM (0) TO (10);
CREATE TABLE next (id int PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES part (id, at));
CREATE TYPE none AS ENUM ();
CREATE TABLE empty ()"""


def test_partitions_are_left_out_in_every_direction(bare):
    run_script(bare, PARTS)
    pulled = ask(bare, None, "$schema.pull")["schema"]
    assert ask(bare, pulled, "$schema.check")["differences"] == []
    assert ask(bare, pulled, "$schema.diff")["sql"] == ""
    assert ask(bare, pulled, "$schema.diff", **{"from": "schema", "to": "database"})["sql"] == ""
    made = ask(bare, pulled, "$schema.diff", **{"from": "empty", "to": "database"})["sql"]
    assert re.findall(r'CREATE \w+ "(\w+)"', made) == ["next", "whole"] and "FOREIGN KEY" not in made
    assert ask(bare, pulled, "$schema.diff", **{"from": "database", "to": "empty"})["sql"].count("DROP TABLE") == 2


def test_what_a_model_drops_a_child_of_it_keeps(bare):
    run_script(bare, FAMILY)
    schema = HEAD + """model parent {
  id Int @id
  b String?
}

model child {
  id Int @id
  b String?
  c Int?
}

model grandchild {
  id Int @id
  a Int?
  b String?
  c Int?
  d Int?
}
"""
    pushed = ask(bare, schema, "$schema.push", acceptDataLoss=True)
    assert pushed["executed"] and pushed["sql"].count("ALTER TABLE ONLY") == 2
    assert ask(bare, schema, "$schema.diff")["sql"] == ""
    assert ask(bare, HEAD, "$queryRaw", query="SELECT a FROM grandchild") == [{"a": 2}]


THROUGH = {
    # parent, child, grandchild, what stays different
    "a default": (["a Int? @default(3)", "b String?"], ["b String?", "c Int?"], ["a Int?", "b String?", "c Int?", "d Int?"], [("child.a", "extraColumn")]),
    "no NULL": (["a Int", "b String?"], ["b String?", "c Int?"], ["a Int?", "b String?", "c Int?", "d Int?"],
        [("child.a", "extraColumn"), ("grandchild.a", "nullability")]),
    "a column that another one has": (["a Int?", "b String?", "d Int?"], ["a Int?", "b String?", "c Int?"], ["a Int?", "b String?", "c Int?"],
        [("child.d", "extraColumn"), ("grandchild.d", "extraColumn")]),
    "a required column": (["a Int?", "b String?", "x Int?"], ["a Int?", "b String?", "c Int?", "x Int @default(1)"],
        ["a Int?", "b String?", "c Int?", "d Int?"], [("grandchild.x", "extraColumn")]),
}


@pytest.mark.parametrize("case", THROUGH)
def test_a_step_of_a_parent_goes_through_a_child(bare, case):
    parent, child, grandchild, left = THROUGH[case]
    run_script(bare, FAMILY)
    if case == "a required column":
        run_script(bare, "DELETE FROM grandchild")
    schema = HEAD + "".join(
        f"model {name} {{\n  id Int @id\n" + "".join(f"  {field}\n" for field in fields) + "}\n\n"
        for name, fields in [("parent", parent), ("child", child), ("grandchild", grandchild)])
    pushed = ask(bare, schema, "$schema.push")
    assert pushed["executed"] and pushed["steps"], pushed
    again = ask(bare, schema, "$schema.push")
    assert again["sql"] == "" and sorted((one["path"], one["kind"]) for one in again["left"]) == left
    assert sorted((one["path"], one["kind"]) for one in ask(bare, schema, "$schema.check")["differences"]) == left
