"""Reports about reads of object mappers: order, pages, distinct, groups."""
import pytest
from report import report

THINGS = """
model Thing {
  id     Int      @id
  key    String?
  rank   Int?
  count  Int      @default(0)
  tags   String[]
  shopId Int?
  shop   Shop?    @relation(fields: [shopId], references: [id])
  likes  Fan[]
}
model Shop {
  id     Int     @id
  name   String?
  things Thing[]
}
model Fan {
  id    Int     @id
  likes Thing[]
}
"""


def ids(rows):
    return [row["id"] for row in rows]


def pages(play, take, **arguments):
    """All pages behind each other, by the last record's key."""
    found, cursor = [], {}
    for _ in range(20):
        page = ids(play("Thing.findMany", take=take, **cursor, **arguments))
        if not page:
            return found
        found += page
        cursor = {"cursor": {"id": page[-1 if take > 0 else 0]}, "skip": 1}
    raise AssertionError("pages without end")


RANKS = [None, 3, None, 1, 3, 2, None]


@report("prisma/orm#29254", "The page behind a cursor is empty where the order is by a column that may be null.", first="pages repeated and lost records that tie", models=THINGS)
@pytest.mark.parametrize("order", ["asc", "desc", {"sort": "asc", "nulls": "first"}, {"sort": "desc", "nulls": "last"}])
def test_pages_in_an_order_with_nulls_hold_each_record_once(play, order):
    play("Thing.createMany", data=[{"id": number, "rank": rank} for number, rank in enumerate(RANKS)])
    for by in ([{"rank": order}, {"id": "desc"}], [{"rank": order}]):
        whole = ids(play("Thing.findMany", orderBy=[*by, {"id": "asc"}] if len(by) == 1 else by))
        assert pages(play, 2, orderBy=by) == whole
        backwards = []
        cursor = {}
        while True:
            page = ids(play("Thing.findMany", orderBy=by, take=-2, **cursor))
            if not page:
                break
            backwards = page + backwards
            cursor = {"cursor": {"id": page[0]}, "skip": 1}
        assert backwards == whole


@report("prisma/orm#8036", "Ordered by a count, records without a related one are missing behind a cursor.", first="right", models=THINGS)
def test_pages_in_the_order_of_a_count_hold_those_without(play):
    play("Thing.createMany", data=[{"id": number} for number in range(6)])
    play("Fan.create", data={"id": 1, "likes": {"connect": [{"id": 4}, {"id": 2}]}})
    play("Fan.create", data={"id": 2, "likes": {"connect": [{"id": 4}]}})
    for direction in ("asc", "desc"):
        by = [{"likes": {"_count": direction}}, {"id": "asc"}]
        whole = ids(play("Thing.findMany", orderBy=by))
        assert whole == ([4, 2, 0, 1, 3, 5] if direction == "desc" else [0, 1, 3, 5, 2, 4])
        assert pages(play, 2, orderBy=by) == whole
        assert pages(play, 1, orderBy=by) == whole


@report("prisma/orm#3505", "The page behind a cursor is empty where the order is by an optional relation.", first="right", models=THINGS)
def test_pages_in_the_order_of_an_optional_relation(play):
    play("Shop.createMany", data=[{"id": 1, "name": "b"}, {"id": 2}, {"id": 3, "name": "a"}])
    play("Thing.createMany", data=[{"id": number, "shopId": shop} for number, shop in enumerate([1, None, 2, 3, None, 1])])
    for order in ("asc", "desc", {"sort": "asc", "nulls": "first"}, {"sort": "desc", "nulls": "last"}):
        by = [{"shop": {"name": order}}, {"id": "asc"}]
        assert pages(play, 2, orderBy=by) == ids(play("Thing.findMany", orderBy=by))


LETTERS = [("a", 1), ("b", 1), ("c", 2), ("d", 2), ("e", 3), ("f", 3)]


@report("akahoshi1421/gassma#151", "Which of equal records is kept, and where a page begins, depends on when duplicates are dropped.", first="right", models=THINGS)
@pytest.mark.parametrize("arguments,found", [
    ({"skip": 1, "take": 2}, "ce"), ({"take": -2}, "df"), ({"take": -3}, "bdf"), ({"cursor": {"id": 1}}, "bce"), ({"cursor": {"id": 2}, "take": 2}, "ce"),
    ({"cursor": {"id": 3}, "take": -2}, "bd"), ({"skip": 1, "take": -2}, "bd")])
