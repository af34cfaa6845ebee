"""The generated client with the module in C: the shortest way to a cached answer gives what the long one gives."""
import datetime
import decimal

import accelerant.library
import pytest

UTC = datetime.timezone.utc
STRATEGY = {"ttl": 60}


@pytest.fixture
def quick(package, url, native, monkeypatch):
    """A connected client whose calls wait, with the module in C."""
    monkeypatch.setattr(accelerant.library, "_native", native)
    with package.Prisma(datasource={"url": url}, clock="manual") as client:
        assert client._engine._codec.quick is not None
        yield client


@pytest.fixture
def users(quick):
    made = [
        {"name": f"n{i}", "email": f"e{i}@x.org", "points": float(i), "big": 2**60 + i, "meta": {"a": i, "$type": "x"}, "price": decimal.Decimal(f"{i}.50"),
         "born": datetime.datetime(2000, 1, 1 + i, tzinfo=UTC), "tags": ["t", str(i)], "role": "ADMIN" if i % 2 else "USER"} for i in range(5)]
    for data in made:
        quick.user.create(data=data)
    return quick.user.find_many(order={"name": "asc"})


CALLS = [
    {}, {"where": {"name": "n1"}}, {"where": {"name": {"startswith": "n"}}}, {"where": {"name": {"contains": "1", "mode": "insensitive"}}}, {"where": {"points": {"gte": 2}}},
    {"where": {"name": {"not_in": ["n1", "n2"]}}}, {"where": {"OR": [{"name": "n1"}, {"email": "e2@x.org"}]}}, {"where": {"meta": {"equals": {"a": 1, "$type": "x"}}}},
    {"where": {"email": None}}, {"where": {"role": "ADMIN"}}, {"where": {"tags": {"has_every": ["t"]}}}, {"where": {"NOT": {"name": {"endswith": "1"}}}},
    {"where": {"price": decimal.Decimal("1.50")}}, {"where": {"big": 2**60 + 3}}, {"take": 2, "skip": 1}, {"order": [{"points": "desc"}, {"name": "asc"}], "take": 3},
    {"where": {"posts": {"some": {"title": "x"}}}}, {"where": {"points": {"gt": 1, "lt": 4}}, "order": {"name": "desc"}}, {"distinct": ["role"], "order": {"role": "asc"}},
    {"where": {"name": {"not": {"in": ["n0"]}}}}, {"where": {"created_at": {"lte": datetime.datetime(2100, 1, 1, tzinfo=UTC)}}},
]


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_hits_are_what_the_database_says(quick, users, call):
    call = {"order": {"name": "asc"}, **call}
    plain = quick.user.find_many(**call)
    assert [quick.user.find_many(**call, cache_strategy=STRATEGY) for _ in range(3)] == [plain] * 3
    assert quick.user.find_first(**{key: value for key, value in call.items() if key != "take"}, cache_strategy=STRATEGY) == (
        quick.user.find_first(**{key: value for key, value in call.items() if key != "take"}))
    for row in plain:
        assert type(row.points) is float and type(row.price) is decimal.Decimal and row.role in ("ADMIN", "USER") and row.posts is None


def test_records_by_their_key(quick, users):
    for user in users:
        for _ in range(3):
            assert quick.user.find_unique({"id": user.id}, cache_strategy=STRATEGY) == user
            assert quick.user.find_unique_or_raise(where={"email": user.email}, cache_strategy={"ttl": 60, "stale_if_error": 5}) == user
    assert quick.user.find_unique({"id": "nobody"}, cache_strategy=STRATEGY) is None


def test_errors_are_those_of_the_long_way(quick, users):
    from accelerant import errors

    for call, kind in (
        (lambda: quick.user.find_many(where={"nobody": 1}, cache_strategy=STRATEGY), errors.FieldNotFoundError),
        (lambda: quick.user.find_many(where={"name": {1, 2}}, cache_strategy=STRATEGY), TypeError),
        (lambda: quick.user.find_unique({"name": "n1"}, cache_strategy=STRATEGY), errors.PrismaError),
        (lambda: quick.user.find_unique_or_raise({"id": "nobody"}, cache_strategy=STRATEGY), errors.RecordNotFoundError),
        (lambda: quick.user.find_many(cache_strategy={"ttl": "x"}), errors.PrismaError),
    ):
        for _ in range(2):
            with pytest.raises(kind):
                call()
    quick.disconnect()
    with pytest.raises(errors.ClientNotConnectedError):
        quick.user.find_many(cache_strategy=STRATEGY)


def test_a_transaction_does_not_read_the_cache(quick, users):
    read = lambda client: len(client.user.find_many(cache_strategy=STRATEGY))
    assert read(quick) == 5
    with quick.tx() as transaction:
        transaction.user.delete_many(where={"name": "n1"})
        assert read(transaction) == 4 and read(quick) == 5


def test_answers_as_bytes_and_with_info(quick, users):
    for _ in range(2):
        assert b'"n1"' in quick.user.as_json().find_many(cache_strategy=STRATEGY)
        told = quick.user.with_accelerate_info().find_many(order={"name": "asc"}, cache_strategy=STRATEGY)
    assert told.data == users and told.info.cache_status == "ttl"
