"""Knows which folders of papers wait for an agency, which list each went out on, and what headquarters found of it.

Refuses to know names. Both tables follow from the entries of the two logs; made anew they are the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import JSON, ForeignKey, Index, String, cast, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from layanan.berkas import (
    LEFT,
    MOST_FOLDERS,
    NOT_TO_SEND,
    Arrival,
    Folder,
    Receipt,
    Sending,
    Standing,
    left_papers,
    list_number,
    read_receipt,
    read_sending,
    standing,
)
from layanan.permohonan import Kind
from layanan.problems import Refused
from layanan.status import Status
from offline_db.base import Base, db, writing
from offline_db.models import EntryRow, HqEntryRow, PermohonanRow, run, table
from offline_db.own_log import Deed, Desk, append, head
from offline_db.permohonan_row import replayed
from offline_db.shift import local_day
from sync.entry import Entry, Moment, spelled_time


class BerkasListRow(Base):
    """A list that went to an agency; `received_at` is when headquarters last ticked it."""

    __tablename__ = "berkas_list"
    __table_args__ = (
        Index("berkas_list_day", "day"),
        Index("berkas_list_at", "at"),
        Index("berkas_list_number", "number"),
    )
    hash: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
    agency: Mapped[str]
    day: Mapped[str]
    at: Mapped[str]
    operator: Mapped[str]
    received_at: Mapped[str | None]


class BerkasFolderRow(Base):
    """One request's papers in a list, and where the folder stands (`Arrival`)."""

    __tablename__ = "berkas_folder"
    __table_args__ = (Index("berkas_folder_record", "record_id"), Index("berkas_folder_state", "state"))
    list: Mapped[str] = mapped_column(ForeignKey("berkas_list.hash"), primary_key=True)
    record_id: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int]
    papers: Mapped[Sequence[int]] = mapped_column(JSON)
    state: Mapped[str]


_LIST, _FOLDER = table(BerkasListRow), table(BerkasFolderRow)
_ABOUT_NOTHING = HqEntryRow.record_id.is_(None)
_SENDABLE = [str(status) for status in Status if status not in NOT_TO_SEND]


@dataclass(frozen=True)
class Waiting:
    """A folder that is on no list yet, beside the request it belongs to."""

    row: PermohonanRow
    folder: Folder


@dataclass(frozen=True)
class Tally:
    """Folders on the lists of one day, and of all days those not received yet and those not found."""

    sent: int
    open: int
    missing: int


def waiting() -> dict[str, list[Waiting]]:
    """Return the folders that wait, by agency, the oldest first. Costs what is in work, not what is stored."""
    found: dict[str, list[Waiting]] = {}
    for one in _waiting(db.session()):
        found.setdefault(one.row.agency, []).append(one)
    return found


def send(agency: str, desk: Desk) -> str:
    """Make one list of the folders that wait for an agency; return the hash it is known by.

    Raises Refused berkas_nothing, not_enrolled, disk_*.
    """
    with writing() as session:
        folders = [one.folder for one in _waiting(session, agency)][:MOST_FOLDERS]
        if not folders:
            raise Refused("berkas_nothing")
        log = session.connection()
        at = head(log)
        made = Sending(_next_number(session, at.identity.grant.label), agency, tuple(folders))
        entry = append(log, at, Deed(Kind.PAPERS_SENT, None, made.to_fields()), desk)
        _put(session, entry, made)
        return entry.hash


def sendings(most: int = 30) -> list[BerkasListRow]:
    """Return the lists made last, the newest first."""
    return list(db.session.scalars(select(BerkasListRow).order_by(BerkasListRow.at.desc()).limit(most)))


def sending(sha: str) -> BerkasListRow | None:
    """Return a list."""
    return db.session.get(BerkasListRow, sha)


