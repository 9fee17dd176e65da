from __future__ import annotations

from dataclasses import dataclass

import pytest

from modules.network.retries import Retries, retry_after


@dataclass
class Failed:
    code: str
    retry_after: float | None = None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("3", 3.0),
        ("0.25", 0.25),
        ("-5", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("soon", None),
        ("Wed, 21 Oct 2015 07:28:00 +99999999999999999999", None),
        ("Wed, 21 Oct 2015 07:28:00 -0000", None),
    ],
)
def test_the_time_that_a_server_asks_for(value: str | None, seconds: float | None) -> None:
    assert retry_after(value) == seconds


def test_a_date_far_ahead_is_not_waited_for() -> None:
    seconds = retry_after("Fri, 31 Dec 9998 23:59:59 GMT")
    assert seconds is not None
    assert seconds > 1e9
    assert Retries().wait(Failed("rate-limited", seconds), 1) is None


@pytest.mark.parametrize("value", ["inf", "nan", "1e300"])
def test_odd_times_never_make_anybody_wait(value: str) -> None:
    assert Retries().wait(Failed("server-failed", retry_after(value)), 1) in (None, 0.0)


def test_each_kind_has_its_own_number_of_tries() -> None:
    retries = Retries(rate_limited=2, chance=lambda: 0.0)
    limited, failed = Failed("rate-limited"), Failed("server-failed")
    assert [retries.wait(limited, attempt) for attempt in (1, 2, 3)] == [0.5, 1.0, None]
    assert [retries.wait(failed, attempt) for attempt in (1, 2)] == [0.0, None]
    assert retries.wait(Failed("unauthorized"), 1) is None


def test_a_back_off_is_spread_by_half_of_itself_and_a_wanted_time_is_kept() -> None:
    spread = Retries(chance=lambda: 1.0)
    assert [spread.wait(Failed("rate-limited"), attempt) for attempt in (1, 2, 3)] == [0.75, 1.5, 3.0]
    assert spread.wait(Failed("rate-limited", 2.5), 1) == 2.5
    waits = {Retries().wait(Failed("rate-limited"), 1) for _ in range(20)}
    assert len(waits) > 1
    assert all(wait is not None and 0.5 <= wait <= 0.75 for wait in waits)
