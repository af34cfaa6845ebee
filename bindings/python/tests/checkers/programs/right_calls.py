"""Calls of every kind, and nothing in them that is wrong."""
import asyncio
import datetime
import decimal
from typing import Any, Dict, List, Optional

from calls_client import Base64, Batch, Client, Json, Prisma, enums, errors, get_client, models, register, types, validate
from calls_client.asyncio import Prisma as AsyncPrisma
from calls_client.bases import BaseUser
from calls_client.models import Post, User

db = Prisma()


def call_1() -> Optional[User]:
    return db.user.find_unique(where={"id": "x"})


def call_2() -> User:
    return db.user.find_unique_or_raise(where={"id": "x"})


def call_3() -> List[User]:
    return db.user.find_many(take=1, skip=2, where={"name": "x"}, cursor={"id": "x"}, include={"posts": True}, order={"name": "asc"}, distinct=["name"])


def call_4() -> List[User]:
    return db.user.find_many(order=[{"name": "asc"}, {"email": "desc"}])


def call_5() -> Optional[User]:
    return db.user.find_first(where={"OR": [{"name": {"contains": "x"}}, {"email": None}]})


def call_6() -> User:
    return db.user.create({"name": "x"})


def call_7() -> User:
    return db.user.create(data={"name": "x", "email": None, "posts": {"create": {"title": "x"}}}, include={"posts": {"take": 1, "where": {"title": "x"}, "order_by": {"views": "desc"}, "include": {"author": True}}})


def call_8() -> User:
    return db.user.create({"name": "x", "posts": {"create": [{"title": "x"}, {"title": "y", "categories": {"create": [{"name": "k"}]}}], "connect": [{"id": "a"}]}})


def call_9() -> int:
    return db.user.create_many([{"name": "x"}, {"name": "y", "email": "e"}], skip_duplicates=True)


def call_10() -> Optional[User]:
    return db.user.update(where={"id": "x"}, data={"name": "y", "posts": {"disconnect": [{"id": "x"}]}})


def call_11() -> User:
    return db.user.upsert(where={"email": "x"}, data={"create": {"name": "x"}, "update": {"name": "y"}})


def call_12() -> int:
    return db.post.update_many(where={"views": {"gt": 1}}, data={"views": {"increment": 1}})


def call_13() -> Optional[User]:
    return db.user.delete(where={"id": "x"}, include={"profile": True})


def call_14() -> int:
    return db.user.delete_many()


def call_15() -> int:
    return db.user.delete_many(where={"NOT": [{"name": "x"}]})


def call_16() -> int:
    return db.user.count(where={"name": "x"}, take=1, skip=1, cursor={"id": "x"})


def call_17() -> types.PostCountAggregateOutput:
    return db.post.count(select={"_all": True, "author_id": True})


def call_18() -> List[types.PostGroupByOutput]:
    return db.post.group_by(["published"], count=True, sum={"views": True}, avg={"views": True}, min={"title": True}, max={"created_at": True}, having={"views": {"_avg": {"gt": 1}}}, order={"published": "asc"}, take=1, skip=1, where={"title": "x"})


def call_19() -> List[types.PostGroupByOutput]:
    return db.post.group_by(by=["published"], count={"_all": True, "title": True}, order=[{"published": "asc"}])


def call_20() -> str:
    return db.user.create({"name": "x"}).name


def call_21() -> Optional[str]:
    return db.user.create({"name": "x"}).email


def call_22() -> Optional[List[Post]]:
    return db.user.create({"name": "x"}).posts


def call_23() -> datetime.datetime:
    return db.user.create({"name": "x"}).created_at


def call_24() -> None:
    with db.tx(timeout=datetime.timedelta(seconds=1)) as tx:
        tx.user.create({"name": "x"})
        User.prisma(tx).find_many()


def call_25() -> None:
    with db.batch_() as b:
        b.user.create({"name": "x"})
        b.post.delete_many(where={"title": "x"})
        b.execute_raw("SELECT 1")


def call_26() -> List[Dict[str, Any]]:
    return db.query_raw("SELECT 1 WHERE $1", 1)


