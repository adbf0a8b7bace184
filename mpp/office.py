"""Knows the running headquarters as one thing: settings, database, keys and clock; refuses to know pages."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from flask import current_app

from layanan.problems import Refused
from layanan.service import put_in_force as put_catalogue
from layanan.sla import put_in_force as put_calendar
from mpp.config import Config
from mpp.db.attachments import SqlAttachments
from mpp.db.database import Database, open_database
from mpp.db.inbox import SqlInbox
from mpp.db.office import office
from mpp.db.published import in_force, newest_number
from mpp.db.schema import upgrade
from mpp.keys import KeyRing, load_keys, stamp
from sync.receive import HqKeys


def utc_now() -> datetime:
    """Return the time now, the only clock of headquarters."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Office:
    """An open headquarters; a change of its keys by another process is seen at the next look."""

    config: Config
    database: Database
    _held: dict[tuple[int, int], KeyRing] = field(default_factory=dict)
    _followed: list[int] = field(default_factory=list)

    @property
    def keys(self) -> KeyRing:
        """All secrets, as the data folder has them now. Raises Refused("hq_not_initialised")."""
        written = stamp(self.config.data)
        ring = self._held.get(written)
        if ring is None:
            ring = load_keys(self.config.data)
            self._held.clear()
            self._held[written] = ring
        return ring

    @property
    def hq_keys(self) -> HqKeys:
        """What headquarters signs its answers with."""
        ring = self.keys
        return HqKeys(ring.hq, ring.signing, ring.former)

    @property
    def inbox(self) -> SqlInbox:
        """The door stalls' batches come in by."""
        return SqlInbox(self.database, self.keys, utc_now)

    @property
    def attachments(self) -> SqlAttachments:
        """The door stalls' scans come in by."""
        return SqlAttachments(self.database, self.keys, utc_now)

    def follow(self) -> None:
        """Put in force in this process what was published, also by another one; cheap when nothing was."""
        with self.database.reading() as session:
            newest = newest_number(session)
            if self._followed == [newest]:
                return
            book, calendar = in_force(session)
        put_catalogue(book)
        put_calendar(calendar)
        self._followed[:] = [newest]

    def close(self) -> None:
        """Close the database."""
        self.database.close()


def open_office(config: Config) -> Office:
    """Open a headquarters that was set up, its tables brought up to date.

    Raises Refused("hq_not_initialised" | "sync_wrong_hq" | "server_busy" | disk_*).
    """
    keys = load_keys(config.data)
    database = open_database(config.database_url, config.data)
    upgrade(database)
    with database.reading() as session:
        if office(session).id != keys.hq:
            raise Refused("sync_wrong_hq")
    opened = Office(config, database)
    opened.follow()
    return opened


def here() -> Office:
    """Return the headquarters of the running app."""
    found: Office = current_app.extensions["mpp"]
    return found
