"""A server that is no Redis, or answers as none does: it is left alone, and costs the time limit at most."""
import socket
import threading
import time

import pytest
from waiting import PROMPT

USERS = {"ttl": 60, "tags": ["users"]}


class Liar:
    """A server that answers each connection's first bytes with the same words, and then in a way of its own."""

    def __init__(self, words, pause=0):
        self._words, self._pause = words, pause
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._server.getsockname()[1]}/0"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        try:
            while connection.recv(65536):
                for byte in self._words if self._pause else [self._words]:
                    connection.sendall(bytes([byte]) if self._pause else byte)
                    time.sleep(self._pause)
        except OSError:
            pass

    def close(self):
        self._server.close()


@pytest.mark.parametrize(
    "words", [b"", b"+OK\r\n" * 20, b"HTTP/1.1 400 Bad Request\r\n\r\n", b"*-7\r\n", b"$99999999999999\r\nx", b"*1000000000\r\n" * 3, b"-ERR no\r\n" * 9,
              b"*1\r\n" * 20, bytes(range(256))],
    ids=range(9))
def test_a_server_that_is_no_redis_is_left_alone(make_fleet, words):
    fleet = make_fleet()
    liar = Liar(words)
    member = fleet.open({"timeoutMs": 50}, url=liar.url, wait=False)
    assert member.find(USERS).cache == "miss"
    assert member.find(USERS).cache == "ttl"
    assert member.metric("accelerant_tier_trusted") == 0
    liar.close()


def test_a_server_that_answers_byte_by_byte_costs_the_timeout_once(make_fleet):
    fleet = make_fleet()
    liar = Liar(b"$1000\r\n" + b"x" * 1000, pause=0.02)
    member = fleet.open({"timeoutMs": 100}, url=liar.url, wait=False)
    begin = time.monotonic()
    assert member.find(USERS).cache == "miss"
    # The whole answer takes 20 s.
    assert time.monotonic() - begin < PROMPT
    liar.close()
