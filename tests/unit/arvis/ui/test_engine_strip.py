from __future__ import annotations

from typing import get_args

import pytest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from arvis.core.snapshot import EngineStatus
from arvis.ui import engine_strip as module
from arvis.ui.engine_strip import EngineStrip
from arvis.ui.theme import Theme
from modules.turn.events import Role


@pytest.fixture
def strip(qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch) -> EngineStrip:
    monkeypatch.setattr(module, "GONE_AFTER_MS", 1)
    strip = EngineStrip()
    qtbot.addWidget(strip)
    strip.resize(800, 80)
    strip.show()
    return strip


def visible(strip: EngineStrip) -> list[str]:
    return [role for role, card in strip.cards.items() if card.isVisible()]


def ready(role: Role) -> EngineStatus:
    return EngineStatus(role, f"my-{role}", "ready", fraction=1.0)


def test_what_is_loading_is_shown_with_what_it_does_and_how_far_it_is(strip: EngineStrip) -> None:
    assert visible(strip) == ["stt", "llm", "tts"]
    strip.show_status(EngineStatus("stt", "whisper", "loading", "Joining the model's parts", 0.25))
    card = strip.cards["stt"]
    assert (card.title.text(), card.note.text(), card.progress.value()) == (
        "Speech recognition",
        "Joining the model's parts",
        25,
    )
    strip.show_status(EngineStatus("stt", "whisper", "loading", "Warming up"))
    assert (card.progress.minimum(), card.progress.maximum()) == (0, 0)
    strip.show_status(ready("stt"))
    assert (card.note.text(), card.progress.value(), card.progress.maximum()) == ("✓ Ready · my-stt", 100, 100)


def test_it_goes_when_all_are_ready(strip: EngineStrip, qtbot: QtBot) -> None:
    for role in ("stt", "llm"):
        strip.show_status(ready(role))
    strip.finish()
    assert visible(strip) == ["stt", "llm"]
    qtbot.waitUntil(lambda: not strip.isVisible())


def test_a_broken_engine_stays_until_it_works(strip: EngineStrip, qtbot: QtBot) -> None:
    strip.show_status(ready("llm"))
    strip.show_status(EngineStatus("tts", "hibari", "failed", "The voice is missing."))
    strip.finish()
    qtbot.waitUntil(lambda: visible(strip) == ["tts"])
    card = strip.cards["tts"]
    assert card.note.text() == "✗ Not available · hibari"
    assert not card.progress.isVisible()
    assert card.toolTip() == "hibari: The voice is missing."
    strip.show_status(ready("tts"))
    qtbot.waitUntil(lambda: not strip.isVisible())


def test_the_engines_of_the_open_microphone_are_shown_when_they_are_broken_only(
    strip: EngineStrip, qtbot: QtBot
) -> None:
    for role in ("stt", "llm", "tts"):
        strip.show_status(ready(role))
    strip.show_status(EngineStatus("wake", "openwakeword", "loading", "Loading", None))
    strip.show_status(ready("endpoint"))
    assert visible(strip) == ["stt", "llm", "tts"]
    strip.finish()
    strip.show_status(EngineStatus("wake", "openwakeword", "failed", "The models are missing."))
    qtbot.waitUntil(lambda: visible(strip) == ["wake"])
    card = strip.cards["wake"]
    assert (card.title.text(), card.note.text()) == ("Wake word", "✗ Not available · openwakeword")
    strip.show_status(ready("wake"))
    qtbot.waitUntil(lambda: not strip.isVisible())


def test_every_engine_has_a_title() -> None:
    assert set(module.TITLES) == set(get_args(Role))


def test_a_low_window_has_no_room_for_notes_nor_for_what_is_broken(strip: EngineStrip, qtbot: QtBot) -> None:
    strip.set_compact(True)
    assert not strip.cards["stt"].note.isVisible()
    strip.show_status(EngineStatus("tts", "hibari", "failed", "The voice is missing."))
    strip.finish()
    qtbot.waitUntil(lambda: not strip.isVisible())
    strip.set_compact(False)
    assert visible(strip) == ["tts"]


def test_a_long_note_is_shortened(strip: EngineStrip, qapp: QApplication) -> None:
    strip.show_status(EngineStatus("stt", "whisper", "loading", "Checking " + "very " * 30 + "carefully", 0.1))
    strip.resize(500, 80)
    qapp.processEvents()
    card = strip.cards["stt"]
    assert card.note.text().endswith("…")
    assert card.width() < 250
