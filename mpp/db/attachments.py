"""Knows the scans stalls send: stored in chunks, checked and opened once, opened again for an officer who says why.

What was opened is never on a disk, and of one scan there are at most two copies in memory. Refuses to know HTTP.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.orm import Session

from layanan.attachments import media_type
from layanan.permohonan import Kind
from layanan.problems import Refused
from mpp.db.access import log_access
from mpp.db.database import Database
from mpp.db.down import locked_stall
from mpp.db.inbox import SqlInbox
from mpp.db.models import Alarm, Attachment, AttachmentChunk, Device, StallEntry
from mpp.db.models import Capsule as CapsuleRow
from mpp.db.permohonan import COUNTED
from mpp.db.personal import ShiftKeys
from mpp.keys import KeyRing
from sync.attachment_messages import MOST_EXTENTS, Asked, Chunk, Offer, State, Told
from sync.attachment_receive import named_in, new_stretches, verdict
from sync.entry import Entry, spelled_time
from sync.extents import Extent, merged, total
from sync.messages import Capsule
from sync.ports import KnownDevice
from sync.seal import sealed_hash

MOST_TRIES = 3
"""So often a scan is opened to be checked; one that ends the worker each time is then kept apart."""
_CHUNKS_AT_ONCE = 4
_PARTIAL, _REFUSED, _COMPLETE = str(State.PARTIAL), str(State.REFUSED), str(State.COMPLETE)


class SqlAttachments:
    """The port `AttachmentInbox` over headquarters' database, PostgreSQL or SQLite."""

    def __init__(self, database: Database, keys: KeyRing, now: Callable[[], datetime]) -> None:
        self._database = database
        self._keys = keys
        self._now = now

    def device(self, key_id: str) -> KnownDevice | None:
        """See AttachmentInbox."""
        return SqlInbox(self._database, self._keys, self._now).device(key_id)

    def take(self, device: KnownDevice, offer: Offer) -> list[Told]:
        """See AttachmentInbox. The chunk is durable before anything is checked: a worker that dies loses nothing."""
        whole = self._database.change(lambda session: self._store(session, device.stall, offer))
        for sha in whole:
            self._check(device.stall, sha)
        with self._database.reading() as session:
            return [_told(session, device.stall, one.sha256) for one in offer.asked]

    def _store(self, session: Session, stall: str, offer: Offer) -> list[str]:
        """Return those that are whole now and not checked yet; each is counted as tried once more."""
        locked_stall(session, stall).last_heard_at = spelled_time(self._now())
        for capsule in offer.capsules:
            self._keep_capsule(session, stall, capsule)
        rows = [row for one in offer.asked if (row := self._row(session, stall, one))]
        if offer.chunk and (row := session.get(Attachment, (stall, offer.chunk.sha256))):
            _keep_chunk(session, row, offer.chunk)
        whole = [row for row in rows if row.state == _PARTIAL and total(_held(session, row)) == row.size]
        for row in whole:
            row.tries += 1
            if row.tries > MOST_TRIES:
                self._settle(session, row, None, "attachment_unreadable")
        return [row.sha256 for row in whole if row.state == _PARTIAL]

    def _row(self, session: Session, stall: str, asked: Asked) -> Attachment | None:
        """The attachment's row, made when an entry of this stall that counts names it."""
        row = session.get(Attachment, (stall, asked.sha256))
        if row is not None:
            return row
        mine = (StallEntry.stall == stall) & (StallEntry.hash == asked.entry) & StallEntry.result.in_(COUNTED)
        raw = session.scalars(select(StallEntry.raw).where(mine, StallEntry.kind == Kind.ATTACHED)).first()
        entry = Entry.decode(raw) if raw else None
        named = named_in(entry, asked.sha256) if entry else None
        if entry is None or named is None:
            return None
        record, key, size = named
        row = Attachment(
            stall=stall, sha256=asked.sha256, record_id=record, device=entry.author, key=key, size=size,
            state=_PARTIAL, problem=None, media=None, tries=0, durable=False, changed_at=spelled_time(self._now()),
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row

    def _keep_capsule(self, session: Session, stall: str, capsule: Capsule) -> None:
        device, known = session.get(Device, capsule.device), session.get(CapsuleRow, (capsule.key, capsule.device))
        if device is None or device.stall != stall or known is not None:
            return
        at = spelled_time(self._now())
        session.add(CapsuleRow(key=capsule.key, device=capsule.device, capsule=capsule.capsule, received_at=at))
        session.flush()

    def _check(self, stall: str, sha256: str) -> None:
        """Read it once, outside any transaction that others wait for; then write down what it is."""
        with self._database.reading() as session:
            found = self._judged(session, session.get_one(Attachment, (stall, sha256)))
        if found is None:
            self._database.change(lambda session: _begin_anew(session, stall, sha256))
        else:
            self._database.change(lambda session: self._settle(session, _locked(session, stall, sha256), *found))

    def _judged(self, session: Session, row: Attachment) -> tuple[str | None, str | None] | None:
        """Return media type or problem, or None when the bytes are not those of the hash."""
        sealed = _sealed(session, row)
        if sealed_hash(sealed) != row.sha256:
            return None
        with ShiftKeys(session, self._keys) as keys:
            try:
                return verdict(keys.find(row.key, row.device), sealed, row.record_id)
            except Refused:
                return None, "attachment_unreadable"

    def _settle(self, session: Session, row: Attachment, media: str | None, problem: str | None) -> None:
        """What was settled by somebody else meanwhile stays."""
        if row.state != _PARTIAL:
            return
        at = spelled_time(self._now())
        row.state, row.media, row.problem, row.changed_at = _REFUSED if problem else _COMPLETE, media, problem, at
        if problem:
            detail = row.sha256[:16]
            session.add(Alarm(at=at, stall=row.stall, device=row.device, kind=problem, detail=detail))


@dataclass(frozen=True)
class Scan:
    """A scan as an officer sees it named; `number` counts from one, in the order they were attached."""

    number: int
    media: str
    paper: int | None
    state: str
    problem: str | None


def of_record(session: Session, record_id: str) -> list[Scan]:
    """Return the scans that the entries of a record name, whether they have come or not."""
    scans = []
    for number, (stall, entry, sha) in enumerate(_named(session, record_id), start=1):
        row = session.get(Attachment, (stall, sha))
        paper = entry.fields.get("paper")
        scans.append(
            Scan(
                number,
                row.media if row and row.media else "",
                paper if isinstance(paper, int) else None,
                row.state if row else _PARTIAL,
                row.problem if row else None,
            )
        )
    return scans


def opened_for(
    session: Session, keys: KeyRing, record_id: str, number: int, officer: str, reason: str, now: datetime
) -> tuple[bytes, str]:
    """Return a scan and its media type for an officer, after writing down who looked and why.

    Raises Refused("attachment_missing" | "attachment_unreadable").
    """
    named = _named(session, record_id)
    if not 0 < number <= len(named):
        raise Refused("attachment_missing")
    stall, _, sha = named[number - 1]
    row = session.get(Attachment, (stall, sha))
    if row is None or row.state == _PARTIAL:
        raise Refused("attachment_missing")
    if row.state != _COMPLETE:
        raise Refused("attachment_unreadable")
    log_access(session, officer, record_id, reason, now)
    with ShiftKeys(session, keys) as shift:
        plain = shift.find(row.key, row.device).open_attachment(_sealed(session, row), record=row.record_id)
    return plain, media_type(plain)


def _named(session: Session, record_id: str) -> list[tuple[str, Entry, str]]:
    """Stall, entry and hash of every attachment that counting entries of a record name, each hash once."""
    found = select(StallEntry.stall, StallEntry.raw).where(
        StallEntry.record_id == record_id, StallEntry.kind == Kind.ATTACHED, StallEntry.result.in_(COUNTED)
    )
    named: dict[str, tuple[str, Entry, str]] = {}
    for stall, raw in session.execute(found.order_by(StallEntry.epoch, StallEntry.seq, StallEntry.id)):
        entry = Entry.decode(raw)
        for sha in entry.attachments:
            named.setdefault(sha, (stall, entry, sha))
    return list(named.values())


def _keep_chunk(session: Session, row: Attachment, chunk: Chunk) -> None:
    """Store what is not here yet. Raises Refused("sync_malformed") beyond its end, or in too many pieces."""
    held = _held(session, row)
    stretches = new_stretches(held, chunk, row.size)
    if row.state != _PARTIAL or not stretches:
        return
    if len(held) + len(stretches) > MOST_EXTENTS:
        raise Refused("sync_malformed")
    whole = memoryview(chunk.body)
    rows = [
        {"stall": row.stall, "sha256": row.sha256, "start": start, "stop": stop,
         "body": bytes(whole[start - chunk.start : stop - chunk.start])}
        for start, stop in stretches
    ]  # fmt: skip
    session.execute(insert(AttachmentChunk), rows)


def _held(session: Session, row: Attachment) -> list[Extent]:
    query = select(AttachmentChunk.start, AttachmentChunk.stop).where(_of(row.stall, row.sha256))
    return [(start, stop) for start, stop in session.execute(query)]


def _sealed(session: Session, row: Attachment) -> bytearray:
    """All of it, once, without a second copy on the way."""
    sealed = bytearray(row.size)
    query = select(AttachmentChunk.start, AttachmentChunk.stop, AttachmentChunk.body).where(_of(row.stall, row.sha256))
    for start, stop, body in session.execute(query.execution_options(yield_per=_CHUNKS_AT_ONCE)):
        sealed[start:stop] = body
    return sealed


def _of(stall: str, sha256: str) -> ColumnElement[bool]:
    return (AttachmentChunk.stall == stall) & (AttachmentChunk.sha256 == sha256)


def _locked(session: Session, stall: str, sha256: str) -> Attachment:
    locked_stall(session, stall)
    return session.get_one(Attachment, (stall, sha256))


def _begin_anew(session: Session, stall: str, sha256: str) -> None:
    if _locked(session, stall, sha256).state == _PARTIAL:
        session.execute(delete(AttachmentChunk).where(_of(stall, sha256)))


def _told(session: Session, stall: str, sha256: str) -> Told:
    row = session.get(Attachment, (stall, sha256))
    if row is None:
        return Told(sha256, State.UNKNOWN)
    if row.state == _PARTIAL:
        return Told(sha256, State.PARTIAL, merged(_held(session, row)))
    state = State.DURABLE if row.durable and row.state == _COMPLETE else State(row.state)
    return Told(sha256, state, problem=row.problem)
