"""The Python package on asyncio: one descriptor, no thread of Python's, each request answered once."""
import asyncio
import ctypes
import gc
import os
import threading
import time
import weakref

import pytest
from accelerant import (
    Accelerant, AsyncAccelerant, ClientNotConnectedError, QueryTimeoutError, RecordNotFoundError, TooManyRequestsError)
from waiting import eventually

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), *[".."] * 3))
SCHEMA_PATH = os.path.join(ROOT, "Tests", "support", "blog", "schema.prisma")


@pytest.fixture
def make(database):
    """Opens clients on the test's database."""
    return lambda **settings: AsyncAccelerant(
        schema_path=SCHEMA_PATH, datasource_url=database.url(**settings.pop("url", {})), **{"clock": "manual", **settings})


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 60))


def steps(coroutine):
    """Runs a coroutine that must not wait; gives its result."""
    with pytest.raises(StopIteration) as end:
        coroutine.send(None)
    return end.value.value


def test_it_reads_as_the_other_client_does(make, database):
    async def work():
        async with make() as db:
            return [
                await db.user.find_unique(where={"id": 1}), await db.user.find_unique_or_throw(where={"id": 2}),
                await db.user.find_first(order_by={"id": "desc"}), await db.sample.find_many(where={"id": {"in": [1, 4]}}),
                await db.user.count(), await db.sample.aggregate(_sum={"amount": True}),
                await db.order_item.group_by(by=["article"], _sum={"price": True}, order_by={"article": "asc"}),
                await db.query_raw("SELECT $1::int AS a", 5), await db.execute_raw('UPDATE "User" SET id = id WHERE id = $1', 1),
                await db.request({"model": "User", "operation": "count"}), await db.request_bytes(b'{"model":"User","operation":"count"}'),
                await db.connect(), (await db.user.with_accelerate_info().count()).info.cache_status]

    with Accelerant(schema_path=SCHEMA_PATH, datasource_url=database.url()) as db:
        assert run(work()) == [
            db.user.find_unique(where={"id": 1}), db.user.find_unique_or_throw(where={"id": 2}),
            db.user.find_first(order_by={"id": "desc"}), db.sample.find_many(where={"id": {"in": [1, 4]}}),
            db.user.count(), db.sample.aggregate(_sum={"amount": True}),
            db.order_item.group_by(by=["article"], _sum={"price": True}, order_by={"article": "asc"}),
            db.query_raw("SELECT $1::int AS a", 5), db.execute_raw('UPDATE "User" SET id = id WHERE id = $1', 1),
            db.request({"model": "User", "operation": "count"}), db.request_bytes(b'{"model":"User","operation":"count"}'),
            db.connect(), db.user.with_accelerate_info().count().info.cache_status]


def test_the_cache_its_info_and_the_clock(make):
    async def work():
        async with make() as db:
            async def look():
                return (await db.user.with_accelerate_info().find_many(cache_strategy={"ttl": 60, "tags": ["users"]})).info.cache_status

            seen = [await look(), await look()]
            await db.accelerate.invalidate(["users"])
            seen.append(await look())
            await db.clock.advance(60)
            seen.append(await look())
            await db.accelerate.invalidate_all()
            assert "accelerant_cache" in await db.metrics(format="prometheus")
            return seen + [await look()]

    assert run(work()) == ["miss", "ttl", "miss", "miss", "miss"]


def test_a_hit_does_not_wait(make):
    async def work():
        async with make() as db:
            read = lambda: db.user.find_many(cache_strategy={"ttl": 60})
            rows = await read()
            assert steps(read()) == rows

    run(work())


def test_errors_are_those_of_the_other_client(make):
    async def work():
        async with make() as db:
            with pytest.raises(RecordNotFoundError) as caught:
                await db.user.find_unique_or_throw(where={"id": 99})
            assert (caught.value.code, caught.value.status) == ("P2025", "NOT_FOUND")
            with pytest.raises(QueryTimeoutError):
                await db.request({"operation": "$queryRaw", "timeoutMs": 50, "args": {"query": "SELECT pg_sleep(9)::text"}})

    run(work())


