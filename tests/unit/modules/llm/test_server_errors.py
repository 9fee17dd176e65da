from __future__ import annotations

import pytest

from modules.llm.server_errors import Explainer

EXPLAIN = Explainer("http://127.0.0.1:1/v1", None)


@pytest.mark.parametrize("status", [429, 503])
def test_the_time_that_a_server_asks_for_is_passed_on(status: int) -> None:
    assert EXPLAIN.status(status, {"retry-after": "3"}, b"").retry_after == 3.0
    assert EXPLAIN.status(status, {}, b"").retry_after is None


@pytest.mark.parametrize(("seconds", "said"), [(20.0, "20"), (0.1, "0.1"), (5.137, "5.1")])
def test_how_long_was_waited_is_said_in_few_digits(seconds: float, said: str) -> None:
    assert f"within {said} seconds." in EXPLAIN.timed_out(seconds).message
