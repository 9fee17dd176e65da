"""Sounds of a desk that are no words: synthesised, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from modules.audio.base import SPEECH_RATE, AudioChunk

_RATE = SPEECH_RATE
Wave = NDArray[np.float64]


def make_noise(name: str, seed: int) -> AudioChunk:
    """One of `NOISES` at 16 kHz, its peak at 0.5.

    Raises:
        KeyError: There is no such noise.
    """
    wave = NOISES[name](np.random.default_rng(seed))
    scaled = 0.5 * wave / np.abs(wave).max()
    return AudioChunk(scaled.astype(np.float32), _RATE)


def _cough(generator: np.random.Generator) -> Wave:
    """One or two bursts: the glottis opens with a bang, then breath rushes through the throat."""
    parts: list[Wave] = []
    for _ in range(int(generator.integers(1, 3))):
        seconds = generator.uniform(0.2, 0.35)
        breath = _band(_white(generator, _frames(seconds)), 350.0, 3800.0)
        body = _band(_white(generator, _frames(seconds)), 450.0, generator.uniform(900.0, 1300.0))
        burst = (breath + 2.5 * body) * _decay(seconds, attack=0.008, fall=generator.uniform(0.07, 0.12))
        parts += [burst, np.zeros(_frames(generator.uniform(0.08, 0.2)))]
    return np.concatenate(parts)


def _throat(generator: np.random.Generator) -> Wave:
    """Clearing one's throat: a rough, pulsing voice with breath in it."""
    seconds = generator.uniform(0.35, 0.6)
    voice = _voice(np.full(_frames(seconds), generator.uniform(75.0, 110.0)), 900.0, generator, jitter=0.15)
    breath = _band(_white(generator, voice.shape[0]), 500.0, 3000.0)
    return (voice / np.std(voice) + 0.8 * breath / np.std(breath)) * _decay(seconds, attack=0.04, fall=seconds / 2)


def _mm_hmm(generator: np.random.Generator) -> Wave:
    """Two hums with closed lips, the second one higher."""
    low = generator.uniform(95.0, 190.0)
    first, second = generator.uniform(0.16, 0.24), generator.uniform(0.2, 0.32)
    hums = [
        _hum(np.linspace(low, low * 0.94, _frames(first)), generator),
        np.zeros(_frames(generator.uniform(0.03, 0.07))),
        _hum(np.linspace(low * 1.1, low * 1.3, _frames(second)), generator),
    ]
    return np.concatenate(hums)


def _keyboard(generator: np.random.Generator) -> Wave:
    """Some keys struck in a row, each down and up again."""
    wave = np.zeros(_frames(1.8))
    at = 0.0
    while at < 1.5:
        for moment, level in ((at, 1.0), (at + generator.uniform(0.06, 0.1), 0.4)):
            _add(wave, moment, level * generator.uniform(0.5, 1.0) * _click(generator))
        at += generator.uniform(0.09, 0.24)
    return wave


def _door(generator: np.random.Generator) -> Wave:
    """A latch clicks, and the door falls shut."""
    wave = np.zeros(_frames(0.9))
    thump = _band(_white(generator, _frames(0.5)), 45.0, 180.0) * _decay(0.5, attack=0.004, fall=0.1)
    slap = _band(_white(generator, _frames(0.2)), 200.0, 2500.0) * _decay(0.2, attack=0.002, fall=0.03)
    _add(wave, 0.05, 0.3 * _click(generator))
    _add(wave, generator.uniform(0.12, 0.2), thump / np.abs(thump).max())
    _add(wave, generator.uniform(0.12, 0.2), 0.5 * slap / np.abs(slap).max())
    return wave


def _clap(generator: np.random.Generator) -> Wave:
    """Hands, once or twice."""
    wave = np.zeros(_frames(0.7))
    for moment in (0.0, 0.35)[: int(generator.integers(1, 3))]:
        _add(wave, moment, _band(_white(generator, _frames(0.15)), 700.0, 5000.0) * _decay(0.15, 0.001, 0.02))
    return wave


