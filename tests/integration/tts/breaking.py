"""A real voice that breaks off where a test wants it to, and what becomes of the words."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from num2words import num2words

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.audio.resample import resample
from modules.engine import ProgressCallback
from modules.stt.base import Transcriber
from modules.tts.base import SynthesisError, Synthesizer, SynthesizerCapabilities
from tests.words import words

PIECE_SECONDS = 0.08


@dataclass
class BreakingVoice:
    """Speaks in short pieces, and fails when it has given so many seconds of sound.

    Args:
        voice: A real engine, which stays open.
        seconds: When it breaks.
    """

    voice: Synthesizer
    seconds: float = 1e9

    @property
    def name(self) -> str:
        return self.voice.name

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        return self.voice.capabilities

    async def load(self, progress: ProgressCallback | None = None) -> None:
        await self.voice.load(progress)

    async def warm_up(self) -> float:
        return 0.1

    async def close(self) -> None:
        """It is used again by the next test."""

    async def stream(
        self, text: str, *, voice: str | None = None, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        whole = await spoken(self.voice, text)
        size = round(PIECE_SECONDS * whole.sample_rate)
        onset = int(np.argmax(np.abs(whole.samples) > 0.005))
        end = min(whole.frames, onset + round(self.seconds * whole.sample_rate))
        for start in range(0, end, size):
            yield AudioChunk(whole.samples[start : min(end, start + size)], whole.sample_rate, start)
        if end < whole.frames:
            raise SynthesisError("broken", "The voice broke off.", retryable=True)


async def spoken(synthesizer: Synthesizer, text: str) -> AudioChunk:
    """All of a text in one piece."""
    chunks = [chunk async for chunk in synthesizer.stream(text)]
    return AudioChunk(np.concatenate([chunk.samples for chunk in chunks]), chunks[0].sample_rate)


async def understood(transcriber: Transcriber, sound: AudioChunk) -> list[str]:
    """The words that are heard in a sound; numbers are spelled."""
    margin = np.zeros(SPEECH_RATE // 5, np.float32)
    samples = np.concatenate([margin, resample(sound, SPEECH_RATE).samples, margin])
    heard = await transcriber.transcribe(AudioChunk(samples, SPEECH_RATE), language="en")
    return words(re.sub(r"\d+", lambda match: str(num2words(int(match[0]))), heard.text))


@dataclass(frozen=True)
class Harm:
    """What became of the words of a text."""

    lost: int = 0
    repeated: int = 0
    changed: int = 0

    @property
    def total(self) -> int:
        return self.lost + self.repeated + self.changed

    def __add__(self, other: Harm) -> Harm:
        return Harm(self.lost + other.lost, self.repeated + other.repeated, self.changed + other.changed)


def harm(said: list[str], heard: list[str]) -> Harm:
    """Words that are missing, that are there in addition, and that stand in the place of others."""
    lost = repeated = changed = 0
    for kind, i, j, k, m in SequenceMatcher(None, said, heard, autojunk=False).get_opcodes():
        if kind != "equal":
            changed += min(j - i, m - k)
            lost += max(0, (j - i) - (m - k))
            repeated += max(0, (m - k) - (j - i))
    return Harm(lost, repeated, changed)
