"""Prisma's query language and a cache on your own PostgreSQL, in your own process.

    from accelerant import Accelerant

    with Accelerant(schema_path="schema.prisma", datasource_url="postgresql://localhost/app") as db:
        users = db.user.find_many(where={"email": {"contains": "alice"}}, cache_strategy={"ttl": 60, "tags": ["users"]})
        answer = db.user.with_accelerate_info().find_many(cache_strategy={"ttl": 60})
        answer.info.cache_status        # "miss", then "ttl"
        db.accelerate.invalidate(tags=["users"])

On asyncio, `AsyncAccelerant` has the same methods, to be awaited.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import errors
from .client import Accelerant, AsyncBatch, AsyncModel, AsyncTransaction, Batch, Model, Transaction
from .errors import (
    AccelerateError,
    ClientNotConnectedError,
    DatabaseConnectionError,
    DataError,
    FieldNotFoundError,
    ForeignKeyViolationError,
    ForkedClientError,
    InputError,
    InvalidDataSourceError,
    InvalidParametersError,
    InvalidValueError,
    LibraryNotFoundError,
    MissingRequiredValueError,
    NotUniqueError,
    PlanLimitReachedError,
    PoolTimeoutError,
    PrismaError,
    QueryTimeoutError,
    RawQueryError,
    RecordNotFoundError,
    ResponseSizeLimitExceededError,
    ServerError,
    TableNotFoundError,
    TooManyRequestsError,
    TransactionError,
    UnauthorizedError,
    UniqueViolationError,
    ValidationError,
    VersionNotSupportedError,
    WrongTypeError,
)
from .library import library_version
from .types import AccelerateInfo, Answer, CacheConfig, CacheStrategy, LoggedEvent, LoggedEvents, TierConfig
from .values import AnyNull, DbNull, FieldRef, Json, JsonNull

if TYPE_CHECKING:
    from .client import AsyncAccelerant

__version__ = "0.2.0"
__all__ = [
    "Accelerant", "AccelerateError", "AccelerateInfo", "Answer", "AnyNull", "AsyncAccelerant", "AsyncBatch", "AsyncModel",
    "AsyncTransaction", "Batch", "CacheConfig", "CacheStrategy",
    "ClientNotConnectedError", "DataError", "DatabaseConnectionError", "DbNull", "FieldNotFoundError", "FieldRef",
    "ForeignKeyViolationError", "ForkedClientError", "InputError", "InvalidDataSourceError", "InvalidParametersError", "InvalidValueError",
    "Json", "JsonNull", "LibraryNotFoundError", "LoggedEvent", "LoggedEvents", "MissingRequiredValueError", "Model", "NotUniqueError", "PlanLimitReachedError",
    "PoolTimeoutError", "PrismaError", "QueryTimeoutError", "RawQueryError", "RecordNotFoundError",
    "ResponseSizeLimitExceededError", "ServerError", "TableNotFoundError", "TierConfig", "TooManyRequestsError", "Transaction",
    "TransactionError", "UnauthorizedError", "UniqueViolationError", "ValidationError", "VersionNotSupportedError",
    "WrongTypeError", "errors", "library_version",
]


def __getattr__(name: str) -> Any:
    # Why not above: a program without asyncio does not import that.
    if name == "AsyncAccelerant":
        from .client.async_client import AsyncAccelerant

        globals()[name] = AsyncAccelerant
        return AsyncAccelerant
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
