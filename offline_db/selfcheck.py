"""Knows how to see that nothing stored has changed or vanished; refuses to repair anything.

SQLite's own check does not see a row that a damaged log swallowed, nor a flipped bit in a text: hashes do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from layanan.permohonan import Kind
from layanan.problems import Refused
from offline_db import berkas
from offline_db.attachment_pieces import damaged_scans
from offline_db.base import integrity, reading
from offline_db.models import EntryRow, HqEntryRow, LogRow, OutboxRow, PermohonanRow
from offline_db.permohonan_row import rebuilt
from offline_db.sound import is_sound
from offline_db.status_book import SqliteStatusBook
from sync.chain import GENESIS, link
from sync.entry import Entry
from sync.seal import sealed_hash


@dataclass(frozen=True)
class Finding:
    """Something wrong: what kind (file, chain, entry, sealed, book, row, lost, tally, berkas, scan), and where."""

    kind: str
    where: str


def selfcheck() -> list[Finding]:
    """Return everything wrong with the stall's file, nothing when it is sound. Reads it all: minutes when it is big."""
    damaged = integrity()
    if damaged:
        return [Finding("file", line) for line in damaged]
    try:
        with reading() as session:
            found = [*_logs(session), *_book(session), *_rows(session), *_lost(session), *_tally(session)]
            found += _folders(session)
            return [*found, *(Finding("scan", sha[:16]) for sha in damaged_scans(session))]
    except DBAPIError as error:
        return [Finding("file", str(error.orig))]


def _logs(session: Session) -> Iterator[Finding]:
    for log in session.scalars(select(LogRow)).all():
        seq, chain = 0, GENESIS
        own = (EntryRow.author == log.author) & (EntryRow.epoch == log.epoch)
        for row in session.scalars(select(EntryRow).where(own).order_by(EntryRow.seq).execution_options(yield_per=500)):
            seq, chain = seq + 1, link(chain, row.hash)
            if row.seq != seq or row.chain != chain:
                yield Finding("chain", f"{log.author}/{log.epoch}/{seq}")
                break
            yield from _entry(row)
        else:
            if (seq, chain) != (log.seq, log.chain):
                yield Finding("chain", f"{log.author}/{log.epoch}/{seq + 1}")


def _entry(row: EntryRow) -> Iterator[Finding]:
    where = f"{row.author}/{row.epoch}/{row.seq}"
    try:
        entry = Entry.decode(row.raw)
    except Refused:
        yield Finding("entry", where)
        return
    if (entry.hash, entry.author, entry.epoch, entry.seq) != (row.hash, row.author, row.epoch, row.seq):
        yield Finding("entry", where)
    elif row.sealed is not None and (entry.sealed is None or entry.sealed.sha256 != sealed_hash(row.sealed)):
        yield Finding("sealed", where)


def _book(session: Session) -> Iterator[Finding]:
    chain: str | None = None
    seq = 0
    for row in session.scalars(select(HqEntryRow).order_by(HqEntryRow.seq).execution_options(yield_per=500)):
        seq, chain = seq + 1, link(chain or GENESIS, row.hash)
        if (row.seq, row.chain) != (seq, chain) or not is_sound(row.raw, row.hash, None):
            yield Finding("book", str(seq))
            return
    if chain is not None and (seq, chain) != _cursor_end():
        yield Finding("book", str(seq + 1))


def _cursor_end() -> tuple[int, str]:
    cursor = SqliteStatusBook().cursor()
    return cursor.seq, cursor.chain


def _rows(session: Session) -> Iterator[Finding]:
    for row in session.scalars(select(PermohonanRow).execution_options(yield_per=200)):
        wanted = _rebuilt(session, row.record_id)
        if wanted is None or any(getattr(row, name) != value for name, value in wanted.items()):
            yield Finding("row", row.record_id)


def _rebuilt(session: Session, record_id: str) -> dict[str, Any] | None:
    try:
        return rebuilt(session, record_id)
    except Refused:
        return None  # an entry of it is damaged, which has its own finding


def _lost(session: Session) -> Iterator[Finding]:
    accepted = select(EntryRow.record_id).where(EntryRow.kind == str(Kind.ACCEPTED))
    rows = select(PermohonanRow.record_id)
    for record in session.scalars(accepted.except_(rows)):
        yield Finding("lost", str(record))


def _folders(session: Session) -> Iterator[Finding]:
    try:
        same = berkas.stored(session) == berkas.rebuilt(session)
    except Refused:
        return  # a damaged entry has its own finding
    if not same:
        yield Finding("berkas", "")


def _tally(session: Session) -> Iterator[Finding]:
    waiting = select(func.count(), func.count(OutboxRow.sent_at)).join(EntryRow, EntryRow.id == OutboxRow.entry_id)
    for log in session.scalars(select(LogRow)).all():
        own = (EntryRow.author == log.author) & (EntryRow.epoch == log.epoch)
        here = session.execute(waiting.where(own)).one()
        answered = log.seq - here[0]
        if (log.answered, log.sent) != (answered, answered + here[1]):
            yield Finding("tally", f"{log.author}/{log.epoch}")
