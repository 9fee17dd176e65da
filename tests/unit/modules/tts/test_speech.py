from __future__ import annotations

from contextlib import aclosing

import numpy as np
import pytest

from modules.audio.base import AudioChunk, Samples
from modules.tts.base import SynthesisError
from modules.tts.chunker import Clause
from modules.tts.speech import SpeechRenderer
from tests.unit.modules.tts.scripted import RATE, ScriptedSynthesizer, silence, tone


async def _rendered(renderer: SpeechRenderer, clause: Clause, *, speed: float = 1.0) -> list[AudioChunk]:
    return [chunk async for chunk in renderer.render(clause, speed=speed)]


def _joined(chunks: list[AudioChunk]) -> Samples:
    return np.concatenate([chunk.samples for chunk in chunks])


async def test_the_voice_gets_spoken_text_and_the_request() -> None:
    synthesizer = ScriptedSynthesizer()
    chunks = [
        chunk async for chunk in SpeechRenderer(synthesizer).render(Clause(0, "**5 km**", 0.0), voice="second", speed=2)
    ]
    assert synthesizer.requests == [("five kilometers", "second", 2)]
    assert chunks[0].sample_rate == RATE


async def test_other_languages_keep_their_words() -> None:
    synthesizer = ScriptedSynthesizer()
    await _rendered(SpeechRenderer(synthesizer, "de"), Clause(0, "*25* km", 0.0))
    assert synthesizer.requests[0][0] == "fünfundzwanzig km"


@pytest.mark.parametrize(
    ("languages", "voice", "spoken"),
    [
        ({"en", "de"}, "de", "fünfundzwanzig"),
        ({"en", "de"}, "en-gb", "twenty five"),
        ({"en", "de"}, None, "twenty five"),
        ({"de"}, "thorsten", "fünfundzwanzig"),
    ],
)
async def test_numbers_are_said_in_the_language_of_the_voice(
    languages: set[str], voice: str | None, spoken: str
) -> None:
    synthesizer = ScriptedSynthesizer(languages=frozenset(languages))
    async for _ in SpeechRenderer(synthesizer).render(Clause(0, "25", 0.0), voice=voice):
        pass
    assert synthesizer.requests[0][0].replace("-", " ") == spoken


async def test_the_engines_silence_is_replaced_by_the_pause() -> None:
    renderer = SpeechRenderer(ScriptedSynthesizer(script=[silence(300), tone(200), silence(400)]))
    samples = _joined(await _rendered(renderer, Clause(0, "Yes.", 0.3)))
    sound = np.flatnonzero(np.abs(samples) > 0.005)
    assert sound[0] <= 30
    assert samples.size == 5 + 200 + 20 + 300
    assert np.all(samples[-300:] == 0)


async def test_the_last_clause_ends_with_its_sound() -> None:
    renderer = SpeechRenderer(ScriptedSynthesizer(script=[tone(200)]))
    assert _joined(await _rendered(renderer, Clause(0, "Yes.", 0.0))).size == 200


async def test_pauses_keep_pace_with_the_speed() -> None:
    renderer = SpeechRenderer(ScriptedSynthesizer(script=[tone(200)]))
    assert _joined(await _rendered(renderer, Clause(0, "Yes.", 0.3), speed=2.0)).size == 200 + 150


async def test_chunks_are_passed_on_as_they_come_and_counted() -> None:
    renderer = SpeechRenderer(ScriptedSynthesizer(script=[silence(300), tone(100), tone(100)]))
    async with aclosing(renderer.render(Clause(0, "Yes.", 0.1))) as chunks:
        assert (await anext(chunks)).frames == 5 + 100 - 3
    positions = [(chunk.frame_index, chunk.frames) for chunk in await _rendered(renderer, Clause(0, "Yes.", 0.1))]
    assert positions == [(0, 102), (102, 100), (202, 103)]


@pytest.mark.parametrize("script", [[], [silence(500)]])
async def test_a_silent_clip_gives_nothing(script: list[Samples]) -> None:
    renderer = SpeechRenderer(ScriptedSynthesizer(script=script))
    assert await _rendered(renderer, Clause(0, "Yes.", 0.3)) == []


async def test_closing_closes_the_voice() -> None:
    synthesizer = ScriptedSynthesizer(script=[tone(100), tone(100)])
    async with aclosing(SpeechRenderer(synthesizer).render(Clause(0, "Yes.", 0.0))) as chunks:
        await anext(chunks)
    assert synthesizer.closed_streams == 1


async def test_errors_of_the_voice_come_through() -> None:
    renderer = SpeechRenderer(ScriptedSynthesizer(script=[SynthesisError("broken", "It broke.")]))
    with pytest.raises(SynthesisError, match="It broke"):
        await _rendered(renderer, Clause(0, "Yes.", 0.0))
