"""Knows the lists of folders that stalls sent, and writes what an officer found of one into the stall's log.

Refuses to know forms. A row says how a list stands; what is on it and what was found stand in the two entries.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from layanan.berkas import Folder, Receipt, Sending, left_papers, read_receipt, read_sending
from layanan.permohonan import Kind
from layanan.problems import Refused
from layanan.series import read_series, series
from layanan.tracking import read_code
from mpp.db.down import append, locked_stall
from mpp.db.models import Base, DownEntry, PermohonanRow, Stall, StallEntry
from mpp.db.officers import Signed
from mpp.db.permohonan import COUNTED, folded
from sync.entry import Entry, spelled_time

CLOSED_SHOWN = 40


class BerkasList(Base):
    """A list a stall sent, by its entry's hash; `receipt_seq` is the place of what headquarters last found of it.

    `open`: nobody has ticked it, or folders are missing. Without `sent_at` only the receipt is here yet.
    """

    __tablename__ = "berkas_list"
    hash: Mapped[str] = mapped_column(primary_key=True)
    stall: Mapped[str] = mapped_column(ForeignKey("stall.id"))
    agency: Mapped[str]
    number: Mapped[str]
    sent_at: Mapped[str]
    folders: Mapped[int]
    receipt_seq: Mapped[int | None]
    missing: Mapped[int]
    extra: Mapped[int]
    open: Mapped[bool]
    __table_args__ = (
        Index("ix_berkas_list_agency", "agency", "open", "sent_at"),
        Index("ix_berkas_list_open", "open", "sent_at"),
        Index("ix_berkas_list_stall", "stall", "open"),
    )


@dataclass(frozen=True)
class Opened:
    """A list with what is on it and what was found of it."""

    row: BerkasList
    sending: Sending
    receipt: Receipt | None
    place: tuple[int, int]


@dataclass(frozen=True)
class Ticks:
    """What an officer says of a list: the folders that came, series numbers or codes of others, and the receipt

    (its place, 0 for none) the officer had before the eyes. `none`: it is meant that not one came.
    """

    records: Collection[str]
    others: Sequence[str]
    seen: int
    none: bool = False


def note_sending(session: Session, stall: str, entry: Entry) -> None:
    """Keep the row of a list that counts; the same list again changes nothing."""
    said, row = read_sending(entry.fields), session.get(BerkasList, entry.hash)
    if said is None or (row is not None and row.sent_at):
        return
    row = row or _new_row(session, stall, entry.hash)
    row.agency, row.number, row.folders = said.agency, said.number, len(said.folders)
    row.sent_at = spelled_time(entry.at)
    session.flush()


def note_receipt(session: Session, stall: str, entry: Entry) -> None:
    """Keep in the list's row what an entry of headquarters' log found of it; other entries change nothing."""
    receipt = read_receipt(entry.fields) if entry.kind == Kind.PAPERS_RECEIVED else None
    if receipt is None:
        return
    row = session.get(BerkasList, receipt.of) or _new_row(session, stall, receipt.of)
    row.receipt_seq, row.missing, row.extra = entry.seq, len(receipt.missing), len(receipt.extra)
    row.open = bool(receipt.missing)
    session.flush()


def lists(session: Session, agency: str | None) -> list[BerkasList]:
    """Return the lists of an agency (None: of all), open ones first and all of them, then those closed last."""
    query = select(BerkasList).where(BerkasList.sent_at != "").order_by(BerkasList.sent_at.desc())
    if agency is not None:
        query = query.where(BerkasList.agency == agency)
    closed = query.where(BerkasList.open.is_(False)).limit(CLOSED_SHOWN)
    return [*session.scalars(query.where(BerkasList.open.is_(True))), *session.scalars(closed)]


def opened(session: Session, officer: Signed, sha: str) -> Opened:
    """Return a list as an officer may see it. Raises Refused("berkas_unknown" | "forbidden")."""
    row = session.get(BerkasList, sha)
    if row is None or not row.sent_at:
        raise Refused("berkas_unknown")
    if not officer.may_see(row.agency):
        raise Refused("forbidden")
    return _opened(session, row)


def receive(session: Session, officer: Signed, sha: str, ticks: Ticks, now: datetime) -> None:
    """Write what came of a list into the stall's log; a later word for the same list replaces the earlier one.

    Raises Refused("berkas_unknown" | "forbidden" | "berkas_changed" | "berkas_none_ticked" | "berkas_extra_unknown" |
    "berkas_extra_listed").
    """
    stall = locked_stall(session, opened(session, officer, sha).row.stall)
    session.expire_all()
    at = opened(session, officer, sha)
    if (at.row.receipt_seq or 0) != ticks.seen:
        raise Refused("berkas_changed")
    receipt = _receipt(session, officer, at, ticks)
    if receipt == at.receipt:
        return
    entry = append(
        session, stall, Kind.PAPERS_RECEIVED, receipt.to_fields(),
        record=None, read=at.place, operator=officer.id, now=now,
    )  # fmt: skip
    note_receipt(session, stall.id, entry)


def sendings_of(session: Session, stall: str) -> Iterator[tuple[StallEntry, Sending]]:
    """Return every list a stall ever sent, in the order it came."""
    sent = (StallEntry.stall == stall) & (StallEntry.kind == str(Kind.PAPERS_SENT)) & StallEntry.result.in_(COUNTED)
    for row in session.scalars(select(StallEntry).where(sent).order_by(StallEntry.id)):
        said = read_sending(Entry.decode(row.raw).fields)
        if said:
            yield row, said


def _new_row(session: Session, stall: str, sha: str) -> BerkasList:
    row = BerkasList(
        hash=sha, stall=stall, agency="", number="", sent_at="", folders=0, receipt_seq=None, missing=0, extra=0,
        open=True,
    )  # fmt: skip
    session.add(row)
    return row


def _opened(session: Session, row: BerkasList) -> Opened:
    kept = session.scalars(select(StallEntry).where(StallEntry.hash == row.hash).limit(1)).first()
    said = read_sending(Entry.decode(kept.raw).fields) if kept else None
    if kept is None or said is None:
        raise Refused("berkas_unknown")
    found = session.get(DownEntry, (row.stall, row.receipt_seq)) if row.receipt_seq else None
    receipt = read_receipt(Entry.decode(found.raw).fields) if found else None
    return Opened(row, said, receipt, (kept.epoch, kept.seq))


def _receipt(session: Session, officer: Signed, at: Opened, ticks: Ticks) -> Receipt:
    listed = [folder.record for folder in at.sending.folders]
    ticked = set(ticks.records)
    extra = {folder.record: folder for folder in (at.receipt.extra if at.receipt else ()) if folder.record in ticked}
    for words in ticks.others:
        row = _named(session, officer, at.row.stall, words)
        ticked.add(row.record_id)
        if row.record_id not in listed:
            _refuse_listed(session, at.row, row)
            extra[row.record_id] = Folder(row.record_id, left_papers(folded(session, row.record_id).papers))
    received = tuple(record for record in listed if record in ticked)
    if not received and not extra and not ticks.none:
        raise Refused("berkas_none_ticked")
    missing = tuple(record for record in listed if record not in ticked)
    return Receipt(at.row.hash, received, missing, tuple(extra.values()))


def _named(session: Session, officer: Signed, stall: str, words: str) -> PermohonanRow:
    """The request that a series number or a code on a folder names, of this stall and an agency the officer sees."""
    try:
        named = PermohonanRow.code == read_code(words)
    except Refused:
        named = PermohonanRow.series == _series(words)
    rows = session.scalars(select(PermohonanRow).where(named, PermohonanRow.stall == stall)).all()
    found = next((row for row in rows if officer.may_see(row.agency)), None)
    if found is None:
        raise Refused("berkas_extra_unknown", series=words[:20])
    return found


def _series(words: str) -> str:
    try:
        return series(*read_series(words))
    except Refused:
        raise Refused("berkas_extra_unknown", series=words[:20]) from None


def _refuse_listed(session: Session, this: BerkasList, row: PermohonanRow) -> None:
    """A folder that another open list waits for is ticked there, else it would be missing for ever."""
    others = select(BerkasList).where(
        BerkasList.stall == this.stall,
        BerkasList.open.is_(True),
        BerkasList.hash != this.hash,
        BerkasList.sent_at != "",
    )
    for other in session.scalars(others):
        at = _opened(session, other)
        came = at.receipt.received if at.receipt else ()
        if row.record_id in {folder.record for folder in at.sending.folders} - set(came):
            raise Refused("berkas_extra_listed", series=row.series, number=other.number)


def stall_names(session: Session) -> dict[str, str]:
    """Return what each stall is called."""
    return {stall.id: stall.name for stall in session.scalars(select(Stall))}