def test_duplicates_are_dropped_behind_the_cursor_and_before_the_page(play, arguments, found):
    play("Thing.createMany", data=[{"id": number, "key": key, "rank": rank} for number, (key, rank) in enumerate(LETTERS)])
    rows = play("Thing.findMany", orderBy={"id": "asc"}, distinct=["rank"], select={"key": True}, **arguments)
    assert "".join(row["key"] for row in rows) == found


@report("akahoshi1421/gassma#150", "`findFirst` reads the arguments of a page differently from `findMany`.", first="right", models=THINGS)
def test_the_first_record_is_that_of_the_list(play):
    play("Thing.createMany", data=[{"id": number, "key": key, "rank": rank} for number, (key, rank) in enumerate(LETTERS)])
    for more, found in (({}, "a"), ({"take": 1}, "a"), ({"take": -1}, "f"), ({"skip": 2}, "c"), ({"distinct": ["rank"], "skip": 1}, "c"),
                        ({"distinct": ["rank"], "take": -1}, "f"), ({"cursor": {"id": 3}}, "d"), ({"cursor": {"id": 3}, "take": -1, "skip": 1}, "c")):
        assert play("Thing.findFirst", orderBy={"id": "asc"}, select={"key": True}, **more) == {"key": found}, more
    assert play("Thing.findFirst", orderBy={"id": "asc"}, skip=6) is None


@report("prisma/orm#7052", "A group by a field whose name is that of an aggregate crashes the engine.", first="right", models=THINGS)
def test_a_field_may_be_called_count(play):
    play("Thing.createMany", data=[{"id": number, "count": number % 2} for number in range(5)])
    groups = play("Thing.groupBy", by=["count"], _count={"_all": True, "count": True}, _sum={"count": True}, orderBy={"count": "asc"})
    assert groups == [{"count": 0, "_count": {"_all": 3, "count": 3}, "_sum": {"count": 0}}, {"count": 1, "_count": {"_all": 2, "count": 2}, "_sum": {"count": 2}}]
    assert play("Thing.groupBy", by=["count"], having={"count": {"_sum": {"gt": 1}}}, orderBy={"_count": {"count": "desc"}}) == [{"count": 1}]


@report("prisma/prisma-engines#5510", "A group by a list gives one of its values instead of the list.", first="right", models=THINGS)
def test_groups_by_a_list(play):
    play("Thing.createMany", data=[{"id": 1, "tags": ["a", "b"]}, {"id": 2, "tags": ["a", "b"]}, {"id": 3, "tags": []}, {"id": 4, "tags": ["b", "a"]}])
    groups = play("Thing.groupBy", by=["tags"], _count=True, orderBy=[{"_count": {"tags": "desc"}}, {"tags": "asc"}])
    assert groups == [{"tags": ["a", "b"], "_count": 2}, {"tags": [], "_count": 1}, {"tags": ["b", "a"], "_count": 1}]


@report("prisma/orm#13267", "A count behind a cursor fails on some orders.", first="right", models=THINGS)
def test_a_count_behind_a_cursor_counts_the_list(play):
    play("Thing.createMany", data=[{"id": number, "rank": rank} for number, rank in enumerate(RANKS)])
    for by in ([{"rank": "asc"}], [{"rank": "desc"}, {"id": "asc"}]):
        for page in ({"cursor": {"id": 5}}, {"cursor": {"id": 2}, "skip": 1}, {"cursor": {"id": 3}, "take": 2}, {"cursor": {"id": 1}, "take": -3}):
            listed = play("Thing.findMany", orderBy=by, **page)
            if len(by) == 1:
                play.refused("Thing.count", "P2019", orderBy=by, **page)
                continue
            assert play("Thing.count", orderBy=by, **page) == len(listed), (by, page)
            told = play("Thing.aggregate", orderBy=by, _sum={"id": True}, _count=True, **page)
            assert told == {"_count": len(listed), "_sum": {"id": sum(ids(listed)) if listed else None}}


