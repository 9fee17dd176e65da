"""What the latency record of a turn says."""

from __future__ import annotations

import pytest

from modules.turn.latency import LatencyRecord


def test_a_record_is_printed_with_all_its_stages_to_a_tenth_of_a_millisecond() -> None:
    assert LatencyRecord(final_transcript=150.04, first_token=200.0).as_dict() == {
        "final_transcript": 150.0,
        "end_decided": None,
        "first_token": 200.0,
        "first_clause": None,
        "first_audio": None,
        "first_audible": None,
        "total": None,
    }


def test_the_slowest_stage_is_named_with_its_own_time() -> None:
    record = LatencyRecord(
        final_transcript=200.0, first_token=260.0, first_audio=500.0, first_audible=520.0, total=3000.0
    )
    assert record.slowest() == ("first_audio", 240.0)


def test_nothing_is_slow_in_a_turn_that_reached_nothing() -> None:
    assert LatencyRecord(total=5.0).slowest() is None


@pytest.mark.parametrize(
    ("record", "slowest"),
    [
        # The reply was ready before the end of speech was certain: waiting for that took longest.
        (
            LatencyRecord(
                final_transcript=150.0,
                first_token=200.0,
                first_clause=230.0,
                end_decided=440.0,
                first_audio=445.0,
                first_audible=465.0,
            ),
            ("end_decided", 210.0),
        ),
        # The end was certain first: with the talk key it is the release itself.
        (LatencyRecord(end_decided=0.0, final_transcript=150.0, first_token=400.0), ("first_token", 250.0)),
        (LatencyRecord(end_decided=0.0, final_transcript=150.0, first_token=200.0), ("final_transcript", 150.0)),
    ],
)
def test_stages_count_in_the_order_in_which_they_were_reached(
    record: LatencyRecord, slowest: tuple[str, float]
) -> None:
    assert record.slowest() == slowest
