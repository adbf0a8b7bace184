"""Knows what becomes of each entry of one batch inside the transaction that stores it; refuses to commit.

Nothing is dropped: an entry that cannot be taken is stored raw with its answer, and raises an alarm where a person
must look.
"""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select, update
from sqlalchemy.orm import Session

from layanan.permohonan import Kind
from layanan.problems import Refused
from mpp.db.authority import vouch
from mpp.db.berkas import note_sending
from mpp.db.held import Held
from mpp.db.many import table
from mpp.db.models import Alarm, Branch, Device, StallEntry
from mpp.db.models import Capsule as CapsuleRow
from mpp.db.permohonan import refresh
from mpp.db.personal import ShiftKeys, whose
from mpp.keys import KeyRing
from sync.canonical import encode
from sync.chain import Position, link
from sync.entry import Entry, spelled_time
from sync.judge import Seen, judged
from sync.messages import Answer, Batch, Capsule, Item, Result, unreadable_answer
from sync.recovery import Stub
from sync.seal import CAPSULE_SIZE

STUB = "stub"
"""The kind of what stands for an entry that could not be sent."""
_STRETCH = 2_000
_B, _E = table(Branch).c, table(StallEntry).c
_LOG = _B.device == bindparam("at"), _B.epoch == bindparam("of")
_BRANCH = select(_B.head_seq, _B.head_chain).where(*_LOG)
_MOVE_HEAD = update(table(Branch)).where(*_LOG)
_LATER = (
    select(_E.seq, _E.hash)
    .where(_E.device == bindparam("at"), _E.epoch == bindparam("of"), _E.seq > bindparam("head"))
    .order_by(_E.seq, _E.id)
    .limit(bindparam("most"))
)


