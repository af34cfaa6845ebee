"""Records: attributes, immutability, comparison, text, pickle, copies, dictionaries; made of answers and of programs' values."""
import copy
import datetime
import decimal
import enum
import inspect
import pickle
import uuid

import pytest
from accelerant.codec.models import record_form
from accelerant.records import Field, Record, fields_of, make
from accelerant.records.faults import RecordError
from accelerant.values import Base64


class Role(str, enum.Enum):
    ADMIN = "ADMIN"
    USER = "USER"


class User(Record):
    __record_key__ = ("id",)
    posts = None

    @classmethod
    def _describe(cls):
        return (
            Field("id", "id", "Int"),
            Field("role", "role", "Enum", target=Role, type="Role"),
            Field("born", "born", "DateTime", is_optional=True),
            Field("balance", "balance", "Decimal", is_optional=True),
            Field("score", "score", "Float", is_optional=True),
            Field("from_", "from", "String", is_optional=True),
            Field("big", "big", "BigInt", is_list=True),
            Field("key", "key", "Uuid", is_optional=True),
            Field("day", "day", "Date", is_optional=True),
            Field("raw", "raw", "Bytes", is_optional=True),
            Field("posts", "posts", "Relation", is_list=True, target=Post, type="Post"),
        )


class Post(Record):
    __record_key__ = ("id",)
    author = None

    @classmethod
    def _describe(cls):
        return Field("id", "id", "Int"), Field("author", "author", "Relation", target=User, type="User")


class Flag(Record):
    @classmethod
    def _describe(cls):
        return (Field("on", "on", "Boolean"),)


def answer():
    return {
        "id": 1, "role": "ADMIN", "born": "2001-02-03T04:05:06.789Z", "balance": "1.10", "score": 2, "from": "x", "big": ["1", None],
        "key": "00000000-0000-0000-0000-000000000001", "day": "2001-02-03T00:00:00.000Z", "raw": "AAE=", "posts": [{"id": 2}],
    }


def user():
    return record_form(User)(answer())


def test_an_answer_becomes_a_record_with_the_types_of_its_fields():
    found = user()
    assert found.role is Role.ADMIN and found.born == datetime.datetime(2001, 2, 3, 4, 5, 6, 789000, tzinfo=datetime.timezone.utc)
    assert found.balance == decimal.Decimal("1.10") and str(found.balance) == "1.10" and type(found.score) is float
    assert (found.from_, found.big, found.key, found.day) == ("x", [1, None], uuid.UUID(int=1), datetime.date(2001, 2, 3))
    assert found.raw == b"\0\1" and found.posts == [make(Post, {"id": 2})] and found.posts[0].author is None
    assert record_form(User)(None) is None and record_form(Post)([{"id": 1}, None])[1] is None


def test_a_record_does_not_change():
    found = user()
    with pytest.raises(AttributeError, match="cannot be changed"):
        found.id = 2
    with pytest.raises(AttributeError, match="cannot be changed"):
        del found.id
    assert found.model_copy(update={"id": 2}).id == 2 and found.id == 1


def test_records_compare_by_their_values():
    assert user() == user() and hash(user()) == hash(user()) and user() != user().model_copy(update={"id": 2})
    assert make(Post, {"id": 1}) == make(Post, {"id": 1, "author": None}) and make(Post, {"id": 1}) != make(User, {"id": 1})
    assert len({user(), user()}) == 1


def test_records_are_pickled_and_copied():
    for other in (pickle.loads(pickle.dumps(user())), copy.copy(user()), copy.deepcopy(user()), user().model_copy(deep=True)):
        assert other == user() and other is not user()


def test_the_text_of_a_record_names_its_fields():
    post = make(Post, {"id": 2})
    assert repr(post) == "Post(id=2, author=None)" and str(post) == "id=2 author=None"


def test_a_name_that_is_no_field_says_so():
    with pytest.raises(AttributeError, match="a Post has no field 'titel'"):
        make(Post, {"id": 1}).titel
    with pytest.raises(AttributeError, match="`id` of this Post was not selected"):
        make(Post, {}).id


