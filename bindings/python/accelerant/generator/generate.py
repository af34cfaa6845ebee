"""Writes a generated package: modules, stubs, the schema and its description."""
from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
from typing import Any, Dict, List, Optional

from ..errors import GeneratorError
from ..records import partial
from ..typed.schema import PackageSchema
from . import stubs
from .description import describe, schema_of
from .modules import modules, stale
from .options import Options, options, read_schema

#: By this a folder is known as ours to overwrite.
_MARK = "schema.json"


def generate(
    schema: Optional[str] = None, output: Optional[str] = None, interface: Optional[str] = None, partials: Optional[str] = None
) -> Options:
    """Writes the package of a schema, and gives what was asked for. Files that mean the same are left alone."""
    asked = options(schema, output, interface, partials)
    text = read_schema(asked.schema_path)
    description = describe(schema_of(text), asked.interface, asked.has_uuids)
    _check_folder(asked.output)
    os.makedirs(asked.output, exist_ok=True)
    _write(asked.output, text, description)
    if asked.partials is not None:
        description["partials"] = _run_partials(asked)
        _write(asked.output, text, description)
    return asked


def _check_folder(folder: str) -> None:
    if os.path.isdir(folder) and os.listdir(folder) and not os.path.exists(os.path.join(folder, _MARK)):
        others = [name for name in os.listdir(folder) if name.endswith(".py") and name != "partial_types.py"]
        if others:
            raise GeneratorError(f"{folder}: holds modules that were not generated, as {others[0]}; name another folder by --output")


def _write(folder: str, text: str, description: Dict[str, Any]) -> None:
    schema = PackageSchema(description)
    is_async = description["interface"] == "asyncio"
    files = modules(schema)
    files.update({
        "schema.prisma": text,
        _MARK: json.dumps(description, separators=(",", ":")) + "\n",
        "__init__.pyi": stubs.PACKAGE,
        **stubs.types(schema),
        "enums.pyi": stubs.enums(schema),
        "models.pyi": stubs.models(schema),
        "partials.pyi": stubs.partials(schema),
        "bases.pyi": stubs.bases(schema),
        "actions.pyi": stubs.actions(schema, is_async),
        "_references.pyi": stubs.references(schema),
        "_other_actions.pyi": stubs.actions(schema, not is_async),
        "client.pyi": stubs.client(schema, is_async, "actions"),
        "asyncio.pyi" if is_async else "sync.pyi": "from .client import *\nfrom .client import load_env as load_env\n",
        "sync.pyi" if is_async else "asyncio.pyi": stubs.client(schema, not is_async, "_other_actions"),
    })
    for name, content in files.items():
        _write_file(os.path.join(folder, name), content)
    for name in stale(os.listdir(folder), files):
        if name != "partial_types.py":
            os.remove(os.path.join(folder, name))


def _write_file(path: str, content: str) -> None:
    """Writes a file, unless it says the same already: so that builds that look at times do nothing."""
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == content:
                return
    except OSError:
        pass
    # Why by another name first: a program that imports meanwhile sees the old file or the new one.
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(content)
    os.replace(path + ".new", path)


def _run_partials(asked: Options) -> List[Dict[str, Any]]:
    """What a program's file of partial types asks for. It imports the package just written, by its name or as `prisma`."""
    name = os.path.basename(os.path.abspath(asked.output))
    parent = os.path.dirname(os.path.abspath(asked.output))
    before = set(sys.modules)
    sys.path.insert(0, parent)
    os.environ[partial.RUNNING] = "true"
    partial.asked.clear()
    try:
        for module in [module for module in sys.modules if module == name or module.startswith(name + ".")]:
            del sys.modules[module]
        package = importlib.import_module(name)
        _alias(package, name)
        spec = importlib.util.spec_from_file_location("prisma_partial_types", asked.partials or "")
        if spec is None or spec.loader is None:
            raise GeneratorError(f"{asked.partials}: is no file of Python")
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    finally:
        sys.path.remove(parent)
        del os.environ[partial.RUNNING]
        for module in set(sys.modules) - before:
            if module == name or module.startswith((name + ".", "prisma")):
                del sys.modules[module]
    return list(partial.asked)


def _alias(package: Any, name: str) -> None:
    """Lets `from prisma.models import User` mean the package, where nothing else is called prisma."""
    found = importlib.util.find_spec("prisma")
    # Why not a folder without modules: it holds a program's schema, and counts as a package of names.
    if name == "prisma" or found is not None and found.origin is not None:
        return
    sys.modules["prisma"] = package
    for part in ("models", "types", "enums", "bases", "errors", "fields", "client"):
        sys.modules["prisma." + part] = importlib.import_module(f"{name}.{part}")
