"""Knows who may sign in at headquarters and how a pass-phrase is checked; refuses to know sessions and pages."""

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from sqlalchemy import select
from sqlalchemy.orm import Session

from layanan.problems import Refused
from layanan.text import clean
from mpp.db.database import Database
from mpp.db.models import Officer
from sync.entry import read_time, spelled_time
from sync.words import normal

# OWASP's figures for Argon2id: 19 MiB, two passes, one lane; a headquarters signs many people in at once.
_MEMORY_KIB = 19 * 1024
_TRIES = 5
_REST = timedelta(minutes=5)


@dataclass(frozen=True)
class Signed:
    """An officer who may act. `agency` None: the office that runs the MPP, which sees all agencies and the stalls.

    `stamp` changes with the pass-phrase.
    """

    id: str
    name: str
    agency: str | None
    stamp: str = ""

    @property
    def runs_office(self) -> bool:
        """Whether stalls and every agency's requests are this officer's business."""
        return self.agency is None

    def may_see(self, agency: str) -> bool:
        """Whether a request of this agency is this officer's business."""
        return self.agency in (None, agency)


def add_officer(session: Session, login: str, name: str, agency: str | None, phrase: str, now: datetime) -> None:
    """Store a new officer. Raises Refused("user_exists" | "login_invalid")."""
    login = login.strip().lower()
    if not (1 <= len(login) <= 32 and login.isascii() and login.replace("-", "").replace(".", "").isalnum()):
        raise Refused("login_invalid")
    if session.get(Officer, login):
        raise Refused("user_exists")
    named = clean(name, max_length=80, field="name") or login
    session.add(
        Officer(
            id=login, name=named, agency=agency, passphrase=_hashed(phrase), failures=0,
            locked_until=None, created_at=spelled_time(now), active=True,
        )
    )  # fmt: skip


def reset_officer(session: Session, login: str, phrase: str) -> None:
    """Give an officer a new pass-phrase and a fresh start. Raises Refused("user_unknown")."""
    officer = session.get(Officer, login.strip().lower())
    if officer is None:
        raise Refused("user_unknown")
    officer.passphrase, officer.failures, officer.locked_until = _hashed(phrase), 0, None


def officers(session: Session) -> list[Officer]:
    """Return every officer by agency and name."""
    return list(session.scalars(select(Officer).order_by(Officer.agency, Officer.id)))


def known_officer(session: Session, login: str) -> Signed | None:
    """Return the officer of a running session, or None once the account is closed."""
    officer = session.get(Officer, login)
    return _signed(officer) if officer and officer.active else None


def sign_in(database: Database, login: str, phrase: str, now: datetime) -> Signed:
    """Return the officer whose pass-phrase this is; five wrong ones in a row and nobody gets in for five minutes.

    Raises Refused("passphrase_wrong" | "login_locked"); an unknown name costs the same time as a wrong phrase.
    """
    login = login.strip().lower()[:32]
    with database.reading() as session:
        officer = session.get(Officer, login)
    if officer and officer.locked_until and now < read_time(officer.locked_until):
        raise Refused("login_locked")
    right = _fits(officer.passphrase if officer else _nobody(), phrase) and officer is not None and officer.active
    if officer and (not right or officer.failures):
        database.change(lambda session: _count(session, login, right, now))
    if officer is None or not right:
        raise Refused("passphrase_wrong")
    return _signed(officer)


def _count(session: Session, login: str, right: bool, now: datetime) -> None:
    officer = session.get_one(Officer, login, with_for_update=True)
    officer.failures = 0 if right else officer.failures + 1
    if officer.failures >= _TRIES:
        officer.failures, officer.locked_until = 0, spelled_time(now + _REST)


def _signed(officer: Officer) -> Signed:
    stamp = hashlib.sha256(officer.passphrase.encode()).hexdigest()[:16]
    return Signed(officer.id, officer.name, officer.agency, stamp)


def _kdf() -> Argon2id:
    return Argon2id(salt=os.urandom(16), length=32, iterations=2, lanes=1, memory_cost=_MEMORY_KIB)


def _hashed(phrase: str) -> str:
    return _kdf().derive_phc_encoded(normal(phrase).encode())


@cache
def _nobody() -> str:
    return _hashed(os.urandom(16).hex())


def _fits(phc: str, phrase: str) -> bool:
    try:
        Argon2id.verify_phc_encoded(normal(phrase).encode(), phc)
    except InvalidKey:
        return False
    return True
