"""The stall's real process, killed while its printer works, and started again."""

import contextlib
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from offline_db.print_job import PrintState, ask_print, job
from pasar.receipt import KIND
from tests.pasar.cast import NOBODY
from tests.pasar.virtual_printer import SocketPrinter, plugged_in

ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def running(shop, printer):
    """`pasar run` in a process of its own; killed without a word at the end."""
    settings = {"PASAR_PRINTER": printer.address, "PASAR_HQ_URL": NOBODY, "PASAR_DATA": str(shop.folder)}
    command = [sys.executable, "-m", "pasar", "run", "--host", "127.0.0.1", "--http-port", "0", "--https-port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def test_killed_in_mid_print_the_next_process_names_the_doubt_and_prints_what_waited(shop, budi):
    first, second = budi.take(), budi.take(pemohon_name="Wagirah")

    def state(number):
        with shop.app.app_context():
            return job(number).state

    with shop.app.app_context():
        cut, waiting = (ask_print(KIND, record, datetime.now(UTC)) for record in (first, second))
    printer = SocketPrinter()
    printer.stuck_after = 3000
    with plugged_in(printer):
        with running(shop, printer):
            printer.wait_for(lambda: len(printer.received) >= 3000, seconds=60)
            assert state(cut.id) is PrintState.PRINTING
        assert state(cut.id) is PrintState.PRINTING
        printer.stuck_after, printer.received = None, b""
        with running(shop, printer):
            printer.wait_for(lambda: state(waiting.id) is PrintState.PRINTED, seconds=60)
        assert state(cut.id) is PrintState.DOUBTFUL
    paper = printer.received[printer.received.rindex(b"\x1b@") :]
    assert paper.count(b"SALINAN") == 0 and paper.endswith(b"\x1dr\x01")
