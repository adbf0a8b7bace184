"""What phones bring: stored before it is opened, opened once, nothing lost and nothing doubled."""

import hashlib

import pytest
from sqlalchemy import select, text

from offline_db import db
from offline_db.base import reading
from offline_db.operators import reset_operator
from offline_db.parcels import ParcelRow, ParcelState
from offline_db.phone_key import PhoneKeyRow
from pasar.parcels import LARGEST
from tests.pasar.a_phone import deliver, draft_head, seal
from tests.pasar.cast import PIN, Budi
from tests.pasar.test_disk import no_room


def kit_of(who):
    return who.client.get("/hp/bekal").json


@pytest.fixture
def kit(budi):
    return kit_of(budi)


@pytest.fixture
def stranger(shop):
    """A phone nobody is signed in on."""
    return shop.app.test_client()


def state(shop, sealed):
    with shop.app.app_context(), reading() as session:
        row = session.get(ParcelRow, sealed.id)
        return row and (ParcelState(row.state), row.problem, row.record_id, row.body)


def drafts(shop):
    with shop.app.app_context():
        return db.session.scalar(text("SELECT count(*) FROM draft"))


class TestKit:
    def test_it_names_the_operator_and_holds_a_public_point(self, budi, kit):
        assert kit["operator"] == "Budi"
        assert kit["day"] == "2026-11-21"
        assert len(kit["public"]) == 87
        assert kit_of(budi) == kit
        assert budi.client.get("/hp/bekal").headers["Cache-Control"] == "no-store"

    def test_it_outlives_a_restart_and_the_close_of_the_day(self, shop, budi, kit):
        budi.post("/tutup-hari", {"yakin": "ya"})
        again = shop.restart().sign_in()
        assert kit_of(again) == kit

    def test_a_stranger_gets_none_and_each_operator_another(self, shop, kit, stranger):
        answer = stranger.get("/hp/bekal")
        assert (answer.status_code, answer.json["problem"]["code"]) == (401, "session_ended")
        ani = kit_of(Budi(shop, "Ani").sign_in())
        assert {ani[name] == kit[name] for name in ("key_id", "public", "pass")} == {False}

    def test_the_private_half_is_on_no_disk(self, shop, kit):
        key = shop.app.extensions["pasar"].phones.of("Budi")
        secret = key._private.private_numbers().private_value.to_bytes(32, "big")
        assert all(secret not in path.read_bytes() for path in shop.folder.iterdir() if path.is_file())


class TestDelivery:
    def test_it_becomes_a_draft_and_the_same_bytes_again_are_known(self, shop, budi, kit, stranger):
        sealed = seal(kit, draft_head())
        said = {"parcel": sealed.id, "sha256": hashlib.sha256(sealed.body).hexdigest()}
        first, again = deliver(stranger, sealed), deliver(stranger, sealed)
        assert (first.status_code, first.json) == (201, {**said, "state": "kept"})
        assert (again.status_code, again.json) == (200, {**said, "state": "known"})
        assert state(shop, sealed)[0] is ParcelState.DRAFT
        assert state(shop, sealed)[3] is None
        assert drafts(shop) == 1
        page = budi.get("/permohonan/draf").text
        assert "dari HP" in page
        assert "Siti Aminah" not in page

    @pytest.mark.parametrize(
        ("changed", "code", "status"),
        [
            ({"X-Pasar-Pass": "x" * 43}, "parcel_not_ours", 403),
            ({"X-Pasar-Pass": "é"}, "parcel_not_ours", 403),
            ({"X-Pasar-Key": "0123456789abcdef"}, "parcel_key_gone", 410),
            ({"Content-Type": "multipart/form-data; boundary=x"}, "unsupported_media", 415),
        ],
    )
    def test_what_does_not_fit_is_refused_and_nothing_is_kept(self, shop, kit, stranger, changed, code, status):
        sealed = seal(kit, draft_head())
        answer = deliver(stranger, sealed, **changed)
        assert (answer.status_code, answer.json["problem"]["code"]) == (status, code)
        assert state(shop, sealed) is None

    def test_other_bytes_under_one_name_are_refused(self, shop, kit, stranger):
        sealed, other = seal(kit, draft_head()), seal(kit, draft_head())
        deliver(stranger, sealed)
        other.id = sealed.id
        answer = deliver(stranger, other)
        assert (answer.status_code, answer.json["problem"]["code"]) == (409, "parcel_differs")
        assert drafts(shop) == 1

    def test_four_hundred_kilobytes_and_not_a_byte_more(self, shop, kit, stranger):
        sealed = seal(kit, draft_head())
        sealed.body = bytes(LARGEST + 1)
        answer = deliver(stranger, sealed)
        assert (answer.status_code, answer.json["problem"]["code"]) == (413, "parcel_too_large")
        sealed.body = bytes(LARGEST)
        assert deliver(stranger, sealed).status_code == 201
        assert state(shop, sealed)[:2] == (ParcelState.REFUSED, "parcel_unreadable")

    def test_whoever_guesses_passes_waits_and_wrong_keys_cost_nothing(self, kit, stranger):
        sealed = seal(kit, draft_head())
        codes = [deliver(stranger, sealed, **{"X-Pasar-Key": "0" * 16}).status_code for _ in range(25)]
        assert set(codes) == {410}
        codes = [deliver(stranger, sealed, **{"X-Pasar-Pass": "x"}).status_code for _ in range(25)]
        assert set(codes) == {403, 429}
        assert deliver(stranger, sealed).status_code == 429

    def test_a_full_disk_keeps_nothing_and_says_so_and_the_next_try_is_whole(self, shop, kit, stranger):
        sealed = seal(kit, draft_head(notes="x" * 200_000))
        with no_room(shop.folder):
            answer = deliver(stranger, sealed)
            assert answer.json["problem"]["code"] in ("disk_full", "disk_error")
        assert state(shop, sealed) is None
        assert deliver(stranger, sealed).json["state"] == "kept"
        assert state(shop, sealed)[0] is ParcelState.DRAFT

    def test_plain_http_from_another_machine_is_refused(self, kit, stranger):
        sealed = seal(kit, draft_head())
        from_afar = {"base_url": "http://192.168.1.5", "environ_base": {"REMOTE_ADDR": "192.168.1.9"}}
        answer = stranger.post(sealed.path, data=sealed.body, headers=sealed.headers, **from_afar)
        assert answer.json["problem"]["code"] == "not_https"


