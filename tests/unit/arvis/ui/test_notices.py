from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from arvis.ui import notices as module
from arvis.ui.notices import NoticeBar
from arvis.ui.theme import Theme
from modules.turn.events import Notice
from tests.unit.arvis.ui.hands import hands


@pytest.fixture
def bar(qtbot: QtBot, theme: Theme) -> NoticeBar:
    bar = NoticeBar(theme)
    qtbot.addWidget(bar)
    return bar


def error(number: int) -> Notice:
    return Notice("error", f"code-{number}", f"Trouble {number}.")


def texts(bar: NoticeBar, *, visible: bool = False) -> list[str]:
    return [card.notice.text for card in bar.cards if not visible or card.isVisible()]


def test_an_error_stays_until_it_is_dismissed(bar: NoticeBar, qtbot: QtBot) -> None:
    bar.add(error(1))
    assert bar.isVisible()
    (card,) = bar.cards
    assert not card._timer.isActive()
    hands.mouseClick(card.dismiss, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not bar.isVisible())
    assert bar.cards == []


def test_information_goes_by_itself(bar: NoticeBar, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(module.SHOWN_MS, "info", 1)
    bar.add(Notice("info", "hint", "A hint."))
    qtbot.waitUntil(lambda: not bar.isVisible())


def test_what_is_told_again_is_shown_once(bar: NoticeBar) -> None:
    for _ in range(5):
        bar.add(error(1))
    bar.add(error(2))
    bar.add(error(1))
    assert texts(bar) == ["Trouble 2.", "Trouble 1."]


def test_the_oldest_makes_room(bar: NoticeBar) -> None:
    for number in range(6):
        bar.add(error(number))
    assert texts(bar) == ["Trouble 3.", "Trouble 4.", "Trouble 5."]


def test_a_low_window_shows_the_newest_only_and_the_others_when_it_is_dismissed(
    bar: NoticeBar, qtbot: QtBot, qapp: QApplication
) -> None:
    bar.set_compact(True)
    bar.add(error(1))
    bar.add(error(2))
    assert texts(bar, visible=True) == ["Trouble 2."]
    bar.cards[-1].close_notice()
    qtbot.waitUntil(lambda: texts(bar, visible=True) == ["Trouble 1."])
    bar.add(error(3))
    bar.set_compact(False)
    assert texts(bar, visible=True) == ["Trouble 1.", "Trouble 3."]


def test_the_severity_has_a_name_and_a_shape(bar: NoticeBar) -> None:
    shapes = []
    for severity in ("info", "warning", "error"):
        bar.add(Notice(severity, severity, "Words."))
        card = bar.cards[-1]
        shapes.append(card.mark.pixmap().toImage())
        card._timer.stop()
    assert [card.mark.accessibleName() for card in bar.cards] == ["Information", "Warning", "Error"]
    alphas = [
        [image.pixelColor(x, y).alpha() > 100 for x in range(image.width()) for y in range(image.height())]
        for image in shapes
    ]
    assert alphas[0] != alphas[1] != alphas[2] != alphas[0]


def test_a_turn_that_was_answered_ends_the_troubles_of_earlier_ones(bar: NoticeBar, qtbot: QtBot) -> None:
    bar.add(Notice("error", "no-device", "There is no microphone.", turn_id=1))
    bar.add(Notice("warning", "muffled", "The voice is another one.", turn_id=2))
    bar.add(error(3))
    bar.end_turn(2)
    qtbot.waitUntil(lambda: texts(bar) == ["The voice is another one.", "Trouble 3."])
