"""Reports about servers that make queries from requests."""
from report import report

FILMS = """
model Film {
  id       Int      @id
  name     String?
  year     Int?
  parts    Part[]
  studioId Int?
  studio   Studio?  @relation(fields: [studioId], references: [id])
}
model Part {
  filmId  Int
  actorId Int
  film    Film  @relation(fields: [filmId], references: [id])
  actor   Actor @relation(fields: [actorId], references: [id])
  @@id([filmId, actorId])
}
model Actor {
  id    Int     @id
  name  String?
  parts Part[]
}
model Studio {
  id    Int    @id
  films Film[]
}
"""


def fill(play):
    play("Studio.create", data={"id": 1})
    play("Actor.createMany", data=[{"id": 1, "name": "x"}, {"id": 2}])
    play("Film.createMany", data=[{"id": n, "name": f"f{n}" if n != 4 else None, "year": None if n % 2 else 2000 + n, "studioId": 1 if n < 3 else None} for n in range(1, 7)])
    play("Part.createMany", data=[{"filmId": f, "actorId": a} for f, a in ((1, 1), (1, 2), (2, 1), (3, 2))])


def ids(rows):
    return [row["id"] for row in rows]


@report("PostgREST/postgrest#2846", "Counting records by whether they have related ones fails, though listing them works.", first="right", models=FILMS)
def test_a_count_takes_every_filter_that_a_list_takes(play):
    fill(play)
    for where, found in (({"parts": {"none": {}}}, [4, 5, 6]), ({"parts": {"some": {}}}, [1, 2, 3]), ({"studio": None}, [3, 4, 5, 6]),
                         ({"studio": {"isNot": None}}, [1, 2]), ({"parts": {"some": {"actor": {"name": None}}}}, [1, 3])):
        assert ids(play("Film.findMany", where=where, orderBy={"id": "asc"})) == found
        assert play("Film.count", where=where) == len(found)


@report("PostgREST/postgrest#2342", "The total depends on the order in which embedded tables are selected.", first="right", models=FILMS)
def test_what_is_selected_changes_no_total(play):
    fill(play)
    where = {"parts": {"some": {"actorId": 2}}}
    totals = {len(play("Film.findMany", where=where, **more)) for more in (
        {}, {"include": {"parts": True, "studio": True}}, {"include": {"studio": True, "parts": {"take": 1}}}, {"select": {"_count": {"select": {"parts": True}}}})}
    assert totals == {2} and play("Film.count", where=where) == 2


@report("PostgREST/postgrest#2009", "The total counts records that an embedded filter leaves out.", first="right", models=FILMS)
def test_a_filter_of_included_records_leaves_their_parents_alone(play):
    fill(play)
    found = play("Film.findMany", include={"parts": {"where": {"actorId": 2}}}, orderBy={"id": "asc"})
    assert [len(film["parts"]) for film in found] == [1, 0, 1, 0, 0, 0]


@report("PostgREST/postgrest#4109", "The place of nulls cannot be chosen together with a limit.", first="right", models=FILMS)
def test_nulls_are_placed_on_every_page(play):
    fill(play)
    order = [{"year": {"sort": "desc", "nulls": "last"}}, {"id": "asc"}]
    assert ids(play("Film.findMany", orderBy=order, take=4)) == [6, 4, 2, 1]
    assert ids(play("Film.findMany", orderBy=order, take=2, skip=3)) == [1, 3]
    assert ids(play("Film.findMany", orderBy=order, cursor={"id": 2}, take=3)) == [2, 1, 3]


@report("PostgREST/postgrest#2965", "A filter on related records finds records that have none.", first="right", models=FILMS)
def test_every_some_and_none_of_nothing(play):
    fill(play)
    for quantifier, found in (("every", [1, 2, 3, 4, 5, 6]), ("some", [1, 2, 3]), ("none", [4, 5, 6])):
        assert ids(play("Film.findMany", where={"parts": {quantifier: {}}}, orderBy={"id": "asc"})) == found


@report("PostgREST/postgrest#4582", "Groups cannot be filtered by a related record that is not selected.", first="right", models=FILMS)
def test_groups_are_filtered_by_related_records(play):
    fill(play)
    found = play("Film.groupBy", by=["studioId"], where={"parts": {"some": {"actor": {"is": {"id": 1}}}}}, _count={"_all": True}, orderBy={"studioId": "asc"})
    assert found == [{"studioId": 1, "_count": {"_all": 2}}]


@report("PostgREST/postgrest#637", "A limit for the embedded table applies before the join, so parents lose their children.", first="right", models=FILMS)
def test_a_limit_of_children_is_each_parents_own(play):
    fill(play)
    found = play("Film.findMany", orderBy={"id": "asc"}, take=3, select={"parts": {"take": 1, "orderBy": {"actorId": "desc"}, "select": {"actorId": True}}})
    assert found == [{"parts": [{"actorId": 2}]}, {"parts": [{"actorId": 1}]}, {"parts": [{"actorId": 2}]}]


@report("PostgREST/postgrest#2862", "A column that has the name of a relation breaks its filters.", first="right",
        models='model A {\n id Int @id\n b Int?\n bRelation B? @relation("b", fields: [b], references: [a])\n}\nmodel B {\n a Int @id\n b String?\n as A[] @relation("b")\n}\n')
def test_names_of_columns_and_relations_do_not_meet(play):
    play("B.create", data={"a": 1, "b": "x", "as": {"create": {"id": 1}}})
    assert play("A.findMany", where={"b": 1, "bRelation": {"is": {"b": "x"}}}, include={"bRelation": True}) == [
        {"id": 1, "b": 1, "bRelation": {"a": 1, "b": "x"}}]
