"""Flow 1, a new person with an ordinary service, and flow 2, what was told once is offered again."""

from __future__ import annotations

from tests.browser.flows import flow
from tests.browser.hand import Hand
from tests.browser.stage import Stage

SITI = {"nik": "3510091708959901", "name": "Siti Aminah", "phone": "081234567890"}


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


def receipt_of_siti(hand: Hand, stage: Stage) -> str:
    """Siti's request, just saved; uncounted. What she told is known from here on, and typing it again is counted."""
    page = hand.page
    page.goto(f"{stage.url}/layanan/DKC-07")
    page.click("text=Buat permohonan")
    page.click("text=Semua asli dilihat")
    for name, text in SITI.items():
        page.fill(f"[name=pemohon_{name}]", text)
    page.click("main button:has-text('Lanjut')")
    page.click("text=Simpan, beri tanda terima")
    hand.known |= set(SITI.values())
    return str(page.locator(".receipt .num:has-text('-')").first.inner_text())


@flow(2, "Orang sama, layanan lain", taps=6)
def same_person(hand: Hand, stage: Stage) -> None:
    receipt_of_siti(hand, stage)
    hand.tap("text=Layanan lain, orang ini")
    hand.tap(".picks button")
    save_as_known(hand)


@flow(2, "Orang sama, tanda terima dipindai", taps=6)
def scanned(hand: Hand, stage: Stage) -> None:
    series = receipt_of_siti(hand, stage)
    hand.page.goto(stage.url + "/")
    if hand.device.touch:
        hand.write("main [name=q]", series[-4:])
        hand.enter()
    else:
        hand.scan(series)
    hand.tap("text=Layanan lain, orang ini")
    hand.tap(".picks button")
    save_as_known(hand)


@flow(2, "Keluarga, orang baru", taps=6)
def next_member(hand: Hand, stage: Stage) -> None:
    receipt_of_siti(hand, stage)
    hand.tap("text=Keluarga berikutnya")
    hand.tap(".picks button")
    hand.tap("text=Semua asli dilihat")
    hand.write("[name=pemohon_nik]", "3510090205929902")
    hand.write("[name=pemohon_name]", "Slamet Riyadi")
    hand.enter()
    hand.see("0812 3456 7890")
    hand.tap("text=Simpan, beri tanda terima")
    hand.see("Permohonan tersimpan")


@flow(2, "Keluarga, anak diurus ibunya", taps=6)
def child(hand: Hand, stage: Stage) -> None:
    receipt_of_siti(hand, stage)
    hand.tap("text=Untuk anaknya")
    hand.tap(".picks button")
    hand.tap("text=Semua asli dilihat")
    hand.write("[name=subjek_nik]", "3510096708069903")
    hand.write("[name=subjek_name]", "Putri Ayu")
    hand.enter()
    hand.tap("text=Simpan, beri tanda terima")
    hand.see("Permohonan tersimpan")


@flow(2, "Keluarga, sudah dicatat hari ini", taps=6)
def known_member(hand: Hand, stage: Stage) -> None:
    receipt_of_siti(hand, stage)
    hand.tap("text=Keluarga berikutnya")
    hand.tap("label:has-text('3510********9901')")
    hand.tap(".picks button")
    save_as_known(hand)


def save_as_known(hand: Hand) -> None:
    hand.tap("text=Semua asli dilihat")
    hand.see("3510 0917 0895 9901")
    hand.tap("text=Simpan, beri tanda terima")
    hand.see("Permohonan tersimpan")
