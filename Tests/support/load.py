"""Callers that never stop asking, each answer checked: what a fault is judged by."""
import collections
import itertools
import os
import threading
import time

from capi import Client
from waiting import eventually

#: Set by `make test-faults`: each fault more often, for longer, and judged by the clock.
IS_LONG = os.environ.get("ACCELERANT_FAULTS") == "long"
#: What the server takes for each request, so that the rate depends on the connections and not on this machine.
SERVER_SECONDS = 0.02
CALLERS = 64
TIME_LIMIT_MS = 1000
#: Beyond its time limit a call may be late by so much: 50 ms of the library's, the rest for 64 Python threads on cores that the server and
#: others use, too. The figures say how late the latest was.
LATENESS = 1.0 if IS_LONG else 10.0
#: How long the load runs before a fault.
WARM_SECONDS = 1.0
#: The long form measures; the short form, which runs with all other tests on machines of any kind, tells a recovery from a hang.
RECOVERY_SECONDS = 2.0 if IS_LONG else 15.0


class Call(collections.namedtuple("Call", "start end code")):
    """One request: when it began and ended, and its error's code, or None."""


class Load:
    """64 callers who send a number through SQL and want it back, and one who reads what is cached.

    `read` and `answer` may replace the request and the answer expected for a number.
    """

    def __init__(self, schema, url, read=None, answer=None, **settings):
        self._another = lambda: Load(schema, url, read, answer, **settings)
        self._may_ask = threading.Event()
        self._may_ask.set()
        self.client = Client({"schema": schema, "datasourceUrl": url, "limits": {"queryTimeoutMs": TIME_LIMIT_MS}, **settings})
        self._read = read or (lambda number: {"operation": "$queryRaw", "args": {
            "query": f"SELECT $1::int AS n FROM pg_sleep({SERVER_SECONDS})", "parameters": [number]}})
        self._answer = answer or (lambda number: [{"n": number}])
        self.calls, self.hits, self.crossed, self.missed = [], [], [], []
        self._numbers = itertools.count(1)
        self._is_over = False
        self._threads = []

    CACHED = {"model": "OrderItem", "operation": "count", "args": {"cacheStrategy": {"ttl": 3600}}}

    def __enter__(self):
        # Why more than once: on a machine that is busy enough the first connection takes longer than anybody may wait.
        eventually(lambda: self.client.query(self.CACHED).data == 4, "the first answer")
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(CALLERS)]
        self._threads.append(threading.Thread(target=self._hit, daemon=True))
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()
        self.client.close()

    def stop(self):
        """Lets every caller end; one that does not hangs."""
        self._is_over = True
        self._may_ask.set()
        eventually(lambda: not any(thread.is_alive() for thread in self._threads), "every caller to come back")

    def _ask(self):
        while not self._is_over:
            self._may_ask.wait()
            number = next(self._numbers)
            start = time.monotonic()
            reply = self.client.query(self._read(number))
            end = time.monotonic()
            self.calls.append(Call(start, end, reply.code))
            if reply.code is None and reply.data != self._answer(number):
                self.crossed.append((number, reply.data))
            # Why: an error that comes at once is no reason to keep this machine busy.
            time.sleep(0.01 if reply.code else 0)

    def _hit(self):
        while not self._is_over:
            start = time.monotonic()
            reply = self.client.query(self.CACHED)
            if reply.cache != "ttl" or reply.data != 4:
                self.missed.append(reply)
            self.hits.append(time.monotonic() - start)
            time.sleep(0.002)

    def rate(self, since, until):
        """Answers a second in that time."""
        return sum(since <= call.end < until and call.code is None for call in self.calls) / (until - since)

    def run(self, seconds):
        """Lets the load run; gives the answers a second."""
        start = time.monotonic()
        time.sleep(seconds)
        return self.rate(start, start + seconds)

    def recovery(self, since, rate):
        """Seconds from `since` to the first moment from which on the rate is what it was (but for a fifth of it).

        Where that takes long the machine may have less to give than before. So what counts then is what a client gets that has seen no fault.
        """
        try:
            return self._recovery(since, rate, 5)
        except AssertionError:
            self._may_ask.clear()
            with self._another() as fresh:
                fresh.run(WARM_SECONDS / 2)
                now = fresh.run(WARM_SECONDS)
            self._may_ask.set()
            if now >= rate:
                raise
            return self._recovery(since, now, 15)

    def _recovery(self, since, rate, seconds, share=0.8, window=0.25):
        def found():
            for step in range(int(20 * (time.monotonic() - since - window))):
                start = since + step * 0.05
                if self.rate(start, start + window) >= share * rate:
                    return max(step * 0.05, 0.001)
        return eventually(found, f"the rate to recover to {rate:.0f}/s", seconds)

    def figures(self):
        """What came out, for the report."""
        errors = collections.Counter(call.code for call in self.calls if call.code)
        return {
            "requests": len(self.calls),
            "answered": sum(call.code is None for call in self.calls),
            "errors": " ".join(f"{code}:{count}" for code, count in sorted(errors.items())) or "none",
            "slowest": f"{1000 * max(call.end - call.start for call in self.calls):.0f} ms",
            "hits": f"{len(self.hits) - len(self.missed)} of {len(self.hits)}",
            "slowest hit": f"{1000 * max(self.hits):.1f} ms",
            "crossed": len(self.crossed),
        }

    def check(self):
        """No answer was another's, no hit was refused, nobody waited longer than allowed."""
        assert not self.crossed, self.crossed[:3]
        assert not self.missed, self.missed[:3]
        assert max(call.end - call.start for call in self.calls) < TIME_LIMIT_MS / 1000 + LATENESS


def break_and_recover(load, rounds, break_it):
    """Runs the load, breaks the server and has it recover; gives the longest time to the full rate."""
    rate = load.run(WARM_SECONDS)
    assert rate > 0, "nothing is answered, so there is no load"
    slowest = 0
    for _ in range(rounds):
        break_it()
        slowest = max(slowest, load.recovery(time.monotonic(), rate))
    return {"rate": f"{rate:.0f}/s", "full rate after": f"{slowest:.2f} s"}, slowest


def report(figures, name, load, more, slowest):
    load.stop()
    figures(name, {**load.figures(), **more})
    load.check()
    assert slowest <= RECOVERY_SECONDS
