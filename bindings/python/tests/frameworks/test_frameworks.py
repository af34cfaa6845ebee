"""Each example at home in its framework."""
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest

EXAMPLES = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "examples")
# The frameworks may have to come from PyPI first.
pytestmark = pytest.mark.timeout(700)

FASTAPI = """
from fastapi.testclient import TestClient
from fastapi_app import app
with TestClient(app) as client:
    user = client.post("/users", json={"name": "Robert", "email": "r@x.org"})
    assert user.status_code == 201, user.text
    id = user.json()["id"]
    assert user.json()["created_at"].endswith("Z") and user.json()["posts"] is None
    found = client.get(f"/users/{id}")
    assert found.json()["posts"] == [] and found.json()["name"] == "Robert"
    assert client.get("/users/nobody").status_code == 404
    assert client.get("/names").json() == [{"name": "Robert"}]
    assert client.get("/posts").json() == []
    schema = client.get("/openapi.json").json()
    properties = schema["components"]["schemas"]["User"]["properties"]
    assert properties["name"]["type"] == "string" and properties["posts"]["anyOf"][0]["items"] == {"$ref": "#/components/schemas/Post"}, properties
from typing import Annotated
from fastapi import Body
from shop_client.models import Post
@app.post("/echo", response_model=Post)
async def echo(post: Annotated[Post, Body()]) -> Post:
    return post
with TestClient(app) as client:
    post = {"id": 1, "title": "A", "views": 0, "published": False}
    assert client.post("/echo", json=post).json() == {**post, "from_": None, "author_id": None, "author": None, "categories": None}, client.post("/echo", json=post).text
    refused = client.post("/echo", json={"id": "x"})
    assert refused.status_code == 422 and [error["loc"] for error in refused.json()["detail"]][:2] == [["body", "id"], ["body", "title"]], refused.text
# What a response leaves out stays inside.
@app.get("/public", response_model=list[Post], response_model_exclude={"__all__": {"views": ..., "author": {"email"}}})
async def public() -> list[Post]:
    return [Post(id=1, title="A", views=0, published=False, author=user_of_posts)]
from shop_client.models import User
moment = "2020-01-02T03:04:05Z"
user_of_posts = User(id="x", name="Robert", role="ADMIN", created_at=moment, updated_at=moment, tags=[], notes=[], files=[], email="r@x.org")
@app.get("/titles", response_model=Post, response_model_include={"title"})
async def title() -> Post:
    return (await public())[0]
with TestClient(app) as client:
    (post,) = client.get("/public").json()
    assert "views" not in post and post["author"]["name"] == "Robert" and "email" not in post["author"], post
    assert client.get("/titles").json() == {"title": "A"}
print("well")
"""

RAW = """
import datetime
from typing import Any, List, Optional
import pydantic
from shop_client import Base64, Json, enums
from shop_client.sync import Prisma
with Prisma() as db:
    users = [db.user.create({"name": str(number), "meta": Json(value)}) for number, value in enumerate(({"a": 1}, "text", [None], "5"))]
    class Row(pydantic.BaseModel):
        name: str
        role: enums.Role
        created_at: datetime.datetime
    # Both read JSON text, as in Prisma Client Python; a plain type has the value.
    for kind in (pydantic.Json, Json, Optional[pydantic.Json], Optional[Json], pydantic.Json[Any], Any, object):
        model = pydantic.create_model("Other", __base__=Row, data=(kind, pydantic.Field(validation_alias="meta")))
        rows = db.query_raw('SELECT * FROM "User" ORDER BY name', model=model)
        assert [(row.name, row.role, row.created_at, row.data) for row in rows] == [
            (user.name, user.role, user.created_at, user.meta) for user in users], kind
    class Blob(pydantic.BaseModel):
        meta: Json
        file: Base64
        files: List[Base64]
    blob = Blob(meta='{"a": [1]}', file="aGk=", files=[Base64.encode(b"x")])
    assert blob.meta == {"a": [1]} and blob.file.decode() == b"hi" and blob.model_dump()["files"] == ["eA=="]
    assert Blob.model_json_schema()["properties"]["file"]["format"] == "byte"
print("well")
"""

