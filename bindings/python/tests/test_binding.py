"""The Python package against a real database: calls, values, errors, threads, the end."""
import datetime
import decimal
import enum
import json
import os
import uuid

import pytest
from accelerant import (
    Accelerant, AnyNull, ClientNotConnectedError, DataError, DbNull, FieldNotFoundError, FieldRef, InvalidDataSourceError,
    InvalidParametersError, InvalidValueError, Json, JsonNull, MissingRequiredValueError, NotUniqueError, PrismaError, QueryTimeoutError, RawQueryError, RecordNotFoundError, TableNotFoundError,
    UniqueViolationError, ValidationError, WrongTypeError)
from accelerant.client import camel_case, snake_case
from waiting import Call, eventually

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), *[".."] * 3))
SCHEMA_PATH = os.path.join(ROOT, "Tests", "support", "blog", "schema.prisma")
UTC = datetime.timezone.utc


@pytest.fixture
def db(database, way):
    with Accelerant(schema_path=SCHEMA_PATH, datasource_url=database.url(), clock="manual") as db:
        yield db


def test_the_eight_reads(db):
    assert db.user.find_unique(where={"id": 1}) == {"id": 1, "name": "Alice", "email": "alice@example.org"}
    assert db.user.find_unique(where={"id": 99}) is None
    assert db.user.find_unique_or_throw(where={"email": "bob@example.org"})["id"] == 2
    assert db.user.find_first(order_by={"id": "desc"})["id"] == 4
    assert db.user.find_first_or_throw(where={"name": None})["id"] == 3
    assert [user["id"] for user in db.user.find_many(where={"id": {"gt": 1}}, order_by={"id": "asc"}, take=2)] == [2, 3]
    assert db.user.count() == 4 and db.user.count(select={"name": True}) == {"name": 3}
    assert db.user.aggregate(_max={"id": True}) == {"_max": {"id": 4}}
    groups = db.order_item.group_by(by=["article"], _sum={"price": True}, order_by={"article": "asc"})
    assert groups[-1] == {"article": "pen", "_sum": {"price": decimal.Decimal(3)}}


def test_the_triggers_that_tell_of_changes(database, way):
    with Accelerant(schema_path=SCHEMA_PATH, datasource_url=database.url(), direct_url=database.url(), cache={"listen": True}) as db:
        assert db.accelerate.install_triggers(["User"])["executed"] is False
        assert db.accelerate.install_triggers(execute=True)["tables"] == ["User", "Sample", "order_item"]
        kept = lambda: db.user.with_accelerate_info().find_many(cache_strategy={"ttl": 60, "auto": True})[1].cache_status == "ttl"
        eventually(kept, "an answer to be kept")
        database.sql.execute("DELETE FROM \"User\" WHERE id = 1")
        eventually(lambda: len(db.user.find_many(cache_strategy={"ttl": 60, "auto": True})) == 3, "the change")
        assert db.accelerate.remove_triggers(execute=True)["executed"] is True


def test_the_nine_writes(db):
    made = db.user.create(data={"name": "Wanda", "email": "wanda@example.org"})
    assert db.user.update(where={"id": made["id"]}, data={"name": "Wanda W."}, select={"name": True}) == {"name": "Wanda W."}
    assert db.user.upsert(where={"id": made["id"]}, update={"name": None}, create={"email": "x@example.org"})["name"] is None
    assert db.user.create_many(data=[{"email": f"many{i}@example.org"} for i in range(2)]) == {"count": 2}
    again = [{"email": f"many{i}@example.org", "name": "again"} for i in range(1, 3)]
    assert [row["email"] for row in db.user.create_many_and_return(data=again, skip_duplicates=True)] == ["many2@example.org"]
    many = {"email": {"startsWith": "many"}}
    assert db.user.update_many(where=many, data={"name": "M"}) == {"count": 3}
    assert {row["name"] for row in db.user.update_many_and_return(where=many, data={"name": "N"})} == {"N"}
    assert db.user.delete_many(where=many) == {"count": 3}
    assert db.user.delete(where={"id": made["id"]})["email"] == "wanda@example.org"
    with pytest.raises(RecordNotFoundError):
        db.user.delete(where={"id": made["id"]})
    with pytest.raises(UniqueViolationError):
        db.user.create(data={"email": "alice@example.org"})
    amount = decimal.Decimal("12.75")
    moment = datetime.datetime(2026, 5, 6, 7, 8, 9, 10000, UTC)
    row = db.sample.update(where={"id": 1}, data={"amount": amount, "moment": moment, "payload": b"\x01", "big": 2**60})
    assert (row["amount"], row["moment"], row["payload"], row["big"]) == (amount, moment, b"\x01", 2**60)


