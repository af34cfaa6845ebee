"""What others write drops automatic answers, and what is invalidated in one process is invalidated in all."""
import subprocess
import sys
import time

import pytest
from capi import Client
from listening import BLOG, TABLES, TAGGED, UNTAGGED, Hearer, read
from scene import SCHEMA
from waiting import eventually


@pytest.fixture
def blog(database):
    database.sql.execute(TABLES)
    return database


@pytest.fixture
def hearer(blog):
    with Hearer(blog.url(schema="public")) as hearer:
        hearer.install()
        yield hearer


AUTHORS = read("Author", orderBy={"id": "asc"})
BOOKS = read("Book", orderBy={"id": "asc"})
WITH_BOOKS = read("Author", orderBy={"id": "asc"}, include={"books": True})
WITH_LABELS = read("Author", where={"tags": {"some": {"name": "other"}}})
LABELS = read("Label", orderBy={"id": "asc"})
EVENTS = read("Event", "count")
AUTHOR = read("Author", "findUnique", where={"id": 2})


@pytest.mark.parametrize("request_, sql", [
    (AUTHORS, """INSERT INTO "Author" VALUES (9, 'New', 'n@x')"""),
    (AUTHORS, """UPDATE "Author" SET name = 'Zed' WHERE id = 1"""),
    (AUTHORS, """DELETE FROM "Author" WHERE id = 3"""),
    (AUTHORS, """INSERT INTO "Author" VALUES (1, 'Ann', 'a@x') ON CONFLICT (id) DO UPDATE SET name = 'Up'"""),
    (AUTHORS, """MERGE INTO "Author" a USING (VALUES (1)) v(id) ON a.id = v.id WHEN MATCHED THEN UPDATE SET name = 'Merged'"""),
    (AUTHORS, """WITH gone AS (DELETE FROM "Author" WHERE id = 3 RETURNING *) SELECT count(*) FROM gone"""),
    (AUTHORS, """BEGIN; SAVEPOINT s; UPDATE "Author" SET name = 'Sub' WHERE id = 1; RELEASE s; COMMIT"""),
    (AUTHORS, """COPY "Author" FROM PROGRAM 'printf "7\\tCopied\\tcopy@x\\n"'"""),
    (BOOKS, """TRUNCATE "Book" """),
    (BOOKS, """TRUNCATE "Author" CASCADE"""),
    (BOOKS, """DELETE FROM "Author" WHERE id = 1"""),
    (BOOKS, """UPDATE "Author" SET id = 11 WHERE id = 1"""),
    (WITH_BOOKS, """UPDATE "Book" SET title = 'Other' WHERE id = 2"""),
    (WITH_LABELS, """INSERT INTO "_AuthorToLabel" VALUES (2, 2)"""),
    (LABELS, """INSERT INTO "Book" VALUES (3, 'Three', 1)"""),
    (LABELS, """DELETE FROM "Author" WHERE id = 1"""),
    (AUTHOR, """UPDATE "Author" SET name = 'Other' WHERE id = 2"""),
    (EVENTS, """INSERT INTO "Event" VALUES (2, 'more')"""),
    (EVENTS, """INSERT INTO event_high VALUES (102, 'straight')"""),
    (EVENTS, """TRUNCATE event_low"""),
    (AUTHORS, """SET session_replication_role = replica; UPDATE "Author" SET name = 'Replica' WHERE id = 1"""),
])
def test_a_write_by_another_client_is_seen(blog, hearer, request_, sql):
    before = hearer.warm(request_)
    blog.sql.execute(sql)
    data = eventually(lambda: (reply := hearer.ask(request_)).data != before and reply, "the change").data
    uncached = {**request_, "args": {key: value for key, value in request_["args"].items() if key != "cacheStrategy"}}
    assert hearer.ask(uncached).data == data
    assert hearer.warm(request_) == data


def test_what_nobody_wrote_stays(blog, hearer):
    for request in (BOOKS, EVENTS, LABELS):
        hearer.warm(request)
    hearer.warm(AUTHORS)
    blog.sql.execute("""UPDATE "Author" SET name = 'Zed' WHERE id = 1; BEGIN; UPDATE "Book" SET title = 'x'; ROLLBACK""")
    eventually(lambda: hearer.ask(AUTHORS).cache == "miss", "the change")
    assert [hearer.ask(request).cache for request in (BOOKS, EVENTS, LABELS)] == ["ttl"] * 3


