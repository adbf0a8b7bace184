"""Headquarters on both of its databases, and as a running site that officers visit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mpp.app import create_app
from mpp.config import Config
from mpp.db.officers import add_officer
from mpp.office import Office
from pasar.journey.forms import Page, Visit
from tests.mpp.cast import NOW, Headquarters, StallAtWork, headquarters
from web_base.serve import Listener, listen

PHRASE = "sapu hujan lima pasar"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database; empty for the embedded file."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("fresh_postgres"))


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Headquarters]:
    """A headquarters that may enrol stalls."""
    made = headquarters(database_url, tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def stall(office: Headquarters) -> StallAtWork:
    """A stall that is enrolled and has begun a shift."""
    return StallAtWork(office)


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


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Headquarters on SQLite behind a real socket."""
    made = headquarters("", tmp_path)
    with made.database.writing() as session:
        for login, agency in (("ratna", None), ("agus", "DUKCAPIL"), ("dewi", "DINKES")):
            add_officer(session, login, login.title(), agency, PHRASE, NOW)
    config = Config(tmp_path, "127.0.0.1", 0, "", "http://mpp.test", 30)
    serving = listen(create_app(Office(config, made.database, made.keys)), [Listener("127.0.0.1", 0)])
    yield Site(f"http://127.0.0.1:{serving.ports[0]}", made, StallAtWork(made))
    serving.stop()
    made.database.close()


def decide(visit: Visit, record: str, status: str, **slots: str) -> Page:
    """Open a request, choose a status, fill in what it asks, send."""
    page = visit.get(f"/permohonan/{record}")
    return visit.send(page, page.form("status", action="/status"), {"status": status, **slots})
