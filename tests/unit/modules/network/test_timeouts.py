from __future__ import annotations

import pytest

from modules.network.timeouts import ENOUGH, FACTOR, WINDOW, AdaptiveTimeout, ServerTimeouts


def adapted(*seconds: float, longest: float = 20.0, shortest: float = 1.0) -> AdaptiveTimeout:
    timeout = AdaptiveTimeout(longest, shortest=shortest)
    for value in seconds:
        timeout.observe(value)
    return timeout


def test_the_longest_wait_holds_until_enough_is_known() -> None:
    timeout = adapted(*[1.0] * (ENOUGH - 1))
    assert timeout.seconds == 20.0
    timeout.observe(1.0)
    assert timeout.seconds == FACTOR


@pytest.mark.parametrize(("usual", "seconds"), [(0.01, 1.0), (2.0, 2.0 * FACTOR), (9.0, 20.0)])
def test_it_stays_within_its_bounds(usual: float, seconds: float) -> None:
    assert adapted(*[usual] * 50).seconds == seconds


def test_it_follows_the_99th_percentile() -> None:
    seconds = [0.5] * 198 + [2.0, 4.0]
    assert adapted(*seconds[:199]).seconds == FACTOR * 0.5  # the 198th of 199
    assert adapted(*seconds).seconds == FACTOR * 0.5  # the 198th of 200
    assert adapted(*seconds[1:], 4.0).seconds == FACTOR * 2.0


def test_old_observations_are_forgotten() -> None:
    assert adapted(*[5.0] * 50, *[1.0] * WINDOW).seconds == FACTOR


def test_after_a_wait_that_was_too_short_the_next_is_the_longest_until_something_is_seen() -> None:
    timeout = adapted(*[1.0] * 50)
    timeout.expired()
    assert timeout.seconds == 20.0
    timeout.observe(6.0)
    assert timeout.seconds == FACTOR * 6.0


def test_a_lower_bound_above_the_upper_one_gives_way() -> None:
    assert adapted(*[0.01] * 50, longest=0.1, shortest=5.0).seconds == 0.1


def test_a_server_has_a_time_for_each_kind() -> None:
    timeouts = ServerTimeouts(20.0)
    assert (timeouts.connect.seconds, timeouts.first_token.seconds, timeouts.between_tokens.seconds) == (5, 20, 20)
    for timeout in (timeouts.connect, timeouts.first_token, timeouts.between_tokens):
        for _ in range(ENOUGH):
            timeout.observe(0.001)
    assert (timeouts.connect.seconds, timeouts.first_token.seconds, timeouts.between_tokens.seconds) == (2, 5, 3)
    assert ServerTimeouts(0.5).connect.seconds == ServerTimeouts(0.5).answer == 0.5
