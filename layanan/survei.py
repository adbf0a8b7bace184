"""Knows the satisfaction survey (SKM): nine questions, four answers, and the index; refuses to know who answered.

Permenpan RB 14/2017: each element is answered 1 to 4, its mean is the NRR, the mean of the nine times 25 the index
(IKM), which has a grade. The weight of an element is exactly 1/9; the printed 0,11 would lose a point of a hundred.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

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
