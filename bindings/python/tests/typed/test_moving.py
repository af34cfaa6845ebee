"""What programs of Prisma Client Python do, by its reference: each test is one page of it."""
import datetime
import decimal
import importlib
import os
import pickle
import sys
import time
import uuid
from typing import List, Optional

import pytest
from accelerant import errors

HERE = os.path.dirname(os.path.abspath(__file__))
UTC = datetime.timezone.utc
Decimal = decimal.Decimal


@pytest.fixture(scope="module")
def moving(tmp_path_factory):
    """The package that is generated from moving.prisma."""
    from accelerant.generator import generate

    folder = tmp_path_factory.mktemp("moving")
    generate(os.path.join(HERE, "moving.prisma"), str(folder / "moving_client"))
    sys.path.insert(0, str(folder))
    yield importlib.import_module("moving_client")
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def pushed(moving, server):
    """A client whose database has the tables of the schema, and the SQL that empties them."""
    from psql import Psql

    with Psql(server.url("postgres")) as session:
        session.execute("CREATE DATABASE moving TEMPLATE template0")
    with moving.Prisma(datasource={"url": server.url("moving")}) as client:
        client._run({"operation": "$schema.push", "args": {}}, None)
        tables = client.query_raw("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        yield client, "TRUNCATE " + ", ".join(f'"{row["tablename"]}"' for row in tables) + " RESTART IDENTITY CASCADE"
    with Psql(server.url("postgres")) as session:
        session.execute("DROP DATABASE moving WITH (FORCE)")


@pytest.fixture
def db(pushed):
    client, empty = pushed
    client.execute_raw(empty)
    return client


# Filters


@pytest.mark.parametrize("name, values, step", [
    ("int", [0, 1, 2], 1), ("bigint", [2**40, 2**41, 2**42], 2**41), ("float", [0.5, 1.5, 2.5], 1.5),
    ("decimal", [Decimal("1.10"), Decimal("2.20"), Decimal("3.30")], Decimal("2.2")), ("str", ["a", "b", "c"], "b"),
    ("datetime", [datetime.datetime(2020, 1, day, tzinfo=UTC) for day in (1, 2, 3)], datetime.datetime(2020, 1, 2, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=5)))),
])
def test_filters_of_what_has_an_order(db, name, values, step):
    for value in values:
        db.types.create({name: value})
    for filter, count in (
        (step, 1), ({"equals": step}, 1), ({"not": step}, 2), ({"gt": step}, 1), ({"gte": step}, 2), ({"lt": step}, 1), ({"lte": step}, 2),
        ({"in": values[:2]}, 2), ({"not_in": values[:2]}, 1), ({"in": []}, 0), ({"not": {"gt": step}}, 2), ({"not": {"in": [step]}}, 2),
        ({"gt": values[0], "lt": values[2]}, 1),
    ):
        assert db.types.count(where={name: filter}) == count, filter
        assert db.types.count(where={"NOT": [{name: filter}]}) == 3 - count, filter


def test_filters_of_texts(db):
    for name in ("Robert", "robert", "Tegan", "100%_x"):
        db.user.create({"name": name})
    for filter, count in (
        ({"equals": "ROBERT", "mode": "insensitive"}, 2), ({"startswith": "Rob"}, 1), ({"endswith": "gan"}, 1), ({"contains": "%_"}, 1),
        ({"contains": "O", "mode": "insensitive"}, 2), ({"not": {"contains": "o", "startswith": "T"}}, 1), ({"not": "Tegan"}, 3),
    ):
        assert db.user.count(where={"name": filter}) == count, filter


