from __future__ import annotations

import pytest

from modules.turn.latency import LatencyRecord
from modules.turn.timeline import Timeline


class Clock:
    now = 10.0

    def __call__(self) -> float:
        return self.now


def test_the_record_counts_from_the_end_of_speech() -> None:
    clock = Clock()
    timeline = Timeline(clock)
    clock.now = 12.0
    timeline.end_of_speech()
    clock.now = 12.15
    timeline.note("final_transcript")
    timeline.note("first_token", 12.2)
    clock.now = 99.0
    timeline.note("final_transcript")  # only the first note counts
    record = timeline.record().as_dict()
    assert record == {
        "final_transcript": 150.0,
        "first_token": 200.0,
        "first_clause": None,
        "first_audio": None,
        "first_audible": None,
        "total": None,
    }


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(ValueError, match="no such stage: lunch"):
        Timeline(Clock()).note("lunch")


def test_the_slowest_stage_is_named_with_its_own_time() -> None:
    record = LatencyRecord(
        final_transcript=200.0, first_token=260.0, first_audio=500.0, first_audible=520.0, total=3000.0
    )
    assert record.slowest() == ("first_audio", 240.0)
    assert LatencyRecord(total=5.0).slowest() is None


def test_a_turn_is_not_over_before_its_first_sound_was_heard() -> None:
    timeline = Timeline(Clock())
    timeline.note("first_audible", 10.5)
    timeline.note("total", 10.4)
    assert timeline.record().total == pytest.approx(500.0)
