"""What becomes of a phone's parcel at the stall: a draft, a second one, nothing new, or the photo of a request."""

import re
import time

import pytest

from layanan.problems import PROBLEMS
from offline_db.attachments import of_record
from offline_db.base import reading
from offline_db.drafts import unfinished
from offline_db.parcels import ParcelRow, ParcelState
from tests.pasar.a_phone import deliver, draft_head, photo_head, seal
from tests.pasar.cast import SITI, Budi
from tests.pasar.photos import front, written

KNOWN, USAHA = "3510091708959901", "UMK-05"


@pytest.fixture
def kit(budi):
    return budi.client.get("/hp/bekal").json


@pytest.fixture
def phone(shop):
    return shop.app.test_client()


def became(shop, sealed):
    with shop.app.app_context(), reading() as session:
        row = session.get(ParcelRow, sealed.id)
        return ParcelState(row.state), row.problem, row.record_id


def drafts(shop, operator="Budi"):
    with shop.app.app_context():
        found = unfinished(shop.app.extensions["pasar"].keys, operator)
        return {each.record_id: each.fields.get("pemohon_name") for each in found}


def revision(who, record_id):
    return int(re.search(r'data-revision="(\d+)"', who.get(f"/permohonan/baru/{record_id}/orang").text)[1])


def type_on(who, record_id, **fields):
    return who.post(f"/permohonan/baru/{record_id}/draf", fields).json


def test_a_form_of_a_phone_alone_becomes_a_draft_to_go_on_with(shop, budi, kit, phone):
    head = draft_head(berkas_0="asli", berkas_1="asli", **SITI)
    deliver(phone, seal(kit, head))
    assert drafts(shop) == {head["record_id"]: "Siti Aminah"}
    page = budi.get("/permohonan/draf").text
    assert f'href="/permohonan/baru/{head["record_id"]}/periksa"' in page
    assert budi.save(head["record_id"]).headers["Location"].endswith("/tanda-terima")
    assert drafts(shop) == {}


def test_the_revision_the_phone_began_with_is_replaced(shop, budi, kit, phone):
    record_id = budi.begin()
    base = revision(budi, record_id)
    deliver(phone, seal(kit, draft_head(record_id, base, pemohon_name="Wagirah")))
    assert drafts(shop) == {record_id: "Wagirah"}
    assert 'value="asli"' in budi.get(f"/permohonan/baru/{record_id}/berkas").text
    assert revision(budi, record_id) == base + 1


def test_a_draft_that_moved_on_keeps_its_words_and_the_phones_become_a_second(shop, budi, kit, phone):
    record_id = budi.begin()
    base = revision(budi, record_id)
    budi.post(f"/permohonan/baru/{record_id}/orang", {"pemohon_name": "Suwarni", "kembali": "1"})
    sealed = seal(kit, draft_head(record_id, base, pemohon_name="Wagirah"))
    for _ in range(3):
        deliver(phone, sealed)
    found = drafts(shop)
    assert found.pop(record_id) == "Suwarni"
    assert list(found.values()) == ["Wagirah"]
    assert became(shop, sealed)[2] in found


def test_what_the_stall_has_already_makes_no_second(shop, budi, kit, phone):
    """The stall kept the typing and its answer was lost: the phone brings the same words from the older state."""
    record_id = budi.begin()
    base = revision(budi, record_id)
    type_on(budi, record_id, base=str(base), layanan="DKC-07", pemohon_name="Wagirah", pemohon_nik=KNOWN)
    deliver(phone, seal(kit, draft_head(record_id, base, pemohon_name="Wagirah")))
    assert drafts(shop) == {record_id: "Wagirah"}


@pytest.mark.parametrize(("made", "left"), [(2000, "Wagirah dan Rokayah"), (500, "Wagirah")])
def test_the_newest_words_of_one_page_win_however_they_travel(shop, budi, kit, phone, made, left):
    record_id = budi.begin()
    base = revision(budi, record_id)
    type_on(budi, record_id, base=str(base), halaman="p1", dibuat="1000", pemohon_name="Wagirah")
    head = {**draft_head(record_id, base, pemohon_name="Wagirah dan Rokayah"), "page": "p1", "made": made}
    deliver(phone, seal(kit, head))
    assert drafts(shop) == {record_id: left}


def test_a_stored_request_changes_nothing_and_the_list_leads_to_its_receipt(shop, budi, kit, phone):
    record_id = budi.take()
    sealed = seal(kit, draft_head(record_id, 1, pemohon_name="Orang Lain"))
    deliver(phone, sealed)
    assert became(shop, sealed) == (ParcelState.STORED, None, record_id)
    page = budi.get("/permohonan/draf").text
    assert "sudah tersimpan" in page
    assert f'href="/permohonan/{record_id}/tanda-terima"' in page
    assert "Orang Lain" not in budi.get(f"/permohonan/{record_id}").text


