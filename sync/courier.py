"""Knows the stall's side of sync by courier: what goes out, what counts of what comes back; refuses to know disks.

The frames are those of the network and meet the same outbox and status book. Only time differs: an answer may be old.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from layanan.problems import Refused
from sync.bundle import MAX_BYTES, MAX_FRAMES, Bundle, Cover, Direction, Framed, pack_bundle, read_bundle
from sync.chain import Position
from sync.exchange import StallKeys, batch_of
from sync.frame import FrameKind, frame_hash, pack, unpack
from sync.messages import Acknowledgement, Answer, Batch, Down, Item, Result
from sync.news import beyond, read_news
from sync.ports import Outbox, StatusBook
from sync.recovery import NOTHING, Recovery

Tell = Callable[[int], None]
"""Called with the number of entries done so far, for whoever watches a long task."""

MOST_GIVEN = 2_000_000
"""Bytes of headquarters' own log in one file; more goes with the next one."""

_ROOM = MAX_BYTES - 2_000_000
"""The list of frames and one more frame still fit."""


class CourierBook(Protocol):
    """What a stall remembers of the files it gave a courier."""

    def begin(self) -> int:
        """Return a number that no file of this stall has had."""
        ...

    def head(self) -> Position:
        """Return the head of the log that is written now."""
        ...

    def pages(self) -> Iterator[Sequence[Item]]:
        """Yield all entries without an answer, oldest first, each page fit for one batch."""
        ...

    def remember(self, number: int, frames: Sequence[str], giving: str = "") -> None:
        """Store the hashes of the frames of file `number`, and the head headquarters has signed so far.

        `giving` is the one that gives back all of headquarters' log above the common place.
        """
        ...

    def parting(self) -> Position | None:
        """Return the place from which headquarters' log is to be given back; None while both have the same."""
        ...

    def keep_parting(self, place: Position | None) -> None:
        """Remember that place until the next file is written and answered."""
        ...

    def gave_back(self, frame: str) -> bool:
        """Say whether this frame gave back all that headquarters had lost."""
        ...

    def is_wanted(self, ack: Acknowledgement) -> bool:
        """Say whether this answer is for a frame of this machine that has none yet, and not older than what is known.

        It is old when its head lies behind the one known now and not behind the one known when the frame was made.
        A head behind both says that headquarters was restored.
        """
        ...

    def taken(self, frame: str) -> None:
        """Note that the answer to this frame has done what it can."""
        ...


@dataclass(frozen=True)
class Outgoing:
    """A file for the courier: its name and bytes, the entries in it, and whether more wait than it could hold."""

    name: str
    raw: bytes
    entries: tuple[str, ...]
    has_more: bool


@dataclass(frozen=True)
class Taken:
    """What a file from headquarters came to. `missing` are the first and last number of news that are not here yet."""

    number: int
    confirmed: int = 0
    pulled: int = 0
    problem: str | None = None
    missing: tuple[int, int] | None = None


def outgoing(
    outbox: Outbox, book: StatusBook, courier: CourierBook, keys: StallKeys, number: int, tell: Tell = lambda _: None
) -> Outgoing:
    """Return file `number` with all that waits; its frames are remembered before anybody can see it.

    A stall with nothing to send still makes one frame: it says how far it has read.
    """
    frames, giving = _given_back(outbox, book, courier, keys)
    entries: list[str] = []
    size, has_more = sum(len(frame.raw) for frame in frames), False
    for page in _at_least_one(courier.pages()):
        if len(frames) == MAX_FRAMES or size > _ROOM:
            has_more = True
            break
        batch = keys.naming(_batch(page, outbox, book, first=not entries))
        frames.append(Framed(FrameKind.BATCH, pack(batch.to_payload(), keys.device, FrameKind.BATCH)))
        size += len(frames[-1].raw)
        entries += [item.entry.hash for item in page] + [stub.hash for stub in batch.recovery.stubs]
        tell(len(entries))
    cover = Cover(Direction.TO_HQ, number, outbox.identity(), courier.head())
    courier.remember(number, [frame_hash(frame.raw) for frame in frames], giving)
    return Outgoing(cover.name, pack_bundle(cover, frames, keys.device), tuple(entries), has_more)


