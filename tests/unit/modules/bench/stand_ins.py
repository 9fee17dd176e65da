"""Engines that hear tones: a voice is a tone of 220 Hz, as the fake synthesizer makes it, and all else is noise."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.bench.acoustics import Room
from modules.bench.open_speaker import TalkEngines
from modules.bench.scenes import Costs
from modules.stt.base import TranscriberCapabilities, Transcript
from modules.vad.base import SpeechSpan, VadStream
from tests.fakes.engines import FakeEchoCanceller, FakeEngine, FakeSynthesizer

_WINDOW = 512

SILENT_ROOM = Room("silent", rt60_s=0.05, delay_ms=0.0, echo_db=-100.0, noise_db=-100.0)
"""In it the microphone does not hear the loudspeaker."""
LOUD_ROOM = Room("loud", rt60_s=0.05, delay_ms=0.0, echo_db=0.0, direct_db=40.0, noise_db=-100.0)
"""In it the assistant hears itself."""
COSTS = Costs()
ANSWER = " ".join(" ".join(["word"] * count) + "." for count in range(5, 16))
"""Eleven sentences, none like another: eleven seconds of the fake voice, and the pauses between them."""


@dataclass
class LoudnessVad(FakeEngine):
    """Takes for speech what is loud."""

    over: float = 0.01

    def open(self) -> VadStream:
        return _Loudness(self.over)

    def spans(self, audio: AudioChunk) -> list[SpeechSpan]:
        loud = np.flatnonzero(np.abs(audio.samples) > self.over)
        return [SpeechSpan(loud[0] / SPEECH_RATE, loud[-1] / SPEECH_RATE)] if loud.size else []


class _Loudness:
    def __init__(self, over: float) -> None:
        self._over = over
        self._pending: Samples = np.zeros(0, np.float32)

    def feed(self, chunk: AudioChunk) -> list[float]:
        samples = np.concatenate((self._pending, chunk.samples))
        count = samples.shape[0] // _WINDOW
        self._pending = samples[count * _WINDOW :]
        levels = np.sqrt((samples[: count * _WINDOW].reshape(count, _WINDOW) ** 2).mean(axis=1))
        return [1.0 if level > self._over else 0.0 for level in levels]


@dataclass
class ToneTranscriber(FakeEngine):
    """Understands the same words of every voice, and nothing of anything else."""

    text: str = "wait what about tomorrow"
    capabilities: TranscriberCapabilities = field(
        default_factory=lambda: TranscriberCapabilities(languages=None, detects_language=True)
    )

    async def transcribe(self, audio: AudioChunk, *, language: str | None = None) -> Transcript:
        power = np.abs(np.fft.rfft(audio.samples)) ** 2
        hertz = np.fft.rfftfreq(audio.frames, 1 / SPEECH_RATE)
        share = power[(hertz > 180) & (hertz < 260)].sum() / max(power.sum(), 1e-12)
        return Transcript(self.text if share > 0.5 else "", "en", 0.9, audio.seconds)


class HoarseSynthesizer(FakeSynthesizer):
    """Says each word as a noise of its own, so that every place of a speech is unlike the others."""

    async def stream(
        self, text: str, *, voice: str | None = None, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        rate = self.capabilities.sample_rate
        generator = np.random.default_rng(len(text))
        for _ in text.split():
            samples = 0.2 * generator.uniform(0.1, 1.0) * generator.standard_normal(rate // 10)
            yield AudioChunk(samples.astype(np.float32), rate)


def engines(text: str = "wait what about tomorrow", *, clear: bool = False) -> TalkEngines:
    """Loaded stand-ins; the assistant's own voice is hoarse, and cannot be understood, or clear.

    With a clear voice the canceller removes nothing, and says that it does.
    """
    if clear:
        canceller = FakeEchoCanceller(settled=True)
        return TalkEngines(ToneTranscriber(text=text), LoudnessVad(), FakeSynthesizer(seconds=0.0), canceller, None)
    return TalkEngines(ToneTranscriber(text=text), LoudnessVad(), HoarseSynthesizer(), None, None)
