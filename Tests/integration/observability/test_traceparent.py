"""W3C Trace Context: `traceparent` in a request reaches the log and, where the trace is sampled, the server; the cache ignores it."""
import json
import secrets

import pytest
from asking import Asking
from capi import as_bytes
from waiting import Call, eventually

RIGHT = f"00-{'c' * 32}-{'d' * 16}-01"
SEEN = {"operation": "$queryRaw", "args": {"query": "SELECT current_query() AS q"}}


def fresh(flags="01"):
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-{flags}"


def find(traceparent=None, strategy=None, **args):
    """A read of users, with the traceparent as its last member."""
    request = {"model": "User", "operation": "findMany", "args": {**args, **({"cacheStrategy": strategy} if strategy else {})}}
    return {**request, "traceparent": traceparent} if traceparent else request


def test_a_sampled_trace_is_a_comment_of_the_statement(reader):
    trace = fresh()
    assert reader.client.data({**SEEN, "traceparent": trace})[0]["q"].endswith(f"/*traceparent='{trace}'*/")


@pytest.mark.parametrize("trace", [None, RIGHT[:-2] + "00", RIGHT[:-2] + "02"])
def test_one_that_is_not_sampled_does_not_go_to_the_server(reader, trace):
    assert reader.client.data({**SEEN, "traceparent": trace})[0]["q"] == SEEN["args"]["query"]


