"""Flow 3: somebody only wants to know what to bring, asked in words, by what has happened, and by the office."""

from __future__ import annotations

from tests.browser.flows import flow
from tests.browser.hand import Hand
from tests.browser.stage import Stage


@flow(3, "Keterangan saja, dengan kata", taps=4, fields=1)
def told_by_words(hand: Hand, stage: Stage) -> None:
    hand.write("main [name=q]", "paspor ilang")
    hand.tap("[data-results] a:has-text('Penggantian paspor hilang')")
    hand.tap("text=Beri keterangan saja")
    hand.see("Kunjungan dicatat")


@flow(3, "Keterangan saja, dari peristiwa", taps=6, fields=0)
def told_by_event(hand: Hand, stage: Stage) -> None:
    hand.tap(".site-nav >> text=Layanan")
    hand.tap("main >> text=Menikah")
    hand.tap("main a:has-text('Pendaftaran nikah di KUA')")
    hand.tap("text=Beri keterangan saja")
    hand.see("YANG PERLU DIBAWA")
