"""The one thread that owns the printer, over a real socket and a real terminal: order, trouble, doubt, restart."""

import contextlib

import pytest

from offline_db.permohonan import find
from offline_db.print_job import PrintState, ask_print, job, mark, recent_jobs, settle_job
from pasar import spooler as spooler_module
from pasar.app import TO_PRINT
from pasar.printer_address import Patience, printer_address
from pasar.receipt import KIND
from pasar.spooler import Spooler, alone
from tests.pasar.cast import Budi
from tests.pasar.roll import read_picture
from tests.pasar.virtual_printer import NO_PAPER, READY, SocketPrinter, TerminalPrinter, plugged_in
from web_base.qr import qr_matrix

QUICK = Patience(connect=2.0, answer=0.3, take=1.0, finish=0.6)


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(spooler_module, "AGAIN", (0.1,))


@contextlib.contextmanager
def spooling(shop, address):
    """The shop with its printer's thread at work."""
    here = shop.app.extensions["pasar"]
    here.spooler = Spooler(printer_address(address), shop.folder, TO_PRINT, shop.time.clock().now, QUICK)
    here.spooler.start(shop.app)
    try:
        yield here.spooler
    finally:
        here.spooler.stop()


def became(shop, number):
    with shop.app.app_context():
        return job(number).state


def ask(shop, record_id):
    with shop.app.app_context():
        return ask_print(KIND, record_id, shop.time.now)


@pytest.fixture(params=[SocketPrinter, TerminalPrinter])
def printer(request):
    made = request.param()
    made.address = getattr(made, "address", "") or f"serial:{made.device}"
    with plugged_in(made):
        yield made


def test_two_jobs_come_out_in_order_with_the_right_codes(shop, budi, printer):
    records = [budi.take(), budi.take(pemohon_name="Wagirah")]
    with spooling(shop, printer.address) as spooler:
        jobs = [ask(shop, record) for record in records]
        spooler.asked()
        printer.wait_for(lambda: became(shop, jobs[1].id) is PrintState.PRINTED)
        assert spooler.problem is None
    first, second = printer.papers
    with shop.app.app_context():
        for paper, record in zip((first, second), records, strict=True):
            row = find(record)
            assert row.series in paper.lines
            assert f"Nama: {row.masked.replace('•', '*')}" in paper.lines
            (text,) = read_picture(paper.picture)
            assert row.code in text and qr_matrix(text)
    assert "Siti" not in printer.received.decode("latin-1")
    assert became(shop, jobs[0].id) is PrintState.PRINTED


def test_a_copy_says_so_with_its_own_time(shop, budi, printer):
    record = budi.take()
    with spooling(shop, printer.address) as spooler:
        first = ask(shop, record)
        spooler.asked()
        printer.wait_for(lambda: became(shop, first.id) is PrintState.PRINTED)
        shop.time.pass_by(3600)
        again = ask(shop, record)
        spooler.asked()
        printer.wait_for(lambda: became(shop, again.id) is PrintState.PRINTED)
    original, copy = printer.papers
    assert "SALINAN" not in original.lines
    assert copy.lines[:2] == ["SALINAN", "Dicetak 21 Nov 2026, 09.00 WIB"]


def test_out_of_paper_waits_and_goes_on_when_there_is_some(shop, budi, printer):
    record = budi.take()
    printer.answers = NO_PAPER
    with spooling(shop, printer.address) as spooler:
        asked = ask(shop, record)
        spooler.asked()
        printer.wait_for(lambda: spooler.problem and spooler.problem.code == "printer_no_paper")
        with shop.app.app_context():
            assert (job(asked.id).state, job(asked.id).problem) == (PrintState.QUEUED, "printer_no_paper")
        printer.answers = READY
        printer.wait_for(lambda: became(shop, asked.id) is PrintState.PRINTED)
        assert spooler.problem is None
    assert len(printer.papers) == 1


def test_unplugged_in_the_middle_of_a_job_leaves_a_doubt_and_never_a_second_original(shop, budi):
    printer, record = SocketPrinter(), budi.take()
    printer.unplugged_after = 3000
    with plugged_in(printer), spooling(shop, printer.address) as spooler:
        asked = ask(shop, record)
        spooler.asked()
        printer.wait_for(lambda: became(shop, asked.id) is PrintState.DOUBTFUL)
        cut_off, printer.received = printer.received, b""
        assert len(cut_off) >= 3000
        again = ask(shop, record)
        spooler.asked()
        printer.wait_for(lambda: became(shop, again.id) is PrintState.PRINTED)
    (paper,) = printer.papers
    assert paper.lines[0] == "SALINAN"


