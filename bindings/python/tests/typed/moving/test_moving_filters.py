"""What programs of Prisma Client Python filter by, on the pages of its reference."""
import datetime
import decimal
import uuid

import pytest

UTC = datetime.timezone.utc
Decimal = decimal.Decimal


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


OF_KINDS = {
    "String": ("str", "a"), "Boolean": ("bool", True), "Int": ("int", 1), "BigInt": ("bigint", 2**40), "Float": ("float", 1.5), "Decimal": ("decimal", Decimal("1.5")),
    "DateTime": ("datetime", datetime.datetime(2020, 1, 2, tzinfo=UTC)), "Date": ("date", datetime.date(2020, 1, 2)), "Time": ("time", datetime.time(1, 2)),
    "Bytes": ("bytes", b"a"), "Uuid": ("uuid", uuid.UUID(int=1)), "Role": ("enums", "ADMIN"), "Json": ("json", {"a": 1}),
}
OF_OPERATORS = {"path": ["a"], "mode": "insensitive", "string_contains": "a", "string_starts_with": "a", "string_ends_with": "a", "search": "a"}


@pytest.mark.parametrize("kind", OF_KINDS)
def test_what_the_types_of_filters_promise_is_taken(moving, db, kind):
    name, value = OF_KINDS[kind]
    operators = set(getattr(moving.types, kind + "Filter").__annotations__)
    for operator in operators:
        filter = {operator: OF_OPERATORS.get(operator, [value] if operator in ("in", "not_in") else 1 if kind == "Json" and operator[0] in "gl" else value)}
        if operator in ("mode", "path"):
            filter["equals"] = value
        assert db.types.count(where={name: filter}) == 0, operator
    assert {"equals", "not"} <= operators


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
