"""Recordings of utterances: where the speech really ends, and versions in which the speaker pauses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.audio.files import read_audio
from modules.bench.scene_fields import SceneError
from modules.vad.base import VoiceActivityDetector

_FRAME = SPEECH_RATE // 100
_SPEECH_DB = 30.0
"""What is softer than the loudest 10 ms by more than this is no speech: last consonants are 25 to 29 dB softer, the
room behind a reader 25 to 40 dB, so that the detector of speech has to agree."""
_SILENCE_DB = -120.0
_SMOOTH = 5
"""Frames over which the loudness is taken when a gap between words is looked for."""
_MIDDLE = (0.25, 0.75)
"""Part of the speech in which a pause is put."""
_FADE = SPEECH_RATE // 200
"""Samples over which the sound fades into a pause and out of it."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A recording of somebody who says one thing."""

    name: str
    audio: AudioChunk
    """At 16 kHz."""
    pause: float
    """Seconds of silence that were put between two words."""
    begin: float
    """Second at which the speech begins."""
    end: float
    """Second at which the speech ends."""


def read_utterance(path: Path, vad: VoiceActivityDetector, pause: float = 0.0) -> Utterance:
    """Read a recording, with a pause at a gap between words near its middle.

    Args:
        path: The recording.
        vad: Finds the speech in it; loaded.
        pause: Seconds; 0 for none.

    Raises:
        AudioError: The file cannot be read.
        SceneError: `no-speech`: nobody speaks in it.
    """
    audio = read_audio(path)
    begin, end = speech_bounds(audio, vad, path.name)
    if pause:
        audio = AudioChunk(_with_pause(audio.samples, pause, begin, end), SPEECH_RATE)
    return Utterance(path.name, audio, pause, begin, end + pause)


def speech_bounds(audio: AudioChunk, vad: VoiceActivityDetector, name: str) -> tuple[float, float]:
    """Seconds at which the energy of speech begins and ends, within those between which the detector finds it.

    Args:
        audio: A recording at 16 kHz.
        vad: Finds the speech in it; loaded.
        name: Of the recording, for the error.

    Raises:
        SceneError: `no-speech`: nobody speaks in it.
    """
    spans = vad.spans(audio)
    if not spans:
        raise SceneError("no-speech", f"Nobody speaks in '{name}', so it cannot be used. Leave it out.")
    levels = _levels(audio.samples)
    levels[: int(spans[0].start * 100)] = levels[int(spans[-1].end * 100) :] = _SILENCE_DB
    loud = np.flatnonzero(levels >= levels.max() - _SPEECH_DB)
    return float(loud[0]) / 100.0, float(loud[-1] + 1) / 100.0


def _with_pause(samples: Samples, seconds: float, begin: float, end: float) -> Samples:
    """The same with a silence in it, at the softest place around the middle of the speech."""
    at = _gap(samples, begin, end)
    fade = np.linspace(1.0, 0.0, _FADE, dtype=np.float32)
    first, second = samples[:at].copy(), samples[at:].copy()
    first[-_FADE:] *= fade[-first.shape[0] :]
    second[:_FADE] *= fade[::-1][: second.shape[0]]
    return np.concatenate((first, np.zeros(round(seconds * SPEECH_RATE), np.float32), second))


def _gap(samples: Samples, begin: float, end: float) -> int:
    """The sample in the middle of the softest stretch."""
    levels = _levels(samples)
    first, last = (int(100 * (begin + part * (end - begin))) for part in _MIDDLE)
    smooth = np.convolve(levels[first : max(last, first + 1)], np.ones(_SMOOTH) / _SMOOTH, "same")
    softest = first + int(np.argmin(smooth))
    return softest * _FRAME + _FRAME // 2


def _levels(samples: Samples) -> NDArray[np.float64]:
    """Decibels of each 10 ms relative to full scale."""
    count = samples.shape[0] // _FRAME
    powers = (samples[: count * _FRAME].reshape(count, _FRAME).astype(np.float64) ** 2).mean(axis=1)
    return np.asarray(10.0 * np.log10(np.maximum(powers, 1e-12)), dtype=np.float64)
