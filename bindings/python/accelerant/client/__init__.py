"""The dynamic clients, whose answers are dictionaries."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .client import Accelerant
from .model import AsyncModel, Model, camel_case, snake_case
from .transaction import AsyncBatch, AsyncTransaction, Batch, Transaction

if TYPE_CHECKING:
    from .async_client import AsyncAccelerant

__all__ = [
    "Accelerant", "AsyncAccelerant", "AsyncBatch", "AsyncModel", "AsyncTransaction", "Batch", "Model", "Transaction", "camel_case",
    "snake_case",
]


def __getattr__(name: str) -> Any:
    # Why not above: asyncio takes longer to import than all the rest, and 10 MB.
    if name == "AsyncAccelerant":
        from .async_client import AsyncAccelerant

        globals()[name] = AsyncAccelerant
        return AsyncAccelerant
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
