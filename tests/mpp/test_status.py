"""What the shopper learns at headquarters from a code or a receipt's QR: the status, never a person."""

from __future__ import annotations

import pytest

from layanan.permohonan import Kind
from mpp.db.stall import revoke
from pasar.journey.forms import Page, Visit
from sync.receipt import qr_text, sign_receipt
from tests.mpp.cast import NOW, SITI
from tests.mpp.site import Site, decide


def asked(site: Site, text: str) -> Page:
    """A stranger's phone asks for the status."""
    visit = Visit(site.url)
    page = visit.get("/c")
    return visit.send(page, page.form("code"), {"code": text})


def receipt(site: Site, record: str, *, send: bool) -> tuple[str, str]:
    """The code and the QR's text of a receipt that was printed for this record."""
    entry = next(item.entry for item in site.stall.written if item.entry.record == record)
    if send:
        site.stall.send()
    code, grant = str(entry.fields["code"]), site.stall.grant
    text = qr_text("http://mpp.test", code, grant.device, grant.epoch, "261120", str(entry.fields["receipt_sig"]))
    return code, text


@pytest.mark.parametrize("spoken", [str.lower, lambda code: "-".join((code[:4], code[4:8], code[8:]))])
def test_the_code_in_any_spelling_shows_the_service_and_the_status(site: Site, spoken) -> None:
    code, text = receipt(site, site.stall.accept(), send=True)
    for said in (spoken(code), text):
        page = asked(site, said)
        assert "Terkirim ke MPP" in page.text and "Penerbitan Kartu Keluarga baru" in page.text
        assert "Masih harus dibawa: Formulir F-1.01." in page.text


def test_no_personal_data_not_even_the_mask(site: Site) -> None:
    code, _ = receipt(site, site.stall.accept(), send=True)
    page = asked(site, code)
    for secret in (SITI.name, SITI.nik or "", "S•••", "8123"):
        assert secret not in page.body


def test_what_the_officer_says_is_what_the_shopper_reads(site: Site) -> None:
    record = site.stall.accept()
    code, _ = receipt(site, record, send=True)
    decide(site.signed_in("agus"), record, "DIKEMBALIKAN", kurang="materai")
    assert "Berkas belum lengkap. Silakan bawa: Formulir F-1.01; materai." in asked(site, code).text


def test_a_health_service_is_named_by_its_agency_only(site: Site) -> None:
    code, _ = receipt(site, site.stall.accept(service="KES-01"), send=True)
    page = asked(site, code)
    assert "Dinas Kesehatan" in page.text
    assert "Masih harus dibawa" not in page.text


def test_a_receipt_that_has_not_arrived_is_genuine(site: Site) -> None:
    code, text = receipt(site, site.stall.accept(), send=False)
    assert "Tanda terima ini asli" in asked(site, text).text
    assert asked(site, code).status == 404


def test_a_receipt_of_a_stolen_machine_is_named_so(site: Site) -> None:
    _, text = receipt(site, site.stall.accept(), send=False)
    with site.office.database.writing() as session:
        revoke(session, "gtg", NOW)
    assert "Tanda terima dari perangkat yang dilaporkan hilang" in asked(site, text).text


def test_a_forged_receipt_is_unknown(site: Site) -> None:
    code, _ = receipt(site, site.stall.accept(), send=False)
    grant = site.stall.grant
    forged = sign_receipt(site.office.keys.signing, code, grant.device, grant.epoch, "261120")
    assert asked(site, qr_text("http://mpp.test", code, grant.device, grant.epoch, "261120", forged)).status == 404
    ungranted = qr_text("http://mpp.test", code, grant.device, 9, "261120", forged)
    assert asked(site, ungranted).status == 404
    assert asked(site, "K7M2").status == 422


def test_the_way_is_told_newest_first(site: Site) -> None:
    record = site.stall.accept()
    code, _ = receipt(site, record, send=True)
    decide(site.signed_in("agus"), record, "VERIFIKASI")
    site.stall.write(Kind.CANCELLED, {"reason": "pindah"}, record=record, read=(1, 1))
    site.stall.send()
    text = asked(site, code).text
    steps = [text.rfind(label) for label in ("Dibatalkan pemohon", "Verifikasi berkas", "Terkirim ke MPP")]
    assert steps == sorted(steps) and -1 not in steps
