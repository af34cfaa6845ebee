"""A client on the tables of `automatic_world`, with short names for what the tests of automatic invalidation do."""
from automatic_world import SCHEMA
from capi import Client

AUTO = {"ttl": 60, "auto": True}


class Library:
    """A client on the world's tables, with short names for what the tests do."""

    def __init__(self, database, schema=SCHEMA, **settings):
        self.database = database
        self.client = Client({"schema": schema, "datasourceUrl": database.url(), "clock": "manual", **settings})

    def read(self, model, operation, strategy=AUTO, **args):
        return self.client.query({"model": model, "operation": operation, "args": {**args, "cacheStrategy": strategy}})

    def write(self, model, operation, **args):
        return self.client.data({"model": model, "operation": operation, "args": args})

    def raw(self, operation, query, **args):
        return self.client.query({"operation": operation, "args": {"query": query, **args}})

    def is_kept(self, model, operation, strategy=AUTO, **args):
        """Whether the answer is still there; afterwards it is."""
        return self.read(model, operation, strategy, **args).cache == "ttl"

    def metric(self, name):
        counters = self.client.data({"operation": "$metrics"})["counters"]
        return next(counter["value"] for counter in counters if counter["key"] == name)
