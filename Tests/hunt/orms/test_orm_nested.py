"""Reports about nested writes of object mappers."""
import pytest
from report import Refusal, report

PEOPLE = """
model Person {
  id        Int       @id
  name      String    @default("")
  touched   DateTime  @default(now()) @updatedAt
  followers Person[]  @relation("follows")
  following Person[]  @relation("follows")
  bossId    Int?
  boss      Person?   @relation("boss", fields: [bossId], references: [id])
  team      Person[]  @relation("boss")
  badge     Badge?
  pets      Pet[]
}
model Badge {
  id      Int     @id
  text    String  @default("")
  ownerId Int?    @unique
  owner   Person? @relation(fields: [ownerId], references: [id])
}
model Pet {
  id      Int      @id
  slot    Int      @default(0)
  touched DateTime @default(now()) @updatedAt
  ownerId Int?
  owner   Person?  @relation(fields: [ownerId], references: [id])
  chip    Chip?
  @@unique([ownerId, slot])
}
model Chip {
  id    Int    @id
  petId Int    @unique
  code  String @default("")
  pet   Pet    @relation(fields: [petId], references: [id])
}
"""


def people(play, count=4):
    play("Person.createMany", data=[{"id": number} for number in range(1, count + 1)])


def ids(rows):
    return [row["id"] for row in rows]


def follows(play, number):
    found = play("Person.findUnique", where={"id": number}, select={
        "followers": {"select": {"id": True}, "orderBy": {"id": "asc"}}, "following": {"select": {"id": True}, "orderBy": {"id": "asc"}},
        "_count": {"select": {"followers": True, "following": True}}})
    assert found["_count"] == {"followers": len(found["followers"]), "following": len(found["following"])}
    return ids(found["followers"]), ids(found["following"])


@report("prisma/prisma1#2810", "Disconnecting one pair of a many-to-many self relation removes all pairs of the other side.", first="right", models=PEOPLE)
def test_one_pair_of_a_self_relation_goes_alone(play):
    people(play)
    play("Person.update", where={"id": 1}, data={"following": {"connect": [{"id": 2}, {"id": 3}]}})
    play("Person.update", where={"id": 2}, data={"followers": {"disconnect": [{"id": 1}]}})
    assert follows(play, 1) == ([], [3]) and follows(play, 2) == ([], []) and follows(play, 3) == ([1], [])


@report("prisma/prisma1#2213", "Connecting two records from both sides lists one of them twice.", first="right", models=PEOPLE)
def test_pairs_of_both_directions_are_two_pairs(play):
    people(play)
    for _ in range(2):
        play("Person.update", where={"id": 1}, data={"following": {"connect": [{"id": 2}, {"id": 2}]}, "followers": {"connect": {"id": 2}}})
    assert follows(play, 1) == ([2], [2]) and follows(play, 2) == ([1], [1])
    play("Person.update", where={"id": 1}, data={"following": {"set": []}})
    assert follows(play, 1) == ([2], []) and follows(play, 2) == ([], [1])


@report("prisma/orm#7807", "Counting a many-to-many relation of a model with itself crashes the engine.", first="right", models=PEOPLE)
def test_a_record_that_follows_itself_counts_on_both_sides(play):
    people(play)
    play("Person.update", where={"id": 1}, data={"following": {"connect": [{"id": 1}, {"id": 2}]}})
    assert follows(play, 1) == ([1], [1, 2])
    assert ids(play("Person.findMany", where={"followers": {"some": {"id": 1}}}, orderBy=[{"followers": {"_count": "desc"}}, {"id": "asc"}])) == [1, 2]


@report("zenstackhq/zenstack#1530", "A record that is its own parent cannot be disconnected from itself.", first="right", models=PEOPLE)
def test_a_record_leaves_itself(play):
    people(play)
    play("Person.update", where={"id": 1}, data={"boss": {"connect": {"id": 1}}})
    found = play("Person.update", where={"id": 1}, data={"boss": {"disconnect": True}}, select={"bossId": True, "team": {"select": {"id": True}}})
    assert found == {"bossId": None, "team": []}
    play("Person.update", where={"id": 1}, data={"team": {"connect": {"id": 1}}})
    found = play("Person.update", where={"id": 1}, data={"team": {"disconnect": {"id": 1}}}, select={"bossId": True})
    assert found == {"bossId": None}


