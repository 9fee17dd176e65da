"""A session over fakes, and what one does with it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from modules.tts.speech import SpeechRenderer
from modules.turn.events import (
    PhaseChanged,
    ReplyText,
    SessionEvent,
)
from modules.turn.machine import Phase
from modules.turn.session import EarParts, SessionParts, TurnSession
from modules.turn.settings import SessionSettings
from tests.fakes.audio import FakeOutput, FakeSource
from tests.fakes.clock import loop_time, run_virtual
from tests.fakes.engines import FakeLanguageModel, FakeSynthesizer, FakeTranscriber

E = TypeVar("E")
REPLY = "The capital of France is Paris. It is a big city."


@dataclass
class Desk:
    """A session over fakes, with everything that it said."""

    source: FakeSource = field(default_factory=FakeSource)
    output: FakeOutput = field(default_factory=FakeOutput)
    transcriber: FakeTranscriber = field(default_factory=FakeTranscriber)
    model: FakeLanguageModel = field(default_factory=FakeLanguageModel)
    synthesizer: FakeSynthesizer = field(default_factory=FakeSynthesizer)
    settings: SessionSettings = field(default_factory=SessionSettings)
    ears: EarParts | None = None
    """What an open microphone is listened to with; None for a session that only has the talk key."""
    events: list[SessionEvent] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, event: SessionEvent) -> None:
        self.events.append(event)
        self.changed.set()

    def session(self) -> TurnSession:
        renderer = SpeechRenderer(self.synthesizer)
        parts = SessionParts(self.source, self.output, self.transcriber, self.model, renderer, self.ears)
        return TurnSession(parts, self.settings, self, loop_time)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def phases(self) -> list[Phase]:
        return [event.phase for event in self.of(PhaseChanged)]

    @property
    def reply(self) -> str:
        return "".join(event.text for event in self.of(ReplyText))


def play(desk: Desk, script: Callable[[TurnSession], Awaitable[None]]) -> TurnSession:
    """Run a script on a loaded session, and close it."""

    async def main() -> TurnSession:
        session = desk.session()
        await session.load()
        await script(session)
        await session.idle()
        await session.close()
        return session

    return run_virtual(main)


async def talk(session: TurnSession, seconds: float = 1.0) -> None:
    session.press()
    await asyncio.sleep(seconds)
    session.release()


async def until(desk: Desk, session: TurnSession, phase: Phase) -> None:
    while session.state.phase is not phase:
        desk.changed.clear()
        await desk.changed.wait()


async def whole_turn(session: TurnSession) -> None:
    await talk(session)
    await session.idle()
