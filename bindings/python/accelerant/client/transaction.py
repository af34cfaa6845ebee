"""Requests that happen together or not at all: interactive transactions, and batches."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Generic, List, Optional, Sequence, Tuple, cast

from .base import INVALIDATE_ALL, AnyModel, BaseClient, Decode, invalidate_request, raw_request
from ..codec.form import TABLE
from ..errors import PrismaError, TransactionError
from .model import AsyncModel, Model
from ..types import Answer

# Why in the functions else: asyncio takes longer to import than all the rest, and 10 MB.
if TYPE_CHECKING:
    import asyncio

    from .client import Accelerant


class Scope(Generic[AnyModel]):
    """The models of a client, whose requests go another way."""

    def __init__(self, client: BaseClient[AnyModel]) -> None:
        self._client: BaseClient[AnyModel] = client

    def model(self, name: str) -> AnyModel:
        """The reads and writes of a model, by any of its spellings."""
        return self._client.model(name).rerouted(self._run, self._run_with_info)

    def __getattr__(self, name: str) -> AnyModel:
        if name.startswith("_"):
            raise AttributeError(name)
        model = self.model(name)
        self.__dict__[name] = model
        return model

    def _run(self, request: Dict[str, Any], decode: Decode) -> Any:
        raise NotImplementedError

    def _run_with_info(self, request: Dict[str, Any], decode: Decode) -> Any:
        raise NotImplementedError


def begin_request(isolation_level: Optional[str], timeout_ms: Optional[int], max_wait_ms: Optional[int]) -> Dict[str, Any]:
    asked = {"isolationLevel": isolation_level, "timeout": timeout_ms, "maxWait": max_wait_ms}
    return {"operation": "$transaction.begin", "args": {key: value for key, value in asked.items() if value is not None}}


class _Interactive(Scope[AnyModel]):
    """What both kinds of transaction are: an id that requests carry, from the beginning to the end of one block."""

    def __init__(self, client: BaseClient[AnyModel], begin: Dict[str, Any]) -> None:
        self._client = client
        self._begin = begin
        self._has_begun = False
        self._has_ended = False
        #: What the library knows it by; set once it has begun.
        self.id: Optional[str] = None

    def _start(self) -> Dict[str, Any]:
        """The request that begins it."""
        if self._has_begun:
            raise TransactionError("this transaction has been used already: each block needs one of its own, by db.transaction()")
        self._has_begun = True
        return self._begin

    def _inside(self, request: Dict[str, Any]) -> Dict[str, Any]:
        # One that has ended is told by the library, which knows how.
        if self.id is None:
            raise TransactionError("this transaction has not begun: use it as `with db.transaction() as tx`, on asyncio `async with`")
        return {**request, "transaction": self.id}

    def _end(self, step: str) -> Dict[str, Any]:
        request = self._step(step)
        self._has_ended = True
        return request

    def _step(self, step: str, **args: Any) -> Dict[str, Any]:
        return self._inside({"operation": "$transaction." + step, "args": args})


class Transaction(_Interactive[Model]):
    """An interactive transaction: committed at the end of its block, rolled back when an exception leaves it.

        with db.transaction() as tx:
            sender = tx.account.update(where={"id": 1}, data={"balance": {"decrement": 10}})
            if sender["balance"] < 0:
                raise ValueError("not enough money")
            tx.account.update(where={"id": 2}, data={"balance": {"increment": 10}})

    Any thread may use it; its requests run one after the other.
    """

    def __enter__(self) -> "Transaction":
        client, begin = cast("Accelerant", self._client), self._start()
        try:
            client._begin_transaction(begin, self._adopt)
        except BaseException:
            if self.id is not None:
                client._take_back(self.id)
            raise
        return self

    def _adopt(self, id: str) -> None:
        self.id = id

    def __exit__(self, kind: Any, error: Any, _: Any) -> None:
        if self._has_ended:
            return
        if error is None:
            return self.commit()
        try:
            self.rollback()
        except PrismaError:
            pass  # The error that led here tells more.

    def commit(self) -> None:
        """Ends it before its block does."""
        self._client._run(self._end("commit"), None)

    def rollback(self) -> None:
        """Takes everything back."""
        self._client._run(self._end("rollback"), None)

    def savepoint(self, name: str) -> "Savepoint":
        """A part that can be taken back by itself: `with tx.savepoint("a"):` does so when an exception leaves its block."""
        return Savepoint(self, name)

    def query_raw(
        self, query: str, *parameters: Any, touches: Optional[Sequence[str]] = None, timeout_ms: Optional[int] = None
    ) -> List[Dict[str, Any]]:
        return cast(List[Dict[str, Any]], self._run(raw_request("$queryRaw", query, parameters, touches, timeout_ms), TABLE))

    def execute_raw(
        self, query: str, *parameters: Any, touches: Optional[Sequence[str]] = None, timeout_ms: Optional[int] = None
    ) -> int:
        return cast(int, self._run(raw_request("$executeRaw", query, parameters, touches, timeout_ms), None))

    def invalidate(self, tags: Sequence[str]) -> None:
        """Takes effect at the commit."""
        self._run(invalidate_request(tags), None)

    def invalidate_all(self) -> None:
        """Takes effect at the commit."""
        self._run(INVALIDATE_ALL, None)

    def request(self, request: Dict[str, Any]) -> Any:
        """Runs any request of the library in the transaction."""
        return self._run(request, None)

    def _run(self, request: Dict[str, Any], decode: Decode) -> Any:
        return self._client._run(self._inside(request), decode)

    def _run_with_info(self, request: Dict[str, Any], decode: Decode) -> Answer:
        return cast(Answer, self._client._run_with_info(self._inside(request), decode))


class Savepoint:
    """A part of a transaction. When an exception leaves its block, what was done in it is taken back, and the exception goes on."""

    def __init__(self, transaction: Transaction, name: str) -> None:
        self._transaction = transaction
        self.name = name

    def __enter__(self) -> "Savepoint":
        self._ask("savepoint")
        return self

    def __exit__(self, kind: Any, error: Any, _: Any) -> None:
        if error is None:
            return self._ask("release")
        try:
            self.rollback()
        except PrismaError:
            pass  # The error that led here tells more.

    def rollback(self) -> None:
        """Takes back what was done since the block began; the block goes on."""
        self._ask("rollbackTo")

    def _ask(self, step: str) -> None:
        self._transaction._client._run(self._transaction._step(step, name=self.name), None)


class AsyncTransaction(_Interactive[AsyncModel]):
    """As `Transaction`, to be awaited: `async with db.transaction() as tx`."""

    async def __aenter__(self) -> "AsyncTransaction":
        import asyncio

        beginning = asyncio.ensure_future(self._client._run(self._start(), None))
        try:
            self.id = cast(str, (await asyncio.shield(beginning))["id"])
        except asyncio.CancelledError:
            # Why: what has begun in the meantime would hold a connection until its time is up.
            beginning.add_done_callback(self._take_back)
            raise
        return self

    def _take_back(self, beginning: "asyncio.Future[Any]") -> None:
        if not beginning.cancelled() and beginning.exception() is None:
            import asyncio

            rollback = {"operation": "$transaction.rollback", "args": {}, "transaction": beginning.result()["id"]}
            asyncio.ensure_future(self._client._run(rollback, None))

    async def __aexit__(self, kind: Any, error: Any, _: Any) -> None:
        if self._has_ended:
            return
        if error is None:
            return await self.commit()
        try:
            await self.rollback()
        except PrismaError:
            pass  # The error that led here tells more.

    async def commit(self) -> None:
        """Ends it before its block does."""
        await self._client._run(self._end("commit"), None)

    async def rollback(self) -> None:
        """Takes everything back."""
        await self._client._run(self._end("rollback"), None)

    def savepoint(self, name: str) -> "AsyncSavepoint":
        """A part that can be taken back by itself: `async with tx.savepoint("a"):` does so when an exception leaves its block."""
        return AsyncSavepoint(self, name)

    async def query_raw(
        self, query: str, *parameters: Any, touches: Optional[Sequence[str]] = None, timeout_ms: Optional[int] = None
    ) -> List[Dict[str, Any]]:
        return cast(List[Dict[str, Any]], await self._run(raw_request("$queryRaw", query, parameters, touches, timeout_ms), TABLE))

    async def execute_raw(
        self, query: str, *parameters: Any, touches: Optional[Sequence[str]] = None, timeout_ms: Optional[int] = None
    ) -> int:
        return cast(int, await self._run(raw_request("$executeRaw", query, parameters, touches, timeout_ms), None))

    async def invalidate(self, tags: Sequence[str]) -> None:
        """Takes effect at the commit."""
        await self._run(invalidate_request(tags), None)

    async def invalidate_all(self) -> None:
        """Takes effect at the commit."""
        await self._run(INVALIDATE_ALL, None)

    async def request(self, request: Dict[str, Any]) -> Any:
        """Runs any request of the library in the transaction."""
        return await self._run(request, None)

    async def _run(self, request: Dict[str, Any], decode: Decode) -> Any:
        return await self._client._run(self._inside(request), decode)

    async def _run_with_info(self, request: Dict[str, Any], decode: Decode) -> Answer:
        return cast(Answer, await self._client._run_with_info(self._inside(request), decode))


class AsyncSavepoint:
    """As `Savepoint`, to be awaited."""

    def __init__(self, transaction: AsyncTransaction, name: str) -> None:
        self._transaction = transaction
        self.name = name

    async def __aenter__(self) -> "AsyncSavepoint":
        await self._ask("savepoint")
        return self

    async def __aexit__(self, kind: Any, error: Any, _: Any) -> None:
        if error is None:
            return await self._ask("release")
        try:
            await self.rollback()
        except PrismaError:
            pass  # The error that led here tells more.

    async def rollback(self) -> None:
        """Takes back what was done since the block began; the block goes on."""
        await self._ask("rollbackTo")

    async def _ask(self, step: str) -> None:
        await self._transaction._client._run(self._transaction._step(step, name=self.name), None)


class Batch(Scope[AnyModel]):
    """Requests that are gathered first, and then run in one transaction, in one call. The calls give nothing; `results` has the answers.

        with db.batch() as batch:
            batch.user.create(data={"email": "a@example.org"})
            batch.user.count()
        user, count = batch.results

    On an asynchronous client: `async with`; the calls on the batch are not awaited.
    """

    def __init__(self, client: BaseClient[AnyModel], isolation_level: Optional[str]) -> None:
        self._client = client
        self._isolation_level = isolation_level
        self._requests: List[Tuple[Dict[str, Any], Decode]] = []
        self._has_begun = False
        self._has_ended = False
        #: The answers in the order of the calls, once the batch has run.
        self.results: List[Any] = []

    def query_raw(self, query: str, *parameters: Any, touches: Optional[Sequence[str]] = None) -> None:
        self._run(raw_request("$queryRaw", query, parameters, touches), TABLE)

    def execute_raw(self, query: str, *parameters: Any, touches: Optional[Sequence[str]] = None) -> None:
        self._run(raw_request("$executeRaw", query, parameters, touches), None)

    def _run(self, request: Dict[str, Any], decode: Decode) -> Any:
        if not self._has_begun or self._has_ended:
            raise TransactionError("requests are gathered in the block of a batch: `with db.batch() as batch`, on asyncio `async with`")
        self._requests.append((request, decode))

    def _start(self) -> None:
        if self._has_begun:
            raise TransactionError("this batch has been used already: each block needs one of its own, by db.batch()")
        self._has_begun = True

    def _run_with_info(self, request: Dict[str, Any], decode: Decode) -> Any:
        raise PrismaError("a read in a batch has no info: it neither uses nor fills the cache")

    def _together(self) -> Dict[str, Any]:
        args: Dict[str, Any] = {"requests": [request for request, _ in self._requests]}
        if self._isolation_level is not None:
            args["isolationLevel"] = self._isolation_level
        return {"operation": "$transaction", "args": args}

    def _keep(self, answers: List[Any]) -> None:
        self.results = [answer if decode is None else decode(answer) for answer, (_, decode) in zip(answers, self._requests)]

    def __enter__(self) -> "Batch[AnyModel]":
        self._start()
        return self

    def __exit__(self, kind: Any, error: Any, _: Any) -> None:
        self._has_ended = True
        if error is None:
            self._keep(self._client._run(self._together(), None))


class AsyncBatch(Batch[AsyncModel]):
    """As `Batch`, run at the end of `async with`."""

    def __enter__(self) -> "AsyncBatch":
        raise TypeError("a batch of an asynchronous client is used as `async with db.batch() as batch`")

    async def __aenter__(self) -> "AsyncBatch":
        self._start()
        return self

    async def __aexit__(self, kind: Any, error: Any, _: Any) -> None:
        self._has_ended = True
        if error is None:
            self._keep(await self._client._run(self._together(), None))
