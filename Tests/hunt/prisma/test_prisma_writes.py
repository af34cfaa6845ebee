"""Reports about nested writes and upserts of Prisma."""
import threading

from report import Refusal, report

PORTS = """
model Station {
  id    Int    @id @default(autoincrement())
  ports Port[]
}
model Port {
  id        Int     @id @default(autoincrement())
  index     Int
  stationId Int
  station   Station @relation(fields: [stationId], references: [id])
  sensor    Sensor?
  @@unique([stationId, index])
}
model Sensor {
  id     Int    @id @default(autoincrement())
  sn     String @unique
  reads  Int    @default(0)
  portId Int?   @unique
  port   Port?  @relation(fields: [portId], references: [id])
}
"""


def sensors(play):
    return [(row["sn"], row["portId"]) for row in play("Sensor.findMany", orderBy={"id": "asc"})]


@report("prisma/prisma1#1579", "Nested writes inside an upsert are left out without an error.", first="right", models=PORTS)
def test_nested_writes_of_both_sides_of_an_upsert_happen(play):
    for _ in range(2):
        play("Station.upsert", where={"id": 1}, create={"id": 1, "ports": {"create": [{"index": 1}]}},
             update={"ports": {"create": [{"index": 2, "sensor": {"create": {"sn": "a"}}}]}})
    found = play("Station.findUnique", where={"id": 1}, select={"ports": {"select": {"index": True, "sensor": {"select": {"sn": True}}}, "orderBy": {"index": "asc"}}})
    assert found == {"ports": [{"index": 1, "sensor": None}, {"index": 2, "sensor": {"sn": "a"}}]}


@report("prisma/orm#3612", "connectOrCreate inside the create of an upsert fails.", first="right", models=PORTS)
def test_connect_or_create_inside_the_create_of_an_upsert(play):
    play("Port.upsert", where={"stationId_index": {"stationId": 1, "index": 5}},
         create={"index": 5, "station": {"connectOrCreate": {"where": {"id": 1}, "create": {"id": 1}}},
                 "sensor": {"connectOrCreate": {"where": {"sn": "x"}, "create": {"sn": "x"}}}}, update={"index": 6})
    assert play("Port.findMany", select={"index": True, "stationId": True}) == [{"index": 5, "stationId": 1}]
    assert sensors(play)[0][0] == "x" and sensors(play)[0][1] is not None


@report("prisma/orm#16090", "connectOrCreate inside the update of an upsert fails for a record that exists.", first="right", models=PORTS)
def test_connect_or_create_inside_the_update_of_an_upsert(play):
    play("Sensor.create", data={"sn": "s"})
    play("Station.create", data={"id": 1, "ports": {"create": [{"id": 7, "index": 0}]}})
    play("Station.update", where={"id": 1}, data={"ports": {"upsert": [{
        "where": {"stationId_index": {"stationId": 1, "index": 0}}, "create": {"index": 0},
        "update": {"sensor": {"connectOrCreate": {"where": {"sn": "s"}, "create": {"sn": "s"}}}}}]}})
    assert sensors(play) == [("s", 7)]


@report("prisma/orm#12240", "connectOrCreate of a one-to-one relation creates a second record beside the connected one.", first="right", models=PORTS)
def test_connect_or_create_leaves_what_is_connected_already(play):
    play("Station.create", data={"id": 1, "ports": {"create": [{"id": 7, "index": 0, "sensor": {"create": {"sn": "s"}}}]}})
    for _ in range(2):
        play("Port.update", where={"id": 7}, data={"sensor": {"connectOrCreate": {"where": {"sn": "s"}, "create": {"sn": "s"}}}})
    assert sensors(play) == [("s", 7)]


