"""Reports about NULL: in lists, in keys, in orders and in negations."""
import pytest
from report import report

ROWS = """
model Row {
  id    Int      @id
  name  String?
  rank  Int?
  flag  Boolean?
  tags  String[]
  nums  Int[]
  upId  Int?
  up    Row?     @relation("up", fields: [upId], references: [id])
  below Row[]    @relation("up")
}
"""


@pytest.fixture
def rows(play):
    """Three of a name, one without, one that is empty; orders with ties and NULLs."""
    play("Row.createMany", data=[
        {"id": 1, "name": "a", "rank": 1, "flag": True, "tags": ["x", "y"]}, {"id": 2, "name": "a", "rank": None, "flag": None, "upId": 1},
        {"id": 3, "name": None, "rank": 1, "flag": False, "tags": ["x"], "upId": 2}, {"id": 4, "name": "", "rank": None, "upId": 1},
        {"id": 5, "name": "b", "rank": 2, "flag": False, "tags": []},
    ])
    return play


def found(play, **arguments):
    return [row["id"] for row in play("Row.findMany", **{"orderBy": {"id": "asc"}, "select": {"id": True}, **arguments})]


@report("tortoise/tortoise-orm#834", "IN with a NULL in its list finds nothing at all.", first="right", models=ROWS)
def test_a_null_in_a_list_is_refused_or_found(rows):
    reply = rows.reply("Row.findMany", where={"name": {"in": ["a", None]}}, orderBy={"id": "asc"})
    assert reply.code == "P2009" or reply.status == "INVALID_REQUEST" or [row["id"] for row in reply.data] == [1, 2, 3], reply


@report("sequelize/sequelize#18306", "The negation of an empty IN finds nothing instead of everything.", first="right", models=ROWS)
def test_the_negation_of_an_empty_list_is_everything(rows):
    for field in ("id", "name", "rank"):
        assert found(rows, where={field: {"in": []}}) == []
        assert found(rows, where={"NOT": {field: {"in": []}}}) == [1, 2, 3, 4, 5]
        assert found(rows, where={"AND": [{"NOT": {"OR": [{field: {"in": []}}]}}]}) == [1, 2, 3, 4, 5]


@report("coleifer/peewee#1465", "NOT IN with an empty list is malformed SQL.", first="right", models=ROWS)
def test_not_in_of_nothing_is_everything_also_null(rows):
    assert found(rows, where={"name": {"notIn": []}}) == [1, 2, 3, 4, 5]
    assert found(rows, where={"NOT": {"name": {"notIn": []}}}) == []
    assert found(rows, where={"up": {"is": {"name": {"notIn": []}}}}) == [2, 3, 4]


@report("rbock/sqlpp11#47", "An empty list makes invalid SQL.", first="right", models=ROWS)
def test_empty_lists_everywhere(rows):
    assert found(rows, where={"OR": []}) == [] and found(rows, where={"AND": []}) == [1, 2, 3, 4, 5] and found(rows, where={"NOT": []}) == [1, 2, 3, 4, 5]
    assert found(rows, where={"tags": {"hasSome": []}}) == [] and found(rows, where={"tags": {"hasEvery": []}}) == [1, 3, 5]
    assert rows("Row.updateMany", where={"id": {"in": []}}, data={"rank": 9}) == {"count": 0}
    assert rows("Row.deleteMany", where={"OR": []}) == {"count": 0}
    assert rows("Row.createMany", data=[]) == {"count": 0}


@report("mabel-dev/opteryx#1338", "IS NULL does not work on array columns.", first="right", models=ROWS)
def test_a_list_column_that_is_null_is_empty(rows):
    rows.sql.execute('ALTER TABLE "Row" ALTER tags DROP NOT NULL; UPDATE "Row" SET tags = NULL WHERE id = 5')
    assert rows("Row.findUnique", where={"id": 5}, select={"tags": True}) == {"tags": []}
    assert 1 not in found(rows, where={"tags": {"equals": []}})
    assert found(rows, where={"tags": {"has": "y"}}) == [1] and 5 not in found(rows, where={"NOT": {"tags": {"has": "y"}}}, orderBy={"id": "desc"})[1:]


@report("jOOQ/jOOQ#753", "An array that holds NULL cannot be bound.", first="right", models=ROWS)
def test_a_list_with_null_is_refused_before_it_is_sent(rows):
    rows.refused("Row.update", where={"id": 1}, data={"tags": ["x", None]})
    rows.refused("Row.update", where={"id": 1}, data={"nums": {"push": None}})
    assert rows("Row.findUnique", where={"id": 1}, select={"tags": True, "nums": True}) == {"tags": ["x", "y"], "nums": []}


ORDERS = [
    [{"rank": "asc"}], [{"rank": "desc"}], [{"rank": {"sort": "asc", "nulls": "first"}}], [{"rank": {"sort": "desc", "nulls": "last"}}],
    [{"name": "asc"}, {"rank": "desc"}], [{"flag": "desc"}], [{"up": {"name": "asc"}}, {"rank": {"sort": "asc", "nulls": "first"}}],
]


@report("prisma/orm#2274", "The page after a record whose sort field is NULL is wrong.", first="right", models=ROWS)
def test_pages_over_null_and_ties_hold_each_row_once(rows):
    for order in ORDERS:
        for take in (1, 2, -1, -2):
            pages_hold_each_row_once(rows, order, take)


