"""A stall whose WiFi can be cut, hung and joined, and the operator's phone: closed, killed, opened again.

Knows the link between the two and what lies in the phone's profile; refuses to know what the pages promise.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any

from offline_db.drafts import unfinished
from pasar.cut_link import CutLink
from tests.browser.phone import NAME, Door, secure_door, trusting_phone, with_worker
from tests.browser.stage import Show, Stage
from tests.pasar.cast import PIN, SITI, Shop

KEPT_HERE, KEPT_ON_PHONE = "Tersimpan di gerai", "Belum diterima gerai. Tersimpan di HP ini."
LINE = "[data-draft-line]"
PARCELS = "() => pasar.parcels.waiting().then((rows) => rows.map((each) => each.form))"


class Wifi(CutLink):
    """Carries, is cut, or (`hung`) takes a connection and never answers."""

    hung = False

    def answer(self, near: socket) -> None:
        if not self.hung:
            super().answer(near)
        with suppress(OSError):
            while self.hung and near.recv(4096):
                pass

    def hang(self) -> None:
        self.cut()
        self.hung = True
        self.join()

    def mend(self) -> None:
        self.cut()
        self.hung = False
        self.join()


@dataclass
class Stall:
    """The stall behind its WiFi: its shop, its https door, and the address phones know."""

    shop: Shop
    door: Door
    wifi: Wifi

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.wifi.port}"

    def sign_in(self, page: Any, name: str = "Budi") -> None:
        Stage(self.url, self.shop, {}, {}).sign_in(page, name)

    def change_to(self, page: Any, name: str) -> None:
        """Two taps and the secret, as operators take turns at one phone."""
        page.goto(self.url + "/ganti")
        page.click(f"main button:has-text('{name}')")
        page.locator("[name=pin], [name=frasa]").wait_for()
        if page.locator("[name=pin]").count():
            page.fill("[name=pin]", PIN)
        else:
            page.check("[name=tanggal_benar][value=ya]")
            page.fill("[name=frasa]", self.shop.phrases[name])
        page.click("main form button[type=submit] >> nth=0")
        page.wait_for_url(self.url + "/")

    def drafts(self, name: str = "Budi") -> list[dict[str, Any]]:
        with self.shop.app.app_context():
            return [dict(each.fields) for each in unfinished(self.shop.app.extensions["pasar"].keys, name)]

    def names(self, name: str = "Budi") -> list[str]:
        return sorted(str(each.get("pemohon_name")) for each in self.drafts(name) if each.get("pemohon_name"))


@contextmanager
def stall_with_wifi(shop: Shop) -> Iterator[Stall]:
    """Both operators have given their words here before, so that each has a key for phones."""
    with shop.app.app_context():
        for name, phrase in shop.phrases.items():
            shop.app.extensions["pasar"].open_day(name, phrase, True)
    with secure_door(shop.app, shop.folder) as door, Wifi(("127.0.0.1", door.port)) as wifi:
        yield Stall(shop, door, wifi)


class Phone:
    """One phone through its days: `page` is the tab in front."""

    def __init__(self, playwright: Any, chromium: str, home: Path, stall: Stall) -> None:
        self._how = (playwright, chromium, home, stall.door.own.root)
        self.home, self.stall = home, stall
        self._open = ExitStack()
        self.start()

    def start(self) -> None:
        self.context = self._open.enter_context(trusting_phone(*self._how))
        self.context.set_default_timeout(15000)
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()

    def close(self) -> None:
        self._open.close()

    def kill(self) -> None:
        """End the browser's processes of this very profile, at once, as an empty battery does."""
        for number in _processes(self.home / "profile"):
            os.kill(number, signal.SIGKILL)
        self._open.close()
        while _processes(self.home / "profile"):
            time.sleep(0.05)
        for lock in (self.home / "profile").glob("Singleton*"):
            lock.unlink()

    def ready(self, name: str = "Budi") -> Any:
        """Signed in, with the whole shell and the kit on the phone, and nothing waiting on it."""
        self.stall.wifi.mend()
        self.context.set_offline(False)
        self.context.unroute_all()
        self.page.goto(self.stall.url + "/")
        self.page.locator("[data-delivered], [name=pin], [name=frasa]").first.wait_for(state="attached")
        if self.page.locator("[name=pin], [name=frasa]").count():
            self.stall.sign_in(self.page, name)
            with_worker(self.page)
        elif self.page.locator("[data-operator]").get_attribute("data-operator") != name:
            self.stall.change_to(self.page, name)
        until(lambda: self.operator() == name)
        until(lambda: not self.parcels())
        return self.page

    def operator(self) -> str:
        """Whose kit lies on the phone."""
        return str(self.page.evaluate("pasar.parcels.kit().then((kit) => (kit ? kit.operator : ''))"))

    def parcels(self) -> list[str]:
        found: list[str] = self.page.evaluate(PARCELS)
        return found

    def holds(self, text: str) -> list[str]:
        """The files of the profile in which this text can be read, in either of the browser's ways of writing."""
        files = [path for path in (self.home / "profile").rglob("*") if path.is_file()]
        signs = (text.encode(), text.encode("utf-16-le"))
        return [str(path) for path in files if any(sign in path.read_bytes() for sign in signs)]


