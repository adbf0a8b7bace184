"""Knows the ports with nothing but lists and dictionaries, for tests and trials; refuses to know any disk.

What these do, in this few lines, is what every other implementation must do: the behaviour suites hold them equal.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from layanan.permohonan import Kind
from layanan.problems import Refused
from sync.chain import GENESIS, Position, link, linked, start
from sync.entry import Entry
from sync.judge import Seen, judged
from sync.memory_book import MemoryBook, MemoryLink, Row, places_of
from sync.messages import Acknowledgement, Answer, Batch, Capsule, Down, Item, Result, Sender, unreadable_answer
from sync.ports import MAX_ROWS, Counts, KnownDevice
from sync.recovery import Confirmed, Log, Stub
from sync.regain import gathered, merged, rungs

__all__ = ["MemoryBook", "MemoryInbox", "MemoryLink", "MemoryOutbox"]


class MemoryOutbox:
    """A stall's outbox; `add` is what saving a request does."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self.rows: list[Row] = []
        self.keys: dict[str, Capsule] = {}
        self.heads: dict[Log, Position] = {}
        self.durable: Position | None = None
        self.foreign: set[Log] = set()
        self.unsendable: dict[str, str] = {}
        self.damaged: set[str] = set()
        self.had: dict[Log, int] = {}

    def add(self, item: Item) -> None:
        """Append an entry to the log."""
        self.rows.append(Row(item))

    def identity(self) -> Sender:
        """See Outbox."""
        return self.sender

    def pending(self, max_rows: int, max_bytes: int) -> list[Item]:
        """See Outbox."""
        taken: list[Item] = []
        room = max_bytes
        for row in self.rows:
            if row.answer is not None or row.item.entry.hash in self.unsendable:
                continue
            room -= len(row.item.entry.raw) + len(row.item.sealed or b"")
            if len(taken) == max_rows or (taken and room < 0):
                break
            taken.append(row.item)
        return taken

    def stubs(self, max_rows: int) -> list[Stub]:
        """See Outbox; `unsendable` names hashes and reasons."""
        bad = [r.item.entry for r in self.rows if r.answer is None and r.item.entry.hash in self.unsendable]
        return [Stub(e.author, e.epoch, e.seq, e.hash, self.unsendable[e.hash]) for e in bad[:max_rows]]

    def asked(self, max_rows: int) -> list[str]:
        """See Outbox."""
        waiting = [r.item.entry.hash for r in self.rows if r.answer and r.answer.result is Result.WAITING]
        return waiting[:max_rows] + [sha for log in self.foreign for sha in self._probes(log)]

    def wanted(self, max_rows: int) -> list[str]:
        """See Outbox; `damaged` names hashes."""
        return sorted(self.damaged)[:max_rows]

    def mend(self, found: Sequence[Item]) -> int:
        """See Outbox."""
        whole = self.damaged & {item.entry.hash for item in found}
        self.damaged -= whole
        return len(whole)

    def lost(self) -> list[Confirmed]:
        """See Outbox."""
        return [(*log, had) for log, had in self.had.items() if log in self.heads and had > self.heads[log].seq]

    def logs(self) -> list[Log]:
        """See Outbox."""
        logs = dict.fromkeys((row.item.entry.author, row.item.entry.epoch) for row in self.rows)
        return [log for log in logs if log != (self.sender.device, self.sender.epoch)]

    def capsules(self, key_ids: Iterable[str]) -> list[Capsule]:
        """See Outbox."""
        return [self.keys[key] for key in dict.fromkeys(key_ids) if key in self.keys]

    def sent(self, hashes: Sequence[str], at: datetime) -> None:
        """See Outbox."""
        for row in self.rows:
            if row.item.entry.hash in hashes:
                row.sent_at = row.sent_at or at

    def answered(self, ack: Acknowledgement) -> None:
        """See Outbox."""
        if self._chain_at(ack.head) != ack.head.chain:
            raise Refused("sync_fork")
        answers = {one.hash: one for one in ack.answers if one.final}
        for head in (ack.head, *ack.heads):
            self._drop_above_gap(head, answers)
        for row in self.rows:
            row.answer = answers.get(row.item.entry.hash, row.answer)
        for head in (ack.head, *ack.heads):
            self._compare(head, {one.hash for one in ack.answers})
        if ack.durable and self._chain_at(ack.durable) == ack.durable.chain:
            self.durable = ack.durable

    def counts(self) -> Counts:
        """See Outbox."""
        waiting = [row.item.entry.at for row in self.rows if row.answer is None]
        sent = sum(1 for row in self.rows if row.sent_at or row.answer)
        return Counts(len(self.rows), sent, len(self.rows) - len(waiting), min(waiting, default=None))

    def _log(self, place: Position) -> list[Row]:
        return [r for r in self.rows if (r.item.entry.author, r.item.entry.epoch) == (place.author, place.epoch)]

    def _chain_at(self, place: Position) -> str | None:
        hashes = [row.item.entry.hash for row in self._log(place)][: place.seq]
        return linked(GENESIS, hashes) if len(hashes) == place.seq else None

    def _probes(self, log: Log) -> list[str]:
        answered = [row.item.entry.hash for row in self._log(start(*log)) if row.answer]
        return [answered[n - 1] for n in rungs(len(answered)) if n]

    def _drop_above_gap(self, head: Position, answers: dict[str, Answer]) -> None:
        """Answers to what an earlier question asked, when a later one has shown that something before it is lost."""
        if self._chain_at(head) != head.chain:
            return
        gap = False
        for row in self._log(head)[head.seq :]:
            sha = row.item.entry.hash
            gap = gap or (row.answer is None and sha not in answers and sha not in self.unsendable)
            if gap:
                answers.pop(sha, None)

    def _compare(self, head: Position, told: set[str]) -> None:
        log = (head.author, head.epoch)
        before, probes = self.heads.get(log, head), self._probes(log)
        self.heads[log] = head
        self.had[log] = max(self.had.get(log, 0), before.seq)
        if self._chain_at(head) == head.chain:
            lost = head.seq < before.seq or log in self.foreign
            self.foreign.discard(log)
            self._reopen(log, head.seq if lost else len(self.rows))
        elif log not in self.foreign or not told.issuperset(probes):
            self.foreign.add(log)
            self._reopen(log, 0, told)

    def _reopen(self, log: Log, above: int, but: Collection[str] = ()) -> None:
        for row in self._log(start(*log))[above:]:
            row.answer = row.answer if row.item.entry.hash in but else None


