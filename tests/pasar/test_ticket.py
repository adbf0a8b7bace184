"""The ticket on 58 mm paper, decoded byte by byte: what stands on it, how wide it is, and that its QR code is read."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from pasar.slip import trial
from pasar.ticket import Look, Part, Ticket
from pasar.ticket_bytes import COLUMNS, lines, ticket_bytes
from tests.pasar.roll import DOTS, Line, decode, read_picture

QR = "https://mpp.example.go.id/c#K7M24QX9ABCD.0123456789abcdef.1.2026-11-21." + "A" * 86
PAPER = Ticket(
    record_id="11111111-0000-4000-8000-000000000001", stall="Gerai Genteng", place="Pasar Genteng",
    service="Penerbitan KTP-el karena hilang", series="GTG-261121-0042", code="K7M2-4QX9-ABCD", qr=QR,
    masked="S••• A•••", accepted="21 Nov 2026, 14.05 WIB", duration="1 hari kerja sejak berkas dinyatakan lengkap",
    fee="Rp30.000", left=("KK lama",), missing=("Surat kehilangan dari kepolisian", "Akta kelahiran"), operator="Budi",
    site="https://mpp.example.go.id/c", phone="0333-411111", complaint="1708", domain="banyuwangikab.go.id",
)  # fmt: skip


def printed(ticket: Ticket):
    (roll,) = decode(ticket_bytes(ticket.parts))
    return roll


def test_a_whole_ticket_line_by_line():
    assert printed(PAPER).lines == [
        "Gerai Genteng", "Pasar Genteng", "TANDA TERIMA", "Penerbitan KTP-el karena hilang",
        "Nomor urut", "GTG-261121-0042", "Kode", "K7M2-4QX9-ABCD",
        "Nama: S*** A***", "Diterima: 21 Nov 2026, 14.05 WIB",
        "Lama: 1 hari kerja sejak berkas", "  dinyatakan lengkap", "Biaya: Rp30.000",
        "Ditinggal di gerai:", "- KK lama",
        "Masih harus dibawa:", "- Surat kehilangan dari", "  kepolisian", "- Akta kelahiran", "Petugas: Budi", "",
        "Melihat status: pindai QR, atau", "buka https://mpp.example.go.id/c", "dan ketik kode.",
        "Tanpa HP atau kuota: tunjukkan", "kertas ini di loket, atau", "telepon 0333-411111.",
        "Pengaduan: 1708.", "Situs resmi:", "banyuwangikab.go.id.",
        "Petugas tidak pernah meminta", "OTP.", "Kami melayani sesuai maklumat", "pelayanan.",
    ]  # fmt: skip


def test_the_code_is_large_and_in_the_middle():
    shown = {line.text: line for line in printed(PAPER).printed if isinstance(line, Line)}
    for text in ("K7M2-4QX9-ABCD", "GTG-261121-0042"):
        assert (shown[text].times, shown[text].bold, shown[text].align) == (2, True, 1)
    assert shown["Nama: S*** A***"].times == 1


def test_the_qr_is_about_26_mm_with_four_dots_a_module_and_reads_back():
    picture = printed(PAPER).picture
    high = len(picture.rows)
    assert 24 <= high / 8 <= 30
    assert high <= DOTS
    assert picture.align == 1
    blocks = [{tuple(row[x : x + 4]) for x in range(0, high, 4)} for row in picture.rows]
    assert all(block <= {(True,) * 4, (False,) * 4} for block in blocks)
    assert all(picture.rows[y] == picture.rows[y - y % 4] for y in range(high))
    assert not any(picture.rows[y][x] for y in range(16) for x in range(high))
    assert read_picture(picture) == [QR]


def test_it_is_cut_once_at_the_end_and_no_drawer_is_opened():
    data = ticket_bytes(PAPER.parts)
    assert data.endswith(b"\x1dVB\x00")
    assert printed(PAPER).cuts == 1
    assert b"\x1bp" not in data and b"\x10\x14" not in data


def test_a_copy_says_so_first_and_when():
    roll = printed(replace(PAPER, copied="21 Nov 2026, 15.30 WIB"))
    first = roll.printed[0]
    assert (first.text, first.times, first.bold) == ("SALINAN", 2, True)
    assert roll.lines[1:3] == ["Dicetak 21 Nov 2026, 15.30 WIB", "Gerai Genteng"]


def test_the_queue_number_stands_large_when_there_is_one():
    roll = printed(replace(PAPER, queue="B-017"))
    at = roll.lines.index("Nomor antrean")
    assert roll.lines[at + 1] == "B-017"
    assert next(line for line in roll.printed if line.text == "B-017").times == 2


def test_a_closed_request_and_one_without_papers_are_told():
    roll = printed(replace(PAPER, closed="Dibatalkan", left=(), missing=(), fee="GRATIS"))
    assert "Dibatalkan" in roll.lines
    assert "Biaya: GRATIS" in roll.lines
    assert not [line for line in roll.lines if line.startswith(("Ditinggal", "Masih", "- "))]


@pytest.mark.parametrize("name", ["Ł••• Ø•••", "م•••", "ꦱ•••", "D’••• Ñ•••", "王•••"])
def test_no_name_becomes_a_question_mark(name):
    (line,) = [line for line in printed(replace(PAPER, masked=name)).lines if line.startswith("Nama: ")]
    assert "?" not in line
    assert len(line) > len("Nama: ***")


def test_the_trial_print_has_every_look_and_fills_the_width():
    (roll,) = decode(ticket_bytes(trial("Gerai Genteng", "Pasar Genteng", "08.00 WIB", "https://mpp.example.go.id/c")))
    assert "UJI CETAK" in roll.lines
    assert any(len(line) == COLUMNS for line in roll.lines)
    assert read_picture(roll.picture) == ["https://mpp.example.go.id/c"]


@settings(max_examples=60)
@given(text=some.text(max_size=200), label=some.text(max_size=40), look=some.sampled_from(Look))
def test_whatever_the_text_no_line_is_wider_than_the_paper(text, label, look):
    part = Part(look, text, label, facts=((label, text), (label, (text, text))))
    for line in lines(part):
        assert len(line.text) * line.times <= COLUMNS
        assert line.text.isascii()
        assert "\n" not in line.text
