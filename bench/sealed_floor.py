"""The sealed floor: the shared bench's floor, with each record sealed and each frame signed, and nothing else.

Records are sealed (ChaCha20-Poly1305, one each) when they are loaded, as a stall does at capture; frames both ways are
Ed25519-signed zstd of the ciphertexts; both sides commit durably (WAL, synchronous=FULL) and headquarters opens and
checks every seal before it answers. No log, no chain, no statuses, no recovery. Answers setup, load, serve, sync, dump.
"""

from __future__ import annotations

import http.client
import json
import os
import sqlite3
import struct
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

sys.path.insert(0, os.environ.get("PASAR_BENCH_GENERATOR", "."))

SEAL = ChaCha20Poly1305(bytes(range(32)))
STALL, HQ = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
SIGNATURE = 64
NONCE = struct.Struct("<4xQ")
TABLE = "CREATE TABLE IF NOT EXISTS sealed(seq INTEGER PRIMARY KEY, id TEXT NOT NULL, body BLOB NOT NULL)"
MARK = "CREATE TABLE IF NOT EXISTS mark(acked INTEGER NOT NULL)"


def database(folder: Path, side: str) -> sqlite3.Connection:
    opened = sqlite3.connect(folder / f"{side}.db", isolation_level=None, check_same_thread=False)
    opened.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {TABLE}; {MARK};")
    return opened


def signed(key: Ed25519PrivateKey, packed: bytes) -> bytes:
    return key.sign(packed) + packed


def checked(key: Ed25519PrivateKey, frame: bytes) -> bytes:
    key.public_key().verify(frame[:SIGNATURE], frame[SIGNATURE:])
    return frame[SIGNATURE:]


def setup(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    database(folder, "client").close()
    database(folder, "server").close()


def load(folder: Path, path: Path) -> None:
    """Each record as compressed as it gets alone (the trained dictionary), then sealed under a counter."""
    pack = zstandard.ZstdCompressor(level=9, dict_data=dictionary())
    stall = database(folder, "client")
    (seq,) = stall.execute("SELECT coalesce(max(seq), 0) FROM sealed").fetchone()
    stall.execute("BEGIN")
    for line in path.read_text("utf-8").splitlines():
        seq += 1
        body = SEAL.encrypt(NONCE.pack(seq), pack.compress(line.encode()), b"")
        stall.execute("INSERT INTO sealed VALUES(?,?,?)", (seq, json.loads(line)["id"], body))
    stall.execute("COMMIT")
    stall.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def serve(folder: Path, port: int) -> None:
    store = database(folder, "server")

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            packed = checked(STALL, self.rfile.read(int(self.headers["Content-Length"])))
            rows = list(records(zstandard.decompress(packed, 1 << 30)))
            if rows:
                opened = [(seq, "", SEAL.decrypt(NONCE.pack(seq), body, b"")) for seq, body in rows]
                store.execute("BEGIN IMMEDIATE")
                store.executemany("INSERT OR REPLACE INTO sealed VALUES(?,?,?)", opened)
                store.execute("COMMIT")
            answer = signed(HQ, b"%d" % len(rows))
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(answer)}\r\n\r\n"
            self.wfile.write(head.encode() + answer)

        def log_message(self, *_: Any) -> None:
            pass

    ThreadingHTTPServer(("127.0.0.1", port), Door).serve_forever()


def records(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """The frame's records: number and length in front of each ciphertext."""
    at = 0
    while at < len(raw):
        seq, size = struct.unpack_from("<IH", raw, at)
        yield seq, raw[at + 6 : at + 6 + size]
        at += 6 + size


def sync(folder: Path, url: str) -> None:
    stall = database(folder, "client")
    began = time.perf_counter()
    (acked,) = stall.execute("SELECT coalesce(max(acked), 0) FROM mark").fetchone()
    rows = stall.execute("SELECT seq, body FROM sealed WHERE seq > ? ORDER BY seq", (acked,)).fetchall()
    body = zstandard.compress(b"".join(struct.pack("<IH", seq, len(sealed)) + sealed for seq, sealed in rows))
    answer = posted(url, signed(STALL, body))
    if int(checked(HQ, answer)) != len(rows):
        raise SystemExit("short")
    if rows:
        stall.execute("INSERT INTO mark VALUES(?)", (rows[-1][0],))
    print(json.dumps({"s": time.perf_counter() - began, "records": len(rows)}))


def posted(url: str, frame: bytes) -> bytes:
    """As stubborn as the plain floor: the same frame again, at once, until it is through."""
    where = urlparse(url)
    for attempt in range(40):
        line = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
        try:
            line.request("POST", "/push", frame)
            return line.getresponse().read()
        except (OSError, http.client.HTTPException):
            time.sleep(min(0.1 * 2**attempt, 5))
        finally:
            line.close()
    raise SystemExit("no answer")


def dump(folder: Path, side: str) -> None:
    import gen

    stored = database(folder, side).execute("SELECT seq, body FROM sealed ORDER BY seq")
    plain = ((SEAL.decrypt(NONCE.pack(seq), body, b"") if side == "client" else body) for seq, body in stored)
    unpack = zstandard.ZstdDecompressor(dict_data=dictionary())
    latest = {one["id"]: one for one in (json.loads(unpack.decompress(raw)) for raw in plain)}
    print(gen.fingerprint(map(gen.flat, latest.values())))


def dictionary() -> zstandard.ZstdCompressionDict:
    """Trained on records of another seed, the same each time; every record stands alone, so it carries the names."""
    import gen

    lines = [gen.dumps(one).encode() for one in gen.records(4000, seed=1000)]
    return zstandard.train_dictionary(65536, lines)


if __name__ == "__main__":
    word, where, *rest = sys.argv[1:]
    steps: dict[str, Any] = {
        "setup": setup, "load": lambda at: load(at, Path(rest[0])), "serve": lambda at: serve(at, int(rest[0])),
        "sync": lambda at: sync(at, rest[0]), "dump": lambda at: dump(at, rest[0]),
    }  # fmt: skip
    steps[word](Path(where))
