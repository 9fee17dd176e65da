from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from modules.notifications.limit import RateLimit


def test_so_many_pass_within_a_minute() -> None:
    limit = RateLimit(3)
    assert [limit.allows(at) for at in (0, 10, 20, 30, 59.9, 60, 61, 70)] == [
        True, True, True, False, False, True, False, True,
    ]  # fmt: skip


def test_zero_is_no_limit() -> None:
    limit = RateLimit(0)
    assert all(limit.allows(0.0) for _ in range(1000))


@given(st.integers(1, 5), st.lists(st.floats(0, 30), max_size=60))
def test_never_more_than_that_within_any_minute(per_minute: int, gaps: list[float]) -> None:
    limit, now, passed = RateLimit(per_minute), 0.0, []
    for gap in gaps:
        now += gap
        if limit.allows(now):
            passed.append(now)
    assert all(sum(at <= other < at + 60 for other in passed) <= per_minute for at in passed)
