"""Knows the stall's side of the protocol, one exchange and many; refuses to know disks, sockets and clocks.

Every cut-off point is safe: until a verified acknowledgement is taken in one transaction, all of it is sent again.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from layanan.problems import Refused
from sync.ahead import Ahead
from sync.entry import read_time
from sync.frame import FrameKind, frame_hash, pack, signer, unpack
from sync.keys import SigningKey, VerifyKey
from sync.messages import Acknowledgement, Batch, Item
from sync.ports import MAX_ROWS, Link, LinkDown, Outbox, StatusBook
from sync.proof import proven
from sync.recovery import Recovery, Stub
from sync.regain import is_off_log, regain
from sync.wire import is_folded

MAX_BYTES = 600_000
"""Entries and sealed parts in one batch, before compression; with base64 and capsules still below 1 MB packed."""

NEVER_LEFT = frozenset({
    "link_no_address", "link_dns", "link_refused", "link_tls", "link_clock", "link_portal",
    "link_kuota",
})  # fmt: skip
"""With these headquarters has certainly not seen a byte of the batch."""

_NOT_READ = ("sync_malformed", "sync_too_new")
"""What an older headquarters says of a message in a form it does not know."""


@dataclass(frozen=True)
class StallKeys:
    """The device's own key, and headquarters' signing keys by id, newest first (the pinned one and its successors).

    `strange` are keys that headquarters answered with and that are none of these yet: its keys were changed meanwhile.
    """

    device: SigningKey
    hq: Mapping[str, VerifyKey]
    strange: set[str] = field(default_factory=set, compare=False)

    def naming(self, batch: Batch) -> Batch:
        """Return the same question, with the keys the answer may be signed with."""
        return replace(batch, recovery=replace(batch.recovery, trust=tuple(self.hq)))


@dataclass(frozen=True)
class Outcome:
    """What a sync came to. `problem` is a code of the catalogue; None means headquarters answered and all was taken.

    `has_more` says that either side has more waiting; `clock_ahead` is how many seconds this machine's clock is
    ahead of headquarters', as far as a round trip can tell.
    """

    sent: int = 0
    confirmed: int = 0
    pulled: int = 0
    has_more: bool = False
    problem: str | None = None
    retry_after: float | None = None
    clock_ahead: float | None = None


def exchange(
    outbox: Outbox,
    book: StatusBook,
    link: Link,
    keys: StallKeys,
    *,
    now: Callable[[], datetime],
    max_rows: int = MAX_ROWS,
    aside: Sequence[Stub] = (),
    ahead: Ahead | None = None,
) -> Outcome:
    """Send what is pending, take the answers, take headquarters' news; never raises Refused, says it in the outcome.

    In the place of the entries that are set `aside` these stubs go. One `ahead` for all exchanges of a sync lets the
    next question be made while headquarters works on this one.
    """
    outcome = Outcome()
    try:
        batch = next_batch(outbox, book, max_rows, aside)
        if ahead:
            batch = ahead.instead_of(batch)
        outcome = replace(outcome, sent=len(batch.items) + len(batch.recovery.stubs))
        way = ahead.beside(link, batch, lambda: _following(batch, outbox, book, max_rows, aside)) if ahead else link
        ack = _answered(outbox, way, batch, keys, now)
        outcome = replace(outcome, clock_ahead=_clock_ahead(ack, now()))
        outbox.answered(ack)
        if ack.found:
            outbox.mend(ack.found)
        outcome = replace(outcome, confirmed=_confirmed(ack, batch), problem=ack.problem)
        if is_off_log(ack.down, batch.cursor):
            regain(book, lambda said: _asked(_beside(batch, said), link, keys))
            return replace(outcome, has_more=True)
        _check_proof(ack, batch, keys)
        pulled = book.receive(ack.down)
        return replace(outcome, pulled=pulled, has_more=ack.down.has_more or bool(outbox.pending(1, MAX_BYTES)))
    except LinkDown as down:
        left = 0 if down.code in NEVER_LEFT else outcome.sent
        return replace(outcome, sent=left, has_more=True, problem=down.code, retry_after=down.retry_after)
    except Refused as refused:
        return replace(outcome, has_more=True, problem=refused.code)


def _asked(batch: Batch, link: Link, keys: StallKeys) -> Acknowledgement:
    """Ask in few bytes; a headquarters that cannot read that is asked again in plain words."""
    if any(key not in keys.hq for key in keys.strange):
        batch = keys.naming(batch)
    try:
        return _sent(batch.short, batch, link, keys)
    except LinkDown as down:
        if down.code not in _NOT_READ or not is_folded(batch.short):
            raise
    return _sent(batch.to_payload(), batch, link, keys)


def _sent(payload: bytes, batch: Batch, link: Link, keys: StallKeys) -> Acknowledgement:
    frame = pack(payload, keys.device, FrameKind.BATCH)
    answer = link.exchange(frame)
    strange = signer(answer)
    if strange in keys.hq:
        return acknowledged(answer, frame, keys, batch.known())
    if batch.recovery.trust:
        raise Refused("sync_hq_key")
    keys.strange.add(strange)
    return _asked(batch, link, keys)


def _beside(batch: Batch, said: Recovery) -> Batch:
    """The same question without entries."""
    return replace(batch, nonce=os.urandom(16), items=(), capsules=(), recovery=said)


def _answered(
    outbox: Outbox, link: Link, batch: Batch, keys: StallKeys, now: Callable[[], datetime]
) -> Acknowledgement:
    """Return the acknowledgement; what may have arrived and got no final answer is noted as sent.

    The answers note the rest in their own transaction: one flush to the disk instead of two.
    """
    unanswered = _hashes(batch)
    try:
        ack = _asked(batch, link, keys)
    except Refused as refused:
        if refused.code not in NEVER_LEFT:
            outbox.sent(unanswered, now())
        raise
    final = {answer.hash for answer in ack.answers if answer.final}
    outbox.sent([one for one in unanswered if one not in final], now())
    return ack


def next_batch(outbox: Outbox, book: StatusBook, max_rows: int, aside: Sequence[Stub] = ()) -> Batch:
    """Return the batch to send now, with the capsules its entries need, each time."""
    return _with(aside, batch_of(pending_beside(outbox, max_rows, aside), outbox, book))


def _with(aside: Sequence[Stub], batch: Batch) -> Batch:
    return replace(batch, recovery=replace(batch.recovery, stubs=(*batch.recovery.stubs, *aside)))


def _following(batch: Batch, outbox: Outbox, book: StatusBook, max_rows: int, aside: Sequence[Stub]) -> Batch | None:
    """Return what there will be to ask when all of this batch is answered and nothing else has changed."""
    asked = len(batch.items)
    room = sum(len(item.entry.raw) + len(item.sealed or b"") for item in batch.items) + MAX_BYTES
    waiting = pending_beside(outbox, asked + max_rows, aside, room)[asked:]
    return _with(aside, batch_of(waiting, outbox, book)) if waiting else None


def pending_beside(outbox: Outbox, max_rows: int, aside: Sequence[Stub], max_bytes: int = MAX_BYTES) -> list[Item]:
    """Return what waits, without the entries that are set aside."""
    if max_rows < 1:
        return []
    passed = {stub.hash for stub in aside}
    waiting = outbox.pending(max_rows + len(passed), max_bytes)
    return [item for item in waiting if item.entry.hash not in passed][:max_rows]


def batch_of(items: Sequence[Item], outbox: Outbox, book: StatusBook) -> Batch:
    """Return the batch that carries these entries and asks for what follows the cursor."""
    keys_used = dict.fromkeys(item.entry.sealed.key for item in items if item.entry.sealed)
    return Batch(
        sender=outbox.identity(),
        nonce=os.urandom(16),
        items=tuple(items),
        capsules=tuple(outbox.capsules(keys_used)),
        cursor=book.cursor(),
        recovery=Recovery(
            logs=tuple(outbox.logs()),
            asked=tuple(outbox.asked(MAX_ROWS)),
            stubs=tuple(outbox.stubs(MAX_ROWS)),
            wanted=tuple(outbox.wanted(MAX_ROWS)),
            lost=tuple(outbox.lost()),
        ),
    )


def acknowledged(answer: bytes, frame: bytes, keys: StallKeys, known: Sequence[str] = ()) -> Acknowledgement:
    """Return headquarters' acknowledgement of exactly this frame; `known` is the batch's.

    Raises Refused("sync_malformed" | "sync_bad_signature" | ...) for everything else: nothing unsigned counts.
    """
    opened = unpack(answer, keys.hq.get, FrameKind.ACKNOWLEDGEMENT)
    ack = Acknowledgement.from_payload(opened.payload, known)
    if ack.batch != frame_hash(frame):
        raise Refused("sync_bad_signature")
    return ack


def _check_proof(ack: Acknowledgement, batch: Batch, keys: StallKeys) -> None:
    """An entry is only taken with a proof that lets it be given back."""
    down = ack.down
    stall = batch.sender.stall
    if down.entries and not any(proven(key, stall, down.position, down.proof) for key in keys.hq.values()):
        raise Refused("sync_bad_signature")


def _hashes(batch: Batch) -> list[str]:
    return [item.entry.hash for item in batch.items] + [stub.hash for stub in batch.recovery.stubs]


def _confirmed(ack: Acknowledgement, batch: Batch) -> int:
    return len(set(_hashes(batch)) & {answer.hash for answer in ack.answers if answer.final})


def _clock_ahead(ack: Acknowledgement, now: datetime) -> float | None:
    try:
        return (now - read_time(ack.server_time)).total_seconds()
    except ValueError:
        return None
