"""The first page of a signed-in operator: search, today's numbers, the link. Knows counts only."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from layanan.berkas import Arrival
from layanan.life_event import life_events
from layanan.status import Status
from offline_db import berkas
from offline_db.antrean import waiting
from offline_db.numbers import accepted_on, standing_at
from offline_db.parcels import waiting_for
from offline_db.print_job import unsettled_jobs
from offline_db.visits import visits
from pasar.drafts import begun
from pasar.guard import operator
from pasar.layanan import often
from pasar.stall import stall

bp = Blueprint("home", __name__)
FAVOURITES = 5
PAPERS_OF = timedelta(hours=12)
"""Whether a paper came out is asked on the day itself; later nobody can tell."""


@bp.get("/")
def page() -> ResponseReturnValue:
    """What do you need, what came today, and did it reach headquarters."""
    clock = stall().clock
    day = clock.today().isoformat()
    numbers = {
        "accepted": accepted_on(day),
        "ready": standing_at(Status.SELESAI),
        "returned": standing_at(Status.DIKEMBALIKAN),
        "queue": sum(waiting(day).values()),
        "visits": sum(visits(day).values()),
        "papers": unsettled_jobs(clock.now() - PAPERS_OF),
        "drafts": len(begun(operator())) + len(waiting_for(operator())),
        "missing": berkas.standing_at(Arrival.MISSING),
    }
    return render_template(
        "pasar/home.html", today=clock.today(), numbers=numbers, trusted=clock.trusted, often=often(FAVOURITES),
        events=life_events(),
    )  # fmt: skip