def test_a_record_gives_dictionaries_and_json():
    found = user()
    assert found.model_dump()["posts"] == [{"id": 2, "author": None}] and found.model_dump()["balance"] == decimal.Decimal("1.10")
    assert found.model_dump(include={"id", "from_"}, by_alias=True) == {"id": 1, "from": "x"}
    assert found.model_dump(include={"posts": {"__all__": {"id"}}}) == {"posts": [{"id": 2}]}
    assert "posts" not in found.model_dump(exclude={"posts"}) and make(Post, {"id": 1}).model_dump(exclude_unset=True) == {"id": 1}
    assert User.model_validate_json(found.model_dump_json()) == found
    assert make(Post, {"id": 1}).model_dump_json() == '{"id":1,"author":null}'


def test_parts_of_a_dictionary_are_chosen():
    found = user().model_copy(update={"posts": [make(Post, {"id": 2}), make(Post, {"id": 3, "author": make(User, {"id": 4, "raw": Base64.encode(b"a")})})]})
    posts = lambda **options: [post["id"] for post in found.model_dump(**options)["posts"]]  # noqa: E731
    assert posts(exclude={"posts": {0: True}}) == posts(exclude={"posts": {0}}) == posts(include={"posts": {-1: ...}}) == [3]
    assert found.model_dump(include={"posts": {0: {"id"}, "__all__": {"author"}}})["posts"][0] == {"id": 2, "author": None}
    assert found.model_dump(exclude={"posts": {"__all__": {"id": True, "author": {"raw"}}}}, exclude_unset=True)["posts"] == [{}, {"author": {"id": 4}}]
    assert found.model_dump(exclude={"posts": {"id"}})["posts"][0] == {"author": None} and found.model_dump(exclude={"posts": {"__all__"}})["posts"] == []
    assert found.model_dump(include={"posts"}, exclude_defaults=True) == {"posts": [{"id": 2}, {"id": 3, "author": {"id": 4, "raw": "YQ=="}}]}
    assert make(Post, {"id": 2, "author": None}).copy(exclude={"id"}, update={"author": 1}).__dict__ == {"author": 1}
    assert make(Post, {"id": 2, "author": None}).copy(include={"id"}, deep=True).__dict__ == {"id": 2}


def test_what_pydantic_says_of_a_class_can_be_asked():
    assert list(User.__fields__) == list(User.model_fields) and User.model_fields["id"].default is ... and User.model_fields["born"].default is None
    assert User.model_fields["from_"].alias == "from" and User.model_fields["id"].alias is None
    assert make(Post, {"id": 1}).__fields_set__ == {"id"} and make(Post, {"id": 1}).model_extra is None and User.model_computed_fields == {}
    assert str(inspect.signature(Post)).startswith("(*, id: int, author: ")


def test_values_are_read_from_what_says_the_same():
    moment = datetime.datetime(1970, 1, 1, 0, 0, 1, 500000, tzinfo=datetime.timezone.utc)
    for born in (1.5, "1970-01-01T00:00:01.5Z", "1970-01-01T02:00:01.500000000+02:00"):
        assert User(id=1, role="USER", big=[], born=born).born == moment
    for value, expected in (("yes", True), ("FALSE", False), (1, True), (0.0, False)):
        assert Flag(on=value).on is expected
    for value in (2, "perhaps", None, [1]):
        with pytest.raises(RecordError, match="`on` is no Boolean"):
            Flag(on=value)
    with pytest.raises(RecordError, match="`posts.0.id` is missing; `posts.1` is no Post"):
        User(id=1, role="USER", big=[], posts=[{}, 5])
    with pytest.raises(RecordError, match="`role` is no Role; `big` is no list"):
        User(id=1, role="BOSS", big=5)
    with pytest.raises(RecordError, match="no Post: neither a dictionary nor an object"):
        Post.model_validate("x")


def test_a_record_is_made_of_keywords_dictionaries_and_objects():
    assert Post(id=1) == Post.model_validate({"id": "1"}) == Post.model_validate(make(User, {"id": 1}))
    with pytest.raises(RecordError, match="`id` is missing"):
        Post()
    with pytest.raises(RecordError, match="`id` is no Int"):
        Post(id="x")
    assert User(id=1, role="USER", big=None).big == []


def test_the_description_is_inherited():
    class Named(User):
        pass

    assert fields_of(Named) == fields_of(User) and record_form(Named)(answer()).posts == user().posts
    assert type(record_form(Named)(answer())) is Named
