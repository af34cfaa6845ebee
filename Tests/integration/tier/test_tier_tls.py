"""`rediss://`: the connection is encrypted, and the server has to be the one that its certificate names."""
import ctypes
import os
import shutil
import socket
import threading

import pytest
from capi import Client, OpenError
from scene import SCHEMA
from waiting import eventually

USERS = {"ttl": 60, "tags": ["users"]}

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed: certificates cannot be made")


def test_answers_are_shared_over_tls(encrypted, certificates):
    fleet = encrypted()
    url = f"{fleet.tls}?sslrootcert={certificates.authority}"
    first, second = fleet.open(url=url), fleet.open(url=url)
    fleet.require_sharing(first, second)
    assert first.client.data({"operation": "$connect"}) is None


def test_a_large_answer_goes_through_in_many_records(encrypted, certificates):
    fleet = encrypted()
    fleet.database.sql.execute("UPDATE \"User\" SET name = repeat('x', 700000) WHERE id = 1")
    url = f"{fleet.tls}?sslrootcert={certificates.authority}"
    first, second = (fleet.open({"listen": False}, url=url) for _ in range(2))
    answer = first.find(USERS).text
    first.await_stored()
    reply = second.find(USERS)
    assert reply.cache == "ttl" and reply.text == answer


def refusal(fleet, url):
    """What $connect says; requests go on without the tier."""
    member = fleet.open({"timeoutMs": 200}, url=url, wait=False)
    # Why again: on a busy machine the first attempt may be out of time, which is no refusal.
    eventually(lambda: member.client.query({"operation": "$connect"}).code == "P6001", "the refusal")
    reply = member.client.query({"operation": "$connect"})
    assert member.find(USERS).cache == "miss"
    assert member.metric("accelerant_tier_trusted") == 0
    return reply.error["message"]


def test_a_certificate_of_an_unknown_authority_is_refused(encrypted, certificates):
    fleet = encrypted()
    assert "certificate is not accepted" in refusal(fleet, fleet.tls), "by the system's authorities"
    assert "certificate is not accepted" in refusal(fleet, f"{fleet.tls}?sslrootcert={certificates.path('stranger.crt')}")


def test_a_certificate_of_another_host_is_refused(encrypted, certificates):
    fleet = encrypted("elsewhere")
    assert "mismatch" in refusal(fleet, f"{fleet.tls}?sslrootcert={certificates.authority}")


def test_a_host_name_is_verified_as_one(encrypted, certificates):
    certificates.make("named", "subjectAltName=DNS:localhost")
    fleet = encrypted("named")
    named = fleet.tls.replace("127.0.0.1", "localhost")
    fleet.open(url=f"{named}?sslrootcert={certificates.authority}")
    assert "mismatch" in refusal(fleet, f"{fleet.tls}?sslrootcert={certificates.authority}")


def test_a_client_shows_its_certificate(encrypted, certificates):
    fleet = encrypted(tls_auth_clients="yes")
    root = f"{fleet.tls}?sslrootcert={certificates.authority}"
    member = fleet.open(url=f"{root}&sslcert={certificates.path('client.crt')}&sslkey={certificates.path('client.key')}")
    member.find(USERS)
    member.await_stored()
    assert "wants a certificate" in refusal(fleet, root)


@pytest.mark.parametrize("protocol", ["TLSv1.2", "TLSv1.3"])
def test_a_certificate_of_the_client_that_the_server_refuses_is_told(encrypted, certificates, protocol):
    fleet = encrypted(tls_auth_clients="yes", tls_protocols=protocol)
    root = f"{fleet.tls}?sslrootcert={certificates.authority}"
    words = refusal(fleet, f"{root}&sslcert={certificates.path('stranger.crt')}&sslkey={certificates.path('stranger.key')}")
    assert "refuses the certificate of `sslcert`" in words
    assert "certificate" in refusal(fleet, root)


def test_files_that_cannot_be_used_are_named(encrypted, certificates):
    fleet = encrypted()
    assert "`sslrootcert`" in refusal(fleet, f"{fleet.tls}?sslrootcert=/nowhere")
    root = f"{fleet.tls}?sslrootcert={certificates.authority}"
    assert "`sslcert`" in refusal(fleet, f"{root}&sslcert=/nowhere&sslkey=/nowhere")
    other = f"{root}&sslcert={certificates.path('client.crt')}&sslkey={certificates.path('server.key')}"
    assert "`sslkey`" in refusal(fleet, other)


def reason(member):
    """Why the tier is not used: the metric's label."""
    [gauge] = [gauge for gauge in member.client.data({"operation": "$metrics"})["gauges"] if gauge["key"] == "accelerant_tier_fault"]
    return gauge["labels"]["reason"]


