"""Threads, and what counts as the gravest."""

from __future__ import annotations

import asyncio
import threading

import pytest

from modules.health.base import Finding, Status, in_thread, worst

FINE = Finding(Status.HEALTHY, "Fine.")


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
    assert worst(statuses) is expected


async def test_a_blocking_look_runs_in_a_thread_that_nobody_waits_for() -> None:
    def look() -> Finding:
        return Finding(Status.HEALTHY, f"{threading.current_thread().name} {threading.current_thread().daemon}")

    assert (await in_thread(look)).reason == "health True"


async def test_an_error_in_a_thread_is_raised_where_it_is_awaited() -> None:
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: Finding(Status.HEALTHY, str(1 / 0)))


async def test_a_blocking_look_that_was_given_up_ends_in_silence() -> None:
    release, ended = threading.Event(), threading.Event()

    def look() -> Finding:
        release.wait(30)
        ended.set()
        return FINE

    task = asyncio.create_task(in_thread(look))
    await asyncio.wait({task}, timeout=0.01)
    task.cancel()
    release.set()
    await asyncio.to_thread(ended.wait, 30)
    await asyncio.sleep(0)  # what the thread delivers late is dropped here
    assert task.cancelled()
