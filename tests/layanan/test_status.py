"""The fifteen statuses: who may set which, and what they say."""

import itertools

import pytest

from layanan.status import MEANINGS, Setter, Status, is_reopening, may_follow, officer_choices, shown
from layanan.tables import rows


def test_the_table_and_the_code_name_the_same_fifteen():
    assert [row["code"] for row in rows("statuses")] == [status.value for status in Status]


def test_nobody_leaves_a_withdrawn_or_lapsed_or_collected_permohonan():
    ended = (Status.DIAMBIL, Status.DIBATALKAN, Status.KEDALUWARSA)
    steps = itertools.product(ended, Status, Setter)
    assert not [step for step in steps if may_follow(step[0], step[1], step[2])]


def test_every_status_can_be_reached_from_draft():
    reached = {Status.DRAF}
    for _ in Status:
        reached |= {new for old in reached for new in Status for by in Setter if may_follow(old, new, by)}
    assert reached == set(Status)


def test_an_operator_only_sets_what_the_table_gives_the_operator_or_returns_completed_papers():
    allowed = {new for old in Status for new in Status if may_follow(old, new, Setter.OPERATOR)}
    assert allowed == {s for s in Status if MEANINGS[s].set_by is Setter.OPERATOR} - {Status.DRAF}


def test_an_officer_never_sets_what_only_the_system_knows():
    assert not {s for old in Status for s in officer_choices(old) if MEANINGS[s].set_by is Setter.SYSTEM}


def test_going_back_to_work_from_finished_or_refused_is_a_reopening():
    assert is_reopening(Status.SELESAI, Status.DIPROSES)
    assert is_reopening(Status.DITOLAK, Status.VERIFIKASI)
    assert not is_reopening(Status.SELESAI, Status.DIAMBIL)
    assert not is_reopening(Status.DIPROSES, Status.SELESAI)


@pytest.mark.parametrize("status", Status)
def test_terkirim_is_shown_only_for_a_delivered_diterima(status):
    assert shown(status, delivered=False) is status
    assert shown(status, delivered=True) is (Status.TERKIRIM if status is Status.DITERIMA else status)


def test_the_shoppers_sentence_is_filled_and_an_unknown_slot_never_shows_a_brace():
    meaning = MEANINGS[Status.DIKEMBALIKAN]
    assert meaning.slots == ("kurang",)
    assert meaning.sentence({"kurang": "KK lama"}) == "Berkas belum lengkap. Silakan bawa: KK lama."
    assert meaning.sentence({}) == "Berkas belum lengkap. Silakan bawa: …."
