"""What tests keep in .build from one run to the next, made by one process at a time."""
import contextlib
import fcntl
import os
import subprocess
import venv

from paths import ROOT

BUILD = os.path.join(ROOT, ".build")


class NotToBeHad(Exception):
    """Why PyPI did not give the packages."""


@contextlib.contextmanager
def alone(name):
    """Keeps other processes that ask for the same name waiting."""
    os.makedirs(BUILD, exist_ok=True)
    with open(os.path.join(BUILD, name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def environment(name, packages):
    """The folder of programs of a Python environment with packages from PyPI. Why kept: they take a minute to come."""
    folder = os.path.join(BUILD, name)
    with alone(name):
        if not os.path.exists(os.path.join(folder, "ready")):
            venv.create(folder, clear=True, with_pip=True)
            pip = os.path.join(folder, "bin", "pip")
            try:
                subprocess.run([pip, "install", "--quiet", "--disable-pip-version-check", *packages], capture_output=True, text=True, timeout=250, check=True)
            except subprocess.CalledProcessError as error:
                raise NotToBeHad(error.stderr.strip().splitlines()[-1]) from None
            except subprocess.TimeoutExpired:
                raise NotToBeHad("it took too long") from None
            open(os.path.join(folder, "ready"), "w").close()
    return os.path.join(folder, "bin")
