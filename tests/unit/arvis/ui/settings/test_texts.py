from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from arvis.ui.settings.texts import ListField, ProseField, TextField
from config.schema import keys
from tests.unit.arvis.ui.hands import hands


def test_a_line_tells_every_key_and_its_end(qtbot: QtBot) -> None:
    field = TextField(keys()["tts.voice"])
    qtbot.addWidget(field)
    told: list[object] = []
    field.entered.connect(lambda value, finished: told.append((value, finished)))
    field.show_value("a")
    assert told == []
    hands.keyClick(field.line, Qt.Key.Key_End)
    hands.keyClicks(field.line, "b")
    hands.keyClick(field.line, Qt.Key.Key_Return)
    assert told == [("ab", False), ("ab", True)]


def test_tab_leaves_a_longer_text_and_that_ends_it(qtbot: QtBot, qapp: QApplication) -> None:
    page, field, other = QWidget(), ProseField(keys()["llm.system_prompt"]), QLineEdit()
    column = QVBoxLayout(page)
    column.addWidget(field)
    column.addWidget(other)
    qtbot.addWidget(page)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    told: list[object] = []
    field.entered.connect(lambda value, finished: told.append((value, finished)))
    field.show_value("Be brief.")
    assert told == []
    field.pad.setFocus()
    hands.keyClicks(field.pad, "x")
    hands.keyClick(field.pad, Qt.Key.Key_Tab)
    assert told == [("xBe brief.", False), ("xBe brief.", True)]
    assert other.hasFocus()


def test_a_list_has_an_entry_on_each_line(qtbot: QtBot) -> None:
    field = ListField(keys()["logging.components"])
    qtbot.addWidget(field)
    field.show_value(("modules.stt=debug", "arvis=info"))
    assert field.pad.toPlainText() == "modules.stt=debug\narvis=info"
    told: list[object] = []
    field.entered.connect(lambda value, finished: told.append(value))
    field.pad.setPlainText("  a=info \n\n b=debug\n")
    assert told == [["a=info", "b=debug"]]
    field.show_value(("a=info", "b=debug"))
    assert field.pad.toPlainText().startswith("  a")  # the same value is not written over what the user typed
    field.describe("Levels", "Other levels.")
    assert "line of its own" in field.pad.accessibleDescription()