def call_27() -> List[User]:
    return db.query_raw("SELECT 1", model=User)


def call_28() -> Optional[User]:
    return db.query_first("SELECT 1", model=User)


def call_29() -> Optional[Dict[str, Any]]:
    return db.query_first("SELECT 1")


def call_30() -> int:
    return db.execute_raw("SELECT 1", "x", 1.0, None)


def call_31() -> List[User]:
    return User.prisma().find_many()


def call_32() -> Optional[Post]:
    return Post.prisma().find_first(where={"author": {"is": {"name": "x"}}})


def call_33() -> Optional[Post]:
    return Post.prisma().find_first(where={"author": {"is_not": {"name": "x"}}})


def call_34() -> Optional[User]:
    return db.user.find_first(where={"posts": {"some": {"title": {"startswith": "x", "mode": "insensitive"}}, "every": {}, "none": {"published": True}}})


class UserName(BaseUser):
    name: str
    @property
    def upper(self) -> str: return self.name.upper()


def call_35() -> str:
    return UserName.prisma().find_unique_or_raise({"id": "x"}).upper


def call_36() -> models.Types:
    return db.types.create({"json_obj": Json({"a": [1, "x", None]}), "bytes": Base64.encode(b"x"), "decimal_": decimal.Decimal("1"), "bigint": 2**40, "enum_": enums.Role.ADMIN, "opt_enum": "USER", "datetime_": datetime.datetime.now(), "float_": 1.5, "opt_json": Json.keys(a=1)})


def call_37() -> List[models.Types]:
    return db.types.find_many(where={"json_obj": {"path": ["a"], "equals": Json(1)}, "bytes": {"in": [Base64.encode(b"x")]}, "decimal_": {"gt": decimal.Decimal(1)}, "enum_": {"in": ["ADMIN", enums.Role.USER]}, "datetime_": {"lt": datetime.datetime.now()}, "bigint": {"not_in": [1]}, "bool_": {"not": True}, "float_": {"lte": 1}})


def call_38() -> models.Lists:
    return db.lists.create({"strings": ["a"], "ints": [1], "floats": [1.5], "bools": {"set": [True]}, "roles": ["ADMIN"], "jsons": [Json(1)], "bytes": [Base64.encode(b"x")], "decimals": [decimal.Decimal(1)], "dates": [datetime.datetime.now()], "bigints": [1]})


def call_39() -> Optional[models.Lists]:
    return db.lists.update(where={"id": "x"}, data={"strings": {"push": ["a"]}, "ints": {"set": [1]}})


def call_40() -> List[models.Lists]:
    return db.lists.find_many(where={"strings": {"has": "a", "has_every": ["a"], "has_some": ["b"], "is_empty": False, "equals": ["a"]}, "roles": {"has": "ADMIN"}})


def call_41() -> Optional[models.Named]:
    return db.named.find_unique({"name_surname": {"name": "a", "surname": "b"}})


def call_42() -> Optional[models.Named2]:
    return db.named2.find_unique({"my_key": {"a": 1, "b": "ADMIN"}})


def call_43() -> Optional[models.OrderLine]:
    return db.line_item.find_unique({"key": {"order_id": 1, "pos": 2}})


def call_44() -> Optional[models.Types]:
    return db.types.update(where={"id": 1}, data={"integer": {"increment": 1}, "float_": {"multiply": 2}, "bigint": {"set": 2}, "decimal_": {"divide": decimal.Decimal(2)}})


async def call_45() -> Optional[User]:
    async with AsyncPrisma() as adb:
        found = await adb.user.find_first()
        await asyncio.gather(adb.user.find_many(), adb.post.count())
        task = asyncio.create_task(adb.user.find_unique({"id": "x"}))
        async with adb.tx() as tx:
            await tx.user.create({"name": "x"})
        async with adb.batch_() as b:
            b.user.create({"name": "x"})
        return (await task) or found


def call_46() -> types.UserCreateInput:
    return validate(types.UserCreateInput, {"name": "x"})