def _chair(generator: np.random.Generator) -> Wave:
    """A chair that is moved: friction that sticks and slips."""
    seconds = generator.uniform(0.5, 0.9)
    time = np.arange(_frames(seconds)) / _RATE
    slips = 0.6 + 0.4 * np.sign(np.sin(2 * np.pi * generator.uniform(18.0, 35.0) * time))
    scrape = _band(_white(generator, time.shape[0]), 180.0, 1400.0)
    return np.asarray(scrape * slips * np.hanning(time.shape[0]), dtype=np.float64)


NOISES: dict[str, Callable[[np.random.Generator], Wave]] = {
    "cough": _cough,
    "throat": _throat,
    "mm-hmm": _mm_hmm,
    "keyboard": _keyboard,
    "door": _door,
    "clap": _clap,
    "chair": _chair,
}
"""Name to maker."""


def _frames(seconds: float) -> int:
    return round(seconds * _RATE)


def _white(generator: np.random.Generator, frames: int) -> Wave:
    noise: Wave = generator.standard_normal(frames)
    return noise


def _add(wave: Wave, at: float, piece: Wave) -> None:
    start = _frames(at)
    fitting = piece[: wave.shape[0] - start]
    wave[start : start + fitting.shape[0]] += fitting


def _decay(seconds: float, attack: float, fall: float) -> Wave:
    """An envelope that rises within `attack` seconds and then falls to 1/e each `fall` seconds."""
    time = np.arange(_frames(seconds)) / _RATE
    rise = np.minimum(1.0, time / attack)
    return np.asarray(rise * np.exp(-np.maximum(0.0, time - attack) / fall), dtype=np.float64)


def _band(wave: Wave, low: float, high: float) -> Wave:
    """What lies between two frequencies, with soft edges."""
    hertz = np.fft.rfftfreq(wave.shape[0], 1.0 / _RATE)
    gain = 1.0 / (1.0 + (low / np.maximum(hertz, 1.0)) ** 4) / (1.0 + (hertz / high) ** 4)
    filtered: Wave = np.fft.irfft(np.fft.rfft(wave) * gain, wave.shape[0])
    return filtered


def _click(generator: np.random.Generator) -> Wave:
    """A key or a latch: a hard edge over a dull thud."""
    noise = _white(generator, _frames(0.03))
    edge = _band(noise, 2000.0, 6500.0) * _decay(0.03, attack=0.0005, fall=0.003)
    thud = _band(noise, 150.0, 500.0) * _decay(0.03, attack=0.001, fall=0.008)
    click = edge + 0.6 * thud
    return np.asarray(click / np.abs(click).max(), dtype=np.float64)


def _hum(pitch: Wave, generator: np.random.Generator) -> Wave:
    """A closed mouth: hardly anything above 600 Hz."""
    return _voice(pitch, 320.0, generator, jitter=0.01) * np.hanning(pitch.shape[0]) ** 0.4


def _voice(pitch: Wave, cut: float, generator: np.random.Generator, *, jitter: float) -> Wave:
    """Harmonics of a pitch in hertz per sample, weaker from `cut` hertz on."""
    wander = 1.0 + jitter * np.interp(
        np.arange(pitch.shape[0]), np.arange(0, pitch.shape[0] + 160, 160), _steps(generator, pitch.shape[0])
    )
    phase = 2 * np.pi * np.cumsum(pitch * wander) / _RATE
    wave = np.zeros(pitch.shape[0])
    for number in range(1, int(0.45 * _RATE / pitch.max())):
        wave += np.sin(number * phase) / (1.0 + (number * pitch.mean() / cut) ** 2)
    return wave


def _steps(generator: np.random.Generator, frames: int) -> Wave:
    """One deviation for each 10 ms."""
    return generator.standard_normal(len(range(0, frames + 160, 160)))
