"""bindings/spec describes what the library has: all of it, and nothing else. The built library is asked wherever it can tell."""
import glob
import json
import math
import os
import re
import subprocess
import sys

import pytest
from capi import HEADER, LIBRARY, ROOT, Client, OpenError, status_name

SPEC = os.path.join(ROOT, "bindings", "spec")
SCHEMA = 'datasource db {\n  provider = "postgresql"\n}\nmodel User {\n  id Int @id\n}\n'
#: Nobody listens there, and nothing here needs a connection.
NOWHERE = {"schema": SCHEMA, "datasourceUrl": "postgresql://user@127.0.0.1:1/nowhere"}
#: Is nearest to no name.
UNKNOWN = "zzzzzzzzzzzzzzzz"


def spec(document, key):
    with open(os.path.join(SPEC, document + ".json"), encoding="utf-8") as file:
        return json.load(file)[key]


def names(document, key, member="name"):
    listed = [entry[member] for entry in spec(document, key)]
    assert len(listed) == len(set(listed)), "each is described once"
    return listed


def source(pattern):
    """What a pattern finds in the library's own source, comments left out."""
    found = []
    for path in glob.glob(os.path.join(ROOT, "Sources", "**", "*.swift"), recursive=True):
        with open(path, encoding="utf-8") as file:
            text = "\n".join(line for line in file.read().split("\n") if not line.lstrip().startswith("//"))
        found += re.findall(pattern, text, re.S)
    return found


@pytest.fixture(scope="module")
def client():
    with Client(NOWHERE) as client:
        yield client


def refusal(**keys):
    with pytest.raises(OpenError) as caught:
        Client({**NOWHERE, **keys})
    return caught.value.reply.error_text


def expected(client, request):
    """The names that the library would have taken in the place of an unknown one."""
    return json.loads(client.query(request).error_text)["meta"].get("expected", [])


# Functions and statuses


def test_the_functions_are_those_of_the_header_in_its_order():
    with open(HEADER, encoding="utf-8") as file:
        header = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    declared = []
    for result, name, parameters in re.findall(r"^([a-z][\w ]*[ *]+)accelerant_(\w+)\(([^)]*)\);", header, re.M):
        split = [re.match(r"(.*?[ *])(\w+)$", text.strip()).groups() for text in parameters.split(",") if text != "void"]
        declared.append((name, result.strip(), [(type.strip(), parameter) for type, parameter in split]))
    described = [
        (entry["name"], entry["returns"], [(parameter["type"], parameter["name"]) for parameter in entry["parameters"]])
        for entry in spec("functions", "functions")
    ]
    assert described == declared


def test_the_library_exports_the_functions_and_nothing_else():
    listed = subprocess.run(["nm", "-D", "--defined-only", LIBRARY], check=True, capture_output=True, text=True).stdout
    exported = {line.split()[-1].split("@")[0] for line in listed.splitlines() if " T " in line}
    assert exported == {"accelerant_" + name for name in names("functions", "functions")}


def test_the_statuses_are_those_of_the_header_and_of_the_library():
    numbers = {entry["name"]: entry["number"] for entry in spec("statuses", "statuses")}
    with open(HEADER, encoding="utf-8") as file:
        defined = dict(re.findall(r"^#define ACCELERANT_(\w+) \(?(-?\d+)\)?", file.read(), re.M))
    caches = {name[len("CACHE_"):].lower(): int(number) for name, number in defined.items() if name.startswith("CACHE_")}
    assert caches == {entry["name"]: entry["number"] for entry in spec("statuses", "cacheStatuses")}
    assert numbers == {name: int(number) for name, number in defined.items() if name != "VERSION" and not name.startswith("CACHE_")}
    told = {status_name(number): number for number in range(-100, 1)}
    told.pop("UNKNOWN")
    assert told == numbers


# Operations


def test_the_operations_are_those_that_the_library_lists(client):
    assert names("operations", "operations") == expected(client, {"operation": UNKNOWN})


@pytest.mark.parametrize("operation", spec("operations", "operations"), ids=lambda entry: entry["name"])
def test_the_arguments_are_those_that_the_operation_takes(client, operation):
    request = {"operation": operation["name"], "args": {UNKNOWN: 1}}
    if operation["kind"] != "other":
        request["model"] = "User"
    assert operation["arguments"] == expected(client, request)


