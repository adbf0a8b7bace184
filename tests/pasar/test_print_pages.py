"""What the operator does about paper: print, see what came of it, print again, copy by hand; with a printer or not."""

import re

import pytest
from click.testing import CliRunner

from offline_db.permohonan import find
from offline_db.print_job import PrintState, last_job, mark, recent_jobs
from pasar.cli import main
from pasar.receipt import KIND
from tests.pasar.cast import Budi, make_app
from tests.pasar.roll import decode, read_picture
from tests.pasar.virtual_printer import NO_PAPER, SocketPrinter, plugged_in


def state(shop, record):
    with shop.app.app_context():
        found = last_job(KIND, record)
        return found and found.state


def out(shop, record):
    SocketPrinter().wait_for(lambda: state(shop, record) is PrintState.PRINTED)


def test_print_goes_to_the_printer_in_one_tap_and_a_second_one_is_a_copy(shop, printing, roll):
    record = printing.take()
    page = printing.get(f"/permohonan/{record}/tanda-terima").text
    assert ">Cetak</button>" in page
    answer = printing.post(f"/permohonan/{record}/tanda-terima/cetak")
    assert answer.headers["Location"] == f"/permohonan/{record}/tanda-terima#cetakan"
    out(shop, record)
    page = printing.get(f"/permohonan/{record}/tanda-terima").text
    assert "Sudah tercetak" in page and "Cetak lagi (salinan)" in page and "data-look" not in page
    printing.post(f"/permohonan/{record}/tanda-terima/cetak")
    SocketPrinter().wait_for(lambda: roll.read_bytes().count(b"\x1dVB\x00") == 2)
    original, copy = decode(roll.read_bytes())
    assert (original.lines[0], copy.lines[0]) == ("Gerai Genteng", "SALINAN")


def test_an_open_job_is_looked_at_again_with_and_without_script(shop, budi):
    shop.app = make_app(shop.folder, shop.time, printer="file:/dev/no-such-printer")
    budi = Budi(shop).sign_in()
    record = budi.take()
    budi.post(f"/permohonan/{record}/tanda-terima/cetak")
    page = budi.get(f"/permohonan/{record}/tanda-terima").text
    assert "Menunggu dicetak" in page and "Lihat lagi" in page
    address = re.search(r'data-look="([^"]+)"', page)[1]
    assert "Menunggu dicetak" in budi.get(address).text
    with shop.app.app_context():
        mark(last_job(KIND, record).id, PrintState.QUEUED, "printer_no_paper")
    news = budi.get(address).text
    assert "Kertas pencetak habis." in news and "Cetak lewat peramban" in news
    assert budi.get("/printer/4711/kabar").status_code == 404


def test_a_doubt_is_said_and_a_person_settles_it_or_prints_a_copy(shop, printing):
    record = printing.take()
    printing.post(f"/permohonan/{record}/tanda-terima/cetak")
    out(shop, record)
    with shop.app.app_context():
        job = last_job(KIND, record)
        mark(job.id, PrintState.DOUBTFUL, "printer_interrupted")
    page = printing.get(f"/permohonan/{record}/tanda-terima").text
    for said in (
        "Mungkin sudah tercetak",
        "Cetakan terputus di tengah jalan.",
        "Kertasnya lengkap",
        "Cetak lagi (salinan)",
    ):
        assert said in page
    assert "(1 perlu dilihat)" in printing.get("/").text
    printing.get("/printer")
    assert printing.post(f"/printer/{job.id}/keluar").status_code == 303
    assert "perlu dilihat" not in printing.get("/").text
    assert state(shop, record) is PrintState.PRINTED
    with shop.app.app_context():
        mark(job.id, PrintState.DOUBTFUL, "printer_interrupted")
    assert "Cetak lagi" in printing.get("/printer").text
    printing.post(f"/printer/{job.id}/lagi")
    with shop.app.app_context():
        assert recent_jobs(1)[0].copy


