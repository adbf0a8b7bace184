"""Flow 1, a new person with an ordinary service, and flow 2, what was told once is offered again."""

from __future__ import annotations

from tests.browser.flows import flow
from tests.browser.hand import Hand
from tests.browser.stage import Stage


@flow(1, "Orang baru, KTP hilang", taps=14, fields=9)
def new_person(hand: Hand, stage: Stage) -> None:
    hand.write("main [name=q]", "ktp hilang")
    hand.tap("[data-results] a:has-text('KTP-el karena hilang')")
    hand.tap("text=Buat permohonan")
    hand.tap("text=Semua asli dilihat")
    hand.write("[name=pemohon_nik]", "3510091708959901")
    hand.write("[name=pemohon_name]", "Siti Aminah")
    hand.enter()
    hand.write("[name=pemohon_phone]", "081234567890")
    hand.enter()
    hand.see("3510 0917 0895 9901")
    hand.tap("text=Simpan, beri tanda terima")
    hand.see("Permohonan tersimpan")
