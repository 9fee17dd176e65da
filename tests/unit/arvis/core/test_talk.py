from __future__ import annotations

from typing import Literal

import pytest

from arvis.core.talk import TAP_SECONDS, Command, TalkSwitch
from modules.turn.machine import Phase


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("phase", list(Phase))
def test_holding_begins_and_letting_go_finishes(phase: Phase) -> None:
    clock = Clock()
    switch = TalkSwitch("hold", clock)
    assert switch.press(phase, 3) is Command.BEGIN
    assert (switch.owns(3), switch.owns(4)) == (False, True)
    clock.now += 2.0
    assert switch.release() is Command.FINISH


@pytest.mark.parametrize("mode", ["hold", "toggle"])
def test_auto_repeat_and_a_release_without_a_press_mean_nothing(mode: Literal["hold", "toggle"]) -> None:
    switch = TalkSwitch(mode, Clock())
    assert switch.release() is None
    assert switch.press(Phase.IDLE, 0) is Command.BEGIN
    assert [switch.press(Phase.LISTENING, 1) for _ in range(25)] == [None] * 25


@pytest.mark.parametrize(
    ("phase", "held", "command"),
    [
        (Phase.SPEAKING, TAP_SECONDS - 0.01, Command.STOP),
        (Phase.COMMITTED, TAP_SECONDS - 0.01, Command.STOP),
        (Phase.SPECULATIVE, TAP_SECONDS - 0.01, Command.STOP),
        (Phase.SPEAKING, TAP_SECONDS + 0.01, Command.FINISH),
        (Phase.IDLE, 0.05, Command.FINISH),
    ],
)
def test_a_tap_during_an_answer_only_stops_it(phase: Phase, held: float, command: Command) -> None:
    clock = Clock()
    switch = TalkSwitch("hold", clock)
    switch.press(phase, 1)
    clock.now += held
    assert switch.release() is command
    assert not switch.owns(2)


def test_toggle_begins_with_one_press_and_finishes_with_the_next() -> None:
    switch = TalkSwitch("toggle", Clock())
    assert switch.press(Phase.IDLE, 0) is Command.BEGIN
    assert switch.release() is None
    assert switch.press(Phase.LISTENING, 1) is Command.FINISH
    assert switch.release() is None
    assert switch.press(Phase.SPEAKING, 1) is Command.BEGIN
    assert switch.release() is Command.STOP


def test_toggle_does_not_finish_what_it_has_not_begun() -> None:
    switch = TalkSwitch("toggle", Clock())
    assert switch.press(Phase.LISTENING, 5) is Command.BEGIN, "speech began turn 5, the key begins turn 6"
    assert switch.release() is None
    assert switch.press(Phase.LISTENING, 6) is Command.FINISH


def test_what_was_ended_otherwise_is_not_finished_by_the_key() -> None:
    switch = TalkSwitch("toggle", Clock())
    switch.press(Phase.IDLE, 0)
    switch.release()
    switch.forget()
    assert not switch.owns(1)
    assert switch.press(Phase.LISTENING, 2) is Command.BEGIN
