"""Every page of the stall, judged by Lighthouse as a middling phone on slow 4G; run as `make lighthouse`.

Knows the pages, the aims and what must be at hand; refuses to know how a page is built. Words given as arguments choose
the pages whose name holds one of them. What else runs only slows a page down: up to three tries, the best counts.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pasar.journey.attempts import AttemptLog
from pasar.journey.counter import Counter, Operator, record_of
from tests.browser.stage import Stage, staged
from tests.conftest import find_chromium
from tests.pasar.cast import PIN, SITI

VERSION = "13.5.0"
FOLDER = Path(os.environ.get("PASAR_LIGHTHOUSE") or Path(__file__).parents[2] / ".lighthouse")
AIMS = {"performance": 95, "accessibility": 100, "best-practices": 95}
"""Points out of a hundred, the least of each that will do."""
TRIES, SECONDS = 3, 180
FLAGS = "--headless=new --no-sandbox --disable-dev-shm-usage"
PUBLIC = {
    "masuk": "/masuk", "status": "/c", "layar antrean": "/antrean/layar", "informasi": "/informasi",
    "informasi layanan": "/informasi/DKC-07", "HP": "/hp", "gerai tidak terjangkau": "/offline",
    "catat": "/hp/catat",
}  # fmt: skip
COUNTER = {
    "beranda": "/", "cari": "/layanan?q=ktp+hilang", "layanan": "/layanan/DKC-01",
    "berkas": "/permohonan/baru/{draft}/berkas", "orang": "/permohonan/baru/{draft}/orang",
    "periksa": "/permohonan/baru/{draft}/periksa", "tanda terima": "/permohonan/{baru}/tanda-terima",
    "tanda terima berfoto": "/permohonan/{usaha}/tanda-terima", "daftar": "/permohonan", "draf": "/permohonan/draf",
    "permohonan": "/permohonan/{dikembalikan}", "serahkan": "/permohonan/{selesai}/serahkan", "antrean": "/antrean",
    "ambil": "/ambil", "kirim": "/sinkron", "kirim berkas": "/berkas", "survei": "/survei", "kertas": "/kertas",
    "tutup hari": "/tutup-hari", "gerai": "/gerai", "pencetak": "/printer",
    "label HP": "/hp/label",
}  # fmt: skip


@dataclass
class Verdict:
    """Points by category, what takes points away, or why there are none."""

    points: dict[str, int]
    faults: list[str] = field(default_factory=list)

    @property
    def lacking(self) -> list[str]:
        return [name for name, aim in AIMS.items() if self.points.get(name, 0) < aim]


def missing() -> list[str]:
    """What is not at hand, each with how to get it."""
    wanted = {
        "node (22 is best, 20 will do): sudo apt install -y nodejs npm": shutil.which("node"),
        "chromium: sudo apt install -y chromium, or CHROMIUM=/path": find_chromium(),
        f"lighthouse {VERSION}: npm install --prefix {FOLDER} lighthouse@{VERSION}": _program().exists(),
    }
    return [line for line, found in wanted.items() if not found]


def judge(address: str, cookie: str, place: Path) -> Verdict:
    """The best of a few tries; again only for what a busy machine may be the reason of."""
    tries: list[Verdict] = []
    while len(tries) < TRIES and (not tries or tries[-1].lacking in (["performance"], list(AIMS))):
        tries.append(_once(address, cookie, place))
    return max(tries, key=lambda one: (-len(one.lacking), sum(one.points.values())))


def _once(address: str, cookie: str, place: Path) -> Verdict:
    report, headers = place / "report.json", place / "headers.json"
    headers.write_text(json.dumps({"Cookie": cookie} if cookie else {}), "utf-8")
    report.unlink(missing_ok=True)
    command = [
        "node", _program(), address, "--quiet", "--output=json", f"--output-path={report}",
        f"--only-categories={','.join(AIMS)}", f"--extra-headers={headers}", f"--chrome-flags={FLAGS}",
    ]  # fmt: skip
    environment = {**os.environ, "CHROME_PATH": find_chromium() or ""}
    try:
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Verdict({}, [f"not done in {SECONDS} s"])
    if not report.exists():
        return Verdict({}, [(ran.stderr.strip().splitlines() or ["no report"])[-1]])
    return read(json.loads(report.read_text("utf-8")))


def read(told: dict[str, Any]) -> Verdict:
    """Points and faults of a report. Another page than the one asked for (a sign-in) has no points."""
    shown = told.get("finalDisplayedUrl")
    if told.get("runtimeError") or shown != told["requestedUrl"]:
        return Verdict({}, [told.get("runtimeError", {}).get("message") or f"led to {shown}"])
    points, faults = {}, []
    for name in AIMS:
        category = told["categories"][name]
        points[name] = round(100 * (category["score"] or 0))
        if points[name] < AIMS[name]:
            faults += [f"{name}: {each}" for each in _faults(category, told["audits"])]
    return Verdict(points, faults)


def _faults(category: dict[str, Any], audits: dict[str, Any]) -> Iterator[str]:
    for each in category["auditRefs"]:
        audit = audits[each["id"]]
        score = audit.get("score")
        if each.get("weight") and isinstance(score, int | float) and score < 0.9:
            yield f"{each['id']} {audit.get('displayValue') or audit.get('title')}"


def addresses(stage: Stage, counter: Counter) -> dict[str, tuple[str, str]]:
    """Name -> path and the cookie to send; a form of Siti's is begun and filled in for its pages."""
    visit = counter.visit
    page = visit.get("/layanan/DKC-01")
    page = visit.send(page, page.form("record_id", action="/permohonan/baru"))
    draft = record_of(page)
    marks = {name: "asli" for name in page.form(action="/berkas").choices if name.startswith("berkas_")}
    page = visit.send(page, page.form(action="/berkas"), marks)
    visit.send(page, page.form("pemohon_name"), SITI)
    slots = {**stage.records, "draft": draft}
    signed = {name: (path.format(**slots), visit.cookies()) for name, path in COUNTER.items()}
    return {**{name: (path, "") for name, path in PUBLIC.items()}, **signed}


def _program() -> Path:
    return FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js"


def verdicts(folder: Path, words: list[str]) -> Iterator[tuple[str, Verdict]]:
    """Each page of a freshly started stall and what was found."""
    with staged(folder / "gerai") as stage:
        log = AttemptLog(folder / "attempts.jsonl")
        counter = Counter(stage.url, Operator("Budi", stage.shop.phrases["Budi"], PIN), log)
        counter.sign_in()
        for name, (path, cookie) in addresses(stage, counter).items():
            if not words or any(word in name for word in words):
                yield name, judge(stage.url + path, cookie, folder)
        log.close()


def main(words: list[str]) -> int:
    if lacks := missing():
        print("Lighthouse is optional, and this machine lacks:", *lacks, sep="\n  ", file=sys.stderr)
        return 2
    failed = False
    print(f"| page | {' | '.join(AIMS)} |\n|---|{'---|' * len(AIMS)}")
    with tempfile.TemporaryDirectory() as place:
        for name, verdict in verdicts(Path(place), words):
            print(f"| {name} | {' | '.join(str(verdict.points.get(each, '-')) for each in AIMS)} |", flush=True)
            failed = failed or bool(verdict.lacking)
            for fault in verdict.faults:
                print(f"    {fault}", file=sys.stderr)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
