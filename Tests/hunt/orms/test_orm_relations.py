"""Reports about records that refer to their own kind, about counts of related records, and about conditions on them."""
from report import report

PEOPLE = """
model Person {
  id       Int      @id
  name     String   @default("")
  age      Int?
  upId     Int?
  up       Person?  @relation("tree", fields: [upId], references: [id])
  below    Person[] @relation("tree")
  spouseId Int?     @unique
  spouse   Person?  @relation("pair", fields: [spouseId], references: [id])
  spouseOf Person?  @relation("pair")
  likes    Person[] @relation("likes")
  likedBy  Person[] @relation("likes")
  files    File[]
}
model File {
  id     Int      @id
  size   Int      @default(0)
  people Person[]
}
"""


def chain(play, length):
    play("Person.createMany", data=[{"id": n, "name": f"p{n}", "age": n % 3, "upId": n - 1 or None} for n in range(1, length + 1)])


def ids(rows):
    return [row["id"] for row in rows]


@report("typeorm/typeorm#4286", "Parents of a self relation fail, because an alias is used twice.", first="right", models=PEOPLE)
def test_parents_and_children_of_one_table_in_one_read(play):
    chain(play, 5)
    row = play("Person.findUnique", where={"id": 3}, include={"up": {"include": {"up": True, "below": True}}, "below": {"include": {"below": True, "up": True}}})
    assert (row["up"]["id"], row["up"]["up"]["id"], ids(row["up"]["below"])) == (2, 1, [3])
    assert (row["below"][0]["id"], ids(row["below"][0]["below"]), row["below"][0]["up"]["id"]) == (4, [5], 3)


@report("typeorm/typeorm#8205", "A condition on the parent's parent asks the parent.", first="right", models=PEOPLE)
def test_conditions_climb_as_far_as_they_say(play):
    chain(play, 6)
    assert ids(play("Person.findMany", where={"up": {"up": {"name": "p2"}}})) == [4]
    assert ids(play("Person.findMany", where={"up": {"is": {"up": {"is": {"up": None}}}}})) == [3]
    assert ids(play("Person.findMany", where={"below": {"some": {"below": {"some": {"name": "p6"}}}}})) == [4]
    assert ids(play("Person.findMany", where={"up": {"isNot": {"name": "p2"}}}, orderBy={"id": "asc"})) == [1, 2, 4, 5, 6]
    assert play("Person.updateMany", where={"up": {"up": {"up": {"id": 1}}}}, data={"name": "fourth"}) == {"count": 1}
    assert play.sql.value("SELECT id FROM \"Person\" WHERE name = 'fourth'") == "4"


@report("mikro-orm/mikro-orm#3353", "A self relation is not loaded beyond the second level.", first="right", models=PEOPLE)
def test_ten_levels_of_children(play):
    chain(play, 11)
    include = True
    for _ in range(10):
        include = {"include": {"below": include}}
    row = play("Person.findUnique", where={"id": 1}, **include)
    for n in range(1, 11):
        assert row["id"] == n
        row = row["below"][0]
    assert row["id"] == 11


@report("dotnet/efcore#10698", "A many-to-many relation with itself stores the same key on both sides.", first="right", models=PEOPLE)
def test_many_to_many_with_itself_has_two_directions(play):
    play("Person.createMany", data=[{"id": n} for n in range(1, 5)])
    play("Person.update", where={"id": 1}, data={"likes": {"connect": [{"id": 2}, {"id": 3}, {"id": 1}]}, "likedBy": {"connect": [{"id": 4}]}})
    row = play("Person.findUnique", where={"id": 1}, include={"likes": {"orderBy": {"id": "asc"}}, "likedBy": {"orderBy": {"id": "asc"}}, "_count": {"select": {"likes": True, "likedBy": True}}})
    assert (ids(row["likes"]), ids(row["likedBy"]), row["_count"]) == ([1, 2, 3], [1, 4], {"likes": 3, "likedBy": 2})
    assert ids(play("Person.findMany", where={"likedBy": {"some": {"id": 1}}}, orderBy={"id": "asc"})) == [1, 2, 3]
    assert ids(play("Person.findMany", where={"likes": {"none": {}}}, orderBy={"id": "asc"})) == [2, 3]
    play("Person.update", where={"id": 2}, data={"likedBy": {"disconnect": [{"id": 1}], "set": [{"id": 3}]}})
    assert ids(play("Person.findUnique", where={"id": 2}, include={"likedBy": True})["likedBy"]) == [3]
    assert ids(play("Person.findUnique", where={"id": 1}, include={"likes": {"orderBy": {"id": "asc"}}})["likes"]) == [1, 3]


@report("prisma/orm#291", "A parent and its children that are made in one request change places.", first="right", models=PEOPLE)
def test_a_tree_that_is_made_in_one_request(play):
    play("Person.create", data={"id": 1, "below": {"create": [{"id": 2, "below": {"create": {"id": 3}}}, {"id": 4}]}, "up": {"create": {"id": 5}}})
    assert play.rows('SELECT id, coalesce("upId", 0) FROM "Person" ORDER BY id') == [["1", "5"], ["2", "1"], ["3", "2"], ["4", "1"], ["5", "0"]]


