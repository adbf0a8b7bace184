"""Knows the stall's side of the protocol, one exchange and many; refuses to know disks, sockets and clocks.

Every cut-off point is safe: until a verified acknowledgement is taken in one transaction, all of it is sent again.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from layanan.problems import Refused
from sync.entry import read_time
from sync.frame import FrameKind, frame_hash, pack, unpack
from sync.keys import SigningKey, VerifyKey
from sync.messages import Acknowledgement, Batch, Item
from sync.ports import MAX_ROWS, Link, LinkDown, Outbox, StatusBook
from sync.proof import proven
from sync.recovery import Recovery
from sync.regain import is_off_log, regain
from sync.wire import folded

MAX_BYTES = 600_000
"""Entries and sealed parts in one batch, before compression; with base64 and capsules still below 1 MB packed."""

MOST_EXCHANGES = 10_000
NEVER_LEFT = frozenset({
    "link_no_address", "link_dns", "link_refused", "link_tls", "link_clock", "link_portal",
})  # fmt: skip
"""With these headquarters has certainly not seen a byte of the batch."""

FIRST_ROWS, MOST_ROWS = 300, 1_000
"""Entries in the first batch of a sync, and in any: twice as many follow each full batch that went through quickly."""
_QUICK = timedelta(seconds=4)
_TOO_MUCH_AT_ONCE = ("sync_too_large", "link_timeout")
_NOT_READ = ("sync_malformed", "sync_too_new")
"""What an older headquarters says of a message in a form it does not know."""


@dataclass(frozen=True)
class StallKeys:
    """The device's own key, and headquarters' signing keys by id (the pinned one and its signed successors)."""

    device: SigningKey
    hq: Mapping[str, VerifyKey]


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
) -> Outcome:
    """Send what is pending, take the answers, take headquarters' news; never raises Refused, says it in the outcome."""
    outcome = Outcome()
    try:
        batch = next_batch(outbox, book, max_rows)
        outcome = replace(outcome, sent=len(batch.items) + len(batch.recovery.stubs))
        ack = _answered(outbox, link, batch, keys, now)
        outcome = replace(outcome, clock_ahead=_clock_ahead(ack, now()))
        outbox.answered(ack)
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


def sync_until_quiet(
    outbox: Outbox, book: StatusBook, link: Link, keys: StallKeys, *, now: Callable[[], datetime]
) -> Outcome:
    """Exchange until neither side has more, or something is wrong.

    Too much at once is halved, down to one entry; what a link carries quickly is doubled.

    The numbers are sums; the rest is of the last exchange. Stops after two answers in a row without progress
    (one such answer is what a restored headquarters gives before everything is sent again).
    """
    total, rows, most, idle = Outcome(), FIRST_ROWS, MOST_ROWS, 0
    for _ in range(MOST_EXCHANGES):
        began = now()
        step = exchange(outbox, book, link, keys, now=now, max_rows=rows)
        total = _added(total, step)
        idle = 0 if step.confirmed or step.pulled else idle + 1
        if step.problem in _TOO_MUCH_AT_ONCE and step.sent > 1:
            rows = most = step.sent // 2
        elif step.problem or not step.has_more or idle > 1:
            break
        elif step.sent == rows and now() - began < _QUICK:
            rows = min(rows * 2, most)
    return total


def _asked(batch: Batch, link: Link, keys: StallKeys) -> Acknowledgement:
    """Ask in few bytes; a headquarters that cannot read that is asked again in plain words."""
    plain = batch.to_payload()
    short = folded(plain)
    try:
        return _sent(short, batch, link, keys)
    except LinkDown as down:
        if down.code not in _NOT_READ or short == plain:
            raise
    return _sent(plain, batch, link, keys)


def _sent(payload: bytes, batch: Batch, link: Link, keys: StallKeys) -> Acknowledgement:
    frame = pack(payload, keys.device, FrameKind.BATCH)
    return acknowledged(link.exchange(frame), frame, keys, batch.known())


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


def next_batch(outbox: Outbox, book: StatusBook, max_rows: int) -> Batch:
    """Return the batch to send now, with the capsules its entries need, each time."""
    return batch_of(outbox.pending(max_rows, MAX_BYTES), outbox, book)


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


def _added(total: Outcome, step: Outcome) -> Outcome:
    return replace(
        step,
        sent=total.sent + step.sent,
        confirmed=total.confirmed + step.confirmed,
        pulled=total.pulled + step.pulled,
    )