class TestWithoutAKey:
    def test_it_waits_sealed_until_its_operator_signs_in(self, shop, kit, stranger):
        shop.restart()
        sealed, phone = seal(kit, draft_head()), shop.app.test_client()
        assert deliver(phone, sealed).json["state"] == "kept"
        assert state(shop, sealed)[0] is ParcelState.WAITING
        Budi(shop, "Ani").sign_in()
        assert state(shop, sealed)[0] is ParcelState.WAITING
        Budi(shop).sign_in()
        assert state(shop, sealed)[0] is ParcelState.DRAFT
        assert deliver(phone, sealed).json["state"] == "known"
        assert drafts(shop) == 1

    def test_it_waits_for_the_pin_of_an_operator_who_is_not_there(self, shop, budi, kit, stranger):
        """Nobody would see the draft before it dies with the day."""
        shop.time.pass_by(3600)
        sealed = seal(kit, draft_head())
        deliver(stranger, sealed)
        assert state(shop, sealed)[0] is ParcelState.WAITING
        budi.post("/masuk/pin", {"petugas": "Budi", "pin": PIN})
        assert state(shop, sealed)[0] is ParcelState.DRAFT

    def test_a_pin_at_a_seat_another_opened_tells_what_opens_it(self, shop, kit):
        shop.restart()
        deliver(shop.app.test_client(), seal(kit, draft_head()))
        ani = Budi(shop, "Ani").sign_in()
        assert "belum dibuka" not in ani.get("/permohonan/draf").text
        ani.post("/masuk/pin", {"petugas": "Budi", "pin": PIN})
        page = ani.get("/permohonan/draf").text
        assert "1 kiriman HP belum dibuka." in page
        assert "kalimat sandi Anda" in page
        assert ">Belum disimpan<" in ani.get("/").text

    def test_after_the_close_of_the_day_it_waits_for_the_next(self, shop, budi, kit, stranger):
        budi.post("/tutup-hari", {"yakin": "ya"})
        sealed = seal(kit, draft_head())
        assert deliver(stranger, sealed).status_code == 201
        assert state(shop, sealed)[0] is ParcelState.WAITING
        shop.time.pass_by(24 * 3600)
        budi.sign_in()
        assert state(shop, sealed)[0] is ParcelState.DRAFT
        assert "dari HP" in budi.get("/permohonan/draf").text

    def test_a_new_pass_phrase_makes_the_old_parcels_unreadable_and_refuses_new_ones(self, shop, kit):
        shop.restart()
        sealed, phone = seal(kit, draft_head()), shop.app.test_client()
        deliver(phone, sealed)
        with shop.app.app_context():
            shop.phrases = {**shop.phrases, "Budi": reset_operator("Budi")}
        assert state(shop, sealed)[::3] == (ParcelState.UNREADABLE, None)
        later = deliver(phone, seal(kit, draft_head()))
        assert (later.status_code, later.json["problem"]["code"]) == (410, "parcel_key_gone")
        fresh = Budi(shop)
        fields = {"petugas": "Budi", "frasa": shop.phrases["Budi"], "tanggal_benar": "ya"}
        fresh.post("/masuk", fields)
        assert kit_of(fresh)["key_id"] != kit["key_id"]
        with shop.app.app_context(), reading() as session:
            assert session.scalars(select(PhoneKeyRow.operator)).all() == ["Budi"]
        assert "kalimat sandi lama" in fresh.get("/permohonan/draf").text