def call_47(where: types.UserWhereInput, order: types.UserOrderByInput, include: types.UserInclude, data: types.UserUpdateInput, key: types.UserWhereUniqueInput) -> Optional[User]:
    db.user.find_many(where=where, order=order, include=include)
    return db.user.update(where=key, data=data)


def call_48() -> None:
    register(db)
    c: Client = get_client()
    c.user.find_first()
    assert c.is_registered() and c.is_connected() and not c.is_transaction()


def call_49() -> None:
    try:
        db.user.create({"name": "x"})
    except errors.UniqueViolationError as e:
        print(e.code, e.meta, e.data)
    except errors.RecordNotFoundError:
        pass


def call_50() -> List[models.Node]:
    return db.node.find_many(include={"children": {"include": {"children": True}}, "parent": True}, where={"parent": {"is": {"name": "x"}}, "children": {"some": {"name": "x"}}})


def call_51() -> Optional[User]:
    return db.user.find_first(cache_strategy={"ttl": 60, "swr": 10, "tags": ["x"]})


def call_52() -> str:
    return db.user.with_accelerate_info().find_many(cache_strategy={"ttl": 1}).info.cache_status


def call_53() -> bytes:
    return db.user.as_json().find_many()


def call_54() -> None:
    db.accelerate.invalidate(tags=["x"])
    db.accelerate.invalidate_all()


def call_55() -> List[Post]:
    return db.post.find_many(where={"views": {"lt": db.post.fields.views}}, order={"author": {"name": "asc"}})


def call_56() -> Dict[str, Any]:
    return db.user.create({"name": "x"}).model_dump(exclude={"id"})


def call_57() -> str:
    return get_client().get_metrics(format="prometheus")


def call_59() -> Prisma:
    return Prisma(auto_register=True, datasource={"url": "x"}, log_queries=True, connect_timeout=datetime.timedelta(seconds=1), http={"timeout": 1}, use_dotenv=False)


def call_60(b: Batch) -> None:
    b.commit()


def call_61() -> List[User]:
    return db.user.find_many(order={"posts": {"_count": "desc"}})


def call_62() -> List[User]:
    return db.user.find_many(where={"AND": [{"profile": {"is": {"city": "x"}}}], "created_at": {"gte": datetime.datetime.now()}})


def call_63() -> int:
    return sum(g["_count"]["_all"] for g in db.post.group_by(["title"], count=True))


def call_64() -> Optional[int]:
    return db.post.group_by(["title"], sum={"views": True})[0]["_sum"]["views"]


def call_65() -> Post:
    return db.post.create({"title": "x", "author": {"connect_or_create": {"where": {"id": "x"}, "create": {"name": "x"}}}})


def call_66() -> Post:
    return db.post.create({"title": "x", "author_id": "y", "published": True})


def call_67() -> Optional[Post]:
    return db.post.update(where={"id": "x"}, data={"author": {"disconnect": True}, "categories": {"set": [{"id": 1}], "connect": [{"id": 2}]}})


def call_68() -> Optional[User]:
    return db.user.update({"name": "x"}, {"id": "y"})


def call_69() -> models.mapped:
    return db.mapped.create({"id": 1, "full_name": "x"})


def call_70() -> List[types.PostGroupByOutput]:
    return db.post.group_by(["title"], order={"_count": {"title": "desc"}})


def call_71() -> List[types.PostGroupByOutput]:
    return db.post.group_by(["title"], order=[{"_sum": {"views": "desc"}}, {"title": "asc"}])


def call_72() -> List[types.PostGroupByOutput]:
    return db.post.group_by(["title"], order={"description": {"sort": "asc", "nulls": "last"}})


def call_73(order: types.PostOrderByInput) -> List[types.PostGroupByOutput]:
    return db.post.group_by(["title"], order=order)


def call_74(by: List[types.PostScalarFieldKeys]) -> List[types.PostGroupByOutput]:
    return db.post.group_by(by)


def by_aggregates(db: Prisma) -> int:
    groups = db.post.group_by(["title"], order=[{"_count": {"_all": "desc"}}, {"_sum": {"views": "asc"}}, {"_max": {"title": "asc"}}, {"title": "asc"}])
    return len(groups)
