"""Scans at the desk: said to follow until they are there, opened with a reason, and never anything a browser runs."""

from __future__ import annotations

import pytest
import requests

from pasar.journey.forms import Visit
from sync.messages import Item
from tests.mpp.site import Site
from tests.mpp.test_attachments import taken
from tests.sync.cast_attachments import attached, picture


def test_what_has_not_come_is_said_to_follow_and_the_request_is_complete(site: Site) -> None:
    record = site.taken()
    assert "Foto berkas" not in site.signed_in("agus").get(f"/permohonan/{record}").text
    made, _ = attached(site.stall.sender(), 900, record, site.stall.shift, picture(900))
    site.office.inbox.store(site.stall.device, site.stall.batch([Item(made)]))
    page = site.signed_in("agus").get(f"/permohonan/{record}")
    assert "Foto menyusul." in page.text and "Ubah status" in page.text
    assert "Buka Foto 1" not in page.text


def test_a_scan_is_opened_with_a_reason_under_strict_headers(site: Site) -> None:
    record = site.taken()
    taken(site.stall, record, picture(700_000))
    page = site.signed_in("agus").get(f"/permohonan/{record}")
    assert "Buka Foto 1" in page.text and "Foto menyusul" not in page.text
    shown = post(site, "agus", record, 1)
    assert (shown.status_code, shown.content) == (200, picture(700_000))
    wanted = {
        "content-type": "image/jpeg", "x-content-type-options": "nosniff", "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; sandbox", "cross-origin-resource-policy": "same-origin",
        "content-disposition": 'inline; filename="lampiran-1.jpg"',
    }  # fmt: skip
    assert {name: shown.headers[name] for name in wanted} == wanted
    looked = site.signed_in("agus").get(f"/permohonan/{record}").text.partition("Siapa membuka")[2]
    assert "agus" in looked and "Memeriksa berkas permohonan" in looked


def test_two_photos_of_one_paper_are_told_apart(site: Site) -> None:
    record = site.taken()
    for seq in (900, 901):
        made, _ = attached(site.stall.sender(), seq, record, site.stall.shift, picture(seq), paper=0)
        site.office.inbox.store(site.stall.device, site.stall.batch([Item(made)]))
    page = site.signed_in("agus").get(f"/permohonan/{record}").text
    assert "Formulir F-1.02: Foto menyusul." in page and "Formulir F-1.02 (2): Foto menyusul." in page


def test_no_reason_no_scan_and_another_agency_sees_nothing(site: Site) -> None:
    record = site.taken()
    taken(site.stall, record, picture(900))
    assert post(site, "agus", record, 1, alasan="").status_code == 422
    assert post(site, "agus", record, 1, alasan="ingin tahu").status_code == 422
    assert post(site, "agus", record, 2).status_code == 404
    assert post(site, "dewi", record, 1).status_code == 403
    assert post(site, "agus", record, 1, csrf_token="x").status_code == 400
    assert Visit(site.url).get(f"/permohonan/{record}/lampiran/1").status == 405
    assert Visit(site.url).get("/permohonan").path == "/masuk"
    stranger = requests.post(f"{site.url}/permohonan/{record}/lampiran/1", data={"alasan": "periksa"}, timeout=10)
    assert stranger.status_code in (400, 401, 403)
    assert "Memeriksa" not in site.signed_in("ratna").get(f"/permohonan/{record}").text.partition("Riwayat")[2]


@pytest.mark.parametrize(("plain", "media", "shown"), [(b"%PDF-1.7 ...", "application/pdf", "attachment")])
def test_a_document_is_saved_and_not_shown(site: Site, plain: bytes, media: str, shown: str) -> None:
    record = site.taken()
    taken(site.stall, record, plain)
    answer = post(site, "agus", record, 1)
    assert (answer.content, answer.headers["Content-Type"]) == (plain, media)
    assert answer.headers["Content-Disposition"] == f'{shown}; filename="lampiran-1.pdf"'


def post(site: Site, login: str, record: str, number: int, **more: str) -> requests.Response:
    """What the button of a scan sends, with the token of the page it stands on."""
    visit = site.signed_in(login)
    token = visit.get("/permohonan").form("nik").values["csrf_token"]
    return requests.post(
        f"{site.url}/permohonan/{record}/lampiran/{number}",
        data={"csrf_token": token, "alasan": "periksa", **more},
        headers={"Cookie": visit.cookies(), "Accept": "text/html"},
        timeout=10,
    )
