"""Real voices that take over from each other in the middle of a clause: no word is lost, none is said twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest

from modules.audio.base import AudioChunk
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


WORDS = sum(len(words(text)) for text in TEXTS) * len(MOMENTS)


@pytest.mark.parametrize("ahead", [True, False], ids=["made ahead", "heard as it is made"])
@pytest.mark.parametrize(
    ("first", "second", "worst"),
    [
        ("hibari", "piper", 0.015),
        ("piper", "hibari", 0.015),
        # Alone, too, espeak-ng is not well understood.
        ("hibari", "espeak-ng", 0.04),
        ("piper", "espeak-ng", 0.04),
    ],
)
async def test_hardly_a_word_is_lost_or_said_twice(
    voices: dict[str, Synthesizer],
    whisper: WhisperTranscriber,
    record_property: Callable[[str, object], None],
    first: str,
    second: str,
    worst: float,
    ahead: bool,
) -> None:
    found = Harm()
    for text in TEXTS:
        clean = [await understood(whisper, await spoken(voices[name], text)) for name in (first, second)]
        length = (await spoken(voices[first], text)).seconds
        for moment in MOMENTS:
            engines: list[Synthesizer] = [BreakingVoice(voices[first], moment * length), BreakingVoice(voices[second])]
            heard = await understood(whisper, await _joined(engines, text, (lambda: 0.0) if ahead else Listener()))
            # What Whisper mishears in one of the voices by itself is not the seam's fault.
            found += min((harm(said, heard) for said in (words(text), *clean)), key=lambda each: each.total)
    record_property("harm", found)
    assert (found.lost + found.repeated) / WORDS <= worst


async def test_a_clause_may_pass_through_all_three_voices(
    voices: dict[str, Synthesizer], whisper: WhisperTranscriber
) -> None:
    text = TEXTS[0]
    engines: list[Synthesizer] = [
        BreakingVoice(voices["hibari"], 1.0),
        BreakingVoice(voices["piper"], 2.0),
        BreakingVoice(voices["espeak-ng"]),
    ]
    sound = await _joined(engines, text, lambda: 0.0)
    found = harm(words(text), await understood(whisper, sound))
    assert found.lost + found.repeated <= 1


async def test_saying_the_clause_again_would_be_noticed(
    voices: dict[str, Synthesizer], whisper: WhisperTranscriber
) -> None:
    """The measure itself: without a hand-over the words are lost, and with a new beginning they are said twice."""
    text = TEXTS[0]
    whole = await spoken(voices["hibari"], text)
    half = AudioChunk(whole.samples[: whole.frames // 2], whole.sample_rate)
    twice = AudioChunk(np.concatenate([half.samples, whole.samples]), whole.sample_rate)
    assert harm(words(text), await understood(whisper, half)).lost >= 6
    assert harm(words(text), await understood(whisper, twice)).repeated >= 5