class Intake:
    """One batch of one stall, whose row is locked; made for a single `take`."""

    def __init__(self, session: Session, keys: KeyRing, stall: str, *, revoked: bool, now: datetime) -> None:
        self._session = session
        self._keys = keys
        self._stall = stall
        self._revoked = revoked
        self._now = now
        self._at = spelled_time(now)
        self._granted: Mapping[str, int] = {}
        self._held = Held(session, stall, self._at)
        self._raised: set[tuple[str, str]] = set()

    def take(self, batch: Batch) -> list[Answer]:
        """Store the batch and fold every record it touches; return the answers in the batch's order."""
        with self._session.no_autoflush, ShiftKeys(self._session, self._keys) as self._shift:
            answers = self._all_taken(batch) if batch.items or batch.capsules else []
            answers += [self._unreadable(raw, batch) for raw in batch.unreadable]
            answers += [self._stubbed(stub) for stub in batch.recovery.stubs]
            answers += self._settled(batch.recovery.asked)
        return answers

    def head(self, device: str, epoch: int) -> Position:
        """Return the last place of this log up to which no entry is missing, moved on by what has just come.

        Raises Refused("sync_unknown_device") for an epoch the device was never granted.
        """
        connection = self._session.connection()
        log: dict[str, Any] = {"at": device, "of": epoch}
        told = connection.execute(_BRANCH, log).first()
        if told is None:
            raise Refused("sync_unknown_device")
        seq, chain = told
        while (further := self._followed(log, seq, chain)) != (seq, chain):
            seq, chain = further
        if seq != told.head_seq:
            connection.execute(_MOVE_HEAD, {**log, "head_seq": seq, "head_chain": chain})
        return Position(device, epoch, seq, chain)

    def _followed(self, log: Mapping[str, Any], head: int, chain: str) -> tuple[int, str]:
        """Where one more stretch of the log leads to: above a gap no more than that is read in vain."""
        for seq, sha in self._session.connection().execute(_LATER, {**log, "head": head, "most": _STRETCH}).all():
            if seq > head + 1:
                break
            if seq == head + 1:
                head, chain = seq, link(chain, sha)
        return head, chain

    def _all_taken(self, batch: Batch) -> list[Answer]:
        entries = [item.entry for item in batch.items]
        self._granted = self._grants()
        self._look_up(entries)
        for capsule in batch.capsules:
            self._keep_capsule(capsule)
        answers = [self._taken(item) for item in batch.items]
        self._held.write()
        owners = self._held.owners
        ours = {entry.record for entry in entries if entry.record and owners.get(entry.record) == self._stall}
        first = self._held.first_events([entry for entry in entries if entry.record in ours])
        refresh(self._session, ours, self._stall, self._now, first)
        return answers

    def _grants(self) -> dict[str, int]:
        """The newest epoch of each device of the stall: a grant that a restore has lost was one of those before."""
        query = select(Branch.device, func.max(Branch.epoch)).join(Device, Device.id == Branch.device)
        return dict(self._session.execute(query.where(Device.stall == self._stall).group_by(Branch.device)).all())

    def _look_up(self, entries: Sequence[Entry]) -> None:
        self._held.look_up(entries, self._granted)

    def _rows(self, *where: ColumnElement[bool]) -> list[StallEntry]:
        return list(self._session.scalars(select(StallEntry).where(*where).order_by(StallEntry.id)))

    def _taken(self, item: Item) -> Answer:
        entry, held = item.entry, self._held
        row = held.entries.get(entry.hash)
        seen = self._seen(entry)
        answer = judged(item, seen)
        told_before = row is not None and row.result == Result.CONFLICT
        if row is None:
            self._keep(entry, answer)
        elif answer.result is Result.KNOWN:
            if row.result == Result.WAITING:
                held.settle(row, Result.ACCEPTED, None)
        elif answer.result is not Result.REJECTED or row.stall == self._stall:
            held.settle(row, answer.result, answer.problem)
        if answer.result is Result.CONFLICT and not told_before:
            self._fork(entry)
        counts = answer.result is not Result.REJECTED
        if counts:
            self._count(entry)
        # What counts and was not settled before has just been found whole; it is not hashed once more.
        if item.sealed is not None and ((counts and seen.earlier is None) or item.problem() is None):
            self._keep_sealed(entry, item.sealed, counts)
        return answer

    def _seen(self, entry: Entry) -> Seen:
        """What another stall once sent of this entry settles nothing here: it was not that stall's to send."""
        held = self._held
        row, owner = held.entries.get(entry.hash), held.owners.get(entry.record or "")
        ours = entry.epoch <= self._granted.get(entry.author, -1) and owner in (None, self._stall)
        at_place = held.places.get((entry.author, entry.epoch, entry.seq), entry.hash)
        earlier = Answer(entry.hash, Result(row.result), row.problem) if row and row.stall == self._stall else None
        return Seen(self._revoked, ours, earlier, at_place != entry.hash, owner is not None)

    def _keep(self, entry: Entry, answer: Answer) -> None:
        self._held.keep(entry, answer)
        if answer.result is Result.REJECTED:
            self._alarm(entry.author, str(answer.problem), f"{entry.epoch}/{entry.seq}")

    def _count(self, entry: Entry) -> None:
        """What an entry that counts brings along: its place, its record, its shift key, its folders."""
        held = self._held
        held.places.setdefault((entry.author, entry.epoch, entry.seq), entry.hash)
        if entry.kind == Kind.ACCEPTED and entry.record and entry.record not in held.owners:
            held.owners[entry.record] = self._stall
            held.accept_waiting(entry.record)
        if entry.kind == Kind.SHIFT_KEY:
            self._keep_shift_key(entry)
        if entry.kind == Kind.PAPERS_SENT:
            note_sending(self._session, self._stall, entry)
        if entry.kind == Kind.AUTHORITY and not vouch(self._session, self._keys, self._stall, entry, self._now):
            self._alarm(entry.author, "authority_refused", f"{entry.epoch}/{entry.seq}")

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
            key, device, body = capsule.key, capsule.device, capsule.capsule
            self._session.add(CapsuleRow(key=key, device=device, capsule=body, received_at=self._at))
            self._session.flush()

    def _keep_sealed(self, entry: Entry, sealed: bytes, counts: bool) -> None:
        """Keep the part of every entry that says so; open it, once, when the entry counts."""
        part = self._held.keep_part(entry, sealed)
        if part.opened or not counts:
            return
        try:
            self._held.open_part(entry, part, whose(self._shift, self._keys, entry, sealed))
        except Refused:
            self._alarm(entry.author, "sealed_unreadable", f"{entry.epoch}/{entry.seq}")

    def _unreadable(self, raw: bytes, batch: Batch) -> Answer:
        """A value that is no entry has no place; it is kept under place 0 of its sender."""
        answer, who = unreadable_answer(raw), batch.sender
        if not self._rows(StallEntry.hash == answer.hash):
            self._session.add(
                StallEntry(
                    stall=self._stall, device=who.device, epoch=who.epoch, seq=0, hash=answer.hash, kind="unreadable",
                    record_id=None, raw=raw, result=answer.result, problem=answer.problem,
                    received_at=self._at,
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
                    received_at=self._at,
                )
            )  # fmt: skip
            self._session.flush()
            self._alarm(stub.author, stub.reason, f"{stub.epoch}/{stub.seq}")
        return Answer(stub.hash, Result.REJECTED, stub.reason)

    def _settled(self, hashes: Sequence[str]) -> list[Answer]:
        """What stands here of the entries that the stall asks for; nothing of those that are not here."""
        if not hashes:
            return []
        self._session.flush()
        rows = self._rows(StallEntry.hash.in_(hashes), StallEntry.stall == self._stall)
        return [
            Answer(row.hash, Result.KNOWN) if row.result == Result.ACCEPTED
            else Answer(row.hash, Result(row.result), row.problem)
            for row in rows
        ]  # fmt: skip

    def _fork(self, entry: Entry) -> None:
        """Both branches are named, each by the first entry it does not share with the other."""
        device = self._session.get(Device, entry.author)
        if device and not device.forked_at:
            device.forked_at = self._at
            first = self._held.places.get((entry.author, entry.epoch, entry.seq), "")
            self._alarm(entry.author, "sync_fork", f"{entry.epoch}/{entry.seq}: {first[:12]} / {entry.hash[:12]}")

    def _alarm(self, device: str, kind: str, detail: str) -> None:
        """One alarm of a kind for a batch: a person reads them."""
        if (device, kind) not in self._raised:
            self._raised.add((device, kind))
            self._session.add(Alarm(at=self._at, stall=self._stall, device=device, kind=kind, detail=detail))
