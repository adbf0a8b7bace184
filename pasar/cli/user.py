"""`pasar user add` and `user reset`: who may sign in at this stall. A pass-phrase is shown once and stored nowhere."""

from __future__ import annotations

import click

from pasar.cli import options


@click.group()
def user() -> None:
    """Petugas gerai: tambah, atau beri kalimat sandi baru."""


@user.command()
@click.argument("name", metavar="NAME")
@options.data
def add(name: str, data: str | None) -> None:
    """Tambah petugas NAME dan tampilkan kalimat sandinya satu kali.

    Kalimat empat kata itu membuka hari dan mengenalkan perangkat; PIN 6 angka dipilih petugas saat pertama masuk.

    \b
    Contoh:  pasar user add Budi
    Kode keluar: 0 ditambah, 1 nama sudah ada.
    """
    from offline_db.operators import add_operator

    with options.opened(data):
        phrase = add_operator(name)
    click.echo(f"Kalimat sandi {name} (tampil sekali ini saja): {phrase}")


@user.command()
@click.argument("name", metavar="NAME")
@options.data
def reset(name: str, data: str | None) -> None:
    """Beri petugas NAME kalimat sandi baru; yang lama dan PIN-nya tidak berlaku lagi.

    Data pribadi hari ini yang dibuka dengan kalimat lama tidak terbaca lagi di gerai; MPP tetap memegangnya.

    \b
    Contoh:  pasar user reset Budi
    Kode keluar: 0 diganti, 1 nama tidak dikenal.
    """
    from offline_db.operators import reset_operator

    with options.opened(data):
        phrase = reset_operator(name)
    click.echo(f"Kalimat sandi baru {name} (tampil sekali ini saja): {phrase}")
