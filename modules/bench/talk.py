"""A session at a simulated desk, with everything that it did."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from modules.audio.base import AudioChunk, AudioOutput, PlaybackClock, PlaybackReference
from modules.bench.desk import Desk
from modules.turn.events import SessionEvent, UserText
from modules.turn.session import SessionParts, TurnSession
from modules.turn.settings import ListeningMode, SessionSettings
from modules.turn.state import Phase

E = TypeVar("E")

_LOOK_SECONDS = 0.01
"""Between two looks at what is waited for."""

Action = Literal["begin", "duck", "restore", "pause", "resume", "stop"]


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that the session told."""

    time: float
    """Loop time."""
    event: SessionEvent


@dataclass(frozen=True, slots=True)
class Done:
    """Something that the session did to the speaker."""

    time: float
    """Loop time."""
    action: Action


class WatchedOutput:
    """An `AudioOutput` that notes what is done to another one.

    Args:
        inner: Plays.
        clock: Loop time.
    """

    def __init__(self, inner: AudioOutput, clock: Callable[[], float]) -> None:
        self._inner = inner
        self._clock = clock
        self.done: list[Done] = []
        self.played: list[AudioChunk] = []
        """Chunks of the present playback."""

    @property
    def clock(self) -> PlaybackClock:
        """The clock of the current playback."""
        return self._inner.clock

    @property
    def reference(self) -> PlaybackReference:
        """What was handed to the device."""
        return self._inner.reference

    async def begin(self) -> None:
        """Start a new playback."""
        self._note("begin")
        self.played.clear()
        await self._inner.begin()

    async def play(self, chunk: AudioChunk) -> None:
        """Queue a chunk."""
        self.played.append(chunk)
        await self._inner.play(chunk)

    async def drain(self) -> None:
        """Wait until everything was heard."""
        await self._inner.drain()

    def set_gain(self, decibels: float) -> None:
        """Play softer, or as before."""
        self._note("duck" if decibels < 0.0 else "restore")
        self._inner.set_gain(decibels)

    def pause(self) -> None:
        """Hold the playback."""
        self._note("pause")
        self._inner.pause()

    def resume(self) -> None:
        """Go on."""
        self._note("resume")
        self._inner.resume()

    def stop(self) -> float:
        """Drop what is queued."""
        self._note("stop")
        return self._inner.stop()

    async def close(self) -> None:
        """Release the device."""
        await self._inner.close()

    def _note(self, action: Action) -> None:
        self.done.append(Done(self._clock(), action))


class Talk:
    """A hands-free session; built on the loop in whose time it runs.

    Args:
        desk: Where it takes place.
        parts: Its engines, loaded; the devices are those of the desk.
        settings: How it behaves; it listens hands-free whatever they say.
    """

    def __init__(self, desk: Desk, parts: SessionParts, settings: SessionSettings) -> None:
        self._loop = asyncio.get_running_loop()
        self.desk = desk
        self.output = WatchedOutput(desk.speaker, self._loop.time)
        self.events: list[Happened] = []
        devices = SessionParts(desk.microphone, self.output, parts.transcriber, parts.model, parts.renderer, parts.ears)
        self.session = TurnSession(devices, settings, self._note, self._loop.time, own_engines=False)

    async def open(self) -> None:
        """Open the microphone."""
        await self.session.load()
        self.session.set_listening(ListeningMode.HANDS_FREE)

    async def close(self) -> None:
        """Close the devices."""
        await self.session.close()

    def now(self) -> float:
        """Loop time."""
        return self._loop.time()

    async def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until something holds, for some seconds at most; returns whether it does."""
        deadline = self.now() + seconds
        while not condition():
            if self.now() >= deadline:
                return False
            await asyncio.sleep(_LOOK_SECONDS)
        return True

    async def ask(self, text: str, seconds: float = 10.0) -> bool:
        """Type something, and wait until the answer is heard; returns whether it is."""
        self.session.submit(text)
        return await self.until(self.is_audible, seconds)

    def is_audible(self) -> bool:
        """Whether a reply has reached the loudspeaker and is not over."""
        audible = self.output.clock.first_audible
        return self.session.state.phase is Phase.SPEAKING and audible is not None and audible <= self.now()

    async def silence(self, seconds: float = 0.0) -> None:
        """End what is being said, and let some seconds of silence pass."""
        self.session.stop()
        await self.until(lambda: self.session.state.phase is Phase.IDLE, 10.0)
        await asyncio.sleep(seconds)

    def told(self, kind: type[E], since: float) -> list[E]:
        """Events of one kind from some time on."""
        return [
            happened.event for happened in self.events if happened.time >= since and isinstance(happened.event, kind)
        ]

    def first(self, action: Action, since: float) -> float | None:
        """When something was first done to the speaker from some time on."""
        times = (done.time for done in self.output.done if done.action == action and done.time >= since)
        return next(times, None)

    def last(self, action: Action, since: float) -> float | None:
        """When something was last done to the speaker from some time on."""
        times = [done.time for done in self.output.done if done.action == action and done.time >= since]
        return times[-1] if times else None

    def spoken_turns(self, since: float) -> list[str]:
        """What was taken for the user's words, turn by turn, from some time on."""
        turns: dict[int, str] = {}
        for text in self.told(UserText, since):
            if text.final and not text.typed:
                turns[text.turn_id] = text.text
        return list(turns.values())

    def forget(self) -> None:
        """Drop what was noted so far."""
        self.events.clear()
        self.output.done.clear()
        self.desk.tape.forget()

    def _note(self, event: SessionEvent) -> None:
        self.events.append(Happened(self.now(), event))