def test_filters_of_truths_enums_bytes_and_null(moving, db):
    Role, encode = moving.enums.Role, moving.Base64.encode
    db.types.create({"bool": True, "enums": Role.ADMIN, "bytes": encode(b"a"), "optional_int": 1})
    db.types.create({"optional_enum": Role.EDITOR, "bytes": encode(b"b")})
    db.types.create({})
    for where, count in (
        ({"bool": True}, 1), ({"bool": {"not": True}}, 2), ({"enums": Role.ADMIN}, 1), ({"enums": "ADMIN"}, 1),
        ({"enums": {"in": [Role.ADMIN, "USER"]}}, 3), ({"enums": {"not_in": ["ADMIN"]}}, 2), ({"enums": {"not": Role.USER}}, 1),
        ({"optional_enum": None}, 2), ({"bytes": encode(b"a")}, 1), ({"bytes": {"not": encode(b"a")}}, 1), ({"bytes": None}, 1),
        ({"bytes": {"in": [encode(b"a"), b"b"]}}, 2), ({"bytes": {"not": {"equals": encode(b"b")}}}, 1), ({"optional_int": None}, 2),
        ({"optional_int": {"not": None}}, 1), ({"optional_int": {"equals": None}}, 2), ({"NOT": [{"optional_int": None}]}, 1),
        ({"OR": [{"bool": True}, {"bytes": None}]}, 2), ({"AND": [{"bool": False}, {"NOT": [{"bytes": None}]}]}, 1), ({"OR": []}, 0), ({"AND": []}, 3),
    ):
        assert db.types.count(where=where) == count, where


def test_filters_of_json(moving, db):
    Json = moving.Json
    for value in ({"country": "Scotland"}, {"a": {"b": 2}}, [1, "a", None], "foo", 5, None):
        assert db.types.create({"json": Json(value)}).json == value
    for filter, count in (
        (Json({"country": "Scotland"}), 1), ({"equals": Json([1, "a", None])}, 1), ({"not": Json("foo")}, 5), ({"equals": Json(None)}, 1),
        ({"path": ["a", "b"], "equals": Json(2)}, 1), ({"path": ["a", "b"], "gt": 1}, 1), ({"array_contains": [1]}, 1), ({"string_contains": "oo"}, 1),
    ):
        assert db.types.count(where={"json": filter}) == count, filter
    assert db.types.create({"json": Json.keys(a=1)}).json == {"a": 1} and db.types.create({}).json == {}
    assert db.types.update(where={"id": 1}, data={"json": Json(True)}).json is True
    assert db.types.update(where={"id": 1}, data={"json": None}).json is None
    with pytest.raises(TypeError):
        db.types.create({"json": Json({"at": datetime.datetime.now()})})


LISTS = {
    "strings": ["a", "b"], "ints": [1, 2], "floats": [1.5, 2.0], "bools": [True, False], "dates": [datetime.datetime(2020, 1, 2, tzinfo=UTC)],
    "jsons": ["x", {"a": 1}], "bigints": [2**60], "bytes": [b"a"], "decimals": [Decimal("1.50"), Decimal(2)], "roles": ["ADMIN", "USER"],
}


@pytest.mark.parametrize("name", LISTS)
def test_lists(moving, db, name):
    wrap = {"jsons": moving.Json, "bytes": moving.Base64.encode, "roles": moving.enums.Role}.get(name, lambda value: value)
    values = [wrap(value) for value in LISTS[name]]
    kept = LISTS[name] if name == "jsons" else values
    first, made = values[0], db.lists.create({name: values})
    assert getattr(made, name) == kept and [type(value) for value in getattr(made, name)] == [type(value) for value in kept] and made.preset == ["a", "b"]
    for filter in ({"has": first}, {"has_some": [first]}, {"has_every": values}, {"is_empty": False}, {"equals": values}, values):
        assert db.lists.count(where={name: filter}) == 1, filter
    assert db.lists.count(where={name: {"is_empty": True}}) == 0 and db.lists.create({}).model_dump()[name] == []
    for change, expected in (({"push": [first]}, [*kept, kept[0]]), ({"set": [first]}, kept[:1]), (values, kept), ({"set": []}, [])):
        assert getattr(db.lists.update(where={"id": made.id}, data={name: change}), name) == expected, change
    assert db.lists.count(where={name: {"is_empty": True}}) == 1
    assert getattr(db.lists.create({name: {"set": [first]}}), name) == kept[:1]


