from __future__ import annotations

from dataclasses import fields

import pytest
from pytestqt.qtbot import QtBot

from arvis.core.snapshot import HotkeyState
from arvis.ui.mode import Mode
from arvis.ui.status import (
    STAGES,
    ShapeView,
    StateBadge,
    StatusLine,
    latency_line,
    latency_table,
    model_line,
    speculation_table,
)
from arvis.ui.theme import Theme
from modules.turn.events import ModelMeasured, SpeculationMeasured, TurnMeasured
from modules.turn.latency import LatencyRecord


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (LatencyRecord(190.0, 0.0, 250.0, 300.0, 398.0, 412.4), "Answered in 412 ms  ·  slowest: transcript, 190 ms"),
        (LatencyRecord(100.0, 0.0, 500.0, 510.0, 600.0), "Answered in 600 ms  ·  slowest: language model, 400 ms"),
        (LatencyRecord(90.0, 450.0, 120.0, 200.0, 455.0, 480.0), "Answered in 480 ms  ·  slowest: pause, 250 ms"),
        (LatencyRecord(first_token=80.0, total=900.0), "Answered in 80 ms  ·  slowest: language model, 80 ms"),
        (LatencyRecord(50.0, None, 60.0, 70.0, 12_340.0), "Answered in 12.3 s  ·  slowest: voice, 12.3 s"),
        (LatencyRecord(total=40.0), ""),
        (LatencyRecord(), ""),
    ],
)
def test_the_latency_in_one_line(record: LatencyRecord, line: str) -> None:
    assert latency_line(record) == line


def test_the_table_has_every_stage_that_was_reached() -> None:
    record = LatencyRecord(190.2, 395.0, None, 300.0, 398.0, 412.4, 5000.0)
    assert latency_table(record).splitlines() == [
        "After you finished speaking:",
        "Transcript: 190 ms",
        "First clause: 300 ms",
        "Pause: 395 ms",
        "Voice: 398 ms",
        "Speaker: 412 ms",
        "End of the answer: 5000 ms",
    ]


def test_every_stage_of_a_latency_record_has_a_word() -> None:
    assert set(STAGES) == {field.name for field in fields(LatencyRecord)}


def test_what_was_begun_early_is_counted_in_words() -> None:
    assert speculation_table(SpeculationMeasured(2, 0, 0, 0, 0.0)) == ""
    assert speculation_table(SpeculationMeasured(5, 3, 1, 12, 340.4)).splitlines() == [
        "Answers begun before you had surely finished:",
        "Used: 3 of 4 (75%)",
        "Dropped: 1 (12 tokens, 340 ms)",
    ]


def test_the_speed_of_the_model_is_told_in_words(qtbot: QtBot) -> None:
    assert model_line(ModelMeasured("small", 0, None, None, None)) == ""
    assert model_line(ModelMeasured("small", 1, 38.4, None, None)).endswith("answers: 38 ms to the first token")
    line = StatusLine("F9")
    qtbot.addWidget(line)
    line.show_model(ModelMeasured("small", 3, 38.4, 151.7, 9.0))
    assert line.latency.toolTip() == "Language model, last 3 answers: 38 ms to the first token, 152 tokens a second"


def test_the_details_are_the_stages_and_what_was_begun_early(qtbot: QtBot) -> None:
    line = StatusLine("F9")
    qtbot.addWidget(line)
    line.show_speculation(SpeculationMeasured(1, 1, 0, 0, 0.0))
    assert line.latency.toolTip().startswith("Answers begun")
    line.show_latency(TurnMeasured(1, LatencyRecord(first_token=40.0)))
    stages, early = line.latency.toolTip().split("\n\n")
    assert stages == "After you finished speaking:\nLanguage model: 40 ms"
    assert "Used: 1 of 1 (100%)" in early


def test_the_line_shows_the_turn_and_the_key(qtbot: QtBot) -> None:
    line = StatusLine("F9")
    qtbot.addWidget(line)
    assert (line.latency.text(), line.hotkey.text()) == ("", "")
    line.show_latency(TurnMeasured(1, LatencyRecord(first_token=40.0)))
    line.show_hotkey(HotkeyState(everywhere=False, reason="Because."))
    assert (line.latency.text(), line.hotkey.text(), line.hotkey.toolTip()) == (
        "Answered in 40 ms  ·  slowest: language model, 40 ms",
        "F9 works in this window",
        "Because.",
    )


def test_each_mode_has_its_own_word_and_shape(qtbot: QtBot, theme: Theme) -> None:
    badge = StateBadge(theme)
    qtbot.addWidget(badge)
    words, shapes = [], []
    for mode in Mode:
        badge.show_mode(mode)
        words.append(badge.word.text())
        image = badge.shape.grab().toImage()
        ground = image.pixelColor(0, 0)
        shapes.append(
            tuple(
                abs(image.pixelColor(x, y).lightness() - ground.lightness()) > 40 for x in range(16) for y in range(16)
            )
        )
    assert {word for word in words if words.count(word) > 1} == {"Speaking"}, "a softer answer is no news"
    assert len(set(shapes)) == len(Mode)
    assert all(any(shape) for shape in shapes)


def test_a_shape_moves_only_while_it_is_seen(qtbot: QtBot, theme: Theme) -> None:
    shape = ShapeView(theme)
    qtbot.addWidget(shape)
    shape.show_mode(Mode.SPEAKING)
    assert not shape._ticker.isActive()
    shape.show()
    assert shape._ticker.isActive()
    shape.show_mode(Mode.READY)
    assert not shape._ticker.isActive()
    shape.show_mode(Mode.SPEAKING)
    shape.hide()
    assert not shape._ticker.isActive()
