"""The settings of `.env` files."""
from __future__ import annotations

import os
import re
from typing import Any

_LINE = re.compile(r"""\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(?:"((?:\\.|[^"\\])*)"|'([^']*)'|([^#\n]*?))\s*(?:\#.*)?$""")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def load_env(*, override: bool = False, **_: Any) -> None:
    """Puts what `.env` and `prisma/.env` say into the environment, where nothing is said yet. Further settings, of python-dotenv, are taken
    without effect."""
    for path in (".env", os.path.join("prisma", ".env")):
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as file:
                for name, value in settings(file.read()).items():
                    if override or name not in os.environ:
                        os.environ[name] = value


def settings(text: str) -> "dict[str, str]":
    """The names and values of a file of settings: `NAME=value`, quoted or not, comments behind `#`."""
    found = {}
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        name, double, single, plain = match.groups()
        if double is not None:
            found[name] = re.sub(r"\\(.)", lambda escape: _ESCAPES.get(str(escape.group(1)), str(escape.group(1))), double)
        else:
            found[name] = single if single is not None else plain
    return found
