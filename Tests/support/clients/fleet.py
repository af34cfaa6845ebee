"""Several processes with one tier: here clients, each with a core and a cache of its own, as in processes of their own."""
from capi import Client
from redis_server import Redis
from scene import SCHEMA
from waiting import eventually


class Fleet:
    def __init__(self, database, **settings):
        self.database = database
        self.redis = Redis(**settings)
        self.clients = []

    def open(self, tier=None, cache=None, wait=True, url=None, **settings):
        """A process. Returns when the tier may be used."""
        configuration = {
            "schema": SCHEMA, "datasourceUrl": self.database.url(connection_limit=4),
            "cache": {"tier": {"url": url or self.redis.url(), "timeoutMs": 500, **(tier or {})}, **(cache or {})}, **settings}
        member = Member(Client(configuration))
        self.clients.append(member)
        if wait:
            eventually(lambda: member.metric("accelerant_tier_trusted") == 1, "the tier to be trusted")
            if (tier or {}).get("listen", True):
                # What it has read before goes when it begins to listen.
                eventually(lambda: member.metric("accelerant_tier_listening") == 1, "it to listen")
        return member

    def change(self):
        """Somebody writes past the library."""
        self.database.sql.execute("UPDATE \"User\" SET name = 'Changed' WHERE id = 1")

    def require_sharing(self, first, second):
        """An answer of one member is one of the other, and so is its invalidation."""
        users = {"ttl": 60, "tags": ["users"]}
        first.find(users)
        first.await_stored()
        assert second.find(users).cache == "ttl"
        self.change()
        assert first.invalidate("users").status == "OK"
        eventually(lambda: "Changed" in second.find(users).text.decode(), "the message to arrive")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        for member in self.clients:
            member.client.close()
        self.redis.close()


class Member:
    def __init__(self, client):
        self.client = client

    def find(self, strategy, operation="findMany", **args):
        return self.client.query({"model": "User", "operation": operation, "args": {**args, "cacheStrategy": strategy}})

    def names(self, strategy):
        return [user["name"] for user in self.find(strategy, orderBy={"id": "asc"}).data]

    def invalidate(self, *tags):
        return self.client.query({"operation": "$accelerate.invalidate", "args": {"tags": list(tags)}})

    def rename(self, name, user=1):
        return self.client.data({"model": "User", "operation": "update", "args": {"where": {"id": user}, "data": {"name": name}}})

    def metric(self, name):
        text = self.client.data({"operation": "$metrics", "args": {"format": "prometheus"}})
        for line in text.split("\n"):
            if line.startswith((name + " ", name + "{")):
                return float(line.rsplit(" ", 1)[1])
        raise AssertionError(f"no metric {name}")

    def await_stored(self, count=1):
        eventually(lambda: self.metric("accelerant_tier_stores_total") >= count, "an answer to be stored")

    def await_trusted(self, trusted=1):
        eventually(lambda: self.metric("accelerant_tier_trusted") == trusted, f"accelerant_tier_trusted to be {trusted}")
