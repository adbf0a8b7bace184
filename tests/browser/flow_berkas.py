"""Flow 7: papers left at the stall go out on a numbered list; what headquarters did not find is seen at once."""

from __future__ import annotations

from tests.browser.flows import flow
from tests.browser.hand import Hand
from tests.browser.stage import Stage, leave_papers, tick_papers


@flow(7, "Daftar kirim berkas untuk satu instansi", taps=4, fields=0)
def send(hand: Hand, stage: Stage) -> None:
    leave_papers(stage)
    hand.page.goto(stage.url + "/")
    hand.tap("main >> text=Kirim berkas")
    hand.tap("main button:has-text('Buat daftar')")
    hand.see("Cetak daftar")


@flow(7, "Map yang tidak sampai di MPP", taps=3, fields=0)
def miss(hand: Hand, stage: Stage) -> None:
    leave_papers(stage)
    hand.page.goto(stage.url + "/berkas")
    hand.page.click("main button:has-text('Buat daftar')")
    tick_papers(stage)
    hand.page.goto(stage.url + "/")
    hand.tap("main >> text=tidak sampai")
    hand.tap("main .rows a:has-text('tidak sampai')")
    hand.see("map tidak ada di MPP")
