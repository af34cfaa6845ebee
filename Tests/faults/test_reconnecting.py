"""Many clients of a server that is gone: they neither storm it nor come all at once."""
import time

import pytest
from capi import Client
from relays import Listening
from scene import SCHEMA
from waiting import Call

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

CLIENTS = 20
CALLERS = 4
SECONDS = 5
#: Pauses of 10 to 20 ms that double up to one of 0.5 to 1 s, and at first one connect for each caller.
MOST = CALLERS + 16
#: Later on a client comes once in half a second at most; so many of them may do so within a tenth of that.
TOGETHER = CLIENTS // 2


class Refusing(Listening):
    """Takes connections and ends them; notes when."""

    def __init__(self):
        super().__init__()
        self.moments = []
        self.start()

    def serve(self, _client):
        self.moments.append(time.monotonic())


def test_clients_keep_away_from_a_server_that_is_gone(figures):
    server = Refusing()
    clients = [Client({"schema": SCHEMA, "datasourceUrl": f"postgresql://u@127.0.0.1:{server.port}/d?sslmode=disable"}) for _ in range(CLIENTS)]
    asked = []
    ending = time.monotonic() + SECONDS

    def ask(client):
        count = 0
        while time.monotonic() < ending:
            assert client.query({"model": "User", "operation": "count"}).code == "P6008"
            count += 1
            time.sleep(0.005)
        asked.append(count)

    for call in [Call(ask, client) for client in clients for _ in range(CALLERS)]:
        call.result(60)
    for client in clients:
        client.close()
    server.close()
    late = [moment for moment in server.moments if moment > ending - SECONDS / 2]
    together = max(sum(first <= moment < first + 0.05 for moment in late) for first in late)
    figures(f"{CLIENTS} clients of a server that is gone", {
        "requests": sum(asked), "connects": len(server.moments), "in the second half": len(late), "within 50 ms of it": together})
    assert sum(asked) > 10 * len(server.moments)
    assert len(server.moments) <= CLIENTS * MOST
    assert together <= TOGETHER
