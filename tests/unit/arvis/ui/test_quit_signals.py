from __future__ import annotations

import os
import signal

import pytest
from pytestqt.qtbot import QtBot

from arvis.ui.quit_signals import QuitSignals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_reaches_qt_and_the_handlers_are_given_back(qtbot: QtBot, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    signals = QuitSignals()
    with qtbot.waitSignal(signals.requested):
        os.kill(os.getpid(), number)
    signals.close()
    assert signal.getsignal(number) is before
