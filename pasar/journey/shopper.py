"""A shopper with a receipt asks where the document is, at the stall's page and at headquarters'. No login, no name."""

from __future__ import annotations

from pasar.journey.attempts import Act, Attempt, AttemptLog, Phase
from pasar.journey.counter import CODE, Receipt
from pasar.journey.forms import Visit


def ask(base: str, receipt: Receipt, log: AttemptLog) -> bool:
    """Type the code into the public form; whether the answer was about this very code. Notes what was seen."""
    visit = Visit(base)
    page = visit.get("/c")
    answer = visit.send(page, page.form("code", action="/c"), {"code": receipt.code.lower()})
    shown = CODE.search(answer.text)
    known = answer.status == 200 and shown is not None and shown[0].replace("-", "") == receipt.code
    log.note(Attempt(Act.ASK, Phase.OK if known else Phase.FAIL, receipt.record_id, receipt.code))
    return known