def pages_hold_each_row_once(rows, order, take):
    seen, cursor = [], None
    while True:
        more = {"cursor": {"id": cursor}, "skip": 1} if cursor else {}
        page = found(rows, orderBy=order, take=take, **more)
        if not page:
            break
        seen += page if take > 0 else page[::-1]
        cursor = seen[-1]
    assert sorted(seen) == [1, 2, 3, 4, 5]
    # The pages are in the order of the whole, but for ties.
    whole = found(rows, orderBy=order)
    fields = {row["id"]: [row["rank"], row["name"], row["flag"], row["up"] and row["up"]["name"]] for row in rows("Row.findMany", include={"up": True})}
    names = [next(iter(term)) for term in order]
    positions = [["rank", "name", "flag", "up"].index(name) for name in names]

    def keys(ids):
        return [[fields[id][position] for position in positions] for id in ids]
    assert keys(seen if take > 0 else seen[::-1]) == keys(whole)


@report("supabase/walrus#56", "A NULL that is compared seems to match.", first="right", models=ROWS)
def test_comparisons_with_null_match_nothing_and_their_negations_neither(rows):
    assert found(rows, where={"rank": {"gt": 0}}) == [1, 3, 5]
    assert found(rows, where={"rank": {"not": 1}}) == [5]
    assert found(rows, where={"NOT": {"rank": 1}}) == [5]
    assert found(rows, where={"OR": [{"rank": {"not": 1}}, {"rank": None}]}) == [2, 4, 5]
    assert found(rows, where={"NOT": {"rank": None}}) == [1, 3, 5]
    assert found(rows, where={"flag": {"not": True}}) == [3, 5]


@report("letsdrink/ouzo#161", "A condition with null becomes `= NULL`.", first="right", models=ROWS)
def test_null_in_any_form_of_equality(rows):
    assert found(rows, where={"name": None}) == [3] == found(rows, where={"name": {"equals": None}})
    assert found(rows, where={"name": {"not": None}}) == [1, 2, 4, 5] == found(rows, where={"name": {"not": {"equals": None}}})
    assert found(rows, where={"up": None}) == [1, 5] == found(rows, where={"up": {"is": None}})
    assert found(rows, where={"up": {"isNot": None}}) == [2, 3, 4]


@report("spotorm/spot2#117", "A compound key with NULL in it is taken for one that exists.", first="right", models="""
model Seat {
  id    Int     @id @default(autoincrement())
  hall  Int
  place Int?
  note  String?
  @@unique([hall, place])
}
""")
def test_a_compound_key_with_null_is_no_key(play):
    for _ in range(2):
        play("Seat.create", data={"hall": 1, "place": None})
    assert play("Seat.createMany", data=[{"hall": 1}, {"hall": 1, "place": 5}], skipDuplicates=True) == {"count": 2}
    play.refused("Seat.upsert", where={"hall_place": {"hall": 1, "place": None}}, create={"hall": 1}, update={"note": "x"})
    assert play("Seat.count", where={"note": "x"}) == 0 and play("Seat.count") == 4


@report("prisma/orm#21853", "An upsert with an empty update fails where the record exists.", first="right", models="""
model Account {
  name  String
  realm String
  note  String?
  @@id([name, realm])
}
""")
def test_an_upsert_that_changes_nothing_finds_or_creates(play):
    request = {"where": {"name_realm": {"name": "a", "realm": "r"}}, "create": {"name": "a", "realm": "r", "note": "first"}, "update": {}}
    for _ in range(3):
        assert play("Account.upsert", **request)["note"] == "first"
    assert play("Account.count") == 1


@report("prisma/orm#6359", "An upsert whose where holds null fails in the engine.", first="right", models=ROWS)
def test_an_upsert_by_null_is_refused_with_the_field(play):
    refusal = play.refused("Row.upsert", where={"id": None}, create={"id": 1}, update={})
    assert "id" in refusal.message and play("Row.count") == 0


@report("xtdb/core2#663", "Aggregates of nothing and groups of nothing are mixed up.", first="right", models=ROWS)
def test_aggregates_of_nothing(play):
    nothing = play("Row.aggregate", _count={"_all": True, "rank": True}, _sum={"rank": True}, _avg={"rank": True}, _min={"rank": True, "name": True}, _max={"id": True})
    assert nothing == {
        "_count": {"_all": 0, "rank": 0}, "_sum": {"rank": None}, "_avg": {"rank": None}, "_min": {"rank": None, "name": None}, "_max": {"id": None}}
    assert play("Row.groupBy", by=["name"], _count=True) == []
    assert play("Row.groupBy", by=["name"], having={"rank": {"_sum": {"equals": None}}}) == []
    assert play("Row.count", take=0) == 0


@report("cockroachdb/cockroach#38872", "Aggregates over a group of NULLs are 0 instead of NULL.", first="right", models=ROWS)
def test_a_group_of_nulls(rows):
    groups = rows("Row.groupBy", by=["rank"], _sum={"rank": True}, _count={"rank": True, "_all": True}, orderBy={"rank": {"sort": "asc", "nulls": "last"}})
    assert groups[-1] == {"rank": None, "_sum": {"rank": None}, "_count": {"rank": 0, "_all": 2}}
    # In `having`, a sum over NULLs is NULL and equals nothing.
    assert rows("Row.groupBy", by=["rank"], having={"rank": {"_sum": {"gte": 0}}}, orderBy={"rank": "asc"}) == [{"rank": 1}, {"rank": 2}]


@report("FoundationDB/fdb-record-layer#4172", "HAVING with IS NULL on an aggregate fails.", first="right", models=ROWS)
def test_having_asks_for_null(rows):
    assert rows("Row.groupBy", by=["name"], having={"rank": {"_max": {"equals": None}}}, orderBy={"name": "asc"}) == [{"name": ""}]
    assert rows("Row.groupBy", by=["name"], having={"NOT": {"rank": {"_max": {"equals": None}}}}, orderBy={"name": "asc"}) == [
        {"name": "a"}, {"name": "b"}, {"name": None}]
