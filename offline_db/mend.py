"""Knows what can be put right because something else proves it; refuses to guess and to delete.

A single flipped bit is turned back where the hash or the chain proves the result; a row is made anew from its entries;
headquarters' log is read again from before its first damaged entry, so that headquarters heals it with the next sync.
What cannot be proven stays as it is, and stays behind when the others are sent.
"""

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Executable, Row, delete, null, select, update
from sqlalchemy.orm import Session

from layanan.permohonan import Kind
from layanan.problems import Refused
from offline_db import berkas
from offline_db.base import checkpoint, integrity, reading, writing
from offline_db.identity import enrolled
from offline_db.models import BookRow, EntryRow, HqEntryRow, OutboxRow, PermohonanRow, RefusalRow, run, table
from offline_db.permohonan_row import give_row, own_entries, rebuilt
from offline_db.selfcheck import Finding, selfcheck
from offline_db.sound import is_sound, with_one_bit_back
from store.failure import refusal_of_os_error
from store.lock import WriteLock
from sync.chain import GENESIS
from sync.entry import Entry

_BOOK = select(HqEntryRow.seq, HqEntryRow.raw, HqEntryRow.hash, null().label("sealed")).order_by(HqEntryRow.seq)


@dataclass(frozen=True)
class Mended:
    """How many entries and rows were put right, from which place headquarters' log is read again, and what is left."""

    entries: int
    rows: int
    book_from: int | None
    left: list[Finding]


def keep_aside(path: Path) -> Path:
    """Copy the file as it is, with its write-ahead log, beside itself; return where. Raises Refused disk_*, store_busy.

    Call it before this process opens the file: closing the copy's descriptor would drop SQLite's locks.
    """
    aside = path.with_name(f"{path.name}.damaged-{time.time_ns()}")
    with WriteLock(path).held():
        try:
            for ending in ("", "-wal"):
                if os.path.exists(f"{path}{ending}"):
                    _copy_private(f"{path}{ending}", f"{aside}{ending}")
        except OSError as error:
            raise refusal_of_os_error(error) from None
    return aside


def _copy_private(source: str, target: str) -> None:
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(source, "rb") as whole, os.fdopen(handle, "wb") as copy:
        shutil.copyfileobj(whole, copy)
        copy.flush()
        os.fsync(copy.fileno())


def mend() -> Mended:
    """Put right what can be proven, in short transactions; killed in the middle, the next call goes on.

    The caller keeps a copy of the damaged file first. Raises Refused store_damaged (what SQLite itself cannot read is
    for `restore`) or disk_*.
    """
    if integrity():
        raise Refused("store_damaged")
    entries = _mend_entries() + _mend_book()
    book_from = _reread_book()
    found = selfcheck()
    rows = sum(_remake_row(one.where) for one in found if one.kind in ("row", "lost"))
    rows += sum(_remake_folders() for one in found if one.kind == "berkas")
    checkpoint()
    return Mended(entries, rows, book_from, selfcheck())


def _mend_entries() -> int:
    mended = 0
    for row in _unsound(select(EntryRow.id, EntryRow.raw, EntryRow.hash, EntryRow.sealed).order_by(EntryRow.id)):
        raw = with_one_bit_back(row.raw, row.hash)
        sealed = _sealed_back(raw, row.sealed) if raw else None
        if raw and (row.sealed is None or sealed):
            with writing() as session:
                same = update(table(EntryRow)).where(EntryRow.id == row.id)
                run(session, same.values(raw=raw, sealed=sealed))
            mended += 1
    return mended


def _sealed_back(raw: bytes, sealed: bytes | None) -> bytes | None:
    named = Entry.decode(raw).sealed
    return None if sealed is None or named is None else with_one_bit_back(sealed, named.sha256)


def _mend_book() -> int:
    mended = 0
    for row in _unsound(_BOOK):
        if raw := with_one_bit_back(row.raw, row.hash):
            with writing() as session:
                run(session, update(table(HqEntryRow)).where(HqEntryRow.seq == row.seq).values(raw=raw))
            mended += 1
    return mended


def _reread_book() -> int | None:
    """Forget headquarters' entries from the first damaged one on: it holds them, and the next sync brings them."""
    wrong = _unsound(_BOOK)
    if not wrong:
        return None
    place: int = wrong[0].seq
    with writing() as session:
        run(session, delete(table(HqEntryRow)).where(HqEntryRow.seq >= place))
        last = session.get(HqEntryRow, place - 1)
        back = {"seq": last.seq, "chain": last.chain, "incarnation": last.incarnation} if last else _beginning(session)
        run(session, update(table(BookRow)).values(back))
    return place


def _beginning(session: Session) -> dict[str, int | str]:
    return {"seq": 0, "chain": GENESIS, "incarnation": enrolled(session).grant.incarnation}


def _unsound(query: Executable) -> list[Row[Any]]:
    with reading() as session:
        rows = session.execute(query.execution_options(yield_per=500))
        return [row for row in rows if not is_sound(row.raw, row.hash, row.sealed)]


def _remake_row(record_id: str) -> bool:
    with writing() as session:
        try:
            wanted = rebuilt(session, record_id)
        except Refused:
            return False  # an entry of it stayed damaged
        if wanted is None:
            return False
        same = update(table(PermohonanRow)).where(PermohonanRow.record_id == record_id)
        if not run(session, same.values(wanted)).rowcount:
            give_row(session, next(one for one in own_entries(session, record_id) if one.kind == Kind.ACCEPTED))
            run(session, same.values(delivered=_is_delivered(session, record_id)))
        return True


def _remake_folders() -> bool:
    with writing() as session:
        try:
            berkas.settle(session)
        except Refused:
            return False  # an entry of them stayed damaged
        return True


def _is_delivered(session: Session, record_id: str) -> bool:
    accepted = select(EntryRow.id).where(EntryRow.record_id == record_id, EntryRow.kind == str(Kind.ACCEPTED))
    open_or_refused = select(OutboxRow.entry_id).union(select(RefusalRow.entry_id))
    return session.scalar(accepted.where(EntryRow.id.not_in(open_or_refused)).limit(1)) is not None
