"""What phones bring: the kit they seal with, the door where they deliver, and the taking up of what was delivered.

Knows requests, keys in memory and what is final; refuses to know how a parcel or a draft is stored.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock, Thread
from uuid import UUID

from flask import Blueprint, Flask, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from layanan.problems import Refused
from offline_db.own_log import Desk
from offline_db.parcels import Opened, keep_parcel, opened, refuse_parcel, take_draft, take_photo, waiting_for
from offline_db.phone_key import PhoneKey, check_permit, kit
from pasar.guard import operator
from pasar.permohonan_new import typed_fields
from pasar.photo import keep_photo
from pasar.stall import stall
from web_base.errors import for_programs
from web_base.limits import caller_of

LOG = logging.getLogger("pasar.parcels")
LARGEST = 400 << 10
PASSING = (
    "disk_", "store_", "shift_key_gone", "passphrase_needed", "not_enrolled", "parcel_key_gone", "photo_busy",
    "photo_not_kept",
)  # fmt: skip
"""How problems begin that are over some time: the parcel waits. Any other is final, and told."""
TAKEN = "parcel_differs"
"""Another thread was faster with this one."""
bp = Blueprint("parcels", __name__, url_prefix="/hp")
_PHOTOS = Lock()


@bp.get("/bekal")
@for_programs
def take_along() -> ResponseReturnValue:
    """What this operator's phone needs for the time when the stall cannot be reached."""
    given = kit(operator())
    return jsonify(
        operator=given.operator, key_id=given.key_id, public=given.public_text, day=stall().clock.today().isoformat(),
        **{"pass": given.permit},
    )  # fmt: skip


@bp.post("/kiriman/<uuid:parcel>")
@for_programs
def deliver(parcel: UUID) -> ResponseReturnValue:
    """Store a parcel, sealed as it is, and say so; the same again is known. Nobody need be signed in.

    While its operator is at no seat it waits for the next sign-in: a draft that nobody sees would die with the day.
    """
    key_id = request.headers.get("X-Pasar-Key", "")
    owner = _owner(key_id, request.headers.get("X-Pasar-Pass", ""))
    kept = keep_parcel(str(parcel), owner, key_id, _body(), stall().clock.now())
    if stall().desks.is_here(owner):
        take_up(owner)
    state = "known" if kept.known else "kept"
    return jsonify(parcel=str(parcel), sha256=kept.sha256, state=state), 200 if kept.known else 201


def take_up(name: str) -> None:
    """Open what waits for an operator whose key is in memory; pictures in the background. Never raises.

    What cannot be taken up now (a full disk, a closed day) waits for the next time.
    """
    photos: list[str] = []

    def take(parcel: str, inside: Opened, desk: Desk) -> None:
        if inside.kind == "photo":
            photos.append(parcel)
        elif inside.kind == "draft":
            with stall().taking:
                take_draft(parcel, inside, typed_fields(inside.fields), desk)
        else:
            raise Refused("parcel_unreadable")

    _each(name, take)
    if photos:
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        Thread(target=_take_photos, args=(app, name), daemon=True).start()


TakeUp = Callable[[str, Opened, Desk], None]


def _each(name: str, take: TakeUp) -> None:
    try:
        key = stall().phones.of(name)
        if key is not None:
            for parcel in waiting_for(name):
                _one(parcel, key, take)
    except Refused as refused:
        LOG.info("parcels wait: %s", refused.code)
    except Exception as error:  # noqa: BLE001  the parcels are stored: neither a phone nor a sign-in suffers for it
        LOG.error("parcels not taken up: %s", type(error).__name__)


def _one(parcel: str, key: PhoneKey, take: TakeUp) -> None:
    desk = stall().desk(key.operator)
    try:
        inside = opened(parcel, key)
        if inside is not None:
            take(parcel, inside, desk)
    except Refused as refused:
        if refused.code.startswith(PASSING):
            raise
        if refused.code != TAKEN:
            refuse_parcel(parcel, refused.code, desk)


def _take_photos(app: Flask, name: str) -> None:
    """One picture after another; what takes long is done outside the transaction that stores it."""
    with app.app_context(), _PHOTOS:
        _each(name, _photo)


def _photo(parcel: str, inside: Opened, desk: Desk) -> None:
    if inside.kind == "photo":
        take_photo(parcel, inside.record_id, desk, lambda settle: keep_photo(
            inside.record_id, inside.paper, inside.body, desk, within=settle))  # fmt: skip


def _owner(key_id: str, permit: str) -> str:
    """Whose parcel it is, by the pass. Wrong ones are counted by caller."""
    caller = caller_of(request.remote_addr)
    stall().permits.check(caller)
    try:
        return check_permit(key_id, permit)
    except Refused as refused:
        if refused.code == "parcel_not_ours":
            stall().permits.spend(caller)
        raise


def _body() -> bytes:
    if request.mimetype != "application/octet-stream":
        raise Refused("unsupported_media")
    if (request.content_length or 0) > LARGEST:
        raise Refused("parcel_too_large")
    return request.get_data(cache=False)
