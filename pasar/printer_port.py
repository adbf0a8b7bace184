"""What is said to a printer and what it says of itself: ready, out of paper, open, done.

Knows bytes, patience and what went wrong in one word of the catalogue; refuses to know tickets and jobs. A port that
cannot answer (many cheap printers) is believed as far as its bytes were taken.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from layanan.problems import Refused
from pasar.printer_address import Patience, PrinterAddress
from pasar.printer_ways import OPENERS, Port

PAPER, CAUSE, DONE = b"\x10\x04\x04", b"\x10\x04\x02", b"\x1dr\x01"
"""Is there paper, why are you off line (both answered at once), and: have you come this far (answered in turn)."""
_NO_PAPER, _COVER, _FAULT = 0x60, 0x04, 0x40
_PORTION = 4096


def put_on_paper(
    data: bytes, address: PrinterAddress, patience: Patience, begun: Callable[[], None], *, talked: bool = False
) -> bool:
    """Print `data`; `begun` is called when the printer is ready, right before its first byte.

    Returns whether the printer answers questions. One that has (`talked`) and falls silent is not believed any more.

    Raises Refused printer_missing, printer_busy, printer_forbidden, printer_software, printer_silent, printer_no_paper,
    printer_cover, printer_fault; when `begun` was called before that, paper may be out.
    """
    with opened(address, patience) as port:
        talks = _says_ready(port, patience, talked)
        begun()
        for start in range(0, len(data), _PORTION):
            port.write(data[start : start + _PORTION])
        if talks:
            _wait_until_out(port, patience)
    return talks


def look(address: PrinterAddress, patience: Patience, *, talked: bool = False) -> bool:
    """Ask the printer how it is; returns whether it answers. Raises Refused printer_* when it could not print now."""
    with opened(address, patience) as port:
        return _says_ready(port, patience, talked)


@contextmanager
def opened(address: PrinterAddress, patience: Patience) -> Iterator[Port]:
    """The printer, ours alone meanwhile; every failure of the way leaves as Refused printer_*."""
    try:
        port = OPENERS[address.kind](address, patience)
        try:
            yield port
        finally:
            with suppress(OSError):
                port.close()
    except TimeoutError:
        raise Refused("printer_silent") from None
    except OSError as error:
        raise Refused(_trouble(error)) from None


def _trouble(error: OSError) -> str:
    if error.errno in (errno.EBUSY, errno.EAGAIN, errno.ECONNREFUSED):
        return "printer_busy"
    if error.errno == errno.ETIMEDOUT or type(error).__name__ == "SerialTimeoutException":
        return "printer_silent"
    return "printer_forbidden" if error.errno in (errno.EACCES, errno.EPERM) else "printer_missing"


def _says_ready(port: Port, patience: Patience, talked: bool) -> bool:
    """Whether it answers at all. Raises Refused printer_no_paper, printer_cover, printer_fault, printer_silent."""
    paper = _asked(port, PAPER, patience.answer)
    if paper is None:
        if talked:
            raise Refused("printer_silent")
        return False
    cause = _asked(port, CAUSE, patience.answer) or 0
    if cause & _COVER:
        raise Refused("printer_cover")
    if paper & _NO_PAPER:
        raise Refused("printer_no_paper")
    if cause & _FAULT:
        raise Refused("printer_fault")
    return True


def _asked(port: Port, question: bytes, seconds: float) -> int | None:
    """The answer to a question that a printer answers at once."""
    return _told(port, question, seconds, lambda byte: byte & 0x93 == 0x12)


def _told(port: Port, question: bytes, seconds: float, fits: Callable[[int], bool]) -> int | None:
    """The first byte that fits, within this time; noise and late answers to other questions are none."""
    port.write(question)
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        said = port.read(left)
        for byte in said:
            if fits(byte):
                return byte
        if not said:
            break
    return None


def _wait_until_out(port: Port, patience: Patience) -> None:
    """Until everything sent is on paper. Not every printer that talks knows this question: silence is asked again."""
    if _told(port, DONE, patience.finish, lambda byte: byte & 0x90 == 0) is not None:
        return
    paper = _asked(port, PAPER, patience.answer)
    if paper is None:
        raise Refused("printer_silent")
    if paper & _NO_PAPER:
        raise Refused("printer_no_paper")
