"""A proxy between stall and headquarters that does one wrong thing at a time: every way a market's internet answers.

Knows HTTP/1.1 by Content-Length, and sockets; refuses to know frames. FAULTS is the whole list; a plan is a row of
them, one for each request, and after the plan all goes through.
"""

from __future__ import annotations

import gzip
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from pasar.cut_link import CONNECT_SECONDS, CutLink, hang_up
from tests.faults.bad_links import PORTAL_PAGE, whole_message

HUGE = 50_000_000
LATE_SECONDS = 0.5
BLACK_HOLE_SECONDS = 30.0
Fault = Callable[["FaultyProxy", socket.socket, bytes], None]


class FaultyProxy(CutLink):
    """Answers each request by the next fault of the plan; `always` repeats one for ever. `requests` counts them."""

    def __init__(self, target: tuple[str, int], seed: int = 0) -> None:
        super().__init__(target)
        self.plan: list[Fault] = []
        self.always: Fault | None = None
        self.requests = 0
        self.rng = random.Random(seed)
        self._turn = threading.Lock()

    def answer(self, near: socket.socket) -> None:
        while request := whole_message(near):
            with self._turn:
                self.requests += 1
                fault = self.always or (self.plan.pop(0) if self.plan else plain)
            fault(self, near, request)

    def ask(self, request: bytes) -> bytes:
        """Carry one request to headquarters on a connection of its own; the whole answer."""
        with socket.create_connection(self.target, CONNECT_SECONDS) as far:
            far.sendall(request)
            return whole_message(far)


