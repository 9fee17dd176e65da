"""Where to cut recordings that are too long for one pass."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from modules.audio.base import SPEECH_RATE, Samples

_FRAME = SPEECH_RATE // 50
"""Samples over which loudness is measured (20 ms)."""
_STRETCH = 10
"""Frames of the stretch that must be quiet on average (200 ms), so that a plosive is not taken for a pause."""
_SILENCE = 1e-4
"""Peak below which a recording holds no sound at all (-80 dB of full scale)."""
_SHORTEST = SPEECH_RATE // 20
"""Samples below which a recording holds no word (50 ms)."""


def pieces(samples: Samples, longest: float) -> Iterator[Samples]:
    """The recording in pieces of at most `longest` seconds, cut where it is quietest.

    A cut falls in the second half of what one piece may hold, so pieces are never much shorter than they need be.
    """
    limit = int(longest * SPEECH_RATE)
    while len(samples) > limit:
        cut = quietest(samples, limit // 2, limit)
        yield samples[:cut]
        samples = samples[cut:]
    yield samples


def quietest(samples: Samples, begin: int, end: int) -> int:
    """The sample in the middle of the quietest 200 ms between two positions at least 200 ms apart."""
    frames = (end - begin) // _FRAME
    energy = np.square(samples[begin : begin + frames * _FRAME]).reshape(frames, _FRAME).mean(axis=1)
    total = np.cumsum(np.concatenate(([0.0], energy)))
    stretches = total[_STRETCH:] - total[:-_STRETCH]
    return begin + (int(np.argmin(stretches)) + _STRETCH // 2) * _FRAME


def is_silent(samples: Samples) -> bool:
    """Whether there is no sound at all, as from a muted microphone, or too little for any word."""
    return samples.size < _SHORTEST or float(np.max(np.abs(samples))) < _SILENCE


def onset(samples: Samples) -> int:
    """The first sample of the first 20 ms that are less than 30 dB below the loudest 20 ms; 0 for a very short clip."""
    frames = len(samples) // _FRAME
    if frames == 0:
        return 0
    energy = np.square(samples[: frames * _FRAME]).reshape(frames, _FRAME).mean(axis=1)
    return int(np.argmax(energy > energy.max() * 1e-3)) * _FRAME