@report("prisma/orm#11731", "connectOrCreate by the key of the relation itself disconnects the record and creates another.", first="right", models=PORTS)
def test_connect_or_create_by_the_foreign_key_finds_the_connected_record(play):
    play("Station.create", data={"id": 1, "ports": {"create": [{"id": 7, "index": 0, "sensor": {"create": {"sn": "first"}}}]}})
    play("Port.update", where={"id": 7}, data={"index": 1, "sensor": {"connectOrCreate": {"where": {"portId": 7}, "create": {"sn": "second"}}}})
    assert sensors(play) == [("first", 7)]


@report("prisma/orm#29479", "A nested upsert of an existing one-to-one record is reported as not found.", first="right", models=PORTS)
def test_a_nested_upsert_updates_or_creates_the_single_record(play):
    play("Station.create", data={"id": 1, "ports": {"create": [{"id": 7, "index": 0}]}})
    for reads in (1, 2):
        play("Port.update", where={"id": 7}, data={"sensor": {"upsert": {"create": {"sn": "s", "reads": 1}, "update": {"reads": {"increment": 1}}}}})
        assert play("Sensor.findMany", select={"reads": True}) == [{"reads": reads}]


@report("prisma/orm#16636", "A nested create below an upsert asks for the foreign key that it should set itself.", first="right", models=PORTS)
def test_a_nested_create_below_an_upsert_sets_the_key_itself(play):
    play("Station.upsert", where={"id": 3}, create={"ports": {"create": {"index": 1}}}, update={})
    assert play("Port.findFirst", select={"index": True, "station": {"select": {"ports": {"select": {"index": True}}}}}) == {
        "index": 1, "station": {"ports": [{"index": 1}]}}


@report("prisma/orm#5100", "connectOrCreate takes one record only.", first="right", models=PORTS)
def test_connect_or_create_takes_a_list_with_repeats(play):
    play("Station.create", data={"id": 1, "ports": {"create": [{"index": 0}]}})
    each = [{"where": {"stationId_index": {"stationId": 1, "index": n}}, "create": {"index": n}} for n in (0, 1, 2, 1)]
    play("Station.update", where={"id": 1}, data={"ports": {"connectOrCreate": each}})
    assert [port["index"] for port in play("Port.findMany", orderBy={"index": "asc"})] == [0, 1, 2]


@report("prisma/orm#3242", "Upserts at the same time fail with a unique constraint, or make two records.", first="right", models=PORTS)
def test_upserts_at_the_same_time_make_one_record_and_lose_nothing(play):
    client = play.client
    request = {"model": "Sensor", "operation": "upsert", "args": {
        "where": {"sn": "one"}, "create": {"sn": "one", "reads": 1}, "update": {"reads": {"increment": 1}}}}
    replies = []
    threads = [threading.Thread(target=lambda: replies.append(client.query(request))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = sum(reply.error is None for reply in replies)
    assert all(reply.error is None or reply.code in ("P2002", "P2034") for reply in replies)
    assert play("Sensor.findMany", select={"reads": True}) == [{"reads": done}]


@report("prisma/orm#9678", "deleteMany and createMany of one transaction conflict over their rows.", first="right", models=PORTS)
def test_rows_are_replaced_within_one_transaction(play):
    play("Sensor.createMany", data=[{"sn": "a"}, {"sn": "b"}])
    for names in ("bc", "cd"):
        play("$transaction", requests=[
            {"model": "Sensor", "operation": "deleteMany", "args": {}},
            {"model": "Sensor", "operation": "createMany", "args": {"data": [{"sn": name} for name in names]}}])
        assert [name for name, _ in sensors(play)] == list(names)
    try:
        play("$transaction", requests=[
            {"model": "Sensor", "operation": "deleteMany", "args": {}},
            {"model": "Sensor", "operation": "createMany", "args": {"data": [{"sn": "x"}, {"sn": "x"}]}}])
        raise AssertionError("two equal keys")
    except Refusal as refusal:
        assert refusal.code == "P2002" and refusal.meta.get("requestIndex") == 1
    assert [name for name, _ in sensors(play)] == ["c", "d"]
