"""The people of a market day, drawn from a seed: who comes, for what, and how they type.

Knows the shape of names, NIKs and habits; refuses to know pages and servers. Everybody here is invented:
NIK serials are 9901-9999, which no district reaches in a day.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

FIRST_SERIAL, LAST_SERIAL = 9901, 9999
REGIONS = ("351001", "351004", "351006", "351009", "351012", "351015", "351019", "351022", "350901", "357301", "510301")
UNKNOWN_REGION = "359901"
GIVEN = ("Siti", "Suwarni", "Ahmad", "Komang", "Ni Luh", "Mochamad", "Dewi", "Wayan", "Slamet", "Hotman", "Yohana",
         "Bagus", "Intan", "Rokayah", "Fajar", "Misnawati", "Putu", "Sugeng", "Halimah", "Lukman")
FAMILY = ("Aminah", "Hidayatullah", "Wulandari", "Sanjaya", "Prasetya", "Rahmawati", "Siregar", "Purnomo", "Lestari",
          "Kusnadi", "Maharani", "O'Brien", "Nur'aini", "al-Habsyi", "Sitompul", "Widiastuti")
LONE = ("Suparti", "Ngatemi", "Sukarno", "Poniman", "Wagirah", "Ö")
STREETS = ("Jl. Hasanudin", "Jl. Diponegoro", "Jl. KH. Wahid Hasyim", "Gang Melati", "Dusun Krajan", "Dusun Maron")
VILLAGES = ("Genteng Wetan", "Genteng Kulon", "Rogojampi", "Kaligung", "Gitik", "Sempu", "Gambiran", "Srono")
RELATIVES = ("anak", "orang_tua", "suami_istri", "saudara", "kuasa")
Kind = TypeVar("Kind", bound=StrEnum)


class Habit(StrEnum):
    """What makes a visit unlike the plain one."""

    PLAIN = "plain"
    DOUBLE_TAP = "double_tap"
    EMOJI_FIRST = "emoji_first"
    WARNED = "warned"
    BACK_BUTTON = "back_button"


class Fate(StrEnum):
    """What becomes of a request after the receipt."""

    COLLECTED = "collected"
    FINISHED = "finished"
    RETURNED = "returned"
    REFUSED = "refused"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    AMENDED = "amended"
    UNTOUCHED = "untouched"


FATES = {Fate.COLLECTED: 30, Fate.FINISHED: 15, Fate.RETURNED: 12, Fate.REFUSED: 8, Fate.WAITING: 12,
         Fate.CANCELLED: 6, Fate.AMENDED: 7, Fate.UNTOUCHED: 10}
HABITS = {Habit.PLAIN: 70, Habit.DOUBLE_TAP: 10, Habit.EMOJI_FIRST: 6, Habit.WARNED: 8, Habit.BACK_BUTTON: 6}


@dataclass(frozen=True)
class Typed:
    """One person's fields as they are typed, before any rule has seen them."""

    name: str
    nik: str
    nik_absent: str
    phone: str
    address: str


@dataclass(frozen=True)
class Visitor:
    """One visit to the counter; `subjek` is None when the document is the visitor's own."""

    service: str
    pemohon: Typed
    subjek: Typed | None
    relation: str
    habit: Habit
    fate: Fate
    priority: bool


def invented_nik(rng: random.Random, born: date, *, woman: bool, region: str = "") -> str:
    """A well-formed NIK of nobody: serial 9901-9999."""
    place = region or rng.choice(REGIONS)
    day = born.day + (40 if woman else 0)
    return f"{place}{day:02d}{born.month:02d}{born.year % 100:02d}{rng.randint(FIRST_SERIAL, LAST_SERIAL)}"


def market_day(number: int, seed: int, services: Sequence[str], today: date) -> Iterator[Visitor]:
    """`number` visitors; the same arguments give the same people. The first show every habit and fate once."""
    rng = random.Random(seed)
    phones: list[str] = []
    for place in range(number):
        habit = _pick(rng, list(HABITS.items()), place)
        fate = _pick(rng, list(FATES.items()), place)
        yield _visitor(rng, rng.choice(services), habit, fate, phones, today)


def _pick(rng: random.Random, weighted: list[tuple[Kind, int]], place: int) -> Kind:
    kinds = [kind for kind, _ in weighted]
    return kinds[place] if place < len(kinds) else rng.choices(kinds, [weight for _, weight in weighted])[0]


def _visitor(
    rng: random.Random, service: str, habit: Habit, fate: Fate, phones: list[str], today: date
) -> Visitor:
    pemohon = _adult(rng, phones, today)
    if habit is Habit.WARNED:
        born = date(rng.randint(1950, 2000), rng.randint(1, 12), rng.randint(1, 28))
        pemohon = replace(pemohon, nik=invented_nik(rng, born, woman=False, region=UNKNOWN_REGION))
    relation, subjek = "diri_sendiri", None
    if rng.random() < 0.3:
        relation = rng.choice(RELATIVES)
        subjek = _newborn(rng, pemohon) if relation == "anak" else _adult(rng, phones, today)
    return Visitor(service, pemohon, subjek, relation, habit, fate, priority=rng.random() < 0.1)


def _adult(rng: random.Random, phones: list[str], today: date) -> Typed:
    born = today - timedelta(days=rng.randint(18 * 366, 90 * 365))
    nik = invented_nik(rng, born, woman=rng.random() < 0.55)
    if rng.random() < 0.15:
        nik = f"{nik[:4]} {nik[4:8]} {nik[8:12]} {nik[12:]}"
    return Typed(_name(rng), nik, "", _phone(rng, phones), _address(rng))


def _newborn(rng: random.Random, parent: Typed) -> Typed:
    name = f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}"
    return Typed(name, "", "bayi_baru_lahir", "", parent.address)


def _name(rng: random.Random) -> str:
    if rng.random() < 0.2:
        return rng.choice(LONE)
    return f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}"


def _phone(rng: random.Random, phones: list[str]) -> str:
    """A family shares one phone; some have none."""
    draw = rng.random()
    if draw < 0.2:
        return ""
    if draw < 0.45 and phones:
        return rng.choice(phones)
    phones.append(f"0812{rng.randint(0, 99_999_999):08d}")
    return phones[-1]


def _address(rng: random.Random) -> str:
    return f"{rng.choice(STREETS)} No. {rng.randint(1, 220)}, {rng.choice(VILLAGES)}"
