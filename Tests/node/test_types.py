"""`npx accelerant generate`: `tsc --strict` takes right programs and refuses wrong ones; a hundred models are checked in time."""
import json
import os
import re
import shutil
import subprocess

import pytest
from capi import LIBRARY, ROOT

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "types")
GENERATE = os.path.join(ROOT, "bindings", "node", "generate", "index.js")
#: What checks the programs; Debian has it as node-typescript.
TSC = os.environ.get("ACCELERANT_TSC") or shutil.which("tsc")
FLAGS = ["--strict", "--noEmit", "--target", "es2020", "--moduleResolution", "node", "--pretty", "false"]

needs_node = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed, so the types were not tried")
needs_typescript = pytest.mark.skipif(not TSC, reason="tsc is not installed (apt-get install node-typescript), so the types were not tried")


def generate(schema, folder):
    subprocess.run(
        ["node", GENERATE, "generate", "--schema", str(schema), "--output", str(folder)],
        check=True, capture_output=True, text=True, env={**os.environ, "ACCELERANT_LIBRARY": LIBRARY})


def check(folder, *names, timeout=300):
    """What tsc says: the numbers of lines with their messages, by file."""
    outcome = subprocess.run([TSC, *FLAGS, *names], cwd=folder, capture_output=True, text=True, timeout=timeout)
    found = {name: {} for name in names}
    for line in outcome.stdout.split("\n"):
        match = re.match(r"(\S+?)\((\d+),\d+\): error (TS\d+: .*)", line)
        if match:
            found.setdefault(match[1], {}).setdefault(int(match[2]), []).append(match[3])
    assert outcome.returncode == 0 or any(found.values()), outcome.stdout + outcome.stderr
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("types")
    generate(os.path.join(HERE, "schema.prisma"), folder)
    return folder


@needs_node
def test_two_models_of_one_name_in_a_client_are_refused(tmp_path):
    schema = tmp_path / "schema.prisma"
    schema.write_text('datasource db {\n  provider = "postgresql"\n}\nmodel Model {\n  id Int @id\n}\nmodel model {\n  id Int @id\n}\n')
    outcome = subprocess.run(["node", GENERATE, "generate", "--schema", str(schema), "--output", str(tmp_path / "made")], capture_output=True, text=True,
                             env={**os.environ, "ACCELERANT_LIBRARY": LIBRARY})
    assert outcome.returncode == 1 and "The models Model and model are both prisma.model" in outcome.stderr, outcome
    assert not (tmp_path / "made").exists()


def programs():
    with open(os.path.join(HERE, "programs.ts")) as file:
        lines = [line.rstrip("\n") for line in file]
    right = [line[2:] for line in lines if line.startswith("+ ")]
    wrong = [line[2:] for line in lines if line.startswith("- ")]
    return right, wrong


def prelude():
    with open(os.path.join(HERE, "prelude.ts")) as file:
        return file.read()


#: A value of each type of setting, where the setting has no list of values.
VALUES = {"string": '"x"', "integer": "1", "boolean": "true", "list": '["warn"]'}
#: What a client has as options of its own.
OF_THE_CLIENT = {"schema", "schemaPath"}


def settings():
    """A literal with every setting of the library that there is."""
    with open(os.path.join(ROOT, "bindings", "spec", "configuration.json"), encoding="utf-8") as file:
        keys = [key for key in json.load(file)["keys"] if key["path"] not in OF_THE_CLIENT]

    def level(prefix):
        own = [key for key in keys if key["path"].rpartition(".")[0] == prefix]
        return "{ " + ", ".join(f"{key['path'].rpartition('.')[2]}: {value(key)}" for key in own) + " }"

    def value(key):
        if key["type"] == "object":
            return level(key["path"])
        return json.dumps(key["values"][0]) if "values" in key else VALUES[key["type"]]

    return level("")