def test_filters_of_relations(db):
    profile = {"create": {"bio": "b", "country": "c", "city": "d"}}
    db.user.create({"name": "R", "profile": profile, "posts": {"create": [
        {"title": "A", "published": True, "categories": {"create": [{"name": "k"}]}}, {"title": "B"}]}})
    db.user.create({"name": "T"})
    for where, names in (
        ({"posts": {"some": {"published": True}}}, "R"), ({"posts": {"every": {"published": True}}}, "T"), ({"posts": {"none": {"published": True}}}, "T"),
        ({"posts": {"some": {}}}, "R"), ({"posts": {"none": {}}}, "T"), ({"profile": {"is": {"bio": "b"}}}, "R"), ({"profile": {"is_not": {"bio": "b"}}}, "T"),
        ({"profile": {"is": None}}, "T"), ({"profile": {"is_not": None}}, "R"), ({"profile": {"bio": {"contains": "b"}}}, "R"),
        ({"posts": {"some": {"categories": {"some": {"name": "k"}}}}}, "R"), ({"NOT": [{"posts": {"some": {"author": {"is": {"name": "R"}}}}}]}, "T"),
    ):
        assert "".join(user.name for user in db.user.find_many(where=where)) == names, where
    assert [user.name for user in db.user.find_many(order={"posts": {"_count": "desc"}})] == ["R", "T"]


# Reads


def test_pages(db):
    posts = [db.post.create({"title": f"Post {number}", "published": number % 2 == 0, "views": number}) for number in range(6)]
    views = lambda **page: [post.views for post in db.post.find_many(**page)]  # noqa: E731
    up, down = {"views": "asc"}, {"views": "desc"}
    assert views(take=2, order=down) == [5, 4] and views(take=-2, order=up) == [4, 5] and views(take=0) == [] and views(skip=4, order=up) == [4, 5]
    assert views(cursor={"id": posts[3].id}, order=up) == [3, 4, 5] and views(cursor={"id": posts[3].id}, take=1, skip=1, order=up) == [4]
    assert views(order=[{"published": "desc"}, down]) == [4, 2, 0, 5, 3, 1] and len(db.post.find_many(distinct=["published"])) == 2
    assert views(order={"description": {"sort": "asc", "nulls": "last"}}, take=1) and db.post.find_first(skip=1, order=up).views == 1
    with pytest.raises(errors.DataError):
        db.post.find_many(order={"title": "asc", "views": "asc"})
    assert db.post.count(take=3) == 3 and db.post.count(skip=4) == 2 and db.post.count(select={"author_id": True}) == {"author_id": 0}
    for find in (db.post.find_first_or_raise, db.post.find_unique_or_raise):
        with pytest.raises(errors.RecordNotFoundError):
            find(where={"id": "nobody"})


def test_groups(db):
    for country, views in (("Denmark", 500), ("Denmark", 0), ("Scotland", 10)):
        db.profile.create({"bio": "b", "country": country, "city": "c", "views": views, "user": {"create": {"name": "u"}}})
    group, by_name = db.profile.group_by, {"country": "asc"}
    assert group(["country"], order=by_name) == [{"country": "Denmark"}, {"country": "Scotland"}]
    assert group(by=["country"], count=True, order=by_name)[0] == {"country": "Denmark", "_count": {"_all": 2}}
    chosen = {"views": True}
    assert group(["country"], sum=chosen, avg=chosen, min=chosen, max=chosen, order=by_name)[0] == {
        "country": "Denmark", "_sum": {"views": 500}, "_avg": {"views": 250}, "_min": {"views": 0}, "_max": {"views": 500}}
    for having, countries in (
        ({"views": {"_avg": {"gt": 100}}}, ["Denmark"]), ({"country": "Denmark"}, ["Denmark"]), ({"views": {"_count": {"gte": 2}}}, ["Denmark"]),
        ({"OR": [{"country": "Denmark"}, {"views": {"_sum": {"lt": 20}}}]}, ["Denmark", "Scotland"]),
    ):
        assert [found["country"] for found in group(["country"], having=having, order=by_name)] == countries, having
    assert group(["country"], where={"views": {"gt": 5}}, count={"city": True}, order={"country": "desc"}, take=1) == [{"country": "Scotland", "_count": {"city": 1}}]
    assert group(["country"], order=[{"country": "desc"}], skip=1, take=1) == [{"country": "Denmark"}]
    assert group(["country"], order={"_count": {"country": "desc"}})[0]["country"] == "Denmark" and db.types.group_by(["int"]) == []


