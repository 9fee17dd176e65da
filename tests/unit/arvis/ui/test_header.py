from __future__ import annotations

import pytest
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from arvis.ui.header import Header, MicrophoneSign, RemoteSign
from arvis.ui.mode import Mode
from arvis.ui.theme import Theme
from arvis.ui.wording import Wording
from modules.network.base import RemoteUse
from modules.turn.settings import ListeningMode


def picture(sign: MicrophoneSign) -> QImage:
    return sign._icon.grab().toImage()


def test_open_and_closed_differ_by_word_shape_and_colour(qtbot: QtBot, theme: Theme) -> None:
    sign = MicrophoneSign(theme)
    qtbot.addWidget(sign)
    sign.show()
    shapes, colours = [], []
    for is_open, word in ((True, "Mic on"), (False, "Mic off")):
        sign.show_open(is_open)
        assert sign.word.text() == word
        assert f"The microphone is {'open' if is_open else 'closed'}" in sign.word.toolTip()
        shapes.append(picture(sign))
        colours.append(sign.word.palette().windowText().color().name())
    assert shapes[0] != shapes[1]
    assert colours == [theme.color("state_listening").name(), theme.color("text_muted").name()]


@pytest.mark.parametrize("listening", list(ListeningMode))
@pytest.mark.parametrize("mode", list(Mode))
def test_it_has_room_for_every_word_in_the_smallest_window(
    qtbot: QtBot, theme: Theme, qapp: QApplication, mode: Mode, listening: ListeningMode
) -> None:
    header = Header(theme, Wording(key="Ctrl+Alt+Space"))
    qtbot.addWidget(header)
    header.listening.show_listening(listening)
    header.badge.show_mode(mode)
    header.remote.expect(("model.example",))
    qapp.processEvents()
    assert header.minimumSizeHint().width() <= 540


def test_the_use_of_another_machine_is_shown_and_stays_to_be_read(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RemoteSign, "SHOWN_MS", 10)
    sign = RemoteSign()
    qtbot.addWidget(sign)
    sign.resize(400, 20)
    uses = (RemoteUse("model.example", "the language model"), RemoteUse("model.example", "the voice"))
    sign.show_uses(uses)
    assert sign.isVisible()
    assert sign.text() == "Remote: model.example"
    assert sign.toolTip().splitlines()[1] == "model.example is in use for the voice."
    sign.show_uses(())
    assert sign.isVisible()
    qtbot.waitUntil(lambda: not sign.isVisible())


def test_a_machine_that_the_settings_name_is_shown_before_anything_goes_there(qtbot: QtBot) -> None:
    sign = RemoteSign()
    qtbot.addWidget(sign)
    sign.expect(("model.example",))
    assert sign.isVisible()
    assert sign.toolTip() == "The settings name model.example: what you say goes there."
    assert sign.property("active") is False
    sign.expect(())
    assert not sign.isVisible()


def test_a_long_name_is_shortened_and_never_pushes_others_away(qtbot: QtBot) -> None:
    sign = RemoteSign()
    qtbot.addWidget(sign)
    sign.expect(("a-very-long-name-of-a-machine.somewhere.in-a-large-company.example",))
    assert sign.sizeHint().width() <= RemoteSign.WIDEST
    sign.resize(sign.minimumSizeHint())
    assert sign.text().startswith("Rem")
    assert "…" in sign.text()
    assert "large-company" in sign.accessibleDescription()
