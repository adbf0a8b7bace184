"""A stall and a headquarters that share nothing but a stick: real files, real keys, no network between them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mpp.courier
import pasar.courier
from layanan.status import Status
from mpp.config import read_config
from mpp.db.decision import Decision, decide
from mpp.db.ledger import ledger as ledger_there
from mpp.db.office import confirm_phrase, found_office
from mpp.db.permohonan import find
from mpp.db.schema import upgrade
from mpp.db.stall import add_stall, enrol
from mpp.keys import KeyRing, save_keys
from mpp.office import Office, open_database, open_office
from offline_db import open_stall
from offline_db.identity import device_key, take_grant
from offline_db.ledger import ledger as ledger_here
from offline_db.operators import add_operator
from offline_db.outbox import SqliteOutbox
from offline_db.permohonan import accept
from sync.courier import Outgoing
from sync.enrol import read_answer, request
from sync.ports import Counts
from tests.mpp.cast import RATNA
from tests.offline_db.desk import new_form, opened

STALL = "Pasar Genteng"
MINE = "pasar-genteng"


@dataclass(frozen=True)
class Pair:
    """`stick` is a folder; whoever carries it is the only link there is."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "gerai" / "pasar.sqlite"

    @property
    def stick(self) -> Path:
        return self.folder / "stick"

    @contextmanager
    def office(self) -> Iterator[Office]:
        with closing(open_office(read_config(data=str(self.folder / "mpp")))) as office:
            yield office

    def accept(self, count: int) -> list[str]:
        """Budi takes so many requests."""
        with opened(self.file) as counter:
            return [accept(new_form(), counter.desk()).record_id for _ in range(count)]

    def decide(self, record: str, status: Status = Status.VERIFIKASI) -> None:
        """Ratna moves a request on."""
        with self.office() as office, office.database.writing() as session:
            seen = find(session, record).content_sha256
            decide(session, office.keys, RATNA, record, seen, Decision(status), datetime.now(UTC))

    def export_up(self, stick: Path | None = None) -> Outgoing:
        with open_stall(self.file):
            return pasar.courier.export_here(self.file.parent, stick or self.stick)

    def import_up(self, stick: Path | None = None) -> list[mpp.courier.Tried]:
        with self.office() as office:
            return mpp.courier.import_here(office, stick or self.stick)

    def export_down(self, stick: Path | None = None) -> str:
        with self.office() as office:
            return mpp.courier.export_here(office, STALL, stick or self.stick)

    def import_down(self, stick: Path | None = None) -> list[pasar.courier.Tried]:
        with open_stall(self.file):
            return pasar.courier.import_here(self.file.parent, stick or self.stick)

    def there_and_back(self) -> None:
        """One round of the courier; every file is taken."""
        self.export_up()
        assert all(one.received for one in self.import_up())
        self.export_down()
        assert all(one.taken for one in self.import_down())

    def counts(self) -> Counts:
        with open_stall(self.file):
            return SqliteOutbox().counts()

    def here(self) -> dict[str, dict[str, Any]]:
        with open_stall(self.file):
            return _by_record(ledger_here())

    def there(self) -> dict[str, dict[str, Any]]:
        with self.office() as office, office.database.reading() as session:
            return _by_record(ledger_there(session))

    def agree(self) -> bool:
        """Both ledgers hold the same requests with the same entries, and nothing waits."""
        names = ("entries", "content_sha256", "status", "tracking_code")
        sides = [{row["record_id"]: [row[name] for name in names] for row in side.values()} for side in both(self)]
        counts = self.counts()
        return sides[0] == sides[1] and counts.stored == counts.confirmed

    def command(self, app: str, *words: str, before: str = "", typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run `pasar` or `mpp` with these words as its own process, after the Python of `before`; `typed` is read."""
        name = {"pasar": "gerai", "mpp": "mpp"}[app]
        setting = {f"{app.upper()}_DATA": str(self.folder / name), "PYTHONIOENCODING": "utf-8"}
        code = f"{before}\nimport sys\nfrom {app}.cli import main\nsys.argv[0] = {app!r}\nmain()"
        return subprocess.run(
            [sys.executable, "-c", code, *words], env={**os.environ, **setting}, capture_output=True, text=True,
            encoding="utf-8", check=False, input=typed,
        )  # fmt: skip

    def copied(self, folder: Path) -> Pair:
        shutil.copytree(self.folder, folder)
        return Pair(folder)


def both(pair: Pair) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """The ledger here and the one there."""
    return pair.here(), pair.there()


def furnished(folder: Path) -> Pair:
    """A headquarters and a stall enrolled to it, neither of which has ever seen a network."""
    pair = Pair(folder)
    for name in ("gerai", "mpp", "stick"):
        (folder / name).mkdir(parents=True)
    keys = KeyRing.new()
    save_keys(folder / "mpp", keys, b"{}")
    with closing(open_database("", folder / "mpp")) as database:
        upgrade(database)
        now = datetime.now(UTC)
        with database.writing() as session:
            found_office(session, keys.hq, now)
            confirm_phrase(session, now)
            _, code = add_stall(session, STALL, now)
        with open_stall(pair.file), database.writing() as session:
            asked = request(code, device_key().public, b"n" * 16)
            take_grant(read_answer(code, asked, enrol(session, keys, "http://mpp.test", asked, now)))
            pair.file.with_suffix(".phrase").write_text(add_operator("Budi"), encoding="ascii")
    return pair


def _by_record(rows: Any) -> dict[str, dict[str, Any]]:
    found = list(rows)
    by_record = {row["record_id"]: row for row in found}
    assert len(by_record) == len(found)
    return by_record
