"""The scene that most cache tests play in: four users, and a client whose clock the test moves."""

from capi import Client
from paths import SCHEMA_FILE
from waiting import eventually

with open(SCHEMA_FILE) as _file:
    SCHEMA = _file.read()


class Scene:
    """A database with four users, and a client on it whose clock the test moves."""

    def __init__(self, database, **settings):
        self.database = database
        parameters = settings.pop("url", {})
        self.config = {"schema": SCHEMA, "datasourceUrl": database.url(**parameters), "clock": "manual", **settings}
        self.client = Client(self.config)

    def find(self, strategy=..., operation="findMany", **args):
        """A read of users; `strategy` stands in its arguments unless it is left out."""
        if strategy is not ...:
            args["cacheStrategy"] = strategy
        return self.client.query({"model": "User", "operation": operation, "args": args})

    def advance(self, seconds):
        self.client.data({"operation": "$clock.advance", "args": {"milliseconds": round(seconds * 1000)}})

    def invalidate(self, *tags):
        return self.client.query({"operation": "$accelerate.invalidate", "args": {"tags": list(tags)}})

    def invalidate_all(self):
        return self.client.query({"operation": "$accelerate.invalidateAll"})

    def rename(self, name, user=1):
        """Somebody else changes a user's name."""
        self.database.sql.execute(f"UPDATE \"User\" SET name = '{name}' WHERE id = {user}")

    def reads(self):
        return self.database.reads()

    def await_refresh(self, strategy, **args):
        """Waits until a refresh in the background has come back; gives the first fresh hit."""
        return eventually(lambda: (reply := self.find(strategy, **args)).cache == "ttl" and reply, "a refresh")

    def metric(self, name):
        """The value of a counter or gauge of `$metrics`, by its name in Prometheus text."""
        text = self.client.data({"operation": "$metrics", "args": {"format": "prometheus"}})
        for line in text.split("\n"):
            if line.startswith((name + " ", name + "{")):
                return float(line.rsplit(" ", 1)[1])
        raise AssertionError(f"no metric {name} in:\n{text}")

    def close(self):
        self.client.close()
