"""A real voice that breaks off where a test wants it to, and what becomes of the words."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from num2words import num2words

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.audio.resample import resample
from modules.engine import ProgressCallback
from modules.models import embedded
from modules.stt.base import Transcriber
from modules.stt.whisper_model import WhisperModel
from modules.tts.base import SynthesisError, Synthesizer, SynthesizerCapabilities
from tests.words import words

PIECE_SECONDS = 0.08


@dataclass
class RecordedVoice:
    """A real voice that speaks each text once, and then gives the same sound again: some are never the same twice.

    Args:
        voice: A real engine, which stays open.
        breaks_after: Seconds of speech after which it fails.
    """

    voice: Synthesizer
    breaks_after: float = 1e9
    memory: dict[str, AudioChunk] = field(default_factory=dict)
    clocks: dict[str, WordClock] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.voice.name

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        return self.voice.capabilities

    def breaking(self, seconds: float) -> RecordedVoice:
        """The same voice, which fails after so many seconds of speech."""
        return RecordedVoice(self.voice, seconds, self.memory)

    async def clock(self, text: str) -> WordClock:
        """When it says each word of a text."""
        if text not in self.clocks:
            self.clocks[text] = word_clock(await spoken(self, text), text)
        return self.clocks[text]

    async def load(self, progress: ProgressCallback | None = None) -> None:
        await self.voice.load(progress)

    async def warm_up(self) -> float:
        return 0.1

    async def close(self) -> None:
        """It is used again by the next test."""

    async def stream(
        self, text: str, *, voice: str | None = None, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        if text not in self.memory:
            self.memory[text] = await spoken(self.voice, text)
        whole = self.memory[text]
        size = round(PIECE_SECONDS * whole.sample_rate)
        onset = int(np.argmax(np.abs(whole.samples) > 0.005))
        end = min(whole.frames, onset + round(self.breaks_after * whole.sample_rate))
        for start in range(0, end, size):
            yield AudioChunk(whole.samples[start : min(end, start + size)], whole.sample_rate, start)
        if end < whole.frames:
            raise SynthesisError("broken", "The voice broke off.", retryable=True)


async def spoken(synthesizer: Synthesizer, text: str) -> AudioChunk:
    """All of a text in one piece."""
    chunks = [chunk async for chunk in synthesizer.stream(text)]
    return AudioChunk(np.concatenate([chunk.samples for chunk in chunks]), chunks[0].sample_rate)


@dataclass(frozen=True)
class WordClock:
    """When each word of a text is said in a reading of it, as Whisper's attention tells."""

    ends: list[float]
    """The beginning of the first word, and the end of each."""

    def at(self, seconds: float) -> float:
        """How many words have been said at a time, with fractions."""
        return float(np.interp(seconds, self.ends, np.arange(len(self.ends))))


@cache
def _aligner() -> WhisperModel:
    return WhisperModel(embedded.whisper_base(None, lambda *_: None), threads=1, beam_size=1, prompt="")


def word_clock(sound: AudioChunk, text: str) -> WordClock:
    """Find the words of a text in a reading of it; see `ctranslate2.models.Whisper.align`."""
    whisper, lead = _aligner(), SPEECH_RATE // 5
    model, tokenizer = whisper._model, whisper._tokenizer
    margin = np.zeros(lead, np.float32)
    samples = np.concatenate([margin, resample(sound, SPEECH_RATE).samples, margin])
    tokens = [tokenizer.encode(f" {word}", add_special_tokens=False).ids for word in text.split()]
    start = [whisper._id(token) for token in ("<|startoftranscript|>", "<|en|>", "<|transcribe|>", "<|notimestamps|>")]
    encoded = whisper.encode(samples, 30.0)
    (found,) = model.align(encoded, start, [[token for word in tokens for token in word]], [len(samples) // 160])
    firsts = np.cumsum([0, *map(len, tokens)])[:-1]
    begins = [min(frame for token, frame in found.alignments if token == first) * 0.02 - 0.2 for first in firsts]
    return WordClock([max(0.0, begin) for begin in begins] + [sound.seconds])


async def understood(transcriber: Transcriber, sound: AudioChunk) -> list[str]:
    """The words that are heard in a sound; numbers are spelled."""
    margin = np.zeros(SPEECH_RATE // 5, np.float32)
    samples = np.concatenate([margin, resample(sound, SPEECH_RATE).samples, margin])
    heard = await transcriber.transcribe(AudioChunk(samples, SPEECH_RATE), language="en")
    return words(re.sub(r"\d+", lambda match: str(num2words(int(match[0]))), heard.text))