@needs_node
@needs_typescript
def test_right_programs_are_taken_and_wrong_ones_refused(folder):
    right, wrong = programs()
    assert len(right) == len(wrong) >= 100
    head = prelude()
    first = head.count("\n") + 1
    for name, lines in (("right.ts", right), ("wrong.ts", wrong)):
        (folder / name).write_text(head + "".join(f"async function p{number}() {{ {line} }}\n" for number, line in enumerate(lines)))
    with open(folder / "right.ts", "a", encoding="utf-8") as file:
        file.write(f"new PrismaClient({{ accelerant: {settings()} }})\n")
    found = check(folder, "right.ts", "wrong.ts")
    assert not found["right.ts"], {(right + ["all settings"])[line - first]: text for line, text in found["right.ts"].items() if line >= first} or found["right.ts"]
    taken = [line for number, line in enumerate(wrong) if first + number not in found["wrong.ts"]]
    assert not taken, "wrong programs were taken:\n" + "\n".join(taken)
    assert set(found) == {"right.ts", "wrong.ts"}, "the declarations themselves are at fault"


def large_schema(models):
    text = ['datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\nenum Kind {\n  A\n  B\n}\n']
    for number in range(models):
        after = (number + 1) % models
        text.append(f"""model Model{number} {{
  id        Int      @id @default(autoincrement())
  name      String   @unique
  title     String?
  kind      Kind     @default(A)
  amount    Decimal  @default(0)
  count     BigInt   @default(0)
  share     Float?
  isOpen    Boolean  @default(true)
  data      Json?
  tags      String[]
  createdAt DateTime @default(now())
  updatedAt DateTime @updatedAt
  nextId    Int?
  next      Model{after}? @relation("next{number}", fields: [nextId], references: [id])
  before    Model{(number - 1) % models}[] @relation("next{(number - 1) % models}")
  otherId   Int?
  other     Model{(number + 7) % models}? @relation("other{number}", fields: [otherId], references: [id])
  others    Model{(number - 7) % models}[] @relation("other{(number - 7) % models}")
}}
""")
    return "".join(text)


@needs_node
@needs_typescript
def test_a_hundred_models_are_checked_within_five_seconds(tmp_path, record_property):
    (tmp_path / "schema.prisma").write_text(large_schema(100))
    generate(tmp_path / "schema.prisma", tmp_path)
    calls = "".join(
        f"""async function f{n}() {{
  const found = await prisma.model{n}.findMany({{ where: {{ name: "a" }}, include: {{ next: true, before: {{ select: {{ id: true }} }} }} }})
  const id: number = found[0].before[0].id + (found[0].next?.id ?? 0)
}}
""" for n in range(100))
    (tmp_path / "program.ts").write_text('import { PrismaClient } from "./index"\nconst prisma = new PrismaClient()\n' + calls)
    (tmp_path / "empty.ts").write_text("export const nothing = 0\n")
    seconds = processor_time(tmp_path, "program.ts")
    record_property("seconds", seconds)
    # The processor's time, and of a slower machine, or one with other work on its cores, as much more as an empty program takes there.
    assert seconds <= 5 or seconds <= 5 * max(1, processor_time(tmp_path, "empty.ts") / 1.5), seconds


def processor_time(folder, name):
    """Seconds of the processor that tsc takes for a program without a fault."""
    begin = os.times()
    assert check(folder, name) == {name: {}}
    end = os.times()
    return (end.children_user + end.children_system) - (begin.children_user + begin.children_system)


@needs_node
def test_a_schema_that_is_at_fault_is_told(tmp_path):
    (tmp_path / "schema.prisma").write_text('datasource db {\n  provider = "postgresql"\n}\nmodel A {\n  id Itn @id\n}\n')
    outcome = subprocess.run(
        ["node", GENERATE, "generate", "--schema", str(tmp_path / "schema.prisma"), "--output", str(tmp_path)],
        capture_output=True, text=True, env={**os.environ, "ACCELERANT_LIBRARY": LIBRARY})
    assert outcome.returncode == 1 and "Itn" in outcome.stderr and not (tmp_path / "index.d.ts").exists()


@needs_node
@pytest.mark.parametrize("words", [[], ["generat"], ["generate", "--scema", "x"], ["generate", "--schema"], ["generate", "--schema", "/nonexistent"]])
def test_a_command_that_is_none_is_told(words):
    outcome = subprocess.run(["node", GENERATE, *words], capture_output=True, text=True, env={**os.environ, "ACCELERANT_LIBRARY": LIBRARY}, cwd="/")
    assert outcome.returncode == 1 and outcome.stderr
