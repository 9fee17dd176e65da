from __future__ import annotations

import threading

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from arvis.ui.settings.jobs import Jobs
from arvis.ui.settings.secret_row import SecretRow
from config import schema
from tests.unit.arvis.ui.hands import hands
from tests.unit.arvis.ui.settings.secrets import FakeSecrets

NAME = "llm.api_key"


class Place:
    """The row, shown, with what it may."""

    def __init__(self, qtbot: QtBot, secrets: FakeSecrets) -> None:
        self.allowed = True
        self.jobs = Jobs("settings-secrets")
        self.qtbot = qtbot
        self.row = SecretRow(schema.secrets()[NAME], secrets.open, self.jobs, lambda: self.allowed)
        qtbot.addWidget(self.row)
        self.row.show()
        self.wait()

    def wait(self) -> None:
        self.qtbot.waitUntil(lambda: not self.jobs.pending)

    def type(self, text: str) -> None:
        hands.keyClicks(self.row.entry, text)
        hands.keyClick(self.row.entry, Qt.Key.Key_Return)
        self.wait()


@pytest.fixture
def place(qtbot: QtBot, secrets: FakeSecrets) -> Place:
    return Place(qtbot, secrets)


def test_a_secret_is_set_and_removed_and_never_shown(place: Place, secrets: FakeSecrets) -> None:
    row = place.row
    assert row.source.text() == "Not set. A change counts after a restart."
    assert row.entry.echoMode() is QLineEdit.EchoMode.Password
    assert not row.remove.isEnabled()
    assert not row.save.isEnabled()
    place.type("opensesame")
    assert secrets.values == {NAME: "opensesame"}
    assert row.entry.text() == ""
    assert row.source.text().startswith("Kept in the keyring.")
    assert row.waiting.isVisible()
    assert "opensesame" not in row.entry.accessibleDescription()
    row.remove.click()
    place.wait()
    assert secrets.values == {}
    assert row.source.text().startswith("Not set.")


def test_one_of_the_environment_can_only_be_looked_at(qtbot: QtBot, secrets: FakeSecrets) -> None:
    secrets.environment.add(NAME)
    row = Place(qtbot, secrets).row
    assert not row.entry.isEnabled()
    assert not row.remove.isEnabled()
    assert "ARVIS_LLM_API_KEY. It cannot be changed here" in row.source.text()


def test_what_the_store_says_is_told(place: Place, secrets: FakeSecrets) -> None:
    secrets.broken = "The keyring is locked. Unlock it."
    place.type("opensesame")
    assert place.row.trouble.text() == "The keyring is locked. Unlock it."
    assert place.row.trouble.isVisible()
    assert place.row.source.text() == "Nothing was changed."
    secrets.broken = ""
    place.type("opensesame")
    assert not place.row.trouble.isVisible()


def test_that_a_keyring_waits_is_told_while_it_does(qtbot: QtBot, secrets: FakeSecrets) -> None:
    place, go = Place(qtbot, secrets), threading.Event()
    secrets.sentence = "Waiting for the keyring."
    place.jobs.run(go.wait, lambda _: None)
    hands.keyClicks(place.row.entry, "one")
    place.row.save.click()
    hands.keyClicks(place.row.entry, "two")
    place.row.save.click()  # one thing at a time
    assert place.row.source.text() == "Looking for it…"
    told: list[str] = []
    place.row._waiting.connect(lambda: told.append(place.row.source.text()))
    go.set()
    place.wait()
    assert told == ["Waiting for the keyring."]
    assert secrets.values == {NAME: "one"}
    assert place.row.entry.text() == "two"
    place.row.forget_entry()
    assert place.row.entry.text() == ""


def test_who_may_not_changes_nothing(place: Place, secrets: FakeSecrets) -> None:
    secrets.values[NAME] = "kept"
    place.row.look()
    place.wait()
    place.allowed = False
    place.type("other")
    place.row.remove.click()
    place.wait()
    assert secrets.values == {NAME: "kept"}