def test_a_device_that_vanishes_in_the_middle_of_a_job(shop, budi):
    printer, record = TerminalPrinter(), budi.take()
    printer.unplugged_after = 3000
    with plugged_in(printer), spooling(shop, f"file:{printer.device}") as spooler:
        asked = ask(shop, record)
        spooler.asked()
        printer.wait_for(lambda: became(shop, asked.id) is PrintState.DOUBTFUL)
        with shop.app.app_context():
            assert job(asked.id).problem in ("printer_missing", "printer_silent")


def test_power_cut_in_mid_print_is_a_doubt_at_the_next_start(shop, budi):
    """A process that dies leaves its job as printing; what was only queued is printed by the next one."""
    record, other = budi.take(), budi.take()
    with shop.app.app_context():
        cut = ask_print(KIND, record, shop.time.now)
        mark(cut.id, PrintState.PRINTING)
        waiting = ask_print(KIND, other, shop.time.now)
    shop.restart()
    printer = SocketPrinter()
    with plugged_in(printer), spooling(shop, printer.address):
        printer.wait_for(lambda: became(shop, waiting.id) is PrintState.PRINTED)
    with shop.app.app_context():
        assert (job(cut.id).state, job(cut.id).problem) == (PrintState.DOUBTFUL, "printer_interrupted")
        settle_job(cut.id)
        assert job(cut.id).state is PrintState.PRINTED
    assert len(printer.papers) == 1


def test_a_printer_that_is_off_neither_loses_nor_delays_a_request(shop):
    with spooling(shop, "network:127.0.0.1:9") as spooler:
        budi = Budi(shop).sign_in()
        record = budi.take()
        budi.post(f"/permohonan/{record}/tanda-terima/cetak")
        assert "Permohonan tersimpan" in budi.get(f"/permohonan/{record}/tanda-terima").text
        SocketPrinter().wait_for(lambda: spooler.problem and spooler.problem.code == "printer_busy")
    with shop.app.app_context():
        assert find(record).status == "DITERIMA"
        assert recent_jobs(1)[0].state is PrintState.QUEUED


def test_a_job_nobody_waits_for_any_more_is_not_printed_by_surprise(shop, budi):
    printer, record, other = SocketPrinter(), budi.take(), budi.take(pemohon_name="Wagirah")
    with shop.app.app_context():
        old = ask_print(KIND, record, shop.time.now)
    shop.time.pass_by(3600)
    with plugged_in(printer), spooling(shop, printer.address) as spooler:
        young = ask(shop, other)
        spooler.asked()
        printer.wait_for(lambda: became(shop, young.id) is PrintState.PRINTED)
    with shop.app.app_context():
        assert (job(old.id).state, job(old.id).problem) == (PrintState.FAILED, "printer_late")
    assert len(printer.papers) == 1


def test_a_job_of_a_request_that_is_not_there_does_not_hold_up_the_others(shop, budi):
    printer = SocketPrinter()
    with shop.app.app_context():
        strange = ask_print(KIND, "11111111-0000-4000-8000-00000000dead", shop.time.now)
        odd = ask_print(KIND, "no record's id", shop.time.now)
    with plugged_in(printer), spooling(shop, printer.address) as spooler:
        good = ask(shop, budi.take())
        spooler.asked()
        printer.wait_for(lambda: became(shop, good.id) is PrintState.PRINTED)
    with shop.app.app_context():
        assert (job(strange.id).state, job(strange.id).problem) == (PrintState.FAILED, "permohonan_unknown")
        assert (job(odd.id).state, job(odd.id).problem) == (PrintState.FAILED, "internal")


def test_another_process_at_the_printer_makes_the_job_wait(shop, budi, monkeypatch):
    monkeypatch.setattr(spooler_module, "BUSY_SECONDS", 0.1)
    printer, record = SocketPrinter(), budi.take()
    with plugged_in(printer), alone(shop.folder, 1), spooling(shop, printer.address) as spooler:
        asked = ask(shop, record)
        spooler.asked()
        printer.wait_for(lambda: spooler.problem and spooler.problem.code == "printer_busy", seconds=3)
        assert became(shop, asked.id) is PrintState.QUEUED
        assert printer.connections == 0
