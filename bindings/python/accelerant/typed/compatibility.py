"""What programs that used Prisma Client Python call beside its client: helpers of tests, and of records whatever pydantic is there."""
from __future__ import annotations

import contextlib
import importlib.util
import inspect
import os
import warnings
from typing import Any, Callable, Coroutine, Dict, Iterator, Type, TypeVar

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


def model_parse(model: Type[T], obj: Any) -> T:
    """A record or a pydantic model of a dictionary."""
    found: T = model.model_validate(obj)  # type: ignore[attr-defined]
    return found


def model_parse_json(model: Type[T], obj: Any) -> T:
    """A record or a pydantic model of JSON text."""
    found: T = model.model_validate_json(obj)  # type: ignore[attr-defined]
    return found


def model_fields(model: Any) -> Dict[str, Any]:
    """The fields of a class of records, or of a pydantic model."""
    found: Dict[str, Any] = model.model_fields
    return found


def model_json_schema(model: Any) -> Dict[str, Any]:
    """The JSON schema of a class of records, or of a pydantic model."""
    found: Dict[str, Any] = model.model_json_schema()
    return found


def model_rebuild(model: Any) -> None:
    """Finds the classes that a pydantic model names before they are there; records need none of that."""
    model.model_rebuild()


def model_copy(model: T, **options: Any) -> T:
    """A record or a pydantic model once more."""
    found: T = model.model_copy(**options)  # type: ignore[attr-defined]
    return found


def module_exists(name: str) -> bool:
    """Whether a module can be imported."""
    return importlib.util.find_spec(name) is not None


@contextlib.contextmanager
def temp_env_update(env: Dict[str, str]) -> Iterator[None]:
    """Other variables of the environment for the length of a block."""
    before = os.environ.copy()
    os.environ.update(env)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def get_or_create_event_loop() -> Any:
    """The event loop of this thread; a new one where there is none."""
    import asyncio

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            return asyncio.get_event_loop()
        except RuntimeError:
            loop = asyncio.new_event_loop()
            asyncio.set_event_loop(loop)
            return loop


def async_run(coro: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine to its end, where no event loop is running."""
    found: T = get_or_create_event_loop().run_until_complete(coro)
    return found


def is_coroutine(obj: Any) -> bool:
    """Whether a function is asynchronous, or a generator."""
    return inspect.iscoroutinefunction(obj) or inspect.isgeneratorfunction(obj)


def maybe_async_run(func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Calls a function, and runs what it gives where it is asynchronous."""
    return async_run(func(*args, **kwargs)) if is_coroutine(func) else func(*args, **kwargs)


class Registry:
    """The registered client of a package, for tests that change it."""

    def __init__(self, module: str) -> None:
        self._package: Package = package_of(module)

    @contextlib.contextmanager
    def reset_client(self, new_client: Any = None) -> Iterator[None]:
        """Registers another client, or none, for the length of a block."""
        before = self._package._registered
        if before is None:
            raise ClientNotRegisteredError()
        self._package._registered = new_client
        try:
            yield
        finally:
            self._package._registered = before

    def unregister_client(self) -> None:
        """Registers no client."""
        if self._package._registered is None:
            raise ClientNotRegisteredError()
        self._package._registered = None