@report("nstfkc/gemi#360", "A nested create in a one-to-one relation collides with the record that is connected already.", first="right", models=PEOPLE)
def test_a_nested_create_releases_the_holder(play):
    people(play)
    play("Badge.create", data={"id": 1, "text": "old", "ownerId": 1})
    play("Person.update", where={"id": 1}, data={"badge": {"create": {"id": 2, "text": "new"}}})
    assert play("Badge.findMany", orderBy={"id": "asc"}) == [{"id": 1, "text": "old", "ownerId": None}, {"id": 2, "text": "new", "ownerId": 1}]


@report("nstfkc/gemi#361", "A nested connect in a one-to-one relation collides with the record that is connected already.", first="right", models=PEOPLE)
def test_a_nested_connect_moves_both_ends(play):
    people(play)
    play("Badge.createMany", data=[{"id": 1, "ownerId": 1}, {"id": 2, "ownerId": 2}])
    play("Person.update", where={"id": 1}, data={"badge": {"connect": {"id": 2}}})
    assert [badge["ownerId"] for badge in play("Badge.findMany", orderBy={"id": "asc"})] == [None, 1]
    play("Badge.update", where={"id": 1}, data={"owner": {"connect": {"id": 1}}})
    assert [badge["ownerId"] for badge in play("Badge.findMany", orderBy={"id": "asc"})] == [1, None]


@report("nstfkc/gemi#107", "A nested upsert reaches a record that belongs to another parent.", first="right", models=PEOPLE)
def test_a_nested_upsert_stays_with_its_parent(play):
    people(play)
    play("Pet.createMany", data=[{"id": 1, "ownerId": 1}, {"id": 2, "ownerId": 2}])
    upsert = {"where": {"id": 2}, "create": {"id": 2, "slot": 7}, "update": {"slot": 9}}
    play.refused("Person.update", "P2002", where={"id": 1}, data={"pets": {"upsert": upsert}})
    assert [pet["slot"] for pet in play("Pet.findMany", orderBy={"id": "asc"})] == [0, 0]
    play.refused("Person.update", "P2025", where={"id": 1}, data={"pets": {"update": {"where": {"id": 2}, "data": {"slot": 9}}}})
    play("Person.update", where={"id": 1}, data={"pets": {"updateMany": {"where": {}, "data": {"slot": 5}}}})
    assert [pet["slot"] for pet in play("Pet.findMany", orderBy={"id": "asc"})] == [5, 0]


@report("nstfkc/gemi#392", "A nested upsert whose create is null writes a record of nothing but defaults.", first="right", models=PEOPLE)
@pytest.mark.parametrize("part", ["create", "update"])
def test_a_part_of_a_nested_upsert_that_is_null_is_refused(play, part):
    people(play)
    upsert = {"create": {"id": 1}, "update": {"text": "x"}, part: None}
    assert play.refused("Person.update", where={"id": 1}, data={"badge": {"upsert": upsert}}).status == "INVALID_REQUEST"
    assert play("Badge.count") == 0


@report("prisma/orm#16606", "The order of nested deletions and creations is not defined.", first="right", models=PEOPLE)
@pytest.mark.parametrize("order,left", [(["deleteMany", "create"], [2]), (["create", "deleteMany"], [])])
def test_nested_deletions_and_creations_happen_as_they_are_written(play, order, left):
    people(play)
    play("Pet.create", data={"id": 1, "ownerId": 1})
    parts = {"deleteMany": {}, "create": [{"id": 2, "slot": 1}]}
    for _ in range(2):
        play("Person.update", where={"id": 1}, data={"pets": {part: parts[part] for part in order}})
        assert ids(play("Pet.findMany")) == left


