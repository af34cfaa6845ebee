"""The calls of a generated client, as users of Prisma Client Python write them."""
import datetime
import decimal

import pytest
from accelerant import errors


@pytest.fixture
def robert(db):
    return db.user.create({"name": "Robert", "email": "r@x.org", "posts": {"create": [{"title": "A"}, {"title": "B", "views": 3}]}})


def test_a_record_has_attributes_of_the_types_of_its_fields(package, db):
    born = datetime.date(2001, 2, 3)
    user = db.user.create({
        "name": "Robert", "role": package.enums.Role.ADMIN, "meta": package.Json({"a": [1, None]}), "data": package.Base64.encode(b"\0\1"),
        "big": 2**40, "price": decimal.Decimal("1.10"), "points": 2, "born": born, "tags": ["a"]})
    assert isinstance(user, package.models.User) and user.role is package.enums.Role.ADMIN and user.role == "ADMIN"
    assert (user.meta, user.data.decode(), user.big, user.price, user.born) == ({"a": [1, None]}, b"\0\1", 2**40, decimal.Decimal("1.10"), born)
    assert type(user.points) is float and user.created_at.tzinfo is datetime.timezone.utc and user.posts is None
    assert db.user.find_unique_or_raise(where={"id": user.id}) == user


def test_find_unique(db, robert):
    assert db.user.find_unique({"email": "r@x.org"}).id == robert.id and db.user.find_unique(where={"id": "x"}) is None
    assert db.post.find_unique(where={"title_views": {"title": "B", "views": 3}}).title == "B"
    db.line.create({"order_id": 1, "position": 2})
    assert db.line.find_unique(where={"place": {"order_id": 1, "position": 2}}).price == 0
    price = decimal.Decimal("1.10")
    assert str(db.line.create({"order_id": 1, "position": 3, "price": price}).price) == "1.10"
    with pytest.raises(errors.RecordNotFoundError):
        db.user.find_unique_or_raise(where={"id": "x"})


def test_find_many_takes_the_arguments_by_their_places(db, robert):
    assert [post.title for post in db.post.find_many(1, 1, {"author": {"is": {"name": "Robert"}}}, order={"title": "asc"})] == ["B"]
    assert [post.title for post in db.post.find_many(order=[{"views": "desc"}, {"id": "asc"}])] == ["B", "A"]
    assert [post.title for post in db.post.find_many(order={"author": {"name": "asc"}}, distinct=["author_id"])] == ["A"]
    first = db.post.find_first(order={"id": "asc"})
    assert [post.title for post in db.post.find_many(cursor={"id": first.id}, skip=1)] == ["B"]


@pytest.mark.parametrize("where, titles", [
    ({"title": {"startswith": "A"}}, "A"), ({"title": {"starts_with": "A"}}, "A"), ({"title": {"endswith": "B"}}, "B"),
    ({"title": {"not_in": ["A"]}}, "B"), ({"title": {"not": {"in": ["A"]}}}, "B"), ({"title": {"contains": "a", "mode": "insensitive"}}, "A"),
    ({"views": {"gt": 1, "lte": 3}}, "B"), ({"NOT": [{"title": "A"}]}, "B"), ({"OR": [{"title": "A"}, {"views": 3}]}, "AB"),
    ({"author": {"is_not": {"name": "Robert"}}}, ""), ({"author": None}, ""), ({"from": None}, "AB"), ({"from_": None}, "AB"),
    ({"author": {"name": "Robert"}}, "AB"), ({"AND": [{"published": False}, {"views": {"lt": 1}}]}, "A"),
])
def test_filters(db, robert, where, titles):
    assert "".join(post.title for post in db.post.find_many(where=where, order={"id": "asc"})) == titles


@pytest.mark.parametrize("where, count", [
    ({"posts": {"some": {"title": "A"}}}, 1), ({"posts": {"none": {"title": "A"}}}, 0), ({"posts": {"every": {"views": {"gte": 0}}}}, 1),
    ({"tags": {"is_empty": True}}, 1), ({"tags": {"has_every": ["x"]}}, 0), ({"tags": {"has_some": ["x"]}}, 0), ({"profile": None}, 1),
    ({"profile": {"is": None}}, 1), ({"role": "USER"}, 1), ({"role": {"in": ["ADMIN"]}}, 0),
])
def test_filters_of_relations_and_lists(db, where, count):
    db.user.create({"name": "Robert", "tags": [], "posts": {"create": {"title": "A"}}})
    assert db.user.count(where=where) == count


