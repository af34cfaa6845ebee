"""Reports about caches that renew what they hold, and about what they have no room for."""
from psql import Psql
from report import report
from waiting import eventually

SHOP = """
model Item {
  id   Int    @id
  name String
}
"""
READ = {"model": "Item", "operation": "findMany"}


def read(play, strategy, **more):
    return play.client.query({**READ, **more, "args": {"cacheStrategy": strategy}})


def waits_for_a_lock(play):
    return int(play.rows("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")[0][0])


@report("ben-manes/caffeine#1807", "After one failed refresh a value is never refreshed again.", first="right", models=SHOP)
def test_a_refresh_that_failed_is_tried_again(play):
    play("Item.create", data={"id": 1, "name": "old"})
    strategy = {"ttl": 10, "swr": 10_000}
    assert read(play, strategy).cache == "miss"
    play.advance(20)
    play.sql.execute('ALTER TABLE "Item" RENAME TO away')
    assert read(play, strategy).cache == "swr"
    play.sql.execute("UPDATE away SET name = 'new'; ALTER TABLE away RENAME TO \"Item\"")

    def renewed():
        play.advance(60)
        reply = read(play, strategy)
        assert reply.error is None and reply.data[0]["name"] in ("old", "new")
        return reply.data[0]["name"] == "new"
    eventually(renewed, "a refresh that succeeds")


@report("ben-manes/caffeine#373", "An old value outlives its time while its refresh hangs.", first="right", models=SHOP)
def test_a_refresh_that_hangs_prolongs_nothing(play):
    play("Item.create", data={"id": 1, "name": "old"})
    strategy = {"ttl": 10, "swr": 10}
    assert read(play, strategy).cache == "miss"
    play.advance(15)
    with Psql(play.server.url(play.name)) as other:
        other.execute('BEGIN; LOCK TABLE "Item" IN ACCESS EXCLUSIVE MODE')
        assert read(play, strategy).cache == "swr"
        eventually(lambda: waits_for_a_lock(play), "the refresh")
        assert read(play, strategy).cache == "swr"
        play.advance(5)
        assert read(play, strategy, timeoutMs=300).status == "TIMEOUT"
        other.execute("UPDATE \"Item\" SET name = 'new'; COMMIT")
    assert read(play, strategy).data[0]["name"] == "new"


@report("ben-manes/caffeine#175", "A value whose loading takes longer than it lives stays the old one for ever.", first="right", models=SHOP)
def test_a_refresh_that_takes_longer_than_the_windows_counts_from_its_start(play):
    play("Item.create", data={"id": 1, "name": "old"})
    strategy = {"ttl": 10, "swr": 1000}
    assert read(play, strategy).cache == "miss"
    play.advance(15)
    with Psql(play.server.url(play.name)) as other:
        other.execute('BEGIN; LOCK TABLE "Item" IN ACCESS EXCLUSIVE MODE')
        assert read(play, strategy).cache == "swr"
        eventually(lambda: waits_for_a_lock(play), "the refresh")
        play.advance(30)
        other.execute("UPDATE \"Item\" SET name = 'new'; COMMIT")
    eventually(lambda: read(play, strategy).data[0]["name"] == "new", "the new value")


@report("google/guava#3462", "One large entry evicts all others, or is never kept.", first="right", models=SHOP, cache={"maxBytes": 4 << 20})
def test_one_large_answer_drives_out_few(play):
    play("Item.createMany", data=[{"id": number, "name": "x" * 200} for number in range(100)] + [{"id": 1000, "name": "y" * 1_500_000}])
    one = [{"model": "Item", "operation": "findUnique", "args": {"where": {"id": number}, "cacheStrategy": {"ttl": 60}}} for number in range(100)]
    for _ in range(3):
        for request in one:
            play.client.query(request)
    for _ in range(3):
        large = play.client.query({"model": "Item", "operation": "findUnique", "args": {"where": {"id": 1000}, "cacheStrategy": {"ttl": 60}}})
        assert len(large.data["name"]) == 1_500_000
    assert sum(play.client.query(request).cache == "ttl" for request in one) > 50


@report("google/guava#1629", "Entries are evicted before the limit of the cache is reached.", first="right", models=SHOP, cache={"maxBytes": 4 << 20})
def test_what_fits_stays(play):
    play("Item.createMany", data=[{"id": number, "name": "x" * 100} for number in range(1000)])
    one = [{"model": "Item", "operation": "findUnique", "args": {"where": {"id": number}, "cacheStrategy": {"ttl": 60}}} for number in range(1000)]
    for request in one:
        assert play.client.query(request).cache == "miss"
    assert [number for number, request in enumerate(one) if play.client.query(request).cache != "ttl"] == []
