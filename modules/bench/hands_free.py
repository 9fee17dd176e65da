"""Measures turns through an open microphone, in real time: how soon answers are heard, and which came too soon."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from modules.audio.base import AudioOutput, AudioSource
from modules.bench.acoustics import Room
from modules.bench.desk import HEADSET, Desk
from modules.bench.scenes import HandsFreeScene
from modules.bench.talk import Talk
from modules.bench.utterances import Utterance, read_utterance
from modules.turn.events import Notice, SpeculationMeasured, TurnMeasured
from modules.turn.latency import LatencyRecord
from modules.turn.parts import SessionParts
from modules.turn.settings import SessionSettings
from modules.vad.base import VoiceActivityDetector

Parts = Callable[[AudioSource, AudioOutput], SessionParts]
"""Puts devices and loaded engines together."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One recording, and what came of it."""

    file: str
    pause: float
    """Seconds of silence that were put between two words."""
    seconds: float
    """Of the speech."""
    audible_ms: float | None
    """From the true end of the speech to the first sound of the answer; negative for a false cut-off; None without."""
    heard: tuple[str, ...]
    """The turns that were made of it."""
    started: int
    """Replies that were begun before the end was certain."""
    used: int
    wasted: int
    wasted_tokens: int
    wasted_ms: float
    notice: str = ""
    """What the user was told instead of an answer."""
    latency: LatencyRecord | None = None
    """The session's own record of the turn that was answered; it counts from the end of speech as it was heard live."""

    @property
    def cut_off(self) -> bool:
        """The answer began before the speaker had finished."""
        return self.audible_ms is not None and self.audible_ms < 0.0


async def measure(
    parts: Parts,
    settings: SessionSettings,
    scene: HandsFreeScene,
    vad: VoiceActivityDetector,
    on_answer: Callable[[Answered], None] | None = None,
) -> list[Answered]:
    """Play every recording of a scene, as it is and with each of its pauses, each to a session of its own.

    Args:
        parts: Puts the session together.
        settings: How it behaves.
        scene: What is played.
        vad: Finds the true end of the speech in the recordings; loaded.
        on_answer: Called with each result.

    Raises:
        utils.errors.ArvisError: An engine or a recording cannot be used.
    """
    utterances = [read_utterance(path, vad, pause) for pause in scene.pauses for path in scene.recordings]
    results: list[Answered] = []
    for utterance in utterances:
        results.append(await _play(parts, settings, scene, utterance))
        if on_answer is not None:
            on_answer(results[-1])
    return results


async def _play(parts: Parts, settings: SessionSettings, scene: HandsFreeScene, utterance: Utterance) -> Answered:
    room: Room = replace(HEADSET, noise_db=scene.noise_db)
    async with Desk(room, seed=scene.seed) as desk:
        talk = Talk(desk, parts(desk.microphone, desk.speaker), settings)
        await talk.open()
        try:
            return await _listen(talk, scene, utterance)
        finally:
            await talk.close()


async def _listen(talk: Talk, scene: HandsFreeScene, utterance: Utterance) -> Answered:
    await asyncio.sleep(scene.lead)
    begin = talk.now()
    talk.desk.sound(utterance.audio, begin)
    await talk.until(talk.is_audible, utterance.end + scene.patience)
    audible = talk.output.clock.first_audible if talk.is_audible() else None
    await talk.silence()
    speculation = (talk.told(SpeculationMeasured, begin) or [SpeculationMeasured(0, 0, 0, 0, 0.0)])[-1]
    measured = talk.told(TurnMeasured, begin)
    notices = [notice.text for notice in talk.told(Notice, begin)]
    return Answered(
        file=utterance.name,
        pause=utterance.pause,
        seconds=round(utterance.end - utterance.begin, 2),
        audible_ms=None if audible is None else round((audible - begin - utterance.end) * 1000.0, 1),
        heard=tuple(talk.spoken_turns(begin)),
        started=speculation.started,
        used=speculation.used,
        wasted=speculation.wasted,
        wasted_tokens=speculation.wasted_tokens,
        wasted_ms=round(speculation.wasted_ms, 1),
        notice=notices[-1] if notices else "",
        latency=measured[-1].record if measured else None,
    )