def test_10_000_outstanding_requests_on_one_loop(make, database):
    async def work():
        async with make(limits={"queue_length": 10_000, "query_timeout_ms": 60_000}) as db:
            before = threading.active_count()
            with database.locked():
                tasks = [asyncio.ensure_future(db.user.find_many(where={"id": {"gte": -number}}, take=1, skip=number % 4, order_by={"id": "asc"}))
                         for number in range(10_000)]
                await asyncio.sleep(0)
                while database.waiting() < 10:
                    await asyncio.sleep(0.01)
                start = time.perf_counter()
                with pytest.raises(TooManyRequestsError):
                    await db.user.count()
                assert time.perf_counter() - start < 9
                assert not any(task.done() for task in tasks) and threading.active_count() == before
            return [rows[0]["id"] for rows in await asyncio.gather(*tasks)]

    assert run(work()) == [1 + number % 4 for number in range(10_000)]


def test_a_cancelled_task_cancels_its_request_and_harms_no_other(make, database):
    async def work():
        async with make(url={"connection_limit": 1}) as db:
            with database.locked():
                running = asyncio.ensure_future(db.user.count())
                while not database.waiting():
                    await asyncio.sleep(0.01)
                waiting = [asyncio.ensure_future(db.order_item.count(where={"position": number})) for number in range(20)]
                await asyncio.sleep(0)
                for task in waiting[:10]:
                    task.cancel()
                outcome = await asyncio.gather(*waiting[:10], return_exceptions=True)
                assert all(isinstance(error, asyncio.CancelledError) for error in outcome)
            assert await running == 4
            assert await asyncio.gather(*waiting[10:]) == [0] * 10
            assert await db.user.count() == 4

    run(work())


def test_a_task_whose_time_is_up_goes_on_at_once(make, database):
    async def work():
        async with make() as db:
            with database.locked():
                start = time.perf_counter()
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(db.user.count(), 0.1)
                assert time.perf_counter() - start < 9

    run(work())


def test_close_waits_for_what_is_outstanding_and_refuses_what_comes(make, database):
    async def work():
        db = make()
        with database.locked():
            task = asyncio.ensure_future(db.user.count())
            while not database.waiting():
                await asyncio.sleep(0.01)
            closing = asyncio.ensure_future(db.close())
            await asyncio.sleep(0.05)
            assert not closing.done()
            with pytest.raises(ClientNotConnectedError):
                await db.user.count()
        assert await task == 4
        await closing
        await db.close()

    run(work())


def test_a_close_that_is_cancelled_ends_what_is_outstanding(make, database):
    async def work():
        db = make()
        with database.locked():
            task = asyncio.ensure_future(db.user.count())
            while not database.waiting():
                await asyncio.sleep(0.01)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(db.close(), 0.1)
            with pytest.raises(ClientNotConnectedError):
                await task

    run(work())


def test_loops_one_after_the_other(make):
    db = make()

    async def count():
        return await db.user.count()

    # The second and third loop come when the one before is closed.
    assert [run(count()) for _ in range(3)] == [4, 4, 4]
    run(db.close())


def test_loops_at_once_get_each_its_own_answers(make, database):
    db = make(url={"connection_limit": 4})
    results, failed = [], []

    def elsewhere(number):
        async def reads():
            waiting = [db.query_raw("SELECT $1::int AS n, pg_sleep(0.002) IS NULL AS slept", number * 1000 + index) for index in range(50)]
            return [rows[0]["n"] for rows in await asyncio.gather(*waiting)]

        try:
            for _ in range(3):
                results.append((number, run(reads())))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=elsewhere, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed and len(results) == 12
    assert all(numbers == [number * 1000 + index for index in range(50)] for number, numbers in results)
    run(db.close())


def test_another_loop_hands_a_reply_out_just_as_it_is_looked_for(make):
    """Each reply is given once, whichever loop is the first."""

    class Early(dict):
        inbox = None

        def __contains__(self, token):
            # As another thread between this and the next step.
            found = token in self.keys()
            if found and token in self.inbox._outstanding:
                self.inbox._give(token, *self.pop(token))
            return found

    async def work():
        async with make() as db:
            assert await db.user.count() == 4
            early = db._inbox._early = Early()
            early.inbox = db._inbox
            ask = db._inbox._library.request

            def request(handle, text, size, token, place):
                status = ask(handle, text, size, token, place)
                while token not in early.keys():
                    db._inbox.hand_out(db._inbox._last)
                return status

            db._inbox._library = Overlay(db._inbox._library, request=request)
            return await db.query_raw("SELECT 7 AS n")

    class Overlay:
        def __init__(self, under, **over):
            self.__dict__.update(over, _under=under)

        def __getattr__(self, name):
            return getattr(self._under, name)

    assert run(work()) == [{"n": 7}]