class MemoryInbox:
    """Headquarters; `enrol` and `publish` are what its pages do."""

    def __init__(self, hq: str, incarnation: int = 1) -> None:
        self.hq = hq
        self.incarnation = incarnation
        self.devices: dict[str, KnownDevice] = {}
        self.entries: dict[str, Item] = {}
        self.answers: dict[str, Answer] = {}
        self.quarantine: list[bytes] = []
        self.logs: dict[str, list[Entry]] = {}
        self.capsules: dict[str, Capsule] = {}
        self.stubs: dict[str, Stub] = {}

    def enrol(self, device: KnownDevice) -> None:
        """Grant (or take back) what the device says."""
        self.devices[device.id] = device
        self.logs.setdefault(device.stall, [])

    def publish(self, stall: str, entry: Entry) -> None:
        """Append headquarters' entry, as it stands, to a stall's log."""
        self.logs.setdefault(stall, []).append(entry)

    def device(self, key_id: str) -> KnownDevice | None:
        """See Inbox."""
        return self.devices.get(key_id)

    def store(self, device: KnownDevice, batch: Batch) -> tuple[list[Answer], Position]:
        """See Inbox."""
        self.capsules |= {one.key: one for one in batch.capsules}
        answers = [self._take(device, item) for item in batch.items]
        for raw in batch.unreadable:
            self.quarantine.append(raw)
            answers.append(unreadable_answer(raw))
        answers += [self._stubbed(stub) for stub in batch.recovery.stubs]
        answers += [self._now(device, sha) for sha in batch.recovery.asked if sha in self.entries]
        return answers, self._head(device.id, batch.sender.epoch)

    def down(self, stall: str, cursor: Position, max_bytes: int) -> Down:
        """See Inbox."""
        log = self.logs.get(stall, [])
        places = self._places(log)
        if self.common_place(stall, [cursor]) is None:
            return Down((), places[-1])
        at, room = cursor.seq, max_bytes
        entries: list[bytes] = []
        for entry in log[at : at + MAX_ROWS]:
            room -= len(entry.raw)
            if entries and room < 0:
                break
            entries.append(entry.raw)
        end = at + len(entries)
        return Down(tuple(entries), places[end] if entries else cursor, has_more=end < len(log))

    def durable(self, device: KnownDevice) -> Position | None:
        """See Inbox; memory is never durable."""
        return None

    def heads(self, stall: str, logs: Sequence[Log]) -> tuple[Position, ...]:
        """See Inbox."""
        return tuple(self._head(device, epoch) for device, epoch in logs)

    def common_place(self, stall: str, places: Sequence[Position]) -> Position | None:
        """See Inbox."""
        known = {(place.author, place.seq, place.chain) for place in self._places(self.logs.get(stall, []))}
        return next((place for place in places if (place.author, place.seq, place.chain) in known), None)

    def found(self, stall: str, hashes: Sequence[str]) -> list[Item]:
        """See Inbox."""
        own = [self.entries[sha] for sha in hashes if sha in self.entries]
        return [item for item in own if self.devices[item.entry.author].stall == stall]

    def key_entries(self, stall: str) -> list[Entry]:
        """See Inbox."""
        return [entry for entry in self.logs.get(stall, []) if entry.kind == Kind.KEY]

    def adopt(self, device: KnownDevice, base: Position, given: Sequence[Entry]) -> Position:
        """See Inbox."""
        log = self.logs[device.stall]
        on_log = self.common_place(device.stall, [base]) is not None
        if on_log:
            new = merged(base, given, log[base.seq :], self.incarnation)
        else:
            new = gathered(self._places(log)[-1], given, log, self.incarnation)
        if new.entries is not None:
            log[new.base.seq :] = new.entries
            self.incarnation = new.incarnation
        if not on_log:
            return base
        return new.base if new.entries is None else self._places(log)[given[-1].seq]

    def _now(self, device: KnownDevice, sha: str) -> Answer:
        item = self.entries[sha]
        return judged(item, self._seen(device, item.entry))

    def _stubbed(self, stub: Stub) -> Answer:
        self.stubs.setdefault(stub.hash, stub)
        known = stub.hash in self.entries
        return Answer(stub.hash, Result.KNOWN) if known else Answer(stub.hash, Result.REJECTED, stub.reason)

    def _take(self, device: KnownDevice, item: Item) -> Answer:
        entry = item.entry
        answer = judged(item, self._seen(device, entry))
        self.answers[entry.hash] = answer if answer.result is not Result.KNOWN else self.answers[entry.hash]
        self.entries[entry.hash] = item
        return answer

    def _seen(self, device: KnownDevice, entry: Entry) -> Seen:
        author = self.devices.get(entry.author)
        place = (entry.author, entry.epoch, entry.seq)
        others = [e for e in self._counting() if (e.author, e.epoch, e.seq) == place and e.hash != entry.hash]
        accepted = {e.record for e in self._counting() if e.kind == Kind.ACCEPTED}
        return Seen(
            revoked=device.revoked,
            of_stall=author is not None and author.stall == device.stall and entry.epoch <= author.epoch,
            earlier=self.answers.get(entry.hash),
            taken=bool(others),
            record_known=entry.record in accepted,
        )

    def _counting(self) -> list[Entry]:
        return [i.entry for i in self.entries.values() if self.answers[i.entry.hash].result is not Result.REJECTED]

    def _head(self, device: str, epoch: int) -> Position:
        """Two entries at one place (a fork): the first that arrived is the one the head follows."""
        first: dict[int, str] = {}
        for item in self.entries.values():
            if (item.entry.author, item.entry.epoch) == (device, epoch):
                first.setdefault(item.entry.seq, item.entry.hash)
        for stub in self.stubs.values():
            if (stub.author, stub.epoch) == (device, epoch):
                first.setdefault(stub.seq, stub.hash)
        place = start(device, epoch)
        while place.seq + 1 in first:
            place = replace(place, seq=place.seq + 1, chain=link(place.chain, first[place.seq + 1]))
        return place

    def _places(self, log: Iterable[Entry]) -> list[Position]:
        return places_of(start(self.hq, self.incarnation), log)
