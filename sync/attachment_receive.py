"""Knows headquarters' side of one exchange about attachments: open, take, answer; refuses to know how it is stored."""

from collections.abc import Callable
from datetime import datetime

from layanan.attachments import media_type
from layanan.problems import Refused
from sync.attachment_messages import MOST_SEALED, Chunk, Offer, Report, Told
from sync.attachment_ports import AttachmentInbox
from sync.entry import Entry, number, spelled_time, text
from sync.extents import Extent, gaps
from sync.frame import FrameKind, pack, signer, unpack
from sync.receive import HqKeys, check_sender
from sync.seal import OpenKey


def receive_attachment(frame: bytes, inbox: AttachmentInbox, keys: HqKeys, *, now: Callable[[], datetime]) -> bytes:
    """Return the signed report on the attachments a frame asks about, after its chunk is stored for good.

    Raises Refused when the frame as a whole cannot be believed; nothing was stored then. Whatever `inbox` raises
    goes through: no report exists unless the transaction did.
    """
    device = inbox.device(signer(frame))
    if device is None:
        raise Refused("sync_unknown_device")
    opened = unpack(frame, lambda _: device.public, FrameKind.ATTACHMENT)
    offer = Offer.from_payload(opened.payload)
    check_sender(offer.sender, device, keys.hq)
    told: list[Told] = [] if device.revoked else inbox.take(device, offer)
    problem = "sync_revoked" if device.revoked else None
    report = Report(opened.sha256, tuple(told), spelled_time(now()), problem)
    return pack(report.to_payload(), keys.believed(offer.trust), FrameKind.ATTACHMENT_REPORT)


def named_in(entry: Entry, sha256: str) -> tuple[str, str, int] | None:
    """Return record, shift key and sealed size of an attachment as its entry says them; None when that cannot be."""
    try:
        size, key = number(entry.fields["size"]), text(entry.fields["key"])
    except (KeyError, TypeError, ValueError):
        return None
    if sha256 not in entry.attachments or entry.record is None or not 0 < size <= MOST_SEALED:
        return None
    return entry.record, key, size


def new_stretches(held: list[Extent], chunk: Chunk, size: int) -> tuple[Extent, ...]:
    """Return the stretches of a chunk that are not held yet. Raises Refused("sync_malformed") beyond the size."""
    stop = chunk.start + len(chunk.body)
    if stop > size:
        raise Refused("sync_malformed")
    return gaps(held, (chunk.start, stop))


def verdict(key: OpenKey, sealed: bytes | bytearray, record: str) -> tuple[str | None, str | None]:
    """Open a whole attachment once; return its media type, or None and why it is kept apart."""
    try:
        return media_type(key.open_attachment(sealed, record=record)), None
    except Refused as refused:
        return None, "attachment_unreadable" if refused.code == "sealed_unreadable" else refused.code
