"""The notices of what a wheel carries: the licence of this project, and what the authors of the libraries beside it want told.

Their words are those that the system's packages bring: `/usr/share/doc/NAME/copyright` on Debian, `/usr/share/licenses` elsewhere."""
import glob
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, "..", "..")
#: `libpq-1a2b3c4d.so.5.15`, as auditwheel calls what it puts beside the package.
_CARRIED = re.compile(r"(?P<name>[^.]+)-[0-9a-f]{8}(?P<rest>\..*)")


def write(folder, carried):
    """Puts the files into the folder of a wheel's licences. `carried` are the files of the libraries inside."""
    os.makedirs(folder, exist_ok=True)
    shutil.copy(os.path.join(TOP, "LICENSE"), folder)
    with open(os.path.join(TOP, "bindings", "THIRD-PARTY.md"), encoding="utf-8") as file:
        parts = [file.read()]
    for package, (names, text) in sorted(_by_package(carried).items()):
        parts.append(f"## {package}: {', '.join(sorted(names))}\n\n{text.strip()}\n")
    with open(os.path.join(folder, "THIRD-PARTY.md"), "w", encoding="utf-8") as file:
        file.write("\n".join(parts))


def _by_package(carried):
    """Of each package of the system: the libraries of it, and its notice."""
    found = {}
    for path in carried:
        match = _CARRIED.fullmatch(os.path.basename(path))
        name = match["name"] + match["rest"] if match else os.path.basename(path)
        package, notice = _debian(name) or _elsewhere(name) or (None, None)
        if notice is None:
            sys.exit(f"make_wheel: the wheel carries {name}, and the system has no notice of its licence: it cannot be given to others")
        with open(notice, encoding="utf-8", errors="replace") as file:
            found.setdefault(package, (set(), file.read()))[0].add(name)
    return found


def _told(*command):
    if shutil.which(command[0]) is None:
        return ""
    return subprocess.run(command, capture_output=True, text=True).stdout


def _debian(name):
    for line in _told("dpkg", "-S", f"*/{name}").splitlines():
        package = line.split(":")[0].split(",")[0]
        notice = f"/usr/share/doc/{package}/copyright"
        if line.endswith("/" + name) and os.path.exists(notice):
            return package, notice
    return None


def _elsewhere(name):
    for path in sorted(glob.glob(f"/usr/lib*/{name}") + glob.glob(f"/lib*/{name}")):
        package = _told("rpm", "-qf", "--queryformat", "%{NAME}", path).strip()
        for notice in sorted(glob.glob(f"/usr/share/licenses/{package}/*")) if package else []:
            return package, notice
    return None
