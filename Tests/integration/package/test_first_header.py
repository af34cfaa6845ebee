"""Programs that were built with the first header run with this library, as they are."""
import os
import platform
import re
import stat
import subprocess

import programs
import pytest
from capi import HEADER

HERE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "programs", "first")
FIRST = os.path.join(HERE, "accelerant.h")


def plain(path):
    with open(path) as file:
        return re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)


def declarations(path):
    """Without the preprocessor's lines, each on one line."""
    text = re.sub(r"\s+", " ", re.sub(r"^#.*$", "", plain(path), flags=re.M))
    return set(re.findall(r"(?:[\w ]+[ *]+)accelerant_\w+\([^)]*\);", text))


def constants(path):
    return dict(re.findall(r"#define (ACCELERANT_\w+) \(?(-?\d+)\)?", plain(path)))


def test_the_header_has_grown_and_nothing_of_it_has_changed():
    first, now = constants(FIRST), constants(HEADER)
    assert {name: now[name] for name in first if name != "ACCELERANT_VERSION"} == {name: value for name, value in first.items() if name != "ACCELERANT_VERSION"}
    shape = lambda path: {re.sub(r"\s+", " ", one).strip() for one in declarations(path)}
    assert shape(FIRST) <= shape(HEADER) and len(shape(FIRST)) == 14


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the binary that is kept is for x86_64; the source is built and run on any machine")
def test_a_binary_of_then_runs(configuration, tmp_path):
    binary = os.path.join(HERE, "first.x86_64")
    assert os.stat(binary).st_mode & stat.S_IXUSR
    os.symlink(programs.PROGRAMS_LIBRARY, tmp_path / "libaccelerant.so.1")
    outcome = subprocess.run(
        [binary, configuration], env={**os.environ, "LD_LIBRARY_PATH": str(tmp_path)}, capture_output=True, text=True, timeout=60)
    assert (outcome.returncode, outcome.stdout + outcome.stderr) == (0, "")


def test_a_source_of_then_builds_with_its_header_and_with_todays(configuration, tmp_path):
    for number, header in enumerate((FIRST, HEADER)):
        folder = tmp_path / str(number)
        folder.mkdir()
        for source, name in ((os.path.join(HERE, "first.c"), "first.c"), (header, "accelerant.h")):
            with open(source) as file:
                (folder / name).write_text(file.read())
        programs.build(str(folder), "first", [str(folder / "first.c")])
        outcome = programs.run(str(folder), "first", configuration)
        assert (outcome.returncode, outcome.stdout + outcome.stderr) == (0, "")
