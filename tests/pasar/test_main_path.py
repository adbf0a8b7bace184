"""Siti's request at Budi's counter, page by page, until the receipt."""

import re

from offline_db.permohonan import find, personal


def test_a_request_goes_through_four_pages_to_a_receipt(shop, budi):
    record_id = budi.begin()
    assert budi.fill(record_id).headers["Location"].endswith("/periksa")
    read_back = budi.get(f"/permohonan/baru/{record_id}/periksa").text
    for said in ("Siti Aminah", "3510 0917 0895 9901", "0812 3456 7890", "GRATIS", "UU 27/2022", "ppid@example.go.id"):
        assert said in read_back
    assert budi.save(record_id).status_code == 303
    receipt = budi.get(f"/permohonan/{record_id}/tanda-terima").text
    with shop.app.app_context():
        row = find(record_id)
    code = "-".join(row.code[start : start + 4] for start in (0, 4, 8))
    for said in (code, row.series, "<svg", "GRATIS", "1 hari kerja sejak berkas dinyatakan lengkap", "1708",
                 "S••• A•••", "banyuwangikab.go.id", "Tanpa HP", "0333-411111", "OTP"):  # fmt: skip
        assert said in receipt, said
    assert "Siti Aminah" not in receipt
    assert "3510" not in receipt
    assert re.fullmatch(r"GTG-261121-0001", row.series)


def test_what_was_typed_is_sealed_and_opens_with_the_days_key(shop, budi):
    record_id = budi.take()
    with shop.app.app_context():
        part = personal(record_id, shop.app.extensions["pasar"].keys)
    assert part.pemohon.name == "Siti Aminah"
    raw = b"".join(path.read_bytes() for path in shop.folder.iterdir() if path.is_file())
    assert b"Siti Aminah" not in raw
    assert b"3510091708959901" not in raw


def test_without_a_printer_the_page_is_the_receipt_and_opens_again_on_any_day(shop, budi):
    record_id = budi.take()
    address = f"/permohonan/{record_id}/tanda-terima"
    assert "Cetak sekarang" in budi.get(f"{address}/cetak").text
    shown = on_paper(budi.get(address).text)
    shop.time.pass_by(7 * 24 * 3600)
    later = shop.restart().sign_in()
    assert on_paper(later.get(address).text) == shown


def on_paper(page):
    return re.search(r"<article[^>]*class=\"receipt.*?</article>", page, re.DOTALL)[0]
