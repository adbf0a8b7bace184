"""A look at the whole stall, part by part, with a sentence for each. Repairs nothing.

Knows what should be so; refuses to read anything personal.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from layanan.problems import Refused
from offline_db import open_stall
from offline_db.identity import grant
from offline_db.operators import operator_names
from offline_db.outbox import SqliteOutbox, last_sync, refusals
from offline_db.selfcheck import selfcheck
from offline_db.start_check import start_check
from pasar.app import DATABASE
from pasar.care import damage
from pasar.doctor_way import FINE, PERSON, WATCH, Said, the_way
from pasar.line import KeptLine, told_kuota
from pasar.moment import DEFAULT_ZONE, StallClock
from pasar.settings import StallConfig
from store.failure import refusal_of_os_error
from store.sqlite import LIBRARY_VERSION
from web_base.formats import data_size, tanggal_pendek

LITTLE_ROOM = 200 << 20
WAL_RESET_FIXED = (3, 51, 3)
LONG_AGO = timedelta(days=2)
FIRST_YEAR, LAST_YEAR = 2026, 2040
PROBE_BYTES = 64 * 1024


def examine(config: StallConfig) -> list[Said]:
    """Everything worth saying, in the order in which a person would look; never raises Refused."""
    found = [*_outside(config)]
    if any(one.grade == PERSON for one in found):
        return found
    try:
        with open_stall(config.data / DATABASE):
            for part in (_contents, _people, _waiting, the_way):
                found += part(config)
    except Refused as refused:
        found.append(Said("data", PERSON, f"{refused.sentence()} {refused.hint}"))
    return found


def exit_code(found: Sequence[Said]) -> int:
    """0 when all is fine, 2 with a warning, 3 when a person is needed."""
    grades = {one.grade for one in found}
    return 3 if PERSON in grades else 2 if WATCH in grades else 0


def _outside(config: StallConfig) -> Iterator[Said]:
    """What can be seen before the file is opened."""
    if not (config.data / DATABASE).is_file():
        yield Said("folder", PERSON, f"Belum ada gerai di {config.data}. Jalankan: pasar init")
        return
    stuck = _write_probe(config.data)
    if stuck:
        yield Said("folder", PERSON, f"{stuck.sentence()} {stuck.hint} ({config.data})")
    room = shutil.disk_usage(config.data).free
    yield Said("ruang", WATCH if room < LITTLE_ROOM else FINE, f"{room >> 20} MB kosong di {config.data}")
    version = tuple(int(number) for number in LIBRARY_VERSION.split("."))
    old = "" if version >= WAL_RESET_FIXED else "; cacat WAL-reset versi ini tidak tersentuh (satu kunci)"
    yield Said("sqlite", FINE, f"{LIBRARY_VERSION}, Python {sys.version.split()[0]}{old}")
    year = datetime.now(UTC).year
    if not FIRST_YEAR <= year <= LAST_YEAR:
        yield Said("jam", PERSON, f"Jam perangkat menunjuk tahun {year}. Betulkan sebelum membuka loket.")


def _write_probe(folder: Path) -> Refused | None:
    """Whether the disk takes a file: its own word counts, not that of the permissions."""
    path = folder / f".periksa-{os.getpid()}"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            if os.write(handle, bytes(PROBE_BYTES)) < PROBE_BYTES:
                return Refused("disk_full")
            os.fsync(handle)
        finally:
            os.close(handle)
            path.unlink()
    except OSError as error:
        return refusal_of_os_error(error)
    return None


def _contents(_: StallConfig) -> Iterator[Said]:
    wrong = list(dict.fromkeys([*start_check(), *selfcheck()]))
    if not wrong:
        yield Said("isi", FINE, "Semua catatan utuh: rantai, sidik, dan baris cocok.")
    for refused in damage(wrong):
        yield Said("isi", PERSON, f"{refused.sentence()} {refused.hint}")
    for one in wrong[:20]:
        yield Said("isi", PERSON, f"Tidak cocok: {one.kind} {one.where}.")


def _people(_: StallConfig) -> Iterator[Said]:
    granted = grant()
    if granted is None:
        yield Said("pendaftaran", PERSON, Refused("not_enrolled").hint)
    else:
        yield Said("pendaftaran", FINE, f"{granted.stall_name} ({granted.label}), angkatan {granted.epoch}")
    names = operator_names()
    yield Said("petugas", FINE if names else PERSON, ", ".join(names) or "Belum ada. Jalankan: pasar user add NAMA")


def _waiting(config: StallConfig) -> Iterator[Said]:
    counts, last, granted = SqliteOutbox().counts(), last_sync(), grant()
    numbers = f"diterima {counts.stored}, terkirim {counts.sent}, dikonfirmasi {counts.confirmed}"
    old = counts.oldest_at is not None and datetime.now(UTC) - counts.oldest_at > LONG_AGO
    yield Said("antrean", WATCH if old else FINE, numbers)
    if last and last.answered_at:
        yield Said("kirim", FINE, f"MPP terakhir menjawab {last.answered_at:%Y-%m-%d %H:%M} UTC")
    elif last:
        yield Said("kirim", WATCH, "MPP belum pernah menjawab.")
    today = StallClock(granted.zone if granted else DEFAULT_ZONE).today
    spent = KeptLine(config.data, config.kuota or told_kuota(), today).spent()
    if spent.limit is not None:
        often = f"{data_size(spent.size)} dari {data_size(spent.limit)}; jatah baru {tanggal_pendek(spent.until)}"
        yield Said("kuota", WATCH if spent.used_up else FINE, often)
    if last and last.problem:
        problem = Refused(last.problem)
        yield Said("kirim", WATCH, f"Percobaan terakhir: {problem.sentence()} {problem.hint}".strip())
    if refused := refusals():
        yield Said("ditolak", PERSON, f"{len(refused)} catatan tidak diterima MPP; lihat halaman Sinkron.")