def test_a_json_field_needs_no_wrapper_and_keeps_what_looks_like_a_query(package, db):
    for value in ({"equals": 1}, {"set": [1]}, [1, {"$type": "Json"}], "text", 0, package.Json({"not": None})):
        plain = value.data if isinstance(value, package.Json) else value
        assert db.user.create({"name": "x", "meta": value}).meta == plain
        assert db.user.count(where={"meta": {"equals": package.Json(plain)}}) == 1
        assert db.user.count(where={"meta": package.Json(plain)}) == 1
    assert db.user.create({"name": "y", "meta": None}).meta is None
    assert db.user.count(where={"meta": None}) == 1
    assert db.user.count(where={"meta": {"path": ["equals"], "equals": 1}}) == 1
    with pytest.raises(TypeError, match=r"args\.data\.meta"):
        db.user.create({"name": "z", "meta": {1, 2}})


def test_lists_of_json_and_bytes(package, db):
    Json, Base64 = package.Json, package.Base64
    made = db.user.create({"name": "x", "notes": [Json("a"), Json(["b"]), {"c": 1}], "files": [Base64.encode(b"a"), b"b"]})
    assert made.notes == ["a", ["b"], {"c": 1}] and [file.decode() for file in made.files] == [b"a", b"b"]
    for where, count in (
        ({"notes": {"has": Json(["b"])}}, 1), ({"notes": {"has_some": [Json("a"), Json("z")]}}, 1), ({"notes": {"has_every": [Json("a"), Json("z")]}}, 0),
        ({"notes": {"equals": [Json("a"), Json(["b"]), Json({"c": 1})]}}, 1), ({"notes": {"is_empty": False}}, 1),
        ({"files": {"has": Base64.encode(b"b")}}, 1), ({"files": {"equals": [Base64.encode(b"a")]}}, 0),
    ):
        assert db.user.count(where=where) == count, where
    changed = db.user.update(where={"id": made.id}, data={"notes": {"push": [Json("d")]}, "files": {"set": [Base64.encode(b"e")]}})
    assert changed.notes[-1] == "d" and changed.files == [Base64.encode(b"e")]
    for pushed, added in (([Json(1), Json([2])], [1, [2]]), ([[3], None, package.JsonNull], [[3], None, None]), (Json([4]), [[4]]), ({"a": 5}, [{"a": 5}])):
        before = db.user.find_unique_or_raise({"id": made.id}).notes
        assert db.user.update(where={"id": made.id}, data={"notes": {"push": pushed}}).notes == before + added
    changed = db.user.update(where={"id": made.id}, data={"notes": {"push": []}})
    assert changed.notes[-3:] == [None, [4], {"a": 5}]
    (raw,) = db.query_raw('SELECT * FROM "User"', model=package.models.User)
    assert raw.files == changed.files and raw.notes == changed.notes and raw.created_at == made.created_at


def test_include(db, robert):
    user = db.user.find_unique({"id": robert.id}, include={"posts": {"where": {"views": {"gt": 1}}, "include": {"author": True}}, "profile": True})
    assert [post.title for post in user.posts] == ["B"] and user.posts[0].author.name == "Robert" and user.profile is None
    assert db.user.find_first(include={"posts": False}).posts is None
    many = db.user.find_many(include={"posts": {"order_by": {"title": "desc"}, "take": 1}})
    assert many[0].posts[0].title == "B"


def test_writes(db, robert):
    assert db.user.update(where={"id": "x"}, data={"name": "y"}) is None and db.user.delete(where={"id": "x"}) is None
    assert db.post.update(data={"views": {"increment": 2}, "from": "me"}, where={"title_views": {"title": "B", "views": 3}}).views == 5
    assert db.post.find_first(where={"from": "me"}).from_ == "me"
    assert db.post.update_many(data={"views": 7}, where={}) == 2 and db.post.delete_many({"title": "A"}) == 1
    assert db.category.create_many([{"name": "a"}, {"name": "b"}]) == 2
    assert db.user.create_many([{"name": "q", "email": "r@x.org"}], skip_duplicates=True) == 0
    assert [record.name for record in db.category.create_many_and_return([{"name": "c"}])] == ["c"]
    user = db.user.upsert(where={"id": robert.id}, data={"create": {"name": "new"}, "update": {"tags": {"push": ["z"]}}})
    assert user.tags == ["z"] and db.user.upsert(where={"id": "n"}, data={"create": {"id": "n", "name": "new"}, "update": {}}).name == "new"
    assert db.user.delete({"id": "n"}).name == "new"


