"""`pasar demo`: the two servers to try out, or a whole market day. Refuses to know how either works."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import click


@click.command()
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Folder demo (bawaan ./demo-data).")
@click.option("--journey", type=click.IntRange(1, 100_000), metavar="N", is_flag=False, flag_value=300,
              help="Mainkan satu hari pasar dengan N orang (bawaan 300), lalu periksa dan selesai.")
@click.option("--seed", default=261121, show_default=True, help="Benih orang-orang hari pasar.")
@click.option("--database-url", default="", metavar="URL", help="PostgreSQL kosong untuk MPP; bawaan SQLite.")
def demo(data: Path | None, journey: int | None, seed: int, database_url: str) -> None:
    """Coba semuanya di satu mesin: gerai dan MPP yang saling terdaftar, petugas, katalog sungguhan.

    Di terminal, kata putus / sambung / kirim / status / selesai memutus dan menyambung sinyal di antara keduanya.
    Folder yang sudah ada dipakai lagi. Semua orang di dalamnya rekaan.

    \b
    Contoh:  pasar demo
             pasar demo --journey 300     (hari pasar: sinyal putus, kedua server dimatikan paksa, lalu diperiksa)
    Kode keluar: 0 beres; dengan --journey, 1 bila satu saja permohonan hilang, ganda, atau berbeda.
    """
    if journey:
        raise click.exceptions.Exit(market_day(data, journey, seed, database_url))
    from pasar.demo import run_demo
    from pasar.demo_children import ChildFailed

    try:
        run_demo((data or Path("demo-data")).resolve(), click.echo, database_url)
    except ChildFailed as failed:
        raise click.ClickException(str(failed)) from None


def market_day(data: Path | None, number: int, seed: int, database_url: str) -> int:
    """Play the day in an empty folder; returns the exit code. A folder of our own goes when all is well."""
    from pasar.demo_children import ChildFailed
    from pasar.journey.forms import Surprise
    from pasar.journey.whole_day import play_journey

    folder = (data or Path(tempfile.mkdtemp(prefix="hari-pasar-"))).resolve()
    if folder.exists() and any(folder.iterdir()):
        raise click.UsageError(f"{folder} sudah berisi: hari pasar memerlukan folder kosong.")
    try:
        with click.progressbar(length=number, label=f"Hari pasar, {number} orang") as bar:

            def tick(done: int, of: int) -> None:
                bar.length = of
                bar.update(done - bar.pos)

            journey = play_journey(folder, number, seed, tick, database_url)
    except (ChildFailed, Surprise, OSError) as failed:
        raise click.ClickException(f"Hari pasar terhenti: {failed}\nFolder: {folder}") from None
    click.echo(journey.table())
    if journey.verdict.differences:
        click.echo(f"ADA PERBEDAAN. Folder disimpan: {folder}")
        return 1
    click.echo("Semua cocok: setiap tanda terima tersimpan tepat satu kali.")
    if data is None:
        shutil.rmtree(folder)
    return 0
