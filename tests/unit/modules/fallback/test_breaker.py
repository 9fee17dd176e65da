from __future__ import annotations

import pytest

from modules.fallback.breaker import BreakerState, CircuitBreaker
from modules.fallback.policy import FallbackPolicy


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


def _breaker(time: Time, chance: float = 0.0, failures: int = 3) -> CircuitBreaker:
    policy = FallbackPolicy(failures=failures, recovery_seconds=30.0, window_seconds=60.0)
    return CircuitBreaker(policy, time, lambda: chance)


def test_it_opens_with_the_third_failure(time: Time) -> None:
    breaker = _breaker(time)
    states = []
    for _ in range(3):
        breaker.fail()
        states.append(breaker.state.value)
    assert states == ["closed", "closed", "open"]
    assert breaker.retry_at == 130.0


def test_failures_that_are_long_ago_do_not_count(time: Time) -> None:
    breaker = _breaker(time)
    for _ in range(10):
        breaker.fail()
        time.now += 31.0
    assert breaker.state is BreakerState.CLOSED


def test_a_success_between_failures_does_not_hide_them(time: Time) -> None:
    breaker = _breaker(time)
    for _ in range(2):
        breaker.fail()
        breaker.succeed()
    breaker.fail()
    assert breaker.state is BreakerState.OPEN


def test_one_failure_that_costs_much_is_enough(time: Time) -> None:
    breaker = _breaker(time)
    breaker.fail(at_once=True)
    assert breaker.state is BreakerState.OPEN


def test_it_is_due_when_the_wait_is_over(time: Time) -> None:
    breaker = _breaker(time)
    assert not breaker.is_due
    breaker.fail(at_once=True)
    time.now += 29.9
    assert not breaker.is_due
    time.now += 0.1
    assert breaker.is_due


def test_each_failed_trial_doubles_the_wait_up_to_a_bound(time: Time) -> None:
    breaker = _breaker(time)
    waits = []
    for _ in range(7):
        breaker.fail(at_once=True)
        waits.append(breaker.retry_at - time.now)
        time.now = breaker.retry_at
        breaker.begin_trial()
    assert waits == [30.0, 60.0, 120.0, 240.0, 480.0, 480.0, 480.0]


def test_chance_lengthens_the_wait_by_a_fifth_at_most(time: Time) -> None:
    breaker = _breaker(time, chance=1.0)
    breaker.fail(at_once=True)
    assert breaker.retry_at == pytest.approx(136.0)


def test_a_failure_in_a_trial_opens_it_again(time: Time) -> None:
    breaker = _breaker(time)
    breaker.fail(at_once=True)
    breaker.begin_trial()
    states = [breaker.state]
    breaker.fail()
    states.append(breaker.state)
    assert states == [BreakerState.HALF_OPEN, BreakerState.OPEN]


def test_only_a_success_in_earnest_makes_the_wait_short_again(time: Time) -> None:
    breaker = _breaker(time)
    breaker.fail(at_once=True)
    breaker.begin_trial()
    breaker.end_trial()
    assert breaker.state is BreakerState.CLOSED
    breaker.fail(at_once=True)
    assert breaker.retry_at - time.now == 60.0
    breaker.succeed()
    breaker.fail(at_once=True)
    assert breaker.retry_at - time.now == 30.0


def test_doubts_count_only_in_a_row(time: Time) -> None:
    breaker = _breaker(time)
    for _ in range(5):
        breaker.doubt()
        breaker.doubt()
        breaker.succeed()
    states = [breaker.state]
    for _ in range(3):
        breaker.doubt()
        states.append(breaker.state)
    assert [state.value for state in states] == ["closed", "closed", "closed", "open"]


def test_it_can_be_tried_sooner(time: Time) -> None:
    breaker = _breaker(time)
    breaker.fail(at_once=True)
    breaker.hasten()
    assert breaker.is_due
