"""`rediss-sentinel://`: the Sentinels and the servers speak TLS, and each has to show a certificate for its address."""
import shutil

import pytest
from redis_sentinel import NAME, Sentinel
from redis_server import Redis, RedisError, free_port
from waiting import eventually

USERS = {"ttl": 60, "tags": ["users"]}

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed: certificates cannot be made")


class Watched:
    """A primary, a replica and a Sentinel, which talk to each other by TLS as well."""

    def __init__(self, encrypted, certificates, sentinels_name="server"):
        def files(name):
            return {"tls_cert_file": certificates.path(name + ".crt"), "tls_key_file": certificates.path(name + ".key"),
                    "tls_ca_cert_file": certificates.authority, "tls_auth_clients": "no", "tls_replication": "yes"}

        self.certificates = certificates
        self.fleet = encrypted(repl_diskless_sync_delay=0, tls_replication="yes")
        primary_port = self.fleet.redis.settings["tls_port"]
        self.replica = Redis(tls_port=free_port(), replicaof=f"127.0.0.1 {primary_port}", repl_diskless_sync_delay=0, **files("server"))
        self.tls_port = free_port()
        lines = [f"{key.replace('_', '-')} {value}" for key, value in {"tls_port": self.tls_port, **files(sentinels_name)}.items()]
        self.sentinel = Sentinel(primary_port, 1, settings=lines)
        eventually(lambda: self.sentinel.master()["num-slaves"] == "1", "the Sentinel to know the replica")
        eventually(lambda: b"master_link_status:up" in self.replica.call("INFO", "replication"), "the replica to follow")

    def url(self, authority=None):
        return f"rediss-sentinel://127.0.0.1:{self.tls_port}/0?master={NAME}&sslrootcert={authority or self.certificates.authority}"

    def fails_over(self):
        try:
            return self.sentinel.call("SENTINEL", "FAILOVER", NAME) == "OK"
        except RedisError:
            return False  # It has not heard from the replica yet, or not of its link.

    def close(self):
        self.sentinel.close()
        self.replica.close()


@pytest.fixture
def watched(encrypted, certificates):
    made = []

    def make(**options):
        made.append(Watched(encrypted, certificates, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_the_primary_is_found_and_followed_by_tls(watched):
    group = watched()
    fleet = group.fleet
    first, second = (fleet.open(url=group.url()) for _ in range(2))
    first.find(USERS)
    first.await_stored()
    assert second.find(USERS).cache == "ttl"
    eventually(group.fails_over, "a replica that the Sentinel finds good enough")
    eventually(lambda: group.replica.keys("{accelerant}:1:era"), "them to come to the new primary")
    fleet.database.sql.execute("UPDATE \"User\" SET name = 'Changed' WHERE id = 1")
    for member in (first, second):
        member.await_trusted()
        eventually(lambda member=member: member.metric("accelerant_tier_listening") == 1, "it to listen there")
    eventually(lambda: first.invalidate("users").status == "OK", "the new primary to confirm")
    eventually(lambda: "Changed" in second.find(USERS).text.decode(), "the message to arrive")


def test_a_sentinel_whose_certificate_is_not_accepted_is_told(watched, certificates):
    group = watched(sentinels_name="elsewhere")
    member = group.fleet.open(url=group.url(), wait=False)
    eventually(lambda: member.client.query({"operation": "$connect"}).code == "P6001", "the refusal")
    reply = member.client.query({"operation": "$connect"})
    assert reply.code == "P6001" and "a Sentinel is of no use" in reply.error["message"] and "mismatch" in reply.error["message"]
    assert member.find(USERS).cache == "miss"