def test_models_have_every_spelling(db):
    assert db.order_item is db.orderItem is db.model("OrderItem") is db.order_item
    with pytest.raises(AttributeError, match="nothing"):
        db.nothing


def test_values_come_back_as_python_has_them(db):
    row = db.sample.find_unique(where={"id": 1})
    assert row == {
        "id": 1, "text": "one", "flag": True, "small": 7, "big": 9007199254740993, "ratio": 0.5, "amount": decimal.Decimal("12.5"),
        "moment": datetime.datetime(2026, 1, 2, 3, 4, 5, 678000, UTC), "document": {"a": [1, None, "x"]}, "payload": b"\x00\xff\x10",
        "color": "RED", "words": ["a", "b"], "numbers": [1, 2]}
    assert type(row["big"]) is int and type(row["amount"]) is decimal.Decimal and row["moment"].tzinfo is UTC
    assert set(db.sample.find_unique(where={"id": 4}, omit={"id": True, "words": True, "numbers": True}).values()) == {None}


def test_values_of_aggregates(db):
    total = db.sample.aggregate(_sum={"big": True, "amount": True}, _min={"moment": True, "big": True}, _avg={"amount": True, "small": True}, where={"id": {"in": [1, 5]}})
    assert total == {
        "_sum": {"big": 9007199254740993, "amount": decimal.Decimal("12.5")},
        "_min": {"moment": datetime.datetime(2000, 2, 29, 12, 0, tzinfo=UTC), "big": 0},
        "_avg": {"amount": decimal.Decimal("6.25"), "small": 3.5}}
    groups = db.sample.group_by(by=["moment", "big"], where={"id": 1}, _count=True)
    assert groups == [{"moment": datetime.datetime(2026, 1, 2, 3, 4, 5, 678000, UTC), "big": 9007199254740993, "_count": 1}]


class Shade(enum.Enum):
    RED = "RED"


@pytest.mark.parametrize("where", [
    {"big": 9007199254740993}, {"amount": decimal.Decimal("12.50")}, {"payload": b"\x00\xff\x10"}, {"color": Shade.RED, "id": 1},
    {"moment": datetime.datetime(2026, 1, 2, 5, 4, 5, 678000, datetime.timezone(datetime.timedelta(hours=2)))},
    {"moment": {"gt": datetime.date(2026, 1, 2), "lt": datetime.date(2026, 1, 3)}}, {"document": {"equals": Json({"a": [1, None, "x"]})}},
    {"words": {"equals": ("a", "b")}},
], ids=lambda where: next(iter(where)))
def test_values_go_as_python_has_them(db, where):
    assert [row["id"] for row in db.sample.find_many(where=where)] == [1]


def test_the_three_nulls_and_field_references(db):
    find = lambda value: [row["id"] for row in db.sample.find_many(where={"document": {"equals": value}}, order_by={"id": "asc"})]
    assert (find(DbNull), find(JsonNull), find(AnyNull)) == ([4], [2], [2, 4])
    rows = db.user.find_many(where={"name": {"equals": db.user.fields.email}})
    assert rows == [] and isinstance(db.user.fields.email, FieldRef)


def test_what_is_none_is_not_given(db):
    everything = dict.fromkeys(["where", "order_by", "take", "skip", "cursor", "distinct", "select", "include", "omit", "cache_strategy",
                                "timeout_ms", "traceparent", "relation_load_strategy"])
    assert len(db.user.find_many(**everything)) == 4 and db.user.find_first(**everything)["id"] == 1
    assert db.user.find_many(take=None, order_by={"id": "desc"}, skip=3) == [{"id": 1, "name": "Alice", "email": "alice@example.org"}]
    assert db.user.count(where=None, select=None) == 4 and db.user.aggregate(_count=True, _avg=None, where=None) == {"_count": 4}
    assert db.user.update_many(where=None, data={"name": None}, limit=None) == {"count": 4}
    assert {user["name"] for user in db.user.find_many(where={"name": None})} == {None}
    with pytest.raises(PrismaError):
        db.user.find_unique(where=None)


