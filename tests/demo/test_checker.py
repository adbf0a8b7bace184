"""The judge of a market day must fail on every kind of difference, and only then."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pasar.journey.attempts import Act, Attempt, AttemptLog, Phase
from pasar.journey.checker import judge, main

Rows = list[dict[str, object]]


def row(record: str, **other: object) -> dict[str, object]:
    plain: dict[str, object] = {
        "record_id": record, "tracking_code": f"CODE{record}", "series": f"GTG-261121-000{record}", "service": "DKC-01",
        "status": "SELESAI", "entries": 3, "content_sha256": f"{record}" * 64, "acknowledged": True,
    }
    return plain | other


def receipt(record: str, phase: Phase = Phase.OK, **other: str) -> Attempt:
    shown = {"code": f"CODE{record}", "series": f"GTG-261121-000{record}"} | other
    return Attempt(Act.ACCEPT, phase, record, **shown)


@pytest.fixture
def attempts() -> list[Attempt]:
    return [
        receipt("1"), receipt("2"), Attempt(Act.ACCEPT, Phase.FAIL, "3"), Attempt(Act.ACCEPT, Phase.INFO, "4"),
        Attempt(Act.ACCEPT, Phase.INFO, "2"), Attempt(Act.DECIDE, Phase.OK, "1", status="SELESAI"),
    ]


@pytest.fixture
def ledgers() -> tuple[Rows, Rows]:
    return [row("1"), row("2", status="TERKIRIM")], [row("1"), row("2", status="TERKIRIM")]


def test_an_honest_day_has_no_difference(attempts: list[Attempt], ledgers: tuple[Rows, Rows]) -> None:
    verdict = judge(attempts, *ledgers)
    assert verdict.differences == ()
    assert (verdict.accepted, verdict.stored, verdict.returned, verdict.duplicates, verdict.losses) == (2, 2, 1, 0, 0)


def test_what_may_have_happened_may_have_happened_once(attempts: list[Attempt], ledgers: tuple[Rows, Rows]) -> None:
    stall, hq = ledgers
    assert judge(attempts, [*stall, row("4")], [*hq, row("4")]).differences == ()
    assert judge(attempts, [*stall, row("4")], [*hq, row("4"), row("4")]).duplicates == 1


def both(stall: Rows, hq: Rows, **other: object) -> None:
    stall[0].update(other)
    hq[0].update(other)


Harm = Callable[[list[Attempt], Rows, Rows], object]
HARMS: dict[str, Harm] = {
    "lost at headquarters": lambda tried, stall, hq: hq.pop(),
    "lost at the stall": lambda tried, stall, hq: stall.pop(),
    "lost everywhere": lambda tried, stall, hq: (stall.pop(), hq.pop()),
    "twice at headquarters": lambda tried, stall, hq: hq.append(row("1")),
    "refused, yet stored": lambda tried, stall, hq: (stall.append(row("3")), hq.append(row("3"))),
    "nobody asked for it": lambda tried, stall, hq: (stall.append(row("9")), hq.append(row("9"))),
    "other content": lambda tried, stall, hq: hq[0].update(content_sha256="0" * 64),
    "other code than on the receipt": lambda tried, stall, hq: both(stall, hq, tracking_code="X"),
    "one code for two": lambda tried, stall, hq: tried.append(receipt("4", code="CODE1")) or (
        stall.append(row("4", tracking_code="CODE1")), hq.append(row("4", tracking_code="CODE1"))),
    "two receipts of one record": lambda tried, stall, hq: tried.append(receipt("1", code="OTHER")),
    "a shopper was not answered": lambda tried, stall, hq: tried.append(Attempt(Act.ASK, Phase.FAIL, "1")),
    "not acknowledged": lambda tried, stall, hq: stall[1].update(acknowledged=False),
    "status not returned": lambda tried, stall, hq: stall[0].update(status="DIPROSES"),
    "decision undone on both sides": lambda tried, stall, hq: both(stall, hq, status="DIPROSES"),
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS.keys())
def test_every_harm_is_seen(attempts: list[Attempt], ledgers: tuple[Rows, Rows], harm: Harm) -> None:
    harm(attempts, *ledgers)
    assert judge(attempts, *ledgers).differences


def test_the_command_reads_three_files_and_its_exit_code_tells(
    tmp_path: Path, attempts: list[Attempt], ledgers: tuple[Rows, Rows], capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [tmp_path / name for name in ("attempts", "stall", "hq")]
    log = AttemptLog(paths[0])
    for attempt in attempts:
        log.note(attempt)
    log.close()
    for path, rows in zip(paths[1:], ledgers, strict=True):
        path.write_text("".join(json.dumps(one) + "\n" for one in rows))
    assert main([str(path) for path in paths]) == 0
    paths[2].write_text(json.dumps(ledgers[1][0]) + "\n")
    assert main([str(path) for path in paths]) == 1
    assert "Hilang                                     1" in capsys.readouterr().out
    assert main([]) == 2
