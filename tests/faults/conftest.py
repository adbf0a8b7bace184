"""A stall and a headquarters as real processes, and a client that notes what it was promised.

Refuses to know the inside of either: saves go through the documented JSON call, ledgers through the commands.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from layanan.service import catalogue
from pasar.demo_house import House, free_ports, open_house
from pasar.journey.attempts import AttemptLog
from pasar.journey.counter import Counter, Operator
from tests.faults.market import act, morning

SERVICE = "DKC-01"
SIGN_UPS = ("code", "tracking_code", "series", "record_id")


@dataclass
class Client:
    """Budi's signed-in program. `receipts` is every receipt it was shown; `unsure` every save that got no answer."""

    house: House
    counter: Counter
    receipts: dict[str, dict[str, str]] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)

    def sign_in(self) -> None:
        self.counter.sign_in()
        token = str(self.counter.visit.json("/api/sesi")["csrf_token"])
        self.headers = {"X-CSRFToken": token, "Cookie": self.counter.visit.cookies(), "Accept": "application/json"}

    def is_signed_in(self) -> bool:
        return requests.get(f"{self.house.stall.url}/api/sesi", headers=self.headers, timeout=20).ok

    def save(self, record: str | None = None, name: str = "Siti Aminah") -> requests.Response:
        """One save by the JSON call; keeps the receipt. Raises RequestException when no answer came."""
        record = record or str(uuid.uuid4())
        try:
            answer = requests.post(
                f"{self.house.stall.url}/api/permohonan", json=form(record, name), headers=self.headers, timeout=20
            )
        except requests.RequestException:
            self.unsure.add(record)
            raise
        if answer.ok:
            self.receipts[record] = receipt(answer)
        return answer

    def stored_here(self) -> dict[str, dict[str, Any]]:
        return rows(self.house.ask_stall("ledger", "--json"))

    def stored_there(self) -> dict[str, dict[str, Any]]:
        return rows(self.house.ask_hq("ledger", "--json"))


def form(record: str, name: str) -> dict[str, object]:
    papers = [[place, "asli"] for place in range(len(catalogue().service(SERVICE).requirements))]
    siti = {"name": name, "nik": "3510095708959901", "phone": "", "address": "Jl. Hasanudin No. 12, Genteng"}
    return {
        "record_id": record, "service": SERVICE, "papers": papers, "relation": "diri_sendiri", "pemohon": siti,
        "subjek": None, "notes": "", "priority": "",
    }  # fmt: skip


def receipt(answer: requests.Response) -> dict[str, str]:
    said = answer.json()
    return {name: said[name] for name in SIGN_UPS}


def rows(ledger: str) -> dict[str, dict[str, Any]]:
    """Ledger rows by record; a record told twice fails here."""
    found = [json.loads(line) for line in ledger.splitlines()]
    by_record = {row["record_id"]: row for row in found}
    assert len(by_record) == len(found)
    return by_record


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("rumah"), free_ports()) as house:
        yield house


@pytest.fixture
def client(budi: Client) -> Client:
    """Budi, signed in: minutes may have passed since the last test that he served, and the counter locks itself."""
    if not budi.is_signed_in():
        budi.sign_in()
    return budi


@pytest.fixture(scope="session")
def budi(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    who = house.secrets.operator
    log = AttemptLog(tmp_path_factory.mktemp("log") / "attempts.jsonl")
    client = Client(house, Counter(house.stall.url, Operator(who.login, who.phrase, who.pin), log))
    client.sign_in()
    yield client
    log.close()


@pytest.fixture(scope="session")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stall with three requests that headquarters has not heard of; copy it before use."""
    folder = morning(tmp_path_factory.mktemp("pagi"))
    done = act(folder, "save", 3)
    assert done.returncode == 0, done.stderr
    return Path(shutil.copytree(folder, tmp_path_factory.mktemp("sore") / "pasar"))
