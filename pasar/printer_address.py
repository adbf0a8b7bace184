"""Where a stall's printer is, and how long to wait for it. Knows the setting's spelling; refuses to know bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SHAPES = {
    "usb": r"(?P<where>[0-9a-fA-F]{4}):(?P<number>[0-9a-fA-F]{4})",
    "network": r"(?P<where>[A-Za-z0-9._-]+)(?::(?P<number>\d{1,5}))?",
    "serial": r"(?P<where>[^@\s]+)(?:@(?P<number>\d{3,6}))?",
    "file": r"(?P<where>\S.*)(?P<number>)",
}


@dataclass(frozen=True)
class PrinterAddress:
    """Where the printer is: usb vendor and product (hex), network host and port, serial device and baud, or a file."""

    kind: str
    where: str
    number: str = ""


@dataclass(frozen=True)
class Patience:
    """Seconds to wait: for a connection, for an answer about itself, for bytes to be taken, for the paper to be out."""

    connect: float = 5.0
    answer: float = 1.0
    take: float = 10.0
    finish: float = 15.0


def printer_address(text: str) -> PrinterAddress | None:
    """Reader of the setting: `usb:04b8:0202`, `network:192.168.1.50`, `serial:/dev/ttyUSB0`, `file:/dev/usb/lp0`."""
    if not text.strip():
        return None
    kind, _, rest = text.strip().partition(":")
    found = re.fullmatch(_SHAPES.get(kind, "(?!)"), rest)
    if found is None:
        raise ValueError("usb:VVVV:PPPP, network:HOST, serial:DEVICE, file:PATH")
    return PrinterAddress(kind, found["where"], found["number"] or "")
