"""Names that wander: what a push renames, where another thing has the new name still."""
import pytest
from schema_tools import HEAD, ask, run_script


@pytest.fixture
def bare(server, admin):
    """A database with nothing in it."""
    admin.execute("DROP DATABASE IF EXISTS named WITH (FORCE); CREATE DATABASE named TEMPLATE template0 STRATEGY file_copy")
    yield server.url("named")
    admin.execute("DROP DATABASE IF EXISTS named WITH (FORCE)")


def model(name="T", key="T_pkey", indexes=(), others="", on="id"):
    """A model with its key over one column, and an index over each other column in turn."""
    lines = "".join(f'  @@index([{column}], map: "{index}")\n' for column, index in zip("abc", indexes))
    fields = "".join(f'  {column} Int @id(map: "{key}")\n' if column == on else f"  {column} Int?\n" for column in ("id", "a", "b", "c"))
    return f"model {name} {{\n{fields}{others}{lines}}}\n\n"


def keys(first, second):
    """Two tables with two keys between them."""
    return model(others="  ofA S[] @relation(\"a\")\n  ofB S[] @relation(\"b\")\n") + model("S", "S_pkey", others=(
        f'  toA T? @relation("a", fields: [a], references: [id], map: "{first}")\n'
        f'  toB T? @relation("b", fields: [b], references: [id], map: "{second}")\n'))


LONG = "n" * 60
CASES = {
    # before, after: how often something is renamed
    "two indexes exchange": (model(indexes="xy"), model(indexes="yx"), 3),
    "two long names are exchanged": (model(indexes=[LONG + "xxx", LONG + "yyy"]), model(indexes=[LONG + "yyy", LONG + "xxx"]), 3),
    "the third name is taken": (model(indexes=["x", "y", "x_tmp"]), model(indexes=["y", "x", "y_tmp"]), 4),
    "a ring of three": (model(indexes="xyz"), model(indexes="yzx"), 4),
    "a row of three": (model(indexes="xyz"), model(indexes=["y", "z", "new"]), 3),
    "indexes of two tables": (model(indexes="x") + model("S", "S_pkey", "y"), model(indexes="y") + model("S", "S_pkey", "x"), 3),
    "a key takes an index's name": (model(key="k", indexes="x"), model(key="x", indexes="y"), 2),
    "a key and an index exchange": (model(key="k", indexes="x"), model(key="x", indexes="k"), 3),
    "two keys exchange": (model(key="k") + model("S", "l"), model(key="l") + model("S", "k"), 3),
    "a key takes the name of a dropped table's": (model(key="k") + model("S", "l"), model(key="l"), 1),
    "a key takes the name of a dropped table": (model(key="k") + model("S", "l"), model(key="S"), 1),
    "a key takes the name of one made anew": (model(key="k") + model("Z", "l"), model(key="l") + model("Z", "m", on="c"), 1),
    "a new table takes an index's name": (model(indexes="S"), model(indexes="x") + model("S", "S_pkey"), 1),
    "a new key takes an index's name": (model(indexes="l"), model(indexes="x") + model("S", "l"), 1),
    "a key made anew takes an index's name": (model(indexes="x"), model(key="x", indexes="y", on="c"), 1),
    "a key made anew takes the name of a dropped table's": (model(key="k") + model("Z", "l"), model(key="l", on="c"), 1),
    "two keys made anew exchange": (model(key="k") + model("Z", "l"), model(key="l", on="c") + model("Z", "k", on="c"), 1),
    "a new index takes the name of one in a ring": (model(indexes="xy"), model(indexes="yzx"), 2),
    "two foreign keys exchange": (keys("f", "g"), keys("g", "f"), 3),
}


@pytest.mark.parametrize("case", CASES)
def test_a_name_is_free_before_it_is_given(bare, case):
    before, after, renames = CASES[case]
    assert ask(bare, HEAD + before, "$schema.push")["executed"]
    pushed = ask(bare, HEAD + after, "$schema.push", acceptDataLoss=True)
    assert pushed["executed"] and pushed["sql"].count(" RENAME ") == renames, pushed["sql"]
    assert ask(bare, HEAD + after, "$schema.diff")["sql"] == ""
    assert ask(bare, HEAD + after, "$schema.check")["differences"] == []


def test_constraints_of_one_table_exchange_their_names(bare):
    """A unique constraint, whose index is a relation as well, a foreign key and the primary key: in a ring."""
    run_script(bare, 'CREATE TABLE "T" (id int, a int, b int, CONSTRAINT p PRIMARY KEY (id), CONSTRAINT u UNIQUE (a), CONSTRAINT v UNIQUE (b));\n'
        'ALTER TABLE "T" ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES "T" (id)')

    def schema(primary, first, second, foreign):
        return HEAD + (f'model T {{\n  id Int @id(map: "{primary}")\n  a Int? @unique(map: "{first}")\n  b Int? @unique(map: "{second}")\n'
            f'  up T? @relation("up", fields: [b], references: [id], map: "{foreign}", onDelete: NoAction, onUpdate: NoAction)\n  down T? @relation("up")\n}}\n')

    assert ask(bare, schema(*"puvf"), "$schema.diff")["sql"] == ""
    for names in ("pvuf", "vpuf", "fvup", "puvf"):
        pushed = ask(bare, schema(*names), "$schema.push")
        assert pushed["executed"] and "DROP" not in pushed["sql"] and "CREATE" not in pushed["sql"], pushed
        assert ask(bare, schema(*names), "$schema.diff")["sql"] == ""


def test_names_that_stand_in_nobodys_way_are_given_in_the_usual_order(bare):
    sql = ask(bare, HEAD + model(indexes="xy"), "$schema.diff", **{"from": HEAD + model(indexes="vw"), "to": "schema"})["sql"]
    assert sql == '''-- RenameIndex
ALTER INDEX "v" RENAME TO "x";

-- RenameIndex
ALTER INDEX "w" RENAME TO "y";
'''
