"""Real voices that take over from each other in the middle of a clause."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher

import numpy as np
import pytest

from modules.audio.base import AudioChunk
from modules.audio.resample import resample
from modules.stt.moonshine import MoonshineTranscriber
from modules.tts.base import Synthesizer
from modules.tts.fallback import FallbackSynthesizer
from modules.tts.handover import HELD_SECONDS
from modules.tts.registry import SYNTHESIZERS
from tests.integration.tts.breaking import PIECE_SECONDS, RecordedVoice, spoken, understood
from tests.words import words

TEXTS = (
    "The capital of France is Paris, which is known for its museums and its food.",
    "My favorite season is autumn because the leaves turn red and yellow.",
    "It will rain in the afternoon, so take an umbrella with you.",
    "The library closes at six on Saturday and stays closed on Sunday.",
)
MOMENTS = (0.2, 0.35, 0.5, 0.65, 0.8)
"""Parts of the clause after which the first voice breaks."""


@pytest.fixture(scope="module")
def voices() -> Iterator[dict[str, RecordedVoice]]:
    found = {name: RecordedVoice(SYNTHESIZERS.create(name)) for name in SYNTHESIZERS.names()}
    for voice in found.values():
        asyncio.run(voice.load())
    yield found
    for voice in found.values():
        asyncio.run(voice.voice.close())


class Listener:
    """The time of one who hears each sound as soon as it is made: nothing can be kept back."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += PIECE_SECONDS
        return self.now


async def _chunks(chain: list[Synthesizer], text: str, clock: Callable[[], float]) -> list[AudioChunk]:
    chunks = [chunk async for chunk in FallbackSynthesizer(chain, clock=clock).stream(text)]
    assert {chunk.sample_rate for chunk in chunks} == {chain[0].capabilities.sample_rate}
    assert [chunk.frame_index for chunk in chunks] == list(np.cumsum([0, *(chunk.frames for chunk in chunks)])[:-1])
    return chunks


@pytest.mark.parametrize("ahead", [True, False], ids=["made-ahead", "heard-as-it-is-made"])
@pytest.mark.parametrize(
    ("first", "second"), [("hibari", "piper"), ("piper", "hibari"), ("hibari", "espeak-ng"), ("piper", "espeak-ng")]
)
async def test_the_next_voice_goes_on_with_the_next_word(
    voices: dict[str, RecordedVoice], first: str, second: str, ahead: bool
) -> None:
    leaps = []
    for text in TEXTS:
        one, other = await spoken(voices[first], text), await spoken(voices[second], text)
        clock, other_clock = await voices[first].clock(text), await voices[second].clock(text)
        for moment in MOMENTS:
            engines: list[Synthesizer] = [voices[first].breaking(moment * one.seconds), voices[second]]
            chunks = await _chunks(engines, text, (lambda: 0.0) if ahead else Listener())
            left = chunks[-1].frame_index / one.sample_rate
            entered = other.seconds - resample(chunks[-1], other.sample_rate).seconds
            leaps.append(other_clock.at(entered) - clock.at(left))
    # In words: what is more than 0 was lost, what is less was said twice; half a word is within what can be measured.
    found = np.array(leaps)
    assert np.median(np.abs(found)) <= (0.15 if ahead else 0.3)
    assert found.max() <= 0.8
    assert found.min() >= (-1.2 if ahead else -1.6)
    assert np.mean(np.abs(found) > 0.5) <= (0.15 if ahead else 0.3)


async def test_the_words_of_three_voices_make_one_clause(voices: dict[str, RecordedVoice]) -> None:
    moonshine = MoonshineTranscriber()
    await moonshine.load()
    text = TEXTS[0]
    # Nothing of the second is heard: it fails before the place at which it was to go on.
    engines = [voices["hibari"].breaking(2.0), voices["espeak-ng"].breaking(1.0), voices["piper"]]
    chunks = await _chunks(list(engines), text, lambda: 0.0)
    joined = AudioChunk(np.concatenate([chunk.samples for chunk in chunks]), chunks[0].sample_rate)
    alike = SequenceMatcher(None, words(text), await understood(moonshine, joined), autojunk=False).ratio()
    assert alike > 0.9
    # What would be heard without a hand-over, and with a new beginning.
    head = AudioChunk(joined.samples[: chunks[-1].frame_index], joined.sample_rate)
    whole = resample(await spoken(voices["piper"], text), joined.sample_rate)
    twice = AudioChunk(np.concatenate([head.samples, whole.samples]), joined.sample_rate)
    counts = [len(await understood(moonshine, sound)) for sound in (head, joined, twice)]
    assert counts[0] <= 10
    assert counts[1] == pytest.approx(15, abs=1)
    assert counts[2] >= 18
    await moonshine.close()


async def test_keeping_sound_back_does_not_make_the_first_later(voices: dict[str, RecordedVoice]) -> None:
    voice = voices["hibari"]
    alone = [chunk.seconds async for chunk in voice.stream(TEXTS[0])]
    chunks = await _chunks([voice], TEXTS[0], lambda: 0.0)
    assert chunks[0].seconds >= alone[0]
    assert chunks[-1].seconds == pytest.approx(HELD_SECONDS + alone[-1], abs=PIECE_SECONDS + 0.01)
