"""What programs that used Prisma Client Python call beside its client: helpers of tests, and of records whatever pydantic is there."""
from __future__ import annotations

import contextlib
from typing import Any, Dict, Iterator, Type, TypeVar

from ..errors import ClientNotRegisteredError
from .package import Package, package_of

T = TypeVar("T")
#: Records have the names of pydantic 2.
PYDANTIC_V2 = True


def model_dict(model: Any, **options: Any) -> Dict[str, Any]:
    """A record or a pydantic model as a dictionary."""
    found: Dict[str, Any] = model.model_dump(**options)
    return found


def model_json(model: Any, **options: Any) -> str:
    """A record or a pydantic model as JSON text."""
    return str(model.model_dump_json(**options))


def model_parse(model: Type[T], value: Any) -> T:
    """A record or a pydantic model of a dictionary."""
    found: T = model.model_validate(value)  # type: ignore[attr-defined]
    return found


def model_copy(model: T, **options: Any) -> T:
    """A record or a pydantic model once more."""
    found: T = model.model_copy(**options)  # type: ignore[attr-defined]
    return found


class Registry:
    """The registered client of a package, for tests that change it."""

    def __init__(self, module: str) -> None:
        self._package: Package = package_of(module)

    @contextlib.contextmanager
    def reset_client(self, new_client: Any = None) -> Iterator[None]:
        """Registers another client, or none, for the length of a block."""
        before = self._package._registered
        if before is None:
            raise ClientNotRegisteredError("No client instance registered; You must call register(Prisma())")
        self._package._registered = new_client
        try:
            yield
        finally:
            self._package._registered = before

    def unregister_client(self) -> None:
        """Registers no client."""
        if self._package._registered is None:
            raise ClientNotRegisteredError("No client instance registered; You must call register(Prisma())")
        self._package._registered = None
