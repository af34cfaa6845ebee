"""A TCP proxy before the server, that can lose connections as networks do."""
import select
import socket
import threading
import time


class Listening:
    """Takes connections on a free port, and has each served by a thread of its own."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
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
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()


class Proxy(Listening):
    """Forwards to a Unix socket. `cut_after` ends a session after so many bytes; `is_black_hole` swallows everything."""

    def __init__(self, path):
        super().__init__()
        self._path = path
        #: (whose bytes are counted: "server" or "client", how many of a session pass); None is no limit.
        self.cut_after = None
        self.is_black_hole = False
        #: How many seconds a new connection waits before it is passed on.
        self.delay = 0
        #: Bytes that passed in the last session that ended, by side.
        self.last = {"server": 0, "client": 0}
        self.cuts = 0
        #: How often a client began to speak after its server: the round trips of all sessions.
        self.turns = 0
        self.start()

    def _serve(self, client):
        passed = {"server": 0, "client": 0}
        with client, socket.socket(socket.AF_UNIX) as server:
            try:
                time.sleep(self.delay)
                if not self.is_black_hole:
                    server.connect(self._path)
                    self._forward(client, server, passed)
                else:
                    # When the network is back, it knows nothing of what was begun meanwhile.
                    while self.is_black_hole:
                        if select.select([client], [], [], 0.05)[0] and not client.recv(65536):
                            break
            except OSError:
                pass
            self.last = passed

    def _forward(self, client, server, passed):
        last = "server"
        while True:
            for source in select.select([client, server], [], [])[0]:
                name, target = ("client", server) if source is client else ("server", client)
                data = source.recv(65536)
                if not data:
                    return
                if self.is_black_hole:
                    continue
                limit = self.cut_after
                if limit and limit[0] == name and passed[name] + len(data) >= limit[1]:
                    target.sendall(data[:limit[1] - passed[name]])
                    self.cuts += 1
                    return
                passed[name] += len(data)
                self.turns += name == "client" != last
                last = name
                target.sendall(data)
