"""`mpp root`: the root that phones may trust instead of each stall's own. Refuses to know how stalls come by it."""

from contextlib import closing
from pathlib import Path

import click
from cryptography.hazmat.primitives.serialization import Encoding

from mpp.cli.options import configured
from mpp.config import Config
from mpp.db.authority import own_root
from mpp.office import open_office
from store.failure import refusal_of_os_error
from store.private_file import write_private
from web_base.authority import common_name, fingerprint, groups


@click.command("root")
@configured()
@click.option("--to", "file", type=click.Path(dir_okay=False, path_type=Path), help="tulis sertifikatnya ke FILE (DER)")
def root(config: Config, file: Path | None) -> None:
    """Sertifikat induk MPP: dipasang sekali di HP kantor, berlaku untuk semua gerai MPP ini.

    Gerai meminta jaminan sendiri lewat kiriman. Sertifikat ini hanya berlaku untuk nama dan alamat gerai.

    \b
    Contoh:  mpp root --to mpp-pasar.crt
    """
    with closing(open_office(config)) as office, office.database.reading() as session:
        certificate = own_root(session, office.keys).certificate
    if file:
        try:
            write_private(file, certificate.public_bytes(Encoding.DER))
        except OSError as error:
            raise refusal_of_os_error(error) from None
    click.echo(f"Nama   {common_name(certificate)}")
    for place, line in enumerate(groups(fingerprint(certificate))):
        click.echo(f"{'' if place else 'Sidik':<7}{line}")
    click.echo(f"Berlaku sampai {certificate.not_valid_after_utc:%Y-%m-%d}")
