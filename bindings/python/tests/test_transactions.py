"""Transactions of the Python package: blocks that commit or roll back, savepoints, batches; waiting and awaited."""
import asyncio
import os

import pytest
from accelerant import Accelerant, AsyncAccelerant, PrismaError, TransactionError, UniqueViolationError

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), *[".."] * 3))
SCHEMA_PATH = os.path.join(ROOT, "Tests", "support", "blog", "schema.prisma")


class Stop(Exception):
    pass


@pytest.fixture
def db(database, way):
    with Accelerant(schema_path=SCHEMA_PATH, datasource_url=database.url(), clock="manual") as db:
        yield db


def name(db, user=1):
    return db.user.find_unique(where={"id": user})["name"]


def rename(db, name, user=1):
    return db.user.update(where={"id": user}, data={"name": name})


def test_a_block_commits_at_its_end(db):
    with db.transaction(isolation_level="Serializable", timeout_ms=60_000, max_wait_ms=60_000) as tx:
        assert rename(tx, "x")["name"] == "x" and tx.order_item.count() == 4 and tx.orderItem.count() == 4
        assert name(tx) == "x" and name(db) == "Alice"
        assert tx.execute_raw('UPDATE "User" SET name = $1 WHERE id = 2', "y") == 1
        assert tx.query_raw('SELECT name FROM "User" WHERE id = 2') == [{"name": "y"}]
        assert tx.request({"model": "User", "operation": "count"}) == 4
    assert (name(db), name(db, 2)) == ("x", "y")
    with pytest.raises(TransactionError) as error:
        tx.user.count()
    assert error.value.code == "P2028" and "committed" in str(error.value)


def test_one_transaction_is_one_block(db):
    """Whatever would be lost in silence is an error."""
    tx = db.transaction()
    for call in (tx.commit, tx.rollback, lambda: rename(tx, "early"), lambda: tx.savepoint("s").__enter__()):
        with pytest.raises(TransactionError, match="has not begun"):
            call()
    with tx:
        rename(tx, "x")
        with pytest.raises(TransactionError, match="used already"):
            with tx:
                rename(tx, "inner")
    assert name(db) == "x"
    with pytest.raises(TransactionError, match="used already"):
        with tx:
            rename(tx, "again")
    model = tx.user
    for call in (tx.commit, tx.rollback, lambda: rename(tx, "late"), lambda: model.count(), lambda: tx.invalidate_all(), lambda: tx.execute_raw("SELECT 1")):
        with pytest.raises(TransactionError, match="committed"):
            call()
    assert name(db) == "x"


def test_a_block_that_could_not_begin_is_not_run_as_another(db):
    tx = db.transaction(isolation_level="nonsense")
    for kind in (PrismaError, TransactionError):
        with pytest.raises(kind):
            with tx:
                rename(tx, "x")
    assert name(db) == "Alice"


def test_one_batch_is_one_block(db):
    batch = db.batch()
    with pytest.raises(TransactionError, match="in the block"):
        rename(batch, "early")
    with batch:
        rename(batch, "x")
        with pytest.raises(TransactionError, match="used already"):
            batch.__enter__()
    assert [row["name"] for row in batch.results] == ["x"]
    rename(db, "y")
    for call in (batch.__enter__, lambda: rename(batch, "late"), lambda: batch.execute_raw("SELECT 1")):
        with pytest.raises(TransactionError):
            call()
    assert name(db) == "y"
    with pytest.raises(Stop):
        with db.batch() as given_up:
            rename(given_up, "z")
            raise Stop
    assert given_up.results == [] and name(db) == "y"


def test_one_block_on_asyncio(database, way):
    async def work():
        async with AsyncAccelerant(schema_path=SCHEMA_PATH, datasource_url=database.url()) as db:
            tx = db.transaction()
            with pytest.raises(TransactionError, match="has not begun"):
                await tx.commit()
            async with tx:
                await tx.user.update(where={"id": 1}, data={"name": "x"})
                with pytest.raises(TransactionError, match="used already"):
                    await tx.__aenter__()
            with pytest.raises(TransactionError, match="used already"):
                async with tx:
                    await tx.user.update(where={"id": 1}, data={"name": "again"})
            with pytest.raises(TransactionError, match="committed"):
                await tx.user.update(where={"id": 1}, data={"name": "late"})
            batch = db.batch()
            with pytest.raises(TypeError, match="async with"):
                with batch:
                    pass
            with pytest.raises(TransactionError, match="in the block"):
                batch.user.count()
            async with batch:
                batch.user.update(where={"id": 2}, data={"name": "y"})
            with pytest.raises(TransactionError, match="used already"):
                async with batch:
                    pass
            with pytest.raises(TransactionError, match="in the block"):
                batch.user.count()
            return await db.user.find_many(where={"id": {"lt": 3}}, select={"name": True}, order_by={"id": "asc"}), batch.results[0]["name"]

    assert asyncio.run(work()) == ([{"name": "x"}, {"name": "y"}], "y")