MOMENT = datetime.datetime(2026, 1, 2, 5, 4, 5, 678000, datetime.timezone(datetime.timedelta(hours=2)))



@pytest.mark.parametrize("value", [
    {"a": [1, 2.0, 1e16, 1.5e300, -0.5, 10**40, True, None, "é𝄞"]}, {"$type": "DateTime", "value": "2026-01-01T00:00:00Z"}, {"$type": "Json", "value": 1}, [], {}, "text", 7,
    2.0, True, [[{"deep": [{"$type": "Enum", "value": "DbNull"}]}]], Json({"a": Json(1), "b": [JsonNull]}),
], ids=repr)
def test_data_of_a_json_field_is_read_as_it_was_given(db, value):
    plain = {"a": 1, "b": [None]} if isinstance(value, Json) else value
    for given in (value, Json(value)):
        read = db.sample.update(where={"id": 1}, data={"document": given})["document"]
        assert read == plain and repr(read) == repr(plain)
    assert repr(db.sample.create(data={"id": 100, "document": value})["document"]) == repr(plain)


@pytest.mark.parametrize("place, value", [
    ("at", {"at": datetime.datetime(2026, 1, 1, tzinfo=UTC)}), ("a.1", {"a": [1, object()]}), ("a", Json({"a": {1}})), ("1", {1: 2}),
    ("x.n", Json({"x": {"n": decimal.Decimal("1.5")}})), ("0", Json([DbNull])), ("f", {"f": float("nan")}), ("b", {"b": b"\x00"}), ("id", Json({"id": uuid.uuid4()})),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_json_cannot_hold_is_refused_by_its_place(db, place, value):
    with pytest.raises(TypeError, match="^`args.data.document`: `" + place + "`: "):
        db.sample.update(where={"id": 1}, data={"document": value})
    assert db.sample.find_unique(where={"id": 1})["document"] == {"a": [1, None, "x"]}


@pytest.mark.parametrize("value", [datetime.datetime(2026, 1, 1), object(), {1, 2}, 1j, datetime.timedelta(1), decimal.Decimal("sNaN"), decimal.Decimal("1e999999")], ids=lambda value: type(value).__name__)
def test_what_has_no_place_in_a_query_is_refused(db, value):
    with pytest.raises((TypeError, ValueError), match="^`args.where.text`: "):
        db.sample.find_many(where={"text": value})


def test_the_cache_and_its_info(db, database):
    users = db.user.with_accelerate_info()
    strategy = {"ttl": 60, "swr": 60, "tags": ["users"]}
    read = lambda: users.find_many(cache_strategy=strategy)
    data, info = read()
    assert info.cache_status == "miss" and len(data) == 4
    assert info.last_modified.tzinfo is UTC and info.region == "unspecified" and info.request_id and info.signature
    assert read().info.cache_status == "ttl"
    db.clock.advance(60)
    assert read().info.cache_status == "swr"
    eventually(lambda: read().info.cache_status == "ttl", "the refresh")
    assert "requestId" in db.accelerate.invalidate(tags=["users"])
    assert read().info.cache_status == "miss"
    assert "requestId" in db.accelerate.invalidate_all()
    assert read().info.cache_status == "miss"
    assert users.count().info.cache_status == "none"


def test_an_answer_belongs_to_its_caller(db):
    read = lambda: db.user.find_many(cache_strategy={"ttl": 60})
    read().clear()
    assert len(read()) == 4


def test_writes_drop_automatic_answers(db):
    read = lambda: db.user.with_accelerate_info().find_unique(where={"id": 1}, cache_strategy={"ttl": 60, "auto": True})
    assert [read().info.cache_status for _ in range(2)] == ["miss", "ttl"]
    db.user.update(where={"id": 1}, data={"name": "Anna"})
    assert read().data["name"] == "Anna"
    db.execute_raw('UPDATE "User" SET name = $1', "Berta", touches=["User"])
    assert read().data["name"] == "Berta"
    assert db.query_raw('UPDATE "User" SET name = $1 RETURNING id', "Clara", touches=[])
    assert read().data["name"] == "Berta"


def test_raw_sql_metrics_and_any_request(db):
    assert db.query_raw('SELECT name FROM "User" WHERE id = $1', 1) == [{"name": "Alice"}]
    parameters = (decimal.Decimal("1.5"), datetime.datetime(2026, 1, 2, tzinfo=UTC), b"\x00\xff", 2**53 + 1, None)
    rows = db.query_raw("SELECT ($1::numeric, $2::timestamptz, $3::bytea, $4::bigint, $5::text)::text AS row", *parameters)
    assert rows == [{"row": '(1.5,"2026-01-02 00:00:00+00","\\\\x00ff",9007199254740993,)'}]
    assert db.execute_raw('UPDATE "User" SET name = $1 WHERE id = $2', "Anna", 1) == 1
    assert "counters" in db.metrics() and "accelerant_cache" in db.metrics(format="prometheus")
    assert db.request({"model": "User", "operation": "count"}) == 4
    assert db.request_with_info({"model": "User", "operation": "count"}).info.cache_status == "none"
    assert json.loads(db.request_bytes(b'{"model":"User","operation":"count"}')) == 4
    db.connect()


@pytest.mark.parametrize("kind, code, status, call", [
    (RecordNotFoundError, "P2025", "NOT_FOUND", lambda db: db.user.find_unique_or_throw(where={"id": 99})),
    (FieldNotFoundError, "P2009", "INVALID_REQUEST", lambda db: db.user.find_many(where={"nmae": 1})),
    (InvalidParametersError, "P6005", "INVALID_REQUEST", lambda db: db.user.find_many(cache_strategy={"ttl": -1})),
    (RawQueryError, "P2010", "DATABASE", lambda db: db.query_raw("SELECT 1/0")),
    (QueryTimeoutError, "P6004", "TIMEOUT", lambda db: db.request({"operation": "$queryRaw", "timeoutMs": 50, "args": {"query": "SELECT pg_sleep(9)::text"}})),
])
def test_errors_have_their_names(db, kind, code, status, call):
    with pytest.raises(kind) as caught:
        call(db)
    error = caught.value
    assert isinstance(error, PrismaError) and (error.code, error.status) == (code, status)
    assert isinstance(error.meta, dict) and str(error) == error.message != ""


@pytest.mark.parametrize("kind, call", [
    (FieldNotFoundError, lambda db: db.user.find_many(where={"nmae": 1})),
    (FieldNotFoundError, lambda db: db.user.find_many(wher={})),
    (FieldNotFoundError, lambda db: db.user.find_many(select={"nmae": True})),
    (WrongTypeError, lambda db: db.user.find_many(where={"id": "x"})),
    (WrongTypeError, lambda db: db.user.find_many(where={"OR": None})),
    (MissingRequiredValueError, lambda db: db.user.find_many(where={"email": None})),
    (InvalidValueError, lambda db: db.user.find_many(where={"id": 2**40})),
    (InvalidValueError, lambda db: db.sample.find_many(where={"color": "PINK"})),
    (NotUniqueError, lambda db: db.user.find_unique(where={"name": "x"})),
    (MissingRequiredValueError, lambda db: db.user.create(data={"name": "x"})),
    (MissingRequiredValueError, lambda db: db.user.find_unique()),
])
def test_each_kind_of_fault_in_a_query_has_its_class(db, kind, call):
    with pytest.raises(ValidationError) as caught:
        call(db)
    assert type(caught.value) is kind and caught.value.code in ("P2009", "P2012", "P2020") and caught.value.meta["path"], caught.value


def test_data_errors_are_data_errors(db):
    db.execute_raw('DROP TABLE "User"')
    with pytest.raises(TableNotFoundError) as caught:
        db.user.count()
    assert isinstance(caught.value, DataError) and issubclass(UniqueViolationError, DataError)


def test_a_wrong_configuration_shows_when_the_client_is_opened():
    with pytest.raises(InvalidDataSourceError) as caught:
        Accelerant("model A {", datasource_url="postgresql://localhost/x")
    assert caught.value.code == "P6001"


def test_settings_may_be_spelled_as_python_does(database):
    limits, cache = {"query_timeout_ms": 100, "responseBytes": 100_000}, {"max_bytes": 2**20}
    with Accelerant(schema_path=SCHEMA_PATH, datasource_url=database.url(), limits=limits, cache=cache, region="here") as db:
        assert db.user.with_accelerate_info().count().info.region == "here"
        with pytest.raises(QueryTimeoutError):
            db.query_raw("SELECT pg_sleep(9)::text")


def test_a_section_inside_may_be_spelled_so_too(database):
    """Nothing listens at port 1: a tier that is down is no error, and neither are its settings."""
    tier = {"url": "redis://127.0.0.1:1", "timeout_ms": 100, "maxEntryBytes": 1000}
    with Accelerant(schema_path=SCHEMA_PATH, datasource_url=database.url(), cache={"tier": tier}) as db:
        assert db.user.count(cache_strategy={"ttl": 60}) == 4
        assert "accelerant_tier_trusted 0" in db.metrics(format="prometheus")
    with pytest.raises(InvalidDataSourceError) as caught:
        Accelerant(schema_path=SCHEMA_PATH, datasource_url=database.url(), cache={"tier": {**tier, "timeout_ms": 0}})
    assert caught.value.meta["path"] == "cache.tier.timeoutMs"


def test_a_time_limit_for_one_call(db, database):
    with database.locked(), pytest.raises(QueryTimeoutError):
        db.user.find_many(timeout_ms=100)


def test_other_threads_run_while_a_call_waits(db, database):
    with database.locked():
        call = Call(db.user.count)
        eventually(lambda: database.waiting() == 1, "the query")
        assert call.is_running()
    assert call.result() == 4


def test_a_closed_client_says_so(db):
    db.close()
    db.close()
    with pytest.raises(ClientNotConnectedError) as caught:
        db.user.count()
    assert caught.value.code == "P6010"


def test_close_waits_for_calls_of_other_threads(database):
    db = Accelerant(schema_path=SCHEMA_PATH, datasource_url=database.url())
    with database.locked():
        call = Call(db.user.count)
        eventually(lambda: database.waiting() == 1, "the query")
        closing = Call(db.close)
        eventually(lambda: db._handle is None, "the close to begin")
        with pytest.raises(ClientNotConnectedError):
            db.user.count()
        assert closing.is_running()
    assert call.result() == 4
    closing.result()


def test_many_threads_open_use_and_close(database):
    def work():
        with Accelerant(schema_path=SCHEMA_PATH, datasource_url=database.url(connection_limit=1)) as db:
            return [db.user.count(cache_strategy={"ttl": 60}) for _ in range(20)]

    assert {tuple(call.result(60)) for call in [Call(work) for _ in range(8)]} == {(4,) * 20}


def test_names_change_their_case():
    assert [camel_case(name) for name in ("order_by", "max_bytes", "_count", "ttl", "queryTimeoutMs")] == ["orderBy", "maxBytes", "_count", "ttl", "queryTimeoutMs"]
    assert [snake_case(name) for name in ("User", "OrderItem", "HTTPRequest", "A1B")] == ["user", "order_item", "http_request", "a1_b"]


def test_a_client_without_a_schema_pulls_one(database):
    url = database.url(schema="public")
    with Accelerant(datasource_url=url) as db:
        schema = db.request({"operation": "$schema.pull"})["schema"]
        assert db.query_raw("SELECT 1 AS n") == [{"n": 1}]
    with Accelerant(schema, datasource_url=url, check="error") as db:
        assert db.User.find_unique(where={"id": 1})["name"] == "Alice"
    missing = schema + "\nmodel Missing {\n  id Int @id\n}\n"
    with Accelerant(missing, datasource_url=url, check="error") as db:
        with pytest.raises(PrismaError, match="Missing: missingTable"):
            db.User.find_many()
