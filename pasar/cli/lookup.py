"""`pasar services`, `nik` and `sla`: the small questions that need no sign-in. Refuses to store or to log an answer."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from layanan.nik import NikReading, read_nik
from layanan.service import Service, catalogue
from layanan.sla import due_date
from pasar.cli import options

DAY = click.DateTime(formats=["%Y-%m-%d"])
@click.command()
@click.argument("words", nargs=-1)
@options.as_json
@options.data
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 999), help="Paling banyak sekian.")
def services(words: tuple[str, ...], as_json: bool, data: str | None, limit: int) -> None:
    """Cari layanan dengan kata sehari-hari; tanpa kata, semua layanan.

    \b
    Contoh:  pasar services akte lahir
             pasar services --json | head -1
    Kode keluar: 0 ada yang cocok, 1 tidak ada.
    """
    found = _found(data, " ".join(words), limit) if words else catalogue().services
    for service in found:
        click.echo(json.dumps(_told(service), ensure_ascii=False) if as_json else f"{service.code:<9}{service.name}")
    if not found:
        raise click.exceptions.Exit(1)


def _found(data: str | None, words: str, limit: int) -> Sequence[Service]:
    """By the stall's own file where there is one, else by one made for the question."""
    from offline_db import open_stall
    from offline_db.catalogue import search

    path = options.config_of(data=data).data / options.DATABASE
    with tempfile.TemporaryDirectory() as own, open_stall(path if path.is_file() else Path(own, "katalog.sqlite")):
        return search(words, limit)


def _told(service: Service) -> dict[str, object]:
    """The catalogue's row as a program reads it; a free service has fee 0, one by tariff has none."""
    raw = asdict(service)
    return raw | {"pdp": sorted(service.pdp), "opens_permohonan": service.opens_permohonan}


@click.command()
@click.argument("number", metavar="NIK")
@click.option("--on", "on", type=DAY, help="Tanggal pemeriksaan (TTTT-BB-HH), bawaan hari ini.")
@options.as_json
def nik(number: str, on: datetime | None, as_json: bool) -> None:
    """Periksa bentuk NIK (bukan kebenarannya: itu hanya Dukcapil yang tahu).

    NIK di baris perintah terlihat oleh pengguna lain di mesin ini dan tersimpan di riwayat shell. Tulis - agar NIK
    dibaca dari masukan standar.

    \b
    Contoh:  echo 3510091708959901 | pasar nik - --json
    Kode keluar: 0 wajar (OK atau INFO), 1 perlu diperiksa lagi (WARN), 2 tidak mungkin sebuah NIK (BLOCK).
    """
    text = sys.stdin.readline().rstrip("\r\n") if number == "-" else number
    answer = _shown(read_nik(text, on=(on or datetime.now().astimezone()).date()))
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        for name, value in answer.items():
            click.echo(f"{name:<15} {', '.join(value) if isinstance(value, list) else value or '-'}")
    raise click.exceptions.Exit({"OK": 0, "INFO": 0, "WARN": 1}.get(str(answer["severity"]), 2))


def _shown(reading: NikReading) -> dict[str, object]:
    return {
        "nik": reading.nik,
        "severity": str(reading.severity),
        "codes": [finding.code for finding in reading.findings],
        "birth_date": reading.birth_date and reading.birth_date.isoformat(),
        "birth_date_alt": reading.birth_date_alt and reading.birth_date_alt.isoformat(),
        "sex": reading.sex,
        "province": reading.province,
        "regency": reading.regency,
        "district": reading.district,
    }


@click.command()
@click.argument("start", metavar="DATE", type=DAY)
@click.argument("days", type=click.IntRange(0, 1000))
@click.option("--week", type=click.Choice(["5", "6"]), required=True, help="Minggu kerja 5 atau 6 hari.")
@options.as_json
def sla(start: datetime, days: int, week: str, as_json: bool) -> None:
    """Hitung hari selesai: DAYS hari kerja sejak berkas lengkap pada DATE (libur nasional dan cuti bersama dilewati).

    \b
    Contoh:  pasar sla 2026-03-17 1 --week 5      (hasilnya 2026-03-25)
    Kode keluar: 0 ada hasil, 1 tahunnya belum ditetapkan.
    """
    due = due_date(start.date(), days, int(week))
    answer = {"complete": start.date().isoformat(), "days": days, "week": int(week), "due": due.isoformat()}
    click.echo(json.dumps(answer) if as_json else answer["due"])
