"""Knows who may sign in at this stall and how it is proven; refuses to know sessions, screens and idle time."""

import hashlib
import hmac
import os
import secrets
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select, update

from layanan.problems import Refused
from layanan.text import one_line
from offline_db.base import db, writing
from offline_db.models import OperatorRow, ShiftWrapRow, run, table
from offline_db.parcels import lose_parcels
from offline_db.phone_key import forget_key
from sync.entry import spelled_time
from sync.seal import SALT_SIZE, passphrase_key
from sync.words import passphrase

PIN_DIGITS = 6
MAX_WRONG_PINS = 5
_NAME_LENGTH = 40
_NOBODY = bytes(SALT_SIZE)


def add_operator(name: str) -> str:
    """Add an operator and return the new pass-phrase of four words, which is shown once and stored nowhere.

    Raises Refused operator_exists, name_missing, text_*.
    """
    name = one_line(name, max_length=_NAME_LENGTH, field="name")
    if not name:
        raise Refused("name_missing")
    phrase, fresh = _new_phrase()
    with writing() as session:
        if session.get(OperatorRow, name) is not None:
            raise Refused("operator_exists")
        run(session, insert(table(OperatorRow)), {"name": name, **fresh})
    return phrase


def reset_operator(name: str) -> str:
    """Return a new pass-phrase for the operator; the old one, the PIN, and keys kept under the old one are gone.

    What phones sealed to the operator's old key can never be opened again: what is here is listed as unreadable, what
    comes later is refused as parcel_key_gone. Raises Refused operator_unknown.
    """
    phrase, fresh = _new_phrase()
    with writing() as session:
        changed = run(session, update(table(OperatorRow)).where(OperatorRow.name == name).values(fresh))
        if not changed.rowcount:
            raise Refused("operator_unknown")
        run(session, delete(table(ShiftWrapRow)).where(ShiftWrapRow.operator == name))
        forget_key(session, name)
        lose_parcels(session, name, spelled_time(datetime.now(UTC)))
    return phrase


def operator_names() -> list[str]:
    """Return everybody who may sign in, by name."""
    return list(db.session.scalars(select(OperatorRow.name).order_by(OperatorRow.name)))


def has_pin(name: str) -> bool:
    """Say whether the operator has chosen a PIN."""
    return db.session.scalar(select(OperatorRow.pin_hash).where(OperatorRow.name == name)) is not None


def check_passphrase(name: str, phrase: str) -> bytes:
    """Return the key under which the operator's shift keys are wrapped; forgives wrong PINs.

    Raises Refused passphrase_wrong, after the same work for a name that does not exist.
    """
    row = db.session.get(OperatorRow, name)
    verifier, kek = passphrase_key(phrase[:200], row.salt if row else _NOBODY)
    if row is None or not hmac.compare_digest(verifier, row.verifier):
        raise Refused("passphrase_wrong")
    if row.failures:
        _note_failures(name, 0)
    return kek


def set_pin(name: str, pin: str) -> None:
    """Store the PIN of an operator who has just given the pass-phrase. Raises Refused pin_format, operator_unknown."""
    if not (len(pin) == PIN_DIGITS and pin.isascii() and pin.isdigit()):
        raise Refused("pin_format")
    salt = os.urandom(SALT_SIZE)
    hashed = {"pin_salt": salt, "pin_hash": _pin_hash(pin, salt), "failures": 0}
    with writing() as session:
        changed = run(session, update(table(OperatorRow)).where(OperatorRow.name == name).values(hashed))
        if not changed.rowcount:
            raise Refused("operator_unknown")


def check_pin(name: str, pin: str) -> None:
    """Return when the PIN is right. Raises Refused pin_wrong, pin_locked (five wrong ones), passphrase_needed (none).

    A try is counted on disk before it is answered: pulling the plug gives nobody a sixth.
    """
    row = db.session.get(OperatorRow, name)
    if row is None or row.pin_hash is None or row.pin_salt is None:
        raise Refused("passphrase_needed")
    if row.failures >= MAX_WRONG_PINS:
        raise Refused("pin_locked")
    right = hmac.compare_digest(_pin_hash(pin[: PIN_DIGITS + 1], row.pin_salt), row.pin_hash)
    tried = _note_try(name, right)
    if not right:
        raise Refused("pin_locked" if tried >= MAX_WRONG_PINS else "pin_wrong")


def _note_try(name: str, right: bool) -> int:
    """Return the wrong tries so far; counted inside the transaction, so that parallel guesses do not share a number."""
    with writing() as session:
        failures = session.scalar(select(OperatorRow.failures).where(OperatorRow.name == name)) or 0
        if failures >= MAX_WRONG_PINS:
            raise Refused("pin_locked")
        failures = 0 if right else failures + 1
        run(session, update(table(OperatorRow)).where(OperatorRow.name == name).values(failures=failures))
    return failures


def _note_failures(name: str, failures: int) -> None:
    with writing() as session:
        run(session, update(table(OperatorRow)).where(OperatorRow.name == name).values(failures=failures))


def _new_phrase() -> tuple[str, dict[str, object]]:
    phrase, salt = passphrase(secrets.choice), os.urandom(SALT_SIZE)
    verifier, _ = passphrase_key(phrase, salt)
    return phrase, {"salt": salt, "verifier": verifier, "pin_salt": None, "pin_hash": None, "failures": 0}


def _pin_hash(pin: str, salt: bytes) -> bytes:
    # 16 MiB and some 50 ms: a million PINs are soon tried whatever the cost, so a PIN protects no key, only a screen.
    return hashlib.scrypt(pin.encode("utf-8", "replace"), salt=salt, n=2**14, r=8, p=1, dklen=32)
