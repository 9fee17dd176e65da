"""Rooms, simulated: what a microphone hears of a loudspeaker. The same for the same seed."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modules.audio.base import Samples

_EARLY = 8
"""Reflections that are heard one by one before the tail begins."""
_EARLY_SECONDS = 0.025
_TAIL_SECONDS = 0.004
"""Where the tail begins, after the direct sound."""
_DECAY = 6.91
"""Natural logarithm of 60 dB of amplitude: the tail is e**-6.91 at the reverberation time."""
_BRIGHTNESS = 0.5
"""Reverberation time of the highest frequencies as a part of that of the lowest: walls and air swallow high ones."""
_BANDS = 6
"""Octaves or so into which the tail is split, each with its own decay."""
_SPEECH_KNEE_HZ = 500.0
"""The long-term power of speech falls by 6 dB per octave from about here on."""
_NOISE_SECONDS = 8
"""Length of the noise of the room; it repeats."""
_ACTIVE_DB = 30.0
"""What is softer than the loudest 20 ms by more than this counts as a pause."""


@dataclass(frozen=True, slots=True)
class Room:
    """The way from a loudspeaker to a microphone."""

    name: str
    """Unlike those of other rooms: the reflections are drawn from it."""
    rt60_s: float
    """Seconds in which sound falls by 60 dB, 0.05 or more."""
    delay_ms: float
    """From the time at which a sample is due at the speaker to the arrival of its direct sound, 0 or more."""
    echo_db: float
    """Level of the echo of speech relative to what is played."""
    direct_db: float = 6.0
    """Direct sound and early reflections relative to the tail."""
    low_cut_hz: float = 150.0
    """Below this the loudspeaker gives little, 12 dB less per octave."""
    distortion: float = 0.0
    """How hard the loudspeaker compresses peaks: tanh(d x) / d; 0 is a linear one, 1 about 5 % at full level."""
    noise_db: float = -70.0
    """Level of the noise of the room at the microphone relative to full scale."""

    def stream(self, rate: int, seed: int = 0) -> RoomStream:
        """The room at `rate` hertz, with nothing in the air yet."""
        return RoomStream(self, rate, seed)


ROOMS: tuple[Room, ...] = (
    Room("laptop", rt60_s=0.25, delay_ms=4.0, echo_db=-6.0, direct_db=12.0, low_cut_hz=250.0, distortion=0.6),
    Room("desk", rt60_s=0.35, delay_ms=9.0, echo_db=-10.0, direct_db=6.0),
    Room("study", rt60_s=0.2, delay_ms=14.0, echo_db=-12.0, direct_db=3.0),
    Room("living-room", rt60_s=0.5, delay_ms=21.0, echo_db=-14.0, direct_db=0.0, low_cut_hz=80.0),
    Room("bare-hall", rt60_s=0.6, delay_ms=33.0, echo_db=-14.0, direct_db=-2.0, low_cut_hz=80.0, distortion=0.3),
    Room("booth", rt60_s=0.1, delay_ms=2.0, echo_db=-8.0, direct_db=15.0),
)
"""From a laptop whose loudspeaker is a hand away from its microphone to loudspeakers across a hall."""


class RoomStream:
    """What the microphone hears while something is played: as many samples come out as go in, without latency.

    The result does not depend on how the sound is cut into blocks.

    Args:
        room: The room.
        rate: Hertz, of what is played and of what is heard.
        seed: Of the reflections and of the noise.
    """

    def __init__(self, room: Room, rate: int, seed: int = 0) -> None:
        self._distortion = room.distortion
        self._response = impulse_response(room, rate, seed)
        self._noise = _room_noise(room, rate, seed)
        self._position = 0
        self._tail: Samples = np.zeros(self._response.shape[0] - 1, np.float32)  # of what was fed, still to be heard
        self._spectra: dict[int, NDArray[np.complex64]] = {}  # of the response, by length of the transform

    def feed(self, samples: Samples) -> Samples:
        """Play the next samples (any number, float32) and return what is heard meanwhile: echo and noise."""
        count = samples.shape[0]
        if not count:
            return np.zeros(0, np.float32)
        driven = np.tanh(self._distortion * samples) / self._distortion if self._distortion else samples
        heard = self._convolve(driven)
        heard[: self._tail.shape[0]] += self._tail
        self._tail = heard[count:].copy()
        noise = self._noise.take(np.arange(self._position, self._position + count), mode="wrap")
        self._position = (self._position + count) % self._noise.shape[0]
        result: Samples = heard[:count] + noise
        return result

    def _convolve(self, samples: Samples) -> Samples:
        length = samples.shape[0] + self._response.shape[0] - 1
        size = 1 << (length - 1).bit_length()
        if size not in self._spectra:
            self._spectra[size] = np.fft.rfft(self._response, size).astype(np.complex64)
        product = np.fft.rfft(samples, size) * self._spectra[size]
        result: Samples = np.fft.irfft(product, size)[:length].astype(np.float32)
        return result


def impulse_response(room: Room, rate: int, seed: int = 0) -> Samples:
    """What is heard of a single sample of 1: direct sound, some early reflections, and a tail that fades.

    Speech comes out of it at `room.echo_db` relative to what went in.
    """
    generator = _generator(room, "response", seed)
    delay = round(room.delay_ms * rate / 1000.0)
    length = round(room.rt60_s * rate)
    early = _early(generator, length, rate)
    tail = _tail(generator, room, length, rate)
    tail *= np.linalg.norm(early) / np.linalg.norm(tail) * 10.0 ** (-room.direct_db / 20.0)
    response = _high_pass(np.concatenate((np.zeros(delay), early + tail)), room.low_cut_hz, rate)
    gain = 10.0 ** (room.echo_db / 20.0) / _speech_gain(response, rate)
    scaled: Samples = (response * gain).astype(np.float32)
    return scaled


def active_level(samples: Samples, rate: int) -> float:
    """Decibels relative to full scale (RMS of 1) while there is sound, pauses left out; -120 for silence."""
    frame = rate // 50
    whole = samples[: samples.shape[0] // frame * frame].astype(np.float64).reshape(-1, frame)
    powers = (whole**2).mean(axis=1) if whole.size else np.zeros(1)
    active = powers[powers >= powers.max() * 10.0 ** (-_ACTIVE_DB / 10.0)]
    return float(10.0 * np.log10(max(float(active.mean()), 1e-12)))


def _generator(room: Room, purpose: str, seed: int) -> np.random.Generator:
    return np.random.default_rng((zlib.crc32(f"{room.name}/{purpose}".encode()), seed))


def _early(generator: np.random.Generator, length: int, rate: int) -> NDArray[np.float64]:
    """The direct sound at 0 and reflections that get softer the later they come."""
    early = np.zeros(length)
    early[0] = 1.0
    for moment in generator.uniform(0.001, _EARLY_SECONDS, _EARLY):
        at = min(length - 1, round(moment * rate))
        early[at] += generator.choice((-1.0, 1.0)) * generator.uniform(0.2, 0.6) * (1.0 - moment / _EARLY_SECONDS)
    return early


def _tail(generator: np.random.Generator, room: Room, length: int, rate: int) -> NDArray[np.float64]:
    """Noise that fades, high frequencies sooner than low ones."""
    time = np.arange(length) / rate
    spectrum = np.fft.rfft(generator.standard_normal(length))
    hertz = np.fft.rfftfreq(length, 1.0 / rate)
    edges = np.concatenate(([0.0], np.geomspace(250.0, rate / 2 + 1, _BANDS)))
    tail = np.zeros(length)
    for number in range(_BANDS):
        band = np.where((hertz >= edges[number]) & (hertz < edges[number + 1]), spectrum, 0.0)
        rt60 = room.rt60_s * (1.0 - (1.0 - _BRIGHTNESS) * number / (_BANDS - 1))
        tail += np.fft.irfft(band, length) * np.exp(-_DECAY * time / rt60)
    tail[: round(_TAIL_SECONDS * rate)] = 0.0
    return tail


def _high_pass(response: NDArray[np.float64], cut_hz: float, rate: int) -> NDArray[np.float64]:
    """Second-order Butterworth, by its frequency response; padded, so that nothing wraps around."""
    size = 2 * response.shape[0] + rate // 10
    s = 1j * np.fft.rfftfreq(size, 1.0 / rate) / max(cut_hz, 1.0)
    transfer = s**2 / (s**2 + np.sqrt(2.0) * s + 1.0)
    filtered: NDArray[np.float64] = np.fft.irfft(np.fft.rfft(response, size) * transfer, size)[: response.shape[0]]
    return filtered


def _speech_gain(response: NDArray[np.float64], rate: int) -> float:
    """By how much the response raises the RMS of something with the long-term spectrum of speech."""
    spectrum = np.abs(np.fft.rfft(response, 2 * response.shape[0])) ** 2
    hertz = np.fft.rfftfreq(2 * response.shape[0], 1.0 / rate)
    weight = np.where((hertz > 100.0) & (hertz < 8000.0), 1.0 / (1.0 + (hertz / _SPEECH_KNEE_HZ) ** 2), 0.0)
    return float(np.sqrt((spectrum * weight).sum() / weight.sum()))


def _room_noise(room: Room, rate: int, seed: int) -> Samples:
    """Noise that is stronger at low frequencies, by 3 dB per octave."""
    length = _NOISE_SECONDS * rate
    spectrum = np.fft.rfft(_generator(room, "noise", seed).standard_normal(length))
    bins = np.arange(spectrum.shape[0])
    shaped = np.fft.irfft(spectrum * np.where(bins < 50 * _NOISE_SECONDS, 0.0, 1.0 / np.sqrt(np.maximum(bins, 1))))
    noise: Samples = (shaped * 10.0 ** (room.noise_db / 20.0) / np.std(shaped)).astype(np.float32)
    return noise
