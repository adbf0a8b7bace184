"""Knows the ports of the lane of attachments with nothing but dictionaries, for tests and trials; no disk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sync.attachment_messages import MOST_EXTENTS, Offer, State, Told
from sync.attachment_ports import Waiting
from sync.attachment_receive import named_in, new_stretches, verdict
from sync.entry import Entry
from sync.extents import merged, total
from sync.messages import Capsule, Sender
from sync.ports import KnownDevice
from sync.seal import OpenKey, sealed_hash

AGAIN = timedelta(hours=1)


@dataclass
class _Kept:
    waiting: Waiting
    sealed: bytes
    state: State = State.UNKNOWN
    problem: str | None = None
    held: int = 0
    asked_at: datetime | None = None


class MemoryAttachments:
    """A stall's attachments; `add` is what attaching one does, `answered` holds the hashes of answered entries."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self.kept: dict[str, _Kept] = {}
        self.answered: set[str] = set()
        self.keys: dict[str, Capsule] = {}

    def add(self, entry: Entry, sealed: bytes, key: str) -> str:
        """Keep a sealed attachment that the entry names."""
        sha = sealed_hash(sealed)
        self.kept[sha] = _Kept(Waiting(len(self.kept) + 1, sha, entry.hash, key, len(sealed)), sealed)
        return sha

    def identity(self) -> Sender:
        """See AttachmentOutbox."""
        return self.sender

    def unsettled(self, after: int, most: int, now: datetime) -> list[Waiting]:
        """See AttachmentOutbox."""
        due = [one for one in self.kept.values() if one.waiting.number > after and self._is_due(one, now)]
        return [one.waiting for one in due[:most]]

    def capsules(self, key_ids: Iterable[str]) -> list[Capsule]:
        """See AttachmentOutbox."""
        return [self.keys[key] for key in set(key_ids) if key in self.keys]

    def is_whole(self, sha256: str) -> bool:
        """See AttachmentOutbox."""
        one = self.kept[sha256]
        if sealed_hash(one.sealed) == sha256:
            return True
        one.state, one.problem = State.REFUSED, "attachment_damaged"
        return False

    def read(self, sha256: str, start: int, length: int) -> bytes:
        """See AttachmentOutbox."""
        return self.kept[sha256].sealed[start : start + length]

    def told(self, told: Sequence[Told], now: datetime, hq_now: datetime) -> None:
        """See AttachmentOutbox."""
        for said in told:
            one = self.kept[said.sha256]
            one.state, one.problem, one.asked_at = said.state, said.problem, now
            one.held = one.waiting.size if said.state in (State.COMPLETE, State.DURABLE) else said.bytes_held

    def _is_due(self, one: _Kept, now: datetime) -> bool:
        if one.state in (State.UNKNOWN, State.PARTIAL):
            return one.waiting.entry in self.answered
        return one.state is State.COMPLETE and (one.asked_at is None or abs(now - one.asked_at) >= AGAIN)


@dataclass
class _Arrived:
    record: str
    key: str
    size: int
    state: State = State.PARTIAL
    problem: str | None = None
    media: str | None = None
    chunks: dict[int, bytes] = field(default_factory=dict)

    @property
    def held(self) -> list[tuple[int, int]]:
        return [(start, start + len(body)) for start, body in self.chunks.items()]


class MemoryAttachmentInbox:
    """Headquarters; `entries` are those of the stalls, `keys` opened shift keys, `alarms` what it raised."""

    def __init__(self, devices: Mapping[str, KnownDevice], keys: Mapping[str, OpenKey]) -> None:
        self.devices = devices
        self.keys = keys
        self.entries: dict[tuple[str, str], Entry] = {}
        self.arrived: dict[tuple[str, str], _Arrived] = {}
        self.alarms: list[str] = []
        self.stored_bytes = 0

    def device(self, key_id: str) -> KnownDevice | None:
        """See AttachmentInbox."""
        return self.devices.get(key_id)

    def take(self, device: KnownDevice, offer: Offer) -> list[Told]:
        """See AttachmentInbox."""
        for asked in offer.asked:
            entry = self.entries.get((device.stall, asked.entry))
            named = named_in(entry, asked.sha256) if entry else None
            if named is not None:
                self.arrived.setdefault((device.stall, asked.sha256), _Arrived(*named))
        if offer.chunk is not None and (device.stall, offer.chunk.sha256) in self.arrived:
            self._store(self.arrived[device.stall, offer.chunk.sha256], offer)
        return [self._told(device.stall, asked.sha256) for asked in offer.asked]

    def _store(self, one: _Arrived, offer: Offer) -> None:
        chunk = offer.chunk
        if chunk is None or one.state is not State.PARTIAL or len(one.chunks) >= MOST_EXTENTS:
            return
        for start, stop in new_stretches(one.held, chunk, one.size):
            one.chunks[start] = chunk.body[start - chunk.start : stop - chunk.start]
            self.stored_bytes += stop - start
        if total(one.held) == one.size:
            self._judge(one, chunk.sha256)

    def _judge(self, one: _Arrived, sha256: str) -> None:
        sealed = b"".join(body for _, body in sorted(one.chunks.items()))
        if sealed_hash(sealed) != sha256:
            one.chunks.clear()
            return
        key = self.keys.get(one.key)
        one.media, one.problem = verdict(key, sealed, one.record) if key else (None, "attachment_unreadable")
        one.state = State.REFUSED if one.problem else State.COMPLETE
        self.alarms += [one.problem] if one.problem else []

    def _told(self, stall: str, sha256: str) -> Told:
        one = self.arrived.get((stall, sha256))
        if one is None:
            return Told(sha256, State.UNKNOWN)
        told = Told(sha256, one.state, problem=one.problem)
        return replace(told, held=merged(one.held)) if one.state is State.PARTIAL else told