def plain(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
    near.sendall(proxy.ask(request))


def says(status: str, body: bytes = b"", *headers: str) -> Fault:
    """An answer of the proxy's own; headquarters hears nothing."""
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers])

    def fault(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
        with suppress(OSError):
            near.sendall(f"{head}\r\n\r\n".encode() + body)
        hang_up(near)

    return fault


def flipped(message: bytes, rng: random.Random) -> bytes:
    """The message with one bit of its body turned."""
    start = message.index(b"\r\n\r\n") + 4
    place = rng.randrange(start, len(message))
    return message[:place] + bytes([message[place] ^ 1 << rng.randrange(8)]) + message[place + 1 :]


def request_flipped(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
    near.sendall(proxy.ask(flipped(request, proxy.rng)))


def answer_flipped(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
    near.sendall(flipped(proxy.ask(request), proxy.rng))


def request_cut(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
    with socket.create_connection(proxy.target, CONNECT_SECONDS) as far:
        far.sendall(request[: proxy.rng.randrange(20, len(request))])
    hang_up(near)


def answer_cut(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
    answer = proxy.ask(request)
    with suppress(OSError):
        near.sendall(answer[: proxy.rng.randrange(1, len(answer))])
    hang_up(near)


def answer_lost(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
    proxy.ask(request)
    hang_up(near)


def twice(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
    proxy.ask(request)
    near.sendall(proxy.ask(request))


def both_at_once(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
    other = threading.Thread(target=proxy.ask, args=(request,))
    other.start()
    answer = proxy.ask(request)
    other.join()
    near.sendall(answer)


def again_later(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
    """The answer comes, and the same request arrives once more after newer ones."""
    near.sendall(proxy.ask(request))
    late = threading.Timer(LATE_SECONDS, proxy.ask, (request,))
    late.daemon = True
    late.start()


def answer_of_another(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
    """A cache: the answer to the request before this one."""
    kept = getattr(proxy, "kept", b"")
    proxy.kept = proxy.ask(request)  # type: ignore[attr-defined]
    near.sendall(kept or PORTAL)


def headers_gone(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
    """Only what HTTP cannot do without is passed on, both ways."""
    near.sendall(only(proxy.ask(only(request, (b"host", b"content-length"))), (b"content-length",)))


def other_case(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
    near.sendall(shouted(proxy.ask(shouted(request))))


def compressed(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
    """The answer recompressed, though nobody asked for it."""
    head, _, body = proxy.ask(request).partition(b"\r\n\r\n")
    packed = gzip.compress(body)
    head = re.sub(rb"(?i)content-length: *\d+", b"Content-Length: %d\r\nContent-Encoding: gzip" % len(packed), head)
    near.sendall(head + b"\r\n\r\n" + packed)


def bomb(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
    body = gzip.compress(bytes(HUGE))
    says("200 OK", body, "Content-Encoding: gzip", "Content-Type: application/octet-stream")(proxy, near, request)


def huge(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
    near.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {HUGE}\r\n\r\n".encode())
    piece = b"PSAR" + bytes(65532)
    with suppress(OSError):
        for _ in range(HUGE // len(piece)):
            near.sendall(piece)
    hang_up(near)


def black_hole(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
    near.settimeout(BLACK_HOLE_SECONDS)
    with suppress(OSError):
        near.recv(1)
    hang_up(near)


def reset(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    near.close()


def trickle(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
    """Slow, but it arrives."""
    answer = proxy.ask(request)
    for start in range(0, len(answer), 40):
        near.sendall(answer[start : start + 40])
        time.sleep(0.02)


def endless(proxy: FaultyProxy, near: socket.socket, request: bytes) -> None:
    """A byte now and then, and never an end."""
    with suppress(OSError):
        near.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nPSAR")
        for _ in range(100):
            near.sendall(b"\0")
            time.sleep(0.3)
    hang_up(near)


def only(message: bytes, names: Iterable[bytes]) -> bytes:
    head, _, body = message.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    kept = [line for line in lines if line.partition(b":")[0].strip().lower() in names]
    return b"\r\n".join([first, *kept]) + b"\r\n\r\n" + body


def shouted(message: bytes) -> bytes:
    head, _, body = message.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    parted = (line.partition(b":") for line in lines)
    return b"\r\n".join([first, *(name.upper() + b":" + value for name, _, value in parted)]) + b"\r\n\r\n" + body


PORTAL = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(PORTAL_PAGE) + PORTAL_PAGE
JSON = "Content-Type: application/json"
FAULTS: dict[str, Fault] = {
    "portal-200": says("200 OK", PORTAL_PAGE, "Content-Type: text/html"),
    "portal-302": says("302 Found", b"", "Location: http://wifi.pasar.test/login"),
    "portal-511": says("511 Network Authentication Required", PORTAL_PAGE),
    "empty-200": says("200 OK"),
    "empty-json-200": says("200 OK", b"{}", JSON),
    "fake-ok-200": says("200 OK", b'{"ok": true, "accepted": 3, "status": "success"}', JSON),
    "no-content-204": says("204 No Content"),
    "request-cut": request_cut,
    "answer-cut": answer_cut,
    "request-bit": request_flipped,
    "answer-bit": answer_flipped,
    "answer-lost": answer_lost,
    "twice": twice,
    "both-at-once": both_at_once,
    "again-later": again_later,
    "answer-of-another": answer_of_another,
    "too-large-413": says("413 Content Too Large"),
    "slow-down-429": says("429 Too Many Requests", b"", "Retry-After: 7"),
    "error-500": says("500 Internal Server Error", b"oops"),
    "gateway-502": says("502 Bad Gateway", b"<html><h1>502 Bad Gateway</h1></html>", "Content-Type: text/html"),
    "away-503": says("503 Service Unavailable", b"", "Retry-After: 30"),
    "gateway-504": says("504 Gateway Timeout"),
    "forbidden-403": says("403 Forbidden", b"<html>blocked</html>"),
    "headers-gone": headers_gone,
    "other-case": other_case,
    "compressed": compressed,
    "bomb": bomb,
    "huge": huge,
    "black-hole": black_hole,
    "reset": reset,
    "trickle": trickle,
    "endless": endless,
}
HARMLESS = frozenset({"twice", "both-at-once", "again-later", "headers-gone", "other-case", "trickle"})
"""With these the sync itself still succeeds."""
PORTALS = frozenset({"portal-200", "portal-302", "portal-511", "empty-200", "empty-json-200", "fake-ok-200"})
"""These are a WiFi that wants a login, and are called that."""
