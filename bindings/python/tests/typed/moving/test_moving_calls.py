"""What programs of Prisma Client Python read and write, on the pages of its reference."""
import datetime
import decimal
import os
import uuid
from typing import List, Optional

import pytest
from accelerant import errors

UTC = datetime.timezone.utc
Decimal = decimal.Decimal


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


def test_a_record_has_none_where_an_optional_value_was_not_given(moving, db):
    made, User = db.user.create({"name": "x", "email": "e"}), moving.models.User
    given = {"id": made.id, "name": "x", "created_at": made.created_at, "updated_at": made.updated_at}
    columns = ", ".join(given)
    for user in (User(**given), User.model_validate(given), db.query_first(f'SELECT {columns} FROM "User"', model=User)):
        assert user.email is None and user.posts is None and user.model_dump()["email"] is None and "email=None" in repr(user)
        assert "email" not in user.model_fields_set and user.model_dump(exclude_unset=True) == given and user == User(**given, email=None) != made
    with pytest.raises(ValueError, match="`name` is missing"):
        User(id="x")


def test_names_of_pydantic_and_of_helpers(moving, db):
    User, made = moving.models.User, db.user.create({"name": "x", "email": "e"})
    assert User.from_orm(made) == made and made.model_fields_set >= {"id", "name"} and "posts" not in made.model_fields_set
    assert User.model_rebuild() is User.update_forward_refs() is None
    fields = moving.models.Types.model_fields
    assert (fields["int"].annotation, fields["optional_int"].annotation, fields["enums"].annotation) == (int, Optional[int], moving.enums.Role)
    assert User.model_fields["posts"].annotation == Optional[List[moving.models.Post]] and moving.models.Lists.model_fields["strings"].annotation == List[str]
    from moving_client._compat import model_fields, model_parse, model_parse_json
    from moving_client.utils import async_run, maybe_async_run, temp_env_update

    async def answer():
        return 42

    assert model_parse(User, obj=made.model_dump()) == model_parse_json(User, made.model_dump_json()) == made and model_fields(User)["name"].annotation is str
    with temp_env_update({"MOVING_NAME": "x"}):
        assert os.environ["MOVING_NAME"] == "x"
    assert "MOVING_NAME" not in os.environ and moving.SCHEMA_PATH.name == "schema.prisma" and moving.utils.module_exists("json")
    assert async_run(answer()) == maybe_async_run(answer) == maybe_async_run(lambda: 42) == 42
    assert moving.Json(data=[1]).data == [1] and moving.load_env(override=False, verbose=True) is None
    assert moving.types.PostIncludeFrommapped is moving.types.PostInclude


def test_raw_rows_become_the_records_they_are(moving, db):
    Types, Json, Base64 = moving.models.Types, moving.Json, moving.Base64
    made = db.types.create({
        "bool": True, "decimal": Decimal("1.25"), "bigint": 2**50, "json": Json({"a": 1}), "bytes": Base64.encode(b"q"), "List": [1, 2],
        "date": datetime.date(2020, 1, 1), "time": datetime.time(1, 2, 3), "enums": "ADMIN"})
    assert db.query_first('SELECT * FROM "Types"', model=Types) == made == Types.prisma(db).query_raw('SELECT * FROM "Types"')[0]
    query = 'SELECT * FROM "Types" WHERE bool = $1 AND decimal = $2 AND bigint = $3 AND json = $4 AND bytes = $5 AND "List" = $6 AND datetime = $7'
    given = [True, made.decimal, made.bigint, Json({"a": 1}), made.bytes, [1, 2], made.datetime]
    assert db.query_raw(query + ' AND enums = $8::"Role" AND id = ANY($9)', *given, moving.enums.Role.ADMIN, [made.id], model=Types) == [made]
    lists = db.lists.create({
        "strings": ["a"], "floats": [1.5, 2.0], "dates": [datetime.datetime(2020, 1, 2, tzinfo=UTC)], "jsons": [Json("x"), Json({"a": 1})], "bytes": [b"a"],
        "bigints": [2**60], "decimals": [Decimal("1.50")], "roles": ["ADMIN"]})
    assert db.query_first('SELECT * FROM "Lists"', model=moving.models.Lists) == lists
    db.mapped.create({"id": 1, "full_name": "x"})
    assert db.mapped.query_first("SELECT * FROM mapped_models").full_name == "x" and db.query_raw("SELECT * FROM mapped_models") == [{"_id": 1, "fullName": "x"}]
