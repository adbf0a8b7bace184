"""What may be published, and what of it is nonsense: the same rules at both ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from layanan.problems import Refused
from layanan.published import allowed, changed, decreed, merged, sound_catalogue, spelled, version_of, withdrawing
from layanan.service import released, released_tables
from layanan.sla import national_calendar

Row = dict[str, str]


def tables(spoil: Callable[[list[Row]], object] = lambda rows: None) -> dict[str, list[Row]]:
    copied = {name: [dict(row) for row in rows] for name, rows in released_tables().items()}
    spoil(copied["services"])
    return copied


def test_the_releases_own_catalogue_makes_sense() -> None:
    book = sound_catalogue(tables())
    assert (book.services, book.agencies) == (released().services, released().agencies)
    assert book.version == version_of(tables())


def spoiled(**values: str) -> Callable[[list[Row]], object]:
    return lambda rows: rows[0].update(values)


@pytest.mark.clause("P95")
@pytest.mark.parametrize(
    "spoil",
    [
        spoiled(agency_code="NIHIL"), spoiled(outpost_role="TERBANG"), spoiled(fee_idr="-1"),
        spoiled(fee_idr="gratis"), spoiled(sla_working_days="9999"), spoiled(name_id=" "), spoiled(code="DKC-02"),
        spoiled(code="../x"), spoiled(code=""), spoiled(name_id="x" * 7000), spoiled(name_id="a\u202eb"),
        lambda rows: rows[0].pop("requirements"), lambda rows: rows.clear(), lambda rows: rows[0].update(code=1),
        lambda rows: rows.extend({**rows[0], "code": f"ABC-{n:03}"} for n in range(999)), lambda rows: rows.append(7),
    ],
)  # fmt: skip
def test_nonsense_is_refused(spoil: Callable[[list[Row]], object]) -> None:
    with pytest.raises(Refused) as refused:
        sound_catalogue(tables(spoil))
    assert refused.value.code == "catalogue_nonsense"


@pytest.mark.clause("P94")
def test_the_rows_that_changed_make_the_whole_again() -> None:
    former = tables()
    services = [row for row in tables(spoiled(name_id="Lain"))["services"] if row["code"] != "DKC-03"]
    services.append({**services[0], "code": "DKC-99"})
    wanted = merged(former, {"services": withdrawing(former, services)})
    delta = changed(former, wanted)
    assert {name: len(rows) for name, rows in delta.items()} == {"services": 3, "agencies": 0, "service_notes": 0}
    assert spelled(merged(former, delta)) == spelled(wanted)
    assert spelled(merged({}, changed({}, wanted))) == spelled(wanted)
    book = sound_catalogue(wanted)
    assert [one.code for one in book.withdrawn] == ["DKC-03"]
    assert book.service("DKC-03").opens_permohonan is False


@pytest.mark.clause("P95")
@pytest.mark.parametrize(
    "fields",
    [
        {}, {"years": [2027]}, {"years": [2027], "off": []}, {"years": "all", "off": []},
        {"years": [2027], "off": ["2028-01-01"]}, {"years": [2027], "off": ["2027-02-30"]},
        {"years": [99], "off": []},
        {"years": [2027], "off": [f"2027-{1 + n // 28:02}-{1 + n % 28:02}" for n in range(99)]},
    ],
)  # fmt: skip
def test_holidays_that_make_no_sense_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(Refused) as refused:
        decreed(national_calendar(), fields)
    assert refused.value.code == "holidays_nonsense"


@pytest.mark.clause("P94")
def test_a_year_is_decreed_whole_and_others_stay() -> None:
    calendar = decreed(national_calendar(), {"years": [2026, 2031], "off": ["2026-03-02", "2031-01-01"]})
    assert not calendar.works(date(2026, 3, 2), 5)
    assert calendar.works(date(2026, 1, 1), 5)
    assert calendar.works(date(2031, 1, 2), 5)
    others = {day for day in national_calendar().days_off if day.year != 2026}
    assert others <= calendar.days_off


@pytest.mark.clause("P95")
def test_only_settings_of_the_list_that_are_text_and_fit_are_taken() -> None:
    assert allowed({"phone": " 0333 ", "moon": "full", "hours": 4, "complaint": "x" * 999}) == {"phone": "0333"}
