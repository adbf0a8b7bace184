"""Plain words: no jargon, at most fifteen words a sentence, in everything Indonesian that a page may say."""

from __future__ import annotations

import re

from tests.house.sentences import indonesian

LONGEST = 15
PLAIN = {
    r"sync|sinkron\w*|sinkronisasi": "kirim",
    r"server": "mesin, gerai, MPP",
    r"upload|unggah\w*": "kirim",
    r"download|unduh\w*": "simpan",
    r"error|bug": "salah, rusak",
    r"login|log in|sign in": "masuk",
    r"logout|log out": "keluar",
    r"submit": "kirim, simpan",
    r"offline": "tanpa sambungan",
    r"online": "tersambung",
    r"database|basis data": "data",
    r"token": "kode",
    r"device|gadget": "HP, mesin, perangkat",
    r"browser": "peramban",
    r"password|passphrase": "kalimat sandi",
    r"username|user ?id": "nama masuk",
    r"file": "berkas",
    r"folder|directory|direktori": "map, tempat data",
    r"input|entry|entri": "isian, catatan",
    r"update|upgrade": "perbarui",
    r"software|perangkat lunak": "program",
    r"refresh|reload": "muat ulang",
    r"link|url": "alamat, sambungan",
    r"klik|click|tap": "tekan",
    r"default": "biasa",
    r"valid\w*|invalid": "benar, berlaku",
    r"timeout": "terlalu lama",
    r"backup": "cadangan",
    r"printer jobs?|print job|spooler": "cetakan",
    r"json|dns|sql\w*|http\w*|api|cache|cookie|hash|enkripsi|dekripsi": "(sebutkan akibatnya bagi orangnya)",
}  # fmt: skip
"""What is not said, and what is said instead."""
# A command, a setting or a file is quoted as it must be typed; its name is no word of the sentence.
QUOTED = re.compile(
    r"\b(?:pasar|mpp) \w+(?: (?:add|list|reset|show))?|'[^']*'|\b\w+\.(?:json|pasar)\b|%\(\w+\)s|\{\w+\}|PASAR_\w+"
)
SENTENCE = re.compile(r"(?<=[.!?])\s+")
WORD = re.compile(r"\S*\w\S*")


def test_nothing_says_jargon() -> None:
    for jargon, instead in PLAIN.items():
        pattern = re.compile(rf"\b(?:{jargon})\b", re.IGNORECASE)
        guilty = [text for text in indonesian() if pattern.search(QUOTED.sub("", text))]
        assert guilty == [], f"say {instead}"


def test_no_sentence_is_longer_than_a_breath() -> None:
    long = [each for text in indonesian() for each in SENTENCE.split(text) if len(WORD.findall(each)) > LONGEST]
    assert long == []


def test_the_measure_sees_what_it_should() -> None:
    assert len(indonesian()) > 800
    assert len(WORD.findall("Pilih %(name)s – lalu tekan Simpan.")) == 5
    assert QUOTED.sub("", "Jalankan pasar init lagi.") == "Jalankan  lagi."
