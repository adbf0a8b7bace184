"""Stalls: the one-time code, who may enrol with it, revocation, and the board that shows who was heard of."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests

from layanan.problems import Refused
from mpp.db.office import office as office_of
from mpp.db.stall import add_stall, enrol, revoke, stalls
from sync.enrol import read_answer, request
from sync.keys import SigningKey, fingerprint
from tests.mpp.cast import NOW, Headquarters, StallAtWork
from tests.mpp.site import Site


def coded(office: Headquarters, name: str = "Genteng") -> str:
    with office.database.writing() as session:
        return add_stall(session, name, NOW)[1]


def asked(office: Headquarters, body: dict, now=NOW) -> dict:
    with office.database.writing() as session:
        return enrol(session, office.keys, "http://mpp.test", body, now)


def test_a_code_enrols_one_machine_and_says_the_same_again_to_it(office: Headquarters) -> None:
    code, key = coded(office), SigningKey.new()
    body = request(code, key.public, b"n" * 16)
    grant = read_answer(code, body, asked(office, body))
    assert (grant.hq, grant.device, grant.epoch, grant.label) == (office.keys.hq, key.id, 1, "GNT")
    again = request(code, key.public, b"m" * 16)
    assert read_answer(code, again, asked(office, again)) == grant
    with pytest.raises(Refused, match="enrolment_code_used"):
        asked(office, request(code, SigningKey.new().public, b"n" * 16))


def test_a_wrong_an_old_and_a_made_up_code_are_refused_alike(office: Headquarters) -> None:
    code, key = coded(office), SigningKey.new()
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    for body in (request(wrong, key.public, b"n"), {"id": code[:4]}, {"id": None}, {}):
        with pytest.raises(Refused, match="enrolment_code_wrong"):
            asked(office, body)
    with pytest.raises(Refused, match="enrolment_code_wrong"):
        asked(office, request(code, key.public, b"n" * 16), NOW + timedelta(days=4))


def test_every_grant_of_a_stall_has_its_own_epoch_and_label(office: Headquarters) -> None:
    grants = [office.enrolled("Genteng")[0] for _ in range(3)] + [office.enrolled("Ganting")[0]]
    assert [(grant.epoch, grant.label) for grant in grants] == [(1, "GNT"), (2, "GNT2"), (3, "GNT3"), (1, "GNT4")]
    assert len({grant.stall for grant in grants}) == 2


def test_no_stall_before_the_recovery_phrase_is_on_paper(office: Headquarters) -> None:
    code = coded(office)
    with office.database.writing() as session:
        office_of(session).phrase_confirmed_at = None
    with pytest.raises(Refused, match="hq_not_confirmed"):
        coded(office, "Rogojampi")
    with pytest.raises(Refused, match="hq_not_confirmed"):
        asked(office, request(code, SigningKey.new().public, b"n" * 16))


def test_a_revoked_machine_may_not_enrol_again(office: Headquarters, stall: StallAtWork) -> None:
    with office.database.writing() as session:
        assert revoke(session, "gtg", NOW) == 1
        assert revoke(session, "gtg", NOW) == 0
    code = coded(office, "gtg")
    with pytest.raises(Refused, match="sync_revoked"):
        asked(office, request(code, stall.key.public, b"n" * 16))


def test_the_board_shows_the_stall_that_was_never_heard_of(office: Headquarters, stall: StallAtWork) -> None:
    office.enrolled("Rogojampi")
    stall.send()
    with office.database.reading() as session:
        board = {health.stall.name: health for health in stalls(session, office.keys)}
    assert (board["Rogojampi"].stall.last_heard_at, board["gtg"].stall.last_heard_at is None) == (None, False)
    marks = fingerprint(office.keys.signing.public, office.keys.sealing[0].public, stall.key.public)
    assert board["gtg"].devices[0][2] == marks


class TestPage:
    def test_a_stall_is_added_and_its_code_enrols_over_http(self, site: Site) -> None:
        ratna = site.signed_in("ratna")
        page = ratna.get("/gerai")
        page = ratna.send(page, page.form("place"), {"name": "Pasar Rogojampi", "label": "RGJ"})
        code = page.body.partition('class="code">')[2].partition("<")[0]
        assert page.path.endswith("/kode") and "<svg" in page.body
        key = SigningKey.new()
        body = request(code, key.public, b"n" * 16)
        answered = requests.post(f"{site.url}/enrol", json=body, timeout=10)
        assert read_answer(code, body, answered.json()).label == "RGJ"
        assert "Kode sudah dipakai" in ratna.get(page.path).text
        assert "Belum pernah terdengar" in ratna.get("/gerai").text

    def test_a_refusal_over_http_is_named_for_the_stall(self, site: Site) -> None:
        refused = requests.post(f"{site.url}/enrol", json={"id": "ABCD"}, timeout=10)
        assert (refused.status_code, refused.json()["code"]) == (422, "enrolment_code_wrong")
        assert requests.post(f"{site.url}/enrol", data=b"\xff", timeout=10).json()["code"] == "json_malformed"

    def test_a_wrong_form_says_what_is_wrong(self, site: Site) -> None:
        ratna = site.signed_in("ratna")
        page = ratna.get("/gerai")
        assert "Bagian ini belum diisi." in ratna.send(page, page.form("place"), {"name": " "}).text
        wrong = ratna.send(page, page.form("place"), {"name": "Muncar", "label": "MUNCAR"})
        assert (wrong.status, "2 sampai 5 huruf" in wrong.text) == (422, True)

    def test_only_the_office_that_runs_the_mpp_sees_stalls(self, site: Site) -> None:
        assert site.signed_in("agus").get("/gerai").status == 403

    def test_revoking_wants_a_tick_and_is_seen(self, site: Site) -> None:
        ratna = site.signed_in("ratna")
        page = ratna.get("/gerai")
        unsure = page.form(action="/cabut")
        unsure.values.pop("yakin", None)
        assert "Centang dulu" in ratna.send(page, unsure).text
        assert "Dicabut" in ratna.send(page, unsure, {"yakin": "ya"}).text
