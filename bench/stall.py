"""A stall to measure: a demo house in a folder of its own, one signed-in operator, and how to ask for a save.

Knows the documented JSON call and the demo; refuses to know the inside of the stall.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from layanan.service import catalogue
from pasar.demo_house import House, free_ports, open_house
from pasar.journey.attempts import AttemptLog
from pasar.journey.counter import Counter, Operator

SERVICE = "DKC-01"
PERSON = {
    "name": "Siti Aminah",
    "nik": "3510095708959901",
    "phone": "081234567890",
    "address": "Jl. Hasanudin No. 12, Genteng Wetan, Banyuwangi",
}
PAPERS = [[place, "asli"] for place in range(len(catalogue().service(SERVICE).requirements))]
NOTES = "Untuk keperluan sekolah anak. " * 10


@dataclass(frozen=True)
class Measured:
    """A running house and what a signed-in browser sends along."""

    house: House
    counter: Counter
    headers: dict[str, str]

    def save(self, _number: int) -> tuple[str, str, bytes | None, dict[str, str]]:
        """One new request by the JSON call: form checked, person sealed, row, entry and outbox durable."""
        body = {
            "record_id": str(uuid.uuid4()), "service": SERVICE, "papers": PAPERS, "relation": "diri_sendiri",
            "pemohon": PERSON, "subjek": None, "notes": NOTES, "priority": "",
        }
        return "POST", "/api/permohonan", json.dumps(body).encode(), self.headers

    def page(self, path: str) -> tuple[str, str, bytes | None, dict[str, str]]:
        return "GET", path, None, {"Cookie": self.headers["Cookie"], "Accept": "text/html"}


@contextmanager
def measured_stall(folder: Path) -> Iterator[Measured]:
    """Both servers up, Budi signed in, the link cut so that no sync disturbs the clock."""
    with open_house(folder, free_ports()) as house:
        house.link.cut()
        who = house.secrets.operator
        log = AttemptLog(folder / "attempts.jsonl")
        counter = Counter(house.stall.url, Operator(who.login, who.phrase, who.pin), log)
        counter.sign_in()
        yield Measured(house, counter, signed_headers(counter))
        log.close()


def restarted(stall: Measured) -> Measured:
    """The same house with a fresh stall process: what a long filling left in the old one is no part of a page."""
    stall.house.stall.stop()
    stall.house.stall.start()
    stall.counter.sign_in()
    return Measured(stall.house, stall.counter, signed_headers(stall.counter))


def signed_headers(counter: Counter) -> dict[str, str]:
    token = str(counter.visit.json("/api/sesi")["csrf_token"])
    headers = {"X-CSRFToken": token, "Content-Type": "application/json", "Accept": "application/json"}
    return {**headers, "Cookie": counter.visit.cookies()}


def resident_mb(pid: int) -> float:
    """Memory a process holds now, in MB (VmRSS)."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("ascii"))
    return int(found[1]) / 1024 if found else 0.0
