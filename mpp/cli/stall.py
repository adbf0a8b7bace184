"""`mpp stall`: the stalls and their one-time codes at the terminal. Refuses to know how a stall enrols."""

import json
from contextlib import closing

import click

from layanan.problems import Refused
from mpp.cli.options import configured
from mpp.config import Config
from mpp.db.stall import add_stall, revoke, stalls
from mpp.office import open_office, utc_now
from sync.keys import fingerprint


@click.group()
def stall() -> None:
    """Gerai: tambah, lihat, cabut."""


@stall.command("add")
@configured("public_url", "host", "port")
@click.argument("name")
@click.option("--place", default="", help="alamat gerai, dicetak di tanda terima")
@click.option("--label", default="", help="awalan nomor berkas, 2-5 huruf; bawaan: dari nama")
@click.option("--json", "as_json", is_flag=True, help="satu baris JSON")
def add(config: Config, name: str, place: str, label: str, as_json: bool) -> None:
    """Tambah gerai NAME dan tampilkan kode pendaftaran sekali pakai.

    Untuk gerai yang sudah ada: kode baru bagi satu mesin lagi, atau bagi mesin yang harus didaftarkan ulang.
    """
    with closing(open_office(config)) as office:
        with office.database.writing() as session:
            row, code = add_stall(session, name, utc_now(), place=place, label=label)
        marks = fingerprint(office.keys.signing.public, office.keys.sealing[0].public)
    said = {"stall": row.id, "name": row.name, "code": code, "address": config.address, "fingerprint": marks}
    if as_json:
        click.echo(json.dumps(said))
        return
    click.echo(f"Gerai {row.name}\n\n  kode      {code}   (berlaku 3 hari, satu kali)")
    click.echo(f"  alamat    {config.address}\n  sidik MPP {marks}\n")
    click.echo(f"Di gerai: pasar enroll {code} --hq-url {config.address}")


@stall.command("list")
@configured()
@click.option("--json", "as_json", is_flag=True, help="satu objek JSON per baris")
def listed(config: Config, as_json: bool) -> None:
    """Daftar gerai dan kapan terakhir terdengar; yang belum pernah terdengar ikut tampil."""
    with closing(open_office(config)) as office, office.database.reading() as session:
        for health in stalls(session, office.keys):
            row = health.stall
            facts = {
                "stall": row.id,
                "name": row.name,
                "devices": len(health.devices),
                "revoked": health.revoked,
                "last_heard": row.last_heard_at,
                "alarms": health.alarms,
            }
            heard = row.last_heard_at or "belum pernah terdengar"
            state = "dicabut" if health.revoked else f"{len(health.devices)} mesin"
            click.echo(json.dumps(facts) if as_json else f"{row.name:<32} {state:<10} {heard}")


@stall.command("revoke")
@configured()
@click.argument("name")
def revoked(config: Config, name: str) -> None:
    """Cabut semua mesin gerai NAME: kiriman barunya ditahan, tanda terimanya disebut dari mesin yang hilang."""
    with closing(open_office(config)) as office, office.database.writing() as session:
        if not revoke(session, name, utc_now()):
            raise Refused("stall_unknown")
    click.echo(f"Gerai {name} dicabut.")
