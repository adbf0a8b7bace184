"""Knows headquarters' side of one exchange: open, store, answer; refuses to know how it is stored or how it travels."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile

from layanan.problems import Refused
from sync.chain import Position
from sync.entry import Entry, spelled_time
from sync.frame import FrameKind, Opened, pack, signer, unpack
from sync.keys import SigningKey
from sync.messages import Acknowledgement, Batch, Down, Sender
from sync.ports import Inbox, KnownDevice
from sync.proof import prove
from sync.recovery import Returned, after
from sync.trust import Trust, retirement
from sync.wire import folded, is_folded

MAX_DOWN = 500_000
"""Open bytes of headquarters' log in one answer."""


@dataclass(frozen=True)
class HqKeys:
    """Which headquarters this is, the key it signs with now, and those before it, newest first."""

    hq: str
    sign: SigningKey
    former: tuple[SigningKey, ...] = ()

    def believed(self, named: Collection[str]) -> SigningKey:
        """Return the newest key among those a reader names; without a name, or without any of them, the present one."""
        return next((key for key in (self.sign, *self.former) if key.id in named), self.sign)

    def history(self) -> Trust:
        """Return every key of this headquarters, as far as it still has them."""
        return Trust(self.hq, tuple(key.public for key in (*reversed(self.former), self.sign)))


def receive(frame: bytes, inbox: Inbox, keys: HqKeys, *, now: Callable[[], datetime]) -> bytes:
    """Return the signed acknowledgement of a batch that is then stored for good.

    Raises Refused when the frame as a whole cannot be believed; nothing was stored then. Whatever `inbox` raises
    (a full disk, a lost database) goes through: no acknowledgement exists unless the transaction did.
    """
    device, opened = _believed(frame, inbox)
    batch = Batch.from_payload(opened.payload)
    check_sender(batch.sender, device, keys.hq)
    answers, head = inbox.store(device, batch)
    common = _common(inbox, device, batch, keys)
    key = keys.believed(batch.recovery.trust)
    ack = Acknowledgement(
        batch=opened.sha256,
        answers=tuple(answers),
        head=head,
        durable=inbox.durable(device),
        server_time=spelled_time(now()),
        down=_down(inbox, device, batch, key),
        problem="sync_revoked" if device.revoked else None,
        heads=inbox.heads(device.stall, batch.recovery.logs),
        common=common,
        found=() if device.revoked else tuple(inbox.found(device.stall, batch.recovery.wanted)),
    )
    said = ack.to_payload()
    return pack(folded(said, batch.known()) if is_folded(opened.payload) else said, key, FrameKind.ACKNOWLEDGEMENT)


def _believed(frame: bytes, inbox: Inbox) -> tuple[KnownDevice, Opened]:
    device = inbox.device(signer(frame))
    if device is None:
        raise Refused("sync_unknown_device")
    return device, unpack(frame, lambda _: device.public, FrameKind.BATCH)


def check_sender(who: Sender, device: KnownDevice, hq: str) -> None:
    """Raise Refused("sync_wrong_hq" | "sync_unknown_device") unless the signer may speak for this sender here."""
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
    given = _genuine(said.returned, device.stall, inbox, keys)
    return inbox.adopt(device, said.returned.base, given) if given else None


def _genuine(returned: Returned, stall: str, inbox: Inbox, keys: HqKeys) -> list[Entry]:
    """Only a chain that ends in a place headquarters has signed counts, with whatever key of its history."""
    entries = [Entry.decode(raw) for raw in returned.entries]
    end = after(returned.base, entries)
    before = [entry for entry in inbox.key_entries(stall) if entry.seq <= returned.base.seq]
    known = keys.history().following([*before, *entries])
    return entries if end and known.vouches(stall, end, returned.proof) else []


def _down(inbox: Inbox, device: KnownDevice, batch: Batch, key: SigningKey) -> Down:
    """A revoked device learns nothing, and nothing it says about a place is vouched for."""
    if device.revoked:
        return Down((), batch.cursor)
    down = before_retirement(inbox.down(device.stall, batch.cursor, MAX_DOWN), batch.cursor, key.id)
    if not down.entries:
        return down
    return replace(down, proof=prove(key, device.stall, down.position))


def before_retirement(down: Down, cursor: Position, key: str) -> Down:
    """Return the stretch up to the entry that retires this key: what follows is vouched for by a newer one."""
    kept = list(takewhile(lambda raw: not retirement(raw, key), down.entries))
    if len(kept) == len(down.entries):
        return down
    place = after(cursor, map(Entry.decode, kept))
    return Down(tuple(kept), place or cursor, has_more=True)