# Writes


@pytest.mark.parametrize("name", ["int", "float", "bigint", "decimal"])
def test_atomic_updates(db, name):
    made = db.types.create({name: 4})
    for operator, value, expected in (("increment", 2, 6), ("decrement", 1, 5), ("multiply", 3, 15), ("divide", 5, 3), ("set", 4, 4)):
        assert getattr(db.types.update(where={"id": made.id}, data={name: {operator: value}}), name) == expected, operator
    assert db.types.update_many(where={}, data={name: {"increment": 1}}) == 1
    changed = db.types.upsert(where={"id": made.id}, data={"create": {}, "update": {name: {"increment": 1}, "optional_int": {"increment": 3}}})
    assert getattr(changed, name) == 6 and changed.optional_int is None


def test_nested_writes_of_one_record(db):
    titles = {post.title: post.id for post in [db.post.create({"title": title}) for title in "AB"]}
    post = db.post.create({"title": "C", "author": {"connect_or_create": {"where": {"email": "e"}, "create": {"name": "Q", "email": "e"}}}}, include={"author": True})
    assert post.author.name == "Q"
    change = lambda data: db.post.update(where={"id": post.id}, data={"author": data}, include={"author": True}).author  # noqa: E731
    assert change({"update": {"name": "U"}}).name == "U" and change({"upsert": {"create": {"name": "n"}, "update": {"name": "V"}}}).name == "V"
    assert change({"create": {"name": "W"}}).name == "W" and change({"disconnect": True}) is None and change({"connect": {"email": "e"}}).name == "V"
    assert change({"delete": True}) is None and db.user.find_unique({"email": "e"}) is None
    user = db.user.create({"name": "x", "posts": {"connect": [{"id": titles["A"]}], "create_many": {"data": [{"title": "M"}], "skip_duplicates": True}}}, include={"posts": True})
    assert sorted(post.title for post in user.posts) == ["A", "M"]
    assert db.post.update(where={"id": titles["B"]}, data={"author_id": user.id}).author_id == user.id
    profile = db.profile.create({"bio": "b", "country": "c", "city": "d", "user_id": user.id})
    with pytest.raises(errors.DataError):
        db.profile.update(where={"id": profile.id}, data={"user": {"disconnect": True}})
    assert db.user.find_unique({"id": user.id}, include={"profile": {"include": {"user": {"include": {"posts": {"take": 1}}}}}}).profile.user.posts[0].title


def test_relations_of_a_model_with_itself(db):
    root = db.self.create({"name": "root", "children": {"create": [{"name": "a", "children": {"create": {"name": "leaf"}}}, {"name": "b"}]}},
                          include={"children": {"include": {"children": True}, "order_by": {"id": "asc"}}})
    assert [child.name for child in root.children] == ["a", "b"] and root.children[0].children[0].name == "leaf"
    leaf = db.self.find_first(where={"name": "leaf"}, include={"parent": {"include": {"parent": True}}})
    assert leaf.parent.parent.name == "root"
    db.self.update(where={"id": root.id}, data={"friends": {"connect": [{"id": leaf.id}]}})
    assert db.self.find_unique({"id": leaf.id}, include={"friend_of": True}).friend_of[0].name == "root"


