"""A stall and a headquarters in one folder: made once, copied, acted upon, healed, judged.

Knows the folder of `act.py` and the rule of docs/FAULTS.md; refuses to know how the deed was disturbed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from layanan.problems import Refused
from mpp.db.attachments import of_record
from mpp.db.backup import check
from mpp.db.ledger import ledger as hq_ledger
from mpp.office import open_office, utc_now
from offline_db import open_stall
from offline_db.attachments import SqliteAttachments
from offline_db.ledger import ledger as stall_ledger
from offline_db.operators import add_operator
from offline_db.outbox import SqliteOutbox
from offline_db.selfcheck import selfcheck
from pasar.demo_children import ask
from pasar.enrolment import enrol_here
from pasar.journey.attempts import read_attempts
from pasar.journey.checker import Verdict, judge
from pasar.syncing import sync_here
from tests.faults.act import ATTEMPTS, DEEDS, STALL, headquarters, hq_config

ROOT = Path(__file__).parents[2]
TRIES = 8


def morning(folder: Path) -> Path:
    """An enrolled stall with Budi and his pass-phrase, by the commands an office types; no request yet."""
    setting = {"MPP_DATA": str(folder / "mpp")}
    ask("mpp", ("init", "--json", "--yes-i-wrote-it", "--name", "MPP contoh"), setting)
    code = json.loads(ask("mpp", ("stall", "add", "Pasar Genteng", "--label", "GTG", "--json"), setting))["code"]
    (folder / "gerai").mkdir()
    with headquarters(folder) as address, open_stall(folder / STALL):
        enrol_here(address, code)
        (folder / STALL).with_suffix(".phrase").write_text(add_operator("Budi"), encoding="ascii")
    (folder / ATTEMPTS).touch()
    return folder


def act(
    folder: Path, deed: str, number: int = 0, weakness: str = "", under: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run one deed in a process of its own, as the last words of the command `under`."""
    weak = (weakness,) if weakness else ()
    words = [*under, sys.executable, "-m", "tests.faults.act", str(folder), deed, str(number), *weak]
    surroundings = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(words, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=120, check=False)


def aftermath(folder: Path, deed: str, number: int) -> list[str]:
    """What is wrong after a deed that broke off: look at what it left, do it again undisturbed, let all be judged."""
    wrong = half_files(folder)
    try:
        DEEDS[deed](folder, number)
    except Refused as refused:
        wrong += [f"again: {refused.code}"] if refused.code != "backup_exists" else []
    return wrong + list(judged(folder).differences)


def half_files(place: Path) -> list[str]:
    """A copy under its final name is whole; a stall's file that was begun is empty or whole."""
    if (place / "mpp.zip").exists():
        check(place / "mpp.zip")
    wrong = []
    for name in ("gerai.copy", "baru.sqlite"):
        if (place / name).exists():
            with suppress(Refused), open_stall(shutil.copy(place / name, place / "look.sqlite")):
                wrong += [f"{name}: {finding}" for finding in selfcheck()]
            (place / "look.sqlite").unlink()
    return wrong


def judged(folder: Path) -> Verdict:
    """Heal everything, sync until quiet, compare what was shown with both ledgers; the stall's file must be sound."""
    with open_stall(folder / STALL), headquarters(folder) as address:
        assert selfcheck() == []
        for _ in range(TRIES):
            problem = sync_here(address, folder / "gerai").problem
            counts = SqliteOutbox().counts()
            if problem is None and counts.stored == counts.confirmed:
                break
        assert SqliteAttachments().unsettled(0, 20, utc_now()) == [], "a scan stays behind"
        here = list(stall_ledger())
        assert selfcheck() == []
    office = open_office(hq_config(folder))
    with office.database.reading() as session:
        there = list(hq_ledger(session))
        assert {scan.state for row in there for scan in of_record(session, row["record_id"])} <= {"complete"}
    office.close()
    return judge(read_attempts(folder / ATTEMPTS), here, there)
