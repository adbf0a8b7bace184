"""The bad day: blank forms, and a request that was taken on paper and typed in later."""

import pytest

from offline_db.permohonan import life


def type_in(budi, day, time):
    budi.get("/kertas")
    return budi.post("/kertas", {"tanggal": day, "jam": time})


def test_a_request_from_paper_says_when_it_was_taken_and_only_that_one(shop, budi):
    assert type_in(budi, "2026-11-20", "9.40").headers["Location"] == "/layanan"
    record = budi.begin()
    budi.fill(record)
    assert "20 Nov 2026, 09.40 WIB" in budi.get(f"/permohonan/baru/{record}/periksa").text
    budi.save(record)
    receipt = budi.get(f"/permohonan/{record}/tanda-terima").text
    assert "Diterima di kertas" in receipt
    assert "20 Nov 2026, 09.40 WIB" in receipt
    with shop.app.app_context():
        assert life(record).on_paper == "2026-11-20T02:40:00.000Z"
    assert "Diterima di kertas" not in budi.get(f"/permohonan/{budi.take()}/tanda-terima").text


IMPOSSIBLE = [("2026-11-21", ""), ("2026-11-21", "pagi"), ("2026-11-22", "08.00"), ("2026-10-01", "08.00"), ("", "1")]


@pytest.mark.parametrize("day, time", IMPOSSIBLE)
def test_a_time_that_cannot_be_is_asked_again_and_stays_typed(budi, day, time):
    answer = type_in(budi, day, time)
    assert answer.status_code == 422
    assert "Tulis waktu di kertas dengan benar" in answer.text
    assert f'value="{day}"' in answer.text


def test_a_blank_form_names_the_papers_of_its_service_and_no_person(budi):
    form = budi.get("/kertas/kosong?layanan=DKC-07").text
    assert "Surat kehilangan dari kepolisian" in form
    assert form.count("<i") > 40
    assert "belum tanda terima" in form
    assert "NIK pemohon" in budi.get("/kertas/kosong").text
    assert budi.get("/kertas/kosong?layanan=XXX").status_code == 404
