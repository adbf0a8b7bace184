"""Photos of a stored request: taken where the service asks for one, sealed, sent later, and never waited for."""

from __future__ import annotations

import io
import re
import tempfile

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from layanan.problems import Refused
from offline_db.attachments import SqliteAttachments, of_record
from offline_db.own_log import Desk
from offline_db.permohonan import find
from pasar.photo import keep_photo
from sync.attachment_messages import State, Told
from tests.offline_db.office import decide
from tests.pasar.cast import Budi
from tests.pasar.photos import camera, front, written
from tests.pasar.test_disk import no_room

USAHA = "UMK-05"
"""A service whose second paper is a photo of the shop."""


def send(budi, record, sent=None, paper=1, name="foto.jpg", **headers):
    budi.get(f"/permohonan/{record}/tanda-terima")
    fields = {"dari": "tanda-terima"} | ({"foto": (io.BytesIO(sent), name)} if sent is not None else {})
    return budi.post(f"/permohonan/{record}/foto/{paper}", fields, headers=headers)


def kept(shop, record):
    with shop.app.app_context():
        return of_record(record)


def test_the_receipt_and_the_request_ask_for_the_photo_and_a_form_without_script_brings_it(shop, budi):
    record = budi.take(USAHA)
    for page in (f"/permohonan/{record}/tanda-terima", f"/permohonan/{record}"):
        shown = budi.get(page).text
        assert "Foto usaha" in shown and 'capture="environment"' in shown and "js/photo.js" in shown
    answer = send(budi, record, camera())
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/permohonan/{record}/tanda-terima#foto")
    shown = budi.get(f"/permohonan/{record}/tanda-terima").text
    assert "Foto tersimpan di gerai." in shown and "Menunggu dikirim ke MPP" in shown and "Ambil foto lagi" in shown
    (scan,) = kept(shop, record)
    assert (scan.media, scan.paper, scan.state) == ("image/webp", 1, "waiting") and scan.size < 160_000
    assert "Foto ditambahkan." in budi.get(f"/permohonan/{record}").text


def test_the_same_again_is_one_and_another_stands_beside_it(shop, budi):
    record = budi.take(USAHA)
    for sent in (camera(), camera(), written(front().rotate(9))):
        assert send(budi, record, sent).status_code == 303
    assert [scan.paper for scan in kept(shop, record)] == [1, 1]
    with shop.app.app_context():
        assert {mark for _, mark in find(record).papers} == {"asli"}, "the marks of the papers stay"


def test_a_program_is_told_at_once(shop, budi):
    record = budi.take(USAHA)
    answer = send(budi, record, camera(), Accept="application/json")
    assert (answer.status_code, answer.json) == (200, {"stored": True})
    refused = send(budi, record, b"%PDF-1.7", Accept="application/json")
    assert (refused.status_code, refused.json["problem"]["code"]) == (422, "photo_type")
    part = budi.get(f"/permohonan/{record}/foto?dari=permohonan")
    assert 'id="foto"' in part.text and "<html" not in part.text and 'value="permohonan"' in part.text


@pytest.mark.parametrize(
    "told, shown",
    [
        ({"state": State.PARTIAL, "held": 0.5}, "Terkirim 50%"), ({"state": State.COMPLETE}, "Sudah di MPP"),
        ({"state": State.DURABLE}, "Sudah di MPP"),
        ({"state": State.REFUSED, "problem": "attachment_unreadable"}, "Foto ini tidak dapat dibuka di MPP."),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value["state"]),
)  # fmt: skip
def test_both_pages_say_what_became_of_it(shop, budi, told, shown):
    record = budi.take(USAHA)
    send(budi, record, camera())
    (scan,) = kept(shop, record)
    share = told.get("held", 0)
    held = ((0, int(scan.size * share) + 1),) if share else ()
    with shop.app.app_context():
        SqliteAttachments().told([Told(scan.sha256, **{**told, "held": held})], shop.time.now, shop.time.now)
    for page in (f"/permohonan/{record}/tanda-terima", f"/permohonan/{record}"):
        assert shown in budi.get(page).text


@pytest.mark.parametrize("service, paper", [(USAHA, 0), (USAHA, 2), (USAHA, 7), ("DKC-07", 0)])
def test_nobody_photographs_what_the_service_does_not_ask_for(shop, budi, service, paper):
    record = budi.take(service)
    answer = send(budi, record, camera(), paper)
    assert answer.status_code == 303
    assert "Layanan ini tidak meminta foto" in budi.get(answer.headers["Location"]).text
    assert kept(shop, record) == []
    if service == "DKC-07":
        page = budi.get(f"/permohonan/{record}").text
        assert 'id="foto"' not in page and "photo.js" not in page


