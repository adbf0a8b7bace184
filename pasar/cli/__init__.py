"""The `pasar` command: its commands, and how a problem becomes one sentence and an exit code.

May enter: click, words for the person at the terminal. May not enter: the work itself, which stays importable without a
terminal. What is heavy is imported inside the command that needs it, so that `--help` answers at once.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from layanan.problems import Refused
from pasar.cli.demo import demo
from pasar.cli.keep import backup, doctor, ledger, restore
from pasar.cli.lookup import nik, services, sla
from pasar.cli.stall import enroll, init, run, status, sync
from pasar.cli.user import user

USAGE_EXIT = 64
click.UsageError.exit_code = USAGE_EXIT

HELP = """Gerai layanan publik di pasar: terima permohonan tanpa sinyal, beri tanda terima, kirim saat sinyal ada.

\b
Mencoba di satu mesin:
  pasar demo
Gerai sungguhan:
  pasar init
  pasar enroll ABCD-EFGH-JKMN-PQRS --hq-url https://mpp.contoh.go.id
  pasar user add Budi
  pasar run

\b
Kode keluar: 0 beres, 1 ditolak (alasannya satu kalimat), 64 perintah salah tulis.
Perintah yang punya kode lain menyebutkannya di --help masing-masing.
Pengaturan lewat PASAR_DATA, PASAR_HQ_URL, PASAR_HTTP_PORT dan lainnya: lihat tabel di README.
"""


class OneSentence(click.Group):
    """A group whose commands refuse with the catalogue's sentence and hint instead of a trace."""

    def invoke(self, ctx: click.Context) -> Any:
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


for command in (demo, init, enroll, run, sync, status, backup, doctor, restore, ledger, services, nik, sla, user):
    main.add_command(command)