def test_own_writes_drop_their_rows_alone_though_triggers_tell_of_them(hearer):
    other = read("Author", "findUnique", where={"id": 1})
    hearer.warm(other), hearer.warm(AUTHOR)
    heard = hearer.metric("notifications_total")
    hearer.client.data({"model": "Author", "operation": "update", "args": {"where": {"id": 2}, "data": {"name": "Own"}}})
    assert hearer.ask(AUTHOR).data["name"] == "Own"
    hearer.await_metric("notifications_total", lambda value: value > heard)
    time.sleep(0.05)
    assert hearer.ask(other).cache == "ttl"


def test_own_writes_drop_what_the_databases_own_triggers_change(hearer):
    before = hearer.warm(LABELS)
    hearer.client.data({"model": "Book", "operation": "create", "args": {"data": {"id": 5, "title": "Five", "authorId": 1}}})
    eventually(lambda: hearer.ask(LABELS).data != before, "the trigger's change")


def test_own_raw_writes_are_heard_as_those_of_others(hearer):
    hearer.warm(AUTHOR), hearer.warm(BOOKS)
    hearer.client.data({"operation": "$executeRaw", "args": {
        "query": "UPDATE \"Author\" SET name = 'Raw' WHERE id = 2", "touches": ["Book"]}})
    eventually(lambda: hearer.ask(AUTHOR).data["name"] == "Raw", "the raw write")


def test_a_write_of_another_accelerant_client_is_seen(blog, hearer):
    with Client({"schema": BLOG, "datasourceUrl": blog.url(schema="public")}) as plain, Hearer(blog.url(schema="public")) as listening:
        for number, other in enumerate((plain, listening.client)):
            hearer.warm(AUTHOR)
            other.data({"model": "Author", "operation": "update", "args": {"where": {"id": 2}, "data": {"name": f"n{number}"}}})
            eventually(lambda: hearer.ask(AUTHOR).data["name"] == f"n{number}", "the other client's write")


def test_a_table_without_its_trigger_is_not_kept(blog):
    with Hearer(blog.url(schema="public")) as hearer:
        assert hearer.metric("mute_tables") == 5
        assert [hearer.ask(AUTHORS).cache for _ in range(3)] == ["miss"] * 3
        explicit = {"model": "Author", "operation": "findMany", "args": {"cacheStrategy": {"ttl": 60, "auto": False}}}
        assert [hearer.ask(explicit).cache for _ in range(2)] == ["miss", "ttl"]
        hearer.install("Author")
        hearer.await_metric("mute_tables", lambda value: value == 4)
        hearer.warm(AUTHORS)
        assert [hearer.ask(WITH_BOOKS).cache for _ in range(3)] == ["miss"] * 3, "one of its tables is mute"


@pytest.mark.parametrize("sql", [
    """DROP TRIGGER accelerant_changes_1 ON "Author" """, """ALTER TABLE "Author" DISABLE TRIGGER accelerant_changes_1""",
    """ALTER TABLE "Author" RENAME TO old; CREATE TABLE "Author" (LIKE old)""", """ALTER TABLE "Author" DISABLE TRIGGER ALL""",
])
def test_a_trigger_that_goes_is_noticed_within_a_beat(blog, sql):
    with Hearer(blog.url(schema="public"), timeout=800) as hearer:
        hearer.install()
        hearer.warm(AUTHORS)
        blog.sql.execute(sql)
        hearer.await_metric("mute_tables", lambda value: value == 1)
        hearer.await_metric("trusted", lambda value: value == 1)
        assert [hearer.ask(AUTHORS).cache for _ in range(2)] == ["miss"] * 2


