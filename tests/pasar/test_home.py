"""The home page: one box for services and receipts, and the day's work under it."""

import re


def test_the_one_box_finds_services_and_leads_from_a_receipt_to_its_request(budi):
    record = budi.take()
    code = budi.get(f"/permohonan/{record}/tanda-terima").text.split('class="code">')[1].split("<")[0]
    series = re.search(r"GTG-\d{6}-\d{4}", budi.page)[0]
    for words in (code, code.replace("-", "").lower(), series, series[-4:]):
        answer = budi.get("/layanan", query_string={"q": words}, follow_redirects=True)
        assert answer.request.path == f"/permohonan/{record}", words
    assert "Kartu Identitas Anak (KIA) 0-5 tahun" in budi.get("/layanan?q=kia+0-5+tahun").text
    assert budi.get("/layanan?q=9999", follow_redirects=True).request.path == "/permohonan"
