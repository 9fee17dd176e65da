from __future__ import annotations

import itertools

import pytest

from modules.vad.base import SpeechSpan
from modules.vad.spans import find_spans

WINDOW = 0.032


def _spans(*runs: tuple[int, float], threshold: float = 0.5) -> list[SpeechSpan]:
    probabilities = [probability for count, probability in runs for _ in range(count)]
    return find_spans(probabilities, len(probabilities) * WINDOW, threshold)


def test_silence_has_no_speech() -> None:
    assert _spans((100, 0.1)) == []
    assert find_spans([], 0.0) == []


def test_speech_is_padded_on_both_sides() -> None:
    (span,) = _spans((20, 0.0), (10, 0.9), (20, 0.0))
    assert span.start == pytest.approx(20 * WINDOW - 0.1)
    assert span.end == pytest.approx(30 * WINDOW + 0.1)


def test_padding_ends_where_the_recording_does() -> None:
    (span,) = _spans((10, 0.9))
    assert span.start == 0.0
    assert span.end == pytest.approx(0.32)


@pytest.mark.parametrize(("windows", "found"), [(3, 0), (4, 1)])
def test_what_is_shorter_than_a_tenth_of_a_second_is_no_speech(windows: int, found: int) -> None:
    assert len(_spans((20, 0.0), (windows, 0.99), (20, 0.0))) == found


@pytest.mark.parametrize(("between", "ends"), [(0.36, 40), (0.34, 25)])
def test_speech_goes_on_until_well_below_the_threshold(between: float, ends: int) -> None:
    (span,) = _spans((20, 0.0), (5, 0.6), (15, between), (20, 0.0))
    assert span.end == pytest.approx(ends * WINDOW + 0.1)


def test_speech_does_not_begin_below_the_threshold() -> None:
    assert _spans((20, 0.49)) == []
    assert len(_spans((20, 0.49), threshold=0.4)) == 1


def test_a_stop_inside_a_word_does_not_split_it() -> None:
    assert len(_spans((20, 0.0), (10, 0.9), (3, 0.0), (10, 0.9), (20, 0.0))) == 1


def test_short_bursts_do_not_add_up_across_silence() -> None:
    assert _spans((20, 0.0), *[(3, 0.9), (4, 0.0)] * 10) == []


def test_stretches_whose_padding_meets_are_one() -> None:
    assert len(_spans((10, 0.9), (6, 0.0), (10, 0.9))) == 1
    assert len(_spans((10, 0.9), (7, 0.0), (10, 0.9))) == 2


def test_spans_are_in_order_and_apart() -> None:
    spans = _spans(*[(8, 0.9), (12, 0.0)] * 5)
    assert len(spans) == 5
    assert all(before.end < after.start for before, after in itertools.pairwise(spans))


def test_a_very_low_threshold_still_ends() -> None:
    spans = _spans((10, 0.06), (20, 0.001), threshold=0.05)
    assert [round(span.end, 3) for span in spans] == [0.42]