def test_two_operators_share_a_stall_and_nothing_of_their_drafts(shop, budi, kit, phone):
    ani = Budi(shop, "Ani").sign_in()
    deliver(phone, seal(kit, draft_head(pemohon_name="Wagirah")))
    deliver(phone, seal(ani.client.get("/hp/bekal").json, draft_head(pemohon_name="Suwarni")))
    assert list(drafts(shop, "Budi").values()) == ["Wagirah"]
    assert list(drafts(shop, "Ani").values()) == ["Suwarni"]
    of_budi = next(iter(drafts(shop, "Budi")))
    assert of_budi not in ani.get("/permohonan/draf").text
    ani.post(f"/permohonan/draf/{of_budi}/buang", {"yakin": "ya"})
    assert of_budi in drafts(shop, "Budi")


@pytest.mark.parametrize(
    "head",
    [
        {"kind": "draft"},
        {"kind": "draft", "record_id": "../../etc", "fields": {}},
        {"kind": "draft", "record_id": "3b241101-e2bb-4255-8caf-4136c566a962", "fields": {"pemohon_name": "x"}},
        {"kind": "draft", "record_id": "3b241101-e2bb-4255-8caf-4136c566a962", "fields": ["x"]},
        {"kind": "letter", "record_id": "3b241101-e2bb-4255-8caf-4136c566a962"},
        [],
    ],
)
def test_nonsense_from_a_known_phone_is_told_and_stops_nobody(shop, budi, kit, phone, head):
    sealed = seal(kit, head)
    assert deliver(phone, sealed).status_code == 201
    assert became(shop, sealed)[:2] == (ParcelState.REFUSED, "parcel_unreadable")
    assert "rusak dan tidak dapat dibuka" in budi.get("/permohonan/draf").text
    deliver(phone, seal(kit, draft_head()))
    assert len(drafts(shop)) == 1


def test_odd_signs_and_strange_fields_are_left_out_and_the_rest_is_kept(shop, budi, kit, phone):
    head = draft_head(pemohon_name="Siti\0 \ud800Aminah", biaya="50000", csrf_token="x", berkas_0="ditinggal")
    deliver(phone, seal(kit, head))
    assert list(drafts(shop).values()) == ["Siti Aminah"]
    with shop.app.app_context():
        (kept,) = unfinished(shop.app.extensions["pasar"].keys)
        assert set(kept.fields) == {"layanan", "pemohon_name", "pemohon_nik", "berkas_0"}


def test_a_service_that_is_offered_no_more_stays_in_the_list_to_be_dropped(shop, budi, kit, phone):
    head = draft_head(layanan="XXX-99")
    deliver(phone, seal(kit, head))
    page = budi.get("/permohonan/draf").text
    assert "XXX-99" in page
    budi.post(f"/permohonan/draf/{head['record_id']}/buang", {"yakin": "ya"})
    assert drafts(shop) == {}


class TestPhotos:
    def settled(self, shop, sealed):
        """What became of it; a picture is taken up beside the answer."""
        until = time.monotonic() + 60
        while became(shop, sealed)[0] is ParcelState.WAITING and time.monotonic() < until:
            time.sleep(0.05)
        return became(shop, sealed)

    def test_a_photo_becomes_one_attachment_however_often_it_is_brought(self, shop, budi, kit, phone):
        record_id = budi.take(USAHA)
        sealed = seal(kit, photo_head(record_id, 1), written(front(800, 600)))
        assert {deliver(phone, sealed).json["state"] for _ in range(3)} == {"kept", "known"}
        assert self.settled(shop, sealed) == (ParcelState.PHOTO, None, record_id)
        same = seal(kit, photo_head(record_id, 1), written(front(800, 600)))
        deliver(phone, same)
        assert self.settled(shop, same)[0] is ParcelState.PHOTO
        with shop.app.app_context():
            (scan,) = of_record(record_id)
        assert (scan.media, scan.paper) == ("image/webp", 1)

    def test_it_waits_for_its_operator_and_is_taken_up_at_sign_in(self, shop, budi, kit):
        record_id = budi.take(USAHA)
        shop.restart()
        sealed = seal(kit, photo_head(record_id, 1), written(front(800, 600)))
        deliver(shop.app.test_client(), sealed)
        assert became(shop, sealed)[0] is ParcelState.WAITING
        Budi(shop).sign_in()
        assert self.settled(shop, sealed)[0] is ParcelState.PHOTO

    @pytest.mark.parametrize(
        ("sent", "problem"), [(b"%PDF-1.7 x", "photo_type"), (b"\xff\xd8\xff" + bytes(500), "photo_damaged")]
    )
    def test_what_is_no_photo_is_told(self, shop, budi, kit, phone, sent, problem):
        sealed = seal(kit, photo_head(budi.take(USAHA), 1), sent)
        deliver(phone, sealed)
        assert self.settled(shop, sealed)[:2] == (ParcelState.REFUSED, problem)
        assert PROBLEMS[problem].id in budi.get("/permohonan/draf").text

    def test_a_photo_of_no_request_is_told(self, shop, budi, kit, phone):
        sealed = seal(kit, photo_head("3b241101-e2bb-4255-8caf-4136c566a962"), written(front(800, 600)))
        deliver(phone, sealed)
        assert self.settled(shop, sealed)[:2] == (ParcelState.REFUSED, "permohonan_unknown")
