"""Reports about names that are words of SQL, and about unique indexes that hold for some rows only."""
from report import report

NAMES = """
model order {
  user   Int    @id
  group  String @unique
  select Int?   @map("from")
  offset user[]
  @@map("table")
}
model user {
  id    Int    @id @map("a\\"b")
  left  Int?   @map("x.y")
  limit String @default("") @map("percent % \\\\ $1 'q'")
  order order? @relation(fields: [left], references: [user])
  @@map("dot.ted \\"name\\"")
}
"""
TABLES = '''
CREATE TABLE "table" ("user" int PRIMARY KEY, "group" text NOT NULL UNIQUE, "from" int);
CREATE TABLE "dot.ted ""name""" ("a""b" int PRIMARY KEY, "x.y" int REFERENCES "table", "percent % \\ $1 'q'" text NOT NULL DEFAULT '')
'''


@report("piccolo-orm/piccolo#374", "Names that are words of SQL fail in some statements.", first="right", models=NAMES, sql=TABLES)
def test_names_that_are_words_of_sql_in_each_statement(play):
    made = play("order.create", data={"user": 1, "group": "g", "select": 2, "offset": {"create": [{"id": 1, "limit": "l"}]}}, include={"offset": True})
    assert made["offset"] == [{"id": 1, "left": 1, "limit": "l"}]
    assert play("order.findMany", where={"offset": {"some": {"limit": {"contains": "l"}}}}, orderBy=[{"select": "asc"}, {"offset": {"_count": "desc"}}])[0]["group"] == "g"
    assert play("order.groupBy", by=["group"], _sum={"select": True}, having={"select": {"_sum": {"gt": 1}}}) == [{"group": "g", "_sum": {"select": 2}}]
    assert play("order.upsert", where={"group": "g"}, create={"user": 9, "group": "g"}, update={"select": {"increment": 1}})["select"] == 3
    assert play("user.updateManyAndReturn", where={"order": {"group": "g"}}, data={"limit": "m"}) == [{"id": 1, "left": 1, "limit": "m"}]


@report("yiisoft/yii2#21032", "A name with a quote in it is taken for another one.", first="a violated key did not name the field of such a column", models=NAMES, sql=TABLES)
def test_quotes_dots_and_signs_in_names(play):
    play("user.createMany", data=[{"id": 1, "limit": "a"}, {"id": 2}], skipDuplicates=True)
    assert play("user.findUnique", where={"id": 2}) == {"id": 2, "left": None, "limit": ""}
    assert play("user.findMany", cursor={"id": 1}, orderBy={"limit": "desc"}, select={"limit": True}) == [{"limit": "a"}, {"limit": ""}]
    refusal = play.refused("user.create", data={"id": 1})
    assert refusal.code == "P2002" and refusal.meta["target"] == ["id"], refusal.meta
    refusal = play.refused("user.update", where={"id": 1}, data={"left": 77})
    assert refusal.code == "P2003", refusal
    # Names with what separates names, and an expression.
    table, comma = '"dot.ted ""name"""', '"a,b) (c"'
    play.sql.execute(f"""INSERT INTO "table" VALUES (5, '5'); ALTER TABLE {table} DROP CONSTRAINT "dot.ted ""name""_pkey", ADD {comma} text NOT NULL DEFAULT 'D'""")
    quoted = '"percent % \\ $1 \'q\'", "a""b"'
    for columns, target in ((quoted, ["limit", "id"]), (f'{comma}, "x.y"', ["a,b) (c", "left"]), (f'lower({comma}), coalesce("x.y", 0)', None), ('"x.y", "a""b"', ["left", "id"])):
        play.sql.execute(f"DELETE FROM {table}; DROP INDEX IF EXISTS two; CREATE UNIQUE INDEX two ON {table} ({columns})")
        play("user.create", data={"id": 1, "left": 5, "limit": "same"})
        refusal = play.refused("user.create", data={"id": 1, "left": 5, "limit": "same"})
        assert refusal.code == "P2002" and (target is None or refusal.meta["target"] == target), refusal.meta


PARTIAL = """
model Member {
  id      Int       @id @default(autoincrement())
  name    String
  team    String
  note    String?
  deleted DateTime?
  @@unique([name, team])
}
"""
PARTIAL_TABLE = """CREATE TABLE "Member" (id serial PRIMARY KEY, name text NOT NULL, team text NOT NULL, note text, deleted timestamp(3));
CREATE UNIQUE INDEX "Member_name_team_key" ON "Member" (name, team) WHERE deleted IS NULL"""


@report("go-gorm/gorm#4442", "An upsert finds no index, since the unique one holds for some rows only.", first="right", models=PARTIAL, sql=PARTIAL_TABLE)
def test_an_upsert_by_an_index_of_some_rows(play):
    request = {"where": {"name_team": {"name": "a", "team": "t"}}, "create": {"name": "a", "team": "t"}, "update": {"note": "again"}}
    assert [play("Member.upsert", **request)["note"] for _ in range(3)] == [None, "again", "again"]
    assert play("Member.createMany", data=[{"name": "a", "team": "t"}, {"name": "b", "team": "t"}], skipDuplicates=True)["count"] == 1
    assert play("Member.count") == 2


@report("prisma/prisma-engines#5860", "An upsert by a partial compound key takes another unique column for its key.", first="right", models=PARTIAL, sql=PARTIAL_TABLE + """;
CREATE UNIQUE INDEX by_name ON "Member" (name)""")
def test_an_upsert_never_updates_a_record_that_its_key_does_not_mean(play):
    play("Member.create", data={"name": "a", "team": "one", "note": "kept"})
    refusal = play.refused("Member.upsert", where={"name_team": {"name": "a", "team": "two"}}, create={"name": "a", "team": "two"}, update={"note": "lost"})
    assert refusal.code == "P2002" and play.sql.value('SELECT note FROM "Member"') == "kept"


@report("hasura/graphql-engine#5723", "A unique index is reported as a constraint that does not exist.", first="right", models=PARTIAL, sql=PARTIAL_TABLE)
def test_a_violated_index_of_some_rows_names_its_fields(play):
    play("Member.create", data={"name": "a", "team": "t"})
    refusal = play.refused("Member.create", data={"name": "a", "team": "t"})
    assert refusal.code == "P2002" and refusal.meta["target"] == ["name", "team"], refusal.meta
    play("Member.updateMany", data={"deleted": "2024-01-01T00:00:00Z"})
    assert play("Member.create", data={"name": "a", "team": "t"})["id"] > 1


@report("koala73/worldmonitor#1939", "With NULL in the key an upsert inserts again, and an index over the NULLs refuses it.", first="right", models="""
model Price {
  id    Int     @id @default(autoincrement())
  name  String
  brand String?
  value Int
  @@unique([name, brand])
}
""", sql="""CREATE TABLE "Price" (id serial PRIMARY KEY, name text NOT NULL, brand text, value int NOT NULL);
CREATE UNIQUE INDEX "Price_name_brand_key" ON "Price" (name, brand) NULLS NOT DISTINCT""")
def test_a_unique_index_that_counts_null_as_a_value(play):
    play("Price.create", data={"name": "a", "value": 1})
    refusal = play.refused("Price.create", data={"name": "a", "value": 2})
    assert refusal.code == "P2002"
    assert play("Price.createMany", data=[{"name": "a", "value": 3}, {"name": "b", "value": 4}], skipDuplicates=True) == {"count": 1}
    assert play.rows('SELECT name, value FROM "Price" ORDER BY name') == [["a", "1"], ["b", "4"]]
