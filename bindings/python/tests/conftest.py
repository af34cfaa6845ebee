"""The package with its module in C and without."""
import glob
import importlib.util
import os
import subprocess
import sys

import pytest

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(os.path.dirname(PACKAGE))


def tests_of_the_library():
    """The fixtures that all tests from outside have: a server, databases."""
    specification = importlib.util.spec_from_file_location("tests_of_the_library", os.path.join(ROOT, "Tests", "conftest.py"))
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


_shared = tests_of_the_library()
server, own_server, admin = _shared.server, _shared.own_server, _shared.admin
database, shared_database = _shared.database, _shared.shared_database
pytest_runtest_protocol = _shared.pytest_runtest_protocol


@pytest.fixture(scope="session")
def native(tmp_path_factory):
    """The module in C, compiled as pip compiles it."""
    folder = tmp_path_factory.mktemp("native")
    command = [sys.executable, "setup.py", "--quiet", "build_ext", "--build-lib", str(folder), "--build-temp", str(folder / "objects")]
    subprocess.run(command, cwd=PACKAGE, check=True, timeout=100, env=dict(os.environ, CFLAGS="-Wall -Wextra -Werror"))
    (path,) = glob.glob(str(folder / "accelerant" / "_native*.so"))
    specification = importlib.util.spec_from_file_location("accelerant._native", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(params=["ctypes", "native"])
def way(request, monkeypatch):
    """How requests reach the library."""
    module = request.getfixturevalue("native") if request.param == "native" else None
    import accelerant.library

    monkeypatch.setattr(accelerant.library, "_native", module)
    return request.param
