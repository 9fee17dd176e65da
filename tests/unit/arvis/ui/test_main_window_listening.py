"""How the window shows and changes the way it listens: the microphone, the talk button and the menu."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from arvis.ui.main_window import MainWindow
from arvis.ui.theme import Theme
from arvis.ui.wording import Wording
from modules.hotkey.combination import parse_combination
from modules.turn.events import (
    DebounceChanged,
    InputLevel,
    ListeningModeChanged,
    MicrophoneChanged,
    OverlapChanged,
    PhaseChanged,
)
from modules.turn.machine import Overlap, Phase
from modules.turn.settings import ListeningMode
from tests.unit.arvis.fakes import Desk
from tests.unit.arvis.ui.hands import hands


def test_the_level_is_shown_while_the_microphone_is_open(window: MainWindow, desk: Desk) -> None:
    desk.make_ready()
    desk.tell(MicrophoneChanged(True), InputLevel(0.1), PhaseChanged(1, 0, Phase.LISTENING), InputLevel(0.5))
    assert [len(meter.levels) for meter in window.meters] == [2, 2]
    desk.tell(MicrophoneChanged(False), InputLevel(0.5))
    assert [meter.levels for meter in window.meters] == [(), ()]


def test_the_button_swells_with_the_users_own_turn_only(window: MainWindow, desk: Desk) -> None:
    desk.make_ready()
    desk.tell(MicrophoneChanged(True), InputLevel(1.0), PhaseChanged(1, 0, Phase.SPEAKING), InputLevel(1.0))
    assert window.talk._level == 0.0
    desk.tell(PhaseChanged(2, 0, Phase.LISTENING), InputLevel(1.0))
    assert window.talk._level == 1.0


def test_the_sign_of_the_microphone_is_what_the_device_does(window: MainWindow, desk: Desk, qtbot: QtBot) -> None:
    desk.make_ready()
    sign = window.header.microphone
    assert sign.word.text() == "Mic off"
    desk.tell(MicrophoneChanged(True))
    assert (sign.word.text(), sign.word.accessibleName()) == ("Mic on", "")
    hands.mouseClick(window.mute, Qt.MouseButton.LeftButton)
    assert sign.word.text() == "Mic on", "it was asked for, but is not yet closed"
    desk.tell(MicrophoneChanged(False))
    assert sign.word.text() == "Mic off"


def test_hands_free_is_explained_from_the_first_picture_on(qtbot: QtBot, theme: Theme) -> None:
    desk = Desk(listening=ListeningMode.HANDS_FREE)
    window = MainWindow(desk.core, theme, parse_combination("f9"), Wording(key="F9"))
    qtbot.addWidget(window)
    assert window.header.listening.text() == "Hands-free"
    assert window.conversation.welcome.headline.text() == "Just speak"
    assert window.caption.text() == "Getting ready; F9 works already"
    desk.make_ready()
    assert window.caption.text() == "Hold F9 or this button and speak", "the microphone is not open yet"
    desk.tell(MicrophoneChanged(True), DebounceChanged(0.45, adaptive=True))
    assert window.caption.text() == "Just speak; F9 works as well"
    desk.tell(PhaseChanged(1, 0, Phase.LISTENING))
    assert window.caption.text() == "A pause of 0.45 s ends your turn"
    desk.tell(PhaseChanged(1, 0, Phase.SPEAKING))
    assert window.caption.text() == "Speak, or press Esc, to interrupt"


def test_a_turn_of_the_key_is_ended_by_the_key_although_the_microphone_is_open(window: MainWindow, desk: Desk) -> None:
    desk.make_ready()
    desk.tell(ListeningModeChanged(ListeningMode.HANDS_FREE), MicrophoneChanged(True))
    desk.core.press()
    desk.tell(PhaseChanged(1, 0, Phase.LISTENING))
    assert window.caption.text() == "Let go to finish"


def test_speech_over_an_answer_is_shown_without_a_word_until_the_answer_waits(window: MainWindow, desk: Desk) -> None:
    desk.make_ready()
    desk.tell(MicrophoneChanged(True), PhaseChanged(1, 0, Phase.SPEAKING))
    calm = window.badge.shape.grab().toImage()
    desk.tell(OverlapChanged(1, Overlap.DUCKED))
    assert window.badge.word.text() == "Speaking"
    assert window.badge.shape.grab().toImage() != calm
    desk.tell(OverlapChanged(1, Overlap.PAUSED))
    assert (window.badge.word.text(), window.caption.text()) == ("Listening…", "Go on speaking to interrupt")
    desk.tell(OverlapChanged(1, Overlap.NONE))
    assert window.badge.word.text() == "Speaking"


def test_the_way_to_listen_is_chosen_in_the_menu(window: MainWindow, desk: Desk) -> None:
    menu = window.header.listening
    menu.ways[ListeningMode.WAKE_WORD].trigger()
    menu.pauses[0.8].trigger()
    assert desk.calls == ["listen wake-word", "debounce 0.8"]
    assert menu.text() == "Push to talk"
    desk.tell(ListeningModeChanged(ListeningMode.WAKE_WORD), DebounceChanged(0.8, adaptive=False))
    assert menu.text() == "Wake word"
    assert window.conversation.welcome.headline.text() == "Say “Hey Jarvis”"
    assert menu.pause_menu.title() == "Pause that ends your turn: 0.8 s"
    assert ["CC BY-NC-SA" in card.notice.text for card in window.notices.cards] == [True]


def test_the_menu_is_used_by_keyboard(window: MainWindow, desk: Desk) -> None:
    menu = window.header.listening.menu()
    assert menu is not None
    hands.keyClick(window.windowHandle(), Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert menu.isVisible()
    hands.keyClick(menu, Qt.Key.Key_Down)
    hands.keyClick(menu, Qt.Key.Key_Return)
    assert desk.calls == ["listen hands-free"]
    assert not menu.isVisible()


def test_the_button_talks_while_it_is_held(window: MainWindow, desk: Desk, qtbot: QtBot) -> None:
    desk.make_ready()
    center = QPoint(window.talk.width() // 2, window.talk.height() // 2)
    hands.mousePress(window.talk, Qt.MouseButton.LeftButton, pos=center)
    assert desk.calls == ["press"]
    hands.mouseRelease(window.talk, Qt.MouseButton.LeftButton, pos=center)
    assert desk.calls == ["press", "release"]


def test_muting_is_shown_and_refuses_the_button(window: MainWindow, desk: Desk, qtbot: QtBot) -> None:
    desk.make_ready()
    hands.keyClick(window.windowHandle(), Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    assert desk.core.gate.muted
    assert (window.badge.word.text(), window.mute.text()) == ("Muted", "Unmute")
    hands.keyPress(window.talk, Qt.Key.Key_Space)
    hands.keyRelease(window.talk, Qt.Key.Key_Space)
    assert desk.calls == ["mute"]
    assert "muted" in window.notices.cards[0].notice.text
    hands.mouseClick(window.mute, Qt.MouseButton.LeftButton)
    assert (window.badge.word.text(), window.mute.text()) == ("Ready", "Mute")
    assert desk.calls == ["mute", "unmute"]


def test_toggle_mode_is_explained(qtbot: QtBot, theme: Theme) -> None:
    desk = Desk("toggle")
    window = MainWindow(
        desk.core, theme, parse_combination("ctrl+alt+space"), Wording(key="Ctrl+Alt+Space", toggles=True)
    )
    qtbot.addWidget(window)
    desk.make_ready()
    assert window.caption.text() == "Press Ctrl+Alt+Space or this button to talk, and again to finish"
    desk.tell(PhaseChanged(1, 0, Phase.LISTENING))
    assert window.caption.text() == "Press again to finish"
