"""Reports about statements that were prepared before a migration and run after it."""
import threading

import pytest
from report import report

USERS = """
enum Status {
  CUSTOMER
  ADMIN
}
model User {
  id     Int     @id
  name   String
  score  Float?  @db.Real
  status Status?
}
"""
STATUS = ['ALTER TYPE "Status" RENAME TO "Status_old"', "CREATE TYPE \"Status\" AS ENUM ('CUSTOMER', 'ADMIN', 'OWNER')",
          'ALTER TABLE "User" ALTER status TYPE "Status" USING status::text::"Status"', 'DROP TYPE "Status_old"']


def warm(play):
    """Everything that a client of a while ago has prepared, on its one session."""
    client = play.open(url={"connection_limit": 1})
    client.data({"model": "User", "operation": "createMany", "args": {"data": [{"id": 1, "name": "a", "score": 0.5, "status": "ADMIN"}]}})
    for _ in range(6):
        find(client)
        client.data({"model": "User", "operation": "update", "args": {"where": {"id": 1}, "data": {"name": "a", "status": "ADMIN", "score": 0.5}}})
        client.data({"model": "User", "operation": "findMany", "args": {"where": {"status": "ADMIN"}, "select": {"id": True}}})
        client.data({"operation": "$queryRaw", "args": {"query": 'SELECT * FROM "User" WHERE id = $1', "parameters": [1]}})
    return client


def find(client):
    return client.data({"model": "User", "operation": "findUnique", "args": {"where": {"id": 1}}})


@report("go-gorm/gorm#4588", "After a column was dropped, a prepared statement fails for ever.", first="right", models=USERS)
def test_a_dropped_and_made_again_column(play):
    client = warm(play)
    play.sql.execute('ALTER TABLE "User" DROP score, ADD score real DEFAULT 1.5')
    assert find(client)["score"] == 1.5


@report("SeaQL/sea-orm#1162", "After real became double precision, the program has to be started again.", first="right", models=USERS)
def test_a_wider_float(play):
    client = warm(play)
    play.sql.execute('ALTER TABLE "User" ALTER score TYPE double precision; UPDATE "User" SET score = 0.1')
    assert find(client)["score"] == 0.1


@report("npgsql/npgsql#4015", "A statement whose result has changed is not prepared again.", first="right", models=USERS)
@pytest.mark.parametrize("change", ["ALTER TABLE \"User\" ALTER name TYPE varchar(40)", 'ALTER TABLE "User" ADD extra int', "ALTER TABLE \"User\" ALTER id TYPE bigint"])
def test_raw_and_model_statements_go_on_after_a_change(play, change):
    client = warm(play)
    play.sql.execute(change)
    assert find(client)["name"] == "a"
    rows = client.data({"operation": "$queryRaw", "args": {"query": 'SELECT * FROM "User" WHERE id = $1', "parameters": [1]}})
    assert rows[0]["name"] == "a"


@report("elixir-ecto/ecto#1080", "Sessions that were open before a migration do not know a type that it made.", first="right", models=USERS)
def test_an_enum_that_prisma_migrate_replaces(play):
    client = warm(play)
    for statement in STATUS:
        play.sql.execute(statement)
    for _ in range(3):
        assert find(client)["status"] == "ADMIN"
        assert client.data({"model": "User", "operation": "findMany", "args": {"where": {"status": "ADMIN"}, "select": {"id": True}}}) == [{"id": 1}]
        client.data({"model": "User", "operation": "update", "args": {"where": {"id": 1}, "data": {"name": "a", "status": "ADMIN", "score": 0.5}}})


@report("sqlalchemy/sqlalchemy#6842", "An enum that is dropped and created again is missing in the cache of types.", first="right", models=USERS)
def test_an_enum_that_is_dropped_and_made_again(play):
    client = warm(play)
    play.sql.execute('ALTER TABLE "User" DROP status; DROP TYPE "Status"; CREATE TYPE "Status" AS ENUM (\'ADMIN\', \'CUSTOMER\');'
                     'ALTER TABLE "User" ADD status "Status" DEFAULT \'CUSTOMER\'')
    assert find(client)["status"] == "CUSTOMER"
    client.data({"model": "User", "operation": "update", "args": {"where": {"id": 1}, "data": {"name": "a", "status": "ADMIN", "score": 0.5}}})
    assert find(client)["status"] == "ADMIN"


@report("porsager/postgres#120", "Under load each session fails once after a migration.", first="right", models=USERS)
def test_no_session_of_a_pool_fails_after_a_migration(play):
    warm(play).close()
    client = play.open(url={"connection_limit": 4})
    errors, stop = [], threading.Event()

    def ask():
        while not stop.is_set():
            reply = client.query({"model": "User", "operation": "findUnique", "args": {"where": {"id": 1}}})
            if reply.error is not None:
                errors.append(reply)
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for width in range(50, 60):
        play.sql.execute(f'ALTER TABLE "User" ALTER name TYPE varchar({width})')
    stop.set()
    for thread in threads:
        thread.join()
    assert not errors, errors[0]


@report("flynn/flynn#2235", "A race between migrations and preparing statements leaves sessions that always fail.", first="right", models=USERS)
def test_a_transaction_sees_a_migration_and_the_next_one_works(play):
    client = warm(play)
    transaction = client.data({"operation": "$transaction.begin"})["id"]
    play.sql.execute('ALTER TABLE "User" ALTER name TYPE varchar(77)')
    client.query({"model": "User", "operation": "findUnique", "transaction": transaction, "args": {"where": {"id": 1}}})
    client.query({"operation": "$transaction.rollback", "transaction": transaction})
    assert find(client)["name"] == "a"
