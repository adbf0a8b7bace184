"""What the optional judge makes of a report: too few points fail, and another page than the one asked for has none."""

from __future__ import annotations

from typing import Any

from tests.browser.lighthouse import AIMS, COUNTER, PUBLIC, read


def report(score: float, **changed: Any) -> dict[str, Any]:
    refs = [{"id": "late", "weight": 10}, {"id": "told", "weight": 0}]
    audits = {"late": {"score": 0.3, "title": "Late", "displayValue": "4.1 s"}, "told": {"score": 0, "title": "Told"}}
    categories = {name: {"score": 1, "auditRefs": []} for name in AIMS}
    categories["performance"] = {"score": score, "auditRefs": refs}
    asked = "http://localhost:1/permohonan"
    return {"requestedUrl": asked, "finalDisplayedUrl": asked, "categories": categories, "audits": audits, **changed}


def test_enough_points_are_enough() -> None:
    verdict = read(report(0.95))
    assert (verdict.points["performance"], verdict.lacking, verdict.faults) == (95, [], [])


def test_too_few_fail_and_say_what_takes_them() -> None:
    verdict = read(report(0.94))
    assert verdict.lacking == ["performance"] and verdict.faults == ["performance: late 4.1 s"]


def test_a_page_that_led_to_the_sign_in_has_no_points() -> None:
    verdict = read(report(1, finalDisplayedUrl="http://localhost:1/masuk"))
    assert verdict.lacking == list(AIMS) and verdict.faults == ["led to http://localhost:1/masuk"]
    failed = read(report(1, runtimeError={"message": "status code 500"}))
    assert failed.lacking == list(AIMS) and failed.faults == ["status code 500"]


def test_every_category_has_its_aim_and_pages_of_both_kinds_are_judged() -> None:
    assert AIMS == {"performance": 95, "accessibility": 100, "best-practices": 95}
    assert {"/masuk", "/c", "/hp"} <= set(PUBLIC.values()) and {"/", "/permohonan"} <= set(COUNTER.values())
