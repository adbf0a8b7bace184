"""The doors for machines: batches of stalls, and enrolment. Knows HTTP; refuses to know what a batch means."""

from flask import Blueprint, Response, current_app, jsonify, make_response, request
from flask.typing import ResponseReturnValue

from layanan.problems import Refused
from mpp.db.stall import enrol
from mpp.office import here, utc_now
from sync.attachment_receive import receive_attachment
from sync.frame import MAX_PACKED
from sync.receive import receive
from web_base.limits import RateLimit, caller_of

bp = Blueprint("sync", __name__)


@bp.post("/sync")
def exchange() -> ResponseReturnValue:
    """Take one frame, answer one frame. No cookie, no login: the frame's signature is all that counts."""
    request.max_content_length = MAX_PACKED
    return make_response(_answer(request.get_data()), {"Content-Type": "application/octet-stream"})


def _answer(frame: bytes) -> bytes:
    """What a frame is for stands only in what was signed: one that is no batch may be about attachments."""
    office = here()
    try:
        return receive(frame, office.inbox, office.hq_keys, now=utc_now)
    except Refused as refused:
        if refused.code != "sync_bad_signature":
            raise
    return receive_attachment(frame, office.attachments, office.hq_keys, now=utc_now)


@bp.post("/enrol")
def enrolled() -> ResponseReturnValue:
    """Enrol a device by its one-time code; asking again with the same key gives the same grant."""
    tries: RateLimit = current_app.extensions["mpp_tries"]
    caller = caller_of(request.remote_addr)
    tries.check(caller)
    body = request.get_json(silent=True)
    office = here()
    try:
        if not isinstance(body, dict):
            raise Refused("json_malformed")
        with office.database.writing() as session:
            return jsonify(enrol(session, office.keys, office.config.address, body, utc_now()))
    except Refused as refused:
        if refused.code == "enrolment_code_wrong":
            tries.spend(caller)
        raise


@bp.errorhandler(Refused)
def refused_to_a_machine(refused: Refused) -> Response:
    """The reason as JSON, whatever the machine says it accepts."""
    response = jsonify(code=refused.code, sentence=refused.sentence())
    response.status_code = refused.problem.status
    if refused.problem.status in (429, 503):
        response.headers["Retry-After"] = str(refused.slots.get("seconds", 30))
    return response
