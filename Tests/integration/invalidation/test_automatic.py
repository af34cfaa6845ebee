"""Automatic invalidation of own writes: what drops an answer, what leaves it, and what happens where nobody can know."""
import threading

import pytest
from automatic_library import Library
from automatic_world import TABLES
from capi import OpenError
from waiting import eventually


@pytest.fixture
def world(database):
    database.sql.execute(TABLES)
    database.sql.execute("""
        INSERT INTO "Author" (id, email, name, "bossId") VALUES (1, 'a@x', 'A', NULL), (2, 'b@x', 'B', 1), (3, 'c@x', 'C', NULL);
        INSERT INTO "Profile" (bio, "authorId") VALUES ('one', 1), ('two', 2);
        INSERT INTO "Post" (slug, "authorId") VALUES ('p', 1), ('q', 2);
        INSERT INTO comments VALUES (1, 1, 'first');
        INSERT INTO "Label" (name, color) VALUES ('red', 'RED');
        INSERT INTO "_LabelToPost" VALUES (1, 1)""")
    library = Library(database)
    yield library
    library.client.close()


ONE = ("Author", "findUnique")


# MARK: The strategy


@pytest.mark.parametrize("wrong", [1, 0, "true", [], {}, 1.5])
def test_auto_is_true_or_false(world, wrong):
    reply = world.read(*ONE, {"ttl": 60, "auto": wrong}, where={"id": 1})
    assert reply.code == "P6005" and reply.error["meta"]["path"] == "args.cacheStrategy.auto"


def test_a_strategy_without_a_window_caches_nothing_and_null_is_not_given(world):
    assert world.read(*ONE, {"auto": True}, where={"id": 1}).cache == "none"
    assert [world.read(*ONE, {"ttl": 60, "auto": None}, where={"id": 1}).cache for _ in range(2)] == ["miss", "ttl"]
    world.write("Author", "update", where={"id": 1}, data={"name": "new"})
    assert world.is_kept(*ONE, {"ttl": 60, "auto": None}, where={"id": 1})


def test_the_configuration_decides_for_requests_that_do_not_say(database):
    database.sql.execute(TABLES)
    with pytest.raises(OpenError) as refused:
        Library(database, cache={"auto": 1})
    assert "`cache.auto` has to be true or false" in refused.value.reply.error["message"]
    library = Library(database, cache={"auto": True})
    for strategy in ({"ttl": 60}, {"ttl": 60, "auto": False}):
        library.read("Author", "count", strategy, where={"age": 0} if strategy.get("auto") is False else {})
    library.write("Author", "create", data={"id": 1, "email": "a@x"})
    assert library.read("Author", "count", {"ttl": 60}).data == 1
    assert library.read("Author", "count", {"ttl": 60, "auto": False}, where={"age": 0}).data == 0
    library.client.close()


def test_writes_leave_answers_that_are_not_automatic(world):
    world.read(*ONE, {"ttl": 60}, where={"id": 1})
    world.read("Author", "count")
    world.write("Author", "update", where={"id": 1}, data={"name": "new"})
    assert world.read(*ONE, {"ttl": 60}, where={"id": 1}).data["name"] == "A"


def test_an_automatic_read_does_not_believe_what_others_left_before_anybody_watched(world):
    world.read(*ONE, {"ttl": 60}, where={"id": 1})
    world.write("Author", "update", where={"id": 1}, data={"name": "new"})
    assert world.read(*ONE, where={"id": 1}).data["name"] == "new"


def test_a_hit_that_asks_for_it_makes_an_answer_automatic_for_all_its_texts(world):
    world.read("Label", "count")
    world.read(*ONE, {"ttl": 60}, where={"id": 1})
    assert world.read(*ONE, where={"id": 1}).cache == "ttl"
    world.write("Author", "update", where={"id": 1}, data={"name": "new"})
    assert world.read(*ONE, {"ttl": 60}, where={"id": 1}).data["name"] == "new"


def test_a_stale_answer_is_dropped_like_a_fresh_one(world):
    strategy = {"ttl": 1, "swr": 3600, "auto": True}
    world.read(*ONE, strategy, where={"id": 1})
    world.client.data({"operation": "$clock.advance", "args": {"milliseconds": 5000}})
    world.write("Author", "update", where={"id": 1}, data={"name": "new"})
    reply = world.read(*ONE, strategy, where={"id": 1})
    assert (reply.cache, reply.data["name"]) == ("miss", "new")


# MARK: Rows

