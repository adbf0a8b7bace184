"""`pasar user add` and `user reset`: who may sign in at this stall. A pass-phrase is shown once and stored nowhere."""

from __future__ import annotations

import json

import click

from pasar.cli import options


@click.group()
def user() -> None:
    """Petugas gerai: tambah, atau beri kalimat sandi baru."""


@user.command()
@click.argument("name", metavar="NAME")
@options.data
@options.as_json
def add(name: str, data: str | None, as_json: bool) -> None:
    """Tambah petugas NAME dan tampilkan kalimat sandinya satu kali.

    Kalimat empat kata itu membuka hari dan mengenalkan perangkat; PIN 6 angka dipilih petugas saat pertama masuk.

    \b
    Contoh:  pasar user add Budi
    Kode keluar: 0 ditambah, 1 nama sudah ada.
    """
    from offline_db.operators import add_operator

    with options.opened(data):
        phrase = add_operator(name)
    _say(name, phrase, as_json)


@user.command()
@click.argument("name", metavar="NAME")
@options.data
@options.as_json
def reset(name: str, data: str | None, as_json: bool) -> None:
    """Beri petugas NAME kalimat sandi baru; yang lama dan PIN-nya tidak berlaku lagi.

    Data pribadi hari ini yang dibuka dengan kalimat lama tidak terbaca lagi di gerai; MPP tetap memegangnya.

    \b
    Contoh:  pasar user reset Budi
    Kode keluar: 0 diganti, 1 nama tidak dikenal.
    """
    from offline_db.operators import reset_operator

    with options.opened(data):
        phrase = reset_operator(name)
    _say(name, phrase, as_json)


def _say(name: str, phrase: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"user": name, "passphrase": phrase}))
    else:
        click.echo(f"Kalimat sandi {name}: {phrase}\nHanya tampil sekali. Serahkan langsung kepada orangnya.")
