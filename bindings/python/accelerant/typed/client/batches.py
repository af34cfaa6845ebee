"""Writes that run together."""
from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Dict, Generic, List, Optional

from ...errors import PrismaError, TransactionError
from ..actions.calls import Calls
from ..actions.variables import Create, CreateMany, Include, Update, UpdateMany, Upsert, Where, WhereUnique

_SAVEPOINT = "accelerant_batch"


class BatchActions(Generic[Create, CreateMany, Update, UpdateMany, Upsert, Where, WhereUnique, Include]):
    """The writes of one model in a batch: each is gathered, and gives nothing."""

    def __init__(self, batch: "Batch", calls: Calls) -> None:
        self._batch = batch
        self._calls = calls

    def create(self, data: Create, include: Optional[Include] = None) -> None:
        self._batch._add(self._calls.create(data, include, None))

    def create_many(self, data: List[CreateMany], *, skip_duplicates: Optional[bool] = None) -> None:
        self._batch._add(self._calls.create_many(data, skip_duplicates, None))

    def update(self, data: Update, where: WhereUnique, include: Optional[Include] = None) -> None:
        self._batch._add(self._calls.update(data, where, include, None))

    def upsert(self, where: WhereUnique, data: Upsert, include: Optional[Include] = None) -> None:
        self._batch._add(self._calls.upsert(where, data, include, None))

    def update_many(self, data: UpdateMany, where: Where) -> None:
        self._batch._add(self._calls.update_many(data, where, None, None))

    def delete(self, where: WhereUnique, include: Optional[Include] = None) -> None:
        self._batch._add(self._calls.delete(where, include, None))

    def delete_many(self, where: Optional[Where] = None) -> None:
        self._batch._add(self._calls.delete_many(where, None, None))


class Batch:
    """Writes that are gathered first, and then run in one call and one transaction: all of them happen, or none."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._requests: List[Dict[str, Any]] = []
        self._has_ended = False

    def execute_raw(self, query: str, *args: Any) -> None:
        self._add(self._client._raw("$executeRaw", query, args, None))

    def _add(self, request: Dict[str, Any]) -> None:
        if self._has_ended:
            raise TransactionError("this batch has run already: each block needs one of its own, by `batch_()`")
        self._requests.append(request)

    def _take(self) -> List[Dict[str, Any]]:
        requests, self._requests = self._requests, []
        return requests

    def _together(self, requests: List[Dict[str, Any]]) -> Dict[str, Any]:
        return {"operation": "$transaction", "args": {"requests": requests}}

    def _step(self, step: str) -> Dict[str, Any]:
        return {"operation": "$transaction." + step, "args": {"name": _SAVEPOINT}}

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> BatchActions:
            package = self._client._package
            if name.startswith("_") or name not in package.schema.attributes:
                raise AttributeError(package.unknown_attribute("batch", name))
            record = package.record_class(package.schema.attributes[name])
            found = self.__dict__[name] = BatchActions(self, Calls(self._client, record))
            return found


class SyncBatch(Batch):
    """`with db.batch_() as batch`; or `commit()` by hand."""

    def commit(self) -> None:
        """Runs what was gathered."""
        requests = self._take()
        if not requests:
            return
        if not self._client.is_transaction():
            self._client._run(self._together(requests), None)
            return
        # Why: a list takes no part in a transaction. A savepoint makes it one of all or none.
        self._client._run(self._step("savepoint"), None)
        try:
            for request in requests:
                self._client._run(request, None)
        except BaseException:
            # Why not of the library's errors alone: a value that cannot be sent is a TypeError, and what was sent before it goes, too.
            with contextlib.suppress(PrismaError):
                self._client._run(self._step("rollbackTo"), None)
            raise
        self._client._run(self._step("release"), None)

    def __enter__(self) -> "SyncBatch":
        return self

    def __exit__(self, kind: Any, error: Any, _: Any) -> None:
        try:
            if error is None:
                self.commit()
        finally:
            self._has_ended = True


class AsyncBatch(Batch):
    """`async with db.batch_() as batch`, whose calls are not awaited; or `await commit()` by hand."""

    _loop: Any = None

    async def commit(self) -> None:
        """Runs what was gathered."""
        import asyncio

        if self._loop is not None and self._loop is not asyncio.get_running_loop():
            raise TransactionError("this batch belongs to another event loop: it runs on the loop that began it")
        requests = self._take()
        if not requests:
            return
        if not self._client.is_transaction():
            await self._client._run(self._together(requests), None)
            return
        # Why: a list takes no part in a transaction. A savepoint makes it one of all or none.
        await self._client._run(self._step("savepoint"), None)
        try:
            for request in requests:
                await self._client._run(request, None)
        except BaseException:
            # Why not of the library's errors alone: a value that cannot be sent is a TypeError, and what was sent before it goes, too.
            with contextlib.suppress(PrismaError):
                await self._client._run(self._step("rollbackTo"), None)
            raise
        await self._client._run(self._step("release"), None)

    async def __aenter__(self) -> "AsyncBatch":
        import asyncio

        self._loop = asyncio.get_running_loop()
        return self

    async def __aexit__(self, kind: Any, error: Any, _: Any) -> None:
        try:
            if error is None:
                await self.commit()
        finally:
            self._has_ended = True
