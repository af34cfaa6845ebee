"""`comments` of a request: what its statements carry to the server beside the SQL; the cache ignores them."""
import secrets

import pytest
from waiting import Call, eventually

SEEN = {"operation": "$queryRaw", "args": {"query": "SELECT current_query() AS q"}}
TEXT = "/*app='shop',route='%2Fusers'*/"
COMMENTS = {"route": "/users", "app": "shop"}


def sampled():
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def test_they_stand_behind_the_statement_sorted_by_their_names(reader):
    assert reader.client.data({**SEEN, "comments": COMMENTS})[0]["q"] == f"SELECT current_query() AS q {TEXT}"
    assert reader.client.data({**SEEN, "comments": {}})[0]["q"] == reader.client.data({**SEEN, "comments": None})[0]["q"] == SEEN["args"]["query"]


@pytest.mark.parametrize("value", ["*/ SELECT 1 /*", "'; DROP TABLE x; --", "\\'", "\n--", "ü", "%"])
def test_no_value_ends_the_comment(reader, value):
    (row,) = reader.client.data({**SEEN, "comments": {"a": value, value: "b"}})
    inside = row["q"].removeprefix("SELECT current_query() AS q /*").removesuffix("*/")
    assert "/" not in inside and "\n" not in inside and inside.replace("\\'", "").count("'") == 4


def test_a_sampled_trace_is_one_of_them(reader):
    trace = sampled()
    assert reader.client.data({**SEEN, "comments": {"z": "1"}, "traceparent": trace})[0]["q"].endswith(f" /*traceparent='{trace}',z='1'*/")
    assert reader.client.data({**SEEN, "comments": {"z": "1"}, "traceparent": trace[:-1] + "0"})[0]["q"].endswith(" /*z='1'*/")


def test_reads_and_writes_of_models_bear_them_while_they_run(scene):
    requests = [
        {"model": "User", "operation": "findMany", "comments": COMMENTS},
        {"model": "User", "operation": "update", "args": {"where": {"id": 1}, "data": {"name": "A"}}, "comments": COMMENTS},
        {"operation": "$transaction", "args": {"requests": [{"model": "User", "operation": "count"}]}, "comments": COMMENTS},
        {"operation": "$transaction", "args": {"requests": [{"model": "User", "operation": "count", "comments": COMMENTS}]}, "comments": {"other": "x"}},
    ]
    for request in requests:
        with scene.database.locked() as session:
            call = Call(scene.client.query, request)
            eventually(lambda: scene.database.waiting() == 1, "the statement to wait")
            ((running,),) = session.execute("SELECT query FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
            session.execute("COMMIT")
        assert call.result().number == 0
        assert TEXT in running, request


def test_each_request_of_a_transaction_has_its_own(make_scene):
    scene = make_scene(log=["query"])
    each = [{"n": "1"}, None, {"n": "2"}]
    part = [{**SEEN, **({"comments": one} if one else {})} for one in each]
    rows = scene.client.data({"operation": "$transaction", "args": {"requests": part}, "comments": {"list": "x"}})
    endings = [row["q"].removeprefix(SEEN["args"]["query"]) for (row,) in rows]
    assert endings == [" /*n='1'*/", " /*list='x'*/", " /*n='2'*/"]
    identifier = scene.client.data({"operation": "$transaction.begin"})["id"]
    texts = [scene.client.data({**request, "transaction": identifier})[0]["q"] for request in part]
    scene.client.data({"operation": "$transaction.commit", "transaction": identifier})
    assert [text.removeprefix(SEEN["args"]["query"]) for text in texts] == [" /*n='1'*/", "", " /*n='2'*/"]
    events = [event["query"] for event in scene.client.data({"operation": "$log.take"})["events"]]
    assert [query for query in events if query.startswith("SELECT current_query")][3:] == texts


def test_the_cache_ignores_them(reader):
    request = {"model": "User", "operation": "findMany", "args": {"cacheStrategy": {"ttl": 60}}}
    caches = [reader.client.query({**request, **({"comments": one} if one else {})}).cache for one in ({"a": "1"}, {"a": "2"}, None, {"a": "1"})]
    assert caches == ["miss", "ttl", "ttl", "ttl"]


@pytest.mark.parametrize("wrong", [1, [], "a", {"a": 1}, {"a": None}, {"": "a"}, {"a": "\0"}, {"a": "x" * 4093}])
def test_what_is_no_object_of_texts_is_refused(reader, wrong):
    reply = reader.client.query({**SEEN, "comments": wrong})
    assert reply.code == "P6005" and "`comments`" in reply.error["message"]
