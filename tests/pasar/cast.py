"""The stall of the tests: enrolled, with Budi at its counter and Siti before it, over the real app and a real file."""

import re
import shutil
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from offline_db.identity import device_key, take_grant
from offline_db.operators import add_operator, set_pin
from pasar.app import create_app
from pasar.moment import StallClock
from pasar.settings import read_config
from tests.offline_db.desk import Headquarters

MORNING = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
PIN = "271828"
NOBODY = "http://127.0.0.1:9"
NIK = "3510091708959901"
SITI = {
    "pemohon_name": "Siti Aminah", "pemohon_nik": NIK, "pemohon_phone": "0812 3456 7890",
    "pemohon_address": "Dusun Krajan, Genteng", "relation": "diri_sendiri",
}  # fmt: skip


class Time:
    """Wall clock and monotonic clock that a test turns by hand."""

    def __init__(self) -> None:
        self.now, self.elapsed = MORNING, 100.0

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.elapsed += seconds

    def clock(self) -> StallClock:
        return StallClock("Asia/Jakarta", lambda: self.now, lambda: self.elapsed)


@dataclass
class Shop:
    """One data folder and what a test may know of it; `app` can be made again, as after a restart."""

    folder: Path
    headquarters: Headquarters
    time: Time
    app: Flask
    phrases: dict[str, str]

    def restart(self) -> "Budi":
        self.app = make_app(self.folder, self.time)
        return Budi(self)


def make_app(folder: Path, time: Time, **settings: object) -> Flask:
    app = create_app(read_config({}, data=folder, **{"hq_url": NOBODY, **settings}), time.clock())
    app.testing = True
    return app


def make_shop(folder: Path, *operators: str, **settings: object) -> Shop:
    """An enrolled stall with these operators, each with the PIN of the tests."""
    time, headquarters = Time(), Headquarters()
    app = make_app(folder, time, **settings)
    with app.app_context():
        take_grant(headquarters.grant(device_key().id))
        phrases = {name: add_operator(name) for name in operators}
        for name in operators:
            set_pin(name, PIN)
    return Shop(folder, headquarters, time, app, phrases)


def copy_shop(shop: Shop, folder: Path) -> Shop:
    """The same stall in a folder of its own; enrolling and pass-phrases cost seconds, a copy does not."""
    shutil.copytree(shop.folder, folder)
    time = Time()
    return Shop(folder, shop.headquarters, time, make_app(folder, time), shop.phrases)


class Budi:
    """An operator's browser: cookies, the CSRF token of the last page, and the hidden fields it held."""

    def __init__(self, shop: Shop, name: str = "Budi") -> None:
        self.shop, self.name = shop, name
        self.client: FlaskClient = shop.app.test_client()
        self.page = ""

    def get(self, path: str, **options):
        answer = self.client.get(path, **options)
        self.page = answer.text
        return answer

    def post(self, path: str, fields: dict[str, str] | None = None, **options):
        """Send a form with the token of the page that was seen last; the door's page is asked for one if need be."""
        token = self.hidden("csrf_token")
        if not token:
            self.get("/masuk")
            token = self.hidden("csrf_token")
        answer = self.client.post(path, data={"csrf_token": token, **(fields or {})}, **options)
        if "text/html" in answer.headers.get("Content-Type", "") and answer.status_code not in (302, 303, 307):
            self.page = answer.text
        return answer

    def hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        return found[1] if found else ""

    def sign_in(self) -> "Budi":
        fields = {"petugas": self.name, "frasa": self.shop.phrases[self.name], "tanggal_benar": "ya", "lanjut": "/"}
        answer = self.post("/masuk", fields)
        assert answer.status_code == 303, answer.text
        self.get("/")
        return self

    def begin(self, service: str = "DKC-07") -> str:
        """Open the form of a service and mark all papers seen; returns the record's id."""
        self.get(f"/layanan/{service}")
        record_id = self.hidden("record_id")
        answer = self.post("/permohonan/baru", {"layanan": service, "record_id": record_id})
        assert answer.headers["Location"] == f"/permohonan/baru/{record_id}/berkas"
        assert self.post(f"/permohonan/baru/{record_id}/berkas", {"semua": "asli"}).status_code == 303
        return record_id

    def fill(self, record_id: str, **changed: str):
        return self.post(f"/permohonan/baru/{record_id}/orang", {**SITI, **changed})

    def save(self, record_id: str):
        return self.post(f"/permohonan/baru/{record_id}/periksa")

    def take(self, service: str = "DKC-07", **changed: str) -> str:
        """A whole request of Siti's, stored; returns its id."""
        record_id = self.begin(service)
        assert self.fill(record_id, **changed).status_code == 303
        answer = self.save(record_id)
        assert answer.headers["Location"] == f"/permohonan/{record_id}/tanda-terima"
        return record_id


def call(record_id: str | None = None, **changed: object) -> dict[str, object]:
    """The body of the JSON call for Siti's lost KTP."""
    person = {"name": "Siti Aminah", "nik": NIK, "address": "Dusun Krajan, Genteng"}
    body = {"record_id": record_id or str(uuid.uuid4()), "service": "DKC-07", "papers": [[0, "asli"], [1, "asli"]],
            "relation": "diri_sendiri", "pemohon": person}  # fmt: skip
    return {**body, **changed}
