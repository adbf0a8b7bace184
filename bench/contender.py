"""The product as a contender of the sync bench: setup, load, serve, sync, dump, each a process of its own.

Takes the generator's records through the product's own log (sealed, chained, durable), so that every byte and second
a stall would spend is spent. `python -m bench.contender WORD FOLDER ...`; bench/README.md says how it is run.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bench.generated import Row, fields_of, moment_of, part_of, patch_of, row_of
from layanan.permohonan import Kind
from layanan.person_bytes import packed, unpacked
from mpp.config import Config, read_config
from mpp.db.models import SealedPart, StallEntry
from mpp.db.stall import add_stall, enrol
from mpp.keys import load_keys
from mpp.office import open_office, utc_now
from offline_db.base import checkpoint, db, writing
from offline_db.identity import Identity, device_key, identity, take_grant
from offline_db.models import EntryRow, PermohonanRow, ShiftKeyRow, run, table
from offline_db.opening import open_stall
from offline_db.own_log import Deed, Desk, append, head
from offline_db.permohonan_row import columns, first_columns
from pasar.demo_house import prepare_hq
from pasar.syncing import sync_here
from sync.enrol import read_answer, request
from sync.entry import Entry, Moment
from sync.seal import OpenKey, ShiftKey, open_capsule

AT_ONCE = 500
OPERATORS = ("budi", "ani", "dewi")


def stall_file(folder: Path) -> Path:
    return folder / "gerai" / "gerai.sqlite"


def office_of(folder: Path) -> Config:
    return read_config({"MPP_DATA": str(folder / "mpp")})


def setup(folder: Path) -> None:
    """A headquarters and a stall enrolled to it, by the product's own steps."""
    (folder / "gerai").mkdir(parents=True)
    prepare_hq({"MPP_DATA": str(folder / "mpp")})
    here = open_office(office_of(folder))
    with open_stall(stall_file(folder)):
        with here.database.writing() as session:
            _, code = add_stall(session, "Pasar Genteng", utc_now(), label="GTG")
        asked = request(code, device_key().public, os.urandom(16))
        with here.database.writing() as session:
            answer = enrol(session, here.keys, "http://127.0.0.1:1", asked, utc_now())
        take_grant(read_answer(code, asked, answer))
        checkpoint()
    here.close()


def load(folder: Path, path: Path) -> None:
    """The file's records on the stall: new ones accepted, known ones amended."""
    with path.open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    with open_stall(stall_file(folder)):
        me = identity()
        shift = ShiftKey.new(me.grant.hq, me.hq_seal, me.grant.device)
        known = set(db.session.scalars(select(PermohonanRow.record_id)))
        with writing() as session:
            run(session, insert(table(ShiftKeyRow)), {
                "key": shift.id, "device": shift.device, "capsule": shift.capsule, "day": "2026-01-01",
            })  # fmt: skip
        for start in range(0, len(records), AT_ONCE):
            with writing() as session:
                for record in records[start : start + AT_ONCE]:
                    _keep(session, me, shift, record, record["id"] in known)
        checkpoint()


def _keep(session: Session, me: Identity, shift: ShiftKey, record: Mapping[str, Any], known: bool) -> None:
    log = session.connection()
    at = head(log)
    started = moment_of(record)
    moment = Moment(started, "Asia/Jakarta", "0b5c4ee2-boot", int(started.timestamp() * 1000) % 86_400_000_000, True)
    operator = OPERATORS[hashlib.sha256(record["id"].encode()).digest()[20] % len(OPERATORS)]
    desk = Desk(operator, shift, moment, {})
    if known:
        append(log, at, Deed(Kind.AMENDED, record["id"], patch_of(record)), desk)
        return
    fields = fields_of(record, me.grant.label, me.grant.stall, at.number + 1)
    deed = Deed(Kind.ACCEPTED, record["id"], fields, packed(part_of(record)))
    entry = append(log, at, deed, desk, number=at.number + 1)
    local = {"delivered": False, "receipt_sig": "", "form_mac": None, "form_key": None}
    log.execute(insert(table(PermohonanRow)), {**first_columns(entry), **columns([entry.event(hq=False)]), **local})


def serve(folder: Path, port: str) -> None:
    """Headquarters by its own command, of this checkout wherever the bench was started."""
    os.chdir(Path(__file__).resolve().parents[1])
    setting = {**os.environ, "MPP_DATA": str(folder / "mpp"), "MPP_HOST": "127.0.0.1", "MPP_PORT": port}
    os.execve(sys.executable, [sys.executable, "-m", "mpp", "run"], setting)


def sync(folder: Path, address: str) -> int:
    """One sync to the end; the clock runs from before the first look at the outbox."""
    with open_stall(stall_file(folder)):
        began = time.perf_counter()
        outcome = sync_here(address.rstrip("/"), folder / "gerai")
        took = time.perf_counter() - began
    print(json.dumps({"s": took, "confirmed": outcome.confirmed, "problem": outcome.problem}))
    return 1 if outcome.problem else 0


def dump(folder: Path, side: str) -> None:
    """The digest of what a side holds, persons opened with headquarters' key."""
    sys.path.insert(0, os.environ["PASAR_BENCH_GENERATOR"])
    import gen

    print(gen.fingerprint(_rows_of(folder, side)))


def _rows_of(folder: Path, side: str) -> Iterable[Row]:
    with open_stall(stall_file(folder)):
        capsules = list(db.session.execute(select(ShiftKeyRow.key, ShiftKeyRow.device, ShiftKeyRow.capsule)))
        stored = list(db.session.execute(select(EntryRow.raw, EntryRow.sealed).order_by(EntryRow.seq)))
    if side == "server":
        here = open_office(office_of(folder))
        with here.database.reading() as session:
            stored = list(session.execute(
                select(StallEntry.raw, SealedPart.body).outerjoin(SealedPart, SealedPart.entry_hash == StallEntry.hash)
                .where(StallEntry.result == "accepted").order_by(StallEntry.seq)
            ))  # fmt: skip
        here.close()
    ring = load_keys(folder / "mpp")
    keys = {key: open_capsule(raw, ring.sealing[0], ring.hq, device, key) for key, device, raw in capsules}
    return _rows([(Entry.decode(raw), sealed) for raw, sealed in stored], keys)


def _rows(stored: list[tuple[Entry, bytes | None]], keys: Mapping[str, OpenKey]) -> Iterable[Row]:
    later: dict[str | None, list[Any]] = {}
    for entry, _ in stored:
        if entry.kind == Kind.AMENDED:
            later.setdefault(entry.record, []).append(entry.fields["patch"]["event"])
    for entry, sealed in stored:
        if entry.kind == Kind.ACCEPTED and entry.sealed and sealed and entry.record:
            plain = keys[entry.sealed.key].open(sealed, record=entry.record, entry=entry.id, part="personal")
            yield row_of(unpacked(plain), entry.fields, entry.record, entry.at, later.get(entry.record, []))


def main() -> int:
    word, folder, *more = sys.argv[1:]
    if word == "sync":
        return sync(Path(folder), more[0])
    if word == "setup":
        setup(Path(folder))
    elif word == "load":
        load(Path(folder), Path(more[0]))
    elif word == "serve":
        serve(Path(folder), more[0])
    else:
        dump(Path(folder), more[0])
    return 0


if __name__ == "__main__":
    sys.exit(main())
