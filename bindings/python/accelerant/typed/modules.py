"""The attributes of the modules of a generated package."""
from __future__ import annotations

import importlib
from typing import Any, Callable, Dict, List, Tuple

from .package import Package, package_of
from .types import TypeSpace

Attributes = Tuple[Callable[[str], Any], Callable[[], List[str]], List[str]]


def _models(package: Package) -> Tuple[Callable[[str], Any], List[str]]:
    return package.record_class, package.schema.models


def _bases(package: Package) -> Tuple[Callable[[str], Any], List[str]]:
    return lambda name: package.base_class(name[len("Base"):]), ["Base" + name for name in package.schema.models]


def _partials(package: Package) -> Tuple[Callable[[str], Any], List[str]]:
    return package.partial_by_name, [partial["name"] for partial in package.schema.partials]


def _enums(package: Package) -> Tuple[Callable[[str], Any], List[str]]:
    return package.enum_class, list(package.schema.enums)


def _actions(package: Package) -> Tuple[Callable[[str], Any], List[str]]:
    names = [name + "Actions" for name in package.schema.models]
    return lambda name: package.actions_class(name[:-len("Actions")], package.is_async), names


_PARTS: Dict[str, Callable[[Package], Tuple[Callable[[str], Any], List[str]]]] = {
    "models": _models, "bases": _bases, "partials": _partials, "enums": _enums, "actions": _actions,
}


def lazy(module: str, part: str) -> Attributes:
    """`__getattr__`, `__dir__` and `__all__` of a module whose names are made when they are first asked for."""
    package = package_of(module)
    if part == "types":
        space = TypeSpace(package)
        return space.named, space.names, []
    make, names = _PARTS[part](package)
    known = set(names)

    def attribute(name: str) -> Any:
        if name not in known:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        return make(name)

    return attribute, lambda: list(names), list(names)


_MODULES = ("actions", "asyncio", "bases", "client", "engine", "enums", "errors", "fields", "metadata", "models", "partials", "sync", "testing",
            "types", "utils", "validator")
_OF_CLIENT = ("Batch", "Client", "Prisma", "RegisteredClient", "SCHEMA_PATH", "TransactionManager", "get_client", "load_env", "register")
_OF_FIELDS = ("AnyNull", "Base64", "DbNull", "Json", "JsonNull")
_OF_METRICS = ("Metric", "MetricHistogram", "Metrics")


def package_attributes(package: str) -> Attributes:
    """The same for a package itself: its modules, and what stands in them that is used most."""
    package_of(package)

    def attribute(name: str) -> Any:
        if name in _MODULES:
            return importlib.import_module(f"{package}.{name}")
        if name in _OF_CLIENT:
            return getattr(importlib.import_module(package + ".client"), name)
        if name in _OF_FIELDS:
            return getattr(importlib.import_module(package + ".fields"), name)
        if name in _OF_METRICS:
            return getattr(importlib.import_module("accelerant.typed.client.metrics"), name)
        if name == "validate":
            return importlib.import_module("accelerant.typed.validation").validate
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    names = [*_OF_CLIENT, *_OF_FIELDS, *_OF_METRICS, "validate", "bases", "enums", "errors", "fields", "models", "partials", "types"]
    return attribute, lambda: sorted([*names, *_MODULES]), names
