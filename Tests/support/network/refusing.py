"""A proxy before a real server that says something more before the server is ready for the next statement."""
import select
import socket
import struct

from proxy import Listening
from silent import message


class RefusingProxy(Listening):
    """Forwards to a Unix socket. While `words` is set, an error with that SQLSTATE comes between the end of a statement that the client
    sent with this text in it, and the server's word that it is ready."""

    def __init__(self, path):
        super().__init__()
        self._path = path
        #: (text of the statement, SQLSTATE); None refuses nothing.
        self.words = None
        self.refusals = 0
        self.start()

    def _serve(self, client):
        with client, socket.socket(socket.AF_UNIX) as server:
            try:
                server.connect(self._path)
                self._forward(client, server)
            except OSError:
                pass

    def _forward(self, client, server):
        waiting, asked, is_complete = b"", b"", False
        while True:
            for source in select.select([client, server], [], [])[0]:
                data = source.recv(65536)
                if not data:
                    return
                if source is client:
                    asked += data
                    server.sendall(data)
                    continue
                waiting += data
                said = b""
                while len(waiting) >= 5 and len(waiting) > (size := struct.unpack_from("!i", waiting, 1)[0]):
                    kind, whole = waiting[:1], waiting[:size + 1]
                    waiting = waiting[size + 1:]
                    is_complete = is_complete or kind == b"C"
                    if kind == b"Z":
                        if is_complete and self.words and self.words[0].encode() in asked:
                            said += message(b"E", b"SERROR\0VERROR\0C" + self.words[1].encode() + b"\0Mrefused\0\0")
                            self.refusals += 1
                        # Why kept: a statement that is prepared is known by its name afterwards.
                        is_complete = False
                    said += whole
                client.sendall(said)
