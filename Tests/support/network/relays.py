"""Servers of a test's own, and what stands between a client and a real server."""
import collections
import select
import socket
import struct
import threading
import time


class Listening:
    """Takes connections on a free port of 127.0.0.1, and has each served by a thread of its own."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self._listener.getsockname()[1]

    def start(self):
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        # Why shutdown: closing alone does not end an accept that waits.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client):
        with client:
            try:
                self.serve(client)
            except OSError:
                pass

    def serve(self, client):
        """One connection; it is closed afterwards."""
        raise NotImplementedError


class Session:
    """One connection through a relay: what is passed on of what each side says."""

    #: Nothing more is passed on after what is given back now.
    is_over = False

    def from_client(self, data):
        return data

    def from_server(self, data):
        return data


class MessageSession(Session):
    """The same for the server's messages, one by one."""

    _waiting = b""
    _is_complete = False

    def from_server(self, data):
        self._waiting += data
        said = b""
        while len(self._waiting) >= 5 and len(self._waiting) > (size := struct.unpack_from("!i", self._waiting, 1)[0]):
            kind, body = self._waiting[:1], self._waiting[5:size + 1]
            self._waiting = self._waiting[size + 1:]
            said += self.say(kind, body)
        return said

    def say(self, kind, body):
        """What is said in the place of a message."""
        said = self.at_end() if kind == b"Z" and self._is_complete else b""
        self._is_complete = kind == b"C" or self._is_complete and kind != b"Z"
        return said + message(kind, body)

    def at_end(self):
        """What is said between the end of a statement and the server's word that it is ready."""
        return b""


class Relay(Listening):
    """Forwards between each client and a Unix socket."""

    def __init__(self, path):
        super().__init__()
        self._path = path

    def url(self, database, **parameters):
        """How the library reaches a test's database through this."""
        query = "&".join(f"{key}={value}" for key, value in {"sslmode": "disable", **parameters}.items())
        return f"postgresql://app:app-secret@127.0.0.1:{self.port}/{database.name}?{query}"

    def session(self):
        """What decides on a new connection."""
        raise NotImplementedError

    def serve(self, client):
        self.forward(client, self.session())

    def forward(self, client, session):
        with socket.socket(socket.AF_UNIX) as server:
            server.connect(self._path)
            while not session.is_over:
                for source in select.select([client, server], [], [])[0]:
                    data = source.recv(65536)
                    if not data:
                        return
                    if source is client:
                        server.sendall(session.from_client(data))
                        continue
                    said = session.from_server(data)
                    # Why: the end of the connection goes with the last bytes, so that who has these has that.
                    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, session.is_over)
                    client.sendall(said)


class DelayingRelay(Relay):
    """Each way takes so many seconds; what is under way does not hold up what follows. Counts what clients send, in pieces."""

    def __init__(self, path, seconds):
        super().__init__(path)
        self._seconds = seconds
        self.sent = 0
        self._clients = []
        self.start()

    def packets(self):
        """How many packets with data the clients have sent that are connected now."""
        # `tcpi_data_segs_in` of Linux's struct tcp_info.
        return sum(struct.unpack_from("=I", client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192), 152)[0] for client in list(self._clients))

    def serve(self, client):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._clients.append(client)
        with socket.socket(socket.AF_UNIX) as server:
            server.connect(self._path)
            back = threading.Thread(target=self._carry, args=(server, client), daemon=True)
            back.start()
            try:
                self._carry(client, server)
            finally:
                self._clients.remove(client)
                back.join()

    def _carry(self, source, target):
        under_way = collections.deque()
        is_open = True
        try:
            while is_open or under_way:
                left = max(under_way[0][0] - time.monotonic(), 0) if under_way else None
                if is_open and select.select([source], [], [], left)[0]:
                    data = source.recv(65536)
                    is_open = bool(data)
                    if data:
                        self.sent += target.family == socket.AF_UNIX
                        under_way.append((time.monotonic() + self._seconds, data))
                elif not is_open:
                    time.sleep(left)
                while under_way and under_way[0][0] <= time.monotonic():
                    target.sendall(under_way.popleft()[1])
        except OSError:
            pass  # One side has gone.
        finally:
            for side in (source, target):
                try:
                    side.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


def message(kind, body=b""):
    """A message of PostgreSQL's protocol."""
    return kind + struct.pack("!i", len(body) + 4) + body
