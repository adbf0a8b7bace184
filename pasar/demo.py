"""The demo at a terminal: what to open, and words that cut and join the link so that the promise can be tried.

Knows what to say; refuses to know how the house is built or how the servers work.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType

from pasar.demo_children import ChildFailed
from pasar.demo_house import House, open_house, usual_ports

Say = Callable[[str], None]

WORDS = """Coba janji utamanya:
  putus     cabut sinyal antara gerai dan MPP (loket tetap menerima dan memberi tanda terima)
  sambung   kembalikan sinyal
  kirim     kirim sekarang, tanpa menunggu giliran
  status    sinyal, berapa yang tersimpan, terkirim, dan dikonfirmasi
  selesai   hentikan keduanya (Ctrl-C juga boleh; data tetap ada di folder)"""


def welcome(house: House) -> str:
    """Addresses and pass-phrases of this demo, as a table."""
    ports, secrets = house.ports, house.secrets
    doors = [
        ("Loket gerai", f"http://localhost:{ports.stall}/", "di komputer ini"),
        ("Siapkan HP", f"http://{house.address}:{ports.stall}/hp", "sertifikat gerai, sekali saja"),
        ("Loket dari HP", f"https://{house.address}:{ports.stall_tls}/", "atau lewati peringatannya"),
        ("Meja MPP", f"http://localhost:{ports.hq}/", "petugas instansi"),
        ("Status warga", f"http://{house.address}:{ports.hq}/c", "alamat di QR, untuk HP di jaringan yang sama"),
    ]
    people = [("Gerai", secrets.operator.login, secrets.operator.phrase, "memilih PIN sendiri saat pertama masuk")]
    people += [("MPP", one.login, one.phrase, one.agency or "semua instansi dan gerai") for one in secrets.officers]
    width = max(len(phrase) for _, _, phrase, _ in people) + 2
    return "\n".join([
        f"Folder: {house.folder}",
        "",
        *(f"{name:<15}{address:<34}{note}" for name, address, note in doors),
        "",
        f"{'':<15}{'Nama':<12}{'Kalimat sandi':<{width}}",
        *(f"{where:<15}{name:<12}{phrase:<{width}}{note}" for where, name, phrase, note in people),
        "",
        "Semua orang dan sandi di sini rekaan, hanya untuk mencoba.",
    ])


def run_demo(folder: Path, say: Say, database_url: str = "") -> None:
    """Both servers up until the person says `selesai`, Ctrl-C or SIGTERM. Raises ChildFailed when one cannot start."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    say("Menyiapkan gerai dan MPP ...")
    try:
        with open_house(folder, usual_ports(), database_url) as house:
            say(welcome(house))
            if sys.stdin.isatty():
                say(f"\n{WORDS}")
                obey(house, sys.stdin, say)
            else:
                threading.Event().wait()
    except KeyboardInterrupt:
        say("Menghentikan keduanya ...")


def obey(house: House, lines: Iterable[str], say: Say) -> None:
    """Do what each line says until `selesai` or the end of the lines; an unknown word shows the list."""
    acts: dict[str, Callable[[House], str]] = {"putus": cut, "sambung": join, "kirim": send, "status": state}
    for line in lines:
        word = line.strip().lower()
        if word == "selesai":
            return
        if word:
            say(acts[word](house) if word in acts else WORDS)


def cut(house: House) -> str:
    house.link.cut()
    return "Sinyal diputus. Terimalah permohonan: tanda terimanya tetap keluar, dan halaman warga belum tahu."


def join(house: House) -> str:
    house.link.join()
    return "Sinyal kembali. Gerai mengirim sendiri dalam semenit, atau ketik: kirim"


def send(house: House) -> str:
    try:
        return house.ask_stall("sync").strip()
    except ChildFailed as failed:
        return str(failed)


def state(house: House) -> str:
    link = "tersambung" if house.link.joined else "putus"
    moved = f"{house.link.sent} byte ke MPP, {house.link.received} byte kembali"
    return f"Sinyal {link}; {moved}.\n{house.ask_stall('status').strip()}"


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
