"""The program `accelerant`: each command, where it looks for schema and database, and how it exits."""
import json
import os
import shutil
import subprocess
import sys

import pytest
from paths import ROOT

PROGRAM = os.path.join(ROOT, ".build", "release", "accelerant")
SCHEMA = """datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model User {
  id    Int    @id @default(autoincrement())
  email String @unique
}
"""


@pytest.fixture
def place(server, admin, tmp_path):
    """A folder to work in, with a database of its own named in .env."""
    admin.execute("DROP DATABASE IF EXISTS program WITH (FORCE); CREATE DATABASE program TEMPLATE template0 STRATEGY file_copy")
    (tmp_path / ".env").write_text(f'# where it is\nHOST_PART=unused\nexport DATABASE_URL="{server.url("program")}"\n')
    yield tmp_path
    admin.execute("DROP DATABASE IF EXISTS program WITH (FORCE)")


def run(place, *words, code=0, stdin=None, **variables):
    environment = {"PATH": os.environ["PATH"], **variables}
    outcome = subprocess.run([PROGRAM, *words], cwd=place, env=environment, capture_output=True, text=True, timeout=60, input=stdin)
    assert outcome.returncode == code, outcome
    return outcome.stdout if code == 0 else outcome.stdout + outcome.stderr


def write_schema(place, text=SCHEMA):
    os.makedirs(place / "prisma", exist_ok=True)
    (place / "prisma" / "schema.prisma").write_text(text)


def test_a_schema_becomes_a_database_and_the_database_a_schema(place):
    write_schema(place)
    assert "CREATE TABLE \"User\"" in run(place, "diff")
    assert "difference" in run(place, "check", code=1)
    run(place, "diff", "--exit-code", code=2)
    assert "CREATE TABLE" in run(place, "push", "--dry-run")
    assert "is as the schema says now" in run(place, "push")
    assert "is as the schema says already" in run(place, "push")
    assert run(place, "check") == "The schema and the database agree.\n"
    assert run(place, "diff", "--exit-code") == "-- This is an empty migration.\n"
    assert "model User" in run(place, "pull", "--print")
    run(place, "pull")
    assert "@unique" in (place / "prisma" / "schema.prisma").read_text()
    assert run(place, "check") == "The schema and the database agree.\n"


def test_a_database_alone_gives_a_schema(place):
    run(place, "query", json.dumps({"operation": "$executeRaw", "args": {"query": "CREATE TABLE pets (id int PRIMARY KEY, name text)"}}))
    assert "Wrote the schema to prisma/schema.prisma" in run(place, "pull")
    assert "model pets" in (place / "prisma" / "schema.prisma").read_text()
    assert run(place, "query", "-", stdin='{"model": "pets", "operation": "findMany"}') == "[]\n"


def test_loss_is_refused_until_it_is_accepted(place):
    write_schema(place)
    run(place, "push")
    run(place, "query", '{"model": "User", "operation": "create", "args": {"data": {"email": "a@example.org"}}}')
    write_schema(place, SCHEMA.replace("  email String @unique\n", ""))
    refused = run(place, "push", code=1)
    assert "drop the column `email`" in refused and "Nothing was changed." in refused and "example.org" not in refused
    assert "is as the schema says now" in run(place, "push", "--accept-data-loss")


def test_migrations_are_deployed(place):
    os.makedirs(place / "prisma" / "migrations" / "1_init")
    (place / "prisma" / "migrations" / "1_init" / "migration.sql").write_text("CREATE TABLE t (n int)")
    assert run(place, "deploy") == "applied 1_init\n"
    assert run(place, "deploy", "prisma/migrations") == "No pending migrations to apply.\n"
    assert json.loads(run(place, "deploy", "--json")) == {"applied": [], "edited": []}


def test_json_is_the_librarys_answer(place):
    write_schema(place)
    assert json.loads(run(place, "diff", "--json"))["steps"] == 2
    assert json.loads(run(place, "push", "--json"))["executed"] is True
    assert "# HELP" in run(place, "metrics")
    assert "counters" in json.loads(run(place, "metrics", "--json"))


