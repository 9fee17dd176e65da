from __future__ import annotations

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, Samples
from modules.stt.cuts import is_silent, onset, pieces, quietest

RANDOM = np.random.default_rng(1)


def _noise(seconds: float, level: float = 0.1) -> Samples:
    return RANDOM.normal(0.0, level, round(seconds * SPEECH_RATE)).astype(np.float32)


def _joined(*parts: Samples) -> Samples:
    return np.concatenate(parts)


def test_what_fits_is_one_piece() -> None:
    audio = _noise(10.0)
    assert [piece.tolist() for piece in pieces(audio, 10.0)] == [audio.tolist()]


def test_nothing_is_one_empty_piece() -> None:
    assert [len(piece) for piece in pieces(_noise(0.0), 10.0)] == [0]


def test_ten_minutes_lose_no_sample_and_no_piece_is_too_long_or_needlessly_short() -> None:
    audio = _noise(600.0)
    found = list(pieces(audio, 28.0))
    assert np.array_equal(_joined(*found), audio)
    lengths = [len(piece) / SPEECH_RATE for piece in found]
    assert max(lengths) <= 28.0
    assert min(lengths[:-1]) >= 14.0


def test_the_cut_is_in_the_pause() -> None:
    audio = _joined(_noise(7.0), _noise(0.4, 0.001), _noise(6.0))
    first, second = pieces(audio, 10.0)
    assert 7.0 < len(first) / SPEECH_RATE < 7.4
    assert len(first) + len(second) == len(audio)


def test_a_short_gap_is_not_taken_for_the_pause() -> None:
    audio = _joined(_noise(6.0), _noise(0.06, 0.0), _noise(2.0), _noise(0.3, 0.005), _noise(5.0))
    assert 8.06 < quietest(audio, 5 * SPEECH_RATE, 10 * SPEECH_RATE) / SPEECH_RATE < 8.36


@pytest.mark.parametrize(
    ("audio", "silent"),
    [
        (_noise(0.0), True),
        (_noise(0.04), True),
        (np.zeros(SPEECH_RATE, np.float32), True),
        (np.full(SPEECH_RATE, 5e-5, np.float32), True),
        (_noise(0.06), False),
        (_noise(1.0, 0.001), False),
    ],
)
def test_silence(audio: Samples, silent: bool) -> None:
    assert is_silent(audio) is silent


def test_the_onset_is_where_sound_begins() -> None:
    audio = _joined(_noise(2.0, 0.0005), _noise(1.0))
    assert 1.96 <= onset(audio) / SPEECH_RATE <= 2.02


def test_sound_from_the_start_and_very_short_clips_begin_at_once() -> None:
    assert onset(_noise(1.0)) == 0
    assert onset(_noise(0.01)) == 0
