"""What goes wrong in programs of Prisma Client Python, and their own classes of records."""
import datetime
import pickle
import re
import time
from types import SimpleNamespace
from typing import List, Optional

import pytest
from accelerant import errors


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
    (lambda db: db.user.find_first(where={"foo": True}, cache_strategy={"ttl": 60}), "findFirstUser.where.foo"),
    (lambda db: db.user.with_accelerate_info().count(where={"foo": 1}), "aggregateUser.where.foo"),
    (lambda db: db.user.as_json().find_unique(where={"id": "x", "foo": 1}), "findUniqueUser.where.foo"),
])
def test_an_unknown_field_is_told_with_its_operation(db, call, place):
    with pytest.raises(errors.FieldNotFoundError, match=f"Could not find field at `{place}`"):
        call(db)
    with pytest.raises(errors.WrongTypeError) as caught:
        db.user.find_many(where={"name": 1})
    assert "Could not find" not in str(caught.value)


def test_an_unknown_relation_is_told_with_the_next_one(db):
    for name, include in (("post", {"post": True}), ("name", {"name": True}), ("autor", {"posts": {"include": {"autor": True}}})):
        with pytest.raises(errors.UnknownRelationalFieldError, match=f'^Field: "{name}" either does not exist or is not a relational field on the '):
            db.user.find_many(include=include, cache_strategy={"ttl": 60})
    with pytest.raises(errors.BuilderError, match="Did you mean `posts`") as caught:
        db.user.create({"name": "x"}, include={"post": True})
    assert isinstance(caught.value, errors.FieldNotFoundError) and caught.value.code == "P2009" and caught.value.meta["path"] == "args.include.post"
    assert db.user.count() == 0
    with pytest.raises(TypeError, match="Expected `bool` or `dict` include value but got <class 'str'> instead"):
        db.user.find_first(include={"posts": "x"})


def test_an_attribute_that_is_no_field_is_told_with_the_next_one(db):
    user = db.user.create({"name": "x"})
    with pytest.raises(AttributeError, match="a User has no field 'nmae'; did you mean 'name'?"):
        user.nmae  # noqa: B018
    for name in ("zzz", "__names__"):
        with pytest.raises(AttributeError, match=f"a User has no field '{name}'$"):
            getattr(user, name)


def test_errors_are_made_and_copied_as_there(moving):
    told = {"user_facing_error": {"error_code": "P2002", "message": "Unique constraint failed", "meta": {"target": ["email"], "table": "T", "message": "words"}}}
    for kind, words in ((errors.UniqueViolationError, "Unique constraint failed"), (errors.TableNotFoundError, "Unique constraint failed"), (errors.RawQueryError, "words")):
        error = kind(told)
        assert (str(error), error.code, error.meta["target"], error.data) == (words, "P2002", ["email"], {
            "user_facing_error": {"error_code": "P2002", "message": words, "meta": error.meta}})
    assert errors.TableNotFoundError(told).table == "T" and str(errors.DataError({})) == "An error occurred while processing data."
    assert str(errors.RecordNotFoundError({"user_facing_error": {}}, message="gone")) == "gone"
    made = [
        errors.UnknownRelationalFieldError("User", "foo"), errors.UnknownModelError("User"), errors.InvalidModelError(int), errors.DataError("x", code="P2000"),
        errors.UnsupportedDatabaseError("sqlite", "create_many"), errors.UnsupportedListTypeError("Json"), errors.MismatchedVersionsError(expected="1", got="2"),
        errors.EngineRequestError(SimpleNamespace(status=500), "text"), errors.UnprocessableEntityError(SimpleNamespace(status=422))]
    for error in made:
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error)) and str(error)
    from moving_client.engine import EngineConnectionError
    from moving_client.engine.errors import MismatchedVersionsError

    assert EngineConnectionError is errors.DatabaseConnectionError and issubclass(MismatchedVersionsError, errors.EngineError)


def test_programs_find_the_words_they_match_on(moving, db):
    """The words of Prisma Client Python's own errors and warnings, as far as they are its interface."""
    for call, kind, words in (
        (lambda: moving.Prisma().user.find_first(), errors.ClientNotConnectedError, "Client is not connected to the query engine, you must call `connect()`"),
        (lambda: db.tx().commit(), errors.TransactionNotStartedError, "Transaction has not been started yet"),
        (lambda: db.user.group_by(["name"], take=1), TypeError, "Missing argument: 'order' which is required when 'take' is present"),
        (lambda: db.user.create({"name": object()}), TypeError, "Type <class 'object'> not serializable"),
        (moving.get_client, errors.ClientNotRegisteredError, "No client instance registered; You must call prisma.register(prisma.Prisma())"),
        (lambda: moving.register(1), TypeError, "Expected either a <class 'moving_client.client.Prisma'> instance or a function that returns a "
         "<class 'moving_client.client.Prisma'> but got 1 instead."),
    ):
        with pytest.raises(kind, match=re.escape(words)):
            call()
    with db.tx() as tx, pytest.warns(UserWarning, match="^The current client is already in a transaction. This can lead to surprising behaviour.$"):
        tx.tx().start().execute_raw("SELECT 1")
    with pytest.warns(DeprecationWarning, match="^Passing an int as `connect_timeout` argument is deprecated and will be removed in the next major release. Use a"):
        moving.Prisma(connect_timeout=5)
    ended = db.tx()
    ended.start()
    ended.commit()
    with pytest.raises(errors.TransactionExpiredError, match="Transaction already closed"):
        ended.rollback()


def test_errors_can_be_made_without_words():
    for kind in (errors.PrismaError, errors.ClientNotConnectedError, errors.ClientNotRegisteredError, errors.TransactionNotStartedError):
        assert str(kind()) and kind("words").message == "words"


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
    # The database calls a member otherwise.
    assert db.query_first('SELECT * FROM "List"', model=moving.models.List) == made and db.query_raw('SELECT words[1] AS word FROM "List"') == [{"word": "the class"}]
    assert db.list.count(where={"words": {"has": Word["class"]}}) == 1 and db.optional.create({"word": "None"}).word is Word["None"]
