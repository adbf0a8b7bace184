"""One process that answers http and https at once and stops cleanly. Knows cheroot; refuses to know the app."""

from __future__ import annotations

import ctypes
import gc
import logging
import signal
import ssl
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any
from wsgiref.types import WSGIApplication

from cheroot.server import HTTPConnection
from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server

from layanan.problems import Refused

LOG = logging.getLogger("web_base.serve")
LARGEST_BODY, LARGEST_HEADERS = 9 << 20, 32 << 10
FINISH_SECONDS = 15
_M_ARENA_MAX = -8  # malloc.h of glibc
TAKEN = {48, 98, 10048}  # EADDRINUSE on macOS, Linux, Windows


@dataclass(frozen=True)
class Listener:
    """One address to answer on; port 0 takes a free one. With a certificate and key it speaks https."""

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None


class Serving:
    """Servers that are answering. `ports` has the bound port of each listener, in their order."""

    def __init__(self, servers: Sequence[Server]) -> None:
        self._servers = list(servers)
        self.ports = tuple(int(server.bind_addr[1]) for server in servers)
        self._threads = [threading.Thread(target=server.serve, daemon=True) for server in self._servers]
        for thread in self._threads:
            thread.start()

    def renew(self) -> None:
        """Show every new connection the certificate that is in the files now; those that stand go on undisturbed."""
        for server in self._servers:
            if isinstance(server.ssl_adapter, _LateHandshakes):
                server.ssl_adapter.renew()

    def stop(self) -> None:
        """Take no new request, finish those that run (at most 15 s), close the ports. May be called twice."""
        stoppers = [threading.Thread(target=server.stop) for server in self._servers]
        for thread in stoppers:
            thread.start()
        for thread in [*stoppers, *self._threads]:
            thread.join(FINISH_SECONDS + 5)


def listen(app: WSGIApplication, listeners: Sequence[Listener], *, threads: int = 10) -> Serving:
    """Bind every listener, then answer in the background. Raises Refused("port_taken", port) and binds nothing."""
    _share_heaps()
    servers = [_server(app, listener, threads) for listener in listeners]
    ready: list[Server] = []
    for server, listener in zip(servers, listeners, strict=True):
        try:
            server.prepare()
        except OSError as error:
            for each in ready:
                each.stop()
            if error.errno in TAKEN or any(f"Errno {code}" in str(error) for code in TAKEN):
                raise Refused("port_taken", port=listener.port) from None
            raise
        ready.append(server)
    return Serving(ready)


def _share_heaps() -> None:
    """glibc gives threads heaps of their own and keeps what each once needed: after large batches, a third less."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library has no such setting, nor the habit
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def serve_until_stopped(serving: Serving, *, on_stop: Callable[[], None] = lambda: None) -> None:
    """Block the main thread until SIGTERM or SIGINT (Ctrl-C); then `on_stop`, and every running request is finished."""
    asked = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    # What the start has built stays: no later collection, in the middle of a batch, need look at it again.
    gc.collect()
    gc.freeze()
    try:
        # Windows wakes a waiting main thread for a signal only when the wait ends.
        while not asked.wait(1.0):
            pass
        on_stop()
        serving.stop()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _LateHandshakes(BuiltinSSLAdapter):
    """Leaves the TLS handshake to the worker: a silent phone must not hold up the thread that accepts the others."""

    def wrap(self, sock: Any) -> tuple[ssl.SSLSocket, dict[str, str]]:
        wrapped = self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        return wrapped, {"wsgi.url_scheme": "https", "HTTPS": "on"}

    def renew(self) -> None:
        # A context of its own, exchanged in one step: the old one may be in the middle of a handshake.
        fresh = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        fresh.load_cert_chain(self.certificate, self.private_key)
        self.context = fresh


class _TlsConnection(HTTPConnection):
    """Shakes hands before the first request; who breaks off (an unknown certificate) is nobody's error."""

    shaken = False

    def communicate(self) -> bool:
        if not self.shaken:
            try:
                self.socket.do_handshake()
            except OSError:
                return False
            self.shaken = True
        keep: object = super().communicate()  # type: ignore[no-untyped-call]  # cheroot types this one method not
        return bool(keep)


def _server(app: WSGIApplication, listener: Listener, threads: int) -> Server:
    server = Server(
        (listener.host, listener.port),
        app,
        numthreads=threads,
        request_queue_size=64,
        timeout=10,
        shutdown_timeout=FINISH_SECONDS,
    )
    server.software = server.server_name = "pasar"
    server.max_request_body_size, server.max_request_header_size = LARGEST_BODY, LARGEST_HEADERS
    vars(server)["error_log"] = _log
    if listener.certificate and listener.key:
        server.ssl_adapter = _LateHandshakes(str(listener.certificate), str(listener.key))
        server.ConnectionClass = _TlsConnection
    return server


def _log(msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
    # The text of an exception may quote what a person typed; its kind says enough.
    kind = sys.exc_info()[0]
    LOG.log(level, "server: %s", kind.__name__ if kind else msg.partition("\n")[0][:160])
