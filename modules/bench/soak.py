"""Lets the assistant talk by itself on an open loudspeaker, and counts what it makes of its own voice."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass

from modules.bench.acoustics import Room
from modules.bench.open_speaker import Assistant, TalkEngines
from modules.bench.scenes import SoakScene
from modules.bench.talk import Talk
from modules.turn.events import ReplyEnded
from modules.turn.settings import SessionSettings
from modules.turn.state import Phase

_CALM_SECONDS = 1.0
"""Silence before the next answer."""
_QUESTION = "Go on."
_LONGEST_SECONDS = 300.0
"""Of an answer."""
_GAP_SECONDS = 1.5
"""Between two answers, so that what is left of the last one in the room may be taken for a question."""


@dataclass(frozen=True, slots=True)
class Soak:
    """What the assistant made of its own voice in one room."""

    room: str
    minutes: float
    answers: int
    turns: tuple[str, ...]
    """What it took for the words of a user, and answered."""
    ended: int
    """Answers that it ended by itself."""
    ducks: int
    pauses: int


async def measure(
    engines: TalkEngines, settings: SessionSettings, scene: SoakScene, on_room: Callable[[Soak], None] | None = None
) -> list[Soak]:
    """Run a scene.

    Raises:
        utils.errors.ArvisError: An engine failed.
    """
    assistant = Assistant(engines, settings, scene.costs)
    results: list[Soak] = []
    for room in scene.rooms:
        results.append(await _run(assistant, scene, room))
        if on_room is not None:
            on_room(results[-1])
    return results


async def _run(assistant: Assistant, scene: SoakScene, room: Room) -> Soak:
    answers = itertools.cycle(scene.answers)
    count = ended = ducks = pauses = 0
    turns: list[str] = []
    async with assistant.talk(room, latency_seconds=scene.output_latency_ms / 1000.0, seed=scene.seed) as talk:
        begun = talk.now()
        while talk.now() - begun < scene.minutes * 60.0:
            talk.forget()
            assistant.model.answer = next(answers)
            await _answer(talk, begun)
            count += 1
            turns += talk.spoken_turns(begun)
            ended += sum(reply.interrupted for reply in talk.told(ReplyEnded, begun))
            ducks += sum(done.action == "duck" for done in talk.output.done)
            pauses += sum(done.action == "pause" for done in talk.output.done)
        minutes = (talk.now() - begun) / 60.0
    return Soak(room.name, round(minutes, 2), count, tuple(turns), ended, ducks, pauses)


async def _answer(talk: Talk, begun: float) -> None:
    """Let an answer be given, or be ended by a turn that the assistant has made up."""
    await talk.ask(_QUESTION)
    await talk.until(lambda: talk.session.state.phase is Phase.IDLE or bool(talk.spoken_turns(begun)), _LONGEST_SECONDS)
    await asyncio.sleep(_GAP_SECONDS)
    if talk.session.state.phase is not Phase.IDLE:
        await talk.silence(_CALM_SECONDS)
