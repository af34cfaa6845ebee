"""Who writes: other programs that triggers tell of, transactions, and several processes at once whose readers must see no old answer."""
import json
import mmap
import os
import struct
import subprocess
import sys
import time

from listening import Hearer
from scene import SCHEMA
from transacting import Transaction, rename
from waiting import eventually

AUTOMATIC = {"ttl": 600, "auto": True}


def listening(fleet):
    """A process that hears of other programs' writes."""
    member = fleet.open(cache={"listen": True})
    assert member.client.query({"operation": "$connect"}).status == "OK"
    eventually(lambda: member.metric("accelerant_listener_trusted") == 1, "the listener to be trusted")
    return member


def test_what_other_programs_write_leaves_the_tier_and_all_own_caches(fleet):
    with Hearer(fleet.database.url(), schema=SCHEMA) as owner:
        owner.install()
    hearer, reader, silent = listening(fleet), fleet.open(), fleet.open({"listen": False})
    eventually(lambda: reader.find(AUTOMATIC, orderBy={"id": "asc"}).cache == "ttl", "the answer to be kept")
    eventually(lambda: silent.find(AUTOMATIC, orderBy={"id": "asc"}).cache == "ttl", "the answer to be in the tier")
    fleet.database.sql.execute("UPDATE \"User\" SET name = 'Elsewhere' WHERE id = 1")
    # The reader hears of it through the tier: it does not listen to PostgreSQL.
    eventually(lambda: reader.names(AUTOMATIC)[0] == "Elsewhere", "the message to arrive")
    assert hearer.names(AUTOMATIC)[0] == "Elsewhere"
    assert fleet.open({"listen": False}).names(AUTOMATIC)[0] == "Elsewhere"
    assert silent.names(AUTOMATIC)[0] != "Elsewhere", "it listens to nobody, and has an own cache"


def test_tags_that_are_told_by_postgresql_leave_the_tier(fleet):
    """A process without a tier invalidates; one with both passes it on."""
    users = {"ttl": 600, "tags": ["users"]}
    hearer = listening(fleet)
    hearer.find(users)
    hearer.await_stored()
    with Hearer(fleet.database.url(), schema=SCHEMA) as other:
        fleet.database.sql.execute("UPDATE \"User\" SET name = 'Elsewhere' WHERE id = 1")
        other.client.data({"operation": "$accelerate.invalidate", "args": {"tags": ["users"]}})
    eventually(lambda: "Elsewhere" in fleet.open({"listen": False}).find(users).text.decode(), "the tag to leave the tier")


def test_a_transaction_takes_effect_in_the_tier_when_it_is_committed(fleet):
    writer, reader = fleet.open({"listen": False}), fleet.open({"listen": False})
    transaction = Transaction(writer.client)
    rename(transaction, "Inside")
    inside = transaction.query("findMany", orderBy={"id": "asc"}, cacheStrategy=AUTOMATIC)
    assert inside.data[0]["name"] == "Inside" and inside.cache not in ("ttl", "swr")
    assert reader.names(AUTOMATIC)[0] != "Inside"
    reader.await_stored()
    assert transaction.commit().number == 0
    assert fleet.open({"listen": False}).names(AUTOMATIC)[0] == "Inside"
    second = Transaction(writer.client)
    rename(second, "Rolled back")
    second.rollback()
    assert fleet.open({"listen": False}).names(AUTOMATIC)[0] == "Inside"


def test_processes_see_nothing_older_than_what_was_acknowledged(fleet, tmp_path):
    """Readers keep nothing of their own, so every read goes through the tier, while Redis is frozen, flushed, killed and started."""
    fleet.database.sql.execute("UPDATE \"User\" SET name = '0'")
    configuration = {
        "schema": SCHEMA, "datasourceUrl": fleet.database.url(connection_limit=2),
        "cache": {"maxBytes": 0, "tier": {"url": fleet.redis.url(), "timeoutMs": 50}}}
    numbers = tmp_path / "acknowledged"
    numbers.write_bytes(bytes(32))
    program = os.path.join(os.path.dirname(__file__), "reading.py")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    readers = [subprocess.Popen(
        [sys.executable, program, json.dumps(configuration), str(numbers), "6"], env=environment, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE) for _ in range(3)]
    writer = fleet.open({"timeoutMs": 50})
    faults = [fleet.redis.freeze, fleet.redis.thaw, lambda: fleet.redis.call("FLUSHALL"), fleet.redis.kill, fleet.redis.start]
    next_fault, number, confirmed = time.monotonic() + 2, 0, 0
    with open(numbers, "r+b") as file, mmap.mmap(file.fileno(), 0) as acknowledged:
        while any(reader.poll() is None for reader in readers):
            number += 1
            user = 1 + number % 3
            fleet.database.sql.execute(f"UPDATE \"User\" SET name = '{number}' WHERE id = {user}")
            if writer.invalidate(f"u{user}").status == "OK":
                struct.pack_into("q", acknowledged, 8 * user, number)
                confirmed += 1
            time.sleep(0.002)
            if faults and time.monotonic() > next_fault:
                faults.pop(0)()
                next_fault += 0.7
    outcomes = [reader.communicate() for reader in readers]
    assert [reader.returncode for reader in readers] == [0] * 3, [errors for _, errors in outcomes]
    answered = sum(int(output.split()[1]) for output, _ in outcomes)
    assert confirmed and answered and not faults, (confirmed, outcomes)
