"""Knows the stall's side of the lane of attachments: ask, send what is missing, go on after a cut.

Refuses to know disks, sockets and clocks. Nothing waits for this lane: a request is complete without its pictures.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from layanan.problems import Refused
from sync.attachment_messages import LEAST_CHUNK, MOST_ASKED, MOST_CHUNK, Chunk, Offer, Report, State, Told
from sync.attachment_ports import AttachmentOutbox, Waiting
from sync.entry import read_time
from sync.exchange import NEVER_LEFT, StallKeys
from sync.extents import gaps
from sync.frame import FrameKind, frame_hash, pack, unpack
from sync.ports import Link, LinkDown

ENVELOPE = 400
"""Bytes an exchange costs beside its two frames: packets, headers and acknowledgements, roughly."""
OVERHEAD = 900 + ENVELOPE
"""Bytes of an exchange about one attachment beside its chunk: signatures, hashes, the heads, the envelope."""
_EACH_MORE = 150
"""Bytes of a question, and of its answer, for each further attachment asked about."""

FIRST_CHUNK = 32 * 1024
_AIM_SECONDS = 4.0
"""A chunk that takes longer loses more by a cut; a shorter one pays more for its round trip."""
_TOO_MUCH_AT_ONCE = ("sync_too_large", "link_timeout", "link_dropped")
_OLDER = ("sync_bad_signature", "sync_malformed")
"""What a headquarters that knows no attachments says of their frames."""


@dataclass
class ChunkPace:
    """How large the next chunk is, by what the link has carried so far."""

    chunk: int = FIRST_CHUNK

    @classmethod
    def known(cls, byte_seconds: float) -> "ChunkPace":
        """Return the pace for a link that takes so long for a byte; zero when nobody knows."""
        pace = cls()
        if byte_seconds:
            pace.chunk = max(LEAST_CHUNK, min(int(_AIM_SECONDS / byte_seconds), MOST_CHUNK))
        return pace

    def took(self, size: int, seconds: float) -> None:
        """Learn from an exchange that went through: at most twice as much the next time."""
        wanted = int(size / max(seconds, 0.001) * _AIM_SECONDS)
        self.chunk = max(LEAST_CHUNK, min(wanted, self.chunk * 2, MOST_CHUNK))

    def halve(self) -> bool:
        """Learn from one that did not; False when chunks cannot be smaller."""
        smaller = max(LEAST_CHUNK, self.chunk // 2)
        self.chunk, shrunk = smaller, smaller < self.chunk
        return shrunk


@dataclass(frozen=True)
class Lane:
    """What the lane came to: chunks that were acknowledged, attachments completed, bytes spent both ways.

    `stopped` says that more waits: for text at the counter, or for the budget. `problem` is a code of the catalogue.
    """

    chunks: int = 0
    completed: int = 0
    spent: int = 0
    stopped: bool = False
    problem: str | None = None
    retry_after: float | None = None


class _Stop(Exception):
    """Text waits, or the budget is used up."""


def send_attachments(
    port: AttachmentOutbox,
    link: Link,
    keys: StallKeys,
    *,
    now: Callable[[], datetime],
    pace: ChunkPace | None = None,
    budget: int | None = None,
    yields: Callable[[], bool] = lambda: False,
    ticks: Callable[[], float] = time.monotonic,
) -> Lane:
    """Send what headquarters has not got of each attachment, oldest first, one at a time; never raises Refused.

    Call it when text is quiet. `yields` is asked before each chunk and stops the lane when it says so (text waits
    again); `budget` is how many bytes may be spent. After a cut at most the one chunk under way is sent again.
    """
    run = _Run(port, link, keys, now, pace or ChunkPace(), budget, yields, ticks)
    try:
        run.all()
    except _Stop:
        return replace(run.lane, stopped=True)
    except LinkDown as down:
        problem = "attachment_not_yet" if down.code in _OLDER else down.code
        return replace(run.lane, problem=problem, retry_after=down.retry_after)
    except Refused as refused:
        return replace(run.lane, problem=refused.code)
    return run.lane


@dataclass
class _Run:
    port: AttachmentOutbox
    link: Link
    keys: StallKeys
    now: Callable[[], datetime]
    pace: ChunkPace
    budget: int | None
    yields: Callable[[], bool]
    ticks: Callable[[], float]
    lane: Lane = field(default_factory=Lane)

    def all(self) -> None:
        """Ask about a page at a time; a page is behind us when each of it was tried once."""
        after = 0
        while page := self.port.unsettled(after, MOST_ASKED, self.now()):
            after = page[-1].number
            self._room(OVERHEAD + _EACH_MORE * len(page))
            told = self._ask(page)
            for one, said in zip(page, told, strict=True):
                self._send(one, said)

    def _send(self, one: Waiting, said: Told) -> None:
        """Fill the gaps; when an answer says no more than the last one and chunks got no smaller, its turn is over."""
        if said.state is not State.PARTIAL or not self.port.is_whole(one.sha256):
            return
        while said.state is State.PARTIAL and (missing := gaps(said.held, (0, one.size))):
            before, most, (start, stop) = said.bytes_held, self.pace.chunk, missing[0]
            said = self._chunk(one, start, min(stop - start, most))
            if said.state is State.PARTIAL and said.bytes_held <= before and self.pace.chunk >= most:
                return
        if said.state in (State.COMPLETE, State.DURABLE):
            self.lane = replace(self.lane, completed=self.lane.completed + 1)

    def _chunk(self, one: Waiting, start: int, length: int) -> Told:
        """Send one chunk; when it was too much at once, ask what came of it and go on with half."""
        if self.yields():
            raise _Stop
        length = self._room(length + OVERHEAD) - OVERHEAD
        chunk = Chunk(one.sha256, start, self.port.read(one.sha256, start, length))
        began = self.ticks()
        try:
            (said,) = self._ask([one], chunk)
        except LinkDown as down:
            if down.code not in _TOO_MUCH_AT_ONCE or not self.pace.halve():
                raise
            return self._asked_again(one)
        self.pace.took(len(chunk.body), self.ticks() - began)
        self.lane = replace(self.lane, chunks=self.lane.chunks + 1)
        return said

    def _asked_again(self, one: Waiting) -> Told:
        (said,) = self._ask([one])
        return said

    def _room(self, wanted: int) -> int:
        """So many of the wanted bytes may be spent. Raises _Stop when that is not worth an exchange."""
        if self.budget is None:
            return wanted
        left = self.budget - self.lane.spent
        if left < min(wanted, OVERHEAD + LEAST_CHUNK):
            raise _Stop
        return min(wanted, left)

    def _ask(self, page: Sequence[Waiting], chunk: Chunk | None = None) -> list[Told]:
        """One signed exchange, taken before it is returned; the answer is about exactly these, in this order."""
        offer = Offer(
            sender=self.port.identity(),
            asked=tuple(one.asked for one in page),
            capsules=() if chunk else tuple(self.port.capsules({one.key for one in page})),
            chunk=chunk,
            trust=tuple(self.keys.hq),
        )
        frame = pack(offer.to_payload(), self.keys.device, FrameKind.ATTACHMENT)
        report = self._report(frame)
        if [one.sha256 for one in report.told] != [one.sha256 for one in page]:
            raise Refused("sync_malformed")
        self.port.told(report.told, self.now(), read_time(report.server_time))
        return list(report.told)

    def _report(self, frame: bytes) -> Report:
        try:
            answer = self.link.exchange(frame)
        except LinkDown as down:
            self._spent(0 if down.code in NEVER_LEFT else len(frame) + ENVELOPE)
            raise
        self._spent(len(frame) + len(answer) + ENVELOPE)
        opened = unpack(answer, self.keys.hq.get, FrameKind.ATTACHMENT_REPORT)
        report = Report.from_payload(opened.payload)
        if report.frame != frame_hash(frame):
            raise Refused("sync_malformed")
        if report.problem:
            raise Refused(report.problem)
        return report

    def _spent(self, size: int) -> None:
        self.lane = replace(self.lane, spent=self.lane.spent + size)
