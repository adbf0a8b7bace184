"""Knows how the whole database is written to one file and read back; refuses to know the keys' content.

The file is a zip of one JSON-lines file per table, the wrapped keys and a manifest with a SHA-256 of each: the same
for both databases, so a backup taken on SQLite can be restored onto PostgreSQL. Only what was read back is durable.
"""

import hashlib
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.orm import Session

from layanan.problems import Refused
from mpp.db.database import Database
from mpp.db.durable import durable_places, durable_scans, move_durable, move_durable_scans
from mpp.db.models import AttachmentChunk, Base
from mpp.db.office import office
from mpp.db.schema import NEWEST
from store.failure import refusal_of_os_error
from sync.entry import spelled_time

_FORMAT = 1
_KEYS = "keys.wrapped.json"
_MANIFEST = "manifest.json"
_ROWS_AT_ONCE = 500
_LARGE_ROWS_AT_ONCE = 8
"""Of the table whose rows are pieces of scans."""


def backup(database: Database, wrapped_keys: bytes, target: Path, now: datetime) -> dict[str, int]:
    """Write one moment of the database and the wrapped keys to `target`, read it back, then move the durable mark.

    Returns rows per table. Raises Refused("backup_exists" | "backup_damaged" | disk_*); no half file ever stands
    under the final name.
    """
    if target.exists():
        raise Refused("backup_exists")
    partial = target.with_name(f".{target.name}.partial")
    try:
        with database.reading() as session:
            safe, scans = durable_places(session), durable_scans(session)
            _write(session, wrapped_keys, partial, now)
        rows = {name: fact["rows"] for name, fact in check(partial)["tables"].items()}
        os.replace(partial, target)
        _settle(target.parent)
    except OSError as error:
        raise refusal_of_os_error(error) from None
    finally:
        partial.unlink(missing_ok=True)
    database.change(lambda session: move_durable(session, safe))
    database.change(lambda session: move_durable_scans(session, scans))
    return rows


def check(source: Path) -> dict[str, Any]:
    """Return the manifest of a backup whose every byte is as it was written. Raises Refused("backup_damaged")."""
    try:
        with ZipFile(source) as archive:
            manifest: dict[str, Any] = json.loads(archive.read(_MANIFEST))
            if manifest["format"] != _FORMAT:
                raise Refused("backup_damaged")
            for name, fact in manifest["tables"].items():
                with archive.open(f"{name}.jsonl") as lines:
                    if _fact(lines) != fact:
                        raise Refused("backup_damaged")
            if hashlib.sha256(archive.read(_KEYS)).hexdigest() != manifest["keys"]:
                raise Refused("backup_damaged")
            return manifest
    except FileNotFoundError:
        raise Refused("backup_missing") from None
    except (BadZipFile, KeyError, ValueError, TypeError, EOFError, OSError):
        raise Refused("backup_damaged") from None


def wrapped_keys_of(source: Path) -> bytes:
    """Return the wrapped keys of a backup that `check` has passed."""
    with ZipFile(source) as archive:
        return archive.read(_KEYS)


def restore(database: Database, source: Path) -> dict[str, int]:
    """Fill an empty, migrated database from a backup, as a new incarnation; return rows per table.

    Raises Refused("backup_damaged" | "backup_missing" | "schema_too_new" | "hq_not_empty").
    """
    manifest = check(source)
    if manifest["schema"] != NEWEST:
        raise Refused("schema_too_new")
    with database.writing() as session, ZipFile(source) as archive:
        if any(session.scalar(select(func.count()).select_from(table)) for table in _tables()):
            raise Refused("hq_not_empty")
        for table in _tables():
            with archive.open(f"{table.name}.jsonl") as lines:
                _fill(session, table, lines)
        office(session).incarnation += 1
    return {name: fact["rows"] for name, fact in manifest["tables"].items()}


def _tables() -> list[Table]:
    return list(Base.metadata.sorted_tables)


def _write(session: Session, wrapped_keys: bytes, partial: Path, now: datetime) -> None:
    partial.unlink(missing_ok=True)
    tables: dict[str, dict[str, Any]] = {}
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "wb") as file:
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            for table in _tables():
                with archive.open(ZipInfo(f"{table.name}.jsonl"), "w", force_zip64=True) as lines:
                    tables[table.name] = _dump(session, table, lines)
            archive.writestr(_KEYS, wrapped_keys)
            archive.writestr(_MANIFEST, json.dumps(_manifest(session, wrapped_keys, tables, now)))
        file.flush()
        os.fsync(file.fileno())


def _manifest(session: Session, keys: bytes, tables: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "schema": NEWEST,
        "hq": office(session).id,
        "made_at": spelled_time(now),
        "keys": hashlib.sha256(keys).hexdigest(),
        "tables": tables,
    }


def _dump(session: Session, table: Table, lines: IO[bytes]) -> dict[str, Any]:
    digest, rows = hashlib.sha256(), 0
    order = list(table.primary_key.columns)
    for row in session.execute(select(table).order_by(*order).execution_options(yield_per=_rows_at_once(table))):
        line = json.dumps([_spelled(value) for value in row], ensure_ascii=False).encode() + b"\n"
        lines.write(line)
        digest.update(line)
        rows += 1
    return {"rows": rows, "sha256": digest.hexdigest()}


def _fact(lines: IO[bytes]) -> dict[str, Any]:
    digest, rows = hashlib.sha256(), 0
    for line in lines:
        digest.update(line)
        rows += 1
    return {"rows": rows, "sha256": digest.hexdigest()}


def _fill(session: Session, table: Table, lines: IO[bytes]) -> None:
    names = [column.name for column in table.columns]
    for rows in _groups(lines, _rows_at_once(table)):
        session.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
    number = table.autoincrement_column
    if number is not None and session.get_bind().dialect.name == "postgresql":
        session.execute(
            text(f"SELECT setval(pg_get_serial_sequence(:name, 'id'), COALESCE(MAX(id), 1)) FROM {table.name}"),
            {"name": table.name},
        )


def _groups(lines: IO[bytes], size: int) -> Iterator[list[list[Any]]]:
    group: list[list[Any]] = []
    for line in lines:
        group.append([_read(value) for value in json.loads(line)])
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def _rows_at_once(table: Table) -> int:
    return _LARGE_ROWS_AT_ONCE if table is AttachmentChunk.__table__ else _ROWS_AT_ONCE


def _spelled(value: Any) -> Any:
    return {"b": b64encode(value).decode()} if isinstance(value, bytes) else value


def _read(value: Any) -> Any:
    return b64decode(value["b"]) if isinstance(value, dict) else value


def _settle(folder: Path) -> None:
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

