"""A worker thread waits for the user's passphrase."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from PyQt6.QtWidgets import QInputDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from arvis.ui.secret_prompt import SecretPrompt


@pytest.fixture
def prompt(qtbot: QtBot) -> SecretPrompt:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return SecretPrompt(window)


def asked(prompt: SecretPrompt, qtbot: QtBot, act: Callable[[QInputDialog], object], new: bool = False) -> str:
    answers: list[str] = []
    thread = threading.Thread(target=lambda: answers.append(prompt(new)))
    thread.start()
    qtbot.waitUntil(lambda: prompt.dialog is not None or not thread.is_alive())
    if prompt.dialog is not None:
        act(prompt.dialog)
    qtbot.waitUntil(lambda: not thread.is_alive())
    return answers[0]


def type_in(dialog: QInputDialog) -> None:
    assert dialog.textEchoMode() is QLineEdit.EchoMode.Password
    dialog.setTextValue("open sesame")
    dialog.accept()


def test_the_thread_gets_what_is_typed_and_the_dialog_forgets_it(prompt: SecretPrompt, qtbot: QtBot) -> None:
    assert asked(prompt, qtbot, type_in) == "open sesame"
    assert prompt.dialog is None
    assert "open sesame" not in str(vars(prompt))


def test_who_gives_none_is_asked_again_the_next_time(prompt: SecretPrompt, qtbot: QtBot) -> None:
    assert asked(prompt, qtbot, lambda dialog: dialog.reject()) == ""
    assert asked(prompt, qtbot, type_in) == "open sesame"


def test_a_file_is_not_made_here(prompt: SecretPrompt, qtbot: QtBot) -> None:
    assert asked(prompt, qtbot, type_in, new=True) == ""


def test_nobody_waits_for_a_window_that_is_closed(prompt: SecretPrompt, qtbot: QtBot) -> None:
    assert asked(prompt, qtbot, lambda _: prompt.close()) == ""
    assert asked(prompt, qtbot, type_in) == ""
