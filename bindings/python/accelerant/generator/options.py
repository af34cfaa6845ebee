"""What is to be generated, from which schema: the command's words, the environment's, and those of the schema's generator block."""
from __future__ import annotations

import glob
import os
import re
from typing import Dict, NamedTuple, Optional

from ..errors import GeneratorError

#: The providers whose block in the schema is ours.
PROVIDERS = ("accelerant-py", "accelerant", "prisma-client-py", "python -m prisma", "prisma-client-python")
_BLOCK = re.compile(r"^[ \t]*generator\s+(\w+)\s*\{(.*?)^[ \t]*\}", re.MULTILINE | re.DOTALL)
_SETTING = re.compile(r"""^\s*(\w+)\s*=\s*(?:env\("([^"]*)"\)|"((?:\\.|[^"\\])*)"|([^\s/]+))""", re.MULTILINE)
_INTERFACES = ("asyncio", "sync")
#: Where a schema is looked for.
_PLACES = ("schema.prisma", os.path.join("prisma", "schema.prisma"), os.path.join("prisma", "schema"))
_ENVIRONMENT = "PRISMA_PY_CONFIG_"


class Options(NamedTuple):
    schema_path: str
    #: The folder of the package.
    output: str
    interface: str
    #: A file of Python that asks for partial types.
    partials: Optional[str]
    #: Whether fields of `@db.Uuid` are `uuid.UUID`.
    has_uuids: bool


def read_schema(path: str) -> str:
    """The text of a schema: of a file, or of all in a folder."""
    if os.path.isdir(path):
        files = sorted(glob.glob(os.path.join(path, "**", "*.prisma"), recursive=True))
        if not files:
            raise GeneratorError(f"{path}: the folder holds no *.prisma file")
        return "\n".join(read_schema(file) for file in files)
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError as error:
        raise GeneratorError(f"{path}: the schema cannot be read: {error.strerror}") from None


def find_schema(given: Optional[str]) -> str:
    if given is not None:
        return given
    for path in _PLACES:
        if os.path.exists(path):
            return path
    raise GeneratorError(f"no schema: none of {', '.join(_PLACES)} is here; name it by --schema")


def generator_block(text: str) -> Dict[str, str]:
    """The settings of our generator in a schema; empty where there is none."""
    for _, block in _BLOCK.findall(_without_comments(text)):
        settings = {}
        for name, variable, quoted, plain in _SETTING.findall(block):
            settings[name] = os.environ.get(variable, "") if variable else quoted or plain
        if settings.get("provider") in PROVIDERS:
            return settings
    return {}


def _without_comments(text: str) -> str:
    return re.sub(r'("(?:\\.|[^"\\\n])*")|//[^\n]*', lambda found: found.group(1) or "", text)


def options(schema: Optional[str], output: Optional[str], interface: Optional[str], partials: Optional[str]) -> Options:
    """What the command was given counts first, then the environment, then the schema."""
    path = find_schema(schema)
    block = generator_block(read_schema(path))
    folder = path if os.path.isdir(path) else os.path.dirname(os.path.abspath(path))

    def setting(name: str) -> Optional[str]:
        return os.environ.get(_ENVIRONMENT + name.upper()) or block.get(name)

    chosen = interface or setting("interface") or "asyncio"
    if chosen not in _INTERFACES:
        raise GeneratorError(f"interface = {chosen!r}: expected {' or '.join(_INTERFACES)}")
    if output is None:
        output = os.path.join(folder, block["output"]) if block.get("output") else "prisma_client"
    return Options(path, output, chosen, _partials(partials or setting("partial_type_generator"), folder), setting("uuid") in ("true", "1"))


def _partials(given: Optional[str], folder: str) -> Optional[str]:
    if given is None:
        usual = os.path.join("prisma", "partial_types.py")
        return usual if os.path.isfile(usual) else None
    for path in (given, os.path.join(folder, given), given.replace(".", os.sep) + ".py"):
        if os.path.isfile(path):
            return path
    raise GeneratorError(f"Could not find a python file or module at {given}")
