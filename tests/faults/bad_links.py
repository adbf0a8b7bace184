"""Links that misbehave in one way each, on real sockets: an answer that is lost, a portal that smiles.

Refuses to know what is sent through them.
"""

from __future__ import annotations

import socket
from contextlib import suppress

from pasar.cut_link import CONNECT_SECONDS, CutLink, hang_up

PORTAL_PAGE = b"<html><head><title>WiFi Pasar</title></head><body>Silakan login untuk memakai WiFi.</body></html>"


class LostAnswer(CutLink):
    """Carries a request whole, lets the server finish, and loses the answer, `losses` times; then carries all."""

    def __init__(self, target: tuple[str, int], losses: int) -> None:
        super().__init__(target)
        self.losses = losses
        self.lost = 0

    def answer(self, near: socket.socket) -> None:
        if self.lost >= self.losses:
            super().answer(near)
            return
        request = whole_message(near)
        with socket.create_connection(self.target, CONNECT_SECONDS) as far:
            far.sendall(request)
            assert whole_message(far).startswith(b"HTTP/1.1 200")
        self.lost += 1
        hang_up(near)


class Portal(CutLink):
    """Answers everything itself with `200 OK` and the page of a WiFi that wants a login, while `smiling`."""

    def __init__(self, target: tuple[str, int]) -> None:
        super().__init__(target)
        self.smiling = True
        self.smiles = 0

    def answer(self, near: socket.socket) -> None:
        if not self.smiling:
            super().answer(near)
            return
        whole_message(near)
        self.smiles += 1
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(PORTAL_PAGE)}\r\n"
        with suppress(OSError):
            near.sendall(head.encode() + b"Connection: close\r\n\r\n" + PORTAL_PAGE)


def whole_message(connection: socket.socket) -> bytes:
    """One HTTP message with its body by Content-Length or to the end of the stream."""
    message = b""
    while b"\r\n\r\n" not in message:
        piece = connection.recv(65536)
        if not piece:
            return message
        message += piece
    head = message.partition(b"\r\n\r\n")[0]
    length = declared_length(head)
    while len(message) < len(head) + 4 + length:
        piece = connection.recv(65536)
        if not piece:
            return message
        message += piece
    return message


def declared_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0
