"""From a clause of text to the sound that is played: normalised, spoken, trimmed, with the pause behind it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

import numpy as np

from modules.audio.base import AudioChunk, Samples
from modules.tts.base import Synthesizer
from modules.tts.chunker import Clause
from modules.tts.silence import SilenceTrimmer


class SpeechRenderer:
    """Renders clauses with a voice engine.

    Engines put silence around each clip; it is removed, and the pause that the clause's punctuation means follows
    instead, so that clauses join as one speech.

    Args:
        synthesizer: The voice engine; loaded, warmed up and closed by its owner.
        language: ISO 639-1 code of the text; None for the language of the voice.
    """

    def __init__(self, synthesizer: Synthesizer, language: str | None = None) -> None:
        self.synthesizer = synthesizer
        self._language = language

    async def render(
        self, clause: Clause, *, voice: str | None = None, speed: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        """Yield the sound of a clause as the engine makes it; nothing when it makes no sound.

        Frame indices count from the beginning of the clause. The pause grows and shrinks with the speed.

        Raises:
            SynthesisError: The engine failed or has no such voice; raised while iterating.
        """
        from modules.tts.normalizer import normalize

        text = normalize(clause.text, self._language or self._language_of(voice))
        trimmer: SilenceTrimmer | None = None
        rate = position = 0
        async with aclosing(self.synthesizer.stream(text, voice=voice, speed=speed)) as chunks:
            async for chunk in chunks:
                if trimmer is None:
                    rate, trimmer = chunk.sample_rate, SilenceTrimmer(chunk.sample_rate)
                if (samples := trimmer.feed(chunk.samples)).size:
                    yield AudioChunk(samples, rate, position)
                    position += samples.size
        if trimmer is None or not (rest := trimmer.finish()).size:
            return
        yield AudioChunk(_with_pause(rest, clause.pause_s / speed, rate), rate, position)

    def _language_of(self, voice: str | None) -> str:
        """The language that a voice speaks: some are named by it ("de", "en-gb"), others know one only."""
        spoken = self.synthesizer.capabilities.languages
        named = (voice or "").partition("-")[0]
        if named in spoken:
            return named
        return "en" if "en" in spoken else min(spoken, default="en")


def _with_pause(samples: Samples, seconds: float, rate: int) -> Samples:
    return np.concatenate([samples, np.zeros(round(seconds * rate), np.float32)])
