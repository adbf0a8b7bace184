"""An enrolled stall with Budi at the counter and Siti before it, over a real file."""

import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from layanan.person import Person, PersonalPart
from layanan.service import catalogue
from offline_db import open_stall
from offline_db.identity import device_key, grant, take_grant
from offline_db.operators import add_operator, check_passphrase
from offline_db.permohonan import NewPermohonan
from offline_db.shift import KeyRing
from sync.enrol import Grant
from sync.entry import Moment
from sync.keys import SealingKey, SigningKey

MORNING = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
SITI = Person("Siti Aminah", "3510091708959901", None, "+6281234567890", "Dusun Krajan, Genteng")


@dataclass
class Headquarters:
    """The secrets of the other side, so that a test can read what the stall cannot."""

    sign: SigningKey = field(default_factory=SigningKey.new)
    seal: SealingKey = field(default_factory=SealingKey.new)

    def grant(self, device: str, epoch: int = 1, stall: str = "gtg", hq: str = "mpp-bwi", label: str = "GTG") -> Grant:
        return Grant(
            hq=hq, incarnation=1, sign_public=bytes(self.sign.public), seal_public=bytes(self.seal.public),
            stall=stall, stall_name="Gerai Genteng", place="Pasar Genteng", label=label, device=device, epoch=epoch,
            zone="Asia/Jakarta", status_url="http://localhost:8090", week=5, complaint="1708",
            official_domain="banyuwangikab.go.id", phone="0333-411111", privacy_contact="ppid@example.go.id",
        )  # fmt: skip


class Counter:
    """The counter of one process: a key ring and a clock that a test may turn."""

    def __init__(self) -> None:
        self.ring = KeyRing()
        self.time = MORNING

    def moment(self) -> Moment:
        self.time += timedelta(seconds=1)
        mono = (self.time - MORNING) // timedelta(milliseconds=1)
        return Moment(self.time, "Asia/Jakarta", "boot-1", 1000 + mono, True)

    def desk(self, operator: str = "Budi"):
        return self.ring.desk(operator, self.moment())


def enrol(path: Path, headquarters: Headquarters) -> None:
    """Inside an open stall: take the grant, add Budi, and lay his pass-phrase beside the file."""
    take_grant(headquarters.grant(device_key().id))
    path.with_suffix(".phrase").write_text(add_operator("Budi"), encoding="ascii")


@contextmanager
def opened(path: Path, headquarters: Headquarters | None = None):
    """The stall's file with Budi signed in; enrolled first when it is new."""
    with open_stall(path):
        if grant() is None:
            enrol(path, headquarters or Headquarters())
        phrase = path.with_suffix(".phrase").read_text(encoding="ascii")
        counter = Counter()
        counter.ring.unlock("Budi", check_passphrase("Budi", phrase), counter.moment())
        yield counter


def new_form(name: str = "Siti Aminah", record_id: str | None = None, **more) -> NewPermohonan:
    """A checked form for a family card, all papers seen."""
    service = catalogue().service(more.pop("service", "DKC-01"))
    papers = tuple((index, "asli") for index in range(len(service.requirements)))
    person = Person(name, SITI.nik, None, SITI.phone, SITI.address)
    part = PersonalPart(person, None, "diri_sendiri", more.pop("notes", ""))
    return NewPermohonan(record_id or str(uuid.uuid4()), service, more.pop("papers", papers), part, **more)
