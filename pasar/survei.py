"""The satisfaction survey in nine taps: one question a page, answered by the shopper on the operator's screen.

Knows questions; refuses to know who answers: the answers travel in the form and end in a count.
"""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from layanan.survei import questions, read_answers
from offline_db.survei import count
from pasar.guard import typed
from pasar.stall import stall

bp = Blueprint("survei", __name__, url_prefix="/survei")


@bp.get("")
def page() -> ResponseReturnValue:
    """The first question."""
    return _asked("")


@bp.post("")
def answer() -> ResponseReturnValue:
    """The next question, or thanks: the ninth answer is counted. Raises Refused("survey_incomplete")."""
    before, given = typed().get("sejauh_ini", ""), typed().get("jawaban", "")
    if given == "kembali":
        return _asked(before[:-1])
    so_far = before + given
    if len(so_far) < len(questions()):
        read_answers(so_far.ljust(len(questions()), "1"))
        return _asked(so_far)
    count(read_answers(so_far), stall().clock.today().isoformat())
    return render_template("pasar/survei_thanks.html")


def _asked(so_far: str) -> ResponseReturnValue:
    number = len(so_far)
    asked = questions()[number]
    return render_template(
        "pasar/survei.html", question=asked, number=number + 1, all=len(questions()), so_far=so_far,
        answers=list(enumerate(asked.answers, 1)),
    )  # fmt: skip
