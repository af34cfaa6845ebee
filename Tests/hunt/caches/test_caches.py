"""Reports about caches: of queries, of objects, of everything."""
import threading

from psql import Psql
from report import report
from waiting import eventually

SHOP = """
model Item {
  id    Int     @id
  name  String
  price Int     @default(0)
  tags  Label[]
}
model Label {
  id    Int    @id
  items Item[]
}
"""
AUTO = {"ttl": 60, "auto": True}


def cached(play, what, strategy=AUTO, **arguments):
    return play.reply(what, cacheStrategy=strategy, **arguments)


def names(play, strategy=AUTO):
    return [item["name"] for item in cached(play, "Item.findMany", strategy, orderBy={"id": "asc"}).data]


def fill(play, *rows):
    play("Item.createMany", data=[{"id": number, "name": name} for number, name in enumerate(rows or ("pen", "ink"), 1)])


def in_background(action):
    result = []
    thread = threading.Thread(target=lambda: result.append(action()))
    thread.start()
    return thread, result


def is_waiting(play):
    return eventually(lambda: int(play.rows(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")[0][0]), "a statement that waits")


@report("noripyt/django-cachalot#232", "A bulk update of many objects leaves their cached copies as they were.", first="right", models=SHOP)
def test_a_bulk_update_drops_what_was_cached(play):
    fill(play)
    assert names(play) == ["pen", "ink"]
    assert cached(play, "Item.findUnique", where={"id": 1}).data["name"] == "pen"
    play("Item.updateMany", where={"id": {"in": [1, 2]}}, data={"name": "new"})
    assert names(play) == ["new", "new"]
    assert cached(play, "Item.findUnique", where={"id": 1}).data["name"] == "new"


@report("Suor/django-cacheops#472", "Bulk updates with different values for each object do not invalidate.", first="right", models=SHOP)
def test_a_list_of_updates_drops_each_row(play):
    fill(play)
    for number in (1, 2):
        cached(play, "Item.findUnique", where={"id": number})
    play("$transaction", requests=[
        {"model": "Item", "operation": "update", "args": {"where": {"id": number}, "data": {"name": f"n{number}"}}} for number in (1, 2)])
    assert [cached(play, "Item.findUnique", where={"id": number}).data["name"] for number in (1, 2)] == ["n1", "n2"]


@report("Suor/django-cacheops#104", "Objects that are created in bulk do not appear in cached lists.", first="right", models=SHOP)
def test_created_rows_appear_in_cached_lists(play):
    assert names(play) == []
    fill(play)
    assert names(play) == ["pen", "ink"]
    play("Item.createManyAndReturn", data=[{"id": 9, "name": "map"}])
    assert names(play) == ["pen", "ink", "map"]


@report("Suor/django-cacheops#485", "An update by a condition leaves cached aggregates as they were.", first="right", models=SHOP)
def test_aggregates_follow_an_update_by_a_condition(play):
    fill(play)
    assert cached(play, "Item.aggregate", _sum={"price": True}).data == {"_sum": {"price": 0}}
    play("Item.updateMany", where={"name": "pen"}, data={"price": {"increment": 5}})
    assert cached(play, "Item.aggregate", _sum={"price": True}).data == {"_sum": {"price": 5}}


@report("vijaykatam/django-cache-manager#12", "Changes of a many-to-many relation do not evict the lists of either side.", first="right", models=SHOP)
def test_links_of_many_to_many_drop_both_sides(play):
    fill(play)
    play("Label.create", data={"id": 7})
    items = {"orderBy": {"id": "asc"}, "select": {"tags": {"select": {"id": True}}}}
    labels = {"select": {"_count": {"select": {"items": True}}}}
    assert cached(play, "Item.findMany", **items).data == [{"tags": []}, {"tags": []}]
    assert cached(play, "Label.findMany", **labels).data == [{"_count": {"items": 0}}]
    play("Label.update", where={"id": 7}, data={"items": {"connect": [{"id": 1}]}})
    assert cached(play, "Item.findMany", **items).data == [{"tags": [{"id": 7}]}, {"tags": []}]
    assert cached(play, "Label.findMany", **labels).data == [{"_count": {"items": 1}}]
    play("Item.update", where={"id": 1}, data={"tags": {"set": []}})
    assert cached(play, "Label.findMany", **labels).data == [{"_count": {"items": 0}}]


@report("Suor/django-cacheops#22", "A reader caches the old row again between the invalidation and the commit.", first="right", models=SHOP)
def test_a_read_between_write_and_commit_is_not_kept_beyond_the_commit(play):
    fill(play)
    assert names(play) == ["pen", "ink"]
    transaction = play("$transaction.begin")["id"]
    request = {"model": "Item", "operation": "update", "transaction": transaction, "args": {"where": {"id": 1}, "data": {"name": "new"}}}
    assert play.client.query(request).error is None
    assert names(play) == ["pen", "ink"]
    assert play.client.query({"operation": "$transaction.commit", "transaction": transaction}).error is None
    assert names(play) == ["new", "ink"]


@report("mslinn/quill-cache#4", "A row that a transaction has rolled back stays in the cache.", first="right", models=SHOP)
def test_what_is_rolled_back_is_never_cached(play):
    fill(play)
    transaction = play("$transaction.begin")["id"]
    play.client.query({"model": "Item", "operation": "update", "transaction": transaction, "args": {"where": {"id": 1}, "data": {"name": "new"}}})
    inside = play.client.query({"model": "Item", "operation": "findUnique", "transaction": transaction, "args": {
        "where": {"id": 1}, "cacheStrategy": AUTO}})
    assert inside.data["name"] == "new" and inside.cache == "none"
    play.client.query({"operation": "$transaction.rollback", "transaction": transaction})
    assert cached(play, "Item.findUnique", where={"id": 1}).data["name"] == "pen"


@report("javalite/javalite#619", "Plain SQL that changes a table leaves cached models as they were.", first="right", models=SHOP)
def test_plain_sql_drops_what_it_may_have_changed(play):
    fill(play)
    assert names(play) == ["pen", "ink"]
    play("$executeRaw", query='UPDATE "Item" SET name = $1', parameters=["raw"])
    assert names(play) == ["raw", "raw"]
    play("$queryRaw", query='WITH changed AS (UPDATE "Item" SET name = \'cte\' RETURNING 1) SELECT count(*) FROM changed')
    assert names(play) == ["cte", "cte"]


@report("readysettech/readyset#1657", "One cached query serves two schemas, or none, as the connection's schema differs.", first="right",
        models=SHOP, sql=['CREATE SCHEMA one; CREATE SCHEMA two',
                          'CREATE TABLE one."Item" (id int PRIMARY KEY, name text NOT NULL, price int NOT NULL DEFAULT 0)',
                          'CREATE TABLE two."Item" (id int PRIMARY KEY, name text NOT NULL, price int NOT NULL DEFAULT 0)',
                          'INSERT INTO one."Item" VALUES (1, \'first\')', 'INSERT INTO two."Item" VALUES (1, \'second\')'])
def test_clients_of_two_schemas_have_answers_of_their_own(play):
    request = {"model": "Item", "operation": "findMany", "args": {"select": {"name": True}, "cacheStrategy": {"ttl": 60}}}
    clients = [play.open(url={"schema": name}) for name in ("one", "two")]
    for _ in range(2):
        assert [client.query(request).data for client in clients] == [[{"name": "first"}], [{"name": "second"}]]


@report("readysettech/readyset#1662", "A text column that is compared with a number gives an empty answer from the cache, not the upstream's.",
        first="right", models=SHOP)
def test_a_number_for_a_text_column_is_refused(play):
    fill(play, "7")
    assert play.refused("Item.findMany", "P2009", where={"name": 7}, cacheStrategy={"ttl": 60})
    assert cached(play, "Item.findMany", {"ttl": 60}, where={"name": "7"}).data[0]["id"] == 1


@report("ZiggyCreatures/FusionCache#648", "After everything was cleared, a failing source still gives an expired value.", first="right", models=SHOP)
def test_what_was_invalidated_stands_in_for_no_error(play):
    fill(play)
    strategy = {"ttl": 10, "staleIfError": 600}
    assert names(play, strategy) == ["pen", "ink"]
    play.advance(20)
    play("$accelerate.invalidateAll")
    request = {"model": "Item", "operation": "findMany", "timeoutMs": 200, "args": {"orderBy": {"id": "asc"}, "cacheStrategy": strategy}}
    with Psql(play.server.url(play.name)) as other:
        other.execute('BEGIN; LOCK TABLE "Item" IN ACCESS EXCLUSIVE MODE')
        assert play.client.query(request).status == "TIMEOUT"


@report("ZiggyCreatures/FusionCache#628", "A tag is invalidated during a background refresh, and the old value is stored all the same.",
        first="right", models=SHOP)
def test_a_refresh_that_began_before_an_invalidation_stores_nothing(play):
    fill(play)
    strategy = {"ttl": 10, "swr": 600, "tags": ["items"]}
    assert names(play, strategy) == ["pen", "ink"]
    play.advance(20)
    with Psql(play.server.url(play.name)) as other:
        other.execute('BEGIN; LOCK TABLE "Item" IN ACCESS EXCLUSIVE MODE')
        assert cached(play, "Item.findMany", strategy, orderBy={"id": "asc"}).cache == "swr"
        is_waiting(play)
        play("$accelerate.invalidate", tags=["items"])
        other.execute("UPDATE \"Item\" SET name = 'new' WHERE id = 1; COMMIT")
    assert names(play, strategy)[0] == "new"


@report("ZiggyCreatures/FusionCache#625", "A key that is removed while it is loaded keeps the value that was loaded before.", first="right", models=SHOP)
def test_a_load_that_began_before_an_invalidation_is_not_kept(play):
    fill(play)
    with Psql(play.server.url(play.name)) as other:
        other.execute('BEGIN; LOCK TABLE "Item" IN ACCESS EXCLUSIVE MODE')
        thread, result = in_background(lambda: cached(play, "Item.findMany", {"ttl": 60, "tags": ["items"]}))
        is_waiting(play)
        play("$accelerate.invalidate", tags=["items"])
        other.execute("COMMIT")
        thread.join()
    assert result[0].error is None
    assert cached(play, "Item.findMany", {"ttl": 60, "tags": ["items"]}).cache == "miss"


@report("logto-io/logto#9428", "A read that began before a write stores its old result after the write's invalidation.", first="right", models=SHOP)
def test_a_read_that_began_before_a_write_is_not_kept(play):
    fill(play)
    with Psql(play.server.url(play.name)) as other:
        other.execute('BEGIN; LOCK TABLE "Label" IN ACCESS EXCLUSIVE MODE')
        read = {"select": {"name": True, "tags": {"select": {"id": True}}}, "orderBy": {"id": "asc"}}
        thread, result = in_background(lambda: cached(play, "Item.findMany", **read))
        is_waiting(play)
        play("Item.update", where={"id": 1}, data={"name": "new"}, select={"id": True})
        other.execute("COMMIT")
        thread.join()
    assert result[0].error is None
    assert cached(play, "Item.findMany", **read).data[0]["name"] == "new"


@report("spiritix/lada-cache#124", "Deleting a tag and its entries loses a key that was added to the tag in between.", first="right", models=SHOP)
def test_a_key_that_joins_a_tag_later_is_found_by_the_next_invalidation(play):
    fill(play)
    for _ in range(20):
        cached(play, "Item.findMany", {"ttl": 60, "tags": ["a"]})
        play("$accelerate.invalidate", tags=["a"])
        assert cached(play, "Item.findMany", {"ttl": 60, "tags": ["a"]}).cache == "miss"
        assert cached(play, "Item.findMany", {"ttl": 60, "tags": ["a"]}).cache == "ttl"
        play("$accelerate.invalidate", tags=["a"])
        assert cached(play, "Item.findMany", {"ttl": 60, "tags": ["a"]}).cache == "miss"


@report("ZiggyCreatures/FusionCache#515", "An entry that has several tags is not removed by one of them.", first="right", models=SHOP)
def test_each_of_many_tags_drops_an_answer(play):
    fill(play)
    tags = [f"team{number}" for number in range(64)]
    for tag in (tags[0], tags[31], tags[63]):
        cached(play, "Item.count", {"ttl": 60, "tags": tags})
        assert cached(play, "Item.count", {"ttl": 60, "tags": tags}).cache == "ttl"
        play("$accelerate.invalidate", tags=[tag])
        assert cached(play, "Item.count", {"ttl": 60, "tags": tags}).cache == "miss"


@report("pgjdbc/pgjdbc#4259", "A changed search path or role leaves prepared statements and caches on the old tables.",
        first="SET ROLE and SET search_path stayed on the pooled connection", models=SHOP)
def test_a_path_or_role_that_raw_sql_sets_reaches_nobody_else(play):
    fill(play)
    play.sql.execute("CREATE SCHEMA other; CREATE TABLE other.\"Item\" (id int, name text, price int); CREATE ROLE nobody_here")
    client = play.open(url={"connection_limit": 1})
    request = {"model": "Item", "operation": "count"}
    assert client.data(request) == 2
    for statement in ("SET search_path = other", "SET ROLE nobody_here"):
        client.query({"operation": "$executeRaw", "args": {"query": statement}})
        assert client.data(request) == 2
    play.sql.execute("DROP ROLE nobody_here")


@report("mfenniak/pg8000#136", "After SET search_path the same text is answered from the old schema.",
        first="the path stayed on the pooled connection", models=SHOP)
def test_a_raw_read_sees_the_schema_of_the_configuration(play):
    fill(play)
    play.sql.execute("CREATE SCHEMA other; CREATE TABLE other.\"Item\" (id int, name text, price int)")
    client = play.open(url={"connection_limit": 1})
    client.query({"operation": "$queryRaw", "args": {"query": "SELECT set_config('search_path', 'other', false)"}})
    rows = client.data({"operation": "$queryRaw", "args": {"query": 'SELECT count(*)::int AS n FROM "Item"'}})
    assert rows == [{"n": 2}]
