"""A program that is right: checkers have nothing to say."""
from __future__ import annotations
import datetime
from typing import List, Optional
from shop_client import Prisma, Json, Base64, types
from shop_client.models import User, Post
from shop_client.enums import Role
import shop_client.asyncio as pa
import asyncio
import moving_client
from moving_client.models import Types

db = Prisma(auto_register=True)

def main() -> None:
    db.connect()
    user: User = db.user.create({"name": "x", "role": Role.ADMIN, "meta": Json({"a": 1}), "data": Base64.encode(b""), "posts": {"create": [{"title": "x"}]}})
    name: str = user.name
    mail: Optional[str] = user.email
    posts: Optional[List[Post]] = user.posts
    found: Optional[User] = db.user.find_unique(where={"id": "1"}, include={"posts": {"take": 1, "order_by": {"views": "desc"}, "where": {"title": {"contains": "x"}}, "include": {"author": True}}})
    sure: User = db.user.find_unique_or_raise({"email": "x"})
    db.post.find_unique({"title_views": {"title": "x", "views": 1}})
    many: List[User] = db.user.find_many(where={"name": {"startswith": "a", "not_in": ["x"]}, "OR": [{"role": "ADMIN"}, {"posts": {"some": {"title": "x"}}}], "profile": {"is": {"bio": "x"}}}, order=[{"name": "asc"}, {"created_at": {"sort": "desc", "nulls": "last"}}], take=1, cache_strategy={"ttl": 60})
    n: int = db.user.count(where={"NOT": [{"name": "x"}]})
    c = db.user.count(select={"_all": True, "email": True})
    x: int = c["_all"]
    for g in db.user.group_by(["role"], count=True, sum={"points": True}, having={"points": {"_avg": {"gt": 1}}}):
        print(g["_count"], g["role"])
    db.user.update(where={"id": "1"}, data={"points": {"increment": 1}, "tags": {"push": ["x"]}, "posts": {"update": [{"where": {"id": 1}, "data": {"title": "x"}}], "delete_many": {}}})
    db.user.upsert(where={"id": "1"}, data={"create": {"name": "x"}, "update": {}})
    total: int = db.user.create_many([{"name": "x"}], skip_duplicates=True)
    with db.batch_() as batch:
        batch.user.create({"name": "x"})
        batch.post.delete_many()
    with db.tx(timeout=datetime.timedelta(seconds=1)) as tx:
        tx.user.create({"name": "x"})
    raw: List[Post] = db.query_raw("select 1", model=Post)
    first = db.query_first("select 1")
    User.prisma().find_many(take=1)
    answer = db.user.with_accelerate_info().find_first()
    status: str = answer.info.cache_status
    maybe: Optional[User] = answer.data
    text: bytes = db.user.as_json().find_many()
    data: types.UserCreateInput = {"name": "x"}
    db.user.create(data)
    where: types.UserWhereInput = {"name": "x"}
    User(id="x", name="x", role=Role.USER, created_at=datetime.datetime.now(), updated_at=datetime.datetime.now(), tags=[], notes=[], files=[])
    db.user.create({"name": "x", "meta": {"a": [1, None]}})
    fields = db.user.fields
    db.user.find_many(where={"name": {"startswith": fields.email, "in": fields.tags}, "created_at": {"lt": fields.updated_at}, "role": {"equals": fields.role}, "tags": {"has": fields.name}, "notes": {"has_some": fields.notes}})
    title: types.StringFilter = {"equals": User.prisma().fields.name}
    db.user.update(where={"id": "1"}, data={"notes": {"push": [Json(1), {"a": 1}]}})

def names(other: moving_client.Prisma) -> None:
    found: Types = other.types.create({"int": 1, "str": "x", "datetime": datetime.datetime.now(), "enums": "ADMIN", "List": [1], "json": {"a": 1}})
    whole: int = found.int
    flag: bool = found.bool
    text: str = found.str
    at: datetime.datetime = found.datetime
    copied: Optional[int] = found.copy
    related = found.Lists
    strings: List[str] = related.strings if related is not None else []
    other.types.find_many(where={"int": {"gt": 1}, "str": {"contains": "x"}, "datetime": {"gt": at}, "List": {"has": 1}, "Lists": {"is": {"bools": [True]}}})
    for group in other.types.group_by(["int"], sum={"int": True}, min={"datetime": True}):
        print(group["int"] + whole, group["_sum"], flag, text, copied, strings)
    other.types.find_many(where={"int": {"gt": other.types.fields.optional_int}})
    words: List[moving_client.enums.Word] = other.list.create({"words": ["class", moving_client.enums.Word.title]}).words
    tags: List[str] = other.optional.create({"word": "None"}).tags
    print(words, tags)
    rows = other.query_raw("SELECT 1", timeout_ms=5)
    people: List[Types] = other.types.query_raw("SELECT 1", timeout_ms=5)
    print(rows, people)

async def amain() -> None:
    adb = pa.Prisma()
    await adb.connect()
    task = asyncio.create_task(adb.user.find_many(where={"name": "x"}))
    users: List[User] = await task
    a, b = await asyncio.gather(adb.user.count(), adb.post.find_first())
    k: int = a
    async with adb.tx() as tx, tx.batch_() as batch:
        batch.user.create({"name": "x"})
    one = await adb.user.with_accelerate_info().find_unique({"id": "x"})
    u: Optional[User] = one.data
