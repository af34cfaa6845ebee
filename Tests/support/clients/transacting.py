"""An interactive transaction as a test has it: requests that carry its id."""


class Transaction:
    def __init__(self, client, **args):
        self.client = client
        self.id = client.data({"operation": "$transaction.begin", "args": args})["id"]

    def request(self, operation, model="User", **args):
        """The request as it is sent; operations of the library have no model."""
        named = {} if operation.startswith("$") else {"model": model}
        return {**named, "operation": operation, "args": args, "transaction": self.id}

    def query(self, operation, model="User", **args):
        return self.client.query(self.request(operation, model, **args))

    def data(self, operation, model="User", **args):
        reply = self.query(operation, model, **args)
        assert reply.number == 0, reply
        return reply.data

    def step(self, step, **args):
        return self.client.query({"operation": f"$transaction.{step}", "transaction": self.id, "args": args})

    def commit(self):
        return self.step("commit")

    def rollback(self):
        return self.step("rollback")


def names(scene):
    return [row[0] for row in scene.database.sql.execute("SELECT coalesce(name, '-') FROM \"User\" ORDER BY id")]


def rename(transaction, name, user=1):
    return transaction.query("update", where={"id": user}, data={"name": name})


def name_inside(transaction, user=1):
    return transaction.data("findUnique", where={"id": user})["name"]


def refused(reply, words):
    assert reply.code == "P2028", reply
    assert reply.error["message"].startswith("Transaction API error: ") and words in reply.error["message"], reply
    return reply
