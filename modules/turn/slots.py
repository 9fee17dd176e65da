"""The engines of a session, each loaded when it is needed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from modules.engine import Engine
from modules.turn.events import Role, SessionEvent
from modules.turn.loading import EngineSlot
from modules.turn.parts import EarParts, SessionParts
from modules.wake.base import WakeError
from utils.errors import ArvisError

READY_SECONDS = 30.0
"""An open microphone does without an engine that takes longer to load, or is given up for now; it goes on loading."""


class Slots:
    """One slot for each engine.

    Args:
        parts: The engines.
        emit: Called on the event loop with what happens.
        clock: Monotonic seconds.
        owned: Whether the session loads and closes the engines; otherwise they are ready from the start.
    """

    def __init__(
        self, parts: SessionParts, emit: Callable[[SessionEvent], None], clock: Callable[[], float], *, owned: bool
    ) -> None:
        def slot(role: Role, engine: Engine) -> EngineSlot:
            return EngineSlot(role, engine, emit, clock, owned=owned)

        self.stt = slot("stt", parts.transcriber)
        self.llm = slot("llm", parts.model)
        self.tts = slot("tts", parts.renderer.synthesizer)
        self._ears = parts.ears
        self._vad = slot("vad", parts.ears.vad) if parts.ears is not None else None
        self._extras = _extras(parts.ears, slot) if parts.ears is not None else {}

    async def ears(self, *, wake: bool) -> EarParts:
        """Wait until an open microphone can be listened to; engines that failed are left out where that is possible.

        Args:
            wake: Whether the wake word detector is needed.

        Raises:
            utils.errors.ArvisError: The voice activity detector, or the wake word detector if it is needed, cannot
                be loaded, or is not there.
        """
        assert self._ears is not None
        assert self._vad is not None
        if wake and self._ears.wake is None:
            raise WakeError("no-wake-word", "There is no wake word to wait for. Choose hands-free or the talk key.")
        needed = {name: slot for name, slot in self._extras.items() if name != "wake" or wake}
        loading = [_in_time(slot, needed=name == "wake") for name, slot in needed.items()]
        await asyncio.gather(_in_time(self._vad, needed=True), *loading)
        unusable = {name: None for name in self._extras if name not in needed or not needed[name].is_ready}
        return replace(self._ears, **unusable)  # type: ignore[arg-type]  # fields that may be None

    async def close(self) -> None:
        """Stop loading, and free every engine."""
        ears = [self._vad] if self._vad is not None else []
        slots = [self.stt, self.llm, self.tts, *ears, *self._extras.values()]
        await asyncio.gather(*(slot.close() for slot in slots))


async def _in_time(slot: EngineSlot, *, needed: bool) -> None:
    try:
        async with asyncio.timeout(READY_SECONDS):
            await (slot.ready() if needed else slot.settled())
    except TimeoutError as error:
        if needed:
            name = slot.engine.name
            raise ArvisError(
                "load-timeout", f"{name} takes too long to load. Hold the talk key, or try again later."
            ) from error


def _extras(ears: EarParts, slot: Callable[[Role, Engine], EngineSlot]) -> dict[str, EngineSlot]:
    """Slots of the engines that ears can do without, by the name of their field."""
    engines: list[tuple[str, Role, Engine | None]] = [
        ("canceller", "echo", ears.canceller),
        ("endpoint_model", "endpoint", ears.endpoint_model),
        ("wake", "wake", ears.wake),
    ]
    return {name: slot(role, engine) for name, role, engine in engines if engine is not None}
