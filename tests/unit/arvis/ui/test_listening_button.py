from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from arvis.ui.listening_button import PAUSES, ListeningButton
from arvis.ui.wording import Wording
from config.schema import keys
from config.validation import is_valid
from modules.turn.events import DebounceChanged
from modules.turn.settings import ListeningMode


@pytest.fixture
def button(qtbot: QtBot) -> ListeningButton:
    button = ListeningButton(Wording(key="F9"))
    qtbot.addWidget(button)
    return button


def checked(button: ListeningButton) -> tuple[list[ListeningMode], list[float], bool]:
    """The ways and pauses that are ticked, and whether the automatic pause is."""
    ways = [mode for mode, action in button.ways.items() if action.isChecked()]
    pauses = [length for length, action in button.pauses.items() if action.isChecked()]
    return ways, pauses, button.automatic.isChecked()


def test_it_says_how_arvis_listens_to_eyes_and_ears(button: ListeningButton) -> None:
    assert (button.text(), button.accessibleName()) == ("Push to talk", "How Arvis listens: Push to talk")
    button.show_listening(ListeningMode.HANDS_FREE)
    assert (button.text(), button.accessibleName()) == ("Hands-free", "How Arvis listens: Hands-free")
    assert checked(button) == ([ListeningMode.HANDS_FREE], [], True)
    assert "Ctrl+L" in button.toolTip()


def test_every_choice_says_what_it_means(button: ListeningButton) -> None:
    assert [action.text() for action in button.ways.values()] == [
        "Push to talk: while F9 is held",
        "Hands-free: whenever you speak",
        "Wake word: after “Hey Jarvis”",
    ]
    assert [action.text() for action in button.pauses.values()][::4] == ["0.4 s", "0.8 s", "1.2 s"]


def test_a_choice_is_told_and_ticked_only_when_it_is_taken(button: ListeningButton) -> None:
    chosen: list[object] = []
    button.listening_chosen.connect(chosen.append)
    button.pause_chosen.connect(chosen.append)
    button.ways[ListeningMode.WAKE_WORD].trigger()
    button.pauses[0.6].trigger()
    button.automatic.trigger()
    assert chosen == [ListeningMode.WAKE_WORD, 0.6, None]
    assert button.text() == "Push to talk"
    menu = button.menu()
    assert menu is not None
    menu.aboutToShow.emit()
    assert checked(button) == ([ListeningMode.PUSH_TO_TALK], [], True)


@pytest.mark.parametrize(
    ("seconds", "adaptive", "title", "ticked"),
    [
        (0.45, True, "Pause that ends your turn: 0.45 s (automatic)", ([], True)),
        (0.6, True, "Pause that ends your turn: 0.6 s (automatic)", ([], True)),
        (0.1 + 0.7, False, "Pause that ends your turn: 0.8 s", ([0.8], False)),
        (0.45, False, "Pause that ends your turn: 0.45 s", ([], False)),
    ],
)
def test_the_pause_in_force_is_in_the_menu(
    button: ListeningButton, seconds: float, adaptive: bool, title: str, ticked: tuple[list[float], bool]
) -> None:
    assert button.pause_menu.title() == "Pause that ends your turn"
    button.show_debounce(DebounceChanged(seconds, adaptive))
    assert button.pause_menu.title() == title
    assert checked(button)[1:] == ticked


def test_every_pause_of_the_menu_is_one_that_the_settings_allow() -> None:
    assert all(is_valid(keys()["talk.debounce_seconds"], length) for length in PAUSES)
