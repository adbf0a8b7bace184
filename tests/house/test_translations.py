"""English is whole, Javanese greets and lets wait, and what is compiled is what is written."""

from __future__ import annotations

import re
from gettext import GNUTranslations

import pytest

from layanan.tables import rows
from tests.house.sentences import catalogue, extracted
from web_base.display import LANGUAGES, TRANSLATIONS

SLOT = re.compile(r"%\(\w+\)s|\{\w+\}")
GREETINGS = (
    "Halo, %(name)s", "Silakan menunggu", "Menunggu:", "Terima kasih", "Layar antrean", "Nomor antrean", "Loket",
    "Loket %(desk)s", "Panggilan sebelumnya", "Sekarang %(count)s orang lain menunggu.", "Perlu mengurus apa?",
    "Tunggu nomor Anda di layar. Semua layanan di gerai ini tanpa pungutan liar.",
    "Semua layanan di gerai ini tanpa pungutan liar.", "Dokumen saya sampai mana?", "Tanda terima Anda tetap berlaku.",
    "Penilaian Anda sudah dihitung.", "Tidak ada nama yang disimpan.", "Kembalikan layar ini kepada petugas.",
    "Gerai sudah menyimpan permohonan Anda dan mengirimnya begitu ada sinyal. Anda tidak perlu mengajukan lagi.",
    "Baru saja dari gerai? Coba lagi setelah gerai mendapat sinyal, paling lambat besok.",
)  # fmt: skip
PAIRS = {
    "problems": [("id", "en"), ("hint", "hint_en")],
    "statuses": [("label_id", "label_en"), ("text_for_shopper_id", "text_for_shopper_en")],
    "agencies": [("name_id", "name_en")],
    "services": [("name_id", "name_en")],
    "life_events": [("name_id", "name_en")],
    "skm_questions": [(name, f"{name}_en") for name in ("question", "mark1", "mark2", "mark3", "mark4")],
}


@pytest.fixture(params=[code for code in LANGUAGES if code != "id"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_sentence_has_its_english() -> None:
    english = {message.id: message for message in catalogue("en") if message.id}
    lacking = [text for text in extracted() if text not in english or not english[text].string]
    assert lacking == []
    assert [message.id for message in english.values() if message.fuzzy] == []


def test_no_catalogue_keeps_what_nobody_says(language: str) -> None:
    assert sorted({str(message.id) for message in catalogue(language) if message.id} - extracted()) == []


def test_a_translation_fills_the_same_slots(language: str) -> None:
    for message in catalogue(language):
        if message.id and message.string:
            assert sorted(SLOT.findall(str(message.id))) == sorted(SLOT.findall(str(message.string))), message.id


def test_javanese_greets_and_lets_wait() -> None:
    javanese = catalogue("jv")
    for text in GREETINGS:
        found = javanese.get(text)
        assert found is not None and found.string and not found.fuzzy, text


def test_what_is_compiled_is_what_is_written(language: str) -> None:
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        compiled = GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    written = {str(m.id): str(m.string) for m in catalogue(language) if m.id and m.string and not m.fuzzy}
    assert {key: text for key, text in compiled.items() if key} == written, f"pybabel compile -d {TRANSLATIONS}"


@pytest.mark.parametrize("table", PAIRS)
def test_every_text_of_a_table_has_its_english_beside_it(table: str) -> None:
    for row in rows(table):
        for indonesian, english in PAIRS[table]:
            assert bool(row[indonesian]) == bool(row[english]), row
            assert set(SLOT.findall(row[english])) <= set(SLOT.findall(row[indonesian])), row