@report("agentlang-ai/agentlang#605", "A one-to-one relation with itself can be given to a second partner.", first="right", models=PEOPLE)
def test_a_pair_is_a_pair(play):
    play("Person.createMany", data=[{"id": n} for n in range(1, 5)])
    play("Person.update", where={"id": 1}, data={"spouse": {"connect": {"id": 2}}})
    play("Person.update", where={"id": 3}, data={"spouse": {"connect": {"id": 2}}})
    assert play.rows('SELECT id, "spouseId" FROM "Person" WHERE "spouseId" IS NOT NULL') == [["3", "2"]]
    play("Person.update", where={"id": 2}, data={"spouseOf": {"connect": {"id": 4}}})
    assert play.rows('SELECT id, "spouseId" FROM "Person" WHERE "spouseId" IS NOT NULL') == [["4", "2"]]
    play("Person.update", where={"id": 4}, data={"spouse": {"connect": {"id": 4}}})
    row = play("Person.findUnique", where={"id": 4}, include={"spouse": True, "spouseOf": True})
    assert row["spouse"]["id"] == 4 == row["spouseOf"]["id"]


@report("requery/requery#137", "Saving a record that is its own parent never ends.", first="right", models=PEOPLE)
def test_records_in_a_circle_are_read_as_deep_as_asked(play):
    chain(play, 3)
    play("Person.update", where={"id": 1}, data={"up": {"connect": {"id": 3}}})
    row = play("Person.findUnique", where={"id": 1}, include={"up": {"include": {"up": {"include": {"up": {"include": {"up": True}}}}}}})
    assert row["up"]["up"]["up"]["up"]["id"] == 3
    assert play("Person.count", where={"up": {"up": {"up": {"id": 2}}}}) == 1
    assert play("Person.updateMany", where={"below": {"every": {"id": {"gt": 0}}}}, data={"age": 9}) == {"count": 3}


@report("prisma/orm#23795", "An update whose condition says `every` changes records without any related one.", first="right", models=PEOPLE)
def test_every_is_true_of_none_and_some_makes_it_strict(play):
    play("Person.createMany", data=[{"id": n} for n in range(1, 5)])
    play("File.create", data={"id": 1, "people": {"connect": [{"id": 1}, {"id": 2}]}})
    play("File.create", data={"id": 2, "people": {"connect": [{"id": 2}, {"id": 3}]}})
    assert play("Person.updateMany", where={"files": {"every": {"id": 1}}}, data={"name": "every"}) == {"count": 2}
    assert play("Person.updateMany", where={"files": {"every": {"id": 1}, "some": {}}}, data={"name": "strict"}) == {"count": 1}
    assert play("Person.deleteMany", where={"files": {"none": {}}}) == {"count": 1}
    assert play("Person.updateMany", where={"NOT": {"files": {"every": {"id": 1}}}}, data={"name": "not"}) == {"count": 2}


@report("strapi/strapi#18992", "An update of many by a related record fails for want of a FROM.", first="right", models=PEOPLE)
def test_changes_of_many_by_related_records(play):
    chain(play, 4)
    play("File.create", data={"id": 1, "size": 5, "people": {"connect": [{"id": 2}]}})
    assert play("Person.updateMany", where={"files": {"some": {"size": {"gt": 1}}}}, data={"age": {"increment": 10}}) == {"count": 1}
    assert play("Person.updateManyAndReturn", where={"up": {"files": {"some": {}}}}, data={"name": "x"}, select={"id": True}) == [{"id": 3}]
    assert play("File.updateMany", where={"people": {"some": {"up": {"is": {"id": 1}}}}}, data={"size": 0}) == {"count": 1}
    assert play("Person.deleteMany", where={"up": {"up": {"up": {"id": 1}}}}) == {"count": 1}


@report("stacksjs/bun-query-builder#1112", "A condition that turns out empty changes the whole table.", first="right", models=PEOPLE)
def test_a_condition_that_is_no_condition_is_refused(play):
    chain(play, 3)
    for where in ({"id": {}}, {"OR": []}):
        assert play("Person.count", where=where) in (0, 3)
    for where in ({"nme": "x"}, {"id": {"equal": 1}}, {"raw": "id = 1"}, [], "id = 1", 7):
        play.refused("Person.updateMany", where=where, data={"name": "lost"})
        play.refused("Person.deleteMany", where=where)
    for where in ({}, {"id": {}}, {"id": None}, {"AND": []}, {"OR": []}, {"name": "p1"}):
        play.refused("Person.update", where=where, data={"name": "lost"})
        play.refused("Person.delete", where=where)
    assert play("Person.count", where={"name": "lost"}) == 0 and play("Person.count") == 3


