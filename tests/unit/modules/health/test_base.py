"""Time-outs, threads, and what counts as the gravest."""

from __future__ import annotations

import asyncio
import threading

import pytest

from modules.health.base import CheckResult, Status, in_thread, limited, worst
from tests.fakes.clock import run_virtual

FINE = CheckResult("A", Status.HEALTHY, "Fine.")


def result(status: Status) -> CheckResult:
    return CheckResult("A", status, "")


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], Status.HEALTHY),
        ([Status.HEALTHY, Status.UNKNOWN], Status.UNKNOWN),
        ([Status.DEGRADED, Status.UNKNOWN], Status.DEGRADED),
        ([Status.DEGRADED, Status.UNHEALTHY, Status.HEALTHY], Status.UNHEALTHY),
    ],
)
def test_the_gravest_status_counts(statuses: list[Status], expected: Status) -> None:
    assert worst(result(status) for status in statuses) is expected


def test_a_check_that_hangs_is_unknown() -> None:
    async def hang() -> CheckResult:
        await asyncio.Event().wait()
        return FINE

    found = run_virtual(lambda: limited("Speaker", hang(), 3.0))
    assert (found.name, found.status, found.summary) == ("Speaker", Status.UNKNOWN, "No answer within 3 seconds.")
    assert found.advice


async def test_a_check_in_time_is_passed_on() -> None:
    assert await limited("A", in_thread(lambda: FINE), 30.0) is FINE


async def test_a_blocking_check_runs_in_a_thread_that_nobody_waits_for() -> None:
    def check() -> CheckResult:
        return CheckResult(threading.current_thread().name, Status.HEALTHY, str(threading.current_thread().daemon))

    found = await in_thread(check)
    assert (found.name, found.summary) == ("health", "True")


async def test_an_error_in_a_thread_is_raised_where_it_is_awaited() -> None:
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: CheckResult("A", Status.HEALTHY, str(1 / 0)))


async def test_a_blocking_check_that_was_given_up_ends_in_silence() -> None:
    release, ended = threading.Event(), threading.Event()

    def check() -> CheckResult:
        release.wait(30)
        ended.set()
        return FINE

    found = await limited("Disk", in_thread(check), 0.01)
    release.set()
    await asyncio.to_thread(ended.wait, 30)
    await asyncio.sleep(0)  # what the thread delivers late is dropped here
    assert found.status is Status.UNKNOWN
