"""The rule with the real detector and the real model, on recordings that pause inside a sentence."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk, Samples
from modules.audio.files import read_audio
from modules.endpointing.debounce import AdaptiveDebounce
from modules.endpointing.endpointer import Decision, Endpointer
from modules.endpointing.phrases import Phrases
from modules.endpointing.smart_turn import SmartTurn
from modules.vad.runs import SpeechRuns
from modules.vad.silero import SileroVad
from modules.vad.spans import PAD_SECONDS

ROOT = Path(__file__).parents[3]
WINDOW = 512
ANSWER_WINDOWS = 2
"""The model answers that much later."""
WORDS_WINDOWS = 5
"""The transcriber does."""
TEXTS = {
    "assets/speech/go_forward.flac": "Go forward 10 meters.",
    "assets/speech/sense_and_sensibility_0870.flac": "And Mr. John Dashwood had then leisure to consider.",
    "tests/data/questions/q00.flac": "What is the capital of France?",
    "tests/data/questions/q04.flac": "Tell me a short joke.",
    "tests/data/questions/q15.flac": "Stop.",
    "tests/data/questions/q16.flac": "Yes.",
    "tests/data/questions/q20.flac": "What is the difference between a virus and a bacterium?",
}
HAS_MODEL = importlib.util.find_spec("pipecat") is not None
MODELS = pytest.mark.parametrize(
    "has_model",
    [
        False,
        pytest.param(
            True,
            marks=pytest.mark.skipif(not HAS_MODEL, reason="the package pipecat-ai, which holds the model, is missing"),
        ),
    ],
)


@pytest.fixture(scope="module")
def vad() -> Iterator[SileroVad]:
    detector = SileroVad()
    asyncio.run(detector.load())
    yield detector
    asyncio.run(detector.close())


async def _decisions(
    vad: SileroVad, samples: Samples, texts: dict[float, str], has_model: bool
) -> dict[str, list[float]]:
    """Seconds at which each decision came; `texts` holds the words of the pause that begins before that second."""
    model = SmartTurn()
    if has_model:
        await model.load()
    endpointer = Endpointer(AdaptiveDebounce(), Phrases.load("en"), has_model=has_model)
    runs, stream = SpeechRuns(0.5), vad.open()
    found: dict[str, list[float]] = {decision.name: [] for decision in Decision}
    score: tuple[int, float] | None = None
    asked: int | None = None
    for window in range(len(samples) // WINDOW):
        (probability,) = stream.feed(AudioChunk(samples[window * WINDOW : (window + 1) * WINDOW], SPEECH_RATE))
        runs.window(probability)
        if score is not None and window == score[0]:
            endpointer.score(score[1])
        if asked is not None and window == asked + WORDS_WINDOWS:
            endpointer.text(next(text for until, text in sorted(texts.items()) if asked * 0.032 < until))
        decision = endpointer.window(runs.voiced)
        found[decision.name].append((window + 1) * 0.032)
        if decision is Decision.ASK:
            asked = window if asked is None else asked
            if has_model:
                heard = AudioChunk(samples[: (window + 1) * WINDOW], SPEECH_RATE)
                score = window + ANSWER_WINDOWS, await model.completeness(heard)
        if decision is Decision.RESUMED:
            asked = score = None
    await model.close()
    return found


def _with_silence(samples: Samples) -> Samples:
    return np.concatenate((np.zeros(8000, np.float32), samples, np.zeros(2 * SPEECH_RATE, np.float32)))


@MODELS
@pytest.mark.parametrize("path", TEXTS)
async def test_an_utterance_ends_once_and_soon(vad: SileroVad, path: str, has_model: bool) -> None:
    samples = _with_silence(read_audio(ROOT / path).samples)
    found = await _decisions(vad, samples, {99.0: TEXTS[path]}, has_model)
    (certain,) = found["CERTAIN"]
    assert found["LIKELY"][-1] < certain
    end = vad.spans(AudioChunk(samples, SPEECH_RATE))[-1].end - PAD_SECONDS
    assert 0.3 <= certain - end <= (0.55 if has_model else 0.65)


@MODELS
async def test_a_hesitation_is_waited_for(vad: SileroVad, has_model: bool) -> None:
    # "So, um, [1.2 s] what should I cook tonight with eggs and rice?", its pause cut to 0.9 s
    samples = read_audio(ROOT / "tests/data/questions/p03.flac").samples
    samples = np.concatenate((samples[: int(1.2 * SPEECH_RATE)], samples[int(1.5 * SPEECH_RATE) :]))
    texts = {1.5: "So, um", 99.0: "So, um, what should I cook tonight with eggs and rice?"}
    found = await _decisions(vad, _with_silence(samples), texts, has_model)
    assert len(found["CERTAIN"]) == 1
    assert found["CERTAIN"][0] > 3.0
    assert found["RESUMED"]
