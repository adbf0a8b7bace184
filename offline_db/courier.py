"""Knows which frames were given to couriers and what waits for the next one; refuses to know sticks."""

from collections.abc import Iterator, Sequence

from sqlalchemy import func, insert, select, update

from offline_db.base import reading, writing
from offline_db.identity import enrolled
from offline_db.models import BookRow, CourierFrameRow, EntryRow, LogRow, OutboxRow, run, table
from offline_db.sound import is_sound
from sync.canonical import decode, encode
from sync.chain import Position
from sync.entry import Entry
from sync.exchange import MAX_BYTES
from sync.messages import Acknowledgement, Item
from sync.ports import MAX_ROWS

_WAITING = select(EntryRow.id, EntryRow.raw, EntryRow.sealed, EntryRow.hash).join(
    OutboxRow, OutboxRow.entry_id == EntryRow.id
)


class SqliteCourier:
    """The port `CourierBook` over the stall's file, inside an app context.

    Whoever holds the lock of syncs may use it: what waits must not be answered between two pages.
    """

    def begin(self) -> int:
        """See CourierBook."""
        with reading() as session:
            return (session.scalar(select(func.max(CourierFrameRow.number))) or 0) + 1

    def head(self) -> Position:
        """See CourierBook. Raises Refused("not_enrolled")."""
        with reading() as session:
            grant = enrolled(session).grant
            log = session.get_one(LogRow, (grant.device, grant.epoch))
        return Position(log.author, log.epoch, log.seq, log.chain)

    def pages(self) -> Iterator[Sequence[Item]]:
        """See CourierBook."""
        last = 0
        while True:
            page, last = _page(last)
            if not page:
                return
            yield page

    def remember(self, number: int, frames: Sequence[str], giving: str = "") -> None:
        """See CourierBook. Raises Refused disk_*."""
        with writing() as session:
            grant = enrolled(session).grant
            known = session.get_one(LogRow, (grant.device, grant.epoch)).answered_seq
            same = {"number": number, "known_seq": known, "answered": False}
            rows = [{"sha256": one, "gives_back": one == giving, **same} for one in frames]
            run(session, insert(table(CourierFrameRow)), rows)

    def parting(self) -> Position | None:
        """See CourierBook."""
        with reading() as session:
            said = session.scalar(select(BookRow.common))
        return Position.from_fields(decode(said.encode())) if said else None

    def keep_parting(self, place: Position | None) -> None:
        """See CourierBook. Raises Refused disk_*."""
        if place == self.parting():
            return
        with writing() as session:
            said = encode(place.to_fields()).decode() if place else None
            run(session, update(table(BookRow)).values(common=said))

    def gave_back(self, frame: str) -> bool:
        """See CourierBook."""
        with reading() as session:
            row = session.get(CourierFrameRow, frame)
        return row is not None and row.gives_back

    def is_wanted(self, ack: Acknowledgement) -> bool:
        """See CourierBook."""
        with reading() as session:
            frame = session.get(CourierFrameRow, ack.batch)
            log = session.get(LogRow, (ack.head.author, ack.head.epoch))
        if frame is None or frame.answered:
            return False
        return log is None or not frame.known_seq <= ack.head.seq < log.answered_seq

    def taken(self, frame: str) -> None:
        """See CourierBook. Raises Refused disk_*."""
        with writing() as session:
            done = update(table(CourierFrameRow)).where(CourierFrameRow.sha256 == frame)
            run(session, done.values(answered=True))


def _page(last: int) -> tuple[list[Item], int]:
    page: list[Item] = []
    room = MAX_BYTES
    waiting = _WAITING.where(OutboxRow.entry_id > last).order_by(OutboxRow.entry_id)
    with reading() as session:
        for entry_id, raw, sealed, entry_hash in session.execute(waiting.execution_options(yield_per=MAX_ROWS)):
            if not is_sound(raw, entry_hash, sealed):
                continue
            room -= len(raw) + len(sealed or b"")
            if page and room < 0:
                break
            page.append(Item(Entry.decode(raw), sealed))
            last = entry_id
            if len(page) == MAX_ROWS:
                break
    return page, last
