from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from arvis.ui.settings.jobs import Jobs
from arvis.ui.settings.trials import Run, Trial, TrialPanel
from modules.security.roles import Permission
from tests.unit.arvis.ui.hands import hands
from utils.errors import ArvisError

Make = Callable[..., TrialPanel]


@pytest.fixture
def jobs(qtbot: QtBot) -> Jobs:
    return Jobs("settings-trials")


@pytest.fixture
def make(qtbot: QtBot, jobs: Jobs) -> Make:
    def build(run: Run, *, allowed: bool = True) -> TrialPanel:
        trial = Trial("Sound", "Test the microphone", run, Permission.TALK, has_level=True)
        panel = TrialPanel(trial, jobs, lambda permission: allowed and permission is Permission.TALK)
        qtbot.addWidget(panel)
        panel.show()
        return panel

    return build


def test_a_trial_shows_how_loud_it_is_and_what_came_of_it(make: Make, jobs: Jobs, qtbot: QtBot) -> None:
    go, levels = threading.Event(), list[int]()

    def run(level: Callable[[float], object], over: threading.Event) -> str:
        level(0.5)
        go.wait()
        return "It works."

    panel = make(run)
    panel.level.valueChanged.connect(levels.append)
    hands.keyClick(panel.button, Qt.Key.Key_Space)
    assert panel.result.text() == "One moment…"
    qtbot.waitUntil(lambda: levels == [89])
    hands.keyClick(panel.button, Qt.Key.Key_Space)
    assert jobs.pending == 1
    go.set()
    qtbot.waitUntil(lambda: not jobs.pending)
    assert panel.result.text() == "It works."
    assert panel.button.accessibleDescription() == "It works."
    assert levels == [89, 0]


def test_what_goes_wrong_is_said_and_it_can_be_tried_again(make: Make, jobs: Jobs, qtbot: QtBot) -> None:
    def run(level: Callable[[float], object], over: threading.Event) -> str:
        raise ArvisError("no-device", "There is no microphone. Plug one in.")

    panel = make(run)
    for _ in range(2):
        panel.button.click()
        qtbot.waitUntil(lambda: not jobs.pending)
        assert panel.result.text() == "There is no microphone. Plug one in."


def test_it_hears_that_nobody_waits_any_more(make: Make, jobs: Jobs, qtbot: QtBot) -> None:
    panel = make(lambda level, over: f"stopped {over.wait(10)}")
    panel.button.click()
    panel.stop()
    qtbot.waitUntil(lambda: not jobs.pending)
    assert panel.result.text() == "stopped True"


def test_who_may_not_talk_tries_nothing(make: Make, jobs: Jobs) -> None:
    panel = make(lambda level, over: "", allowed=False)
    panel.button.click()
    assert jobs.pending == 0