def test_keys_of_several_fields(db):
    for calls, key in ((db.named, {"name_surname": {"name": "R", "surname": "C"}}), (db.badge, {"label": {"name": "R", "role": "ADMIN"}})):
        (values,) = key.values()
        made = calls.create(values)
        assert calls.find_unique(where=key) == made and calls.find_many(cursor=key, order={"name": "asc"}) == [made]
        assert calls.upsert(where=key, data={"create": values, "update": {}}) == made
        with pytest.raises(errors.UniqueViolationError):
            calls.create(values)
        with pytest.raises(errors.MissingRequiredValueError):
            calls.find_unique(where={next(iter(key)): {"name": "R"}})
        with pytest.raises(errors.FieldNotFoundError):
            calls.find_unique(where={"name": "R"})
        assert calls.update(where=key, data={"name": "Q"}).name == "Q" and calls.delete(where=key) is None and calls.delete_many() == 1


def test_a_moment_finer_than_its_column_is_a_key(db):
    for microsecond in (123456, 123656, 999999):
        at = datetime.datetime(2026, 1, 2, 3, 4, 5, microsecond, UTC)
        made = db.moment.create({"at": at, "name": "x", "list": [at]})
        for moment in (at, made.at):
            for key in ({"at": moment}, {"at_name": {"at": moment, "name": "x"}}):
                assert db.moment.find_unique(key) == made and db.moment.find_many(cursor=key) == [made] and db.moment.update(where=key, data={}) == made
            for filter, count in (({"in": [moment]}, 1), ({"not_in": [moment]}, 0), ({"not": moment}, 0), ({"equals": moment}, 1), (moment, 1)):
                assert db.moment.count(where={"at": filter}) == count, filter
            assert db.moment.count(where={"list": {"has": moment}}) == db.moment.count(where={"list": {"has_some": [moment]}}) == 1
        assert db.moment.delete({"at": at}) == made


def test_values_of_other_types(db):
    create, name = db.types.create, str(uuid.uuid4())
    assert create({"decimal": "1.5"}).decimal == Decimal("1.5") and create({"float": 1}).float == 1.0 and create({"uuid": name}).uuid == name
    assert create({"datetime": "2020-01-01T00:00:00Z"}).datetime == create({"datetime": datetime.datetime(2020, 1, 1)}).datetime
    assert create({"date": datetime.datetime(2020, 1, 2, 3, tzinfo=UTC)}).date == datetime.date(2020, 1, 2) and create({"time": datetime.time(1, 2)}).time == datetime.time(1, 2)
    text = "ünï\U0001f600 ' \" \\ \n"
    assert create({"str": text}).str == text
    long = Decimal("123456789012345678901234567890.123456789012345678901234567890")
    assert create({"decimal": long}).decimal == long
    for wrong in ({"int": 1.5}, {"int": 2**31}, {"int": True}, {"bigint": 2**63}, {"bool": 1}, {"str": 1}, {"uuid": "x"}, {"enums": "BOSS"}, {"str": None}):
        with pytest.raises(errors.DataError):
            create(wrong)


# Raw SQL


