"""Who may sign in: the right pass-phrase, not too many wrong ones, and never after it was replaced."""

from __future__ import annotations

from datetime import timedelta

import pytest

from layanan.problems import Refused
from mpp.db.officers import add_officer, reset_officer, sign_in
from pasar.journey.forms import Visit
from tests.mpp.cast import NOW, Headquarters
from tests.mpp.site import PHRASE, Site


@pytest.fixture
def office_with_agus(office: Headquarters) -> Headquarters:
    with office.database.writing() as session:
        add_officer(session, "Agus", "Agus", "DUKCAPIL", PHRASE, NOW)
    return office


def test_the_pass_phrase_is_typed_as_people_type(office_with_agus: Headquarters) -> None:
    for typed in (PHRASE, PHRASE.upper(), PHRASE.replace(" ", "-"), f"  {PHRASE.replace(' ', '   ')} "):
        assert sign_in(office_with_agus.database, " AGUS ", typed, NOW).agency == "DUKCAPIL"


def test_five_wrong_ones_close_the_name_for_five_minutes(office_with_agus: Headquarters) -> None:
    for _ in range(5):
        with pytest.raises(Refused, match="passphrase_wrong"):
            sign_in(office_with_agus.database, "agus", "sapu hujan lima gunung", NOW)
    with pytest.raises(Refused, match="login_locked"):
        sign_in(office_with_agus.database, "agus", PHRASE, NOW)
    assert sign_in(office_with_agus.database, "agus", PHRASE, NOW + timedelta(minutes=6)).id == "agus"


def test_a_right_one_forgives_the_wrong_ones_before(office_with_agus: Headquarters) -> None:
    for _ in range(3):
        for wrong in ("a", "b", "c"):
            with pytest.raises(Refused, match="passphrase_wrong"):
                sign_in(office_with_agus.database, "agus", wrong, NOW)
        assert sign_in(office_with_agus.database, "agus", PHRASE, NOW).id == "agus"


def test_names_that_cannot_be_and_names_that_are_taken(office_with_agus: Headquarters) -> None:
    for login, code in (
        ("agus", "user_exists"),
        ("", "login_invalid"),
        ("a b", "login_invalid"),
        ("ä", "login_invalid"),
    ):
        with pytest.raises(Refused, match=code), office_with_agus.database.writing() as session:
            add_officer(session, login, "x", None, PHRASE, NOW)
    with pytest.raises(Refused, match="user_unknown"), office_with_agus.database.writing() as session:
        reset_officer(session, "nobody", PHRASE)


def test_a_new_pass_phrase_ends_every_open_session(site: Site) -> None:
    agus = site.signed_in("agus")
    with site.office.database.writing() as session:
        reset_officer(session, "agus", "empat kata yang lain")
    assert agus.get("/permohonan").path == "/masuk"


def test_the_door_says_the_same_for_a_wrong_name_and_a_wrong_phrase(site: Site) -> None:
    visit = Visit(site.url)
    door = visit.get("/masuk")
    for login in ("agus", "nobody"):
        page = visit.send(door, door.form("frasa"), {"petugas": login, "frasa": "salah"})
        assert (page.status, "Nama atau kalimat sandi salah." in page.text) == (401, True)
        assert page.form("frasa").values["petugas"] == login


@pytest.mark.parametrize("elsewhere", ["//evil.test", "/\\evil.test", "https://evil.test", "/masuk"])
def test_the_door_leads_nowhere_else(site: Site, elsewhere: str) -> None:
    visit = Visit(site.url)
    door = visit.get("/masuk")
    given = {"petugas": "agus", "frasa": PHRASE, "lanjut": elsewhere}
    assert visit.send(door, door.form("frasa"), given).url == f"{site.url}/permohonan"
