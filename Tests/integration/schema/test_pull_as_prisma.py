"""`$schema.pull` writes what `prisma db pull` 6.16 writes for the same tables; each text was compared with that once."""
import re

import pytest
from capi import Client
from schema_tools import HEAD

PAIRS = """CREATE TABLE "{0}" ("A" int NOT NULL REFERENCES "{1}" ON DELETE CASCADE ON UPDATE CASCADE, "B" int NOT NULL REFERENCES "{2}" ON DELETE CASCADE ON UPDATE CASCADE);
CREATE UNIQUE INDEX "{0}_AB_unique" ON "{0}" ("A", "B"); CREATE INDEX "{0}_B_index" ON "{0}" ("B");"""


@pytest.fixture
def empty(database):
    """A database without tables."""
    database.sql.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return database


def pull(database, statements, schema=None, schemas=None):
    """The models and enums, and that they open, agree and stay."""
    database.sql.execute(statements)
    args = {"schemas": schemas} if schemas else {}

    def ask(text, operation, **args):
        with Client({"datasourceUrl": database.url(connection_limit=1, schema="public"), **({"schema": text} if text else {})}) as client:
            return client.data({"operation": operation, "args": args})
    text = ask(schema, "$schema.pull", **args)["schema"]
    assert ask(text, "$schema.pull", **args)["schema"] == text
    assert ask(text, "$schema.check") == {"differences": [], "unseen": []}
    assert ask(text, "$schema.diff")["sql"] == ""
    blocks = re.sub(r"(?s)(generator|datasource) \w+ \{.*?\n\}\n", "", text)
    lines = [" ".join(line.split()) for line in re.sub(r"\s*//.*", "", blocks).splitlines()]
    return [line for line in lines if line]


