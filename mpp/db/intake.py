"""Knows what becomes of each entry of one batch inside the transaction that stores it; refuses to commit.

Nothing is dropped: an entry that cannot be taken is stored raw with its answer, and raises an alarm where a person
must look.
"""

from base64 import b64decode
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from layanan.permohonan import Kind
from layanan.problems import Refused
from mpp.db.models import Alarm, Branch, Device, SealedPart, StallEntry
from mpp.db.models import Capsule as CapsuleRow
from mpp.db.permohonan import COUNTED, refresh
from mpp.db.personal import ShiftKeys, note_opened
from mpp.keys import KeyRing
from sync.canonical import encode
from sync.chain import Position, link
from sync.entry import Entry, spelled_time
from sync.judge import Seen, judged
from sync.messages import Answer, Batch, Capsule, Item, Result, unreadable_answer
from sync.recovery import Stub
from sync.seal import CAPSULE_SIZE

_Place = tuple[str, int, int]
STUB = "stub"
"""The kind of what stands for an entry that could not be sent."""


class Intake:
    """One batch of one stall, whose row is locked; made for a single `take`."""

    def __init__(self, session: Session, keys: KeyRing, stall: str, *, revoked: bool, now: datetime) -> None:
        self._session = session
        self._keys = keys
        self._stall = stall
        self._revoked = revoked
        self._now = now
        self._granted = self._grants()
        self._places: dict[_Place, str] = {}
        self._earlier: dict[str, StallEntry] = {}
        self._owners: dict[str, str] = {}
        self._waiting: dict[str, list[StallEntry]] = {}
        self._parts: dict[str, SealedPart] = {}
        self._raised: set[tuple[str, str]] = set()

    def take(self, batch: Batch) -> list[Answer]:
        """Store the batch and fold every record it touches; return the answers in the batch's order."""
        with self._session.no_autoflush, ShiftKeys(self._session, self._keys) as self._shift:
            self._look_up([item.entry for item in batch.items])
            for capsule in batch.capsules:
                self._keep_capsule(capsule)
            answers = [self._taken(item) for item in batch.items]
            answers += [self._unreadable(raw, batch) for raw in batch.unreadable]
            answers += [self._stubbed(stub) for stub in batch.recovery.stubs]
            answers += self._settled(batch.recovery.asked)
            touched = {item.entry.record or "" for item in batch.items}
            ours = [record for record in touched if self._owners.get(record) == self._stall]
            refresh(self._session, ours, self._stall, self._now)
        return answers

    def head(self, device: str, epoch: int) -> Position:
        """Return the last place of this log up to which no entry is missing, moved on by what has just come.

        Raises Refused("sync_unknown_device") for an epoch the device was never granted.
        """
        branch = self._session.get(Branch, (device, epoch))
        if branch is None:
            raise Refused("sync_unknown_device")
        later = select(StallEntry.seq, StallEntry.hash).where(
            StallEntry.device == device, StallEntry.epoch == epoch, StallEntry.seq > branch.head_seq,
        ).order_by(StallEntry.seq, StallEntry.id)  # fmt: skip
        for seq, sha in self._session.execute(later):
            if seq == branch.head_seq + 1:
                branch.head_seq, branch.head_chain = seq, link(branch.head_chain, sha)
            elif seq > branch.head_seq:
                break
        self._session.flush()
        return Position(device, epoch, branch.head_seq, branch.head_chain)

    def _grants(self) -> dict[str, int]:
        """The newest epoch of each device of the stall: a grant that a restore has lost was one of those before."""
        query = select(Branch.device, func.max(Branch.epoch)).join(Device, Device.id == Branch.device)
        return dict(self._session.execute(query.where(Device.stall == self._stall).group_by(Branch.device)).all())

    def _look_up(self, entries: Sequence[Entry]) -> None:
        """Ask once for all: what is here of these entries, of their places and of their records."""
        hashes = [entry.hash for entry in entries]
        self._earlier = {row.hash: row for row in self._rows(StallEntry.hash.in_(hashes))}
        parts = self._session.scalars(select(SealedPart).where(SealedPart.entry_hash.in_(hashes)))
        self._parts = {part.entry_hash: part for part in parts}
        seqs = StallEntry.seq.in_({entry.seq for entry in entries})
        theirs = StallEntry.device.in_({entry.author for entry in entries})
        for row in self._rows(theirs, seqs, StallEntry.result.in_(COUNTED)):
            self._places.setdefault((row.device, row.epoch, row.seq), row.hash)
        records = {entry.record for entry in entries if entry.record}
        accepted = (StallEntry.kind == Kind.ACCEPTED, StallEntry.result.in_(COUNTED))
        for row in self._rows(StallEntry.record_id.in_(records), *accepted):
            self._owners.setdefault(str(row.record_id), row.stall)
        for row in self._rows(StallEntry.record_id.in_(records), StallEntry.result == Result.WAITING):
            self._waiting.setdefault(str(row.record_id), []).append(row)

    def _rows(self, *where: ColumnElement[bool]) -> list[StallEntry]:
        return list(self._session.scalars(select(StallEntry).where(*where).order_by(StallEntry.id)))

    def _taken(self, item: Item) -> Answer:
        entry = item.entry
        answer = judged(item, self._seen(entry))
        row = self._earlier.get(entry.hash)
        told_before = row is not None and row.result == Result.CONFLICT
        if row is None:
            self._keep(entry, answer)
        elif answer.result is Result.KNOWN:
            row.result, row.problem = (
                (Result.ACCEPTED, None) if row.result == Result.WAITING else (row.result, row.problem)
            )
        elif answer.result is not Result.REJECTED or row.stall == self._stall:
            row.stall, row.result, row.problem = self._stall, answer.result, answer.problem
        if answer.result is Result.CONFLICT and not told_before:
            self._fork(entry)
        if answer.result is not Result.REJECTED:
            self._count(entry)
        if item.sealed is not None and item.problem() is None:
            self._keep_sealed(entry, item.sealed, counts=answer.result is not Result.REJECTED)
        return answer

    def _seen(self, entry: Entry) -> Seen:
        """What another stall once sent of this entry settles nothing here: it was not that stall's to send."""
        row = self._earlier.get(entry.hash)
        owner = self._owners.get(entry.record or "")
        ours = entry.epoch <= self._granted.get(entry.author, -1) and owner in (None, self._stall)
        at_place = self._places.get((entry.author, entry.epoch, entry.seq), entry.hash)
        earlier = Answer(row.hash, Result(row.result), row.problem) if row and row.stall == self._stall else None
        return Seen(self._revoked, ours, earlier, at_place != entry.hash, owner is not None)

    def _keep(self, entry: Entry, answer: Answer) -> None:
        row = StallEntry(
            stall=self._stall, device=entry.author, epoch=entry.epoch, seq=entry.seq, hash=entry.hash, kind=entry.kind,
            record_id=entry.record, raw=entry.raw, result=answer.result, problem=answer.problem,
            received_at=spelled_time(self._now),
        )  # fmt: skip
        self._session.add(row)
        self._earlier[entry.hash] = row
        if answer.result is Result.WAITING:
            self._waiting.setdefault(entry.record or "", []).append(row)
        if answer.result is Result.REJECTED:
            self._alarm(entry.author, str(answer.problem), f"{entry.epoch}/{entry.seq}")

    def _count(self, entry: Entry) -> None:
        """What an entry that counts brings along: its place, its record, its shift key."""
        self._places.setdefault((entry.author, entry.epoch, entry.seq), entry.hash)
        if entry.kind == Kind.ACCEPTED and entry.record and entry.record not in self._owners:
            self._owners[entry.record] = self._stall
            for row in self._waiting.pop(entry.record, []):
                if row.stall == self._stall:
                    row.result, row.problem = Result.ACCEPTED, None
        if entry.kind == Kind.SHIFT_KEY:
            self._keep_shift_key(entry)

    def _keep_shift_key(self, entry: Entry) -> None:
        try:
            capsule = b64decode(str(entry.fields.get("capsule")), validate=True)
        except ValueError:
            return
        if len(capsule) == CAPSULE_SIZE:
            self._keep_capsule(Capsule(str(entry.fields.get("key")), entry.author, capsule))

    def _keep_capsule(self, capsule: Capsule) -> None:
        known = self._session.get(CapsuleRow, (capsule.key, capsule.device))
        if known is None and capsule.device in self._granted:
            at = spelled_time(self._now)
            self._session.add(
                CapsuleRow(key=capsule.key, device=capsule.device, capsule=capsule.capsule, received_at=at)
            )
            self._session.flush()

    def _keep_sealed(self, entry: Entry, sealed: bytes, *, counts: bool) -> None:
        """Keep the part of every entry that says so; open it, once, when the entry counts."""
        part = self._parts.get(entry.hash)
        if part is None:
            key, record = entry.sealed.key if entry.sealed else "", entry.record or ""
            part = SealedPart(entry_hash=entry.hash, record_id=record, key=key, device=entry.author, body=sealed)
            self._parts[entry.hash] = part
            self._session.add(part)
        elif part.opened_at:
            return
        if counts and not note_opened(self._shift, self._keys, part, entry, self._now):
            self._alarm(entry.author, "sealed_unreadable", f"{entry.epoch}/{entry.seq}")

    def _unreadable(self, raw: bytes, batch: Batch) -> Answer:
        """A value that is no entry has no place; it is kept under place 0 of its sender."""
        answer, who = unreadable_answer(raw), batch.sender
        if not self._rows(StallEntry.hash == answer.hash):
            self._session.add(
                StallEntry(
                    stall=self._stall, device=who.device, epoch=who.epoch, seq=0, hash=answer.hash, kind="unreadable",
                    record_id=None, raw=raw, result=answer.result, problem=answer.problem,
                    received_at=spelled_time(self._now),
                )
            )  # fmt: skip
            self._session.flush()
            self._alarm(who.device, "sync_malformed", answer.hash[:16])
        return answer

    def _stubbed(self, stub: Stub) -> Answer:
        """The place of an entry that cannot be sent is taken by its hash, so that what follows counts."""
        row = self._session.scalars(select(StallEntry).where(StallEntry.hash == stub.hash)).first()
        if row is not None and row.kind != STUB:
            return Answer(stub.hash, Result.KNOWN)
        if row is None:
            self._session.add(
                StallEntry(
                    stall=self._stall, device=stub.author, epoch=stub.epoch, seq=stub.seq, hash=stub.hash, kind=STUB,
                    record_id=None, raw=encode(stub.to_fields()), result=Result.REJECTED, problem=stub.reason,
                    received_at=spelled_time(self._now),
                )
            )  # fmt: skip
            self._session.flush()
            self._alarm(stub.author, stub.reason, f"{stub.epoch}/{stub.seq}")
        return Answer(stub.hash, Result.REJECTED, stub.reason)

    def _settled(self, hashes: Sequence[str]) -> list[Answer]:
        """What stands here of the entries that the stall asks for; nothing of those that are not here."""
        self._session.flush()
        rows = self._rows(StallEntry.hash.in_(hashes), StallEntry.stall == self._stall) if hashes else []
        return [
            Answer(row.hash, Result.KNOWN) if row.result == Result.ACCEPTED
            else Answer(row.hash, Result(row.result), row.problem)
            for row in rows
        ]  # fmt: skip

    def _fork(self, entry: Entry) -> None:
        """Both branches are named, each by the first entry it does not share with the other."""
        device = self._session.get(Device, entry.author)
        if device and not device.forked_at:
            device.forked_at = spelled_time(self._now)
            first = self._places.get((entry.author, entry.epoch, entry.seq), "")
            self._alarm(entry.author, "sync_fork", f"{entry.epoch}/{entry.seq}: {first[:12]} / {entry.hash[:12]}")

    def _alarm(self, device: str, kind: str, detail: str) -> None:
        """One alarm of a kind for a batch: a person reads them."""
        if (device, kind) not in self._raised:
            self._raised.add((device, kind))
            at = spelled_time(self._now)
            self._session.add(Alarm(at=at, stall=self._stall, device=device, kind=kind, detail=detail))
