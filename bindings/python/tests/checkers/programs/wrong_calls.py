"""Calls of every kind, each wrong in the line that says so."""
from calls_client import Base64, Prisma, enums, errors, models, types
from calls_client.asyncio import Prisma as AsyncPrisma
from calls_client.models import Post, User
db = Prisma()
adb = AsyncPrisma()
db.usr.find_many()  # wrong
db.user.find_mny()  # wrong
db.user.find_many(wher={})  # wrong
db.user.find_many(where={"nam": "x"})  # wrong
db.user.find_many(where={"name": 1})  # wrong
db.user.find_many(where={"name": {"contain": "x"}})  # wrong
db.user.find_many(where={"name": {"contains": 1}})  # wrong
db.user.find_many(where={"name": None})  # wrong
db.user.find_many(where={"OR": [{"nam": "x"}]})  # wrong
db.user.find_many(where={"NOT": [{"nam": "x"}]})  # wrong
db.user.find_many(where={"posts": {"som": {}}})  # wrong
db.user.find_many(where={"posts": {"some": {"titl": "x"}}})  # wrong
db.user.find_many(where={"profile": {"is": {"cit": "x"}}})  # wrong
db.user.find_many(where={"profile": {"some": {}}})  # wrong
db.user.find_many(include={"post": True})  # wrong
db.user.find_many(include={"name": True})  # wrong
db.user.find_many(include={"posts": {"tke": 1}})  # wrong
db.user.find_many(include={"posts": {"where": {"titl": "x"}}})  # wrong
db.user.find_many(include={"posts": {"include": {"autor": True}}})  # wrong
db.user.find_many(order={"nam": "asc"})  # wrong
db.user.find_many(order={"name": "up"})  # wrong
db.user.find_many(order=[{"name": "up"}])  # wrong
db.user.find_many(distinct=["nam"])  # wrong
db.user.find_many(take="1")  # wrong
db.user.find_many(cursor={"name": "x"})  # wrong
db.user.find_unique(where={"name": "x"})  # wrong
db.user.find_unique(where={"id": 1})  # wrong
db.user.find_unique(where={})  # wrong
db.user.find_unique()  # wrong
db.user.create({})  # wrong
db.user.create({"nam": "x"})  # wrong
db.user.create({"name": 1})  # wrong
db.user.create({"name": None})  # wrong
db.user.create({"name": "x", "foo": 1})  # wrong
db.user.create({"name": "x", "posts": {"creat": {}}})  # wrong
db.user.create({"name": "x", "posts": {"create": {"titl": "x"}}})  # wrong
db.user.create({"name": "x", "posts": {"create": {}}})  # wrong
db.user.create({"name": "x", "profile": {"create": {"bio": "x"}}})  # wrong
db.user.create({"name": "x"}, include={"foo": True})  # wrong
db.user.create_many([{"nam": "x"}])  # wrong
db.user.create_many([{"name": "x", "posts": {}}])  # wrong
db.user.create_many([{"name": "x"}], skip_dup=True)  # wrong
db.user.update(where={"id": "x"})  # wrong
db.user.update(where={"id": "x"}, data={"nam": "x"})  # wrong
db.user.update(where={"name": "x"}, data={})  # wrong
db.user.update(where={"id": "x"}, data={"name": 1})  # wrong
db.user.update(where={"id": "x"}, data={"posts": {"delete": {"foo": 1}}})  # wrong
db.user.upsert(where={"id": "x"}, data={"create": {"name": "x"}})  # wrong
db.user.upsert(where={"id": "x"}, data={"create": {}, "update": {}})  # wrong
db.user.update_many(where={"nam": "x"}, data={})  # wrong
db.user.update_many(where={}, data={"posts": {}})  # wrong
db.user.delete(where={"name": "x"})  # wrong
db.user.delete_many(where={"nam": "x"})  # wrong
db.user.count(select={"nam": True})  # wrong
db.user.count(where={"nam": "x"})  # wrong
db.post.group_by(["titl"])  # wrong
db.post.group_by(["title"], sum={"title": True})  # wrong
db.post.group_by(["title"], avg={"foo": True})  # wrong
db.post.group_by(["title"], having={"foo": 1})  # wrong
db.post.group_by(["title"], order={"foo": "asc"})  # wrong
db.post.group_by(["title"], summ={"views": True})  # wrong
db.post.update(where={"id": "x"}, data={"views": {"incremen": 1}})  # wrong
db.post.update(where={"id": "x"}, data={"views": {"increment": "x"}})  # wrong
db.post.update(where={"id": "x"}, data={"title": {"increment": 1}})  # wrong
db.types.create({"enum_": "FOO"})  # wrong
db.types.create({"datetime_": 1})  # wrong
db.types.create({"bytes": "x"})  # wrong
db.types.create({"bool_": "x"})  # wrong
db.types.create({"integer": 1.5})  # wrong
db.types.find_many(where={"enum_": {"in": ["FOO"]}})  # wrong
db.types.find_many(where={"integer": {"contains": "x"}})  # wrong
db.types.find_many(where={"bool_": {"gt": True}})  # wrong
db.types.find_many(where={"json_obj": {"foo": 1}})  # wrong
db.lists.create({"strings": [1]})  # wrong
db.lists.create({"ints": "x"})  # wrong
db.lists.find_many(where={"strings": {"contains": "x"}})  # wrong
db.lists.find_many(where={"ints": {"has": "x"}})  # wrong
db.lists.update(where={"id": "x"}, data={"strings": {"psh": "x"}})  # wrong
db.named.find_unique({"name_surname": {"name": "a"}})  # wrong
db.named.find_unique({"name_surname": {"name": "a", "foo": "b"}})  # wrong
db.named2.find_unique({"a_b": {"a": 1, "b": "ADMIN"}})  # wrong
db.user.create({"name": "x"}).nam  # wrong
db.user.create({"name": "x"}).name = "y"  # wrong
db.user.find_first().name  # wrong
db.user.create({"name": "x"}).posts[0]  # wrong
db.user.create({"name": "x"}).email.upper()  # wrong
x1: int = db.user.create({"name": "x"}).name  # wrong
x2: User = db.user.find_first()  # wrong
x3: Post = db.user.find_unique_or_raise({"id": "x"})  # wrong
x4: str = db.user.count()  # wrong
db.query_raw(1)  # wrong
db.query_raw("SELECT 1", model=User)[0].foo  # wrong
db.execute_raw()  # wrong
User.prisma().find_many(where={"nam": 1})  # wrong
User.prisma(1)  # wrong
types.UserWhereInputt  # wrong
enums.Role.FOO  # wrong
models.Usr  # wrong
errors.UniqueViolatonError  # wrong
with db.batch_() as b:
    b.user.find_many()  # wrong
    b.user.create({"nam": "x"})  # wrong
    b.usr  # wrong
