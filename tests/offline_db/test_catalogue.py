"""The catalogue in the stall's file: there once, whole, and found by the words of the market."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from layanan.problems import Refused
from layanan.service import Catalogue, catalogue
from offline_db import db, open_stall, writing
from offline_db.catalogue import by_agency, import_catalogue, search, version
from offline_db.synonyms import lexicon, rows
from offline_db.words import is_code
from store.sqlite import assert_pragmas
from tests.layanan.vectors import vectors


@pytest.fixture(scope="module")
def stall(tmp_path_factory):
    with open_stall(tmp_path_factory.mktemp("stall") / "gerai.sqlite"):
        yield


def _codes(words: str, limit: int = 3) -> list[str]:
    return [service.code for service in search(words, limit)]


def _missed(cases: list[dict[str, str]]) -> list[str]:
    return [case["phrase"] for case in cases if not {*case["accepted"].split(";")} & {*_codes(case["phrase"])}]


def _stored() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(text("SELECT code FROM catalogue_services ORDER BY number")))


def test_every_service_and_agency_is_in_the_file(stall):
    assert _stored() == [service.code for service in catalogue().services]
    assert db.session.scalar(text("SELECT count(*) FROM catalogue_agencies")) == len(catalogue().agencies)


def test_what_is_there_is_not_written_again(stall):
    assert import_catalogue() is False


def test_another_catalogue_replaces_the_first_and_the_next_start_brings_this_one_back(tmp_path):
    path = tmp_path / "gerai.sqlite"
    twins = _twins("Surat kembar")
    with open_stall(path):
        assert import_catalogue(twins) is True and import_catalogue(twins) is False
        assert _stored() == ["POL-09", "DKC-24"]
    with open_stall(path):
        assert len(_stored()) == len(catalogue().services)


def test_a_failed_import_leaves_the_former_one_whole(stall):
    nobodys = replace(catalogue().services[-1], agency="XXX")
    with pytest.raises(Refused):
        import_catalogue(replace(catalogue(), services=(*catalogue().services[:-1], nobodys), version="broken"))
    assert _stored() == [service.code for service in catalogue().services]
    assert _codes("akte lahir")[0] == "DKC-14"


def test_importing_leaves_the_settings_of_the_connection_alone(stall):
    import_catalogue(replace(catalogue(), version="other"))
    assert_pragmas(db.engine)
    with writing() as session:
        assert session.scalar(text("PRAGMA recursive_triggers")) == 0
    assert import_catalogue() is True


def test_the_version_follows_the_words(stall):
    assert version(catalogue()) != version(replace(catalogue(), version="other"))


@pytest.mark.parametrize("name", ["phrases", "spoken", "heard"])
def test_people_find_what_they_mean_among_the_first_three(stall, name):
    cases = vectors(name)
    assert len(_missed(cases)) <= 0.05 * len(cases), _missed(cases)


def test_every_service_is_found_by_its_name_and_by_its_code(stall):
    assert [s.code for s in catalogue().services if s.code not in _codes(s.name)] == []
    assert [s.code for s in catalogue().services if _codes(s.code) != [s.code]] == []


def test_one_missing_letter_does_no_harm(stall):
    cases = [case for case in vectors("spoken") if len(max(case["phrase"].split(), key=len)) >= 6]
    slips = [case | {"phrase": _slipped(case["phrase"])} for case in cases]
    assert len(_missed(slips)) <= 0.1 * len(slips), _missed(slips)


def test_words_may_come_in_any_order_and_any_case(stall):
    for case in vectors("phrases") + vectors("spoken"):
        turned = " ".join(reversed(case["phrase"].upper().split()))
        assert {*_codes(turned)} == {*_codes(case["phrase"])}, case["phrase"]


@pytest.mark.parametrize(
    "words, code",
    [
        ("ngilangno ktp", "DKC-07"),
        ("KTP-el hilang!!", "DKC-07"),
        ("suratkehilangan", "POL-08"),
        ("kartukeluarga hilang", "DKC-04"),
        ("memperpanjangkan simku yang C", "POL-04"),
        ("lare isun durung duwe akte", "DKC-15"),
        ("paspo", "IMI-01"),
        ("dkc-14", "DKC-14"),
        ("aktá lahir", "DKC-14"),
    ],
)
def test_ways_to_ask(stall, words, code):
    assert code in _codes(words)


@pytest.mark.parametrize("words", ["", "   ", "mau", "!!!", "٣٥", "\0", "qzxwv"])
def test_words_without_meaning_find_nothing(stall, words):
    assert search(words) == []


@pytest.mark.parametrize(
    "words", ['akta" OR "', "NEAR(akta lahir)", "name:akta*", "akta - lahir", "akta AND NOT lahir"]
)
def test_the_language_of_the_index_is_not_for_people(stall, words):
    assert "DKC-14" in _codes(words)


@given(st.text(max_size=300))
def test_any_text_is_a_question(words):
    assert len(lexicon().terms(words[:200])) <= 200


@given(st.lists(st.sampled_from(["akta", "ktp", "hilang", '"', "*", "(", "NOT", "\0", "🙂", "x" * 300]), max_size=30))
def test_any_words_get_an_answer_no_longer_than_asked(stall, words):
    assert len(search(" ".join(words), 7)) <= 7


def test_the_market_comes_first_among_equals(tmp_path):
    with open_stall(tmp_path / "gerai.sqlite"):
        import_catalogue(_twins("Surat kembar"))
        assert _codes("surat kembar") == ["DKC-24", "POL-09"]


def _twins(name: str) -> Catalogue:
    book = catalogue()
    same = {"name": name, "output": "", "category": "", "requirements": (), "agency": "DESA"}
    services = (replace(book.service("POL-09"), **same), replace(book.service("DKC-24"), **same))
    return Catalogue(services, book.agencies, name)


def _slipped(phrase: str) -> str:
    word = max(phrase.split(), key=len)
    return phrase.replace(word, word[: len(word) // 2] + word[len(word) // 2 + 1 :], 1)


def test_the_services_of_an_agency(stall):
    assert [service.agency for service in by_agency("PLN")] == ["PLN"] * 3
    assert by_agency("XXX") == []


def test_every_code_in_the_table_of_words_is_a_service_and_every_kind_is_known():
    known = {service.code.replace("-", "").lower() for service in catalogue().services}
    assert {term for row in rows() for term in row.means if is_code(term)} <= known
    assert {row.kind for row in rows()} == {
        "empty",
        "root",
        "short",
        "spelling",
        "slang",
        "jawa",
        "old",
        "phrase",
        "topic",
    }
    assert all(said for row in rows() for said in row.says)
