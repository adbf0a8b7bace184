"""One process with a stall and its headquarters, that does one deed and notes what it was shown; tests kill it.

act.py FOLDER DEED NUMBER [WEAKNESS]: the deeds and the weaknesses are the tables at the end. FOLDER is as `morning`
in `tests/faults/market.py` made it. Nothing but real parts: the two files, the server, the socket between them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import requests
from sqlalchemy import select

import mpp.courier
import pasar.courier
import pasar.syncing
import store.sqlite
import sync.exchange
from layanan.problems import Refused
from mpp.app import create_app
from mpp.config import Config
from mpp.db import backup as archive
from mpp.keys import load_wrapped
from mpp.office import open_office, utc_now
from offline_db import backup, checkpoint, db, open_stall, writing
from offline_db.attachments import add
from offline_db.models import PermohonanRow
from offline_db.permohonan import accept
from offline_db.prune import note_durable, prune
from pasar.journey.attempts import Act, Attempt, AttemptLog, Phase
from pasar.syncing import sync_here
from tests.offline_db.desk import new_form, opened
from tests.offline_db.office import acknowledge_all
from tests.sync.cast_attachments import picture
from web_base.serve import Listener, listen

ATTEMPTS, STALL, HQ = "attempts.jsonl", Path("gerai") / "pasar.sqlite", Path("mpp")


def hq_config(folder: Path) -> Config:
    return Config(folder / HQ, "127.0.0.1", 0, "", "http://mpp.test", 30, 0)


@contextmanager
def headquarters(folder: Path) -> Iterator[str]:
    """Headquarters answering on a socket of this process; yields its address."""
    with closing(open_office(hq_config(folder))) as office:
        serving = listen(create_app(office), [Listener("127.0.0.1", 0)])
        try:
            yield f"http://127.0.0.1:{serving.ports[0]}"
        finally:
            serving.stop()


def save(folder: Path, number: int, fold_every: int = 2) -> None:
    """Take requests; the receipt is noted when it would be shown, a refusal when it is said."""
    log = AttemptLog(folder / ATTEMPTS)
    with opened(folder / STALL) as counter:
        for place in range(number):
            form = new_form()
            log.note(Attempt(Act.ACCEPT, Phase.INVOKE, form.record_id))
            try:
                said = accept(form, counter.desk())
            except Refused as refused:
                log.note(Attempt(Act.ACCEPT, Phase.INFO, form.record_id))
                print(refused.code, flush=True)
                continue
            log.note(Attempt(Act.ACCEPT, Phase.OK, form.record_id, said.code, said.series))
            if place % fold_every == fold_every - 1:
                checkpoint()
    log.close()


def fold(folder: Path, number: int) -> None:
    """A save that ends with the log folded back, again and again."""
    save(folder, number, fold_every=1)


def sync_all(folder: Path, _: int) -> None:
    """One sync, then both logs folded back, as an idle evening does."""
    with headquarters(folder) as address, open_stall(folder / STALL):
        print(sync_here(address, folder / "gerai").problem or "quiet", flush=True)
        checkpoint()


def scans(folder: Path, _: int) -> None:
    """A request with two scans, and a sync that takes them to headquarters."""
    save(folder, 1)
    with opened(folder / STALL) as counter, headquarters(folder) as address:
        newest = select(PermohonanRow.record_id).order_by(PermohonanRow.id.desc()).limit(1)
        record = str(db.session.scalar(newest))
        for place in range(2):
            add(record, picture(70_000, place), counter.desk())
        print(sync_here(address, folder / "gerai").problem or "quiet", flush=True)


def sync_through(folder: Path, port: int) -> None:
    """One sync through whatever answers on that port."""
    with open_stall(folder / STALL):
        print(sync_here(f"http://127.0.0.1:{port}", folder / "gerai").problem or "quiet", flush=True)


def courier(folder: Path, _: int) -> None:
    """A stick to headquarters and back: every file written and taken in."""
    stick = folder / "stik"
    stick.mkdir(exist_ok=True)
    with open_stall(folder / STALL), closing(open_office(hq_config(folder))) as office:
        pasar.courier.export_here(folder / "gerai", stick)
        mpp.courier.import_here(office, stick)
        mpp.courier.export_here(office, "Pasar Genteng", stick)
        pasar.courier.import_here(folder / "gerai", stick)
    print("carried", flush=True)


def copy_stall(folder: Path, _: int) -> None:
    with open_stall(folder / STALL):
        backup(folder / "gerai.copy")
    print("copied", flush=True)


def copy_hq(folder: Path, _: int) -> None:
    with closing(open_office(hq_config(folder))) as office:
        archive.backup(office.database, load_wrapped(folder / HQ), folder / "mpp.zip", utc_now())
    print("copied", flush=True)


def begin(folder: Path, _: int) -> None:
    """A file that does not exist yet gets its tables: every migration, from nothing."""
    with open_stall(folder / "baru.sqlite"):
        print("begun", flush=True)


def migrate(folder: Path, _: int) -> None:
    """A file of the first version, with requests in it, is opened."""
    with open_stall(folder / STALL):
        print("migrated", flush=True)


def prune_all(folder: Path, _: int) -> None:
    """A sync, a day of headquarters' time, and the personal parts leave the stall's file."""
    with headquarters(folder) as address, open_stall(folder / STALL):
        sync_here(address, folder / "gerai")
        with writing() as session:
            session.connection().exec_driver_sql("UPDATE log SET durable_seq = answered_seq")
        for hours in (1, 26):
            note_durable(utc_now() + timedelta(hours=hours))
        print("pruned", prune(), flush=True)


def never_synced() -> None:
    """SQLite waits for no disk."""
    store.sqlite._PRAGMAS["synchronous"] = 0


def bare_200() -> None:
    """The stall believes any `200 OK`."""

    def trusting(outbox, book, link, keys, **more):  # type: ignore[no-untyped-def]
        if requests.post(f"{link.link.url}/sync", data=b"x", timeout=5).status_code == 200:
            acknowledge_all()
        return sync.exchange.Outcome()

    pasar.syncing.sync_until_quiet = trusting


DEEDS = {
    "save": save,
    "fold": fold,
    "sync": sync_all,
    "scans": scans,
    "sync-through": sync_through,
    "copy-stall": copy_stall,
    "copy-hq": copy_hq,
    "begin": begin,
    "migrate": migrate,
    "courier": courier,
    "prune": prune_all,
}
WEAK = {"never-synced": never_synced, "bare-200": bare_200}

def main(folder: Path, deed: str, number: int, *weaknesses: str) -> int:
    for weakness in weaknesses:
        WEAK[weakness]()
    try:
        DEEDS[deed](folder, number)
    except Refused as refused:
        print(refused.code, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), *sys.argv[4:]))