@report("mikro-orm/mikro-orm#4019", "A child is replaced by one with the same unique value, and the new one is inserted first.", first="right", models=PEOPLE)
def test_a_child_is_replaced_within_one_write(play):
    people(play)
    play("Pet.create", data={"id": 1, "slot": 3, "ownerId": 1})
    play("Person.update", where={"id": 1}, data={"pets": {"deleteMany": {"slot": 3}, "create": [{"id": 2, "slot": 3}]}})
    assert ids(play("Pet.findMany")) == [2]
    play.refused("Person.update", "P2002", where={"id": 1}, data={"pets": {"create": [{"id": 4, "slot": 3}], "deleteMany": {"slot": 3}}})
    assert ids(play("Pet.findMany")) == [2]


@report("prisma/orm#4146", "`connect` does not set `@updatedAt` of the connected records.", first="it was not set", models=PEOPLE)
@pytest.mark.parametrize("change", [{"connect": {"id": 2}}, {"disconnect": {"id": 1}}, {"set": []}, {"set": [{"id": 2}]}])
def test_a_record_whose_key_a_relation_changes_is_touched(play, change):
    people(play)
    play("Pet.createMany", data=[{"id": 1, "ownerId": 1, "slot": 1}, {"id": 2, "slot": 2}])
    play.sql.execute("UPDATE \"Pet\" SET touched = '2001-01-01'")
    before = {row[0]: row[1] for row in play.rows('SELECT id, "ownerId" FROM "Pet"')}
    play("Person.update", where={"id": 1}, data={"pets": change})
    for number, owner, old in play.rows("SELECT id, \"ownerId\", touched = '2001-01-01' FROM \"Pet\""):
        assert (old == "f") == (owner != before[number])


@report("prisma/orm#8265", "A nested updateMany does not set `@updatedAt` of its records.", first="right", models=PEOPLE)
def test_a_nested_update_of_many_touches_each(play):
    people(play)
    play("Pet.createMany", data=[{"id": 1, "ownerId": 1, "slot": 1}, {"id": 2, "ownerId": 2}])
    play.sql.execute("UPDATE \"Pet\" SET touched = '2001-01-01'; UPDATE \"Person\" SET touched = '2001-01-01'")
    play("Person.update", where={"id": 1}, data={"pets": {"updateMany": {"where": {"slot": 1}, "data": {"slot": {"increment": 1}}}}})
    assert play.rows("SELECT id, touched = '2001-01-01' FROM \"Pet\" ORDER BY id") == [["1", "f"], ["2", "t"]]


@report("prisma/orm#27650", "An update two relations deep changes another record than the related one.", first="right", models=PEOPLE)
def test_an_update_two_relations_deep_finds_its_record(play):
    people(play)
    play("Pet.createMany", data=[{"id": 3, "ownerId": 2}, {"id": 2, "ownerId": 3}])
    play("Chip.createMany", data=[{"id": 2, "petId": 3}, {"id": 3, "petId": 2}])
    play("Badge.create", data={"id": 9, "ownerId": 2})
    play("Badge.update", where={"id": 9}, data={"owner": {"update": {"pets": {"update": {
        "where": {"id": 3}, "data": {"chip": {"update": {"code": "hit"}}}}}}}})
    assert play.rows('SELECT id, code FROM "Chip" ORDER BY id') == [["2", "hit"], ["3", ""]]


@report("nhost/nhost#4392", "Of several rows with a new related record each, all are linked to the first one's.", first="right", models=PEOPLE)
def test_each_nested_record_has_its_own_nested_record(play):
    play("Person.create", data={"id": 1, "pets": {"create": [
        {"id": number, "slot": number, "chip": {"create": {"id": 10 + number, "code": f"c{number}"}}} for number in (1, 2, 3)]}})
    assert play.rows('SELECT "petId", code FROM "Chip" ORDER BY id') == [["1", "c1"], ["2", "c2"], ["3", "c3"]]


@report("elixir-ecto/ecto#4725", "An upsert that turns out to be an update links related records a second time.", first="right", models=PEOPLE)
def test_an_upsert_links_a_linked_record_once(play):
    people(play)
    for _ in range(2):
        play("Person.upsert", where={"id": 1}, create={"id": 1}, update={"following": {"connect": [{"id": 2}]}})
    for _ in range(2):
        play("Person.upsert", where={"id": 9}, create={"id": 9, "following": {"connect": {"id": 2}}}, update={"following": {"connect": {"id": 2}}})
    assert follows(play, 2) == ([1, 9], [])


