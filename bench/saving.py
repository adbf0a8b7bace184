"""Saving one request through HTTP beside the floor. Knows two servers on one disk, one after the other, in turns."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.load import Ask, Tally, drive
from bench.stall import NOTES, PERSON, SERVICE, measured_stall
from pasar.demo_children import free_port

THREADS = 10
ROUNDS = 6


def saving(folder: Path, seconds: float) -> list[tuple[str, str]]:
    """Rows of the table: rate of the stall as a share of the floor's, for one and for eight connections."""
    rows = []
    with measured_stall(folder / "house") as ours, floor(folder) as floor_port:
        for connections in (1, 8):
            pairs = [
                (
                    _run(floor_port, plain_row, connections, seconds),
                    _run(ours.house.ports.stall, ours.save, connections, seconds),
                )
                for _ in range(ROUNDS)
            ]
            rows.append((f"Save through HTTP, connections: {connections}", _beside(*zip(*pairs, strict=True))))
    return rows


def _beside(floors: Sequence[Tally], ours: Sequence[Tally]) -> str:
    """The best round of each: what disturbs a small machine only ever slows down."""
    low, own = max(floors, key=_rate), max(ours, key=_rate)
    return (
        f"{own.rate / low.rate:.2f} x the floor's rate ({own.rate:.0f}/s beside {low.rate:.0f}/s); "
        f"median {own.median:.1f} ms, p99 {own.percentile(0.99):.1f} ms"
    )


def _rate(tally: Tally) -> float:
    return tally.rate


def plain_row(_number: int) -> tuple[str, str, bytes | None, dict[str, str]]:
    body = {"service": SERVICE, "relation": "diri_sendiri", **PERSON, "notes": NOTES}
    return "POST", "/", json.dumps(body).encode(), {"Content-Type": "application/json"}


def _run(port: int, ask: Ask, connections: int, seconds: float) -> Tally:
    drive(port, ask, {201}, connections=connections, seconds=0.3)
    tally = drive(port, ask, {201}, connections=connections, seconds=seconds)
    if tally.wrong:
        raise SystemExit(f"{tally.wrong} answers were not 201: the figures would mean nothing")
    return tally


@contextmanager
def floor(folder: Path) -> Iterator[int]:
    """The floor's server on a free port."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "bench.floor", str(folder), str(port), str(THREADS)])
    try:
        for _ in range(200):
            if _is_up(port):
                break
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait()


def _is_up(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