def test_nested_writes(db, robert):
    posts = {post.title: post.id for post in db.post.find_many()}
    user = db.user.update(where={"id": robert.id}, include={"posts": {"include": {"categories": True}}, "profile": True}, data={
        "posts": {
            "disconnect": [{"id": posts["A"]}], "update": [{"where": {"id": posts["B"]}, "data": {"title": "C"}}],
            "connect_or_create": [{"where": {"id": 0}, "create": {"title": "D", "categories": {"create": [{"name": "k"}]}}}]},
        "profile": {"create": {"bio": "long"}}})
    assert sorted(post.title for post in user.posts) == ["C", "D"] and user.profile.bio == "long"
    assert [[category.name for category in post.categories] for post in user.posts if post.title == "D"] == [["k"]]
    user = db.user.update(where={"id": robert.id}, include={"posts": True}, data={
        "posts": {"update_many": [{"where": {}, "data": {"views": 1}}], "delete_many": [{"title": "D"}]}, "profile": {"update": {"bio": "short"}}})
    assert [(post.title, post.views) for post in user.posts] == [("C", 1)] and db.profile.find_first().bio == "short"
    assert db.user.update(where={"id": robert.id}, data={"posts": {"set": []}}, include={"posts": True}).posts == []


def test_count_and_group_by(db, robert):
    assert db.post.count() == 2 and db.post.count(take=1) == 1 and db.post.count(select={}) == {"_all": 2}
    assert db.post.count(select={"_all": True, "from": True, "title": False}) == {"_all": 2, "from": 0}
    assert db.post.count(select={"from_": True, "title": True}) == {"from_": 0, "title": 2}
    (group,) = db.post.group_by(
        ["published"], count=True, sum={"views": True}, avg={"views": True}, max={"title": True}, having={"views": {"_avg": {"gt": 1}}},
        order={"published": "asc"}, take=5)
    assert group == {"published": False, "_count": {"_all": 2}, "_sum": {"views": 3}, "_avg": {"views": 1.5}, "_max": {"title": "B"}}
    db.line.create_many([{"order_id": 1, "position": 1, "price": decimal.Decimal("1.25")}, {"order_id": 1, "position": 2}])
    assert db.line.group_by(["order_id"], sum={"price": True})[0]["_sum"] == {"price": decimal.Decimal("1.25")}
    assert db.user.group_by(["name"], sum={"big": True}, min={"created_at": True})[0]["_min"]["created_at"] == robert.created_at
    with pytest.raises(TypeError, match="'order'"):
        db.post.group_by(["title"], take=1)


def test_raw_rows_have_the_types_of_their_columns(package, db, robert):
    row = db.query_first("SELECT count(*) AS n, '\\x0001'::bytea AS b, now() AS t, 1.10::numeric(12,2) AS d, current_date AS day FROM \"User\"")
    assert row["n"] == 1 and row["b"] == b"\0\1" and row["d"] == decimal.Decimal("1.10") and row["day"] == row["t"].date()
    assert db.query_first("SELECT 1 AS a WHERE false") is None and db.execute_raw('UPDATE "Post" SET views = $1', 9) == 2
    (post, _) = db.query_raw('SELECT * FROM "Post" ORDER BY id', model=package.models.Post)
    assert post.title == "A" and post.views == 9 and isinstance(post, package.models.Post)
    db.execute_raw('UPDATE "Post" SET sender = $1', "me")
    assert db.post.query_first('SELECT * FROM "Post"').from_ == "me" and len(db.post.query_raw('SELECT * FROM "Post"')) == 2


def test_raw_sql_takes_a_time_limit(db, robert):
    for call in (db.query_raw, db.query_first, db.execute_raw, db.post.query_raw, db.post.query_first):
        with pytest.raises(errors.QueryTimeoutError):
            call("SELECT pg_sleep(20)", timeout_ms=50)
    with db.tx() as tx:
        assert tx.query_first("SELECT 1 AS a", timeout_ms=5000) == {"a": 1}