TENANTS = """
model Ledger {
  tenant Int
  code   Int
  name   String @default("")
  main   Entry[] @relation("main")
  note   Entry[] @relation("note")
  @@id([tenant, code])
}
model Entry {
  id       Int     @id
  tenant   Int
  mainCode Int
  noteCode Int?
  main     Ledger  @relation("main", fields: [tenant, mainCode], references: [tenant, code])
  note     Ledger? @relation("note", fields: [tenant, noteCode], references: [tenant, code])
}
"""


def ledgers(play):
    play("Ledger.createMany", data=[{"tenant": t, "code": c, "name": f"{t}{c}"} for t in (1, 2) for c in (1, 2)])


@report("nstfkc/gemi#386", "If two relations share a key column, the last one sets it, and the other leads elsewhere.",
        first="the other relation led elsewhere", models=TENANTS)
@pytest.mark.parametrize("order", [["main", "note"], ["note", "main"]])
def test_relations_that_share_a_column_agree_or_are_refused(play, order):
    ledgers(play)
    keys = {"main": {"tenant": 1, "code": 1}, "note": {"tenant": 2, "code": 2}}
    data = {name: {"connect": {"tenant_code": keys[name]}} for name in order}
    try:
        made = play("Entry.create", data={"id": 1, **data}, include={"main": True, "note": True})
    except Refusal:
        assert play("Entry.count") == 0
    else:
        assert (made["main"]["name"], made["note"]["name"]) == ("11", "22")
    keys["note"]["tenant"] = 1
    made = play("Entry.create", data={"id": 2, **{name: {"connect": {"tenant_code": keys[name]}} for name in order}}, include={"main": True, "note": True})
    assert (made["main"]["name"], made["note"]["name"]) == ("11", "12")


@report("prisma/orm#8858", "Moving an optional relation sets a required column that it shares to null.", first="right", models=TENANTS)
def test_an_optional_relation_with_a_required_column_moves_and_goes(play):
    ledgers(play)
    play("Entry.create", data={"id": 1, "tenant": 1, "mainCode": 1, "noteCode": 1})
    found = play("Entry.update", where={"id": 1}, data={"note": {"connect": {"tenant_code": {"tenant": 1, "code": 2}}}}, select={"note": {"select": {"name": True}}})
    assert found == {"note": {"name": "12"}}
    found = play("Entry.update", where={"id": 1}, data={"note": {"disconnect": True}}, select={"tenant": True, "noteCode": True, "note": True})
    assert found == {"tenant": 1, "noteCode": None, "note": None}
    play("Ledger.update", where={"tenant_code": {"tenant": 1, "code": 2}}, data={"note": {"connect": {"id": 1}}})
    play("Ledger.update", where={"tenant_code": {"tenant": 1, "code": 2}}, data={"note": {"set": []}})
    assert play.rows('SELECT tenant, "noteCode" FROM "Entry"') == [["1", ""]]


LOOSE = """
model Place {
  tenant Int
  code   Int
  from   Trip[] @relation("from")
  to     Trip[] @relation("to")
  @@id([tenant, code])
}
model Trip {
  id       Int    @id
  tenant   Int?
  fromCode Int?
  toCode   Int?
  from     Place? @relation("from", fields: [tenant, fromCode], references: [tenant, code])
  to       Place? @relation("to", fields: [tenant, toCode], references: [tenant, code])
}
"""


@report("prisma/orm#8858", "Disconnecting an optional relation clears a column that another relation needs, too.", first="disconnecting one relation disconnected the other", models=LOOSE)
@pytest.mark.parametrize("change", [
    {"model": "Trip", "where": {"id": 1}, "data": {"to": {"disconnect": True}}},
    {"model": "Place", "where": {"tenant_code": {"tenant": 1, "code": 2}}, "data": {"to": {"disconnect": [{"id": 1}]}}},
    {"model": "Place", "where": {"tenant_code": {"tenant": 1, "code": 2}}, "data": {"to": {"set": []}}}])
