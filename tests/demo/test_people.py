"""The invented people of a market day: the same for a seed, nobody real, and as odd as people are."""

import re
from datetime import date

import pytest

from pasar.journey.people import FIRST_SERIAL, LAST_SERIAL, Fate, Habit, Visitor, market_day

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def day() -> list[Visitor]:
    return list(market_day(300, 7, ["DKC-01", "DKC-14"], TODAY))


def test_a_seed_gives_the_same_people_and_another_seed_others(day: list[Visitor]) -> None:
    assert list(market_day(300, 7, ["DKC-01", "DKC-14"], TODAY)) == day
    assert list(market_day(300, 8, ["DKC-01", "DKC-14"], TODAY)) != day


def test_nobody_carries_a_serial_that_a_district_could_reach(day: list[Visitor]) -> None:
    people = [person for visitor in day for person in (visitor.pemohon, visitor.subjek) if person]
    serials = {int(re.sub(r"\D", "", person.nik)[-4:]) for person in people if person.nik}
    assert serials and min(serials) >= FIRST_SERIAL and max(serials) <= LAST_SERIAL
    assert all(person.nik or person.nik_absent for person in people)


def test_twelve_visitors_already_show_every_habit_and_fate(day: list[Visitor]) -> None:
    assert {visitor.habit for visitor in day[:12]} == set(Habit)
    assert {visitor.fate for visitor in day[:12]} == set(Fate)


def test_a_day_has_newborns_shared_phones_lone_names_and_people_without_a_phone(day: list[Visitor]) -> None:
    phones = [visitor.pemohon.phone for visitor in day]
    assert any(visitor.subjek and visitor.subjek.nik_absent == "bayi_baru_lahir" for visitor in day)
    assert len({phone for phone in phones if phone}) < len([phone for phone in phones if phone])
    assert "" in phones
    assert any(" " not in visitor.pemohon.name for visitor in day)