def test_raw_rows_become_the_records_they_are(moving, db):
    Types, Json, Base64 = moving.models.Types, moving.Json, moving.Base64
    made = db.types.create({
        "bool": True, "decimal": Decimal("1.25"), "bigint": 2**50, "json": Json({"a": 1}), "bytes": Base64.encode(b"q"), "List": [1, 2],
        "date": datetime.date(2020, 1, 1), "time": datetime.time(1, 2, 3), "enums": "ADMIN"})
    assert db.query_first('SELECT * FROM "Types"', model=Types) == made == Types.prisma(db).query_raw('SELECT * FROM "Types"')[0]
    query = 'SELECT * FROM "Types" WHERE bool = $1 AND decimal = $2 AND bigint = $3 AND json = $4 AND bytes = $5 AND "List" = $6 AND datetime = $7'
    given = [True, made.decimal, made.bigint, Json({"a": 1}), made.bytes, [1, 2], made.datetime]
    assert db.query_raw(query + ' AND enums = $8::"Role" AND id = ANY($9)', *given, moving.enums.Role.ADMIN, [made.id], model=Types) == [made]
    lists = db.lists.create({**LISTS, "jsons": [Json(value) for value in LISTS["jsons"]]})
    assert db.query_first('SELECT * FROM "Lists"', model=moving.models.Lists) == lists
    db.mapped.create({"id": 1, "full_name": "x"})
    assert db.mapped.query_first("SELECT * FROM mapped_models").full_name == "x" and db.query_raw("SELECT * FROM mapped_models") == [{"_id": 1, "fullName": "x"}]


# Errors


def test_each_fault_has_its_class(db):
    db.user.create({"name": "a", "email": "e", "profile": {"create": {"bio": "b", "country": "c", "city": "d"}}})
    unknown, missing = errors.FieldNotFoundError, errors.MissingRequiredValueError
    for kind, call in (
        (errors.UniqueViolationError, lambda: db.user.create({"name": "b", "email": "e"})),
        (errors.UniqueViolationError, lambda: db.user.create_many([{"name": "b", "email": "e"}])),
        (errors.ForeignKeyViolationError, lambda: db.post.create({"title": "x", "author_id": "nobody"})),
        (errors.ForeignKeyViolationError, lambda: db.user.delete_many()),
        (errors.RecordNotFoundError, lambda: db.post.create({"title": "x", "author": {"connect": {"id": "nobody"}}})),
        (missing, lambda: db.user.create({})), (missing, lambda: db.user.create({"name": "x", "profile": {"create": {"bio": "x"}}})),
        (missing, lambda: db.user.upsert(where={"id": "x"}, data={"create": {}, "update": {}})), (missing, lambda: db.user.find_many(where={"name": None})),
        (unknown, lambda: db.user.create({"name": "x", "foo": "bar"})), (unknown, lambda: db.user.find_first(where={"name": {"foo": "x"}})),
        (unknown, lambda: db.user.find_first(include={"foo": True})), (unknown, lambda: db.user.find_first(order={"foo": "asc"})),
        (unknown, lambda: db.user.find_many(distinct=["foo"])), (unknown, lambda: db.user.count(select={"foo": True})),
        (unknown, lambda: db.user.group_by(["foo"])), (unknown, lambda: db.types.group_by(["int"], sum={"str": True})),
        (unknown, lambda: db.post.update_many(where={}, data={"foo": 1})), (errors.DataError, lambda: db.user.find_unique(where={})),
        (errors.RawQueryError, lambda: db.query_raw('SELECT * FROM "User" WHERE id = $1')), (errors.RawQueryError, lambda: db.execute_raw("UPDAT x")),
        (TypeError, lambda: db.user.create({"name": object()})), (TypeError, lambda: db.user.find_many(foo=1)),
    ):
        with pytest.raises(kind):
            call()
    db.execute_raw('ALTER TABLE "Category" RENAME TO elsewhere')
    try:
        with pytest.raises(errors.TableNotFoundError) as caught:
            db.category.find_first()
        assert caught.value.table == "Category"
    finally:
        db.execute_raw('ALTER TABLE elsewhere RENAME TO "Category"')


