"""Knows the satisfaction survey (SKM): nine questions, four answers, and the index; refuses to know who answered.

Permenpan RB 14/2017: each element is answered 1 to 4, its mean is the NRR, the mean of the nine times 25 the index
(IKM), which has a grade. The weight of an element is exactly 1/9; the printed 0,11 would lose a point of a hundred.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from layanan.problems import Refused
from layanan.reading import ENGLISH, language
from layanan.tables import rows

MARKS = 4
_CENT = Decimal("0.01")
Counts = tuple[tuple[int, ...], ...]
"""For each element how often each mark was given, the lowest first."""


@dataclass(frozen=True)
class Question:
    """One element: its code, the question, and the four answers from worst to best."""

    element: str
    text: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Index:
    """The index of some answers: 25.00 to 100.00, its grade A to D and what that is called."""

    ikm: Decimal
    grade: str
    performance: str


def questions() -> tuple[Question, ...]:
    """Return the nine questions in order, in the language that is read now."""
    return _questions("_en" if language() == ENGLISH else "")


@cache
def _questions(tongue: str) -> tuple[Question, ...]:
    return tuple(
        Question(row["element"], row["question" + tongue], tuple(row[f"mark{n}{tongue}"] for n in range(1, MARKS + 1)))
        for row in rows("skm_questions")
    )


def read_answers(text: str) -> tuple[int, ...]:
    """Return the marks of one sheet (nine digits 1 to 4). Raises Refused("survey_incomplete")."""
    if len(text) != len(questions()) or not set(text) <= set("1234"):
        raise Refused("survey_incomplete")
    return tuple(map(int, text))


def nothing() -> Counts:
    """Return the counts before anybody has answered."""
    return ((0,) * MARKS,) * len(questions())


def added(one: Counts, other: Counts) -> Counts:
    """Return the counts of both."""
    return tuple(tuple(map(sum, zip(*pair, strict=True))) for pair in zip(one, other, strict=True))


def read_rated(fields: Mapping[str, Any]) -> tuple[str, Counts] | None:
    """Return the day and the counts of a `rated` entry, None for nonsense: it is kept and counts for nothing."""
    day, counts = fields.get("day"), fields.get("counts")
    if not isinstance(day, str) or not isinstance(counts, list | tuple) or len(counts) != len(nothing()):
        return None
    if not all(isinstance(each, list | tuple) and len(each) == MARKS and all(map(_is_count, each)) for each in counts):
        return None
    sheets = {sum(each) for each in counts}
    return (day, tuple(map(tuple, counts))) if len(sheets) == 1 else None


def respondents(counts: Counts) -> int:
    """Return how many sheets were counted: every sheet answers every element."""
    return sum(counts[0])


def nrr(counts: Counts) -> tuple[Decimal, ...]:
    """Return the mean of each element to two decimals; nothing when nobody answered."""
    sheets = respondents(counts)
    totals = [sum(mark * count for mark, count in enumerate(element, 1)) for element in counts]
    return tuple((Decimal(total) / sheets).quantize(_CENT, ROUND_HALF_UP) for total in totals) if sheets else ()


def sample_size(population: int) -> int:
    """Return how many of so many people should answer, by the table of Krejcie and Morgan; between two rows the larger.

    Permenpan RB 14/2017 names the table; of fewer people than its first row all should answer.
    """
    table = rows("skm_sample_table")
    if population <= int(table[0]["population"]):
        return max(population, 0)
    return int(next((row for row in table if population <= int(row["population"])), table[-1])["sample"])


def index_of(counts: Counts, *, weight: Decimal | None = None) -> Index | None:
    """Return the index of what was counted, None when nobody answered.

    `weight` is only for comparing with a report that used 0,11.
    """
    totals = [sum(mark * count for mark, count in enumerate(element, 1)) for element in counts]
    return index_of_totals(totals, sum(counts[0]), weight=weight)


def index_of_totals(totals: Sequence[int], respondents: int, *, weight: Decimal | None = None) -> Index | None:
    """Return the index from each element's sum of marks."""
    if not respondents:
        return None
    share = Decimal(sum(totals)) * 25 / respondents
    ikm = (share * weight if weight else share / len(totals)).quantize(_CENT, ROUND_HALF_UP)
    for band in rows("skm_bands"):
        if ikm <= Decimal(band["ikm_to"]):
            break
    return Index(ikm, band["grade"], band["performance_id"])


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1_000_000
