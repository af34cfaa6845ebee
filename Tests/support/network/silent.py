"""Servers that speak PostgreSQL's protocol up to some point, and then say nothing any more, or too much."""
import socket
import struct
import threading
import time


def message(kind, body=b""):
    return kind + struct.pack("!i", len(body) + 4) + body


READY = message(b"R", struct.pack("!i", 0)) + message(b"K", struct.pack("!ii", 4711, 815)) + message(b"Z", b"I")
DESCRIPTION = message(b"T", struct.pack("!h", 1) + b"n\0" + struct.pack("!ihihih", 0, 0, 23, 4, -1, 0))
ROW = message(b"D", struct.pack("!hi", 1, 1) + b"7")


class SilentServer:
    """Listens on 127.0.0.1. `until` says how far it goes:

    nothing     takes connections and says nothing
    TLS         agrees to TLS, and says nothing to the handshake
    login       asks for a password, and says nothing to it
    ready       lets everybody in, and answers no statement
    dripping    prepares, and then sends one row after another without an end
    """

    def __init__(self, until):
        self.until = until
        #: How many have asked it to cancel something; it does not.
        self.cancels = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self.is_over = False
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.is_over = True
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        while not self.is_over:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(link,), daemon=True).start()

    def _serve(self, link):
        with link:
            try:
                self._speak(link)
            except OSError:
                pass

    def _speak(self, link):
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