def test_what_is_wrong_is_said_in_a_sentence(place, tmp_path):
    assert "there is no schema" in run(place, "check", code=2)
    assert "unknown command: nonsense" in run(place, "nonsense", code=2)
    assert "unknown option: --nonsense" in run(place, "check", "--nonsense", code=2)
    write_schema(place, "model {")
    assert "P1012" in run(place, "check", code=1) or "P6001" in run(place, "check", code=1)
    write_schema(place)
    nowhere = run(place, "check", "--url", "postgresql://u:secret@127.0.0.1:1/x", code=1)
    assert "P6008" in nowhere and "127.0.0.1" in nowhere and "secret" not in nowhere


def test_what_cannot_be_written_or_read_is_no_success(place):
    write_schema(place)
    environment = {"PATH": os.environ["PATH"]}
    for words in (["diff"], ["diff", "--json"], ["pull", "--print"], ["query", '{"operation": "$connect"}'], ["--version"]):
        with open("/dev/full", "w") as full:
            outcome = subprocess.run([PROGRAM, *words], cwd=place, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
        assert (outcome.returncode, "the output cannot be written" in outcome.stderr) == (1, True), outcome
    assert "the request is empty" in run(place, "query", "-", stdin="", code=2)
    for seconds in ("5x", "", "-1", "0", "nan", "1e300"):
        assert f"--timeout takes a number of seconds, and not: {seconds}" in run(place, "check", "--timeout", seconds, code=2)
    assert run(place, "query", "--timeout", "5.5", '{"operation": "$queryRaw", "args": {"query": "SELECT 1 AS n"}}') == '[{"n":1}]\n'


def test_variables_refer_to_others(place, server):
    (place / ".env").write_text(f"DATABASE=program\nSOCKET={server.url('program').split('?')[1]}\n"
                                f"DATABASE_URL={server.url('program').split('program')[0]}${{DATABASE}}?${{SOCKET}} # the url\n")
    assert run(place, "query", '{"operation": "$queryRaw", "args": {"query": "SELECT current_database() AS d"}}') == '[{"d":"program"}]\n'


def test_help_and_version():
    assert "accelerant pull" in run("/", "--help") and run("/", "--version").startswith("accelerant 0.")


def test_the_python_package_has_the_same_commands(place):
    write_schema(place)
    command = [sys.executable, "-m", "accelerant", "diff", "--exit-code"]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.path.join(ROOT, "bindings", "python"), "PYTHONDONTWRITEBYTECODE": "1"}
    outcome = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=60)
    assert outcome.returncode == 2 and 'CREATE TABLE "User"' in outcome.stdout, outcome


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_so_has_the_node_package(place):
    write_schema(place)
    command = ["node", os.path.join(ROOT, "bindings", "node", "generate", "index.js"), "diff", "--exit-code"]
    outcome = subprocess.run(command, cwd=place, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=60)
    assert outcome.returncode == 2 and 'CREATE TABLE "User"' in outcome.stdout, outcome


def test_a_newcomer_is_told_what_is_missing(place):
    write_schema(place)
    assert "prisma/migrations` is not there" in run(place, "deploy", code=2)
    run(place, "push")
    assert run(place, "push", "--dry-run") == "-- This is an empty migration.\n"
    (place / ".env").unlink()
    shutil.rmtree(place / "prisma")
    assert "give --url URL, or DATABASE_URL" in run(place, "pull", code=2)


def test_a_pull_of_an_empty_schema_says_where_the_tables_are(place, server):
    for text in ("CREATE SCHEMA app", "CREATE TABLE app.t (id int PRIMARY KEY)"):
        run(place, "query", json.dumps({"operation": "$executeRaw", "args": {"query": text}}))
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": server.url("program")}
    pulled = subprocess.run([PROGRAM, "pull", "--print"], cwd=place, env=environment, capture_output=True, text=True, timeout=60)
    assert pulled.returncode == 0 and "no tables in `public`, but in `app`" in pulled.stderr, pulled
    assert "model t" in run(place, "pull", "--print", "--schemas", "app")


def test_what_a_push_cannot_do_is_told(place):
    write_schema(place, SCHEMA.split("model")[0] + "model parent {\n  id Int @id\n  a Int\n}\n\nmodel child {\n  id Int @id\n  a Int?\n}\n")
    sql = "CREATE TABLE parent (id int PRIMARY KEY, a int); CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent)"
    for statement in sql.split("; "):
        run(place, "query", json.dumps({"operation": "$executeRaw", "args": {"query": statement}}))
    pushed = run(place, "push")
    assert "stays: child.a: It is optional there and required in `parent`" in pushed and "is as the schema says now" in pushed
    assert "-- Stays: child.a: " in run(place, "diff")
