"""Whether a reply that was held and went on has lost anything."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from modules.audio.base import AudioChunk, Samples
from modules.audio.resample import resample
from modules.bench.acoustics import active_level
from modules.bench.tape import Tape

_RATE = 8000
"""Hertz; enough to find a place in a speech to an eighth of a millisecond."""
_WINDOW = 1.2
"""Seconds that are looked for."""
_MARGIN = 0.05
"""Seconds that are left out on both sides of a hold, where the sound is faded."""
_AUDIBLE_DB = -50.0
"""Of a window in which a place can be found."""


def lost_seconds(tape: Tape, played: Sequence[AudioChunk], held_at: float, resumed_at: float) -> float | None:
    """Seconds of a reply that were skipped by a hold; negative when some were said twice, None when it cannot be told.

    Args:
        tape: What the loudspeaker gave off.
        played: The whole reply as it was queued.
        held_at: When it fell silent at the loudspeaker.
        resumed_at: When it went on there.
    """
    before = tape.part(held_at - _MARGIN - _WINDOW, held_at - _MARGIN)
    after = tape.part(resumed_at + _MARGIN, resumed_at + _MARGIN + _WINDOW)
    whole = _whole(played)
    places = [_place(part, whole) for part in (before, after)]
    if places[0] is None or places[1] is None:
        return None
    said = (places[1] - places[0]) / _RATE
    passed = (after.time - before.time) - (resumed_at - held_at)
    return said - passed


def _whole(played: Sequence[AudioChunk]) -> Samples:
    samples = np.concatenate([chunk.samples for chunk in played])
    return resample(AudioChunk(samples, played[0].sample_rate), _RATE).samples


def _place(part: AudioChunk, whole: Samples) -> int | None:
    """At which frame of a speech a part of it begins."""
    if part.seconds < _WINDOW / 2 or active_level(part.samples, part.sample_rate) < _AUDIBLE_DB:
        return None
    wanted = resample(part, _RATE).samples
    if whole.shape[0] < wanted.shape[0]:
        return None
    size = 1 << (whole.shape[0] + wanted.shape[0]).bit_length()
    spectrum = np.fft.rfft(whole, size) * np.conj(np.fft.rfft(wanted, size))
    likeness = np.fft.irfft(spectrum, size)[: whole.shape[0] - wanted.shape[0] + 1]
    powers = np.concatenate(([0.0], np.cumsum(whole.astype(np.float64) ** 2)))
    energy = powers[wanted.shape[0] :] - powers[: -wanted.shape[0]]
    return int(np.argmax(likeness / np.sqrt(np.maximum(energy, 0.0) + 1e-6)))