def test_reads_and_writes_of_models_bear_it_while_they_run(scene):
    requests = [
        find(fresh()),
        {"model": "User", "operation": "update", "args": {"where": {"id": 1}, "data": {"name": "A"}}, "traceparent": fresh()},
        {"operation": "$transaction", "args": {"requests": [{"model": "User", "operation": "count"}]}, "traceparent": fresh()},
    ]
    for request in requests:
        for again in range(2):
            with scene.database.locked() as session:
                call = Call(scene.client.query, request)
                eventually(lambda: scene.database.waiting() == 1, "the statement to wait")
                ((running,),) = session.execute(
                    "SELECT query FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
                session.execute("COMMIT")
            assert call.result().number == 0
            assert f"/*traceparent='{request['traceparent']}'*/" in running, again


def test_each_request_of_an_interactive_transaction_has_its_own(make_scene):
    scene = make_scene(log=["query"])
    identifier = scene.client.data({"operation": "$transaction.begin"})["id"]
    traces = [fresh(), None, fresh("00"), fresh()]
    for trace in traces:
        (row,) = scene.client.data({**SEEN, "transaction": identifier, **({"traceparent": trace} if trace else {})})
        assert ("/*traceparent=" in row["q"]) == bool(trace and trace.endswith("01")), trace
    scene.client.data({"operation": "$transaction.commit", "transaction": identifier, "traceparent": traces[0]})
    events = scene.client.data({"operation": "$log.take"})["events"]
    assert [event.get("traceparent") for event in events if event["query"] == SEEN["args"]["query"]] == traces
    assert events[-1]["query"] == "COMMIT" and events[-1]["traceparent"] == traces[0]
    assert scene.client.data(SEEN)[0]["q"] == SEEN["args"]["query"]


def test_the_requests_of_a_list_have_none_of_their_own(reader):
    request = {"operation": "$transaction", "args": {"requests": [{"model": "User", "operation": "count", "traceparent": fresh()}]}}
    reply = reader.client.query(request)
    assert reply.code == "P2009" and reply.error["meta"]["path"] == "args.requests[0].traceparent"


def test_the_server_prepares_nothing_for_sampled_traces(make_scene):
    scene = make_scene(url={"connection_limit": 1})
    prepared = {"operation": "$queryRaw", "args": {"query": "SELECT count(*)::int AS n FROM pg_prepared_statements"}, "traceparent": fresh()}
    before = scene.client.data(prepared)[0]["n"]
    for _ in range(5):
        assert scene.client.query(find(fresh())).number == 0
    assert scene.client.data(prepared)[0]["n"] == before
    scene.client.query(find(fresh("00")))
    assert scene.client.data(prepared)[0]["n"] == before + 1


def test_the_answers_are_the_same(reader):
    for request in (
        find(orderBy={"id": "asc"}), {"model": "Sample", "operation": "findMany", "args": {"orderBy": {"id": "asc"}}},
        {"model": "Sample", "operation": "aggregate", "args": {"_avg": {"amount": True}, "_max": {"moment": True}}},
        {"operation": "$queryRaw", "args": {"query": 'SELECT * FROM "Sample" ORDER BY id'}},
    ):
        plain = reader.client.query(request)
        traced = reader.client.query({**request, "traceparent": fresh()})
        assert plain.number == 0 and traced.text == plain.text


@pytest.mark.parametrize("spelling", [json.dumps, lambda request: json.dumps(request, separators=(",", ":"))], ids=["spaced", "compact"])
@pytest.mark.parametrize("place", ["last", "first", "middle"])
def test_the_cache_ignores_it(scene, spelling, place):
    def ask(trace):
        members = list(find(strategy={"ttl": 60}).items())
        members.insert({"last": 3, "first": 0, "middle": 1}[place], ("traceparent", trace))
        return scene.client.query(spelling(dict(members)))

    assert [ask(fresh()).cache for _ in range(3)] == ["miss", "ttl", "ttl"]
    assert scene.client.query(spelling(find(strategy={"ttl": 60}))).cache == "ttl"
    assert ask(fresh("00")).cache == "ttl"
    infos = {reply.info["signature"] for reply in (ask(fresh()), scene.client.query(find(strategy={"ttl": 60})))}
    assert len(infos) == 1


def test_traced_texts_fill_nothing(scene):
    """Texts that differ in their traceparent are remembered once, however many come."""
    scene.client.query(find(fresh(), {"ttl": 60}))
    scene.client.query(find(fresh(), {"ttl": 60}))
    before = scene.metric("accelerant_cache_bytes")
    for _ in range(200):
        assert scene.client.query(find(fresh(), {"ttl": 60})).cache == "ttl"
    assert scene.metric("accelerant_cache_bytes") == before
    assert scene.metric("accelerant_cache_entries") == 1


def test_a_stale_answer_of_a_traced_request_is_read_anew(scene):
    strategy = {"ttl": 1, "swr": 60}
    for request in (find(fresh(), strategy), {"traceparent": fresh(), **find(strategy=strategy, take=1)}):
        assert scene.client.query(request).cache == "miss"
        scene.advance(2)
        assert scene.client.query(request).cache == "swr"
        eventually(lambda: scene.client.query({**request, "traceparent": fresh()}).cache == "ttl", "the refresh")


def test_a_text_that_only_looks_traced_is_another_request(scene):
    """A traceparent in the arguments is no traceparent of the request."""
    assert scene.client.query(find(strategy={"ttl": 60})).cache == "miss"
    text = as_bytes({"model": "User", "operation": "findMany", "args": {"where": {"name": "x"}, "cacheStrategy": {"ttl": 60}}})
    inner = text.replace(b'"name": "x"', b'"traceparent": "%s"' % fresh().encode())
    assert scene.client.query(inner).code == "P2009"
    twice = as_bytes(find(fresh(), {"ttl": 60}))[:-1] + b', "traceparent": "%s"}' % fresh().encode()
    for _ in range(2):
        assert scene.client.query(twice).status == "INVALID_REQUEST"


def test_submitted_requests_bear_it_too(make_scene):
    scene = make_scene(log=["query"])
    asking = Asking(scene.client)
    first, second = fresh(), fresh()
    asking.submit(find(first, {"ttl": 60}), 1)
    asking.take_all(1)
    asking.submit(find(second, {"ttl": 60}), 2)
    reply = asking.take()
    assert reply is not None and reply[1].cache == "ttl", "a hit is there at once"
    events = scene.client.data({"operation": "$log.take"})["events"]
    assert [event["traceparent"] for event in events] == [first]


def test_events_bear_it_sampled_or_not(make_scene):
    scene = make_scene(log=["query", "error"])
    traces = [fresh(), fresh("00")]
    for trace in traces:
        scene.client.query(find(trace))
        scene.client.query({**find(trace), "operation": "findUniqueOrThrow", "args": {"where": {"id": 99}}})
    events = scene.client.data({"operation": "$log.take"})["events"]
    assert [event["traceparent"] for event in events] == [trace for trace in traces for _ in range(3)]
    assert not any("/*" in event.get("query", "") for event in events)


def test_followers_leave_it_to_the_leader(make_scene):
    scene = make_scene(log=["query"])
    leader, follower = fresh(), fresh()
    with scene.database.locked():
        calls = [Call(scene.client.query, find(leader, {"ttl": 60}))]
        eventually(lambda: scene.database.waiting() == 1, "the leader")
        calls.append(Call(scene.client.query, find(follower, {"ttl": 60})))
        eventually(lambda: scene.metric("accelerant_cache_joined_misses_total") == 1, "the follower")
    assert [call.result().cache for call in calls] == ["miss", "miss"]
    events = scene.client.data({"operation": "$log.take"})["events"]
    assert [event["traceparent"] for event in events] == [leader]


def test_of_a_later_version_what_is_known_is_passed_on(reader):
    trace = fresh()
    seen = reader.client.data({**SEEN, "traceparent": "42" + trace[2:] + "-and-more"})
    assert seen[0]["q"].endswith(f"/*traceparent='{trace}'*/")


@pytest.mark.parametrize("wrong", [
    "", "00", RIGHT.upper(), RIGHT + "-", "ff" + RIGHT[2:], RIGHT[:-1] + "'", f"00-{'0' * 32}-{'1' * 16}-01", f"00-{'1' * 32}-{'0' * 16}-01",
    "00-" + "1" * 32 + "-" + "1" * 16 + "-1", "*/ DROP TABLE x; --", 1, True, [], {},
], ids=str)
def test_what_is_none_is_refused(reader, wrong):
    reply = reader.client.query({**find(), "traceparent": wrong})
    assert (reply.status, reply.code) == ("INVALID_REQUEST", "P6005") and reply.error["meta"]["path"] == "traceparent"
    if isinstance(wrong, str) and len(wrong) > 3:
        assert wrong not in reply.error_text