def test_the_printers_page_checks_and_prints_a_test(shop, printing, roll):
    printing.get("/printer")
    assert "Belum ada yang dicetak." in printing.page
    assert printing.post("/printer/periksa").status_code == 303
    assert "Pencetak siap." in printing.get("/printer").text
    printing.post("/printer/uji")
    SocketPrinter().wait_for(lambda: b"\x1dVB\x00" in roll.read_bytes())
    (paper,) = decode(roll.read_bytes())
    assert "UJI CETAK" in paper.lines
    assert read_picture(paper.picture) == ["http://localhost:8090/c"]
    roll.unlink()
    printing.post("/printer/periksa")
    page = printing.get("/printer").text
    assert "Pencetak tidak ditemukan." in page and "Permohonan tetap tersimpan." in page


def test_without_a_printer_the_browser_prints_and_the_second_paper_is_a_copy(shop, budi):
    record = budi.take()
    address = f"/permohonan/{record}/tanda-terima/cetak"
    assert "SALINAN" not in budi.get(address).text
    answer = budi.post(address)
    assert answer.headers["Location"] == f"{address}?langsung=1"
    assert "SALINAN" not in budi.get(answer.headers["Location"]).text and "data-print-now" in budi.page
    shop.time.pass_by(60)
    budi.post(address)
    page = budi.get(address).text
    assert "SALINAN" in page and "Dicetak 21 Nov 2026, 08.01 WIB" in page
    assert "belum memakai pencetak" in budi.get("/printer").text
    assert budi.post("/printer/uji").status_code == 409


def test_the_browser_prints_a_copy_of_what_the_printer_printed(shop, printing):
    record = printing.take()
    printing.post(f"/permohonan/{record}/tanda-terima/cetak")
    out(shop, record)
    assert "SALINAN" in printing.get(f"/permohonan/{record}/tanda-terima/cetak").text
    printing.post(f"/permohonan/{record}/tanda-terima/cetak", {"lewat": "peramban"})
    assert state(shop, record) is PrintState.BROWSER


def test_the_code_is_copied_by_hand_and_one_group_read_back(shop, budi):
    record = budi.take()
    address = f"/permohonan/{record}/tanda-terima/salin"
    page = budi.get(address).text
    with shop.app.app_context():
        code = find(record).code
    groups = re.findall(r"<b>([0-9A-Z]{4})</b>", page)
    assert "".join(groups) == code
    asked = {"pertama": 0, "kedua": 1, "ketiga": 2}[re.search(r"kelompok (\w+) dari", page)[1]]
    wrong = "0000" if groups[asked] != "0000" else "1111"
    assert "Kelompok ini tidak sama dengan kode." in budi.post(address, {"kelompok": wrong}).text
    heard = " ".join(groups[asked].lower()).replace("1", "l").replace("0", "o")
    assert budi.post(address, {"kelompok": heard}).headers["Location"] == f"/permohonan/{record}/tanda-terima"
    assert "Tulisan pemohon sudah benar." in budi.get(f"/permohonan/{record}/tanda-terima").text


def test_nothing_of_paper_is_open_to_a_stranger(shop, budi):
    record = budi.take()
    stranger = shop.app.test_client()
    for path in ("/printer", f"/permohonan/{record}/tanda-terima", f"/permohonan/{record}/tanda-terima/salin"):
        page = stranger.get(path).text
        assert "Kertas" not in page and "GTG-" not in page


@pytest.mark.parametrize("command", ["check", "test"])
def test_the_printer_from_the_terminal(shop, command):
    printer = SocketPrinter()
    where = ["--data", str(shop.folder), "--printer", printer.address]
    with plugged_in(printer):
        answer = CliRunner().invoke(main, ["printer", command, *where])
        assert (answer.exit_code, answer.output) == (0, {"check": "Siap.\n", "test": "Tercetak.\n"}[command])
        printer.answers = NO_PAPER
        answer = CliRunner().invoke(main, ["printer", command, *where])
    assert answer.exit_code == 1
    assert "Kertas pencetak habis." in answer.output
    assert [paper.lines[:1] for paper in printer.papers] == ([["Gerai Genteng"]] if command == "test" else [])


def test_the_terminal_without_a_printer_says_what_to_do(shop):
    answer = CliRunner().invoke(main, ["printer", "check", "--data", str(shop.folder)])
    assert answer.exit_code == 1
    assert "belum memakai pencetak" in answer.output
