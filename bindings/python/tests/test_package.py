"""The package as pip installs it: no compiler, the library inside, types for checkers."""
import os
import re
import shutil
import subprocess
import sys
import zipfile

import kept
import pytest
from demo import SCHEMA_PATH, load_demo
from redis_server import Redis

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), *[".."] * 3))
PACKAGE = os.path.join(ROOT, "bindings", "python")
LIBRARY = os.environ["ACCELERANT_LIBRARY"]
CODE = "import accelerant; print(accelerant.library_version()); print(accelerant.library.library().waiting._name)"


def python(code, folder, **changes):
    environment = {key: value for key, value in os.environ.items() if key not in ("ACCELERANT_LIBRARY", "PYTHONPATH")}
    environment.update(PYTHONPATH=str(folder), **changes)
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, cwd="/")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation",
               "--target", str(folder), PACKAGE]
    # Here and below: setuptools builds in the package's own folder.
    with kept.alone("wheel"):
        subprocess.run(command, check=True, timeout=100, env=dict(os.environ, ACCELERANT_LIBRARY=LIBRARY))
    return folder


def test_the_installed_package_carries_the_library_and_its_types(installed):
    files = set(os.listdir(installed / "accelerant"))
    assert {"libaccelerant.so", "libaccelerant-redis.so", "py.typed", "__init__.py"} <= files
    outcome = python(CODE, installed)
    assert outcome.returncode == 0, outcome.stderr
    version, path = outcome.stdout.split()
    assert path == str(installed / "accelerant" / "libaccelerant.so") and re.fullmatch(r"\d+\.\d+\.\d+", version)


def test_the_installed_package_has_its_module_in_c(installed):
    code = "import accelerant.library; print(accelerant.library._native.__file__)"
    assert python(code, installed).stdout.strip() == str(installed / "accelerant" / "_native.abi3.so")


def test_without_a_compiler_the_package_is_built_all_the_same(tmp_path):
    """And serves any Python 3, since nothing in it is compiled for one."""
    environment = {**os.environ, "ACCELERANT_LIBRARY": LIBRARY, "PATH": os.path.dirname(sys.executable)}
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation",
               "--wheel-dir", str(tmp_path), PACKAGE]
    with kept.alone("wheel"):
        subprocess.run(command, check=True, timeout=100, env=environment)
    (wheel,) = os.listdir(tmp_path)
    assert "-py3-none-" in wheel
    with zipfile.ZipFile(tmp_path / wheel) as files:
        names = files.namelist()
    compiled = [os.path.basename(name) for name in names if name.endswith(".so")]
    assert sorted(compiled) == ["libaccelerant-redis.so", "libaccelerant.so"]


def test_the_installed_package_has_a_tier(installed):
    """Nothing listens at port 1, which is no error; a part that cannot be loaded would be one."""
    code = """
from accelerant import Accelerant
with Accelerant("model A {\\n id Int @id\\n}", datasource_url="postgresql://localhost/x", cache={"tier": {"url": "redis://127.0.0.1:1"}}):
    print(*{line.split()[-1] for line in open("/proc/self/maps") if "accelerant-redis" in line})
"""
    outcome = python(code, installed)
    assert outcome.stdout.strip() == str(installed / "accelerant" / "libaccelerant-redis.so"), outcome.stderr


def test_without_hiredis_the_error_says_what_is_missing(installed, tmp_path):
    """The part for Redis is there, and what it needs is not."""
    source = tmp_path / "engine.c"
    source.write_text("int present(void); int accelerant_tier_engine(void) { return present(); }\n")
    needed = tmp_path / "needed.c"
    needed.write_text("int present(void) { return 1; }\n")
    folder = tmp_path / "site"
    shutil.copytree(installed, folder)
    library, engine = tmp_path / "libhiredis.so.0.0", folder / "accelerant" / "libaccelerant-redis.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-Wl,-soname,libhiredis.so.0.0", "-o", library, needed], check=True)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", engine, source, library], check=True)
    code = """
from accelerant import Accelerant
Accelerant("model A {\\n id Int @id\\n}", datasource_url="postgresql://localhost/x", cache={"tier": {"url": "redis://127.0.0.1:1"}})
"""
    said = python(code, folder).stderr
    assert "InvalidDataSourceError" in said and "`cache.tier` needs" in said and "libhiredis.so.0.0" in said, said
    os.unlink(engine)
    said = python(code, folder, LD_LIBRARY_PATH=str(tmp_path / "nowhere")).stderr
    assert "it was not found" in said, said


def test_the_environment_names_another_library(installed):
    assert python(CODE, installed, ACCELERANT_LIBRARY=LIBRARY).stdout.split()[1] == LIBRARY


def test_a_missing_library_is_explained(installed):
    outcome = python("import accelerant; accelerant.library_version()", installed, ACCELERANT_LIBRARY="/nowhere/libaccelerant.so")
    assert "LibraryNotFoundError" in outcome.stderr and "/nowhere/libaccelerant.so" in outcome.stderr and "ACCELERANT_LIBRARY" in outcome.stderr


def test_the_example_tells_its_story(database):
    load_demo(database)
    command = [sys.executable, os.path.join(PACKAGE, "examples", "tour.py"), SCHEMA_PATH]
    environment = dict(os.environ, DATABASE_URL=database.url(), PYTHONPATH=PACKAGE, ACCELERANT_LIBRARY=LIBRARY)
    outcome = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100)
    assert outcome.returncode == 0, outcome.stderr
    told = re.findall(r"^  .{42} (none|miss|ttl|swr) ", outcome.stdout, flags=re.M)
    assert told == ["none", "miss", "ttl", "swr", "ttl"]
    assert "FieldNotFoundError" in outcome.stdout


def test_the_processes_ask_the_database_once(database):
    load_demo(database)
    command = [sys.executable, os.path.join(PACKAGE, "examples", "processes.py"), SCHEMA_PATH]
    with Redis() as redis:
        environment = dict(os.environ, DATABASE_URL=database.url(), REDIS_URL=redis.url(), PYTHONPATH=PACKAGE, ACCELERANT_LIBRARY=LIBRARY)
        outcome = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100)
    assert outcome.returncode == 0, outcome.stderr
    reads = re.findall(r"process (\d)   (\w+) .* queries: (\d)", outcome.stdout)
    assert sorted((status, int(count)) for _, status, count in reads[:4]) == [("miss", 1), ("ttl", 0), ("ttl", 0), ("ttl", 0)], outcome.stdout
    assert reads[4:] == [("5", "ttl", "0")] * 2
    assert re.findall(r"process (\d)   sees", outcome.stdout) == ["2", "3", "4", "5"]
    assert "Queries of all four: 1\n" in outcome.stdout, outcome.stdout
