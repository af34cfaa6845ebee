"""Each key of the configuration with values of every kind: what is no value for it is refused under its name, and what is one works."""
import json
import os
import tempfile

import pytest
from capi import ROOT, Client, OpenError
from scene import SCHEMA

LARGEST = 2**63 - 1
with open(os.path.join(ROOT, "bindings", "spec", "configuration.json"), encoding="utf-8") as _file:
    _ENTRIES = json.load(_file)["keys"]
#: What each key may be: a kind, or the ends of a range of whole numbers.
KEYS = {entry["path"]: tuple(entry["range"]) if "range" in entry else {"string": "text", "boolean": "truth"}.get(entry["type"], entry["type"]) for entry in _ENTRIES}
#: JSON texts of each kind.
VALUES = {
    "text": ['""', '"x"', json.dumps("ä\U0001f600" * 100_000), r'"a\u0000b"', r'"\ud800"'],
    "number": ["1.5", "-1", "1e400", "-1e-400", str(LARGEST + 1), str(2**64), "1" + "0" * 1000, "0.1e-999999"],
    "truth": ["true", "false"], "list": ["[]", "[null]", "[[[]]]"], "object": ["{}", '{"a": 1}', '{"": {}}'],
}
RANGES = {key: kind for key, kind in KEYS.items() if isinstance(kind, tuple)}
#: Goes with the process.
FOLDER = tempfile.TemporaryDirectory()


def configuration(database, key, text):
    """A good configuration, but for the key."""
    document = {"schema": SCHEMA, "datasourceUrl": database.url(connection_limit=2), "log": ["query"]}
    section, _, name = key.rpartition(".")
    document.pop("schema" if key == "schemaPath" else name, None)
    if section == "cache.tier":
        # No server: the first one refuses the connection, which is no error of the configuration.
        document["cache"] = {"tier": {"url": "redis://127.0.0.1:1", name: "HERE"}}
    elif key == "cache.snapshotMinutes":
        document["cache"] = {"snapshot": os.path.join(FOLDER.name, "snapshot"), "snapshotTrust": "ttl", name: "HERE"}
    elif section:
        document[section] = {name: "HERE"}
    else:
        document[name] = "HERE"
    return json.dumps(document).replace('"HERE"', text)


def refusal(database, key, text):
    with pytest.raises(OpenError) as caught:
        Client(configuration(database, key, text))
    return caught.value.reply


@pytest.mark.parametrize("key", KEYS)
def test_values_of_another_kind_are_refused_under_the_keys_name(shared_database, key):
    own = "number" if isinstance(KEYS[key], tuple) else KEYS[key]
    for kind, texts in VALUES.items():
        for text in texts if kind != own else []:
            reply = refusal(shared_database, key, text)
            assert (reply.status, reply.code) == ("INVALID_CONFIGURATION", "P6001"), (text[:40], reply)
            # A text that is none is a fault of the document, and not of a key.
            assert f"`{key}" in reply.error_text or r"\u" in text, (text[:40], reply)
            assert len(reply.error_text) < 2000


@pytest.mark.parametrize("key", RANGES)
def test_numbers_are_taken_to_both_ends_of_their_range(shared_database, key):
    lowest, highest = RANGES[key]
    for text in VALUES["number"] + [str(lowest - 1), str(highest + 1)]:
        assert f"`{key}` has to be a whole number from {lowest} to {highest}" in refusal(shared_database, key, text).error_text, text[:40]
    requests = [{"model": "User", "operation": "count", "args": {"cacheStrategy": {"ttl": 60, "tags": ["a"]}}},
                {"operation": "$accelerate.invalidate", "args": {"tags": ["a"]}}, {"operation": "$accelerate.invalidateAll"}, {"operation": "$log.take"}]
    for number in (lowest, highest):
        with Client(configuration(shared_database, key, str(number))) as client:
            for request in requests * 2:
                status = client.query(request).status
                if key.startswith("cache.tier.") and "invalidate" in request["operation"]:
                    assert status == "UNAVAILABLE", (request, status)
                    continue
                assert status == "OK" or (number == lowest and status in ("TIMEOUT", "TOO_LARGE", "OVERLOADED")), (request, status)


@pytest.mark.parametrize("key", [key for key in KEYS if key not in ("schema", "schemaPath", "datasourceUrl", "cache.tier.url")])
def test_null_is_as_if_the_key_were_not_there(shared_database, key):
    with Client(configuration(shared_database, key, "null")) as client:
        assert client.data({"model": "User", "operation": "count"}) == 4


@pytest.mark.parametrize("key", ["schema", "schemaPath", "datasourceUrl", "directUrl", "clock", "cache.tier.url"])
def test_texts_that_mean_nothing_are_refused(shared_database, key):
    for text in VALUES["text"]:
        document = configuration(shared_database, key, text)
        if key == "directUrl":
            document = document.replace('"directUrl"', '"cache": {"listen": true}, "directUrl"')
        if (key, text) == ("schema", '""'):
            continue  # A schema without models is one.
        with pytest.raises(OpenError) as caught:
            Client(document)
        assert (caught.value.reply.status, caught.value.reply.code) == ("INVALID_CONFIGURATION", "P6001"), (text[:40], caught.value.reply)


def test_a_region_may_be_any_text(shared_database):
    for text in VALUES["text"][:3]:
        with Client(configuration(shared_database, "region", text)) as client:
            reply = client.query({"model": "User", "operation": "count"})
            assert reply.info["region"] == json.loads(text)
