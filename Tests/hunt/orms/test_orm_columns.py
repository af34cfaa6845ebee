"""Reports about columns that the database fills, enums that change, and lists of thousands."""
from report import report

MADE = """
model Item {
  id    Int     @id @default(autoincrement())
  net   Int
  gross Int?    @default(dbgenerated())
  name  String?
}
"""
MADE_TABLE = """CREATE TABLE "Item" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, net int NOT NULL, gross int GENERATED ALWAYS AS (net * 2) STORED, name text)"""


@report("typeorm/typeorm#11509", "A generated column gets a value at each insert, which the database refuses.", first="right", models=MADE, sql=MADE_TABLE)
def test_a_generated_column_is_left_to_the_database(play):
    assert play("Item.create", data={"net": 5}) == {"id": 1, "net": 5, "gross": 10, "name": None}
    assert play("Item.createManyAndReturn", data=[{"net": 1}, {"net": 2, "name": "b"}], select={"gross": True}) == [{"gross": 2}, {"gross": 4}]
    assert play("Item.update", where={"id": 1}, data={"net": {"increment": 1}})["gross"] == 12
    assert play("Item.upsert", where={"id": 1}, create={"net": 0}, update={"net": 7})["gross"] == 14


@report("circuithub/rel8#193", "A generated column that is given is told without its name.", first="right", models=MADE, sql=MADE_TABLE)
def test_a_generated_column_that_is_given_is_refused_by_the_database(play):
    for request in (("Item.create", {"data": {"net": 1, "gross": 3}}), ("Item.update", {"where": {"id": 1}, "data": {"gross": 3}})):
        refusal = play.refused(request[0], **request[1])
        assert refusal.status not in ("INTERNAL", "OUTCOME_UNKNOWN"), refusal
    assert play("Item.count") == 0


@report("nucleuscloud/neosync#2547", "An identity column that is always generated takes no number of the program's.", first="right", models=MADE, sql=MADE_TABLE)
def test_an_identity_that_is_always_generated(play):
    refusal = play.refused("Item.create", data={"id": 7, "net": 1})
    assert refusal.status not in ("INTERNAL", "OUTCOME_UNKNOWN")
    assert play("Item.create", data={"net": 1})["id"] == 1


MANY = """
model Tag {
  id   Int    @id
  name String @unique
}
"""


@report("prisma/orm#8832", "More than 32 766 values in a list end the connection.", first="right", models=MANY)
def test_lists_of_any_length(play):
    play.sql.execute('INSERT INTO "Tag" SELECT n, n FROM generate_series(1, 10) n')
    for count in (32_766, 32_767, 32_768, 65_535, 65_536, 100_000):
        assert play("Tag.count", where={"id": {"in": list(range(count))}}) == 10
        assert play("Tag.count", where={"id": {"notIn": list(range(5, count))}}) == 4
        assert play("Tag.updateMany", where={"name": {"in": [str(n) for n in range(count)]}}, data={"id": {"increment": 0}})["count"] == 10


@report("prisma/orm#21802", "Two long lists in one condition are too many values.", first="right", models=MANY)
def test_two_long_lists(play):
    play.sql.execute('INSERT INTO "Tag" SELECT n, n FROM generate_series(1, 10) n')
    numbers = list(range(1, 40_001))
    assert play("Tag.count", where={"OR": [{"id": {"in": numbers}}, {"name": {"in": [str(n) for n in numbers]}}]}) == 10
    assert play("Tag.deleteMany", where={"AND": [{"id": {"in": numbers}}, {"name": {"notIn": [str(n) for n in numbers]}}]}) == {"count": 0}


@report("prisma/orm#25508", "A long list whose values are all the same fails.", first="right", models=MANY)
def test_a_list_of_equal_values(play):
    play.sql.execute('INSERT INTO "Tag" SELECT n, n FROM generate_series(1, 10) n')
    assert [row["id"] for row in play("Tag.findMany", where={"id": {"in": [3] * 100_000}})] == [3]


STATES = """
enum State {
  ON
  OFF @map("off!")
}
model Lamp {
  id     Int     @id
  state  State   @default(ON)
  states State[]
}
"""


