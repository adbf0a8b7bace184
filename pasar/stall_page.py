"""What this machine is: its stall once it is enrolled, or what to do until it is. Open at the door, changes nothing."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from offline_db.identity import identity
from offline_db.trust import present_trust
from offline_db.typed import present_grant, present_settings
from sync.keys import fingerprint

bp = Blueprint("stall_page", __name__)


@bp.get("/gerai")
def page() -> ResponseReturnValue:
    """The stall's own sheet; without a grant the steps to get one."""
    given = present_grant()
    if given is None:
        return render_template("pasar/stall.html", grant=None)
    told = present_trust()
    compared = fingerprint(identity().key.public, told.newest, told.sealing or b"")
    return render_template("pasar/stall.html", grant=given, fingerprint=compared, told=present_settings())
