"""The real voices: they are heard, trimmed, and understood when they are transcribed back."""

from __future__ import annotations

import asyncio
import re
import shutil
import threading
import urllib.request
from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import soxr

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.stt.whisper import WhisperTranscriber
from modules.tts.base import SynthesisError, Synthesizer
from modules.tts.chunker import Clause, ClauseChunker
from modules.tts.espeak_library import open_espeak
from modules.tts.fallback import FallbackSynthesizer
from modules.tts.hibari import HibariSynthesizer
from modules.tts.normalizer import normalize
from modules.tts.piper import PiperSynthesizer
from modules.tts.registry import SYNTHESIZERS
from modules.tts.silence import THRESHOLD
from modules.tts.speech import SpeechRenderer

RATES = {"hibari": 24_000, "piper": 22_050, "espeak-ng": 22_050}
SENTENCES = (
    "The quick brown fox jumps over the lazy dog.",
    "I looked at the calendar, and there is a meeting with the design team at 9.",
    "It will rain in the afternoon, so take an umbrella with you.",
    "The ticket costs $4.50, and the train leaves at 7:30 pm.",
    "There are **1,250 people** in the hall, about 50% more than last year.",
    "The file has 4.7 GB, and it is 25 °C in the room.",
)
WORST_WORD_ERROR_RATE = 0.15
LONG = "The house on the hill was old and big and nobody ever went there " * 40


@pytest.fixture(params=RATES)
async def voice(request: pytest.FixtureRequest) -> AsyncIterator[Synthesizer]:
    synthesizer = SYNTHESIZERS.create(request.param)
    await synthesizer.load()
    yield synthesizer
    await synthesizer.close()


async def _clip(synthesizer: Synthesizer, text: str, **request: float | str) -> AudioChunk:
    chunks = [chunk async for chunk in synthesizer.stream(text, **request)]  # type: ignore[arg-type]  # of mixed types
    return AudioChunk(np.concatenate([chunk.samples for chunk in chunks]), chunks[0].sample_rate)


async def _spoken(synthesizer: Synthesizer, text: str) -> AudioChunk:
    """The text as it is heard: clause by clause, at the rate of speech recognition."""
    renderer, chunker = SpeechRenderer(synthesizer), ClauseChunker()
    parts: list[Samples] = []
    rate = 0
    for clause in [*chunker.feed(text), *chunker.flush()]:
        async for chunk in renderer.render(clause):
            parts.append(chunk.samples)
            rate = chunk.sample_rate
    margin = np.zeros(SPEECH_RATE // 5, np.float32)
    samples = soxr.resample(np.concatenate(parts), rate, SPEECH_RATE)
    return AudioChunk(np.concatenate([margin, samples, margin]).astype(np.float32), SPEECH_RATE)


def _words(text: str) -> list[str]:
    return re.sub(r"[^a-z ]", "", normalize(text).lower().replace("-", " ")).split()


def _word_errors(said: list[str], heard: list[str]) -> int:
    row = list(range(len(heard) + 1))
    for index, word in enumerate(said, 1):
        before, row = row, [index]
        for column, other in enumerate(heard, 1):
            row.append(min(before[column] + 1, row[-1] + 1, before[column - 1] + (word != other)))
    return row[-1]


async def test_speech_is_understood_when_transcribed_back(voice: Synthesizer) -> None:
    transcriber = WhisperTranscriber(model="embedded")
    await transcriber.load()
    errors = total = 0
    for sentence in SENTENCES:
        heard = await transcriber.transcribe(await _spoken(voice, sentence), language="en")
        said = _words(sentence)
        errors += _word_errors(said, _words(heard.text))
        total += len(said)
    await transcriber.close()
    assert errors / total <= WORST_WORD_ERROR_RATE


async def test_clips_are_sound_of_a_plausible_length(voice: Synthesizer) -> None:
    clip = await _clip(voice, "The quick brown fox jumps over the lazy dog.")
    assert clip.sample_rate == RATES[voice.name] == voice.capabilities.sample_rate
    assert clip.samples.dtype == np.float32
    assert 0.1 < np.abs(clip.samples).max() <= 1.0
    assert 1.5 < clip.seconds < 5.0


async def test_rendered_clauses_begin_and_end_with_sound(voice: Synthesizer) -> None:
    chunks = [chunk async for chunk in SpeechRenderer(voice).render(Clause(0, "Hello there, my friend.", 0.0))]
    samples = np.concatenate([chunk.samples for chunk in chunks])
    loud = np.flatnonzero(np.abs(samples) > THRESHOLD)
    assert loud[0] / voice.capabilities.sample_rate <= 0.03
    assert (samples.size - loud[-1]) / voice.capabilities.sample_rate <= 0.03
    assert samples[0] == samples[-1] == 0


async def test_speed_changes_the_length(voice: Synthesizer) -> None:
    text = "The quick brown fox jumps over the lazy dog."
    slow, normal, fast = [(await _clip(voice, text, speed=speed)).seconds for speed in (0.5, 1.0, 2.0)]
    assert slow > 1.3 * normal
    assert fast < 0.8 * normal


async def test_a_cancelled_voice_is_free_again(voice: Synthesizer) -> None:
    task = asyncio.create_task(_clip(voice, LONG))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await _clip(voice, "Hello.")).seconds > 0.2


