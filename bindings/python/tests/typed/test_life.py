"""Clients that are registered, disconnected and connected again; batches and transactions, used as meant and otherwise."""
import datetime
import os
import warnings

import pytest
from accelerant import errors


def test_a_client_is_connected_again(package, url):
    client = package.Prisma(datasource={"url": url})
    with pytest.raises(errors.ClientNotConnectedError, match=r"connect\(\)"):
        client.user.count()
    for _ in range(3):
        client.connect()
        client.connect()
        assert client.is_connected() and client.user.count() == 0
        client.disconnect()
        client.disconnect()
        assert not client.is_connected()


def test_the_url_comes_from_the_environment_or_a_file(package, url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", url)
    with package.Prisma() as client:
        assert client.user.count() == 0
    monkeypatch.delenv("DATABASE_URL")
    (tmp_path / ".env").write_text(f'# ours\nexport DATABASE_URL="{url}" # here\nOTHER=\'x\'\n')
    with package.Prisma() as client:
        assert client.user.count() == 0 and os.environ["OTHER"] == "x"
    monkeypatch.delenv("DATABASE_URL")
    with pytest.raises(errors.InvalidDataSourceError):
        package.Prisma(use_dotenv=False).connect()


def test_a_database_that_is_not_there_is_a_connection_error(package):
    client = package.Prisma(datasource={"url": "postgresql://localhost:1/none"}, connect_timeout=datetime.timedelta(seconds=2))
    with pytest.raises(ConnectionError) as caught:
        client.connect()
    assert isinstance(caught.value, errors.DatabaseConnectionError) and not client.is_connected()


def test_the_errors_of_an_engine_can_be_caught(package):
    from shop_client.engine import errors as of_engine
    from shop_client.engine.errors import EngineConnectionError, NotConnectedError

    assert of_engine is errors and issubclass(NotConnectedError, errors.PrismaError)
    with pytest.raises(EngineConnectionError):
        package.Prisma(datasource={"url": "postgresql://localhost:1/none"}).connect()


def test_registered_clients(package, db):
    User = package.models.User
    with pytest.raises(errors.ClientNotRegisteredError):
        User.prisma()
    package.register(lambda: db)
    try:
        assert User.prisma().create({"name": "x"}).name == "x" and package.get_client() is db and db.is_registered()
        with pytest.raises(errors.ClientAlreadyRegisteredError):
            package.register(db)
    finally:
        package.__accelerant__._registered = None
    with pytest.raises(TypeError):
        package.register(1)


def test_helpers_of_tests(package, db):
    from shop_client._compat import model_dict, model_json, model_parse
    from shop_client.testing import reset_client, unregister_client

    with pytest.raises(errors.ClientNotRegisteredError):
        unregister_client()
    package.register(db)
    with reset_client(), pytest.raises(errors.ClientNotRegisteredError):
        package.get_client()
    assert package.get_client() is db
    unregister_client()
    user = db.user.create({"name": "x"})
    assert model_parse(package.models.User, model_dict(user)) == user and '"name":"x"' in model_json(user, exclude={"id"})


def test_a_batch_happens_altogether(db):
    with db.batch_() as batch:
        batch.user.create({"name": "a"})
        batch.user.update_many(data={"name": "b"}, where={"name": "a"})
        batch.execute_raw('UPDATE "User" SET points = $1', 1.5)
    assert [(user.name, user.points) for user in db.user.find_many()] == [("b", 1.5)]
    with pytest.raises(errors.TransactionError, match="has run already"):
        batch.user.create({"name": "late"})
    with pytest.raises(errors.UniqueViolationError), db.batch_() as batch:
        batch.user.create({"name": "c"})
        batch.user.create_many([{"name": "d", "email": "e"}, {"name": "d", "email": "e"}])
    with pytest.raises(ZeroDivisionError), db.batch_() as batch:
        batch.user.create({"name": "c"})
        raise ZeroDivisionError
    assert db.user.count() == 1
    by_hand = db.batch_()
    by_hand.commit()
    by_hand.user.create({"name": "c"})
    by_hand.commit()
    assert db.user.count() == 2


def test_a_batch_in_a_transaction_is_part_of_it(db):
    with db.tx() as tx:
        with tx.batch_() as batch:
            batch.user.create({"name": "a"})
        with pytest.raises(errors.UniqueViolationError), tx.batch_() as batch:
            batch.user.create({"name": "b"})
            batch.user.create_many([{"name": "d", "email": "e"}, {"name": "d", "email": "e"}])
        assert tx.user.count() == 1 and db.user.count() == 0
        # What cannot be sent is no error of the library's, and takes what went before it along.
        with pytest.raises(TypeError), tx.batch_() as batch:
            batch.user.create({"name": "f"})
            batch.user.create({"name": object()})
        assert tx.user.count() == 1
    assert db.user.count() == 1


def test_transactions(db, package):
    with db.tx() as tx:
        assert tx.is_transaction() and not db.is_transaction() and tx.is_connected()
        tx.user.create({"name": "a"})
        assert package.models.User.prisma(tx).count() == 1 and package.models.User.prisma(db).count() == 0
    with pytest.raises(ZeroDivisionError), db.tx() as tx:
        tx.user.create({"name": "b"})
        raise ZeroDivisionError
    assert db.user.count() == 1
    with pytest.raises(errors.TransactionExpiredError):
        tx.user.count()


def test_transactions_by_hand_and_misused(db):
    manager = db.tx()
    with pytest.raises(errors.TransactionNotStartedError):
        manager.commit()
    with pytest.raises(errors.TransactionNotStartedError):
        manager.rollback()
    tx = manager.start()
    tx.user.create({"name": "a"})
    manager.rollback()
    assert db.user.count() == 0
    with pytest.raises(errors.TransactionError, match="has ended already"):
        manager.commit()
    with pytest.raises(errors.TransactionError, match="started already"):
        manager.start()


def test_a_transaction_expires(db):
    with pytest.raises(errors.TransactionExpiredError), db.tx(timeout=datetime.timedelta(seconds=5)) as tx:
        tx.user.create({"name": "a"})
        db.advance_clock(datetime.timedelta(seconds=6))
        tx.user.count()
    assert db.user.count() == 0


def test_what_was_allowed_once_is_warned_about(db):
    with pytest.warns(DeprecationWarning, match="`timeout`"):
        db.tx(timeout=1000)
    with db.tx() as tx, pytest.warns(UserWarning, match="already in a transaction"), tx.tx() as inner:
        assert inner.user.count() == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with db.tx():
            pass


def test_the_log_and_the_metrics(package, url):
    with package.Prisma(datasource={"url": url}, log_queries=True) as client:
        client.user.count()
        events = client.take_log().events
        assert any("SELECT" in event["query"] for event in events)
        metrics = client.get_metrics()
        assert {metric.key for metric in metrics.counters} >= {"prisma_client_queries_total"} and metrics.histograms[0].value.buckets
        assert 'prisma_client_queries_total{app="x"}' in client.get_metrics("prometheus", global_labels={"app": "x"})
