"""`pasar heal`, `pasar prune`: what is done to the stall's file on demand. Refuses to know how."""

from __future__ import annotations

import click

from pasar.cli import options


@click.command()
@options.data
def heal(data: str | None) -> None:
    """Betulkan catatan yang rusak sejauh dapat dibuktikan; berkas yang rusak disalin dulu, tidak ada yang dihapus.

    Satu bit yang terbalik dikembalikan (sidiknya yang membuktikan), baris daftar disusun ulang dari catatannya, kabar
    MPP yang rusak diambil lagi dari MPP pada pengiriman berikutnya, begitu juga catatan gerai yang rusak lebih parah,
    bila MPP memilikinya. Gerai boleh tetap buka.

    \b
    Contoh:  pasar heal
    Kode keluar: 0 semua utuh, 1 berkas tidak dapat dibaca (pakai pasar restore), 3 ada yang tersisa.
    """
    from offline_db.damage import note_damage
    from offline_db.mend import keep_aside, mend
    from offline_db.start_check import start_check
    from pasar.care import damage, keep, today_utc

    aside = keep_aside(options.database_of(options.config_of(data=data)).resolve())
    with options.opened(data) as config:
        mended = mend()
        left = list(dict.fromkeys([*start_check(), *mended.left]))
        asked = note_damage(left)
        keep(config.data, today_utc(), left)
    click.echo(f"Berkas sebelum dibetulkan: {aside}")
    click.echo(f"Dibetulkan: {mended.entries} catatan, {mended.rows} baris.")
    if mended.book_from is not None:
        click.echo(f"Kabar MPP mulai nomor {mended.book_from} diambil lagi pada pengiriman berikutnya.")
    if asked:
        click.echo(f"{asked} catatan yang tidak dapat dibetulkan di sini diminta dari MPP pada pengiriman berikutnya.")
    for refused in damage(left):
        click.echo(f"{refused.sentence()} {refused.hint}")
    raise click.exceptions.Exit(3 if left else 0)


@click.command()
@options.data
def prune(data: str | None) -> None:
    """Hapus data pribadi yang sudah sehari aman di cadangan MPP; bytenya benar-benar hilang dari berkas.

    Berjalan sendiri tiap malam selama gerai terbuka. Aman diulang, aman terputus.

    \b
    Contoh:  pasar prune
    Kode keluar: 0 selesai, 1 penyimpanan bermasalah.
    """
    from offline_db.prune import prune as erase

    with options.opened(data):
        number = erase()
    click.echo(f"{number} bagian data pribadi dihapus dari berkas.")