@report("prisma/orm#3141", "A `none` filter finds no record as soon as one related row has no parent.", first="right", models=THINGS)
def test_rows_without_a_parent_change_nothing_for_parents(play):
    play("Shop.createMany", data=[{"id": 1}, {"id": 2}, {"id": 3}])
    play("Thing.createMany", data=[{"id": 1, "key": "A", "shopId": 1}, {"id": 2, "key": "A", "shopId": 2}, {"id": 3, "key": "B", "shopId": 1}, {"id": 4, "key": "A"}, {"id": 5}])
    for name, found in (("every", [2, 3]), ("none", [3]), ("some", [1, 2])):
        where = {"things": {name: {"key": "A"}}}
        assert ids(play("Shop.findMany", where=where, orderBy={"id": "asc"})) == found
        assert ids(play("Shop.findMany", where={"NOT": where}, orderBy={"id": "asc"})) == [n for n in (1, 2, 3) if n not in found]


LOTS = """
model Lot {
  a    Int
  b    String
  c    DateTime @db.Date
  size Int      @default(0)
  @@id([a, b, c])
}
"""


@report("composite-primary-keys/composite_primary_keys#150", "Batches by a key of several columns leave out records.", first="by a part of the key records were repeated", models=LOTS)
def test_batches_by_a_key_of_several_columns(play):
    rows = [{"a": a, "b": b, "c": f"2024-0{c}-01T00:00:00.000Z"} for a in (1, 2) for b in ("x", "Y", "") for c in (1, 2)]
    play("Lot.createMany", data=rows)
    for by in ([{"a": "asc"}, {"b": "asc"}, {"c": "asc"}], [{"a": "desc"}, {"b": "asc"}, {"c": "desc"}], [{"c": "asc"}, {"a": "desc"}], [{"size": "asc"}], None):
        order = {"orderBy": by} if by else {}
        select = {"select": {"a": True, "b": True, "c": True}}
        whole = play("Lot.findMany", **order, **select)
        found, cursor = [], {}
        while True:
            page = play("Lot.findMany", take=5, **order, **select, **cursor)
            if not page:
                break
            found += page
            cursor = {"cursor": {"a_b_c": page[-1]}, "skip": 1}
        if not by or len(by) < 3:
            found.sort(key=str), whole.sort(key=str)
        assert found == whole and len(whole) == 12, by


ORDERS = """
model Order {
  id        Int        @id
  lineItems LineItem[]
  shipments Shipment[]
}
model Shipment {
  id        Int        @id
  orderId   Int
  order     Order      @relation(fields: [orderId], references: [id])
  lineItems LineItem[]
}
model LineItem {
  id         Int       @id
  orderId    Int
  shipmentId Int?
  order      Order     @relation(fields: [orderId], references: [id])
  shipment   Shipment? @relation(fields: [shipmentId], references: [id])
}
"""


@report("mikro-orm/mikro-orm#4339", "A list that has the same name on two levels is filled on one of them only.", first="right", models=ORDERS)
def test_lists_of_one_name_on_two_levels(play):
    play("Order.create", data={"id": 1, "shipments": {"create": [{"id": 1}, {"id": 2}]}})
    play("LineItem.createMany", data=[{"id": n, "orderId": 1, "shipmentId": s} for n, s in ((1, 1), (2, 2), (3, None), (4, 1))])
    listed = {"select": {"id": True}, "orderBy": {"id": "asc"}}
    found = play("Order.findUnique", where={"id": 1}, select={
        "lineItems": listed, "shipments": {"orderBy": {"id": "asc"}, "select": {"lineItems": {**listed, "take": 1}, "order": {"select": {"lineItems": {**listed, "skip": 2}}}}}})
    assert ids(found["lineItems"]) == [1, 2, 3, 4]
    assert [ids(shipment["lineItems"]) for shipment in found["shipments"]] == [[1], [2]]
    assert [ids(shipment["order"]["lineItems"]) for shipment in found["shipments"]] == [[3, 4]] * 2


@report("zenstackhq/zenstack#689", "A record is counted once for each related record that matches.", first="right", models=THINGS)
def test_a_record_is_counted_once_however_many_fit(play):
    play("Shop.createMany", data=[{"id": 1}, {"id": 2}])
    play("Thing.createMany", data=[{"id": n, "shopId": 1 + n % 2, "rank": 1, "key": "k"} for n in range(6)])
    where = {"things": {"some": {"rank": 1, "shop": {"things": {"some": {"key": "k"}}}}}}
    assert play("Shop.count", where=where) == 2
    assert play("Shop.aggregate", where=where, _sum={"id": True}) == {"_sum": {"id": 3}}
    assert play("Shop.groupBy", by=["name"], where=where, _count=True) == [{"name": None, "_count": 2}]
