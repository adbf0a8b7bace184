"""Flow 4, what headquarters sent back is completed and sent again; flow 5, a document is collected by its code."""

from __future__ import annotations

from tests.browser.flows import flow
from tests.browser.hand import Hand
from tests.browser.stage import Stage
from tests.offline_db.office import decide


@flow(4, "Dikembalikan, dilengkapi, dikirim lagi", taps=6, fields=1)
def complete(hand: Hand, stage: Stage) -> None:
    with stage.shop.app.app_context():
        decide(stage.records["dikembalikan"], "DIKEMBALIKAN", kurang="KK lama")
    hand.page.goto(stage.url + "/")
    hand.tap("text=perlu dilengkapi")
    hand.tap("main .rows a")
    hand.tap("text=Lengkapi dan kirim lagi")
    hand.tap("text=Kirim lagi ke MPP")
    hand.see("Dikirim lagi ke MPP")


@flow(5, "Diambil pemohon, dengan kode", taps=7, fields=1)
def collect(hand: Hand, stage: Stage) -> None:
    with stage.shop.app.app_context():
        decide(stage.records["diproses"], "SELESAI", tempat="Gerai Genteng")
    hand.tap("main >> text=Ambil dokumen")
    hand.write("[name=kode]", stage.codes["diproses"])
    hand.tap("main button:has-text('Cari')")
    hand.tap("text=Pemohon sendiri")
    hand.tap("text=KTP cocok, sudah diserahkan")
    hand.see("Minta penilaian")