CASES = {
    "a key's column called as the other table": (
        "CREATE TABLE users (id serial PRIMARY KEY); CREATE TABLE posts (id serial PRIMARY KEY, users int REFERENCES users)", """
        model posts {
        id Int @id @default(autoincrement())
        users Int?
        users_posts_usersTousers users? @relation("posts_usersTousers", fields: [users], references: [id], onDelete: NoAction, onUpdate: NoAction)
        }
        model users {
        id Int @id @default(autoincrement())
        posts_posts_usersTousers posts[] @relation("posts_usersTousers")
        }"""),
    "the same within a table": (
        "CREATE TABLE n (id int PRIMARY KEY, n int REFERENCES n)", """
        model n {
        id Int @id
        n Int?
        n_n_nTon n? @relation("n_nTon", fields: [n], references: [id], onDelete: NoAction, onUpdate: NoAction)
        other_n_n_nTon n[] @relation("n_nTon")
        }"""),
    "names that need a map": (
        'CREATE TABLE "1 user" (id int PRIMARY KEY); CREATE TABLE "post-x" (id int PRIMARY KEY, "user id" int REFERENCES "1 user", "2nd id" int REFERENCES "1 user")',
        """
        model user {
        id Int @id
        post_x_post_x_nd_idTouser post_x[] @relation("post_x_nd_idTouser")
        post_x_post_x_user_idTouser post_x[] @relation("post_x_user_idTouser")
        @@map("1 user")
        }
        model post_x {
        id Int @id
        user_id Int? @map("user id")
        nd_id Int? @map("2nd id")
        user_post_x_nd_idTouser user? @relation("post_x_nd_idTouser", fields: [nd_id], references: [id], onDelete: NoAction, onUpdate: NoAction)
        user_post_x_user_idTouser user? @relation("post_x_user_idTouser", fields: [user_id], references: [id], onDelete: NoAction, onUpdate: NoAction)
        @@map("post-x")
        }"""),
    "two tables of pairs within one table": (
        'CREATE TABLE "User" (id int PRIMARY KEY);' + PAIRS.format("_friends", "User", "User") + PAIRS.format("_foes", "User", "User"), """
        model User {
        id Int @id
        User_foes_A User[] @relation("foes")
        User_foes_B User[] @relation("foes")
        User_friends_A User[] @relation("friends")
        User_friends_B User[] @relation("friends")
        }"""),
    "a key and a table of pairs": (
        "CREATE TABLE cat (id int PRIMARY KEY); CREATE TABLE post (id int PRIMARY KEY, cat_id int REFERENCES cat);" + PAIRS.format("_catTopost", "cat", "post"), """
        model cat {
        id Int @id
        post_post_cat_idTocat post[] @relation("post_cat_idTocat")
        post_catTopost post[] @relation("catTopost")
        }
        model post {
        id Int @id
        cat_id Int?
        cat_post_cat_idTocat cat? @relation("post_cat_idTocat", fields: [cat_id], references: [id], onDelete: NoAction, onUpdate: NoAction)
        cat_catTopost cat[] @relation("catTopost")
        }"""),
    "lists": (
        "CREATE DOMAIN posint AS int; CREATE TABLE t (id int PRIMARY KEY, a timestamp[], b timestamp(3)[], c timetz[], d point[], e posint[], f timestamptz(6)[])", """
        model t {
        id Int @id
        a DateTime[] @db.Timestamp
        b DateTime[]
        c DateTime[] @db.Timetz
        d Unsupported("_point")[]
        e Unsupported("_posint")[]
        f DateTime[] @db.Timestamptz(6)
        }"""),
    "defaults": (
        """CREATE SEQUENCE s; CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval('s'::text), a bit(3) DEFAULT b'101', b money DEFAULT 5, c bigint DEFAULT (3)::bigint,
           d float8 DEFAULT (1.5)::real, e text DEFAULT NULL::varchar, f varbit DEFAULT b'', g "char")""", """
        model t {
        id Int @id @default(autoincrement())
        a String? @default("101") @db.Bit(3)
        b Decimal? @default(5) @db.Money
        c BigInt? @default(dbgenerated("(3)::bigint"))
        d Float? @default(1.5)
        e String?
        f String? @default("") @db.VarBit
        g String? @db.Char
        }"""),
    "a table without columns": (
        "CREATE TABLE t (); CREATE TABLE u (id int PRIMARY KEY)", """
        model u {
        id Int @id
        }"""),
    "pairs with one more index, and with NULL": (
        'CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY); CREATE TABLE "_aTob" ("A" int REFERENCES a, "B" int REFERENCES b);'
        'CREATE UNIQUE INDEX ON "_aTob" ("A", "B"); CREATE INDEX ON "_aTob" ("B"); CREATE INDEX ON "_aTob" ("A")', """
        model a {
        id Int @id
        b b[]
        }
        model b {
        id Int @id
        a a[]
        }"""),
    "a default of the single-byte type": (
        """CREATE TABLE t (id int PRIMARY KEY, c "char" DEFAULT 'x')""", """
        model t {
        id Int @id
        c String? @default("x") @db.Char
        }"""),
}


@pytest.mark.parametrize("case", CASES)
def test_a_new_schema(empty, case):
    statements, expected = CASES[case]
    assert pull(empty, statements) == [line.strip() for line in expected.strip().splitlines()]


def test_a_name_in_two_schemas(empty):
    empty.sql.execute("DROP SCHEMA IF EXISTS one CASCADE; DROP SCHEMA IF EXISTS two CASCADE; CREATE SCHEMA one; CREATE SCHEMA two")
    try:
        lines = pull(empty, "CREATE TABLE one.t (id int PRIMARY KEY); CREATE TABLE two.t (id int PRIMARY KEY, a int REFERENCES one.t)", schemas=["one", "two"])
    finally:
        empty.sql.execute("DROP SCHEMA one CASCADE; DROP SCHEMA two CASCADE")
    assert "t two_t[]" in lines and "model one_t {" in lines
    assert "t one_t? @relation(fields: [a], references: [id], onDelete: NoAction, onUpdate: NoAction)" in lines


PRESENT = 'datasource db {\n  provider = "postgresql"\n}\n\n'


def test_new_relations_of_renamed_models_are_called_as_the_tables(empty):
    present = PRESENT + 'model User {\n  id Int @id\n\n  @@map("users")\n}\n\nmodel BlogPost {\n  id Int @id\n\n  @@map("posts")\n}\n'
    lines = pull(empty, "CREATE TABLE users (id int PRIMARY KEY); CREATE TABLE posts (id int PRIMARY KEY, u int REFERENCES users)", present)
    assert "posts BlogPost[]" in lines
    assert "users User? @relation(fields: [u], references: [id], onDelete: NoAction, onUpdate: NoAction)" in lines


