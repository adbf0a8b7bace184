"""`mpp import` and `mpp export`: sync by stick with stalls no network reaches. Refuses to know what is in a file."""

from contextlib import closing
from pathlib import Path

import click

from layanan.problems import Refused
from mpp.cli.options import configured
from mpp.config import Config
from mpp.courier import Tried, export_here, gaps, import_here
from mpp.office import Office, open_office
from sync.courier_desk import Gap
from web_base.terminal import counting

FOLDER = click.Path(file_okay=False, path_type=Path)
DONE, LATER, PERSON = 0, 2, 3


@click.command("import")
@configured()
@click.argument("folder", metavar="DIR", type=FOLDER)
def import_(config: Config, folder: Path) -> None:
    """Terima semua berkas gerai di DIR (stik USB), lewat pintu yang sama dengan jaringan.

    Urutan dan pengulangan tidak apa-apa: yang sudah ada tidak dobel. Berkas yang rusak, terpotong atau milik MPP lain
    ditolak seluruhnya dengan alasannya, dan tidak menghalangi berkas lain. Bila terputus di tengah, ulangi saja.

    \b
    Contoh:  mpp import /media/usb
    Kode keluar: 0 semua diterima
                 1 tidak ada yang dapat dikerjakan; alasannya satu kalimat
                 2 diterima, tetapi masih ada catatan gerai yang belum sampai
                 3 perlu orang: ada berkas yang ditolak, atau gerainya sudah dicabut
    """
    with closing(open_office(config)) as office:
        tried = import_here(office, folder, counting("catatan"))
        for one in tried:
            click.echo(f"{one.name}: {_said(one)}")
        stalls = dict.fromkeys(one.received.stall for one in tried if one.received)
        incomplete = [_tell_gaps(office, stall) for stall in stalls]
    click.echo("Stik boleh dicabut. Jawaban untuk gerai:  mpp export GERAI DIR")
    if any(one.refused or (one.received and one.received.problem) for one in tried):
        raise click.exceptions.Exit(PERSON)
    raise click.exceptions.Exit(LATER if any(incomplete) else DONE)


@click.command("export")
@configured()
@click.argument("stall", metavar="STALL")
@click.argument("folder", metavar="DIR", type=FOLDER)
def export(config: Config, stall: str, folder: Path) -> None:
    """Tulis jawaban dan kabar untuk gerai STALL ke satu berkas di DIR (stik USB).

    Isinya: jawaban atas berkas gerai yang terakhir diterima, dan semua status sejak gerai terakhir menulis. Stik baru
    boleh dicabut setelah tertulis "Aman dicabut": saat itu berkas sudah dibaca ulang dari stik.

    \b
    Contoh:  mpp export "Pasar Genteng" /media/usb
    Kode keluar: 0 tertulis dan boleh dicabut, 1 gagal dan tidak ada berkas baru.
    """
    with closing(open_office(config)) as office:
        name = export_here(office, stall, folder, counting("kabar"))
    click.echo(f"Tertulis dan dibaca ulang: {name}\nAman dicabut. Di gerai:  pasar import DIR")


def _said(one: Tried) -> str:
    if one.refused:
        return f"DITOLAK. {_reason(one.refused)}"
    received = one.received
    if received is None:
        return ""
    parts = [f"{received.entries} catatan dari gerai {received.stall}."]
    if received.refused:
        parts.append(f"{received.refused} disimpan tanpa berlaku; lihat halaman Gerai.")
    if received.problem:
        parts.append(_reason(Refused(received.problem)))
    return " ".join(parts)


def _reason(refused: Refused) -> str:
    return f"{refused.sentence()} {refused.hint}".strip()


def _tell_gaps(office: Office, stall: str) -> list[Gap]:
    found = gaps(office, stall)
    for gap in found:
        files = f" Berkas nomor {', '.join(map(str, gap.numbers))} belum datang." if gap.numbers else ""
        click.echo(f"Gerai {stall}: catatan nomor {gap.first} sampai {gap.last} belum sampai.{files}")
    return found
