"""The module `types` of a generated package: its TypedDicts, made of their text when a program first names one."""
from __future__ import annotations

import importlib
import re
from typing import Any, Dict, List, Set

from .package import Package

#: `PostIncludeFromUser`, `FindManyPostArgsFromUser`: what Prisma Client Python calls the inputs of a relation.
_FROM = re.compile(r"(\w+?(?:Include|Args))From\w+?(?:Recursive\d+)?$")
_SUFFIXES = re.compile(r"Recursive\d+$")


class TypeSpace:
    """The names of the module."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._space: Dict[str, Any] = {}
        self._made: Set[str] = set()

    def named(self, name: str) -> Any:
        """A type by its name."""
        if name.startswith("__"):
            raise AttributeError(name)
        space = self._prepared()
        if name in space:
            return space[name]
        for owner in self._owners(name):
            self._make(owner)
            if name in space:
                return space[name]
        other = _FROM.match(name)
        if other is not None:
            return self.named(other.group(1))
        if _SUFFIXES.search(name):
            return self.named(_SUFFIXES.sub("", name))
        raise AttributeError(f"module '{self._package.name}.types' has no attribute {name!r}")

    def names(self) -> List[str]:
        """All names there are."""
        self._prepared()
        for owner in [*self._package.schema.models, *self._package.schema.enums]:
            self._make(owner)
        return sorted(name for name in self._space if not name.startswith("_"))

    def resolved(self) -> Dict[str, Any]:
        """A space in which every name of the module is found: for `typing.get_type_hints`."""
        return _Resolving(self)

    def _owners(self, name: str) -> List[str]:
        """The models and enums whose types may be called so, the longest name first."""
        schema = self._package.schema
        plain = name.lstrip("_")
        return sorted((owner for owner in [*schema.models, *schema.enums] if owner in plain), key=len, reverse=True)

    def _prepared(self) -> Dict[str, Any]:
        if not self._space:
            from ..generator.stubs import PACKAGE_LINE, TYPES_HEAD

            # Why without that line: the modules of the package are there already.
            text = TYPES_HEAD.replace(PACKAGE_LINE, "")
            exec(compile(text, "types", "exec"), self._space)
            for part in ("enums", "fields"):
                self._space[part] = self._space["_" + part] = importlib.import_module(f"{self._package.name}.{part}")
            self._space["__name__"] = self._package.name + ".types"
        return self._space

    def _make(self, owner: str) -> None:
        if owner in self._made:
            return
        self._made.add(owner)
        from ..generator.clusters import clusters
        from ..generator.inputs import enum_inputs, far_models, model_inputs

        schema = self._package.schema
        if owner in schema.enums:
            text = enum_inputs(owner, schema.enums[owner])
        else:
            text = model_inputs(schema.model(owner), far_models(schema.model(owner), clusters(schema)))
        # Why deferred: a field may name a type that is not made yet.
        code = compile("from __future__ import annotations\n" + text, self._package.name + ".types", "exec", dont_inherit=True)
        for enum in schema.enums if owner not in schema.enums else ():
            self._make(enum)
        exec(code, self._space)


class _Resolving(Dict[str, Any]):
    def __init__(self, space: TypeSpace) -> None:
        super().__init__()
        self._names = space

    def __missing__(self, name: str) -> Any:
        try:
            return self._names.named(name)
        except AttributeError:
            raise KeyError(name) from None
