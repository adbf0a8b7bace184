"""Who gets in, with what, and that nothing typed is lost when the counter locks."""

from urllib.parse import urlsplit

import pytest

from pasar.desks import DAY_SECONDS
from tests.pasar.cast import PIN, SITI, Budi

PAST_IDLE = 5 * 60 + 1


def unlock(budi, fields, path="/masuk/pin"):
    """Answer the door on the page; follow it as a browser does, with the same body after 307."""
    carried = {name: budi.hidden(name) for name in ("lanjut", "tersimpan", "jeda") if budi.hidden(name)}
    body = {**carried, **fields}
    answer = budi.post(path, body)
    assert answer.status_code in (303, 307), answer.text
    onward = urlsplit(answer.headers["Location"]).path
    return budi.post(onward, body) if answer.status_code == 307 else budi.get(onward)


def test_the_pass_phrase_page_shows_the_date_and_wants_it_confirmed(shop):
    budi = Budi(shop)
    assert "Sabtu, 21 November 2026" in budi.get("/masuk").text
    answer = budi.post("/masuk", {"petugas": "Budi", "frasa": shop.phrases["Budi"]})
    assert answer.status_code == 422
    assert "Pastikan dulu tanggal" in answer.text


@pytest.mark.parametrize(("said", "trusted"), [("ya", True), ("tidak", False)])
def test_a_doubted_date_is_remembered_and_requests_are_still_taken(shop, said, trusted):
    budi = Budi(shop)
    budi.post("/masuk", {"petugas": "Budi", "frasa": shop.phrases["Budi"], "tanggal_benar": said})
    assert shop.app.extensions["pasar"].clock.trusted is trusted
    budi.get("/")
    assert budi.take()


@pytest.mark.parametrize("who", ["Budi", "Siapa"])
def test_a_wrong_phrase_says_the_same_for_every_name(shop, who):
    answer = Budi(shop).post("/masuk", {"petugas": who, "frasa": "salah salah salah salah", "tanggal_benar": "ya"})
    assert answer.status_code == 401
    assert "Nama atau kalimat sandi salah." in answer.text
    assert "salah salah" not in answer.text


def test_a_new_browser_needs_the_phrase_and_then_only_the_pin(shop, budi):
    assert 'name="frasa"' in Budi(shop).get("/").text
    budi.post("/kunci")
    assert 'name="pin"' in budi.page
    assert unlock(budi, {"petugas": "Budi", "pin": PIN}).status_code == 200
    assert budi.get("/api/sesi").json["operator"] == "Budi"


def test_five_wrong_pins_ask_for_the_pass_phrase(shop, budi):
    budi.post("/kunci")
    answers = [budi.post("/masuk/pin", {"petugas": "Budi", "pin": "000000"}) for _ in range(5)]
    assert ["PIN salah." in answer.text for answer in answers[:4]] == [True] * 4
    assert 'name="frasa"' in answers[4].text
    assert 'name="frasa"' in budi.post("/masuk/pin", {"petugas": "Budi", "pin": PIN}).text
    budi.sign_in()
    assert budi.get("/api/sesi").status_code == 200


def test_changing_the_operator_is_two_taps_and_a_pin(shop, budi):
    assert ">Ani</button>" in budi.get("/ganti").text
    assert "Halo, Ani" in budi.post("/ganti", {"petugas": "Ani"}).text
    unlock(budi, {"petugas": "Ani", "pin": PIN})
    assert budi.get("/api/sesi").json["operator"] == "Ani"


def test_an_idle_counter_locks_and_the_form_goes_on_where_it_was(shop, budi):
    record_id = budi.begin()
    shop.time.pass_by(PAST_IDLE)
    answer = budi.fill(record_id)
    assert "Isian Anda tetap ada." in answer.text
    assert "Siti" not in answer.text
    assert SITI["pemohon_nik"] not in answer.text
    after = unlock(budi, {"petugas": "Budi", "pin": PIN})
    assert after.headers["Location"] == f"/permohonan/baru/{record_id}/periksa"
    assert budi.save(record_id).headers["Location"] == f"/permohonan/{record_id}/tanda-terima"


