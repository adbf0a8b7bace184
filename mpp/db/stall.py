"""Knows the stalls, their devices and epochs, the one-time codes that enrol them; refuses to know what they send."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from layanan.problems import Refused
from layanan.text import clean
from mpp.db.down import locked_stall
from mpp.db.models import Alarm, Branch, Device, Headquarters, Stall
from mpp.db.office import office
from mpp.db.published import tell
from mpp.db.replay import replay
from mpp.keys import KeyRing
from sync.chain import GENESIS
from sync.enrol import Grant, answer, epoch_before, new_code, read_code, verify_request
from sync.entry import read_time, spelled_time
from sync.keys import VerifyKey, fingerprint

CODE_LIFE = timedelta(days=3)


@dataclass(frozen=True)
class StallHealth:
    """A stall as the board shows it: when it was last heard of, its devices, and how many alarms it raised."""

    stall: Stall
    devices: tuple[tuple[Device, Branch, str], ...]
    alarms: int

    @property
    def revoked(self) -> bool:
        """Whether it had devices and none of them may send any more."""
        return bool(self.devices) and all(device.revoked_at for device, _, _ in self.devices)


def add_stall(session: Session, name: str, now: datetime, *, place: str = "", label: str = "") -> tuple[Stall, str]:
    """Return a stall and a new one-time code for it; a stall of that name gets a code for one more device.

    Raises Refused("hq_not_confirmed" | "label_invalid" | "field_missing").
    """
    if office(session).phrase_confirmed_at is None:
        raise Refused("hq_not_confirmed")
    named = clean(name, max_length=80, field="name")
    if not named:
        raise Refused("field_missing", field="name")
    stall = session.scalars(select(Stall).where(Stall.name == named).with_for_update()).one_or_none()
    if stall is None:
        stall = _new_stall(session, named, clean(place, max_length=120, field="place"), label, now)
    code = new_code(secrets.token_bytes(10))
    while session.scalar(select(Stall.id).where(Stall.code_id == read_code(code)[0])):
        code = new_code(secrets.token_bytes(10))
    stall.code_id, stall.code, stall.code_used_by = read_code(code)[0], code, None
    stall.code_until = spelled_time(now + CODE_LIFE)
    session.flush()
    return stall, code


def enrol(session: Session, keys: KeyRing, address: str, body: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the answer to a device's enrolment; the same request again gets the same grant.

    Raises Refused("hq_not_confirmed" | "enrolment_code_wrong" | "enrolment_code_used" | "sync_revoked").
    """
    here = office(session)
    if here.phrase_confirmed_at is None:
        raise Refused("hq_not_confirmed")
    stall = _stall_of_code(session, body.get("id"), now)
    public = verify_request(str(stall.code), body)
    if stall.code_used_by not in (None, public.id):
        raise Refused("enrolment_code_used")
    branch = _granted(session, stall, public, epoch_before(body), now)
    stall.code_used_by = public.id
    tell(session, stall, now)
    return answer(str(stall.code), body, _grant(here, keys, address, stall, branch))


def revoke(session: Session, name: str, now: datetime) -> int:
    """Stop every device of a stall at once; return how many. Raises Refused("stall_unknown")."""
    stall = session.scalars(select(Stall).where(Stall.name == name)).one_or_none()
    if stall is None:
        raise Refused("stall_unknown")
    locked_stall(session, stall.id).code_until = None
    living = session.scalars(select(Device).where(Device.stall == stall.id, Device.revoked_at.is_(None))).all()
    for device in living:
        device.revoked_at = spelled_time(now)
    return len(living)


def stalls(session: Session, keys: KeyRing) -> list[StallHealth]:
    """Return every stall by name, those that were never heard of too."""
    alarms = dict(session.execute(select(Alarm.stall, func.count()).group_by(Alarm.stall)).all())
    devices: dict[str, list[tuple[Device, Branch, str]]] = {}
    joined = select(Device, Branch).join(Branch, Branch.device == Device.id).order_by(Branch.epoch)
    for device, branch in session.execute(joined):
        devices.setdefault(device.stall, []).append((device, branch, _compared(keys, device)))
    found = session.scalars(select(Stall).order_by(Stall.name))
    return [StallHealth(s, tuple(devices.get(s.id, ())), alarms.get(s.id, 0)) for s in found]


def live_code(session: Session, stall: str, now: datetime) -> tuple[Stall, str]:
    """Return a stall and its one-time code, empty once it was used or has expired. Raises Refused("stall_unknown")."""
    row = session.get(Stall, stall)
    if row is None:
        raise Refused("stall_unknown")
    usable = row.code and row.code_used_by is None and row.code_until and now <= read_time(row.code_until)
    return row, str(row.code) if usable else ""


