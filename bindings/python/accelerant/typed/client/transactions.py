"""Transactions of the generated client."""
from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Dict, Generic, Optional, TypeVar, cast

from ...client.transaction import begin_request
from ...errors import PrismaError, TransactionError, TransactionExpiredError, TransactionNotStartedError

# Why in the functions else: asyncio takes longer to import than all the rest, and 10 MB.
if TYPE_CHECKING:
    import asyncio

Client = TypeVar("Client")


class _Manager(Generic[Client]):
    """One transaction, from its start to its end."""

    def __init__(
        self, client: Client, max_wait_ms: Optional[int], timeout_ms: Optional[int], isolation_level: Optional[str]
    ) -> None:
        self._client: Any = client
        self._begin = begin_request(isolation_level, timeout_ms, max_wait_ms)
        self._id: Optional[str] = None
        self._has_ended = False
        self._is_starting = False
        self._loop: Optional[asyncio.AbstractEventLoop] = None

    def _start(self, level: int) -> Dict[str, Any]:
        """The request that begins it."""
        if self._id is not None or self._is_starting:
            raise TransactionError("this transaction has been started already: each needs an object of its own, by `tx()`")
        if self._client.is_transaction():
            warnings.warn(
                "The current client is already in a transaction. This can lead to surprising behaviour.", UserWarning, stacklevel=level)
        self._is_starting = True
        return self._begin

    def _adopt(self, id: str) -> None:
        self._id = id

    def _client_inside(self) -> Client:
        """The client whose calls belong to it."""
        return cast(Client, self._client._copy_for(self._id, self))

    def check_loop(self) -> None:
        """Refuses calls on another event loop than the one that it was started on."""
        if self._loop is None:
            return
        import asyncio

        if asyncio._get_running_loop() is not self._loop:
            raise TransactionError("this transaction belongs to another event loop: its calls are made on the loop that started it")

    def _end(self, step: str) -> Dict[str, Any]:
        if self._id is None:
            raise TransactionNotStartedError()
        self.check_loop()
        if self._has_ended:
            raise TransactionExpiredError("Transaction already closed: this transaction has ended already, it was committed or rolled back")
        self._has_ended = True
        return {"operation": "$transaction." + step, "transaction": self._id}


class SyncTransactionManager(_Manager[Client]):
    """`with db.tx() as transaction`, or `start()`, `commit()` and `rollback()` by hand."""

    def start(self, *, _level: int = 3) -> Client:
        """Begins it, and gives the client whose calls belong to it."""
        request = self._start(_level)
        try:
            self._client._begin_transaction(request, self._adopt)
            return self._client_inside()
        except BaseException:
            # Why: an exception of a signal handler may come between any two steps.
            if self._id is not None:
                self._client._connected()._take_back(self._id)
            raise
        finally:
            self._is_starting = False

    def commit(self) -> None:
        self._client._connected_run(self._end("commit"))

    def rollback(self) -> None:
        self._client._connected_run(self._end("rollback"))

    def __enter__(self) -> Client:
        return self.start(_level=4)

    def __exit__(self, kind: Any, error: Any, _: Any) -> None:
        if self._has_ended:
            return
        if error is None:
            return self.commit()
        try:
            self.rollback()
        except PrismaError:
            pass  # The error that led here tells more.


class AsyncTransactionManager(_Manager[Client]):
    """`async with db.tx() as transaction`, or `start()`, `commit()` and `rollback()` by hand."""

    async def start(self, *, _level: int = 3) -> Client:
        """Begins it, and gives the client whose calls belong to it."""
        import asyncio

        request = self._start(_level)
        self._loop = asyncio.get_running_loop()
        beginning = asyncio.ensure_future(self._client._connected_run(request))
        try:
            self._adopt((await asyncio.shield(beginning))["id"])
            return self._client_inside()
        except asyncio.CancelledError:
            # Why: what has begun in the meantime would hold a connection until its time is up.
            beginning.add_done_callback(self._take_back)
            raise
        finally:
            self._is_starting = False

    def _take_back(self, beginning: "asyncio.Future[Dict[str, Any]]") -> None:
        if not beginning.cancelled() and beginning.exception() is None:
            import asyncio

            asyncio.ensure_future(self._client._connected_run(
                {"operation": "$transaction.rollback", "transaction": beginning.result()["id"]}))

    async def commit(self) -> None:
        await self._client._connected_run(self._end("commit"))

    async def rollback(self) -> None:
        await self._client._connected_run(self._end("rollback"))

    async def __aenter__(self) -> Client:
        return await self.start(_level=4)

    async def __aexit__(self, kind: Any, error: Any, _: Any) -> None:
        if self._has_ended:
            return
        if error is None:
            return await self.commit()
        try:
            await self.rollback()
        except PrismaError:
            pass  # The error that led here tells more.
