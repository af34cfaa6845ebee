"""A TCP proxy before the server, that can lose connections as networks do."""
import select
import time

from relays import MessageSession, Relay, Session, message


class Proxy(Relay):
    """`cut_after` ends a session after so many bytes; `is_black_hole` swallows everything."""

    def __init__(self, path):
        super().__init__(path)
        #: (whose bytes are counted: "server" or "client", how many of a session pass); None is no limit.
        self.cut_after = None
        self.is_black_hole = False
        #: How many seconds a new connection waits before it is passed on.
        self.delay = 0
        #: Bytes that passed in the last session that ended, by side.
        self.last = {"server": 0, "client": 0}
        self.sessions_ended = 0
        self.cuts = 0
        #: How often a client began to speak after its server: the round trips of all sessions.
        self.turns = 0
        self.start()

    def session(self):
        return _CountedSession(self)

    def serve(self, client):
        session = self.session()
        try:
            time.sleep(self.delay)
            if not self.is_black_hole:
                self.forward(client, session)
            # When the network is back, it knows nothing of what was begun meanwhile.
            while self.is_black_hole:
                if select.select([client], [], [], 0.05)[0] and not client.recv(65536):
                    break
        finally:
            self.last = session.passed
            self.sessions_ended += 1


class _CountedSession(Session):
    def __init__(self, proxy):
        self._proxy = proxy
        self.passed = {"server": 0, "client": 0}
        self._last = "server"

    def from_client(self, data):
        return self._count("client", data)

    def from_server(self, data):
        return self._count("server", data)

    def _count(self, name, data):
        if self._proxy.is_black_hole:
            return b""
        passed, limit = self.passed[name], self._proxy.cut_after
        if limit and limit[0] == name and passed + len(data) >= limit[1]:
            self._proxy.cuts += 1
            self.is_over = True
            return data[:limit[1] - passed]
        self.passed[name] += len(data)
        self._proxy.turns += name == "client" != self._last
        self._last = name
        return data


class RefusingProxy(Relay):
    """While `words` is set, an error with that SQLSTATE comes between the end of a statement that the client sent with this text in it, and
    the server's word that it is ready."""

    def __init__(self, path):
        super().__init__(path)
        #: (text of the statement, SQLSTATE); None refuses nothing.
        self.words = None
        self.refusals = 0
        self.start()

    def session(self):
        return _RefusingSession(self)


class _RefusingSession(MessageSession):
    def __init__(self, proxy):
        self._proxy = proxy
        # Why kept: a statement that is prepared is known by its name afterwards.
        self._asked = b""

    def from_client(self, data):
        self._asked += data
        return data

    def at_end(self):
        words = self._proxy.words
        if not words or words[0].encode() not in self._asked:
            return b""
        self._proxy.refusals += 1
        return message(b"E", b"SERROR\0VERROR\0C" + words[1].encode() + b"\0Mrefused\0\0")


class EndingProxy(Relay):
    """While `ends` is true, ends a session with the very packet that ends a statement."""

    def __init__(self, path):
        super().__init__(path)
        self.ends = False
        self.sessions = 0
        self.start()

    def session(self):
        self.sessions += 1
        return _EndingSession(self)


class _EndingSession(MessageSession):
    def __init__(self, proxy):
        self._proxy = proxy

    def at_end(self):
        self.is_over = self._proxy.ends
        return b""
