"""When a snapshot is written, and what is left of a former one where that fails."""
import fcntl
import os
import threading

import pytest
from fleet import Member
from snapshot_place import Place
from waiting import Call, eventually

USERS = {"ttl": 60, "swr": 60, "tags": ["users"]}


@pytest.fixture
def place(database, tmp_path):
    return Place(database, tmp_path / "cache.snapshot")


def advance(client, seconds):
    client.data({"operation": "$clock.advance", "args": {"milliseconds": seconds * 1000}})


def await_writes(member, count):
    eventually(lambda: member.metric("accelerant_snapshot_writes_total") == count, f"{count} snapshots to be written")


def test_it_is_written_every_few_minutes_of_the_clients_own_clock(place):
    with place.open({"snapshotMinutes": 5}, clock="manual").client as client:
        member = Member(client)
        member.find({**USERS, "ttl": 3000})
        advance(client, 299)
        assert not os.path.exists(place.path)
        advance(client, 1)
        await_writes(member, 1)
        first = place.bytes
        advance(client, 299)
        member.invalidate("users")
        assert place.bytes == first
        advance(client, 1)
        await_writes(member, 2)
        assert len(place.bytes) < len(first), "what was invalidated is not in it"


def test_a_last_write_that_fails_leaves_no_former_file(place):
    """What was invalidated since that was written would be served again: nothing else would tell."""
    place.fill(clock="manual")
    client = place.open({"snapshotMinutes": 1}, clock="manual", log=["warn"]).client
    member = Member(client)
    os.mkdir(place.path + ".part")
    advance(client, 60)
    eventually(lambda: member.metric("accelerant_snapshot_failures_total") == 1, "a write to fail")
    assert os.path.exists(place.path), "the process goes on, and may write a later one"
    member.invalidate("users")
    client.close()
    assert not os.path.exists(place.path)


def test_a_file_that_another_process_is_writing_is_left_to_it(place):
    place.fill()
    content = place.bytes
    with open(place.path + ".part", "wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        client = place.open().client
        Member(client).find(USERS)
        client.close()
        assert place.bytes == content


def test_clients_of_one_name_that_open_and_close_at_once_never_find_what_was_invalidated(place):
    """Each opens, invalidates or asks, and closes: a file that was read before another one's was written is not used."""
    place.fill()
    changes, lock, failures = [0], threading.Lock(), []

    def work(number):
        for _ in range(6):
            with place.open({"name": "shop"}).client as client:
                member = Member(client)
                with lock:
                    changes[0] += 1
                    place.database.sql.execute(f"UPDATE \"User\" SET name = 'Change {changes[0]}' WHERE id = 1")
                    assert member.invalidate("users").status == "OK"
                    text = member.find(USERS).text.decode()
                    if f'"Change {changes[0]}"' not in text:
                        failures.append((number, changes[0], text[:200]))
            with place.open({"name": "shop"}).client as client, lock:
                text = Member(client).find(USERS).text.decode()
                if f'"Change {changes[0]}"' not in text:
                    failures.append((number, changes[0], text[:200]))

    calls = [Call(work, number) for number in range(4)]
    for call in calls:
        call.result(120)
    assert failures == []
    with place.open().client as client:
        assert f'"Change {changes[0]}"' in Member(client).find(USERS).text.decode()
        assert Member(client).metric("accelerant_snapshot_restored_total") == 1
