"""What is said aloud without having been asked: sentences of Arvis' own, between the turns."""

from __future__ import annotations

import asyncio
import logging

from modules.endpointing.echo_guard import EchoGuard
from modules.tts.chunker import ClauseChunker
from modules.turn.driver import Driver
from modules.turn.parts import SessionParts
from modules.turn.settings import LiveSettings
from modules.turn.slots import Slots
from modules.turn.speaking import Speaking, Voice
from modules.turn.state import Phase
from utils.aio import cancel
from utils.errors import ArvisError

log = logging.getLogger(__name__)


class Announcements:
    """Says sentences one after the other while no turn is under way.

    What somebody says or types is more important: it ends the sentence that is being said, and those that wait.

    Args:
        driver: Runs the work.
        parts: Voice and speaker.
        slots: The voice engine as it loads.
        settings: How the session speaks.
        guard: Is told what is said aloud, so that it is not taken for the user's words.
    """

    def __init__(
        self, driver: Driver, parts: SessionParts, slots: Slots, settings: LiveSettings, guard: EchoGuard
    ) -> None:
        self._driver = driver
        self._parts = parts
        self._slots = slots
        self._settings = settings
        self._guard = guard
        self._speaking: Speaking | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def is_speaking(self) -> bool:
        """Whether something is said, or waits to be."""
        return bool(self._tasks)

    def say(self, text: str) -> bool:
        """Say a sentence after those that are under way; False, and nothing is said, while a turn is."""
        if self._driver.state.phase is not Phase.IDLE:
            return False
        task = self._driver.spawn(self._say(text, self._tasks[-1] if self._tasks else None))
        self._tasks.append(task)
        task.add_done_callback(self._tasks.remove)
        return True

    def stop(self) -> None:
        """Be silent."""
        for task in self._tasks:
            task.cancel()
        if self._speaking is not None:
            self._speaking.stop()
            self._speaking = None
            self._guard.silenced(self._driver.clock())

    async def close(self) -> None:
        """Be silent, and return when nothing is left running."""
        self.stop()
        await cancel(*self._tasks)

    async def _say(self, text: str, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        chunker = ClauseChunker()
        clauses = [*chunker.feed(text), *chunker.flush()]
        settings, parts = self._settings.now, self._parts
        gate = asyncio.Event()
        gate.set()
        speaking = self._speaking = Speaking(
            Voice(parts.renderer, parts.output, self._slots.tts.ready, settings.voice, settings.speed),
            gate,
            on_sound=lambda clause: self._guard.said(clause.text, self._driver.clock()),
            on_mute=_unspoken,
            on_made=lambda _seconds, _audio, _first: None,
            clock=self._driver.clock,
        )
        self._guard.begin()
        for clause in clauses:
            speaking.say(clause)
        speaking.end()
        await speaking.run()
        self._speaking = None
        self._guard.silenced(self._driver.clock())


def _unspoken(error: ArvisError) -> None:
    # Told to the log only: a notice about a notice that cannot be spoken would have to be spoken.
    log.warning("a notice is not spoken: %s", error.code)
