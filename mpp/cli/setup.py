"""`mpp init` and `mpp run`: the first start of a headquarters, and every start after it.

Knows the talk at the terminal; refuses to know how keys and tables are made.
"""

import json
import secrets
from contextlib import closing
from datetime import datetime
from typing import Any

import click

from layanan.problems import Refused
from mpp.cli.options import configured
from mpp.config import Config
from mpp.db.database import Database, open_database
from mpp.db.models import Headquarters
from mpp.db.office import FACTS, confirm_phrase, found_office, office
from mpp.db.schema import upgrade
from mpp.keys import KeyRing, has_keys, load_keys, save_keys, wrapped
from mpp.office import open_office, utc_now
from sync.words import normal, words

WORDS_OF_RECOVERY = 12
ASKED_BACK = 3


def _facts(command: Any) -> Any:
    texts = {
        "name": "nama MPP di halaman dan tanda terima",
        "zone": "zona waktu: Asia/Jakarta, Asia/Makassar atau Asia/Jayapura",
        "complaint": "baris pengaduan di tanda terima",
        "official_domain": "alamat resmi yang dicetak agar orang mengenali halaman palsu",
        "phone": "telepon untuk orang tanpa HP atau kuota",
        "privacy_contact": "pejabat pelindungan data pribadi (UU 27/2022)",
    }
    for name, text in reversed(texts.items()):
        command = click.option("--" + name.replace("_", "-"), name, default=None, metavar="TEKS", help=text)(command)
    return command


@click.command()
@configured()
@_facts
@click.option("--week", type=click.Choice(["5", "6"]), default=None, help="hari kerja seminggu")
@click.option("--yes-i-wrote-it", is_flag=True, help="kalimat pemulihan sudah ditulis (untuk skrip)")
@click.option("--json", "as_json", is_flag=True, help="satu baris JSON; perlu --yes-i-wrote-it bila belum dipastikan")
def init(config: Config, week: str | None, yes_i_wrote_it: bool, as_json: bool, **facts: str | None) -> None:
    """Siapkan MPP: kunci, basis data, dan kalimat pemulihan.

    Kalimat pemulihan hanya ditampilkan sekali. Tanpa kalimat itu cadangan tidak dapat dibuka lagi, jadi tidak ada gerai
    yang dapat didaftarkan sebelum kalimat itu dipastikan. Menjalankan lagi aman: yang sudah ada tidak diganti.
    """
    config.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with closing(open_database(config.database_url, config.data)) as database:
        upgrade(database)
        keys, confirmed = _prepared(config, database, {**facts, "week": week and int(week)}, utc_now())
        if confirmed:
            click.echo(json.dumps({"hq": keys.hq, "phrase": None}) if as_json else f"MPP {keys.hq} sudah siap.")
            return
        phrase = _new_phrase(config, keys)
        click.echo(json.dumps({"hq": keys.hq, "phrase": phrase}) if as_json else _shown(phrase))
        if not yes_i_wrote_it:
            _ask_back(phrase)
        with database.writing() as session:
            confirm_phrase(session, utc_now())
    if not as_json:
        click.echo("MPP siap. Berikutnya: mpp user add, mpp stall add, mpp run.")


def _prepared(config: Config, database: Database, facts: dict[str, Any], now: datetime) -> tuple[KeyRing, bool]:
    """The keys are on disk before the database names their owner: a cut between the two is mended by the next start."""
    if has_keys(config.data):
        keys = load_keys(config.data)
    else:
        keys = KeyRing.new()
        _new_phrase(config, keys)
    with database.writing() as session:
        row = found_office(session, keys.hq, now)
        _set_facts(row, facts)
        return keys, row.phrase_confirmed_at is not None


def _set_facts(row: Headquarters, facts: dict[str, Any]) -> None:
    for name in (*FACTS, "week"):
        if facts.get(name) is not None:
            setattr(row, name, facts[name])


def _new_phrase(config: Config, keys: KeyRing) -> str:
    phrase = " ".join(secrets.choice(words()) for _ in range(WORDS_OF_RECOVERY))
    save_keys(config.data, keys, wrapped(keys, phrase))
    return phrase


def _shown(phrase: str) -> str:
    numbered = [f"{number:>4}. {word}" for number, word in enumerate(phrase.split(), 1)]
    return "\n".join(
        [
            "",
            "KALIMAT PEMULIHAN. Tulis di kertas, simpan di lemari besi, jangan difoto. Hanya tampil sekali ini.",
            "",
            *numbered,
            "",
        ]
    )


def _ask_back(phrase: str) -> None:
    """The paper is proven by words that are read from it. Raises Refused("phrase_wrong")."""
    listed = phrase.split()
    for number in sorted(secrets.SystemRandom().sample(range(WORDS_OF_RECOVERY), ASKED_BACK)):
        if normal(click.prompt(f"Kata ke-{number + 1}")) != listed[number]:
            raise Refused("phrase_wrong")


@click.command()
@configured("host", "port", "public_url", "idle_minutes", "proxies")
def run(config: Config) -> None:
    """Jalankan server MPP sampai dihentikan (Ctrl-C).

    Satu proses dengan cheroot. Untuk banyak pekerja: gunicorn mpp.wsgi:app dengan PostgreSQL dan pengaturan yang sama.
    """
    from mpp.app import create_app
    from web_base.serve import Listener, listen, serve_until_stopped

    with closing(open_office(config)) as opened:
        with opened.database.reading() as session:
            name = office(session).name
        serving = listen(create_app(opened), [Listener(config.host, config.port)])
        click.echo(f"{name}: http://{config.host}:{serving.ports[0]}", nl=True)
        serve_until_stopped(serving)
