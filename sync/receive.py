"""Knows headquarters' side of one exchange: open, store, answer; refuses to know how it is stored or how it travels."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from layanan.problems import Refused
from sync.chain import Position
from sync.entry import Entry, spelled_time
from sync.frame import FrameKind, Opened, pack, signer, unpack
from sync.keys import SigningKey
from sync.messages import Acknowledgement, Batch, Down
from sync.ports import Inbox, KnownDevice
from sync.proof import prove, proven
from sync.recovery import Returned, after
from sync.wire import folded, is_folded

MAX_DOWN = 500_000
"""Open bytes of headquarters' log in one answer."""


@dataclass(frozen=True)
class HqKeys:
    """Which headquarters this is, and the key it signs with now."""

    hq: str
    sign: SigningKey


def receive(frame: bytes, inbox: Inbox, keys: HqKeys, *, now: Callable[[], datetime]) -> bytes:
    """Return the signed acknowledgement of a batch that is then stored for good.

    Raises Refused when the frame as a whole cannot be believed; nothing was stored then. Whatever `inbox` raises
    (a full disk, a lost database) goes through: no acknowledgement exists unless the transaction did.
    """
    device, opened = _believed(frame, inbox)
    batch = Batch.from_payload(opened.payload)
    _check_sender(batch, device, keys.hq)
    answers, head = inbox.store(device, batch)
    common = _common(inbox, device, batch, keys)
    ack = Acknowledgement(
        batch=opened.sha256,
        answers=tuple(answers),
        head=head,
        durable=inbox.durable(device),
        server_time=spelled_time(now()),
        down=_down(inbox, device, batch, keys),
        problem="sync_revoked" if device.revoked else None,
        heads=inbox.heads(device.stall, batch.recovery.logs),
        common=common,
    )
    said = ack.to_payload()
    return pack(
        folded(said, batch.known()) if is_folded(opened.payload) else said, keys.sign, FrameKind.ACKNOWLEDGEMENT
    )


def _believed(frame: bytes, inbox: Inbox) -> tuple[KnownDevice, Opened]:
    device = inbox.device(signer(frame))
    if device is None:
        raise Refused("sync_unknown_device")
    return device, unpack(frame, lambda _: device.public, FrameKind.BATCH)


def _check_sender(batch: Batch, device: KnownDevice, hq: str) -> None:
    who = batch.sender
    if who.hq != hq:
        raise Refused("sync_wrong_hq")
    if who.device != device.id or who.stall != device.stall or who.epoch > device.epoch:
        raise Refused("sync_unknown_device")


def _common(inbox: Inbox, device: KnownDevice, batch: Batch, keys: HqKeys) -> Position | None:
    """The last place both sides have, after taking back what was proven to be headquarters' own."""
    said = batch.recovery
    if device.revoked:
        return None
    if said.returned is None:
        return inbox.common_place(device.stall, said.places)
    given = _genuine(said.returned, device.stall, keys)
    return inbox.adopt(device, said.returned.base, given, batch.cursor) if given else None


def _genuine(returned: Returned, stall: str, keys: HqKeys) -> list[Entry]:
    """Only a chain that ends in a place headquarters has signed counts; nothing of any other."""
    entries = [Entry.decode(raw) for raw in returned.entries]
    end = after(returned.base, entries)
    return entries if end and proven(keys.sign.public, stall, end, returned.proof) else []


def _down(inbox: Inbox, device: KnownDevice, batch: Batch, keys: HqKeys) -> Down:
    """A revoked device learns nothing, and nothing it says about a place is vouched for."""
    if device.revoked:
        return Down((), batch.cursor)
    down = inbox.down(device.stall, batch.cursor, MAX_DOWN)
    if not down.entries:
        return down
    return replace(down, proof=prove(keys.sign, device.stall, down.position))
