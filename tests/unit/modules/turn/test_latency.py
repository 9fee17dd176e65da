from __future__ import annotations

from modules.turn.latency import LatencyRecord


def test_a_record_is_printed_with_all_its_stages_to_a_tenth_of_a_millisecond() -> None:
    assert LatencyRecord(final_transcript=150.04, first_token=200.0).as_dict() == {
        "final_transcript": 150.0,
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
    assert LatencyRecord(total=5.0).slowest() is None
