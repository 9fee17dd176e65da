from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QCursor
from PyQt6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from arvis.ui.notices import NoticeBar
from arvis.ui.theme import Theme
from modules.notifications.base import Change, Delivery, Entry, Held, Notification, Priority
from modules.turn.events import Notice
from tests.unit.arvis.ui.hands import hands

NOW = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    """A window in which somebody types; else Qt would give the keyboard to the first notice."""
    QCursor.setPos(700, 700)
    window = QWidget()
    window.setGeometry(0, 0, 400, 300)
    QVBoxLayout(window).addWidget(QLineEdit())
    qtbot.addWidget(window)
    window.show()
    entry = window.findChild(QLineEdit)
    assert entry is not None
    entry.setFocus()
    qtbot.waitUntil(entry.hasFocus)
    return window


@pytest.fixture
def bar(window: QWidget, theme: Theme) -> NoticeBar:
    bar = NoticeBar(theme)
    layout = window.layout()
    assert layout is not None
    layout.addWidget(bar)
    return bar


def delivery(
    text: str = "The microphone was lost.",
    priority: Priority = Priority.ERROR,
    held: Held | None = None,
    details: str | None = None,
) -> Delivery:
    return Delivery(Entry(Notification("code", text, priority, "test", details), NOW, NOW), held)


def again(told: Delivery) -> Delivery:
    return Delivery(told.entry.again(told.entry.notification, NOW), Held.REPEATED)


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


def test_information_goes_by_itself(bar: NoticeBar, qtbot: QtBot) -> None:
    bar.set_seconds(0.001)
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


def test_how_long_a_notice_stays_depends_on_its_severity(bar: NoticeBar) -> None:
    bar.set_seconds(5)
    for severity in ("info", "warning", "error"):
        bar.add(Notice(severity, severity, "Words."))
    assert [card._timer.interval() if card._timer.isActive() else None for card in bar.cards] == [5_000, 15_000, None]
    for card in bar.cards:
        card._timer.stop()


def test_it_stays_while_the_mouse_is_over_it(bar: NoticeBar, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    bar.set_seconds(0.001)
    bar.add(Notice("info", "hint", "A hint."))
    (card,) = bar.cards
    monkeypatch.setattr(card, "underMouse", lambda: True)
    expired = []
    card._timer.timeout.connect(lambda: expired.append(1))
    qtbot.waitUntil(lambda: len(expired) >= 5)
    assert bar.cards == [card]
    monkeypatch.setattr(card, "underMouse", lambda: False)
    qtbot.waitUntil(lambda: bar.cards == [])


def test_it_stays_while_the_keyboard_is_in_it(bar: NoticeBar, qtbot: QtBot) -> None:
    bar.set_seconds(0.001)
    bar.add(Notice("info", "hint", "A hint."))
    (card,) = bar.cards
    card.dismiss.setFocus()
    assert card.dismiss.hasFocus()
    expired = []
    card._timer.timeout.connect(lambda: expired.append(1))
    qtbot.waitUntil(lambda: len(expired) >= 5)
    assert bar.cards == [card]
    card.dismiss.clearFocus()
    qtbot.waitUntil(lambda: bar.cards == [])


def test_it_takes_the_keyboard_from_nobody(window: QWidget, bar: NoticeBar) -> None:
    told = delivery()
    bar.tell(told)
    bar.tell(again(told))
    hands.keyClicks(QApplication.focusWidget(), "still typing")
    entry = window.findChild(QLineEdit)
    assert entry is not None
    assert entry.text() == "still typing"


def test_what_is_told_again_changes_in_its_place(bar: NoticeBar) -> None:
    first = delivery()
    bar.tell(first)
    bar.tell(delivery("The disk is full."))
    cards = bar.cards
    bar.tell(again(first))
    assert bar.cards == cards
    assert texts(bar) == ["The microphone was lost (2 times).", "The disk is full."]
    assert cards[0].text.text() == "The microphone was lost (2 times)."
    assert cards[0].accessibleName() == "Error: The microphone was lost (2 times)."


def test_what_changes_stays_for_its_time_again(bar: NoticeBar) -> None:
    told = delivery(priority=Priority.INFO)
    bar.tell(told)
    (card,) = bar.cards
    card._timer.stop()
    bar.tell(again(told))
    assert card._timer.isActive()
    card._timer.stop()


@pytest.mark.parametrize(
    ("held", "shown"), [(None, True), (Held.QUIET, True), (Held.REPEATED, True), (Held.RATE, False)]
)
def test_in_the_window_only_a_flood_is_held_back(bar: NoticeBar, held: Held | None, shown: bool) -> None:
    bar.tell(delivery(held=held))
    assert bool(bar.cards) is shown


@pytest.mark.parametrize(
    ("priority", "severity"),
    [(Priority.INFO, "info"), (Priority.WARNING, "warning"), (Priority.ERROR, "error"), (Priority.CRITICAL, "error")],
)
def test_the_severity_follows_the_priority(bar: NoticeBar, priority: Priority, severity: str) -> None:
    bar.tell(delivery(priority=priority))
    assert bar.cards[0].notice.severity == severity
    assert bar.cards[0].property("severity") == severity
    bar.cards[0]._timer.stop()


def test_details_are_shown_as_they_are(bar: NoticeBar) -> None:
    bar.tell(delivery(details="<b>x</b> & y"))
    assert bar.cards[0].text.toolTip() == "<p>&lt;b&gt;x&lt;/b&gt; &amp; y</p>"


def test_dismissing_is_told_and_expiring_is_not(bar: NoticeBar, qtbot: QtBot) -> None:
    bar.set_seconds(0.001)
    dismissed: list[str] = []
    bar.dismissed.connect(dismissed.append)
    bar.tell(delivery(priority=Priority.INFO))
    qtbot.waitUntil(lambda: bar.cards == [])
    told = delivery()
    bar.tell(told)
    hands.mouseClick(bar.cards[0].dismiss, Qt.MouseButton.LeftButton)
    bar.add(error(1))
    hands.mouseClick(bar.cards[-1].dismiss, Qt.MouseButton.LeftButton)
    assert dismissed == [told.entry.id]


def test_what_was_seen_elsewhere_goes(bar: NoticeBar) -> None:
    seen, unseen = delivery("Seen."), delivery("Unseen.")
    bar.add(error(1))
    bar.tell(seen)
    bar.tell(unseen)
    bar.follow(Change(1, (seen.entry.id,)))
    assert texts(bar) == ["Trouble 1.", "Unseen."]
