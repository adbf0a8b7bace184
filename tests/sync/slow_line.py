"""A link with a speed, a round trip and a temper, under a clock of its own: what a test of patience needs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sync.exchange import Outcome
from sync.frame import FrameKind, unpack
from sync.kuota import Budget
from sync.line import Line
from sync.messages import Batch
from sync.pace import Pace
from sync.ports import LinkDown
from sync.until_quiet import sync_until_quiet
from tests.sync.cast import MORNING
from tests.sync.world import World


class SlowLink:
    """Headquarters of `world` behind `rate` bytes a second and `trip` seconds; `trouble` may stand in the way.

    `trouble` is told the number of the try and its entries and returns the code of a failure, or nothing. `tries`
    holds the entries of every frame that was offered, `stubs` those that were named only.
    """

    def __init__(
        self, world: World, rate: float = 6_250, trip: float = 0.6,
        trouble: Callable[[int, int], str | None] = lambda number, rows: None,
    ) -> None:  # fmt: skip
        self.world, self.rate, self.trip, self.trouble = world, rate, trip, trouble
        self.timeout = 0.0
        self.at = 0.0
        self.tries: list[int] = []
        self.stubs: list[str] = []
        self.seconds: list[float] = []
        self.moved = 0

    def exchange(self, frame: bytes) -> bytes:
        opened = unpack(frame, lambda _: self.world.device.public, FrameKind.BATCH)
        batch = Batch.from_payload(opened.payload)
        self.tries.append(len(batch.items))
        self.stubs += [stub.hash for stub in batch.recovery.stubs]
        code = self.trouble(len(self.tries), len(batch.items))
        if code == "link_lost":
            self.world.answer(frame)
        if code:
            self.at += self.timeout if code == "link_timeout" else self.trip
            raise LinkDown("link_dropped" if code == "link_lost" else code, 120.0 if code == "link_server" else None)
        answer = self.world.answer(frame)
        took = self.trip + (len(frame) + len(answer)) / self.rate
        if took > self.timeout:
            self.at += self.timeout
            raise LinkDown("link_timeout")
        self.at += took
        self.seconds.append(took)
        self.moved += len(frame) + len(answer)
        return answer

    def line(self, pace: Pace | None = None, budget: Budget | None = None) -> Line:
        return Line(self, pace, budget, lambda: self.at)

    def sync(self, line: Line) -> Outcome:
        world = self.world
        return sync_until_quiet(world.outbox, world.book, line, world.keys, now=self.now)

    def now(self) -> datetime:
        return MORNING + timedelta(seconds=self.at)