@pytest.mark.parametrize("call, place", [
    (lambda db: db.user.create({"name": "x", "foo": 1}), "createOneUser.data.foo"),
    (lambda db: db.user.create({"name": "x", "posts": {"create": [{"titl": "x"}]}}), "createOneUser.data.posts.create.titl"),
    (lambda db: db.user.find_many(where={"OR": [{"nam": 1}]}), "findManyUser.where.OR.nam"),
    (lambda db: db.user.find_first(include={"foo": True}, cache_strategy={"ttl": 60}), "findFirstUser.foo"),
    (lambda db: db.user.with_accelerate_info().count(where={"foo": 1}), "aggregateUser.where.foo"),
    (lambda db: db.user.as_json().find_unique(where={"id": "x", "foo": 1}), "findUniqueUser.where.foo"),
])
def test_an_unknown_field_is_told_with_its_operation(db, call, place):
    with pytest.raises(errors.FieldNotFoundError, match=f"Could not find field at `{place}`"):
        call(db)
    with pytest.raises(errors.WrongTypeError) as caught:
        db.user.find_many(where={"name": 1})
    assert "Could not find" not in str(caught.value)


def test_errors_can_be_made_without_words():
    for kind in (errors.PrismaError, errors.ClientNotConnectedError, errors.ClientNotRegisteredError, errors.TransactionNotStartedError):
        assert str(kind()) and kind("words").message == "words"


# Transactions


def test_a_transaction_that_took_too_long_tells_so_at_its_end(db):
    with pytest.raises(errors.TransactionExpiredError, match="Transaction already closed"), db.tx(timeout=datetime.timedelta(milliseconds=50)) as tx:
        tx.user.create({"name": "b"})
        time.sleep(0.15)
    assert db.user.count() == 0


def test_a_transaction_waits_no_longer_than_it_is_told(moving, db, server):
    with moving.Prisma(datasource={"url": server.url("moving", connection_limit=1)}) as narrow, narrow.tx() as tx:
        assert tx.user.count() == 0
        with pytest.raises(errors.TransactionError):
            narrow.tx(max_wait=datetime.timedelta(milliseconds=50)).start()


# Classes of records


def test_classes_of_a_program(moving, db):
    class Title(moving.bases.BasePost):
        title: str

    class Author(moving.bases.BaseUser):
        name: str
        posts: Optional[List[Title]] = None

    class Person(moving.models.User):
        @property
        def greeting(self):
            return f"Hello {self.name}"

    globals()["Title"] = Title
    db.user.create({"name": "R", "posts": {"create": [{"title": "t"}]}})
    assert Author.prisma(db).find_first(include={"posts": True}).posts[0].title == "t" and Author.prisma(db).find_first().posts is None
    assert not hasattr(Author.prisma(db).find_first(), "email") and Author.prisma(db).create({"name": "Q"}).name == "Q"
    people = Person.prisma(db)
    for person in (people.find_first(), people.find_many()[0], people.query_raw('SELECT * FROM "User"')[0], db.query_first('SELECT * FROM "User"', model=Person)):
        assert person.greeting == "Hello R"


def test_fields_that_are_called_as_methods_are(moving, db):
    made = db.types.create({"json": {"a": 1}, "dict": "d", "copy": 3, "fields": "f", "types": "t"})
    assert (made.json, made.dict, made.copy, made.fields, made.types) == ({"a": 1}, "d", 3, "f", "t")
    assert made.model_dump()["json"] == {"a": 1} and made.model_copy() == made and pickle.loads(pickle.dumps(made)) == made
    assert list(moving.models.Types.model_fields)[:2] == ["id", "bool"] and moving.models.Types.model_fields["copy"].is_required() is False
    assert moving.validate(moving.types.TypesCreateInput, {"int": 1, "datetime": "2026-01-02T03:04:05Z", "enums": "ADMIN"})["datetime"].year == 2026


def test_members_that_python_cannot_name(moving, db):
    Word = moving.enums.Word
    made = db.list.create({"words": ["class", Word["None"], Word.title]})
    assert made.words == ["class", "None", "title"] and made.words[0] is Word["class"] and Word("value") == "value"
    assert db.list.count(where={"words": {"has": Word["class"]}}) == 1 and db.optional.create({"word": "None"}).word is Word["None"]