@pytest.mark.parametrize("operation", spec("operations", "operations"), ids=lambda entry: entry["name"])
def test_what_may_stand_in_a_transaction_is_let_in(client, operation):
    request = {"operation": operation["name"], "transaction": "00000000-0000-0000-0000-000000000000"}
    if operation["kind"] != "other":
        request["model"] = "User"
    document = json.loads(client.query(request).error_text)
    assert (document["meta"].get("path") == "transaction") == (not operation["inTransaction"]), document


def test_the_members_of_a_request_and_of_a_strategy_are_those_that_are_taken(client):
    request = {"model": "User", "operation": "findMany"}
    assert names("operations", "envelope") == expected(client, {**request, UNKNOWN: 1})
    assert names("operations", "cacheStrategy") == expected(client, {**request, "args": {"cacheStrategy": {UNKNOWN: 1}}})


# Configuration


@pytest.mark.parametrize("section", ["", "cache", "limits", "errors"])
def test_the_keys_are_those_that_a_section_takes(section):
    described = [path.rpartition(".")[2] for path in names("configuration", "keys", "path") if path.rpartition(".")[0] == section]
    told = refusal(**({section: {UNKNOWN: 1}} if section else {UNKNOWN: 1}))
    assert sorted(re.search(r"Known are: (.*?)\.", told)[1].split(", ")) == sorted(described)


def test_no_section_is_without_its_keys():
    objects = {entry["path"] for entry in spec("configuration", "keys") if entry["type"] == "object"}
    assert objects == {path.rpartition(".")[0] for path in names("configuration", "keys", "path")} - {""}


def test_the_levels_of_the_log_are_those_that_are_taken():
    assert names("configuration", "logLevels") == re.findall(r'\\"(\w+)\\"', refusal(log=[UNKNOWN]))
    for level in spec("configuration", "logLevels"):
        told = refusal(log=[{"level": level["name"], UNKNOWN: 1}])
        assert re.search(r"Known are: (.*?)\.", told)[1].split(", ") == ["level", *level["settings"]]


def test_the_parameters_of_the_url_are_those_that_are_taken():
    known = re.search(r"static let names = \[(.*?)\]", source(r"(struct ConnectionParameter.*)")[0], re.S)[1]
    assert names("configuration", "urlParameters") == re.findall(r'"(\w+)"', known)
    for entry in spec("configuration", "urlParameters"):
        value = entry.get("values", ["true" if entry["type"] == "boolean" else "1"])[-1]
        if entry["name"] not in ("sslcert", "sslkey", "sslpassword", "options"):
            Client({**NOWHERE, "datasourceUrl": f"{NOWHERE['datasourceUrl']}?{entry['name']}={value}"}).close()


@pytest.mark.parametrize("entry", [entry for entry in spec("configuration", "urlParameters") if "range" in entry], ids=lambda entry: entry["name"])
def test_numbers_of_the_url_are_taken_to_both_ends_of_their_range(entry):
    lowest, highest = entry["range"]
    url = NOWHERE["datasourceUrl"] + f"?{entry['name']}="
    for number in (lowest, highest):
        Client({**NOWHERE, "datasourceUrl": url + str(number)}).close()
    for number in (lowest - 1, highest + 1):
        assert f"from {lowest} to {highest}" in refusal(datasourceUrl=url + str(number))


#: Where the source keeps the default of a key: a variable of `Limits`, or of `ConnectionSettings`, and how many of its units are one of the key's.
DEFAULTS = {
    "cache.tier.timeoutMs": ("timeoutMilliseconds", 1), "cache.tier.maxEntryBytes": ("maxEntryBytes", 1),
    "cache.maxBytes": ("cacheBytes", 1), "cache.listenTimeoutMs": ("listenTimeoutMilliseconds", 1),
    "limits.queryTimeoutMs": ("queryTimeoutMilliseconds", 1), "limits.responseBytes": ("responseBytes", 1),
    "limits.requestBytes": ("requestBytes", 1), "limits.queueLength": ("queueLength", 1), "limits.logEvents": ("logEvents", 1),
    "limits.logBytes": ("logBytes", 1), "connection_limit": ("connectionLimit", 1), "pool_timeout": ("poolTimeoutMilliseconds", 1000),
    "connect_timeout": ("connectTimeoutMilliseconds", 1000), "socket_timeout": ("socketTimeoutMilliseconds", 1000),
    "statement_cache_size": ("statementCacheSize", 1), "max_idle_connection_lifetime": ("idleLifetimeMilliseconds", 1000),
    "max_connection_lifetime": ("connectionLifetimeMilliseconds", 1000), "multiplexing_limit": ("multiplexingLimit", 1),
}


