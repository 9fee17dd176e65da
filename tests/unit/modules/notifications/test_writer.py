"""The thread that writes notifications."""

from __future__ import annotations

import logging
import queue
import threading

import pytest

from modules.notifications.writer import Writer


def nothing() -> None:
    """A look that sees nothing."""


def test_jobs_are_done_in_their_order_on_another_thread() -> None:
    done: list[tuple[int, str]] = []

    def job(number: int) -> None:
        done.append((number, threading.current_thread().name))

    writer = Writer(nothing, lambda: None)
    for number in range(50):
        assert writer.submit(lambda number=number: job(number))  # type: ignore[misc]
    writer.wait()
    assert done == [(number, "notifications") for number in range(50)]
    assert writer.close(20.0)


def test_what_waits_at_the_end_is_done_and_nothing_after_it() -> None:
    done: list[int] = []
    writer = Writer(nothing, lambda: None)
    go = threading.Event()
    writer.submit(lambda: go.wait(20))
    writer.submit(lambda: done.append(1))
    go.set()
    assert writer.close(20.0)
    assert not writer.submit(lambda: done.append(2))
    writer.wait()
    assert done == [1]


def test_without_a_job_there_is_no_thread() -> None:
    before = threading.active_count()
    assert Writer(nothing, lambda: None).close(0.0)
    assert threading.active_count() == before


def test_it_looks_while_there_is_nothing_to_do_and_only_when_it_should() -> None:
    looks: queue.Queue[int] = queue.Queue()
    left = [0.001, 0.001, 0.001, None]  # the first is for the job
    writer = Writer(lambda: looks.put(1), lambda: left.pop(0) if left else None)
    writer.submit(nothing)
    assert [looks.get(timeout=20), looks.get(timeout=20)] == [1, 1]
    writer.wait()
    assert writer.close(20.0)
    assert looks.empty()


def test_a_job_that_fails_does_not_end_the_others(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []
    writer = Writer(nothing, lambda: None)
    writer.submit(lambda: 1 / 0)
    writer.submit(lambda: done.append(1))
    writer.wait()
    assert writer.close(20.0)
    assert done == [1]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
