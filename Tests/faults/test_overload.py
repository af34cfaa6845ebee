"""Three times as many requests as the connections can carry: as many are answered as without the others, and nobody waits beyond his time."""
import threading
import time

import pytest
from asking import Asking
from capi import Client
from load import IS_LONG, LATENESS
from scene import SCHEMA

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

CONNECTIONS = 4
SERVER_SECONDS = 0.02
LIMIT_MS = 500
#: How many requests are under way where the connections can carry a third of them within the limit.
CROWD = int(3 * CONNECTIONS * LIMIT_MS / 1000 / SERVER_SECONDS)
SECONDS = 5 if IS_LONG else 2


def request(number):
    return {"operation": "$queryRaw", "args": {"query": f"SELECT $1::int AS n FROM pg_sleep({SERVER_SECONDS})", "parameters": [number]}}


def waiting(client, callers, seconds):
    """Threads that ask, and ask again at once; gives when each began and ended and the code of its error."""
    calls, ending = [], time.monotonic() + seconds

    def ask(number):
        while time.monotonic() < ending:
            start = time.monotonic()
            reply = client.query(request(number))
            calls.append((start, time.monotonic(), reply.code))
            assert reply.code or reply.data == [{"n": number}]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return calls


def submitted(client, outstanding, seconds):
    """The same without threads."""
    asking, calls, begun = Asking(client), [], {}
    ending = time.monotonic() + seconds

    def submit(token):
        begun[token] = time.monotonic()
        assert asking.submit(request(token), token) == "OK"

    for token in range(outstanding):
        submit(token)
    while begun:
        assert asking.is_readable(30)
        token, reply = asking.take()
        calls.append((begun.pop(token), time.monotonic(), reply.code))
        assert reply.code or reply.data == [{"n": token}]
        if time.monotonic() < ending:
            submit(token + outstanding)
    return calls


@pytest.mark.parametrize("ask", [waiting, submitted])
def test_three_times_too_many(own_server, figures, ask):
    _, database = own_server
    url = database.url(connection_limit=CONNECTIONS)
    with Client({"schema": SCHEMA, "datasourceUrl": url, "limits": {"queryTimeoutMs": LIMIT_MS}}) as client:
        ask(client, CONNECTIONS, 0.3)
        alone = sum(code is None for _, _, code in ask(client, CONNECTIONS, SECONDS)) / SECONDS
        calls = ask(client, CROWD, SECONDS)
    answered = sum(code is None for _, _, code in calls) / SECONDS
    slowest = max(end - start for start, end, _ in calls)
    figures(f"three times too many, {ask.__name__}", {
        "requests": len(calls), "answered": f"{answered:.0f}/s", "without the others": f"{alone:.0f}/s",
        "errors": " ".join(f"{code}:{sum(call[2] == code for call in calls)}" for code in sorted({call[2] for call in calls if call[2]})),
        "slowest": f"{1000 * slowest:.0f} ms"})
    assert answered > 0
    assert slowest < LIMIT_MS / 1000 + LATENESS
    assert any(call[2] for call in calls)
