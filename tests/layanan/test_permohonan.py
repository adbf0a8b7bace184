"""The fold: whatever arrives, in whatever order, both sides read the same state."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layanan.permohonan import Event, Kind, fold, in_order
from layanan.status import Status

ACCEPTED = {
    "code": "K7M24QX9ABCD", "series": "GTG-261121-0001", "service": "DKC-01", "stall": "GTG", "masked": "S••• A•••",
    "relation": "diri_sendiri", "papers": [[0, "asli"], [1, "belum"]], "receipt_sig": "sig", "receipt_date": "261121",
}  # fmt: skip


def stall(seq, kind, fields=None, read=(0, 0), epoch=1):
    return Event(False, (epoch, seq), f"s{epoch}-{seq}-{kind}", read, kind, fields or {}, "2026-11-21T01:00:00Z")


def hq(seq, status, read=(1, 99), slots=None, due=""):
    fields = {"status": status, "slots": slots or {}, "due": due}
    return Event(True, (1, seq), f"h{seq}", read, Kind.STATUS, fields, "2026-11-21T02:00:00Z")


def test_an_accepted_permohonan_is_received_and_holds_what_the_receipt_shows():
    state = fold([stall(1, Kind.ACCEPTED, ACCEPTED)])
    assert (state.status, state.code, state.papers) == (Status.DITERIMA, "K7M24QX9ABCD", ((0, "asli"), (1, "belum")))
    assert state.flagged == ()


def test_the_officers_decision_and_the_hand_over_close_the_life():
    state = fold(
        [
            stall(1, Kind.ACCEPTED, ACCEPTED),
            hq(1, "SELESAI", slots={"tempat": "gerai Genteng"}),
            stall(2, Kind.HANDED_OVER, {"to": "pemohon"}, read=(1, 1)),
        ]
    )
    assert state.status is Status.DIAMBIL
    assert state.terminal
    assert [step.status for step in state.history] == ["DITERIMA", "SELESAI", "DIAMBIL"]


def test_a_returned_permohonan_completed_at_the_stall_is_received_again():
    state = fold(
        [
            stall(1, Kind.ACCEPTED, ACCEPTED),
            hq(1, "DIKEMBALIKAN", slots={"kurang": "KK lama"}),
            stall(2, Kind.AMENDED, {"patch": {"papers": [[1, "asli"]]}, "resubmitted": True}, read=(1, 1)),
        ]
    )
    assert (state.status, state.papers, state.slots) == (Status.DITERIMA, ((1, "asli"),), None)


def test_a_hand_over_before_it_is_finished_is_kept_and_flagged():
    state = fold([stall(1, Kind.ACCEPTED, ACCEPTED), stall(2, Kind.HANDED_OVER)])
    assert state.status is Status.DITERIMA
    assert [(step.kind, step.why) for step in state.flagged] == [("handed_over", "status_forbids")]


def test_two_people_at_once_is_seen_and_headquarters_entry_applies():
    """The operator withdrew before reading the decision; the officer decided before reading the withdrawal."""
    state = fold(
        [
            stall(1, Kind.ACCEPTED, ACCEPTED),
            stall(2, Kind.CANCELLED, {"reason": "pindah"}),
            hq(1, "DIPROSES", read=(1, 1)),
        ]
    )
    assert state.status is Status.DIPROSES
    assert [step.why for step in state.flagged] == ["crossed"]


def test_an_amendment_changes_only_named_fields():
    state = fold(
        [
            stall(1, Kind.ACCEPTED, ACCEPTED),
            stall(2, Kind.AMENDED, {"patch": {"masked": "B•••", "code": "ZZZZZZZZZZZZ", "status": "SELESAI"}}),
        ]
    )
    assert (state.masked, state.code, state.status) == ("B•••", "K7M24QX9ABCD", Status.DITERIMA)


def test_a_second_acceptance_of_one_record_is_kept_and_flagged():
    state = fold([stall(1, Kind.ACCEPTED, ACCEPTED), stall(1, "accepted", {**ACCEPTED, "code": "X"}, epoch=2)])
    assert state.code == "K7M24QX9ABCD"
    assert [step.why for step in state.flagged] == ["accepted_twice"]


def test_what_a_writer_has_read_never_shrinks_along_its_log():
    events = [stall(1, "a", read=(1, 2)), stall(2, "b", read=(1, 0)), hq(1, "VERIFIKASI"), hq(2, "DIPROSES")]
    assert [event.hash for event in in_order(events)] == ["h1", "h2", "s1-1-a", "s1-2-b"]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("aB0", max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=2),
    max_leaves=4,
)
names = st.sampled_from(["status", "slots", "patch", "papers", "resubmitted", "due", *ACCEPTED])
any_fields = st.just(ACCEPTED) | st.dictionaries(names, anything, max_size=5)
places = st.tuples(st.integers(0, 3), st.integers(0, 6))
any_event = st.builds(
    lambda is_hq, place, read, kind, fields, n: Event(is_hq, place, f"{is_hq}{place}{kind}{n}", read, kind, fields, ""),
    st.booleans(), places, places, st.sampled_from([*Kind, "kind_of_tomorrow"]), any_fields, st.integers(0, 2),
)  # fmt: skip


several = st.lists(any_event, max_size=8, unique_by=lambda event: event.hash)


@given(several.flatmap(lambda events: st.tuples(st.just(events), st.permutations(events * 2))))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_the_fold_is_total_and_does_not_depend_on_the_order_of_arrival(arrivals):
    events, repeated_in_another_order = arrivals
    assert fold(events) == fold(repeated_in_another_order)
    assert len(fold(events).history) == len(events)
