"""The assistant under test: a hands-free session in a simulated room, with real engines at nominal costs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from modules.bench.acoustics import Room, active_level
from modules.bench.desk import Desk
from modules.bench.nominal import NominalEndpoint, NominalTranscriber, NominalVoice, ScriptedModel
from modules.bench.scenes import Costs
from modules.bench.talk import Talk
from modules.echo.base import EchoCanceller
from modules.endpointing.base import EndpointModel
from modules.stt.base import Transcriber
from modules.stt.incremental import IncrementalTranscriber
from modules.tts.base import Synthesizer
from modules.tts.speech import SpeechRenderer
from modules.turn.parts import EarParts, SessionParts
from modules.turn.settings import SessionSettings
from modules.vad.base import VoiceActivityDetector

_SAMPLE = "The quick brown fox jumps over the lazy dog, and then it takes a little nap under a tree."
"""Words of which the level of the assistant's voice is measured."""


@dataclass(frozen=True, slots=True)
class TalkEngines:
    """What is measured; loaded and closed by the caller."""

    transcriber: Transcriber
    vad: VoiceActivityDetector
    synthesizer: Synthesizer
    canceller: EchoCanceller | None
    endpoint_model: EndpointModel | None
    threshold: float = 0.5
    """Probability of speech from which sound counts as speech, 0 to 1."""


class Assistant:
    """Opens talks in different rooms, with what the engines cost in virtual time.

    Args:
        engines: Loaded.
        settings: How the session behaves.
        costs: What the engines take.
    """

    def __init__(self, engines: TalkEngines, settings: SessionSettings, costs: Costs) -> None:
        self._engines = engines
        self._settings = settings
        self._costs = costs
        self._voice = NominalVoice(engines.synthesizer, costs)
        self.model = ScriptedModel(costs)
        """Says what it is told."""

    async def level(self) -> float:
        """How loud the voice is, in decibels relative to full scale.

        Raises:
            utils.errors.ArvisError: The voice failed.
        """
        chunks = [chunk async for chunk in self._voice.stream(_SAMPLE, voice=self._settings.voice)]
        return max(active_level(chunk.samples, chunk.sample_rate) for chunk in chunks)

    @asynccontextmanager
    async def talk(self, room: Room, *, latency_seconds: float, seed: int) -> AsyncIterator[Talk]:
        """A session that listens hands-free in a room, until the end of the block."""
        async with Desk(room, latency_seconds=latency_seconds, seed=seed) as desk:
            talk = Talk(desk, self._parts(desk), self._settings)
            await talk.open()
            try:
                yield talk
            finally:
                await talk.close()

    def _parts(self, desk: Desk) -> SessionParts:
        engines, loop = self._engines, asyncio.get_running_loop()
        endpoint = engines.endpoint_model
        return SessionParts(
            source=desk.microphone,
            output=desk.speaker,
            transcriber=IncrementalTranscriber(
                NominalTranscriber(engines.transcriber, self._costs),
                engines.vad,
                threshold=engines.threshold,
                clock=loop.time,
            ),
            model=self.model,
            renderer=SpeechRenderer(self._voice),
            ears=EarParts(
                vad=engines.vad,
                canceller=engines.canceller,
                endpoint_model=NominalEndpoint(endpoint, self._costs) if endpoint is not None else None,
                threshold=engines.threshold,
            ),
        )