def test_a_relation_that_ends_leaves_its_neighbour(play, change):
    play("Place.createMany", data=[{"tenant": t, "code": c} for t in (1, 2) for c in (1, 2)])
    key = {name: {"connect": {"tenant_code": {"tenant": 1, "code": code}}} for name, code in (("from", 1), ("to", 2))}
    play("Trip.create", data={"id": 1, **key})
    play(change["model"] + ".update", where=change["where"], data=change["data"])
    assert play("Trip.findUnique", where={"id": 1}, include={"from": True, "to": True}) == {
        "id": 1, "tenant": 1, "fromCode": 1, "toCode": None, "from": {"tenant": 1, "code": 1}, "to": None}
    play("Trip.update", where={"id": 1}, data=key)
    other = {name: {"connect": {"tenant_code": {"tenant": 2, "code": code}}} for name, code in (("from", 1), ("to", 2))}
    assert play("Trip.update", where={"id": 1}, data=other, include={"to": True})["to"] == {"tenant": 2, "code": 2}
    play.refused("Trip.update", "P2014", where={"id": 1}, data={"from": key["from"], "to": other["to"]})


CHAIN = """
model A {
  id Int @id @default(autoincrement())
  b  B?
}
model B {
  id Int @id
  a  A   @relation(fields: [id], references: [id], onUpdate: Cascade)
  c  C?
}
model C {
  id Int    @id
  x  String
  b  B      @relation(fields: [id], references: [id], onUpdate: Cascade)
}
"""


@report("hasura/graphql-engine#9709", "Three tables that share one key cannot be inserted in one write.", first="right", models=CHAIN, sql=[
    'CREATE TABLE "A" (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY)',
    'CREATE TABLE "B" (id int PRIMARY KEY REFERENCES "A" ON UPDATE CASCADE)',
    'CREATE TABLE "C" (id int PRIMARY KEY REFERENCES "B" ON UPDATE CASCADE, x text NOT NULL)'])
def test_three_records_with_one_key(play):
    made = play("A.create", data={"b": {"create": {"c": {"create": {"x": "deep"}}}}}, include={"b": {"include": {"c": True}}})
    key = made["id"]
    assert made == {"id": key, "b": {"id": key, "c": {"id": key, "x": "deep"}}}
    moved = play("A.update", where={"id": key}, data={"id": 77, "b": {"update": {"c": {"update": {"x": "moved"}}}}}, include={"b": {"include": {"c": True}}})
    assert moved == {"id": 77, "b": {"id": 77, "c": {"id": 77, "x": "moved"}}}


NESTED_KEYS = """
model User {
  id    Int
  email String
  posts Post[]
  @@id([id, email])
}
model Post {
  id     Int
  userId Int
  email  String
  user   User      @relation(fields: [userId, email], references: [id, email])
  notes  Comment[]
  @@id([id, userId, email])
}
model Comment {
  id     Int
  postId Int
  userId Int
  email  String
  post   Post  @relation(fields: [postId, userId, email], references: [id, userId, email])
  tags   Tag[]
  @@id([id, postId, userId, email])
}
model Tag {
  id        Int
  commentId Int
  postId    Int
  userId    Int
  email     String
  comment   Comment @relation(fields: [commentId, postId, userId, email], references: [id, postId, userId, email])
  @@id([id, commentId, postId, userId, email])
}
"""


@report("mikro-orm/mikro-orm#6894", "Four levels whose keys hold their parents' keys cannot be written or read together.", first="right", models=NESTED_KEYS)
def test_keys_that_hold_keys_over_four_levels(play):
    for user in (1, 2):
        play("User.create", data={"id": user, "email": "e", "posts": {"create": {"id": 1, "notes": {"create": [
            {"id": number, "tags": {"create": {"id": 10 * user + number}}} for number in (1, 2)]}}}})
    found = play("User.findMany", orderBy={"id": "asc"}, select={"posts": {"select": {"notes": {"orderBy": {"id": "asc"}, "select": {"tags": {"select": {"id": True}}}}}}})
    tags = [[[tag["id"] for tag in note["tags"]] for post in user["posts"] for note in post["notes"]] for user in found]
    assert tags == [[[11], [12]], [[21], [22]]]
    assert play("Tag.findMany", where={"comment": {"post": {"user": {"id": 2}}}, "commentId": 1}, select={"id": True}) == [{"id": 21}]
