"""The files that users get: header, library, installed tree, examples."""
import os
import re
import subprocess

import pytest
from capi import HEADER, LIBRARY, ROOT, lib
from demo import SCHEMA_PATH, load_demo
from valgrind import VALGRIND

INCLUDE = os.path.join(ROOT, "include")
MAX_STRIPPED_BYTES = 9 * 1024 * 1024
NEEDED = {"libpq.so.5", "libstdc++.so.6", "libm.so.6", "libgcc_s.so.1", "libc.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
STRICT_C = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror"]


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300, **options).stdout


def header_functions():
    with open(HEADER) as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    return set(re.findall(r"\b(accelerant_\w+)\s*\(", text))


def constants(text, pattern):
    return {name: int(value) for name, value in re.findall(pattern, text, re.M)}


def test_the_declarations_for_ffi_are_those_of_the_header(tmp_path):
    with open(HEADER) as header, open(os.path.join(INCLUDE, "accelerant.cdef")) as declarations:
        header, declarations = header.read(), declarations.read()
    assert not re.search(r"^\s*#|//", declarations, re.M), "a parser without a preprocessor reads it"
    assert set(re.findall(r"\b(accelerant_\w+)\s*\(", declarations)) == header_functions()
    numbers = constants(declarations, r"\b(ACCELERANT_\w+) = (-?\d+)")
    assert numbers == constants(header, r"^#define (ACCELERANT_\w+) \(?(-?\d+)") and len(numbers) > 20
    # The compiler refuses a declaration that differs from the header's.
    source = tmp_path / "both.c"
    source.write_text("#include <stddef.h>\n#include <stdint.h>\n" + declarations + "#include <accelerant.h>\n")
    run("cc", "-std=c11", *STRICT_C[1:], "-I", INCLUDE, "-c", str(source), "-o", str(tmp_path / "both.o"))


def test_the_table_of_a_loaded_library_has_every_function_of_the_header(tmp_path):
    names = sorted(name[len("accelerant_"):] for name in header_functions())
    same = "".join(f"    table.{name} = accelerant_{name};\n" for name in names)
    found = "".join(f"    if (table.{name} == NULL) return 2;\n" for name in names)
    source = tmp_path / "table.c"
    source.write_text(
        '#include "accelerant_load.h"\nvoid same(struct accelerant_library *out) {\n    struct accelerant_library table;\n    table = *out;\n'
        f'{same}    *out = table;\n}}\nint main(int count, char **values) {{\n    struct accelerant_library table;\n'
        f'    if (count != 2 || accelerant_load(&table, values[1]) != NULL) return 1;\n{found}    return 0;\n}}\n')
    folder = os.path.join(ROOT, "bindings", "c")
    run("cc", *STRICT_C, "-I", INCLUDE, "-I", folder, str(source), "-o", str(tmp_path / "table"), LIBRARY, "-ldl", f"-Wl,-rpath,{tmp_path}")
    os.symlink(LIBRARY, tmp_path / "libaccelerant.so.1")
    run(str(tmp_path / "table"), LIBRARY)


@pytest.mark.parametrize("language, flags", [
    ("c", STRICT_C), ("c", ["-std=c11", *STRICT_C[1:]]), ("c++", ["-std=c++17", *STRICT_C[1:]]), ("c++", ["-std=c++11", *STRICT_C[1:]]),
], ids=lambda value: value if isinstance(value, str) else value[0])
def test_the_header_compiles_alone(tmp_path, language, flags):
    source = tmp_path / ("alone.c" if language == "c" else "alone.cpp")
    source.write_text('#include <accelerant.h>\n#include <accelerant.h>\nint main(void) { return accelerant_version() ? 0 : 1; }\n')
    run("cc" if language == "c" else "c++", *flags, "-I", INCLUDE, "-c", str(source), "-o", str(tmp_path / "alone.o"))


def test_the_library_exports_what_the_header_declares_and_nothing_else():
    lines = run("nm", "-D", "--defined-only", "--extern-only", LIBRARY).split("\n")
    symbols = {line.split()[-1].split("@")[0] for line in lines if line}
    assert symbols - {"ACCELERANT_1"} == header_functions()


def test_the_library_needs_libpq_and_the_run_time_alone():
    dynamic = run("readelf", "-d", LIBRARY)
    needed = set(re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic))
    assert "libpq.so.5" in needed and needed <= NEEDED
    assert re.findall(r"\(SONAME\).*\[(.+)\]", dynamic) == ["libaccelerant.so.1"]
    assert "NODELETE" in dynamic and "TEXTREL" not in dynamic
    assert "RPATH" not in dynamic


def test_the_stripped_library_is_small(tmp_path):
    stripped = tmp_path / "stripped.so"
    run("strip", "--strip-unneeded", "-o", str(stripped), LIBRARY)
    assert stripped.stat().st_size <= MAX_STRIPPED_BYTES


