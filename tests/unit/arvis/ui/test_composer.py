from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from arvis.ui.composer import LONGEST, Composer
from arvis.ui.theme import Theme
from tests.unit.arvis.ui.hands import hands


@pytest.fixture
def composer(qtbot: QtBot, theme: Theme) -> Composer:
    composer = Composer(theme)
    qtbot.addWidget(composer)
    return composer


@pytest.fixture
def seen(composer: Composer) -> list[tuple[str, str]]:
    seen: list[tuple[str, str]] = []
    composer.submitted.connect(lambda text: seen.append(("submitted", text)))
    composer.refused.connect(lambda reason: seen.append(("refused", reason)))
    return seen


def test_enter_and_the_button_send(composer: Composer, seen: list[tuple[str, str]], qtbot: QtBot) -> None:
    hands.keyClicks(composer.entry, "  one ")
    hands.keyClick(composer.entry, Qt.Key.Key_Return)
    hands.keyClicks(composer.entry, "two")
    hands.mouseClick(composer.send, Qt.MouseButton.LeftButton)
    assert seen == [("submitted", "one"), ("submitted", "two")]
    assert composer.entry.text() == ""


def test_nothing_is_not_sent(composer: Composer, seen: list[tuple[str, str]], qtbot: QtBot) -> None:
    assert not composer.send.isEnabled()
    hands.keyClicks(composer.entry, "   ")
    hands.keyClick(composer.entry, Qt.Key.Key_Return)
    assert not composer.send.isEnabled()
    assert seen == []


def test_what_cannot_be_sent_is_kept_and_explained(
    composer: Composer, seen: list[tuple[str, str]], qtbot: QtBot
) -> None:
    composer.set_obstacle("Arvis could not start.")
    hands.keyClicks(composer.entry, "hello")
    hands.keyClick(composer.entry, Qt.Key.Key_Return)
    assert seen == [("refused", "Arvis could not start.")]
    assert composer.entry.text() == "hello"
    assert not composer.send.isEnabled()
    assert composer.send.toolTip() == "Arvis could not start."
    composer.set_obstacle("")
    assert composer.send.isEnabled()
    hands.keyClick(composer.entry, Qt.Key.Key_Enter)
    assert seen[-1] == ("submitted", "hello")


def test_a_pasted_book_is_cut(composer: Composer) -> None:
    composer.entry.insert("x" * 10_000)
    assert len(composer.entry.text()) == LONGEST