def take(
    raw: bytes, outbox: Outbox, book: StatusBook, courier: CourierBook, keys: StallKeys, tell: Tell = lambda _: None
) -> Taken:
    """Take headquarters' file: answers, then news, as far as they are new.

    Raises Refused courier_*, stick_too_large or sync_* before anything is taken when any part of the file is not
    headquarters' word for this stall. A fork or a gap is said in `problem`; what came before it was taken.
    """
    bundle = read_bundle(raw, keys.hq.get)
    acks, news = _opened(bundle, outbox, keys)
    confirmed, problem = 0, None
    try:
        for ack in acks:
            confirmed += _settle(ack, outbox, book, courier)
            tell(confirmed)
            problem = problem or ack.problem
        if courier.parting():
            return Taken(bundle.cover.number, confirmed, problem=problem or "courier_again")
        pulled = _follow(news, book, lambda done: tell(confirmed + done))
    except Refused as refused:
        if refused.code not in ("sync_fork", "sync_gap"):
            raise
        return Taken(bundle.cover.number, confirmed, problem=refused.code, missing=_missing(book, bundle.cover))
    return Taken(bundle.cover.number, confirmed, pulled, problem, _missing(book, bundle.cover))


def _batch(page: Sequence[Item], outbox: Outbox, book: StatusBook, *, first: bool) -> Batch:
    """The stubs and the question where both logs part go once a file."""
    batch = batch_of(page, outbox, book)
    said = replace(batch.recovery, places=book.ladder()) if first else NOTHING
    return replace(batch, recovery=said)


def _given_back(
    outbox: Outbox, book: StatusBook, courier: CourierBook, keys: StallKeys
) -> tuple[list[Framed], str]:
    """A frame with what headquarters has lost of its own log, when an answer told so; its hash if that is all of it."""
    common, cursor = courier.parting(), book.cursor()
    if common is None or common.seq >= cursor.seq:
        return [], ""
    given = book.above(common, MOST_GIVEN)
    batch = replace(batch_of((), outbox, book), recovery=Recovery(returned=given))
    raw = pack(keys.naming(batch).to_payload(), keys.device, FrameKind.BATCH)
    whole = common.seq + len(given.entries) == cursor.seq
    return [Framed(FrameKind.BATCH, raw)], frame_hash(raw) if whole else ""


def _at_least_one(pages: Iterable[Sequence[Item]]) -> Iterator[Sequence[Item]]:
    nothing = True
    for page in pages:
        nothing = False
        yield page
    if nothing:
        yield ()


def _opened(bundle: Bundle, outbox: Outbox, keys: StallKeys) -> tuple[list[Acknowledgement], list[Down]]:
    """All frames are opened before the first is used: a file is taken whole or refused whole.

    An answer may be older than the key that signed the list.
    """
    me, cover = outbox.identity(), bundle.cover
    if cover.direction != Direction.FROM_HQ or (cover.sender.hq, cover.sender.stall) != (me.hq, me.stall):
        raise Refused("courier_foreign")
    acks: list[Acknowledgement] = []
    news: list[Down] = []
    for kind, frame in bundle.frames:
        opened = unpack(frame, keys.hq.get, kind)
        if kind == FrameKind.ACKNOWLEDGEMENT:
            acks.append(Acknowledgement.from_payload(opened.payload))
        elif kind == FrameKind.NEWS:
            news.append(read_news(opened.payload, me.stall, keys.hq[opened.key_id]))
    return acks, news


def _settle(ack: Acknowledgement, outbox: Outbox, book: StatusBook, courier: CourierBook) -> int:
    if not courier.is_wanted(ack):
        return 0
    before = outbox.counts().confirmed
    outbox.answered(ack)
    if ack.found:
        outbox.mend(ack.found)
    _stand(ack, book, courier)
    courier.taken(ack.batch)
    return max(0, outbox.counts().confirmed - before)


def _stand(ack: Acknowledgement, book: StatusBook, courier: CourierBook) -> None:
    """Take where headquarters' log and this book part: to give back from there, or, all given back, to read on."""
    place, cursor = ack.common, book.cursor()
    if place is None:
        return
    behind = place.seq < cursor.seq
    if behind and courier.gave_back(ack.batch):
        book.rewind(place)
        behind = False
    courier.keep_parting(place if behind else None)


def _follow(news: Iterable[Down], book: StatusBook, tell: Tell) -> int:
    pulled = 0
    for down in news:
        cursor = book.cursor()
        rest = beyond(cursor, down)
        if rest.position != cursor:
            pulled += book.receive(rest)
            tell(pulled)
    return pulled


def _missing(book: StatusBook, cover: Cover) -> tuple[int, int] | None:
    here, there = book.cursor(), cover.head
    return (here.seq + 1, there.seq) if here.author == there.author and here.seq < there.seq else None


def refused_count(answers: Iterable[Answer]) -> int:
    """Return how many entries headquarters keeps without effect."""
    return sum(answer.result in (Result.REJECTED, Result.CONFLICT) for answer in answers)