def folders_of(hashes: Sequence[str]) -> dict[str, list[Standing]]:
    """Return the folders of these lists in the order of the sheet, those nobody had listed at the end."""
    found: dict[str, list[Standing]] = {sha: [] for sha in hashes}
    rows = select(BerkasFolderRow).where(BerkasFolderRow.list.in_(hashes)).order_by(BerkasFolderRow.place)
    for row in db.session.scalars(rows):
        found[row.list].append((Folder(row.record_id, tuple(row.papers)), Arrival(row.state)))
    return found


def tally(day: str) -> Tally:
    """Return what a local day sent, and what is open of all days."""
    of_day = select(func.count()).select_from(_FOLDER).join(_LIST, _LIST.c.hash == _FOLDER.c.list)
    on_sheet = (_LIST.c.day == day) & (_FOLDER.c.state != str(Arrival.EXTRA))
    sent = db.session.scalar(of_day.where(on_sheet)) or 0
    return Tally(sent, standing_at(Arrival.SENT), standing_at(Arrival.MISSING))


def standing_at(arrival: Arrival) -> int:
    """Return how many folders stand there."""
    counted = select(func.count()).select_from(_FOLDER).where(_FOLDER.c.state == str(arrival))
    return db.session.scalar(counted) or 0


def take(session: Session, entries: Iterable[Entry]) -> None:
    """Apply what these new entries of headquarters' log say of folders, in the transaction that stores them."""
    for entry in entries:
        ours = replayed(entry)
        if ours and ours.kind == Kind.PAPERS_SENT:
            _give_back(session, ours)
        elif entry.kind == Kind.PAPERS_RECEIVED:
            _tick(session, entry)


def settle(session: Session) -> None:
    """Make both tables anew from the logs, as after a rewind of headquarters' log."""
    lists, folders = rebuilt(session)
    run(session, delete(_FOLDER))
    run(session, delete(_LIST))
    if lists:
        run(session, insert(_LIST), lists)
    if folders:
        run(session, insert(_FOLDER), folders)


def stored(session: Session) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Return what both tables hold, in the order of `rebuilt`."""
    lists = session.execute(select(_LIST).order_by(_LIST.c.hash)).mappings()
    folders = session.execute(select(_FOLDER).order_by(_FOLDER.c.list, _FOLDER.c.place)).mappings()
    return [dict(row) for row in lists], [dict(row) for row in folders]


def rebuilt(session: Session) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Return what both tables must hold by the entries alone. Raises Refused when one of them is damaged."""
    made = {entry.hash: (entry, said) for entry, said in _all_sent(session)}
    ticked = {receipt.of: (entry, receipt) for entry, receipt in _all_received(session)}
    lists, folders = list[dict[str, object]](), list[dict[str, object]]()
    for sha, (entry, said) in sorted(made.items()):
        receipt = ticked.get(sha)
        lists.append(_list_row(entry, said, receipt[0] if receipt else None))
        folders += _folder_rows(sha, standing(said.folders, receipt[1] if receipt else None))
    return lists, folders


def _waiting(session: Session, agency: str | None = None) -> Iterator[Waiting]:
    work = PermohonanRow.status.in_(_SENDABLE) & cast(PermohonanRow.papers, String).contains(LEFT)
    query = select(PermohonanRow).where(work).order_by(PermohonanRow.id)
    rows = session.scalars(query if agency is None else query.where(PermohonanRow.agency == agency)).all()
    listed = _listed(session, [row.record_id for row in rows])
    for row in rows:
        papers = left_papers(((index, mark) for index, mark in row.papers), listed.get(row.record_id, ()))
        if papers:
            yield Waiting(row, Folder(row.record_id, papers))


def _listed(session: Session, records: Sequence[str]) -> dict[str, set[int]]:
    """The papers of each record that are on a list, or came without one."""
    found: dict[str, set[int]] = {}
    for start in range(0, len(records), 500):
        some = _FOLDER.c.record_id.in_(records[start : start + 500])
        for record, papers in session.execute(select(_FOLDER.c.record_id, _FOLDER.c.papers).where(some)):
            found.setdefault(record, set()).update(papers)
    return found


