"""`mpp backup`, `restore` and `ledger`: what is kept, brought back and told. Refuses to know what is in it."""

import json
from contextlib import closing
from pathlib import Path

import click

from layanan.problems import Refused
from mpp.cli.options import configured
from mpp.config import Config
from mpp.db import backup as archive
from mpp.db import ledger as records
from mpp.db.database import open_database
from mpp.db.office import office
from mpp.db.schema import upgrade
from mpp.keys import has_keys, load_keys, load_wrapped, save_keys, unwrapped
from mpp.office import open_office, utc_now

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@configured()
@click.argument("file", type=FILE)
def backup(config: Config, file: Path) -> None:
    """Cadangkan basis data dan kunci ke FILE, lalu baca kembali untuk memastikan.

    Kunci di dalamnya terbungkus kalimat pemulihan. Gerai baru menghapus bagian pribadinya setelah cadangan ini ada.
    """
    with closing(open_office(config)) as opened:
        with opened.database.reading() as session:
            if office(session).phrase_confirmed_at is None:
                raise Refused("hq_not_confirmed")
        rows = archive.backup(opened.database, load_wrapped(config.data), file, utc_now())
    click.echo(
        f"Cadangan {file}: {rows['permohonan']} permohonan, {rows['stall_entry']} catatan gerai. Sudah dibaca ulang."
    )


@click.command()
@configured()
@click.argument("file", type=FILE)
def restore(config: Config, file: Path) -> None:
    """Pulihkan FILE ke mesin kosong. Kalimat pemulihan ditanyakan (atau dibaca dari masukan).

    Kunci yang lebih baru di folder data tetap dipakai. Bila kunci sudah diganti sesudah cadangan ini dibuat dan tidak
    ada lagi di mana pun, gerai menolak jawaban MPP dan mengatakannya: daftarkan gerai itu lagi.
    """
    archive.check(file)
    keys = unwrapped(archive.wrapped_keys_of(file), click.prompt("Kalimat pemulihan (dua belas kata)"))
    config.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    present = load_keys(config.data) if has_keys(config.data) else keys
    if present.hq != keys.hq:
        raise Refused("hq_not_empty")
    with closing(open_database(config.database_url, config.data)) as database:
        upgrade(database)
        if not present.follows(keys):
            save_keys(config.data, keys, archive.wrapped_keys_of(file))
        rows = archive.restore(database, file)
    click.echo(f"Pulih: {rows['permohonan']} permohonan. Gerai mengirim lagi yang belum ada di cadangan.")


@click.command()
@configured()
@click.option("--json", "as_json", is_flag=True, help="satu objek JSON per baris")
def ledger(config: Config, as_json: bool) -> None:
    """Tulis setiap permohonan, satu baris satu permohonan; tanpa data pribadi."""
    with closing(open_office(config)) as opened, opened.database.reading() as session:
        for row in records.ledger(session):
            shown = (row[name] for name in ("tracking_code", "series", "service", "status"))
            click.echo(json.dumps(row) if as_json else "  ".join(map(str, shown)))