async def test_text_without_words_is_silent(voice: Synthesizer) -> None:
    assert [chunk async for chunk in voice.stream("... !")] == []


async def test_warm_up_returns_the_floor(voice: Synthesizer) -> None:
    assert 0 < await voice.warm_up() < 60


async def test_odd_characters_are_spoken_around(voice: Synthesizer) -> None:
    assert (await _spoken(voice, "[[Hello]] <b> \x00 naïve ½ 你好 \ud800 {x} & so on")).seconds > 1.0


async def test_hibari_always_sounds_the_same() -> None:
    hibari = HibariSynthesizer()
    await hibari.load()
    first, second = [await _clip(hibari, "Say it again.") for _ in range(2)]
    assert np.array_equal(first.samples, second.samples)
    await hibari.close()


async def test_hibari_downloads_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a download was tried")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    monkeypatch.setenv("HIBARI_HOME", str(tmp_path))
    hibari = HibariSynthesizer()
    await hibari.load()
    assert hibari.capabilities.voices == ("heart",)
    with pytest.raises(SynthesisError, match=r"'emma' is not on this machine.*hibari --voice emma.*heart\."):
        await _clip(hibari, "Hello.", voice="emma")
    await hibari.close()
    with pytest.raises(SynthesisError, match="'emma' is not on this machine"):
        await HibariSynthesizer("emma").load()
    with pytest.raises(SynthesisError, match=r"no voice 'nobody'\. Choose one of: heart\."):
        await HibariSynthesizer("nobody").load()


async def test_hibari_uses_voices_that_are_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with resources.as_file(resources.files("hibari") / "assets" / "hibari.onnx") as bundled:
        shutil.copy(bundled, tmp_path / "bf_emma.int8.onnx")
    monkeypatch.setenv("HIBARI_HOME", str(tmp_path))
    hibari = HibariSynthesizer("emma")
    await hibari.load()
    assert hibari.capabilities.voices == ("emma", "heart")
    british, american = await _clip(hibari, "The bath is hot."), await _clip(hibari, "The bath is hot.", voice="heart")
    assert not np.array_equal(british.samples, american.samples)
    await hibari.close()


async def test_an_inference_is_stopped_from_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    piper = PiperSynthesizer(threads=1)
    await piper.load()
    session = piper._voice.session
    began, run = threading.Event(), session.run

    def noted(outputs: object, feeds: object) -> object:
        began.set()
        return run(outputs, feeds)

    monkeypatch.setattr(session, "run", noted)
    stream = piper.stream(LONG)
    task = asyncio.ensure_future(anext(stream))
    await asyncio.to_thread(began.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert session.options.terminate
    assert (await _clip(piper, "Hello.")).seconds > 0.2
    await piper.close()


async def test_espeak_speaks_other_languages() -> None:
    espeak = SYNTHESIZERS.create("espeak-ng", voice="de")
    await espeak.load()
    assert {"de", "fr", "es", "it", "pt", "zh", "en"} <= espeak.capabilities.languages
    german, french = await _clip(espeak, "Guten Tag"), await _clip(espeak, "Guten Tag", voice="fr")
    assert not np.array_equal(german.samples, french.samples)
    await espeak.close()


def test_espeak_stops_within_a_block() -> None:
    stopped = threading.Event()
    stopped.set()
    library = open_espeak()
    assert library.speak(LONG, "gmw/en-US", 1.0, stopped).size <= library.sample_rate


async def test_the_next_voice_takes_over_from_a_broken_one(tmp_path: Path) -> None:
    switches: list[tuple[str, str]] = []
    broken = PiperSynthesizer(str(tmp_path / "gone.onnx"))
    fallback = FallbackSynthesizer(
        [broken, SYNTHESIZERS.create("espeak-ng")], lambda event: switches.append((event.failed, event.successor))
    )
    await fallback.load()
    assert (await _clip(fallback, "Hello.")).seconds > 0.2
    assert switches == [("piper", "espeak-ng")]
    await fallback.close()
