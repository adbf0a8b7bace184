"""What https costs a stall: new connections a second, five phones that keep a form at once, and the memory for them.

The floor is the same stall asked the same over plain http. Client and server share the machine.
"""

from __future__ import annotations

import itertools
import ssl
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.load import Ask, Tally, connect, drive
from bench.stall import Measured, resident_mb
from web_base.tls import ROOT

Row = tuple[str, str]
PHONES, ROUNDS, SECONDS = 5, 3, 4.0
TYPED = {
    "layanan": "DKC-01", "relation": "diri_sendiri", "pemohon_nik": "3510095708959901", "pemohon_name": "Siti Aminah",
    "pemohon_phone": "081234567890", "pemohon_address": "Jl. Hasanudin No. 12, Genteng Wetan",
}  # fmt: skip
TOKEN = "async () => (await (await fetch('/api/sesi')).json()).csrf_token"


def at_once(stall: Measured, folder: Path, page: Any, url: str) -> Iterator[Row]:
    """Rows of the table; `page` is a signed-in phone's, for its session over https."""
    trust = ssl.create_default_context(cafile=folder / "gerai" / "tls" / ROOT)
    ports = stall.house.ports
    doors = {"http": (ports.stall, None, stall.headers), "https": (ports.stall_tls, trust, _session(page, url))}
    fresh = {name: max(_fresh(port, way) for _ in range(ROUNDS)) for name, (port, way, _) in doors.items()}
    yield (
        "New connections with one answer each, one after the other",
        f"https {fresh['https']:.0f}/s, http {fresh['http']:.0f}/s",
    )
    process = stall.house.stall.process
    before = resident_mb(process.pid) if process else 0.0
    rounds = [{name: _saving(*door) for name, door in doors.items()} for _ in range(ROUNDS)]
    for name in doors:
        tally = max((each[name] for each in rounds), key=lambda one: one.rate)
        told = f"{tally.rate:.0f}/s; median {tally.median:.1f} ms, p99 {tally.percentile(0.99):.1f} ms"
        yield f"{PHONES} phones keep what is typed, as fast as they can, {name}", told
    after = resident_mb(process.pid) if process else 0.0
    yield "Memory before and after these phones", f"{before:.0f} MB, {after:.0f} MB"


def _session(page: Any, url: str) -> dict[str, str]:
    page.goto(url + "/")
    token = page.evaluate(TOKEN)
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies(url))
    return {"X-CSRFToken": token, "Cookie": cookies}


def _fresh(port: int, trust: ssl.SSLContext | None) -> float:
    """Connections a second: a handshake where there is one, one short answer, the end."""
    began, count = time.perf_counter(), 0
    while time.perf_counter() < began + 2:
        connection = connect(port, trust)
        connection.request("GET", "/healthz", headers={"Connection": "close"})
        connection.getresponse().read()
        connection.close()
        count += 1
    return count / (time.perf_counter() - began)


def _saving(port: int, trust: ssl.SSLContext | None, headers: dict[str, str]) -> Tally:
    """One round of five phones, after a few to warm up."""
    ask = _typing(headers)
    drive(port, ask, {200}, connections=PHONES, seconds=1, most=10, trust=trust)
    tally = drive(port, ask, {200}, connections=PHONES, seconds=SECONDS, trust=trust)
    if tally.wrong:
        raise RuntimeError(f"{tally.wrong} forms were not kept")
    return tally


def _typing(headers: dict[str, str]) -> Ask:
    """Each phone its own form, and something new in it each time: sealed and durable before the answer."""
    forms, letters = [str(uuid.uuid4()) for _ in range(PHONES)], itertools.count()
    sent = {**headers, "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}

    def ask(number: int) -> tuple[str, str, bytes | None, dict[str, str]]:
        form = forms[number % PHONES]
        body = urlencode({**TYPED, "notes": f"catatan {next(letters)}", "halaman": form, "dibuat": "0"})
        return "POST", f"/permohonan/baru/{form}/draf", body.encode(), sent

    return ask