@report("prisma/prisma-engines#2150", "Pages ordered by a count leave out records whose count is 0.", first="right", models=PEOPLE)
def test_pages_by_a_count_hold_those_without_any(play):
    play("Person.createMany", data=[{"id": n} for n in range(1, 6)])
    play("Person.update", where={"id": 2}, data={"likes": {"connect": [{"id": 1}, {"id": 3}]}})
    play("Person.update", where={"id": 4}, data={"likes": {"connect": [{"id": 1}]}})
    for direction, first in (("asc", {1, 3, 5}), ("desc", {2})):
        seen, cursor = [], None
        while page := ids(play("Person.findMany", orderBy=[{"likes": {"_count": direction}}, {"id": "asc"}], take=2, **({"cursor": {"id": cursor}, "skip": 1} if cursor else {}))):
            seen += page
            cursor = page[-1]
        assert sorted(seen) == [1, 2, 3, 4, 5] and set(seen[:len(first)]) == first, (direction, seen)


@report("prisma/orm#8413", "A count of related records takes no condition.", first="right", models=PEOPLE)
def test_counts_with_conditions_of_their_own(play):
    chain(play, 5)
    play("Person.update", where={"id": 1}, data={"likes": {"connect": [{"id": n} for n in range(1, 6)]}, "files": {"create": [{"id": 1, "size": 1}, {"id": 2, "size": 9}]}})
    row = play("Person.findUnique", where={"id": 1}, select={"_count": {"select": {"likes": {"where": {"age": {"gte": 1}, "up": {"isNot": None}}}, "files": {"where": {"size": 9}}, "below": True}}})
    assert row == {"_count": {"likes": 3, "files": 1, "below": 1}}
    # The order counts all, whatever the count beside it asks for.
    rows = play("Person.findMany", orderBy=[{"likes": {"_count": "desc"}}, {"id": "desc"}], take=2, select={"id": True, "_count": {"select": {"likes": {"where": {"id": 0}}}}})
    assert rows == [{"id": 1, "_count": {"likes": 0}}, {"id": 5, "_count": {"likes": 0}}]


@report("fuel/orm#389", "Links that stay are lost when others are set.", first="right", models=PEOPLE)
def test_setting_links_keeps_those_that_stay(play):
    play("Person.createMany", data=[{"id": n} for n in range(1, 6)])
    play("Person.update", where={"id": 1}, data={"likes": {"connect": [{"id": 2}, {"id": 3}]}})
    play("Person.update", where={"id": 5}, data={"likes": {"connect": [{"id": 2}]}})
    for wanted in ([2, 4], [2, 2, 4], [], [5]):
        play("Person.update", where={"id": 1}, data={"likes": {"set": [{"id": n} for n in wanted]}})
        assert ids(play("Person.findUnique", where={"id": 1}, include={"likes": {"orderBy": {"id": "asc"}}})["likes"]) == sorted(set(wanted))
    assert ids(play("Person.findUnique", where={"id": 5}, include={"likes": True})["likes"]) == [2]


@report("prisma/orm#9974", "DISTINCT holds within a page, and not from page to page.", first="right", models=PEOPLE)
def test_distinct_rows_are_skipped_and_taken_as_such(play):
    chain(play, 9)
    def taken(**more):
        return ids(play("Person.findMany", distinct=["age"], orderBy={"id": "asc"}, **more))
    assert taken() == [1, 2, 3] and taken(skip=1) == [2, 3] and taken(take=2) == [1, 2] and taken(skip=2, take=5) == [3] and taken(skip=3) == []
    assert taken(take=-1) in ([3], [9])
    assert taken(where={"id": {"gt": 4}}) == [5, 6, 7]
    assert ids(play("Person.findMany", distinct=["age"], orderBy=[{"age": "desc"}, {"id": "desc"}])) == [8, 7, 9]


@report("samyama-ai/samyama-graph#524", "A limit is applied before the duplicates are gone.", first="right", models=PEOPLE)
def test_the_same_of_related_records(play):
    chain(play, 1)
    play("Person.update", where={"id": 1}, data={"below": {"createMany": {"data": [{"id": n, "age": n % 2, "name": "x"} for n in range(10, 16)]}}})
    row = play("Person.findUnique", where={"id": 1}, include={"below": {"distinct": ["age"], "orderBy": {"id": "asc"}, "take": 2}})
    assert ids(row["below"]) == [10, 11]
    row = play("Person.findUnique", where={"id": 1}, include={"below": {"distinct": ["name"], "orderBy": {"id": "desc"}, "skip": 1}})
    assert row["below"] == []


@report("prisma/orm#30067", "An aggregate ignores the page that it is asked for.", first="right", models=PEOPLE)
def test_an_aggregate_of_a_page_is_that_of_its_rows(play):
    chain(play, 9)
    assert play("Person.aggregate", orderBy={"id": "desc"}, take=3, _sum={"id": True}, _count=True) == {"_sum": {"id": 24}, "_count": 3}
    assert play("Person.aggregate", orderBy={"id": "asc"}, skip=7, _min={"id": True}, _avg={"id": True}) == {"_min": {"id": 8}, "_avg": {"id": 8.5}}
    assert play("Person.aggregate", orderBy={"id": "asc"}, cursor={"id": 3}, take=2, _max={"id": True}) == {"_max": {"id": 4}}
    assert play("Person.count", orderBy={"id": "asc"}, cursor={"id": 8}) == 2 and play("Person.count", take=4) == 4 and play("Person.count", skip=20) == 0
