"""The `mpp` command: its commands, and how a problem becomes one sentence and an exit code.

May enter: click, words for the person at the terminal. May not enter: the work itself, which stays importable without a
terminal. What is heavy is imported inside the command that needs it, so that `--help` answers at once.
"""

import sys
from typing import Any

import click

from layanan.problems import Refused
from mpp.cli.keep import backup, ledger, restore
from mpp.cli.setup import init, run
from mpp.cli.stall import stall
from mpp.cli.user import user

USAGE_EXIT = 64
click.UsageError.exit_code = USAGE_EXIT

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


class OneSentence(click.Group):
    """A group whose commands refuse with the catalogue's sentence and hint instead of a trace."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exit 1 with the sentence when it is refused."""
        try:
            return super().invoke(ctx)
        except Refused as refused:
            hint = f"\n{refused.hint}" if refused.hint else ""
            raise click.ClickException(refused.sentence() + hint) from None


@click.group(cls=OneSentence, help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The text people read is HELP."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


for command in (init, run, stall, user, backup, restore, ledger):
    main.add_command(command)
