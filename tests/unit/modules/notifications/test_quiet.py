from __future__ import annotations

from datetime import time

import pytest

from modules.notifications.quiet import QuietHours, parse_quiet_hours


@pytest.mark.parametrize(
    ("start", "end", "quiet", "loud"),
    [
        ("22:00", "07:00", ["22:00", "23:59", "00:00", "06:59"], ["07:00", "12:00", "21:59"]),
        ("13:00", "14:30", ["13:00", "14:29"], ["12:59", "14:30", "00:00"]),
        ("00:00", "6:00", ["00:00", "05:59"], ["06:00", "23:59"]),
        ("22:00", "00:00", ["22:00", "23:59"], ["00:00", "21:59"]),
        ("08:00", "08:00", [], ["08:00", "20:00"]),
        ("", "", [], ["00:00", "12:00"]),
    ],
)
def test_what_is_quiet(start: str, end: str, quiet: list[str], loud: list[str]) -> None:
    hours, problems = parse_quiet_hours(start, end)
    assert problems == []
    assert [moment for moment in quiet + loud if hours.contain(time.fromisoformat(moment))] == quiet


@pytest.mark.parametrize(
    ("start", "end", "named"),
    [
        ("22:00", "", "notifications.quiet_to: ''"),
        ("", "07:00", "notifications.quiet_from: ''"),
        ("24:00", "07:00", "notifications.quiet_from: '24:00'"),
        ("22:60", "07:00", "notifications.quiet_from: '22:60'"),
        ("late", "07:00", "notifications.quiet_from: 'late'"),
    ],
)
def test_hours_that_mean_nothing_are_told_and_nothing_is_quiet(start: str, end: str, named: str) -> None:
    hours, problems = parse_quiet_hours(start, end)
    assert hours == QuietHours()
    (problem,) = problems
    assert problem == f"{named} is no time of day. Write it as '22:00', or leave both empty."
