"""A TCP link that can be cut and joined, and that counts what passes.

Knows sockets and bytes; refuses to know HTTP, the protocol, or who is at either end.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

CHUNK = 64 * 1024
CONNECT_SECONDS = 10.0


HAS_REUSE_PORT = hasattr(socket, "SO_REUSEPORT")


def reserved(address: tuple[str, int]) -> tuple[tuple[str, int], socket.socket | None]:
    """An address and a socket bound to it that nobody listens on: the port stays ours, whoever calls it is refused.

    Without SO_REUSEPORT (Windows) a listener could not share the port, so there it is only found.
    """
    if not HAS_REUSE_PORT:
        with socket.create_server(address) as found:
            return found.getsockname(), None
    place = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    place.bind(address)
    return place.getsockname(), place


def hang_up(connection: socket.socket) -> None:
    """Close at once and unsent, as a radio that has died does; wakes whoever reads from it; never raises."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        connection.close()


class CutLink:
    """Forwards a local port to `target` while joined; while cut, it ends every connection and refuses new ones.

    `sent` and `received` are TCP payload bytes since the start, towards the target and back.
    Usable as a context manager; `stop` is safe to call twice.
    """

    def __init__(self, target: tuple[str, int], listen: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        self.target = target
        self.sent = 0
        self.received = 0
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._address, self._place = reserved(listen)
        self._listener: socket.socket | None = None

    @property
    def port(self) -> int:
        return self._address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def joined(self) -> bool:
        return self._listener is not None

    def __enter__(self) -> CutLink:
        self.join()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.cut()
        if self._place is not None:
            self._place.close()

    def cut(self) -> None:
        """End every open connection and refuse new ones until `join`."""
        listener, self._listener = self._listener, None
        if listener is not None:
            hang_up(listener)
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            hang_up(connection)

    def join(self) -> None:
        if self._listener is None:
            self._listener = socket.create_server(self._address, reuse_port=HAS_REUSE_PORT)
            threading.Thread(target=self._accept, args=(self._listener,), name="cut-link", daemon=True).start()

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

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            self._remember(near)
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with suppress(OSError):
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
        if not self.joined:
            hang_up(connection)

    def _forget(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)
        connection.close()
