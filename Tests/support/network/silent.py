"""Servers that speak PostgreSQL's protocol up to some point, and then say nothing any more, or too much."""
import struct
import time

from relays import Listening, message

READY = message(b"R", struct.pack("!i", 0)) + message(b"K", struct.pack("!ii", 4711, 815)) + message(b"Z", b"I")
DESCRIPTION = message(b"T", struct.pack("!h", 1) + b"n\0" + struct.pack("!ihihih", 0, 0, 23, 4, -1, 0))
ROW = message(b"D", struct.pack("!hi", 1, 1) + b"7")


class SilentServer(Listening):
    """`until` says how far it goes:

    nothing     takes connections and says nothing
    TLS         agrees to TLS, and says nothing to the handshake
    login       asks for a password, and says nothing to it
    ready       lets everybody in, and answers no statement
    dripping    prepares, and then sends one row after another without an end
    """

    def __init__(self, until):
        super().__init__()
        self.until = until
        #: How many have asked it to cancel something; it does not.
        self.cancels = 0
        self.is_over = False
        self.start()

    def close(self):
        self.is_over = True
        super().close()

    def serve(self, link):
        first = link.recv(4096)
        if first[4:8] == struct.pack("!i", 80877102):
            self.cancels += 1
            return
        if self.until == "TLS":
            link.sendall(b"S")
        elif self.until == "login":
            link.sendall(message(b"R", struct.pack("!i", 3)))
        elif self.until in ("ready", "dripping"):
            link.sendall(READY)
            if self.until == "dripping":
                self._drip(link)
        while not self.is_over and link.recv(4096):
            pass

    def _drip(self, link):
        """To prepare and describe there is an answer, and to what comes then rows and rows."""
        link.recv(4096)
        link.sendall(message(b"1") + message(b"t", struct.pack("!h", 0)) + DESCRIPTION + message(b"Z", b"I"))
        link.recv(4096)
        link.sendall(message(b"2") + DESCRIPTION)
        while not self.is_over:
            link.sendall(ROW)
            time.sleep(0.005)
