"""Flow 5, second half: nine taps of the shopper."""

from __future__ import annotations

from layanan.survei import questions
from tests.browser.flows import flow
from tests.browser.hand import Hand
from tests.browser.stage import Stage


@flow(5, "Penilaian pembeli, sembilan ketuk", taps=9, fields=0)
def rate(hand: Hand, stage: Stage) -> None:
    hand.page.goto(stage.url + "/survei")
    for question in questions():
        hand.tap(f"text={question.answers[3]}")
    hand.see("Terima kasih")
