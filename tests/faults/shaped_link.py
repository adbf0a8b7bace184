"""A link as a village's mobile network gives it: slow, far, with stretches of silence, and sometimes gone.

Knows seconds and bytes; refuses to know what they say, but for counting how often something was asked.
"""

from __future__ import annotations

import random
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue

from pasar.cut_link import CutLink, hang_up

SEGMENT = 512
ASKED = b"POST "


@dataclass(frozen=True)
class Shape:
    """Bits a second and seconds one way; the share of segments that come `silence` seconds late, and that end it all.

    A lost segment is one that comes late: TCP sends it again.
    """

    rate: int
    delay: float
    late: float
    silence: float
    reset: float = 0.0


class ShapedLink(CutLink):
    """Carries everything in that shape, each direction by itself; `asked` counts requests, `resets` broken lines."""

    def __init__(self, target: tuple[str, int], shape: Shape, seed: int) -> None:
        super().__init__(target)
        self.shape, self.rng = shape, random.Random(seed)
        self.asked = self.resets = self.lates = 0

    def answer(self, near: socket.socket) -> None:
        time.sleep(2 * self.shape.delay)  # the two handshakes of a connection
        super().answer(near)

    def _pump(self, source: socket.socket, sink: socket.socket, towards: bool) -> None:
        line: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
        far_end = threading.Thread(target=_deliver, args=(line, sink), daemon=True)
        far_end.start()
        free = 0.0
        with suppress(OSError):
            while piece := source.recv(SEGMENT):
                self._count(len(piece), towards)
                free = max(free, time.monotonic()) + 8 * len(piece) / self.shape.rate
                if self._chance(self.shape.reset):
                    self.resets += 1
                    hang_up(source)
                    hang_up(sink)
                if self._chance(self.shape.late):
                    self.lates += 1
                    free += self.shape.silence
                self.asked += towards and piece.count(ASKED)
                line.put((free + self.shape.delay, piece))
        line.put((free + self.shape.delay, b""))
        far_end.join()

    def _chance(self, share: float) -> bool:
        with self._lock:
            return self.rng.random() < share


def _deliver(line: SimpleQueue[tuple[float, bytes]], sink: socket.socket) -> None:
    with suppress(OSError):
        while True:
            at, piece = line.get()
            time.sleep(max(0.0, at - time.monotonic()))
            if not piece:
                sink.shutdown(socket.SHUT_WR)
                return
            sink.sendall(piece)
