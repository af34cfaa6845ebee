"""Where a snapshot lies, and clients that open it one after the other."""
from capi import Client
from fleet import Member
from scene import SCHEMA

USERS = {"ttl": 60, "swr": 60, "tags": ["users"]}


class Place:
    """Where a snapshot lies, and clients that open it one after the other."""

    def __init__(self, database, path):
        self.database, self.path = database, str(path)

    def configuration(self, cache=None, **settings):
        snapshot = {"snapshot": self.path, "snapshotTrust": "ttl"}
        return {"schema": SCHEMA, "datasourceUrl": self.database.url(connection_limit=2), "cache": {**snapshot, **(cache or {})}, **settings}

    def open(self, cache=None, **settings):
        return Member(Client(self.configuration(cache, **settings)))

    def fill(self, *strategies, **settings):
        """A run that reads by each strategy, and ends."""
        with self.open(**settings).client as client:
            replies = [Member(client).find(strategy) for strategy in strategies or [USERS]]
        return replies

    @property
    def bytes(self):
        with open(self.path, "rb") as file:
            return file.read()

    def write(self, content):
        with open(self.path, "wb") as file:
            file.write(content)