LOOKUPS = {
    "1": ("Author", "findUnique", {"where": {"id": 1}}),
    "2": ("Author", "findUnique", {"where": {"id": 2}}),
    "9": ("Author", "findUnique", {"where": {"id": 9}}),
    "a": ("Author", "findUnique", {"where": {"email": "a@x"}}),
    "b": ("Author", "findUnique", {"where": {"email": "b@x"}}),
    "z": ("Author", "findUnique", {"where": {"email": "z@x"}}),
    "count": ("Author", "count", {}),
    "posts of 2": ("Author", "findUnique", {"where": {"id": 2}, "include": {"posts": True}}),
    "staff of 2": ("Author", "findUnique", {"where": {"id": 2}, "include": {"staff": True}}),
}


@pytest.mark.parametrize("operation, args, dropped", [
    ("create", {"data": {"id": 9, "email": "z@x"}}, {"9", "z"}),
    ("createMany", {"data": [{"id": 9, "email": "y@x"}]}, {"9"}),
    ("createManyAndReturn", {"data": [{"id": 8, "email": "z@x"}]}, {"z"}),
    ("update", {"where": {"id": 1}, "data": {"name": "new"}}, {"1", "a"}),
    ("update", {"where": {"email": "a@x"}, "data": {"age": {"increment": 1}}}, {"1", "a"}),
    ("update", {"where": {"id": 1}, "data": {"name": "new"}, "select": {"age": True}}, {"1", "a"}),
    ("update", {"where": {"email": "a@x"}, "data": {"email": "z@x"}}, {"1", "a", "z"}),
    ("update", {"where": {"id": 1, "email": "a@x"}, "data": {"email": "z@x"}}, {"1", "a", "z"}),
    # Whose e-mail address it was is not known: every lookup may have found it.
    ("update", {"where": {"id": 1}, "data": {"email": "z@x"}}, {"1", "2", "9", "a", "b", "z", "posts of 2"}),
    ("update", {"where": {"id": 1}, "data": {"name": "new"}, "include": {"profile": True}}, {"1", "a"}),
    ("update", {"where": {"id": 1}, "data": {"name": "new", "posts": {"create": [{"slug": "x"}, {"slug": "y"}]}}}, {"1", "a", "posts of 2"}),
    ("create", {"data": {"id": 9, "email": "z@x", "profile": {"create": {"bio": "b"}}}}, {"9", "z"}),
    ("upsert", {"where": {"email": "a@x"}, "create": {"id": 9, "email": "z@x"}, "update": {"age": 3}, "include": {"profile": True}}, {"1", "a"}),
    ("updateMany", {"where": {"id": 1}, "data": {"name": "new"}}, {"1", "a"}),
    ("updateMany", {"where": {"id": 7}, "data": {"name": "new"}}, set()),
    ("updateMany", {"where": {"name": "A"}, "data": {"name": "new"}}, {"1", "2", "9", "a", "b", "z", "posts of 2"}),
    ("updateManyAndReturn", {"where": {"name": "A"}, "data": {"name": "new"}}, {"1", "a"}),
    ("upsert", {"where": {"id": 1}, "create": {"id": 1, "email": "q@x"}, "update": {"name": "new"}}, {"1", "a"}),
    ("upsert", {"where": {"id": 9}, "create": {"id": 9, "email": "z@x"}, "update": {"name": "new"}}, {"9", "z"}),
    # Authors have bosses, so deleting one may change others.
    ("delete", {"where": {"id": 3}}, {"1", "2", "9", "a", "b", "z", "posts of 2"}),
])
def test_lookups_of_rows_that_a_write_did_not_touch_stay(world, operation, args, dropped):
    for model, read, arguments in LOOKUPS.values():
        world.read(model, read, **arguments)
    world.write("Author", operation, **args)
    gone = {name for name, (model, read, arguments) in LOOKUPS.items() if not world.is_kept(model, read, **arguments)}
    assert gone == dropped | {"count", "staff of 2"}


def test_a_deleted_row_takes_its_lookups_along_and_no_others(world):
    lookups = [{"name": "red"}, {"id": 1}, {"color_name": {"color": "RED", "name": "red"}}, {"name": "blue"}, {"color_name": {"color": "RED", "name": "blue"}}]
    for where in lookups:
        world.read("Label", "findUnique", where=where)
    world.write("Label", "delete", where={"name": "red"})
    assert [world.is_kept("Label", "findUnique", where=where) for where in lookups] == [False, False, False, True, True]


def test_uuids_are_the_same_however_they_are_written(world):
    low, high = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"
    assert world.read("Token", "findUnique", where={"id": high}).data is None
    world.write("Token", "create", data={"id": low, "flag": True, "number": 1, "price": 1})
    assert world.read("Token", "findUnique", where={"id": high}).data["id"] == low


