"""`mpp user`: officers and their pass-phrases at the terminal. Refuses to know how a pass-phrase is checked."""

import json
import secrets
from contextlib import closing

import click

from layanan.service import catalogue
from mpp.cli.options import configured
from mpp.config import Config
from mpp.db.officers import add_officer, reset_officer
from mpp.office import open_office, utc_now
from sync.words import passphrase


@click.group()
def user() -> None:
    """Petugas: tambah, dan beri kalimat sandi baru."""


@user.command("add")
@configured()
@click.argument("login", metavar="NAME")
@click.option("--name", default="", help="nama lengkap; bawaan: nama masuk")
@click.option(
    "--agency", default="", metavar="KODE", help="kode instansi (DUKCAPIL); kosong: pengelola MPP, melihat semua"
)
@click.option("--json", "as_json", is_flag=True, help="satu baris JSON")
def add(config: Config, login: str, name: str, agency: str, as_json: bool) -> None:
    """Tambah petugas NAME dan tampilkan kalimat sandinya sekali."""
    code = catalogue().agency(agency.upper()).code if agency else None
    phrase = passphrase(secrets.choice)
    with closing(open_office(config)) as office, office.database.writing() as session:
        add_officer(session, login, name or login, code, phrase, utc_now())
    _say(as_json, login, phrase, {"name": name or login, "agency": code})


@user.command("reset")
@configured()
@click.argument("login", metavar="NAME")
@click.option("--json", "as_json", is_flag=True, help="satu baris JSON")
def reset(config: Config, login: str, as_json: bool) -> None:
    """Beri petugas NAME kalimat sandi baru; yang lama dan semua halaman yang terbuka tidak berlaku lagi."""
    phrase = passphrase(secrets.choice)
    with closing(open_office(config)) as office, office.database.writing() as session:
        reset_officer(session, login, phrase)
    _say(as_json, login, phrase, {})


def _say(as_json: bool, login: str, phrase: str, more: dict[str, str | None]) -> None:
    if as_json:
        click.echo(json.dumps({"user": login.lower(), "passphrase": phrase, **more}))
        return
    click.echo(
        f"Petugas {login.lower()}\n  kalimat sandi: {phrase}\n\nHanya tampil sekali. Serahkan langsung kepada orangnya."
    )
