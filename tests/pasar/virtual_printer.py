"""Printers without a machine: one behind a real TCP socket, one behind a real terminal (pty), both ESC/POS.

They answer what a printer answers, run out of paper, fall silent, stop taking bytes, and are unplugged in mid-job.
"""

from __future__ import annotations

import contextlib
import os
import pty
import select
import socket
import struct
import threading
import time
import tty
from collections.abc import Callable, Iterator

from tests.pasar.roll import Roll, decode

READY, NO_PAPER, OPEN_COVER, BROKEN = {4: 0x12, 2: 0x12}, {4: 0x72, 2: 0x32}, {4: 0x12, 2: 0x16}, {4: 0x12, 2: 0x52}
"""What DLE EOT n is answered, by n."""
RESET_AT_CLOSE = struct.pack("ii", 1, 0)


class VirtualPrinter:
    """What every kind has in common. A test sets the fields, also in mid-job."""

    def __init__(self) -> None:
        self.received = b""
        self.answers: dict[int, int] | None = READY
        self.says_done = True
        self.unplugged_after: int | None = None
        self.stuck_after: int | None = None

    @property
    def papers(self) -> list[Roll]:
        """Everything printed so far; questions leave no trace."""
        return decode(self.received)

    def wait_for(self, ready: Callable[[], object], seconds: float = 20.0) -> None:
        """Wait until it is so; the time is only there for what never comes."""
        end = time.monotonic() + seconds
        while not ready():
            assert time.monotonic() < end, f"still not after {seconds} s, {len(self.received)} bytes"
            time.sleep(0.02)

    def take(self, data: bytes) -> bytes:
        """Note the bytes and return the answer to the question at their end."""
        self.received += data
        if self.answers is None:
            return b""
        if data[-3:-1] == b"\x10\x04":
            return bytes([self.answers[data[-1]]])
        return b"\x00" if data[-3:] == b"\x1dr\x01" and self.says_done and self.answers == READY else b""

    def may_read(self) -> int:
        """How many bytes it would take now; 0 when it is stuck."""
        marks = [mark for mark in (self.unplugged_after, self.stuck_after) if mark is not None]
        return min([1024, *(mark - len(self.received) for mark in marks)])

    @property
    def is_torn_off(self) -> bool:
        return self.unplugged_after is not None and len(self.received) >= self.unplugged_after


class SocketPrinter(VirtualPrinter):
    """A network printer: one connection at a time on a port of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.connections = 0
        self._server = socket.create_server(("127.0.0.1", 0), backlog=1)
        self.address = f"network:127.0.0.1:{self._server.getsockname()[1]}"

    def run(self, over: threading.Event) -> None:
        while not over.is_set():
            if select.select([self._server], [], [], 0.05)[0]:
                connection = self._server.accept()[0]
                self.connections += 1
                with connection:
                    self._serve(connection, over)
        self._server.close()

    def _serve(self, connection: socket.socket, over: threading.Event) -> None:
        while not over.is_set():
            if self.is_torn_off:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
                self.unplugged_after = None
                return
            most = self.may_read()
            if not most or not select.select([connection], [], [], 0.05)[0]:
                over.wait(0.02)
                continue
            try:
                data = connection.recv(most)
                if not data:
                    return
                connection.sendall(self.take(data))
            except OSError:
                return


class TerminalPrinter(VirtualPrinter):
    """A printer at a serial line or as a device file; unplugging it makes the device vanish."""

    def __init__(self) -> None:
        super().__init__()
        self._own, self._line = pty.openpty()
        tty.setraw(self._line)
        self.device = os.ttyname(self._line)

    def run(self, over: threading.Event) -> None:
        while not over.is_set() and not self.is_torn_off:
            most = self.may_read()
            if not most or not select.select([self._own], [], [], 0.05)[0]:
                over.wait(0.02)
                continue
            os.write(self._own, self.take(os.read(self._own, most)))
        os.close(self._line)
        os.close(self._own)


@contextlib.contextmanager
def plugged_in(printer: VirtualPrinter) -> Iterator[None]:
    """The printer at work until the end of the block."""
    over = threading.Event()
    thread = threading.Thread(target=printer.run, args=(over,))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
