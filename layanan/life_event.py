"""Knows what people go through and which services that brings, in the order they are needed; refuses to search.

The table is `tables/life_events.csv`; the events are those people name at the counter.
"""

from dataclasses import dataclass
from functools import cache

from layanan.problems import Refused
from layanan.reading import said
from layanan.service import Service, catalogue
from layanan.tables import rows


@dataclass(frozen=True)
class LifeEvent:
    """One event, its name, and its services, the one needed first in front."""

    code: str
    name: str
    name_en: str
    services: tuple[Service, ...]

    @property
    def called(self) -> str:
        """The name in the language that is read now."""
        return said(self.name, self.name_en)


@cache
def life_events() -> tuple[LifeEvent, ...]:
    """Return every event in table order."""
    book = catalogue()
    return tuple(
        LifeEvent(row["event"], row["name_id"], row["name_en"], tuple(map(book.service, row["services"].split(";"))))
        for row in rows("life_events")
    )


def life_event(code: str) -> LifeEvent:
    """Return the event of this code; raises Refused("not_found")."""
    for event in life_events():
        if event.code == code:
            return event
    raise Refused("not_found")
