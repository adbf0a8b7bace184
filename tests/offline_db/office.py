"""Headquarters' log as the stall receives it: the next entries of it, made by Ratna."""

import uuid
from base64 import b64encode
from datetime import UTC, datetime

from sqlalchemy import select

from layanan.permohonan import Kind
from offline_db import reading
from offline_db.models import EntryRow
from offline_db.outbox import SqliteOutbox
from offline_db.status_book import SqliteStatusBook
from sync.canonical import encode
from sync.chain import Position, link
from sync.entry import Entry
from sync.messages import Acknowledgement, Answer, Down, Result

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


def publish(*deeds, read=(1, 99)):
    """Let the stall receive these (kind, record, fields) as the next entries of headquarters' log."""
    book = SqliteStatusBook()
    place, entries = book.cursor(), []
    for kind, record, fields in deeds:
        entry_id = fields.pop("entry_id", None) or str(uuid.uuid4())
        entry = Entry(
            id=entry_id, author=place.author, epoch=place.epoch, seq=place.seq + 1, kind=kind, record=record, at=NOON,
            zone="Asia/Jakarta", boot="hq", mono=0, trusted=True, operator="ratna", read=read, catalogue="c",
            fields=fields,
        )  # fmt: skip
        entries.append(entry.raw)
        place = Position(place.author, place.epoch, entry.seq, link(place.chain, entry.hash))
    return book.receive(Down(tuple(entries), place, b"proof"))


def decide(record, status, **slots):
    """Ratna sets a status."""
    publish((Kind.STATUS, record, {"status": status, "slots": slots}))


def send_slip(record, key):
    """Headquarters tells the name under a shift key it has opened."""
    entry_id = str(uuid.uuid4())
    sealed = key.seal_slip(encode({"name": "Siti Aminah", "nik4": "9901"}), record=record, entry=entry_id)
    fields = {"record": record, "key": key.id, "sealed": b64encode(sealed).decode(), "entry_id": entry_id}
    publish((Kind.SLIP, record, fields))


def acknowledge_all(result=Result.ACCEPTED, problem=None):
    """Headquarters takes whatever is pending."""
    outbox = SqliteOutbox()
    items = outbox.pending(1000, 10**9)
    last = items[-1].entry
    place = (EntryRow.author == last.author) & (EntryRow.epoch == last.epoch) & (EntryRow.seq == last.seq)
    with reading() as session:
        chain = session.scalars(select(EntryRow.chain).where(place)).one()
    head = Position(last.author, last.epoch, last.seq, chain)
    answers = tuple(Answer(item.entry.hash, result, problem) for item in items)
    nothing = Down((), SqliteStatusBook().cursor())
    outbox.answered(Acknowledgement("00" * 32, answers, head, None, "2026-11-21T05:00:00.000Z", nothing))
