"""A TCP link that can be cut and joined, and that counts what passes.

Knows sockets and bytes; refuses to know HTTP, the protocol, or who is at either end.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

CHUNK = 64 * 1024
CONNECT_SECONDS = 10.0


def hang_up(connection: socket.socket) -> None:
    """Close at once and unsent, as a radio that has died does; wakes whoever reads from it; never raises."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        connection.close()


class CutLink:
    """Forwards a local port to `target` while joined; while cut, every connection is ended at once.

    `sent` and `received` are TCP payload bytes since the start, towards the target and back.
    Usable as a context manager; `stop` is safe to call twice.
    """

    def __init__(self, target: tuple[str, int], listen: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        self.target = target
        self.sent = 0
        self.received = 0
        self._joined = True
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(listen)
        self.port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def joined(self) -> bool:
        return self._joined

    def __enter__(self) -> CutLink:
        threading.Thread(target=self._accept, name="cut-link", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._joined = False
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._hang_up_all()

    def cut(self) -> None:
        """End every open connection and refuse new ones until `join`."""
        self._joined = False
        self._hang_up_all()

    def join(self) -> None:
        self._joined = True

    def answer(self, near: socket.socket) -> None:
        """Carry one connection both ways until either end closes; subclasses may misbehave here."""
        far = socket.create_connection(self.target, CONNECT_SECONDS)
        far.settimeout(None)
        self._remember(far)
        upward = threading.Thread(target=self._pump, args=(near, far, True), daemon=True)
        upward.start()
        self._pump(far, near, False)
        upward.join()
        self._forget(far)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self._remember(near)
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with suppress(OSError):
            if self._joined:
                self.answer(near)
        self._forget(near)

    def _pump(self, source: socket.socket, sink: socket.socket, towards: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(CHUNK):
                self._count(len(piece), towards)
                sink.sendall(piece)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _count(self, length: int, towards: bool) -> None:
        with self._lock:
            if towards:
                self.sent += length
            else:
                self.received += length

    def _remember(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)
        if not self._joined:
            hang_up(connection)

    def _forget(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)
        connection.close() if self._joined else hang_up(connection)

    def _hang_up_all(self) -> None:
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            hang_up(connection)
