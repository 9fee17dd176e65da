"""Drives the turn machine: takes its events in order, tells what changed, and runs the work of a turn."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable, Coroutine
from itertools import takewhile
from typing import Any

from modules.turn import machine
from modules.turn.effects import Effect
from modules.turn.events import PhaseChanged, SessionEvent
from modules.turn.inputs import Event, TurnFailed
from modules.turn.state import Phase, State
from modules.turn.timeline import Timeline
from modules.turn.turn import Turn
from modules.turn.watchdog import Watchdog
from utils.errors import ArvisError
from utils.turn_context import bind_turn

log = logging.getLogger(__name__)

Listener = Callable[[SessionEvent], None]
"""Called on the event loop with everything that happens; must return at once."""


class Driver:
    """Holds the state of the machine. Everything is called on the event loop.

    Args:
        listener: Told everything that happens.
        clock: Monotonic seconds.
        carry_out: Does what the machine decides; called in order, and must return at once.
        heard: Seconds of the present playback that were heard.
    """

    def __init__(
        self,
        listener: Listener,
        clock: Callable[[], float],
        carry_out: Callable[[Effect], None],
        heard: Callable[[], float],
    ) -> None:
        self._emit = listener
        self._carry_out = carry_out
        self._pending: deque[Event] = deque()
        self._stepping = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._watchdog = Watchdog(clock, self._on_stuck, heard)
        self.clock = clock
        self.state = State()
        self.turn = Turn(0, Timeline(clock))
        """The work of the present turn."""
        self._traces = {0: ""}

    def emit(self, event: SessionEvent) -> None:
        """Tell the listener."""
        self._emit(event)

    def progress(self) -> None:
        """Something came of the work of the present phase, so it is not stuck."""
        self._watchdog.progress()

    def is_current(self, turn_id: int, revision: int) -> bool:
        """Whether this is the present revision of the present turn."""
        return (turn_id, revision) == (self.state.turn_id, self.state.revision)

    def post(self, event: Event) -> None:
        """Feed an event to the machine; events that come up while it steps are taken in their order."""
        self._pending.append(event)
        if self._stepping:
            return
        self._stepping = True
        try:
            while self._pending:
                self._step(self._pending.popleft())
        finally:
            self._stepping = False
            self._changed.set()

    def spawn(
        self, work: Coroutine[Any, Any, None], turn_id: int | None = None, revision: int = 0
    ) -> asyncio.Task[None]:
        """Run a part of a turn; an error in it ends the turn with a sentence."""

        async def guarded() -> None:
            if turn_id is not None:
                bind_turn(turn_id, self.trace_id(turn_id))
            try:
                await work
            except ArvisError as error:
                self.fail(turn_id, revision, error.code, error.message)
            except Exception as error:  # native code may raise anything; the next turn must work
                log.exception("turn %s", turn_id)
                name = type(error).__name__
                self.fail(
                    turn_id, revision, "unexpected", f"Something unexpected went wrong ({name}). Please try again."
                )

        task = asyncio.create_task(guarded())
        self._tasks.add(task)
        # A task that is cancelled before its first step never starts its coroutine.
        task.add_done_callback(lambda _: work.close())
        task.add_done_callback(self._finished)
        return task

    def fail(self, turn_id: int | None, revision: int, code: str, message: str) -> None:
        """The work of a turn failed; of one that is over, or of none, nobody need know."""
        if turn_id is not None:
            self.post(TurnFailed(turn_id, revision, code, message))

    async def idle(self) -> None:
        """Wait until no turn is under way and nothing of the last one is left running."""
        while self.state.phase is not Phase.IDLE or self._tasks:
            self._changed.clear()
            await self._changed.wait()

    def trace_id(self, turn_id: int) -> str:
        """What a turn is called in logs and traces; empty for one that was over long ago."""
        return self._traces.get(turn_id, "")

    def _step(self, event: Event) -> None:
        before, last = self.state, self.state.history[-1] if self.state.history else None
        self.state, effects = machine.step(self.state, event, self.clock())
        made = list(takewhile(lambda transition: transition is not last, reversed(self.state.history)))
        for transition in reversed(made):
            self._name(transition.turn_id)
            bind_turn(transition.turn_id, self.trace_id(transition.turn_id))
            trace = self.trace_id(transition.turn_id)
            self._emit(PhaseChanged(transition.turn_id, transition.revision, transition.after, trace))
        if (before.phase, before.turn_id, before.revision, before.overlap) != (
            self.state.phase,
            self.state.turn_id,
            self.state.revision,
            self.state.overlap,
        ):
            self._watchdog.watch(self.state)
        for effect in effects:
            self._carry_out(effect)
        if self.state.phase is Phase.IDLE:  # what this task does next, the open microphone for example, is for no turn
            bind_turn(None)

    def _name(self, turn_id: int) -> None:
        if turn_id not in self._traces:  # of the turn before, work may be left
            last = max(self._traces)
            self._traces = {last: self._traces[last], turn_id: secrets.token_hex(16)}

    def _on_stuck(self, event: Event) -> None:
        log.warning("%s made no progress in time", self.state.phase)
        self.post(event)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._changed.set()
