"""The Wi-Fi between a phone and the stall, as bytes: counted, and slowed down when asked to. Knows TCP only."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

FREE = (0.0, 0.0, 0.0)
SLOW_4G = (0.15, 1_638_400 / 8, 750_000 / 8)
"""Seconds there and back, bytes a second down and up: as Lighthouse sees a slow 4G."""


@dataclass
class Relay:
    """Leads its port to another one of this machine. `down` is what the phone received, `up` what it sent."""

    target: int
    port: int = 0
    down: int = 0
    up: int = 0
    line: tuple[float, float, float] = FREE
    _free_at: dict[bool, float] = field(default_factory=lambda: {True: 0.0, False: 0.0})

    def clear(self) -> None:
        self.down = self.up = 0

    def settle(self, quiet: float = 1.0, most: float = 20.0) -> None:
        """Wait until nothing has passed for `quiet` seconds."""
        ends, seen, since = time.monotonic() + most, -1, time.monotonic()
        while time.monotonic() < min(ends, since + quiet):
            if seen != self.down + self.up:
                seen, since = self.down + self.up, time.monotonic()
            time.sleep(0.05)

    async def lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, both ways, until both sides have ended it."""
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._carry(reader, far_writer, up=True), self._carry(far_reader, writer, up=False))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool) -> None:
        """What is read is written when the line has carried it: half the way's delay, and its turn among the others."""
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivery = asyncio.create_task(_deliver(waiting, writer))
        with contextlib.suppress(OSError):
            while piece := await reader.read(16384):
                self.up, self.down = (self.up + len(piece), self.down) if up else (self.up, self.down + len(piece))
                waiting.put_nowait((self._due(len(piece), up), piece))
        waiting.put_nowait((self._due(0, up), b""))
        await delivery

    def _due(self, size: int, up: bool) -> float:
        delay, down_rate, up_rate = self.line
        rate, now = up_rate if up else down_rate, time.monotonic()
        if rate:
            self._free_at[up] = max(now, self._free_at[up]) + size / rate
            now = self._free_at[up]
        return now + delay / 2


async def _deliver(waiting: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while True:
            due, piece = await waiting.get()
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if not piece:
                break
            writer.write(piece)
            await writer.drain()
        writer.write_eof() if writer.can_write_eof() else writer.close()


@contextlib.contextmanager
def relay(target: int) -> Iterator[Relay]:
    """A relay to `target`, answering on a port of its own in a thread of its own."""
    made, loop = Relay(target), asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(made.lead, "127.0.0.1", 0))
    made.port = int(server.sockets[0].getsockname()[1])
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