def _next_number(session: Session, label: str) -> str:
    own = _LIST.c.number.startswith(list_number(label, 0)[:-1], autoescape=True)
    return list_number(label, (session.scalar(select(func.count()).select_from(_LIST).where(own)) or 0) + 1)


def _put(session: Session, entry: Entry, said: Sending) -> None:
    run(session, insert(_LIST), _list_row(entry, said, None))
    run(session, insert(_FOLDER), _folder_rows(entry.hash, standing(said.folders, None)))


def _give_back(session: Session, ours: Entry) -> None:
    """A list of a lost machine, with what headquarters had said of it before it gave the list back."""
    said = read_sending(ours.fields)
    if said is None or session.get(BerkasListRow, ours.hash) is not None:
        return
    _put(session, ours, said)
    for entry, receipt in _all_received(session):
        if receipt.of == ours.hash:
            _tick(session, entry)


def _tick(session: Session, entry: Entry) -> None:
    receipt = read_receipt(entry.fields)
    if receipt is None:
        return
    known = update(_LIST).where(_LIST.c.hash == receipt.of)
    if not run(session, known.values(received_at=spelled_time(entry.at))).rowcount:
        return
    of_list = (_FOLDER.c.list == receipt.of) & (_FOLDER.c.state != str(Arrival.EXTRA))
    rows = session.execute(select(_FOLDER.c.record_id, _FOLDER.c.papers).where(of_list).order_by(_FOLDER.c.place))
    folders = [Folder(record, tuple(papers)) for record, papers in rows]
    run(session, delete(_FOLDER).where(_FOLDER.c.list == receipt.of))
    run(session, insert(_FOLDER), _folder_rows(receipt.of, standing(folders, receipt)))


def _list_row(entry: Entry, said: Sending, ticked: Entry | None) -> dict[str, object]:
    moment = Moment(entry.at, entry.zone, entry.boot, entry.mono, entry.trusted)
    return {
        "hash": entry.hash, "number": said.number, "agency": said.agency, "day": local_day(moment).isoformat(),
        "at": spelled_time(entry.at), "operator": entry.operator,
        "received_at": spelled_time(ticked.at) if ticked else None,
    }  # fmt: skip


def _folder_rows(sha: str, standings: Iterable[Standing]) -> list[dict[str, object]]:
    return [
        {"list": sha, "record_id": folder.record, "place": place, "papers": list(folder.papers), "state": str(arrival)}
        for place, (folder, arrival) in enumerate(standings)
    ]


def _all_sent(session: Session) -> Iterator[tuple[Entry, Sending]]:
    own = select(EntryRow.raw).where(EntryRow.record_id.is_(None), EntryRow.kind == str(Kind.PAPERS_SENT))
    back = select(HqEntryRow.raw).where(_ABOUT_NOTHING, HqEntryRow.kind == str(Kind.REPLAY)).order_by(HqEntryRow.seq)
    given = [entry for entry in map(replayed, map(Entry.decode, session.scalars(back))) if entry]
    for entry in (*map(Entry.decode, session.scalars(own.order_by(EntryRow.id))), *given):
        said = read_sending(entry.fields) if entry.kind == Kind.PAPERS_SENT else None
        if said:
            yield entry, said


def _all_received(session: Session) -> Iterator[tuple[Entry, Receipt]]:
    """In the order of the log: a later one replaces an earlier one."""
    told = select(HqEntryRow.raw).where(_ABOUT_NOTHING, HqEntryRow.kind == str(Kind.PAPERS_RECEIVED))
    for entry in map(Entry.decode, session.scalars(told.order_by(HqEntryRow.seq)).all()):
        receipt = read_receipt(entry.fields)
        if receipt:
            yield entry, receipt