with db.tx() as tx:
    tx.user.create({"nam": "x"})  # wrong
    tx.usr  # wrong
db.tx(timeot=1)  # wrong
Prisma(datasorce={})  # wrong
Prisma(datasource={"ur": "x"})  # wrong
db.user.find_first(cache_strategy={"tt": 1})  # wrong
db.user.find_first(cache_strategy={"ttl": "x"})  # wrong
db.user.with_accelerate_info().find_many().dat  # wrong
x5: str = db.user.as_json().find_many()  # wrong
db.post.fields.foo  # wrong
db.post.find_many(where={"views": {"lt": db.post.fields.title}})  # wrong
async def f() -> None:
    adb.user.find_first().name  # wrong
    async with adb.tx() as tx:
        await tx.user.create({"nam": "x"})  # wrong
    y: int = await adb.user.find_many()  # wrong
    with adb.tx():  # wrong
        pass
with db.tx() as t3:
    t3.accelerate.invalidate(tag=["x"])  # wrong
db.line_item.find_unique({"key": {"order_id": 1}})  # wrong
db.orderline.find_many()  # wrong
Base64("x")  # wrong
db.post.group_by(["title"], order={"_cout": {"title": "asc"}})  # wrong
db.post.group_by(["title"], order={"title": "up"})  # wrong
db.post.group_by(["title"], order=[{"titl": "asc"}])  # wrong
db.post.group_by(["title"], order={"_count": {"titl": "asc"}})  # wrong
db.post.group_by(["title"], order={"_sum": {"title": "asc"}})  # wrong
db.post.group_by(["title"], order=[{"_max": {"title": "up"}}])  # wrong
