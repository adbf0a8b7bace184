"""One process of a stall that attaches scans and sends them, or of its headquarters; tests kill it.

scan_act.py FOLDER attach NUMBER | send PORT | serve: FOLDER is as `morning` in `tests/faults/market.py` made it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import select

import sync.attachments
import sync.pace
from mpp.db.attachments import opened_for
from mpp.db.models import Attachment
from mpp.office import open_office, utc_now
from offline_db import db, open_stall
from offline_db.attachments import add, of_record
from offline_db.models import AttachmentRow
from offline_db.permohonan import accept
from pasar.syncing import sync_here
from tests.faults.act import STALL, headquarters, hq_config
from tests.offline_db.desk import new_form, opened
from tests.sync.cast_attachments import picture

SIZES = (150_000, 40_000, 300_000)
MOST = 48 * 1024


def attach(folder: Path, number: int) -> None:
    """A request with so many scans; each is told of once it is stored."""
    with opened(folder / STALL) as counter:
        record = accept(new_form(), counter.desk()).record_id
        for place in range(number):
            add(record, picture(SIZES[place % 3], place), counter.desk(), paper=place)
            print(record, place, flush=True)


def send(folder: Path, port: int) -> None:
    """One sync through whatever answers on that port; a link that says nothing is given up soon, chunks stay small."""
    sync.pace.LEAST_PATIENCE = sync.pace.MOST_PATIENCE = 5.0
    sync.attachments.MOST_CHUNK = MOST
    with open_stall(folder / STALL):
        print(sync_here(f"http://127.0.0.1:{port}", folder / "gerai").problem or "quiet", flush=True)


def serve(folder: Path, _: int) -> None:
    """Headquarters until somebody kills it; tells its port."""
    with headquarters(folder) as address:
        print(address.rpartition(":")[2], flush=True)
        time.sleep(300)


def standing(folder: Path) -> list[tuple[str, str, int]]:
    """What the stall knows of each of its scans: hash, state, how much of it is there."""
    with open_stall(folder / STALL):
        records = db.session.scalars(select(AttachmentRow.record_id).distinct()).all()
        return [(scan.sha256, scan.state, scan.percent) for record in records for scan in of_record(record)]


def arrived(folder: Path) -> Iterator[tuple[int, bytes]]:
    """Every scan that headquarters can open: its place among those of the request, and the picture."""
    with closing(open_office(hq_config(folder))) as office, office.database.writing() as session:
        records = session.scalars(select(Attachment.record_id).distinct()).all()
        numbers = {record: 1 + list(session.scalars(select(Attachment.record_id))).count(record) for record in records}
        for record, most in numbers.items():
            for number in range(1, most):
                yield number - 1, opened_for(session, office.keys, record, number, "ratna", "periksa", utc_now())[0]


DEEDS = {"attach": attach, "send": send, "serve": serve}

if __name__ == "__main__":
    DEEDS[sys.argv[2]](Path(sys.argv[1]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
