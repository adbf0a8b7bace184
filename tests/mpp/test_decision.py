"""What Ratna decides reaches the log, the row and the stall; what she did not see is never decided over."""

from __future__ import annotations

from base64 import b64decode
from datetime import date

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from layanan.permohonan import Event, Kind, fold
from layanan.problems import FormRefused, Refused
from layanan.service import catalogue
from layanan.status import Status
from mpp.db.decision import Decision, decide
from mpp.db.models import DownEntry, PermohonanRow
from mpp.db.permohonan import events_of, find, folded, refresh, steps_since
from mpp.decision import Desk, read_decision
from sync.canonical import decode
from tests.mpp.cast import NOW, OTHER, RATNA, SITI, Headquarters, StallAtWork


def decided(office: Headquarters, record: str, status: Status, slots: dict[str, str] | None = None, who=RATNA) -> None:
    with office.database.writing() as session:
        seen = find(session, record).content_sha256
        decide(session, office.keys, who, record, seen, Decision(status, slots or {}), NOW)


def test_a_decision_is_in_the_row_and_in_the_stalls_log(office: Headquarters, stall: StallAtWork) -> None:
    record = stall.accept()
    stall.send()
    decided(office, record, Status.VERIFIKASI)
    with office.database.reading() as session:
        assert find(session, record).status == "VERIFIKASI"
    (entry,) = stall.news()
    assert (entry.kind, entry.record, entry.fields["status"]) == (Kind.STATUS, record, "VERIFIKASI")
    assert (entry.author, entry.operator, entry.read) == (office.keys.hq, "ratna", (1, 2))


def test_finished_sends_a_slip_that_only_the_newest_shift_opens(office: Headquarters, stall: StallAtWork) -> None:
    record = stall.accept()
    stall.send()
    decided(office, record, Status.DIPROSES)
    decided(office, record, Status.SELESAI, {"tempat": "Gerai Genteng"})
    slip = stall.news()[-1]
    assert (slip.kind, slip.record, slip.fields["key"]) == (Kind.SLIP, record, stall.shift.id)
    plain = stall.shift.open_slip(b64decode(slip.fields["sealed"]), record=record, entry=slip.id)
    assert decode(plain) == {"name": SITI.name, "pemohon": SITI.name, "nik4": "9901", "phone": SITI.phone}


def test_without_a_personal_part_the_status_goes_down_alone(office: Headquarters, stall: StallAtWork) -> None:
    record = stall.accept(person=None)
    stall.send()
    decided(office, record, Status.DIKEMBALIKAN, {"kurang": "KTP-el"})
    assert [entry.kind for entry in stall.news()] == [Kind.STATUS]


def test_a_state_that_was_not_seen_is_not_decided_on(office: Headquarters, stall: StallAtWork) -> None:
    record = stall.accept()
    stall.send()
    with office.database.reading() as session:
        seen = find(session, record).content_sha256
    decided(office, record, Status.VERIFIKASI)
    with pytest.raises(Refused, match="status_changed"), office.database.writing() as session:
        decide(session, office.keys, RATNA, record, seen, Decision(Status.DIPROSES), NOW)
    with office.database.reading() as session:
        assert find(session, record).status == "VERIFIKASI"
        assert [step.status for step in steps_since(session, record, 1)] == ["VERIFIKASI"]
    assert len(stall.news()) == 1


def test_what_the_status_forbids_and_another_agencys_request_are_refused(
    office: Headquarters, stall: StallAtWork
) -> None:
    record = stall.accept()
    stall.send()
    with pytest.raises(Refused, match="status_forbids"):
        decided(office, record, Status.DIAMBIL)
    with pytest.raises(Refused, match="forbidden"):
        decided(office, record, Status.VERIFIKASI, who=OTHER)
    assert stall.news() == []


def test_a_cancellation_that_crosses_a_decision_is_kept_and_flagged(office: Headquarters, stall: StallAtWork) -> None:
    record = stall.accept()
    stall.send()
    decided(office, record, Status.DITOLAK, {"alasan": "data ganda"})
    stall.write(Kind.CANCELLED, {"reason": "tidak jadi"}, record=record)
    stall.send()
    with office.database.reading() as session:
        row, state = find(session, record), folded(session, record)
    assert (row.status, row.flagged) == ("DITOLAK", 1)
    assert {step.why for step in state.flagged} == {"crossed"}


