"""mypy and pyright know models, fields, filters and results: right programs pass, and each wrong line is found."""
import os
import re
import resource
import subprocess
import sys

import kept
import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.dirname(os.path.dirname(HERE))
SCHEMA = os.path.join(os.path.dirname(HERE), "typed", "schema.prisma")
#: A schema whose fields are called as types are.
NAMES = os.path.join(os.path.dirname(HERE), "typed", "moving", "moving.prisma")
#: The schema of the programs with calls of every kind.
CALLS = os.path.join(HERE, "programs", "calls.prisma")
CHECKERS = ["mypy==1.18.2", "basedpyright==1.31.7", "typing_extensions"]


@pytest.fixture(scope="session")
def tools():
    """mypy and basedpyright (which brings node), from PyPI."""
    try:
        return kept.environment("checkers", CHECKERS)
    except kept.NotToBeHad as reason:
        pytest.skip(f"not run: PyPI gives no mypy and basedpyright here: {reason}")


@pytest.fixture(scope="session")
def generated(tmp_path_factory):
    from accelerant.generator import generate

    folder = tmp_path_factory.mktemp("checked")
    generate(SCHEMA, str(folder / "shop_client"))
    generate(NAMES, str(folder / "moving_client"))
    generate(CALLS, str(folder / "calls_client"))
    return folder


def lines_with_errors(tools, checker, program, folder):
    """The numbers of the lines of a program that a checker finds wrong, and what it says."""
    environment = dict(os.environ, MYPYPATH=f"{PACKAGE}:{folder}", PYTHONPATH="")
    if checker == "mypy":
        command = [os.path.join(tools, "mypy"), "--strict", "--no-warn-unused-ignores", "--python-executable", sys.executable, program]
    else:
        configuration = folder / "pyrightconfig.json"
        configuration.write_text(
            f'{{"include": ["{program}", "moving_client"], "extraPaths": ["{PACKAGE}", "{folder}"], "typeCheckingMode": "standard", '
            '"reportMissingModuleSource": false}')
        command = [os.path.join(tools, "basedpyright"), "-p", str(configuration)]
    outcome = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, timeout=300)
    found = re.findall(rf"{re.escape(os.path.basename(program))}:(\d+)\S* (?:-|error:)", outcome.stdout)
    return {int(number) for number in found}, outcome.stdout + outcome.stderr


@pytest.mark.timeout(400)
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
@pytest.mark.parametrize("program", ["right.py", "right_calls.py"])
def test_a_right_program_passes(tools, generated, checker, program):
    lines, text = lines_with_errors(tools, checker, os.path.join(HERE, "programs", program), generated)
    assert not lines and re.search("Success|0 errors", text), text


@pytest.mark.timeout(400)
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
@pytest.mark.parametrize("name", ["wrong.py", "wrong_calls.py"])
def test_each_wrong_line_is_found(tools, generated, checker, name):
    program = os.path.join(HERE, "programs", name)
    with open(program) as file:
        wrong = {number for number, line in enumerate(file, 1) if line.rstrip().endswith("# wrong")}
    lines, text = lines_with_errors(tools, checker, program, generated)
    assert lines == wrong, text


def large_schema(path, models=132, fields=22):
    """A schema with relations from each model to the next."""
    types = ["String", "Int", "Boolean", "DateTime", "Decimal", "BigInt", "Float", "Json", "String?", "Int?", "DateTime?"]
    text = 'datasource db {\n  provider = "postgresql"\n}\n'
    for number in range(models):
        lines = ["id Int @id @default(autoincrement())", "code String @unique"]
        lines += [f"field_{index} {types[(number + index) % len(types)]}" for index in range(fields)]
        if number:
            lines += ["parent_id Int?", f"parent Table{number - 1}? @relation(fields: [parent_id], references: [id])"]
        if number < models - 1:
            lines.append(f"children Table{number + 1}[]")
        text += f"model Table{number} {{\n" + "".join(f"  {line}\n" for line in lines) + "}\n"
    path.write_text(text)


@pytest.mark.timeout(400)
def test_mypy_follows_models_that_lead_to_each_other(tools, tmp_path):
    """Without a name for a type that leads back to itself mypy's time grows with the models; with one it doubles at each."""
    from accelerant.generator import generate

    large_schema(tmp_path / "schema.prisma", models=14, fields=5)
    generate(str(tmp_path / "schema.prisma"), str(tmp_path / "large_client"))
    program = tmp_path / "program.py"
    program.write_text("from large_client import Prisma\n\n\ndef run(db: Prisma) -> None:\n    db.table2.find_many\n")
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    outcome = subprocess.run(
        [os.path.join(tools, "mypy"), "--python-executable", sys.executable, str(program)], capture_output=True, text=True, cwd=tmp_path, timeout=300,
        env=dict(os.environ, MYPYPATH=f"{PACKAGE}:{tmp_path}"))
    assert "Success" in outcome.stdout, outcome.stdout[-2000:]
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 120


IMPORT = """
import time, sys
began = time.process_time()
from large_client import Prisma, models
models.Table7, Prisma
cpu = time.process_time() - began
with open("/proc/self/statm") as statm:
    print(cpu * 1000, int(statm.read().split()[1]) * 4096 / 1e6)
"""


@pytest.mark.timeout(400)
def test_a_schema_of_132_models_is_written_imported_and_checked_at_once(tools, tmp_path):
    """Processor time, since the machine may be busy: the figures of the guide with room for a slow one."""
    from accelerant.generator import generate

    large_schema(tmp_path / "schema.prisma")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    generate(str(tmp_path / "schema.prisma"), str(tmp_path / "large_client"))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 20

    environment = dict(os.environ, PYTHONPATH=f"{PACKAGE}:{tmp_path}")
    outcome = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, env=environment, timeout=60, check=True)
    milliseconds, megabytes = map(float, outcome.stdout.split())
    assert milliseconds < 3000 and megabytes < 30 + 25

    program = tmp_path / "program.py"
    program.write_text("from large_client import Prisma\n\n\nasync def run(db: Prisma) -> int:\n"
                       "    return (await db.table7.find_many(where={'code': 'x'}, include={'parent': True}))[0].id\n")
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    (tmp_path / "pyrightconfig.json").write_text(
        f'{{"include": ["{program}", "large_client"], "extraPaths": ["{PACKAGE}"], "typeCheckingMode": "standard"}}')
    outcome = subprocess.run([os.path.join(tools, "basedpyright")], capture_output=True, text=True, cwd=tmp_path, timeout=300)
    assert "0 errors, 0 warnings" in outcome.stdout, outcome.stdout[-2000:]
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 120
