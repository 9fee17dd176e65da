"""Real voices that take over from each other in the middle of a clause: no word is lost, none is said twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest

from modules.audio.base import AudioChunk, Samples
from modules.stt.whisper import WhisperTranscriber
from modules.tts.base import Synthesizer
from modules.tts.fallback import FallbackSynthesizer
from modules.tts.registry import SYNTHESIZERS
from tests.integration.tts.breaking import BreakingVoice, Harm, harm, spoken, understood
from tests.words import words

TEXTS = (
    "The capital of France is Paris, which is known for its museums and its food.",
    "My favorite season is autumn because the leaves turn red and yellow.",
    "It will rain in the afternoon, so take an umbrella with you.",
    "The library closes at six on Saturday and stays closed on Sunday.",
)
MOMENTS = (0.2, 0.35, 0.5, 0.65, 0.8)
"""Parts of the clause after which the first voice breaks."""




@pytest.fixture
async def voices() -> AsyncIterator[dict[str, Synthesizer]]:
    found = {name: SYNTHESIZERS.create(name) for name in SYNTHESIZERS.names()}
    for voice in found.values():
        await voice.load()
    yield found
    for voice in found.values():
        await voice.close()


@pytest.fixture
async def whisper(tmp_path: Path) -> AsyncIterator[WhisperTranscriber]:
    engine = WhisperTranscriber(cache_dir=tmp_path)
    await engine.load()
    yield engine
    await engine.close()


async def _joined(chain: list[Synthesizer], text: str, clock: Callable[[], float]) -> AudioChunk:
    fallback = FallbackSynthesizer(chain, clock=clock)
    chunks = [chunk async for chunk in fallback.stream(text)]
    rate = chain[0].capabilities.sample_rate
    assert {chunk.sample_rate for chunk in chunks} == {rate}
    places = np.cumsum([0, *(chunk.frames for chunk in chunks)])
    assert [chunk.frame_index for chunk in chunks] == list(places[:-1])
    return AudioChunk(np.concatenate([chunk.samples for chunk in chunks]), rate)


class Listener:
    """The time of one who hears each sound as soon as it is made: nothing can be kept back."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.08
        return self.now


@pytest.mark.parametrize(
    ("first", "second", "worst"),
    [("hibari", "piper", 0), ("piper", "hibari", 0), ("hibari", "espeak-ng", 3), ("piper", "espeak-ng", 3)],
)
async def test_no_word_is_lost_or_said_twice(
    voices: dict[str, Synthesizer], whisper: WhisperTranscriber, first: str, second: str, worst: int
) -> None:
    found = Harm()
    for text in TEXTS:
        clean = [await understood(whisper, await spoken(voices[name], text)) for name in (first, second)]
        length = (await spoken(voices[first], text)).seconds
        for moment in MOMENTS:
            broken = BreakingVoice(voices[first], moment * length)
            heard = await understood(
                whisper, await _joined([broken, BreakingVoice(voices[second])], text, lambda: 0.0)
            )
            # What Whisper mishears in one of the voices by itself is not the seam's fault.
            found += min((harm(said, heard) for said in (words(text), *clean)), key=lambda each: each.total)
    print(first, second, found)
    assert found.lost + found.repeated <= worst
