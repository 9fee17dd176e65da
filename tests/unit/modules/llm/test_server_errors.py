from __future__ import annotations

import pytest

from modules.llm.server_errors import Explainer, Retries, ServerError

EXPLAIN = Explainer("http://127.0.0.1:1/v1", None, 20.0)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3.0),
        ("0.25", 0.25),
        ("-5", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("soon", None),
        ("Wed, 21 Oct 2015 07:28:00 -0000", None),
    ],
)
def test_the_time_that_a_server_asks_for(value: str, seconds: float | None) -> None:
    assert EXPLAIN.status(429, {"retry-after": value}, b"").retry_after == seconds


def test_a_date_far_ahead_is_not_waited_for() -> None:
    limited = EXPLAIN.status(429, {"retry-after": "Fri, 31 Dec 9998 23:59:59 GMT"}, b"")
    assert limited.retry_after is not None
    assert limited.retry_after > 1e9
    assert Retries().wait(limited, 1) is None


@pytest.mark.parametrize("value", ["inf", "nan", "1e300"])
def test_odd_times_never_make_anybody_wait(value: str) -> None:
    assert Retries().wait(EXPLAIN.status(503, {"retry-after": value}, b""), 1) in (None, 0.0)


def test_each_kind_has_its_own_number_of_tries() -> None:
    retries = Retries(rate_limited=2)
    limited, failed = ServerError("rate-limited", ""), ServerError("server-failed", "")
    assert [retries.wait(limited, attempt) for attempt in (1, 2, 3)] == [0.5, 1.0, None]
    assert [retries.wait(failed, attempt) for attempt in (1, 2)] == [0.0, None]
    assert retries.wait(ServerError("unauthorized", ""), 1) is None