def issuer(session: Session, device: str, epoch: int) -> tuple[Device, Stall] | None:
    """Return the device and the stall that were granted this epoch, whoever asks."""
    query = select(Device, Stall).join(Branch, Branch.device == Device.id).join(Stall, Stall.id == Device.stall)
    found = session.execute(query.where(Branch.device == device, Branch.epoch == epoch)).first()
    return (found[0], found[1]) if found else None


def alarms(session: Session, most: int = 50) -> list[Alarm]:
    """Return the newest alarms."""
    return list(session.scalars(select(Alarm).order_by(Alarm.id.desc()).limit(most)))


def _compared(keys: KeyRing, device: Device) -> str:
    return fingerprint(keys.signing.public, keys.sealing[0].public, device.public)


def _new_stall(session: Session, name: str, place: str, label: str, now: datetime) -> Stall:
    stall = Stall(
        id=_free_id(session, name), name=name, place=place, label=_free_label(session, label, name),
        down_seq=0, down_chain=GENESIS, created_at=spelled_time(now),
    )  # fmt: skip
    session.add(stall)
    return stall


def _stall_of_code(session: Session, code_id: object, now: datetime) -> Stall:
    stall = session.scalars(select(Stall).where(Stall.code_id == str(code_id)).with_for_update()).one_or_none()
    if stall is None or not stall.code or not stall.code_until or now > read_time(stall.code_until):
        raise Refused("enrolment_code_wrong")
    return stall


def _granted(session: Session, stall: Stall, public: VerifyKey, before: int, now: datetime) -> Branch:
    device = session.get(Device, public.id)
    if device is None:
        device = Device(id=public.id, stall=stall.id, public=bytes(public), created_at=spelled_time(now))
        session.add(device)
        session.flush()
    if device.revoked_at or device.stall != stall.id:
        raise Refused("sync_revoked")
    newest = select(Branch).where(Branch.device == device.id).order_by(Branch.epoch.desc()).limit(1)
    branch = session.scalars(newest).first()
    if branch is not None and stall.code_used_by == public.id:
        return branch
    device.forked_at = None
    return _new_branch(session, stall, device, before, now)


def _new_branch(session: Session, stall: Stall, device: Device, before: int, now: datetime) -> Branch:
    """Above every epoch of the stall, also above one that a restored database knows nothing of."""
    theirs = select(func.max(Branch.epoch)).join(Device, Device.id == Branch.device).where(Device.stall == stall.id)
    epoch = max(session.scalar(theirs) or 0, before) + 1
    label, number = stall.label, epoch
    while epoch > 1 and _is_taken(session, label):
        label, number = f"{stall.label}{number}", number + 1
    branch = Branch(
        device=device.id, epoch=epoch, label=label, granted_at=spelled_time(now),
        head_seq=0, head_chain=GENESIS, durable_seq=0, durable_chain=GENESIS,
    )  # fmt: skip
    session.add(branch)
    session.flush()
    if epoch > 1:
        replay(session, stall, now)
    return branch


def _grant(here: Headquarters, keys: KeyRing, address: str, stall: Stall, branch: Branch) -> Grant:
    return Grant(
        hq=here.id, incarnation=here.incarnation, sign_public=bytes(keys.signing.public),
        seal_public=bytes(keys.sealing[0].public), stall=stall.id, stall_name=stall.name, place=stall.place,
        label=branch.label, device=branch.device, epoch=branch.epoch, zone=here.zone, status_url=address,
        week=here.week,
        complaint=here.complaint, official_domain=here.official_domain, phone=here.phone,
        privacy_contact=here.privacy_contact,
    )  # fmt: skip


def _free_id(session: Session, name: str) -> str:
    words = "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in name.lower()).split()
    base = "-".join(words)[:40] or "gerai"
    number, wanted = 1, base
    while session.get(Stall, wanted):
        number, wanted = number + 1, f"{base}-{number + 1}"
    return wanted


def _free_label(session: Session, wanted: str, name: str) -> str:
    """The letters in front of every series number: as asked for, else out of the name (Genteng: GNT)."""
    base = wanted.strip().upper() or _short(name)
    if not (2 <= len(base) <= 5 and base.isascii() and base.isalnum()):
        raise Refused("label_invalid")
    number, label = 1, base
    while _is_taken(session, label):
        number, label = number + 1, f"{base}{number + 1}"
    return label


def _is_taken(session: Session, label: str) -> bool:
    granted = select(Branch.label).where(Branch.label == label)
    return session.scalar(select(Stall.label).where(Stall.label == label).union(granted)) is not None


def _short(name: str) -> str:
    words = [word for word in name.upper().split() if word not in ("PASAR", "GERAI")]
    signs = [sign for sign in "".join(words) or name.upper() if sign.isascii() and sign.isalnum()]
    spoken = signs[:1] + [sign for sign in signs[1:] if sign not in "AEIOU"]
    return "".join(spoken[:3] if len(spoken) >= 3 else signs[:3])
