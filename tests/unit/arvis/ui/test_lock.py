"""The window of a locked Arvis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6 import sip
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from arvis.ui.lock import LockPage
from arvis.ui.main_window import MainWindow
from arvis.ui.theme import Theme
from arvis.ui.wording import Wording
from modules.hotkey.combination import parse_combination
from modules.security.lock import LockState
from modules.security.roles import Permission, Role, default_policy
from modules.turn.events import PhaseChanged, UserText
from modules.turn.machine import Phase
from tests.unit.arvis.fakes import Desk
from tests.unit.arvis.locks import PASSPHRASE, locked_for
from tests.unit.arvis.ui.hands import hands
from tests.unit.modules.security.cheap import Clock

Open = Callable[[Role], MainWindow]
GUEST = LockState(True, True, Role.GUEST, default_policy().allowed(Role.GUEST))
CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class Window:
    """A window over a locked core."""

    def __init__(self, folder: Path, theme: Theme, role: Role, minutes: float = 0.0) -> None:
        self.clock = Clock()
        self.lock = locked_for(folder, role, minutes=minutes, clock=self.clock)
        self.desk = Desk(lock=self.lock)
        self.desk.make_ready()
        self.window = MainWindow(self.desk.core, theme, parse_combination("f9"), Wording(key="F9"))

    def unlock(self) -> None:
        """As if the passphrase had been given."""
        self.lock.unlock(PASSPHRASE)
        self.desk.core.follow_lock()


@pytest.fixture
def opened(qtbot: QtBot, theme: Theme, tmp_path: Path) -> Iterator[Callable[..., Window]]:
    made: list[Window] = []

    def build(role: Role = Role.GUEST, minutes: float = 0.0) -> Window:
        made.append(Window(tmp_path, theme, role, minutes))
        with qtbot.waitExposed(made[-1].window):
            made[-1].window.show()
        return made[-1]

    yield build
    for each in made:
        each.window.close()
        sip.delete(each.window)


@pytest.fixture
def page(qtbot: QtBot, theme: Theme) -> LockPage:
    page = LockPage()
    qtbot.addWidget(page)
    return page


def test_a_guest_sees_the_lock_and_nothing_else(opened: Callable[..., Window]) -> None:
    window = opened().window
    assert window.lock.isVisible()
    assert window.lock.allowed.text() == "Nothing works without the passphrase."
    assert window.lock.entry.hasFocus()
    for part in (window.conversation, window.dock, window.header.listening, window.badge, window.header.lock):
        assert not part.isVisible()
    assert window.header.microphone.isVisible()


def test_a_user_can_converse_below_the_lock(opened: Callable[..., Window]) -> None:
    there = opened(Role.USER)
    window = there.window
    assert (
        window.lock.allowed.text()
        == "Without the passphrase you may talk, type, read the conversation and see metrics."
    )
    assert window.conversation.isVisible()
    assert window.dock.isVisible()
    assert window.talk.isEnabled()
    assert window.conversation.height() > window.lock.height()
    window.composer.entry.setText("hello")
    hands.keyClick(window.composer.entry, Qt.Key.Key_Return)
    assert there.desk.calls == ["submit hello"]


def test_unlocked_everything_is_back_and_the_keyboard_is_where_it_was(opened: Callable[..., Window]) -> None:
    there = opened()
    there.unlock()
    window = there.window
    for part in (window.conversation, window.dock, window.header.listening, window.badge, window.header.lock):
        assert part.isVisible()
    assert not window.lock.isVisible()
    assert window.composer.entry.hasFocus()


def test_it_is_locked_by_the_button_and_by_the_keyboard(opened: Callable[..., Window], qapp: QApplication) -> None:
    there = opened()
    there.unlock()
    there.window.header.lock.click()
    assert there.lock.is_locked
    there.unlock()
    hands.keyClick(there.window.windowHandle(), Qt.Key.Key_L, CTRL_SHIFT)
    assert there.lock.state().locked
    assert there.window.lock.entry.hasFocus()


def test_what_was_said_is_not_to_be_seen_when_it_locks_in_a_turn(opened: Callable[..., Window]) -> None:
    there = opened()
    there.unlock()
    there.desk.tell(PhaseChanged(1, 0, Phase.LISTENING), UserText(1, 0, "my secret plan", final=False))
    assert there.window.conversation.isVisible()
    there.desk.core.lock()
    assert not there.window.conversation.isVisible()


def test_the_passphrase_is_given_by_keyboard_alone(opened: Callable[..., Window], qtbot: QtBot) -> None:
    there = opened()
    there.desk.bridge.start()
    page = there.window.lock
    hands.keyClicks(page.entry, "wrong one")
    hands.keyClick(page.entry, Qt.Key.Key_Return)
    assert page.entry.text() == ""
    qtbot.waitUntil(lambda: page.answer.text() == "That is not the passphrase. Try again.")
    hands.keyClicks(page.entry, PASSPHRASE)
    hands.keyClick(page.entry, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not page.isVisible())
    there.desk.bridge.stop()
    assert there.desk.calls[-1] == "unmute"


def test_it_locks_itself_when_nobody_touches_anything(opened: Callable[..., Window], qapp: QApplication) -> None:
    there = opened(minutes=1.0)
    watch = there.window._lock_watch
    there.unlock()
    watch.timer.timeout.emit()
    there.clock.now += 59.0
    hands.keyClicks(there.window.composer.entry, "a")
    there.clock.now += 59.0
    watch.timer.timeout.emit()
    assert not there.lock.is_locked
    there.clock.now += 1.0
    watch.timer.timeout.emit()
    assert there.window.lock.isVisible()


@pytest.mark.parametrize("role", [Role.GUEST, Role.USER])
@pytest.mark.parametrize("size", [(540, 420), (900, 640)])
def test_nothing_is_squeezed(
    opened: Callable[..., Window], qapp: QApplication, role: Role, size: tuple[int, int]
) -> None:
    window = opened(role).window
    window.resize(*size)
    qapp.processEvents()
    assert (window.width(), window.height()) == size
    for part in (window.lock.title, window.lock.entry, window.lock.button):
        assert part.height() >= part.sizeHint().height(), part


def test_unlocked_the_header_has_room_for_the_button_in_the_smallest_window(
    opened: Callable[..., Window], qapp: QApplication
) -> None:
    there = opened()
    there.unlock()
    there.window.resize(540, 420)
    qapp.processEvents()
    assert there.window.width() == 540
    assert there.window.header.lock.width() >= there.window.header.lock.sizeHint().width()


def test_the_field_hides_what_is_typed_and_has_a_name(page: LockPage) -> None:
    assert page.entry.echoMode() is QLineEdit.EchoMode.Password
    assert page.entry.accessibleName() == "Passphrase"
    assert page.button.text() == "Unlock"


def test_nothing_is_sent_that_is_empty(page: LockPage, qtbot: QtBot) -> None:
    page.show_state(GUEST)
    with qtbot.assertNotEmitted(page.submitted):
        page.button.click()


def test_the_wait_is_counted_down_and_nothing_can_be_sent_meanwhile(page: LockPage, qtbot: QtBot) -> None:
    page.show_state(LockState(True, True, Role.GUEST, (Permission.LOCK,), 1.5, "That is not the passphrase."))
    page.entry.setText("wrong one")
    assert page.answer.text() == "Too many wrong tries. Try again in 2 seconds."
    with qtbot.assertNotEmitted(page.submitted):
        hands.keyClick(page.entry, Qt.Key.Key_Return)
    assert not page.button.isEnabled()
    for _ in range(2):
        page._timer.timeout.emit()
    assert (page.answer.text(), page.button.isEnabled(), page._timer.isActive()) == ("", True, False)
    with qtbot.waitSignal(page.submitted) as sent:
        page.button.click()
    assert sent.args == ["wrong one"]
