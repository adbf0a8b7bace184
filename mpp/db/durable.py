"""Knows how far each log is safe (opened once, in a verified backup); refuses to know how backups are made."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp.db.models import Attachment, Branch, SealedPart, StallEntry
from sync.chain import Position, link
from sync.entry import Entry
from sync.messages import Result


def durable_places(session: Session) -> list[Position]:
    """Return each log's last place up to which every sealed part was opened; true for a copy of this moment."""
    return [_place(session, branch) for branch in session.scalars(select(Branch))]


def move_durable(session: Session, places: Iterable[Position]) -> None:
    """Move the marks forward to places that a verified backup now holds; a mark never goes back."""
    for place in places:
        branch = session.get_one(Branch, (place.author, place.epoch), with_for_update=True)
        if place.seq > branch.durable_seq:
            branch.durable_seq, branch.durable_chain = place.seq, place.chain


def durable_scans(session: Session) -> list[tuple[str, str]]:
    """Return stall and hash of each scan that was opened and is not durable yet; true for a copy of this moment."""
    complete = (Attachment.state == "complete") & Attachment.durable.is_(False)
    return [(stall, sha) for stall, sha in session.execute(select(Attachment.stall, Attachment.sha256).where(complete))]


def move_durable_scans(session: Session, scans: Iterable[tuple[str, str]]) -> None:
    """Note that a verified backup now holds these scans, as far as they are still here."""
    for place in scans:
        row = session.get(Attachment, place)
        if row is not None:
            row.durable = True


def _place(session: Session, branch: Branch) -> Position:
    seq, chain = branch.durable_seq, branch.durable_chain
    query = (
        select(StallEntry, SealedPart.opened_at)
        .outerjoin(SealedPart, SealedPart.entry_hash == StallEntry.hash)
        .where(StallEntry.device == branch.device, StallEntry.epoch == branch.epoch)
        .where(StallEntry.seq > seq, StallEntry.seq <= branch.head_seq)
        .order_by(StallEntry.seq, StallEntry.id)
    )
    for row, opened_at in session.execute(query):
        if row.seq == seq:
            continue
        if _is_unopened(row, opened_at):
            break
        seq, chain = row.seq, link(chain, row.hash)
    return Position(branch.device, branch.epoch, seq, chain)


def _is_unopened(row: StallEntry, opened_at: str | None) -> bool:
    """A revoked sender's entry may still be wanted; another one that does not count asks nothing more."""
    if row.problem == "sync_revoked":
        return True
    if row.result == Result.REJECTED:
        return False
    return Entry.decode(row.raw).sealed is not None and opened_at is None