def test_decimals_are_the_same_however_they_are_written(world):
    assert world.read("Token", "findUnique", where={"price": "1.00"}).data is None
    world.write("Token", "create", data={"id": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "flag": True, "number": 1, "price": "1"})
    assert world.read("Token", "findUnique", where={"price": "1.00"}).data is not None


# MARK: Tables


def test_actions_of_relations_reach_tables_that_the_write_does_not_name(world):
    reads = [("Profile", "findUnique", {"where": {"authorId": 1}}), ("Post", "findUnique", {"where": {"slug": "p"}}), ("Comment", "count", {})]
    for model, operation, args in reads:
        world.read(model, operation, **args)
    world.write("Author", "delete", where={"id": 1})
    assert world.read("Profile", "findUnique", where={"authorId": 1}).data is None
    assert world.read("Post", "findUnique", where={"slug": "p"}).data["authorId"] is None
    assert world.is_kept("Comment", "count")
    world.write("Post", "deleteMany", where={"slug": "p"})
    assert world.read("Comment", "count").data == 0


def test_an_update_reaches_others_only_where_they_refer_to_what_changes(world):
    world.read("Profile", "count")
    world.write("Author", "update", where={"id": 1}, data={"name": "new"})
    assert world.is_kept("Profile", "count")
    world.write("Author", "update", where={"id": 1}, data={"id": 7})
    assert not world.is_kept("Profile", "count")


def test_a_view_is_dropped_by_every_write(world):
    assert world.read("Activity", "findUnique", where={"authorId": 3}).data["posts"] == 0
    world.write("Post", "create", data={"slug": "r", "authorId": 3})
    assert world.read("Activity", "findUnique", where={"authorId": 3}).data["posts"] == 1


def test_links_of_a_join_table(world):
    read = ("Label", "findMany"), {"select": {"_count": {"select": {"posts": True}}}}
    assert world.read(*read[0], **read[1]).data == [{"_count": {"posts": 1}}]
    world.write("Post", "update", where={"slug": "q"}, data={"labels": {"connect": {"name": "red"}}})
    assert world.read(*read[0], **read[1]).data == [{"_count": {"posts": 2}}]
    world.write("Post", "delete", where={"slug": "p"})
    assert world.read(*read[0], **read[1]).data == [{"_count": {"posts": 1}}]


def test_an_answer_from_very_many_tables_is_dropped_by_every_write(open_library):
    count = 70
    fields = "\n".join(f"p{i} Part{i}[]" for i in range(count))
    parts = "\n".join(
        f"model Part{i} {{\n id Int @id\n hubId Int\n hub Hub @relation(fields: [hubId], references: [id])\n}}" for i in range(count))
    tables = "".join(f'CREATE TABLE "Part{i}" (id int PRIMARY KEY, "hubId" int NOT NULL);' for i in range(count))
    library = open_library(
        f'CREATE TABLE "Hub" (id int PRIMARY KEY); INSERT INTO "Hub" VALUES (1); {tables} CREATE TABLE "Other" (id int PRIMARY KEY)',
        f"model Hub {{\n id Int @id\n {fields}\n}}\nmodel Other {{\n id Int @id\n}}\n{parts}")
    select = {"_count": {"select": {f"p{i}": True for i in range(count)}}}
    library.read("Hub", "findMany", select=select)
    assert library.is_kept("Hub", "findMany", select=select)
    library.write("Other", "create", data={"id": 1})
    assert not library.is_kept("Hub", "findMany", select=select)
    library.write("Part69", "create", data={"id": 1, "hubId": 1})
    assert library.read("Hub", "findMany", select=select).data[0]["_count"]["p69"] == 1


# MARK: Raw statements


