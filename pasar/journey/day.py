"""The market day itself: who comes when, when the link dies, when the power goes, and what the office decides.

Knows the order of things and the two browsers; refuses to know whether it went well (the checker does).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests

from pasar.demo_children import ChildServer
from pasar.demo_house import House
from pasar.journey.attempts import Act, Attempt, AttemptLog, Phase
from pasar.journey.counter import Counter, Operator, Receipt
from pasar.journey.forms import Surprise
from pasar.journey.office import FIRST_DECISIONS, SECOND_DECISIONS, Office, OfficerAccount
from pasar.journey.people import Fate, Visitor
from pasar.journey.shopper import ask

LATEST_KILL = 0.04
SYNC_EVERY = 40
ROUNDS = 20
SHOPPER_EVERY = 3
Tick = Callable[[int, int], None]
"""Told how many steps are done, of how many."""


@dataclass
class Times:
    """Seconds by stage, milliseconds by save, seconds by restart."""

    stages: dict[str, float] = field(default_factory=dict)
    saves: list[float] = field(default_factory=list)
    restarts: list[float] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.stages[name] = self.stages.get(name, 0.0) + time.monotonic() - began


class MarketDay:
    """Plays one day in a house. `tick` is called after every visitor and every request the office has decided."""

    def __init__(self, house: House, visitors: Sequence[Visitor], seed: int, log: AttemptLog, tick: Tick) -> None:
        secrets = house.secrets
        ratna = secrets.officers[0]
        self.house = house
        self.visitors = visitors
        self.rng = random.Random(seed)
        self.log = log
        self._tick = tick
        self._done = 0
        self._steps = len(visitors) + sum((v.fate in FIRST_DECISIONS) + (v.fate in SECOND_DECISIONS) for v in visitors)
        self.times = Times()
        self.counter = Counter(
            house.stall.url, Operator(secrets.operator.login, secrets.operator.phrase, secrets.operator.pin), log
        )
        self.office = Office(house.hq.url, OfficerAccount(ratna.login, ratna.phrase), log)
        self.taken: list[tuple[Visitor, Receipt]] = []
        self._power_cut_due = False

    def play(self) -> None:
        """Morning with a link, noon without, both machines lost once; then the office, the way back, the closing."""
        self.counter.sign_in()
        with self.times.stage("Loket"):
            self._serve_everybody()
        with self.times.stage("Kirim"):
            self._sync()
        with self.times.stage("Instansi"):
            self.office.sign_in()
            self._decide_all(FIRST_DECISIONS)
        with self.times.stage("Kirim"):
            self._sync()
        with self.times.stage("Loket"):
            self._answer_the_office()
        with self.times.stage("Kirim"):
            self._sync()
        with self.times.stage("Instansi"):
            self._decide_all(SECOND_DECISIONS)
        with self.times.stage("Kirim"):
            self._sync()
        with self.times.stage("Warga"):
            self._shoppers_ask()

    def _serve_everybody(self) -> None:
        events = self._events()
        for place, visitor in enumerate(self.visitors):
            for event in events.get(place, ()):
                event()
            self._serve(visitor)
            if place % SYNC_EVERY == SYNC_EVERY - 1:
                self.counter.sync()
            self._step()
        self.house.link.join()

    def _step(self) -> None:
        self._done += 1
        self._tick(self._done, self._steps)

    def _events(self) -> dict[int, list[Callable[[], None]]]:
        """Headquarters dies in mid-sync in the morning, the link at noon, the stall in mid-save while it is cut."""
        number = len(self.visitors)
        planned: list[tuple[float, Callable[[], None]]] = [
            (0.3, self._lose_headquarters),
            (0.5, self.house.link.cut),
            (0.6, self._expect_power_cut),
            (0.8, self.house.link.join),
        ]
        events: dict[int, list[Callable[[], None]]] = {}
        for share, event in planned:
            events.setdefault(int(number * share), []).append(event)
        return events

    def _serve(self, visitor: Visitor) -> None:
        record = self.counter.open_form(visitor)
        began = time.monotonic()
        receipt = self._saved(record, visitor)
        self.times.saves.append((time.monotonic() - began) * 1000)
        self.taken.append((visitor, receipt))
        if visitor.fate is Fate.AMENDED:
            self.counter.amend(record, "DITERIMA")
        elif visitor.fate is Fate.CANCELLED:
            self.counter.cancel(record)

    def _saved(self, record: str, visitor: Visitor) -> Receipt:
        if not self._power_cut_due:
            return self.counter.save(record, visitor.habit)
        self._power_cut_due = False
        self._save_in_a_power_cut(record, visitor)
        return self.counter.save(record, visitor.habit)

    def _save_in_a_power_cut(self, record: str, visitor: Visitor) -> None:
        """The stall dies somewhere around this save; it is started again and the operator signs in again."""
        cut = threading.Timer(self.rng.uniform(0, LATEST_KILL), self.house.stall.kill)
        cut.start()
        try:
            self.counter.save(record, visitor.habit)
        except requests.RequestException:
            self.log.note(Attempt(Act.ACCEPT, Phase.INFO, record))
        cut.join()
        self._restart(self.house.stall)
        self.counter.sign_in()

    def _expect_power_cut(self) -> None:
        self._power_cut_due = True

    def _lose_headquarters(self) -> None:
        death = threading.Timer(self.rng.uniform(0, LATEST_KILL), self.house.hq.kill)
        death.start()
        self.counter.sync()
        death.join()
        self._restart(self.house.hq)

    def _restart(self, server: ChildServer) -> None:
        server.kill()
        self.times.restarts.append(server.start())

    def _sync(self) -> None:
        """By hand from the screen until the stall says that everything is acknowledged; raises Surprise if never."""
        for _ in range(ROUNDS):
            self.counter.sync()
            if self.house.stall_is_quiet():
                return
            time.sleep(0.2)
        raise Surprise("the stall still has something to send")

    def _decide_all(self, ways: Mapping[Fate, Sequence[Sequence[str]]]) -> None:
        turn = dict.fromkeys(ways, 0)
        for visitor, receipt in self.taken:
            if visitor.fate in ways:
                kinds = ways[visitor.fate]
                self.office.decide(receipt.record_id, kinds[turn[visitor.fate] % len(kinds)])
                turn[visitor.fate] += 1
                self._step()

    def _answer_the_office(self) -> None:
        """The returned papers are brought, the finished documents are fetched."""
        for visitor, receipt in self.taken:
            if visitor.fate is Fate.RETURNED:
                self.counter.amend(receipt.record_id, "DITERIMA")
            elif visitor.fate is Fate.COLLECTED:
                self.counter.hand_over(receipt.record_id)

    def _shoppers_ask(self) -> None:
        """Some scan the paper at the stall, some at home."""
        for place, (_, receipt) in enumerate(self.taken[::SHOPPER_EVERY]):
            ask((self.house.stall.url, self.house.hq.url)[place % 2], receipt, self.log)
