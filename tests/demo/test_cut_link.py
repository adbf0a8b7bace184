"""The link that a person can cut: real sockets, counted bytes, an end that both sides feel."""

import socket
import threading
from collections.abc import Iterator

import pytest

from pasar.cut_link import CutLink


def echo(listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            while piece := connection.recv(1024):
                connection.sendall(piece)


@pytest.fixture
def target() -> Iterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=echo, args=(listener,), daemon=True).start()
        yield listener.getsockname()
        listener.shutdown(socket.SHUT_RDWR)


def says(port: int, words: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 5) as near:
        near.sendall(words)
        near.shutdown(socket.SHUT_WR)
        heard = b""
        while piece := near.recv(1024):
            heard += piece
        return heard


def test_a_joined_link_carries_and_counts(target: tuple[str, int]) -> None:
    with CutLink(target) as link:
        assert says(link.port, b"berkas" * 500) == b"berkas" * 500
        assert (link.sent, link.received) == (3000, 3000)


def answer_after_cut(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1)
    except OSError:
        return b""


def test_a_cut_link_ends_what_is_open_and_what_comes_and_joins_again(target: tuple[str, int]) -> None:
    with CutLink(target) as link, socket.create_connection(("127.0.0.1", link.port), 5) as near:
        near.sendall(b"x")
        assert near.recv(1) == b"x"
        link.cut()
        assert answer_after_cut(near) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", link.port), 5)
        assert (link.sent, link.received) == (1, 1)
        link.join()
        assert says(link.port, b"y") == b"y"


def test_a_dead_target_is_a_closed_connection_not_a_crash() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = listener.getsockname()
    with CutLink(nobody) as link:
        try:
            assert says(link.port, b"x") == b""
        except OSError:
            assert link.received == 0
