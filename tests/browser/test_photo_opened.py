"""One photo's whole way: a file input of a phone, the stall, the link, headquarters, and the answer an officer gets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from mpp.db.stall import add_stall, enrol
from offline_db.attachments import of_record
from offline_db.identity import device_key, take_grant
from offline_db.operators import add_operator, set_pin
from pasar.app import create_app
from pasar.settings import read_config
from pasar.syncing import sync_here
from sync.enrol import read_answer, request
from tests.browser.stage import Stage
from tests.mpp.site import Site, open_site
from tests.mpp.test_scans import post
from tests.offline_db.desk import Headquarters
from tests.pasar.cast import PIN, Budi, Shop, Time
from tests.pasar.photos import GPS, card, located, read, read_digits, written
from web_base.serve import Listener, listen

PAS_FOTO = "DKC-12"
"""A service of the agency that agus works for; its fourth paper is a photo of the child."""


@contextmanager
def stall_of(site: Site, folder: Path) -> Iterator[Stage]:
    """A stall enrolled at this headquarters, on its own socket, by the clock of this machine."""
    app, now = create_app(read_config({}, data=folder, hq_url=site.url)), datetime.now(UTC)
    with app.app_context(), site.office.database.writing() as session:
        _, code = add_stall(session, "Pasar Genteng", now)
        asked = request(code, device_key().public, b"n" * 16)
        take_grant(read_answer(code, asked, enrol(session, site.office.keys, site.url, asked, now)))
        phrases = {"Budi": add_operator("Budi")}
        set_pin("Budi", PIN)
    shop = Shop(folder, Headquarters(), Time(), app, phrases)
    serving = listen(app, [Listener("127.0.0.1", 0)], threads=4)
    try:
        yield Stage(f"http://localhost:{serving.ports[0]}", shop, {}, {})
    finally:
        serving.stop()


def test_what_an_officer_opens_is_what_the_phone_has_shown_and_says_no_place(tmp_path, page):
    shot, boxes = card()
    with open_site(tmp_path / "mpp") as site, stall_of(site, tmp_path / "gerai") as stage:
        record = Budi(stage.shop).sign_in().take(PAS_FOTO)
        stage.sign_in(page)
        page.goto(f"{stage.url}/permohonan/{record}/tanda-terima")
        photo = {"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": written(shot, quality=90, exif=located())}
        page.set_input_files("[capture=environment]", photo)
        page.click(".photo .send")
        page.locator("text=Menunggu dikirim ke MPP").wait_for()

        with stage.shop.app.app_context():
            assert sync_here(site.url, stage.shop.folder).problem is None
            (scan,) = of_record(record)
        page.reload()
        page.locator("text=Sudah di MPP").wait_for()

        assert "Pas foto anak" in site.signed_in("agus").get(f"/permohonan/{record}").text
        opened = post(site, "agus", record, 1)
        assert (opened.status_code, opened.headers["Content-Type"]) == (200, "image/webp")
        picture = read(opened.content)
        assert picture.size == (1280, 960) and read_digits(picture, boxes) == read_digits(shot, boxes)
        assert not picture.getexif() and not picture.getexif().get_ifd(GPS) and b"Exif" not in opened.content
        assert hashlib.sha256(opened.content).hexdigest() != scan.sha256, "what lies at the stall is sealed"
        kept = b"".join(each.read_bytes() for each in stage.shop.folder.glob("pasar.sqlite*"))
        assert opened.content[:64] not in kept and opened.content[-64:] not in kept