def test_a_form_is_kept_through_a_wrong_pin(shop, budi):
    record_id = budi.begin()
    shop.time.pass_by(PAST_IDLE)
    budi.fill(record_id)
    carried = {name: budi.hidden(name) for name in ("lanjut", "tersimpan")}
    budi.post("/masuk/pin", {**carried, "petugas": "Budi", "pin": "999999"})
    assert unlock(budi, {"petugas": "Budi", "pin": PIN}).headers["Location"].endswith("/periksa")


def test_after_a_restart_the_phrase_page_keeps_every_field(shop, budi):
    record_id = budi.begin()
    cookies = budi.client.get_cookie("pasar-p")
    again = shop.restart()
    again.client.set_cookie("pasar-p", cookies.value)
    again.page = budi.page
    answer = again.post(f"/permohonan/baru/{record_id}/orang", SITI)
    assert 'name="frasa"' in answer.text
    fields = {"petugas": "Budi", "frasa": shop.phrases["Budi"], "tanggal_benar": "ya"}
    after = unlock(again, fields, "/masuk")
    assert after.headers["Location"] == f"/permohonan/baru/{record_id}/periksa"
    assert "Siti Aminah" in again.get(f"/permohonan/baru/{record_id}/periksa").text


def test_the_screen_that_locks_itself_brings_back_an_unfinished_form_without_sending_it(shop, budi):
    record_id = budi.begin()
    half = {f"isi.{name}": text for name, text in SITI.items() if name != "pemohon_nik"}
    budi.post("/kunci", {"lanjut": f"/permohonan/baru/{record_id}/orang", **half})
    after = unlock(budi, {"petugas": "Budi", "pin": PIN})
    assert after.status_code == 200
    assert 'value="Siti Aminah"' in after.text
    assert "error-summary" not in after.text


def test_an_interrupted_cancel_is_shown_again_and_not_done(shop, budi):
    record_id = budi.take()
    address = f"/permohonan/{record_id}/batal"
    budi.post("/kunci", {"lanjut": address, "isi.alasan": "lainnya", "isi.yakin": "ya"})
    after = unlock(budi, {"petugas": "Budi", "pin": PIN})
    assert "Batalkan permohonan ini?" in after.text
    assert "Dibatalkan" not in budi.get(f"/permohonan/{record_id}").text


def test_a_kept_form_opens_only_at_the_address_it_was_made_for(shop, budi):
    record_id, other = budi.begin(), budi.take()
    kept = shop.app.extensions["pasar"].kept.fold(f"/permohonan/baru/{record_id}/orang", _fields())
    answer = budi.post(f"/permohonan/{other}/batal", {"tersimpan": kept})
    assert answer.status_code == 303
    assert shop.app.extensions["pasar"].kept.unfold("/", kept + "x") is None


def _fields():
    from werkzeug.datastructures import MultiDict

    return MultiDict({"alasan": "lainnya", "yakin": "ya", "pin": PIN})


def test_a_day_is_over_after_its_hours_whatever_the_wall_clock_says(shop, budi):
    shop.time.elapsed += DAY_SECONDS
    assert 'name="frasa"' in budi.get("/").text


@pytest.mark.parametrize("onward", ["//jahat.example", "https://jahat.example/", "/\\jahat.example", "javascript:1"])
def test_the_door_leads_only_into_the_stall(shop, onward):
    budi = Budi(shop)
    fields = {"petugas": "Budi", "frasa": shop.phrases["Budi"], "tanggal_benar": "ya", "lanjut": onward}
    assert budi.post("/masuk", fields).headers["Location"] == "/"


def test_leaving_makes_the_browser_a_stranger(budi):
    budi.post("/keluar")
    assert 'name="frasa"' in budi.get("/").text


def test_phrases_are_not_guessed_for_ever(shop):
    budi = Budi(shop)
    fields = {"petugas": "Budi", "frasa": "a b c d", "tanggal_benar": "ya"}
    codes = [budi.post("/masuk", fields).status_code for _ in range(12)]
    assert codes[:10] == [401] * 10
    assert codes[-1] == 429