def test_a_moment_is_found_though_its_column_is_less_exact(db):
    for microsecond in (123456, 123656, 999999):
        now = datetime.datetime(2026, 1, 2, 3, 4, 5, microsecond)
        made = db.user.create({"name": "x", "created_at": now})
        for moment in (now, now.replace(tzinfo=datetime.timezone.utc), made.created_at):
            assert db.user.find_first(where={"created_at": moment}) == db.user.find_first(where={"created_at": {"equals": moment}}) == made


def test_none_is_not_given(db, robert):
    assert len(db.post.find_many(where=None, take=None, include=None, order=None)) == 2


def test_the_cache(db, robert):
    strategy = {"ttl": 60, "tags": ["users"]}
    reads = db.user.with_accelerate_info()
    assert reads.find_many(cache_strategy=strategy).info.cache_status == "miss"
    answer = reads.find_many(cache_strategy=strategy)
    assert answer.info.cache_status == "ttl" and answer.data == [db.user.find_first()]
    db.accelerate.invalidate(tags=["users"])
    assert reads.find_many(cache_strategy=strategy).info.cache_status == "miss"
    db.advance_clock(datetime.timedelta(seconds=61))
    assert reads.find_many(cache_strategy=strategy).info.cache_status == "miss"
    db.accelerate.invalidate_all()
    assert db.post.as_json().find_many(where={"title": "A"})[:7] == b'[{"id":'


def test_names_that_are_not_there_are_told_with_the_next_one(db):
    with pytest.raises(AttributeError, match="did you mean 'user'"):
        db.usr  # noqa: B018
    with pytest.raises(errors.FieldNotFoundError, match="Did you mean `name`"):
        db.user.find_many(where={"nam": "x"})
    with pytest.raises(errors.MissingRequiredValueError):
        db.user.create({})
    # Prisma Client Python has one class for what here is told apart.
    for kind, where in ((errors.WrongTypeError, {"points": "x"}), (errors.InvalidValueError, {"role": "BOSS"})):
        with pytest.raises(kind) as caught:
            db.user.find_many(where=where)
        assert isinstance(caught.value, errors.FieldNotFoundError) and caught.value.code == "P2009"
    with pytest.raises(errors.FieldNotFoundError):
        db.user.find_unique(where={"name": "x"})
    with pytest.raises(errors.UniqueViolationError):
        db.user.create_many([{"name": "x", "email": "e"}, {"name": "x", "email": "e"}])
    with pytest.raises(errors.ForeignKeyViolationError):
        db.post.create({"title": "x", "author_id": "nobody"})
    with pytest.raises(errors.RawQueryError):
        db.query_raw("SELECT * FROM nowhere")


def test_fields_are_compared_with_other_fields(package, db, robert):
    fields = db.post.fields
    assert repr(fields.views) == "FieldRef('Post', 'views')" and "views" in dir(fields) and "author" not in dir(fields)
    assert [post.title for post in db.post.find_many(where={"id": {"gt": fields.views}}, order={"id": "asc"})] == ["A"]
    assert db.post.count(where={"views": {"equals": fields.views}, "NOT": [{"id": {"lte": fields.views}}]}) == 1
    db.post.update_many(data={"from": "A"}, where={})
    # An attribute whose name differs from the field's, a list, an enum, a time, and a cached read.
    assert [post.title for post in db.post.find_many(where={"title": {"startswith": fields.from_}}, cache_strategy={"ttl": 60})] == ["A"]
    db.user.update(where={"id": robert.id}, data={"tags": ["Robert"], "notes": [{"a": 1}], "meta": {"a": 1}})
    user = package.models.User.prisma(db).fields
    for where in (
        {"name": {"in": user.tags}}, {"tags": {"has": user.name}}, {"role": {"equals": user.role}}, {"created_at": {"lte": user.updated_at}},
        {"created_at": {"equals": user.created_at}}, {"tags": {"has_every": user.tags}}, {"posts": {"some": {"title": {"endswith": fields.from_}}}},
    ):
        assert db.user.count(where=where) == 1, where
    with pytest.raises(AttributeError, match="did you mean 'views'"):
        fields.view  # noqa: B018
    with pytest.raises(AttributeError, match="no field 'author'"):
        fields.author  # noqa: B018
    with pytest.raises(errors.InputError):
        db.post.count(where={"title": {"equals": fields.views}})
    with pytest.raises(errors.InputError, match="another model"):
        db.post.count(where={"title": {"equals": user.name}})
