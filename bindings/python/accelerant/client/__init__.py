"""The dynamic clients, whose answers are dictionaries."""
from .async_client import AsyncAccelerant
from .client import Accelerant
from .model import AsyncModel, Model, camel_case, snake_case
from .transaction import AsyncBatch, AsyncTransaction, Batch, Transaction

__all__ = [
    "Accelerant", "AsyncAccelerant", "AsyncBatch", "AsyncModel", "AsyncTransaction", "Batch", "Model", "Transaction", "camel_case",
    "snake_case",
]
