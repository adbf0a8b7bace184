"""The scans of a request at the agency's desk: which there are, and one of them opened for an officer who says why.

Knows pages and headers; refuses to know SQL, and to hand a browser anything it could run.
"""

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from layanan.attachments import ENDINGS, PDF
from layanan.problems import Refused
from layanan.service import Service
from mpp.db.access import REASONS
from mpp.db.attachments import Scan, of_record, opened_for
from mpp.db.decision import seen_permohonan
from mpp.office import here, utc_now
from mpp.sign_in import officer, signed_in_only
from web_base.tongue import _

bp = Blueprint("lampiran", __name__, url_prefix="/permohonan")
bp.before_request(signed_in_only)
POLICY = "default-src 'none'; sandbox"
"""A scan comes from elsewhere: whatever it claims to be, nothing in it runs or loads."""


@bp.post("/<record_id>/lampiran/<int:number>")
def opened(record_id: str, number: int) -> Response:
    """One scan in this one answer, once it is written down who looks and why. Raises Refused("access_reason")."""
    reason, who, home = request.form.get("alasan", ""), officer(), here()
    if reason not in REASONS:
        raise Refused("access_reason")
    with home.database.writing() as session:
        seen_permohonan(session, who, record_id)
        plain, media = opened_for(session, home.keys, record_id, number, who.id, reason, utc_now())
    shown = "attachment" if media == PDF else "inline"
    named = f'{shown}; filename="lampiran-{number}.{ENDINGS[media]}"'
    headers = {"Content-Security-Policy": POLICY, "Content-Disposition": named, "Cache-Control": "no-store"}
    return Response(plain, content_type=media, headers=headers)


def scan_lines(session: Session, record_id: str, service: Service | None) -> list[tuple[int, str, bool, str]]:
    """Return of each scan its number, what it shows, whether it can be opened, and why not."""
    scans = of_record(session, record_id)
    titles = _apart([_title(scan, service) for scan in scans])
    return [
        (scan.number, title, scan.state == "complete", _absence(scan))
        for scan, title in zip(scans, titles, strict=True)
    ]


def _apart(titles: list[str]) -> list[str]:
    """Two photos of one paper have one name: the second and later ones carry their place."""
    return [
        f"{title} ({before})" if (before := titles[: place + 1].count(title)) > 1 else title
        for place, title in enumerate(titles)
    ]


def _title(scan: Scan, service: Service | None) -> str:
    names = service.requirements if service else ()
    if scan.paper is not None and 0 <= scan.paper < len(names):
        return names[scan.paper]
    return _("Foto %(number)s", number=scan.number)


def _absence(scan: Scan) -> str:
    if scan.state == "complete":
        return ""
    return Refused(scan.problem or "attachment_missing").sentence()
