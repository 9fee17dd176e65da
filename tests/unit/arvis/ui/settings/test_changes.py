from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from arvis.ui.settings.changes import Changes
from config.loader import load


class Place:
    """Changes over a file, and what they told."""

    def __init__(self, file: Path, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.changes = Changes(load(file, {}))
        self.read: list[Any] = []
        self.refused: list[tuple[tuple[str, ...], str]] = []
        self.written: list[tuple[str, ...]] = []
        self.changes.read.connect(self.read.append)
        self.changes.refused.connect(lambda paths, sentence: self.refused.append((paths, sentence)))
        self.changes.written.connect(self.written.append)

    def wait(self) -> None:
        self.qtbot.waitUntil(lambda: not self.changes.pending)


@pytest.fixture
def place(file: Path, qtbot: QtBot) -> Place:
    return Place(file, qtbot)


def test_a_change_is_written_and_read_back(place: Place, file: Path) -> None:
    file.write_text("version = 2\n# mine\n[llm]\nthreads = 1 # few\n")
    place.changes.put("llm.threads", 3)
    place.wait()
    assert file.read_text() == "version = 2\n# mine\n[llm]\nthreads = 3 # few\n"
    assert place.read[-1]["llm.threads"].value == 3
    assert place.changes.loaded.settings.llm.threads == 3
    assert place.written == [("llm.threads",)]


def test_changes_are_made_in_their_order_and_the_last_state_is_told_once(place: Place, file: Path) -> None:
    for threads in range(1, 9):
        place.changes.put("llm.threads", threads)
    place.wait()
    assert load(file, {}).settings.llm.threads == 8
    assert [standings["llm.threads"].value for standings in place.read] == [8]


def test_defaults_are_taken_again(place: Place, file: Path) -> None:
    file.write_text('version = 2\n[llm]\nthreads = 3\nmodel = "x"\n[tts]\nspeed = 2.0\n')
    place.changes.unset("tts.speed")
    place.changes.reset(["llm.threads", "llm.model"])
    place.wait()
    assert file.read_text() == "version = 2\n"
    assert (file.parent / "config.toml.v2.bak").read_text().count("threads = 3") == 1


def test_a_file_that_cannot_be_changed_is_left_and_said(place: Place, file: Path) -> None:
    file.write_text("version = 2\n[llm\n")
    place.changes.put("llm.threads", 3)
    place.wait()
    assert file.read_text() == "version = 2\n[llm\n"
    assert place.refused[0][0] == ("llm.threads",)
    assert place.refused[0][1]
    assert place.read == []


def test_what_others_have_changed_is_read(place: Place, file: Path) -> None:
    file.write_text("version = 2\n[llm]\nthreads = 7\n")
    place.changes.look()
    place.wait()
    assert place.read[-1]["llm.threads"].value == 7
    assert place.written == []
