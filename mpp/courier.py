"""Couriers' files at headquarters: read from a stick, and written to one. Knows stick and office; no protocol."""

from pathlib import Path
from typing import NamedTuple

from layanan.problems import Refused
from mpp.db.courier import SqlCourierDesk, stall_named
from mpp.office import Office, utc_now
from store import stick
from sync.bundle import MAX_BYTES, Direction, read_name
from sync.courier import Tell
from sync.courier_desk import Gap, Received, answering, receive_bundle


class Tried(NamedTuple):
    """A file on the stick and what became of it: stored, or refused with its reason."""

    name: str
    received: Received | None
    refused: Refused | None = None


def import_here(office: Office, folder: Path, tell: Tell = lambda _: None) -> list[Tried]:
    """Store every stall's file in `folder`, each stall's lowest number first.

    A file that is refused changes nothing and stops no other. Raises Refused courier_none, stick_*, server_busy,
    disk_*.
    """
    found = [(said, name) for name in stick.names(folder) if (said := read_name(name))]
    wanted = [name for said, name in sorted(found) if said.direction == Direction.TO_HQ]
    if not wanted:
        raise Refused("courier_none", folder=folder)
    return [_tried(office, folder / name, tell) for name in wanted]


def export_here(office: Office, stall_name: str, folder: Path, tell: Tell = lambda _: None) -> str:
    """Write the answers and news for a stall to a new file in `folder`; afterwards the stick may be pulled out.

    Returns the file's name. Raises Refused stall_unknown, stick_*, server_busy, disk_*.
    """
    with office.database.reading() as session:
        stall = stall_named(session, stall_name).id
    desk, taken = SqlCourierDesk(office.database), {name.lower() for name in stick.names(folder)}
    cover = desk.cover(stall, desk.begin(stall))
    while cover.name in taken:
        cover = desk.cover(stall, desk.begin(stall))
    stick.write_file(folder, cover.name, answering(cover, office.inbox, desk, office.hq_keys, tell))
    return cover.name


def gaps(office: Office, stall: str) -> list[Gap]:
    """Return what files of this stall spoke of and what has not come."""
    return SqlCourierDesk(office.database).gaps(stall)


def _tried(office: Office, path: Path, tell: Tell) -> Tried:
    desk = SqlCourierDesk(office.database)
    try:
        raw = stick.read_file(path, MAX_BYTES)
        return Tried(path.name, receive_bundle(raw, office.inbox, desk, office.hq_keys, now=utc_now, tell=tell))
    except Refused as refused:
        if refused.code.startswith(("disk_", "store_", "server_")):
            raise
        return Tried(path.name, None, refused)
