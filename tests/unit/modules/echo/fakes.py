"""A stand-in for the module livekit.rtc, and a speaker of which everything is known."""

from __future__ import annotations

from typing import Any

import numpy as np

from modules.audio.base import AudioChunk, Samples
from modules.echo.apm import DELAY_FRAMES


class FakeAudioFrame:
    def __init__(self, data: bytearray, sample_rate: int, num_channels: int, samples_per_channel: int) -> None:
        assert (sample_rate, num_channels, samples_per_channel, len(data)) == (16000, 1, 160, 320)
        self.buffer = data

    @property
    def data(self) -> memoryview:
        return memoryview(self.buffer).cast("h")


class FakeModule:
    """Delays the microphone as the real one does, and makes it softer whatever is played."""

    def __init__(self, rtc: FakeRtc, **features: bool) -> None:
        self._rtc = rtc
        self._late = np.zeros(DELAY_FRAMES, np.int16)
        rtc.modules.append(self)
        self.features = features
        self.frames = 0

    def process_reverse_stream(self, frame: FakeAudioFrame) -> None:
        if self._rtc.error is not None:
            raise self._rtc.error
        assert len(frame.buffer) == 320

    def process_stream(self, frame: FakeAudioFrame) -> None:
        self.frames += 1
        joined = np.concatenate((self._late, np.frombuffer(frame.buffer, np.int16)))
        self._late = joined[160:].copy()
        frame.buffer[:] = np.rint(joined[:160] * self._rtc.gain).astype(np.int16).tobytes()


class FakeRtc:
    def __init__(self, gain: float = 0.5) -> None:
        self.gain = gain
        self.modules: list[FakeModule] = []
        self.error: RuntimeError | None = None
        self.AudioFrame: Any = FakeAudioFrame

    def AudioProcessingModule(self, **features: bool) -> FakeModule:
        return FakeModule(self, **features)


class Tape:
    """A `PlaybackReference`: sample 0 of `samples` is heard at `begin`."""

    def __init__(self, samples: Samples, rate: int = 16000, begin: float = 0.0) -> None:
        self.samples = samples
        self.rate = rate
        self.begin = begin
        self.asked: list[tuple[int, int]] = []

    def read(self, begin: float, end: float) -> AudioChunk:
        first, last = round((begin - self.begin) * self.rate), round((end - self.begin) * self.rate)
        if last > first:
            self.asked.append((first, last))
        places = np.arange(first, last)
        known = (places >= 0) & (places < self.samples.shape[0])
        heard = np.where(known, self.samples[np.clip(places, 0, self.samples.shape[0] - 1)], np.float32(0.0))
        return AudioChunk(heard.astype(np.float32), self.rate, first, begin)


def noise(seconds: float, level: float = 0.1, seed: int = 0, rate: int = 16000) -> Samples:
    samples: Samples = (level * np.random.default_rng(seed).standard_normal(round(seconds * rate))).astype(np.float32)
    return samples


def decibels(samples: Samples) -> float:
    return float(10.0 * np.log10(np.mean(samples.astype(np.float64) ** 2) + 1e-12))
