"""A program that is wrong in each line that says so."""
from shop_client import Prisma
from shop_client.models import User
db = Prisma()
db.usr.find_many()  # wrong
db.user.find_many(where={"nam": "x"})  # wrong
db.user.find_many(where={"name": {"startwith": "x"}})  # wrong
db.user.find_many(where={"name": 1})  # wrong
db.user.create({"nam": "x"})  # wrong
db.user.create({"email": "x"})  # wrong
db.user.find_unique(where={"name": "x"})  # wrong
db.user.find_many(order={"nam": "asc"})  # wrong
db.user.find_many(order={"name": "up"})  # wrong
db.user.find_many(include={"post": True})  # wrong
user = db.user.find_unique({"id": "1"})
user.name  # wrong
sure = db.user.find_unique_or_raise({"id": "1"})
sure.nam  # wrong
sure.name = "x"  # wrong
n: str = sure.points  # wrong
db.user.update(where={"id": "x"}, data={"points": {"incremen": 1}})  # wrong
db.user.create({"name": "x", "posts": {"create": [{"titel": "x"}]}})  # wrong
db.user.group_by(["nam"])  # wrong
db.post.find_unique({"title_views": {"title": "x"}})  # wrong
db.user.create({"name": "x", "role": "BOSS"})  # wrong
db.user.find_many(include={"posts": {"where": {"titel": "x"}}})  # wrong
db.user.find_many(take="x")  # wrong
User(id="x")  # wrong
db.user.find_many(cache_strategy={"tll": 1})  # wrong
db.user.find_many(where={"points": {"lt": db.user.fields.name}})  # wrong
db.user.find_many(where={"name": {"lt": db.user.fields.nam}})  # wrong
db.user.find_many(where={"name": {"in": db.user.fields.name}})  # wrong
db.user.fields.posts  # wrong
