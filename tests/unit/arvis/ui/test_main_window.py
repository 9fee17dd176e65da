"""The window over a core on fakes: what it shows and which keys it takes."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QProgressBar, QTextEdit
from pytestqt.qtbot import QtBot

from arvis.core.snapshot import BROKEN, HotkeyState, SessionOpened
from arvis.ui.main_window import MainWindow
from arvis.ui.mode import Mode
from arvis.ui.theme import Theme
from modules.engine import LoadProgress
from modules.turn.events import (
    EngineLoading,
    Notice,
    PhaseChanged,
    ReplyDropped,
    ReplyEnded,
    ReplyText,
    SpeculationMeasured,
    TurnMeasured,
    UserText,
    UtteranceDropped,
)
from modules.turn.latency import LatencyRecord
from modules.turn.machine import Phase
from tests.unit.arvis.fakes import Desk
from tests.unit.arvis.ui.hands import hands

RECORD = LatencyRecord(190.0, 0.0, 248.0, 300.0, 398.0, 412.4, 5000.0)


def talk(desk: Desk, turn: int = 1) -> None:
    """A whole spoken turn."""
    desk.tell(
        PhaseChanged(turn, 0, Phase.LISTENING),
        UserText(turn, 0, "what time", final=False),
        PhaseChanged(turn, 0, Phase.SPECULATIVE),
        PhaseChanged(turn, 0, Phase.COMMITTED),
        UserText(turn, 0, "What time is it?", final=True),
        ReplyText(turn, 0, "It is "),
        ReplyText(turn, 0, "noon."),
        PhaseChanged(turn, 0, Phase.SPEAKING),
        PhaseChanged(turn, 0, Phase.IDLE),
        ReplyEnded(turn, 0, "It is noon.", interrupted=False, spoken=True),
        TurnMeasured(turn, RECORD),
    )


def conversation(window: MainWindow) -> list[tuple[str, str]]:
    return [(message.author, message.text) for message in window.conversation.messages]


def test_the_window_has_its_size_and_can_be_made_small(window: MainWindow) -> None:
    assert (window.width(), window.height()) == (900, 640)
    assert (window.minimumWidth(), window.minimumHeight()) == (540, 420)


@pytest.mark.parametrize("size", [(540, 420), (900, 640)])
def test_nothing_is_squeezed_while_loading_with_a_notice(
    window: MainWindow, desk: Desk, qapp: QApplication, size: tuple[int, int]
) -> None:
    window.resize(*size)
    desk.tell(
        EngineLoading("stt", LoadProgress("whisper", "Reading the weights", 0.5)),
        Notice("error", "broken", "Something is broken, and this is the sentence that says what can be done now."),
        Notice("warning", "odd", "Something else is odd."),
    )
    qapp.processEvents()
    assert (window.width(), window.height()) == size
    for part in (window.talk, window.mute, window.composer.entry, window.composer.send):
        assert part.height() >= part.sizeHint().height(), part
    assert window.conversation.height() >= 24


def test_while_loading_it_says_so_and_takes_what_is_said_and_typed(
    window: MainWindow, desk: Desk, qtbot: QtBot
) -> None:
    assert window.mode is Mode.STARTING
    assert window.badge.word.text() == "Getting ready"
    assert window.caption.text() == "Getting ready; you can speak already"
    hands.keyPress(window.talk, Qt.Key.Key_Space)
    desk.tell(PhaseChanged(1, 0, Phase.LISTENING))
    assert (window.badge.word.text(), window.caption.text()) == ("Listening", "Let go to finish")
    hands.keyRelease(window.talk, Qt.Key.Key_Space)
    desk.tell(PhaseChanged(1, 0, Phase.COMMITTED))
    assert window.badge.word.text() == "Thinking"
    assert window.caption.text() == "Arvis answers as soon as it is ready; Esc stops it"
    hands.keyClicks(window.composer.entry, "hello")
    hands.keyClick(window.composer.entry, Qt.Key.Key_Return)
    assert desk.calls == ["press", "release", "submit hello"]
    assert window.composer.entry.text() == ""
    assert window.notices.cards == []
    desk.make_ready()
    assert window.caption.text() == "Esc or a tap on F9 stops the answer"
    desk.tell(PhaseChanged(2, 0, Phase.IDLE))
    assert window.badge.word.text() == "Ready"


def test_a_session_that_could_not_be_built_refuses_everything_and_says_why(window: MainWindow, desk: Desk) -> None:
    desk.tell(SessionOpened(usable=False))
    assert window.badge.word.text() == "Not available"
    assert not window.talk.isEnabled()
    assert window.talk.toolTip() == window.caption.text() == BROKEN
    hands.keyClicks(window.composer.entry, "hello")
    hands.keyClick(window.composer.entry, Qt.Key.Key_Return)
    assert window.composer.entry.text() == "hello"
    assert [card.notice.text for card in window.notices.cards] == [BROKEN]
    assert desk.calls == []


def test_a_failed_turn_is_a_notice_and_what_was_heard_is_called_incomplete(window: MainWindow, desk: Desk) -> None:
    desk.make_ready()
    desk.tell(
        PhaseChanged(1, 0, Phase.COMMITTED),
        UserText(1, 0, "Tell me a story.", final=True, typed=True),
        ReplyText(1, 0, "Once upon a time"),
        PhaseChanged(1, 0, Phase.SPEAKING),
        PhaseChanged(1, 0, Phase.IDLE),
        ReplyEnded(1, 0, "Once upon", interrupted=True, spoken=True),
        Notice("error", "server-gone", "The server is gone.", 1),
    )
    assert conversation(window) == [("user", "Tell me a story."), ("reply", "Once upon")]
    mark = window.conversation.messages[1].mark
    assert mark is not None
    assert mark.word.text() == "Incomplete"
    assert [card.notice.text for card in window.notices.cards] == ["The server is gone."]


def test_a_spoken_turn_is_shown_on_both_sides_with_its_latency(window: MainWindow, desk: Desk) -> None:
    desk.make_ready()
    talk(desk)
    assert conversation(window) == [("user", "What time is it?"), ("reply", "It is noon.")]
    assert window.status.latency.text() == "Answered in 412 ms  ·  slowest: transcript, 190 ms"
    assert "Language model: 248 ms" in window.status.latency.toolTip()


@pytest.mark.parametrize(
    ("phases", "word", "can_stop"),
    [
        ([Phase.LISTENING], "Listening", True),
        ([Phase.LISTENING, Phase.SPECULATIVE], "Thinking ahead", True),
        ([Phase.COMMITTED], "Thinking", True),
        ([Phase.COMMITTED, Phase.SPEAKING], "Speaking", True),
        ([Phase.COMMITTED, Phase.IDLE], "Ready", False),
    ],
)
def test_the_state_is_a_word_as_well(
    window: MainWindow, desk: Desk, phases: list[Phase], word: str, can_stop: bool
) -> None:
    desk.make_ready()
    desk.tell(*(PhaseChanged(1, 0, phase) for phase in phases))
    assert window.badge.word.text() == word
    assert window.badge.word.accessibleName() == "", "a name would hide the word from screen readers"
    assert window.stop.isEnabled() is can_stop


def test_a_reopened_utterance_and_one_that_was_none_are_shown_as_such(window: MainWindow, desk: Desk) -> None:
    desk.make_ready()
    desk.tell(
        PhaseChanged(1, 0, Phase.LISTENING),
        PhaseChanged(1, 0, Phase.SPECULATIVE),
        UserText(1, 0, "What is the weather?", final=True),
        PhaseChanged(1, 1, Phase.LISTENING),
        ReplyDropped(1, 0),
        UserText(1, 1, "What is the weather in", final=False),
    )
    assert conversation(window) == [("user", "What is the weather in")]
    desk.tell(UserText(1, 1, "What is the weather in", final=True), PhaseChanged(1, 1, Phase.IDLE))
    assert conversation(window) == [("user", "What is the weather in")]
    desk.tell(UtteranceDropped(1))
    assert conversation(window) == []
    assert window.conversation.currentWidget() is window.conversation.welcome


def test_what_was_begun_early_is_in_the_details(window: MainWindow, desk: Desk) -> None:
    desk.tell(SpeculationMeasured(4, 3, 1, 12, 300.0))
    assert "Used: 3 of 4 (75%)" in window.status.latency.toolTip()


@pytest.mark.parametrize("focus", ["entry", "talk", "message"])
def test_escape_stops_wherever_the_focus_is(window: MainWindow, desk: Desk, qtbot: QtBot, focus: str) -> None:
    desk.make_ready()
    talk(desk)
    widget = {
        "entry": window.composer.entry,
        "talk": window.talk,
        "message": window.conversation.messages[0].words,
    }[focus]
    widget.setFocus()
    hands.keyClick(window.windowHandle(), Qt.Key.Key_Escape)
    assert desk.calls == ["stop"]


def test_the_stop_button_stops(window: MainWindow, desk: Desk, qtbot: QtBot) -> None:
    desk.make_ready()
    desk.tell(PhaseChanged(1, 0, Phase.COMMITTED))
    hands.mouseClick(window.stop, Qt.MouseButton.LeftButton)
    assert desk.calls == ["stop"]


def test_where_the_key_works_everywhere_the_window_does_not_watch_it(window: MainWindow, desk: Desk) -> None:
    desk.make_ready()
    desk.tell(HotkeyState(everywhere=True))
    assert window.status.hotkey.text() == "F9 works in every window"
    hands.keyPress(window.windowHandle(), Qt.Key.Key_F9)
    hands.keyRelease(window.windowHandle(), Qt.Key.Key_F9)
    assert desk.calls == []


def test_the_window_watches_the_key_until_it_works_everywhere(window: MainWindow, desk: Desk) -> None:
    hands.keyPress(window.windowHandle(), Qt.Key.Key_F9)
    desk.tell(HotkeyState(everywhere=True))
    hands.keyRelease(window.windowHandle(), Qt.Key.Key_F9)
    assert desk.calls == ["press", "release"]
    hands.keyPress(window.windowHandle(), Qt.Key.Key_F9)
    hands.keyRelease(window.windowHandle(), Qt.Key.Key_F9)
    assert desk.calls == ["press", "release"], "the global key does it now"


def test_without_a_global_key_the_window_watches_it_and_says_why(window: MainWindow, desk: Desk) -> None:
    desk.make_ready()
    desk.tell(HotkeyState(everywhere=False, reason="Wayland does not let Arvis watch F9 in other windows."))
    assert window.status.hotkey.text() == "F9 works in this window"
    assert "Wayland" in window.status.hotkey.toolTip()
    assert "Wayland" in window.notices.cards[0].notice.text
    hands.keyPress(window.windowHandle(), Qt.Key.Key_F9)
    hands.keyRelease(window.windowHandle(), Qt.Key.Key_F9)
    assert desk.calls == ["press", "release"]


def test_engines_are_shown_while_they_load(window: MainWindow, desk: Desk) -> None:
    desk.tell(EngineLoading("llm", LoadProgress("llama-cpp", "Reading the weights", 0.5)))
    card = window.engines.cards["llm"]
    assert card.note.text() == "Reading the weights"
    assert card.progress.value() == 50
    assert window.engines.isVisible()


def test_every_control_has_a_name_and_tells_its_key(window: MainWindow, desk: Desk) -> None:
    desk.make_ready()
    talk(desk)
    desk.tell(Notice("error", "broken", "It broke."))
    controls: list[QAbstractButton | QLineEdit | QTextEdit | QProgressBar] = [
        *window.findChildren(QAbstractButton),
        *window.findChildren(QLineEdit),
        *window.findChildren(QTextEdit),
        *window.findChildren(QProgressBar),
    ]
    assert len(controls) >= 9
    for control in controls:
        text = control.text() if isinstance(control, QAbstractButton) else ""
        assert control.accessibleName() or text, control
    assert [window.mute.toolTip(), window.stop.toolTip(), window.composer.send.toolTip()] == [
        "Mute the microphone (Ctrl+M)",
        "Stop the answer (Esc)",
        "Send (Enter)",
    ]
    assert "F9" in window.talk.toolTip()
    assert not [label for label in window.findChildren(QLabel) if label.text() and label.accessibleName()]


def test_tab_goes_through_the_controls_in_order(window: MainWindow, desk: Desk, qtbot: QtBot) -> None:
    desk.make_ready()
    desk.tell(PhaseChanged(1, 0, Phase.COMMITTED))
    hands.keyClicks(window.composer.entry, "x")
    order = [
        window.composer.entry,
        window.composer.send,
        window.mute,
        window.talk,
        window.stop,
        window.header.listening,
    ]
    seen = []
    for _ in order:
        seen.append(QApplication.focusWidget())
        hands.keyClick(window.windowHandle(), Qt.Key.Key_Tab)
    assert seen == order


def test_colours_change_while_the_window_is_open(
    window: MainWindow, desk: Desk, theme: Theme, qapp: QApplication
) -> None:
    desk.make_ready()
    talk(desk)
    desk.tell(Notice("info", "hint", "A hint."))
    light = window.grab().toImage().pixelColor(5, 300)
    theme._setting = "system"
    theme._on_scheme(Qt.ColorScheme.Dark)
    qapp.processEvents()
    dark = window.grab().toImage().pixelColor(5, 300)
    assert light.lightness() > 200
    assert dark.lightness() < 60
