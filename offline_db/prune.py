"""Knows which personal parts the stall need not keep any longer, and takes their bytes out of the file for good.

Headquarters has opened them, a verified backup of its holds them (`durable_seq`), and 24 hours went by since, measured
by headquarters' own signed time alone: this machine's clock may say anything. Refuses to touch an entry's own bytes.
"""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.orm import Session

from offline_db.attachments import forget_durable
from offline_db.base import checkpoint, file_path, reading, writing
from offline_db.models import DraftRow, EntryRow, LogRow, OutboxRow, RefusalRow, ShiftKeyRow, ShiftWrapRow, run, table
from sync.entry import read_time, spelled_time

GRACE = timedelta(hours=24)
NOTE_EVERY = timedelta(hours=1)
_AT_ONCE = 200
_MARKS = select(*(table(LogRow).c[name] for name in ("author", "epoch", "durable_seq")))
Note = tuple[str, int, int, datetime]
"""A log (author, epoch), how far it was durable, and headquarters' time when the stall first knew."""


def note_durable(hq_now: datetime) -> None:
    """Remember how far every log is durable at this time of headquarters'. A lost note only begins the wait anew."""
    path = _path()
    notes = [note for note in _read(path) if note[3] <= hq_now]
    with reading() as session:
        marks = [(log.author, log.epoch, log.durable_seq) for log in run(session, _MARKS)]
    _write(path, hq_now, [note for mark in marks for note in _of_one_log(mark, notes, hq_now)])


def prune() -> int:
    """Erase what is due, and dead drafts; returns how many parts and scans went. Raises Refused disk_*.

    A few at a time, each in one transaction: killed in the middle, the next call goes on. The freed bytes are
    overwritten in the file and the write-ahead log is emptied, so that neither holds them afterwards.
    """
    pruned = 0
    for author, epoch, last in _due():
        seq = 0
        while some := _some(author, epoch, seq, last):
            these = update(table(EntryRow)).where(EntryRow.id.in_([row.id for row in some]))
            with writing() as session:
                run(session, these.values(sealed=None))
            pruned, seq = pruned + len(some), some[-1].seq
    if seen := _seen(_path()):
        pruned += forget_durable(seen - GRACE)
    with writing() as session:
        _drop_dead_drafts(session)
    checkpoint()
    return pruned


def _of_one_log(mark: tuple[str, int, int], notes: list[Note], hq_now: datetime) -> list[Note]:
    """Only what is still durable counts (headquarters may have been restored); of what is due, the newest is enough."""
    author, epoch, durable = mark
    own = [note for note in notes if note[:2] == (author, epoch) and note[2] <= durable]
    due = [note for note in own if hq_now - note[3] >= GRACE]
    kept = due[-1:] + own[len(due) :]
    news = not kept or (durable > kept[-1][2] and hq_now - kept[-1][3] >= NOTE_EVERY)
    return [*kept, (author, epoch, durable, hq_now)] if news and durable else kept


def _due() -> list[tuple[str, int, int]]:
    path = _path()
    seen, notes = _seen(path), _read(path)
    with reading() as session:
        durable = {(log.author, log.epoch): log.durable_seq for log in run(session, _MARKS)}
    return [
        (author, epoch, min(seq, durable.get((author, epoch), 0)))
        for author, epoch, seq, at in notes
        if seen is not None and seen - at >= GRACE
    ]


def _some(author: str, epoch: int, after: int, last: int) -> Sequence[Row[int, int]]:
    """What headquarters did not take as good stays whole here, whatever the mark says."""
    own = (EntryRow.author == author) & (EntryRow.epoch == epoch) & EntryRow.seq.between(after + 1, last)
    needed = select(OutboxRow.entry_id).union_all(select(RefusalRow.entry_id))
    due = own & EntryRow.sealed.is_not(None) & EntryRow.id.not_in(needed)
    found = select(EntryRow.id, EntryRow.seq).where(due).order_by(EntryRow.seq).limit(_AT_ONCE)
    with reading() as session:
        return session.execute(found).all()


def _drop_dead_drafts(session: Session) -> None:
    """A draft whose key is neither of the newest day nor wrapped for anybody can never be opened again."""
    newest_day = select(func.max(ShiftKeyRow.day)).scalar_subquery()
    alive = select(ShiftKeyRow.key).where(ShiftKeyRow.day == newest_day).union(select(ShiftWrapRow.key))
    run(session, delete(table(DraftRow)).where(DraftRow.key.not_in(alive)))


def _path() -> Path:
    path = file_path()
    return path.with_name(f"{path.name}.durable")


def _read(path: Path) -> list[Note]:
    try:
        return [(str(a), int(e), int(s), read_time(at)) for a, e, s, at in json.loads(path.read_bytes())["notes"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _seen(path: Path) -> datetime | None:
    try:
        return read_time(json.loads(path.read_bytes())["seen"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(path: Path, seen: datetime, notes: list[Note]) -> None:
    said = {"seen": spelled_time(seen), "notes": [[a, e, s, spelled_time(at)] for a, e, s, at in notes]}
    fresh = path.with_name(f"{path.name}.new")
    with suppress(OSError):
        fresh.write_text(json.dumps(said), "ascii")
        os.replace(fresh, path)
