"""Where a schema comes from: a text, a file, or a folder of files that are one schema; and what is told of its mistakes."""
import os

import pytest
from capi import Client, OpenError

DATASOURCE = 'datasource db {\n  provider = "postgresql"\n}\n'
USER = "model User {\n  id    Int    @id\n  posts Post[]\n  role  Role   @default(USER)\n}\n"
POST = "model Post {\n  id       Int  @id\n  authorId Int\n  author   User @relation(fields: [authorId], references: [id])\n}\n"
ROLE = "enum Role {\n  USER\n  ADMIN\n}"
URL = "postgresql://localhost:1/db"


def write(folder, **files):
    for path, text in files.items():
        file = folder.joinpath(*path.split("__")).with_suffix(".prisma")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return str(folder)


def mistakes(**config):
    with pytest.raises(OpenError) as caught:
        Client({"datasourceUrl": URL, **config})
    error = caught.value.reply.error
    return error["meta"].get("errors", [error["message"]])


def models(**config):
    with Client({"datasourceUrl": URL, **config}) as client:
        return client.data({"operation": "$schema"})


def test_a_folder_is_one_schema_however_it_is_divided(tmp_path):
    whole = models(schema=DATASOURCE + POST + USER + ROLE)
    ways = [
        {"schema": DATASOURCE + ROLE + "\n" + POST + USER}, {"a": ROLE, "b": POST, "c": USER, "z": DATASOURCE}, {"z": POST, "y": DATASOURCE, "x": USER, "w": ROLE},
        {"schema": DATASOURCE, "models__user": USER, "models__deep__er__post": POST, "enums__role": ROLE},
    ]
    for number, files in enumerate(ways):
        path = write(tmp_path / str(number), **files)
        (tmp_path / str(number) / "notes.txt").write_text("model Nonsense {")
        (tmp_path / str(number) / "prisma").write_text("model Nonsense {")
        for written in (path, path + "/"):
            found = models(schemaPath=written)
            assert found["models"] == whole["models"] and found["enums"] == whole["enums"], files


def test_mistakes_name_their_file(tmp_path):
    path = write(tmp_path, a=DATASOURCE, b__user="// users\n" + USER.replace("Post[]", "Pots[]"), c=POST + "\n\n  model Open {\n", d=ROLE + "\nenum Role {\n  X\n}")
    assert mistakes(schemaPath=path) == [
        'b/user.prisma:4:9: unknown type "Pots"; expected a scalar type, an enum or a model; did you mean "Post"?',
        'c.prisma:8:14: the block is never closed; expected "}" after the model',
        'd.prisma:5:6: "Role" is defined already; expected another name for the enum',
    ]
    path = write(tmp_path / "two", a=DATASOURCE, b=DATASOURCE.replace("db", "other"))
    assert mistakes(schemaPath=path) == ["b.prisma:1:12: a second datasource; expected one datasource in a schema"]


def test_folders_that_hold_no_schema(tmp_path):
    assert "contains no `*.prisma` file" in mistakes(schemaPath=str(tmp_path))[0]
    (tmp_path / "x.prisma").mkdir()
    assert "contains no `*.prisma` file" in mistakes(schemaPath=str(tmp_path))[0]
    assert "cannot be read" in mistakes(schemaPath=str(tmp_path / "nowhere"))[0]
    os.mkfifo(tmp_path / "pipe.prisma")
    assert "`pipe.prisma`" in mistakes(schemaPath=str(tmp_path))[0]
    os.remove(tmp_path / "pipe.prisma")
    # A folder within itself ends.
    write(tmp_path, a=DATASOURCE + ROLE)
    os.symlink(tmp_path, tmp_path / "round")
    assert "is defined already" in mistakes(schemaPath=str(tmp_path))[0] or "a second datasource" in mistakes(schemaPath=str(tmp_path))[0]


@pytest.mark.parametrize("text", [
    '{"schemaVersion": "1", "models": {}}', '\n  {\n  "models": {}\n}', "// use prisma-next\nmodel A {\n  id Int @id\n}",
    "types {\n  Email = String\n}\nmodel A {\n  id Int @id\n  e Email\n}", "namespace auth {\n  model User {\n    id Int @id\n  }\n}\n",
])
def test_a_contract_of_prisma_8_is_called_by_its_name(text):
    told = mistakes(schema=text)
    assert len(told) == 1 and "Prisma 8" in told[0] and "a schema of Prisma 5, 6 or 7" in told[0], told


@pytest.mark.parametrize("text", [
    'datasource db {\n  provider = "postgresql"\n}\ngenerator client {\n  provider = "prisma-client"\n  output = "../generated"\n}\n',
    'datasource db {\n  provider = "postgresql"\n  url = env("NOT_SET")\n}\ngenerator client {\n  provider = "prisma-client-js"\n  previewFeatures = ["multiSchema"]\n}\n',
    'datasource db {\n  provider = "postgresql"\n  schemas = ["a", "b"]\n}\nenum E {\n  X\n  @@map("e")\n  @@schema("b")\n}\n',
])
def test_schemas_of_prisma_5_6_and_7(text):
    rest = "model A {\n  id Int @id\n" + ('  @@schema("a")\n' if "schemas" in text else "") + "}\n"
    assert list(models(schema=text + rest)["models"]) == ["A"]


@pytest.mark.parametrize("header, line", [
    ("// This is your schema, see https://pris.ly/d/prisma-schema\n", 2), ("/// https://example.com\n\n", 3),
    ('datasource db {\n  provider = "postgresql"\n  url = "postgresql://user:s3cret@h/d"\n}\n', 5),
    ('datasource db {\n  provider = "postgresql"\n  url = "postgresql://user:s3cret@h/d" // the url\n}\n', 5),
    ('datasource db {\n  provider = "postgresql"\n  url = "postgresql://user:s3cret@h/d\n}\n', 5),
])
def test_names_beside_a_url_are_told(header, line):
    told = mistakes(schema=header + "modl User {\n  id Int @id @idd\n}\n")
    assert f'{line}:1: unknown block "modl"' in told[-2] and "unknown attribute @idd" in told[-1] and "s3cret" not in "".join(told), told


def test_names_in_the_line_of_a_url_are_told_as_far_as_they_are_none_of_it():
    told = mistakes(schema='datasource db {\n  provider = "postgresql"\n  urll = "postgresql://user:s3cret@h/d"\n  colour = "red"\n}\n')
    assert [text.split(";")[0] for text in told] == ['3:3: a datasource has no property "urll"', '4:3: a datasource has no property "colour"']
