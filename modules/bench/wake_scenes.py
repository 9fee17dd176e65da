"""Wake phrases at known places in sound, synthesised; the same for a seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.audio.resample import resample
from modules.tts.base import SynthesisError, Synthesizer

SPEEDS = (0.85, 1.0, 1.2)
"""Of the voices, 1 being their own."""

PEAKS = (0.5, 0.05)
"""Loudest sample of the speech: close to the microphone, and from across a room."""

NOISE_LEVELS = (None, 20.0, 10.0)
"""Signal-to-noise ratio in dB, of steady noise with a falling spectrum as of a fan; None for a quiet room."""

REQUESTS = ("", "What time is it?")
"""What follows the phrase without a pause."""

_ROOM_PEAK = 0.0003
"""Root mean square of the noise in a quiet room."""
_LEAD_SECONDS = 1.0
_TAIL_SECONDS = 1.0
_AUDIBLE = 0.005
"""Level, of the loudest sample being 1, from which a sample of a voice belongs to what it says."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One phrase in sound."""

    voice: str
    """Name of the voice engine."""
    audio: AudioChunk
    """16 kHz."""
    end: float
    """Second at which the phrase is over."""


@dataclass(frozen=True, slots=True)
class SpokenPhrase:
    """The speech that scenes are made of, without silence around it."""

    voice: str
    phrase: Samples
    """16 kHz; loudest sample 1."""
    request: Samples
    """16 kHz; loudest sample 1; empty when nothing follows."""


async def speak(
    voice: Synthesizer, phrase: str, speeds: Sequence[float], requests: Sequence[str]
) -> list[SpokenPhrase]:
    """The phrase at every speed with every request after it, by one voice that is loaded.

    Raises:
        SynthesisError: The voice failed, or said nothing.
    """
    spoken = []
    for speed in speeds:
        said = await _clip(voice, phrase, speed)
        for request in requests:
            after = await _clip(voice, request, speed) if request else np.zeros(0, np.float32)
            spoken.append(SpokenPhrase(voice.name, said, after))
    return spoken


def scenes(
    spoken: Sequence[SpokenPhrase],
    rng: np.random.Generator,
    peaks: Sequence[float] = PEAKS,
    noise_levels: Sequence[float | None] = NOISE_LEVELS,
) -> Iterator[Scene]:
    """Every phrase at every loudness in every noise, each after a second of lead-in and a random little more."""
    for speech in spoken:
        for peak in peaks:
            for ratio in noise_levels:
                yield _scene(speech, peak, ratio, rng)


def noise(frames: int, level: float, rng: np.random.Generator) -> Samples:
    """Steady noise of the root mean square `level` whose power falls with frequency."""
    spectrum = np.fft.rfft(rng.standard_normal(frames))
    falling = np.fft.irfft(spectrum / np.sqrt(np.maximum(10, np.arange(spectrum.shape[0]))), frames)
    samples: Samples = (falling * (level / np.std(falling))).astype(np.float32)
    return samples


def _scene(speech: SpokenPhrase, peak: float, ratio: float | None, rng: np.random.Generator) -> Scene:
    lead = round(_LEAD_SECONDS * SPEECH_RATE) + int(rng.integers(SPEECH_RATE // 10))
    said = np.concatenate((speech.phrase, speech.request)) * np.float32(peak)
    samples = np.zeros(lead + said.shape[0] + round(_TAIL_SECONDS * SPEECH_RATE), np.float32)
    samples[lead : lead + said.shape[0]] = said
    level = float(np.sqrt(np.mean(said**2))) / 10 ** (ratio / 20) if ratio is not None else _ROOM_PEAK
    samples += noise(samples.shape[0], level, rng)
    return Scene(speech.voice, AudioChunk(samples, SPEECH_RATE), (lead + speech.phrase.shape[0]) / SPEECH_RATE)


async def _clip(voice: Synthesizer, text: str, speed: float) -> Samples:
    """What a voice says, 16 kHz, from the first to the last sound, its loudest sample being 1."""
    async with aclosing(voice.stream(text, speed=speed)) as stream:
        chunks = [chunk async for chunk in stream]
    samples = np.concatenate([chunk.samples for chunk in chunks]) if chunks else np.zeros(0, np.float32)
    loudest = float(np.max(np.abs(samples), initial=0.0))
    if not loudest:
        raise SynthesisError("no-sound", f"The voice {voice.name} said nothing for '{text}'. Choose another voice.")
    said = resample(AudioChunk(samples / np.float32(loudest), chunks[0].sample_rate), SPEECH_RATE).samples
    audible = np.flatnonzero(np.abs(said) > _AUDIBLE)
    return said[audible[0] : audible[-1] + 1]