def test_a_relation_keeps_its_name_where_it_has_one(empty):
    present = PRESENT + """model Cat {
  id    Int    @id
  posts Post[]
}

model Post {
  id     Int   @id
  a      Int?
  b      Int?
  cats   Cat[]
  first  Post? @relation("one", fields: [a], references: [id], onDelete: NoAction, onUpdate: NoAction)
  firsts Post[] @relation("one")
}
"""
    lines = pull(empty, 'CREATE TABLE "Cat" (id int PRIMARY KEY); CREATE TABLE "Post" (id int PRIMARY KEY, a int REFERENCES "Post", b int REFERENCES "Post");'
        + PAIRS.format("_CatToPost", "Cat", "Post"), present)
    # Why with a name: the fields are not called as their models, and so is the table named by the text.
    assert 'posts Post[] @relation("CatToPost")' in lines and 'cats Cat[] @relation("CatToPost")' in lines
    assert 'firsts Post[] @relation("one")' in lines and 'other_Post_Post_bToPost Post[] @relation("Post_bToPost")' in lines


def test_what_is_left_out_is_said_in_the_text(empty):
    empty.sql.execute("CREATE TABLE p (id bigint PRIMARY KEY); CREATE TABLE q (id int PRIMARY KEY, x int CONSTRAINT wide REFERENCES p); CREATE TABLE none ()")
    with Client({"datasourceUrl": empty.url(connection_limit=1, schema="public")}) as client:
        text = client.data({"operation": "$schema.pull"})["schema"]
    assert '  // Left out: the foreign key "wide": it joins columns whose types the schema language does not join\n}' in text
    assert text.endswith('// Left out: the table "none": it has no columns\n')


def test_an_empty_schema_says_where_the_tables_are(empty):
    empty.sql.execute('DROP SCHEMA IF EXISTS "else" CASCADE; CREATE SCHEMA "else"; CREATE TABLE "else".t (id int PRIMARY KEY)')
    try:
        with Client({"datasourceUrl": empty.url(connection_limit=1, schema="public")}) as client:
            warnings = client.data({"operation": "$schema.pull"})["warnings"]
    finally:
        empty.sql.execute('DROP SCHEMA "else" CASCADE')
    assert [warning["path"] for warning in warnings] == [""]
    assert "no tables in `public`, but in `else`" in warnings[0]["text"]


UNSAID = """CREATE SCHEMA away; CREATE TABLE away.p (id int PRIMARY KEY); CREATE SEQUENCE s;
CREATE TABLE p (id bigint PRIMARY KEY, "é" int, "1" int DEFAULT 2); CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE q (id int PRIMARY KEY, x int REFERENCES p, y int REFERENCES away.p, n numeric DEFAULT nextval('s')); CREATE INDEX ON q USING gist (x);
CREATE TABLE "_pTop" ("A" bigint NOT NULL REFERENCES p, "B" bigint NOT NULL REFERENCES p, PRIMARY KEY ("A", "B")); CREATE INDEX ON "_pTop" ("B");
CREATE TABLE r (id int PRIMARY KEY, a bigint, b bigint, FOREIGN KEY (a, b) REFERENCES "_pTop")"""


def test_what_the_language_cannot_say_is_no_difference(empty):
    try:
        lines = pull(empty, UNSAID)
    finally:
        empty.sql.execute("DROP SCHEMA away CASCADE")
    # Why a model: another table points to this table of pairs.
    assert "model pTop {" in lines and "pTop pTop? @relation(fields: [a, b], references: [A, B], onDelete: NoAction, onUpdate: NoAction)" in lines


VIEW = HEAD + """
generator client {
  provider        = "prisma-client-js"
  previewFeatures = ["views"]
}

model User {
  id   Int       @id
  info UserInfo?
}

view UserInfo {
  id   Int    @unique
  mail String
  user User   @relation(fields: [id], references: [id])
}
"""


def test_a_view_keeps_its_relations(empty):
    lines = pull(empty, """CREATE TABLE "User" (id int PRIMARY KEY); CREATE VIEW "UserInfo" AS SELECT id, 'x'::text AS mail FROM "User" """, VIEW)
    assert "info UserInfo?" in lines and "user User @relation(fields: [id], references: [id])" in lines


