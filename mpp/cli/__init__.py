"""The `mpp` command: its commands, and the words that lead a newcomer to the first one.

May enter: click, words for the person at the terminal. May not enter: the work itself, which stays importable without a
terminal. What is heavy is imported inside the command that needs it, so that `--help` answers at once.
"""

import click

from mpp.cli.authority import root
from mpp.cli.courier import export, import_
from mpp.cli.keep import backup, ledger, restore
from mpp.cli.keys import keys
from mpp.cli.publish import catalogue, holidays, settings
from mpp.cli.setup import init, run
from mpp.cli.stall import stall
from mpp.cli.user import user
from web_base.terminal import OneSentence

HELP = """Mal Pelayanan Publik: menerima permohonan dari gerai pasar, memprosesnya, dan mengirim statusnya kembali.

\b
Memulai:
  mpp init
  mpp user add ratna --name Ratna
  mpp user add agus --name Agus --agency DUKCAPIL
  mpp stall add "Pasar Genteng" --place "Genteng Wetan"
  mpp run

\b
Kode keluar: 0 beres, 1 ditolak (alasannya satu kalimat), 64 perintah salah tulis.
Pengaturan lewat pilihan atau MPP_DATA, MPP_PORT, MPP_DATABASE_URL dan lainnya: lihat tabel di README.
Tanpa MPP_DATABASE_URL data disimpan di satu berkas SQLite: cukup untuk mencoba dan untuk kabupaten kecil.
"""


@click.group(cls=OneSentence, help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The text people read is HELP."""


for command in (
    init, run, stall, user, import_, export, catalogue, holidays, settings, keys, root, backup, restore, ledger,
):  # fmt: skip
    main.add_command(command)
