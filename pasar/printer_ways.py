"""The ports of the four kinds of address: a device file of the system, and what python-escpos reaches.

Knows devices and their errors; refuses to know what is printed.
"""

from __future__ import annotations

import errno
import os
import select
import stat
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from layanan.problems import Refused
from pasar.printer_address import Patience, PrinterAddress
from pasar.ticket_bytes import escpos

_BAUD = 9600
_RAW_PORT = 9100


class Port(Protocol):
    """An open way to a printer. Every method may raise OSError."""

    def write(self, data: bytes) -> None:
        """Hand over everything, or raise."""

    def read(self, seconds: float) -> bytes:
        """What the printer says within this time; empty when it says nothing."""

    def close(self) -> None:
        """Let others have it."""


class FilePort:
    """A device file of the system. It is never made when it is missing, and never waited for without end."""

    def __init__(self, address: PrinterAddress, patience: Patience) -> None:
        self._take = patience.take
        self._talks = stat.S_ISCHR(os.stat(address.where).st_mode)
        mode = os.O_RDWR if self._talks else os.O_WRONLY | os.O_APPEND
        extra = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
        self._handle = os.open(address.where, mode | extra)
        self.read(0)

    def write(self, data: bytes) -> None:
        """See Port. Raises TimeoutError when the device takes nothing more."""
        left = memoryview(data)
        while left:
            if not select.select([], [self._handle], [], self._take)[1]:
                raise TimeoutError
            left = left[os.write(self._handle, left) :]

    def read(self, seconds: float) -> bytes:
        """See Port."""
        if not self._talks or not select.select([self._handle], [], [], seconds)[0]:
            return b""
        return os.read(self._handle, 16)

    def close(self) -> None:
        """See Port."""
        os.close(self._handle)


class LibraryPort:
    """A port of python-escpos: USB, network or serial. Raises Refused printer_* when it cannot be opened."""

    def __init__(self, address: PrinterAddress, patience: Patience) -> None:
        drivers = escpos("printer")
        self._kind = address.kind
        try:
            self._printer = _DRIVERS[address.kind](drivers, address, patience)
            self._printer.open()
        except RuntimeError:
            # What the library raises when pyusb or pyserial is not installed.
            raise Refused("printer_software") from None
        except ValueError:
            # pyusb without the system's libusb.
            raise Refused("printer_software") from None
        except escpos("exceptions").DeviceNotFoundError as error:
            raise _cause(error) from None
        _PREPARE[address.kind](self._printer, patience)

    def write(self, data: bytes) -> None:
        """See Port."""
        self._printer._raw(data)

    def read(self, seconds: float) -> bytes:
        """See Port."""
        return _READERS[self._kind](self._printer, seconds)

    def close(self) -> None:
        """See Port. A serial device is let go without waiting for what it would not take."""
        if self._kind == "serial":
            self._printer.device.close()
            self._printer.device = False
        self._printer.close()


def _cause(error: BaseException) -> OSError:
    """The system's own error behind the library's, for its number; an address where nobody answers has no printer."""
    inner = error.__context__
    if isinstance(inner, OSError) and not isinstance(inner, TimeoutError):
        return inner
    return FileNotFoundError(errno.ENODEV, "no such printer")


def _usb(drivers: Any, address: PrinterAddress, patience: Patience) -> Any:
    return drivers.Usb(int(address.where, 16), int(address.number, 16), timeout=int(patience.take * 1000))


def _network(drivers: Any, address: PrinterAddress, patience: Patience) -> Any:
    return drivers.Network(address.where, int(address.number or _RAW_PORT), timeout=patience.connect)


def _serial(drivers: Any, address: PrinterAddress, patience: Patience) -> Any:
    return drivers.Serial(address.where, int(address.number or _BAUD), timeout=patience.answer)


def _find_ends(printer: Any, patience: Patience) -> None:
    """Cheap printers differ in their end points; those of the printer's own interface (class 7) are the right ones."""
    for interface in printer.device.get_active_configuration():
        for end in interface if interface.bInterfaceClass == 7 else ():
            if end.bmAttributes & 3 == 2:
                setattr(printer, "in_ep" if end.bEndpointAddress & 0x80 else "out_ep", end.bEndpointAddress)


def _limit_network(printer: Any, patience: Patience) -> None:
    printer.device.settimeout(patience.take)


def _limit_serial(printer: Any, patience: Patience) -> None:
    printer.device.write_timeout = patience.take
    printer.device.reset_input_buffer()


def _usb_says(printer: Any, seconds: float) -> bytes:
    try:
        return bytes(printer.device.read(printer.in_ep, 64, max(1, int(seconds * 1000))))
    except OSError as error:
        if error.errno == errno.ETIMEDOUT:
            return b""
        raise


def _network_says(printer: Any, seconds: float) -> bytes:
    if not select.select([printer.device], [], [], seconds)[0]:
        return b""
    said = bytes(printer.device.recv(16))
    if not said:
        raise ConnectionResetError(errno.ECONNRESET, "the printer hung up")
    return said


def _serial_says(printer: Any, seconds: float) -> bytes:
    printer.device.timeout = seconds
    return bytes(printer.device.read(1))


OPENERS: Mapping[str, Callable[[PrinterAddress, Patience], Port]] = {
    "usb": LibraryPort, "network": LibraryPort, "serial": LibraryPort, "file": FilePort,
}  # fmt: skip
_DRIVERS = {"usb": _usb, "network": _network, "serial": _serial}
_PREPARE = {"usb": _find_ends, "network": _limit_network, "serial": _limit_serial}
_READERS = {"usb": _usb_says, "network": _network_says, "serial": _serial_says}
