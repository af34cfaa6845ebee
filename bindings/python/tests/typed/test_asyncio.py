"""The generated client of asyncio: coroutines, tasks, loops, cancellation, and the two interfaces side by side."""
import asyncio
import datetime
import inspect
import os
import re
import threading
import time

import pytest
from accelerant import errors

HERE = os.path.dirname(os.path.abspath(__file__))
TYPED = os.path.join(os.path.dirname(os.path.dirname(HERE)), "accelerant", "typed")


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 60))


@pytest.fixture
def make(package, url):
    import shop_client.asyncio

    return lambda **settings: shop_client.asyncio.Prisma(datasource={"url": url}, clock="manual", **settings)


def test_the_calls_are_coroutines(make):
    async def work():
        async with make() as db:
            made = await db.user.create({"name": "Robert", "posts": {"create": [{"title": "A"}]}}, include={"posts": True})
            assert made.posts[0].title == "A"
            call = db.user.find_many(where={"name": "Robert"}, include={"posts": True})
            assert inspect.iscoroutine(call)
            (found,) = await asyncio.create_task(call)
            assert found == made and await db.user.find_unique({"id": "x"}) is None and await db.user.count() == 1
            assert await db.user.update(where={"id": "x"}, data={}) is None and await db.user.delete({"id": "x"}) is None
            with pytest.raises(errors.RecordNotFoundError):
                await db.user.find_first_or_raise(where={"name": "x"})
            assert (await db.query_first("SELECT count(*) AS n FROM \"User\""))["n"] == 1
            for slow in (db.query_raw, db.execute_raw, db.user.query_first):
                with pytest.raises(TimeoutError):
                    await slow("SELECT pg_sleep(20)", timeout_ms=50)
            answer = await db.user.with_accelerate_info().find_many(cache_strategy={"ttl": 60, "tags": ["users"]})
            assert answer.info.cache_status == "miss" and answer.data[0].name == "Robert"
            await db.accelerate.invalidate(tags=["users"])
            assert (await db.user.as_json().count()) == b"1" and (await db.get_metrics()).counters

    run(work())


def test_batches_and_transactions(make):
    async def work():
        async with make() as db:
            async with db.batch_() as batch:
                batch.user.create({"name": "a"})
                batch.user.create({"name": "b"})
            async with db.tx(timeout=datetime.timedelta(seconds=5)) as tx:
                await tx.user.create({"name": "c"})
                async with tx.batch_() as batch:
                    batch.user.create({"name": "d"})
                with pytest.raises(TypeError):
                    async with tx.batch_() as batch:
                        batch.user.create({"name": "f"})
                        batch.user.create({"name": object()})
                assert await db.user.count() == 2
            assert await db.user.count() == 4
            with pytest.raises(errors.TransactionExpiredError):
                await tx.user.count()
            manager = db.tx()
            with pytest.raises(errors.TransactionNotStartedError):
                await manager.commit()
            tx = await manager.start()
            await tx.user.create({"name": "e"})
            await manager.rollback()
            assert await db.user.count() == 4

    run(work())


def test_a_transaction_whose_start_is_cancelled_holds_no_connection(make, url):
    async def work():
        async with make() as db:
            for _ in range(30):
                start = asyncio.ensure_future(db.tx().start())
                await asyncio.sleep(0)
                start.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await start
            async with db.tx() as tx:
                assert await tx.user.count() == 0

    run(work())


def test_a_client_of_the_module_serves_one_loop_after_the_other(make):
    db = make()

    async def work():
        if not db.is_connected():
            await db.connect()
        return await db.user.count()

    assert [run(work()) for _ in range(3)] == [0, 0, 0]
    run(db.disconnect())
    assert run(work()) == 0
    run(db.disconnect())


def test_transactions_and_batches_belong_to_their_loop(make):
    async def work():
        async with make() as db:
            tx = await (manager := db.tx()).start()
            refused = []

            def elsewhere():
                for attempt in (tx.user.count, manager.commit):
                    try:
                        asyncio.run(attempt())
                    except errors.TransactionError as error:
                        refused.append(str(error))

            thread = threading.Thread(target=elsewhere)
            thread.start()
            thread.join()
            assert len(refused) == 2 and all("another event loop" in text for text in refused)
            await manager.rollback()

    run(work())


def test_a_thousand_at_once_and_cancelled_ones(make):
    async def work():
        async with make() as db:
            await db.user.create({"name": "x"})
            counts = await asyncio.gather(*(db.user.count() for _ in range(1000)))
            assert counts == [1] * 1000
            tasks = [asyncio.ensure_future(db.query_raw("SELECT pg_sleep(10)")) for _ in range(20)]
            await asyncio.sleep(0.05)
            began = time.monotonic()
            for task in tasks:
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes) and time.monotonic() - began < 9
            assert await db.user.count() == 1

    run(work())


def test_connecting_from_several_tasks_connects_once(make):
    async def work():
        db = make()
        await asyncio.gather(*(db.connect() for _ in range(10)))
        assert db.is_connected() and await db.user.count() == 0
        await db.disconnect()

    run(work())


def test_both_interfaces_are_the_same_but_for_awaiting():
    """The two files of calls are one, told twice."""
    with open(os.path.join(TYPED, "actions", "sync_actions.py")) as file:
        expected = file.read()
    expected = re.sub(r"^    def (find_|count|group_by|create|update|upsert|delete|query_|_ask)", r"    async def \1", expected, flags=re.MULTILINE)
    expected = re.sub(r"return self\._(ask|ask_or_none|client\._run|client\._run_text|client\._run_with_info|client\._run_as_json)\(", r"return await self._\1(", expected)
    expected = re.sub(r"found = (self|super\(\))\._ask_quickly", r"found = await \1._ask_quickly", expected)
    expected = expected.replace("return self._client.query", "return await self._client.query").replace("Sync", "Async")
    with open(os.path.join(TYPED, "actions", "async_actions.py")) as file:
        found = file.read()
    assert found.split("\n", 1)[1] == expected.split("\n", 1)[1]