def test_a_row_rebuilt_from_its_entries_is_the_same_row(office: Headquarters, stall: StallAtWork) -> None:
    records = [stall.accept() for _ in range(3)]
    stall.send()
    decided(office, records[0], Status.DIPROSES)
    decided(office, records[1], Status.DITOLAK, {"alasan": "data ganda"})

    def rows(session) -> dict[str, dict[str, object]]:
        names = [column.name for column in PermohonanRow.__table__.columns if column.name != "updated_at"]
        found = session.scalars(select(PermohonanRow))
        return {row.record_id: {name: getattr(row, name) for name in names} for row in found}

    with office.database.reading() as session:
        before = rows(session)
    with office.database.writing() as session:
        for row in session.scalars(select(PermohonanRow)):
            session.delete(row)
        session.flush()
        session.expunge_all()
        refresh(session, records, stall.grant.stall, NOW)
        assert rows(session) == before


def test_the_log_says_what_the_row_says_for_whoever_folds_it(office: Headquarters, stall: StallAtWork) -> None:
    record = stall.accept()
    stall.send()
    decided(office, record, Status.DIPROSES)
    with office.database.reading() as session:
        assert fold(events_of(session, record)).status is Status.DIPROSES
        assert session.scalar(select(DownEntry.chain)) is not None


class TestForm:
    """What the officer's form asks and what it refuses."""

    def desk(self, *statuses: str) -> Desk:
        """A request that went through these statuses, on a Friday."""
        fields = {"code": "K", "papers": [[0, "asli"], [1, "belum"]]}
        events = [Event(False, (1, 1), "00", (0, 0), Kind.ACCEPTED, fields, "2026-11-16T01:00:00.000Z")]
        for seq, status in enumerate(statuses, 1):
            said = {"status": status, "slots": {}}
            events.append(Event(True, (1, seq), f"{seq:02}", (1, 1), Kind.STATUS, said, "2026-11-17T01:00:00.000Z"))
        return Desk(fold(events), catalogue().service("DKC-01"), 5, date(2026, 11, 20), "Pasar Genteng")

    def test_a_due_date_is_computed_from_the_day_the_file_is_complete(self) -> None:
        decision = read_decision(MultiDict({"status": "DIPROSES"}), self.desk())
        assert (decision.due, decision.slots) == ("2026-11-23", {"tanggal": "Senin, 23 November 2026"})

    def test_the_missing_papers_are_named_from_the_services_list(self) -> None:
        desk = self.desk()
        form = MultiDict([("status", "DIKEMBALIKAN"), ("berkas", "1"), ("kurang", "materai")])
        assert read_decision(form, desk).slots == {"kurang": "Formulir F-1.01; materai"}
        assert [missing for _, _, missing in desk.missing][:2] == [False, True]

    @pytest.mark.parametrize(
        ("given", "wrong"),
        [
            ({}, {"status": "status_missing"}),
            ({"status": "DIAMBIL"}, {"status": "status_forbids"}),
            ({"status": "DIKEMBALIKAN"}, {"kurang": "slot_missing"}),
            ({"status": "DITOLAK", "alasan": " "}, {"alasan": "slot_missing"}),
            ({"status": "DITOLAK", "alasan": "x" * 301}, {"alasan": "text_too_long"}),
            ({"status": "MENUNGGU_HADIR"}, {"tanggal": "date_invalid", "keperluan": "slot_missing"}),
            ({"status": "MENUNGGU_HADIR", "tanggal": "2026-11-19", "keperluan": "foto"}, {"tanggal": "date_past"}),
        ],
    )
    def test_every_wrong_field_is_said_at_once(self, given: dict[str, str], wrong: dict[str, str]) -> None:
        with pytest.raises(FormRefused) as refused:
            read_decision(MultiDict(given), self.desk())
        assert {name: each.code for name, each in refused.value.fields.items()} == wrong

    def test_a_free_service_is_never_asked_to_be_paid(self) -> None:
        assert Status.MENUNGGU_BAYAR not in self.desk().choices

    def test_taking_a_finished_request_back_into_work_needs_a_reason(self) -> None:
        desk = self.desk("DIPROSES", "SELESAI")
        with pytest.raises(FormRefused) as refused:
            read_decision(MultiDict({"status": "DIPROSES"}), desk)
        assert list(refused.value.fields) == ["alasan"]
        decision = read_decision(MultiDict({"status": "DIPROSES", "alasan": "nama salah cetak"}), desk)
        assert decision.slots["alasan"] == "nama salah cetak"