def test_two_loops_find_the_door_of_a_loop_that_is_closed(make):
    """One of them shuts it."""

    class Doors(dict):
        def values(self):
            # As another thread right behind this.
            found = list(super().values())
            self.clear()
            return found

    db = make()
    assert asyncio.run(db.user.count()) == 4
    dead = next(iter(db._inbox._doors.values()))
    db._inbox._doors = Doors(db._inbox._doors)
    shut = []
    dead.shut = lambda: shut.append(dead)

    async def work():
        assert await db.user.count() == 4
        await db.close()

    run(work())
    assert shut == []
    type(dead).shut(dead)


def test_a_transaction_that_has_begun_for_a_cancelled_task_is_taken_back(make):
    async def work():
        async with make(url={"connection_limit": 1}) as db:
            assert await db.user.count() == 4
            task = asyncio.ensure_future(db.transaction(timeout_ms=60_000).__aenter__())
            while not db._inbox._outstanding:
                await asyncio.sleep(0)
            while db._inbox._outstanding:
                db._inbox.hand_out(db._inbox._last)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return await asyncio.wait_for(db.user.count(), 9)

    assert run(work()) == 4


def test_a_client_is_closed_from_another_loop(make, database):
    async def work():
        db = make()
        assert await db.user.count() == 4
        thread = threading.Thread(target=lambda: asyncio.run(db.close()))
        thread.start()
        while thread.is_alive():
            await asyncio.sleep(0.001)
        with pytest.raises(ClientNotConnectedError):
            await db.user.count()
        # Its descriptor's number is free again, for this loop, too.
        async with make() as other:
            assert await other.user.count() == 4

    run(work())


def test_a_client_that_is_dropped_closes_itself(make):
    async def work():
        for _ in range(5):
            db = make()
            assert await db.user.count() == 4
            gone = weakref.ref(db)
            del db
            gc.collect()
            assert gone() is None
            await asyncio.sleep(0)
        async with make() as db:
            assert await db.user.count() == 4

    run(work())


def test_clients_on_loops_of_several_threads(make):
    def work(results):
        async def reads():
            async with make(url={"connection_limit": 1}) as db:
                return [await db.user.count(cache_strategy={"ttl": 60}) for _ in range(50)]

        results.append(run(reads()))

    results = []
    threads = [threading.Thread(target=work, args=(results,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    eventually(lambda: not any(thread.is_alive() for thread in threads), seconds=60)
    assert results == [[4] * 50] * 4


def test_the_database_gone_is_an_error_for_each(make):
    async def work():
        async with AsyncAccelerant(schema_path=SCHEMA_PATH, datasource_url="postgresql://u@127.0.0.1:1/x") as db:
            outcome = await asyncio.gather(*(db.user.count() for _ in range(100)), return_exceptions=True)
            assert {error.code for error in outcome} == {"P6008"}

    run(work())


def test_the_end_hears_of_a_reply_that_came_before_it_was_asked_for(make):
    async def work():
        async with make() as db:
            inbox, waiter = db._inbox, asyncio.get_running_loop().create_future()
            assert await db.user.count() == 4

            class Outstanding(dict):
                def __setitem__(self, token, entry):
                    super().__setitem__(token, entry)
                    # What other threads may do just then: one has taken the reply, one begins to close the client.
                    reply = ctypes.c_void_p()
                    while reply.value is None:
                        inbox._library.take(inbox._handle, ctypes.byref(ctypes.c_uint64()), ctypes.byref(reply))
                    inbox._early[token] = inbox._library.reply_status(reply), reply.value
                    inbox._empty.append((entry.loop, waiter))

            inbox._outstanding = Outstanding()
            assert await db.user.count() == 4
            inbox._outstanding = {}
            assert await asyncio.wait_for(waiter, 30) is None

    run(work())
