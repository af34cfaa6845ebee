"""What is refused with P6005, before anything runs."""
import itertools
import json

import pytest

REFUSED_SECONDS = ["-1", "1.5", "1e400", '"60"', "true", "[]", "{}", "0.1", "-0.5", "31536001", "1e300", "99999999999999999999"]


def read_with(strategy):
    """A read whose strategy is the given JSON text."""
    return '{"model":"User","operation":"findMany","args":{"cacheStrategy":' + strategy + "}}"


def assert_refused(reply, *names):
    assert (reply.status, reply.code) == ("INVALID_REQUEST", "P6005"), reply
    assert reply.error["message"].startswith("An invalid parameter was provided"), reply
    assert any(name in reply.error_text for name in names), reply


@pytest.mark.parametrize("field", ["ttl", "swr"])
@pytest.mark.parametrize("value", REFUSED_SECONDS)
def test_14_seconds_are_whole_numbers_from_zero_to_a_year(reader, field, value):
    before = reader.reads()
    assert_refused(reader.client.query(read_with(f'{{"{field}":{value}}}')), field)
    assert reader.reads() == before


def test_14_a_whole_number_may_be_written_with_a_point(scene):
    assert scene.client.query(read_with('{"ttl":60.0}')).cache == "miss"
    assert scene.client.query(read_with('{"ttl":60}')).cache == "ttl"
    assert scene.client.query(read_with('{"ttl":6e1}')).cache == "ttl"


@pytest.mark.parametrize("strategy", ["1", '"60"', "true", "[]", '[{"ttl":60}]'])
def test_15_a_strategy_is_an_object(reader, strategy):
    assert_refused(reader.client.query(read_with(strategy)), "cacheStrategy")


@pytest.mark.parametrize("strategy", ['{"ttl":60,"TTL":60}', '{"tll":60}', '{"ttl":60,"tag":["a"]}', '{"":1}'])
def test_15_unknown_keys_are_refused(reader, strategy):
    assert_refused(reader.client.query(read_with(strategy)), "TTL", "tll", "tag", "cacheStrategy")


GOOD_TAGS = ["a", "Z9_", "_", "0", "x" * 64, "all", "null"]
BAD_TAGS = ["", "x" * 65, "a b", "a-b", "a.b", "a,b", "é", "a\x00b", "😀", "tag\n", "\n", "a\t", " a", "a/b", "a*"]


@pytest.mark.parametrize("tag", GOOD_TAGS, ids=repr)
def test_16_good_tags(reader, tag):
    assert reader.find({"ttl": 60, "tags": [tag]}).number == 0
    assert reader.invalidate(tag).number == 0


@pytest.mark.parametrize("tag", BAD_TAGS, ids=ascii)
def test_16_bad_tags_are_refused(reader, tag):
    assert_refused(reader.find({"ttl": 60, "tags": ["good", tag]}), "tags")
    assert_refused(reader.invalidate("good", tag), "tags")


@pytest.mark.parametrize("tags", [1, "a", {"a": 1}, True, [1], [None], [["a"]], ["a", 2]], ids=str)
def test_17_tags_are_a_list_of_strings(reader, tags):
    assert_refused(reader.find({"ttl": 60, "tags": tags}), "tags")


def test_17_at_most_64_tags_a_query(scene):
    assert scene.find({"ttl": 60, "tags": [f"t{n}" for n in range(64)]}).cache == "miss"
    assert_refused(scene.find({"ttl": 60, "tags": [f"t{n}" for n in range(65)]}), "tags")


def test_17_duplicates_count_once_and_an_empty_list_is_no_tags(scene):
    assert scene.find({"ttl": 60, "tags": ["a", "a"]}).cache == "miss"
    assert scene.find({"ttl": 60, "tags": []}).cache == "ttl"


def test_17_case_matters(scene):
    scene.find({"ttl": 60, "tags": ["users"]})
    scene.invalidate("Users")
    assert scene.find({"ttl": 60}).cache == "ttl"


def test_18_five_tags_a_call_counted_before_duplicates_go(reader):
    assert reader.invalidate("a", "b", "c", "d", "e").number == 0
    assert_refused(reader.invalidate("a", "b", "c", "d", "e", "f"), "tags")
    assert_refused(reader.invalidate(*"aaaaaa"), "tags")


@pytest.mark.parametrize("args", [{}, {"tags": []}, {"tags": None}, {"tags": "a"}, {"tags": ["a"], "also": 1}, {"tag": ["a"]}], ids=str)
def test_18_invalidate_wants_tags_and_nothing_else(reader, args):
    assert_refused(reader.client.query({"operation": "$accelerate.invalidate", "args": args}), "tags", "also", "tag")


def test_18_one_bad_tag_among_good_ones_invalidates_nothing(scene):
    scene.find({"ttl": 60, "tags": ["good"]})
    assert_refused(scene.invalidate("good", "bad tag"), "tags")
    assert scene.find({"ttl": 60}).cache == "ttl"


@pytest.mark.parametrize("operation", ["$queryRaw", "$executeRaw"])
def test_19_raw_sql_takes_no_strategy(scene, operation):
    args = {"query": "INSERT INTO \"User\" (email) VALUES ('new@example.org')", "cacheStrategy": {"ttl": 60}}
    assert_refused(scene.client.query({"operation": operation, "args": args}), "cacheStrategy")
    assert scene.find(operation="count").data == 4


@pytest.mark.parametrize("operation", [
    "create", "createMany", "createManyAndReturn", "update", "updateMany", "updateManyAndReturn", "upsert", "delete", "deleteMany"])
def test_19_no_write_takes_a_strategy(scene, operation):
    args = {"data": {"email": "new@example.org"}, "where": {"id": 1}, "cacheStrategy": {"ttl": 60}}
    assert_refused(scene.client.query({"model": "User", "operation": operation, "args": args}), "cacheStrategy")
    assert scene.find(operation="count").data == 4


def test_20_a_request_wrong_in_several_ways_gives_always_the_same_error(reader):
    wrong = {
        "where": {"nmae": "x", "id": {"gt": "one"}}, "take": "two", "orderBy": {"nothing": "up"},
        "cacheStrategy": {"ttl": -1, "tags": ["a b"], "what": 1},
    }
    errors, before = set(), reader.reads()
    for order in itertools.permutations(wrong):
        request = {"model": "User", "operation": "findMany", "args": {key: wrong[key] for key in order}}
        errors.add(reader.client.query(json.dumps(request)).error_text)
    assert len(errors) == 1, errors
    assert reader.reads() == before
