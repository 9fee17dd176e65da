"""How long somebody has been speaking, or silent."""

from __future__ import annotations

import pytest

from modules.vad.runs import GAP_SECONDS, SpeechRuns
from modules.vad.spans import HYSTERESIS, WINDOW_SECONDS


def after(*probabilities: float, threshold: float = 0.5) -> SpeechRuns:
    runs = SpeechRuns(threshold)
    for probability in probabilities:
        runs.window(probability)
    return runs


def test_before_the_first_window_nobody_has_spoken() -> None:
    runs = after()
    assert (runs.voiced, runs.voiced_seconds, runs.silence) == (False, 0.0, 0.0)


def test_silence_counts_from_the_beginning_when_nobody_has_spoken() -> None:
    assert after(*[0.1] * 10).silence == pytest.approx(10 * WINDOW_SECONDS)


def test_speech_and_the_silence_after_it() -> None:
    runs = after(0.0, 0.9, 0.9, 0.9)
    assert (runs.voiced, runs.silence) == (True, 0.0)
    assert runs.voiced_seconds == pytest.approx(3 * WINDOW_SECONDS)
    runs.window(0.0)
    assert not runs.voiced
    assert runs.silence == pytest.approx(WINDOW_SECONDS)


def test_speech_begins_at_the_threshold_and_goes_on_a_little_below() -> None:
    assert not after(0.49).voiced
    assert after(0.5).voiced
    assert after(0.5, 0.5 - HYSTERESIS).voiced
    assert not after(0.5, 0.5 - HYSTERESIS - 0.01).voiced
    assert not after(0.5, 0.1, 0.5 - HYSTERESIS).voiced, "it begins anew at the threshold"


def test_a_threshold_near_zero_leaves_silence_silent() -> None:
    assert not after(0.1, 0.005, threshold=0.1).voiced


def test_a_stop_consonant_does_not_end_a_run_and_does_not_count() -> None:
    runs = after(0.9, 0.9, 0.0, 0.0, 0.0, 0.9)
    assert 3 * WINDOW_SECONDS < GAP_SECONDS
    assert runs.voiced_seconds == pytest.approx(3 * WINDOW_SECONDS)


def test_a_longer_silence_ends_a_run() -> None:
    runs = after(0.9, 0.9, 0.0, 0.0, 0.0, 0.0)
    assert runs.voiced_seconds == 0.0
    runs.window(0.9)
    assert runs.voiced_seconds == pytest.approx(WINDOW_SECONDS)


def test_clicks_that_are_far_apart_never_add_up() -> None:
    assert max(after(*[0.9, 0.0, 0.0, 0.0, 0.0] * count).voiced_seconds for count in range(1, 20)) == 0.0


def test_what_was_dealt_with_is_forgotten_but_the_voice_goes_on() -> None:
    runs = after(*[0.9] * 20)
    runs.forget()
    assert (runs.voiced, runs.voiced_seconds, runs.silence) == (True, 0.0, 0.0)
    runs.window(0.5 - HYSTERESIS)
    assert runs.voiced_seconds == pytest.approx(WINDOW_SECONDS)


def test_evidence_adds_up_as_long_as_speech_goes_on() -> None:
    assert after(0.1, 0.3).evidence == 0.0
    assert after(0.6, 0.9, 0.4).evidence == pytest.approx(1.9)
    assert after(0.6, 0.1, 0.7).evidence == pytest.approx(1.3)
    assert after(0.6, 0.1, 0.1, 0.1, 0.1).evidence == 0.0
