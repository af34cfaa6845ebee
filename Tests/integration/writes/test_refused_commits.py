"""Writes that the server takes and refuses to commit: what is told is what psql sees, whatever the write, and wherever the refusal comes."""
import threading

import pytest
from capi import Client
from proxy import RefusingProxy
from transacting import Transaction

SCHEMA = """
datasource db { provider = "postgresql" }
model Team {
  id      Int      @id
  name    String
  players Player[]
}
model Player {
  id     Int     @id @default(autoincrement())
  name   String
  rank   Int?    @unique
  teamId Int?
  team   Team?   @relation(fields: [teamId], references: [id], onDelete: NoAction, onUpdate: NoAction)
}
"""
#: All of it is looked at when a transaction is committed, and not before.
TABLES = """
CREATE TABLE "Team" (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE "Player" (
    id serial PRIMARY KEY, name text NOT NULL, rank int, "teamId" int,
    CONSTRAINT player_rank UNIQUE (rank) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT player_team FOREIGN KEY ("teamId") REFERENCES "Team" DEFERRABLE INITIALLY DEFERRED);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.name LIKE 'refuse %' THEN
        RAISE EXCEPTION 'refused' USING ERRCODE = substr(NEW.name, 8), CONSTRAINT = 'refuse';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT OR UPDATE ON "Player" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
INSERT INTO "Team" VALUES (1, 'one'), (2, 'two');
INSERT INTO "Player" (id, name, rank, "teamId") VALUES (1, 'Ann', 1, 1), (2, 'Bob', 2, 1), (3, 'Cid', 3, 2);
SELECT setval('"Player_id_seq"', 100);
"""
#: What a player is given so that its commit is refused, and what is told: the code of a model's write, and the server's in raw SQL.
REFUSALS = {
    "a foreign key": ({"teamId": 99}, "P2003", "23503"),
    "a unique constraint": ({"rank": 3}, "P2002", "23505"),
    "a trigger": ({"name": "refuse 23514"}, "P2004", "23514"),
    "a conflict": ({"name": "refuse 40001"}, "P2034", "40001"),
}
FINE = {"name": "Eve"}


@pytest.fixture
def open_client(database):
    database.sql.execute(TABLES)
    made = []

    def open(*, options="", **parameters):
        if options:
            parameters["options"] = options
        made.append(Client({"schema": SCHEMA, "datasourceUrl": database.url(connection_limit=1, **parameters)}))
        return made[-1]

    yield open
    for client in made:
        client.close()


@pytest.fixture(params=["", "pgbouncer"])
def client(request, open_client):
    return open_client(**({"pgbouncer": "true"} if request.param else {}))


@pytest.fixture
def stored(database):
    """What somebody else sees."""
    return lambda: database.sql.execute('SELECT id, name, rank, "teamId" FROM "Player" UNION ALL SELECT id, name, NULL, NULL FROM "Team" ORDER BY 1, 2')


def player(operation, **args):
    return {"model": "Player", "operation": operation, "args": args}


def team(operation, **args):
    return {"model": "Team", "operation": operation, "args": args}


def raw(operation, query, *parameters):
    return {"operation": operation, "args": {"query": query, "parameters": list(parameters)}}


def raw_update(operation, change, returning=""):
    """The change in SQL of the caller's own, its values as parameters."""
    named = ", ".join(f'"{column}" = ${number}' for number, column in enumerate(change, 1))
    return raw(operation, f'UPDATE "Player" SET {named} WHERE id = 1{returning}', *change.values())


#: Every kind of write that can give player 1, or a new one, these values.
WRITES = {
    "create": lambda change: player("create", data={"name": "New", **change}),
    "create with select": lambda change: player("create", data={"name": "New", **change}, select={"id": True}),
    "createMany": lambda change: player("createMany", data=[{"name": "Some"}, {"name": "New", **change}]),
    "createManyAndReturn": lambda change: player("createManyAndReturn", data=[{"name": "Some"}, {"name": "New", **change}]),
    "update": lambda change: player("update", where={"id": 1}, data=change),
    "update with include": lambda change: player("update", where={"id": 1}, data=change, include={"team": True}),
    "updateMany": lambda change: player("updateMany", where={"id": 1}, data=change),
    "updateManyAndReturn": lambda change: player("updateManyAndReturn", where={"id": 1}, data=change),
    "upsert of none": lambda change: player("upsert", where={"id": 50}, create={"id": 50, "name": "New", **change}, update=change),
    "upsert of one": lambda change: player("upsert", where={"id": 1}, create={"id": 1, "name": "New"}, update=change),
    "nested create": lambda change: team("update", where={"id": 2}, data={"players": {"create": {"name": "New", **change}}}),
    "nested update": lambda change: team("update", where={"id": 1}, data={"players": {"update": {"where": {"id": 1}, "data": change}}}),
    "nested updateMany": lambda change: team("update", where={"id": 1}, data={"players": {"updateMany": {"where": {"id": 1}, "data": change}}}),
    "$executeRaw": lambda change: raw_update("$executeRaw", change),
    "$queryRaw": lambda change: raw_update("$queryRaw", change, " RETURNING id"),
}


def cases(write):
    """The changes whose commit is refused, with the code that is told of them and the server's."""
    for name, (change, code, state) in REFUSALS.items():
        # The key of the team above is no value of a nested write.
        if "teamId" not in change or not write.startswith("nested"):
            yield name, WRITES[write](change), code, state


def refused(reply, code):
    assert reply.code == code and reply.status != "OUTCOME_UNKNOWN" and reply.number < 0, reply
    return reply


