"""A TCP proxy on loopback that breaks what goes through it, at an exact byte.

    with CutProxy(upstream) as proxy:
        proxy.at(offset, lambda piece, at: proxy.reset())

Thread-safe. One action at a time; it runs in the proxy's thread before the byte at `offset` is passed on, with the piece that
holds it and its place there, and may return another piece.
"""

import socket
import struct
import threading

PIECE = 1 << 16


class CutProxy:
    """Passes bytes on between its own port and `upstream` (`host:port`), which may be changed for later connections.

    `address` is where to connect. Bytes from upstream are counted over all connections since the last `at`.
    """

    def __init__(self, upstream):
        self.upstream = upstream
        self._lock = threading.Lock()
        self._passed = 0
        self._offset = None
        self._action = None
        self._open = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        self._closing = False
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._closing = True
        self._listener.close()
        self.reset()

    def at(self, offset, action):
        """Runs `action` once `offset` bytes have come from upstream from now on."""
        with self._lock:
            self._passed, self._offset, self._action = 0, offset, action

    @property
    def passed(self):
        """Bytes from upstream since the last `at`."""
        with self._lock:
            return self._passed

    def reset(self):
        """Breaks every connection with a reset, both ways."""
        with self._lock:
            connections, self._open = self._open, set()
        for connection in connections:
            try:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()

    def _accept(self):
        while not self._closing:
            try:
                client, _ = self._listener.accept()
                host, port = self.upstream.rsplit(":", 1)
                server = socket.create_connection((host, int(port)), timeout=5)
                server.settimeout(None)
            except OSError:
                if not self._closing and "client" in locals():
                    client.close()
                continue
            with self._lock:
                self._open |= {client, server}
            threading.Thread(target=self._pump, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, True), daemon=True).start()

    def _pump(self, source, sink, counted):
        try:
            while piece := source.recv(PIECE):
                sink.sendall(self._look(piece) if counted else piece)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            for connection in (source, sink):
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def _look(self, piece):
        """The piece as it is to be passed on; runs the action when its byte is in the piece."""
        with self._lock:
            begin, self._passed = self._passed, self._passed + len(piece)
            due = self._action is not None and begin + len(piece) > self._offset
            action, at = self._action, (self._offset or 0) - begin
            if due:
                self._action = None
        return (action(piece, at) or piece) if due else piece


def flip(piece, at):
    """An action that turns one bit over."""
    changed = bytearray(piece)
    changed[at] ^= 0x10
    return bytes(changed)
