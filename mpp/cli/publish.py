"""`mpp catalogue`, `mpp holidays`, `mpp settings`: what every stall is told. Refuses to know how it reaches them."""

import csv
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

import click

from layanan.problems import Refused
from layanan.published import KEYS, SETTINGS, allowed, merged, withdrawing
from mpp.cli.options import configured
from mpp.config import Config
from mpp.db.office import FACTS, office
from mpp.db.published import holidays as fields_of
from mpp.db.published import publish_catalogue, publish_holidays, publish_settings, tables_in_force
from mpp.office import open_office, utc_now
from sync.kuota import Kuota

FILE = click.Path(dir_okay=False, exists=True, path_type=Path)


@click.group()
def catalogue() -> None:
    """Katalog layanan: tampilkan, terbitkan ke semua gerai."""


@catalogue.command("show")
@configured()
@click.option("--table", type=click.Choice(sorted(KEYS)), default="services", show_default=True, help="tabel")
def show(config: Config, table: str) -> None:
    """Tulis tabel katalog yang berlaku sebagai CSV: ubah, lalu terbitkan."""
    with closing(open_office(config)) as opened, opened.database.reading() as session:
        rows = tables_in_force(session)[table]
    writer = csv.DictWriter(sys.stdout, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)


@catalogue.command("publish")
@configured()
@click.argument("file", metavar="FILE", type=FILE)
@click.option("--agencies", type=FILE, default=None, help="CSV instansi, bila ada yang baru")
def publish(config: Config, file: Path, agencies: Path | None) -> None:
    """Terbitkan katalog layanan dari FILE (CSV seperti `mpp catalogue show`) ke semua gerai.

    Gerai menerimanya bersama kiriman berikutnya. Permohonan lama tetap memakai katalog saat dibuat. Layanan yang tidak
    ada lagi di FILE ditarik: tidak ditawarkan, namanya tetap dikenal. Berkas yang tidak masuk akal ditolak seluruhnya.

    \b
    Contoh:  mpp catalogue show > layanan.csv && mpp catalogue publish layanan.csv
    """
    with closing(open_office(config)) as opened, opened.database.writing() as session:
        former = tables_in_force(session)
        services = withdrawing(former, _rows(file))
        put = {"services": services, "agencies": _rows(agencies) if agencies else ()}
        book, told = publish_catalogue(session, merged(former, put), utc_now())
    click.echo(f"Katalog {book.version}: {len(book.services)} layanan. Ditulis ke catatan {told} gerai.")


@click.group()
def holidays() -> None:
    """Hari libur untuk janji tanggal selesai: terbitkan ke semua gerai."""


@holidays.command("publish")
@configured()
@click.argument("file", metavar="FILE", type=FILE)
def publish_days(config: Config, file: Path) -> None:
    """Terbitkan hari libur dan cuti bersama dari FILE (CSV dengan kolom date, TTTT-BB-HH) ke semua gerai.

    FILE memuat seluruh hari libur dari setiap tahun yang disebut; tahun lain tidak berubah.

    \b
    Contoh:  mpp holidays publish libur-2027.csv
    """
    try:
        fields = fields_of([date.fromisoformat(row["date"]) for row in _rows(file)])
    except (KeyError, ValueError):
        raise Refused("holidays_nonsense") from None
    with closing(open_office(config)) as opened, opened.database.writing() as session:
        told = publish_holidays(session, fields, utc_now())
    years = ", ".join(map(str, fields["years"]))
    click.echo(f"Hari libur {years}: {len(fields['off'])} hari. Ditulis ke catatan {told} gerai.")


@click.command("settings")
@configured()
@click.argument("values", metavar="NAMA=ISI", nargs=-1, required=True)
def settings(config: Config, values: tuple[str, ...]) -> None:
    """Atur di semua gerai: complaint, official_domain, phone, privacy_contact, hours, kuota.

    \b
    Contoh:  mpp settings "complaint=SP4N-LAPOR! 1708" "hours=Senin-Jumat 08.00-14.00"
    """
    given = dict(value.partition("=")[::2] for value in values)
    for name in given:
        if name not in SETTINGS:
            raise Refused("setting_not_allowed", name=name)
    fit = allowed(given)
    for name in given.keys() - fit.keys():
        raise Refused("setting_invalid", name=name, expected=f"<= {SETTINGS[name]}")
    if not _is_kuota(fit.get("kuota", "")):
        raise Refused("setting_invalid", name="kuota", expected="5 MB/hari")
    with closing(open_office(config)) as opened, opened.database.writing() as session:
        for name in fit.keys() & FACTS.keys():
            setattr(office(session), name, fit[name])
        told = publish_settings(session, fit, utc_now())
    click.echo(f"Ditulis ke catatan {told} gerai: {', '.join(sorted(fit))}.")


def _is_kuota(text: str) -> bool:
    try:
        Kuota.read(text)
    except ValueError:
        return False
    return True


def _rows(file: Path) -> list[dict[str, str]]:
    """Rows of a CSV file; a row with too many or too few cells is nonsense. Raises Refused("catalogue_nonsense")."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused("catalogue_nonsense", row=type(error).__name__) from None
    for place, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise Refused("catalogue_nonsense", row=place)
    return rows
