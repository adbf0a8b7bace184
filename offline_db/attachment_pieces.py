"""Knows the sealed bytes of scans as short rows, so that no look at one brings it whole into memory; no states."""

import hashlib

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from offline_db.models import AttachmentPieceRow, AttachmentRow, run, table

PIECE = 64 * 1024
WAITING, PRUNED = "waiting", "pruned"
"""States beside those headquarters tells: not all of it is there yet; durable, and the bytes are gone from here."""

_ROW, _PIECE = table(AttachmentRow), table(AttachmentPieceRow)
_PIECES = (
    select(AttachmentPieceRow.start, AttachmentPieceRow.body)
    .join(AttachmentRow, AttachmentRow.id == AttachmentPieceRow.attachment_id)
    .order_by(AttachmentPieceRow.start)
)


def keep_pieces(session: Session, attachment: int, sealed: bytes | bytearray) -> None:
    """Store all bytes of a scan, without a second copy of them."""
    whole, starts = memoryview(sealed), range(0, len(sealed), PIECE)
    pieces = [{"attachment_id": attachment, "start": at, "body": whole[at : at + PIECE]} for at in starts]
    run(session, insert(_PIECE), pieces)


def read_pieces(session: Session, sha256: str, start: int, length: int) -> bytes:
    """Return these bytes of a scan, fewer at its end; at most two pieces more than was asked for are in memory."""
    stop = start + length
    inside = AttachmentPieceRow.start.between(start - PIECE + 1, stop - 1)
    found = session.execute(_PIECES.where(AttachmentRow.sha256 == sha256, inside))
    return b"".join(body[max(0, start - at) : stop - at] for at, body in found)


def hash_of(session: Session, sha256: str) -> str:
    """Return the SHA-256 (hex) of the bytes that are kept under this hash: the same one, unless they are damaged."""
    digest = hashlib.sha256()
    found = session.execute(_PIECES.where(AttachmentRow.sha256 == sha256).execution_options(yield_per=8))
    for _, body in found:
        digest.update(body)
    return digest.hexdigest()


def damaged_scans(session: Session) -> list[str]:
    """Return the hashes of scans that headquarters has not got and whose bytes are damaged; reads them all.

    The next sync says so at the request, and then it is no news any more.
    """
    kept = select(AttachmentRow.sha256).where(AttachmentRow.state == WAITING).order_by(AttachmentRow.id)
    return [sha for sha in session.scalars(kept).all() if hash_of(session, sha) != sha]


def erase_pieces(session: Session, attachment: int) -> None:
    """Erase the bytes of a scan for good, and say so in its row."""
    run(session, delete(_PIECE).where(_PIECE.c.attachment_id == attachment))
    run(session, update(_ROW).where(_ROW.c.id == attachment).values(state=PRUNED))
