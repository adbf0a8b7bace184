"""Information only: the finder, life events, the slip of what to bring, and the page that needs nobody signed in."""

from offline_db.visits import NEWEST, often_asked, visits


def test_the_finder_offers_events_and_what_is_asked_for_most(shop, budi):
    budi.take("DKC-08")
    page = budi.get("/layanan").text
    assert page.index("Menikah") < page.index("Sering diminta di sini") < page.index("rusak atau perubahan data")
    with shop.app.app_context():
        assert often_asked(3)[0] == "DKC-08"
        assert len(often_asked(8)) == 8


def test_a_life_event_lists_its_services_in_order(budi):
    page = budi.get("/layanan/peristiwa/melahirkan").text
    assert page.index("Akta kelahiran") < page.index("bayi baru lahir")
    assert budi.get("/layanan/peristiwa/lain").status_code == 404


def test_telling_what_to_bring_counts_a_visit_and_prints_a_slip_without_a_person(shop, budi):
    budi.get("/layanan/DKC-07")
    visit = {"kunjungan": budi.hidden("kunjungan")}
    where = budi.post("/layanan/DKC-07/kunjungan", visit).headers["Location"]
    budi.post("/layanan/DKC-07/kunjungan", visit)
    slip = budi.get(where).text
    assert where.endswith("/layanan/DKC-07/bawa")
    for said in ("YANG PERLU DIBAWA", "Surat kehilangan dari kepolisian", "GRATIS", "21 November 2026", "OTP"):
        assert said in slip, said
    with shop.app.app_context():
        assert visits("2026-11-21") == {"DKC-07": 1}


def test_what_is_asked_for_most_is_read_from_a_bounded_past(shop, budi):
    for code in ("DKC-14", "DKC-14", "DKC-01"):
        budi.get(f"/layanan/{code}")
        budi.post(f"/layanan/{code}/kunjungan", {"kunjungan": budi.hidden("kunjungan")})
    with shop.app.app_context():
        assert often_asked(2) == ["DKC-14", "DKC-01"]
    assert NEWEST <= 500


def test_anybody_reads_services_fees_promises_and_how_to_complain(shop):
    guest = shop.app.test_client()
    start = guest.get("/informasi").text
    for said in ("Menikah", "Maklumat pelayanan", "menerima sanksi", "1708", "Dinas Kependudukan"):
        assert said in start, said
    assert "Penerbitan KTP-el karena hilang" in guest.get("/informasi?q=ktp+ilang").text
    assert "Akta kelahiran" in guest.get("/informasi?peristiwa=melahirkan").text
    one = guest.get("/informasi/DKC-07").text
    promise = "1 hari kerja sejak berkas dinyatakan lengkap"
    for said in ("Surat kehilangan dari kepolisian", "GRATIS", promise, "Perpres 96/2018"):
        assert said in one, said
    assert "Set-Cookie" not in guest.get("/informasi").headers
    assert guest.get("/informasi/XXX-99").status_code == 404
    assert "Tidak ada layanan yang cocok" in guest.get("/informasi?q=qzxwv").text
