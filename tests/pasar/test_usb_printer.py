"""A USB printer through python-escpos and pyusb as they are; only what lies below them is ours."""

import errno
from unittest import mock

import pytest
import usb.backend.libusb1

from layanan.problems import Refused
from pasar.printer_address import Patience, printer_address
from pasar.printer_port import look, put_on_paper
from pasar.ticket_bytes import ticket_bytes
from tests.pasar.test_ticket import PAPER
from tests.pasar.usb_printer import UsbPrinter
from tests.pasar.virtual_printer import NO_PAPER

QUICK = Patience(connect=1.0, answer=0.2, take=0.5, finish=0.2)
BYTES = ticket_bytes(PAPER.parts)


@pytest.fixture
def printer(monkeypatch):
    made = UsbPrinter()
    monkeypatch.setattr(usb.backend.libusb1, "get_backend", lambda: made)
    return made


def test_a_ticket_goes_to_the_printers_own_end_point(printer):
    assert put_on_paper(BYTES, printer_address(printer.address), QUICK, lambda: None)
    (paper,) = printer.papers
    assert paper.cuts == 1
    assert BYTES in printer.received


def test_a_one_way_printer_is_believed(printer):
    printer.answers = None
    assert not put_on_paper(BYTES, printer_address(printer.address), QUICK, lambda: None)
    assert BYTES in printer.received


def test_out_of_paper_is_said_before_anything_is_printed(printer):
    printer.answers = NO_PAPER
    with pytest.raises(Refused, match="printer_no_paper"):
        put_on_paper(BYTES, printer_address(printer.address), QUICK, lambda: pytest.fail("begun"))


def test_unplugged_before_and_in_the_middle_of_a_job(printer):
    printer.unplugged_after = 3000
    begun = []
    with pytest.raises(Refused, match="printer_missing"):
        put_on_paper(BYTES, printer_address(printer.address), QUICK, lambda: begun.append(1))
    assert begun == [1]
    printer.plugged = False
    with pytest.raises(Refused, match="printer_missing"):
        look(printer_address(printer.address), QUICK)


@pytest.mark.parametrize(("number", "code"), [(errno.EACCES, "printer_forbidden"), (errno.EBUSY, "printer_busy")])
def test_what_the_system_refuses_is_named(printer, number, code):
    printer.refuses = number
    with pytest.raises(Refused, match=code):
        look(printer_address(printer.address), QUICK)


def test_a_printer_that_takes_nothing_is_not_waited_for(printer):
    printer.stuck_after = 0
    with pytest.raises(Refused, match="printer_silent"):
        look(printer_address(printer.address), QUICK)


def test_a_machine_without_usb_support_says_what_to_install():
    with (
        mock.patch("usb.backend.libusb1.get_backend", return_value=None),
        mock.patch("usb.backend.libusb0.get_backend", return_value=None),
        mock.patch("usb.backend.openusb.get_backend", return_value=None),
        pytest.raises(Refused, match="printer_software"),
    ):
        look(printer_address("usb:0416:5011"), QUICK)