PYDANTIC = """
import datetime, pickle
from pydantic import BaseModel, ConfigDict, TypeAdapter
from shop_client.models import Post, User
user = User(id="x", name="Robert", role="ADMIN", created_at="2020-01-02T03:04:05Z", updated_at=datetime.datetime.now(datetime.timezone.utc),
            tags=["a"], notes=[], files=[], posts=[{"id": 1, "title": "A", "views": 0, "published": False}])
class Seen(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    posts: list[Post]
seen = Seen.model_validate(user)
assert seen.name == "Robert" and isinstance(seen.posts[0], Post)
assert TypeAdapter(User).validate_python(user.model_dump()) == user
assert User.model_validate_json(TypeAdapter(User).dump_json(user)) == user
assert TypeAdapter(User).validate_json(user.model_dump_json()) == user
class Page(BaseModel):
    users: list[User]
page = Page(users=[user])
assert page.users[0] is user and page.model_dump()["users"][0]["posts"][0]["title"] == "A"
assert Page.model_validate_json(page.model_dump_json()) == page
from pydantic import ValidationError
for check in (TypeAdapter(User).validate_python, User.model_validate, lambda values: User(**values), lambda values: Page(users=[values])):
    try:
        check({"id": "x", "name": 1, "role": "BOSS", "posts": [{"id": 1}, 5], "created_at": "x"})
    except ValidationError as error:
        places = {(".".join(map(str, item["loc"])).replace("users.0.", ""), item["type"]) for item in error.errors()}
        assert {("name", "string_type"), ("role", "enum"), ("created_at", "datetime_type"), ("updated_at", "missing"), ("posts.0.title", "missing"),
                ("posts.1", "model_type")} <= places, places
        assert "BOSS" not in str(error)
    else:
        raise SystemExit("not refused")
assert TypeAdapter(list[User]).dump_python([user], exclude={0: {"name": True, "posts": {0: {"id"}}}})[0]["posts"][0]["title"] == "A"
assert "id" not in TypeAdapter(User).dump_python(user, exclude={"posts": {0: {"id"}}})["posts"][0]
assert TypeAdapter(User).dump_python(user, include={"name"}) == user.model_dump(include={"name"}) == {"name": "Robert"}
print("well")
"""


def test_fastapi(run):
    assert "well" in run("-c", FASTAPI).splitlines()


def test_raw_rows_become_pydantic_models(run):
    assert run("-c", RAW) == "well\n"


def test_pydantic(run):
    assert "well" in run("-c", PYDANTIC).splitlines()


def test_the_worker(run, environment):
    assert "40 jobs, 40 users" in run(os.path.join(EXAMPLES, "worker.py"), "40")


def test_logs_and_traces(run):
    told = run(os.path.join(EXAMPLES, "logs_and_traces.py"))
    assert "accelerant.database DEBUG INSERT INTO" in told and "ms)" in told
    spans = [line for line in told.splitlines() if line.startswith("span ")]
    assert spans == ["span create User", "span count User", "span register"], told


def test_the_pytest_plugin(run, url):
    told = run("-m", "pytest", "-q", "-p", "accelerant.integrations.pytest_plugin", "-p", "no:cacheprovider", "--accelerant-url", url, "-c",
               os.path.join(EXAMPLES, "pytest.ini"), os.path.join(EXAMPLES, "test_cache.py"))
    assert "2 passed" in told


UVLOOP = """
import asyncio, uvloop
from shop_client.asyncio import Prisma
db = Prisma()
async def work():
    if not db.is_connected():
        await db.connect()
    return await asyncio.gather(*(db.user.count() for _ in range(100)))
for _ in range(2):
    loop = uvloop.new_event_loop()
    assert loop.run_until_complete(work()) == [0] * 100
    loop.close()
print("well")
"""


def test_uvloop(run):
    assert run("-c", UVLOOP).strip() == "well"


def ask(port, path, body=None):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", None if body is None else json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


@pytest.fixture
def workers(python, environment, run):
    """Flask below gunicorn, with four workers: the port."""
    triggers = "from accelerant import Accelerant; import os, shop_client\n" \
        "with Accelerant(schema_path=os.path.join(os.path.dirname(shop_client.__file__), 'schema.prisma')) as db:\n" \
        "    db.accelerate.install_triggers(execute=True)"
    run("-c", triggers)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [python, "-m", "gunicorn", "-c", os.path.join(EXAMPLES, "gunicorn.conf.py"), "-b", f"127.0.0.1:{port}", "flask_app:app"]
    with subprocess.Popen(command, cwd=EXAMPLES, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            for _ in range(300):
                try:
                    ask(port, "/count")
                    break
                except (urllib.error.URLError, OSError):
                    time.sleep(0.1)
            yield port
        finally:
            process.terminate()
            text = process.communicate(timeout=30)[0]
    assert "Traceback" not in text, text


def test_workers_hear_of_each_others_writes(workers):
    def seen():
        """What the workers say, each at least once."""
        found = {}
        for _ in range(400):
            answer = ask(workers, "/count")
            found[answer["worker"]] = answer["count"]
            if len(found) == 4:
                break
        return found

    before = seen()
    assert len(before) >= 2 and set(before.values()) == {0}
    assert ask(workers, "/count")["cache"] in ("ttl", "miss")
    assert ask(workers, "/users", {"name": "Robert"})["name"] == "Robert"
    deadline = time.monotonic() + 10
    while set(seen().values()) != {1} and time.monotonic() < deadline:
        time.sleep(0.05)
    assert set(seen().values()) == {1}
