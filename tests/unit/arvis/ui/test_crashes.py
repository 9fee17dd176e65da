from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from arvis.ui.crashes import CrashReporter


@pytest.fixture
def reporter() -> Iterator[CrashReporter]:
    before = sys.excepthook, threading.excepthook
    reporter = CrashReporter()
    reporter.install()
    yield reporter
    sys.excepthook, threading.excepthook = before


def test_an_uncaught_exception_is_logged_and_told(
    reporter: CrashReporter, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    error = ValueError("secret words")
    with qtbot.waitSignal(reporter.crashed) as told:
        sys.excepthook(ValueError, error, None)
    assert told.args == ["Something inside Arvis went wrong (ValueError). The log has the details."]
    assert any(record.exc_info and record.exc_info[1] is error for record in caplog.records)


def test_an_exception_in_a_thread_is_told_too(
    reporter: CrashReporter, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise OSError("gone")

    with qtbot.waitSignal(reporter.crashed) as told:
        thread = threading.Thread(target=fail)
        thread.start()
    thread.join()
    assert told.args is not None
    assert "OSError" in told.args[0]


def test_an_interrupt_at_the_keyboard_quits(reporter: CrashReporter, qapp: QApplication, qtbot: QtBot) -> None:
    told: list[str] = []
    reporter.crashed.connect(told.append)
    with qtbot.waitSignal(qapp.aboutToQuit, raising=False, timeout=1):
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert told == []


def test_the_hooks_are_given_back(reporter: CrashReporter) -> None:
    reporter.uninstall()
    assert sys.excepthook is sys.__excepthook__
    assert threading.excepthook is threading.__excepthook__
