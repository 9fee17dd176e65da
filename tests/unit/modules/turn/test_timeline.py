"""When a turn reached each stage."""

from __future__ import annotations

import pytest

from modules.turn.timeline import Timeline


class Clock:
    def __init__(self) -> None:
        self.now = 10.0

    def __call__(self) -> float:
        return self.now


def test_stages_count_from_the_end_of_speech() -> None:
    clock = Clock()
    timeline = Timeline(clock)
    clock.now = 12.0
    timeline.end_of_speech()
    clock.now = 12.25
    timeline.note("final_transcript")
    timeline.note("first_audible", 12.75)
    record = timeline.record()
    assert (record.final_transcript, record.first_audible, record.first_token) == (250.0, 750.0, None)


def test_the_end_of_speech_is_noticed_after_it() -> None:
    clock = Clock()
    clock.now = 12.5
    timeline = Timeline(clock)
    timeline.end_of_speech(12.0)
    assert timeline.speech_end == 12.0
    timeline.note("end_decided")
    assert timeline.record().end_decided == 500.0


def test_without_an_end_of_speech_everything_counts_from_the_beginning() -> None:
    clock = Clock()
    timeline = Timeline(clock)
    clock.now = 10.75
    timeline.note("first_token")
    assert timeline.record().first_token == 750.0


def test_the_first_note_of_a_stage_counts() -> None:
    clock = Clock()
    timeline = Timeline(clock)
    clock.now = 10.5
    timeline.note("first_token")
    clock.now = 11.0
    timeline.note("first_token")
    assert timeline.record().first_token == 500.0


def test_a_turn_lasts_until_its_first_sound_at_least() -> None:
    timeline = Timeline(Clock())
    timeline.note("total", 10.1)
    timeline.note("first_audible", 10.2)
    assert timeline.record().total == pytest.approx(200.0)


def test_a_turn_without_sound_lasts_until_it_was_over() -> None:
    timeline = Timeline(Clock())
    timeline.note("total", 10.1)
    assert timeline.record().total == pytest.approx(100.0)


def test_there_is_no_such_stage() -> None:
    with pytest.raises(ValueError, match="lunch"):
        Timeline(Clock()).note("lunch")
