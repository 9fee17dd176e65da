from __future__ import annotations

import logging
import threading
from typing import Any

import pytest
from PyQt6 import sip
from pytestqt.qtbot import QtBot

from arvis.ui.settings.jobs import Jobs
from utils.errors import ArvisError


def test_jobs_are_done_elsewhere_in_their_order_and_told_of_here(qtbot: QtBot) -> None:
    jobs, told, places = Jobs("settings-test"), list[Any](), set[str]()

    def act(number: int) -> int:
        places.add(threading.current_thread().name)
        return number

    for number in range(20):
        jobs.run(lambda number=number: act(number), told.append)  # type: ignore[misc]
    assert jobs.pending == 20
    qtbot.waitUntil(lambda: not jobs.pending)
    assert told == list(range(20))
    assert places == {"settings-test"}


def test_an_error_is_told_and_the_next_job_done(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    jobs, told = Jobs("settings-test"), list[Any]()

    def fail(error: Exception) -> None:
        raise error

    jobs.run(lambda: fail(ArvisError("full", "The disk is full.")), told.append)
    with caplog.at_level(logging.ERROR):
        jobs.run(lambda: fail(ZeroDivisionError()), told.append)
        jobs.run(lambda: None, told.append)
        qtbot.waitUntil(lambda: not jobs.pending)
    assert (told[0].code, told[1].code, told[2]) == ("full", "internal-error", None)
    assert "ZeroDivisionError" in told[1].message
    assert len(caplog.records) == 1


def test_a_job_may_end_after_the_dialog(qtbot: QtBot) -> None:
    jobs, go, told = Jobs("settings-test"), threading.Event(), list[Any]()
    jobs.run(go.wait, told.append)
    sip.delete(jobs)
    go.set()
    for thread in threading.enumerate():
        if thread.name == "settings-test":
            thread.join(10)
            assert not thread.is_alive()
    assert told == []