def test_a_new_partition_counts_when_it_is_attached(blog):
    with Hearer(blog.url(schema="public"), timeout=800) as hearer:
        hearer.install()
        hearer.warm(EVENTS)
        blog.sql.execute("""CREATE TABLE event_new (LIKE "Event"); INSERT INTO event_new VALUES (201, 'new');
            ALTER TABLE "Event" ATTACH PARTITION event_new FOR VALUES FROM (200) TO (300)""")
        eventually(lambda: hearer.ask(EVENTS).data == 3, "the new partition's row")
        hearer.await_metric("mute_tables", lambda value: value == 1)
        hearer.install()
        hearer.warm(EVENTS)
        blog.sql.execute("INSERT INTO event_new VALUES (202, 'newer')")
        eventually(lambda: hearer.ask(EVENTS).data == 4, "a row of the new partition")


def test_triggers_are_installed_again_without_change_and_removed_without_rest(blog, hearer):
    count = "SELECT count(*), max(oid) FROM pg_trigger WHERE tgname LIKE 'accelerant%'"
    before = blog.sql.execute(count)
    assert before[0][0] == "7"
    hearer.install()
    assert blog.sql.execute(count) == before
    printed = hearer.client.data({"operation": "$accelerate.removeTriggers", "args": {"tables": ["Book", "_AuthorToLabel"]}})
    assert printed["executed"] is False and printed["tables"] == ["public.Book", "public._AuthorToLabel"]
    assert blog.sql.execute(count) == before
    blog.sql.execute(printed["sql"])
    assert blog.sql.execute(count)[0][0] == "5"
    hearer.await_metric("mute_tables", lambda value: value == 2)
    assert hearer.as_owner("$accelerate.removeTriggers", execute=True)["executed"] is True
    assert blog.sql.execute(count)[0][0] == "0"
    assert blog.sql.value("SELECT count(*) FROM pg_proc WHERE proname LIKE 'accelerant%'") == "0"
    printed = hearer.client.data({"operation": "$accelerate.installTriggers"})
    assert "public.event_low" not in printed["tables"], "partitions are found by the script itself"
    blog.sql.execute(printed["sql"])
    assert blog.sql.execute(count)[0][0] == "7"


def test_hostile_names_are_quoted(database):
    schema = BLOG.split("model Author")[0] + 'model A {\n  id Int @id\n  @@map("t\\"; DROP TABLE x; -- \'$accelerant$ \\\\ é")\n}\n'
    name = """t"; DROP TABLE x; -- '$accelerant$ \\ é""".replace('"', '""')
    database.sql.execute(f'CREATE TABLE x (); CREATE TABLE "{name}" (id int)')
    with Hearer(database.url(schema="public"), schema) as hearer:
        hearer.install()
        request = read("A", "count")
        hearer.warm(request)
        database.sql.execute(f'INSERT INTO "{name}" VALUES (1)')
        eventually(lambda: hearer.ask(request).data == 1, "the change")
        hearer.as_owner("$accelerate.removeTriggers", execute=True)
        assert database.sql.value("SELECT count(*) FROM x") == "0"


@pytest.mark.parametrize("args, path", [
    ({"tables": []}, "args.tables"), ({"tables": [1]}, "args.tables"), ({"tables": ["Nobody"]}, "args.tables"),
    ({"execute": 1}, "args.execute"), ({"table": []}, "args.table"),
])
def test_what_triggers_cannot_be_made_of_is_refused(scene, args, path):
    for operation in ("$accelerate.installTriggers", "$accelerate.removeTriggers"):
        reply = scene.client.query({"operation": operation, "args": args})
        assert reply.code == "P6005" and reply.status == "INVALID_REQUEST", reply


def test_the_log_tells_of_the_listener(blog):
    with Hearer(blog.url(schema="public"), direct=blog.url(application_name="listener"), log=["info", "warn"]) as hearer:
        hearer.install("Author")
        hearer.await_metric("mute_tables", lambda value: value == 4)
        hearer.await_metric("trusted", lambda value: value == 1)
        blog.sql.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'listener'")
        hearer.await_metric("interruptions_total", lambda value: value >= 2)
        hearer.await_metric("trusted", lambda value: value == 1)
        events = [event for event in hearer.client.data({"operation": "$log.take"})["events"] if event["target"] == "listener"]
    words = [event["message"] for event in events]
    assert any(word == "The change listener has caught up." for word in words)
    assert any("public.Book" in word and "public.Author" not in word for word in words)
    assert any(word.startswith("Listening failed") for word in words) and any(word.startswith("Changes may have been missed") for word in words)


