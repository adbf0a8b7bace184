"""The queue from a number by sight to the display, and onto the receipt."""

import re

from offline_db.antrean import kinds


def take(budi, kind=""):
    budi.get("/antrean")
    fields = {"ketuk": budi.hidden("ketuk"), **({"kelompok": kind} if kind else {})}
    return budi.get(budi.post("/antrean", fields).headers["Location"]).text


def shown(shop):
    return shop.app.test_client().get("/antrean/layar/keadaan").json


def test_a_number_by_sight_is_called_and_everybody_sees_and_hears_it(shop, budi):
    assert "A 1" in take(budi)
    first = take(budi, "lansia")
    assert "P 1" in first
    assert "usia" not in first.casefold()
    assert shown(shop) == {"calls": [], "turn": 0, "waiting": 2}
    budi.post("/antrean/panggil")
    state = shown(shop)
    assert state["calls"] == [{"nomor": "P 1", "loket": "1", "ucapan": "Nomor antrean P 1. Silakan ke loket 1."}]
    display = shop.app.test_client().get("/antrean/layar")
    assert "P 1" in display.text
    assert 'http-equiv="refresh"' in display.text
    with shop.app.app_context():
        assert kinds("2026-11-21") == {"lansia": 1}


def test_the_same_number_again_and_one_that_did_not_come(shop, budi):
    take(budi)
    budi.post("/antrean/panggil")
    here = re.search(r'name="lagi" value="(\d+)"', budi.get("/antrean").text)[1]
    turn = shown(shop)["turn"]
    budi.post("/antrean/panggil", {"lagi": here})
    assert shown(shop)["turn"] == turn + 1
    budi.post("/antrean/selesai", {"datang": "tidak"})
    assert "Dipanggil tetapi belum datang" in budi.get("/antrean").text
    budi.post("/antrean/panggil", {"lagi": here})
    assert "Dipanggil tetapi" not in budi.get("/antrean").text
    budi.post("/antrean/selesai")
    budi.post("/antrean/panggil")
    assert "Tidak ada yang menunggu" in budi.get("/antrean").text


def test_two_desks_call_for_themselves(shop, budi):
    take(budi)
    take(budi)
    budi.post("/antrean/panggil")
    budi.post("/antrean/loket", {"loket": "2"})
    budi.post("/antrean/panggil")
    assert [(call["nomor"], call["loket"]) for call in shown(shop)["calls"]] == [("A 2", "2"), ("A 1", "1")]
    budi.post("/antrean/loket", {"loket": "sultan"})
    assert "Di loket 1" in budi.get("/antrean").text


def test_the_receipt_carries_the_number_that_was_being_served(budi):
    take(budi)
    budi.post("/antrean/panggil")
    served = budi.take()
    receipt = budi.get(f"/permohonan/{served}/tanda-terima").text
    assert "Nomor antrean" in receipt
    assert "A 1" in receipt
    budi.post("/antrean/selesai")
    assert "Nomor antrean" not in budi.get(f"/permohonan/{budi.take()}/tanda-terima").text


def test_an_unknown_number_is_said_and_nothing_is_called(shop, budi):
    assert budi.get("/antrean/99").status_code == 404
    budi.get("/antrean")
    budi.post("/antrean/panggil", {"lagi": "99"})
    assert shown(shop)["turn"] == 0
