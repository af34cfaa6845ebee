"""A plugin of pytest: a client for each test, with a clock that moves when it is told.

    # pytest.ini
    [pytest]
    accelerant_client = shop_client:Prisma

    def test_what_is_cached(accelerant_db, accelerant_advance):
        accelerant_db.user.find_many(cache_strategy={"ttl": 60})
        accelerant_advance(seconds=61)

The database is that of the schema's `url`, or `accelerant_url`, or `--accelerant-url`.
"""
# Why: where pytest is not installed its decorators have no type.
# mypy: disallow-untyped-decorators=False
from __future__ import annotations

import asyncio
import datetime
import importlib
import inspect
from typing import Any, Callable, Iterator, Optional

import pytest  # type: ignore[import-not-found,unused-ignore]


def pytest_addoption(parser: Any) -> None:
    group = parser.getgroup("accelerant")
    group.addoption("--accelerant-url", help="the database of accelerant_db")
    parser.addini("accelerant_client", "the class of accelerant_db, as package:Prisma", default="prisma_client:Prisma")
    parser.addini("accelerant_url", "the database of accelerant_db", default="")


async def _awaited(value: Any) -> Any:
    return await value


def _wait(value: Any) -> Any:
    """The result of a call, of either kind of client. Why on a loop of its own: fixtures come before the loop of the test."""
    return asyncio.run(_awaited(value)) if inspect.isawaitable(value) else value


@pytest.fixture
def accelerant_make(request: Any) -> Iterator[Callable[..., Any]]:
    """Makes connected clients with a manual clock, which are disconnected after the test. Settings are those of the class."""
    module, _, name = str(request.config.getini("accelerant_client")).partition(":")
    url = request.config.getoption("--accelerant-url") or request.config.getini("accelerant_url")
    made = []

    def make(client_class: Optional[Any] = None, **settings: Any) -> Any:
        kind = client_class or getattr(importlib.import_module(module), name or "Prisma")
        if url:
            settings.setdefault("datasource", {"url": url})
        client = kind(**{"clock": "manual", **settings})
        _wait(client.connect())
        made.append(client)
        return client

    yield make
    for client in reversed(made):
        _wait(client.disconnect())


@pytest.fixture
def accelerant_db(accelerant_make: Callable[..., Any]) -> Any:
    """A connected client with a cache of its own and a manual clock."""
    return accelerant_make()


@pytest.fixture
def accelerant_advance(accelerant_db: Any) -> Callable[..., Any]:
    """Moves the clock of `accelerant_db`: `accelerant_advance(seconds=61)`. On asyncio its result is awaited."""

    def advance(**span: float) -> Any:
        return accelerant_db.advance_clock(datetime.timedelta(**span))

    return advance