# MARK: invalidate and invalidateAll


@pytest.fixture
def pair(database):
    with Hearer(database.url(), SCHEMA) as one, Hearer(database.url(), SCHEMA) as two:
        for hearer in (one, two):
            hearer.warm(TAGGED), hearer.warm(UNTAGGED)
        yield one, two


def invalidate(*tags):
    return {"operation": "$accelerate.invalidate", "args": {"tags": list(tags)}}


def test_invalidate_reaches_another_client(pair):
    one, two = pair
    assert one.ask(invalidate("a", "b")).number == 0
    assert one.ask(TAGGED).cache == "miss"
    eventually(lambda: two.ask(TAGGED).cache == "miss", "the invalidation")
    assert two.ask(UNTAGGED).cache == "ttl" and one.ask(UNTAGGED).cache == "ttl"


def test_invalidate_all_reaches_another_client(pair):
    one, two = pair
    assert two.ask({"operation": "$accelerate.invalidateAll"}).number == 0
    eventually(lambda: one.ask(UNTAGGED).cache == "miss", "the invalidation")


def test_an_invalidation_in_a_transaction_reaches_others_with_its_commit_alone(pair):
    one, two = pair
    for step in ("$transaction.rollback", "$transaction.commit"):
        transaction = one.client.data({"operation": "$transaction.begin"})["id"]
        assert one.ask({**invalidate("a"), "transaction": transaction}).number == 0
        time.sleep(0.1)
        assert two.ask(TAGGED).cache == "ttl"
        assert one.ask({"operation": step, "transaction": transaction}).number == 0
        if step == "$transaction.rollback":
            time.sleep(0.1)
            assert two.ask(TAGGED).cache == "ttl" and one.ask(TAGGED).cache == "ttl"
    eventually(lambda: two.ask(TAGGED).cache == "miss", "the invalidation")
    two.warm(TAGGED)
    assert one.ask({"operation": "$transaction", "args": {"requests": [invalidate("a")]}}).number == 0
    eventually(lambda: two.ask(TAGGED).cache == "miss", "the invalidation of a list")


def test_an_invalidation_that_cannot_be_told_says_so_and_has_happened_here(own_server):
    server, database = own_server
    with Hearer(database.url(), SCHEMA) as hearer:
        hearer.warm(TAGGED)
        server.stop()
        try:
            reply = hearer.ask(invalidate("a"))
            assert reply.status in ("UNAVAILABLE", "OUTCOME_UNKNOWN") and "other processes" in reply.error["message"], reply
            assert hearer.ask(TAGGED).status == "UNAVAILABLE", "it is gone here"
        finally:
            server.start()


@pytest.mark.parametrize("payload", ["", "nonsense", "t", "t no_schema", "iTOOSHORT a", "z", "é"])
def test_what_is_not_understood_counts_as_a_change_of_everything(database, pair, payload):
    one, _ = pair
    database.sql.execute(f"SELECT pg_notify('accelerant_changes_1', '{payload}')")
    eventually(lambda: one.ask(UNTAGGED).cache == "miss", "everything to go")


def test_another_process_hears_and_is_heard(database):
    script = f"""
import sys
sys.path[:0] = {sys.path!r}
from listening import *
with Hearer({database.url()!r}, SCHEMA) as hearer:
    hearer.warm({TAGGED!r})
    print("ready", flush=True)
    eventually(lambda: hearer.ask({TAGGED!r}).cache == "miss", "the parent's invalidation")
    hearer.ask({invalidate("b")!r})
"""
    tagged = {**TAGGED, "args": {"cacheStrategy": {"ttl": 3600, "tags": ["b"]}}}
    with Hearer(database.url(), SCHEMA) as hearer:
        child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        assert child.stdout.readline() == "ready\n"
        hearer.warm(tagged)
        hearer.ask(invalidate("a"))
        eventually(lambda: hearer.ask(tagged).cache == "miss", "the child's invalidation")
        assert child.wait(20) == 0