def until(so: Callable[[], object], seconds: float = 15) -> None:
    """Wait until it is so; fail when it never is."""
    deadline = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _processes(profile: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and f"--user-data-dir={profile}".encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def open_people(page: Any, url: str, service: str = "DKC-01") -> str:
    """The third page of a new form; its record's id."""
    page.goto(f"{url}/layanan/{service}")
    page.click("text=Buat permohonan")
    page.click("text=Semua asli dilihat")
    page.wait_for_url("**/orang")
    return re.findall(r"/baru/([0-9a-f-]{36})/", page.url)[0]


def write_people(page: Any, **changed: str) -> None:
    typed = {**SITI, **changed}
    typed.pop("relation")
    for name, text in typed.items():
        page.fill(f"[name={name}]", text)


def says(page: Any, sentence: str) -> None:
    """Wait until the line beside the buttons says so."""
    page.locator(LINE, has_text=sentence).wait_for()


def note(page: Any, name: str, words: str = "ktp hilang", service: str = "KTP-el karena hilang") -> None:
    """Take a request on the phone alone, up to its saving."""
    page.fill("#f-cari", words)
    page.click(f"[data-results] button:has-text('{service}')")
    page.click("text=Sisanya asli dilihat")
    write_people(page, pemohon_name=name)
    page.click("button:has-text('Simpan di HP ini')")
    page.locator("[data-saved]").wait_for()


def _opened(page: Any, stage: Stage) -> None:
    page.goto("about:blank")  # the offline page goes on by itself once the stall answers
    page.context.set_offline(False)
    page.goto(stage.url + "/")
    with_worker(page)
    until(lambda: page.evaluate("pasar.parcels.kit()"))


def _offline(page: Any, stage: Stage) -> None:
    """Two requests wait on the phone; one of them the phone's holder may go on with."""
    _opened(page, stage)
    page.context.set_offline(True)
    page.goto(stage.url + "/hp/catat")
    note(page, "Ketut Sari")
    page.click("text=Orang berikutnya")
    note(page, "Made Wirawan", "akta lahir", "Akta Kelahiran")
    page.goto(stage.url + "/")
    page.locator("[data-list] li").nth(1).wait_for()


def _written_down(page: Any, stage: Stage) -> None:
    _opened(page, stage)
    page.context.set_offline(True)
    page.goto(stage.url + "/hp/catat")
    page.fill("#f-cari", "ktp hilang")
    page.click("[data-results] button:has-text('KTP-el karena hilang')")


def _cut(page: Any, stage: Stage) -> None:
    _opened(page, stage)
    open_people(page, stage.url)
    page.context.set_offline(True)
    write_people(page)
    page.click("main button:has-text('Lanjut')")
    page.locator("[data-away]").wait_for()


WITHOUT_STALL: dict[str, Show] = {"75-luring": _offline, "76-catat": _written_down, "77-belum-diterima": _cut}
"""Screens of a phone that the stall does not answer; each leaves the phone without it."""
