"""The way to a printer, over a real socket, a real terminal and real files: ready, troubled, gone, and in doubt."""

import contextlib
import os
import socket

import pytest

from layanan.problems import Refused
from pasar.printer_address import Patience, PrinterAddress, printer_address
from pasar.printer_port import look, put_on_paper
from pasar.settings import read_config
from pasar.ticket_bytes import ticket_bytes
from tests.pasar.test_ticket import PAPER
from tests.pasar.virtual_printer import BROKEN, NO_PAPER, OPEN_COVER, SocketPrinter, TerminalPrinter, plugged_in

QUICK = Patience(connect=2.0, answer=0.3, take=1.0, finish=0.6)
BYTES = ticket_bytes(PAPER.parts)


@pytest.fixture(params=["network", "serial", "file"])
def way(request):
    """A printer at work and its address, for each way a test machine has."""
    printer = SocketPrinter() if request.param == "network" else TerminalPrinter()
    address = printer.address if request.param == "network" else f"{request.param}:{printer.device}"
    with plugged_in(printer):
        yield printer, printer_address(address)


def test_a_ticket_arrives_whole_and_in_order(way):
    printer, address = way
    begun = []
    assert put_on_paper(BYTES, address, QUICK, lambda: begun.append(len(printer.received)))
    assert begun == [6], "asked for paper and cover before the job is on its way"
    (paper,) = printer.papers
    assert paper.lines[7] == "K7M2-4QX9-ABCD"
    assert paper.cuts == 1
    assert BYTES in printer.received


@pytest.mark.parametrize(
    ("says", "code"), [(NO_PAPER, "printer_no_paper"), (OPEN_COVER, "printer_cover"), (BROKEN, "printer_fault")]
)
def test_a_printer_that_is_not_ready_says_why_before_anything_is_printed(way, says, code):
    printer, address = way
    printer.answers = says
    with pytest.raises(Refused, match=code):
        put_on_paper(BYTES, address, QUICK, lambda: pytest.fail("begun"))
    with pytest.raises(Refused, match=code):
        look(address, QUICK)
    assert BYTES[:2] not in printer.received


def test_a_printer_that_never_answers_is_believed_and_one_that_fell_silent_is_not(way):
    printer, address = way
    printer.answers = None
    assert not put_on_paper(BYTES, address, QUICK, lambda: None)
    printer.wait_for(lambda: BYTES in printer.received)
    with pytest.raises(Refused, match="printer_silent"):
        put_on_paper(BYTES, address, QUICK, lambda: pytest.fail("begun"), talked=True)


def test_a_printer_that_knows_its_paper_but_not_when_it_is_done_is_asked_again(way):
    printer, address = way
    printer.says_done = False
    assert put_on_paper(BYTES, address, QUICK, lambda: None)
    assert printer.received.endswith(b"\x1dr\x01\x10\x04\x04")


def test_unplugged_in_the_middle_of_a_job(way):
    printer, address = way
    printer.unplugged_after = 2000
    begun = []
    with pytest.raises(Refused, match=r"printer_(missing|silent)"):
        put_on_paper(BYTES, address, QUICK, lambda: begun.append(1))
    assert begun == [1]
    assert 2000 <= len(printer.received) < len(BYTES)


def test_out_of_paper_in_the_middle_of_a_job(way):
    printer, address = way

    def paper_ends():
        printer.answers = NO_PAPER

    with pytest.raises(Refused, match="printer_no_paper"):
        put_on_paper(BYTES, address, QUICK, paper_ends)


def test_a_printer_that_takes_no_more_bytes_is_not_waited_for_without_end(way):
    printer, address = way
    printer.stuck_after = 500
    with pytest.raises(Refused, match="printer_silent"):
        put_on_paper(BYTES * 200, address, QUICK, lambda: None)


def test_an_address_where_nobody_takes_the_connection_has_no_printer():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, socket.create_connection(server.getsockname()):
        address = PrinterAddress("network", "127.0.0.1", str(server.getsockname()[1]))
        with pytest.raises(Refused, match="printer_missing"):
            look(address, Patience(connect=0.3))


@pytest.mark.parametrize("address", ["file:/dev/no-such-printer", "serial:/dev/no-such-printer", "usb:04b8:0202"])
def test_a_printer_that_is_not_there(address):
    with pytest.raises(Refused, match="printer_missing"):
        look(printer_address(address), QUICK)


def test_a_file_that_is_missing_is_not_made(tmp_path):
    with pytest.raises(Refused, match="printer_missing"):
        put_on_paper(BYTES, PrinterAddress("file", str(tmp_path / "lp0")), QUICK, lambda: None)
    assert not list(tmp_path.iterdir())


def test_a_plain_file_takes_one_paper_after_the_other(tmp_path):
    roll = tmp_path / "roll"
    roll.touch()
    for _ in range(2):
        assert not put_on_paper(BYTES, PrinterAddress("file", str(roll)), QUICK, lambda: None)
    assert roll.read_bytes().count(BYTES) == 2


def test_a_pipe_nobody_reads_is_a_printer_that_is_not_there(tmp_path):
    os.mkfifo(tmp_path / "lp0")
    with pytest.raises(Refused, match="printer_missing"):
        look(PrinterAddress("file", str(tmp_path / "lp0")), QUICK)


def test_an_address_that_refuses_is_busy():
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    with pytest.raises(Refused, match="printer_busy"):
        look(PrinterAddress("network", "127.0.0.1", str(port)), QUICK)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("", None),
        ("usb:04b8:0202", PrinterAddress("usb", "04b8", "0202")),
        ("network:192.168.1.50", PrinterAddress("network", "192.168.1.50")),
        ("network:printer.local:9101", PrinterAddress("network", "printer.local", "9101")),
        ("serial:/dev/ttyUSB0", PrinterAddress("serial", "/dev/ttyUSB0")),
        ("serial:COM3@19200", PrinterAddress("serial", "COM3", "19200")),
        ("file:/dev/usb/lp0", PrinterAddress("file", "/dev/usb/lp0")),
    ],
)
def test_how_an_address_is_written(text, address):
    assert read_config({"PASAR_PRINTER": text}).printer == address


@pytest.mark.parametrize("text", ["usb", "usb:4b8", "network:", "lp0", "serial:", "file:", "parallel:/dev/lp0"])
def test_a_wrong_address_stops_the_start(text):
    with pytest.raises(Refused, match="setting_invalid"):
        read_config({"PASAR_PRINTER": text})
