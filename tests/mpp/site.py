"""A running headquarters on a real socket, with a stall and officers. Refuses to know what a test asks of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mpp.app import create_app
from mpp.config import Config
from mpp.db.officers import add_officer
from mpp.keys import save_keys
from mpp.office import Office
from pasar.journey.forms import Page, Visit
from tests.mpp.cast import NOW, Headquarters, StallAtWork, headquarters
from web_base.serve import Listener, listen

PHRASE = "sapu hujan lima pasar"


@dataclass(frozen=True)
class Site:
    """A running headquarters, a stall of it, and three officers whose pass-phrase is PHRASE."""

    url: str
    office: Headquarters
    stall: StallAtWork

    def signed_in(self, login: str) -> Visit:
        """A browser in which this officer has signed in."""
        visit = Visit(self.url)
        door = visit.get("/masuk")
        page = visit.send(door, door.form("frasa"), {"petugas": login, "frasa": PHRASE})
        assert (page.status, page.path) == (200, "/permohonan")
        return visit

    def taken(self, **more: str) -> str:
        """A request that has arrived."""
        record = self.stall.accept(**more)
        self.stall.send()
        return record


@contextmanager
def open_site(folder: Path, url: str = "", proxies: int = 0) -> Iterator[Site]:
    """Headquarters on SQLite or at `url`: ratna of the office, agus of Dukcapil and dewi of the health office."""
    made = headquarters(url, folder)
    with made.database.writing() as session:
        for login, agency in (("ratna", None), ("agus", "DUKCAPIL"), ("dewi", "DINKES")):
            add_officer(session, login, login.title(), agency, PHRASE, NOW)
    save_keys(folder, made.keys, b"{}")
    config = Config(folder, "127.0.0.1", 0, "", "http://mpp.test", 30, proxies)
    serving = listen(create_app(Office(config, made.database)), [Listener("127.0.0.1", 0)])
    try:
        yield Site(f"http://127.0.0.1:{serving.ports[0]}", made, StallAtWork(made))
    finally:
        serving.stop()
        made.database.close()


def decide(visit: Visit, record: str, status: str, **slots: str) -> Page:
    """Open a request, choose a status, fill in what it asks, send."""
    page = visit.get(f"/permohonan/{record}")
    return visit.send(page, page.form("status", action="/status"), {"status": status, **slots})
