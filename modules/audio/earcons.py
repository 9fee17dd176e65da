"""Short sounds that say something without words."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from modules.audio.base import AudioChunk, Samples

PEAK = 10 ** (-18 / 20)
"""Loudest sample: soft, as the user may be near the speaker and the microphone is open."""

_RISE_SECONDS = 0.008
"""Fade in of a note: anything shorter clicks."""

_NOTE_SECONDS = 0.085
_STAGGER_SECONDS = 0.055
"""From the beginning of one note to that of the next; they overlap, so that nothing breaks off."""

_OVERTONE = 0.2
"""Share of the octave above: a bare sine sounds like a test signal."""


class Earcon(StrEnum):
    """What a sound says."""

    LISTENING = "listening"
    """The wake phrase was heard: speak."""
    NOT_UNDERSTOOD = "not-understood"
    """Something was said, but no words were made out."""
    ATTENTION = "attention"
    """There is something to read."""
    TROUBLE = "trouble"
    """Something does not work."""


_NOTES = {
    Earcon.LISTENING: (659.3, 987.8),  # E5, B5: a fifth up, as a question
    Earcon.NOT_UNDERSTOOD: (523.3, 392.0),  # C5, G4: a fourth down
    Earcon.ATTENTION: (587.3, 587.3),  # D5 twice
    Earcon.TROUBLE: (440.0, 311.1),  # A4, E flat 4: a tritone down
}
"""Hertz of the notes of each sound, one after another."""


def earcon(kind: Earcon, rate: int = 24_000) -> AudioChunk:
    """The sound of `kind`, 140 ms at `rate` hertz; always the same."""
    stagger = round(_STAGGER_SECONDS * rate)
    notes = [_note(hertz, rate) for hertz in _NOTES[kind]]
    samples = np.zeros(stagger * (len(notes) - 1) + notes[0].shape[0], np.float32)
    for number, note in enumerate(notes):
        samples[number * stagger : number * stagger + note.shape[0]] += note
    return AudioChunk(samples * np.float32(PEAK / np.max(np.abs(samples))), rate)


def _note(hertz: float, rate: int) -> Samples:
    """A note that swells quickly and dies away softly to nothing."""
    time = np.arange(round(_NOTE_SECONDS * rate)) / rate
    tone = np.sin(2 * np.pi * hertz * time) + _OVERTONE * np.sin(4 * np.pi * hertz * time)
    swell = 0.5 - 0.5 * np.cos(np.pi * np.minimum(1.0, time / _RISE_SECONDS))
    fading = 0.5 + 0.5 * np.cos(np.pi * time / _NOTE_SECONDS)
    note: Samples = (tone * swell * fading).astype(np.float32)
    return note
