"""The commands on schemas, `python -m accelerant check` and the like: those of the program that the package carries."""
from __future__ import annotations

import os
import sys
from typing import List

from .errors import LibraryNotFoundError
from .library import candidates

COMMANDS = ("check", "pull", "diff", "push", "deploy", "query", "metrics")


def find_program(library: str) -> str:
    """The program beside a library, or in `bin` beside its folder."""
    folder = os.path.dirname(os.path.abspath(library))
    for path in (os.path.join(folder, "accelerant"), os.path.join(folder, "..", "bin", "accelerant")):
        if os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    raise LibraryNotFoundError(f"The program `accelerant` is not beside {library}. Build it (make program) or install it (make install).")


def run(arguments: List[str]) -> None:
    """Becomes the program. Raises `LibraryNotFoundError` where there is no library or no program."""
    library = next((path for path in candidates() if os.path.exists(path)), None)
    if library is None:
        raise LibraryNotFoundError(f"libaccelerant.so was not found. Looked at: {', '.join(map(os.path.normpath, candidates()))}.")
    program = find_program(library)
    sys.stdout.flush()
    os.execve(program, [program, *arguments], dict(os.environ, ACCELERANT_LIBRARY=os.path.abspath(library)))