@pytest.mark.parametrize("operation, statement, args, dropped", [
    ("$executeRaw", 'UPDATE "Author" SET age = 1', {"touches": ["Author"]}, {"Author", "Post"}),
    ("$executeRaw", 'DELETE FROM comments', {"touches": ["comments"]}, {"Comment"}),
    ("$executeRaw", 'DELETE FROM comments', {"touches": ["public.comments"]}, {"Comment"}),
    ("$executeRaw", 'DELETE FROM comments', {"touches": ["Comment"]}, {"Comment"}),
    ("$executeRaw", 'DELETE FROM "_LabelToPost"', {"touches": ["_LabelToPost"]}, set()),
    ("$executeRaw", 'UPDATE "Author" SET age = 1', {}, {"Author", "Post", "Comment"}),
    ("$executeRaw", 'UPDATE "Author" SET age = 1', {"touches": ["Autor"]}, {"Author", "Post", "Comment"}),
    ("$executeRaw", 'SET LOCAL statement_timeout = 0', {"touches": []}, set()),
    ("$queryRaw", 'SELECT 1', {}, set()),
    ("$queryRaw", '/* DELETE */ -- x\n (SELECT 1)', {}, set()),
    ("$queryRaw", 'WITH a AS (SELECT 1) SELECT * FROM a', {}, set()),
    ("$queryRaw", 'WITH a AS (DELETE FROM comments RETURNING 1) SELECT * FROM a', {}, {"Author", "Post", "Comment"}),
    ("$queryRaw", 'INSERT INTO "Label" (name) VALUES (\'x\') RETURNING id', {}, {"Author", "Post", "Comment"}),
    ("$queryRaw", 'SELECT 1', {"touches": ["Comment"]}, {"Comment"}),
    ("$queryRaw", 'EXPLAIN ANALYZE DELETE FROM comments', {}, {"Author", "Post", "Comment"}),
    ("$executeRaw", 'not SQL', {}, set()),
    ("$executeRaw", "DO $$ BEGIN RAISE 'after a commit, perhaps'; END $$", {}, {"Author", "Post", "Comment"}),
])
def test_what_a_raw_statement_drops(world, operation, statement, args, dropped):
    for model in ("Author", "Post", "Comment"):
        world.read(model, "count")
    world.raw(operation, statement, **args)
    assert {model for model in ("Author", "Post", "Comment") if not world.is_kept(model, "count")} == dropped


# MARK: Transactions and failures


def test_a_transaction_drops_at_its_commit_and_not_when_it_is_rolled_back(world):
    for end, name in (("rollback", "A"), ("commit", "new")):
        world.read(*ONE, where={"id": 1})
        id = world.client.data({"operation": "$transaction.begin"})["id"]
        world.client.data({"model": "Author", "operation": "update", "args": {"where": {"id": 1}, "data": {"name": "new"}}, "transaction": id})
        assert world.is_kept(*ONE, where={"id": 1})
        world.client.data({"operation": f"$transaction.{end}", "args": {"id": id}})
        assert world.read(*ONE, where={"id": 1}).data["name"] == name


def test_a_write_that_the_database_refuses_drops_nothing(world):
    world.read("Author", "count")
    for operation, args in (("create", {"data": {"id": 1, "email": "n@x"}}), ("create", {"data": {"id": 9, "email": "n@x", "profile": {"create": {"id": 1, "bio": ""}}}})):
        assert world.client.query({"model": "Author", "operation": operation, "args": args}).code == "P2002"
    assert world.is_kept("Author", "count")


def test_a_write_whose_answer_is_too_large_has_happened(database):
    database.sql.execute(TABLES)
    library = Library(database, limits={"responseBytes": 300})
    assert library.read("Author", "count").data == 0
    reply = library.client.query({"model": "Author", "operation": "create", "args": {"data": {"id": 1, "email": "a@x", "name": "n" * 400}}})
    count = library.client.data({"model": "Author", "operation": "count", "args": {}})
    assert reply.code == "P6009" and library.read("Author", "count").data == count
    library.client.close()


def test_a_write_of_unknown_outcome_drops_as_if_it_had_happened(world):
    world.database.sql.execute("""
        CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
        CREATE CONSTRAINT TRIGGER die AFTER UPDATE ON "Label" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()""")
    world.read("Label", "count")
    reply = world.client.query({"model": "Label", "operation": "update", "args": {"where": {"name": "red"}, "data": {"color": "BLUE"}}})
    assert reply.status == "OUTCOME_UNKNOWN"
    assert not world.is_kept("Label", "count")


def test_a_query_that_runs_while_a_write_commits_is_not_kept(world):
    """It has seen the author before the write, and waits for the posts until after it."""
    world.read("Label", "count")
    args = {"include": {"posts": True}, "orderBy": {"id": "asc"}}
    with world.database.locked("Post") as lock:
        found = []
        reader = threading.Thread(target=lambda: found.append(world.read("Author", "findMany", **args)))
        reader.start()
        eventually(lambda: world.database.waiting() == 1, "a query that waits")
        world.write("Author", "update", where={"id": 1}, data={"name": "new"})
        lock.execute("COMMIT")
        reader.join()
    assert found[0].cache == "miss"
    reply = world.read("Author", "findMany", **args)
    assert (reply.cache, reply.data[0]["name"]) == ("miss", "new")


def test_automatic_invalidations_are_counted_apart_from_those_that_were_asked_for(world):
    name = "accelerant_cache_automatic_invalidations_total"
    world.write("Author", "update", where={"id": 1}, data={"name": "new"})
    assert world.metric(name) == 0
    world.read("Author", "count")
    world.write("Author", "update", where={"id": 1}, data={"name": "newer"})
    assert (world.metric(name), world.metric("accelerant_cache_invalidations_total")) == (1, 0)
