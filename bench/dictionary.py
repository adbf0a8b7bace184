"""Makes the dictionary that folded messages are compressed with: `python -m bench.dictionary TARGET`.

Trained on made-up batches and answers of every size, out of the catalogue, with nobody in them. Run it only for a new
number: the bytes of a dictionary in use never change.
"""

from __future__ import annotations

import random
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import zstandard

from layanan.permohonan import Kind
from layanan.service import catalogue
from layanan.tracking import new_code
from sync.chain import Position, start
from sync.entry import Entry, SealedRef, entry_id
from sync.messages import Acknowledgement, Answer, Batch, Capsule, Down, Item, Result, Sender
from sync.seal import sealed_hash
from sync.wire import dense_part

SIZES = (0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5, 8, 12, 20, 40, 80, 150, 300)
STALLS = ("gtg", "pasar-genteng", "pasar-rogojampi", "gerai-muncar", "pasar-banyuwangi")
MARKS = ("asli", "ditinggal", "belum")
CAPACITY = 12 * 1024


class Maker:
    """Made-up traffic of one stall."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.sender = Sender(self._hex(8), self._hex(8), self.chance.randint(1, 3), self.chance.choice(STALLS))
        self.seq = self.chance.randint(0, 5000)
        self.at = datetime(2026, 1, 1, 1, tzinfo=UTC) + timedelta(minutes=self.chance.randint(0, 500_000))

    def batch(self, size: int) -> Batch:
        items = tuple(self._item() for _ in range(size))
        capsules = (Capsule(self._hex(8), self.sender.device, self.chance.randbytes(80)),) if size else ()
        return Batch(self.sender, self.chance.randbytes(16), items, capsules, self._place(self.sender.hq))

    def answer(self, batch: Batch, news: int) -> Acknowledgement:
        results = [Result.ACCEPTED] * 9 + [Result.KNOWN]
        answers = tuple(Answer(item.entry.hash, self.chance.choice(results)) for item in batch.items)
        entries = tuple(self._news().raw for _ in range(news))
        place = self._place(self.sender.hq) if news else batch.cursor
        down = Down(entries, place, self.chance.randbytes(64) if news else b"", False)
        durable = self.chance.choice((None, self._place(self.sender.device)))
        at = f"{self.at:%Y-%m-%dT%H:%M:%S}.{self.chance.randint(100, 999)}Z"
        return Acknowledgement(self._hex(32), answers, self._place(self.sender.device), durable, at, down)

    def _hex(self, size: int) -> str:
        return self.chance.randbytes(size).hex()

    def _place(self, author: str) -> Position:
        if not self.chance.randint(0, 4):
            return start(author, 1)
        return Position(author, 1, self.chance.randint(1, 5000), self._hex(32))

    def _entry(self, kind: Kind, author: str, fields: dict[str, Any], sealed: SealedRef | None) -> Entry:
        self.seq += 1
        self.at += timedelta(milliseconds=self.chance.randint(5_000, 200_000))
        return Entry(
            id=entry_id(author, self.sender.epoch, self.seq), author=author, epoch=self.sender.epoch, seq=self.seq,
            kind=kind, record=str(uuid.UUID(bytes=self.chance.randbytes(16), version=4)), at=self.at,
            zone="Asia/Jakarta", boot=str(uuid.UUID(int=7, version=4)), mono=self.chance.randint(10_000, 30_000_000),
            trusted=True, operator=self.chance.choice(("Budi", "budi", "ani", "Dewi")), read=(1, self.seq // 2),
            catalogue=catalogue().version, fields=fields, sealed=sealed,
        )  # fmt: skip

    def _item(self) -> Item:
        if not self.chance.randint(0, 9):
            patch = {"patch": {"papers": [[0, "asli"], [1, "asli"]]}, "resubmitted": False, "why": "berkas lengkap"}
            return Item(self._entry(Kind.AMENDED, self.sender.device, patch, None))
        service = self.chance.choice([one for one in catalogue().services if one.opens_permohonan])
        day = f"{self.at:%y%m%d}"
        fields = {
            "code": new_code(self.chance.randbytes(7)), "series": f"GTG-{day}-{self.seq % 400:04d}",
            "service": service.code, "stall": self.sender.stall, "relation": "diri_sendiri",
            "papers": [[place, self.chance.choice(MARKS)] for place in range(len(service.requirements))],
            "masked": self.chance.choice("ABDEFHIKLMNRSTWY") + "••• " + self.chance.choice("ARSWPHN") + "•••",
            "receipt_date": day, **({"presence": True} if service.presence else {}),
        }  # fmt: skip
        part = self.chance.randbytes(self.chance.randint(60, 90))
        ref = SealedRef(self._hex(8), sealed_hash(part))
        return Item(self._entry(Kind.ACCEPTED, self.sender.device, fields, ref), part)

    def _news(self) -> Entry:
        status = self.chance.choice(("VERIFIKASI", "DIPROSES", "SELESAI", "SIAP_DIAMBIL", "DIKEMBALIKAN"))
        return self._entry(Kind.STATUS, self.sender.hq, {"status": status, "slots": {}, "due": "2026-12-01"}, None)


def samples() -> list[bytes]:
    made = []
    for seed in range(60):
        maker = Maker(seed)
        for size in SIZES:
            batch = maker.batch(size)
            made += [
                dense_part(batch.to_payload()),
                dense_part(maker.answer(batch, seed % 4).to_payload(), batch.known()),
            ]
    return made


if __name__ == "__main__":
    trained = zstandard.train_dictionary(CAPACITY, samples(), level=9, dict_id=1)
    Path(sys.argv[1]).write_bytes(trained.as_bytes())