@pytest.mark.parametrize("write", WRITES)
def test_a_refused_commit_is_told_and_changes_nothing(client, stored, write):
    before = stored()
    for attempt in ("not prepared", "prepared", "prepared, after one that was done"):
        for name, request, code, state in cases(write):
            if write.startswith("$") and code != "P2034":
                assert refused(client.query(request), "P2010").error["meta"]["code"] == state, (attempt, name)
            else:
                refused(client.query(request), code)
            assert stored() == before, (attempt, name)
        if attempt == "prepared":
            reply = client.query(WRITES[write](FINE))
            assert reply.number == 0, reply
            assert stored() != before
            before = stored()


@pytest.mark.parametrize("write", WRITES)
def test_a_refused_commit_of_a_list_undoes_all_of_it(client, stored, write):
    before = stored()
    other = player("update", where={"id": 2}, data={"name": "Other"})
    read = player("findMany", where={"id": 1})
    for name, request, code, _ in cases(write):
        for place in range(3):
            requests = [other, read]
            requests.insert(place, request)
            for isolation in ({}, {"isolationLevel": "Serializable"}):
                refused(client.query({"operation": "$transaction", "args": {"requests": requests, **isolation}}), code)
                assert stored() == before, (name, place)
    reply = client.query({"operation": "$transaction", "args": {"requests": [WRITES[write](FINE), other]}})
    assert reply.number == 0, reply
    assert stored() != before


@pytest.mark.parametrize("write", WRITES)
def test_a_refused_commit_of_an_interactive_transaction_is_told(client, stored, write):
    before = stored()
    for _ in range(2):
        for name, request, code, _ in cases(write):
            transaction = Transaction(client)
            reply = client.query({**request, "transaction": transaction.id})
            assert reply.number == 0, reply
            refused(transaction.commit(), code)
            assert stored() == before, name
    transaction = Transaction(client)
    assert client.query({**WRITES[write](FINE), "transaction": transaction.id}).number == 0
    assert transaction.commit().number == 0
    assert stored() != before


#: What takes away a team that has players.
DELETIONS = {
    "delete": team("delete", where={"id": 1}),
    "delete with include": team("delete", where={"id": 1}, include={"players": True}),
    "deleteMany": team("deleteMany", where={"id": 1}),
    "$executeRaw": raw("$executeRaw", 'DELETE FROM "Team" WHERE id = $1', 1),
    "$queryRaw": raw("$queryRaw", 'DELETE FROM "Team" WHERE id = $1 RETURNING id', 1),
}


@pytest.mark.parametrize("deletion", DELETIONS)
def test_a_refused_deletion_is_told_and_changes_nothing(client, stored, deletion):
    before = stored()
    request = DELETIONS[deletion]
    code = "P2010" if deletion.startswith("$") else "P2003"
    for _ in range(3):
        assert client.query(request).code == code
        assert client.query({"operation": "$transaction", "args": {"requests": [request]}}).code == "P2003"
        transaction = Transaction(client)
        assert client.query({**request, "transaction": transaction.id}).number == 0
        assert transaction.commit().code == "P2003"
        assert stored() == before
    client.data(player("updateMany", where={"teamId": 1}, data={"teamId": 2}))
    assert client.query(request).number == 0
    assert ["1", "one", "", ""] not in stored()


@pytest.mark.parametrize("operation", ["$executeRaw", "$queryRaw"])
def test_what_is_told_as_done_among_conflicts_is_done(open_client, database, operation):
    """Each adds one to a row that depends on the other row; a server that is serializable by default refuses some at their commit."""
    database.sql.execute("CREATE TABLE counter (id int PRIMARY KEY, n int NOT NULL); INSERT INTO counter VALUES (1, 0), (2, 0)")
    done, told = [0] * 4, set()

    def work(number):
        client = open_client(options="-c default_transaction_isolation=serializable")
        mine, other = number % 2 + 1, 2 - number % 2
        statement = f"UPDATE counter SET n = n + 1 + 0 * (SELECT n FROM counter WHERE id = {other}) WHERE id = {mine} RETURNING n"
        for _ in range(400):
            reply = client.query(raw(operation, statement))
            if reply.number == 0:
                done[number] += 1
            else:
                told.add(reply.code)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == {"P2034"}, told
    assert int(database.sql.value("SELECT sum(n) FROM counter")) == sum(done)


def test_a_refused_write_behind_forgotten_statements_is_told_once(open_client, stored, database):
    """What is prepared and no longer wanted is deallocated on the way; that the server knows it no more is no error of the write."""
    client = open_client(statement_cache_size=1)
    for number in range(12):
        client.data(raw("$queryRaw", f"SELECT {number} AS n"))
    client.data(raw("$executeRaw", "DEALLOCATE ALL"))
    for number in range(3):
        reply = client.query(player("create", data={"name": f"New {number}"}))
        assert reply.number == 0, reply
    assert database.sql.value("SELECT count(*) FROM \"Player\" WHERE name LIKE 'New%'") == "3"


def test_an_invalidation_that_cannot_be_told_to_others_says_so(server, database):
    """A full queue of notifications shows when the notification is committed."""
    with RefusingProxy(server.socket) as proxy:
        database.sql.execute(TABLES)
        url = proxy.url(database, connection_limit=1)
        client = Client({"schema": SCHEMA, "datasourceUrl": url, "cache": {"listen": True}})
        invalidation = {"operation": "$accelerate.invalidate", "args": {"tags": ["a"]}}
        assert client.query(invalidation).number == 0
        proxy.words = ("pg_notify", "54000")
        for _ in range(2):
            reply = client.query(invalidation)
            assert reply.status == "DATABASE" and reply.error["meta"]["code"] == "54000", reply
        # Why not two: what the listener says is refused as well.
        assert proxy.refusals >= 2
        client.close()
