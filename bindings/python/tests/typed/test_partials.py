"""Classes of records with some of a model's fields: asked for by `create_partial`, and written by hand."""
import importlib
import os
import shutil
import subprocess
import sys
from typing import List, Optional

import pytest
from accelerant import errors

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.dirname(os.path.dirname(HERE))
PARTIALS = """
from prisma.models import Post, User
User.create_partial("UserOnlyName", include={"name"})
User.create_partial("UserRequiredEmail", required={"email"}, exclude_relational_fields=True)
Post.create_partial("PostOnlyTitle", include={"title"})
User.create_partial("UserWithTitles", include={"name", "posts"}, relations={"posts": "PostOnlyTitle"})
for choice, expected in (
    ({"include": {"nam"}}, ValueError), ({"include": {"name"}, "exclude": {"id"}}, TypeError),
    ({"required": {"name"}, "optional": {"name"}}, ValueError), ({"relations": {"posts": "Nothing"}}, ValueError),
):
    try:
        User.create_partial("Wrong", **choice)
    except expected:
        continue
    raise SystemExit(choice)
"""


@pytest.fixture(scope="module")
def partial_package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("partials")
    (folder / "partial_types.py").write_text(PARTIALS)
    command = [sys.executable, "-m", "accelerant", "generate", "--schema", os.path.join(HERE, "schema.prisma"), "--output",
               str(folder / "partial_client"), "--partials", str(folder / "partial_types.py")]
    outcome = subprocess.run(command, capture_output=True, text=True, timeout=60, env=dict(os.environ, PYTHONPATH=PACKAGE))
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module("partial_client")
    sys.path.remove(str(folder))


@pytest.fixture
def client(partial_package, url):
    with partial_package.Prisma(datasource={"url": url}) as client:
        client.user.create({"name": "Robert", "email": "r@x.org", "posts": {"create": {"title": "A"}}})
        yield client


def test_a_partial_class_reads_its_fields_alone(partial_package, client):
    partials = partial_package.partials
    found = partials.UserOnlyName.prisma(client).find_first()
    assert found.model_dump() == {"name": "Robert"} and isinstance(found, partial_package.bases.BaseUser)
    with pytest.raises(AttributeError):
        found.email  # noqa: B018
    assert partials.UserRequiredEmail.prisma(client).find_first().email == "r@x.org"
    with_titles = partials.UserWithTitles.prisma(client).find_first(include={"posts": True})
    assert with_titles.posts[0].model_dump() == {"title": "A"} and type(with_titles.posts[0]) is partials.PostOnlyTitle
    with pytest.raises(RuntimeError, match="outside of client generation"):
        partial_package.models.User.create_partial("Late")


def test_classes_by_hand(partial_package, client):
    class Title(partial_package.bases.BasePost):
        title: str

    class Author(partial_package.bases.BaseUser):
        name: str
        email: Optional[str]
        posts: List["Title"]

        @property
        def greeting(self) -> str:
            return f"Hello {self.name}"

    globals()["Title"] = Title
    found = Author.prisma(client).find_first(include={"posts": True})
    assert found.greeting == "Hello Robert" and found.email == "r@x.org" and type(found.posts[0]) is Title
    assert client.query_raw('SELECT name, email FROM "User"', model=Author)[0].name == "Robert"

    class Whole(partial_package.models.User):
        def shout(self) -> str:
            return self.name.upper()

    assert Whole.prisma(client).find_first().shout() == "ROBERT"


def test_a_folder_called_prisma_is_no_package(tmp_path):
    """The usual layout: it holds the schema and the partial types, which import `prisma` and mean the package."""
    (tmp_path / "prisma").mkdir()
    shutil.copy(os.path.join(HERE, "schema.prisma"), tmp_path / "prisma")
    (tmp_path / "prisma" / "partial_types.py").write_text(PARTIALS)
    for arguments in (["-m", "accelerant", "generate"], ["-c", "from prisma_client.partials import UserOnlyName; print(list(UserOnlyName.model_fields))"]):
        outcome = subprocess.run(
            [sys.executable, *arguments], capture_output=True, text=True, timeout=60, env=dict(os.environ, PYTHONPATH=PACKAGE), cwd=tmp_path)
        assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert outcome.stdout == "['name']\n"


def test_the_generator_says_what_is_wrong(tmp_path):
    from accelerant.generator import generate

    with pytest.raises(errors.GeneratorError, match="cannot be read"):
        generate(str(tmp_path / "nowhere.prisma"))
    (tmp_path / "schema.prisma").write_text('datasource db {\n  provider = "postgresql"\n}\nmodel Class {\n  id Int @id\n}\n')
    with pytest.raises(errors.GeneratorError, match="instance_name"):
        generate(str(tmp_path / "schema.prisma"), str(tmp_path / "out"))
    twins = "model Model {\n  id Int @id\n}\nmodel model {\n  id Int @id\n}\n"
    (tmp_path / "twins.prisma").write_text('datasource db {\n  provider = "postgresql"\n}\n' + twins)
    with pytest.raises(errors.GeneratorError, match="the models Model and model are both called 'model' in Python: put .*instance_name"):
        generate(str(tmp_path / "twins.prisma"), str(tmp_path / "out"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "app.py").write_text("")
    with pytest.raises(errors.GeneratorError, match="not generated"):
        generate(os.path.join(HERE, "schema.prisma"), str(tmp_path / "mine"))
    with pytest.raises(errors.InvalidDataSourceError):
        (tmp_path / "broken.prisma").write_text("model A {\n  id Strin @id\n}\n")
        generate(str(tmp_path / "broken.prisma"), str(tmp_path / "out"))
