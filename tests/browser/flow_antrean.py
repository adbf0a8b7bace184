"""Flow 6: a number by sight, and the next one called."""

from __future__ import annotations

from tests.browser.flows import flow
from tests.browser.hand import Hand
from tests.browser.stage import Stage


@flow(6, "Antrean: beri nomor prioritas, lalu panggil", taps=5, fields=0)
def queue(hand: Hand, stage: Stage) -> None:
    hand.tap("main >> text=Antrean")
    hand.tap("text=Lanjut usia")
    hand.see("Nomor antrean")
    hand.tap("text=Kembali ke antrean")
    hand.tap("text=Panggil berikutnya")
    hand.see("Panggil lagi")
