"""`pasar printer test` and `check`: the stall's printer from the terminal. Refuses to know jobs and pages."""

from __future__ import annotations

import click

from pasar.cli import options

address = click.option("--printer", "address", metavar="ADDRESS", help="Alamat pencetak [PASAR_PRINTER].")


@click.group()
def printer() -> None:
    """Pencetak struk 58 mm: periksa, atau uji cetak."""


@printer.command()
@address
@options.data
def test(address: str | None, data: str | None) -> None:
    """Cetak satu kertas uji: huruf besar, QR, dan lebar 32 huruf. Tidak memuat data siapa pun.

    \b
    Contoh:  pasar printer test --printer file:/dev/usb/lp0
    Kode keluar: 0 tercetak, 1 tidak (alasannya satu kalimat).
    """
    from datetime import UTC, datetime

    from offline_db.identity import grant
    from pasar.moment import DEFAULT_ZONE
    from pasar.printer_address import Patience
    from pasar.printer_port import put_on_paper
    from pasar.slip import trial
    from pasar.spooler import BUSY_SECONDS, alone, wanted
    from pasar.ticket_bytes import ticket_bytes
    from web_base.formats import jam

    config = options.config_of(data=data, printer=address)
    where = wanted(config.printer)
    with options.opened(data):
        given = grant()
    zone = given.zone if given else DEFAULT_ZONE
    name, place, url = (given.stall_name, given.place, given.status_url) if given else ("Pasar", "", "https://pasar")
    paper = ticket_bytes(trial(name, place, jam(datetime.now(UTC), zone), f"{url}/c"))
    with alone(config.data, BUSY_SECONDS):
        answers = put_on_paper(paper, where, Patience(), lambda: None)
    click.echo("Tercetak." if answers else "Terkirim. Pencetak ini tidak menjawab pertanyaan; lihat kertasnya.")


@printer.command()
@address
@options.data
def check(address: str | None, data: str | None) -> None:
    """Tanya pencetak apakah siap, tanpa mencetak.

    \b
    Contoh:  pasar printer check
    Kode keluar: 0 siap, 1 tidak (alasannya satu kalimat).
    """
    from pasar.printer_address import Patience
    from pasar.printer_port import look
    from pasar.spooler import BUSY_SECONDS, alone, wanted

    config = options.config_of(data=data, printer=address)
    options.database_of(config)
    with alone(config.data, BUSY_SECONDS):
        answers = look(wanted(config.printer), Patience())
    click.echo("Siap." if answers else "Tersambung. Pencetak ini tidak menjawab pertanyaan.")
