"""Whisper breaks off, and Moonshine hears the whole utterance."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.engine import ProgressCallback
from modules.fallback.events import SwitchEvent
from modules.stt.base import Transcriber, TranscriberCapabilities, Transcript, TranscriptionError
from modules.stt.fallback import FallbackTranscriber
from modules.stt.incremental import IncrementalTranscriber
from modules.stt.moonshine import MoonshineTranscriber
from modules.stt.whisper import WhisperTranscriber
from modules.vad.silero import SileroVad
from tests.integration.stt.samples import error_rate, samples


@dataclass
class Breaking:
    """A real engine that fails from one of its calls on; it stays open."""

    engine: Transcriber
    good_calls: int = 10**9
    hangs: bool = False

    @property
    def name(self) -> str:
        return self.engine.name

    @property
    def capabilities(self) -> TranscriberCapabilities:
        return self.engine.capabilities

    async def load(self, progress: ProgressCallback | None = None) -> None:
        await self.engine.load(progress)

    async def warm_up(self) -> float:
        return await self.engine.warm_up()

    async def close(self) -> None:
        """The next test uses it too."""

    async def transcribe(self, audio: AudioChunk, *, language: str | None = None) -> Transcript:
        self.good_calls -= 1
        if self.good_calls >= 0:
            return await self.engine.transcribe(audio, language=language)
        if self.hangs:
            await asyncio.Event().wait()
        raise TranscriptionError("engine-failed", "It broke.", retryable=True)


async def test_not_a_word_is_lost_when_the_next_engine_hears_the_utterance(
    whisper: WhisperTranscriber, moonshine: MoonshineTranscriber
) -> None:
    events: list[SwitchEvent] = []
    fallback = FallbackTranscriber([Breaking(whisper, 0), Breaking(moonshine)], events.append)
    found, alone = [], []
    for sample in samples()[:8]:
        found.append((sample.text, (await fallback.transcribe(sample.audio)).text))
        alone.append((sample.text, (await moonshine.transcribe(sample.audio)).text))
    assert error_rate(found) == error_rate(alone) < 0.15
    assert [(event.failed, event.successor) for event in events if event.first] == [("faster-whisper", "moonshine")]
    await fallback.close()


@pytest.mark.parametrize("good_calls", [0, 1])
@pytest.mark.parametrize("hangs", [False, True])
async def test_an_engine_breaks_while_the_user_speaks(
    whisper: WhisperTranscriber, moonshine: MoonshineTranscriber, vad: SileroVad, good_calls: int, hangs: bool
) -> None:
    sample = next(each for each in samples() if 3.0 < each.audio.seconds < 3.5)
    fallback = FallbackTranscriber([Breaking(whisper, good_calls, hangs), Breaking(moonshine)], deadline_seconds=0.5)
    await fallback.load()
    stream = IncrementalTranscriber(fallback, vad).open()
    step = SPEECH_RATE // 10
    for start in range(0, sample.audio.frames, step):
        stream.feed(AudioChunk(sample.audio.samples[start : start + step], SPEECH_RATE))
        await asyncio.sleep(0.005)
    transcript = await stream.finish()
    assert error_rate([(sample.text, transcript.text)]) < 0.2
    assert fallback.name == "moonshine"
    await fallback.close()


_CHANCE = np.random.default_rng(0)
_TIME = np.arange(3 * SPEECH_RATE) / SPEECH_RATE


@pytest.mark.parametrize(
    "noise",
    [
        _CHANCE.normal(0.0, 0.05, _TIME.size),
        _CHANCE.normal(0.0, 0.05, _TIME.size // 6),
        0.1 * np.sin(2 * np.pi * 100 * _TIME),
        0.5 * (_CHANCE.random(_TIME.size) < 0.0005),
    ],
    ids=["hiss", "short hiss", "hum", "clicks"],
)
async def test_noise_is_no_speech_whatever_the_second_engine_makes_of_it(
    whisper: WhisperTranscriber, moonshine: MoonshineTranscriber, noise: NDArray[np.float64]
) -> None:
    events: list[SwitchEvent] = []
    fallback = FallbackTranscriber([Breaking(whisper), Breaking(moonshine)], events.append)
    assert (await fallback.transcribe(AudioChunk(noise.astype(np.float32), SPEECH_RATE))).text == ""
    assert fallback.name == "faster-whisper"
    assert events == []
    await fallback.close()
