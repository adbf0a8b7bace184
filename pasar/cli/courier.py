"""`pasar export` and `pasar import`: sync by stick where no network ever comes. Refuses to know what is in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from layanan.problems import Refused
from pasar.cli import options
from web_base.terminal import counting

if TYPE_CHECKING:
    from pasar.courier import Tried

FOLDER = click.Path(file_okay=False, path_type=Path)
DONE, LATER, PERSON = 0, 2, 3


@click.command("export")
@click.argument("folder", metavar="DIR", type=FOLDER)
@options.data
def export(folder: Path, data: str | None) -> None:
    """Tulis semua yang belum dikonfirmasi MPP ke satu berkas di DIR (stik USB), untuk dibawa kurir.

    Berkasnya bertanda tangan dan bernomor; bagian pribadi tetap tersegel dan hanya MPP yang dapat membukanya. Nama
    berkas menyebut gerai, arah dan nomor saja. Stik baru boleh dicabut setelah tertulis "Aman dicabut": saat itu
    berkas sudah dibaca ulang dari stik. Boleh diulang; yang sudah terkirim lewat jaringan tidak dobel di MPP.

    \b
    Contoh:  pasar export /media/usb
    Kode keluar: 0 tertulis dan boleh dicabut, 1 gagal dan tidak ada berkas baru.
    """
    from pasar.courier import export_here

    with options.opened(data) as config:
        made = export_here(config.data, folder, counting("catatan"))
    click.echo(f"Tertulis dan dibaca ulang: {made.name}, {len(made.entries)} catatan.")
    if made.has_more:
        click.echo("Masih ada catatan lain. Sesudah jawaban MPP diambil, ekspor lagi.")
    click.echo("Aman dicabut. Di MPP:  mpp import DIR")


@click.command("import")
@click.argument("folder", metavar="DIR", type=FOLDER)
@options.data
def import_(folder: Path, data: str | None) -> None:
    """Ambil jawaban dan kabar MPP untuk gerai ini dari berkas di DIR (stik USB).

    Urutan dan pengulangan tidak apa-apa: yang sudah diterima tidak dobel. Berkas yang rusak, terpotong atau milik
    gerai lain ditolak seluruhnya dengan alasannya, dan tidak menghalangi berkas lain.

    \b
    Contoh:  pasar import /media/usb
    Kode keluar: 0 semua diterima
                 1 tidak ada yang dapat dikerjakan; alasannya satu kalimat
                 2 diterima, tetapi masih ada kabar MPP yang belum sampai
                 3 perlu orang: ada berkas yang ditolak, atau MPP menolak gerai ini
    """
    from pasar.courier import import_here, others

    with options.opened(data) as config:
        tried = import_here(config.data, folder, counting("catatan dan kabar"))
        foreign = others(folder)
    for one in tried:
        click.echo(f"{one.name}: {_said(one)}")
    if foreign:
        click.echo(f"{foreign} berkas untuk gerai lain dibiarkan.")
    click.echo("Stik boleh dicabut.")
    raise click.exceptions.Exit(_ended(tried))


def _said(one: Tried) -> str:
    if one.refused:
        return f"DITOLAK. {_reason(one.refused)}"
    taken = one.taken
    if taken is None:
        return ""
    parts = [f"{taken.confirmed} catatan dikonfirmasi MPP, {taken.pulled} kabar datang."]
    if taken.problem:
        parts.append(_reason(Refused(taken.problem)))
    if taken.missing:
        first, last = taken.missing
        parts.append(
            f"Kabar MPP nomor {first} sampai {last} belum sampai di sini: bawa berkas MPP yang lain, atau ekspor lagi."
        )
    return " ".join(parts)


def _reason(refused: Refused) -> str:
    return f"{refused.sentence()} {refused.hint}".strip()


def _ended(tried: list[Tried]) -> int:
    """What is still missing is judged by the last file alone: an earlier gap may be filled by then."""
    refused = [one.refused for one in tried if one.refused and one.refused.code != "courier_old_key"]
    if refused or any(one.taken and one.taken.problem not in (None, "sync_gap", "courier_again") for one in tried):
        return PERSON
    taken = [one.taken for one in tried if one.taken]
    return DONE if taken and not (taken[-1].missing or taken[-1].problem) else LATER
