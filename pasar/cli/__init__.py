"""The `pasar` command: its commands, and the words that lead a newcomer to the first one.

May enter: click, words for the person at the terminal. May not enter: the work itself, which stays importable without a
terminal. What is heavy is imported inside the command that needs it, so that `--help` answers at once.
"""

from __future__ import annotations

import click

from pasar.cli.care import heal, prune
from pasar.cli.courier import export, import_
from pasar.cli.demo import demo
from pasar.cli.keep import backup, doctor, ledger, restore
from pasar.cli.lookup import nik, services, sla
from pasar.cli.printer import printer
from pasar.cli.stall import enroll, init, run, status, sync
from pasar.cli.user import user
from web_base.terminal import OneSentence

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


@click.group(cls=OneSentence, help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The text people read is HELP."""


COMMANDS = (
    demo, init, enroll, run, sync, export, import_, status, backup,
    doctor, heal, prune, restore, ledger, services, nik, sla, user, printer,
)  # fmt: skip
for command in COMMANDS:
    main.add_command(command)
