"""Flow 8: the day is closed after its sheet was read; flow 9: the bad day, on paper, without paper, without printer."""

from __future__ import annotations

from tests.browser.flow_permohonan import receipt_of_siti
from tests.browser.flows import flow
from tests.browser.hand import Hand
from tests.browser.stage import Stage

GROUPS = ("pertama", "kedua", "ketiga")


@flow(8, "Tutup hari, lembar dibaca dulu", taps=5, fields=0)
def close_day(hand: Hand, stage: Stage) -> None:
    hand.tap("main >> text=Tutup hari")
    hand.see("Selisih dengan MPP")
    hand.tap("text=Ya, tutup hari ini")
    hand.tap("main button:has-text('Tutup hari')")
    hand.see("Hari ini sudah ditutup")


@flow(9, "Disusulkan dari kertas", taps=13, fields=9)
def from_paper(hand: Hand, stage: Stage) -> None:
    hand.tap("main >> text=Dari kertas")
    hand.write("[name=jam]", "07.30")
    hand.enter()
    hand.write("main [name=q]", "ktp hilang")
    hand.tap("[data-results] a:has-text('KTP-el karena hilang')")
    hand.tap("text=Buat permohonan")
    hand.tap("text=Semua asli dilihat")
    hand.write("[name=pemohon_nik]", "3510090205929902")
    hand.write("[name=pemohon_name]", "Slamet Riyadi")
    hand.enter()
    hand.enter()
    hand.see("3510 0902 0592 9902")
    hand.tap("text=Simpan, beri tanda terima")
    hand.see("Diterima di kertas")


@flow(9, "Tanda terima hilang, dicari lagi", taps=5, fields=1)
def lost_receipt(hand: Hand, stage: Stage) -> None:
    hand.tap("main >> text=Tanda terima hilang")
    hand.write("[name=nama]", "Suwarni")
    hand.enter()
    hand.tap("text=KTP cocok, buka")
    hand.see("tanda terima ini dibuka tanpa kertasnya")


@flow(9, "Tanpa pencetak, kode disalin tangan", taps=4, fields=1)
def by_hand(hand: Hand, stage: Stage) -> None:
    receipt_of_siti(hand, stage)
    hand.tap("text=Salin kode dengan tangan")
    asked = hand.page.locator("label[for=f-kelompok]").inner_text().split()[1]
    hand.write("[name=kelompok]", hand.page.locator(".hand-code b").nth(GROUPS.index(asked)).inner_text())
    hand.enter()
    hand.see("Tulisan pemohon sudah benar")