@report("readysettech/readyset#108", "After a label of an enum is renamed, each read of the table fails.", first="right", models=STATES)
def test_a_label_that_is_renamed_and_one_that_is_added(play):
    play("Lamp.createMany", data=[{"id": 1, "state": "ON"}, {"id": 2, "state": "OFF", "states": ["OFF", "ON"]}])
    assert play("Lamp.findUnique", where={"id": 2}) == {"id": 2, "state": "OFF", "states": ["OFF", "ON"]}
    play.sql.execute("""ALTER TYPE "State" RENAME VALUE 'off!' TO 'gone'""")
    assert play("Lamp.findMany", where={"state": "ON"}, select={"id": True}) == [{"id": 1}]
    refusal = play.refused("Lamp.findMany", where={"id": 2})
    assert refusal.code == "P2023" and "state" in refusal.message
    play.refused("Lamp.create", data={"id": 3, "state": "OFF"})
    play.sql.execute("""ALTER TYPE "State" RENAME VALUE 'gone' TO 'off!'""")
    assert play("Lamp.findUnique", where={"id": 2})["state"] == "OFF"
    assert play("Lamp.count", where={"states": {"has": "OFF"}}) == 1


LOCATIONS = """
model Location {
  id    Int    @id @default(autoincrement())
  lat   Float
  lon   Float
  items Item[]
  @@unique([lat, lon])
}
model Item {
  id         Int       @id @default(autoincrement())
  name       String
  locationId Int?
  location   Location? @relation(fields: [locationId], references: [id])
}
"""


@report("prisma/orm#9891", "A record is created again because its Float key is not found.", first="right", models=LOCATIONS)
def test_a_float_key_is_found_again(play):
    for number, lon in enumerate((-70.29810000000001, 0.1, 1e-7, 1e21, 123456789.12345679, 5e-324), 1):
        for name in ("a", "b", "c"):
            play("Item.create", data={"name": name, "location": {"connectOrCreate": {
                "where": {"lat_lon": {"lat": 41.658, "lon": lon}}, "create": {"lat": 41.658, "lon": lon}}}})
        assert play("Location.count") == number and play("Item.count", where={"location": {"lon": lon}}) == 3


@report("balderdashy/waterline#1442", "The same new record twice in one request is created twice, or fails.", first="right", models="""
model Post {
  id   Int    @id
  tags Tag[]
}
model Tag {
  id    Int    @id @default(autoincrement())
  name  String @unique
  posts Post[]
}
""")
def test_the_same_record_twice_in_one_request(play):
    step = {"where": {"name": "t"}, "create": {"name": "t"}}
    made = play("Post.create", data={"id": 1, "tags": {"connectOrCreate": [step, step, {"where": {"name": "u"}, "create": {"name": "u"}}, step]}}, include={"tags": True})
    assert sorted(tag["name"] for tag in made["tags"]) == ["t", "u"] and play("Tag.count") == 2
    made = play("Post.update", where={"id": 1}, data={"tags": {"connect": [{"name": "t"}, {"name": "t"}], "connectOrCreate": [step, step]}}, include={"tags": True})
    assert len(made["tags"]) == 2
    refusal = play.refused("Post.create", data={"id": 2, "tags": {"create": [{"name": "v"}, {"name": "v"}]}})
    assert refusal.code == "P2002" and play("Tag.count") == 2 and play("Post.count") == 1


@report("balderdashy/waterline#1051", "The parent stays although its child is refused.", first="right", models=LOCATIONS)
def test_a_parent_whose_child_is_refused_is_not_there(play):
    play("Location.create", data={"lat": 1, "lon": 1})
    refusal = play.refused("Item.create", data={"name": "x", "location": {"create": {"lat": 1, "lon": 1}}})
    assert refusal.code == "P2002"
    refusal = play.refused("Location.create", data={"lat": 2, "lon": 2, "items": {"create": [{"name": "a"}, {"id": 1, "name": "b"}, {"id": 1, "name": "c"}]}})
    assert refusal.code == "P2002" and play("Location.count") == 1 and play("Item.count") == 0
