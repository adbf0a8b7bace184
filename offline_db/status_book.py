"""Knows what was read of headquarters' log and brings it to the rows it touches; refuses to know how it travelled."""

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from layanan.permohonan import Kind
from layanan.problems import Refused
from offline_db import berkas
from offline_db.base import db, reading, writing
from offline_db.models import BookRow, EntryRow, HqEntryRow, run, table
from offline_db.permohonan_row import about, give_row, refold, replayed
from offline_db.typed import settle, take
from sync.chain import GENESIS, Position, link, start
from sync.entry import Entry
from sync.follow import followed
from sync.messages import Down
from sync.recovery import Returned
from sync.regain import rungs
from sync.seal import OpenKey

_BOOK = select(*(table(BookRow).c[name] for name in ("author", "incarnation", "seq", "chain")))


class SqliteStatusBook:
    """The port `StatusBook` over the stall's file, inside an app context."""

    def cursor(self) -> Position:
        """See StatusBook. Raises Refused("not_enrolled")."""
        with reading() as session:
            return _cursor(session)

    def receive(self, down: Down) -> int:
        """See StatusBook."""
        if not down.entries and down.position == self.cursor():
            return 0
        with writing() as session:
            cursor = _cursor(session)
            entries = followed(cursor, down)
            _store(session, cursor.chain, entries, down.proof)
            _apply(session, entries)
            _move(session, down.position)
        return len(entries)

    def ladder(self) -> tuple[Position, ...]:
        """See StatusBook."""
        with reading() as session:
            cursor = _cursor(session)
            at = select(HqEntryRow.incarnation, HqEntryRow.seq, HqEntryRow.chain)
            found = session.execute(at.where(HqEntryRow.seq.in_(rungs(cursor.seq))).order_by(HqEntryRow.seq.desc()))
            places = [Position(cursor.author, *row) for row in found]
        return (*places, start(cursor.author, cursor.epoch))

    def above(self, base: Position, max_bytes: int) -> Returned:
        """See StatusBook."""
        raws: list[bytes] = []
        whole, proof = 0, b""
        with reading() as session:
            _check(session, base)
            newer = select(HqEntryRow.raw, HqEntryRow.proof).where(HqEntryRow.seq > base.seq).order_by(HqEntryRow.seq)
            for raw, vouched in session.execute(newer):
                max_bytes -= len(raw)
                if whole and max_bytes < 0:
                    break
                raws.append(raw)
                whole, proof = (len(raws), vouched) if vouched else (whole, proof)
        if not whole:
            raise Refused("sync_gap")
        return Returned(base, tuple(raws[:whole]), proof)

    def rewind(self, place: Position) -> None:
        """See StatusBook."""
        with writing() as session:
            _check(session, place)
            newer = HqEntryRow.seq > place.seq
            touched = session.scalars(select(HqEntryRow.record_id).where(newer).distinct()).all()
            run(session, delete(table(HqEntryRow)).where(newer))
            _move(session, place)
            for record in touched:
                if record:
                    refold(session, record)
            settle(session)
            berkas.settle(session)


def slip(record_id: str, keys: Mapping[str, OpenKey]) -> dict[str, Any] | None:
    """Return what headquarters' newest slip says of the person (name, pemohon, nik4, phone).

    None when there is none, or the key it was sealed under is gone: the day was closed.
    """
    of_record = (HqEntryRow.record_id == record_id) & (HqEntryRow.kind == str(Kind.SLIP))
    for raw in db.session.scalars(select(HqEntryRow.raw).where(of_record).order_by(HqEntryRow.seq.desc())):
        entry = Entry.decode(raw)
        key = keys.get(str(entry.fields.get("key")))
        if key is not None:
            return _opened(entry, key, record_id)
    return None


def _opened(entry: Entry, key: OpenKey, record_id: str) -> dict[str, Any] | None:
    try:
        plain = key.open_slip(b64decode(str(entry.fields.get("sealed"))), record=record_id, entry=entry.id)
        said = json.loads(plain)
    except (Refused, ValueError):
        return None
    return said if isinstance(said, dict) else None


def _cursor(session: Session) -> Position:
    book = run(session, _BOOK).one_or_none()
    if book is None:
        raise Refused("not_enrolled")
    return Position(book.author, book.incarnation, book.seq, book.chain)


def _move(session: Session, place: Position) -> None:
    run(session, update(table(BookRow)).values(incarnation=place.epoch, seq=place.seq, chain=place.chain))


def _check(session: Session, place: Position) -> None:
    chain = session.scalar(select(HqEntryRow.chain).where(HqEntryRow.seq == place.seq)) if place.seq else GENESIS
    if chain != place.chain:
        raise Refused("sync_gap")


def _store(session: Session, chain: str, entries: list[Entry], proof: bytes) -> None:
    rows = []
    for entry in entries:
        chain = link(chain, entry.hash)
        rows.append(
            {
                "seq": entry.seq,
                "incarnation": entry.epoch,
                "kind": entry.kind,
                "record_id": about(entry),
                "hash": entry.hash,
                "chain": chain,
                "raw": entry.raw,
                "proof": None,
            }
        )
    if rows:
        rows[-1]["proof"] = proof or None
        run(session, insert(table(HqEntryRow)), rows)


def _apply(session: Session, entries: list[Entry]) -> None:
    erased = [entry.record for entry in entries if entry.kind == Kind.ERASED and entry.record]
    if erased:
        run(session, update(table(EntryRow)).where(EntryRow.record_id.in_(erased)).values(sealed=None))
    for ours in map(replayed, entries):
        if ours and ours.kind == Kind.ACCEPTED:
            give_row(session, ours)
    for record in dict.fromkeys(map(about, entries)):
        if record:
            refold(session, record)
    take(session, entries)
    berkas.take(session, entries)