def test_the_defaults_are_those_of_the_source():
    entries = [*spec("configuration", "keys"), *spec("configuration", "urlParameters")]
    described = {entry.get("path", entry.get("name")): entry["default"] for entry in entries if "default" in entry and "range" in entry}
    assert set(described) == set(DEFAULTS)
    for key, (variable, units) in DEFAULTS.items():
        written = source(rf"package var {variable} = ([\d_ *]+)")
        assert len(written) == 1 and math.prod(int(factor) for factor in written[0].split("*")) == described[key] * units, key


# Errors, metrics, log


def test_the_codes_are_those_of_the_source():
    described = set(names("errors", "codes", "code")) | set(names("errors", "causes", "code"))
    assert described == set(source(r'"(P[1-6]\d{3})"')) - {"P0001", "P0004"}


def test_each_status_that_the_source_gives_a_code_is_described():
    statuses = {entry["code"]: entry["statuses"] for entry in spec("errors", "codes")}
    assert set().union(*statuses.values()) == set(names("statuses", "statuses")) - {"OK", "MISUSE"}
    for status, code in source(r'Failure\(\s*\.(\w+), code: "(P\d{4})"'):
        status = re.sub(r"([A-Z])", r"_\1", status).upper()
        assert status in statuses[code], (code, status)


def test_the_kinds_are_those_of_the_source():
    body = source(r"enum Fault: String, Sendable, CaseIterable \{(.*?)\n    \}")
    assert names("errors", "kinds") == re.findall(r"case (\w+)", body[0])


@pytest.mark.parametrize("cache", [{}, {"listen": True}, {"tier": {"url": "redis://127.0.0.1:1"}}], ids=["alone", "listen", "tier"])
def test_the_metrics_are_those_that_the_library_gives(cache):
    with Client({**NOWHERE, "cache": cache}) as client:
        given = client.data({"operation": "$metrics"})
    told = {(kind[:-1], metric["key"], metric["description"]) for kind, metrics in given.items() for metric in metrics}
    described = {
        (entry["kind"], entry["name"], entry["help"])
        for entry in spec("metrics", "metrics") if "needs" not in entry or entry["needs"].split(".")[1] in cache
    }
    assert told == described


def test_the_events_are_those_of_the_source():
    told = {(level, target, text.split("\\(")[0].split(": ")[0])
            for level, target, text in source(r'tell\(\s*\.(\w+), "(\w+)",\s*"((?:[^"\\]|\\[^(]|\\\()*)')}
    told.add(("warn", "database", "A statement was slow."))
    described = {(entry["level"], entry["target"], entry["message"].split(": ")[0]) for entry in spec("log", "events") if "message" in entry}
    assert told == described
    assert source(r'"(A statement was slow\.)"')
    targets = set(source(r'target: "(\w+)"'))
    assert targets == {entry["target"] for entry in spec("log", "events")} - {"pool", "listener", "schema", "tier", "snapshot"}


# What is made from it


def test_everything_that_is_made_from_it_is_up_to_date():
    outcome = subprocess.run([sys.executable, os.path.join(SPEC, "generate"), "--check"], capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize("binding", sorted(os.listdir(os.path.join(ROOT, "bindings"))))
def test_the_codes_that_a_binding_names_are_among_them(binding):
    """Or are of Prisma Client itself, which has some that no database and no service gives."""
    described = set(names("errors", "codes", "code")) | set(names("errors", "causes", "code"))
    of_the_client = {"P1012", "P2001", "P2030", "P5000", "P6002", "P6006", "P6007"}
    for folder, _, files in os.walk(os.path.join(ROOT, "bindings", binding)):
        for name in files:
            if not name.endswith((".py", ".js", ".mjs", ".ts", ".c", ".h")) or "/tests" in folder or "node_modules" in folder:
                continue
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                named = set(re.findall(r"\b(P[1-6]\d{3})\b", file.read()))
            assert named <= described | of_the_client, f"{folder}/{name}: {named - described}"


def test_the_constants_of_python_are_among_them():
    from accelerant import errors
    codes = set(names("errors", "codes", "code")) | set(names("errors", "causes", "code"))
    kinds = set(names("errors", "kinds"))
    of_accelerate = {"P5000", "P6002", "P6006", "P6007"}  # Prisma's service has them, and the library does not.
    assert {code for code in errors._ERRORS if code} <= codes | of_accelerate
    assert set(errors._KINDS) <= kinds
