"""The stall asks headquarters once to vouch for its certificate authority, and takes the newest answer about it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from layanan.permohonan import Kind
from offline_db import authority
from offline_db.base import reading
from offline_db.models import EntryRow
from offline_db.selfcheck import selfcheck
from sync.authority import asked, vouching
from sync.entry import Entry
from tests.offline_db.office import publish

KEY, OTHER = b"\x04" + b"k" * 64, b"\x04" + b"o" * 64


def questions():
    with reading() as session:
        raws = session.scalars(select(EntryRow.raw).where(EntryRow.kind == str(Kind.AUTHORITY))).all()
    return [Entry.decode(raw) for raw in raws]


@pytest.mark.clause("P119")
def test_it_asks_once_and_nobody_need_be_there(counter):
    moment = counter.moment()
    assert authority.ask(KEY, moment)
    assert not authority.ask(KEY, moment)
    assert authority.ask(OTHER, moment), "a new machine has another key"
    first, second = questions()
    assert (first.operator, first.record, first.sealed) == ("", None, None)
    assert [asked(each.fields) for each in (first, second)] == [KEY, OTHER]
    assert second.seq == first.seq + 1
    assert selfcheck() == []


@pytest.mark.clause("P119")
def test_it_asks_again_after_a_month_without_an_answer_and_never_after_one(counter):
    moment = counter.moment()
    authority.ask(KEY, moment)
    later = moment._replace(utc=moment.utc + timedelta(days=31))
    assert authority.ask(KEY, later)
    publish((Kind.VOUCHED, None, vouching(KEY, b"certificate")))
    assert not authority.ask(KEY, moment._replace(utc=moment.utc + timedelta(days=400)))


@pytest.mark.clause("P119")
def test_the_newest_answer_about_this_key_counts_and_nonsense_is_passed_over(counter):
    publish(
        (Kind.VOUCHED, None, vouching(KEY, b"old")),
        (Kind.VOUCHED, None, vouching(KEY, b"new")),
        (Kind.VOUCHED, None, vouching(OTHER, b"another's")),
        (Kind.VOUCHED, None, {"key": "?", "certificate": 7}),
        (Kind.VOUCHED, None, vouching(KEY, b"x" * 5000)),
    )
    assert authority.answer(KEY) == b"new"
    assert authority.answer(b"\x04" + b"n" * 64) is None