def test_an_exception_rolls_back_and_goes_on(db):
    with pytest.raises(Stop):
        with db.transaction() as tx:
            rename(tx, "x")
            raise Stop
    with pytest.raises(UniqueViolationError):
        with db.transaction() as tx:
            rename(tx, "x")
            tx.user.create(data={"email": "bob@example.org"})
    assert name(db) == "Alice"


def test_it_may_be_ended_inside_the_block(db):
    for end in ("commit", "rollback"):
        with db.transaction() as tx:
            rename(tx, end)
            getattr(tx, end)()
        assert name(db) == "commit"


def test_one_that_has_expired_says_so(db):
    with pytest.raises(TransactionError) as error:
        with db.transaction(timeout_ms=1000) as tx:
            rename(tx, "x")
            db.clock.advance(1)
    assert "A commit cannot be executed on an expired transaction" in str(error.value) and name(db) == "Alice"


def test_savepoints(db):
    with db.transaction() as tx:
        with tx.savepoint("kept"):
            rename(tx, "kept")
        with pytest.raises(UniqueViolationError):
            with tx.savepoint("lost"):
                rename(tx, "lost", 2)
                tx.user.create(data={"email": "bob@example.org"})
        with tx.savepoint("again") as point:
            rename(tx, "lost", 2)
            point.rollback()
            rename(tx, "Daisy", 4)
    assert [name(db, user) for user in (1, 2, 4)] == ["kept", "Bob", "Daisy"]


def test_reads_and_invalidations_inside(db):
    strategy = {"ttl": 60, "tags": ["a"]}
    cached = db.user.with_accelerate_info()
    assert cached.count(cache_strategy=strategy).info.cache_status == "miss"
    with db.transaction() as tx:
        assert tx.user.with_accelerate_info().count(cache_strategy=strategy).info.cache_status == "none"
        tx.invalidate(tags=["a"])
        assert cached.count(cache_strategy=strategy).info.cache_status == "ttl"
    assert cached.count(cache_strategy=strategy).info.cache_status == "miss"
    with db.transaction() as tx:
        tx.invalidate_all()
    assert cached.count(cache_strategy=strategy).info.cache_status == "miss"


def test_what_has_not_begun_is_refused(db):
    tx = db.transaction()
    with pytest.raises(PrismaError):
        tx.user.count()
    with pytest.raises(AttributeError):
        tx.nothing


def test_a_batch(db):
    with db.batch(isolation_level="RepeatableRead") as batch:
        assert rename(batch, "x") is None
        batch.user.find_many(where={"id": 1}, select={"name": True})
        batch.order_item.find_first(order_by={"position": "asc"}, where={"orderId": 1}, select={"price": True})
        batch.query_raw("SELECT 1 AS one")
    assert batch.results[0]["name"] == "x" and batch.results[1] == [{"name": "x"}]
    assert str(batch.results[2]["price"]) == "1.50" and batch.results[3] == [{"one": 1}]
    with pytest.raises(UniqueViolationError):
        with db.batch() as batch:
            rename(batch, "y")
            batch.user.create(data={"email": "bob@example.org"})
    assert name(db) == "x" and batch.results == []
    with pytest.raises(Stop):
        with db.batch() as batch:
            rename(batch, "z")
            raise Stop
    assert name(db) == "x"


def test_awaited(database):
    async def work():
        async with AsyncAccelerant(schema_path=SCHEMA_PATH, datasource_url=database.url(connection_limit=2)) as db:
            async def add(n):
                async with db.transaction(timeout_ms=60_000, max_wait_ms=60_000) as tx:
                    await tx.user.create(data={"email": f"{n}@x"})
                    await asyncio.gather(*(tx.user.update(where={"email": f"{n}@x"}, data={"name": str(i)}) for i in range(3)))
                    with pytest.raises(UniqueViolationError):
                        async with tx.savepoint("s"):
                            await tx.user.create(data={"email": "bob@example.org"})
                    if n % 2:
                        raise Stop

            ends = await asyncio.gather(*(add(n) for n in range(10)), db.user.count(), return_exceptions=True)
            assert [type(end) for end in ends] == [type(None), Stop] * 5 + [int]
            async with db.batch() as batch:
                batch.user.count()
                batch.user.find_many(where={"name": "2"}, select={"email": True}, order_by={"email": "asc"})
            assert batch.results == [9, [{"email": f"{n}@x"} for n in range(0, 10, 2)]]
            async with db.transaction() as tx:
                assert await tx.execute_raw('DELETE FROM "User" WHERE id > 4') == 5
                assert await tx.query_raw('SELECT count(*)::int AS n FROM "User"') == [{"n": 4}]
                await tx.rollback()
            assert await db.user.count() == 9

    asyncio.run(asyncio.wait_for(work(), 60))


def test_a_cancelled_task_rolls_back(database):
    async def work():
        async with AsyncAccelerant(schema_path=SCHEMA_PATH, datasource_url=database.url()) as db:
            begun = asyncio.Event()

            async def forever():
                async with db.transaction(timeout_ms=60_000) as tx:
                    await rename(tx, "x")
                    begun.set()
                    await asyncio.sleep(60)

            task = asyncio.ensure_future(forever())
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (await rename(db, "free"))["name"] == "free"

    asyncio.run(asyncio.wait_for(work(), 60))
