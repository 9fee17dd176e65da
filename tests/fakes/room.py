"""A session over fakes with an open microphone, and what one says into it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from modules.turn.events import Notice, OverlapChanged, PhaseChanged, SessionEvent
from modules.turn.parts import EarParts
from modules.turn.session import TurnSession
from modules.turn.settings import ListeningMode, SessionSettings
from modules.turn.state import Overlap, Phase
from tests.fakes.audio import FakeSource
from tests.fakes.desk import Desk
from tests.fakes.engines import FakeEchoCanceller, FakeEndpointModel, FakeLanguageModel, FakeVad

LOUD = 0.3
"""Amplitude of speech."""
SENTENCES = [f"Number {number} of the sentences has just ten words in it. " for number in range(1, 5)]
LONG = "".join(SENTENCES).strip()
"""Eleven words a sentence, a tenth of a second each."""


def open_desk(ears: EarParts | None = None, settings: dict[str, Any] | None = None, **parts: Any) -> Desk:
    """A quiet room: hands-free with every engine, unless told otherwise.

    Args:
        ears: What is listened with.
        settings: Fields of `SessionSettings` that differ.
        parts: Fields of `Desk` that differ.
    """
    behaviour = SessionSettings(**({"listening": ListeningMode.HANDS_FREE} | (settings or {})))
    parts = {"source": FakeSource(level=0.0)} | parts
    heard_with = ears or EarParts(FakeVad(), FakeEchoCanceller(), endpoint_model=FakeEndpointModel())
    return Desk(ears=heard_with, settings=behaviour, **parts)


def talkative(**parts: Any) -> Desk:
    """A quiet room with a model that answers at length."""
    return open_desk(**({"model": FakeLanguageModel(reply=SENTENCES)} | parts))


async def becomes(condition: Callable[[], bool]) -> None:
    """Until it is so, to a millisecond; no event tells of what is asked here."""
    async with asyncio.timeout(30.0):
        while not condition():  # noqa: ASYNC110  # the clock is virtual
            await asyncio.sleep(0.001)


async def opened(desk: Desk) -> None:
    """Until the microphone is open."""
    await becomes(lambda: desk.source.is_open)


async def say(desk: Desk, seconds: float = 1.0, text: str | None = None) -> None:
    """Speak for so long; `text` is all that is understood from now on."""
    if text is not None:
        desk.transcriber.text = text
    await opened(desk)
    desk.source.sounds.append((seconds, LOUD))
    await asyncio.sleep(seconds)


async def ask(desk: Desk, session: TurnSession, text: str | None = None) -> None:
    """Speak, and wait until the reply is over."""
    before = len(desk.events)
    await say(desk, 1.0, text)
    await _entered(desk, Phase.LISTENING, before)
    await session.idle()


async def speaking(desk: Desk, session: TurnSession, seconds: float = 1.0, text: str = "count to four") -> None:
    """Ask, and wait until so much of the reply was heard."""
    await say(desk, 1.0, text)
    await reach(desk, session, Phase.SPEAKING)
    await asyncio.sleep(seconds)


async def reach(desk: Desk, session: TurnSession, phase: Phase) -> None:
    """Until a phase is entered; the present one counts."""
    if session.state.phase is not phase:
        await _entered(desk, phase, len(desk.events))


async def _entered(desk: Desk, phase: Phase, since: int) -> None:
    def has(event: SessionEvent) -> bool:
        return isinstance(event, PhaseChanged) and event.phase is phase

    async with asyncio.timeout(30.0):
        while not any(map(has, desk.events[since:])):
            desk.changed.clear()
            await desk.changed.wait()


def sentences(desk: Desk) -> list[tuple[str, str]]:
    """Severity and code of everything that the user was told outside the conversation."""
    return [(notice.severity, notice.code) for notice in desk.of(Notice)]


def overlaps(desk: Desk) -> list[Overlap]:
    """What became of replies that somebody spoke over, one thing after the other."""
    return [event.overlap for event in desk.of(OverlapChanged)]
