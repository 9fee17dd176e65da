from __future__ import annotations

import pytest

from modules.stt.speech import SpeechTracker

WINDOW = 0.032


def _tracker(*runs: tuple[float, int]) -> SpeechTracker:
    tracker = SpeechTracker(0.5)
    for probability, count in runs:
        tracker.add([probability] * count)
    return tracker


@pytest.mark.parametrize("runs", [(), ((0.0, 50),), ((0.49, 50),), ((0.9, 3), (0.0, 10), (0.9, 3))])
def test_silence_and_clicks_are_no_speech(runs: tuple[tuple[float, int], ...]) -> None:
    assert _tracker(*runs).begin is None


def test_speech_begins_with_its_first_window() -> None:
    tracker = _tracker((0.1, 10), (0.9, 4))
    assert tracker.begin == pytest.approx(10 * WINDOW)
    assert tracker.end == pytest.approx(14 * WINDOW)
    assert tracker.silence == pytest.approx(0.0)


def test_speech_goes_on_a_little_below_the_threshold() -> None:
    tracker = _tracker((0.9, 4), (0.4, 5), (0.3, 6))
    assert tracker.end == pytest.approx(9 * WINDOW)
    assert tracker.silence == pytest.approx(6 * WINDOW)


def test_after_the_first_speech_the_shortest_sound_counts() -> None:
    assert _tracker((0.9, 10), (0.0, 20), (0.9, 1)).end == pytest.approx(31 * WINDOW)


def test_bounds_are_the_speech_and_a_little_around_it() -> None:
    tracker = _tracker((0.0, 100), (0.9, 50), (0.0, 100))
    for stretch, expected in [((0.0, 8.0), (2.9, 5.1)), ((3.0, 4.9), (3.0, 4.9))]:
        bounds = tracker.bounds(*stretch)
        assert bounds is not None
        assert list(bounds) == pytest.approx(list(expected))
    assert tracker.bounds(0.0, 3.1) is None
    assert tracker.bounds(5.0, 8.0) is None


def test_the_longest_pause_is_found() -> None:
    tracker = _tracker((0.9, 100), (0.0, 10), (0.9, 50), (0.0, 30), (0.9, 60))
    assert tracker.pause(0.0, 8.0) == pytest.approx((160 + 15) * WINDOW)
    assert tracker.pause(0.0, 4.5) == pytest.approx(105 * WINDOW)


def test_without_a_pause_speech_is_least_likely_somewhere() -> None:
    tracker = _tracker((0.9, 40), (0.6, 1), (0.9, 40))
    assert tracker.pause(0.0, 2.5) == pytest.approx(40.5 * WINDOW)


def test_a_pause_that_reaches_out_is_cut_inside() -> None:
    tracker = _tracker((0.9, 10), (0.0, 200))
    assert 1.0 <= tracker.pause(1.0, 1.01) <= 1.01