def reasons(member):
    """The same, and the log."""
    eventually(lambda: member.metric("accelerant_tier_fault") == 1, "the tier to fail")
    events = member.client.data({"operation": "$log.take"})["events"]
    return reason(member), " ".join(event["message"] for event in events if event["target"] == "tier")


def test_a_server_without_tls_is_told_as_probable(make_fleet):
    fleet = make_fleet()
    member = fleet.open({"timeoutMs": 50}, url=f"rediss://127.0.0.1:{fleet.redis.port}", wait=False, log=["warn"])
    assert member.find(USERS).cache == "miss"
    label, log = reasons(member)
    assert "a port without TLS does not answer either" in label and label in log
    assert member.metric("accelerant_tier_trusted") == 0


def test_a_server_that_wants_tls_is_told_as_probable(encrypted):
    fleet = encrypted()
    member = fleet.open(url=fleet.tls.replace("rediss", "redis"), wait=False, log=["warn"])
    assert member.find(USERS).cache == "miss"
    label, log = reasons(member)
    assert "rediss://" in label and label in log
    text = member.client.data({"operation": "$metrics", "args": {"format": "prometheus"}})
    assert f'accelerant_tier_fault{{reason="{label}"}} 1\n' in text


def test_another_server_than_redis_behind_tls_is_told(make_fleet):
    fleet = make_fleet()
    with socket.create_server(("127.0.0.1", 0)) as server:
        def answer():
            while True:
                try:
                    connection, _ = server.accept()
                    connection.recv(4096)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                except OSError:
                    return

        threading.Thread(target=answer, daemon=True).start()
        assert "does not speak TLS" in refusal(fleet, f"rediss://127.0.0.1:{server.getsockname()[1]}")


def test_a_frozen_server_costs_the_timeout(encrypted, certificates):
    fleet = encrypted()
    member = fleet.open({"timeoutMs": 50}, url=f"{fleet.tls}?sslrootcert={certificates.authority}")
    fleet.redis.freeze()
    assert member.find(USERS).cache == "miss"
    eventually(lambda: member.metric("accelerant_tier_timeouts_total") >= 1, "the time limit to pass")
    fleet.redis.thaw()
    member.await_trusted()


class Openings:
    """Whether a file has been opened, by inotify."""

    def __init__(self, path):
        system = ctypes.CDLL(None)
        self._descriptor = system.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        assert self._descriptor >= 0
        in_open = 0x20
        assert system.inotify_add_watch(self._descriptor, os.fsencode(path), in_open) >= 0

    def take(self):
        """True if it has been since the last call."""
        try:
            return os.read(self._descriptor, 65536) != b""
        except BlockingIOError:
            return False

    def close(self):
        os.close(self._descriptor)


def connections(fleet):
    lines = fleet.redis.call("CLIENT", "LIST").decode().split("\n")
    return {line.split()[0] for line in lines if "name=accelerant" in line}


def connect_anew(fleet, member):
    before = connections(fleet)
    for kind in ("normal", "pubsub"):
        fleet.redis.call("CLIENT", "KILL", "TYPE", kind)
    eventually(lambda: len(connections(fleet) - before) >= 2, "new connections")
    member.await_trusted()


def test_certificates_are_read_again_only_if_their_file_has_changed(encrypted, certificates, tmp_path):
    fleet = encrypted()
    root = shutil.copy(certificates.authority, tmp_path / "root.crt")
    openings = Openings(root)
    member = fleet.open(url=f"{fleet.tls}?sslrootcert={root}")
    assert openings.take()
    connect_anew(fleet, member)
    openings.take()
    connect_anew(fleet, member)
    assert not openings.take()
    # The file of another authority takes its place: the server is not accepted any more.
    os.replace(shutil.copy(certificates.path("stranger.crt"), tmp_path / "other.crt"), root)
    for kind in ("normal", "pubsub"):
        fleet.redis.call("CLIENT", "KILL", "TYPE", kind)
    eventually(lambda: "certificate is not accepted" in (reason(member) or ""), "the refusal")
    os.replace(shutil.copy(certificates.authority, tmp_path / "again.crt"), root)
    member.await_trusted()
    openings.close()


@pytest.mark.parametrize("url, words", [
    ("redis://h?sslrootcert=/x", "rediss://"), ("rediss://h?sslcert=/x", "together"), ("rediss://h?sslkey=/x", "together"),
    ("rediss://h?sslrootcert=", "names no file"), ("rediss://h?sslmode=require", "not known"),
])
def test_a_mistake_is_named(database, url, words):
    with pytest.raises(OpenError) as caught:
        Client({"schema": SCHEMA, "datasourceUrl": database.url(), "cache": {"tier": {"url": url}}})
    assert caught.value.reply.meta["path"] == "cache.tier.url" and words in caught.value.reply.error["message"]
