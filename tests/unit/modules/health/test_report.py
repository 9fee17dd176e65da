"""What many findings mean together, and what a change is."""

from __future__ import annotations

import json

import pytest

from modules.health.base import Check, Finding, Status
from modules.health.report import Entry, HealthReport, Transition

H, D, U, X = Status.HEALTHY, Status.DEGRADED, Status.UNHEALTHY, Status.UNKNOWN


async def nothing() -> Finding:
    raise AssertionError("not looked at here")


def report(**statuses: tuple[Status, bool]) -> HealthReport:
    """Parts by name, each with its status and whether it is essential."""
    return HealthReport(
        {
            name: Entry(Check(name, name.title(), nothing, essential=essential), Finding(status, "So it is.", "Do it."))
            for name, (status, essential) in statuses.items()
        }
    )


@pytest.mark.parametrize(
    ("first", "second", "overall", "ready"),
    [
        ((H, True), (H, False), H, True),
        ((D, True), (H, False), D, True),
        ((U, True), (H, False), U, False),
        ((X, True), (H, False), X, False),
        ((H, True), (D, False), D, True),
        ((H, True), (U, False), D, True),
        ((H, True), (X, False), X, True),
    ],
)
def test_what_can_be_done_without_does_not_break_the_whole(
    first: tuple[Status, bool], second: tuple[Status, bool], overall: Status, ready: bool
) -> None:
    found = report(first=first, second=second)
    assert (found.overall, found.ready) == (overall, ready)


def test_a_report_in_parts() -> None:
    found = report(stt=(U, True), screen=(U, False), disk=(H, True))
    assert found.broken == ("Stt",)
    assert found.named(U) == ("stt", "screen")
    assert found.statuses() == {"stt": "UNHEALTHY", "screen": "UNHEALTHY", "disk": "HEALTHY"}


def test_a_report_as_json() -> None:
    document = json.loads(json.dumps(report(stt=(D, True)).document()))
    assert document == {
        "status": "DEGRADED",
        "checks": [
            {
                "name": "stt",
                "title": "Stt",
                "essential": True,
                "status": "DEGRADED",
                "reason": "So it is.",
                "remedy": "Do it.",
                "figures": {},
            }
        ],
    }


@pytest.mark.parametrize(
    ("old", "new", "failure", "recovery"),
    [
        (X, H, False, False),
        (X, D, True, False),
        (X, U, True, False),
        (H, D, True, False),
        (H, U, True, False),
        (H, X, False, False),
        (D, U, True, False),
        (U, D, False, False),
        (D, H, False, True),
        (U, H, False, True),
        (U, X, False, False),
    ],
)
def test_changes_for_the_worse_and_for_the_better(old: Status, new: Status, failure: bool, recovery: bool) -> None:
    change = Transition("stt", "Speech to text", old, new, "So it is.")
    assert (change.is_failure, change.is_recovery) == (failure, recovery)