# From, to, and what `prisma migrate diff` 6.16 writes without its comments.
DIFFS = {
    "native types without arguments": ("", "a DateTime @db.Timestamp;b DateTime[] @db.Timetz;c String @db.Char;d String @db.Bit", [
        'ALTER TABLE "M" ADD COLUMN "a" TIMESTAMP NOT NULL,', 'ADD COLUMN "b" TIMETZ[],', 'ADD COLUMN "c" CHAR NOT NULL,', 'ADD COLUMN "d" BIT NOT NULL;']),
    "the same type": ("a DateTime @db.Timestamp", "a DateTime @db.Timestamp(6)", []),
    "a type without a word": ('a Unsupported("point")', "a String?", [
        'ALTER TABLE "M" ALTER COLUMN "a" DROP NOT NULL,', 'ALTER COLUMN "a" SET DATA TYPE TEXT;']),
    "bits": ("a String @db.Bit(1)", "a String @db.Bit(3)", ['ALTER TABLE "M" DROP COLUMN "a",', 'ADD COLUMN "a" BIT(3) NOT NULL;']),
    "an enum that loses its default": ("e E @default(c)", "e F @default(a)", [
        "BEGIN;", "CREATE TYPE \"E_new\" AS ENUM ('a', 'b');", 'ALTER TABLE "M" ALTER COLUMN "e" DROP DEFAULT;',
        'ALTER TABLE "M" ALTER COLUMN "e" TYPE "E_new" USING ("e"::text::"E_new");', 'ALTER TYPE "E" RENAME TO "E_old";',
        'ALTER TYPE "E_new" RENAME TO "E";', 'DROP TYPE "E_old";', 'ALTER TABLE "M" ALTER COLUMN "e" SET DEFAULT \'a\';', "COMMIT;",
        'ALTER TABLE "M" ALTER COLUMN "e" SET DEFAULT \'a\';']),
}


def model(fields, key="Int"):
    labels = "a b" if " F" in fields else "a b c"
    body = "".join(f"  {field}\n" for field in fields.replace(" F", " E").split(";"))
    enum = "enum E {\n  " + labels.replace(" ", "\n  ") + "\n}\n" if "e E" in body else ""
    return HEAD + f"model M {{\n  id {key} @id\n{body}}}\n" + enum


def diff(database, before, after):
    with Client({"datasourceUrl": database.url(connection_limit=1, schema="public"), "schema": after}) as client:
        sql = client.data({"operation": "$schema.diff", "args": {"from": before, "to": "schema"}})["sql"]
    return [" ".join(line.split()) for line in sql.splitlines() if line and not line.startswith("--")]


@pytest.mark.parametrize("case", DIFFS)
def test_a_diff_as_prisma_writes_it(empty, case):
    before, after, expected = DIFFS[case]
    assert diff(empty, model(before), model(after)) == expected


def test_a_key_is_made_again_with_a_column_of_a_new_type(empty):
    assert diff(empty, model(""), model("", key="BigInt")) == [
        'ALTER TABLE "M" DROP CONSTRAINT "M_pkey",', 'ALTER COLUMN "id" SET DATA TYPE BIGINT,', 'ADD CONSTRAINT "M_pkey" PRIMARY KEY ("id");']


def test_a_push_leaves_keys_that_others_point_to(empty):
    empty.sql.execute('DROP SCHEMA IF EXISTS elsewhere CASCADE; CREATE SCHEMA elsewhere; CREATE TABLE "M" (id int CONSTRAINT "M_pkey" PRIMARY KEY);'
        'CREATE TABLE elsewhere.t (m int REFERENCES "M"); INSERT INTO "M" VALUES (1); INSERT INTO elsewhere.t VALUES (1)')
    with Client({"datasourceUrl": empty.url(connection_limit=1, schema="public"), "schema": model("", key="BigInt")}) as client:
        assert client.data({"operation": "$schema.push"})["executed"]
        assert client.data({"operation": "$schema.check"})["differences"] == []
    empty.sql.execute("DROP SCHEMA elsewhere CASCADE")