@pytest.mark.parametrize(
    "sent, said",
    [
        (b"<html>", "Ini bukan foto."), (camera()[:9000], "rusak atau tidak lengkap"), (b"", "Belum ada foto"),
        (None, "Belum ada foto"), (written(front(90, 90)), "terlalu kecil"),
        (b"\x00\x00\x00\x18ftypheic", "Foto jenis HEIC"),
    ],
    ids=["html", "broken", "empty", "none", "small", "heic"],
)  # fmt: skip
def test_what_is_wrong_is_said_and_the_request_stays_as_it_was(shop, budi, sent, said):
    record = budi.take(USAHA)
    before = budi.get(f"/permohonan/{record}/tanda-terima").text
    code = re.search(r'class="[^"]*code[^"]*">([^<]+)<', before)
    answer = send(budi, record, sent)
    after = budi.get(answer.headers["Location"]).text
    assert said in after and "TIDAK tersimpan" not in after and code and code[1] in after
    assert kept(shop, record) == []


def test_the_photo_may_come_on_a_later_day_but_not_to_a_closed_request(shop, budi):
    record, closed = budi.take(USAHA), budi.take(USAHA)
    with shop.app.app_context():
        decide(closed, "DITOLAK", alasan="data tidak sesuai")
    assert 'class="photo' not in budi.get(f"/permohonan/{closed}").text
    assert "sudah ditutup" in budi.get(send(budi, closed, camera()).headers["Location"]).text
    shop.time.pass_by(26 * 3600)
    budi = Budi(shop).sign_in()
    assert send(budi, record, camera()).status_code == 303
    assert len(kept(shop, record)) == 1 and kept(shop, closed) == []


def test_a_stranger_and_a_locked_counter_bring_nothing(shop, budi):
    record = budi.take(USAHA)
    stranger = Budi(shop)
    stranger.get("/masuk")
    send(stranger, record, camera())
    answer = send(stranger, record, camera(), Accept="application/json")
    assert answer.json["problem"]["code"] in ("session_ended", "csrf_expired")
    assert kept(shop, record) == []


def test_a_full_disk_says_that_the_request_is_stored_all_the_same(shop, budi):
    record = budi.take(USAHA)
    with no_room(shop.folder):
        answer = send(budi, record, camera(), Accept="application/json")
    assert (answer.status_code, answer.json["problem"]["code"]) == (507, "photo_not_kept")
    assert kept(shop, record) == []
    assert send(budi, record, camera(), Accept="application/json").json == {"stored": True}


def test_a_large_photo_is_taken_here_and_nowhere_else_and_never_lies_on_the_disk_unsealed(
    shop, budi, monkeypatch, tmp_path
):
    record, large = budi.take(USAHA), written(front(), "PNG") + bytes(5 << 20)
    budi.get(f"/permohonan/{record}/tanda-terima")
    fields = {"csrf_token": budi.hidden("csrf_token"), "foto": FileStorage(io.BytesIO(large), "foto.png", "foto")}
    edge, body = encode_multipart(fields)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "no such folder"))

    def post(path):
        return budi.client.post(path, data=body, content_type=f'multipart/form-data; boundary="{edge}"')

    assert post(f"/permohonan/{record}/foto/1").status_code == 303
    assert len(kept(shop, record)) == 1
    assert post(f"/permohonan/{record}/ubah").status_code == 413


def test_a_parcel_without_a_paper_goes_to_the_only_one_that_asks(shop, budi):
    record, none = budi.take(USAHA), budi.take("DKC-07")
    with shop.app.app_context():
        desk: Desk = shop.app.extensions["pasar"].desk("Budi")
        first = keep_photo(record, None, camera(), desk)
        assert keep_photo(record, 1, camera(), desk) == type(first)(first.sha256, repeated=True)
        for unasked, paper in ((none, None), (record, True), (record, -1)):
            with pytest.raises(Refused, match="photo_not_wanted"):
                keep_photo(unasked, paper, camera(), desk)
        with pytest.raises(Refused, match="permohonan_unknown"):
            keep_photo("11111111-1111-4111-8111-111111111111", 1, camera(), desk)
