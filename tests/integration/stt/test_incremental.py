"""The real engines fed like a microphone would, only faster."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.stt.base import Transcriber, Transcript
from modules.stt.incremental import IncrementalTranscriber
from modules.stt.moonshine import MoonshineTranscriber
from modules.stt.whisper import WhisperTranscriber
from modules.vad.silero import SileroVad
from tests.integration.stt.samples import error_rate, in_a_row, sample, samples

BLOCK = SPEECH_RATE // 100


def _silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * SPEECH_RATE), np.float32)


def _noise(level: float) -> Samples:
    return np.random.default_rng(5).normal(0.0, level, 4 * SPEECH_RATE).astype(np.float32)


async def _hear(engine: Transcriber, vad: SileroVad, audio: Samples) -> tuple[Transcript, list[Transcript]]:
    partials: list[Transcript] = []
    stream = IncrementalTranscriber(engine, vad).open(on_partial=partials.append)
    for start in range(0, len(audio), BLOCK):
        stream.feed(AudioChunk(audio[start : start + BLOCK], SPEECH_RATE))
        await asyncio.sleep(0)
    return await stream.finish(), partials


async def test_it_understands_what_the_engine_understands(whisper: WhisperTranscriber, vad: SileroVad) -> None:
    pairs = []
    for found in samples():
        result, _ = await _hear(whisper, vad, found.audio.samples)
        assert result.final
        assert result.audio_seconds == pytest.approx(found.audio.seconds)
        pairs.append((found.text, result.text))
    assert error_rate(pairs) <= 0.06


async def test_so_it_does_with_moonshine(moonshine: MoonshineTranscriber, vad: SileroVad) -> None:
    pairs = [(found.text, (await _hear(moonshine, vad, found.audio.samples))[0].text) for found in samples()]
    assert error_rate(pairs) <= 0.12


async def test_partials_arrive_before_the_end(moonshine: MoonshineTranscriber, vad: SileroVad) -> None:
    first: asyncio.Future[Transcript] = asyncio.get_running_loop().create_future()
    found = sample("sense_and_sensibility_0870")
    stream = IncrementalTranscriber(moonshine, vad).open(
        on_partial=lambda partial: None if first.done() else first.set_result(partial)
    )
    half = found.audio.frames // 2
    stream.feed(AudioChunk(found.audio.samples[:half], SPEECH_RATE))
    partial = await first
    assert not partial.final
    assert "dashwood" in partial.text.lower()
    stream.feed(AudioChunk(found.audio.samples[half:], SPEECH_RATE))
    assert error_rate([(found.text, (await stream.finish()).text)]) <= 0.1


@pytest.mark.parametrize("name", ["p00", "p03"])
async def test_a_pause_inside_a_sentence(whisper: WhisperTranscriber, vad: SileroVad, name: str) -> None:
    found = sample(name)
    result, _ = await _hear(whisper, vad, np.concatenate((found.audio.samples, _silence(0.5))))
    assert error_rate([(found.text, result.text)]) <= 0.1


async def test_long_speech(whisper: WhisperTranscriber, vad: SileroVad) -> None:
    whole = in_a_row(pause=0.5)
    result, _ = await _hear(whisper, vad, whole.audio.samples)
    assert error_rate([(whole.text, result.text)]) <= 0.1


@pytest.mark.parametrize("audio", [_silence(4.0), _noise(0.001), _noise(0.1)], ids=["silence", "hiss", "noise"])
async def test_silence_and_noise_are_empty(whisper: WhisperTranscriber, vad: SileroVad, audio: Samples) -> None:
    result, partials = await _hear(whisper, vad, audio)
    assert (result.text, result.language) == ("", None)
    assert partials == []


async def test_silence_around_speech_does_no_harm(whisper: WhisperTranscriber, vad: SileroVad) -> None:
    found = sample("q09")
    audio = np.concatenate((_silence(6.0), found.audio.samples, _silence(6.0)))
    result, _ = await _hear(whisper, vad, audio)
    assert error_rate([(found.text, result.text)]) <= 0.1
