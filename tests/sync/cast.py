"""Builds entries, batches and acknowledgements for the tests of the protocol; refuses to know any implementation."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from layanan.permohonan import Kind
from sync.chain import Position, link, linked, start
from sync.entry import Entry, SealedRef
from sync.messages import Acknowledgement, Answer, Batch, Capsule, Down, Item, Result, Sender
from sync.seal import sealed_hash

MORNING = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
"""Eight in the morning at the stall."""


def entry(
    author: str, epoch: int, seq: int, kind: str = Kind.ACCEPTED, *, record: str | None = "",
    read: tuple[int, int] = (0, 0), fields: dict[str, Any] | None = None, sealed: SealedRef | None = None,
    extra: dict[str, Any] | None = None,
) -> Entry:  # fmt: skip
    """An entry with a record of its own unless one is named."""
    return Entry(
        id=str(uuid.uuid4()), author=author, epoch=epoch, seq=seq, kind=kind,
        record=str(uuid.uuid4()) if record == "" else record, at=MORNING + timedelta(seconds=seq), zone="Asia/Jakarta",
        boot="boot", mono=seq, trusted=True, operator="budi", read=read, catalogue="2026-11",
        fields=accepted() | (fields or {}), sealed=sealed, extra=extra or {},
    )  # fmt: skip


def accepted() -> dict[str, Any]:
    """What an acceptance says, with a code nobody else has."""
    return {
        "code": uuid.uuid4().hex[:12].upper(), "series": "GTG-261121-0001", "service": "DKC-01", "stall": "gtg",
        "relation": "diri_sendiri", "papers": [[0, "asli"]], "masked": "S••• A•••", "receipt_sig": "x",
        "receipt_date": "261121",
    }  # fmt: skip


def items(sender: Sender, count: int, first: int = 1) -> list[Item]:
    """So many acceptances of a sender's own log, each with a sealed part."""
    made = []
    for seq in range(first, first + count):
        part = bytes([seq % 251]) * 200
        made.append(Item(entry(sender.device, sender.epoch, seq, sealed=SealedRef("ab" * 8, sealed_hash(part))), part))
    return made


def head_of(sender: Sender, sent: Sequence[Item]) -> Position:
    """The place after these entries, when they are the sender's whole log."""
    own = [i.entry.hash for i in sent if (i.entry.author, i.entry.epoch) == (sender.device, sender.epoch)]
    begin = start(sender.device, sender.epoch)
    return Position(begin.author, begin.epoch, len(own), linked(begin.chain, own))


def acknowledgement(head: Position, answers: Iterable[Answer], problem: str | None = None) -> Acknowledgement:
    """A verified acknowledgement without news from headquarters."""
    nothing = Down((), start("hq", 1))
    return Acknowledgement("00" * 32, tuple(answers), head, None, "2026-11-21T01:00:00.000Z", nothing, problem)


def answers(sent: Iterable[Item], result: Result = Result.ACCEPTED, problem: str | None = None) -> list[Answer]:
    """The same answer for each."""
    return [Answer(item.entry.hash, result, problem) for item in sent]


def batch(sender: Sender, sent: Sequence[Item], cursor: Position, **more: Any) -> Batch:
    """A batch as the stall makes it."""
    return Batch(sender, b"n" * 16, tuple(sent), (), cursor, **more)


def capsule(key: str, device: str) -> Capsule:
    """Eighty bytes that only their length knows."""
    return Capsule(key, device, bytes.fromhex(key) * 10)


def stretch(cursor: Position, entries: Sequence[Entry], has_more: bool = False) -> Down:
    """What headquarters sends after `cursor`."""
    place = cursor
    for one in entries:
        place = Position(one.author, one.epoch, one.seq, link(place.chain, one.hash))
    return Down(tuple(one.raw for one in entries), place, b"proof", has_more)


def news(cursor: Position, count: int, record: str = "") -> list[Entry]:
    """So many statuses that follow `cursor` in headquarters' log."""
    fields = {"status": "VERIFIKASI", "slots": {}}
    return [
        entry(cursor.author, cursor.epoch, cursor.seq + n, Kind.STATUS, record=record, fields=fields)
        for n in range(1, count + 1)
    ]
