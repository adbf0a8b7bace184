"""`pasar backup`, `restore`, `doctor`, `ledger`: the stall's file as a thing to keep. Refuses to know its tables."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pasar.cli import options

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", metavar="FILE", type=FILE)
@options.data
def backup(file: Path, data: str | None) -> None:
    """Salin seluruh data gerai ke FILE selagi gerai tetap buka; salinannya diperiksa sebelum diberi nama.

    Salinan memuat kunci mesin ini: simpan seperti menyimpan mesinnya.

    \b
    Contoh:  pasar backup /media/usb/gerai-$(date +%F).sqlite
    Kode keluar: 0 salinan lengkap, 1 gagal dan FILE tidak berubah.
    """
    import offline_db

    with options.opened(data):
        offline_db.backup(file)
    click.echo(f"Tersalin dan diperiksa: {file}")


@click.command()
@click.argument("file", metavar="FILE", type=FILE)
@options.data
def restore(file: Path, data: str | None) -> None:
    """Pulihkan data gerai dari FILE. Gerai harus ditutup dulu; data lama disisihkan, tidak dihapus.

    \b
    Contoh:  pasar restore /media/usb/gerai-2026-11-21.sqlite
    Kode keluar: 0 pulih, 1 FILE bukan salinan yang utuh atau gerai masih buka.
    """
    import offline_db

    config = options.config_of(data=data)
    config.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = offline_db.restore(file, config.data / options.DATABASE)
    click.echo(f"Pulih dari {file}." + (f" Data lama ada di {aside}." if aside else ""))
    click.echo("MPP akan melihat bahwa gerai ini mundur dan meminta pendaftaran ulang: siapkan kode dari MPP.")


@click.command()
@options.data
@options.hq_url
@options.as_json
def doctor(data: str | None, hq_url: str | None, as_json: bool) -> None:
    """Periksa gerai: folder, ruang, SQLite, isi data, jam, pendaftaran, jalan ke MPP. Tidak mengubah apa pun.

    \b
    Contoh:  pasar doctor
    Kode keluar: 0 beres, 2 ada peringatan, 3 perlu orang.
    """
    from pasar.doctor import examine, exit_code

    found = examine(options.config_of(data=data, hq_url=hq_url))
    for one in found:
        line = json.dumps(one._asdict(), ensure_ascii=False) if as_json else f"{one.grade:<13}{one.part:<14}{one.said}"
        click.echo(line)
    raise click.exceptions.Exit(exit_code(found))


@click.command()
@options.data
@options.as_json
def ledger(data: str | None, as_json: bool) -> None:
    """Sebutkan setiap permohonan satu baris, tanpa data pribadi, untuk dibandingkan dengan `mpp ledger`.

    \b
    Isi baris JSON: record_id, tracking_code, series, service, status, entries, content_sha256, acknowledged.
    Contoh:  pasar ledger --json | wc -l
    Kode keluar: 0.
    """
    from offline_db.ledger import ledger as rows

    with options.opened(data):
        for row in rows():
            if as_json:
                click.echo(json.dumps(row))
            else:
                click.echo(f"{row['series']:<18}{row['tracking_code']:<14}{row['service']:<9}{row['status']}")