def test_versions_agree():
    with open(HEADER) as file:
        number = int(re.search(r"#define ACCELERANT_VERSION (\d+)", file.read()).group(1))
    assert lib.accelerant_version() == number
    version = f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"
    for name, pattern in (("bindings/python/pyproject.toml", r'version = "(.+)"'), ("CHANGELOG.md", r"## (\d+\.\d+\.\d+)")):
        with open(os.path.join(ROOT, name)) as file:
            assert re.search(pattern, file.read()).group(1) == version, name


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    root = tmp_path_factory.mktemp("installed")
    # Why --old-file: the library is there; the test is about what is put where.
    run("make", "-C", ROOT, "install", "--old-file=library", f"DESTDIR={root}", "PREFIX=/opt/accelerant")
    return root / "opt" / "accelerant"


def test_make_install_puts_down_library_links_header_and_pkg_config(installed):
    files = sorted(str(path.relative_to(installed)) for path in installed.rglob("*") if not path.is_dir())
    real = [name for name in files if re.fullmatch(r"lib/libaccelerant\.so\.1\.\d+\.\d+", name)]
    assert len(real) == 1
    assert files == sorted(["bin/accelerant", "include/accelerant.h", "include/accelerant.cdef", *real, "lib/libaccelerant.so", "lib/libaccelerant.so.1", "lib/libaccelerant-redis.so.1", "lib/pkgconfig/accelerant.pc"])
    assert os.path.realpath(installed / "lib/libaccelerant.so") == str(installed / real[0])
    assert os.readlink(installed / "lib/libaccelerant.so.1") == os.path.basename(real[0])
    assert (installed / real[0]).stat().st_size <= MAX_STRIPPED_BYTES


def test_a_program_compiles_and_runs_against_the_installed_tree(installed, tmp_path):
    environment = dict(os.environ, PKG_CONFIG_PATH=str(installed / "lib/pkgconfig"), LD_LIBRARY_PATH=str(installed / "lib"))
    flags = run("pkg-config", f"--define-variable=prefix={installed}", "--cflags", "--libs", "accelerant", env=environment).split()
    source = tmp_path / "program.c"
    source.write_text('#include <accelerant.h>\n#include <stdio.h>\nint main(void) { printf("%u\\n", (unsigned)accelerant_version()); return 0; }\n')
    run("cc", *STRICT_C, str(source), "-o", str(tmp_path / "program"), *flags)
    assert run(str(tmp_path / "program"), env=environment).strip() == str(lib.accelerant_version())


LINKED = [
    ("a miss", '"cacheStatus":"miss"'), ("a hit", '"cacheStatus":"ttl"'), ("still a hit", '"cacheStatus":"ttl"'),
    ("a stale hit", '"cacheStatus":"swr"'), ("its refresh", '"cacheStatus":"ttl"'), ("so the next", '"cacheStatus":"miss"'),
    ("an error says", "INVALID_REQUEST"),
]
LOADED = [("miss", "miss"), ("hit", "ttl"), ("stale hit", "swr"), ("refreshed", "ttl"), ("miss again", "miss"), ("error", "INVALID_REQUEST")]


@pytest.mark.parametrize("name, story", [("linked", LINKED), ("loaded", LOADED)])
@pytest.mark.parametrize("checked", [False, True], ids=["plain", "valgrind"])
def test_the_c_examples_tell_their_story(database, tmp_path, name, story, checked):
    load_demo(database)
    program = tmp_path / name
    source = os.path.join(ROOT, "bindings", "c", name + ".c")
    link = ["-L", os.path.dirname(LIBRARY), "-laccelerant"] if name == "linked" else ["-ldl"]
    run("cc", *STRICT_C, "-g", "-I", INCLUDE, source, "-o", str(program), *link)
    command = [str(program)] + ([LIBRARY] if name == "loaded" else []) + [SCHEMA_PATH]
    if checked:
        command = [*VALGRIND, *command]
    # The soname has to be found next to the library for a program that was linked with it.
    os.symlink(LIBRARY, tmp_path / "libaccelerant.so.1")
    environment = dict(os.environ, DATABASE_URL=database.url(), LD_LIBRARY_PATH=str(tmp_path))
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100)
    assert (result.returncode, result.stderr) == (0, ""), result.stderr[-3000:]
    rest = result.stdout
    for step, said in story:
        place = rest.find(step)
        assert place >= 0, f"{step!r} is missing after the steps before it in:\n{result.stdout}"
        rest = rest[place + len(step):]
        line = rest.split("\n", 2)
        assert said in line[0] or (len(line) > 1 and said in line[1]), (step, result.stdout)


def test_the_part_for_redis_needs_hiredis_and_gives_one_function():
    library = os.path.join(ROOT, ".build", "release", "libaccelerant-redis.so")
    needed = set(re.findall(r"\(NEEDED\).*\[(.*?)\]", run("readelf", "-d", library)))
    assert any(name.startswith("libhiredis.so") for name in needed)
    assert not any("swift" in name or name.startswith("libpq") for name in needed)
    exported = [line.split()[-1] for line in run("nm", "-D", "--defined-only", library).splitlines()]
    assert exported == ["accelerant_tier_engine"]
