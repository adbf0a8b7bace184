"""A headquarters with a real socket and a real signature that remembers in memory what it was sent."""

import contextlib
from datetime import UTC, datetime

from flask import Flask, jsonify, request

from layanan.problems import Refused
from offline_db.identity import identity
from sync.memory import MemoryInbox
from sync.ports import KnownDevice
from sync.receive import HqKeys, receive
from web_base.serve import Listener, listen


def utc_now():
    return datetime.now(UTC)


@contextlib.contextmanager
def headquarters(shop, now=utc_now, revoked=False):
    """The address of a headquarters that knows this shop's machine, and its memory."""
    inbox = MemoryInbox("mpp-bwi")
    with shop.app.app_context():
        me = identity()
    inbox.enrol(KnownDevice(me.grant.device, me.grant.stall, me.grant.epoch, me.key.public, revoked))
    app, keys = Flask("hq"), HqKeys("mpp-bwi", shop.headquarters.sign)

    @app.post("/sync")
    def take():
        return receive(request.get_data(), inbox, keys, now=now)

    @app.errorhandler(Refused)
    def refuse(refused):
        return jsonify(code=refused.code), refused.problem.status

    serving = listen(app, [Listener("127.0.0.1", 0)], threads=2)
    try:
        yield f"http://127.0.0.1:{serving.ports[0]}", inbox
    finally:
        serving.stop()
