"""Knows every problem a person can meet: code, HTTP status, sentence, hint; refuses to know who asks.

The sentences stand in `tables/problems.csv`. Nothing else in the house raises text at people.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from layanan.reading import ENGLISH, language, said
from layanan.tables import rows


@dataclass(frozen=True)
class Problem:
    """One problem: what the person reads (Indonesian, English) and a hint for the operator; {slots} are filled in."""

    code: str
    status: int
    id: str
    en: str
    hint: str
    hint_en: str = ""


PROBLEMS: Mapping[str, Problem] = {
    row["code"]: Problem(row["code"], int(row["status"]), row["id"], row["en"], row["hint"], row["hint_en"])
    for row in rows("problems")
}


class Refused(Exception):
    """What was asked cannot be done. Slots never hold personal data: an exception's text ends up in logs.

    Raises KeyError when the code is not in the catalogue, so that a wrong code fails in the first test.
    """

    def __init__(self, code: str, **slots: object) -> None:
        self.problem = PROBLEMS[code]
        self.slots = slots
        super().__init__(code)

    @property
    def code(self) -> str:
        """The problem's code in the catalogue."""
        return self.problem.code

    def sentence(self, lang: str = "") -> str:
        """Return the sentence for the person, in `lang` ("id", "en") or else in the language that is read now."""
        return (self.problem.en if (lang or language()) == ENGLISH else self.problem.id).format_map(_Filled(self.slots))

    @property
    def hint(self) -> str:
        """What the operator can do about it; empty when the sentence says it all."""
        return said(self.problem.hint, self.problem.hint_en).format_map(_Filled(self.slots))


class FormRefused(Exception):
    """A form with one or more wrong fields, all of them named at once; nothing that was typed is in it."""

    def __init__(self, fields: Mapping[str, Refused]) -> None:
        self.fields = dict(fields)
        super().__init__(", ".join(f"{name}: {refused.code}" for name, refused in self.fields.items()))


def told(code: str) -> Refused:
    """Return what another machine refused with this code; one that only a newer version knows is said as unknown."""
    return Refused(code if code in PROBLEMS else "problem_newer")


class _Filled(dict[str, object]):
    def __missing__(self, slot: str) -> str:
        return "…"
