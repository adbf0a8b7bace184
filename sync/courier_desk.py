"""Knows headquarters' side of sync by courier: a stall's file in, the answers and news out; refuses to know disks.

Every frame goes through `receive`, the very door of the network; new is only that answers wait for the way back.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol, cast

from layanan.problems import Refused
from sync.bundle import MAX_BYTES, MAX_FRAMES, Bundle, Cover, Direction, Framed, pack_bundle, read_bundle
from sync.chain import Position
from sync.courier import Tell, refused_count
from sync.frame import FrameKind, frame_hash, signer, unpack
from sync.keys import SigningKey
from sync.messages import Acknowledgement, Answer, Batch, Down, Sender
from sync.news import pack_news
from sync.ports import Inbox, KnownDevice
from sync.receive import MAX_DOWN, HqKeys, before_retirement, receive

_ROOM = MAX_BYTES - 2_000_000


class Gap(NamedTuple):
    """Entries (first to last) of one log that a stall wrote and that are not here, and files of it that never came."""

    first: int
    last: int
    numbers: tuple[int, ...]


class CourierDesk(Protocol):
    """What headquarters remembers of couriers' files."""

    def keep(self, bundle: Bundle, cursor: Position, answers: Sequence[tuple[str, bytes]]) -> None:
        """Store, in one transaction, that a file arrived and the answers to its frames, by the frames' hashes.

        Answers to lower numbers of the same log are forgotten: a newer file holds everything that still waits.
        """
        ...

    def answers(self, stall: str) -> list[bytes]:
        """Return the answers that wait for the way back, in the order of their frames."""
        ...

    def cursor(self, stall: str) -> Position:
        """Return how far the stall had read when its last file came; the beginning when none came yet."""
        ...

    def begin(self, stall: str) -> int:
        """Return the number of the next file for this stall; none is given twice."""
        ...

    def cover(self, stall: str, number: int) -> Cover:
        """Return the cover of a file to this stall: headquarters and the head of the log it keeps for the stall."""
        ...

    def may_learn(self, stall: str) -> bool:
        """Say whether the stall has a device that is not revoked."""
        ...

    def gaps(self, stall: str) -> list[Gap]:
        """Return what a file of this stall spoke of and what has come by no way."""
        ...


@dataclass(frozen=True)
class Received:
    """What a stall's file came to: entries in it, those kept without effect, and what is wrong with the sender."""

    stall: str
    number: int
    entries: int
    refused: int
    problem: str | None


class _WithoutNews:
    """The inbox as it is, but that news do not ride in answers: they have frames of their own, once a file."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inbox, name)

    def down(self, stall: str, cursor: Position, max_bytes: int) -> Down:
        """Return no entries, and a place that is really on the log, because it will be vouched for."""
        return Down((), self._inbox.down(stall, cursor, 0).position)


def receive_bundle(
    raw: bytes, inbox: Inbox, desk: CourierDesk, keys: HqKeys, *, now: Callable[[], datetime],
    tell: Tell = lambda _: None,
) -> Received:  # fmt: skip
    """Store all of a stall's file, each frame in a transaction of its own, and keep the answers for the way back.

    Raises Refused courier_*, stick_too_large or sync_* before anything is stored when any part of the file is not
    what one known stall of this headquarters signed. Cut off in the middle, the same file completes it.
    """
    bundle = read_bundle(raw, lambda key: getattr(inbox.device(key), "public", None))
    batches = _checked(bundle, inbox, keys.hq)
    cursor = batches[-1].cursor
    quiet = cast(Inbox, _WithoutNews(inbox))
    answers: list[tuple[str, bytes]] = []
    said: list[Answer] = []
    problem = None
    for batch, (_, frame) in zip(batches, bundle.frames, strict=True):
        answer = receive(frame, quiet, keys, now=now)
        answers.append((frame_hash(frame), answer))
        opened = unpack(answer, lambda key: keys.believed([key]).public, FrameKind.ACKNOWLEDGEMENT)
        ack = Acknowledgement.from_payload(opened.payload)
        said += ack.answers
        problem = ack.problem
        if batch.recovery.returned and ack.common:
            cursor = ack.common
        tell(len(said))
    desk.keep(bundle, cursor, answers)
    cover = bundle.cover
    return Received(cover.sender.stall, cover.number, len(said), refused_count(said), problem)


def answering(
    cover: Cover, inbox: Inbox, desk: CourierDesk, keys: HqKeys, tell: Tell = lambda _: None
) -> bytes:
    """Return the file under this cover: all answers that wait for the stall, and the news since it last wrote.

    All of it is signed with one key: that of the answers, which the stall named when it asked.
    """
    stall = cover.sender.stall
    frames = [Framed(FrameKind.ACKNOWLEDGEMENT, raw) for raw in desk.answers(stall)]
    key = keys.believed([signer(frames[-1].raw)] if frames else ())
    if desk.may_learn(stall):
        frames += _news(stall, inbox, desk.cursor(stall), key, _ROOM - sum(len(one.raw) for one in frames), tell)
    return pack_bundle(cover, frames[:MAX_FRAMES], key)


def _checked(bundle: Bundle, inbox: Inbox, hq: str) -> list[Batch]:
    """Open every frame before the first is stored."""
    batches = []
    device = inbox.device(bundle.signer)
    sender = bundle.cover.sender
    if device is None or bundle.cover.direction != Direction.TO_HQ or sender.hq != hq:
        raise Refused("courier_foreign")
    if not bundle.frames or not _may_send(device, sender):
        raise Refused("courier_foreign")
    for kind, frame in bundle.frames:
        batch = Batch.from_payload(unpack(frame, lambda _: device.public, kind).payload)
        if kind != FrameKind.BATCH or batch.sender != sender:
            raise Refused("courier_foreign")
        batches.append(batch)
    return batches


def _may_send(device: KnownDevice, sender: Sender) -> bool:
    return (device.id, device.stall) == (sender.device, sender.stall) and sender.epoch <= device.epoch


def _news(stall: str, inbox: Inbox, cursor: Position, key: SigningKey, room: int, tell: Tell) -> Iterable[Framed]:
    told, more = 0, True
    while more and room > 0:
        down = before_retirement(inbox.down(stall, cursor, MAX_DOWN), cursor, key.id)
        if down.position == cursor:
            return
        frame = Framed(FrameKind.NEWS, pack_news(down, stall, key))
        cursor, more, room = down.position, down.has_more, room - len(frame.raw)
        told += len(down.entries)
        tell(told)
        yield frame
